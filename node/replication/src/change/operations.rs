//! The operations of admitted changes, as far as later ones may name them: by their keys.

use schema_wire::{Author, Hash};

use crate::entry::{LogRecord, Point, leads};
use crate::names::{Fields, after, corrupt, log_key, with_hash, with_number};
use crate::overlay::Overlay;
use crate::store::{ReadError, ReadStore, Table};

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

    fn parse(log: &[u8], key: &[u8], value: &[u8]) -> Option<(Self, Hash)> {
        let (mut name, mut fields) = (Fields(key.get(log.len()..)?), Fields(value));
        let (last, envelope) = (name.number()?, name.hash()?);
        let (seq, start) = (fields.number()?, fields.number()?);
        Some((Self { seq, start, last, keys: fields.0.to_vec() }, envelope))
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
        while let Some(first) = named.first() {
            let Some(record) = Self::with(store, document_key, author, end, first.id.counter)?
            else {
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

    /// The change of a log up to `end` that has an operation with this counter.
    fn with(
        store: &impl ReadStore,
        document_key: &[u8],
        author: &Author,
        end: Point,
        counter: u64,
    ) -> Result<Option<Self>, ReadError> {
        let log = log_key(document_key, author);
        let forks = LogRecord::load(store, &log)?.forks();
        let mut from = with_number(&log, counter);
        while let [(key, value)] = &store.range(Table::Operations, &from, &after(&log), 1)?[..] {
            let parsed = Self::parse(&log, key, value);
            let (record, id) = parsed.ok_or_else(|| corrupt("operations"))?;
            let point = Point { seq: record.seq, id };
            if record.start <= counter && leads(store, document_key, author, end, point)? {
                return Ok(Some(record));
            }
            // Counters ascend along a log: only another branch can have it behind this one.
            if !forks {
                break;
            }
            from = [key.as_slice(), &[0]].concat();
        }
        Ok(None)
    }
}
