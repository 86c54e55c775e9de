//! What an envelope costs: reads of the store, counted.

use std::cell::Cell;

use node_replication::log::{Offered, Step};
use node_replication::store::{Entry, MemStore, ReadError, ReadStore, Table};
use schema_wire::Incarnation;

use crate::node::ELSEWHERE;
use crate::sets::Scene;
use crate::world::{BEGIN, Writer, item};

/// A store that counts how often it is asked, and how many entries it gives.
struct Counted<'a> {
    store: &'a MemStore,
    reads: Cell<usize>,
}

impl Counted<'_> {
    fn count(&self, reads: usize) {
        self.reads.set(self.reads.get() + 1 + reads);
    }
}

impl ReadStore for Counted<'_> {
    fn read(&self, table: Table, key: &[u8]) -> Result<Option<Vec<u8>>, ReadError> {
        self.count(0);
        self.store.read(table, key)
    }
    fn range(
        &self,
        table: Table,
        from: &[u8],
        to: &[u8],
        limit: usize,
    ) -> Result<Vec<Entry>, ReadError> {
        let entries = self.store.range(table, from, to, limit)?;
        self.count(entries.len());
        Ok(entries)
    }
    fn last(&self, table: Table, from: &[u8], to: &[u8]) -> Result<Option<Entry>, ReadError> {
        self.count(1);
        self.store.last(table, from, to)
    }
}

/// What each of many envelopes of one log costs.
fn costs(scene: &mut Scene) -> Vec<usize> {
    let mut costs = Vec::new();
    let (mut last, mut change, mut content) = scene.envelope(&scene.writer, None, BEGIN);
    for n in 0..200 {
        let counted = Counted { store: &scene.node.store, reads: Cell::new(0) };
        let mut step = Step::new(&counted);
        let bytes = item(&last, content);
        let scope = scene.document.scope();
        let log = &mut scene.node.log;
        let offered = log.offer(&mut step, &scope, &bytes, ELSEWHERE, &Default::default());
        assert_eq!(offered, Ok(Offered::Taken));
        let (batch, _) = log.finish(step).expect("in memory");
        costs.push(counted.reads.get());
        scene.node.store.apply(&batch);
        (last, change, content) = scene.envelope(&scene.writer, Some((&last, &change)), BEGIN + n);
    }
    costs
}

fn are_the_same(costs: &[usize]) {
    assert!(costs[2..].iter().all(|reads| *reads == costs[2]), "{costs:?}");
    assert!(costs[2] < 25, "{}", costs[2]);
}

#[test]
fn an_envelope_that_counts_costs_the_same_however_long_the_log_and_whoever_is_suspended() {
    let mut scene = Scene::new();
    are_the_same(&costs(&mut scene));
    let mut scene = Scene::new();
    let forking = Writer { incarnation: Incarnation([9; 16]), ..scene.writer.clone() };
    for at in [BEGIN, BEGIN + 1] {
        let (side, _, content) = scene.envelope(&forking, None, at);
        scene.offer(&side, content);
        assert!(at == BEGIN || scene.reason(&side.id()).is_some());
    }
    are_the_same(&costs(&mut scene));
}

#[test]
fn an_envelope_of_an_author_who_was_dismissed_costs_the_same() {
    let mut scene = Scene::new();
    scene.node.learn(&[scene.world.end(scene.writer.delegation, BEGIN)]);
    are_the_same(&costs(&mut scene));
}
