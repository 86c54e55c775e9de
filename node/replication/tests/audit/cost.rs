//! What one envelope costs, counted in reads of the store.

use std::cell::Cell;
use std::collections::BTreeSet;

use node_replication::change::{Put, Scalar};
use node_replication::log::{Offered, Step};
use node_replication::store::{Entry, MemStore, ReadError, ReadStore, Table};
use schema_wire::{Keeps, Verbs};

use crate::node::{ELSEWHERE, Node};
use crate::town::{Writer, document, town};

/// Counts the entries that are read.
struct Counting<'a>(&'a MemStore, Cell<u64>);

impl Counting<'_> {
    fn note(&self, entries: usize) {
        self.1.set(self.1.get() + entries as u64 + 1);
    }
}

impl ReadStore for Counting<'_> {
    fn read(&self, table: Table, key: &[u8]) -> Result<Option<Vec<u8>>, ReadError> {
        self.note(1);
        self.0.read(table, key)
    }
    fn range(
        &self,
        table: Table,
        from: &[u8],
        to: &[u8],
        limit: usize,
    ) -> Result<Vec<Entry>, ReadError> {
        let found = self.0.range(table, from, to, limit)?;
        self.note(found.len());
        Ok(found)
    }
    fn last(&self, table: Table, from: &[u8], to: &[u8]) -> Result<Option<Entry>, ReadError> {
        self.note(1);
        self.0.last(table, from, to)
    }
}

/// What an envelope reads; it is made durable.
fn reads(node: &mut Node, writer: &Writer, bytes: &[u8]) -> u64 {
    let scope = writer.document.scope();
    let (batch, count) = {
        let store = Counting(&node.store, Cell::new(0));
        let mut step = Step::new(&store);
        let offered = node.log.offer(&mut step, &scope, bytes, ELSEWHERE, &BTreeSet::new());
        assert_eq!(offered, Ok(Offered::Taken));
        let (batch, _) = node.log.finish(step).expect("in memory");
        (batch, store.1.get())
    };
    node.store.apply(&batch);
    count
}

fn writer(node: &mut Node, op: &crate::town::Issuer) -> Writer {
    let grant = op.grants("writer", Verbs::WRITE, 1);
    let writer = Writer::new("writer", grant.id(), document(144, "one"));
    node.learn(&[grant]);
    writer
}

fn put<'a>(key: &'a str, number: i64) -> Put<'a> {
    Put { key, value: Scalar::Integer(number), instead: Vec::new() }
}

/// Finding 11, mended. A change that replaces what its own forked log put: each value walked the log
/// back from its end.
#[test]
fn a_change_reads_as_much_as_it_names_and_not_its_square() {
    let costs = [50_i64, 100].map(|length| {
        let (mut node, op) = town();
        let first = writer(&mut node, &op);
        let keys: Vec<String> = (0..length).map(|n| format!("a/{n}/x")).collect();
        let mut sides = [first.clone(), first];
        for (number, side) in (0..).zip(&mut sides) {
            for key in &keys {
                let written = side.change(vec![put(key, number)]);
                reads(&mut node, side, &written.bytes);
            }
        }
        let [mut side, _] = sides;
        let replaced = |(n, key)| Put { instead: vec![side.op(n)], ..put(key, 9) };
        let puts = (1..).zip(&keys).map(|(n, key)| replaced((n, key.as_str()))).collect();
        // Without what judging the document reads: that is another finding.
        let empty = side.clone().change(vec![]);
        let before = reads(&mut node, &side, &empty.bytes);
        let written = side.change(puts);
        let after = reads(&mut node, &side, &written.bytes);
        println!("a change that names {length} values of a forked log: {after} ({before}) reads");
        after.saturating_sub(before)
    });
    assert!(costs[1] < 3 * costs[0], "{costs:?}");
}

/// Finding 9. One envelope that does not count, and every later one is judged with its whole
/// document.
#[test]
fn an_envelope_reads_the_same_however_long_its_document() {
    let costs = [100, 200].map(|length| {
        let (mut node, op) = town();
        let mut honest = writer(&mut node, &op);
        let grant = op.grants("removed", Verbs::WRITE, 2);
        let mut removed = Writer::new("removed", grant.id(), honest.document.clone());
        let gone = op.withdraws(grant.id(), Keeps::default(), 20);
        node.learn(&[grant, gone]);
        let bad = removed.change(vec![put("a/1/x", 1)]);
        reads(&mut node, &removed, &bad.bytes);
        let mut last = 0;
        for _ in 0..length {
            let written = honest.change(vec![]);
            last = reads(&mut node, &honest, &written.bytes);
        }
        println!("an envelope in a document of {length}: {last} reads");
        last
    });
    assert!(costs[1] < costs[0] + costs[0] / 2, "{costs:?}");
}

/// Finding: whoever forks its log once, and goes on behind the fork, had every further envelope of
/// its judged with the whole document.
#[test]
fn an_envelope_behind_a_fork_reads_the_same_however_long_its_document() {
    let costs = [100, 200].map(|length| {
        let (mut node, op) = town();
        let mut honest = writer(&mut node, &op);
        let grant = op.grants("forker", Verbs::WRITE, 2);
        node.learn(std::slice::from_ref(&grant));
        let first = Writer::new("forker", grant.id(), honest.document.clone());
        let [mut side, mut other] = [first.clone(), first];
        for (number, side) in [(1, &mut side), (2, &mut other)] {
            let written = side.change(vec![put("a/1/x", number)]);
            reads(&mut node, side, &written.bytes);
        }
        for _ in 0..length {
            let written = honest.change(vec![]);
            reads(&mut node, &honest, &written.bytes);
        }
        let behind = [side.change(vec![]), side.change(vec![])];
        let costs = behind.map(|written| reads(&mut node, &side, &written.bytes));
        println!("behind a fork, in a document of {length}: {costs:?} reads");
        costs[1]
    });
    assert!(costs[1] < costs[0] + costs[0] / 2, "{costs:?}");
}
