//! Reading what was admitted: documents, their heads and their envelopes, and the keyring.

use schema_wire::{
    Audience, DocumentId, Envelope, Hash, Item, KeyGrant, Scope, UnitId, Verified, Wire,
};

use crate::records::{
    DocLogRecord, DocRecord, FeedRecord, after, corrupt, document_from_key, document_key,
    feed_table, scope_key, with_number,
};
use crate::store::{ReadError, ReadStore, Table};
use crate::write::keyring_key;

/// A document as the store knows it, without loading it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Summary {
    pub document: DocumentId,
    pub envelopes: u64,
    /// The latest time its authors claim: milliseconds since 1970.
    pub at_ms: u64,
    /// The envelopes nothing else in it builds on, ascending.
    pub heads: Vec<Hash>,
}

/// An admitted envelope of a document.
#[derive(Debug, Clone)]
pub struct Entry {
    /// Its place in this node's feed of the scope: causal order.
    pub position: u64,
    pub header: Verified<schema_wire::Header>,
    pub content: Vec<u8>,
}

/// Every document of a scope, by name.
pub fn documents(store: &impl ReadStore, scope: &Scope) -> Result<Vec<Summary>, ReadError> {
    let prefix = scope_key(scope);
    let entries = store.range(Table::Docs, &prefix, &after(&prefix), usize::MAX >> 1)?;
    entries.into_iter().map(|(key, value)| summarise(&key, &value)).collect()
}

/// Every document this node holds of a unit and all units below it.
pub fn documents_below(store: &impl ReadStore, unit: &UnitId) -> Result<Vec<Summary>, ReadError> {
    let mut found = Vec::new();
    for audience in Audience::ALL {
        let prefix = scope_key(&Scope { unit: unit.clone(), audience });
        // The unit's path without its end mark is the prefix of every path below it.
        let prefix = &prefix[..prefix.len() - 1];
        let entries = store.range(Table::Docs, prefix, &after(prefix), usize::MAX >> 1)?;
        for (key, value) in entries {
            let summary = summarise(&key, &value)?;
            if unit.contains(&summary.document.owner) {
                found.push(summary);
            }
        }
    }
    Ok(found)
}

/// One document.
pub fn summary(
    store: &impl ReadStore,
    document: &DocumentId,
) -> Result<Option<Summary>, ReadError> {
    let key = document_key(document);
    let value = store.read(Table::Docs, &key)?;
    value.map(|value| summarise(&key, &value)).transpose()
}

fn summarise(key: &[u8], value: &[u8]) -> Result<Summary, ReadError> {
    let document = document_from_key(key).ok_or_else(|| corrupt("document"))?;
    let record = DocRecord::from_bytes(value).ok_or_else(|| corrupt("document"))?;
    let DocRecord { envelopes, at_ms, heads } = record;
    Ok(Summary { document, envelopes, at_ms, heads })
}

/// The envelopes of a document in causal order.
pub fn entries(store: &impl ReadStore, document: &DocumentId) -> Result<Vec<Entry>, ReadError> {
    entries_after(store, document, 0)
}

/// The envelopes of a document that arrived after a feed position, in causal order.
pub fn entries_after(
    store: &impl ReadStore,
    document: &DocumentId,
    position: u64,
) -> Result<Vec<Entry>, ReadError> {
    let prefix = document_key(document);
    let log = store.range(Table::DocLog, &prefix, &after(&prefix), usize::MAX >> 1)?;
    let mut positions = Vec::with_capacity(log.len());
    for (_, value) in log {
        let record = DocLogRecord::from_bytes(&value).ok_or_else(|| corrupt("log entry"))?;
        if record.position > position {
            positions.push(record.position);
        }
    }
    positions.sort_unstable();
    let scope = document.scope();
    let (table, key) = (feed_table(scope.audience), scope_key(&scope));
    let mut entries = Vec::with_capacity(positions.len());
    for position in positions {
        let bytes = store.read(table, &with_number(&key, position))?;
        let record = bytes.as_deref().and_then(FeedRecord::from_bytes);
        let record = record.ok_or_else(|| corrupt("feed"))?;
        let Ok(Item::Envelope(Envelope { header, content })) = Item::from_bytes(&record.item)
        else {
            return Err(corrupt("envelope"));
        };
        entries.push(Entry { position, header: header.trust_own_store(), content });
    }
    Ok(entries)
}

/// Where an item lies: its scope's position, if it is here.
pub fn holds_item(store: &impl ReadStore, id: &Hash) -> Result<bool, ReadError> {
    Ok(store.read(Table::Positions, &id.0)?.is_some())
}

/// The keys of a person in a unit's keyring. Two cut nodes may have granted one each.
pub fn person_keys(
    store: &impl ReadStore,
    unit: &UnitId,
    person: [u8; 16],
) -> Result<Vec<[u8; 32]>, ReadError> {
    let scope = Scope { unit: unit.clone(), audience: Audience::Unit };
    let none = KeyGrant { person, commitment: Hash([0; 32]), key: None };
    let prefix = keyring_key(&scope_key(&scope), &none);
    let prefix = &prefix[..prefix.len() - 32];
    let entries = store.range(Table::Keyring, prefix, &after(prefix), 64)?;
    let key = |(_, value): (Vec<u8>, Vec<u8>)| value.try_into().map_err(|_| corrupt("key"));
    entries.into_iter().map(key).collect()
}
