//! W3: all communities of a district come back at once after a day apart.

use anyhow::{Result, ensure};
use schema_wire::{Scope, UnitId};

use crate::founding::Led;
use crate::network::{Entry, GROUP_MAX, NOTE, Network, report, text};
use crate::sample::{Sample, Watch, median, repeat};
use crate::store::BenchStore;

/// Reports of each community.
const DOCUMENTS: u64 = 50;

/// A community of the district, and its node.
#[derive(Debug)]
pub(crate) struct Community {
    unit: UnitId,
    node: usize,
}

impl Community {
    /// Changes the first `count` of its reports.
    pub(crate) fn report<S: BenchStore>(
        &self,
        network: &mut Network<S>,
        count: u64,
        version: u64,
    ) -> Result<()> {
        let entry = |n| Entry::new(&report(&self.unit, n), NOTE, text(n, version));
        network.enter(self.node, &(0..count).map(entry).collect::<Vec<_>>(), GROUP_MAX)
    }
}

/// A district, the first node of the network, and its communities, each joined with it.
pub(crate) fn district<S: BenchStore>(
    network: &mut Network<S>,
    links: u64,
) -> Result<Vec<Community>> {
    let district = Led::district();
    network.join(&district, "district")?;
    let mut communities = Vec::new();
    for number in 0..links {
        let led = district.below(&format!("{number:012}"));
        // The district recognised them.
        network.learn(0, led.own_statements().to_vec())?;
        let node = network.join(&led, &format!("community {number}"))?;
        network.connect(node, 0);
        communities.push(Community { unit: led.unit, node });
    }
    network.rest()?;
    Ok(communities)
}

/// `links` communities of `changed` reports each, one district. Done when nothing is on its way.
/// The ratio is to one link that brings as many envelopes to a node that holds nothing: what a
/// node takes in at most.
pub(crate) fn measure<S: BenchStore>(links: u64, changed: u64, runs: usize) -> Result<Vec<Sample>> {
    let mut network = Network::<S>::found();
    let communities = district(&mut network, links)?;
    for community in &communities {
        community.report(&mut network, DOCUMENTS, 0)?;
    }
    network.rest()?;
    let mut version = 0;
    let mut samples = repeat(runs, || {
        network.wake()?;
        network.cut_all();
        network.rest()?;
        version += 1;
        for community in &communities {
            community.report(&mut network, changed, version)?;
        }
        network.clear();
        let watch = Watch::start()?;
        communities.iter().for_each(|community| network.connect(community.node, 0));
        network.rest()?;
        let sample = watch.stop()?;
        for Community { unit, node } in &communities {
            network.must_agree_in(0, *node, &Scope::path(unit.clone()))?;
        }
        network.must_stay()?;
        let mut sample = network.counted(sample);
        sample.done = Some(links * changed);
        ensure!(sample.verifications >= sample.done, "an entry did not arrive");
        Ok(sample)
    })?;
    drop(network);
    let ceiling = median(&super::cold::many::<S>((links * changed).div_ceil(2), runs)?).wall_ms;
    samples.iter_mut().for_each(|sample| sample.ratio = Some(sample.wall_ms / ceiling));
    Ok(samples)
}
