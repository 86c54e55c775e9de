//! Short worlds, one for each seed.

use tests_world::{Failure, Options, Summary, run};

/// Seeds that every change runs; `GONGZHI_WORLD_SEEDS` asks for another number, and
/// `GONGZHI_WORLD_FIRST` for others.
const SEEDS: u64 = 200;

fn asked(name: &str) -> Option<u64> {
    std::env::var(name).ok()?.parse().ok()
}

#[test]
fn worlds_keep_their_invariants_and_agree() {
    let mut total = Summary::default();
    let mut failures = Vec::new();
    let one = asked("GONGZHI_WORLD_SEED");
    let first = one.or(asked("GONGZHI_WORLD_FIRST")).unwrap_or(1);
    let seeds = one.map_or_else(|| asked("GONGZHI_WORLD_SEEDS").unwrap_or(SEEDS), |_| 1);
    for seed in first..first + seeds {
        match run(Options { whole_trace: one.is_some(), ..Options::of(seed) }) {
            Ok(summary) => total.add(&summary),
            Err(failure) => {
                let Failure { seed, broken, .. } = &*failure;
                println!("{} in seed {seed}: {}", broken.invariant, broken.detail);
                failures.push(failure);
            }
        }
    }
    println!("{total}");
    if let Some(first) = failures.first() {
        panic!("{} worlds failed; the first:\n{first}", failures.len());
    }
}
