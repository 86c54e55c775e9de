//! Envelope items: the five kinds of payload, and headers and contents that are wrong.

use serde_json::Value;

use super::keyrings::{erasures_content, grants, keys_envelope};
use crate::cbor::{Cbor, list, raw};
use crate::encoding::{BAD_SIGNATURE, MALFORMED};
use crate::envelopes::{Envelope, Header, item, pen};
use crate::keys::*;
use crate::signed::{Record, Signed};
use crate::vector::{Run, encoding, shortened};
use crate::world::*;

pub(crate) const CONTENT_MISMATCH: &str = "content-mismatch";

/// The first header of the node in a document of a class, with this payload.
pub(crate) fn first(class: u64, payload_kind: u64, payload_hash: Hash) -> Header {
    let shard = match class {
        192.. => DISTRICT,
        142.. if class % 16 > 13 => "07",
        _ => "B01",
    };
    let header = pen(NODE, &tree().node).on(COMMUNITY, class, shard).header(None, b"");
    Header { payload_kind, payload_hash, ..header }
}

/// The same around a content whose SHA-256 is the payload hash.
pub(crate) fn hashed(class: u64, payload_kind: u64, content: &[u8]) -> Envelope {
    Envelope::new(first(class, payload_kind, sha256(&[content])), NODE, Some(content))
}

pub(crate) fn taken(name: &str, envelope: &Envelope) -> Value {
    encoding(name, "item", Ok(envelope.id), &envelope.item())
}

pub(crate) fn refused(name: &str, code: &str, envelope: &Envelope) -> Value {
    encoding(name, "item", Err(code), &envelope.item())
}

pub(crate) fn vectors() -> Vec<Value> {
    [kinds(), lists(), headers(), whole(), contents()].concat()
}

/// What a letter's content looks like; this one was sealed to nobody.
pub(crate) fn letter_content() -> Vec<u8> {
    list![[7; 32], [8; 32], vec![9; 272]].bytes()
}

fn acknowledgement(seq: u64, state: u64) -> Cbor {
    list![DISTRICT_NODE.key(), [1; 16], seq, state]
}

fn kinds() -> Vec<Value> {
    let later = pen(NODE, &tree().node);
    let one = later.writes(None, "one");
    let acknowledgements = list![acknowledgement(1, 1), acknowledgement(2, 0)].bytes();
    let bare = Envelope { content: None, ..hashed(192, 3, &letter_content()) };
    let statement = tree().node;
    vec![
        taken("envelope-of-changes", &hashed(1, 0, b"a change")),
        taken("envelope-of-keys", &keys_envelope(&grants())),
        taken("envelope-of-erasures", &hashed(158, 2, &erasures_content(&grants()))),
        taken("envelope-of-a-letter", &hashed(192, 3, &letter_content())),
        taken("envelope-of-acknowledgements", &hashed(192, 4, &acknowledgements)),
        taken("envelope-of-a-bare-letter", &bare),
        taken("envelope-second", &later.writes(Some(&one), "two")),
        taken("envelope-with-dependency", &later.reborn(2).builds(None, &[&one], "on it")),
        taken("envelope-without-content-bytes", &hashed(1, 0, b"")),
        encoding("item-statement", "item", Ok(statement.id), &statement.item()),
    ]
}

/// The lists of erasures and acknowledgements.
fn lists() -> Vec<Value> {
    let [one, two] = [&grants()[0], &grants()[1]].map(|grant| list![grant.0, grant.1]);
    let erasures = |all: Cbor| hashed(158, 2, &all.bytes());
    let states = |all: Cbor| hashed(192, 4, &all.bytes());
    let of = |seq, state| acknowledgement(seq, state);
    let long = list![[7; 16], [8; 32], Cbor::Null];
    let several = |count| Cbor::List((1..=count).map(|seq| of(seq, 1)).collect());
    vec![
        refused("erasures-descending", MALFORMED, &erasures(list![two, one.clone()])),
        refused("erasures-twice", MALFORMED, &erasures(list![one.clone(), one])),
        refused("erasures-none", MALFORMED, &erasures(list![])),
        refused("erasures-with-keys", MALFORMED, &erasures(list![long])),
        refused("acknowledgements-none", MALFORMED, &states(list![])),
        refused("acknowledgements-descending", MALFORMED, &states(list![of(2, 0), of(1, 0)])),
        refused("acknowledgements-twice", MALFORMED, &states(list![of(1, 0), of(1, 0)])),
        taken("acknowledgements-of-one-in-two-states", &states(list![of(1, 0), of(1, 1)])),
        refused("acknowledgements-state-3", MALFORMED, &states(list![of(1, 3)])),
        taken("acknowledgements-state-2", &states(list![of(1, 2)])),
        taken("acknowledgements-256", &states(several(256))),
        refused("acknowledgements-257", MALFORMED, &states(several(257))),
        refused("acknowledgements-not-cbor", MALFORMED, &hashed(192, 4, b"held")),
    ]
}

