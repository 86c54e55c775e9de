//! Opening a data folder: the lock, the format, the key, and how much memory it may take.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use node_failpoints::{Point, cross};
use node_replication::store::Table;
use rocksdb::{
    BlockBasedOptions, Cache, ColumnFamilyDescriptor, DB, DBCompressionType, DBRecoveryMode,
    DEFAULT_COLUMN_FAMILY_NAME, IteratorMode, LogLevel, Options, WriteOptions,
};

use crate::seal::Sealer;

/// The version of the layout on disk that this build reads and writes.
pub const FORMAT: u32 = 1;

/// The store's own facts lie in RocksDB's default column family, out of reach of batches.
const FORMAT_KEY: &[u8] = b"format";
const KEY_CHECK_KEY: &[u8] = b"key-check";
const KEY_CHECK_TEXT: &[u8] = b"gongzhi store";

/// How much of the machine the store may use. The defaults suit an office PC.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Settings {
    /// Blocks read from disk and their indexes, over all tables together. Default 64 MiB: a
    /// community's working set.
    pub cache_bytes: usize,
    /// Writes not yet in a table file, over all tables together. Default 32 MiB: with the cache
    /// it bounds the store's memory near 100 MiB.
    pub write_buffer_bytes: usize,
    /// Files held open. Default 256, below the usual limit of 1024 per process.
    pub open_files: u16,
    /// Threads that flush and compact. Default 2, so that a clerk's other programs keep running.
    pub background_jobs: u8,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            cache_bytes: 64 << 20,
            write_buffer_bytes: 32 << 20,
            open_files: 256,
            background_jobs: 2,
        }
    }
}

