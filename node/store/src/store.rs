//! The store itself: reading, committing, backing up, erasing.

use std::borrow::Cow;
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use node_failpoints::{Point, armed, cross, fails};
use node_replication::store::{Batch, Entry, ReadError, ReadStore, Table, Write};
use rocksdb::checkpoint::Checkpoint;
use rocksdb::{
    BottommostLevelCompaction, ColumnFamily, CompactOptions, DB, FlushOptions, ReadOptions,
    WaitForCompactOptions, WriteBatch,
};

use crate::open::{self, OpenError, Settings};
use crate::seal::{Sealer, StoreKey};

/// A batch was not made durable, and no later one will be.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CommitError {
    /// This write or its sync failed. Whether the batch survives is known after the next start.
    #[error("a write to the store failed, the node must stop")]
    Failed(#[source] rocksdb::Error),
    /// The system gave no randomness to seal with. Nothing of the batch was written.
    #[error("the system gives no randomness, the node must stop")]
    Randomness(#[source] getrandom::Error),
    /// An earlier commit failed.
    #[error("the store takes no more writes after an earlier failure: {0}")]
    Refused(String),
}

/// An erasure did not reach the disk.
#[derive(Debug, thiserror::Error)]
#[error("cannot purge table {}", table.name())]
pub struct PurgeError {
    /// The table to be purged.
    pub table: Table,
    /// What the database said.
    pub source: rocksdb::Error,
}

/// A backup was not taken.
#[derive(Debug, thiserror::Error)]
#[error("cannot back up the store to {}", dir.display())]
pub struct BackupError {
    /// Where to.
    pub dir: PathBuf,
    /// What the database said.
    pub source: rocksdb::Error,
}

/// The tables of one node on disk. Share it by `Arc`; it is closed when the last one drops.
pub struct Store {
    db: DB,
    sealer: Sealer,
    /// The text of the first failure. Held while writing, so that nothing is written after it.
    failure: Mutex<Option<String>>,
}

impl fmt::Debug for Store {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Store").field("dir", &self.db.path()).finish_non_exhaustive()
    }
}

impl Store {
    /// Opens the store in `dir`, creating it if there is none, with the default [`Settings`].
    ///
    /// # Errors
    /// When the folder is in use, belongs to another key or format, or cannot be recovered.
    pub fn open(dir: impl AsRef<Path>, key: StoreKey) -> Result<Self, OpenError> {
        Self::open_with(dir, key, Settings::default())
    }

    /// Opens the store with other limits.
    ///
    /// # Errors
    /// As for [`Store::open`].
    pub fn open_with(
        dir: impl AsRef<Path>,
        key: StoreKey,
        settings: Settings,
    ) -> Result<Self, OpenError> {
        let sealer = Sealer::new(&key);
        let db = open::open(dir.as_ref(), &sealer, settings)?;
        tracing::info!(dir = %dir.as_ref().display(), "store opened");
        Ok(Self { db, sealer, failure: Mutex::new(None) })
    }

    /// Makes a batch durable: when this returns, it survives a power cut.
    ///
    /// # Errors
    /// Fatal. Nothing is accepted afterwards; the process must stop.
    pub fn commit(&self, batch: &Batch) -> Result<(), CommitError> {
        self.commit_all([batch])
    }

