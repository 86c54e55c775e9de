//! W3: all communities of a district come back at once after a day apart.

use anyhow::Result;
use automerge::{ActorId, AutoCommit};
use schema_wire::{Class, DocumentId};

use crate::founding::{self, DISTRICT};
use crate::network::{GROUP_MAX, Network, set, text};
use crate::sample::{Sample, Watch, median, repeat};
use crate::shelf::Shelf;

/// Reports of each community.
const DOCUMENTS: u64 = 50;

struct Community {
    unit: String,
    node: usize,
    documents: Vec<AutoCommit>,
}

impl Community {
    fn id(&self, number: usize) -> Result<DocumentId> {
        Ok(DocumentId::new(founding::unit(&self.unit), Class::Report, &format!("r{number}"))?)
    }

    /// Changes the first `count` of its reports.
    fn report<S: Shelf>(
        &mut self,
        network: &mut Network<S>,
        count: u64,
        version: u64,
    ) -> Result<()> {
        let author = network.author(self.node);
        let mut changes = Vec::new();
        for number in 0..count as usize {
            let id = self.id(number)?;
            let doc = &mut self.documents[number];
            doc.set_actor(ActorId::from(author.actor(&id)));
            changes.push((id, set(doc, "value", &text(number as u64, version))));
        }
        network.write_all(self.node, changes, GROUP_MAX)
    }
}

/// `links` communities of `changed` reports each, one district. Done when nothing is on its way.
/// The ratio is to one link that brings as many envelopes to a node that holds nothing: what a
/// node takes in at most.
pub(crate) fn measure<S: Shelf>(links: u64, changed: u64, runs: usize) -> Result<Vec<Sample>> {
    let mut network = Network::<S>::found();
    network.join(DISTRICT, "district")?;
    let mut communities = Vec::new();
    for number in 0..links {
        let unit = format!("{DISTRICT}/{number:012}");
        let node = network.join(&unit, &format!("community {number}"))?;
        let documents = vec![AutoCommit::new(); DOCUMENTS as usize];
        let mut community = Community { unit, node, documents };
        community.report(&mut network, DOCUMENTS, 0)?;
        network.connect(node, 0);
        communities.push(community);
    }
    network.rest()?;
    let mut version = 0;
    let mut samples = repeat(runs, || {
        network.wake()?;
        network.cut_all();
        network.rest()?;
        version += 1;
        for community in &mut communities {
            community.report(&mut network, changed, version)?;
        }
        network.clear();
        let watch = Watch::start()?;
        communities.iter().for_each(|community| {
            network.connect(community.node, 0);
        });
        network.rest()?;
        let sample = watch.stop()?;
        let mut sample = network.counted(sample);
        sample.done = Some(links * changed);
        anyhow::ensure!(sample.verifications >= sample.done, "an entry did not arrive");
        Ok(sample)
    })?;
    drop((network, communities));
    let ceiling = median(&super::cold::many::<S>((links * changed).div_ceil(2), runs)?).wall_ms;
    samples.iter_mut().for_each(|sample| sample.ratio = Some(sample.wall_ms / ceiling));
    Ok(samples)
}
