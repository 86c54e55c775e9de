//! Section 6: (H1) to (H7), rivals of a unit, reports and cards.

mod common;

use common::make::*;
use common::{Build, scene, texts};
use tests_oracle::case::Case;

#[test]
fn h1_generations_are_in_the_chain() {
    let case = scene()
        .with(rotation("R1", "c/d", "LD", "pd", "k1"))
        .with(rotation("R2", "c/d", "LD", "pd", "k2"))
        .with(card("C1", "c/d", "R1", "k1", 1))
        .pin("LD", "R2");
    assert_eq!(case.judged().kept("C1"), 'k');
    assert_eq!(case.judged().stands("C1"), "--");
    assert_eq!(case.pin("LD", "R1").judged().stands("C1"), "io");
}

#[test]
fn h2_later_generations_spare() {
    let rotated = |keeps: &[&str]| {
        scene().with(rotation("R", "c/d", "LD", "pd", "k1").keeping(keeps)).judged()
    };
    assert_eq!(rotated(&[]).stands("DW"), "--", "nothing is kept by default");
    assert_eq!(rotated(&["DG"]).stands("DW"), "io", "what is next after the generation");
    assert_eq!(rotated(&["DW"]).stands("DW"), "--", "not what comes later");
    let twice = scene()
        .with(rotation("R", "c/d", "LD", "pd", "k1").keeping(&["DG"]))
        .with(rotation("R2", "c/d", "R", "pk1", "k2"));
    assert_eq!(twice.judged().stands("DG"), "--", "every later generation");
}

#[test]
fn h2_of_units_above() {
    let case = scene().with(rotation("R", "c", "LC", "pc", "k1"));
    assert_eq!(case.judged().stands("DW"), "i-");
    let case = scene().with(rotation("R", "c", "LC", "pc", "k1").keeping(&["FD"]));
    assert_eq!(case.judged().stands("DW"), "io");
    let case = scene().with(succession("S", "G", "n1", &["a"]));
    assert_eq!(case.judged().stands("DW"), "i-");
    let case = scene().with(succession("S", "G", "n1", &["a"]).keeping(&["FC"]));
    assert_eq!(case.judged().stands("DW"), "io");
}

#[test]
fn h3_root_acts_have_signatures() {
    let mut case = scene();
    case.genesis.threshold = 2;
    assert_eq!(case.judged().stands("FC"), "--");
    assert_eq!(case.judged().stands("DW"), "i-");
    let own = case.clone().with(endorsement("E", "G", "r1", "FC"));
    assert_eq!(own.judged().stands("FC"), "--", "one root signs once");
    let other = case.with(endorsement("E", "G", "r2", "FC"));
    assert_eq!(other.judged().stands("FC"), "-o");
    assert_eq!(other.judged().stands("DW"), "io");
}

#[test]
fn h5_terms() {
    let at = |time: u64| {
        let case =
            scene().without("DG").with(delegation("DG", "c/d", "LD", "kd", "g", 1).term(10, 20));
        Case { times: vec![time], ..case }.judged().stands("DW")
    };
    assert_eq!([9, 10, 20, 21].map(at), ["--", "io", "io", "--"]);
    let of_the_founding = |time: u64| {
        let case =
            scene().without("FD").with(founding("FD", "c", "LC", "kc", "c/d", "LD").term(10, 20));
        Case { times: vec![time], ..case }.judged().stands("DW")
    };
    assert_eq!([9, 10, 20, 21].map(of_the_founding), ["i-", "io", "io", "i-"]);
}

#[test]
fn other_statements_are_asked_at_their_own_time() {
    let case = scene()
        .without("DG")
        .with(delegation("DG", "c/d", "LD", "kd", "g", 1).term(10, 20))
        .with(card("C1", "c/d", "DG", "g", 1).at_time(15))
        .with(card("C2", "c/d", "DG", "g", 1).at_time(25));
    assert_eq!(case.judged().stands("C1"), "io", "though 100 was asked");
    assert_eq!(case.judged().stands("C2"), "--");
}

