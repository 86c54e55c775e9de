//! Section 7: what is set aside.

mod common;

use common::make::*;
use common::{Build, scene, texts};
use tests_oracle::case::{Case, Envelope};

fn other(id: &str, dependencies: &[&str]) -> Envelope {
    Envelope {
        incarnation: "j".into(),
        author: "v".into(),
        delegation: "DV".into(),
        dependencies: texts(dependencies),
        ..envelope(id, 1, 1, None)
    }
}

/// `w` was ended, `v` was not.
fn ended() -> Case {
    scene()
        .with(delegation("DV", "c/d", "LD", "kd", "v", 2))
        .with(ending("X", "c/d", "LD", "kd", "DW"))
        .wrote(envelope("a", 1, 1, None))
        .wrote(envelope("b", 1, 2, Some("a")))
}

#[test]
fn a_settled_envelope_is_set_aside_unless_needed() {
    assert_eq!(ended().judged().envelope("b"), "unpermitted+aside");
    let needed = ended().wrote(other("d", &["b"])).judged();
    assert_eq!(needed.envelope("b"), "unpermitted", "a permitted one of another log names it");
    assert_eq!(needed.envelope("a"), "unpermitted", "and the needed one names a");
    assert_eq!(needed.envelope("d"), "rests-on-suspended");
    let unpermitted =
        ended().wrote(other("d", &["b"])).with(ending("Y", "c/d", "LD", "kd", "DV")).judged();
    assert_eq!(unpermitted.envelope("b"), "unpermitted+aside", "who needs it is not permitted");
}

#[test]
fn who_is_outvoted_or_no_contender_needs_nothing() {
    let choose = |head| {
        let mut chosen = mark(1, 1, head);
        (chosen.author, chosen.incarnation) = ("v".into(), "j".into());
        ended().wrote(other("d", &["b"])).wrote(other("f", &[])).with(adoption("M", 1, &[chosen]))
    };
    assert_eq!(choose("d").judged().envelope("b"), "unpermitted");
    assert_eq!(choose("f").judged().envelope("d"), "outvoted+aside");
    assert_eq!(choose("f").judged().envelope("b"), "unpermitted+aside");
    let fork = ended().wrote(other("d", &[])).wrote(other("f", &[]));
    let next = Envelope { seq: 2, backlink: Some("d".into()), ..other("h", &["b"]) };
    let judged = fork.wrote(next).judged();
    assert_eq!(judged.envelope("h"), "rests-on-suspended+aside", "it rests on b");
    assert_eq!(judged.envelope("b"), "unpermitted+aside", "its backlink does not prevail");
}

#[test]
fn a_mark_makes_needed() {
    let marked = |mark| ended().with(adoption("M", 1, &[mark]));
    let verdicts = |case: &Case| {
        let judged = case.judged();
        ["a", "b"].map(|id| judged.envelope(id).to_owned())
    };
    let (here, gone) = ("unpermitted", "unpermitted+aside");
    assert_eq!(verdicts(&marked(mark(1, 2, "later"))), [here, here], "the head is not admitted");
    assert_eq!(verdicts(&marked(mark(1, 1, "later"))), [here, gone], "a seq not below its own");
    assert_eq!(verdicts(&marked(mark(1, 9, "b"))), [here, here], "the head is not at that seq");
    assert_eq!(verdicts(&marked(mark(2, 2, "later"))), [gone, gone], "another log");
    let ended = marked(mark(1, 2, "later")).with(ending("Y", "c/d", "LD", "kd", "M"));
    assert_eq!(verdicts(&ended), [gone, gone], "its path must hold");
    assert_eq!(verdicts(&marked(mark(1, 3, "a"))), [here, here], "nor is a at that seq");
    let other_log = marked(mark(1, 1, "d")).wrote(other("d", &[]));
    assert_eq!(verdicts(&other_log), [here, gone], "at that seq, but not in that log");
    let elsewhere = marked(mark(1, 2, "d")).wrote(other("d", &[]));
    assert_eq!(verdicts(&elsewhere), [here, here], "the head is not in that log");
    let fork = marked(mark(1, 2, "b2")).wrote(envelope("b2", 1, 2, Some("a")));
    assert_eq!(verdicts(&fork), ["counts", gone], "the head is here and does not lead to b");
}

