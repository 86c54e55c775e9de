//! W7: a district and its communities, all connected, and nothing changes.

use anyhow::Result;
use automerge::{ActorId, AutoCommit};
use node_replication::store::MemStore;
use schema_wire::{Class, DocumentId};

use crate::founding::{self, DISTRICT};
use crate::network::{Network, set, text};
use crate::sample::{Sample, Watch, repeat};

/// Virtual seconds of one run.
const SECONDS: u64 = 60;

/// `links` communities with a few reports each; one run is a minute of wakes, once a second.
pub(crate) fn measure(links: u64, runs: usize) -> Result<Vec<Sample>> {
    let mut network = Network::<MemStore>::found();
    network.join(DISTRICT, "district")?;
    for number in 0..links {
        let unit = format!("{DISTRICT}/{number:012}");
        let node = network.join(&unit, &format!("community {number}"))?;
        let author = network.author(node);
        let id = DocumentId::new(founding::unit(&unit), Class::Report, "2026-09")?;
        let mut doc = AutoCommit::new().with_actor(ActorId::from(author.actor(&id)));
        let change = set(&mut doc, "value", &text(number, 0));
        network.write_all(node, vec![(id, change)], 1)?;
        network.connect(node, 0);
    }
    network.rest()?;
    // The first wakes tell each other positions; then all is said.
    network.wake()?;
    network.wake()?;
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
