//! Reading what was admitted: documents, their heads and their envelopes, and the keyring.

use std::collections::{BTreeMap, BTreeSet};

use schema_wire::{
    Audience, Author, Class, DocumentId, Envelope, Equivocation, Hash, Item, KeyGrant, NodeKey,
    Scope, UnitId, Verified, Watermark, Wire,
};

use crate::records::{
    DocRecord, FeedRecord, LogEntry, after, class_key, corrupt, document_from_key, document_key,
    feed_table, scope_key, with_number,
};
use crate::store::{ReadError, ReadStore, Table};
use crate::write::keyring_key;

/// A document as the store knows it, without loading it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Summary {
    pub document: DocumentId,
    /// Envelopes held, and those of them that do not count.
    pub envelopes: u64,
    pub suspended: u64,
    /// Grows here when an envelope held before began or ceased to count: what was built from
    /// this document must then be built anew.
    pub revision: u64,
    /// The latest time its authors claim: milliseconds since 1970.
    pub at_ms: u64,
    /// The envelopes that count and nothing else that counts builds on, ascending. They name the
    /// document's state.
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

impl Summary {
    /// Envelopes that count.
    pub fn counting(&self) -> u64 {
        self.envelopes.saturating_sub(self.suspended)
    }
}

/// Every document of a scope, by name.
pub fn documents(store: &impl ReadStore, scope: &Scope) -> Result<Vec<Summary>, ReadError> {
    documents_under(store, &scope_key(scope))
}

/// Every document of one class of a unit, by name.
pub fn documents_of(
    store: &impl ReadStore,
    unit: &UnitId,
    class: Class,
) -> Result<Vec<Summary>, ReadError> {
    documents_under(store, &class_key(unit, class))
}

/// The documents of one class of a unit whose shards begin with a text, the last by name first.
/// Each step reads one entry, however many there are.
pub fn last_first(
    store: &impl ReadStore,
    unit: &UnitId,
    class: Class,
    shard: &str,
) -> impl Iterator<Item = Result<Summary, ReadError>> {
    let from = [&class_key(unit, class), shard.as_bytes()].concat();
    let mut to = after(&from);
    std::iter::from_fn(move || {
        let last = store.last(Table::Docs, &from, &to).transpose()?;
        Some(last.and_then(|(key, value)| {
            to.clone_from(&key);
            summarise(&key, &value)
        }))
    })
}

fn documents_under(store: &impl ReadStore, prefix: &[u8]) -> Result<Vec<Summary>, ReadError> {
    let entries = store.range(Table::Docs, prefix, &after(prefix), usize::MAX >> 1)?;
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
    let DocRecord { envelopes, suspended, revision, at_ms, heads } = record;
    Ok(Summary { document, envelopes, suspended, revision, at_ms, heads })
}

/// The envelopes of a document that count, in causal order.
pub fn entries(store: &impl ReadStore, document: &DocumentId) -> Result<Vec<Entry>, ReadError> {
    entries_after(store, document, 0)
}

/// Those that arrived after a feed position.
pub fn entries_after(
    store: &impl ReadStore,
    document: &DocumentId,
    position: u64,
) -> Result<Vec<Entry>, ReadError> {
    let key = document_key(document);
    let suspended: BTreeSet<Hash> =
        suspended_in(store, &key)?.into_iter().map(|s| s.envelope).collect();
    let log = LogEntry::all(store, &key)?;
    let counts = |entry: &&LogEntry| entry.position > position && !suspended.contains(&entry.id);
    log.iter().filter(counts).map(|entry| load(store, document, entry.position)).collect()
}

/// Every envelope of a document, those that do not count too, in causal order.
pub fn log(store: &impl ReadStore, document: &DocumentId) -> Result<Vec<Entry>, ReadError> {
    let log = LogEntry::all(store, &document_key(document))?;
    log.iter().map(|entry| load(store, document, entry.position)).collect()
}

/// Is an item here?
pub fn holds(store: &impl ReadStore, id: &Hash) -> Result<bool, ReadError> {
    Ok(store.read(Table::Positions, &id.0)?.is_some())
}

