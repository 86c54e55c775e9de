//! Opening a store: the lock, the logs, the format, the key, whose it is, and how much memory it
//! may take. Only [`create`] makes one; opening changes nothing until all of that was judged.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use node_failpoints::{Point, cross};
use node_replication::store::Table;
use rocksdb::{
    BlockBasedOptions, Cache, ColumnFamilyDescriptor, DB, DBCompressionType, DBRecoveryMode,
    DEFAULT_COLUMN_FAMILY_NAME, ErrorKind, LogLevel, Options, WriteOptions,
};

use crate::failure::CommitError;
use crate::log::{self, Damage, Logs};
use crate::past::{MEMORY, Past, Stamp, StoreId, Trail, Uncertainty, Watermark};
use crate::seal::Sealer;

/// The version of the layout on disk that this build reads and writes.
pub const FORMAT: u32 = 4;

/// The store's own facts lie in RocksDB's default column family, out of reach of batches.
const FORMAT_KEY: &[u8] = b"format";
const KEY_CHECK_KEY: &[u8] = b"key-check";
const KEY_CHECK_TEXT: &[u8] = b"gongzhi store";
const ID_KEY: &[u8] = b"id";
pub(crate) const STAMP_KEY: &[u8] = b"stamp";
/// Why the past is uncertain, until a new life has begun.
pub(crate) const UNCERTAINTY_KEY: &[u8] = b"doubt";

/// How much of the machine the store may use. The defaults suit an office PC.
#[derive(Debug, Clone, PartialEq, Eq)]
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
    /// A folder in memory for the witness of the last write. Default [`MEMORY`].
    pub memory: Option<PathBuf>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            cache_bytes: 64 << 20,
            write_buffer_bytes: 32 << 20,
            open_files: 256,
            background_jobs: 2,
            memory: Some(MEMORY.into()),
        }
    }
}

/// Why a store was not opened. It is as it was before.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// Another process, or another part of this one, has it open.
    #[error("data folder is in use: {}", dir.display())]
    InUse {
        /// The store.
        dir: PathBuf,
    },
    /// It was created with another key than the one given.
    #[error("data folder belongs to another key: {}", dir.display())]
    WrongKey {
        /// The store.
        dir: PathBuf,
    },
    /// It has another layout than this build knows.
    #[error("data folder has format {found}, this build reads {FORMAT}: {}", dir.display())]
    Format {
        /// The store.
        dir: PathBuf,
        /// The version it says it has.
        found: u32,
    },
    /// It holds a table this build does not know: a newer build wrote it.
    #[error("data folder holds an unknown table {name:?}: {}", dir.display())]
    UnknownTable {
        /// The store.
        dir: PathBuf,
        /// The table's name.
        name: String,
    },
    /// It is a database of something else, or its first facts are gone.
    #[error("not a data folder of this program: {}", dir.display())]
    Foreign {
        /// The store.
        dir: PathBuf,
    },
    /// It is another store of the same key.
    #[error("{} holds store {found}, not {expected}", dir.display())]
    OtherStore {
        /// The store.
        dir: PathBuf,
        /// Which it is.
        found: StoreId,
        /// Which it should be.
        expected: StoreId,
    },
    /// There is none.
    #[error("there is no store in {}", dir.display())]
    Missing {
        /// Where it should be.
        dir: PathBuf,
    },
    /// Something lies there already, where one is to be created.
    #[error("{} exists already", dir.display())]
    Exists {
        /// What lies there.
        dir: PathBuf,
    },
    /// A file without which it is none is gone; others are there.
    #[error("the store in {} is not whole: {file} is missing", dir.display())]
    Partial {
        /// The store.
        dir: PathBuf,
        /// The file's name.
        file: &'static str,
    },
    /// A log is not what was written: the commits behind the place cannot be read.
    #[error("the store in {} is damaged", dir.display())]
    Damaged {
        /// The store.
        dir: PathBuf,
        /// Where.
        source: Damage,
    },
    /// A file of it is not what was written, says the database.
    #[error("the store in {} is damaged", dir.display())]
    Corrupt {
        /// The store.
        dir: PathBuf,
        /// What the database said.
        source: rocksdb::Error,
    },
    /// The folder cannot be created or read.
    #[error("cannot use data folder {}", dir.display())]
    Folder {
        /// The store.
        dir: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The database cannot be recovered or read.
    #[error("cannot open the database in {}", dir.display())]
    Database {
        /// The store.
        dir: PathBuf,
        /// What the database said.
        source: rocksdb::Error,
    },
    /// The system gives no randomness to seal with.
    #[error("the system gives no randomness")]
    Randomness(#[source] getrandom::Error),
}

impl OpenError {
    /// What was read is ours, and the disk takes no writes.
    pub(crate) fn first_write(dir: &Path, error: CommitError) -> Self {
        let dir = dir.to_path_buf();
        match error {
            CommitError::Failed(source) => Self::Database { dir, source },
            CommitError::Randomness(error) => Self::Randomness(error),
            other => Self::Folder { dir, source: io::Error::other(other) },
        }
    }

    fn folder(dir: &Path) -> impl Fn(io::Error) -> Self {
        move |source| Self::Folder { dir: dir.to_path_buf(), source }
    }
}

/// A store that may be read and written.
pub(crate) struct Opened {
    pub(crate) db: DB,
    pub(crate) trail: Trail,
    pub(crate) past: Past,
}

/// What to do about damage in the logs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Damages {
    Refuse,
    /// Go on from the last commit before it.
    Salvage,
}

