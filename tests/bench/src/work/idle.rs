//! W7: a district and its communities, all connected, and nothing changes.

use anyhow::Result;
use node_replication::store::MemStore;

use crate::network::Network;
use crate::sample::{Sample, Watch, repeat};
use crate::work::fan::district;

/// Virtual seconds of one run.
const SECONDS: u64 = 60;

/// `links` communities with a report each; one run is a minute of wakes, once a second.
pub(crate) fn measure(links: u64, runs: usize) -> Result<Vec<Sample>> {
    let mut network = Network::<MemStore>::found();
    for community in district(&mut network, links)? {
        community.report(&mut network, 1, 0)?;
    }
    network.rest()?;
    // The first wakes tell each other positions; then all is said.
    network.wake()?;
    network.wake()?;
    network.must_stay()?;
    repeat(runs, || {
        network.clear();
        let watch = Watch::start()?;
        for _ in 0..SECONDS {
            network.wake()?;
        }
        let sample = watch.stop()?;
        Ok(network.counted(sample))
    })
}
