//! Rounds, one for each seed.
//!
//! `GONGZHI_WORKBOOKS` asks for another number of rounds, `GONGZHI_WORKBOOKS_MINUTES` for as many
//! as that time has room for, `GONGZHI_WORKBOOKS_FIRST` for another seed to begin with,
//! `GONGZHI_WORKBOOKS_SEED` for one alone, whose files stay.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use tests_workbooks::{Tally, run};

/// Rounds that every change runs.
const ROUNDS: u64 = 50;
/// Failures after which no more are looked for.
const FAILURES_MAX: usize = 5;

fn asked(name: &str) -> Option<u64> {
    std::env::var(name).ok()?.parse().ok()
}

fn folder_of(seed: u64) -> PathBuf {
    PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("workbooks-{seed}"))
}

#[test]
fn no_row_is_lost_changed_or_doubled_without_being_told() {
    let one = asked("GONGZHI_WORKBOOKS_SEED");
    let minutes = asked("GONGZHI_WORKBOOKS_MINUTES");
    let begin = one.or_else(|| asked("GONGZHI_WORKBOOKS_FIRST")).unwrap_or(1);
    let rounds = match (one, minutes) {
        (Some(_), _) => 1,
        (None, Some(_)) => u64::MAX,
        (None, None) => asked("GONGZHI_WORKBOOKS").unwrap_or(ROUNDS),
    };
    let end = minutes.map(|minutes| Instant::now() + Duration::from_secs(60 * minutes));
    let (mut total, mut failures, mut played) = (Tally::default(), Vec::new(), 0u64);
    for seed in (begin..).take(usize::try_from(rounds).unwrap_or(usize::MAX)) {
        if end.is_some_and(|end| Instant::now() >= end) || failures.len() >= FAILURES_MAX {
            break;
        }
        played += 1;
        let folder = folder_of(seed);
        match run(seed, &folder) {
            Ok(tally) => total.add(&tally),
            Err(why) => failures.push((seed, why)),
        }
        if one.is_none() {
            let _ = std::fs::remove_dir_all(&folder);
        }
    }
    println!("{played} rounds, {total}");
    for (seed, why) in &failures {
        println!("\nGONGZHI_WORKBOOKS_SEED={seed} cargo test --workspace --test drawn\n{why}");
    }
    assert!(failures.is_empty(), "{} of {played} rounds failed", failures.len());
}
