//! Records: entering, importing, exporting, and the documents they lie in.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::Lang;

/// A field by its name, and what somebody wrote there. A list has one of them for each entry.
pub type Given = (String, String);

/// Enters one row of a sheet by hand: what an import does with one row of a workbook.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Enter {
    /// The sheet's name.
    pub sheet: String,
    /// What stands under which heading.
    pub cells: Vec<Given>,
    /// Accept invented ids and telephone numbers.
    #[serde(default)]
    pub synthetic: bool,
}

/// Changes a record, or begins one.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Edit {
    pub kind: String,
    /// Its name; a new record where none is given.
    #[serde(default)]
    pub record: Option<String>,
    pub fields: Vec<Given>,
    /// Accept invented ids and telephone numbers.
    #[serde(default)]
    pub synthetic: bool,
}

/// Says that something happened to a record.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Happen {
    pub kind: String,
    /// The record's name.
    pub record: String,
    pub event: String,
    pub fields: Vec<Given>,
    /// The event that began what it goes on with.
    #[serde(default)]
    pub cause: Option<String>,
}

/// What was saved, durably, on this node.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entered {
    pub kind: String,
    pub record: String,
    /// None where it said so already.
    pub envelopes: Vec<String>,
    /// What happened is written, and does not apply, by what is known here: why.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub void: Option<Sentence>,
}

/// What was saved of a row, durably, on this node.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RowEntered {
    pub sheet: String,
    /// None where all of it was there already.
    pub envelopes: Vec<String>,
    /// It may be the same as somebody who is here.
    pub possible_duplicate: bool,
    /// What is to be known of it.
    #[serde(default)]
    pub notes: Vec<Sentence>,
}

/// Asks which kinds of records there are.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Kinds {
    /// One of them only.
    #[serde(default)]
    pub kind: Option<String>,
}

/// Kinds of records.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KindsShown {
    pub kinds: Vec<KindShown>,
}

/// A kind of records.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KindShown {
    pub kind: NamedShown,
    pub fields: Vec<NamedShown>,
    pub events: Vec<NamedShown>,
}

/// A name of a declaration, and what people call it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NamedShown {
    pub name: String,
    pub words: Sentence,
}

/// Asks for the records of a kind, a page of them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Records {
    pub kind: String,
    /// Those behind the record with this name.
    #[serde(default)]
    pub after: Option<String>,
}

impl Records {
    /// Records of one page.
    pub const PAGE: usize = 1_000;
}

/// Asks for one record in full.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RecordShow {
    pub kind: String,
    pub record: String,
}

/// A record: each field with every value that was written apart, the preferred last. It has no
/// `Debug` that shows them.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecordShown {
    pub kind: String,
    pub record: String,
    pub fields: Vec<FieldShown>,
    pub events: Vec<EventShown>,
}

/// A page of records.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecordsShown {
    pub records: Vec<RecordShown>,
    /// Are there more?
    pub more: bool,
    /// With the first page, what does not read: where, and why.
    pub unreadable: Vec<(String, Sentence)>,
}

/// Asks for the records of which somebody must choose a value.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Contested {}

impl Contested {
    /// Records of one answer.
    pub const PAGE: usize = 100;
}

/// Records with values that were written apart and of which nobody chose one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ContestedShown {
    /// How many there are.
    pub count: usize,
    /// The first of them.
    pub records: Vec<ContestedRecord>,
}

/// A record of which somebody must choose.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ContestedRecord {
    pub kind: NamedShown,
    pub record: String,
    pub fields: Vec<ContestedField>,
}

/// A field with several values.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ContestedField {
    pub field: NamedShown,
    /// The last one is shown until somebody chooses.
    pub values: Vec<Choice>,
}

/// One of them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Choice {
    pub value: Shown,
    /// The node that wrote it, and when by its clock.
    pub by: Option<(String, u64)>,
}

/// A field of a record.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FieldShown {
    pub name: String,
    pub words: Sentence,
    pub values: Vec<Shown>,
    /// Must somebody choose one of several?
    pub contested: bool,
}

/// A value, opened where it was sealed and this node can.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Shown {
    Text(String),
    /// An entry of a code table, and what people call it.
    Code(String, Sentence),
    /// It is sealed, and this node has no key of it.
    Closed,
    Unreadable,
    Nothing,
}

/// An event of a record.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EventShown {
    pub id: String,
    pub event: String,
    pub words: Sentence,
    pub day: String,
    /// What it says.
    pub said: Vec<Given>,
    /// Why it does not apply.
    pub void: Option<Sentence>,
}

/// What is written may name a person.
macro_rules! shows_nothing {
    ($($name:ident),*) => {$(
        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.debug_struct(stringify!($name)).finish_non_exhaustive()
            }
        }
    )*};
}
shows_nothing!(Enter, Edit, Happen, RecordShown, FieldShown, Shown, EventShown);

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

/// Exports one sheet of the unit into a file: `.csv`, or else `.xlsx`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Export {
    /// The sheet's name.
    pub sheet: String,
    pub out: PathBuf,
    #[serde(default)]
    pub encoding: Encoding,
    /// Replace a file that is there.
    #[serde(default)]
    pub force: bool,
    /// When each row was entered and changed last, and by which node, in columns of their own.
    #[serde(default)]
    pub history: bool,
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
    /// What is not in it, and why.
    #[serde(default)]
    pub notes: Vec<Sentence>,
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

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DocumentContents {
    pub document: String,
    pub contents: Contents,
    pub history: Vec<HistoryEntry>,
}

/// What a document holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
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
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Scalar {
    Null,
    Flag(bool),
    Integer(i64),
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
    /// Why it does not count, where it does not.
    pub suspended: Option<String>,
    pub signed_under: crate::SignedUnder,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Payload {
    Changes,
    Keys,
    Erasures,
    Letter,
    Acknowledgements,
}
