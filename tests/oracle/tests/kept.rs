//! Section 5: well made, and rules 1 to 7.

mod common;

use common::make::*;
use common::{Build, empty, scene, texts};
use tests_oracle::case::{Document, Record, Scope, Statement};

/// How the statement is kept in the scene.
fn kept(statement: Statement) -> char {
    let id = statement.id.clone();
    scene().with(statement).judged().kept(&id)
}

#[test]
fn the_scene_is_kept_and_stands() {
    let judged = scene().judged();
    assert_eq!(judged.answer.kept, "kkkkkk");
    assert_eq!(judged.stands("FC"), "-o", "a root act has no inside path");
    for id in ["FD", "DG", "DW"] {
        assert_eq!(judged.stands(id), "io", "{id}");
    }
    assert_eq!(judged.stands("LD"), "--", "a charter has no path");
}

#[test]
fn generations_are_well_made() {
    assert_eq!(kept(charter("X", "c/d", "k", "k")), 'r', "next commits to the key");
    assert_eq!(kept(charter("X", "c/d", "k", "p")), 'w');
    assert_eq!(kept(charter("X", "c//d", "k", "p")), 'r', "no unit");
    assert_eq!(kept(rotation("X", "c/d", "LD", "pd", "pd")), 'r', "the key is the revealed one");
    assert_eq!(kept(rotation("X", "c/d", "LD", "pd", "k2")), 'k');
    assert_eq!(kept(rotation("X", "c/d", "LD", "pd", "k2").keeping(&["b", "a"])), 'r');
    assert_eq!(kept(rotation("X", "c/d", "LD", "pd", "k2").keeping(&["a", "a"])), 'r');
    for paper in ["k2", "pd"] {
        let mut made = rotation("X", "c/d", "LD", "pd", "k2");
        if let Record::Rotation { next, .. } = &mut made.record {
            *next = format!("h:{paper}");
        }
        assert_eq!(kept(made), 'r', "next commits to {paper}");
    }
}

#[test]
fn successions_are_well_made() {
    let made = |roots: &[&str], next_is: &[&str], thresholds: (u8, u8)| {
        let mut made = succession("X", "G", "n1", roots);
        if let Record::Succession { threshold, next, next_threshold, .. } = &mut made.record {
            (*threshold, *next_threshold) = thresholds;
            *next = texts(next_is);
        }
        kept(made)
    };
    assert_eq!(made(&["a", "b"], &["h:m1", "h:m2"], (2, 2)), 'k');
    assert_eq!(made(&["b", "a"], &["h:m1", "h:m2"], (1, 1)), 'r', "roots ascend");
    assert_eq!(made(&["a", "b"], &["h:m1", "h:m1"], (1, 1)), 'r', "next ascends");
    assert_eq!(made(&["a"], &["h:a"], (1, 1)), 'r', "a root's commitment");
    assert_eq!(made(&["n1"], &["h:m1"], (1, 1)), 'r', "reveal is a root");
    assert_eq!(made(&["a"], &["h:n1"], (1, 1)), 'r', "reveal's commitment");
    assert_eq!(made(&["a"], &["h:m1"], (0, 1)), 'r');
    assert_eq!(made(&["a"], &["h:m1"], (2, 1)), 'r');
    assert_eq!(made(&["a"], &["h:m1"], (1, 0)), 'r');
    assert_eq!(made(&["a"], &["h:m1"], (1, 2)), 'r');
}

#[test]
fn delegations_are_well_made() {
    let made = |verbs| delegation("X", "c/d", "LD", "kd", "n", verbs);
    assert_eq!(kept(made(0)), 'k', "reads alone");
    assert_eq!(kept(made(0).reading(0)), 'r', "nothing at all");
    assert_eq!(kept(made(2).reading(0)), 'k');
    assert_eq!(kept(made(2).term(5, 5)), 'k');
    assert_eq!(kept(made(2).term(6, 5)), 'r');
    assert_eq!(kept(made(2).only(&[])), 'k');
    assert_eq!(kept(made(2).only(&[(0, 3), (5, 5)])), 'k', "4 is in neither");
    assert_eq!(kept(made(2).only(&[(0, 4), (5, 5)])), 'r', "no class between");
    assert_eq!(kept(made(2).only(&[(5, 6), (0, 1)])), 'r', "not ascending");
    assert_eq!(kept(made(2).only(&[(6, 5)])), 'r');
    assert_eq!(kept(made(2).only(&[(0, 224)])), 'r');
}

