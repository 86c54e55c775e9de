//! What each kind of transfer may cost, counted and not timed: frames, bytes, reads, writes and
//! signature checks for each item. The ceilings lie a little above what was measured, so that a
//! change which makes transfers dearer must say so here.
//!
//! `tests/bench` measures the same transfers in time, beside other systems. No Automerge document
//! is loaded in any of them: nothing in this crate can.

use std::sync::Arc;

use schema_wire::{Claim, Class, Recent, Verifier};

use crate::world::{COMMUNITY_UNIT, CountingVerifier, DISTRICT, LEFT, RIGHT, World, document};

/// What a transfer took, both ends together.
#[derive(Debug, PartialEq, Eq)]
struct Taken {
    frames: usize,
    bytes: usize,
    /// Calls, and entries that ranges gave.
    reads: usize,
    writes: usize,
    checks: usize,
}

fn name(number: usize) -> schema_wire::DocumentId {
    document(COMMUNITY_UNIT, Class::Roster, &format!("b{number}"))
}

/// Begins to count.
fn clear(world: &mut World) {
    world.frames.clear();
    world.verifier.take();
    for node in [LEFT, RIGHT] {
        world.nodes[node].store.take_reads();
        (world.nodes[node].writes, world.nodes[node].events) = (0, Vec::new());
    }
}

fn taken(world: &World) -> Taken {
    let nodes = || [LEFT, RIGHT].iter().map(|node| &world.nodes[*node]);
    let reads: u64 = nodes().flat_map(|node| node.store.take_reads().into_values()).sum();
    Taken {
        frames: world.frames.len(),
        bytes: world.frames.iter().map(|(_, frame)| frame.len()).sum(),
        reads: usize::try_from(reads).expect("few"),
        writes: nodes().map(|node| node.writes).sum(),
        checks: usize::try_from(world.verifier.take()).expect("few"),
    }
}

/// Two nodes that met before, hold `held` equal documents and are apart; then LEFT changes
/// `changed` of them.
fn apart(held: usize, changed: usize) -> World {
    let mut world = World::found();
    let session = world.connect(LEFT, RIGHT);
    world.deliver();
    (0..held).for_each(|n| world.put(LEFT, &name(n), "x", "before"));
    world.deliver();
    world.wake();
    world.cut(session);
    (0..changed).for_each(|n| world.put(LEFT, &name(n * held / changed), "x", "after"));
    world
}

fn meet(world: &mut World) -> Taken {
    clear(world);
    world.connect(LEFT, RIGHT);
    world.deliver();
    let scopes = [name(0).scope()];
    assert_eq!(world.nodes[LEFT].state(&scopes), world.nodes[RIGHT].state(&scopes));
    taken(world)
}

#[test]
fn a_reconnect_costs_what_changed() {
    for (held, changed) in [(200, 10), (2_000, 10), (2_000, 100)] {
        let taken = meet(&mut apart(held, changed));
        assert_eq!(taken.checks, changed, "one check for each new envelope: {taken:?}");
        assert!(taken.frames <= 4, "{taken:?}");
        assert!(taken.bytes <= 3_000 + 400 * changed, "{taken:?}");
        assert!(taken.reads <= 40 + 12 * changed, "{taken:?}");
        assert!(taken.writes <= 10 + 6 * changed, "{taken:?}");
    }
}

#[test]
fn a_cold_transfer_checks_and_sends_each_item_once() {
    let mut world = World::found();
    let session = world.connect(LEFT, RIGHT);
    world.deliver();
    world.cut(session);
    let items = 1_000;
    (0..items).for_each(|n| world.put(LEFT, &name(n / 2), &format!("x{n}"), "1"));
    let taken = meet(&mut world);
    assert_eq!(taken.checks, items, "{taken:?}");
    assert!(taken.frames <= 2 + 2 * items.div_ceil(256), "{taken:?}");
    assert!(taken.bytes <= 4_000 + 400 * items, "{taken:?}");
    assert!(taken.reads <= 200 + 12 * items, "{taken:?}");
    assert!(taken.writes <= 100 + 7 * items, "{taken:?}");
}

#[test]
fn without_cursors_the_price_is_one_reading_of_the_index() {
    for held in [1_000, 4_000] {
        let changed = 10;
        let mut world = apart(held, changed);
        [LEFT, RIGHT].into_iter().for_each(|node| world.drop_cursors(node));
        let taken = meet(&mut world);
        assert_eq!(taken.checks, changed, "{taken:?}");
        assert!(world.nodes[LEFT].resumed().round_trips <= 4);
        assert!(taken.frames <= 16, "{taken:?}");
        assert!(taken.bytes <= 12_000 + 400 * changed, "{taken:?}");
        // The index of either side once, and nothing else for what is unchanged.
        let index = 2 * held + changed;
        assert!(taken.reads <= index + 200 + 20 * changed, "{taken:?}");
        assert!(taken.writes <= 30 + 7 * changed, "{taken:?}");
    }
}

/// Found by the benchmark: LEFT's unit scope fills the session's window before its public scope,
/// where its grant is, has been compared; RIGHT holds the frames until it has the grant, for which
/// there must be room.
#[test]
fn nodes_that_never_met_transfer_more_than_a_window() {
    let mut world = World::found();
    // Small enough that four frames fill the window to the last byte.
    let text = "x".repeat(187);
    (0..2_400).for_each(|n| world.put(LEFT, &name(n), "x", &text));
    meet(&mut world);
}

/// What a district reads when a community comes back with one report, among so many communities.
fn reads_of_a_return(others: u8) -> u64 {
    let mut world = World::found();
    let report = |at: &str| document(at, Class::Report, "live-0000000000");
    let meet = |world: &mut World, node: usize, at: &str, value: &str| {
        world.put(node, &report(at), "value", value);
        let session = world.connect(node, DISTRICT);
        world.deliver();
        session
    };
    for number in 0..others {
        let (node, at) = world.settle(number);
        meet(&mut world, node, &at, "1");
    }
    let session = meet(&mut world, LEFT, COMMUNITY_UNIT, "1");
    world.wake();
    world.cut(session);
    world.nodes[DISTRICT].store.take_reads();
    meet(&mut world, LEFT, COMMUNITY_UNIT, "2");
    world.nodes[DISTRICT].store.take_reads().into_values().sum()
}

#[test]
fn a_hello_reads_only_what_its_peer_shares() {
    let (few, many) = (reads_of_a_return(2), reads_of_a_return(50));
    assert_eq!(few, many, "the price of one link does not grow with the others");
}

/// Counts what a memory of signatures lets through.
#[derive(Debug)]
struct Shared(Arc<CountingVerifier>);

impl Verifier for Shared {
    fn holds(&self, claim: &Claim<'_>) -> bool {
        self.0.holds(claim)
    }
}

#[test]
fn entries_of_ones_own_are_not_checked_again() {
    let mut world = World::found();
    world.nodes[LEFT].config.verifier = Arc::new(Recent::new(Shared(world.verifier.clone())));
    world.restart(LEFT);
    clear(&mut world);
    (0..100).for_each(|n| world.put(LEFT, &name(n), "x", "1"));
    let taken = taken(&world);
    assert_eq!(taken.checks, 0, "{taken:?}");
    assert!(taken.reads <= 1_500, "{taken:?}");
    assert!(taken.writes <= 700, "{taken:?}");
}
