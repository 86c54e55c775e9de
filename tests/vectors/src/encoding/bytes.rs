//! Encodings of a value that are not the one: each is signed as it stands.

use serde_json::Value;

use crate::cbor::{Cbor, raw};
use crate::encoding::MALFORMED;
use crate::encoding::statements::sample;
use crate::envelopes::item;
use crate::keys::{CITY_KEY, COMMUNITY_KEY, NODE};
use crate::signed::{Record, Signed};
use crate::vector::encoding;

/// A field of a card: the place of its serial, its name and its issuer.
const ISSUER: usize = 3;
const SERIAL: usize = 4;
const NAME: usize = 5;
const AT: usize = 8;

fn card(name: &str, place: usize, value: &str) -> Value {
    let base = sample("card");
    base.but(base.cbor.with(&[place], raw(value))).refused(name, MALFORMED)
}

pub(crate) fn vectors() -> Vec<Value> {
    [numbers(), texts(), lists(), others(), whole()].concat()
}

fn numbers() -> Vec<Value> {
    vec![
        card("number-1-in-two-bytes", SERIAL, "1801"),
        card("number-23-in-two-bytes", SERIAL, "1817"),
        card("number-255-in-three-bytes", SERIAL, "1900ff"),
        card("number-65535-in-five-bytes", SERIAL, "1a0000ffff"),
        card("number-32-bits-in-nine-bytes", SERIAL, "1b00000000ffffffff"),
        card("number-negative", SERIAL, "20"),
        card("number-of-reserved-length", SERIAL, "1c"),
        card("number-as-float-16", SERIAL, "f93c00"),
        card("number-as-float-32", SERIAL, "fa3f800000"),
        card("number-as-float-64", SERIAL, "fb3ff0000000000000"),
        card("number-as-bignum", SERIAL, "c24101"),
        card("number-tagged", SERIAL, "c101"),
        card("number-as-text", SERIAL, "6131"),
        card("number-as-null", SERIAL, "f6"),
        card("number-as-true", SERIAL, "f5"),
        card("ms-beyond-the-last", AT, "1b0001000000000000"),
        card("ms-at-64-bits", AT, "1bffffffffffffffff"),
        card("ms-in-nine-bytes", AT, "1b0000000000000001"),
    ]
}

fn texts() -> Vec<Value> {
    vec![
        card("text-with-length-in-two-bytes", NAME, "780161"),
        card("text-of-indefinite-length", NAME, "7f6161ff"),
        card("text-as-bytes", NAME, "4161"),
        card("text-lone-continuation", NAME, "6180"),
        card("text-overlong", NAME, "62c080"),
        card("text-surrogate", NAME, "63eda080"),
        card("text-beyond-unicode", NAME, "64f4908080"),
        card("text-cut-within-character", NAME, "62e799"),
        card("text-as-undefined", NAME, "f7"),
        card("bytes-of-indefinite-length", ISSUER, &format!("5f5820{}ff", "11".repeat(32))),
        card("bytes-with-length-in-three", ISSUER, &format!("590020{}", "11".repeat(32))),
        card("bytes-of-31", ISSUER, &format!("581f{}", "11".repeat(31))),
        card("bytes-of-33", ISSUER, &format!("5821{}", "11".repeat(33))),
        card("bytes-as-text", ISSUER, &format!("7820{}", "31".repeat(32))),
    ]
}

/// Lists and lengths; the record is an ending, whose `keeps` stands at place 6.
fn lists() -> Vec<Value> {
    let base = sample("ending");
    let of =
        |name, value: &str| base.but(base.cbor.with(&[6], raw(value))).refused(name, MALFORMED);
    let simple =
        |name, value: &str| base.but(base.cbor.with(&[5], raw(value))).refused(name, MALFORMED);
    vec![
        of("list-of-indefinite-length", "9fff"),
        of("list-with-length-in-two-bytes", "9800"),
        of("list-as-map", "a0"),
        of("list-as-null", "f6"),
        of("list-claims-more-than-follows", "9b00000000ffffffff"),
        of("list-claims-2-to-the-64", "9bffffffffffffffff"),
        of("bytes-claim-2-to-the-63", "815b8000000000000000"),
        simple("bool-as-number", "00"),
        simple("bool-as-null", "f6"),
        simple("bool-in-two-bytes", "f814"),
        simple("bool-as-undefined", "f7"),
        simple("bool-as-simple-16", "f0"),
        simple("bool-as-simple-255", "f8ff"),
        simple("bool-as-break", "ff"),
    ]
}

/// Null in a header: its backlink, which is null at seq 1.
fn others() -> Vec<Value> {
    let header = crate::encoding::envelopes::first(1, 0, [1; 32]).cbor();
    let of = |name, value: &str| {
        let payload = header.with(&[6], raw(value)).bytes();
        let signed = Signed::raw("envelope", &payload, NODE);
        encoding(name, "item", Err(MALFORMED), &item(signed.cbor, &b"x"[..]))
    };
    vec![
        of("null-as-undefined", "f7"),
        of("null-as-empty-bytes", "40"),
        of("null-in-two-bytes", "f816"),
        card("ms-as-date", AT, "c11b000001a0c4506c00"),
    ]
}

/// What is wrong with the whole payload or with what is around it.
fn whole() -> Vec<Value> {
    let base = sample("card");
    let good = base.cbor.bytes();
    let payload = |name, bytes: Vec<u8>| base.but(Cbor::Raw(bytes)).refused(name, MALFORMED);
    let indefinite = [&[0x9f], &good[1..], &[0xff]].concat();
    let wide = [&[0x98, good[0] & 0x1f], &good[1..]].concat();
    let stated = base.stated().bytes();
    let of = |name, bytes: &[u8]| encoding(name, "statement", Err(MALFORMED), bytes);
    let outer = [&[0x9f], &stated[1..], &[0xff]].concat();
    let kind = [&[0x82, 0x18, stated[1]], &stated[2..]].concat();
    let tag = [&stated[..2], &[0xd8, 0x12], &stated[3..]].concat();
    let behind = [&stated[..], &[0xf6]].concat();
    let ending = sample("ending");
    let mut twice = ending.cbor.bytes();
    twice.extend(ending.cbor.bytes());
    let twice = Signed::raw("ending", &twice, CITY_KEY);
    let empty = Signed::raw("card", &[], COMMUNITY_KEY);
    vec![
        payload("payload-of-indefinite-length", indefinite),
        payload("payload-with-length-in-two-bytes", wide),
        payload("payload-and-one-byte", [&good[..], &[0]].concat()),
        payload("payload-cut-off", good[..good.len() - 1].to_vec()),
        crate::encoding::broken("payload-twice", MALFORMED, 5, twice.cbor),
        crate::encoding::broken("payload-empty", MALFORMED, 9, empty.cbor),
        of("statement-of-indefinite-length", &outer),
        of("statement-kind-in-two-bytes", &kind),
        of("statement-tag-in-two-bytes", &tag),
        of("statement-and-one-byte", &behind),
        of("statement-cut-off", &stated[..stated.len() - 1]),
        of("statement-of-nothing", &[]),
        of("statement-is-null", &[0xf6]),
    ]
}
