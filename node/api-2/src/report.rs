//! A unit's numbers.

use std::collections::BTreeMap;

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
    pub revision: u64,
    pub as_of_ms: u64,
    pub coverage: Coverage,
    pub cells: Vec<CellShown>,
    /// The units below.
    pub parts: BTreeMap<String, Part>,
    pub sources: SourcesShown,
    /// The hash of the rules it was counted by.
    pub rules: String,
    /// The document this revision lies in, and its newest envelopes.
    pub document: String,
    pub heads: Vec<String>,
    /// For the own unit: the documents as they are counted now.
    pub documents: Option<BTreeMap<String, Vec<String>>>,
}

impl ReportShown {
    /// The number of an indicator.
    pub fn cell(&self, code: &str) -> Option<&CellShown> {
        self.cells.iter().find(|cell| cell.code == code)
    }
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
    Counted { revision: u64, as_of_ms: u64, heads: Vec<String> },
    /// It is known and has not reported.
    Silent,
    /// Why its reports are not counted.
    Suspended(String),
}

/// How many documents were counted, and a digest of them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SourcesShown {
    pub documents: u64,
    pub digest: String,
}
