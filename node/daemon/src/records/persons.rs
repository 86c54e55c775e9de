//! What people decide of persons.

use anyhow::Result;
use node_api::{
    Arrive, Arrived, Coming, Depart, Duplicate, Duplicates, DuplicatesShown, Erase, Erased,
    Failure, Leaving, Merge, Move, Moved, Movements, MovementsIn, MovementsShown, PersonDecided,
    Separate,
};
use node_records::{Arrival, Departure, Place, Reading as _, Records};
use schema_documents::kinds::movement::{Month, MonthLine};
use schema_documents::kinds::person::{NAME, Person};
use schema_documents::{Day, Declared as _, PersonId};

use super::{read, sentence, told, with, written};
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

/// The table of movements of a year.
pub(crate) fn movements(query: &mut Query<'_>, asked: &Movements) -> Result<MovementsShown> {
    let today = query.view.circumstance().today;
    let year = asked.year.unwrap_or(today.year());
    read(query, |mut records| {
        let table = records.movements().map_err(told)?;
        let last = if year == today.year() { today.month() } else { 12 };
        Ok(of_year(&table, year, last))
    })
}

/// The months of a year up to this one. Where nothing moved any more, or not yet, a month has what
/// the one before it closed with.
fn of_year(table: &node_records::Movements, year: i16, last: i8) -> MovementsShown {
    let line = |month: Month| match table.months.get(&month) {
        Some(line) => *line,
        None => {
            let closing =
                table.months.range(..month).next_back().map_or(0, |(_, line)| line.closing);
            MonthLine { opening: closing, closing, ..MonthLine::default() }
        }
    };
    let lines: Vec<MonthLine> = (1..=last).map(|month| line((year, month))).collect();
    MovementsShown {
        year,
        months: (1..).zip(&lines).map(|(month, line)| movements_in(Some(month), *line)).collect(),
        whole: movements_in(None, MonthLine::whole(&lines)),
        here: table.here,
        erased: table.erased,
        newest_closing: table.months.last_key_value().map_or(0, |(_, line)| line.closing),
    }
}

fn movements_in(month: Option<i8>, line: MonthLine) -> MovementsIn {
    let MonthLine { opening, entered, born, arrived, died, left, closing } = line;
    MovementsIn { month, opening, entered, born, arrived, died, left, closing }
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

/// Says that somebody was born here or moved here.
pub(crate) fn arrive(context: &mut Context<'_>, asked: &Arrive) -> Result<Arrived> {
    let (day, person) = (day(&asked.day)?, person(&asked.person)?);
    let how = match asked.how {
        Coming::Born => Arrival::Born,
        Coming::Arrived => Arrival::Arrived,
    };
    let to = asked.to.as_ref().map(place);
    with(context, false, |mut records| {
        let lives = records.arrive(person, how, day, &asked.elsewhere, to.as_ref());
        let lives_nowhere = !lives.map_err(told)?;
        let envelopes = written(records)?;
        Ok(Arrived { person: person.to_string(), envelopes, lives_nowhere })
    })
}

fn place(asked: &node_api::Place) -> Place<'_> {
    let node_api::Place { estate, building, entrance, room } = asked;
    Place { estate, building, entrance, room }
}

/// Says that persons moved into another dwelling.
pub(crate) fn move_into(context: &mut Context<'_>, asked: &Move) -> Result<Moved> {
    let day = day(&asked.day)?;
    let persons = asked.persons.iter().map(|text| person(text)).collect::<Result<Vec<_>, _>>()?;
    let place = place(&asked.to);
    with(context, false, |mut records| {
        records.move_into(&persons, &place, day).map_err(told)?;
        let envelopes = written(records)?;
        Ok(Moved { persons: asked.persons.clone(), envelopes })
    })
}

/// Says that somebody ceased to live here.
pub(crate) fn depart(context: &mut Context<'_>, asked: &Depart) -> Result<PersonDecided> {
    let day = day(&asked.day)?;
    let how = match asked.how {
        Leaving::Left => Departure::Left,
        Leaving::Died => Departure::Died,
    };
    decide(context, &asked.person, |records, person| {
        records.depart(person, how, day, &asked.elsewhere)
    })
}

/// Destroys the keys of a person, if whoever asks has seen who it is.
pub(crate) fn erase(context: &mut Context<'_>, asked: &Erase) -> Result<Erased> {
    let person = person(&asked.person)?;
    with(context, false, |mut records| {
        if !asked.confirmed {
            let shown = records.show(&Person::KIND, &person.to_string()).map_err(told)?;
            let names = shown.listed.plain.texts(&NAME).collect::<Vec<_>>().join(" / ");
            let person = person.to_string();
            return Err(Failure::EraseUnconfirmed { name: names, person }.into());
        }
        records.erase(person).map_err(told)?;
        let envelopes = written(records)?;
        Ok(Erased { person: person.to_string(), envelopes })
    })
}

fn decide<'s>(
    context: &mut Context<'s>,
    text: &str,
    decide: impl FnOnce(&mut Records<'_, Context<'s>>, PersonId) -> Result<(), node_records::Failure>,
) -> Result<PersonDecided> {
    let person = person(text)?;
    with(context, false, |mut records| {
        decide(&mut records, person).map_err(told)?;
        let envelopes = written(records)?;
        Ok(PersonDecided { person: person.to_string(), envelopes })
    })
}

fn day(text: &str) -> Result<Day, Failure> {
    Day::parse(text).ok_or_else(|| Failure::NotADay { text: text.to_owned() })
}

fn person(text: &str) -> Result<PersonId, Failure> {
    PersonId::parse(text).ok_or_else(|| Failure::NotAPerson { text: text.to_owned() })
}
