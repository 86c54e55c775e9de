//! Small worlds under dense faults, one for each seed.

use tests_sim::{Options, Summary, run};

/// Seeds that every change runs; `GONGZHI_SIM_SEEDS` asks for another number.
const SEEDS: u64 = 200;
/// Seeds that are run twice.
const TWICE: u64 = 8;

fn summary(options: Options) -> Summary {
    run(options).unwrap_or_else(|failure| panic!("{failure}"))
}

#[test]
fn small_worlds_keep_their_invariants_and_agree() {
    let asked = std::env::var("GONGZHI_SIM_SEEDS").ok().and_then(|text| text.parse().ok());
    let mut total = Summary::default();
    for seed in 1..=asked.unwrap_or(SEEDS) {
        total.add(&summary(Options::small(seed)));
    }
    println!("{total}");
    let rare = [
        "a clerk was turned away",
        "a disk was replaced",
        "a doubled life was found",
        "a fork was seen by two districts",
        "a log was cut",
        "a node stopped for a failed commit",
        "a node stopped for a failed read",
        "a revocation crossed an edit made offline",
        "a session was reconciled",
        "a suspended envelope counts again",
        "crash between persist and send",
        "crash with a pending batch lost",
    ];
    for situation in rare {
        assert!(total.reached.contains_key(situation), "never reached: {situation}");
    }
}

#[test]
fn a_seed_says_all() {
    let digest = |seed| summary(Options::small(seed)).digest;
    let digests: Vec<String> = (1..=TWICE).map(digest).collect();
    assert_eq!(digests, (1..=TWICE).map(digest).collect::<Vec<_>>());
    let distinct: std::collections::BTreeSet<&String> = digests.iter().collect();
    assert_eq!(distinct.len(), digests.len(), "two seeds differ");
}
