//! Which revisions of a block read (section 10.6).
//!
//! The past decides: a number is one more than the greatest that reads before it, so none can be
//! skipped or taken away. What was read is kept envelope by envelope, so that a new revision costs
//! itself; what a block came to is a view, so that after a restart nothing is read that did not
//! change.

use std::collections::{BTreeMap, BTreeSet};

use node_replication::change::{self, Change, Key, Put, Scalar};
use node_replication::history::{self, Entry};
use node_replication::log::DocumentRecord;
use node_replication::store::{Batch, ReadError, ReadStore, Table};
use schema_content::Revision;
use schema_wire::{DocumentId, Hash, Ms, Payload};

use super::period::{Block, entity};
use crate::library::new_entries;

/// A revision that reads, by where it lies. The greatest is the newest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Lies {
    /// Its number.
    pub number: u64,
    /// As of when it is.
    pub as_of: Ms,
    /// The envelope that carries it.
    pub envelope: Hash,
    /// Which operation of that it is.
    put: u32,
}

/// What reads in a block.
#[derive(Debug, Clone, Default)]
pub(super) struct Readable {
    /// What it was found from.
    name: Option<Hash>,
    newest: Option<Lies>,
    /// The number that a revision written on top of it must have.
    next: u64,
    log: Option<Log>,
}

/// The envelopes of a block, as far as they were read.
#[derive(Debug, Clone, Default)]
struct Log {
    record: DocumentRecord,
    number: u64,
    /// The greatest number that reads in an envelope or its past.
    reach: BTreeMap<Hash, u64>,
    revisions: BTreeSet<Lies>,
}

/// A block that opens: it is the first, or the last number of the one before it reads.
#[derive(Debug)]
pub(super) struct Place<'a> {
    pub(super) block: &'a Block,
    pub(super) document: &'a DocumentId,
}

/// What following a block cost and found out.
#[derive(Debug, Default)]
pub(super) struct Work {
    /// Envelopes read.
    pub(super) reads: u64,
    /// Views to be written.
    pub(super) views: Batch,
}

impl Readable {
    /// Follows the document.
    pub(super) fn follow(
        &mut self,
        store: &impl ReadStore,
        place: &Place<'_>,
        work: &mut Work,
    ) -> Result<(), ReadError> {
        let record = DocumentRecord::load(store, place.document)?;
        let name = name(&record);
        if self.name == Some(name) {
            return Ok(());
        }
        let kept = if self.log.is_none() { view(store, place, &name)? } else { None };
        (self.newest, self.next) = match kept {
            Some(found) => found,
            None => {
                let found = self.read(store, place, record, work)?;
                work.views.put(Table::Views, view_key(place), view_bytes(&name, found));
                found
            }
        };
        self.name = Some(name);
        Ok(())
    }

    fn read(
        &mut self,
        store: &impl ReadStore,
        place: &Place<'_>,
        record: DocumentRecord,
        work: &mut Work,
    ) -> Result<(Option<Lies>, u64), ReadError> {
        let log = self.log.take().unwrap_or_default();
        // What was read may count no more.
        let goes_on = log.record.revision == record.revision;
        let mut log = if goes_on { log } else { Log::default() };
        for entry in new_entries(store, place.document, &log.record, log.number, &record)? {
            work.reads += 1;
            log.take_in(store, place, &entry)?;
        }
        log.record = record;
        let found = (log.revisions.last().copied(), log.next(place.block));
        self.log = Some(log);
        Ok(found)
    }

    /// The newest.
    pub(super) fn newest(&self) -> Option<Lies> {
        self.newest
    }

    /// The number that a revision written on top of it must have.
    pub(super) fn next(&self) -> u64 {
        self.next
    }

    /// Does this one read? The block was followed.
    pub(super) fn find(
        &mut self,
        store: &impl ReadStore,
        place: &Place<'_>,
        named: (u64, Ms, Hash),
        work: &mut Work,
    ) -> Result<Option<Lies>, ReadError> {
        let is_it = |lies: &Lies| (lies.number, lies.as_of, lies.envelope) == named;
        if let Some(newest) = self.newest.filter(is_it) {
            return Ok(Some(newest));
        }
        if self.log.is_none() {
            let record = DocumentRecord::load(store, place.document)?;
            self.read(store, place, record, work)?;
        }
        Ok(self.log.iter().flat_map(|log| &log.revisions).find(|lies| is_it(lies)).copied())
    }
}

