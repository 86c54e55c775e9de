//! Section 8: who may hold what.

mod common;

use common::make::*;
use common::{Build, scene};
use tests_oracle::case::{Case, Scope};

fn own(unit: &str, compartment: u8) -> Scope {
    Scope::Own(unit.into(), compartment)
}

fn pair(a: &str, b: &str) -> Scope {
    Scope::Pair(a.into(), 3, b.into())
}

fn may(case: &Case, key: &str, at: u64, scope: Scope) -> bool {
    case.clone().asks(key, at, scope).judged().answer.reads[0]
}

/// The scene, with a member of the city and one of a street.
fn members() -> Case {
    scene()
        .with(delegation("DC", "c", "LC", "kc", "mc", 0))
        .with(charter("LS", "c/d/s", "ks", "ps"))
        .with(founding("FS", "c/d", "LD", "kd", "c/d/s", "LS"))
        .with(delegation("DS", "c/d/s", "LS", "ks", "ms", 0))
}

#[test]
fn public_is_for_every_member() {
    for scope in [own("c", 0), own("c/x", 1)] {
        assert!(may(&members(), "ms", 100, scope.clone()));
        assert!(!may(&members(), "nobody", 100, scope));
    }
    let cut = members().with(ending("X", "c", "LC", "kc", "FD"));
    assert!(may(&cut, "w", 100, own("c/d", 1)), "inside of U");
    assert!(!may(&cut, "w", 100, own("c", 1)), "no member outside any more");
}

#[test]
fn path_is_for_those_above() {
    assert!(may(&members(), "mc", 100, own("c/d", 2)));
    assert!(may(&members(), "w", 100, own("c/d", 2)));
    assert!(!may(&members(), "ms", 100, own("c/d", 2)), "below");
    let no_bit =
        members().without("DC").with(delegation("DC", "c", "LC", "kc", "mc", 0).reading(15));
    assert!(!may(&no_bit, "mc", 100, own("c/d", 2)), "bit 16");
    assert!(may(&no_bit, "mc", 100, own("c/d", 1)));
}

#[test]
fn addressed_is_for_those_who_carry() {
    let to = |key, a, b| may(&members(), key, 100, pair(a, b));
    assert!(to("ms", "c/d/s", "c/e"), "one of the two");
    assert!(to("w", "c/d/s", "c/e"), "on the way");
    assert!(to("mc", "c/d/s", "c/e"), "the lowest common ancestor");
    assert!(!to("mc", "c/d/s", "c/d/t"), "above the lowest common ancestor");
    assert!(!to("ms", "c/d", "c/e"), "contains neither");
    assert!(to("mc", "c", "z"), "without an ancestor A and B alone");
    assert!(!to("mc", "c/d", "z"));
    let cut = members().with(ending("X", "c", "LC", "kc", "FD"));
    assert!(may(&cut, "w", 100, pair("c/d", "c/e")), "inside of A");
    assert!(may(&cut, "w", 100, pair("c/a", "c/d")), "inside of B");
    let no_bit =
        members().without("DW").with(delegation("DW", "c/d", "DG", "g", "w", 2).reading(15));
    assert!(!may(&no_bit, "w", 100, pair("c/d", "c/e")), "bit 16");
}

/// A member outside who is not inside: the own unit is followed in another lineage.
#[test]
fn the_two_units_carry_by_themselves() {
    let case = members()
        .without("FD")
        .with(charter("L2", "c/d", "k2", "p2"))
        .with(founding("F2", "c", "LC", "kc", "c/d", "L2"))
        .with(delegation("D2", "c/d", "L2", "k2", "m2", 0));
    assert!(!may(&case, "m2", 100, own("c/d", 4)), "not inside");
    assert!(may(&case, "m2", 100, pair("c/d", "z")));
    assert!(may(&case, "m2", 100, pair("a", "c/d")));
}

#[test]
fn bands_are_for_members_inside_of_the_own_unit() {
    for band in 0..4 {
        let only = members()
            .without("DW")
            .with(delegation("DW", "c/d", "DG", "g", "w", 2).reading(1 << band));
        for asked in 0..4 {
            assert_eq!(may(&only, "w", 100, own("c/d", 4 + asked)), asked == band);
        }
    }
    assert!(!may(&members(), "mc", 100, own("c", 4)), "not the sender's own unit");
    assert!(!may(&members(), "mc", 100, own("c/d", 4)), "not a member of it");
}

#[test]
fn every_delegation_of_the_last_lineage_has_the_bit() {
    let case =
        members().without("DG").with(delegation("DG", "c/d", "LD", "kd", "g", 1).reading(30));
    assert!(!may(&case, "w", 100, own("c/d", 4)));
    assert!(may(&case, "w", 100, own("c/d", 5)));
    let above = members()
        .with(delegation("DX", "c", "LC", "kc", "gc", 1).reading(0))
        .without("FD")
        .with(founding("FD", "c", "DX", "gc", "c/d", "LD"));
    assert!(may(&above, "w", 100, pair("c/d/s", "c/e")), "units above say nothing");
}

#[test]
fn too_early_is_not_refused() {
    let case =
        members().without("DW").with(delegation("DW", "c/d", "DG", "g", "w", 2).term(50, 60));
    assert!(may(&case, "w", 10, own("c/d", 4)));
    assert!(may(&case, "w", 60, own("c/d", 4)));
    assert!(!may(&case, "w", 61, own("c/d", 4)));
}

#[test]
fn the_lineage_of_a_member_inside() {
    let rivals = || {
        members()
            .with(charter("L2", "c/d", "k2", "p2"))
            .with(founding("F2", "c", "G", "r1", "c/d", "L2"))
            .with(delegation("D2", "c/d", "L2", "k2", "m2", 0))
    };
    assert!(may(&rivals(), "w", 100, own("c/d", 4)), "the own lineage");
    assert!(!may(&rivals(), "m2", 100, own("c/d", 4)));
    let mut elsewhere = rivals();
    elsewhere.own.unit = "c".into();
    elsewhere.own.lineage = "LC".into();
    let cut = elsewhere.follow("c/d", "LD");
    assert!(may(&cut, "w", 100, own("c/d", 2)));
    assert!(!may(&cut, "m2", 100, own("c/d", 2)), "not the one followed");
}

#[test]
fn what_is_no_scope_is_denied() {
    for scope in [own("c/d", 3), own("c/d", 8), pair("c/e", "c/d"), pair("c/d", "c/d")] {
        assert!(!may(&members(), "w", 100, scope));
    }
    assert!(!may(&members(), "w", 100, Scope::Pair("c/d".into(), 4, "c/e".into())));
}
