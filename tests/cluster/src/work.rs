//! The work that clerks do in the tests: they plan patrols. A plan is one envelope, and a plan of
//! the same area is the same record, however often and wherever it is entered.

use std::collections::BTreeSet;
use std::path::Path;

use anyhow::{Result, ensure};
use node_api::{DocumentContents, Edit, ReportShown, Scalar};

use crate::ask;

/// A patrol of an area, as it is planned. An area has at most sixty characters.
pub fn plan(area: &str) -> Edit {
    let fields = [("day", "2026-11-02"), ("half", "AM"), ("area", area)];
    let fields = fields.map(|(name, text)| (name.to_owned(), text.to_owned())).to_vec();
    Edit { kind: "slot".into(), record: None, fields, synthetic: false }
}

/// Plans a patrol at the node of a folder; returns the envelope.
pub fn enter(dir: &Path, area: &str) -> Result<String> {
    let mut envelopes = ask(dir, plan(area))?.envelopes;
    ensure!(envelopes.len() == 1, "one envelope for {area}, not {envelopes:?}");
    Ok(envelopes.remove(0))
}

/// The document in which a unit's plans lie.
pub fn plans(unit: &str) -> String {
    format!("{unit}:147:2026-11")
}

/// The areas of the plans in a document.
pub fn areas(inspected: &DocumentContents) -> BTreeSet<&str> {
    let fields = inspected.contents.fields();
    let areas = fields.filter(|(key, _)| key.starts_with("slot/") && key.ends_with("/area"));
    let texts = areas.flat_map(|(_, values)| values).filter_map(|value| match value {
        Scalar::Text(area) => Some(area.as_str()),
        _ => None,
    });
    texts.collect()
}

/// The plans that a report counts: those whose outcome is known, and the others.
pub fn planned(report: &ReportShown) -> u64 {
    report.cell("PAT.RATE").map_or(0, |cell| cell.den + cell.unknown)
}
