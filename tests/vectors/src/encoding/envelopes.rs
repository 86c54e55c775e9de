//! Envelope items: the five kinds of payload, and headers and contents that are wrong.

use serde_json::Value;

use crate::cbor::{Cbor, list, raw};
use crate::encoding::{BAD_SIGNATURE, MALFORMED};
use crate::envelopes::{Envelope, Header, item, pen};
use crate::keys::*;
use crate::records::Document;
use crate::signed::{Record, Signed};
use crate::vector::{Run, encoding, shortened};
use crate::world::*;

pub(crate) const CONTENT_MISMATCH: &str = "content-mismatch";

/// The commitment to a person's key.
pub(crate) fn person_commitment(person: [u8; 16], key: [u8; 32]) -> Hash {
    sha256(&[b"gongzhi/person-key/3", &person, &key])
}

/// Two persons' keys: person, commitment, and the key if it is there.
pub(crate) type Grants = Vec<([u8; 16], Hash, Option<[u8; 32]>)>;

pub(crate) fn grants() -> Grants {
    let grant = |person, key| (person, person_commitment(person, [key; 32]), Some([key; 32]));
    let mut second = [9; 16];
    second[0] = 7;
    vec![grant([7; 16], 8), grant(second, 10)]
}

pub(crate) fn grants_content(grants: &Grants) -> Vec<u8> {
    let each = grants.iter().map(|(person, commitment, key)| list![*person, *commitment, *key]);
    Cbor::List(each.collect()).bytes()
}

pub(crate) fn grants_hash(grants: &Grants) -> Hash {
    let joined: Vec<&[u8]> = grants.iter().flat_map(|grant| [&grant.0[..], &grant.1]).collect();
    sha256(&joined)
}

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
fn hashed(class: u64, payload_kind: u64, content: &[u8]) -> Envelope {
    Envelope::new(first(class, payload_kind, sha256(&[content])), NODE, Some(content))
}

pub(crate) fn keys_envelope(grants: &Grants) -> Envelope {
    Envelope::new(first(143, 1, grants_hash(grants)), NODE, Some(&grants_content(grants)))
}

fn taken(name: &str, envelope: &Envelope) -> Value {
    encoding(name, "item", Ok(envelope.id), &envelope.item())
}

fn refused(name: &str, code: &str, envelope: &Envelope) -> Value {
    encoding(name, "item", Err(code), &envelope.item())
}

pub(crate) fn vectors() -> Vec<Value> {
    [kinds(), keys_(), keyrings(), key_limits(), lists(), headers(), whole(), contents()].concat()
}

/// What a letter's content looks like; this one was sealed to nobody.
pub(crate) fn letter_content() -> Vec<u8> {
    list![[7; 32], [8; 32], vec![9; 272]].bytes()
}

