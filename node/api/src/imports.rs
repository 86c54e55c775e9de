//! Imports: what is asked, what is answered, and how one is found again and taken back.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::{Given, NamedShown, Sentence};

/// Imports a workbook; a bad row stops no other.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Import {
    pub file: PathBuf,
    /// Check, and write the workbook of results only.
    pub dry_run: bool,
    /// Accept invented ids and telephone numbers.
    pub synthetic: bool,
    /// What headings mean that no sheet knows: the heading, and that of the column. The unit
    /// remembers it.
    #[serde(default)]
    pub columns: Vec<Given>,
    /// Who is found by name and birth in another dwelling moved.
    #[serde(default)]
    pub moves: bool,
}

/// What became of a workbook's rows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Imported {
    pub file: PathBuf,
    pub dry_run: bool,
    /// By which it is found again and taken back; none where nothing was changed.
    #[serde(default)]
    pub import: Option<String>,
    pub rows: u64,
    pub counts: RowCounts,
    /// The first rows that were refused, and why.
    pub errors: Vec<Sentence>,
    /// What was not read, or read in another way than it may seem.
    pub notes: Vec<Sentence>,
    /// Says of each row what became of it; none where it could not be written, which the notes say.
    pub results: Option<PathBuf>,
    pub rows_per_second: u64,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RowCounts {
    pub added: u64,
    pub updated: u64,
    pub unchanged: u64,
    pub refused: u64,
    /// Taken, and perhaps somebody who is there already.
    pub possible_duplicates: u64,
    /// Of all these, persons who lived elsewhere until now.
    #[serde(default)]
    pub moved: u64,
}

/// Asks how far the imports are that run.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ImportProgress {}

/// The imports that run.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImportsRunning {
    pub running: Vec<ImportRunning>,
}

/// An import that runs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImportRunning {
    pub file: PathBuf,
    /// Rows that are done.
    pub rows: u64,
    /// Rows of the file, once they are counted.
    pub total: Option<u64>,
    /// Since it began.
    pub seconds: u64,
}

impl ImportRunning {
    /// Seconds until it is done, if it goes on as it did so far.
    pub fn seconds_left(&self) -> Option<u64> {
        let left = self.total?.saturating_sub(self.rows);
        self.seconds.saturating_mul(left).checked_div(self.rows)
    }
}

/// Asks for the imports of the unit.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Imports {
    /// Those of which the file's name has this in it.
    #[serde(default)]
    pub file: Option<String>,
}

impl Imports {
    /// Imports of one answer.
    pub const PAGE: usize = 100;
}

/// Imports, the newest first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImportsShown {
    pub imports: Vec<ImportListed>,
    /// Are there more?
    pub more: bool,
}

/// An import.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImportListed {
    pub import: String,
    pub at_ms: u64,
    /// The file's name, if this node has the key.
    pub file: Option<String>,
    pub sheets: Vec<String>,
    pub rows: u64,
    pub added: u64,
    pub updated: u64,
    pub refused: u64,
    /// Were all rows read? If not, it was interrupted: what it took is saved.
    pub complete: bool,
    /// The day on which it was taken back.
    pub undone: Option<String>,
}

/// Takes an import back: what it put gives way to what was there before, and what was written
/// since stays.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UndoImport {
    pub import: String,
    /// Did whoever asks see what it comes to? Without, it is only said.
    #[serde(default)]
    pub confirmed: bool,
}

impl UndoImport {
    /// Records that stay and that are named in an answer.
    pub const KEPT_MAX: usize = 100;
}

/// What taking an import back comes to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImportUndone {
    pub import: ImportListed,
    /// Was it done?
    pub done: bool,
    /// Records that it began, and that are none any more.
    pub removed: u64,
    /// Records that it changed, and that say again what they said before.
    pub restored: u64,
    /// How much stays as it is.
    pub kept: u64,
    /// The first of that, and why.
    pub keeps: Vec<RecordKept>,
}

/// A record of which something stays.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecordKept {
    pub kind: NamedShown,
    pub record: String,
    pub why: Sentence,
}
