//! What was admitted of a document, for those who read it: which envelopes, in causal order, and
//! what they say.

use std::collections::BTreeSet;

use schema_wire::{DocumentId, Envelope, Hash, Item, UnitId};

use crate::counts::Reason;
pub use crate::entry::Entry;
use crate::entry::Location;
use crate::log::{DocumentRecord, item, validity};
use crate::names::{after, corrupt, document_from_key, owner_key};
use crate::store::{ReadError, ReadStore, Table};

/// The envelopes of a document that count, in causal order: those admitted after the one with this
/// number, from 0 on.
///
/// # Errors
/// If the store cannot answer.
pub fn counting_after(
    store: &impl ReadStore,
    document: &DocumentId,
    number: u64,
) -> Result<Vec<Entry>, ReadError> {
    let mut counting = Vec::new();
    for entry in all(store, document)?.into_iter().filter(|entry| entry.number > number) {
        if validity(store, document, &entry.id)?.counts() {
            counting.push(entry);
        }
    }
    Ok(counting)
}

/// An admitted envelope that does not count.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Suspended {
    /// Of which document.
    pub document: DocumentId,
    /// Which one.
    pub entry: Entry,
    /// Why.
    pub reason: Reason,
}

/// All admitted envelopes that do not count.
///
/// # Errors
/// If the store cannot answer.
pub fn suspended(store: &impl ReadStore) -> Result<Vec<Suspended>, ReadError> {
    let mut suspended = Vec::new();
    for (key, _) in store.range(Table::Suspended, &[], &[u8::MAX], usize::MAX >> 1)? {
        let (document, id) = key.split_last_chunk().ok_or_else(|| corrupt("suspended"))?;
        let (document, id) = (document_from_key(document), Hash(*id));
        let document = document.ok_or_else(|| corrupt("suspended"))?;
        let location = Location::of(store, &id)?.ok_or_else(|| corrupt("suspended"))?;
        let entry = location.entry(store, &id)?;
        if let Some(reason) = validity(store, &document, &id)?.reason() {
            suspended.push(Suspended { document, entry, reason });
        }
    }
    Ok(suspended)
}

/// The documents that a unit owns, as far as they are here, with what is known of each as a whole.
///
/// # Errors
/// If the store cannot answer.
pub fn documents_of(
    store: &impl ReadStore,
    unit: &UnitId,
) -> Result<Vec<(DocumentId, DocumentRecord)>, ReadError> {
    let owner = owner_key(unit);
    let all = store.range(Table::Documents, &owner, &after(&owner), usize::MAX >> 1)?;
    let parse = |(key, bytes): (Vec<u8>, Vec<u8>)| {
        let document = document_from_key(&key).zip(DocumentRecord::from_bytes(&bytes));
        document.ok_or_else(|| corrupt("document"))
    };
    all.into_iter().map(parse).collect()
}

/// Every envelope of a document, in causal order, those that do not count too.
///
/// # Errors
/// If the store cannot answer.
pub fn all(store: &impl ReadStore, document: &DocumentId) -> Result<Vec<Entry>, ReadError> {
    Entry::all(store, document)
}

/// The admitted envelopes with these ids, in causal order.
///
/// # Errors
/// If the store cannot answer, or one of them is not here.
pub fn entries(store: &impl ReadStore, ids: &BTreeSet<Hash>) -> Result<Vec<Entry>, ReadError> {
    let entry = |id: &Hash| {
        let location = Location::of(store, id)?.ok_or_else(|| corrupt("head"))?;
        location.entry(store, id)
    };
    let mut entries: Vec<Entry> = ids.iter().map(entry).collect::<Result<_, _>>()?;
    entries.sort_by_key(|entry| entry.number);
    Ok(entries)
}

/// An admitted envelope, with its content as far as that is here.
///
/// # Errors
/// If the store cannot answer, or the envelope is not here.
pub fn envelope(store: &impl ReadStore, id: &Hash) -> Result<Envelope, ReadError> {
    match item(store, id)?.map(|stored| stored.item) {
        Some(Item::Envelope(envelope)) => Ok(*envelope),
        _ => Err(corrupt("envelope")),
    }
}
