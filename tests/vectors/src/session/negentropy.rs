//! Reconciliations, message by message; single messages; salted ids.

use serde_json::{Value, json};

use super::ranges::{Found, Set, reconcile};
use super::sums::numbered;
use crate::keys::{Hash, ascending, sha256};
use crate::vector::vector;

/// Two sets of numbered ids, given by ranges of numbers: from, and below.
#[derive(Debug)]
pub(crate) struct Case {
    pub(crate) name: &'static str,
    opener: &'static [(u64, u64)],
    answerer: &'static [(u64, u64)],
}

const fn case(
    name: &'static str,
    opener: &'static [(u64, u64)],
    answerer: &'static [(u64, u64)],
) -> Case {
    Case { name, opener, answerer }
}

pub(crate) const CASES: &[Case] = &[
    case("negentropy-none-and-none", &[], &[]),
    case("negentropy-none-and-one", &[], &[(0, 1)]),
    case("negentropy-one-and-none", &[(0, 1)], &[]),
    case("negentropy-one-and-another", &[(0, 1)], &[(1, 2)]),
    case("negentropy-the-same-few", &[(0, 31)], &[(0, 31)]),
    case("negentropy-few-and-fewer", &[(0, 31)], &[(2, 30)]),
    case("negentropy-the-same-32", &[(0, 32)], &[(0, 32)]),
    case("negentropy-32-and-none", &[(0, 32)], &[]),
    case("negentropy-none-and-32", &[], &[(0, 32)]),
    case("negentropy-one-missing", &[(0, 100)], &[(0, 70), (71, 100)]),
    case("negentropy-one-missing-here", &[(0, 70), (71, 100)], &[(0, 100)]),
    case("negentropy-each-lacks-some", &[(0, 190)], &[(10, 200)]),
    case("negentropy-the-same-many", &[(0, 1000)], &[(0, 1000)]),
    case("negentropy-many-and-one-more", &[(0, 1000)], &[(0, 1001)]),
    case("negentropy-nothing-in-common", &[(0, 300)], &[(300, 640)]),
    case("negentropy-three-levels", &[(0, 6000)], &[(0, 2000), (2001, 6000)]),
    case("negentropy-beyond-a-message", &[(0, 9000)], &[(9000, 18_000)]),
    case("negentropy-list-beyond-a-message", &[(0, 31)], &[(0, 3000)]),
];

impl Case {
    /// The sets of salted ids.
    pub(crate) fn sets(&self) -> [Set; 2] {
        let set = |ranges: &[(u64, u64)]| {
            let all = numbered(ranges.iter().map(|range| range.1).max().unwrap_or(0));
            let inside = |at: u64| ranges.iter().any(|range| (range.0..range.1).contains(&at));
            Set::of((0..).zip(all).filter(|(at, _)| inside(*at)).map(|(_, id)| id).collect())
        };
        [set(self.opener), set(self.answerer)]
    }

    fn vector(&self) -> Value {
        let [opener, answerer] = self.sets();
        let (messages, Found { have, need }) = reconcile(&opener, &answerer);
        let facts = json!({
            "opener": self.opener,
            "answerer": self.answerer,
            "messages": messages.iter().map(|message| brief(message)).collect::<Vec<_>>(),
            "answerer_lacks": many(have),
            "opener_lacks": many(need),
        });
        vector(self.name, "negentropy", None, facts)
    }
}

/// A message in hex, or its length and SHA-256 if it is long.
fn brief(message: &[u8]) -> Value {
    if message.len() <= 1_500 {
        return hex::encode(message).into();
    }
    json!({ "bytes": message.len(), "sha256": hex::encode(sha256(&[message])) })
}

/// Ids, ascending and once each: how many, and the SHA-256 of all of them joined.
fn many(ids: Vec<Hash>) -> Value {
    let mut ids = ascending(ids);
    ids.dedup();
    json!({ "count": ids.len(), "sha256": hex::encode(sha256(&[&ids.concat()])) })
}

