//! The store itself: committing, backing up, erasing. Reading it is in `read.rs`.

use std::borrow::Cow;
use std::fmt;
use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError, RwLock};
use std::time::{Duration, Instant};

use node_failpoints::{Point, armed, cross, fails};
use node_replication::store::{Batch, ReadError, Table, Write};
use rocksdb::checkpoint::Checkpoint;
use rocksdb::{
    BottommostLevelCompaction, ColumnFamily, CompactOptions, DB, FlushOptions,
    WaitForCompactOptions, WriteBatch,
};

use crate::failure::{BackupError, CommitError, PurgeError};
use crate::open::{self, Damages, OpenError, Opened, STAMP_KEY, Settings, UNCERTAINTY_KEY};
use crate::past::{Past, StoreId, Trail};
use crate::seal::{Sealer, StoreKey};

/// How long a store that nobody writes to is not asked whether its disk takes writes.
const PROBE: Duration = Duration::from_secs(5);

/// The tables of one node on disk. Share it by `Arc`; it is closed when the last one drops.
pub struct Store {
    pub(crate) db: DB,
    pub(crate) sealer: Sealer,
    /// Held shared by each snapshot.
    pub(crate) snapshots: RwLock<()>,
    past: Past,
    id: StoreId,
    tip: Mutex<Tip>,
}

/// Where the commits stand. Held while writing.
struct Tip {
    /// The text of the first failure: nothing is written after it.
    failure: Option<String>,
    trail: Trail,
    marked: Instant,
}

impl fmt::Debug for Store {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Store").field("dir", &self.db.path()).finish_non_exhaustive()
    }
}

impl Store {
    /// Creates a store in `dir`, where nothing may lie yet.
    ///
    /// # Errors
    /// When something lies there, or it cannot be written.
    pub fn create(
        dir: impl AsRef<Path>,
        key: &StoreKey,
        settings: &Settings,
    ) -> Result<Self, OpenError> {
        let sealer = Sealer::new(key);
        let opened = open::create(dir.as_ref(), &sealer, settings)?;
        Self::of(opened, sealer)
    }

    /// Opens the store in `dir`; the one that is `expected`, if anybody knows which it must be.
    ///
    /// # Errors
    /// When there is none, when it is in use, not whole, damaged, or not this one. Nothing was
    /// changed then.
    pub fn open(
        dir: impl AsRef<Path>,
        key: &StoreKey,
        expected: Option<StoreId>,
        settings: &Settings,
    ) -> Result<Self, OpenError> {
        let sealer = Sealer::new(key);
        let opened = open::open(dir.as_ref(), &sealer, expected, settings, Damages::Refuse)?;
        Self::of(opened, sealer)
    }

    /// Opens a store whose logs are damaged, with the commits up to the damage. The others are
    /// lost here: keep a copy of the folder. Its past is then uncertain.
    ///
    /// # Errors
    /// As for [`Store::open`], and when other files are damaged than the write-ahead logs.
    pub fn salvage(
        dir: impl AsRef<Path>,
        key: &StoreKey,
        expected: Option<StoreId>,
        settings: &Settings,
    ) -> Result<Self, OpenError> {
        let sealer = Sealer::new(key);
        let opened = open::open(dir.as_ref(), &sealer, expected, settings, Damages::Salvage)?;
        Self::of(opened, sealer)
    }

    /// A store whose last stamp is one that no copy of it has. An uncertainty is written down
    /// before the witness can confirm that stamp.
    fn of(opened: Opened, sealer: Sealer) -> Result<Self, OpenError> {
        let Opened { db, trail, past } = opened;
        let dir = db.path().to_path_buf();
        let tip = Tip { failure: None, trail, marked: Instant::now() };
        let id = tip.trail.store;
        let store =
            Self { id, db, sealer, snapshots: RwLock::default(), past, tip: Mutex::new(tip) };
        let mut tip = store.tip();
        let mut first = WriteBatch::default();
        if let Past::Uncertain(uncertainty) = past {
            first.put(UNCERTAINTY_KEY, uncertainty.to_bytes());
        }
        let stamped = store.stamped(&mut tip, first);
        stamped.and_then(|()| tip.mark()).map_err(|error| OpenError::first_write(&dir, error))?;
        drop(tip);
        tracing::info!(dir = %dir.display(), ?past, "store opened");
        Ok(store)
    }

