//! Keys and values of the store's tables. Only this file knows their bytes.

use node_authority::Position;
use schema_wire::{Audience, Author, Class, DocumentId, Hash, NodeKey, Scope, UnitId};

use crate::Fingerprint;
use crate::store::{ReadError, ReadStore, Table};

/// What a table's bytes should have been.
pub(crate) fn corrupt(what: &str) -> ReadError {
    ReadError(format!("the store holds a malformed {what}"))
}

pub(crate) fn scope_key(scope: &Scope) -> Vec<u8> {
    key_of(scope.audience, &scope.unit)
}

/// Room behind the scope in most keys: a class, a shard, a position.
const KEY_ROOM: usize = 32;

fn key_of(audience: Audience, unit: &UnitId) -> Vec<u8> {
    let unit = unit.as_str().as_bytes();
    let mut key = Vec::with_capacity(unit.len() + KEY_ROOM);
    key.push(audience as u8);
    key.extend_from_slice(unit);
    key.push(0);
    key
}

pub(crate) fn scope_from_key(key: &[u8]) -> Option<Scope> {
    let (audience, rest) = key.split_first()?;
    let audience = Audience::ALL.into_iter().find(|a| *a as u8 == *audience)?;
    let unit = std::str::from_utf8(rest.strip_suffix(&[0])?).ok()?;
    Some(Scope { unit: UnitId::parse(unit).ok()?, audience })
}

/// What the keys of a unit's documents of one class begin with.
pub(crate) fn class_key(unit: &UnitId, class: Class) -> Vec<u8> {
    let mut key = key_of(class.audience(), unit);
    key.push(class as u8);
    key
}

pub(crate) fn document_key(document: &DocumentId) -> Vec<u8> {
    let mut key = class_key(&document.owner, document.class);
    key.extend_from_slice(document.shard.as_str().as_bytes());
    key.push(0);
    key
}

pub(crate) fn document_from_key(key: &[u8]) -> Option<DocumentId> {
    // The first byte is the audience, which may be zero itself.
    let split = key.iter().skip(1).position(|b| *b == 0)? + 2;
    let scope = scope_from_key(key.get(..split)?)?;
    let (class, shard) = key.get(split..)?.split_first()?;
    let shard = std::str::from_utf8(shard.strip_suffix(&[0])?).ok()?;
    DocumentId::new(scope.unit, Class::from_number(*class)?, shard).ok()
}

/// The key after every key that starts with `prefix`.
pub(crate) fn after(prefix: &[u8]) -> Vec<u8> {
    let mut end = prefix.to_vec();
    while let Some(last) = end.pop() {
        if last < u8::MAX {
            end.push(last + 1);
            return end;
        }
    }
    vec![u8::MAX; 64]
}

pub(crate) fn with_number(prefix: &[u8], number: u64) -> Vec<u8> {
    [prefix, &number.to_be_bytes()].concat()
}

pub(crate) fn log_key(document_key: &[u8], author: &Author) -> Vec<u8> {
    [document_key, &author.key.0, &author.incarnation.to_be_bytes()].concat()
}

/// Where it is said that an envelope of a document does not count.
pub(crate) fn suspended_key(document_key: &[u8], envelope: &Hash) -> Vec<u8> {
    [document_key, &envelope.0].concat()
}

/// The table a scope's items lie in: those about persons are sealed at rest.
pub(crate) fn feed_table(audience: Audience) -> Table {
    if audience == Audience::Unit { Table::UnitFeed } else { Table::Feed }
}

/// Reads fixed fields off a value, front to back.
pub(crate) struct Fields<'a>(pub &'a [u8]);

impl<'a> Fields<'a> {
    pub(crate) fn take(&mut self, len: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(len)?;
        self.0 = rest;
        Some(taken)
    }
    pub(crate) fn number(&mut self) -> Option<u64> {
        Some(u64::from_be_bytes(self.take(8)?.try_into().ok()?))
    }
    pub(crate) fn bytes32(&mut self) -> Option<[u8; 32]> {
        self.take(32)?.try_into().ok()
    }
    pub(crate) fn bytes16(&mut self) -> Option<[u8; 16]> {
        self.take(16)?.try_into().ok()
    }
}

/// A scope's feed: its last position and the fingerprint of all its items.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct ScopeRecord {
    pub(crate) head: u64,
    pub(crate) fingerprint: Fingerprint,
}