/// Opens the store in `dir`, and checks that it is this one.
pub(crate) fn open(
    dir: &Path,
    sealer: &Sealer,
    expected: Option<StoreId>,
    settings: &Settings,
    damages: Damages,
) -> Result<Opened, OpenError> {
    refuse_remains(dir)?;
    let watermark = Watermark::open(dir).map_err(OpenError::folder(dir))?;
    let watermark = watermark.ok_or_else(|| OpenError::InUse { dir: dir.to_path_buf() })?;
    // The database never sees a damaged manifest: there are bits that let it read for ever.
    let logs = match (log::check(dir).map_err(OpenError::folder(dir))?, damages) {
        (Ok(logs), Damages::Refuse) => logs,
        (Err(source), Damages::Salvage) if log::is_write_ahead(&source.file) => Logs::Whole,
        (Err(source), _) => return Err(OpenError::Damaged { dir: dir.to_path_buf(), source }),
        (Ok(_), Damages::Salvage) => Logs::Whole,
    };
    refuse_unknown_tables(dir)?;
    let memory = settings.memory.as_deref();
    if damages == Damages::Refuse {
        let facts = Facts::preview(dir, sealer, settings)?;
        facts.refuse_other(expected, dir)?;
        let past = watermark.judge(facts.id, facts.stamp, memory);
        match (logs, past) {
            (Logs::Torn(source), Past::Uncertain(Uncertainty::SetBack(_))) => {
                return Err(OpenError::Damaged { dir: dir.to_path_buf(), source });
            }
            (Logs::Torn(end), _) => {
                tracing::warn!(file = %end.file.display(), "the last write was not finished");
            }
            (Logs::Whole, _) => {}
        }
    }
    let options = database_options(settings, damages);
    let db = DB::open_cf_descriptors(&options, dir, families(settings))
        .map_err(|source| refusal(dir, source))?;
    let facts = Facts::read(&db, dir, sealer)?;
    facts.refuse_other(expected, dir)?;
    let Facts { id, stamp, uncertainty } = facts;
    let (trail, past) = Trail::follow(id, stamp, watermark, memory);
    let past = past.unless_uncertain(uncertainty);
    Ok(Opened { db, trail, past: if damages == Damages::Salvage { past.given_up() } else { past } })
}

