//! A unit's numbers.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

/// Asks for the newest report of a unit this node holds: its own, unless another is named.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Report {
    #[serde(default)]
    pub unit: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReportShown {
    pub unit: String,
    /// `live`, or the period that it is of.
    pub period: String,
    pub revision: u64,
    pub as_of_ms: u64,
    pub coverage: Coverage,
    pub cells: Vec<CellShown>,
    /// The units below.
    pub parts: BTreeMap<String, Part>,
    /// The units further below, as the newest reports of those between tell it.
    pub told: BTreeMap<String, PartTold>,
    pub sources: SourcesShown,
    /// The hash of the rules it was counted by.
    pub rules: String,
    /// The document this revision lies in, and the envelope that carries it.
    pub document: String,
    pub envelope: String,
    /// What is wrong with reports that are held here.
    pub alarms: Vec<ReportAlarm>,
    /// For the own unit: what is known besides of the numbers as they are counted now.
    pub now: Option<Counted>,
}

impl ReportShown {
    /// The number of an indicator.
    pub fn cell(&self, code: &str) -> Option<&CellShown> {
        self.cells.iter().find(|cell| cell.code == code)
    }
}

/// What a unit between says of one below it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PartTold {
    /// The unit that says so.
    pub by: String,
    /// As of when.
    pub as_of_ms: u64,
    pub part: Part,
}

/// What the newest revision does not say of the own unit.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counted {
    /// The documents as they are counted, with their heads.
    pub documents: BTreeMap<String, Vec<String>>,
    /// Units that exist no more, and who continues their work.
    pub dissolved: BTreeMap<String, BTreeSet<String>>,
    /// Units that several lineages claim to be: each counts once.
    pub contested: BTreeSet<String>,
    /// Codes of units below that the rules do not have, and that are left out.
    pub unknown: BTreeMap<String, BTreeSet<String>>,
    /// Codes of which a number exceeds the largest there is.
    pub beyond: BTreeSet<String>,
    /// Units for which one report has no room.
    pub without_room: u64,
    /// When it was counted.
    pub at_ms: u64,
    /// Something came or was written since, and is not counted yet.
    pub is_behind: bool,
}

/// How many of the units below have reported.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Coverage {
    pub reporting: u64,
    pub expected: u64,
}

/// One number.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CellShown {
    pub code: String,
    pub name_zh: String,
    pub name_en: String,
    pub rate: bool,
    pub value: u64,
    pub num: u64,
    pub den: u64,
    /// Cases nothing is known of; outside the denominator.
    pub unknown: u64,
}

/// A unit below, in a report.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Part {
    /// This revision was added.
    Counted(PartRevision),
    /// It is known and has not reported.
    Silent,
    /// Why its reports are not counted.
    Suspended(String),
    /// This revision was counted by other rules, so it was not added.
    OtherRules(PartRevision),
}

/// The revision of a unit below.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PartRevision {
    pub revision: u64,
    pub as_of_ms: u64,
    /// How old it is by this node's clock, in milliseconds.
    pub age_ms: u64,
    /// The unit's lineage.
    pub lineage: String,
    /// The envelope that carries it.
    pub envelope: String,
}

/// What is wrong with a revision, found by adding it up again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ReportAlarm {
    /// These cells are not the sum of what it rests on.
    Sum { unit: String, revision: u64, codes: BTreeSet<String> },
    /// It adds what the unit below never published.
    NotPublished { unit: String, revision: u64, part: String },
    /// It adds what was counted by other rules.
    OtherRules { unit: String, revision: u64, part: String },
}

/// How many documents were counted, and a digest of them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SourcesShown {
    pub documents: u64,
    pub digest: String,
}