fn load(store: &impl ReadStore, document: &DocumentId, position: u64) -> Result<Entry, ReadError> {
    let scope = document.scope();
    let key = with_number(&scope_key(&scope), position);
    let bytes = store.read(feed_table(scope.audience), &key)?;
    let record = bytes.as_deref().and_then(FeedRecord::from_bytes);
    let record = record.ok_or_else(|| corrupt("feed"))?;
    let Ok(Item::Envelope(Envelope { header, content })) = Item::from_bytes(&record.item) else {
        return Err(corrupt("envelope"));
    };
    Ok(Entry { position, header: header.trust_own_store(), content })
}

/// An admitted envelope that does not count.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Suspended {
    pub document: DocumentId,
    pub envelope: Hash,
    /// Why: a stable word, and a text for people.
    pub code: String,
    pub text: String,
}

/// Every admitted envelope that does not count, by document.
pub fn suspended(store: &impl ReadStore) -> Result<Vec<Suspended>, ReadError> {
    suspended_in(store, &[])
}

fn suspended_in(store: &impl ReadStore, prefix: &[u8]) -> Result<Vec<Suspended>, ReadError> {
    let entries = store.range(Table::Suspended, prefix, &after(prefix), usize::MAX >> 1)?;
    let parse = |(key, value): (Vec<u8>, Vec<u8>)| {
        let (document, id) = key.split_at_checked(key.len().checked_sub(32)?)?;
        let (code, text) = std::str::from_utf8(&value).ok()?.split_once('\n')?;
        Some(Suspended {
            document: document_from_key(document)?,
            envelope: Hash(id.try_into().ok()?),
            code: code.to_owned(),
            text: text.to_owned(),
        })
    };
    let parsed = entries.into_iter().map(|entry| parse(entry).ok_or_else(|| corrupt("suspension")));
    parsed.collect()
}

/// Several envelopes of a document, whether they count or not, in causal order: found by their
/// ids, however many others there are.
pub fn envelopes(
    store: &impl ReadStore,
    document: &DocumentId,
    ids: &BTreeSet<Hash>,
) -> Result<Vec<Entry>, ReadError> {
    let scope = scope_key(&document.scope());
    let mut found = Vec::new();
    for id in ids {
        let Some(place) = store.read(Table::Positions, &id.0)? else { continue };
        let (position, at) = place.split_first_chunk().ok_or_else(|| corrupt("position"))?;
        if at == scope {
            let entry = load(store, document, u64::from_be_bytes(*position))?;
            found.extend((entry.header.value().document == *document).then_some(entry));
        }
    }
    found.sort_unstable_by_key(|entry| entry.position);
    Ok(found)
}

/// The proofs that authors of this document signed two envelopes at one place of their log.
pub fn equivocations(
    store: &impl ReadStore,
    document: &DocumentId,
) -> Result<Vec<Equivocation>, ReadError> {
    let log = LogEntry::all(store, &document_key(document))?;
    let mut places: BTreeMap<_, Vec<u64>> = BTreeMap::new();
    for entry in &log {
        places.entry((entry.author, entry.seq)).or_default().push(entry.position);
    }
    let mut proofs = Vec::new();
    for positions in places.values().filter(|positions| positions.len() > 1) {
        let header = |position: &u64| -> Result<_, ReadError> {
            Ok(load(store, document, *position)?.header.as_signed().clone())
        };
        let (one, other) = (header(&positions[0])?, header(&positions[1])?);
        proofs.extend(Equivocation::of(one, other));
    }
    Ok(proofs)
}

/// The last envelope of every log of a document: where a revocation may set its watermarks.
pub fn watermarks(
    store: &impl ReadStore,
    document: &DocumentId,
    author: &NodeKey,
) -> Result<Vec<Watermark>, ReadError> {
    let mut last: BTreeMap<Author, u64> = BTreeMap::new();
    for entry in LogEntry::all(store, &document_key(document))? {
        if entry.author.key == *author {
            let seq = last.entry(entry.author).or_insert(0);
            *seq = entry.seq.max(*seq);
        }
    }
    let mark = |(author, seq)| Watermark { document: document.clone(), author, seq };
    Ok(last.into_iter().map(mark).collect())
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
