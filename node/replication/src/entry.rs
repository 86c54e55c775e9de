//! Admitted envelopes as their logs know them: all that later ones, and the question what counts,
//! need to know, so that no envelope is read twice.

use std::collections::BTreeMap;

use node_authority::Written;
use schema_wire::{Author, DocumentId, Hash, Header, Ms};

use crate::names::{Fields, after, corrupt, document_key, log_key, with_hash, with_number};
use crate::overlay::Overlay;
use crate::store::{ReadError, ReadStore, Table};

/// An admitted envelope at its place in a log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Whose log.
    pub author: Author,
    /// Its number there.
    pub seq: u64,
    /// Its id.
    pub id: Hash,
    /// Which of the node's envelopes it was: what it rests on has a smaller number.
    pub number: u64,
    /// The delegation it was made under.
    pub delegation: Hash,
    /// When, as its author claims.
    pub at: Ms,
    /// Bytes of its content.
    pub bytes: u64,
    /// Of addressed documents: the acknowledged seq of its log, as of it (section 10.5).
    pub acknowledged: u64,
    /// The envelope before it in its log.
    pub backlink: Option<Hash>,
    /// Envelopes of other logs of the document, or of the opposite one.
    pub dependencies: Vec<Hash>,
}

impl Entry {
    /// Of an envelope that is admitted as the one with this number.
    #[must_use]
    pub fn of(id: Hash, header: &Header, number: u64) -> Self {
        Self {
            author: header.author,
            seq: header.seq(),
            id,
            number,
            delegation: header.delegation,
            at: header.at,
            bytes: 0,
            acknowledged: 0,
            backlink: header.backlink(),
            dependencies: header.dependencies.to_vec(),
        }
    }

    /// What the authority is asked about it.
    #[must_use]
    pub fn written<'a>(&self, document: &'a DocumentId) -> Written<'a> {
        let (author, delegation, at) = (self.author.key, self.delegation, self.at);
        Written { document, author, delegation, at }
    }

    /// Backlink and dependencies.
    pub(crate) fn parents(&self) -> impl Iterator<Item = &Hash> {
        self.backlink.iter().chain(&self.dependencies)
    }

    fn key(document_key: &[u8], author: &Author, seq: u64, id: &Hash) -> Vec<u8> {
        with_hash(&with_number(&log_key(document_key, author), seq), id)
    }

    pub(crate) fn put(&self, store: &mut Overlay<'_, impl ReadStore>, document_key: &[u8]) {
        let mut bytes = Vec::new();
        for number in [self.number, self.at.get(), self.bytes, self.acknowledged] {
            bytes.extend_from_slice(&number.to_be_bytes());
        }
        bytes.extend_from_slice(&self.delegation.0);
        bytes.push(u8::from(self.backlink.is_some()));
        self.parents().for_each(|parent| bytes.extend_from_slice(&parent.0));
        let key = Self::key(document_key, &self.author, self.seq, &self.id);
        store.put(Table::Places, key, bytes);
    }

    fn parse(document_key: &[u8], key: &[u8], value: &[u8]) -> Result<Self, ReadError> {
        let name = key.get(document_key.len()..).unwrap_or_default();
        Self::from_bytes(name, value).ok_or_else(|| corrupt("place in a log"))
    }

    fn from_bytes(name: &[u8], value: &[u8]) -> Option<Self> {
        let (mut name, mut fields) = (Fields(name), Fields(value));
        let (author, seq, id) = (name.author()?, name.number()?, name.hash()?);
        let (number, at) = (fields.number()?, Ms::of(fields.number()?));
        let (bytes, acknowledged) = (fields.number()?, fields.number()?);
        let delegation = fields.hash()?;
        let backlink = if fields.byte()? == 1 { Some(fields.hash()?) } else { None };
        let dependencies = fields.hashes()?;
        Some(Self {
            author,
            seq,
            id,
            number,
            delegation,
            at,
            bytes,
            acknowledged,
            backlink,
            dependencies,
        })
    }

    fn under(
        store: &impl ReadStore,
        document_key: &[u8],
        prefix: &[u8],
    ) -> Result<Vec<Self>, ReadError> {
        let entries = store.range(Table::Places, prefix, &after(prefix), usize::MAX >> 1)?;
        entries.iter().map(|(key, value)| Self::parse(document_key, key, value)).collect()
    }

    /// The envelopes at one place of a log: more than one is a fork.
    pub(crate) fn at(
        store: &impl ReadStore,
        document_key: &[u8],
        author: &Author,
        seq: u64,
    ) -> Result<Vec<Self>, ReadError> {
        Self::under(store, document_key, &with_number(&log_key(document_key, author), seq))
    }

    /// Every envelope of a document, in the order in which they were admitted.
    pub(crate) fn all(
        store: &impl ReadStore,
        document: &DocumentId,
    ) -> Result<Vec<Self>, ReadError> {
        let key = document_key(document);
        let mut entries = Self::under(store, &key, &key)?;
        entries.sort_by_key(|entry| entry.number);
        Ok(entries)
    }

    /// The last envelope of a log; of a fork at its end, the one with the greatest id.
    pub(crate) fn last(
        store: &impl ReadStore,
        document_key: &[u8],
        author: &Author,
    ) -> Result<Option<Self>, ReadError> {
        let log = log_key(document_key, author);
        let last = store.last(Table::Places, &log, &after(&log))?;
        last.map(|(key, value)| Self::parse(document_key, &key, &value)).transpose()
    }
}

