//! Random cases before both judges.

use tests_disagree::run::{Options, run};
use tests_disagree::survey::explain;

/// Cases, when nobody says otherwise.
const CASES: u64 = 200_000;

/// The judges agree, in every order; and every situation was reached, if the cases are enough.
#[test]
fn the_judges_agree() {
    let options = Options::of_environment(CASES);
    let outcome = run(&options).expect("both judges run");
    println!("{}", outcome.tally);
    for (kind, count) in &outcome.kinds {
        println!("{count} times: {kind}");
    }
    for found in outcome.kept.values().flatten().take(5) {
        println!("{}", explain(&options, found));
    }
    assert!(outcome.kinds.is_empty(), "the judges disagree in {} ways", outcome.kinds.len());
    if options.cases >= 20_000 {
        let missed = outcome.tally.missed();
        assert!(missed.is_empty(), "too seldom reached: {missed:#?}");
    }
}
