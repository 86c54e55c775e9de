//! Reading all of a store: what a disk lost without a word is found now, not in a year.

use std::fs::{self, File};
use std::path::Path;

use nix::fcntl::{PosixFadviseAdvice, posix_fadvise};
use node_replication::store::Table;
use rocksdb::{DB, ReadOptions};

use crate::log::{self, Damage, Logs};
use crate::open::{self, Facts, OpenError, Settings};
use crate::past::{MEMORY, Past, StoreId, Uncertainty, Watermark};
use crate::seal::{Sealer, StoreKey};

/// What a scrub found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scrubbed {
    /// Which store it is, and how many commits led to it, if it can be opened.
    pub found: Option<(StoreId, u64)>,
    /// Damage in the logs. Where they break off in the middle, no table was read.
    pub log: Option<Damage>,
    /// Every table.
    pub tables: Vec<ScrubbedTable>,
}

/// What a scrub found in one table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScrubbedTable {
    /// The table's name.
    pub table: &'static str,
    /// How many entries were read.
    pub entries: u64,
    /// How many bytes they have.
    pub bytes: u64,
    /// The first damage: nothing behind it was read.
    pub damage: Option<String>,
}

/// Reads every entry of a store or of a checkpoint of one, and changes nothing. The checksum of
/// every block that holds entries is compared, every seal opened. What was deleted or overwritten,
/// and is not rewritten yet, is not read. `alone` says that nobody else may have it open.
///
/// # Errors
/// When it is in use or cannot be opened at all.
pub fn scrub(dir: &Path, key: &StoreKey, alone: bool) -> Result<Scrubbed, OpenError> {
    let sealer = Sealer::new(key);
    let folder = |source| OpenError::Folder { dir: dir.to_path_buf(), source };
    let watermark = match alone {
        true => Watermark::open(dir).map_err(folder)?.map(Some),
        false => Some(None),
    };
    let watermark = watermark.ok_or_else(|| OpenError::InUse { dir: dir.to_path_buf() })?;
    forget_cached(dir).map_err(folder)?;
    let logs = match log::check(dir).map_err(folder)? {
        Ok(logs) => logs,
        Err(damage) => {
            return Ok(Scrubbed { found: None, log: Some(damage), tables: Vec::new() });
        }
    };
    let db = open::open_to_read(dir, &Settings { memory: None, ..Settings::default() })?;
    let facts = Facts::read(&db, dir, &sealer)?;
    let tables = Table::ALL.into_iter().map(|table| read(&db, &sealer, table)).collect();
    // A torn end in which nothing was that anybody was told of is none.
    let told = |watermark: &Watermark| {
        let past = watermark.judge(facts.id, facts.stamp, Some(Path::new(MEMORY)));
        matches!(past, Past::Uncertain(Uncertainty::SetBack(_)))
    };
    let log = match logs {
        Logs::Torn(damage) if watermark.as_ref().is_none_or(told) => Some(damage),
        _ => None,
    };
    Ok(Scrubbed { found: Some((facts.id, facts.stamp.count)), log, tables })
}

/// Lets the system forget what it has in memory of these files: what is read is on the disk.
fn forget_cached(dir: &Path) -> std::io::Result<()> {
    for entry in fs::read_dir(dir)? {
        let path = entry?.path();
        if path.is_file() {
            // Advice: where it is not taken, the memory is read.
            let _ =
                posix_fadvise(&File::open(path)?, 0, 0, PosixFadviseAdvice::POSIX_FADV_DONTNEED);
        }
    }
    Ok(())
}

fn read(db: &DB, sealer: &Sealer, table: Table) -> ScrubbedTable {
    let mut found = ScrubbedTable { table: table.name(), entries: 0, bytes: 0, damage: None };
    let Some(family) = db.cf_handle(table.name()) else {
        found.damage = Some("it is missing".into());
        return found;
    };
    let mut options = ReadOptions::default();
    options.set_verify_checksums(true);
    options.fill_cache(false);
    let mut cursor = db.raw_iterator_cf_opt(family, options);
    cursor.seek_to_first();
    while let Some((key, stored)) = cursor.item() {
        found.entries += 1;
        found.bytes += (key.len() + stored.len()) as u64;
        if table.sealed()
            && let Err(broken) = sealer.open(table.name(), key, stored)
        {
            found.damage = Some(broken.to_string());
            return found;
        }
        cursor.next();
    }
    found.damage = cursor.status().err().map(|error| error.to_string());
    found
}
