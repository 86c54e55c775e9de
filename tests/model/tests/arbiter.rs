//! The oracle agrees with the quick judge, and with itself in both orders, on a share of all sets
//! that the searches reach.

use tests_model::above::{Above, End};
use tests_model::closings::Closings;
use tests_model::events::{Events, Side};
use tests_model::lineage::{Lineage, Theft};
use tests_model::quick::Rules;
use tests_model::root::{Keys, Root};
use tests_model::search::{Model, Search, search};

fn agree(model: &dyn Model, depth: usize, share: usize) {
    let report = search(model, Search { depth, arbiter: Some(share), ..Search::default() });
    println!("{report}");
    if let Some((difference, trace)) = report.differences.first_key_value() {
        let count = report.differences.len();
        panic!("{}: {count} differences, such as {difference}\n{trace}", report.name);
    }
}

#[test]
fn the_oracle_agrees() {
    let text = Rules::default();
    for theft in [Theft::Outsiders, Theft::Node, Theft::Operating] {
        agree(&Lineage::new(theft, text), 1, 1);
    }
    for (end, pinned) in [(End::Withdrawn, false), (End::Closed, true)] {
        agree(&Above::new(end, pinned, text), 1, 1);
    }
    agree(&Closings::new(text), 1, 1);
    for keys in [Keys::Roots, Keys::Old, Keys::Spent] {
        agree(&Root::new(keys, text), 1, 1);
    }
    for side in [Side::Thief, Side::Insider] {
        agree(&Events::new(side, text), 2, 3);
    }
}
