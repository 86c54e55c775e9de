//! What an envelope costs: reads of the store, counted.

use std::cell::Cell;

use node_replication::log::{Offered, Origin, Step};
use node_replication::store::{Entry, MemStore, ReadError, ReadStore, Table};

use crate::sets::Scene;
use crate::world::{BEGIN, item};

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

#[test]
fn an_envelope_of_a_document_without_doubts_costs_the_same_however_long_the_log() {
    let mut scene = Scene::new();
    let mut costs = Vec::new();
    let (mut last, mut change, mut content) = scene.envelope(&scene.writer, None, BEGIN);
    for n in 0..300 {
        let counted = Counted { store: &scene.node.store, reads: Cell::new(0) };
        let mut step = Step::new(&counted);
        let bytes = item(&last, content);
        let scope = scene.document.scope();
        let log = &mut scene.node.log;
        let offered = log.offer(&mut step, &scope, &bytes, Origin::OWN, &Default::default());
        assert_eq!(offered, Ok(Offered::Taken));
        let (batch, _) = log.finish(step).expect("in memory");
        costs.push(counted.reads.get());
        scene.node.store.apply(&batch);
        (last, change, content) = scene.envelope(&scene.writer, Some((&last, &change)), BEGIN + n);
    }
    drop(change);
    println!("reads: first {}, third {}, last {}", costs[0], costs[2], costs[299]);
    assert!(costs[2..].iter().all(|reads| *reads == costs[2]), "{costs:?}");
    assert!(costs[2] < 20, "{}", costs[2]);
}
