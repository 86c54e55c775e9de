//! A thief of a unit's operating key is the unit until its people use their recovery phrase, and
//! nothing afterwards.

use std::collections::BTreeSet;

use node_acts::deed::{DeedError, rotate};
use node_acts::generation::Rotate;
use node_acts::issuer::Issuer;
use node_acts::role::Role;
use schema_wire::{Hash, Keeps};

use crate::world::*;

const THIEF: u8 = 77;
const DESK: u8 = 40;
const NEW: u8 = 4;

/// The desk is honest; the thief took himself in and threw the unit's own node out.
fn robbed() -> (World, Hash, [Hash; 2]) {
    let mut world = World::new();
    let issuer = world.community.issuer(&world.genesis);
    let desk = delegate(&issuer, node(DESK), &Role::writing(), 1);
    let stolen = delegate(&issuer, node(THIEF), &Role::governing(), 2);
    let thrown_out = issuer.withdraw(desk.id(), Keeps::default(), NOW).expect("an ending");
    let (desk_id, ids) = (desk.id(), [stolen.id(), thrown_out.id()]);
    world.statements.extend([desk.into(), stolen.into(), thrown_out.into()]);
    (world, desk_id, ids)
}

#[test]
fn a_rotation_voids_all_that_the_thief_made_his_endings_included() {
    let (world, desk, stolen) = robbed();
    let mut authority = world.seen_by(&world.community);
    let (lineage, community) = (world.community.lineage, &world.community.unit);
    assert_eq!(given(&authority, node(THIEF), community), [0, 1, 2, 3], "he is a member");
    let wrote = (node(DESK), desk, NOW);
    assert!(!counts(&authority, wrote, 128, &[]), "the desk was thrown out");

    let next = (node(NEW), phrase(9).public().commitment());
    let stolen_acts = stolen.into_iter().collect();
    let rotation =
        rotate(&authority, &lineage, &phrase(3), next, &stolen_acts, NOW).expect("rotated");
    let id = rotation.id();
    bring(&mut authority, &[rotation.into()]);
    assert_eq!(authority.present(&lineage), Some(id));
    assert_eq!(given(&authority, node(THIEF), community), [], "the thief");
    assert_eq!(given(&authority, node(DESK), community), [0, 1, 2, 3], "the desk");
    assert!(counts(&authority, wrote, 128, &[]), "the desk's work");
    assert!(!counts(&authority, (node(THIEF), stolen[0], NOW), 128, &[]));
    // The unit's own node, which nobody threw out, was kept.
    let own = (node(3), world.community.delegation.id(), NOW);
    assert!(counts(&authority, own, 128, &[]));

    // What he signs with the old key from now on is void, whatever time he claims.
    let old = world.community.issuer(&world.genesis);
    let late = delegate(&old, node(THIEF), &Role::governing(), 8);
    let ending = old.withdraw(desk, Keeps::default(), TERM.from).expect("signed");
    bring(&mut authority, &[late.into(), ending.into()]);
    assert_eq!(given(&authority, node(THIEF), community), []);
    assert!(counts(&authority, wrote, 128, &[]));
    // The new key speaks as the unit.
    let (network, key) = (world.genesis.network(), key(NEW));
    let issuer = Issuer { network, unit: community, proof: id, key: &key };
    let fresh = delegate(&issuer, node(41), &Role::writing(), 9);
    bring(&mut authority, &[fresh.into()]);
    assert_eq!(given(&authority, node(41), community), [0, 1, 2, 3]);
}

#[test]
fn without_the_phrase_nobody_passes_a_lineage_on() {
    let (world, _, _) = robbed();
    let authority = world.seen_by(&world.community);
    let (lineage, community) = (world.community.lineage, &world.community.unit);
    let next = (node(THIEF), phrase(9).public().commitment());
    let wrong = rotate(&authority, &lineage, &phrase(8), next, &BTreeSet::new(), NOW);
    assert_eq!(wrong.map(|r| r.id()), Err(DeedError::OtherPhrase));
    // Nor does a record made by hand, with whatever key from whatever paper.
    for n in [1, 2, 8, THIEF] {
        let mut authority = authority.clone();
        let network = world.genesis.network();
        let (previous, keeps) = (lineage, Keeps::default());
        let (key, next) = (node(THIEF), Hash([5; 32]));
        let rotation = Rotate { network, unit: community, previous, key, next, keeps, at: NOW };
        let rotation = rotation.by(&phrase(n)).expect("signed");
        let outcome = authority.insert(&rotation.into());
        assert!(matches!(outcome, node_authority::Outcome::Refused(_)), "{n}: {outcome:?}");
        assert_eq!(authority.present(&lineage), Some(lineage));
    }
}

/// A phrase that was used twice is an alarm, and voids nothing where one was followed first.
#[test]
fn a_phrase_that_was_copied_makes_a_rival_and_an_alarm() {
    let world = World::new();
    let mut authority = world.seen_by(&world.community);
    let lineage = world.community.lineage;
    let (none, next) = (BTreeSet::new(), |n| (node(n), phrase(n).public().commitment()));
    let first = rotate(&authority, &lineage, &phrase(3), next(NEW), &none, NOW).expect("rotated");
    let rival = rotate(&authority, &lineage, &phrase(3), next(THIEF), &none, NOW).expect("rotated");
    bring(&mut authority, &[first.clone().into()]);
    authority.pin(node_authority::Pin::Generation { after: lineage, successor: Some(first.id()) });
    bring(&mut authority, &[rival.clone().into()]);
    assert_eq!(authority.present(&lineage), Some(first.id()));
    assert_eq!(authority.rivals(), [rival.id()].into());
    let own = (node(3), world.community.delegation.id(), NOW);
    assert!(counts(&authority, own, 128, &[]));
}
