//! Changes that are taken, and their bytes.

use serde_json::{Value, json};

use super::change::*;
use crate::admit::{Step, admit, comes};
use crate::envelopes::{Pen, pen};
use crate::keys::*;
use crate::scene::{Scene, peace};
use crate::vector::vector;
use crate::world::*;

pub(crate) const ACCEPTED: &str = "accepted";

/// Who writes: the node in two lives, and a colleague.
pub(crate) fn writers() -> (Scene, Pen, Pen, Pen) {
    let (tree, peace) = peace();
    let granted = tree.by_community().lets_write(COLLEAGUE);
    let node = pen(NODE, &tree.node).on(COMMUNITY, 1, "2026");
    let colleague = pen(COLLEAGUE, &granted).on(COMMUNITY, 1, "2026");
    let reborn = node.reborn(2);
    (peace.and(&[granted]), node, reborn, colleague)
}

/// The steps by which changes come and are taken.
pub(crate) fn come(all: &[&Written]) -> Vec<Step> {
    all.iter().map(|one| comes(&one.envelope, ACCEPTED)).collect()
}

pub(crate) const KEY: &str = "holiday/2026-02-17/name";

/// A change as a value and as bytes.
fn change(name: &str, change: &Change) -> Value {
    let id = |(counter, actor): &Id| json!([counter, hex::encode(actor)]);
    let puts = change.puts.iter().map(|put| {
        let (of, bytes) = put.value.raw();
        json!({
            "key": put.key,
            "type": of,
            "value": hex::encode(bytes),
            "instead": put.instead.iter().map(id).collect::<Vec<_>>(),
        })
    });
    let facts = json!({
        "deps": change.deps.iter().map(hex::encode).collect::<Vec<_>>(),
        "actor": hex::encode(change.actor),
        "seq": change.seq,
        "start_op": change.start,
        "puts": puts.collect::<Vec<_>>(),
        "bytes": hex::encode(change.bytes()),
        "hash": hex::encode(change.hash()),
    });
    vector(name, "change", None, facts)
}

/// Changes that show each part of the bytes.
pub(crate) fn samples() -> Vec<(&'static str, Written)> {
    let (_, node, reborn, colleague) = writers();
    let one = node.edits(None, &[], vec![put(KEY, text("春节"), &[])]);
    let types = node.edits(
        Some(&one),
        &[],
        vec![
            put("t/1/null", Scalar::Null, &[]),
            put("t/1/false", Scalar::Bool(false), &[]),
            put("t/1/true", Scalar::Bool(true), &[]),
            put("t/1/least", Scalar::Integer(i64::MIN), &[]),
            put("t/1/most", Scalar::Integer(i64::MAX), &[]),
            put("t/1/minus-one", Scalar::Integer(-1), &[]),
            put("t/1/sixty-four", Scalar::Integer(64), &[]),
            put("t/1/empty", text(""), &[]),
            put("t/1/bytes", Scalar::Bytes(vec![0, 255]), &[]),
            put("t/1/no-bytes", Scalar::Bytes(vec![]), &[]),
        ],
    );
    let again = node.edits(Some(&types), &[], vec![put(KEY, text("新年"), &[one.id(0)])]);
    let beside = reborn.edits(None, &[&one], vec![put(KEY, text("岁首"), &[one.id(0)])]);
    let other = colleague.edits(None, &[], vec![put(KEY, text("过年"), &[])]);
    let all = [again.id(0), beside.id(0), other.id(0)];
    let chosen =
        colleague.edits(Some(&other), &[&again, &beside], vec![put(KEY, text("春节"), &all)]);
    let joined = reborn.edits(Some(&beside), &[&again], vec![]);
    let preferred = node.edits(
        Some(&again),
        &[&beside],
        vec![
            put(KEY, Scalar::Null, &[again.id(0), beside.id(0)]),
            put(KEY, text("岁首"), &[(beside.id(0).0.max(again.id(0).0) + 1, again.change.actor)]),
        ],
    );
    let many = (0..200).map(|at| put(&format!("n/{at}/v"), Scalar::Integer(at / 50), &[]));
    let long = node.edits(None, &[], many.collect());
    vec![
        ("change-first", one),
        ("change-of-all-types", types),
        ("change-instead", again),
        ("change-of-another-life", beside),
        ("change-of-another-author", other),
        ("change-instead-of-three", chosen),
        ("change-without-operations", joined),
        ("change-that-prefers", preferred),
        ("change-with-runs", long),
    ]
}

pub(crate) fn vectors() -> Vec<Value> {
    let bytes = samples().iter().map(|(name, one)| change(name, &one.change)).collect();
    [bytes, admitted()].concat()
}

fn admitted() -> Vec<Value> {
    let (scene, ..) = writers();
    let samples = samples();
    let named = |names: &[&str]| {
        let find = |name: &&str| samples.iter().find(|one| one.0 == *name).expect("a sample");
        names.iter().map(|name| &find(name).1).collect::<Vec<_>>()
    };
    let log = ["change-first", "change-of-all-types", "change-instead"];
    let of = |name, more: &[&str]| admit(&scene, name, &come(&named(&[&log, more].concat())));
    let alone = ["change-with-runs"];
    vec![
        of("admit-changes", &[]),
        of("admit-changes-of-two-lives", &["change-of-another-life", "change-without-operations"]),
        of(
            "admit-changes-of-two-authors",
            &["change-of-another-life", "change-of-another-author", "change-instead-of-three"],
        ),
        of("admit-change-that-prefers", &["change-of-another-life", "change-that-prefers"]),
        admit(&scene, "admit-change-with-runs", &come(&named(&alone))),
    ]
}

#[cfg(test)]
mod tests {
    use automerge::Change as Read;

    use super::samples;

    #[test]
    fn automerge_reads_the_bytes_and_writes_them_so() {
        for (name, one) in samples() {
            let bytes = one.change.bytes();
            let read = Read::from_bytes(bytes.clone()).expect(name);
            assert_eq!(read.raw_bytes(), bytes, "{name}");
            assert_eq!(read.hash().0, one.change.hash(), "{name}");
            let again: Read = read.decode().into();
            assert_eq!(again.raw_bytes(), bytes, "{name} written again");
        }
    }
}
