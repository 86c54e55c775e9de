//! Planted bugs must be found, each within a few seeds.

use tests_sim::{Mutant, Options, run};

/// Within how many seeds a planted bug must be found.
const SEEDS: u64 = 20;

/// The first failure that a planted bug leads to, and its seed.
fn caught(mutant: Mutant) -> (&'static str, u64) {
    let failure = (1..=SEEDS).find_map(|seed| {
        let options = Options { mutant: Some(mutant), ..Options::small(seed) };
        run(options).err()
    });
    let failure = failure.unwrap_or_else(|| panic!("{mutant:?} is not found in {SEEDS} seeds"));
    println!("{mutant:?}: {} in seed {}", failure.invariant, failure.seed);
    (failure.invariant, failure.seed)
}

#[test]
fn every_planted_bug_is_found_for_the_right_reason() {
    assert_eq!(caught(Mutant::SendBeforeSync).0, "INV-05");
    assert_eq!(caught(Mutant::IgnoreFailedCommit).0, "INV-05");
    assert_eq!(caught(Mutant::ForgetIncarnation).0, "INV-04");
    assert_eq!(caught(Mutant::TearBatch).0, "INV-12");
}
