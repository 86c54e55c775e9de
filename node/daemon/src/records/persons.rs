//! What people decide of persons.

use anyhow::Result;
use node_api::{
    Depart, Duplicate, Duplicates, DuplicatesShown, Erase, Failure, Leaving, Merge, PersonDecided,
    Separate,
};
use node_records::{Departure, Records};
use schema_documents::{Day, PersonId};

use super::{read, sentence, told, with};
use crate::context::Context;
use crate::queries::Query;

/// Persons who may be one human.
pub(crate) fn duplicates(query: &mut Query<'_>) -> Result<DuplicatesShown> {
    read(query, |records| {
        let pairs = records.possible_duplicates();
        let more = pairs.len() > Duplicates::PAGE;
        let shown = pairs.into_iter().take(Duplicates::PAGE).map(|((one, other), why)| Duplicate {
            one: one.to_string(),
            other: other.to_string(),
            why: sentence(why.words()),
        });
        Ok(DuplicatesShown { pairs: shown.collect(), more })
    })
}

/// Decides that two persons are one human.
pub(crate) fn merge(context: &mut Context<'_>, asked: &Merge) -> Result<PersonDecided> {
    let into = person(&asked.into)?;
    decide(context, &asked.given_up, |records, given_up| {
        records.merge(given_up, into, &asked.reason)
    })
}

/// Takes a merge back.
pub(crate) fn separate(context: &mut Context<'_>, asked: &Separate) -> Result<PersonDecided> {
    decide(context, &asked.person, |records, person| records.separate(person))
}

/// Says that somebody ceased to live here.
pub(crate) fn depart(context: &mut Context<'_>, asked: &Depart) -> Result<PersonDecided> {
    let day = Day::parse(&asked.day).ok_or_else(|| Failure::NotADay { text: asked.day.clone() })?;
    let how = match asked.how {
        Leaving::Left => Departure::Left,
        Leaving::Died => Departure::Died,
    };
    decide(context, &asked.person, |records, person| {
        records.depart(person, how, day, &asked.elsewhere)
    })
}

/// Destroys the keys of a person.
pub(crate) fn erase(context: &mut Context<'_>, asked: &Erase) -> Result<PersonDecided> {
    decide(context, &asked.person, |records, person| records.erase(person))
}

fn decide<'s>(
    context: &mut Context<'s>,
    text: &str,
    decide: impl FnOnce(&mut Records<'_, Context<'s>>, PersonId) -> Result<(), node_records::Failure>,
) -> Result<PersonDecided> {
    let person = person(text)?;
    with(context, false, |mut records| {
        decide(&mut records, person).map_err(told)?;
        let envelopes = records.write().map_err(told)?;
        let envelopes = envelopes.iter().map(ToString::to_string).collect();
        Ok(PersonDecided { person: person.to_string(), envelopes })
    })
}

fn person(text: &str) -> Result<PersonId, Failure> {
    PersonId::parse(text).ok_or_else(|| Failure::NotAPerson { text: text.to_owned() })
}
