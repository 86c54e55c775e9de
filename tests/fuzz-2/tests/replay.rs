//! What fuzzing found before: every file of a corpus, and every input that once broke something.

use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use tests_fuzz::TARGETS;

/// An input that takes longer hangs: libFuzzer allows ten seconds to a build far slower.
const INPUT_TIME_MAX: Duration = Duration::from_secs(120);

fn replay(folder: &str) -> usize {
    let mut replayed = 0;
    for (name, target) in TARGETS {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder).join(name);
        let Ok(files) = fs::read_dir(&folder) else { continue };
        for file in files {
            let path = file.expect("a file").path();
            let bytes = fs::read(&path).expect("an input");
            let begun = Instant::now();
            println!("{}", path.display());
            target(&bytes);
            let taken = begun.elapsed();
            assert!(taken < INPUT_TIME_MAX, "{} takes {taken:?}", path.display());
            replayed += 1;
        }
    }
    replayed
}

#[test]
fn the_corpus_breaks_nothing() {
    assert!(replay("corpus") > 0, "there is a corpus");
}

#[test]
fn what_once_broke_something_breaks_nothing() {
    replay("crashes");
}

#[test]
fn valid_inputs_break_nothing() {
    for (name, bytes) in tests_fuzz::seeds::all() {
        let (_, target) = TARGETS.into_iter().find(|(known, _)| *known == name).expect("a target");
        target(&bytes);
    }
}
