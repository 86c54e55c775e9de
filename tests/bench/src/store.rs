//! Where a replica's tables lie, in memory or on disk, and a count of what is done to them.

use std::cell::Cell;
use std::iter::Sum;

use anyhow::Result;
use node_replication::store::{Batch, Entry, MemStore, ReadError, ReadStore, Table, Write};

/// Tables that take batches.
pub(crate) trait BenchStore: ReadStore + Sized {
    /// Empty tables.
    fn fresh() -> Result<Self>;
    /// Takes a batch. When this returns, frames that rest on it may leave.
    fn commit(&mut self, batch: &Batch) -> Result<()>;
}

impl BenchStore for MemStore {
    fn fresh() -> Result<Self> {
        Ok(Self::default())
    }
    fn commit(&mut self, batch: &Batch) -> Result<()> {
        self.apply(batch);
        Ok(())
    }
}

/// The store that is shipped: RocksDB, sealed values, every batch synced.
#[cfg(feature = "disk")]
#[derive(Debug)]
pub(crate) struct OnDisk {
    store: node_store::Store,
    _dir: Option<tempfile::TempDir>,
}

#[cfg(feature = "disk")]
impl OnDisk {
    /// A store that outlives this process.
    pub(crate) fn at(place: &std::path::Path) -> Result<Counting<Self>> {
        let inner = Self { store: open(place)?, _dir: None };
        Ok(Counting { inner, counts: Cell::default() })
    }
}

#[cfg(feature = "disk")]
fn open(place: &std::path::Path) -> Result<node_store::Store> {
    let key = node_store::StoreKey::new([7; 32]);
    let settings = node_store::Settings::default();
    Ok(match place.exists() {
        true => node_store::Store::open(place, &key, None, &settings)?,
        false => node_store::Store::create(place, &key, &settings)?,
    })
}

/// A folder on the disk that is measured: `BENCH_DIR`, or the system's place for such.
#[cfg(feature = "disk")]
pub(crate) fn folder() -> Result<tempfile::TempDir> {
    let place = std::env::var_os("BENCH_DIR").map_or_else(std::env::temp_dir, Into::into);
    std::fs::create_dir_all(&place)?;
    Ok(tempfile::TempDir::with_prefix_in("bench-", place)?)
}

#[cfg(feature = "disk")]
impl BenchStore for OnDisk {
    fn fresh() -> Result<Self> {
        let dir = folder()?;
        Ok(Self { store: open(&dir.path().join("store"))?, _dir: Some(dir) })
    }
    fn commit(&mut self, batch: &Batch) -> Result<()> {
        Ok(self.store.commit(batch)?)
    }
}

#[cfg(feature = "disk")]
impl ReadStore for OnDisk {
    fn read(&self, table: Table, key: &[u8]) -> Result<Option<Vec<u8>>, ReadError> {
        self.store.read(table, key)
    }
    fn range(
        &self,
        table: Table,
        from: &[u8],
        to: &[u8],
        limit: usize,
    ) -> Result<Vec<Entry>, ReadError> {
        self.store.range(table, from, to, limit)
    }
    fn last(&self, table: Table, from: &[u8], to: &[u8]) -> Result<Option<Entry>, ReadError> {
        self.store.last(table, from, to)
    }
}

/// What was done to a store.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct StoreCounts {
    /// Calls that read: single keys, ranges, last entries.
    pub(crate) reads: u64,
    /// Entries that ranges gave.
    pub(crate) entries: u64,
    /// Keys written or deleted.
    pub(crate) writes: u64,
    /// Batches that were not empty.
    pub(crate) commits: u64,
    /// Bytes of the keys and values written.
    pub(crate) bytes: u64,
}

impl Sum for StoreCounts {
    fn sum<I: Iterator<Item = Self>>(all: I) -> Self {
        all.fold(Self::default(), |sum, one| Self {
            reads: sum.reads + one.reads,
            entries: sum.entries + one.entries,
            writes: sum.writes + one.writes,
            commits: sum.commits + one.commits,
            bytes: sum.bytes + one.bytes,
        })
    }
}

fn size(write: &Write) -> u64 {
    let bytes = match write {
        Write::Put { key, value, .. } => key.len() + value.len(),
        Write::Delete { key, .. } => key.len(),
    };
    bytes as u64
}

/// A store that counts.
#[derive(Debug)]
pub(crate) struct Counting<S> {
    pub(crate) inner: S,
    counts: Cell<StoreCounts>,
}

impl<S: BenchStore> Counting<S> {
    pub(crate) fn fresh() -> Result<Self> {
        Ok(Self::over(S::fresh()?))
    }

    pub(crate) fn over(inner: S) -> Self {
        Self { inner, counts: Cell::default() }
    }

    pub(crate) fn commit(&mut self, batch: &Batch) -> Result<()> {
        if !batch.is_empty() {
            self.count(|s| {
                s.writes += batch.writes.len() as u64;
                s.commits += 1;
                s.bytes += batch.writes.iter().map(size).sum::<u64>();
            });
        }
        self.inner.commit(batch)
    }

    /// What was counted since the last call.
    pub(crate) fn take_counts(&self) -> StoreCounts {
        self.counts.take()
    }

    fn count(&self, add: impl FnOnce(&mut StoreCounts)) {
        let mut counts = self.counts.get();
        add(&mut counts);
        self.counts.set(counts);
    }
}

impl<S: BenchStore> ReadStore for Counting<S> {
    fn read(&self, table: Table, key: &[u8]) -> Result<Option<Vec<u8>>, ReadError> {
        self.count(|s| s.reads += 1);
        self.inner.read(table, key)
    }
    fn range(
        &self,
        table: Table,
        from: &[u8],
        to: &[u8],
        limit: usize,
    ) -> Result<Vec<Entry>, ReadError> {
        let entries = self.inner.range(table, from, to, limit)?;
        self.count(|s| {
            s.reads += 1;
            s.entries += entries.len() as u64;
        });
        Ok(entries)
    }
    fn last(&self, table: Table, from: &[u8], to: &[u8]) -> Result<Option<Entry>, ReadError> {
        self.count(|s| s.reads += 1);
        self.inner.last(table, from, to)
    }
}
