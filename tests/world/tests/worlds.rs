//! Short worlds, one for each seed.

use tests_world::{Failure, Options, Summary, run};

/// Seeds that every change runs; `GONGZHI_WORLD_SEEDS` asks for another number, and
/// `GONGZHI_WORLD_FIRST` for others.
const SEEDS: u64 = 200;

/// What byzantine nodes do, each in some world at least.
const ATTACKS: [&str; 16] = [
    "a byzantine node forked its log",
    "a byzantine node forked a past that others built on",
    "a removed byzantine node forked a past that was kept",
    "a byzantine node crowded a place",
    "a byzantine node dated far back or ahead",
    "a byzantine node whose grant is over dated back",
    "a byzantine node withheld keys",
    "a byzantine node built on a past that its envelope does not have",
    "a byzantine node left more heads than an envelope names",
    "a byzantine node wrote what does not fit a frame together",
    "a byzantine node wrote in another's name",
    "a byzantine node's statement was kept by its own node",
    "a thief took the keys of its unit",
    "a thief took itself in",
    "a byzantine node passed the root on with a key in daily use",
    "a key that was withheld came later",
];

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
    if first == 1 && seeds >= SEEDS {
        let missed: Vec<&str> =
            ATTACKS.into_iter().filter(|attack| !total.reached.contains_key(attack)).collect();
        assert!(missed.is_empty(), "no world came to this: {missed:?}");
    }
}
