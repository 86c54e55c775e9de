//! What a reconnect costs, counted: round trips, items, bytes and reads of the store.

use node_replication::store::Table;
use schema_wire::{Class, Scope};

use crate::world::{COMMUNITY_UNIT, LEFT, RIGHT, World, document};

const CHANGED: usize = 10;

/// Two nodes that hold `count` documents each, then are cut; LEFT then changes ten of them.
fn apart(count: usize) -> World {
    let mut world = World::found();
    let session = world.connect(LEFT, RIGHT);
    world.deliver();
    let name = |n: usize| document(COMMUNITY_UNIT, Class::Roster, &format!("b{n}"));
    for n in 0..count {
        world.put(LEFT, &name(n), "x", "before");
    }
    world.deliver();
    world.wake();
    world.cut(session);
    for n in 0..CHANGED {
        world.put(LEFT, &name(n * count / CHANGED), "x", "after");
    }
    for node in [LEFT, RIGHT] {
        world.nodes[node].events.clear();
        world.nodes[node].store.take_reads();
    }
    world.frames.clear();
    world
}

fn roster() -> Scope {
    document(COMMUNITY_UNIT, Class::Roster, "b0").scope()
}

fn reads(world: &World) -> u64 {
    [LEFT, RIGHT].iter().flat_map(|n| world.nodes[*n].store.take_reads().into_values()).sum()
}

fn bytes(world: &World) -> usize {
    world.frames.iter().map(|(_, frame)| frame.len()).sum()
}

#[test]
fn a_cursor_resumes_in_one_round_trip_whatever_lies_unchanged() {
    let mut counted = Vec::new();
    for count in [2_500, 10_000] {
        for dialer in [LEFT, RIGHT] {
            let mut world = apart(count);
            world.connect(dialer, LEFT + RIGHT - dialer);
            world.deliver();
            let scopes = [roster()];
            assert_eq!(world.nodes[LEFT].state(&scopes), world.nodes[RIGHT].state(&scopes));
            let (left, right) = (world.nodes[LEFT].resumed(), world.nodes[RIGHT].resumed());
            assert_eq!((left.round_trips, right.round_trips), (1, 1));
            assert_eq!((left.items_out, right.items_in), (CHANGED as u64, CHANGED as u64));
            assert!(bytes(&world) <= 20_000, "{} bytes", bytes(&world));
            counted.push(reads(&world));
        }
    }
    counted.dedup();
    assert_eq!(counted.len(), 1, "reads do not depend on what is unchanged: {counted:?}");
    assert!(counted[0] < 100 * CHANGED as u64, "{counted:?}");
}

#[test]
fn equal_sides_read_no_item_and_send_none() {
    let mut world = apart(100);
    let session = world.connect(LEFT, RIGHT);
    world.deliver();
    world.cut(session);
    for node in [LEFT, RIGHT] {
        world.nodes[node].store.take_reads();
    }
    world.connect(RIGHT, LEFT);
    world.deliver();
    for node in [LEFT, RIGHT] {
        let cost = world.nodes[node].resumed();
        assert_eq!((cost.items_in, cost.items_out, cost.round_trips), (0, 0, 1));
        let reads = world.nodes[node].store.take_reads();
        for table in [Table::UnitFeed, Table::Index, Table::Docs, Table::DocLog, Table::Changes] {
            assert_eq!(reads.get(&table), None, "{table:?}");
        }
    }
}

#[test]
fn without_cursors_the_difference_is_found_without_listing_everything() {
    for (lost, dialer) in
        [(vec![LEFT], LEFT), (vec![RIGHT], LEFT), (vec![LEFT, RIGHT], RIGHT), (vec![RIGHT], RIGHT)]
    {
        let count = 10_000;
        let mut world = apart(count);
        lost.iter().for_each(|node| world.drop_cursors(*node));
        // RIGHT has news as well: the difference goes both ways.
        world.put(RIGHT, &document(COMMUNITY_UNIT, Class::Roster, "new"), "x", "right");
        world.connect(dialer, LEFT + RIGHT - dialer);
        world.deliver();
        let scopes = [roster()];
        assert_eq!(world.nodes[LEFT].state(&scopes), world.nodes[RIGHT].state(&scopes));
        for node in [LEFT, RIGHT] {
            let cost = world.nodes[node].resumed();
            // Hello, two exchanges of ranges, and the want.
            assert!(cost.round_trips <= 4, "{lost:?} {dialer}: {cost:?}");
            assert!(cost.items_in + cost.items_out <= CHANGED as u64 + 1, "{cost:?}");
        }
        let listing = count * 32;
        assert!(bytes(&world) < listing / 2, "{} bytes, listing {listing}", bytes(&world));
    }
}
