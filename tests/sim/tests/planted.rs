//! Bugs planted in the core must be found, each within the seeds recorded here.
//!
//! `cargo test -p tests-sim --features canary --test planted`

use node_authority::canary::Bug;
use tests_sim::{Options, run};

/// Each bug and the seeds within which it must be found. A greater number is a worse simulator.
const BUGS: [(Bug, u64); 14] = [
    (Bug::SkipSignature, 60),
    (Bug::IgnoreRevocation, 60),
    (Bug::IgnoreWatermarks, 60),
    (Bug::IgnoreExpiry, 60),
    (Bug::IgnoreTerritory, 60),
    (Bug::IgnoreFork, 60),
    (Bug::IgnoreRests, 60),
    (Bug::AckUnkept, 60),
    (Bug::ReadToAll, 60),
    (Bug::ReadToRevoked, 60),
    (Bug::DriftingFingerprint, 60),
    (Bug::StaleHeads, 60),
    (Bug::EndlessWindow, 60),
    (Bug::StubbornLife, 60),
];

#[test]
fn every_bug_planted_in_the_core_is_found() {
    assert_eq!(BUGS.map(|(bug, _)| bug), Bug::ALL);
    let mut missed = Vec::new();
    for (bug, seeds) in BUGS {
        let failure = (1..=seeds).find_map(|seed| {
            let options = Options { bug: Some(bug), ..Options::small(seed) };
            run(options).err()
        });
        match failure {
            Some(failure) => println!("{bug:?}: {} in seed {}", failure.invariant, failure.seed),
            None => missed.push(bug),
        }
    }
    assert_eq!(missed, [], "not found");
}
