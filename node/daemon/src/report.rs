//! The unit's own report: counted from its documents, and added up from the reports below it.

use std::time::Duration;

use anyhow::{Context, Result};
use node_views::{Reports, Sight};
use schema_documents::contributions::Contributions;
use schema_documents::indicator::REGISTRY;
use schema_documents::report::{self as record, Block, Revision};
use schema_wire::{DocumentId, Hash, UnitId};
use serde_json::{Map, Value, json};

use crate::engine::{Desk, Reads, now_ms};
use crate::failpoint::{Point, cross};

/// After a change a report waits this long for those that come with it.
pub(crate) const GATHER: Duration = Duration::from_millis(50);
/// Revisions are at least this far apart: a change passes three busy tiers within a second.
const PAUSE_MIN: Duration = Duration::from_millis(250);
/// A day that began without an entry is noticed this late: a patrol that was due is then missed,
/// and a post whose term ran out is vacant.
pub(crate) const DAY_NOTICED: Duration = Duration::from_secs(600);

/// The pause after a revision that took so long: counting has at most a tenth of the engine's time.
pub(crate) fn pause(took: Duration) -> Duration {
    PAUSE_MIN.max(took * 9)
}

/// Publishes a new revision, if the numbers or the parts changed.
pub(crate) fn publish(desk: &mut Desk<'_>) -> Result<()> {
    let due = counted(desk, |numbers, sight| Ok(node_views::due(numbers, sight, now_ms())?))?;
    let Some(revision) = due else { return Ok(()) };
    cross(Point::ReportCounted);
    let document = Block::of(revision.revision).document(desk.unit());
    let node = desk.replica.identity().public().short();
    desk.edit(&document, |draft| record::publish(draft, &node, &revision))?;
    cross(Point::ReportEdited);
    Ok(())
}

/// Brings the unit's numbers up to date, and asks something of them.
fn counted<R>(
    desk: &mut Desk<'_>,
    ask: impl FnOnce(&Contributions, &mut Sight<'_, Reads<'_>>) -> Result<R>,
) -> Result<R> {
    let mut sight = Sight {
        store: &desk.store,
        library: desk.library,
        authority: desk.replica.authority(),
        unit: &desk.replica.identity().unit,
        day: &today(),
    };
    let (views, numbers) = desk.tallies.refresh(&mut sight)?;
    let answer = ask(numbers, &mut sight)?;
    desk.store.absorb(views);
    Ok(answer)
}

/// The day in the city's own time zone, as an ISO date.
fn today() -> String {
    // China keeps one zone without daylight saving.
    let zone = jiff::tz::TimeZone::get("Asia/Shanghai")
        .unwrap_or_else(|_| jiff::tz::TimeZone::fixed(jiff::tz::offset(8)));
    jiff::Timestamp::now().to_zoned_datetime(zone).date().to_string()
}

/// The newest report of a unit this node holds: its own, unless another is named.
pub(crate) fn read(desk: &mut Desk<'_>, unit: Option<&str>) -> Result<Value> {
    let unit = match unit {
        Some(text) => UnitId::parse(text)?,
        None => desk.unit().clone(),
    };
    let Reports { newest, .. } = node_views::reports(&desk.store, desk.library, &unit)?;
    let (newest, heads) = newest.with_context(|| format!("{unit} has not reported here yet"))?;
    let mut shown = show(&newest);
    shown["document"] = json!(Block::of(newest.revision).document(&unit).to_string());
    shown["heads"] = hex(&heads);
    if unit == *desk.unit() {
        // What is counted now: the newest revision was made when the numbers last changed.
        let documents = counted(desk, |numbers, _| {
            let entry =
                |(document, heads): (&DocumentId, &[Hash])| (document.to_string(), hex(heads));
            Ok(numbers.documents().map(entry).collect::<Map<String, Value>>())
        })?;
        shown["documents"] = documents.into();
    }
    Ok(shown)
}

fn show(revision: &Revision) -> Value {
    let cells: Vec<Value> = REGISTRY
        .iter()
        .map(|i| {
            let cell = revision.cells.get(i.code).copied().unwrap_or_default();
            json!({
                "code": i.code, "name": i.name_zh, "name_en": i.name_en, "rate": i.rate,
                "value": cell.value, "num": cell.num, "den": cell.den, "unknown": cell.unknown,
            })
        })
        .collect();
    let (reporting, expected) = revision.coverage();
    json!({
        "unit": revision.unit, "revision": revision.revision, "as_of_ms": revision.as_of_ms,
        "coverage": { "reporting": reporting, "expected": expected },
        "parts": revision.parts, "sources": revision.sources, "cells": cells,
        "rules": revision.rules,
    })
}

fn hex(heads: &[Hash]) -> Value {
    heads.iter().map(ToString::to_string).collect()
}
