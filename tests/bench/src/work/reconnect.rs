//! W1: two nodes that held the same were apart, and one changed `k` of `n` documents.
//! W4: the same after the cursors were lost, or after one side was restored from a backup.

use anyhow::Result;

use crate::network::Network;
use crate::sample::{Sample, Watch, repeat};
use crate::shelf::Shelf;

/// How the two find what changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Known {
    /// Both know how far they were.
    Cursor,
    /// Neither does.
    Nothing,
    /// The side with the news was restored: its feeds have a new epoch.
    OldEpoch,
}

pub(crate) fn measure<S: Shelf>(
    documents: u64,
    changes: u64,
    known: Known,
    runs: usize,
) -> Result<Vec<Sample>> {
    let mut network = Network::<S>::pair()?;
    network.fill(0, documents)?;
    network.connect(0, 1);
    network.rest()?;
    let mut version = 1;
    repeat(runs, || {
        network.wake()?;
        network.cut_all();
        network.rest()?;
        version += 1;
        if known == Known::OldEpoch {
            network.forget_epoch(0)?;
            network.restart(0, "left", version as u32)?;
        }
        network.touch(0, changes, documents, version)?;
        if known == Known::Nothing {
            network.lose_cursors(0)?;
            network.lose_cursors(1)?;
            // A set that is kept for the next peer would hide what reading it costs.
            network.now_ms += 120_000;
            network.wake()?;
        }
        network.clear();
        let watch = Watch::start()?;
        network.connect(0, 1);
        network.rest()?;
        let sample = watch.stop()?;
        network.must_agree(0, 1)?;
        Ok(network.counted(sample))
    })
}
