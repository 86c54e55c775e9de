//! Sizes at their limit and above it.

use serde_json::Value;

use crate::cbor::Cbor;
use crate::encoding::{Draft, MALFORMED};
use crate::keys::*;
use crate::records::*;
use crate::vector::{Run, shortened};
use crate::world::*;

pub(crate) fn vectors() -> Vec<Value> {
    [keeps(), texts(), marks(), size()].concat()
}

fn judged(name: &str, draft: &Draft, good: bool) -> Value {
    if good { draft.taken(name) } else { draft.refused(name, MALFORMED) }
}

/// The numbers from 0 as hashes.
fn numbers(to: u64) -> Vec<Hash> {
    let wide = |number: u64| {
        let mut hash = [0; 32];
        hash[24..].copy_from_slice(&number.to_be_bytes());
        hash
    };
    (0..to).map(wide).collect()
}

fn keeps() -> Vec<Value> {
    let tree = tree();
    let of = |name, draft: Draft, count, good| {
        shortened(judged(name, &draft, good), &[Run::hashes(count)])
    };
    let ending = |count| {
        let ending = tree.by_city().ending(&tree.district_founding, &[]);
        Draft::of(&Ending { keeps: numbers(count), ..ending }, CITY_KEY)
    };
    let holders = [COMMUNITY_PAPER, COMMUNITY_NEW, COMMUNITY_NEW_PAPER];
    let turn = |count| {
        let turn = rotation(COMMUNITY, &tree.community, holders);
        Draft::of(&Rotation { keeps: numbers(count), ..turn }, COMMUNITY_PAPER)
    };
    let heirs = |count| {
        let heirs = succession(network(), ROOT_PAPER_ONE);
        Draft::of(&Succession { keeps: numbers(count), ..heirs }, ROOT_PAPER_ONE)
    };
    vec![
        of("ending-keeps-4096", ending(4096), 4096, true),
        of("ending-keeps-4097", ending(4097), 4097, false),
        of("rotation-keeps-4096", turn(4096), 4096, true),
        of("rotation-keeps-4097", turn(4097), 4097, false),
        of("succession-keeps-4096", heirs(4096), 4096, true),
        of("succession-keeps-4097", heirs(4097), 4097, false),
    ]
}

fn texts() -> Vec<Value> {
    let tree = tree();
    let (city, community) = (tree.by_city(), tree.by_community());
    let card = |name: &str, kind: &str| {
        let (name, kind) = (name.into(), kind.into());
        Draft::of(&Card { name, kind, ..community.card(1) }, COMMUNITY_KEY)
    };
    let suspension = |length| {
        let reason = "r".repeat(length);
        Draft::of(&Suspension { reason, ..city.suspension(DISTRICT) }, CITY_KEY)
    };
    let dissolved = |count: usize| {
        let units: Vec<String> = (0..count).map(|n| format!("220800/3{n:05}")).collect();
        let units: Vec<&str> = units.iter().map(String::as_str).collect();
        Draft::of(&city.dissolution(DISTRICT, &units), CITY_KEY)
    };
    let reached = |addresses: Vec<String>| {
        Draft::of(&Address { addresses, ..tree.by_node().address() }, NODE)
    };
    let long = |length| vec!["/".repeat(length)];
    vec![
        judged("card-without-name", &card("", "k"), true),
        judged("card-without-kind", &card("n", ""), true),
        judged("card-name-at-limit", &card(&"n".repeat(512), "k"), true),
        judged("card-name-beyond", &card(&"n".repeat(513), "k"), false),
        judged("card-name-beyond-in-bytes", &card(&"城".repeat(171), "k"), false),
        judged("card-kind-at-limit", &card("n", &"k".repeat(64)), true),
        judged("card-kind-beyond", &card("n", &"k".repeat(65)), false),
        judged("suspension-reason-empty", &suspension(0), true),
        judged("suspension-reason-at-limit", &suspension(64), true),
        judged("suspension-reason-beyond", &suspension(65), false),
        judged("dissolution-64-successors", &dissolved(64), true),
        judged("dissolution-65-successors", &dissolved(65), false),
        judged("address-of-nothing", &reached(vec![]), false),
        judged("address-sixteen", &reached(vec!["/a".into(); 16]), true),
        judged("address-seventeen", &reached(vec!["/a".into(); 17]), false),
        judged("address-empty", &reached(long(0)), false),
        judged("address-at-limit", &reached(long(256)), true),
        judged("address-beyond", &reached(long(257)), false),
    ]
}

/// The mark of a log of a unit, one of many that differ by their incarnation.
fn log(number: u64, unit: &str, shard: &str) -> Mark {
    let mut incarnation = [0; 16];
    incarnation[8..].copy_from_slice(&number.to_be_bytes());
    let document = Document(unit.into(), 1, shard.into());
    Mark { document, author: CITY_NODE.key(), incarnation, seq: 7, head: [5; 32] }
}

/// An adoption of such logs, and of one before them; and the run of the many.
fn logs(count: u64, unit: &str, shard: &str, before: &str) -> (Draft, Run) {
    let whole = Cbor::from(log(0, unit, shard)).bytes();
    let incarnation = [&[0x50][..], &[0; 16]].concat();
    let at = whole.windows(17).position(|part| part == incarnation).expect("it is there") + 1;
    let (before_it, after) = (whole[..at].into(), whole[at + 16..].into());
    let run = Run { to: count, before: before_it, width: 16, after };
    let many = (0..count).map(|number| log(number, unit, shard)).collect();
    let marks = [vec![log(0, unit, before)], many].concat();
    let adoption = tree().by_city().of_unit(unit).adoption(Scope::of(unit, 1), marks);
    (Draft::of(&adoption, CITY_KEY), run)
}

fn marks() -> Vec<Value> {
    let of = |name, count: u64, good| {
        let (draft, run) = logs(count - 1, CITY, "B", "A");
        shortened(judged(name, &draft, good), &[run])
    };
    vec![of("adoption-1024-marks", 1024, true), of("adoption-1025-marks", 1025, false)]
}

const STATEMENT_BYTES: usize = 262_144;
/// Statements of 262,144 bytes and of one byte more.
fn size() -> Vec<Value> {
    let length = |draft: &Draft| draft.stated().bytes().len();
    // Long names for many; then the one before them is as long as is missing.
    let (many, shard) = (994, "B".repeat(45));
    let missing = STATEMENT_BYTES - length(&logs(many, DEEP, &shard, &"A".repeat(24)).0);
    assert!(missing < 40, "{missing} bytes are too many for a shard");
    let of = |name, more: usize, good| {
        let (draft, run) = logs(many, DEEP, &shard, &"A".repeat(24 + missing + more));
        assert_eq!(length(&draft), STATEMENT_BYTES + more);
        shortened(judged(name, &draft, good), &[run])
    };
    vec![of("statement-of-262144-bytes", 0, true), of("statement-of-262145-bytes", 1, false)]
}
