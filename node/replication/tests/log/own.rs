//! A node's own envelopes, and those of another of its unit.

use std::collections::BTreeSet;

use node_replication::change::{Put, Scalar, write};
use node_replication::log::{DocumentRecord, Log, Offered, SetRecord, Step, WriteError, item};
use node_replication::store::MemStore;
use schema_wire::{
    Acknowledgement, Ascending, Bytes, Class, DocumentId, Hash, Ms, Payload, Receipt, UnitId, Wire,
};

use crate::node::Node;
use crate::world::{BEGIN, World, secret};

pub(crate) const NOW: Ms = Ms::of(BEGIN + 100);

/// Two nodes of one unit, and the delegations by which they write.
pub(crate) fn two_nodes() -> (World, [Node; 2], [Hash; 2]) {
    let world = World::new();
    let grants = [1, 2].map(|key| world.grant(&secret(key), 0));
    let mut known = world.base.clone();
    known.extend(grants.iter().map(|grant| grant.clone().into()));
    known.push(world.founding("c/e", Hash([3; 32])));
    let nodes = [1, 2].map(|key| {
        let mut node = Node::new(world.genesis.clone(), world.pins(), secret(key));
        node.learn(&known);
        node
    });
    (world, nodes, grants.map(|grant| grant.id()))
}

/// The node of the first key, opened on a copy of its store, as if it had started anew.
pub(crate) fn copy_of(node: &Node, world: &World) -> Node {
    Node::open(node.store.clone(), 2, world.genesis.clone(), world.pins(), secret(1))
}

pub(crate) fn reopen(node: &mut Node, world: &World) {
    *node = copy_of(node, world);
}

/// Puts a text at a key, instead of nothing.
pub(crate) fn put(
    log: &mut Log,
    step: &mut Step<'_, MemStore>,
    now: Ms,
    delegation: Hash,
    document: &DocumentId,
) -> Result<Hash, WriteError> {
    let draft = log.draft(now, document, step.store())?;
    let puts = vec![Put { key: "t/1/v", value: Scalar::Text("春节"), instead: vec![] }];
    let change = log.change_draft(&draft, step.store())?.change(puts);
    let content = Payload::Changes(Bytes::new(write(&change).0).expect("short"));
    log.write(step, now, delegation, draft, content)
}

/// Writes, and makes it durable.
pub(crate) fn write_one(node: &mut Node, delegation: Hash, document: &DocumentId) -> Hash {
    node.step(|log, step| Ok(put(log, step, NOW, delegation, document).expect("it counts")))
}

/// Brings an envelope from one node to another.
pub(crate) fn bring(from: &Node, to: &mut Node, document: &DocumentId, id: &Hash) -> Offered {
    let stored = item(&from.store, id).expect("in memory").expect("it is there");
    to.offer(&document.scope(), &stored.item.to_bytes(), &BTreeSet::new())
}

pub(crate) fn heads(node: &Node, document: &DocumentId) -> BTreeSet<Hash> {
    DocumentRecord::load(&node.store, document).expect("in memory").heads
}

#[test]
fn what_one_node_writes_another_admits_and_joins() {
    let (world, [mut one, mut other], [first, second]) = two_nodes();
    let document = world.document(144, "one");
    let mine = write_one(&mut one, first, &document);
    let theirs = write_one(&mut other, second, &document);
    assert_eq!(bring(&one, &mut other, &document, &mine), Offered::Taken);
    assert_eq!(bring(&other, &mut one, &document, &theirs), Offered::Taken);
    assert_eq!(heads(&one, &document), BTreeSet::from([mine, theirs]));
    let joined = write_one(&mut one, first, &document);
    assert_eq!(heads(&one, &document), BTreeSet::from([joined]));
    assert_eq!(bring(&one, &mut other, &document, &joined), Offered::Taken);
    assert_eq!(heads(&other, &document), BTreeSet::from([joined]));
    let sum = |node: &Node| {
        let set = SetRecord::load(&node.store, &document.scope()).expect("in memory");
        (set.items, set.vector.sum())
    };
    assert_eq!(sum(&one), sum(&other));
}

#[test]
fn what_would_not_count_is_not_written() {
    let (world, [mut one, _], [first, second]) = two_nodes();
    let document = world.document(144, "one");
    let refused = |one: &mut Node, delegation, now| {
        let mut step = Step::new(&one.store);
        let written = put(&mut one.log, &mut step, now, delegation, &document);
        written.err().map(|error| error.to_string())
    };
    let other = refused(&mut one, second, NOW).expect("the grant of another");
    assert!(other.contains("another key"), "{other}");
    let late = refused(&mut one, first, Ms::of(BEGIN * 9)).expect("after the term");
    assert!(late.contains("term"), "{late}");
    one.learn(&[world.end(first, BEGIN + 1)]);
    let ended = refused(&mut one, first, NOW).expect("ended");
    assert!(ended.contains("unpermitted"), "{ended}");
    assert!(heads(&one, &document).is_empty());
    // A clock that fell behind the delegation's begin stops nobody who wrote before; a delegation
    // that begins much later than anything this node knows of is not used.
    let (_, [mut one, _], [first, _]) = two_nodes();
    assert_eq!(refused(&mut one, first, Ms::of(BEGIN - 3_600_000)), None);
    let early = refused(&mut one, first, Ms::of(5)).expect("days before it begins");
    assert!(early.contains("not begun"), "{early}");
    write_one(&mut one, first, &document);
    assert_eq!(refused(&mut one, first, Ms::of(5)), None);
}

#[test]
fn letters_wait_for_acknowledgements() {
    let (world, [mut one, _], [first, _]) = two_nodes();
    let addressee = UnitId::parse("c/e").expect("a unit");
    let class = Class::new(192).expect("a class");
    let letters = DocumentId::new(world.unit.clone(), class, addressee.as_str());
    let letters = letters.expect("a document");
    let letter = |log: &mut Log, step: &mut Step<'_, MemStore>| {
        let draft = log.draft(NOW, &letters, step.store())?;
        let content = Payload::Letter(Some(Bytes::new(*b"sealed").expect("short")));
        log.write(step, NOW, first, draft, content)
    };
    one.step(|log, step| {
        for _ in 0..256 {
            letter(log, step).expect("within the window");
        }
        let full = letter(log, step).expect_err("nobody acknowledged");
        assert!(full.to_string().contains("acknowledged"), "{full}");
        Ok(())
    });
    // Acknowledgements go further than letters.
    one.step(|log, step| {
        let draft = log.draft(NOW, &letters, step.store()).expect("a draft");
        let told = Acknowledgement {
            author: log.author().key,
            incarnation: log.author().incarnation,
            seq: 1,
            state: Receipt::Held,
        };
        let told = Payload::Acknowledgement(Ascending::of([told]).expect("one"));
        log.write(step, NOW, first, draft, told).expect("within its window");
        Ok(())
    });
    assert_eq!(heads(&one, &letters).len(), 1);
}