/// Where an admitted envelope lies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Location {
    pub(crate) document_key: Vec<u8>,
    pub(crate) author: Author,
    pub(crate) seq: u64,
}

impl Location {
    pub(crate) fn at(document_key: &[u8], author: &Author, seq: u64) -> Self {
        Self { document_key: document_key.to_vec(), author: *author, seq }
    }

    pub(crate) fn of(store: &impl ReadStore, id: &Hash) -> Result<Option<Self>, ReadError> {
        let parse = |bytes: Vec<u8>| {
            let mut fields = Fields(&bytes);
            let (author, seq) = (fields.author()?, fields.number()?);
            Some(Self { document_key: fields.0.to_vec(), author, seq })
        };
        let found = store.read(Table::Locations, &id.0)?;
        found.map(|bytes| parse(bytes).ok_or_else(|| corrupt("location"))).transpose()
    }

    pub(crate) fn put(&self, store: &mut Overlay<'_, impl ReadStore>, id: &Hash) {
        let Self { document_key, author, seq } = self;
        let log = [&author.key.0[..], &author.incarnation.0].concat();
        let value = [with_number(&log, *seq).as_slice(), document_key].concat();
        store.put(Table::Locations, id.0.to_vec(), value);
    }

    /// The entry of the envelope with this id that lies here.
    pub(crate) fn entry(&self, store: &impl ReadStore, id: &Hash) -> Result<Entry, ReadError> {
        let Self { document_key, author, seq } = self;
        let key = Entry::key(document_key, author, *seq, id);
        let value = store.read(Table::Places, &key)?.ok_or_else(|| corrupt("location"))?;
        Entry::parse(document_key, &key, &value)
    }
}

/// A log as a whole.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct LogRecord {
    /// The greatest seq of an envelope in it.
    pub(crate) length: u64,
    pub(crate) envelopes: u64,
}

impl LogRecord {
    pub(crate) fn load(store: &impl ReadStore, log_key: &[u8]) -> Result<Self, ReadError> {
        let Some(bytes) = store.read(Table::Logs, log_key)? else {
            return Ok(Self::default());
        };
        let mut fields = Fields(&bytes);
        let parsed = fields.number().zip(fields.number());
        let (length, envelopes) = parsed.ok_or_else(|| corrupt("log"))?;
        Ok(Self { length, envelopes })
    }

    pub(crate) fn put(self, store: &mut Overlay<'_, impl ReadStore>, log_key: Vec<u8>) {
        let bytes = [self.length.to_be_bytes(), self.envelopes.to_be_bytes()].concat();
        store.put(Table::Logs, log_key, bytes);
    }

    /// Does it have two envelopes at one place?
    pub(crate) fn forks(self) -> bool {
        self.envelopes > self.length
    }
}

/// Where a log's envelope lies, and what it is called.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Point {
    pub(crate) seq: u64,
    pub(crate) id: Hash,
}

/// What backlinks lead to from one envelope of a log: one at every earlier place.
///
/// Reads the log only where it forks, and each place once, however often it is asked.
#[derive(Debug)]
pub(crate) struct Branch<'a, S> {
    store: &'a S,
    document_key: &'a [u8],
    author: Author,
    /// What was found of it so far; its end at least.
    known: BTreeMap<u64, Hash>,
}

impl<'a, S: ReadStore> Branch<'a, S> {
    /// The one that ends with this envelope.
    pub(crate) fn to(end: Point, store: &'a S, document_key: &'a [u8], author: &Author) -> Self {
        let known = BTreeMap::from([(end.seq, end.id)]);
        Self { store, document_key, author: *author, known }
    }

    /// The envelope at a place up to its end.
    pub(crate) fn at(&mut self, seq: u64) -> Result<Hash, ReadError> {
        // Where a place has one envelope only, every branch goes through it.
        let mut above = seq;
        let mut id = loop {
            if let Some(id) = self.known.get(&above) {
                break *id;
            }
            if let Some(id) = self.only_at(above)? {
                break id;
            }
            above += 1;
        };
        self.known.insert(above, id);
        for place in (seq + 1..=above).rev() {
            let Self { store, document_key, author, .. } = self;
            let location = Location::at(document_key, author, place);
            id = location.entry(store, &id)?.backlink.ok_or_else(|| corrupt("log"))?;
            self.known.insert(place - 1, id);
        }
        Ok(id)
    }

    /// The envelope at a place, if there is no other.
    fn only_at(&self, seq: u64) -> Result<Option<Hash>, ReadError> {
        let place = with_number(&log_key(self.document_key, &self.author), seq);
        let found = self.store.range(Table::Places, &place, &after(&place), 2)?;
        match &found[..] {
            [(key, _)] => {
                let id = key.get(place.len()..).and_then(|id| Fields(id).hash());
                id.ok_or_else(|| corrupt("place in a log")).map(Some)
            }
            [] => Err(corrupt("log")),
            _ => Ok(None),
        }
    }
}

/// Do backlinks lead from one envelope of a log to another?
pub(crate) fn leads(
    store: &impl ReadStore,
    document_key: &[u8],
    author: &Author,
    from: Point,
    to: Point,
) -> Result<bool, ReadError> {
    if from.seq <= to.seq {
        return Ok(from == to);
    }
    Ok(Branch::to(from, store, document_key, author).at(to.seq)? == to.id)
}
