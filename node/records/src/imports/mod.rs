//! Imports as records of the unit: what was imported and when, what came of it, and which
//! envelopes carry it. Like all records they replicate, so an import is found again at every node
//! of the unit and can be taken back at each of them (`undo.rs`).

mod headings;
mod references;
mod undo;

pub use headings::HeadingMeant;
pub use undo::{Kept, KeptWhy, Undoing};

use std::collections::BTreeMap;

use schema_documents::kinds::import::{self, Import, Portion};
use schema_documents::{Declared, ENTRIES_MAX, Scalar, Ulid, Wanted};
use schema_wire::Hash;

use crate::import::{Outcome, Verdict};
use crate::plain::Plain;
use crate::records::{Failure, Planned, Records};
use crate::transaction::{Reading, Transaction};

/// Hexadecimal digits of the id of an envelope.
const ID_DIGITS: usize = 64;
/// Ids in one entry of a portion, which has at most 4,096 bytes.
const IDS_MAX: usize = 63;
/// Characters of a file's name that are kept.
const FILE_CHARS_MAX: usize = 255;

/// What became of the rows of an import so far.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tally {
    /// Rows that were read.
    pub rows: u64,
    /// Rows that began a record.
    pub added: u64,
    /// Rows that changed one.
    pub updated: u64,
    /// Rows that did not come in.
    pub refused: u64,
}

impl Tally {
    /// Counts what became of rows.
    pub fn count(&mut self, outcomes: &[Outcome]) {
        for outcome in outcomes {
            self.rows += 1;
            match outcome.verdict {
                Verdict::New => self.added += 1,
                Verdict::Updated => self.updated += 1,
                Verdict::Unchanged => {}
                Verdict::Refused(_) | Verdict::Asks(..) => self.refused += 1,
            }
        }
    }
}

/// An import under way, as the unit will find it again. Its record begins with the first row that
/// changes anything: an import of what is known already leaves none.
#[derive(Debug, Clone)]
pub struct Entry {
    file: String,
    sheets: Vec<String>,
    name: Option<String>,
    /// What became of its rows so far.
    pub tally: Tally,
}

impl Entry {
    /// Of a file with these sheets.
    pub fn of(file: &str, sheets: Vec<String>) -> Self {
        let file = file.chars().filter(|c| !c.is_control()).take(FILE_CHARS_MAX).collect();
        Self { file, sheets, name: None, tally: Tally::default() }
    }

    /// What its record is called, once it has one.
    pub fn name(&self) -> Option<&str> {
        self.name.as_deref()
    }
}

/// An import, as it is found again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Imported {
    /// What its record is called.
    pub name: String,
    /// When it began, in milliseconds.
    pub at_ms: u64,
    /// The name of the file, if this node has the key.
    pub file: Option<String>,
    /// The sheets in it.
    pub sheets: Vec<String>,
    /// What became of its rows.
    pub tally: Tally,
    /// Were all rows of the file read?
    pub complete: bool,
    /// The day on which it was taken back.
    pub undone: Option<String>,
}

impl Imported {
    fn of(plain: &Plain) -> Option<Self> {
        const RANDOM_BITS: u32 = 80;
        let Ulid(bytes) = Ulid::parse(&plain.name)?;
        let count = |text: Option<&str>| text.and_then(|text| text.parse().ok()).unwrap_or(0);
        let owned = |text: &str| text.to_owned();
        Some(Self {
            name: plain.name.clone(),
            at_ms: u64::try_from(u128::from_be_bytes(bytes) >> RANDOM_BITS).ok()?,
            file: plain.text(&import::FILE).map(owned),
            sheets: plain.list(&import::SHEETS).into_iter().map(owned).collect(),
            tally: Tally {
                rows: count(plain.text(&import::ROWS)),
                added: count(plain.text(&import::ADDED)),
                updated: count(plain.text(&import::UPDATED)),
                refused: count(plain.text(&import::REFUSED)),
            },
            complete: plain.text(&import::COMPLETE) == Some("1"),
            undone: plain.text(&import::UNDONE).map(owned),
        })
    }
}

impl<T: Reading> Records<'_, T> {
    /// The imports of the unit, the newest first.
    ///
    /// # Errors
    /// If the store cannot answer.
    pub fn imports(&mut self) -> Result<Vec<Imported>, Failure> {
        let plains = self.plains(&Import::KIND)?;
        Ok(plains.values().rev().filter_map(Imported::of).collect())
    }

    /// One of them.
    ///
    /// # Errors
    /// If there is none of this name.
    pub fn imported(&mut self, name: &str) -> Result<Imported, Failure> {
        let document = self.place_of(&Import::KIND, name, None)?;
        let record = self.record(&Import::KIND, name, &document)?.ok_or(Failure::NoRecord)?;
        let plain = self.opened(&Import::KIND, &record, &document)?;
        Imported::of(&plain).ok_or(Failure::NoRecord)
    }
}