/// Creates a store where nothing is. It has another name until it is whole.
pub(crate) fn create(
    dir: &Path,
    sealer: &Sealer,
    settings: &Settings,
) -> Result<Opened, OpenError> {
    if dir.exists() {
        return Err(OpenError::Exists { dir: dir.to_path_buf() });
    }
    let staged = dir.with_extension("new");
    let folder = OpenError::folder(dir);
    if staged.exists() {
        fs::remove_dir_all(&staged).map_err(&folder)?;
    }
    create_folder(&staged).map_err(&folder)?;
    let mut options = database_options(settings, Damages::Refuse);
    options.create_if_missing(true);
    options.create_missing_column_families(true);
    let db = DB::open_cf_descriptors(&options, &staged, families(settings))
        .map_err(|source| refusal(dir, source))?;
    cross(Point::StoreCreated);
    let (id, stamp) = found(&db, dir, sealer)?;
    cross(Point::StoreFounded);
    drop(db);
    let left = Watermark::path(dir);
    if left.exists() {
        fs::remove_file(left).map_err(&folder)?;
    }
    fs::rename(&staged, dir).map_err(&folder)?;
    sync_parent(dir).map_err(&folder)?;
    cross(Point::StoreNamed);
    let watermark = Watermark::open(dir).map_err(&folder)?;
    let watermark = watermark.ok_or_else(|| OpenError::InUse { dir: dir.to_path_buf() })?;
    let (mut trail, _) = Trail::follow(id, stamp, watermark, settings.memory.as_deref());
    trail.committed(stamp);
    trail.mark().map_err(&folder)?;
    let db = DB::open_cf_descriptors(
        &database_options(settings, Damages::Refuse),
        dir,
        families(settings),
    )
    .map_err(|source| refusal(dir, source))?;
    Ok(Opened { db, trail, past: Past::Certain })
}

/// Creates the folder for its owner alone, durably.
fn create_folder(dir: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(dir)?;
    sync_parent(dir)
}

/// Without this a power cut could take the folder, and every commit in it.
fn sync_parent(dir: &Path) -> io::Result<()> {
    match dir.canonicalize()?.parent() {
        Some(parent) => File::open(parent)?.sync_all(),
        None => Ok(()),
    }
}

/// A store is there as a whole: the database would make a new one of what is left of another.
fn refuse_remains(dir: &Path) -> Result<(), OpenError> {
    let missing = || OpenError::Missing { dir: dir.to_path_buf() };
    let mut entries = match fs::read_dir(dir) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Err(missing()),
        entries => entries.map_err(OpenError::folder(dir))?,
    };
    match (entries.next().is_some(), dir.join("CURRENT").is_file()) {
        (_, true) => Ok(()),
        (true, false) => Err(OpenError::Partial { dir: dir.to_path_buf(), file: "CURRENT" }),
        (false, false) => Err(missing()),
    }
}

fn refuse_unknown_tables(dir: &Path) -> Result<(), OpenError> {
    let names = DB::list_cf(&Options::default(), dir).map_err(|source| refusal(dir, source))?;
    let known = |name: &String| {
        name == DEFAULT_COLUMN_FAMILY_NAME || Table::ALL.iter().any(|table| table.name() == name)
    };
    if Table::ALL.iter().any(|table| names.iter().all(|name| name != table.name())) {
        return Err(OpenError::Foreign { dir: dir.to_path_buf() });
    }
    match names.into_iter().find(|name| !known(name)) {
        Some(name) => Err(OpenError::UnknownTable { dir: dir.to_path_buf(), name }),
        None => Ok(()),
    }
}

/// Opens the database to read it, and changes nothing.
pub(crate) fn open_to_read(dir: &Path, settings: &Settings) -> Result<DB, OpenError> {
    // Not to verify the logs would be an edit of the manifest, which it then has nobody to make.
    let options = database_options(settings, Damages::Refuse);
    DB::open_cf_descriptors_read_only(&options, dir, families(settings), false)
        .map_err(|source| refusal(dir, source))
}

/// Every table, and the store's own facts.
fn families(settings: &Settings) -> impl Iterator<Item = ColumnFamilyDescriptor> + use<> {
    let cache = Cache::new_lru_cache(settings.cache_bytes);
    let settings = settings.clone();
    let tables = Table::ALL.iter().map(|table| (table.name(), table.sealed()));
    let all = tables.chain([(DEFAULT_COLUMN_FAMILY_NAME, true)]);
    all.map(move |(name, sealed)| {
        ColumnFamilyDescriptor::new(name, table_options(&cache, sealed, &settings))
    })
}

