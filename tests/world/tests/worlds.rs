//! Short worlds, one for each seed.

use tests_world::{Options, Summary, run};

/// Seeds that every change runs; `GONGZHI_WORLD_SEEDS` asks for another number.
const SEEDS: u64 = 200;

fn asked(name: &str) -> Option<u64> {
    std::env::var(name).ok()?.parse().ok()
}

#[test]
fn worlds_keep_their_invariants_and_agree() {
    let mut total = Summary::default();
    let mut failures = Vec::new();
    let one = asked("GONGZHI_WORLD_SEED").map(|seed| seed..=seed);
    for seed in one.unwrap_or(1..=asked("GONGZHI_WORLD_SEEDS").unwrap_or(SEEDS)) {
        let whole_trace = asked("GONGZHI_WORLD_SEED").is_some();
        match run(Options { whole_trace, ..Options::of(seed) }) {
            Ok(summary) => total.add(&summary),
            Err(failure) => failures.push(failure),
        }
    }
    println!("{total}");
    for failure in &failures {
        println!(
            "{} in seed {}: {}",
            failure.broken.invariant, failure.seed, failure.broken.detail
        );
    }
    if let Some(first) = failures.first() {
        panic!("{} worlds failed; the first:\n{first}", failures.len());
    }
}