impl ScopeRecord {
    pub(crate) fn to_bytes(self) -> Vec<u8> {
        [self.head.to_be_bytes().as_slice(), &self.fingerprint.0].concat()
    }
    pub(crate) fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let mut fields = Fields(bytes);
        let head = fields.number()?;
        Some(Self { head, fingerprint: Fingerprint(fields.bytes32()?) })
    }
    pub(crate) fn load(store: &impl ReadStore, scope: &Scope) -> Result<Self, ReadError> {
        match store.read(Table::Scopes, &scope_key(scope))? {
            None => Ok(Self::default()),
            Some(bytes) => Self::from_bytes(&bytes).ok_or_else(|| corrupt("scope")),
        }
    }
}

/// Names a peer in one life of its feed: what came from it then is not sent back to it, unless
/// it lost it since.
pub(crate) fn origin(peer: &NodeKey, epoch: &[u8; 16]) -> [u8; 8] {
    let hash = Hash::of(&[&peer.0[..], epoch].concat());
    let mut origin = [0; 8];
    origin.copy_from_slice(&hash.0[..8]);
    origin
}

/// An entry of a feed: where the item came from, when it was taken in, and its bytes.
#[derive(Debug, Clone)]
pub(crate) struct FeedRecord {
    /// Which peer it came from ([`origin`]); zero for this node's own.
    pub(crate) origin: [u8; 8],
    pub(crate) received_ms: u64,
    /// Holds key grants, whose keys lie in the keyring.
    pub(crate) keys: bool,
    pub(crate) item: Vec<u8>,
}

impl FeedRecord {
    pub(crate) fn to_bytes(&self) -> Vec<u8> {
        let received = self.received_ms.to_be_bytes();
        [self.origin.as_slice(), &received, &[u8::from(self.keys)], &self.item].concat()
    }
    pub(crate) fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let mut fields = Fields(bytes);
        let origin = fields.take(8)?.try_into().ok()?;
        let received_ms = fields.number()?;
        let keys = fields.take(1)? == [1];
        Some(Self { origin, received_ms, keys, item: fields.0.to_vec() })
    }
}

/// An admitted envelope of a document, as its log knows it: all that is needed to say whether it
/// counts, without reading the envelope itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct LogEntry {
    pub(crate) author: Author,
    pub(crate) seq: u64,
    pub(crate) id: Hash,
    /// Its place in the scope's feed.
    pub(crate) position: u64,
    /// The delegation it was made under.
    pub(crate) delegation: Hash,
    pub(crate) at_ms: u64,
    /// Automerge changes of this actor up to here, and the last op counter they used.
    pub(crate) change_seq: u64,
    pub(crate) max_op: u64,
    /// Its backlink and its dependencies.
    pub(crate) parents: Vec<Hash>,
}

impl LogEntry {
    pub(crate) fn key(document_key: &[u8], author: &Author, seq: u64, id: &Hash) -> Vec<u8> {
        [with_number(&log_key(document_key, author), seq).as_slice(), &id.0].concat()
    }
    pub(crate) fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = self.position.to_be_bytes().to_vec();
        bytes.extend_from_slice(&self.delegation.0);
        for number in [self.at_ms, self.change_seq, self.max_op] {
            bytes.extend_from_slice(&number.to_be_bytes());
        }
        self.parents.iter().for_each(|parent| bytes.extend_from_slice(&parent.0));
        bytes
    }
    /// `key` is what follows the document's own key.
    fn from_bytes(key: &[u8], value: &[u8]) -> Option<Self> {
        let (mut name, mut fields) = (Fields(key), Fields(value));
        let key = NodeKey(name.bytes32()?);
        let incarnation = u32::from_be_bytes(name.take(4)?.try_into().ok()?);
        let (seq, id) = (name.number()?, Hash(name.bytes32()?));
        let (position, delegation) = (fields.number()?, Hash(fields.bytes32()?));
        let (at_ms, change_seq, max_op) = (fields.number()?, fields.number()?, fields.number()?);
        let mut parents = Vec::new();
        while !fields.0.is_empty() {
            parents.push(Hash(fields.bytes32()?));
        }
        let author = Author { key, incarnation };
        Some(Self { author, seq, id, position, delegation, at_ms, change_seq, max_op, parents })
    }
    fn parse(document_key: &[u8], key: &[u8], value: &[u8]) -> Result<Self, ReadError> {
        let name = key.get(document_key.len()..).unwrap_or_default();
        Self::from_bytes(name, value).ok_or_else(|| corrupt("log entry"))
    }
    /// What a delegation is asked about it.
    pub(crate) fn place<'a>(&self, document: &'a DocumentId) -> Position<'a> {
        Position { document, author: self.author, seq: self.seq, at_ms: self.at_ms }
    }
    /// Every envelope of a document, in the order of the feed: causal order.
    pub(crate) fn all(store: &impl ReadStore, document_key: &[u8]) -> Result<Vec<Self>, ReadError> {
        let end = after(document_key);
        let entries = store.range(Table::DocLog, document_key, &end, usize::MAX >> 1)?;
        let parse = |(key, value): (Vec<u8>, Vec<u8>)| Self::parse(document_key, &key, &value);
        let mut entries: Vec<Self> = entries.into_iter().map(parse).collect::<Result<_, _>>()?;
        entries.sort_by_key(|entry| entry.position);
        Ok(entries)
    }
    /// The envelopes at one place of a log: more than one is a fork.
    pub(crate) fn at(
        store: &impl ReadStore,
        document_key: &[u8],
        author: &Author,
        seq: u64,
    ) -> Result<Vec<Self>, ReadError> {
        let place = with_number(&log_key(document_key, author), seq);
        let entries = store.range(Table::DocLog, &place, &after(&place), usize::MAX >> 1)?;
        let parse = |(key, value): (Vec<u8>, Vec<u8>)| Self::parse(document_key, &key, &value);
        entries.into_iter().map(parse).collect()
    }
    /// The last envelope of a log.
    pub(crate) fn tip(
        store: &impl ReadStore,
        document_key: &[u8],
        author: &Author,
    ) -> Result<Option<Self>, ReadError> {
        let log = log_key(document_key, author);
        let last = store.last(Table::DocLog, &log, &after(&log))?;
        last.map(|(key, value)| Self::parse(document_key, &key, &value)).transpose()
    }
}

