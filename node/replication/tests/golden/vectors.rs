//! Reads `schema/golden/vectors.json`.

use std::sync::LazyLock;

use serde_json::Value;

pub(crate) fn file() -> &'static Value {
    static FILE: LazyLock<Value> = LazyLock::new(|| {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../schema/golden/vectors.json");
        serde_json::from_slice(&std::fs::read(path).expect("the golden vectors")).expect("JSON")
    });
    &FILE
}

/// The vectors of a kind; there must be some.
pub(crate) fn of_kind(kind: &str) -> Vec<&'static Value> {
    let some: Vec<&Value> = list(&file()["vectors"]).filter(|one| one["kind"] == kind).collect();
    assert!(!some.is_empty(), "no vector of kind {kind}");
    some
}

pub(crate) fn bytes(value: &Value) -> Vec<u8> {
    hex::decode(value.as_str().expect("hex")).expect("hex")
}

pub(crate) fn array<const N: usize>(value: &Value) -> [u8; N] {
    bytes(value).try_into().expect("another length")
}

pub(crate) fn number(value: &Value) -> u64 {
    value.as_u64().expect("a number")
}

pub(crate) fn text(value: &Value) -> &str {
    value.as_str().expect("a text")
}

pub(crate) fn list(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().expect("a list").iter()
}