#[test]
fn what_time_alone_suspends_stays() {
    let late = |govern: tests_oracle::case::Statement| {
        scene().without("DG").with(govern).wrote(envelope("e", 1, 1, None))
    };
    let case = late(delegation("DG", "c/d", "LD", "kd", "g", 1).term(50, 60));
    assert_eq!(case.judged().envelope("e"), "unpermitted", "(H5) is left out");
    let rivals = scene()
        .with(charter("L2", "c/d", "k2", "p2"))
        .with(founding("F2", "c", "LC", "kc", "c/d", "L2"))
        .wrote(envelope("e", 1, 1, None));
    let mut stranger = rivals;
    stranger.own.unit = "c".into();
    stranger.own.lineage = "LC".into();
    assert_eq!(stranger.judged().envelope("e"), "unpermitted", "(H7) is left out");
}

#[test]
fn the_outvoted_and_what_rests_on_them() {
    let judged = scene()
        .wrote(envelope("b1", 1, 1, None))
        .wrote(envelope("b2", 1, 1, None))
        .wrote(envelope("c2", 1, 2, Some("b2")))
        .with(adoption("M", 1, &[mark(1, 1, "b1")]))
        .judged();
    assert_eq!(judged.envelope("b2"), "outvoted+aside");
    assert_eq!(judged.envelope("c2"), "rests-on-suspended+aside");
    let both = scene()
        .wrote(envelope("b1", 1, 1, None))
        .wrote(envelope("b2", 1, 1, None))
        .with(adoption("M", 1, &[mark(1, 1, "b1")]))
        .with(adoption("N", 1, &[mark(1, 1, "b2")]).at_time(61));
    assert_eq!(both.judged().envelope("b2"), "outvoted", "a head that is here is needed");
    let open = scene().wrote(envelope("b1", 1, 1, None)).wrote(envelope("b2", 1, 1, None));
    assert_eq!(open.judged().envelope("b2"), "fork", "a fork is not settled");
}

#[test]
fn addresses() {
    let case = scene()
        .with(address("A1", "c/d", "DW", "w", 20))
        .with(address("A3", "c/d", "DW", "w", 30))
        .with(address("A2", "c/d", "DW", "w", 30))
        .with(address("A0", "c/d", "DG", "g", 10));
    assert_eq!(case.judged().answer.aside, texts(&["A1", "A3"]), "A0 has another proof");
    let late = scene().with(address("A1", "c/d", "DW", "w", 2000));
    assert!(late.judged().answer.aside.is_empty(), "(H5) is left out");
    let gone = scene()
        .with(address("A1", "c/d", "DW", "w", 20))
        .with(ending("X", "c/d", "LD", "kd", "DW"));
    assert_eq!(gone.judged().answer.aside, texts(&["A1"]));
}

#[test]
fn issued_statements_in_order() {
    // X is in order and names DG; what rests on DG is named by nobody.
    let case = scene().with(ending("X", "c/d", "LD", "kd", "DG"));
    assert_eq!(case.judged().answer.aside, texts(&["DW"]));
    let adopted = case.wrote(envelope("e", 1, 1, None)).with(adoption("M", 1, &[mark(1, 1, "e")]));
    assert_eq!(adopted.judged().envelope("e"), "counts");
    assert_eq!(adopted.judged().answer.aside, texts(&["DW"]), "envelopes say nothing of it");
}

#[test]
fn proofs_and_what_is_ended_come_along() {
    let rotated = scene().with(rotation("R", "c/d", "LD", "pd", "k1"));
    assert_eq!(rotated.judged().answer.aside, texts(&["DG", "DW"]));
    let ended = rotated.with(ending("X", "c/d", "R", "k1", "DW"));
    assert!(ended.judged().answer.aside.is_empty(), "X names DW, DW names DG");
}

#[test]
fn adoptions_are_in_order_or_not() {
    let case = scene().with(adoption("M", 1, &[mark(1, 1, "e")]));
    assert!(case.judged().answer.aside.is_empty());
    let gone = case.with(ending("X", "c/d", "LD", "kd", "M"));
    assert_eq!(gone.judged().answer.aside, texts(&["M"]), "though X names it");
}