/// A document as a whole.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct DocRecord {
    /// Envelopes held, and those of them that do not count.
    pub(crate) envelopes: u64,
    pub(crate) suspended: u64,
    /// Grows when an envelope held before began or ceased to count.
    pub(crate) revision: u64,
    pub(crate) at_ms: u64,
    /// The envelopes that count and nothing else that counts builds on, ascending.
    pub(crate) heads: Vec<Hash>,
}

impl DocRecord {
    pub(crate) fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        for number in [self.envelopes, self.suspended, self.revision, self.at_ms] {
            bytes.extend_from_slice(&number.to_be_bytes());
        }
        self.heads.iter().for_each(|head| bytes.extend_from_slice(&head.0));
        bytes
    }
    pub(crate) fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let mut fields = Fields(bytes);
        let (envelopes, suspended) = (fields.number()?, fields.number()?);
        let (revision, at_ms) = (fields.number()?, fields.number()?);
        let mut heads = Vec::new();
        while !fields.0.is_empty() {
            heads.push(Hash(fields.bytes32()?));
        }
        Some(Self { envelopes, suspended, revision, at_ms, heads })
    }
    pub(crate) fn load(store: &impl ReadStore, document_key: &[u8]) -> Result<Self, ReadError> {
        match store.read(Table::Docs, document_key)? {
            None => Ok(Self::default()),
            Some(bytes) => Self::from_bytes(&bytes).ok_or_else(|| corrupt("document")),
        }
    }
    /// Takes in an envelope that counts, after everything it builds on.
    pub(crate) fn build(&mut self, id: Hash, parents: &[Hash]) {
        self.heads.retain(|head| !parents.contains(head));
        self.heads.push(id);
        self.heads.sort_unstable();
    }
}

/// How a peer and this node stand in one scope: what was taken from its feed, and what of ours
/// it acknowledged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct CursorRecord {
    /// The peer's feed: its epoch and the last position taken in.
    pub(crate) epoch: [u8; 16],
    pub(crate) taken: u64,
    /// Our feed: the last position the peer acknowledged.
    pub(crate) acked: u64,
    pub(crate) acked_ms: u64,
}

impl CursorRecord {
    pub(crate) fn key(peer: &NodeKey, scope: &Scope) -> Vec<u8> {
        [&peer.0, scope_key(scope).as_slice()].concat()
    }
    pub(crate) fn to_bytes(self) -> Vec<u8> {
        let mut bytes = self.epoch.to_vec();
        for number in [self.taken, self.acked, self.acked_ms] {
            bytes.extend_from_slice(&number.to_be_bytes());
        }
        bytes
    }
    pub(crate) fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let mut fields = Fields(bytes);
        Some(Self {
            epoch: fields.bytes16()?,
            taken: fields.number()?,
            acked: fields.number()?,
            acked_ms: fields.number()?,
        })
    }
    pub(crate) fn load(
        store: &impl ReadStore,
        peer: &NodeKey,
        scope: &Scope,
    ) -> Result<Option<Self>, ReadError> {
        let bytes = store.read(Table::Cursors, &Self::key(peer, scope))?;
        let parse = |b: Vec<u8>| Self::from_bytes(&b).ok_or_else(|| corrupt("cursor"));
        bytes.map(parse).transpose()
    }
}

