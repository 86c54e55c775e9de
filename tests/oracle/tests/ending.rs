//! Section 6: (H4) and "Endings".

mod common;

use common::make::*;
use common::{Build, scene};
use tests_oracle::case::{Case, Statement};

/// How `DW` stands in the scene with these endings.
fn writer(endings: &[Statement]) -> String {
    endings.iter().cloned().fold(scene(), Case::with).judged().stands("DW")
}

#[test]
fn h4_what_is_ended_does_not_stand() {
    assert_eq!(writer(&[ending("X", "c/d", "LD", "kd", "DW")]), "--");
    assert_eq!(writer(&[ending("X", "c/d", "LD", "kd", "DG")]), "--", "nor what rests on it");
    assert_eq!(writer(&[ending("X", "c/d", "LD", "kd", "DG").keeping(&["DW"])]), "io");
    assert_eq!(
        writer(&[ending("X", "c/d", "LD", "kd", "DW").keeping(&["DW"])]),
        "--",
        "the last of a path cannot be spared"
    );
}

#[test]
fn withdrawals_intersect_and_closings_unite() {
    let withdrawal = |id, keeps: &[&str]| ending(id, "c/d", "LD", "kd", "DG").keeping(keeps);
    assert_eq!(writer(&[withdrawal("X1", &["DW"]), withdrawal("X2", &[])]), "--");
    let closing = |id, keeps: &[&str]| closing(id, "c/d", "LD", "kd", "DG").keeping(keeps);
    assert_eq!(writer(&[closing("X1", &[])]), "--");
    assert_eq!(writer(&[closing("X1", &["DW"]), closing("X2", &[])]), "io");
    assert_eq!(writer(&[closing("X1", &["DW"]), withdrawal("X2", &[])]), "--");
    assert_eq!(writer(&[closing("X1", &[]), withdrawal("X2", &["DW"])]), "--");
}

#[test]
fn rule_1_closings_come_after_the_term() {
    let at = |time| writer(&[closing("X", "c/d", "LD", "kd", "DW").at_time(time)]);
    assert_eq!(at(1000), "io");
    assert_eq!(at(1001), "--");
    let adopted = |ran_out| {
        let by = if ran_out { closing } else { ending };
        scene()
            .with(adoption("M", 4, &[mark(130, 1, "e")]))
            .with(by("X", "c/d", "LD", "kd", "M"))
            .judged()
            .stands("M")
    };
    assert_eq!(adopted(false), "--");
    assert_eq!(adopted(true), "io", "an adoption has no term");
}

#[test]
fn rule_2_inner() {
    assert_eq!(writer(&[ending("X", "c/d", "DG", "g", "DW")]), "--", "by its issuer");
    assert_eq!(writer(&[ending("X", "c", "LC", "kc", "DW")]), "io", "not from above");
    assert_eq!(writer(&[ending("X", "c", "G", "r1", "DW")]), "io", "not by the root");
    let second = |x: Statement| {
        scene().with(delegation("DH", "c/d", "LD", "kd", "h", 1)).with(x).judged().stands("DW")
    };
    assert_eq!(second(ending("X", "c/d", "DH", "h", "DW")), "io", "another with GOVERN");
    let of_govern = scene().with(ending("X", "c/d", "DG", "g", "DG")).judged().stands("DG");
    assert_eq!(of_govern, "io", "DG is by (a)");
    let key_as_node = scene()
        .with(delegation("DK", "c/d", "LD", "kd", "kd", 1))
        .with(ending("X", "c/d", "DK", "kd", "DG"));
    assert_eq!(key_as_node.judged().stands("DG"), "io", "the same issuer, but DG is by (a)");
    let lineages = scene()
        .with(charter("L2", "c/d", "kd", "p2"))
        .follow("c/d", "L2")
        .with(ending("X", "c/d", "L2", "kd", "DW"));
    assert_eq!(lineages.judged().stands("DW"), "io", "another lineage of the unit");
}

