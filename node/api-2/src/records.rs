//! Records: entering, importing, exporting, and the documents they lie in.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::Lang;

/// Enters one record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Enter {
    pub entry: Entry,
}

/// A record as it is entered by hand.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "record", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Entry {
    /// 居民信息: a field of a person.
    Person { document: String, person: String, field: String, value: String },
    /// 巡查: a patrol that was made.
    Patrol {
        date: String,
        half: Half,
        area: String,
        started: String,
        ended: String,
        findings: u32,
        /// 巡查人
        #[serde(default)]
        by: Option<String>,
        /// Names the entry: sent again, because the answer was lost, it is still one entry.
        #[serde(default)]
        id: Option<String>,
    },
    /// 值班: somebody on or off a slot of the rota.
    Rota { date: String, half: Half, area: String, who: String, on: bool },
}

/// Half of a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Half {
    #[serde(rename = "AM")]
    Morning,
    #[serde(rename = "PM")]
    Afternoon,
}

impl Half {
    pub const ALL: [Self; 2] = [Self::Morning, Self::Afternoon];

    /// As records have it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Morning => "AM",
            Self::Afternoon => "PM",
        }
    }
}

/// What was saved, durably, on this node.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entered {
    pub document: String,
    /// None where the entry was there already.
    pub envelope: Option<String>,
}

/// Imports a workbook; a bad row stops no other.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Import {
    pub file: PathBuf,
    /// Check, and write the workbook of results only.
    pub dry_run: bool,
    /// Accept invented ids and telephone numbers.
    pub synthetic: bool,
}

/// What became of a workbook's rows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Imported {
    pub file: PathBuf,
    pub dry_run: bool,
    pub rows: u64,
    pub counts: RowCounts,
    /// The first rows that were refused, and why.
    pub errors: Vec<Sentence>,
    /// What was not read, or read in another way than it may seem.
    pub notes: Vec<Sentence>,
    /// Says of each row what became of it.
    pub results: PathBuf,
    pub rows_per_second: u64,
}

/// What a workbook is said to be wrong with, in each language.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sentence {
    pub zh: String,
    pub en: String,
}

impl Sentence {
    pub fn said(&self, lang: Lang) -> &str {
        match lang {
            Lang::Zh => &self.zh,
            Lang::En => &self.en,
        }
    }
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RowCounts {
    pub added: u64,
    pub updated: u64,
    pub unchanged: u64,
    pub refused: u64,
    /// Taken, and perhaps somebody who is there already.
    pub possible_duplicates: u64,
}

/// Exports one register of the unit into a file: `.csv`, or else `.xlsx`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Export {
    pub kind: Register,
    pub out: PathBuf,
    #[serde(default)]
    pub encoding: Encoding,
}

/// A register as an office keeps it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Register {
    Roster,
    Organisation,
    Place,
    Duty,
    PatrolPlan,
    Patrol,
    Volunteer,
}

impl Register {
    pub const ALL: [Self; 7] = [
        Self::Roster,
        Self::Organisation,
        Self::Place,
        Self::Duty,
        Self::PatrolPlan,
        Self::Patrol,
        Self::Volunteer,
    ];

    pub const fn name(self) -> &'static str {
        match self {
            Self::Roster => "roster",
            Self::Organisation => "organisation",
            Self::Place => "place",
            Self::Duty => "duty",
            Self::PatrolPlan => "patrol-plan",
            Self::Patrol => "patrol",
            Self::Volunteer => "volunteer",
        }
    }
}

/// The encoding of a `.csv`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Encoding {
    #[default]
    #[serde(rename = "utf-8")]
    Utf8,
    #[serde(rename = "gb18030")]
    Gb18030,
}

impl Encoding {
    pub const ALL: [Self; 2] = [Self::Utf8, Self::Gb18030];

    pub const fn name(self) -> &'static str {
        match self {
            Self::Utf8 => "utf-8",
            Self::Gb18030 => "gb18030",
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Exported {
    pub file: PathBuf,
    pub rows: u64,
}

/// Asks for the documents held.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Documents {}

/// A document, in short.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Document {
    pub document: String,
    pub envelopes: u64,
    /// When the newest of them was written, as it claims.
    pub at_ms: u64,
    pub heads: Vec<String>,
}

/// Asks for one document in full.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Inspect {
    pub document: String,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct DocumentContents {
    pub document: String,
    pub contents: Contents,
    pub history: Vec<HistoryEntry>,
    /// Envelopes that count and cannot be used.
    pub left_out: Vec<LeftOut>,
}

/// What a document holds.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Contents {
    /// Fields by their key. A field that was written apart shows every value, the preferred last.
    Fields(BTreeMap<String, Vec<Scalar>>),
    /// Keys of persons, which are not shown.
    Keyring,
}

impl Contents {
    /// The fields, of which a keyring has none.
    pub fn fields(&self) -> impl Iterator<Item = (&str, &[Scalar])> {
        let fields = match self {
            Self::Fields(fields) => Some(fields),
            Self::Keyring => None,
        };
        fields.into_iter().flatten().map(|(key, values)| (key.as_str(), values.as_slice()))
    }
}

/// A single value.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Scalar {
    Null,
    Flag(bool),
    Uint(u64),
    Int(i64),
    Float(f64),
    Text(String),
    /// Kept under a person's key; in hexadecimal.
    Sealed {
        sealed: String,
    },
}

/// One envelope of a document's history.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HistoryEntry {
    pub envelope: String,
    pub author: String,
    pub incarnation: String,
    pub seq: u64,
    pub at_ms: u64,
    pub bytes: u64,
    pub payload: Payload,
    pub signed_under: crate::SignedUnder,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Payload {
    Changes,
    Keys,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LeftOut {
    pub envelope: String,
    pub reason: String,
}

/// Asks for the persons of a roster, opened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Roster {
    pub document: String,
}

/// A person of a roster, with every value that was written apart. It has no `Debug` that shows it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Person {
    pub person: String,
    pub household: String,
    pub relation: String,
    pub present: bool,
    /// The fields that hold more than one value.
    pub contested: Vec<String>,
    /// The sealed fields that could be opened, the preferred value last.
    pub fields: BTreeMap<String, Vec<String>>,
}

impl std::fmt::Debug for Person {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Person").field("person", &self.person).finish_non_exhaustive()
    }
}
