//! W2: a node that holds nothing takes everything.

use anyhow::Result;
use automerge::{ActorId, AutoCommit};

use crate::founding::COMMUNITY;
use crate::network::{GROUP_MAX, Network, document, set, text};
use crate::sample::{Sample, Watch, repeat};
use crate::shelf::Shelf;

/// Many documents of two changes each.
pub(crate) fn many<S: Shelf>(documents: u64, runs: usize) -> Result<Vec<Sample>> {
    let mut network = Network::<S>::found();
    network.join(COMMUNITY, "left")?;
    network.fill(0, documents)?;
    newcomers(network, documents * 2, runs)
}

/// One document with a long history of small changes.
pub(crate) fn long<S: Shelf>(changes: u64, runs: usize) -> Result<Vec<Sample>> {
    let mut network = Network::<S>::found();
    network.join(COMMUNITY, "left")?;
    let author = network.author(0);
    let id = document(0);
    let mut doc = AutoCommit::new().with_actor(ActorId::from(author.actor(&id)));
    let change = |version| (id.clone(), set(&mut doc, "note", &text(0, version)));
    let all = (0..changes).map(change).collect();
    network.write_all(0, all, GROUP_MAX)?;
    newcomers(network, changes, runs)
}

/// Nodes that hold nothing take all `items` of the first, one after the other.
pub(super) fn newcomers<S: Shelf>(
    mut network: Network<S>,
    items: u64,
    runs: usize,
) -> Result<Vec<Sample>> {
    let mut number = 0;
    repeat(runs, || {
        number += 1;
        let name = format!("newcomer {number}");
        let newcomer = network.join(COMMUNITY, &name)?;
        network.introduce("left", &name)?;
        network.clear();
        let watch = Watch::start()?;
        network.connect(newcomer, 0);
        network.rest()?;
        let mut sample = watch.stop()?;
        network.must_agree(0, newcomer)?;
        sample.done = Some(items);
        let sample = network.counted(sample);
        network.cut_all();
        network.nodes.truncate(1);
        network.rest()?;
        Ok(sample)
    })
}