#[test]
fn h6_classes_of_the_last_lineage() {
    let wrote = |govern: &[(u8, u8)], write: &[(u8, u8)]| {
        let case = scene()
            .without("DG")
            .with(delegation("DG", "c/d", "LD", "kd", "g", 1).only(govern))
            .without("DW")
            .with(delegation("DW", "c/d", "DG", "g", "w", 2).only(write));
        case.wrote(envelope("e", 130, 1, None)).judged().envelope("e").to_owned()
    };
    assert_eq!(wrote(&[(130, 130)], &[(130, 130)]), "counts");
    assert_eq!(wrote(&[(131, 140)], &[(130, 130)]), "unpermitted+aside");
    assert_eq!(wrote(&[(0, 223)], &[(0, 129)]), "absent", "may not even carry");
}

#[test]
fn h6_leaves_units_above_out() {
    let case = scene()
        .with(delegation("DC", "c", "LC", "kc", "gc", 1).only(&[]))
        .without("FD")
        .with(founding("FD", "c", "DC", "gc", "c/d", "LD"))
        .wrote(envelope("e", 1, 1, None));
    assert_eq!(case.judged().envelope("e"), "counts");
}

/// The scene, with another lineage that the district's key founds for `c/d/s`, and a card there.
fn street() -> Case {
    scene()
        .with(charter("L1", "c/d/s", "k1", "p1"))
        .with(founding("F1", "c/d", "LD", "kd", "c/d/s", "L1"))
        .with(card("C1", "c/d/s", "L1", "k1", 1))
}

#[test]
fn h7_the_lineage_is_the_one_followed() {
    assert_eq!(street().judged().followed("c/d/s"), Some("L1"));
    assert_eq!(street().judged().stands("C1"), "io");
    let two = street()
        .with(charter("L2", "c/d/s", "k2", "p2"))
        .with(founding("F2", "c/d", "LD", "kd", "c/d/s", "L2"));
    let judged = two.judged();
    assert_eq!(judged.candidates("c/d/s"), texts(&["L1", "L2"]));
    assert_eq!(judged.followed("c/d/s"), None);
    assert_eq!(judged.stands("C1"), "i-");
    assert_eq!(judged.stands("F1"), "io", "the last statement is not asked");
    let pinned = two.follow("c/d/s", "L1").judged();
    assert_eq!(pinned.followed("c/d/s"), Some("L1"));
    assert_eq!(pinned.stands("C1"), "io");
}

#[test]
fn h7_a_unit_without_a_candidate_is_not_recognised() {
    // Closed, so no longer open, though the closing spares the card.
    let long = |id, proof, issuer, below, lineage| {
        founding(id, "c", proof, issuer, below, lineage).term(0, 2000)
    };
    let case = street()
        .without("FC")
        .with(long("FC", "G", "r1", "c", "LC"))
        .without("FD")
        .with(long("FD", "LC", "kc", "c/d", "LD"))
        .with(closing("X", "c", "LC", "kc", "F1").keeping(&["C1"]));
    let judged = case.judged();
    assert!(judged.candidates("c/d/s").is_empty());
    assert_eq!(judged.stands("C1"), "i-");
}

#[test]
fn higher_founders_are_followed() {
    let case = street()
        .with(charter("L2", "c/d/s", "k2", "p2"))
        .with(founding("F2", "c", "LC", "kc", "c/d/s", "L2"));
    assert_eq!(case.judged().followed("c/d/s"), Some("L2"), "the city before the district");
    let case = case
        .with(charter("L3", "c/d/s", "k3", "p3"))
        .with(founding("F3", "c", "G", "r1", "c/d/s", "L3"));
    assert_eq!(case.judged().followed("c/d/s"), Some("L3"), "the root before the city");
    let pinned = case.follow("c/d/s", "L1");
    assert_eq!(pinned.judged().followed("c/d/s"), Some("L1"), "the pin before all");
}

#[test]
fn the_own_lineage_is_the_own_pin() {
    let case = scene()
        .with(charter("L2", "c/d", "k2", "p2"))
        .with(founding("F2", "c", "LC", "kc", "c/d", "L2"))
        .follow("c/d", "L2");
    assert_eq!(case.judged().followed("c/d"), Some("LD"));
}

