//! W1: two nodes that held the same were apart, and one changed `k` of `n` documents, or both did.
//! W4: the same after neither remembered the other, or after one side was restored from a backup.

use anyhow::Result;

use crate::founding::Led;
use crate::network::Network;
use crate::sample::{Sample, Watch, repeat};
use crate::store::BenchStore;

/// How the two find what changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Known {
    /// Both know how far they were.
    Cursor,
    /// Neither remembers the other.
    Nothing,
    /// The side with the updates was restored: its feed has a new epoch.
    OldEpoch,
}

/// Who changed documents meanwhile.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Changed {
    One,
    /// The same documents on both sides.
    Both,
}

/// A set that is kept for the next peer is forgotten after so long.
const FORGOTTEN_MS: u64 = 120_000;

pub(crate) fn measure<S: BenchStore>(
    documents: u64,
    changes: u64,
    (known, changed): (Known, Changed),
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
            network.restart(0, &Led::community(), "left", true)?;
        }
        network.touch(0, changes, documents, version)?;
        if changed == Changed::Both {
            network.touch(1, changes, documents, version + 1_000_000)?;
        }
        if known == Known::Nothing {
            network.forget_peers(0)?;
            network.forget_peers(1)?;
            // What reading it costs is to be seen.
            network.wake_after(FORGOTTEN_MS)?;
        }
        network.clear();
        let watch = Watch::start()?;
        network.connect(0, 1);
        network.rest()?;
        let sample = watch.stop()?;
        network.must_agree(0, 1)?;
        network.must_stay()?;
        Ok(network.counted(sample))
    })
}