impl<T: Transaction> Records<'_, T> {
    /// Writes a portion of an import's rows, and in the same step which envelopes carry it.
    ///
    /// # Errors
    /// If an envelope would not count: then the step must be dropped.
    pub fn write_portion(mut self, entry: &mut Entry) -> Result<(), Failure> {
        let drawn = self.write_so_far().and_then(|written| match written.is_empty() {
            true => Ok(()),
            false => self.note_portion(entry, &written),
        });
        match drawn {
            Ok(()) => self.write().map(drop),
            Err(failure) => {
                self.give_up();
                Err(failure)
            }
        }
    }

    /// Notes how an import ended: all rows of the file were read.
    ///
    /// # Errors
    /// If the store cannot answer.
    pub fn complete_import(&mut self, entry: &Entry) -> Result<(), Failure> {
        let Some(name) = entry.name.clone() else { return Ok(()) };
        let complete = [(import::COMPLETE.spec.name, Scalar::Flag(true))];
        self.put_import(&name, tallied(entry.tally).into_iter().chain(complete))
    }

    fn note_portion(&mut self, entry: &mut Entry, written: &[Hash]) -> Result<(), Failure> {
        let name = match &entry.name {
            Some(name) => name.clone(),
            None => self.begin_import(entry)?,
        };
        let ids: Vec<String> = written.iter().map(Hash::to_string).collect();
        for ids in ids.chunks(IDS_MAX * ENTRIES_MAX) {
            let document = self.place_of(&Portion::KIND, &name, Some(&name))?;
            let of = (import::IMPORT.spec.name.to_owned(), plain(Scalar::Text(name.clone())));
            let entry = |(at, ids): (usize, &[String])| {
                (format!("{}.{at}", import::ENVELOPES.spec.name), plain(Scalar::Text(ids.concat())))
            };
            let wanted = ids.chunks(IDS_MAX).enumerate().map(entry).chain([of]).collect();
            let name = self.new_ulid();
            self.apply(&Planned { kind: &Portion::KIND, name, document, wanted, before: None })?;
        }
        self.put_import(&name, tallied(entry.tally))?;
        entry.name = Some(name);
        Ok(())
    }

    fn begin_import(&mut self, entry: &Entry) -> Result<String, Failure> {
        let name = self.new_ulid();
        let document = self.place_of(&Import::KIND, &name, None)?;
        let subject = Scalar::Text(self.new_subject().to_string());
        let sheets = entry.sheets.iter().take(ENTRIES_MAX).enumerate();
        let sheet = |(at, sheet): (usize, &String)| {
            (format!("{}.{at}", import::SHEETS.spec.name), plain(Scalar::Text(sheet.clone())))
        };
        let mut wanted: BTreeMap<String, Wanted> = sheets.map(sheet).collect();
        wanted.insert(import::SUBJECT.spec.name.to_owned(), plain(subject));
        wanted.insert(import::FILE.spec.name.to_owned(), Wanted::Sealed(entry.file.clone()));
        let kind = &Import::KIND;
        self.apply(&Planned { kind, name: name.clone(), document, wanted, before: None })?;
        Ok(name)
    }

    fn put_import(
        &mut self,
        name: &str,
        said: impl IntoIterator<Item = (&'static str, Scalar)>,
    ) -> Result<(), Failure> {
        let document = self.place_of(&Import::KIND, name, None)?;
        let wanted = said.into_iter().map(|(field, said)| (field.to_owned(), plain(said)));
        let (kind, name, wanted) = (&Import::KIND, name.to_owned(), wanted.collect());
        self.apply(&Planned { kind, name, document, wanted, before: None }).map(drop)
    }
}

const fn plain(scalar: Scalar) -> Wanted {
    Wanted::Plain(scalar)
}

fn tallied(tally: Tally) -> [(&'static str, Scalar); 4] {
    let count = |count: u64| Scalar::Integer(count.min(u32::MAX.into()).cast_signed());
    [
        (import::ROWS.spec.name, count(tally.rows)),
        (import::ADDED.spec.name, count(tally.added)),
        (import::UPDATED.spec.name, count(tally.updated)),
        (import::REFUSED.spec.name, count(tally.refused)),
    ]
}