#[test]
fn open_foundings() {
    let candidates = |case: &Case| case.judged().candidates("c/d/s").to_vec();
    let city = |proof, issuer| founding("F1", "c", proof, issuer, "c/d/s", "L1");
    let base = || street().without("F1").without("C1");
    assert_eq!(candidates(&base().with(city("LC", "kc"))), texts(&["L1"]));
    let other = base().with(charter("L4", "c/d/s", "k4", "p4")).follow("c/d/s", "L4");
    let wrong = other.with(founding("F4", "c/d", "LD", "kd", "c/d/s", "LC"));
    assert!(candidates(&wrong).is_empty(), "a charter of another unit");
    assert_eq!(
        candidates(&base().with(city("LC", "kc").term(10, 20))),
        texts(&["L1"]),
        "(H5) is not asked of it"
    );
    let late = base()
        .without("FD")
        .with(founding("FD", "c", "LC", "kc", "c/d", "LD").term(500, 1000))
        .with(founding("F1", "c/d", "LD", "kd", "c/d/s", "L1"));
    assert_eq!(candidates(&late), texts(&["L1"]), "nor of the foundings before it");
    let governs = |from| delegation("DC", "c", "LC", "kc", "gc", 1).term(from, 1000);
    assert_eq!(candidates(&base().with(governs(0)).with(city("DC", "gc"))), texts(&["L1"]));
    assert!(
        candidates(&base().with(governs(10)).with(city("DC", "gc"))).is_empty(),
        "its delegation is asked at its not_before"
    );
    let closed = base()
        .with(city("LC", "kc").term(10, 20))
        .with(closing("X", "c", "LC", "kc", "F1").at_time(21).keeping(&["a"]));
    assert!(candidates(&closed).is_empty(), "an effective ending of any sort");
    let mut unsigned = base().with(founding("F1", "c", "G", "r1", "c/d/s", "L1"));
    unsigned.genesis.threshold = 2;
    assert!(candidates(&unsigned).is_empty(), "(H3)");
}

#[test]
fn open_asks_h7_of_the_foundings_before() {
    // Another district lineage, not followed, founds a street: no candidate.
    let case = scene()
        .with(charter("L2", "c/d", "k2", "p2"))
        .with(founding("F2", "c", "LC", "kc", "c/d", "L2"))
        .with(charter("LS", "c/d/s", "ks", "ps"))
        .with(founding("FS", "c/d", "L2", "k2", "c/d/s", "LS"));
    assert!(case.judged().candidates("c/d/s").is_empty());
}

#[test]
fn reports_are_suspended_and_units_dissolved() {
    let case = scene().with(suspension("S", "c", "LC", "kc", "c/d")).with(dissolution(
        "Z",
        "LC",
        "kc",
        "c/d/s",
        &[],
    ));
    let judged = case.judged();
    assert_eq!(judged.answer.suspended, texts(&["c/d"]));
    assert_eq!(judged.answer.dissolved, texts(&["c/d/s"]));
    let ended = case
        .with(ending("X1", "c", "LC", "kc", "S"))
        .with(ending("X2", "c", "LC", "kc", "Z"))
        .judged();
    assert!(ended.answer.suspended.is_empty() && ended.answer.dissolved.is_empty());
}

#[test]
fn the_present_card() {
    let case = scene()
        .with(card("C1", "c/d", "DG", "g", 7))
        .with(card("C3", "c/d", "DG", "g", 8))
        .with(card("C2", "c/d", "DG", "g", 8));
    assert_eq!(case.judged().card("c/d"), Some("C2"), "greatest serial, smallest id");
    assert!(case.judged().is_aside("C1") && case.judged().is_aside("C3"));
    let rotated = case
        .clone()
        .with(rotation("R", "c/d", "LD", "pd", "k1").keeping(&["DG"]))
        .with(card("C0", "c/d", "R", "k1", 1));
    assert_eq!(rotated.judged().card("c/d"), Some("C0"), "the later generation");
    let ended = case.with(ending("X", "c/d", "LD", "kd", "DG").keeping(&["C1"]));
    assert_eq!(ended.judged().card("c/d"), Some("C1"), "of those that stand");
    let other = scene()
        .with(charter("L2", "c/d", "k2", "p2"))
        .with(founding("F2", "c", "LC", "kc", "c/d", "L2"))
        .with(card("C2", "c/d", "L2", "k2", 1));
    assert_eq!(other.judged().card("c/d"), None, "another lineage's card");
    assert!(!other.judged().is_aside("C2"), "the present one of its own lineage");
}
