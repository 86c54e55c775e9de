//! What a run cost, and whether both sides agree in the end.

use std::time::Duration;

use anyhow::{Result, ensure};
use node_replication::log::SetRecord;
use schema_wire::Scope;

use super::{Network, document};
use crate::sample::Sample;
use crate::store::{BenchStore, StoreCounts};

impl<S: BenchStore> Network<S> {
    /// Begins to count anew.
    pub(crate) fn clear(&mut self) {
        self.sent.clear();
        self.frames = 0;
        self.checks.take();
        for node in &mut self.nodes {
            node.store.take_counts();
            (node.leg, node.resumed, node.busy) = (0, None, Duration::ZERO);
        }
    }

    /// Adds what was counted to a sample. The first node has the updates.
    pub(crate) fn counted(&mut self, mut sample: Sample) -> Sample {
        let out = self.sent.get(&0).copied().unwrap_or(0);
        let all: u64 = self.sent.values().sum();
        sample.bytes_out = Some(out);
        sample.bytes_in = Some(all - out);
        let busiest = self.nodes.iter().map(|node| node.busy).max().unwrap_or_default();
        // Own entries are not handled as inputs, and not counted here.
        sample.engine_ms = (!busiest.is_zero()).then_some(busiest.as_secs_f64() * 1000.0);
        sample.frames = Some(self.frames);
        // Among many, messages of one session would wait for those of another.
        if let [one, other] = &*self.nodes {
            sample.legs = one.resumed.max(other.resumed);
        }
        sample.verifications = Some(self.checks.take());
        let counts: StoreCounts = self.nodes.iter().map(|node| node.store.take_counts()).sum();
        sample.reads = Some(counts.reads);
        sample.entries_read = Some(counts.entries);
        sample.writes = Some(counts.writes);
        sample.commits = Some(counts.commits);
        self.clear();
        sample
    }

    /// The items of a scope on a node.
    pub(crate) fn held(&self, node: usize, scope: &Scope) -> Result<u64> {
        Ok(SetRecord::load(&self.nodes[node].store.inner, scope)?.items)
    }

    /// A measurement of two sides that do not agree in the end is none.
    pub(crate) fn must_agree(&self, one: usize, other: usize) -> Result<()> {
        self.must_agree_in(one, other, &document(0).scope())
    }

    /// The same of another scope than that of the community's people.
    pub(crate) fn must_agree_in(&self, one: usize, other: usize, scope: &Scope) -> Result<()> {
        let set = |node: usize| SetRecord::load(&self.nodes[node].store.inner, scope);
        let (left, right) = (set(one)?, set(other)?);
        let ended = &self.ended;
        ensure!(left.items > 0, "nothing is held of {scope}");
        ensure!(
            left.vector == right.vector,
            "{} and {} items of {scope}; sessions ended: {ended:?}",
            left.items,
            right.items
        );
        Ok(())
    }

    /// No session may have ended by itself.
    pub(crate) fn must_stay(&self) -> Result<()> {
        ensure!(self.ended.is_empty(), "sessions ended: {:?}", self.ended);
        Ok(())
    }
}
