//! The unit's records: importing workbooks, entering, exporting, showing. What a record is, and
//! who is who, is said in `node-records`; here it meets files and the engine's thread.

mod documents;
mod enter;
mod export;
mod import;
mod imports;
mod persons;
mod progress;
mod show;

pub(crate) use documents::{documents, inspect, put_scalar};
pub(crate) use enter::{edit, enter, happen};
pub(crate) use export::export;
pub(crate) use import::import;
pub(crate) use imports::{imports, undo};
pub(crate) use persons::{
    arrive, depart, duplicates, erase, merge, move_into, movements, separate,
};
pub(crate) use progress::Running;
pub(crate) use show::{contested, kinds, list, show};

use anyhow::Result;
use node_api::{Failure, Sentence};
use node_records::Records;
use schema_documents::{Kind, Refusal, Sheet, Words, kinds as declared};

use crate::context::Context;
use crate::queries::{Query, View};

/// Works on the records of the unit, in one step. `invented`: do invented people pass?
fn with<'s, R>(
    context: &mut Context<'s>,
    invented: bool,
    work: impl FnOnce(Records<'_, Context<'s>>) -> Result<R>,
) -> Result<R> {
    // It lies beside what is written, so it is taken out meanwhile; an error leaves it empty.
    let mut memory = std::mem::take(context.memory);
    let worked = Records::begin(context, &mut memory, invented).map_err(told).and_then(work);
    if worked.is_ok() {
        *context.memory = memory;
    }
    worked
}

/// Writes what was drafted. The envelopes that carry it.
fn written(records: Records<'_, Context<'_>>) -> Result<Vec<String>> {
    Ok(records.write().map_err(told)?.iter().map(ToString::to_string).collect())
}

/// Looks at records by their names.
fn look<'s, R>(
    query: &mut Query<'s>,
    work: impl FnOnce(Records<'_, View<'s>>) -> Result<R>,
) -> Result<R> {
    let Query { view, memory, .. } = query;
    Records::look(view, memory).map_err(told).and_then(work)
}

/// Reads the records of the unit, knowing who is who.
fn read<'s, R>(
    query: &mut Query<'s>,
    work: impl FnOnce(Records<'_, View<'s>>) -> Result<R>,
) -> Result<R> {
    let Query { view, memory, .. } = query;
    Records::begin(view, memory, false).map_err(told).and_then(work)
}

/// Why something was not done, as people are told it. A failed read stays one: it stops the node.
fn told(failure: node_records::Failure) -> anyhow::Error {
    use node_records::Failure as Own;
    match failure {
        Own::Write(node_replication::log::WriteError::Read(error)) => error.into(),
        Own::Write(error) => Failure::NotWritten { detail: error.to_string() }.into(),
        Own::Refused(refusals) => refused(&refusals).into(),
        Own::NoRecord => Failure::UnknownRecord.into(),
        Own::NoEvent => Failure::UnknownEvent.into(),
        Own::Erased => Failure::PersonErased.into(),
        Own::Closed => Failure::NoPersonKey.into(),
        Own::Merged => Failure::OneAlready.into(),
        Own::GivenUp(into) => Failure::GivenUp { into: into.to_string() }.into(),
        Own::NotHere => Failure::NotHere.into(),
        Own::HereAlready => Failure::HereAlready.into(),
        Own::Died => Failure::Died.into(),
    }
}

fn refused(refusals: &[Refusal]) -> Failure {
    let Sentence { zh, en } = refusals_said(refusals);
    Failure::ValuesRefused { zh, en }
}

/// All refusals of an entry in one sentence.
fn refusals_said(refusals: &[Refusal]) -> Sentence {
    let said: Vec<_> = refusals.iter().map(Refusal::sentence).collect();
    Sentence {
        zh: said.iter().map(|one| one.zh.as_str()).collect::<Vec<_>>().join("；"),
        en: said.iter().map(|one| one.en.as_str()).collect::<Vec<_>>().join("; "),
    }
}

fn said(said: schema_documents::Sentence) -> Sentence {
    Sentence { zh: said.zh, en: said.en }
}

fn sentence(words: Words) -> Sentence {
    Sentence { zh: words.zh.to_owned(), en: words.en.to_owned() }
}

/// The kind of this name, or of what people call it in either language.
fn kind(name: &str) -> Result<&'static Kind, Failure> {
    let found = declared::ALL.iter().find(|kind| is_called(name, kind.name, kind.words)).copied();
    found.ok_or_else(|| Failure::UnknownKind {
        text: name.to_owned(),
        known: declared::ALL.iter().map(|kind| kind.name).collect::<Vec<_>>().join(", "),
    })
}

/// Is this its name, or what people call it in either language? What is shown may be typed.
fn is_called(text: &str, name: &str, words: Words) -> bool {
    [name, words.zh, words.en].contains(&text)
}

/// The sheet of this name, in either language.
fn sheet(name: &str) -> Result<&'static Sheet, Failure> {
    let is = |sheet: &&'static Sheet| is_called(name, sheet.name, sheet.words);
    let found = declared::sheets().map(|(_, sheet)| sheet).find(is);
    found.ok_or_else(|| Failure::UnknownSheet {
        text: name.to_owned(),
        known: declared::sheets().map(|(_, sheet)| sheet.name).collect::<Vec<_>>().join("、"),
    })
}
