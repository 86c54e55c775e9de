//! Envelopes: what an attacker can write with the keys it holds, and what an honest author writes.

use tests_oracle::case::{Answer, Case, Document, Envelope, Record};

use crate::moves::{Menu, Party, moves};
use crate::search::Move;
use crate::world::{Item, compartment, entry, envelope};

/// Envelopes at the beginning of a log and after every envelope of it.
pub(crate) fn envelopes(case: &Case, party: &Party, menu: &Menu, items: &mut Vec<Item>) {
    for said in &case.statements {
        let Record::Delegation { subject, unit, .. } = &said.record else { continue };
        if !party.keys.contains(&subject.as_str()) {
            continue;
        }
        for document in menu.documents.iter().filter(|document| document.0 == *unit) {
            for incarnation in &menu.incarnations {
                let log = |of: &&Envelope| {
                    of.document == *document
                        && of.author == *subject
                        && of.incarnation == *incarnation
                };
                let places = case.envelopes.iter().filter(log).map(Some);
                for after in std::iter::once(None).chain(places) {
                    write(case, menu, (document, subject, incarnation), after, &said.id, items);
                }
            }
        }
    }
}

fn write(
    case: &Case,
    menu: &Menu,
    (document, author, incarnation): (&Document, &str, &str),
    after: Option<&Envelope>,
    delegation: &str,
    items: &mut Vec<Item>,
) {
    let others = case.envelopes.iter().filter(|other| {
        menu.depends
            && other.document == *document
            && (other.author != author || other.incarnation != incarnation)
    });
    let dependencies: Vec<Vec<&str>> =
        std::iter::once(vec![]).chain(others.map(|other| vec![other.id.as_str()])).collect();
    for at in menu.times.iter().filter(|at| after.is_none_or(|after| after.at <= **at)) {
        for dependencies in &dependencies {
            for rank in &menu.ranks {
                let mut draft = entry(document, author, after, delegation, dependencies, *at);
                draft.incarnation = incarnation.into();
                items.push(Item::Write(envelope(*rank, draft)));
            }
        }
    }
}

/// The last envelopes of every log of these authors.
pub fn heads<'a>(case: &'a Case, authors: &[&str], class: u8) -> Vec<&'a Envelope> {
    let last = |one: &&Envelope| {
        authors.contains(&one.author.as_str())
            && compartment(one.document.1) == compartment(class)
            && !case.envelopes.iter().any(|other| other.backlink.as_ref() == Some(&one.id))
    };
    case.envelopes.iter().filter(last).collect()
}

/// Entries of an honest author: after its own last one, on what counts where it writes.
pub fn honest_entries(case: &Case, answer: &Answer, party: &Party, menu: &Menu) -> Vec<Move> {
    let counts = |id: &String| {
        case.envelopes
            .iter()
            .position(|one| one.id == *id)
            .is_some_and(|n| answer.envelopes[n] == "counts")
    };
    let last = heads(case, &party.keys, menu.documents[0].1).pop().map(|one| one.id.clone());
    let good = |step: &Move| match &*step.items[0] {
        Item::Write(one) => {
            one.backlink == last && one.backlink.iter().chain(&one.dependencies).all(counts)
        }
        Item::Say(_) => false,
    };
    moves(case, party, menu).into_iter().filter(good).collect()
}