#[test]
fn other_statements_are_well_made() {
    assert_eq!(kept(founding("X", "c", "LC", "kc", "c/e", "L").term(6, 5)), 'r');
    assert_eq!(kept(ending("X", "c/d", "LD", "kd", "DG").keeping(&["b", "a"])), 'r');
    assert_eq!(kept(dissolution("X", "LC", "kc", "c/d", &["c/e", "c/f"])), 'k');
    assert_eq!(kept(dissolution("X", "LC", "kc", "c/d", &["c/f", "c/e"])), 'r', "not ascending");
    assert_eq!(kept(dissolution("X", "LC", "kc", "c/d", &["c/d/s"])), 'r', "within the dissolved");
    for (until, letter) in [(20, 'r'), (21, 'k'), (2_678_400_020, 'k'), (2_678_400_021, 'r')] {
        let mut made = address("X", "c/d", "DW", "w", 20);
        if let Record::Address { until: end, .. } = &mut made.record {
            *end = until;
        }
        assert_eq!(kept(made), letter, "until {until}");
    }
}

#[test]
fn adoptions_are_well_made() {
    assert_eq!(kept(adoption("X", 1, &[mark(1, 1, "e"), mark(2, 1, "e")])), 'k');
    assert_eq!(kept(adoption("X", 1, &[mark(2, 1, "e"), mark(1, 1, "e")])), 'r', "not ascending");
    assert_eq!(kept(adoption("X", 1, &[mark(1, 1, "e"), mark(1, 2, "f")])), 'r', "one log twice");
    assert_eq!(kept(adoption("X", 1, &[])), 'r', "an adoption has a mark");
    assert_eq!(kept(adoption("X", 1, &[mark(1, 0, "e")])), 'r', "a seq of 1 or more");
    assert_eq!(kept(adoption("X", 2, &[mark(1, 1, "e")])), 'r', "outside the scope");
    let mut others = mark(1, 1, "e");
    others.document.0 = "c/d/s".into();
    let mut made = adoption("X", 1, &[others]);
    if let Record::Adoption { scope, .. } = &mut made.record {
        *scope = Scope::Own("c/d/s".into(), 1);
    }
    assert_eq!(kept(made), 'r', "the owner is not the unit");
    let mut letters = mark(200, 1, "e");
    letters.document = Document("c/d".into(), 200, "c".into());
    for (a, b, letter) in [("c", "c/d", 'k'), ("c/d", "c", 'r')] {
        let mut made = adoption("X", 3, &[letters.clone()]);
        if let Record::Adoption { scope, .. } = &mut made.record {
            *scope = Scope::Pair(a.into(), 3, b.into());
        }
        assert_eq!(kept(made), letter, "the smaller one first");
    }
}

#[test]
fn rule_2_charters() {
    let other = || charter("X", "c/e", "k", "p");
    assert_eq!(kept(other()), 'w', "nobody names it");
    assert_eq!(scene().follow("c/e", "X").with(other()).judged().kept("X"), 'k');
    let mut former = scene();
    former.own.former = texts(&["X"]);
    assert_eq!(former.with(other()).judged().kept("X"), 'k');
    assert_eq!(empty().with(charter("LD", "c/d", "kd", "pd")).judged().answer.kept, "k", "own");
    let founded = |below| scene().with(founding("F", "c", "LC", "kc", below, "X")).with(other());
    assert_eq!(founded("c/e").judged().kept("X"), 'k');
    assert_eq!(founded("c/f").judged().kept("X"), 'w', "another unit");
}

#[test]
fn rule_3_rotations() {
    assert_eq!(kept(rotation("X", "c/d", "none", "pd", "k2")), 'w');
    assert_eq!(kept(rotation("X", "c/d", "DG", "pd", "k2")), 'r', "no generation");
    assert_eq!(kept(rotation("X", "c", "LD", "pd", "k2")), 'r', "another unit");
    assert_eq!(kept(rotation("X", "c/d", "LD", "px", "k2")), 'r', "another key");
    let twice = scene()
        .with(rotation("R1", "c/d", "LD", "pd", "k2"))
        .with(rotation("R2", "c/d", "R1", "pk2", "k3"));
    assert_eq!(twice.judged().kept("R2"), 'k');
}

#[test]
fn rule_4_successions() {
    assert_eq!(kept(succession("X", "G", "n2", &["a"])), 'k');
    assert_eq!(kept(succession("X", "G", "n3", &["a"])), 'r');
    assert_eq!(kept(succession("X", "none", "n1", &["a"])), 'w');
    assert_eq!(kept(succession("X", "LC", "pc", &["a"])), 'r', "no root generation");
}

