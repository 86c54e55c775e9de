//! Reports: revisions as they are encoded, and cells that are added.

use serde_json::{Value, json};

use crate::cbor::{Cbor, list};
use crate::keys::sha256;
use crate::vector::vector;
use crate::world::*;

pub(crate) fn vectors() -> Vec<Value> {
    [decoded(), parts(), added(), sources(), vec![rules()]].concat()
}

const NUMBER_MAX: u64 = 9_007_199_254_740_991;

/// The indicators, a line each, as section 10.6 has them.
fn lines() -> &'static str {
    const TEXT: &str = include_str!("../../../../schema/PROTOCOL.md");
    let (_, counting) = TEXT.split_once("**Counting.**").expect("section 10.6 says what counts");
    counting.split("```\n").nth(1).expect("a block of lines")
}

fn rules() -> Value {
    let hash = hex::encode(sha256(&[lines().as_bytes()]));
    vector("rules", "rules", None, json!({ "lines": lines(), "rules": hash }))
}

/// A cell: its code, value, num, den and unknown.
type Cell = (&'static str, [u64; 4]);

fn cells(all: &[Cell]) -> Cbor {
    let cell =
        |(code, [value, num, den, unknown]): &Cell| list![*code, *value, *num, *den, *unknown];
    Cbor::List(all.iter().map(cell).collect())
}

const PERSONS: Cell = ("RES.PERSONS", [1200, 0, 0, 0]);
const RATE: Cell = ("PAT.RATE", [7, 7, 9, 1]);

fn revision() -> Cbor {
    let own = cells(&[RATE, PERSONS]);
    let sources = list![12, [6; 32]];
    list!["2026-02", 1, LATER, own.clone(), own, list![], sources, sha256(&[lines().as_bytes()])]
}

/// A value that is a revision, or is unreadable whatever stands around it.
fn value(name: &str, cbor: &Cbor, readable: bool) -> Value {
    let refuse = (!readable).then_some("unreadable");
    vector(name, "revision", refuse, json!({ "value": hex::encode(cbor.bytes()) }))
}

fn decoded() -> Vec<Value> {
    let base = revision();
    let both = |all: Cbor| base.with(&[3], all.clone()).with(&[4], all);
    let one = |numbers| both(cells(&[("A", numbers)]));
    let many = |count: usize| {
        let cell = |at| list![format!("C{at:04}"), 1, 0, 0, 0];
        both(Cbor::List((0..count).map(cell).collect()))
    };
    vec![
        value("revision", &base, true),
        value("revision-without-cells", &both(list![]), true),
        value("revision-at-the-greatest-number", &one([NUMBER_MAX, 0, 0, 0]), true),
        value("revision-beyond-the-greatest-number", &one([0, NUMBER_MAX + 1, 0, 0]), false),
        value("revision-cells-descending", &both(cells(&[PERSONS, RATE])), false),
        value("revision-cells-twice", &both(cells(&[RATE, RATE])), false),
        value("revision-code-empty", &both(cells(&[("", [0; 4])])), false),
        value(
            "revision-code-at-limit",
            &both(cells(&[("CCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCC", [0; 4])])),
            true,
        ),
        value(
            "revision-code-beyond",
            &both(cells(&[("CCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCC", [0; 4])])),
            false,
        ),
        value("revision-of-1024-cells", &many(1024), true),
        value("revision-of-1025-cells", &many(1025), false),
        value("revision-field-too-many", &base.longer(), false),
        value("revision-field-too-few", &base.shorter(), false),
        // Without a part nothing is added.
        value("revision-of-more-than-its-own", &base.with(&[4], cells(&[PERSONS])), false),
    ]
}

fn parts() -> Vec<Value> {
    let base = revision();
    let counted = |unit: &str| list![unit, 0, [1; 32], 3, LATER, [2; 32]];
    let other_rules = |unit: &str| list![unit, 3, [1; 32], 3, LATER, [2; 32], [4; 32]];
    let silent = |unit: &str| list![unit, 1];
    let with = |parts: Cbor| base.with(&[5], parts);
    let reason = |length: usize| with(list![list![COMMUNITY, 2, "r".repeat(length)]]);
    let all = list![
        list!["220800/220802/1", 2, "报数核查"],
        counted("220800/220802/2"),
        other_rules("220800/220802/3"),
        silent("220800/220802/4"),
    ];
    vec![
        value("revision-with-parts", &with(all), true),
        value("revision-reason-at-limit", &reason(64), true),
        value("revision-reason-beyond", &reason(65), false),
        value("revision-parts-descending", &with(list![silent("a/2"), silent("a/1")]), false),
        value("revision-parts-twice", &with(list![silent("a/1"), counted("a/1")]), false),
        value("revision-part-of-state-4", &with(list![list![COMMUNITY, 4]]), false),
        value("revision-part-silent-with-more", &with(list![silent(COMMUNITY).longer()]), false),
        value("revision-part-counted-with-less", &with(list![counted(COMMUNITY).shorter()]), false),
        value("revision-part-of-no-unit", &with(list![silent("")]), false),
        value(
            "revision-added-with-a-part",
            &{ with(list![counted(COMMUNITY)]).with(&[4], cells(&[PERSONS])) },
            true,
        ),
    ]
}

/// Cells of the unit and of its parts, and what they come to.
fn sum(name: &str, own: &[Cell], parts: &[&[Cell]], total: &[Cell]) -> Value {
    let hexed = |all: &[Cell]| hex::encode(cells(all).bytes());
    let facts = json!({
        "own": hexed(own),
        "parts": parts.iter().map(|part| hexed(part)).collect::<Vec<_>>(),
        "cells": hexed(total),
    });
    vector(name, "cells", None, facts)
}

fn added() -> Vec<Value> {
    let persons = |value| ("RES.PERSONS", [value, 0, 0, 0]);
    let rate = |numbers| ("PAT.RATE", numbers);
    let one = persons(NUMBER_MAX - 1);
    vec![
        sum("cells-of-its-own", &[RATE, PERSONS], &[], &[RATE, PERSONS]),
        sum(
            "cells-added",
            &[rate([1, 1, 2, 0]), persons(10)],
            &[&[rate([3, 3, 4, 1]), persons(5)], &[rate([5, 5, 5, 2]), persons(7)]],
            &[rate([9, 9, 11, 3]), persons(22)],
        ),
        sum("cells-at-the-greatest", &[one], &[&[persons(1)]], &[persons(NUMBER_MAX)]),
        sum("cells-beyond-the-greatest", &[one], &[&[persons(2)]], &[persons(NUMBER_MAX)]),
        sum(
            "cells-with-a-code-unknown",
            &[persons(1)],
            &[&[("NEW.CODE", [9; 4]), persons(2)]],
            &[persons(3)],
        ),
    ]
}

/// The lines of a unit's own documents.
fn sources() -> Vec<Value> {
    let of = |name, documents: &[(&str, Vec<[u8; 32]>)]| {
        let mut lines: Vec<String> = documents
            .iter()
            .map(|(document, heads)| {
                let heads: Vec<String> =
                    heads.iter().map(|head| format!(" {}", hex::encode(head))).collect();
                format!("{document}{}\n", heads.concat())
            })
            .collect();
        lines.sort_unstable();
        let listed = documents.iter().map(|(document, heads)| {
            json!({ "document": document, "heads": heads.iter().map(hex::encode).collect::<Vec<_>>() })
        });
        let facts = json!({
            "documents": listed.collect::<Vec<_>>(),
            "digest": hex::encode(sha256(&[lines.concat().as_bytes()])),
        });
        vector(name, "sources", None, facts)
    };
    vec![
        of("sources-none", &[]),
        of(
            "sources-of-two",
            &[
                ("220800/220802:4:h0a", vec![[1; 32], [2; 32]]),
                ("220800/220802:128:h00", vec![[3; 32]]),
            ],
        ),
    ]
}
