//! The store of a folder, outside of its daily work: making it, opening it after damage, copying
//! files, the space that is left.

use std::fs;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::Path;

use anyhow::{Context as _, Result};
use node_api::{Failure, Repaired};
use node_folder::{Folder, Membership};
use node_store::{OpenError, Past, Settings, Store, StoreId, StoreKey, Uncertainty};

use crate::failpoint::{Point, cross};
use crate::keyfile::{self, Secrets};

/// The store of a folder that is about to join a network: the one that an interrupted `init` left,
/// or a new one. Nothing else creates a store.
pub(crate) fn shelter(folder: &Folder, secrets: &Secrets) -> Result<StoreId> {
    let (dir, key, settings) = (folder.store(), keyfile::store_key(secrets), Settings::default());
    let store = match dir.exists() {
        true => Store::open(dir, &key, None, &settings)?,
        false => Store::create(dir, &key, &settings)?,
    };
    Ok(store.id())
}

/// Opens a store that is damaged, on purpose: it goes on from the last entry that can be read. A
/// copy of the folder as it was is kept beside it.
pub(crate) fn repair(folder: &Folder) -> Result<Repaired> {
    let secrets = keyfile::open(&folder.key())?;
    let membership = Membership::load(folder)?;
    let (dir, key) = (folder.store(), keyfile::store_key(&secrets));
    let (id, settings) = (Some(StoreId(membership.store)), Settings::default());
    let damage = match Store::open(&dir, &key, id, &settings) {
        Ok(store) => {
            drop(store);
            return sound(&dir, &key);
        }
        Err(error @ (OpenError::Damaged { .. } | OpenError::Corrupt { .. })) => error,
        Err(error) => return Err(error.into()),
    };
    let damage = format!("{:#}", anyhow::Error::from(damage));
    let kept = dir.with_extension("damaged");
    if kept.exists() {
        return Err(Failure::DamagedKept { folder: kept.display().to_string() }.into());
    }
    copy(&dir, &kept)?;
    let store = Store::salvage(&dir, &key, id, &settings)?;
    let missing = match store.past() {
        Past::Uncertain(Uncertainty::SetBack(commits)) => commits,
        _ => 1,
    };
    let commits = store.commits();
    Ok(Repaired::Opened { damage, kept, commits, commits_missing_at_least: missing })
}

/// A store that opens may hold a table of which a part does not read: no repair brings that back.
fn sound(dir: &Path, key: &StoreKey) -> Result<Repaired> {
    let damaged = node_store::scrub(dir, key, true)?.tables.into_iter();
    let damages = damaged.filter_map(|table| Some(format!("{}: {}", table.table, table.damage?)));
    match damages.collect::<Vec<_>>().join("; ") {
        none if none.is_empty() => Ok(Repaired::Sound),
        detail => Err(Failure::StoreDamaged { detail }.into()),
    }
}

/// Copies a file or a folder to a path where nothing is, for its owner alone. No mode is set on
/// what exists: a stick may know none.
pub(crate) fn copy(from: &Path, to: &Path) -> Result<()> {
    if !from.is_dir() {
        let copied = || {
            let options = fs::File::options().write(true).create_new(true).mode(0o600).open(to);
            std::io::copy(&mut fs::File::open(from)?, &mut options?)
        };
        copied().with_context(|| format!("cannot copy {}", from.display()))?;
        cross(Point::FileCopied);
        return Ok(());
    }
    let created = fs::DirBuilder::new().mode(0o700).create(to);
    created.with_context(|| format!("cannot create {}", to.display()))?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        copy(&entry.path(), &to.join(entry.file_name()))?;
    }
    Ok(())
}

/// The bytes that are left on the disk of a folder.
pub(crate) fn left(folder: &Folder) -> Option<u64> {
    let held = nix::sys::statvfs::statvfs(folder.path()).ok()?;
    Some(held.blocks_available().saturating_mul(held.fragment_size()))
}