/// A peer as last met: its unit, and the last hello it used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct PeerRecord {
    pub(crate) incarnation: u32,
    pub(crate) counter: u64,
    pub(crate) met_ms: u64,
    /// Did its delegation hold then?
    pub(crate) reader: bool,
    pub(crate) unit: UnitId,
}

const PEER_PREFIX: &[u8] = b"peer/";

impl PeerRecord {
    pub(crate) fn key(peer: &NodeKey) -> Vec<u8> {
        [PEER_PREFIX, &peer.0].concat()
    }
    pub(crate) fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = self.incarnation.to_be_bytes().to_vec();
        bytes.extend_from_slice(&self.counter.to_be_bytes());
        bytes.extend_from_slice(&self.met_ms.to_be_bytes());
        bytes.push(u8::from(self.reader));
        bytes.extend_from_slice(self.unit.as_str().as_bytes());
        bytes
    }
    pub(crate) fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let mut fields = Fields(bytes);
        let incarnation = u32::from_be_bytes(fields.take(4)?.try_into().ok()?);
        let (counter, met_ms) = (fields.number()?, fields.number()?);
        let reader = fields.take(1)? == [1];
        let unit = UnitId::parse(std::str::from_utf8(fields.0).ok()?).ok()?;
        Some(Self { incarnation, counter, met_ms, reader, unit })
    }
    /// Every peer ever met, by key.
    pub(crate) fn all(store: &impl ReadStore) -> Result<Vec<(NodeKey, Self)>, ReadError> {
        let entries =
            store.range(Table::Meta, PEER_PREFIX, &after(PEER_PREFIX), usize::MAX >> 1)?;
        let parse = |(key, value): (Vec<u8>, Vec<u8>)| {
            let peer = key.get(PEER_PREFIX.len()..)?.try_into().ok()?;
            Some((NodeKey(peer), Self::from_bytes(&value)?))
        };
        let parsed = entries.into_iter().map(|e| parse(e).ok_or_else(|| corrupt("peer")));
        parsed.collect()
    }
}

/// What the structure of a change allows to be built on it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ChangeRecord {
    pub(crate) envelope: Hash,
    pub(crate) author: Author,
    /// Per actor in its causal past, itself included: the last op counter.
    pub(crate) past: Vec<([u8; 16], u64)>,
}

impl ChangeRecord {
    /// Two envelopes of a forked log may carry one change: each has its own record.
    pub(crate) fn key(document_key: &[u8], change: &[u8; 32], envelope: &Hash) -> Vec<u8> {
        [document_key, change, &envelope.0].concat()
    }
    pub(crate) fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = self.envelope.0.to_vec();
        bytes.extend_from_slice(&self.author.key.0);
        bytes.extend_from_slice(&self.author.incarnation.to_be_bytes());
        for (actor, max_op) in &self.past {
            bytes.extend_from_slice(actor);
            bytes.extend_from_slice(&max_op.to_be_bytes());
        }
        bytes
    }
    pub(crate) fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let mut fields = Fields(bytes);
        let envelope = Hash(fields.bytes32()?);
        let key = NodeKey(fields.bytes32()?);
        let incarnation = u32::from_be_bytes(fields.take(4)?.try_into().ok()?);
        let mut past = Vec::new();
        while !fields.0.is_empty() {
            past.push((fields.bytes16()?, fields.number()?));
        }
        Some(Self { envelope, author: Author { key, incarnation }, past })
    }
    /// The envelopes of a document that carry a change.
    pub(crate) fn carriers(
        store: &impl ReadStore,
        document_key: &[u8],
        change: &[u8; 32],
    ) -> Result<Vec<Self>, ReadError> {
        let prefix = [document_key, change].concat();
        let entries = store.range(Table::Changes, &prefix, &after(&prefix), usize::MAX >> 1)?;
        let parse = |(_, value): (Vec<u8>, Vec<u8>)| {
            Self::from_bytes(&value).ok_or_else(|| corrupt("change"))
        };
        entries.into_iter().map(parse).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_name_what_they_were_made_from() {
        let unit = UnitId::parse("220800/220802").expect("a unit");
        for class in Class::ALL {
            let document = DocumentId::new(unit.clone(), class, "b1").expect("a document");
            assert_eq!(document_from_key(&document_key(&document)), Some(document.clone()));
            assert_eq!(scope_from_key(&scope_key(&document.scope())), Some(document.scope()));
            assert!(document_key(&document) < after(&scope_key(&document.scope())));
        }
    }
}