#[test]
fn rule_5_endorsements() {
    assert_eq!(kept(endorsement("X", "G", "r2", "FC")), 'k');
    assert_eq!(kept(endorsement("X", "G", "r3", "FC")), 'r', "no root");
    assert_eq!(kept(endorsement("X", "G", "r2", "FD")), 'r', "no root act");
    assert_eq!(kept(endorsement("X", "G", "r2", "none")), 'w');
    assert_eq!(kept(endorsement("X", "none", "r2", "FC")), 'w');
    assert_eq!(kept(endorsement("X", "LC", "r2", "FC")), 'r', "no root generation");
    let next = scene().with(succession("S", "G", "n1", &["a"]));
    let endorsed = |proof, issuer, endorses| {
        next.clone().with(endorsement("X", proof, issuer, endorses)).judged().kept("X")
    };
    assert_eq!(endorsed("G", "n2", "S"), 'k');
    assert_eq!(endorsed("G", "n3", "S"), 'r');
    assert_eq!(endorsed("G", "r2", "S"), 'r', "a root does not endorse a succession");
    assert_eq!(endorsed("S", "m1", "S"), 'r', "it is not the previous one");
    assert_eq!(endorsed("S", "a", "FC"), 'r', "an act of another generation");
}

#[test]
fn rule_6_the_unit_contains_below() {
    assert_eq!(kept(founding("X", "c/d", "none", "kd", "c/e", "L")), 'r', "before rule 7");
    assert_eq!(kept(suspension("X", "c/d", "LD", "kd", "c")), 'r');
    assert_eq!(kept(suspension("X", "c/d", "LD", "kd", "c/de")), 'r', "no code of c/d");
    assert_eq!(kept(suspension("X", "c/d", "LD", "kd", "c/d/s")), 'k');
}

#[test]
fn rule_7_a() {
    assert_eq!(kept(card("X", "c/d", "none", "kd", 1)), 'w');
    assert_eq!(kept(card("X", "c/d", "LD", "kd", 1)), 'k');
    assert_eq!(kept(card("X", "c/d", "LD", "other", 1)), 'r');
    assert_eq!(kept(card("X", "c", "LD", "kd", 1)), 'r', "another unit");
    assert_eq!(kept(address("X", "c/d", "LD", "kd", 20)), 'r', "no address by (a)");
    assert_eq!(kept(card("X", "c/d", "FD", "kd", 1)), 'r', "a founding proves nothing");
    assert_eq!(kept(suspension("X", "c/d", "LD", "kd", "c/d")), 'r', "below is the unit");
}

#[test]
fn rule_7_b() {
    assert_eq!(kept(card("X", "c/d", "DG", "g", 1)), 'k');
    assert_eq!(kept(card("X", "c/d", "DW", "w", 1)), 'r', "no GOVERN");
    assert_eq!(kept(card("X", "c/d", "DG", "w", 1)), 'r', "not the subject");
    assert_eq!(kept(card("X", "c", "DG", "g", 1)), 'r', "another unit");
    assert_eq!(kept(delegation("X", "c/d", "DG", "g", "n", 3)), 'r', "GOVERN by the key alone");
    assert_eq!(kept(suspension("X", "c/d", "DG", "g", "c/d")), 'r', "below is the unit");
}

#[test]
fn rule_7_c() {
    assert_eq!(kept(suspension("X", "c", "G", "r2", "c")), 'k', "below may be the unit");
    assert_eq!(kept(suspension("X", "c", "G", "r3", "c")), 'r', "no root");
    assert_eq!(kept(suspension("X", "c/d", "G", "r1", "c/d/s")), 'r', "not the city");
    assert_eq!(kept(ending("X", "c", "G", "r1", "FC")), 'k');
    assert_eq!(kept(delegation("X", "c", "G", "r1", "n", 2)), 'r');
    assert_eq!(kept(card("X", "c", "G", "r1", 1)), 'r');
}

#[test]
fn rule_7_d() {
    assert_eq!(kept(address("X", "c/d", "DW", "w", 20)), 'k');
    assert_eq!(kept(address("X", "c/d", "DG", "g", 20)), 'k');
    assert_eq!(kept(address("X", "c/d", "DW", "g", 20)), 'r', "not the subject");
    assert_eq!(kept(address("X", "c", "DW", "w", 20)), 'r', "another unit");
}

#[test]
fn other_fields_do_not_wait() {
    assert_eq!(kept(ending("X", "c/d", "LD", "kd", "none").keeping(&["nor this"])), 'k');
    assert_eq!(kept(founding("X", "c", "LC", "kc", "c/e", "none")), 'k');
    assert_eq!(kept(adoption("X", 1, &[mark(1, 1, "none")])), 'k');
}
