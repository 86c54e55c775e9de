//! Keys of persons, and the envelopes that tell and erase them.

use serde_json::Value;

use super::envelopes::{CONTENT_MISMATCH, first, refused, taken};
use crate::cbor::{Cbor, list};
use crate::encoding::MALFORMED;
use crate::envelopes::{Envelope, Header};
use crate::keys::*;
use crate::records::Document;
use crate::vector::{Run, shortened};

pub(crate) fn vectors() -> Vec<Value> {
    [lists(), keyrings(), key_limits()].concat()
}

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

pub(crate) fn keys_envelope(grants: &Grants) -> Envelope {
    Envelope::new(first(143, 1, grants_hash(grants)), NODE, Some(&grants_content(grants)))
}

pub(crate) fn erasures_content(grants: &Grants) -> Vec<u8> {
    Cbor::List(grants.iter().map(|grant| list![grant.0, grant.1]).collect()).bytes()
}

/// Keys: those that are there match their commitment, and null may stand for each.
fn lists() -> Vec<Value> {
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
