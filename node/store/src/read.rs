//! Reading: what is committed, or what was at one moment while others go on writing.

use std::fmt;
use std::sync::{PoisonError, RwLockReadGuard};

use node_replication::store::{Entry, ReadError, ReadStore, Table};
use rocksdb::{DBRawIterator, ReadOptions};

use crate::store::Store;

/// A store as it was at one moment. It waits for nobody who writes, and nobody waits for it but
/// [`Store::purge`].
pub struct Snapshot<'a> {
    store: &'a Store,
    taken: rocksdb::Snapshot<'a>,
    _open: RwLockReadGuard<'a, ()>,
}

impl fmt::Debug for Snapshot<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Snapshot({})", self.taken.sequence_number())
    }
}

impl Store {
    /// What is committed now, for as long as it is looked at.
    #[must_use]
    pub fn snapshot(&self) -> Snapshot<'_> {
        let open = self.snapshots.read().unwrap_or_else(PoisonError::into_inner);
        Snapshot { store: self, taken: self.db.snapshot(), _open: open }
    }

    fn value(
        &self,
        table: Table,
        key: &[u8],
        stored: Result<Option<Vec<u8>>, rocksdb::Error>,
    ) -> Result<Option<Vec<u8>>, ReadError> {
        let stored = stored.map_err(|error| failed(table, &error))?;
        stored.map(|stored| self.opened(table, key, stored)).transpose()
    }

    fn entries(
        &self,
        table: Table,
        mut cursor: DBRawIterator<'_>,
        limit: usize,
    ) -> Result<Vec<Entry>, ReadError> {
        let mut entries = Vec::new();
        cursor.seek_to_first();
        while entries.len() < limit
            && let Some((key, stored)) = cursor.item()
        {
            entries.push((key.to_vec(), self.opened(table, key, stored.to_vec())?));
            cursor.next();
        }
        cursor.status().map_err(|error| failed(table, &error))?;
        Ok(entries)
    }

    fn last_entry(
        &self,
        table: Table,
        mut cursor: DBRawIterator<'_>,
    ) -> Result<Option<Entry>, ReadError> {
        cursor.seek_to_last();
        let Some((key, stored)) = cursor.item() else {
            return cursor.status().map(|()| None).map_err(|error| failed(table, &error));
        };
        Ok(Some((key.to_vec(), self.opened(table, key, stored.to_vec())?)))
    }

    fn opened(&self, table: Table, key: &[u8], stored: Vec<u8>) -> Result<Vec<u8>, ReadError> {
        if !table.sealed() {
            return Ok(stored);
        }
        self.sealer
            .open(table.name(), key, &stored)
            .map_err(|broken| ReadError(format!("table {}: {broken}", table.name())))
    }
}

impl ReadStore for Store {
    fn read(&self, table: Table, key: &[u8]) -> Result<Option<Vec<u8>>, ReadError> {
        self.value(table, key, self.db.get_cf(self.family(table), key))
    }

    fn range(
        &self,
        table: Table,
        from: &[u8],
        to: &[u8],
        limit: usize,
    ) -> Result<Vec<Entry>, ReadError> {
        let Some(within) = within(from, to) else { return Ok(Vec::new()) };
        self.entries(table, self.db.raw_iterator_cf_opt(self.family(table), within), limit)
    }

    fn last(&self, table: Table, from: &[u8], to: &[u8]) -> Result<Option<Entry>, ReadError> {
        let Some(within) = within(from, to) else { return Ok(None) };
        self.last_entry(table, self.db.raw_iterator_cf_opt(self.family(table), within))
    }
}

impl ReadStore for Snapshot<'_> {
    fn read(&self, table: Table, key: &[u8]) -> Result<Option<Vec<u8>>, ReadError> {
        self.store.value(table, key, self.taken.get_cf(self.store.family(table), key))
    }

    fn range(
        &self,
        table: Table,
        from: &[u8],
        to: &[u8],
        limit: usize,
    ) -> Result<Vec<Entry>, ReadError> {
        let Some(within) = within(from, to) else { return Ok(Vec::new()) };
        let cursor = self.taken.raw_iterator_cf_opt(self.store.family(table), within);
        self.store.entries(table, cursor, limit)
    }

    fn last(&self, table: Table, from: &[u8], to: &[u8]) -> Result<Option<Entry>, ReadError> {
        let Some(within) = within(from, to) else { return Ok(None) };
        let cursor = self.taken.raw_iterator_cf_opt(self.store.family(table), within);
        self.store.last_entry(table, cursor)
    }
}

/// Keys from one to below another; none if no key lies there.
fn within(from: &[u8], to: &[u8]) -> Option<ReadOptions> {
    (from < to).then(|| {
        let mut options = ReadOptions::default();
        options.set_iterate_lower_bound(from);
        options.set_iterate_upper_bound(to);
        options
    })
}

fn failed(table: Table, error: &rocksdb::Error) -> ReadError {
    ReadError(format!("table {}: {error}", table.name()))
}
