//! A grant that ran out counts by what its holder claims, until it is closed; then by what the
//! unit heard.

use node_acts::deed;
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

/// Nobody has to close a founding: it grants nothing inside the unit, and past its term nothing
/// that is published counts until the unit above recognises the lineage anew.
#[test]
fn a_founding_that_ran_out_keeps_what_was_published_in_its_term_and_nothing_later() {
    const LATER: Ms = Ms::of(9_000_000 + deed::GRACE_MS + 1);
    const LONG: Term = Term { from: Ms::of(1), until: Ms::of(2 * LATER.get()) };
    let world = World::new();
    let community = world.community.issuer(&world.genesis);
    let grant = community.delegate(node(DESK), &Role::writing(), LONG, 1).expect("a grant");
    let id = grant.id();
    for seen_by in [&world.district, &world.community] {
        let mut authority = world.seen_by(seen_by);
        bring(&mut authority, &[grant.clone().into()]);
        let published = |authority: &_, at| counts(authority, (node(DESK), id, at), 64, &[]);
        assert!(published(&authority, NOW));
        assert!(!published(&authority, LATER), "published after the founding ran out");
        assert_eq!(authority.followed(&world.community.unit), Some(world.community.lineage));
        let overdue = deed::overdue(&authority, &world.district.lineage, LATER);
        assert_eq!(overdue.into_keys().collect::<Vec<_>>(), [node(2)], "it closes its own node");

        let above = world.district.issuer(&world.genesis);
        let Led { unit: below, lineage, .. } = &world.community;
        let anew = above.recognise(below.clone(), *lineage, LONG, 1).expect("founded");
        bring(&mut authority, &[anew.into()]);
        assert!(
            published(&authority, NOW) && !published(&authority, LATER),
            "the district's ran out"
        );
        let (city, district) = (unit(CITY), &world.district);
        let root = world.root_issuer(&city);
        let anew = root.recognise(district.unit.clone(), district.lineage, LONG, 1);
        bring(&mut authority, &[anew.expect("founded").into()]);
        assert!(published(&authority, NOW) && published(&authority, LATER));
    }
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
