//! Planted bugs must be found, each within the seeds recorded here, for the right reason.

use tests_world::{Mutant, Options, run};

/// Each bug, the seeds within which it must be found, and what finds it.
const BUGS: [(Mutant, u64, &[&str]); 16] = [
    (Mutant::KeepLife, 60, &["INV-04"]),
    (Mutant::TearBatch, 40, &["INV-12", "INV-03", "liveness"]),
    (Mutant::SendEarly, 40, &["INV-05"]),
    (Mutant::CountUnpermitted, 200, &["INV-01"]),
    (Mutant::CountEnded, 60, &["INV-08"]),
    (Mutant::CountForks, 200, &["INV-11"]),
    (Mutant::DropAside, 60, &["INV-14"]),
    (Mutant::LoseEntry, 40, &["INV-03", "INV-12"]),
    // A rebuild checks signatures: what it does not take again was never signed so. Who heard of a
    // forged generation first holds to it, and never agrees with the others.
    (Mutant::SkipSignature, 60, &["INV-02", "INV-12", "liveness"]),
    (Mutant::SendToAll, 40, &["INV-09"]),
    (Mutant::FollowClaim, 60, &["INV-13"]),
    (Mutant::AckUntaken, 40, &["liveness"]),
    (Mutant::HeedStranger, 60, &["section 9.3"]),
    (Mutant::KeepNulls, 200, &["liveness"]),
    (Mutant::CountUnfounded, 60, &["section 10.1"]),
    (Mutant::DropKept, 60, &["INV-06"]),
];

#[test]
fn every_planted_bug_is_found() {
    assert_eq!(Mutant::ALL, BUGS.map(|(bug, ..)| bug));
    let mut missed = Vec::new();
    for (bug, seeds, invariants) in BUGS {
        let found = (1..=seeds).find_map(|seed| {
            let sound = Options { unnoticed: false, ..Options::of(seed) };
            // What fails without the bug does not show it.
            let failure = run(Options { mutant: Some(bug), ..sound }).err();
            failure.filter(|_| run(sound).is_ok())
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
