//! A grant that ran out counts by what its holder claims, until it is closed; then by what the
//! unit heard.

use node_acts::issuer::Term;
use node_acts::role::Role;
use node_authority::GrantState;
use schema_wire::{Keeps, Ms};

use crate::world::*;

const SHORT: Term = Term { from: Ms::of(1), until: Ms::of(500_000) };
const DESK: u8 = 40;

#[test]
fn what_ran_out_is_shown_as_unclosed_and_a_closing_ends_claimed_times() {
    let world = World::new();
    let mut authority = world.seen_by(&world.community);
    let issuer = world.community.issuer(&world.genesis);
    let grant = issuer.delegate(node(DESK), &Role::writing(), SHORT, 1).expect("a grant");
    let id = grant.id();
    bring(&mut authority, &[grant.into()]);
    let state = |authority: &node_authority::Authority| {
        let mut grants = authority.grants(&world.community.lineage, NOW);
        grants.find(|grant| grant.id == id).expect("listed").state
    };
    assert_eq!(state(&authority), GrantState::Unclosed);
    // It reads nothing any more, and a time within its term still counts.
    assert_eq!(given(&authority, node(DESK), &world.community.unit), []);
    let dated_back = (node(DESK), id, Ms::of(400_000));
    assert!(counts(&authority, dated_back, 128, &[]));
    assert!(!counts(&authority, (node(DESK), id, NOW), 128, &[]), "later than its term");

    let early = issuer.close(id, Keeps::default(), SHORT.until).expect("signed");
    bring(&mut authority, &[early.into()]);
    assert!(counts(&authority, dated_back, 128, &[]), "closed before its time was over");
    let closing = issuer.close(id, Keeps::default(), NOW).expect("signed");
    bring(&mut authority, &[closing.into()]);
    assert_eq!(state(&authority), GrantState::Ended);
    assert!(!counts(&authority, dated_back, 128, &[]), "a closing ends claimed times");
}

#[test]
fn nobody_but_the_unit_closes_its_grants() {
    let world = World::new();
    let mut authority = world.seen_by(&world.community);
    let issuer = world.community.issuer(&world.genesis);
    let grant = issuer.delegate(node(DESK), &Role::governing(), SHORT, 1).expect("a grant");
    let id = grant.id();
    bring(&mut authority, &[grant.into()]);
    let city = unit(CITY);
    for other in [world.district.issuer(&world.genesis), world.root_issuer(&city)] {
        bring(&mut authority, &[other.close(id, Keeps::default(), NOW).expect("signed").into()]);
    }
    assert!(counts(&authority, (node(DESK), id, Ms::of(400_000)), 128, &[]));
}
