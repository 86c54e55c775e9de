//! What an item says, in words for a trace, and the fields that every issued statement has.

use std::collections::BTreeMap;

use tests_oracle::case::{Case, Envelope, Record, Statement};

use crate::world::Item;

/// Unit, proof and issuer of an issued statement.
pub fn issued(record: &Record) -> Option<(&str, &str, &str)> {
    match record {
        Record::Delegation { unit, proof, issuer, .. }
        | Record::Founding { unit, proof, issuer, .. }
        | Record::Ending { unit, proof, issuer, .. }
        | Record::Adoption { unit, proof, issuer, .. }
        | Record::Suspension { unit, proof, issuer, .. }
        | Record::Dissolution { unit, proof, issuer, .. }
        | Record::Card { unit, proof, issuer, .. }
        | Record::Address { unit, proof, issuer, .. } => Some((unit, proof, issuer)),
        _ => None,
    }
}

pub fn find<'a>(case: &'a Case, id: &str) -> Option<&'a Record> {
    case.statements.iter().find(|statement| statement.id == id).map(|found| &found.record)
}

/// Whether the proof is a generation of a lineage: rule 7 (a).
pub fn by_generation(case: &Case, record: &Record) -> bool {
    issued(record)
        .and_then(|(_, proof, _)| find(case, proof))
        .is_some_and(|proof| matches!(proof, Record::Charter { .. } | Record::Rotation { .. }))
}

/// One line for an item.
pub fn line(names: &BTreeMap<String, String>, item: &Item) -> String {
    match item {
        Item::Say(statement) => format!("{} {}", name(names, &statement.id), say(names, statement)),
        Item::Write(envelope) => {
            format!("{} {}", name(names, &envelope.id), write(names, envelope))
        }
    }
}

fn name<'a>(names: &'a BTreeMap<String, String>, id: &'a str) -> &'a str {
    names.get(id).map_or(id, String::as_str)
}

fn all(names: &BTreeMap<String, String>, ids: &[String]) -> String {
    let list: Vec<&str> = ids.iter().map(|id| name(names, id)).collect();
    format!("[{}]", list.join(", "))
}

fn say(names: &BTreeMap<String, String>, statement: &Statement) -> String {
    let name = |id| name(names, id);
    match &statement.record {
        Record::Charter { unit, key, next, .. } => {
            format!("charter of {unit}, key {key}, next {next}")
        }
        Record::Rotation { previous, reveal, key, keeps, .. } => format!(
            "rotation after {}, reveals {reveal}, key {key}, keeps {}",
            name(previous),
            all(names, keeps)
        ),
        Record::Succession { previous, reveal, roots, keeps, .. } => format!(
            "succession after {}, reveals {reveal}, roots {roots:?}, keeps {}",
            name(previous),
            all(names, keeps)
        ),
        Record::Endorsement { proof, issuer, endorses, .. } => {
            format!("endorsement by {issuer} under {} of {}", name(proof), name(endorses))
        }
        record => issued_line(names, record),
    }
}

fn issued_line(names: &BTreeMap<String, String>, record: &Record) -> String {
    let Some((unit, proof, issuer)) = issued(record) else { return String::new() };
    let by = format!("by {issuer} for {unit} under {}", name(names, proof));
    match record {
        Record::Delegation { subject, verbs, not_before, not_after, .. } => {
            format!("delegation to {subject}, verbs {verbs}, {not_before} to {not_after}, {by}")
        }
        Record::Founding { below, lineage, .. } => {
            format!("founding of {below} as {}, {by}", name(names, lineage))
        }
        Record::Ending { ends, ran_out, keeps, at, .. } => format!(
            "{} of {}, keeps {}, at {at}, {by}",
            if *ran_out { "closing" } else { "ending" },
            name(names, ends),
            all(names, keeps)
        ),
        Record::Adoption { marks, at, .. } => {
            let heads: Vec<String> = marks
                .iter()
                .map(|mark| format!("{} at {}", name(names, &mark.head), mark.seq))
                .collect();
            format!("adoption of {}, at {at}, {by}", heads.join(", "))
        }
        Record::Suspension { below, .. } => format!("suspension of {below}, {by}"),
        Record::Dissolution { below, .. } => format!("dissolution of {below}, {by}"),
        Record::Card { serial, .. } => format!("card {serial}, {by}"),
        Record::Address { .. } => format!("address, {by}"),
        _ => String::new(),
    }
}

fn write(names: &BTreeMap<String, String>, envelope: &Envelope) -> String {
    let on = envelope.backlink.as_ref().map_or("nothing", |id| name(names, id));
    format!(
        "envelope of {}, {}, in {}/{}, seq {}, after {on}, depends on {}, at {}, under {}",
        envelope.author,
        envelope.incarnation,
        envelope.document.0,
        envelope.document.1,
        envelope.seq,
        all(names, &envelope.dependencies),
        envelope.at,
        name(names, &envelope.delegation)
    )
}
