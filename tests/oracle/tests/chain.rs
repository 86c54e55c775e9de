//! Section 4: complete, followed, chains and rivals.

mod common;

use common::make::*;
use common::{Build, scene, texts};
use tests_oracle::case::{Case, Record};

fn two_rotations() -> Case {
    scene()
        .with(rotation("R1", "c/d", "LD", "pd", "k1").keeping(&["DG"]))
        .with(rotation("R2", "c/d", "LD", "pd", "k2"))
}

#[test]
fn an_only_successor_is_followed() {
    let judged = scene()
        .with(rotation("R1", "c/d", "LD", "pd", "k1"))
        .with(rotation("R2", "c/d", "R1", "pk1", "k2"))
        .judged();
    assert_eq!(judged.answer.present["LD"], "R2");
    assert_eq!(judged.answer.present["LC"], "LC");
    assert_eq!(judged.answer.root, "G");
    assert!(judged.answer.rivals.is_empty());
}

#[test]
fn of_two_none_is_followed_without_a_pin() {
    let judged = two_rotations().judged();
    assert_eq!(judged.answer.present["LD"], "LD");
    assert_eq!(judged.answer.rivals, texts(&["R1", "R2"]));
    assert_eq!(judged.stands("DG"), "--", "undecided: both must spare");
    let both = two_rotations().without("R2");
    let both = both.with(rotation("R2", "c/d", "LD", "pd", "k2").keeping(&["DG", "z"]));
    assert_eq!(both.judged().stands("DG"), "io", "both spare");
}

#[test]
fn a_pin_decides() {
    let judged = two_rotations().pin("LD", "R1").judged();
    assert_eq!(judged.answer.present["LD"], "R1");
    assert_eq!(judged.answer.rivals, texts(&["R2"]));
    assert_eq!(judged.stands("DG"), "io", "a rival voids nothing");
    let judged = two_rotations().pin("LD", "R2").judged();
    assert_eq!(judged.stands("DG"), "--");
}

#[test]
fn a_pin_of_no_successor_follows_none() {
    let judged = scene()
        .with(rotation("R1", "c/d", "LD", "pd", "k1"))
        .with(rotation("R2", "c/d", "R1", "pk1", "k2"))
        .pin("LD", "R2")
        .judged();
    assert_eq!(judged.answer.present["LD"], "LD");
    assert_eq!(judged.answer.rivals, texts(&["R1"]));
    let judged = two_rotations().pin("LD", "R3").judged();
    assert_eq!(judged.answer.present["LD"], "LD");
    assert_eq!(judged.stands("DG"), "io", "with a pin nothing is undecided");
}

#[test]
fn a_succession_needs_its_keys() {
    let mut case = scene().with(succession("S", "G", "n1", &["a", "b"]));
    assert_eq!(case.judged().answer.root, "S");
    case.genesis.next_threshold = 2;
    assert_eq!(case.judged().answer.root, "G");
    let own = case.clone().with(endorsement("E", "G", "n1", "S"));
    assert_eq!(own.judged().answer.root, "G", "one key counts once");
    let other = case.clone().with(endorsement("E", "G", "n2", "S"));
    assert_eq!(other.judged().answer.root, "S");
}

#[test]
fn keys_that_go_on_were_not_revealed() {
    let with = |roots_are: &[&str], next_is: &[&str]| {
        let mut made = succession("S", "G", "n1", roots_are);
        if let Record::Succession { next, .. } = &mut made.record {
            *next = texts(next_is);
        }
        let mut case = scene().with(made).with(endorsement("E", "G", "n2", "S"));
        case.genesis.next_threshold = 2;
        case.judged().answer.root
    };
    assert_eq!(with(&["a"], &["h:m1"]), "S");
    assert_eq!(with(&["a", "n2"], &["h:m1"]), "G", "n2 is a root of S");
    assert_eq!(with(&["a"], &["h:m1", "h:n2"]), "G", "n2 is committed to again");
}

#[test]
fn an_incomplete_succession_is_no_rival_and_voids_nothing() {
    let mut case = scene().with(succession("S", "G", "n1", &["a"]));
    case.genesis.next_threshold = 2;
    let judged = case.judged();
    assert!(judged.answer.rivals.is_empty());
    assert_eq!(judged.stands("DW"), "io");
}

#[test]
fn rivals_of_the_root_leave_it_undecided() {
    let case = scene().with(succession("S1", "G", "n1", &["a"]).keeping(&["FC"])).with(succession(
        "S2",
        "G",
        "n2",
        &["b"],
    ));
    let judged = case.judged();
    assert_eq!(judged.answer.root, "G");
    assert_eq!(judged.answer.rivals, texts(&["S1", "S2"]));
    assert_eq!(judged.stands("FC"), "--");
    assert_eq!(judged.stands("DW"), "i-", "inside, the root has no part");
    assert_eq!(case.pin("G", "S1").judged().stands("DW"), "io");
}
