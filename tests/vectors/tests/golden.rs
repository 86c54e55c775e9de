//! The bytes that must not change: `schema/golden/vectors.json`.
//!
//! The vectors are built from fixed keys and compared with the file. To accept a change of the
//! protocol on purpose, run this test with `GONGZHI_GOLDEN_REWRITE=1` and say why in the commit.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::OnceLock;

use serde_json::Value;

fn path() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../schema/golden/vectors.json")
}

/// The file as it is built now.
fn built() -> &'static str {
    static BUILT: OnceLock<String> = OnceLock::new();
    BUILT.get_or_init(|| {
        serde_json::to_string_pretty(&tests_vectors::file()).expect("values are JSON") + "\n"
    })
}

/// The golden file, after it was rewritten if that was asked for.
fn stored() -> &'static str {
    static STORED: OnceLock<String> = OnceLock::new();
    STORED.get_or_init(|| {
        if std::env::var_os("GONGZHI_GOLDEN_REWRITE").is_some() {
            std::fs::write(path(), built()).expect("the golden folder is writable");
        }
        std::fs::read_to_string(path()).expect("the golden file is there")
    })
}

#[test]
fn the_golden_bytes_have_not_changed() {
    let (stored, built) = (stored(), built());
    let changed = stored.lines().zip(built.lines()).find(|(old, new)| old != new);
    assert!(
        stored == built,
        "golden bytes differ: {changed:?}; see tests/golden.rs on how to rewrite them"
    );
}

#[test]
fn every_vector_has_a_name_of_its_own() {
    let file: Value = serde_json::from_str(stored()).expect("the golden file is JSON");
    let mut names = BTreeSet::new();
    for vector in file["vectors"].as_array().expect("a list of vectors") {
        let name = vector["name"].as_str().expect("a name");
        assert!(names.insert(name), "{name} is there twice");
    }
    assert!(names.len() >= 400, "only {} vectors", names.len());
}