pub(crate) fn vectors() -> Vec<Value> {
    let cases = CASES.iter().map(Case::vector).collect();
    [cases, salted(), answered(), malformed()].concat()
}

/// Salted ids.
fn salted() -> Vec<Value> {
    let of = |name, salt: [u8; 16], id: Hash| {
        let salted = sha256(&[b"gongzhi/salt/3", &salt, &id]);
        let facts = json!({
            "salt": hex::encode(salt),
            "id": hex::encode(id),
            "salted": hex::encode(salted),
        });
        vector(name, "salted", None, facts)
    };
    vec![of("salted-id", [1; 16], numbered(1)[0]), of("salted-id-of-zeros", [0; 16], [0; 32])]
}

/// A single message to the answerer, who holds so many numbered ids.
fn message(name: &str, holds: u64, bytes: &[u8], answer: Result<(), &str>) -> Value {
    let mut facts = json!({ "holds": holds, "message": hex::encode(bytes) });
    if answer.is_ok() {
        let answer = Set::of(numbered(holds)).answers(bytes, None);
        facts["answer"] = hex::encode(answer).into();
    }
    vector(name, "negentropy-message", answer.err(), facts)
}

fn answered() -> Vec<Value> {
    let ids = Set::of(numbered(3)).0;
    let twice = [&[0x61, 0, 0, 2, 2][..], &ids[0], &ids[0]].concat();
    let first = [&[0x61, 1, 32][..], &ids[1], &[2, 0]].concat();
    let middle = [&[0x61, 1, 1][..], &ids[1][..1], &[0, 1, 32], &ids[2], &[2, 0]].concat();
    let long = [&[0x61, 1, 4][..], &ids[1][..4], &[0, 0, 0, 2, 0]].concat();
    let wrong = [&[0x61, 0, 0, 1][..], &[7; 16]].concat();
    let of = |name, holds, bytes: &[u8]| message(name, holds, bytes, Ok(()));
    vec![
        of("message-of-nothing", 3, &[0x61]),
        of("message-skips-all", 3, &[0x61, 0, 0, 0]),
        of("message-empty-list", 3, &[0x61, 0, 0, 2, 0]),
        of("message-list-with-an-id-twice", 3, &twice),
        of("message-list-of-a-beginning", 3, &first),
        of("message-skips-and-lists", 3, &middle),
        of("message-skips-a-beginning", 3, &long),
        of("message-another-fingerprint", 3, &wrong),
        of("message-another-fingerprint-of-many", 40, &wrong),
        of("message-another-fingerprint-of-none", 0, &wrong),
    ]
}

fn malformed() -> Vec<Value> {
    let of = |name, bytes: &[u8]| message(name, 3, bytes, Err("malformed-frame"));
    let id = numbered(1)[0];
    let list = |count: &[u8]| [&[0x61, 0, 0, 2][..], count, &id].concat();
    let bits = [&[0x61, 0, 0, 2][..], &[0x82], &[0x80; 8], &[0x00], &id].concat();
    vec![
        of("message-of-version-0", &[0x60, 0, 0, 2, 0]),
        of("message-of-version-2", &[0x62, 0, 0, 2, 0]),
        of("message-cut-in-bound", &[0x61, 0]),
        of("message-cut-in-prefix", &[0x61, 1, 4, 1, 2, 3]),
        of("message-cut-before-mode", &[0x61, 0, 0]),
        of("message-cut-in-fingerprint", &[0x61, 0, 0, 1, 1, 2, 3]),
        of("message-cut-in-list", &list(&[2])),
        of("message-cut-before-count", &[0x61, 0, 0, 2]),
        of("message-cut-in-varint", &[0x61, 0x80 | 1]),
        of("message-of-mode-3", &[0x61, 0, 0, 3]),
        of("message-prefix-of-33", &[&[0x61, 1, 33][..], &[1; 33], &[0]].concat()),
        of("message-varint-with-leading-zero", &list(&[0x80, 1])),
        of("message-varint-of-65-bits", &bits),
        of(
            "message-count-of-2-to-the-63",
            &list(&[0x81, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0]),
        ),
    ]
}