/// Headers with one field wrong, signed as they stand.
fn headers() -> Vec<Value> {
    let good = first(1, 0, sha256(&[b"first"]));
    let whole = good.cbor();
    let of = |name: &str, cbor: Cbor| {
        let signed = Signed::raw("envelope", &cbor.bytes(), NODE);
        encoding(name, "item", Err(MALFORMED), &item(signed.cbor, &b"first"[..]))
    };
    let with = |name, place, value: Cbor| of(name, whole.with(&[place], value));
    let document = list![COMMUNITY, 224, "B01"];
    vec![
        with("header-of-version-2", 0, 2.into()),
        with("header-of-version-4", 0, 4.into()),
        with("header-seq-0", 5, 0.into()),
        with("header-first-with-backlink", 6, [1; 32].into()),
        with("header-second-without-backlink", 5, 2.into()),
        with("header-dependencies-descending", 7, list![[2; 32], [1; 32]]),
        with("header-dependencies-twice", 7, list![[1; 32], [1; 32]]),
        with("header-at-beyond", 9, (MS_MAX + 1).into()),
        with("header-payload-kind-5", 10, 5.into()),
        with("header-payload-hash-null", 11, Cbor::Null),
        with("header-incarnation-of-15", 4, [1; 15].into()),
        with("header-incarnation-a-number", 4, 1.into()),
        with("header-class-224", 2, document),
        with("header-shard-beyond", 2, list![COMMUNITY, 1, "s".repeat(65)]),
        with("header-to-its-owner", 2, list![COMMUNITY, 192, COMMUNITY]),
        with("header-to-no-unit", 2, list![COMMUNITY, 192, "B_01"]),
        with("header-seq-not-shortest", 5, raw("1801")),
        of("header-field-too-many", whole.longer()),
        of("header-field-too-few", whole.shorter()),
    ]
}

/// Items and envelopes around good headers.
fn whole() -> Vec<Value> {
    let good = hashed(1, 0, b"first");
    let of = |name, code, bytes: &[u8]| encoding(name, "item", Err(code), bytes);
    let content = || Cbor::from(&b"first"[..]);
    let payload = good.header.cbor().bytes();
    let domain = Signed::raw("card", &payload, NODE);
    let stranger = Signed::raw("envelope", &payload, STRANGER);
    let pair = list![good.signed.clone(), content()];
    let before = pen(NODE, &tree().node).header(None, b"first");
    let numbers = |count: u8| (0..count).map(|n| [n; 32]).collect::<Vec<_>>();
    let on = |dependencies| Header { dependencies, ..before.clone() };
    let wide = on([numbers(255), vec![[255; 32]]].concat());
    let wider = on([
        vec![[0; 32]],
        vec![[0x01, 0].repeat(16).try_into().expect("32 bytes")],
        {
            let mut rest = numbers(255);
            rest.remove(0);
            rest
        },
        vec![[255; 32]],
    ]
    .concat());
    vec![
        of("envelope-of-another-domain", BAD_SIGNATURE, &item(domain.cbor, content())),
        of("envelope-signed-by-another", BAD_SIGNATURE, &item(stranger.cbor, content())),
        of("item-of-kind-2", MALFORMED, &list![2, pair.clone()].bytes()),
        of("item-of-three", MALFORMED, &list![0, pair.clone(), 0].bytes()),
        of("item-and-one-byte", MALFORMED, &[&good.item()[..], &[0]].concat()),
        of("item-cut-off", MALFORMED, &good.item()[..good.item().len() - 1]),
        of("item-of-nothing", MALFORMED, &[]),
        of("envelope-of-three", MALFORMED, &list![0, pair.longer()].bytes()),
        of("envelope-without-place-for-content", MALFORMED, &list![0, pair.shorter()].bytes()),
        of("envelope-content-as-text", MALFORMED, &list![0, pair.with(&[1], "first")].bytes()),
        of("envelope-is-bare-record", MALFORMED, &list![0, good.signed.clone()].bytes()),
        taken("envelope-256-dependencies", &Envelope::new(wide, NODE, Some(b"first"))),
        refused("envelope-257-dependencies", MALFORMED, &{
            Envelope::new(wider, NODE, Some(b"first"))
        }),
    ]
}

fn contents() -> Vec<Value> {
    let long = |name, bytes: u64, good: bool| {
        let run = Run::repeat(&[0x61; 64], bytes / 64 - 2);
        let rest = (bytes - 64 * run.to) as usize;
        let begins = list![[7; 32], [8; 32]].bytes();
        let length = (bytes - begins.len() as u64 - 5).to_be_bytes();
        let begins = [&[0x83], &begins[1..], &[0x5a], &length[4..]].concat();
        let ends = vec![0x62; rest - begins.len()];
        let envelope = hashed(192, 3, &[begins, run.bytes(), ends].concat());
        let vector =
            if good { taken(name, &envelope) } else { refused(name, MALFORMED, &envelope) };
        shortened(vector, &[run])
    };
    let change = hashed(1, 0, b"first");
    let other = |envelope: Envelope| Envelope { content: Some(b"other".to_vec()), ..envelope };
    vec![
        long("content-at-limit", 786_432, true),
        long("content-beyond", 786_433, false),
        refused("content-of-another-change", CONTENT_MISMATCH, &other(change.clone())),
        refused(
            "content-of-another-letter",
            CONTENT_MISMATCH,
            &other(hashed(192, 3, &letter_content())),
        ),
        refused("content-missing-from-changes", MALFORMED, &Envelope { content: None, ..change }),
        refused("content-missing-from-acknowledgements", MALFORMED, &{
            let content = list![acknowledgement(1, 1)].bytes();
            Envelope { content: None, ..hashed(192, 4, &content) }
        }),
    ]
}
