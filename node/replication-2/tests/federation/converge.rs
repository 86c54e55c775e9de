//! Everything that may travel arrives, and nothing else does.

use automerge::{ROOT, ReadDoc};
use node_replication::history;
use node_replication::store::{ReadStore, Table};
use schema_wire::{Audience, Class, KeyGrant, Scope};

use crate::world::{CITY, COMMUNITY_UNIT, DISTRICT, LEFT, RIGHT, World, document, unit};

fn scopes(audiences: &[Audience]) -> Vec<Scope> {
    let scope = |audience: &Audience| Scope { unit: unit(COMMUNITY_UNIT), audience: *audience };
    audiences.iter().map(scope).collect()
}

fn contains(bytes: &[u8], needle: &[u8]) -> bool {
    bytes.windows(needle.len()).any(|window| window == needle)
}

#[test]
fn public_and_path_scopes_reach_the_city_and_unit_scopes_stay() {
    let mut world = World::found();
    let roster = document(COMMUNITY_UNIT, Class::Roster, "SHARDNAME");
    let place = document(COMMUNITY_UNIT, Class::Place, "p1");
    let report = document(COMMUNITY_UNIT, Class::Report, "r1");
    world.put(LEFT, &roster, "name", "PERSONALVALUE");
    world.connect(LEFT, DISTRICT);
    world.connect(CITY, DISTRICT);
    world.deliver();
    world.put(LEFT, &place, "name", "a place");
    world.put(LEFT, &report, "sum", "12");
    world.put(LEFT, &roster, "phone", "PERSONALVALUE");
    world.deliver();

    let shared = scopes(&[Audience::Public, Audience::Path]);
    let expected = world.nodes[LEFT].state(&shared);
    assert_eq!(expected.len(), 4, "two scopes, a document in each: {expected:?}");
    for node in [DISTRICT, CITY] {
        assert_eq!(world.nodes[node].state(&shared), expected);
        for table in Table::ALL {
            let store = &world.nodes[node].store.inner;
            let all = store.range(table, &[], &[u8::MAX; 128], usize::MAX).expect("memory");
            for (key, value) in all {
                for secret in [b"PERSONALVALUE".as_slice(), b"SHARDNAME"] {
                    assert!(!contains(&key, secret) && !contains(&value, secret));
                }
            }
        }
    }
    for (node, frame) in &world.frames {
        assert!(*node == LEFT || !contains(frame, b"PERSONALVALUE"));
        assert!(*node == LEFT || !contains(frame, b"SHARDNAME"));
    }
}

#[test]
fn concurrent_edits_of_two_cut_nodes_converge_and_keep_both_values() {
    let mut world = World::found();
    let roster = document(COMMUNITY_UNIT, Class::Roster, "b1");
    world.put(LEFT, &roster, "head", "before");
    let session = world.connect(LEFT, RIGHT);
    world.deliver();
    world.cut(session);
    world.put(LEFT, &roster, "head", "left");
    world.put(RIGHT, &roster, "head", "right");
    world.put(RIGHT, &roster, "other", "right");
    world.connect(RIGHT, LEFT);
    world.deliver();

    let all = scopes(&Audience::ALL);
    assert_eq!(world.nodes[LEFT].state(&all), world.nodes[RIGHT].state(&all));
    let mut heads: Vec<_> = [LEFT, RIGHT].map(|n| world.nodes[n].load(&roster).get_heads()).into();
    heads.dedup();
    assert_eq!(heads.len(), 1);
    let values = world.nodes[LEFT].load(&roster).get_all(ROOT, "head").expect("a map").len();
    assert_eq!(values, 2, "both values of the contested field are there");
}

#[test]
fn two_nodes_that_never_met_share_their_unit_scope_both_ways() {
    let mut world = World::found();
    let (a, b) =
        (document(COMMUNITY_UNIT, Class::Roster, "a"), document(COMMUNITY_UNIT, Class::Duty, "b"));
    world.put(LEFT, &a, "x", "left");
    world.put(RIGHT, &b, "x", "right");
    world.connect(LEFT, RIGHT);
    world.deliver();
    let all = scopes(&Audience::ALL);
    assert_eq!(world.nodes[LEFT].state(&all), world.nodes[RIGHT].state(&all));
    assert_eq!(world.nodes[RIGHT].state(&scopes(&[Audience::Unit])).len(), 3);
    for node in [LEFT, RIGHT] {
        world.nodes[node].resumed();
    }
}

#[test]
fn keys_of_persons_reach_the_units_other_node_and_nobody_else() {
    let mut world = World::found();
    world.connect(LEFT, RIGHT);
    world.connect(LEFT, DISTRICT);
    world.deliver();
    let secret = [0xab; 32];
    let now_ms = world.now_ms;
    let left = &mut world.nodes[LEFT];
    let grants = [KeyGrant::new([7; 16], secret)];
    let (_, output) = left.replica.grant_keys(now_ms, &grants, &left.store).expect("a keyring");
    world.release(LEFT, output);
    world.deliver();
    let keys = |node: usize| {
        history::person_keys(&world.nodes[node].store.inner, &unit(COMMUNITY_UNIT), [7; 16])
            .expect("memory")
    };
    assert_eq!(keys(RIGHT), [secret]);
    assert_eq!(keys(DISTRICT), Vec::<[u8; 32]>::new());
    assert!(world.frames.iter().all(|(node, f)| *node == RIGHT || !contains(f, &secret)));
}

#[test]
fn what_was_not_applied_is_lost_and_the_peer_sends_it_again() {
    let mut world = World::found();
    let roster = document(COMMUNITY_UNIT, Class::Roster, "b1");
    let session = world.connect(LEFT, RIGHT);
    world.deliver();
    for round in 0..20 {
        world.put(LEFT, &roster, "x", &format!("{round}"));
        // RIGHT takes some frames in, and dies before the rest.
        for _ in 0..round % 4 {
            world.deliver_one();
        }
        if round == 10 {
            world.cut(session);
        }
        world.restart(RIGHT);
        world.connect(LEFT, RIGHT);
    }
    world.deliver();
    let all = scopes(&Audience::ALL);
    assert_eq!(world.nodes[LEFT].state(&all), world.nodes[RIGHT].state(&all));
    let acked = world.nodes[LEFT].replica.status(&world.nodes[LEFT].store.inner).expect("memory");
    let scope = acked.scopes.iter().find(|s| s.scope == roster.scope()).expect("held");
    assert_eq!((scope.items, scope.receipts.unit), (20, 20), "acknowledged means held");
}

#[test]
fn the_same_inputs_give_the_same_frames() {
    let run = || {
        let mut world = World::found();
        let roster = document(COMMUNITY_UNIT, Class::Roster, "b1");
        world.put(LEFT, &roster, "x", "1");
        world.put(RIGHT, &roster, "x", "2");
        world.connect(LEFT, RIGHT);
        world.deliver();
        world.frames
    };
    assert_eq!(run(), run());
}
