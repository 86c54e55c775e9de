//! A search that cannot fail proves nothing: every planted fault is found.

use tests_model::above::{Above, End};
use tests_model::closings::Closings;
use tests_model::events::{Events, Side};
use tests_model::faults as plant;
use tests_model::lineage::{Lineage, Theft};
use tests_model::quick::Rules;
use tests_model::root::{Keys, Root};
use tests_model::search::{Fault, Model, Search, search};

fn found(what: &str, model: &dyn Model, depth: usize, fault: Option<Fault>) {
    let how = Search { depth, fault, first: true, ..Search::default() };
    let peace = search(model, Search { depth: 0, ..how });
    assert!(peace.found.is_empty(), "{what} is there without an attacker: {:?}", peace.found);
    let report = search(model, how);
    let (goal, trace) = report.found.first_key_value().unwrap_or_else(|| {
        panic!("{what} is not found by {}", report.name);
    });
    println!("{what}: {goal} after {} sets\n{trace}\n", report.states);
}

fn planted(model: &dyn Model, depth: usize, faults: &[(&str, Fault)]) {
    for (what, fault) in faults {
        found(what, model, depth, Some(*fault));
    }
}

#[test]
fn lineage() {
    let of = |theft| Lineage::new(theft, Rules::default());
    let founding: (&str, Fault) = ("founding is pin", plant::founding_is_pin);
    planted(&of(Theft::Outsiders), 2, &[founding]);
    let kept: (&str, Fault) = ("everything is kept", plant::everything_is_kept);
    planted(&of(Theft::Node), 1, &[kept]);
    let reveals: (&str, Fault) = ("operating key reveals", plant::operating_key_reveals);
    planted(&of(Theft::Operating), 1, &[kept, reveals]);
}

#[test]
fn above() {
    let model = Above::new(End::Withdrawn, false, Rules::default());
    planted(
        &model,
        2,
        &[
            ("everything is kept", plant::everything_is_kept),
            ("founding is root act", plant::founding_is_root_act),
            ("beside is above", plant::beside_is_above),
        ],
    );
}

#[test]
fn closings() {
    planted(
        &Closings::new(Rules::default()),
        1,
        &[
            ("everything is kept", plant::everything_is_kept),
            ("once is always", plant::once_is_always),
            ("marks without heads", plant::marks_without_heads),
        ],
    );
}

#[test]
fn root() {
    let of = |keys| Root::new(keys, Rules::default());
    planted(&of(Keys::Roots), 2, &[("roots reveal", plant::roots_reveal)]);
    planted(
        &of(Keys::Old),
        2,
        &[
            ("one key is enough", plant::one_key_is_enough),
            ("one root is enough", plant::one_root_is_enough),
            ("everything is kept", plant::everything_is_kept),
        ],
    );
    planted(&of(Keys::Spent), 2, &[("pins are forgotten", plant::pins_are_forgotten)]);
}

#[test]
fn events() {
    planted(
        &Events::new(Side::Thief, Rules::default()),
        2,
        &[
            ("nothing is adopted", plant::nothing_is_adopted),
            ("marks without heads", plant::marks_without_heads),
            ("everybody governs", plant::everybody_governs),
            ("nothing is withdrawn", plant::nothing_is_withdrawn),
        ],
    );
}

/// Sentences that the text had: F1 to F7 of `FOUND.md`.
#[test]
fn old_sentences() {
    let text = Rules::default();
    let outlive = Rules { endings_outlive: true, ..text };
    found("F1", &Lineage::new(Theft::Operating, outlive), 1, None);
    found("F1b", &Root::new(Keys::Old, outlive), 2, None);
    found("F1c", &Above::new(End::Closed, true, outlive), 1, None);
    found("F2", &Root::new(Keys::Old, Rules { loose_charters: true, ..text }), 2, None);
    let rivals = Rules { rivals_aside: true, ..text };
    found("F3", &Lineage::new(Theft::Outsiders, rivals), 2, None);
    let need = Rules { permitted_need: true, ..text };
    found("F4", &Events::new(Side::Thief, need), 2, None);
    let bring = Rules { envelopes_bring: true, ..text };
    found("F5", &Lineage::new(Theft::Node, bring), 2, None);
    let absent = Rules { absent_heads: true, ..text };
    found("F6", &Events::new(Side::Insider, absent), 3, None);
    let elsewhere = Rules { heads_elsewhere: true, ..text };
    found("F7", &Events::new(Side::Insider, elsewhere), 3, None);
}