    /// Makes several batches durable with one sync, all of them or none.
    ///
    /// # Errors
    /// As for [`Store::commit`].
    pub fn commit_all<'a>(
        &self,
        batches: impl IntoIterator<Item = &'a Batch>,
    ) -> Result<(), CommitError> {
        let sealed = self.sealed(batches);
        let mut failure = self.failure.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(earlier) = failure.as_ref() {
            return Err(CommitError::Refused(earlier.clone()));
        }
        let written = sealed.and_then(|writes| match writes.is_empty() {
            true => Ok(()),
            false => self.written(writes).map_err(CommitError::Failed),
        });
        if let Err(error) = &written {
            let cause = std::error::Error::source(error).map(ToString::to_string);
            *failure = Some(cause.unwrap_or_else(|| error.to_string()));
        }
        written
    }

    /// Writes and syncs, in one step unless a test wants to stop between the two.
    fn written(&self, writes: WriteBatch) -> Result<(), rocksdb::Error> {
        if fails(Point::BeforeBatch) {
            return Err(injected());
        }
        if armed(Point::BatchUnsynced) {
            self.db.write(writes)?;
            cross(Point::BatchUnsynced);
            self.db.flush_wal(true)?;
        } else {
            self.db.write_opt(writes, &open::synced())?;
        }
        if fails(Point::BatchSynced) {
            return Err(injected());
        }
        Ok(())
    }

    /// Copies the committed state into `dir`, which must not exist. On the same disk the table
    /// files are linked, not copied. Sealed values stay sealed: the copy opens with the same key.
    ///
    /// # Errors
    /// When `dir` exists or cannot be written. The store itself is unharmed.
    pub fn checkpoint(&self, dir: impl AsRef<Path>) -> Result<(), BackupError> {
        let dir = dir.as_ref();
        let make = |dir: &Path| Checkpoint::new(&self.db)?.create_checkpoint(dir);
        let staged = match armed(Point::CheckpointStaged) {
            // The database itself begins under this name.
            true => make(&dir.with_extension("tmp")).map(|()| cross(Point::CheckpointStaged)),
            false => Ok(()),
        };
        staged
            .and_then(|()| make(dir))
            .map_err(|source| BackupError { dir: dir.to_path_buf(), source })
    }

    /// Rewrites a table without the deleted and overwritten values, and drops the logs that held
    /// them. Backups keep what they have, and a disk may keep sectors it has given free.
    ///
    /// # Errors
    /// When the values may still be there; try again.
    pub fn purge(&self, table: Table) -> Result<(), PurgeError> {
        self.rewrite(table).map_err(|source| PurgeError { table, source })
    }

    fn rewrite(&self, table: Table) -> Result<(), rocksdb::Error> {
        // A log goes only when no table needs it any more, so all of them are flushed.
        let families: Vec<_> = Table::ALL.into_iter().map(|table| self.family(table)).collect();
        self.db.flush()?;
        self.db.flush_cfs_opt(&families.iter().collect::<Vec<_>>(), &FlushOptions::default())?;
        let mut options = CompactOptions::default();
        options.set_exclusive_manual_compaction(true);
        options.set_bottommost_level_compaction(BottommostLevelCompaction::Force);
        let all = None::<&[u8]>;
        self.db.compact_range_cf_opt(self.family(table), all, all, &options);
        // Compaction returns nothing; a failure in it shows here.
        self.db.wait_for_compact(&WaitForCompactOptions::default())
    }

    /// The bytes that all table files take on disk, without logs.
    ///
    /// # Errors
    /// When the database does not answer.
    pub fn disk_bytes(&self) -> Result<u64, ReadError> {
        let size = |table| {
            let name = rocksdb::properties::TOTAL_SST_FILES_SIZE;
            self.db.property_int_value_cf(self.family(table), name)
        };
        Table::ALL.into_iter().try_fold(0, |sum, table| {
            let bytes = size(table).map_err(|error| ReadError(error.to_string()))?;
            Ok(sum + bytes.unwrap_or(0))
        })
    }

    fn family(&self, table: Table) -> &ColumnFamily {
        self.db.cf_handle(table.name()).expect("every table was opened")
    }

    /// The batches as one, with the values of sealed tables sealed.
    fn sealed<'a>(
        &self,
        batches: impl IntoIterator<Item = &'a Batch>,
    ) -> Result<WriteBatch, CommitError> {
        let mut writes = WriteBatch::default();
        for write in batches.into_iter().flat_map(|batch| &batch.writes) {
            match write {
                Write::Put { table, key, value } => {
                    let value = match table.sealed() {
                        true => Cow::Owned(
                            self.sealer
                                .seal(table.name(), key, value)
                                .map_err(CommitError::Randomness)?,
                        ),
                        false => Cow::Borrowed(value),
                    };
                    writes.put_cf(self.family(*table), key, value.as_slice());
                }
                Write::Delete { table, key } => writes.delete_cf(self.family(*table), key),
            }
        }
        Ok(writes)
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
        let stored = self.db.get_cf(self.family(table), key).map_err(|e| failed(table, &e))?;
        stored.map(|stored| self.opened(table, key, stored)).transpose()
    }

    fn range(
        &self,
        table: Table,
        from: &[u8],
        to: &[u8],
        limit: usize,
    ) -> Result<Vec<Entry>, ReadError> {
        let mut entries = Vec::new();
        if from >= to {
            return Ok(entries);
        }
        let mut cursor = self.db.raw_iterator_cf_opt(self.family(table), within(from, to));
        cursor.seek(from);
        while entries.len() < limit
            && let Some((key, stored)) = cursor.item()
        {
            entries.push((key.to_vec(), self.opened(table, key, stored.to_vec())?));
            cursor.next();
        }
        cursor.status().map_err(|e| failed(table, &e))?;
        Ok(entries)
    }

    fn last(&self, table: Table, from: &[u8], to: &[u8]) -> Result<Option<Entry>, ReadError> {
        if from >= to {
            return Ok(None);
        }
        let mut cursor = self.db.raw_iterator_cf_opt(self.family(table), within(from, to));
        cursor.seek_to_last();
        let Some((key, stored)) = cursor.item() else {
            return cursor.status().map(|()| None).map_err(|e| failed(table, &e));
        };
        Ok(Some((key.to_vec(), self.opened(table, key, stored.to_vec())?)))
    }
}

/// An error of the database's own making: it lets nobody else make one.
fn injected() -> rocksdb::Error {
    let nowhere = DB::list_cf(&rocksdb::Options::default(), "/dev/null/nowhere");
    nowhere.expect_err("no database lies there")
}

fn within(from: &[u8], to: &[u8]) -> ReadOptions {
    let mut options = ReadOptions::default();
    options.set_iterate_lower_bound(from);
    options.set_iterate_upper_bound(to);
    options
}

fn failed(table: Table, error: &rocksdb::Error) -> ReadError {
    ReadError(format!("table {}: {error}", table.name()))
}
