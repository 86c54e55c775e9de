//! Vectors of ids and commitments, and of proofs of equivocation.

use serde_json::{Value, json};

use crate::cbor::{Cbor, list};
use crate::encoding::person_commitment;
use crate::envelopes::{Envelope, Header, pen};
use crate::keys::*;
use crate::records::Document;
use crate::vector::vector;
use crate::world::*;

pub(crate) fn vectors() -> Vec<Value> {
    [actors(), commitments(), equivocations(), doubtful()].concat()
}

/// The actor id of an author in a document.
pub(crate) fn actor_of(key: Key, incarnation: Incarnation, document: &Document) -> [u8; 16] {
    let document = Cbor::from(document.clone()).bytes();
    let hash = sha256(&[b"gongzhi/actor/3", &key, &incarnation, &document]);
    hash[..16].try_into().expect("16 of 32 bytes")
}

fn actors() -> Vec<Value> {
    let of = |name, holder: Holder, life: u8, document: Document| {
        let actor = actor_of(holder.key(), [life; 16], &document);
        let Document(owner, class, shard) = document;
        let facts = json!({
            "key": hex::encode(holder.key()),
            "incarnation": hex::encode([life; 16]),
            "document": json!([owner, class, shard]),
            "actor": hex::encode(actor),
        });
        vector(name, "actor", None, facts)
    };
    let document = |class, shard: &str| Document(COMMUNITY.into(), class, shard.into());
    vec![
        of("actor", NODE, 1, document(1, "B01")),
        of("actor-of-another-life", NODE, 2, document(1, "B01")),
        of("actor-of-another-key", COLLEAGUE, 1, document(1, "B01")),
        of("actor-in-another-class", NODE, 1, document(128, "B01")),
        of("actor-in-another-shard", NODE, 1, document(1, "B02")),
        of("actor-in-letters", NODE, 1, document(192, DISTRICT)),
    ]
}

fn commitments() -> Vec<Value> {
    let of_key = |holder: Holder| {
        let name = format!("commitment-to-{}", holder.0);
        let facts = json!({
            "key": hex::encode(holder.key()),
            "commitment": hex::encode(holder.hidden()),
        });
        vector(&name, "commitment", None, facts)
    };
    let of_person = |name, person: [u8; 16], key: [u8; 32]| {
        let facts = json!({
            "person": hex::encode(person),
            "key": hex::encode(key),
            "commitment": hex::encode(person_commitment(person, key)),
        });
        vector(name, "person-commitment", None, facts)
    };
    vec![
        of_key(ROOT_PAPER_ONE),
        of_key(COMMUNITY_PAPER),
        of_person("person-commitment", [7; 16], [8; 32]),
        of_person("person-commitment-of-another", [9; 16], [8; 32]),
        of_person("person-commitment-of-the-pepper", [0; 16], [1; 32]),
    ]
}

fn equivocation(name: &str, refuse: Option<&str>, pair: [&Envelope; 2]) -> Value {
    let bytes = list![pair[0].signed.clone(), pair[1].signed.clone()].bytes();
    vector(name, "equivocation", refuse, json!({ "bytes": hex::encode(bytes) }))
}

/// Both, the one with the smaller id first.
fn ordered<'a>(one: &'a Envelope, other: &'a Envelope) -> [&'a Envelope; 2] {
    if one.id < other.id { [one, other] } else { [other, one] }
}

const NO_PROOF: Option<&str> = Some("malformed");

fn equivocations() -> Vec<Value> {
    let tree = tree();
    let pen = pen(NODE, &tree.node);
    let first = pen.writes(None, "first");
    let second = pen.writes(Some(&first), "second");
    let other = pen.writes(Some(&first), "another second");
    let branch = pen.writes(Some(&pen.writes(None, "another first")), "second");
    let granted = tree
        .by_community()
        .say(crate::records::Delegation { serial: 2, ..tree.by_community().grant(NODE, WRITE) });
    let otherwise = Header { delegation: granted.id, ..second.header.clone() };
    let otherwise = Envelope::new(otherwise, NODE, None);
    let pair = ordered(&second, &other);
    let of = |name, one: &Envelope, two: &Envelope| equivocation(name, None, ordered(one, two));
    let no = |name, one: &Envelope, two: &Envelope| equivocation(name, NO_PROOF, ordered(one, two));
    let reborn = pen.reborn(2).writes(Some(&first), "second");
    let elsewhere = pen.on(COMMUNITY, 1, "B02").writes(Some(&first), "second");
    let colleague = crate::envelopes::Pen { by: COLLEAGUE, ..pen.clone() };
    let foreign = |network| Header { network, ..second.header.clone() };
    let foreign = Envelope::new(foreign([4; 32]), NODE, None);
    vec![
        of("equivocation", &second, &other),
        of("equivocation-on-another-past", &second, &branch),
        of("equivocation-under-another-grant", &second, &otherwise),
        equivocation("equivocation-descending", NO_PROOF, [pair[1], pair[0]]),
        equivocation("equivocation-of-one", NO_PROOF, [&second, &second]),
        no("equivocation-at-two-places", &first, &second),
        no("equivocation-in-two-lives", &second, &reborn),
        no("equivocation-in-two-documents", &second, &elsewhere),
        no("equivocation-by-two-authors", &second, &colleague.writes(Some(&first), "second")),
        no("equivocation-in-two-networks", &second, &foreign),
    ]
}

/// Headers that are not signed by whom they name.
fn doubtful() -> Vec<Value> {
    let pen = pen(NODE, &tree().node);
    let first = pen.writes(None, "first");
    let forged = Envelope::new(pen.header(None, b"forged"), STRANGER, None);
    let [one, other] = ordered(&first, &forged);
    let whole = list![one.signed.clone(), other.signed.clone()];
    let of = |name, cbor: &Cbor| {
        vector(name, "equivocation", NO_PROOF, json!({ "bytes": hex::encode(cbor.bytes()) }))
    };
    vec![
        equivocation("equivocation-forged", Some("bad-signature"), [one, other]),
        of("equivocation-of-three", &whole.longer()),
        of("equivocation-of-a-single", &whole.shorter()),
    ]
}
