//! Entering one record by hand.

use anyhow::Result;
use node_api::{Entered, Entry, Failure, Half};
use schema_documents::puts::Puts;
use schema_documents::seal::PersonId;
use schema_documents::{duty, patrol};
use schema_wire::{Class, DocumentId, Hash};

use super::person_index::PersonIndex;
use super::rows;
use super::shards::{document, month};
use crate::engine::Context;
use crate::{keyfile, parse};

/// A UUID with its hyphens, and some more.
const RECORD_ID_BYTES_MAX: usize = 64;

/// What was entered where; no envelope where nothing changed.
type Saved = (DocumentId, Option<Hash>);

/// Enters one record by hand.
pub(crate) fn enter(context: &mut Context<'_>, entry: Entry) -> Result<Entered> {
    let (document, envelope) = match entry {
        Entry::Person { document, person, field, value } => {
            enter_person(context, &document, &person, (&field, &value))?
        }
        Entry::Patrol { date, half, area, started, ended, findings, by, id } => {
            let id = match id {
                Some(id) => record_id(id)?,
                None => hex::encode(keyfile::random::<13>()?),
            };
            let half = half.name().to_owned();
            let run = patrol::Run { id, date, half, area, started, ended, findings };
            enter_patrol(context, &run, by.as_deref())?
        }
        Entry::Rota { date, half, area, who, on } => {
            enter_rota(context, (&date, half, &area), &who, on)?
        }
    };
    let envelope = envelope.map(|id| id.to_string());
    Ok(Entered { document: document.to_string(), envelope })
}

fn enter_person(
    context: &mut Context<'_>,
    document: &str,
    person: &str,
    (field, value): (&str, &str),
) -> Result<Saved> {
    let document = parse::document(document)?;
    let given = || Failure::BadPerson { text: person.to_owned() };
    let person = PersonId::parse(person).ok_or_else(given)?;
    if !PersonIndex::is_sealed(field) {
        return Err(Failure::UnknownField { field: field.to_owned() }.into());
    }
    let mut persons = PersonIndex::open(context, &document)?;
    let mut puts = Puts::default();
    persons.set_sealed(&mut puts, person, field, value)?;
    let (_, envelope) = context.edit(&document, |draft| puts.write(draft))?;
    Ok((document, envelope))
}

fn enter_patrol(context: &mut Context<'_>, run: &patrol::Run, by: Option<&str>) -> Result<Saved> {
    let document = document(context.unit(), Class::Patrol, month(&run.date)?)?;
    let Some(by) = by else {
        let (_, envelope) = context.edit(&document, |draft| patrol::enter(draft, run))?;
        return Ok((document, envelope));
    };
    let mut persons = PersonIndex::open(context, &document)?;
    let (walked, envelope) = context.edit(&document, |draft| {
        patrol::enter(draft, run);
        rows::enter_walker(&mut persons, draft, (patrol::RUNS, &run.id), by)
    })?;
    walked?;
    context.grant_keys(&persons.grants)?;
    Ok((document, envelope))
}

fn enter_rota(
    context: &mut Context<'_>,
    (date, half, area): (&str, Half, &str),
    who: &str,
    on: bool,
) -> Result<Saved> {
    let document = document(context.unit(), Class::Duty, month(date)?)?;
    let slot = duty::slot_id(date, half.name(), area);
    let who = who.replace('/', "-");
    let (_, envelope) = context.edit(&document, |draft| duty::assign(draft, &slot, &who, on))?;
    Ok((document, envelope))
}

/// A name given to an entry from outside: a ULID, a UUID, or the like.
fn record_id(id: String) -> Result<String, Failure> {
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '-';
    if id.is_empty() || id.len() > RECORD_ID_BYTES_MAX || !id.chars().all(plain) {
        return Err(Failure::BadRecordId { text: id, max: RECORD_ID_BYTES_MAX });
    }
    Ok(id)
}