    /// Commits what a life begins with that repeats nothing of the ones before. A store of an
    /// uncertain past stays uncertain, over any number of starts, until then.
    ///
    /// # Errors
    /// As for [`Store::commit`].
    pub fn begin_life(&self, batch: &Batch) -> Result<(), CommitError> {
        let mut writes = self.sealed([batch])?;
        writes.delete(UNCERTAINTY_KEY);
        let mut tip = self.tip();
        tip.refuse_after_failure()?;
        self.stamped(&mut tip, writes).inspect_err(|error| tip.fail(error))
    }

    /// Its name.
    #[must_use]
    pub const fn id(&self) -> StoreId {
        self.id
    }

    /// Did it hold everything that it ever acknowledged, when it was opened?
    #[must_use]
    pub const fn past(&self) -> Past {
        self.past
    }

    /// How many commits led to it.
    #[must_use]
    pub fn commits(&self) -> u64 {
        self.tip().trail.commits()
    }

    fn tip(&self) -> MutexGuard<'_, Tip> {
        self.tip.lock().unwrap_or_else(PoisonError::into_inner)
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
        let mut tip = self.tip();
        tip.refuse_after_failure()?;
        let written = sealed.and_then(|writes| match writes.is_empty() {
            true => Ok(()),
            false => self.stamped(&mut tip, writes),
        });
        written.inspect_err(|error| tip.fail(error))
    }

    /// Notes beside the store how far it got, if it got on, and else now and then: that tells
    /// whether the disk still takes writes. To be called about once a second.
    ///
    /// # Errors
    /// Fatal, as for [`Store::commit`].
    pub fn settle(&self) -> Result<(), CommitError> {
        let mut tip = self.tip();
        tip.refuse_after_failure()?;
        if tip.trail.is_marked() && tip.marked.elapsed() < PROBE {
            return Ok(());
        }
        tip.mark().inspect_err(|error| tip.fail(error))
    }

    /// Writes with a stamp of their own, and lets the witness see it.
    fn stamped(&self, tip: &mut Tip, mut writes: WriteBatch) -> Result<(), CommitError> {
        let stamp = tip.trail.next().map_err(CommitError::Randomness)?;
        writes.put(STAMP_KEY, stamp.to_bytes());
        self.written(writes).map_err(CommitError::Failed)?;
        tip.trail.committed(stamp);
        Ok(())
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
    /// them. Backups keep what they have, and a disk may keep sectors it has given free. It waits
    /// until no [`Snapshot`](crate::Snapshot) is open.
    ///
    /// # Errors
    /// When the values may still be there; try again.
    pub fn purge(&self, table: Table) -> Result<(), PurgeError> {
        // What a snapshot sees is kept, deleted or not.
        let _none = self.snapshots.write().unwrap_or_else(PoisonError::into_inner);
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

    pub(crate) fn family(&self, table: Table) -> &ColumnFamily {
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
}

impl Tip {
    fn refuse_after_failure(&self) -> Result<(), CommitError> {
        match &self.failure {
            Some(earlier) => Err(CommitError::Refused(earlier.clone())),
            None => Ok(()),
        }
    }

    fn fail(&mut self, error: &CommitError) {
        let cause = std::error::Error::source(error).map(ToString::to_string);
        self.failure = Some(cause.unwrap_or_else(|| error.to_string()));
    }

    fn mark(&mut self) -> Result<(), CommitError> {
        self.marked = Instant::now();
        self.trail.mark().map_err(|error| CommitError::Unmarked(error.into()))
    }
}

impl Drop for Store {
    fn drop(&mut self) {
        let mut tip = self.tip();
        if tip.failure.is_none()
            && !tip.trail.is_marked()
            && let Err(error) = tip.trail.mark()
        {
            tracing::warn!(%error, "the last commit is durable, and not noted beside the store");
        }
    }
}

/// An error of the database's own making: it lets nobody else make one.
fn injected() -> rocksdb::Error {
    let nowhere = DB::list_cf(&rocksdb::Options::default(), "/dev/null/nowhere");
    nowhere.expect_err("no database lies there")
}
