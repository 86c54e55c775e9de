//! Small worlds under dense faults, one for each seed.

use tests_sim::{Options, Summary, run};

#[test]
fn small_worlds_keep_their_invariants_and_agree() {
    let asked = std::env::var("GONGZHI_SIM_SEEDS").ok().and_then(|text| text.parse().ok());
    let mut total = Summary::default();
    for seed in 1..=asked.unwrap_or(200) {
        match run(Options::small(seed)) {
            Ok(summary) => total.add(&summary),
            Err(failure) => panic!("{failure}"),
        }
    }
    println!("{total}");
}
