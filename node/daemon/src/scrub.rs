//! Reading all of a store, to find damage before it is needed.

use std::fs;

use anyhow::{Context as _, Result};
use node_api::{Checkpoint, Failure, Scrubbed, TableScrubbed};
use node_folder::{Folder, Membership};
use node_store::{OpenError, StoreId};

use crate::{control, keyfile};

/// Reads every entry of a store once, with checksums and seals. Through the running node, if there
/// is one: it gives a copy of its files as they are now, which are the same blocks of the disk.
pub(crate) fn scrub(folder: &Folder) -> Result<Scrubbed> {
    let secrets = keyfile::open(&folder.key())?;
    let membership = Membership::load(folder)?;
    let copy = folder.path().join("store.scrub");
    if copy.exists() {
        fs::remove_dir_all(&copy).context("cannot remove what an earlier scrub left")?;
    }
    let running = match control::ask_running(folder, Checkpoint { out: copy.clone() }) {
        Ok(()) => true,
        Err(Failure::NotRunning) => false,
        Err(failure) => return Err(failure.into()),
    };
    let dir = if running { &copy } else { &folder.store() };
    let scrubbed = node_store::scrub(dir, &keyfile::store_key(&secrets), !running);
    if running {
        fs::remove_dir_all(&copy).context("cannot remove the copy that was read")?;
    }
    let scrubbed = scrubbed?;
    let expected = StoreId(membership.store);
    if let Some((found, _)) = scrubbed.found.filter(|(found, _)| *found != expected) {
        return Err(OpenError::OtherStore { dir: folder.store(), found, expected }.into());
    }
    let damaged = scrubbed.log.is_some() || scrubbed.tables.iter().any(|t| t.damage.is_some());
    let table = |table: node_store::ScrubbedTable| TableScrubbed {
        table: table.table.to_owned(),
        entries: table.entries,
        bytes: table.bytes,
        damage: table.damage,
    };
    Ok(Scrubbed {
        running,
        damaged,
        commits: scrubbed.found.map(|(_, commits)| commits),
        log: scrubbed.log.map(|damage| damage.to_string()),
        tables: scrubbed.tables.into_iter().map(table).collect(),
    })
}
