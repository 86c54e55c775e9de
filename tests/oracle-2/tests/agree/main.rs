//! `node-authority` and the oracle agree on every question, whatever the set and its order.

mod ask;
mod case;
mod counsel;
mod credentials;
mod draw;
mod grant;
mod report;
mod settled;
mod tally;
mod universe;

use case::Case;
use tally::Tally;
use universe::Universe;

const SEED: u64 = 20_211_231;
const CASES: u64 = 100_000;

/// The same cases in every run; `GONGZHI_SEED` and `GONGZHI_ORACLE_CASES` ask for others and for
/// more, `GONGZHI_ORACLE_FIRST` for those from one number on.
#[test]
fn the_judges_agree() {
    let seed = asked("GONGZHI_SEED").unwrap_or(SEED);
    let cases = asked("GONGZHI_ORACLE_CASES").unwrap_or(CASES);
    let first = asked("GONGZHI_ORACLE_FIRST").unwrap_or(0);
    let universe = Universe::new();
    let mut tally = Tally::default();
    for number in first..first + cases {
        let case = Case::draw(&universe, seed, number);
        let judges = case.judges();
        if let Some(found) = case.queries.iter().find_map(|query| judges.disagree(query)) {
            let reduced = case.reduced(&found.query);
            let found = reduced.disagreement().expect("a reduced case still disagrees");
            panic!("{}", report::tell(&universe, &reduced, &found, seed, number));
        }
        tally.count(&case, &judges);
    }
    println!("{cases} cases of seed {seed}");
    tally.print();
    if cases >= CASES {
        tally.check(cases);
    }
}

fn asked(name: &str) -> Option<u64> {
    std::env::var(name).ok().and_then(|value| value.parse().ok())
}
