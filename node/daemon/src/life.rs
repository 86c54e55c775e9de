//! Lives: the incarnation a node writes under, and where its folder lies.
//!
//! A log is written once. Whoever goes on from an older state, or beside another copy of the same
//! folder, must do so under an incarnation nobody used: else two envelopes take one place.

use std::os::unix::fs::MetadataExt;

use anyhow::{Context as _, Result};
use node_folder::{Folder, Membership};
use node_replication::store::{Batch, ReadStore, Table};
use node_store::Store;

use crate::clock::now_ms;
use crate::failpoint::{Point, cross};
use crate::keyfile;
use crate::lang::word;

const MINUTE_MS: u64 = 60_000;
/// Two copies that choose in the same minute choose apart, most of the time.
const CHOICES: u64 = 64;
/// Identifies this installation of the system, where there is one.
const MACHINE: &str = "/etc/machine-id";

const PLACE: &[u8] = b"place";
const INCARNATION: &[u8] = b"incarnation";

/// An incarnation above the one before, and above what any earlier copy of the folder used: the
/// clock moves it on even where the one before was forgotten. A wrong clock does no harm.
pub(crate) fn fresh_incarnation(previous: u32) -> Result<u32> {
    let [after, within] = keyfile::random::<2>()?.map(|byte| u64::from(byte) % CHOICES);
    Ok(later(previous, now_ms(), after, within))
}

fn later(previous: u32, now_ms: u64, after: u64, within: u64) -> u32 {
    let next = u64::from(previous) + 1 + after;
    let by_clock = (now_ms / MINUTE_MS).saturating_mul(CHOICES).saturating_add(within);
    u32::try_from(next.max(by_clock)).unwrap_or(u32::MAX)
}

/// The incarnation to go on under after this one, whatever store or membership remember.
pub(crate) fn after(membership: &Membership, store: &Store) -> Result<u32> {
    let lived = store.read(Table::Meta, INCARNATION)?;
    let lived = lived.and_then(|bytes| Some(u64::from_be_bytes(bytes.try_into().ok()?)));
    let lived = u32::try_from(lived.unwrap_or(0)).unwrap_or(u32::MAX);
    fresh_incarnation(membership.incarnation.max(lived))
}

/// Where a folder lies: the machine, and the folder's device and inode there. A copy lies
/// elsewhere, wherever it is put.
fn place(folder: &Folder) -> Result<Vec<u8>> {
    let path = folder.store();
    let held = std::fs::metadata(&path).with_context(|| format!("{}", path.display()))?;
    let machine = std::fs::read_to_string(MACHINE).unwrap_or_default();
    Ok(format!("{} {} {}", held.dev(), held.ino(), machine.trim()).into_bytes())
}

/// Is this folder where it was at its last start? One that is not may be a copy whose other half
/// goes on: it takes a life of its own, and peers forget what they knew of its feeds.
pub(crate) fn settle(folder: &Folder, membership: &mut Membership, store: &Store) -> Result<bool> {
    let (here, before) = (place(folder)?, store.read(Table::Meta, PLACE)?);
    let moved = before.as_ref().is_some_and(|before| *before != here);
    if moved {
        membership.incarnation = after(membership, store)?;
        // First: a crash after it only takes one more life at the next start.
        membership.save(folder)?;
        cross(Point::LifeSettled);
        tracing::warn!(
            incarnation = membership.incarnation,
            "{}",
            word(
                "数据目录已移动或被复制，以新的化身继续；请确认没有另一份在运行",
                "the data folder was moved or copied: this node goes on under a new incarnation; \
                 make sure that no other copy runs",
            )
        );
    }
    if before.as_deref() != Some(here.as_slice()) {
        store.commit(&arrival(here, moved))?;
    }
    Ok(moved)
}

/// A store that is here now. If it was elsewhere, its feeds get a fresh name when the replica is
/// opened next: cursors in them may come from another copy.
fn arrival(place: Vec<u8>, elsewhere: bool) -> Batch {
    let mut batch = Batch::default();
    if elsewhere {
        batch.delete(Table::Meta, b"epoch");
    }
    batch.put(Table::Meta, PLACE, place);
    batch
}

/// Takes a folder as the place of a store that came from elsewhere, feeds and all.
pub(crate) fn arrive(folder: &Folder, store: &Store) -> Result<()> {
    store.commit(&arrival(place(folder)?, true))?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_incarnation_grows_whatever_the_clock_says() {
        let minute = 29_000_000;
        let by_clock = later(1, minute * MINUTE_MS, 0, 0);
        assert_eq!(u64::from(by_clock), minute * CHOICES);
        // The clock fell back by a year, or to 1970.
        assert_eq!(later(by_clock, 0, 0, 63), by_clock + 1);
        assert_eq!(later(by_clock, (minute - 500_000) * MINUTE_MS, 63, 63), by_clock + 64);
        // A minute later even a node that forgot its last incarnation is past it.
        assert!(later(0, (minute + 1) * MINUTE_MS, 0, 0) > later(0, minute * MINUTE_MS, 0, 63));
        assert_eq!(later(u32::MAX, u64::MAX, 63, 63), u32::MAX);
    }
}
