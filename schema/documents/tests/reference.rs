//! `KINDS.md` is what the declarations say.

use schema_documents::{kinds, reference};

#[test]
fn the_reference_is_current() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/KINDS.md");
    let made = reference(kinds::ALL);
    if std::env::var_os("GONGZHI_KINDS_REWRITE").is_some() {
        std::fs::write(path, &made).expect("the reference is written");
    }
    let there = std::fs::read_to_string(path).unwrap_or_default();
    assert!(
        there == made,
        "GONGZHI_KINDS_REWRITE=1 cargo test -p schema-documents --test reference"
    );
}
