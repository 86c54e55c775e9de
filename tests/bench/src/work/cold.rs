//! W2: a node that holds nothing takes everything.

use anyhow::Result;
use schema_wire::Scope;

use crate::founding::Led;
use crate::network::{Entry, GROUP_MAX, NOTE, Network, document, text};
use crate::sample::{Sample, Watch, repeat};
use crate::store::BenchStore;

/// Many documents of two changes each.
pub(crate) fn many<S: BenchStore>(documents: u64, runs: usize) -> Result<Vec<Sample>> {
    let mut network = Network::<S>::found();
    network.join(&Led::community(), "left")?;
    network.fill(0, documents)?;
    newcomers(network, &document(0).scope(), documents * 2, runs)
}

/// One document with a long history of small changes.
pub(crate) fn long<S: BenchStore>(changes: u64, runs: usize) -> Result<Vec<Sample>> {
    let mut network = Network::<S>::found();
    network.join(&Led::community(), "left")?;
    let id = document(0);
    let entry = |version| Entry::new(&id, NOTE, text(0, version));
    network.enter(0, &(0..changes).map(entry).collect::<Vec<_>>(), GROUP_MAX)?;
    newcomers(network, &id.scope(), changes, runs)
}

/// Nodes that hold nothing take all `items` of the first, in this scope, one after the other.
pub(super) fn newcomers<S: BenchStore>(
    mut network: Network<S>,
    scope: &Scope,
    items: u64,
    runs: usize,
) -> Result<Vec<Sample>> {
    let mut number = 0;
    repeat(runs, || {
        number += 1;
        let newcomer = network.join(&Led::community(), &format!("newcomer {number}"))?;
        network.clear();
        let watch = Watch::start()?;
        network.connect(newcomer, 0);
        network.rest()?;
        let mut sample = watch.stop()?;
        network.must_agree_in(0, newcomer, scope)?;
        network.must_stay()?;
        sample.done = Some(items);
        let sample = network.counted(sample);
        network.cut_all();
        network.nodes.truncate(1);
        network.rest()?;
        Ok(sample)
    })
}
