//! Short worlds, one for each seed.

use tests_world::{Failure, Options, Summary, run};

/// Seeds that every change runs; `GONGZHI_WORLD_SEEDS` asks for another number.
const SEEDS: u64 = 200;

/// Worlds of these that may fail to agree in time, as told in `FOUND.md`: so many of 200 do. It
/// must become none; any other failure fails the test at once.
const KNOWN_FAILURES_MAX: usize = 1;

fn is_known(failure: &Failure) -> bool {
    failure.broken.invariant == "liveness"
}

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
    let one = asked("GONGZHI_WORLD_SEED").is_some();
    let known = failures.iter().filter(|failure| is_known(failure)).count();
    if one || known < failures.len() || known > KNOWN_FAILURES_MAX {
        let unknown = failures.iter().find(|failure| !is_known(failure));
        if let Some(first) = unknown.or(failures.first()) {
            panic!("{} worlds failed; the first:\n{first}", failures.len());
        }
    }
}