#[test]
fn charters_and_their_foundings() {
    let founded = || {
        scene()
            .with(charter("LS", "c/d/s", "ks", "ps"))
            .with(founding("F1", "c/d", "DG", "g", "c/d/s", "LS"))
            .with(rotation("RS", "c/d/s", "LS", "ps", "k1"))
    };
    assert!(founded().judged().answer.aside.is_empty());
    // DG goes, and with it the founding; nothing else names the charter.
    let cut = founded().with(ending("X", "c/d", "LD", "kd", "DG"));
    assert_eq!(cut.judged().answer.aside, texts(&["DW", "F1", "LS", "RS"]));
    let pinned = cut.follow("c/d/s", "LS");
    assert_eq!(pinned.judged().answer.aside, texts(&["DW", "F1", "LS", "RS"]), "a pin does not");
    // A card calls for its proof, that for its previous one, the charter for its first founding.
    let used = pinned
        .with(card("C", "c/d/s", "RS", "k1", 1))
        .with(founding("F2", "c/d", "DG", "g", "c/d/s", "LS"));
    assert_eq!(used.judged().answer.aside, texts(&["DW", "F2"]));
}

#[test]
fn what_is_ended_comes_along_with_units_that_contain_it() {
    let rotated = || {
        scene()
            .with(rotation("R", "c/d", "LD", "pd", "k1"))
            .with(charter("LS", "c/d/s", "ks", "ps"))
            .with(founding("FS", "c/d", "R", "k1", "c/d/s", "LS"))
    };
    assert_eq!(rotated().judged().answer.aside, texts(&["DG", "DW"]));
    let above = rotated().with(ending("X", "c", "LC", "kc", "DG"));
    assert_eq!(above.judged().answer.aside, texts(&["DW"]));
    let below = rotated().with(ending("X", "c/d/s", "LS", "ks", "DG"));
    assert_eq!(below.judged().answer.aside, texts(&["DG", "DW"]));
}

#[test]
fn a_charter_of_another_unit_is_not_named() {
    let mut case = scene()
        .with(charter("LS", "c/d/s", "ks", "ps"))
        .with(founding("F1", "c/d", "DG", "g", "c/d/s", "LS"))
        .with(ending("X", "c/d", "LD", "kd", "DG"))
        .with(founding("F0", "c/d", "LD", "kd", "c/d/t", "LS"));
    case.units.push("c/d/t".into());
    assert_eq!(case.judged().answer.aside, texts(&["DW", "F1", "LS"]));
    // The charter is in, but does not call for a founding that names it with another unit.
    let case = case
        .with(founding("F2", "c/d", "LD", "kd", "c/d/s", "LS"))
        .with(founding("F9", "c/d", "DG", "g", "c/d/u", "LS"));
    assert_eq!(case.judged().answer.aside, texts(&["DW", "F9"]), "F1 is the first of the unit");
}

#[test]
fn successions_and_endorsements() {
    let case = scene()
        .with(succession("S1", "G", "n1", &["a"]))
        .with(succession("S2", "S1", "m1", &["b"]))
        .with(endorsement("E1", "G", "r2", "FC"))
        .with(endorsement("E2", "G", "n2", "S1"));
    // FC is rotated away, but the charter LC, a proof, calls for its first founding.
    assert!(case.judged().answer.aside.is_empty());
    let case = scene()
        .with(suspension("Z", "c", "G", "r1", "c/d"))
        .with(endorsement("E", "G", "r2", "Z"))
        .with(succession("S", "G", "n1", &["a"]).keeping(&["FC"]));
    assert_eq!(case.judged().answer.aside, texts(&["E", "Z"]), "an endorsement of what is aside");
}

#[test]
fn signatures_and_terms_are_no_matter_of_order() {
    let mut case = scene().with(suspension("Z", "c", "G", "r1", "c/d"));
    case.genesis.threshold = 2;
    assert_eq!(case.judged().stands("Z"), "--");
    assert!(case.judged().answer.aside.is_empty(), "(H3) is left out");
    let late = scene()
        .without("DG")
        .with(delegation("DG", "c/d", "LD", "kd", "g", 1).term(10, 20))
        .with(ending("X", "c/d", "DG", "g", "none"));
    assert!(late.judged().answer.aside.is_empty(), "(H5) is left out");
}
