//! The unit's own report: counted from its documents, or added up from the reports below it.

use std::collections::BTreeMap;
use std::time::Duration;

use anyhow::{Context, Result};
use node_replication::history::{self, Summary};
use node_replication::store::{ReadStore, Table};
use schema_documents::indicator::{self, REGISTRY, Tally};
use schema_documents::report::{self as record, Part, Revision};
use schema_wire::{Audience, Class, Delegation, DocumentId, Scope, UnitId, VerbSet};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::engine::{Desk, now_ms};
use crate::failpoint::{Point, cross};

/// After a change a report waits this long for those that come with it.
pub(crate) const GATHER: Duration = Duration::from_millis(50);
/// Revisions are at least this far apart: a change passes three busy tiers within a second.
const PAUSE_MIN: Duration = Duration::from_millis(250);

/// The pause after a revision that took so long: counting has at most a tenth of the engine's time.
pub(crate) fn pause(took: Duration) -> Duration {
    PAUSE_MIN.max(took * 9)
}

fn document(unit: &UnitId) -> Result<DocumentId> {
    Ok(DocumentId::new(unit.clone(), Class::Report, "live")?)
}

/// Publishes a new revision, if the numbers or the parts changed.
pub(crate) fn publish(desk: &mut Desk<'_>) -> Result<()> {
    let unit = desk.replica.identity().unit.clone();
    let node = desk.replica.identity().public().short();
    let document = document(&unit)?;
    let newest = record::newest(desk.document(&document)?);
    let (cells, parts, heads) = count(desk, &unit)?;
    let revision = Revision {
        unit: unit.to_string(),
        period: "live".into(),
        revision: newest.as_ref().map_or(0, |newest| newest.revision) + 1,
        as_of_ms: now_ms(),
        cells,
        parts,
        heads,
        rules: indicator::rules_hash().to_string(),
    };
    if newest.is_none_or(|newest| !newest.says_the_same(&revision)) {
        cross(Point::ReportCounted);
        desk.edit(&document, |draft| record::publish(draft, &node, &revision))?;
        cross(Point::ReportEdited);
    }
    Ok(())
}

type Counted = (Tally, BTreeMap<String, Part>, BTreeMap<String, Vec<String>>);

/// Own documents count where there are any; units below are added through their reports.
fn count(desk: &mut Desk<'_>, unit: &UnitId) -> Result<Counted> {
    let mut tallies = Vec::new();
    let mut heads = BTreeMap::new();
    let today = today();
    for summary in own_documents(desk, unit)? {
        tallies.push(tally(desk, &summary, &today)?);
        heads.insert(summary.document.to_string(), hex_heads(&summary));
    }
    let mut parts = BTreeMap::new();
    for child in children(desk, unit) {
        if let Some(reason) = suspension(desk, &child) {
            let part = Part { revision: None, as_of_ms: None, suspended: Some(reason) };
            parts.insert(child.to_string(), part);
            continue;
        }
        let document = document(&child)?;
        let newest = record::newest(desk.document(&document)?);
        if let Some(newest) = &newest {
            tallies.push(newest.cells.clone());
            if let Some(summary) = history::summary(desk.reads(), &document)? {
                heads.insert(document.to_string(), hex_heads(&summary));
            }
        }
        let revision = newest.as_ref().map(|newest| newest.revision);
        let as_of_ms = newest.map(|newest| newest.as_of_ms);
        parts.insert(child.to_string(), Part { revision, as_of_ms, suspended: None });
    }
    Ok((indicator::sum(&tallies), parts, heads))
}

/// Why the reports of a unit are not counted, if they are not.
fn suspension(desk: &Desk<'_>, unit: &UnitId) -> Option<String> {
    let suspension = desk.replica.authority().suspended(unit)?;
    Some(suspension.value().reason.clone())
}

/// What a document contributes, kept as a view until its heads change: a report must not load
/// what did not change.
#[derive(Serialize, Deserialize, PartialEq, Eq)]
struct Contribution {
    heads: Vec<String>,
    /// The day it was counted on, for classes where days matter.
    day: String,
    rules: String,
    tally: Tally,
}

fn tally(desk: &mut Desk<'_>, summary: &Summary, today: &str) -> Result<Tally> {
    let class = summary.document.class;
    let day = if matches!(class, Class::Duty | Class::Patrol) { today } else { "" };
    let (heads, rules) = (hex_heads(summary), indicator::rules_hash().to_string());
    let key = summary.document.to_string().into_bytes();
    let kept = desk.reads().read(Table::Views, &key)?;
    // A view that does not read is counted anew.
    let kept = kept.and_then(|bytes| serde_json::from_slice::<Contribution>(&bytes).ok());
    if let Some(kept) = kept
        && (&kept.heads, kept.day.as_str(), &kept.rules) == (&heads, day, &rules)
    {
        return Ok(kept.tally);
    }
    let tally = indicator::tally(class, desk.document(&summary.document)?, today);
    let view = Contribution { heads, day: day.to_owned(), rules, tally: tally.clone() };
    desk.keep_view(key, serde_json::to_vec(&view)?);
    Ok(tally)
}

fn own_documents(desk: &Desk<'_>, unit: &UnitId) -> Result<Vec<Summary>> {
    let mut documents = Vec::new();
    for audience in Audience::ALL {
        let scope = Scope { unit: unit.clone(), audience };
        documents.extend(history::documents(desk.reads(), &scope)?);
    }
    documents.retain(|s| !matches!(s.document.class, Class::Report | Class::Keyring));
    Ok(documents)
}

/// The units below this one that report to it: those founded by its key, as its delegations say.
fn children(desk: &Desk<'_>, unit: &UnitId) -> Vec<UnitId> {
    let delegations = desk.replica.authority().delegations().map(|d| d.value());
    let founds = |d: &&Delegation| d.verbs.covers(VerbSet::GOVERN);
    let founded = delegations.filter(founds).filter(|d| d.issuer_unit == *unit && d.unit != *unit);
    let mut units: Vec<UnitId> = founded.map(|d| d.unit.clone()).collect();
    units.sort();
    units.dedup();
    units
}

fn hex_heads(summary: &Summary) -> Vec<String> {
    summary.heads.iter().map(ToString::to_string).collect()
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
        None => desk.replica.identity().unit.clone(),
    };
    let newest = record::newest(desk.document(&document(&unit)?)?);
    let newest = newest.with_context(|| format!("{unit} has not reported here yet"))?;
    let cells: Vec<Value> = REGISTRY
        .iter()
        .map(|i| {
            let cell = newest.cells.get(i.code).copied().unwrap_or_default();
            json!({
                "code": i.code, "name": i.name_zh, "name_en": i.name_en, "rate": i.rate,
                "value": cell.value, "num": cell.num, "den": cell.den, "unknown": cell.unknown,
            })
        })
        .collect();
    let (reporting, expected) = newest.coverage();
    Ok(json!({
        "unit": newest.unit, "revision": newest.revision, "as_of_ms": newest.as_of_ms,
        "coverage": { "reporting": reporting, "expected": expected },
        "parts": newest.parts, "cells": cells, "heads": newest.heads, "rules": newest.rules,
    }))
}