/// Why a data folder was not opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// Another process, or another part of this one, has it open.
    #[error("data folder is in use: {}", dir.display())]
    InUse {
        /// The data folder.
        dir: PathBuf,
    },
    /// It was created with another key than the one given.
    #[error("data folder belongs to another key: {}", dir.display())]
    WrongKey {
        /// The data folder.
        dir: PathBuf,
    },
    /// It has another layout than this build knows.
    #[error("data folder has format {found}, this build reads {FORMAT}: {}", dir.display())]
    Format {
        /// The data folder.
        dir: PathBuf,
        /// The version it says it has.
        found: u32,
    },
    /// It holds a table this build does not know: a newer build wrote it.
    #[error("data folder holds an unknown table {name:?}: {}", dir.display())]
    UnknownTable {
        /// The data folder.
        dir: PathBuf,
        /// The table's name.
        name: String,
    },
    /// It is a database of something else, or its first facts are gone.
    #[error("not a data folder of this program: {}", dir.display())]
    Foreign {
        /// The data folder.
        dir: PathBuf,
    },
    /// The folder cannot be created or read.
    #[error("cannot use data folder {}", dir.display())]
    Folder {
        /// The data folder.
        dir: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The database cannot be recovered or read.
    #[error("cannot open the database in {}", dir.display())]
    Database {
        /// The data folder.
        dir: PathBuf,
        /// What the database said.
        source: rocksdb::Error,
    },
    /// The system gives no randomness to seal with.
    #[error("the system gives no randomness")]
    Randomness(#[source] getrandom::Error),
}

/// Opens or creates the database in `dir` and checks that it is ours.
pub(crate) fn open(dir: &Path, sealer: &Sealer, settings: Settings) -> Result<DB, OpenError> {
    create_folder(dir).map_err(|source| OpenError::Folder { dir: dir.to_path_buf(), source })?;
    refuse_unknown_tables(dir)?;

    let cache = Cache::new_lru_cache(settings.cache_bytes);
    let tables = Table::ALL.iter().map(|table| {
        ColumnFamilyDescriptor::new(table.name(), table_options(&cache, table.sealed(), settings))
    });
    let own = ColumnFamilyDescriptor::new(
        DEFAULT_COLUMN_FAMILY_NAME,
        table_options(&cache, true, settings),
    );
    let db = DB::open_cf_descriptors(&database_options(settings), dir, tables.chain([own]))
        .map_err(|source| refusal(dir, source))?;
    check_or_found(&db, dir, sealer)?;
    Ok(db)
}

/// Creates the folder for its owner alone, durably.
fn create_folder(dir: &Path) -> io::Result<()> {
    if dir.is_dir() {
        return Ok(());
    }
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(dir)?;
    // Without this a power cut could take the folder, and every commit in it.
    match dir.canonicalize()?.parent() {
        Some(parent) if cfg!(unix) => File::open(parent)?.sync_all(),
        _ => Ok(()),
    }
}

fn refuse_unknown_tables(dir: &Path) -> Result<(), OpenError> {
    if !dir.join("CURRENT").exists() {
        return Ok(());
    }
    let names = DB::list_cf(&Options::default(), dir).map_err(|source| refusal(dir, source))?;
    let known = |name: &String| {
        name == DEFAULT_COLUMN_FAMILY_NAME || Table::ALL.iter().any(|table| table.name() == name)
    };
    match names.into_iter().find(|name| !known(name)) {
        Some(name) => Err(OpenError::UnknownTable { dir: dir.to_path_buf(), name }),
        None => Ok(()),
    }
}

fn database_options(settings: Settings) -> Options {
    let mut options = Options::default();
    options.create_if_missing(true);
    options.create_missing_column_families(true);
    // Recovery stops at the first damage in the log: what is there is a prefix of the commits,
    // never one with holes. A log that is missing, or shorter than was synced, is an error.
    options.set_wal_recovery_mode(DBRecoveryMode::PointInTime);
    options.set_track_and_verify_wals_in_manifest(true);
    options.set_paranoid_checks(true);
    options.set_db_write_buffer_size(settings.write_buffer_bytes);
    // Bounds how long the recovery after a crash takes.
    options.set_max_total_wal_size(2 * settings.write_buffer_bytes as u64);
    options.set_max_open_files(settings.open_files.into());
    options.set_max_background_jobs(settings.background_jobs.into());
    options.set_bytes_per_sync(1 << 20);
    options.set_log_level(LogLevel::Warn);
    options.set_max_log_file_size(1 << 20);
    options.set_keep_log_file_num(4);
    options
}

fn table_options(cache: &Cache, sealed: bool, settings: Settings) -> Options {
    let mut blocks = BlockBasedOptions::default();
    blocks.set_block_cache(cache);
    // Indexes and filters count against the cache, or memory would grow with the data.
    blocks.set_cache_index_and_filter_blocks(true);
    blocks.set_pin_l0_filter_and_index_blocks_in_cache(true);
    blocks.set_bloom_filter(10.0, false);

    let mut options = Options::default();
    options.set_block_based_table_factory(&blocks);
    options.set_write_buffer_size(settings.write_buffer_bytes / 4);
    // Sealed bytes do not compress.
    options.set_compression_type(match sealed {
        true => DBCompressionType::None,
        false => DBCompressionType::Lz4,
    });
    options
}

fn refusal(dir: &Path, source: rocksdb::Error) -> OpenError {
    let dir = dir.to_path_buf();
    // RocksDB has no error kind for its lock; these are its texts on Unix (another process, this
    // process) and on Windows.
    let lock = ["While lock file", "lock hold by current process", "Failed to create lock file"];
    if lock.iter().any(|text| source.as_ref().contains(text)) {
        return OpenError::InUse { dir };
    }
    OpenError::Database { dir, source }
}

/// Checks format and key of a folder that has them; gives both to an empty one.
fn check_or_found(db: &DB, dir: &Path, sealer: &Sealer) -> Result<(), OpenError> {
    let dir = dir.to_path_buf();
    let fact =
        |key: &[u8]| db.get(key).map_err(|source| OpenError::Database { dir: dir.clone(), source });
    let Some(format) = fact(FORMAT_KEY)? else {
        if !is_empty(db) {
            return Err(OpenError::Foreign { dir });
        }
        cross(Point::StoreCreated);
        return found(db, dir, sealer);
    };
    let Ok(format) = <[u8; 4]>::try_from(format) else {
        return Err(OpenError::Foreign { dir });
    };
    let found = u32::from_be_bytes(format);
    if found != FORMAT {
        return Err(OpenError::Format { dir, found });
    }
    let Some(check) = fact(KEY_CHECK_KEY)? else {
        return Err(OpenError::Foreign { dir });
    };
    match sealer.open(DEFAULT_COLUMN_FAMILY_NAME, KEY_CHECK_KEY, &check) {
        Ok(text) if text == KEY_CHECK_TEXT => Ok(()),
        _ => Err(OpenError::WrongKey { dir }),
    }
}

fn is_empty(db: &DB) -> bool {
    let families = Table::ALL.iter().filter_map(|table| db.cf_handle(table.name()));
    let mut entries = families.map(|family| db.iterator_cf(family, IteratorMode::Start).next());
    entries.all(|first| first.is_none()) && db.iterator(IteratorMode::Start).next().is_none()
}

fn found(db: &DB, dir: PathBuf, sealer: &Sealer) -> Result<(), OpenError> {
    let check = sealer
        .seal(DEFAULT_COLUMN_FAMILY_NAME, KEY_CHECK_KEY, KEY_CHECK_TEXT)
        .map_err(OpenError::Randomness)?;
    let mut facts = rocksdb::WriteBatch::default();
    facts.put(FORMAT_KEY, FORMAT.to_be_bytes());
    facts.put(KEY_CHECK_KEY, check);
    db.write_opt(facts, &synced()).map_err(|source| OpenError::Database { dir, source })?;
    cross(Point::StoreFounded);
    Ok(())
}

/// Every write of the store waits for the disk.
pub(crate) fn synced() -> WriteOptions {
    let mut options = WriteOptions::default();
    options.set_sync(true);
    options
}
