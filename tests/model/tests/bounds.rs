//! Every model up to its bound: no goal is reached under the text.
//!
//! `GONGZHI_MODEL_DEPTH=2` searches every model that deep.

use tests_model::above::{Above, End};
use tests_model::closings::Closings;
use tests_model::events::{Events, Side};
use tests_model::lineage::{Lineage, Theft};
use tests_model::quick::Rules;
use tests_model::root::{Keys, Root};
use tests_model::search::{Model, Report, Search, search};

fn run(model: &dyn Model, fast: usize) -> Report {
    let depth = std::env::var("GONGZHI_MODEL_DEPTH").ok().and_then(|depth| depth.parse().ok());
    let how = Search { depth: depth.unwrap_or(fast), ..Search::default() };
    let report = search(model, how);
    println!("{report}");
    report
}

fn holds(model: &dyn Model, fast: usize) {
    let report = run(model, fast);
    let traces: Vec<String> =
        report.found.iter().map(|(goal, trace)| format!("{goal}\n{trace}")).collect();
    assert!(traces.is_empty(), "{}: {}", report.name, traces.join("\n\n"));
    assert!(report.states > 25, "{}: the search goes nowhere", report.name);
}

#[test]
fn lineage() {
    holds(&Lineage::new(Theft::Outsiders, Rules::default()), 2);
    holds(&Lineage::new(Theft::Node, Rules::default()), 1);
    holds(&Lineage::new(Theft::Operating, Rules::default()), 1);
}

#[test]
fn above() {
    for end in [End::Withdrawn, End::Closed] {
        for pinned in [false, true] {
            holds(&Above::new(end, pinned, Rules::default()), 1);
        }
    }
}

#[test]
fn closings() {
    holds(&Closings::new(Rules::default()), 1);
}

#[test]
fn root() {
    for keys in [Keys::Roots, Keys::Old, Keys::Spent] {
        holds(&Root::new(keys, Rules::default()), 2);
    }
}

#[test]
fn events() {
    holds(&Events::new(Side::Thief, Rules::default()), 2);
    holds(&Events::new(Side::Insider, Rules::default()), 3);
}