/// The scene, with a street founded by `g`.
fn street() -> Case {
    scene()
        .with(charter("LS", "c/d/s", "ks", "ps"))
        .with(founding("FS", "c/d", "DG", "g", "c/d/s", "LS"))
}

#[test]
fn rule_2_outer() {
    let stands = |x: Statement| street().with(x).judged().stands("FS");
    assert_eq!(stands(ending("X", "c", "G", "r1", "FS")), "--", "a root act");
    assert_eq!(stands(ending("X", "c", "LC", "kc", "FS")), "--", "a unit above");
    assert_eq!(stands(ending("X", "c/d", "LD", "kd", "FS")), "--", "the key of its lineage");
    assert_eq!(stands(ending("X", "c/d", "DG", "g", "FS")), "--", "its issuer");
    assert_eq!(stands(ending("X", "c/d/s", "LS", "ks", "FS")), "io", "the unit below");
    let other = street()
        .with(delegation("DH", "c/d", "LD", "kd", "h", 1))
        .with(ending("X", "c/d", "DH", "h", "FS"));
    assert_eq!(other.judged().stands("FS"), "io", "another with GOVERN");
    let root = scene().with(ending("X", "c", "LC", "kc", "FC")).judged();
    assert_eq!(root.stands("FC"), "-o", "root acts are ended by root acts");
    assert_eq!(scene().with(ending("X", "c", "G", "r2", "FC")).judged().stands("FC"), "--");
}

#[test]
fn rule_2_outer_by_the_same_lineage_alone() {
    let case = street()
        .with(charter("L2", "c/d", "k2", "p2"))
        .with(founding("F2", "c", "LC", "kc", "c/d", "L2"))
        .with(ending("X", "c/d", "L2", "k2", "FS"));
    assert_eq!(case.judged().stands("FS"), "io");
}

#[test]
fn rule_3_an_ending_stands() {
    let late = scene()
        .without("DG")
        .with(delegation("DG", "c/d", "LD", "kd", "g", 1).term(0, 200))
        .with(ending("X", "c/d", "DG", "g", "DW").at_time(201));
    assert_eq!(late.judged().stands("DW"), "io", "it does not stand at its at");
    let rotated = scene()
        .with(ending("X", "c/d", "LD", "kd", "DW"))
        .with(rotation("R", "c/d", "LD", "pd", "k1").keeping(&["DG"]));
    assert_eq!(rotated.judged().stands("DW"), "io", "endings are not kept by default");
    let mut unsigned = street().with(ending("X", "c", "G", "r1", "FS"));
    unsigned.genesis.threshold = 2;
    let unsigned = unsigned.with(endorsement("E", "G", "r2", "FC"));
    assert_eq!(unsigned.judged().stands("FS"), "io");
    assert_eq!(unsigned.with(endorsement("E2", "G", "r2", "X")).judged().stands("FS"), "--");
}

#[test]
fn rule_3_inside_or_outside() {
    // The district is cut off: inside its endings work on, outside they do not.
    let cut = street()
        .with(ending("XD", "c", "LC", "kc", "FD"))
        .with(ending("X1", "c/d", "LD", "kd", "DW"))
        .with(ending("X2", "c/d", "LD", "kd", "FS"));
    let judged = cut.judged();
    assert_eq!(judged.stands("DW"), "--");
    assert_eq!(judged.stands("FS"), "i-");
}

#[test]
fn nothing_else_can_be_ended() {
    let case = scene()
        .with(card("C", "c/d", "LD", "kd", 1))
        .with(ending("X", "c/d", "LD", "kd", "C"))
        .with(ending("Y1", "c/d", "LD", "kd", "DW"))
        .with(ending("Y2", "c/d", "LD", "kd", "Y1"));
    let judged = case.judged();
    assert_eq!(judged.stands("C"), "io");
    assert_eq!(judged.stands("Y1"), "io");
    assert_eq!(judged.stands("DW"), "--");
}