fn database_options(settings: &Settings, damages: Damages) -> Options {
    let mut options = Options::default();
    // Recovery stops at the first damage in the log: what is there is a prefix of the commits,
    // never one with holes. Whether it is all of them was judged before.
    options.set_wal_recovery_mode(DBRecoveryMode::PointInTime);
    // A log that is missing, or shorter than it was when another followed it, is an error.
    options.set_track_and_verify_wals_in_manifest(damages == Damages::Refuse);
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

fn table_options(cache: &Cache, sealed: bool, settings: &Settings) -> Options {
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
    // RocksDB has no error kind for its lock; these are its texts (another process, this process).
    let lock = ["While lock file", "lock hold by current process"];
    let says = |text: &&str| source.as_ref().contains(*text);
    if lock.iter().any(says) {
        return OpenError::InUse { dir };
    }
    // A file that the manifest names and nobody finds is damage as well.
    match source.kind() {
        ErrorKind::Corruption => OpenError::Corrupt { dir, source },
        ErrorKind::IOError if says(&"No such file") => OpenError::Corrupt { dir, source },
        _ => OpenError::Database { dir, source },
    }
}

/// What a store says of itself.
pub(crate) struct Facts {
    pub(crate) id: StoreId,
    pub(crate) stamp: Stamp,
    uncertainty: Option<Uncertainty>,
}

impl Facts {
    /// Reads them before opening the store changes anything: to recover, the database writes, and
    /// deletes what it does not know of.
    fn preview(dir: &Path, sealer: &Sealer, settings: &Settings) -> Result<Self, OpenError> {
        Self::read(&open_to_read(dir, settings)?, dir, sealer)
    }

    fn refuse_other(&self, expected: Option<StoreId>, dir: &Path) -> Result<(), OpenError> {
        match expected {
            Some(expected) if expected != self.id => {
                let (dir, found) = (dir.to_path_buf(), self.id);
                Err(OpenError::OtherStore { dir, found, expected })
            }
            _ => Ok(()),
        }
    }

    /// Reads them, if format and key are ours.
    pub(crate) fn read(db: &DB, dir: &Path, sealer: &Sealer) -> Result<Self, OpenError> {
        let dir = dir.to_path_buf();
        let foreign = || OpenError::Foreign { dir: dir.clone() };
        let fact = |key: &[u8]| db.get(key).map_err(|source| refusal(&dir, source));
        let format = fact(FORMAT_KEY)?.and_then(|bytes| <[u8; 4]>::try_from(bytes).ok());
        let found = u32::from_be_bytes(format.ok_or_else(foreign)?);
        if found != FORMAT {
            return Err(OpenError::Format { dir, found });
        }
        let check = fact(KEY_CHECK_KEY)?.ok_or_else(foreign)?;
        match sealer.open(DEFAULT_COLUMN_FAMILY_NAME, KEY_CHECK_KEY, &check) {
            Ok(text) if text == KEY_CHECK_TEXT => {}
            _ => return Err(OpenError::WrongKey { dir }),
        }
        let id = fact(ID_KEY)?.and_then(|bytes| bytes.try_into().ok()).ok_or_else(foreign)?;
        let stamp = fact(STAMP_KEY)?.and_then(|bytes| Stamp::from_bytes(&bytes));
        let uncertainty = fact(UNCERTAINTY_KEY)?.map(|bytes| Uncertainty::from_bytes(&bytes));
        Ok(Self { id: StoreId(id), stamp: stamp.ok_or_else(foreign)?, uncertainty })
    }
}

fn found(db: &DB, dir: &Path, sealer: &Sealer) -> Result<(StoreId, Stamp), OpenError> {
    let check = sealer
        .seal(DEFAULT_COLUMN_FAMILY_NAME, KEY_CHECK_KEY, KEY_CHECK_TEXT)
        .map_err(OpenError::Randomness)?;
    let mut id = [0; 16];
    getrandom::fill(&mut id).map_err(OpenError::Randomness)?;
    let stamp = Stamp::first().map_err(OpenError::Randomness)?;
    let mut facts = rocksdb::WriteBatch::default();
    facts.put(FORMAT_KEY, FORMAT.to_be_bytes());
    facts.put(KEY_CHECK_KEY, check);
    facts.put(ID_KEY, id);
    facts.put(STAMP_KEY, stamp.to_bytes());
    db.write_opt(facts, &synced()).map_err(|source| refusal(dir, source))?;
    Ok((StoreId(id), stamp))
}

/// Every write of the store waits for the disk.
pub(crate) fn synced() -> WriteOptions {
    let mut options = WriteOptions::default();
    options.set_sync(true);
    options
}
