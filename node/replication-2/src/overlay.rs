//! Reads through writes that are not durable yet, so that many steps share one sync.

use std::collections::BTreeMap;
use std::ops::Bound::{Excluded, Included};

use crate::store::{Batch, ReadError, ReadStore, Table, Write};

/// What is pending in one table: a value, or none where the key is deleted.
type Pending = BTreeMap<Vec<u8>, Option<Vec<u8>>>;

/// A store with pending writes laid over it: group commit without a second kind of read.
#[derive(Debug)]
pub struct Overlay<'a, S> {
    store: &'a S,
    pending: BTreeMap<Table, Pending>,
}

impl<'a, S: ReadStore> Overlay<'a, S> {
    /// Nothing pending.
    pub fn new(store: &'a S) -> Self {
        Self { store, pending: BTreeMap::new() }
    }

    /// Lays a batch over what is there.
    pub fn absorb(&mut self, batch: Batch) {
        batch.writes.into_iter().for_each(|write| self.lay(write));
    }

    /// Lays one write over what is there.
    pub(crate) fn lay(&mut self, write: Write) {
        let (table, key, value) = match write {
            Write::Put { table, key, value } => (table, key, Some(value)),
            Write::Delete { table, key } => (table, key, None),
        };
        self.pending.entry(table).or_default().insert(key, value);
    }

    /// How many writes are pending.
    pub fn len(&self) -> usize {
        self.pending.values().map(BTreeMap::len).sum()
    }

    /// Is nothing pending?
    pub fn is_empty(&self) -> bool {
        self.pending.is_empty()
    }

    /// Everything pending, as one batch to commit.
    pub fn into_batch(self) -> Batch {
        let mut writes = Vec::with_capacity(self.len());
        for (table, pending) in self.pending {
            writes.extend(pending.into_iter().map(|(key, value)| match value {
                Some(value) => Write::Put { table, key, value },
                None => Write::Delete { table, key },
            }));
        }
        Batch { writes }
    }

    fn pending_in<'k>(
        &'k self,
        table: Table,
        from: &'k [u8],
        to: &'k [u8],
    ) -> impl DoubleEndedIterator<Item = (&'k Vec<u8>, &'k Option<Vec<u8>>)> + Clone {
        // A map panics on a range that ends before it begins.
        let range = (Included(from), Excluded(to.max(from)));
        let within = |pending: &'k Pending| pending.range::<[u8], _>(range);
        self.pending.get(&table).filter(|_| from < to).map(within).into_iter().flatten()
    }
}

impl<S: ReadStore> ReadStore for Overlay<'_, S> {
    fn read(&self, table: Table, key: &[u8]) -> Result<Option<Vec<u8>>, ReadError> {
        match self.pending.get(&table).and_then(|pending| pending.get(key)) {
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
        let pending = self.pending_in(table, from, to);
        if pending.clone().next().is_none() {
            return self.store.range(table, from, to, limit);
        }
        let deletes = pending.clone().filter(|(_, value)| value.is_none());
        let fetch = limit.saturating_add(deletes.count());
        let stored = self.store.range(table, from, to, fetch)?;
        // Beyond a full page of stored entries nothing is known: what is pending there waits.
        let known_to = match stored.last() {
            Some((key, _)) if stored.len() == fetch => Some(key.clone()),
            _ => None,
        };
        let mut merged: BTreeMap<Vec<u8>, Vec<u8>> = stored.into_iter().collect();
        for (key, value) in pending {
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