pub(crate) fn erasures_content(grants: &Grants) -> Vec<u8> {
    Cbor::List(grants.iter().map(|grant| list![grant.0, grant.1]).collect()).bytes()
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

/// Keys: those that are there match their commitment, and null may stand for each.
fn keys_() -> Vec<Value> {
    let of = |change: &dyn Fn(&mut Grants)| {
        let mut changed = grants();
        change(&mut changed);
        changed
    };
    let held = |change: &dyn Fn(&mut Grants)| {
        let content = grants_content(&of(change));
        Envelope::new(first(143, 1, grants_hash(&grants())), NODE, Some(&content))
    };
    let sealed = |change: &dyn Fn(&mut Grants)| keys_envelope(&of(change));
    let swapped = held(&|all| all.reverse());
    let rehashed = {
        let content = grants_content(&grants());
        Envelope::new(first(143, 1, sha256(&[&content])), NODE, Some(&content))
    };
    vec![
        taken("keys-one-destroyed", &held(&|all| all[0].2 = None)),
        taken("keys-all-destroyed", &held(&|all| (all[0].2, all[1].2) = (None, None))),
        taken("keys-two-of-one-person", &sealed(&|all| all.clone_from(&two_keys()))),
        refused(
            "keys-of-one-person-descending",
            MALFORMED,
            &sealed(&|all| {
                all.clone_from(&two_keys());
                all.reverse();
            }),
        ),
        refused("keys-twice", MALFORMED, &sealed(&|all| all[1] = all[0])),
        refused(
            "keys-twice-and-once-destroyed",
            MALFORMED,
            &sealed(&|all| {
                all[1] = (all[0].0, all[0].1, None);
            }),
        ),
        refused("keys-descending", MALFORMED, &sealed(&|all| all.reverse())),
        refused("keys-of-another-shard", MALFORMED, &sealed(&|all| all[1].0 = [8; 16])),
        refused("keys-of-another", CONTENT_MISMATCH, &held(&|all| all[0].2 = Some([11; 32]))),
        refused("keys-of-another-signed", CONTENT_MISMATCH, &{
            sealed(&|all| all[0].2 = Some([11; 32]))
        }),
        refused("keys-swapped", MALFORMED, &swapped),
        refused("keys-one-missing", CONTENT_MISMATCH, &held(&|all| all.truncate(1))),
        refused("keys-hashed-as-content", CONTENT_MISMATCH, &rehashed),
        refused("keys-none", MALFORMED, &sealed(&|all| all.clear())),
        refused("keys-without-content", MALFORMED, &{
            Envelope { content: None, ..keys_envelope(&grants()) }
        }),
    ]
}

/// Two keys of one person, ascending by commitment.
fn two_keys() -> Grants {
    let person = [7; 16];
    let key = |key| (person, person_commitment(person, [key; 32]), Some([key; 32]));
    ascending([key(8), key(12)])
}

/// Envelopes of the keyring that the rules of keyrings refuse.
fn keyrings() -> Vec<Value> {
    let before = keys_envelope(&grants());
    let dependencies = vec![[1; 32]];
    let with = |header: &Header| Header { dependencies: dependencies.clone(), ..header.clone() };
    let building = Envelope::new(with(&before.header), NODE, before.content.as_deref());
    let erasures = erasures_content(&grants());
    let header = first(142, 2, sha256(&[&erasures]));
    let erasing = Envelope::new(with(&header), NODE, Some(&erasures));
    let in_shard = |shard: &str, header: &Header, content: &[u8]| {
        let Document(owner, class, _) = header.document.clone();
        let document = Document(owner, class, shard.into());
        Envelope::new(Header { document, ..header.clone() }, NODE, Some(content))
    };
    let keys = grants_content(&grants());
    vec![
        refused("keys-with-dependencies", MALFORMED, &building),
        refused("erasures-with-dependencies", MALFORMED, &erasing),
        refused("keys-in-another-shard", MALFORMED, &in_shard("08", &before.header, &keys)),
        refused("keys-in-a-shard-that-is-none", MALFORMED, &{
            in_shard("7", &before.header, &keys)
        }),
        refused("erasures-in-another-shard", MALFORMED, &in_shard("08", &header, &erasures)),
        taken("erasures-in-their-shard", &in_shard("07", &header, &erasures)),
    ]
}

/// So many destroyed keys, of persons who are numbers.
fn many_keys(count: u64) -> (Envelope, Run) {
    let after = [&[0x58, 0x20][..], &[8; 32], &[0xf6]].concat();
    let run = Run { to: count, before: vec![0x83, 0x50], width: 16, after };
    let persons = (0..count).map(|number| u128::from(number).to_be_bytes());
    let grants: Grants = persons.map(|person| (person, [8; 32], None)).collect();
    let mut header = first(143, 1, grants_hash(&grants));
    header.document.2 = "00".into();
    (Envelope::new(header, NODE, Some(&grants_content(&grants))), run)
}

fn key_limits() -> Vec<Value> {
    let [(most, run), (more, longer)] = [many_keys(4096), many_keys(4097)];
    vec![
        shortened(taken("keys-4096", &most), &[run]),
        shortened(refused("keys-4097", MALFORMED, &more), &[longer]),
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
