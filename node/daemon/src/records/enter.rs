//! Entering by hand: a row of a sheet, a record, something that happened.

use std::collections::BTreeMap;

use anyhow::Result;
use node_api::{Edit, Enter, Entered, Failure, Given, Happen, RowEntered, Sentence};
use node_records::{Import, Verdict};
use schema_documents::{EventId, Happening, Row, Sheet, Spec};

use super::{is_called, kind, refused, sentence, sheet, told, with, written};
use crate::context::Context;

/// Enters one row of a sheet, as an import would.
pub(crate) fn enter(context: &mut Context<'_>, asked: &Enter) -> Result<RowEntered> {
    let row = row(sheet(&asked.sheet)?, &asked.cells)?;
    with(context, asked.synthetic, |mut records| {
        let outcomes = records.import(&mut Import::default(), &[row], &BTreeMap::new());
        let outcome = outcomes.map_err(told)?.remove(0);
        match &outcome.verdict {
            Verdict::New | Verdict::Updated | Verdict::Unchanged => {}
            Verdict::Refused(refusals) => return Err(refused(refusals).into()),
            Verdict::Asks(question, persons) => {
                let (words, persons) = (question.words(), persons.iter().map(ToString::to_string));
                return Err(Failure::PersonToDecide {
                    zh: words.zh.to_owned(),
                    en: words.en.to_owned(),
                    persons: persons.collect::<Vec<_>>().join(", "),
                }
                .into());
            }
        }
        let envelopes = written(records)?;
        Ok(RowEntered {
            sheet: asked.sheet.clone(),
            envelopes,
            possible_duplicate: !outcome.possibly.is_empty(),
            notes: outcome.notes.iter().map(|words| sentence(*words)).collect(),
        })
    })
}

fn row(sheet: &'static Sheet, cells: &[Given]) -> Result<Row, Failure> {
    let mut row = Row::new(sheet);
    for (heading, text) in cells {
        let named = || sheet.columns.iter().find(|column| column.field.name == heading);
        let column = sheet.column(heading).or_else(named);
        let column = column.ok_or_else(|| Failure::UnknownHeading {
            sheet: sheet.name.to_owned(),
            text: heading.clone(),
            known: sheet.columns.iter().map(|c| c.field.words.zh).collect::<Vec<_>>().join("、"),
        })?;
        row = row.with(column, text.as_str());
    }
    Ok(row)
}

/// Changes a record, or begins one.
pub(crate) fn edit(context: &mut Context<'_>, asked: &Edit) -> Result<Entered> {
    let kind = kind(&asked.kind)?;
    with(context, asked.synthetic, |mut records| {
        let given = given(kind.fields, &asked.fields);
        let entered = records.enter(kind, asked.record.as_deref(), &given).map_err(told)?;
        let envelopes = written(records)?;
        let (kind, record) = (kind.name.to_owned(), entered.record);
        Ok(Entered { kind, record, envelopes, void: None })
    })
}

/// Says that something happened to a record.
pub(crate) fn happen(context: &mut Context<'_>, asked: &Happen) -> Result<Entered> {
    let kind = kind(&asked.kind)?;
    let cause = asked.cause.as_deref().map(event_id).transpose()?;
    with(context, false, |mut records| {
        let called = |event: &&Happening| is_called(&asked.event, event.name, event.words);
        let declared = kind.lives.iter().flat_map(|life| life.events).find(called);
        let (name, body) = declared.map_or((&*asked.event, &[][..]), |own| (own.name, own.body));
        let given = given(body, &asked.fields);
        let event = records.happen(kind, &asked.record, name, cause, &given);
        let event = event.map_err(told)?;
        // What does not apply here may apply where more is known: it is written, and told.
        let shown = records.show(kind, &asked.record).map_err(told)?;
        let void = shown.fold.told().iter().find_map(|told| match &told.verdict {
            schema_documents::Verdict::Void(why) if told.event == event => Some(why.sentence()),
            _ => None,
        });
        let void = void.map(|schema_documents::Sentence { zh, en }| Sentence { zh, en });
        let envelopes = written(records)?;
        let (kind, record) = (kind.name.to_owned(), asked.record.clone());
        Ok(Entered { kind, record, envelopes, void })
    })
}

/// What was given, by the names of the fields: whoever gives it may call them as they are shown.
fn given<'a>(declared: &[Spec], fields: &'a [Given]) -> Vec<(&'a str, &'a str)> {
    let name = |text: &'a str| {
        let called = declared.iter().find(|spec| is_called(text, spec.name, spec.words));
        called.map_or(text, |spec| spec.name)
    };
    fields.iter().map(|(field, text)| (name(field), text.as_str())).collect()
}

fn event_id(text: &str) -> Result<EventId, Failure> {
    let bytes = hex::decode(text).ok().and_then(|bytes| bytes.try_into().ok());
    bytes.map(EventId).ok_or(Failure::UnknownEvent)
}
