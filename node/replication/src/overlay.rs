//! Reads through writes that are not durable yet, so that many steps share one sync.

use std::collections::BTreeMap;

use crate::store::{Batch, ReadError, ReadStore, Table, Write};

/// A store with pending writes laid over it: group commit without a second kind of read.
#[derive(Debug)]
pub struct Overlay<'a, S> {
    store: &'a S,
    pending: BTreeMap<(Table, Vec<u8>), Option<Vec<u8>>>,
}

impl<'a, S: ReadStore> Overlay<'a, S> {
    /// Nothing pending.
    pub fn new(store: &'a S) -> Self {
        Self { store, pending: BTreeMap::new() }
    }

    /// Lays a batch over what is there.
    pub fn absorb(&mut self, batch: Batch) {
        for write in batch.writes {
            match write {
                Write::Put { table, key, value } => self.pending.insert((table, key), Some(value)),
                Write::Delete { table, key } => self.pending.insert((table, key), None),
            };
        }
    }

    /// How many writes are pending.
    pub fn len(&self) -> usize {
        self.pending.len()
    }

    /// Is nothing pending?
    pub fn is_empty(&self) -> bool {
        self.pending.is_empty()
    }

    /// Everything pending, as one batch to commit.
    pub fn into_batch(self) -> Batch {
        let write = |((table, key), value)| match value {
            Some(value) => Write::Put { table, key, value },
            None => Write::Delete { table, key },
        };
        Batch { writes: self.pending.into_iter().map(write).collect() }
    }

    fn pending_in(
        &self,
        table: Table,
        from: &[u8],
        to: &[u8],
    ) -> impl DoubleEndedIterator<Item = (&Vec<u8>, &Option<Vec<u8>>)> {
        let range = (table, from.to_vec())..(table, to.to_vec());
        let empty = from >= to;
        let range = if empty { (table, from.to_vec())..(table, from.to_vec()) } else { range };
        self.pending.range(range).map(|((_, key), value)| (key, value))
    }
}

impl<S: ReadStore> ReadStore for Overlay<'_, S> {
    fn read(&self, table: Table, key: &[u8]) -> Result<Option<Vec<u8>>, ReadError> {
        match self.pending.get(&(table, key.to_vec())) {
            Some(value) => Ok(value.clone()),
            None => self.store.read(table, key),
        }
    }

    fn range(
        &self,
        table: Table,
        from: &[u8],
        to: &[u8],
        limit: usize,
    ) -> Result<Vec<(Vec<u8>, Vec<u8>)>, ReadError> {
        let deletes = self.pending_in(table, from, to).filter(|(_, value)| value.is_none());
        let fetch = limit.saturating_add(deletes.count());
        let stored = self.store.range(table, from, to, fetch)?;
        // Beyond a full page of stored entries nothing is known: what is pending there waits.
        let known_to = match stored.last() {
            Some((key, _)) if stored.len() == fetch => Some(key.clone()),
            _ => None,
        };
        let mut merged: BTreeMap<Vec<u8>, Vec<u8>> = stored.into_iter().collect();
        for (key, value) in self.pending_in(table, from, to) {
            if known_to.as_ref().is_some_and(|known| key > known) {
                break;
            }
            match value {
                Some(value) => merged.insert(key.clone(), value.clone()),
                None => merged.remove(key),
            };
        }
        Ok(merged.into_iter().take(limit).collect())
    }

    fn last(
        &self,
        table: Table,
        from: &[u8],
        to: &[u8],
    ) -> Result<Option<(Vec<u8>, Vec<u8>)>, ReadError> {
        let mut to = to.to_vec();
        loop {
            let stored = self.store.last(table, from, &to)?;
            let pending = self.pending_in(table, from, &to).next_back();
            let (key, value) = match (stored, pending) {
                (stored, None) => return Ok(stored),
                (Some((key, value)), Some((newer, _))) if key > *newer => {
                    return Ok(Some((key, value)));
                }
                (_, Some((key, value))) => (key.clone(), value.clone()),
            };
            match value {
                Some(value) => return Ok(Some((key, value))),
                None => to = key,
            }
        }
    }
}
