//! The past of a change: its backlink and its dependencies, theirs, and so on.
//!
//! It is kept beside each change, log by log, so that no old envelope is read. It is never told
//! by the counters or hashes of changes alone: two branches of a fork have changes of one number.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry as Slot;

use schema_wire::{Author, Hash};

use crate::entry::{Point, leads};
use crate::names::{Fields, corrupt};
use crate::overlay::Overlay;
use crate::store::{ReadError, ReadStore, Table};

use super::ChangeHash;

/// Of each log in a past, the last envelope. Backlinks lead from it to all others of the log.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Past {
    pub(crate) logs: BTreeMap<Author, Point>,
}

impl Past {
    /// Takes in the last envelope of a log. False if the log would hold two of one place.
    pub(super) fn add(
        &mut self,
        store: &impl ReadStore,
        document_key: &[u8],
        author: Author,
        point: Point,
    ) -> Result<bool, ReadError> {
        let mut slot = match self.logs.entry(author) {
            Slot::Vacant(slot) => {
                slot.insert(point);
                return Ok(true);
            }
            Slot::Occupied(slot) => slot,
        };
        let known = *slot.get();
        let (longer, shorter) = if known.seq < point.seq { (point, known) } else { (known, point) };
        slot.insert(longer);
        leads(store, document_key, &author, longer, shorter)
    }

    /// Does it hold this envelope?
    pub(super) fn holds(
        &self,
        store: &impl ReadStore,
        document_key: &[u8],
        author: &Author,
        point: Point,
    ) -> Result<bool, ReadError> {
        match self.logs.get(author) {
            None => Ok(false),
            Some(last) => leads(store, document_key, author, *last, point),
        }
    }
}

/// What may be built on an admitted change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ChangeRecord {
    pub(crate) hash: ChangeHash,
    /// The greatest counter of an operation in it or its past.
    pub(crate) counter: u64,
    /// Without itself.
    pub(crate) past: Past,
}

impl ChangeRecord {
    pub(crate) fn put(&self, store: &mut Overlay<'_, impl ReadStore>, envelope: &Hash) {
        let mut bytes = [&self.hash[..], &self.counter.to_be_bytes()].concat();
        for (author, point) in &self.past.logs {
            bytes.extend_from_slice(&author.key.0);
            bytes.extend_from_slice(&author.incarnation.0);
            bytes.extend_from_slice(&point.seq.to_be_bytes());
            bytes.extend_from_slice(&point.id.0);
        }
        store.put(Table::Changes, envelope.0.to_vec(), bytes);
    }

    pub(crate) fn load(store: &impl ReadStore, envelope: &Hash) -> Result<Self, ReadError> {
        let bytes = store.read(Table::Changes, &envelope.0)?;
        let parsed = bytes.as_deref().and_then(Self::from_bytes);
        parsed.ok_or_else(|| corrupt("change"))
    }

    fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let mut fields = Fields(bytes);
        let (hash, counter) = (fields.array()?, fields.number()?);
        let mut past = Past::default();
        while !fields.0.is_empty() {
            let author = fields.author()?;
            past.logs.insert(author, Point { seq: fields.number()?, id: fields.hash()? });
        }
        Some(Self { hash, counter, past })
    }
}
