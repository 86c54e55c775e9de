//! Planted bugs must be found, each within the seeds recorded here, for the right reason.

use tests_world::{Mutant, Options, run};

/// Each bug, the seeds within which it must be found, and what finds it.
const BUGS: [(Mutant, u64, &[&str]); 8] = [
    (Mutant::SendBeforeSync, 40, &["INV-02", "INV-04"]),
    (Mutant::KeepLife, 40, &["INV-04"]),
    (Mutant::TearBatch, 40, &["INV-12", "INV-03", "panic", "liveness"]),
    (Mutant::LoseEntry, 40, &["INV-03", "INV-12"]),
    (Mutant::SkipSignature, 60, &["INV-02"]),
    (Mutant::SendToAll, 40, &["INV-09"]),
    (Mutant::FollowClaim, 60, &["INV-13"]),
    (Mutant::AckUntaken, 40, &["liveness"]),
];

#[test]
fn every_planted_bug_is_found() {
    assert_eq!(BUGS.map(|(bug, ..)| bug), Mutant::ALL);
    let mut missed = Vec::new();
    for (bug, seeds, invariants) in BUGS {
        let found = (1..=seeds).find_map(|seed| {
            let options = Options { mutant: Some(bug), unnoticed: false, ..Options::of(seed) };
            run(options).err()
        });
        match found {
            Some(failure) if invariants.contains(&failure.broken.invariant) => {
                println!("{bug:?}: {} in seed {}", failure.broken.invariant, failure.seed);
            }
            Some(failure) => missed.push(format!("{bug:?}: {failure}")),
            None => missed.push(format!("{bug:?}: not found in {seeds} seeds")),
        }
    }
    assert!(missed.is_empty(), "{}", missed.join("\n"));
}
