//! Names made from what identifies a thing, and shards.

use serde_json::{Value, json};

use crate::cbor::{Cbor, list};
use crate::keys::sha256;
use crate::vector::vector;

pub(crate) fn vectors() -> Vec<Value> {
    [names(), hashed(), times()].concat()
}

fn names() -> Vec<Value> {
    let of = |name, kind: &str, parts: &[&str]| {
        let hash = sha256(&[b"gongzhi/name/3", &list![kind, Cbor::each(parts)].bytes()]);
        let made = format!("n{}", &hex::encode(hash)[..32]);
        vector(name, "name", None, json!({ "of": kind, "parts": parts, "made": made }))
    };
    vec![
        of("name-of-a-building", "building", &["鹤鸣小区", "12"]),
        of("name-of-a-building-split-otherwise", "building", &["鹤鸣小区1", "2"]),
        of("name-of-another-kind", "estate", &["鹤鸣小区", "12"]),
        of("name-of-nothing", "slot", &[]),
    ]
}

fn hashed() -> Vec<Value> {
    let of = |name, modulo: u32, id: &str| {
        let byte = u32::from(sha256(&[id.as_bytes()])[0]) % modulo;
        let facts =
            json!({ "rule": format!("h{modulo}"), "id": id, "shard": format!("h{byte:02x}") });
        vector(name, "shard", None, facts)
    };
    let person = "07070707070707070707070707070707";
    vec![
        of("shard-h64-of-a-person", 64, person),
        of("shard-h256-of-a-person", 256, person),
        of("shard-h4-of-a-person", 4, person),
        of("shard-h1", 1, person),
        of("shard-h16-of-a-ulid", 16, "01KJ000000000000000000000Z"),
    ]
}

/// A ULID of a time; the rest of it is zeros.
fn ulid(mut ms: u64) -> String {
    const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
    let mut digits = [b'0'; 10];
    for digit in digits.iter_mut().rev() {
        *digit = ALPHABET[(ms % 32) as usize];
        ms /= 32;
    }
    format!("{}{}", String::from_utf8_lossy(&digits), "0".repeat(16))
}

/// The time is told eight hours after UTC.
fn times() -> Vec<Value> {
    let of = |name, rule, ms, shard| {
        vector(name, "shard", None, json!({ "rule": rule, "id": ulid(ms), "shard": shard }))
    };
    let february = 1_772_294_399_000;
    let new_year = 1_798_732_799_000;
    vec![
        of("shard-month-at-its-end", "m", february + 999, "2026-02"),
        of("shard-month-at-its-beginning", "m", february + 1000, "2026-03"),
        of("shard-quarter", "q", february, "2026-q1"),
        of("shard-quarter-at-its-end", "q", new_year + 999, "2026-q4"),
        of("shard-quarter-at-its-beginning", "q", new_year + 1000, "2027-q1"),
        of("shard-year-at-its-end", "y", new_year + 999, "2026"),
        of("shard-year-at-its-beginning", "y", new_year + 1000, "2027"),
    ]
}
