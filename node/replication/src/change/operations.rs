//! The operations of admitted changes, as far as later ones may name them: by their keys.

use schema_wire::{Author, Hash};

use crate::entry::{Branch, LogRecord, Point};
use crate::names::{Fields, after, corrupt, log_key, with_hash, with_number};
use crate::overlay::Overlay;
use crate::store::{ReadError, ReadStore, Table};

use super::past::ChangeRecord;
use super::runs::{KeyRuns, write_keys};
use super::{Change, OpId};

/// The keys of a change's operations, in order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct OperationsRecord {
    seq: u64,
    start: u64,
    last: u64,
    keys: Vec<u8>,
}

/// A predecessor, the key that its operation must have, and the operation that names it.
#[derive(Debug)]
pub(super) struct Named<'a> {
    pub(super) id: OpId,
    pub(super) key: &'a str,
    pub(super) number: u64,
}

impl OperationsRecord {
    pub(super) fn of(change: &Change<'_>) -> Option<Self> {
        let last = (change.puts.len() as u64).checked_sub(1)?;
        let keys = write_keys(change.puts.iter().map(|put| put.key));
        let (start, last) = (change.start_op, change.op(last).counter);
        Some(Self { seq: change.seq, start, last, keys })
    }

    pub(crate) fn put(
        &self,
        store: &mut Overlay<'_, impl ReadStore>,
        document_key: &[u8],
        author: &Author,
        envelope: &Hash,
    ) {
        let key = with_number(&log_key(document_key, author), self.last);
        let bytes = [&self.seq.to_be_bytes()[..], &self.start.to_be_bytes(), &self.keys].concat();
        store.put(Table::Operations, with_hash(&key, envelope), bytes);
    }

    fn parse(log: &[u8], key: &[u8], value: &[u8]) -> Option<Self> {
        let (mut name, mut fields) = (Fields(key.get(log.len()..)?), Fields(value));
        let (last, seq, start) = (name.number()?, fields.number()?, fields.number()?);
        Some(Self { seq, start, last, keys: fields.0.to_vec() })
    }

    /// Of some operations of one log, ascending by counter, the first that is not in the past up
    /// to `end` at its key.
    pub(super) fn missing(
        store: &impl ReadStore,
        document_key: &[u8],
        author: &Author,
        end: Point,
        mut named: &[Named<'_>],
    ) -> Result<Option<u64>, ReadError> {
        let mut log = ChangesUpTo::to(end, store, document_key, author)?;
        while let Some(first) = named.first() {
            let Some(record) = log.record_with(first.id.counter)? else {
                return Ok(Some(first.number));
            };
            let within = named.partition_point(|one| one.id.counter <= record.last);
            let (these, rest) = named.split_at(within);
            let keys = KeyRuns::read(&record.keys).map_err(|_| corrupt("keys of a change"))?;
            let keys: Vec<&str> = keys.keys().collect();
            let key = |one: &Named<'_>| {
                let number = one.id.counter.checked_sub(record.start)?;
                keys.get(usize::try_from(number).ok()?)
            };
            if let Some(wrong) = these.iter().find(|one| key(one) != Some(&one.key)) {
                return Ok(Some(wrong.number));
            }
            named = rest;
        }
        Ok(None)
    }
}

/// The changes of a log up to one of its envelopes.
#[derive(Debug)]
struct ChangesUpTo<'a, S> {
    store: &'a S,
    key: Vec<u8>,
    end: Point,
    /// Only where the log forks it must be asked which way leads here.
    branch: Option<Branch<'a, S>>,
}

impl<'a, S: ReadStore> ChangesUpTo<'a, S> {
    fn to(
        end: Point,
        store: &'a S,
        document_key: &'a [u8],
        author: &Author,
    ) -> Result<Self, ReadError> {
        let key = log_key(document_key, author);
        let forks = LogRecord::load(store, &key)?.forks();
        let branch = forks.then(|| Branch::to(end, store, document_key, author));
        Ok(Self { store, key, end, branch })
    }

    /// The change that has an operation with this counter.
    fn record_with(&mut self, counter: u64) -> Result<Option<OperationsRecord>, ReadError> {
        let record = match &mut self.branch {
            None => self.first_from(counter)?,
            Some(_) => self.first_of_branch(counter)?,
        };
        Ok(record.filter(|record| record.start <= counter && record.seq <= self.end.seq))
    }

    /// The first change whose last counter is not below this one: counters ascend along a log.
    fn first_from(&self, counter: u64) -> Result<Option<OperationsRecord>, ReadError> {
        let from = with_number(&self.key, counter);
        let found = self.store.range(Table::Operations, &from, &after(&self.key), 1)?;
        let Some((key, value)) = found.first() else {
            return Ok(None);
        };
        let parsed = OperationsRecord::parse(&self.key, key, value);
        parsed.map(Some).ok_or_else(|| corrupt("operations"))
    }

    /// The same on one branch of several: found by halves, so that no other branch is read.
    fn first_of_branch(&mut self, counter: u64) -> Result<Option<OperationsRecord>, ReadError> {
        let (mut seq, mut beyond) = (1, self.end.seq);
        while seq < beyond {
            let middle = seq + (beyond - seq) / 2;
            if self.counter_at(middle)?.1 < counter {
                seq = middle + 1;
            } else {
                beyond = middle;
            }
        }
        let (id, last) = self.counter_at(seq)?;
        let key = with_hash(&with_number(&self.key, last), &id);
        // A change without operations has none.
        let Some(value) = self.store.read(Table::Operations, &key)?.filter(|_| last >= counter)
        else {
            return Ok(None);
        };
        let parsed = OperationsRecord::parse(&self.key, &key, &value);
        parsed.map(Some).ok_or_else(|| corrupt("operations"))
    }

    /// The envelope at a place of the branch, and the greatest counter in it or its past.
    fn counter_at(&mut self, seq: u64) -> Result<(Hash, u64), ReadError> {
        let branch = self.branch.as_mut().ok_or_else(|| corrupt("log"))?;
        let id = branch.at(seq)?;
        Ok((id, ChangeRecord::load(self.store, &id)?.counter))
    }
}
