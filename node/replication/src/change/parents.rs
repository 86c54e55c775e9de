//! What a change builds on directly: the changes of its envelope's dependencies and backlink.

use std::collections::BTreeSet;

use schema_wire::{Author, DocumentId};

use crate::entry::{Entry, Point};
use crate::names::document_key;
use crate::store::{ReadError, ReadStore};

use super::ChangeHash;
use super::past::{ChangeRecord, Past};

/// Where a change stands: what its envelope's header says, and whose envelopes it names.
#[derive(Debug)]
pub(crate) struct Base<'a> {
    pub(crate) document: &'a DocumentId,
    pub(crate) author: Author,
    pub(crate) seq: u64,
    pub(crate) backlink: Option<&'a Entry>,
    pub(crate) dependencies: &'a [Entry],
}

/// The changes that a change builds on directly.
#[derive(Debug)]
pub(crate) struct Parents<'a> {
    entries: Vec<(&'a Entry, ChangeRecord)>,
    /// What the change must name.
    pub(crate) hashes: BTreeSet<ChangeHash>,
}

impl<'a> Parents<'a> {
    pub(crate) fn of(store: &impl ReadStore, base: &Base<'a>) -> Result<Self, ReadError> {
        let mut entries = Vec::with_capacity(base.dependencies.len() + 1);
        for entry in base.dependencies {
            entries.push((entry, ChangeRecord::load(store, &entry.id)?));
        }
        let mut hashes: BTreeSet<ChangeHash> = entries.iter().map(|(_, one)| one.hash).collect();
        if let Some(backlink) = base.backlink {
            let record = ChangeRecord::load(store, &backlink.id)?;
            if !is_covered(store, &document_key(base.document), backlink, &entries)? {
                hashes.insert(record.hash);
            }
            entries.push((backlink, record));
        }
        Ok(Self { entries, hashes })
    }

    /// The greatest counter of an operation in the past.
    pub(crate) fn counter(&self) -> u64 {
        self.entries.iter().map(|(_, record)| record.counter).max().unwrap_or(0)
    }

    /// The past of what builds on these; none if it holds two envelopes of one place.
    pub(crate) fn past(
        &self,
        store: &impl ReadStore,
        document_key: &[u8],
    ) -> Result<Option<Past>, ReadError> {
        let mut past = Past::default();
        for (entry, record) in &self.entries {
            let own = (entry.author, Point { seq: entry.seq, id: entry.id });
            let logs = record.past.logs.iter().map(|(author, point)| (*author, *point));
            for (author, point) in logs.chain([own]) {
                if !past.add(store, document_key, author, point)? {
                    return Ok(None);
                }
            }
        }
        Ok(Some(past))
    }
}

/// Does the backlink lie in the past of a dependency?
fn is_covered(
    store: &impl ReadStore,
    document_key: &[u8],
    backlink: &Entry,
    dependencies: &[(&Entry, ChangeRecord)],
) -> Result<bool, ReadError> {
    let point = Point { seq: backlink.seq, id: backlink.id };
    for (_, record) in dependencies {
        if record.past.holds(store, document_key, &backlink.author, point)? {
            return Ok(true);
        }
    }
    Ok(false)
}