impl Log {
    fn take_in(
        &mut self,
        store: &impl ReadStore,
        place: &Place<'_>,
        entry: &Entry,
    ) -> Result<(), ReadError> {
        self.number = self.number.max(entry.number);
        let parents = entry.backlink.iter().chain(&entry.dependencies);
        let mut reach = parents.filter_map(|id| self.reach.get(id)).copied().max();
        let envelope = history::envelope(store, &entry.id)?;
        if let Payload::Changes(bytes) = envelope.content() {
            for (at, put) in (0..).zip(&change_of(bytes)?.puts) {
                let next = reach.map_or(place.block.first(), |before| before + 1);
                let Some(revision) = revision_at(put, next) else { continue };
                if is_readable(&revision, place.block, next, entry.at) {
                    let (as_of, envelope) = (revision.as_of, entry.id);
                    self.revisions.insert(Lies { number: next, as_of, envelope, put: at });
                    reach = Some(next);
                }
            }
        }
        if let Some(reach) = reach {
            self.reach.insert(entry.id, reach);
        }
        Ok(())
    }

    fn next(&self, block: &Block) -> u64 {
        let reach = self.record.heads.iter().filter_map(|head| self.reach.get(head)).max();
        reach.map_or(block.first(), |reach| reach + 1)
    }
}

/// Reads the revision that lies there.
pub(super) fn revision(store: &impl ReadStore, lies: &Lies) -> Result<Revision, ReadError> {
    let none = || ReadError("a revision that was read is there no more".into());
    let envelope = history::envelope(store, &lies.envelope)?;
    let Payload::Changes(bytes) = envelope.content() else { return Err(none()) };
    let change = change_of(bytes)?;
    let put = usize::try_from(lies.put).ok().and_then(|put| change.puts.get(put));
    put.and_then(|put| revision_at(put, lies.number)).ok_or_else(none)
}

fn change_of(bytes: &[u8]) -> Result<Change<'_>, ReadError> {
    let unreadable = |_| ReadError("the store holds a change that does not read".into());
    change::read(bytes).map(|(change, _)| change).map_err(unreadable)
}

/// The revision that is put at the key of this number.
fn revision_at(put: &Put<'_>, number: u64) -> Option<Revision> {
    let Some(Key::Event(key)) = Key::parse(put.key) else { return None };
    let Scalar::Bytes(value) = put.value else { return None };
    let here = key.kind == "revision" && key.entity == entity(number);
    here.then(|| Revision::read(value).ok())?
}

/// Does what it says agree with where it stands, and when?
fn is_readable(revision: &Revision, block: &Block, number: u64, at: Ms) -> bool {
    revision.number.get() == number
        && block.has(number)
        && *revision.period == *block.period.to_string()
        && revision.as_of <= at
}

/// What all that is found in a block follows from.
fn name(record: &DocumentRecord) -> Hash {
    let revision = record.revision.to_be_bytes();
    let heads = record.heads.iter().map(|head| &head.0[..]);
    Hash::of(&[&revision[..]].into_iter().chain(heads).collect::<Vec<_>>())
}

fn view_key(place: &Place<'_>) -> Vec<u8> {
    format!("block {}", place.document).into_bytes()
}

fn view_bytes(name: &Hash, (newest, next): (Option<Lies>, u64)) -> Vec<u8> {
    let mut bytes = [&name.0[..], &next.to_be_bytes()].concat();
    if let Some(Lies { number, as_of, envelope, put }) = newest {
        bytes.extend_from_slice(&number.to_be_bytes());
        bytes.extend_from_slice(&as_of.get().to_be_bytes());
        bytes.extend_from_slice(&envelope.0);
        bytes.extend_from_slice(&put.to_be_bytes());
    }
    bytes
}

/// What was found of this before; a view that does not read is made anew.
fn view(
    store: &impl ReadStore,
    place: &Place<'_>,
    name: &Hash,
) -> Result<Option<(Option<Lies>, u64)>, ReadError> {
    let bytes = store.read(Table::Views, &view_key(place))?;
    Ok(bytes.and_then(|bytes| read_view(&bytes, name)))
}

fn read_view(bytes: &[u8], name: &Hash) -> Option<(Option<Lies>, u64)> {
    let (of, rest) = bytes.split_first_chunk::<32>()?;
    let (next, rest) = rest.split_first_chunk()?;
    if *of != name.0 {
        return None;
    }
    let next = u64::from_be_bytes(*next);
    if rest.is_empty() {
        return Some((None, next));
    }
    let (number, rest) = rest.split_first_chunk()?;
    let (as_of, rest) = rest.split_first_chunk()?;
    let (envelope, rest) = rest.split_first_chunk::<32>()?;
    let (number, as_of) = (u64::from_be_bytes(*number), Ms::of(u64::from_be_bytes(*as_of)));
    let put = u32::from_be_bytes(rest.try_into().ok()?);
    Some((Some(Lies { number, as_of, envelope: Hash(*envelope), put }), next))
}
