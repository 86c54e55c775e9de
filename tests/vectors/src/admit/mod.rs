//! Vectors of admission: items as they come, and what becomes of each.

mod carried;
mod letters;
mod logs;
mod places;

use serde_json::{Value, json};

use crate::encoding::{Grants, grants_content, grants_hash, person_commitment};
use crate::envelopes::{Envelope, Header, Pen, pen};
use crate::keys::*;
use crate::records::Scope;
use crate::scene::{Scene, scoped};
use crate::signed::Statement;
use crate::vector::vector;
use crate::world::*;

pub(crate) fn vectors() -> Vec<Value> {
    [places::vectors(), logs::vectors(), carried::vectors(), letters::vectors()].concat()
}

const ACCEPTED: &str = "accepted";
const DUPLICATE: &str = "duplicate";
const WAITS: &str = "waits";

/// An item that comes: its scope, its bytes, and what becomes of it.
pub(crate) type Step = (Scope, Vec<u8>, &'static str);

/// Items that come to the node, one after the other.
pub(crate) fn admit(scene: &Scene, name: &str, steps: &[Step]) -> Value {
    let steps = steps.iter().map(|(scope, bytes, outcome)| {
        json!({ "scope": scoped(scope), "bytes": hex::encode(bytes), "outcome": outcome })
    });
    let mut facts = scene.facts();
    facts["node"] = hex::encode(NODE.key()).into();
    facts["steps"] = steps.collect();
    vector(name, "admit", None, facts)
}

/// An envelope that comes in the scope of its document.
pub(crate) fn comes(envelope: &Envelope, outcome: &'static str) -> Step {
    (scope_of(envelope), envelope.item(), outcome)
}

fn scope_of(envelope: &Envelope) -> Scope {
    let document = &envelope.header.document;
    let compartment = match document.1 {
        0..64 => 1,
        64..128 => 2,
        192.. => return Scope::letters(&document.0, &document.2),
        class => class / 16 - 4,
    };
    Scope::of(&document.0, compartment)
}

/// A statement that comes in the scope of a unit's statements.
fn said(statement: &Statement, unit: &str, outcome: &'static str) -> Step {
    (Scope::of(unit, 0), statement.item(), outcome)
}

/// The node's pen in the keyring of people: what it writes there needs no Automerge.
fn keyring() -> Pen {
    pen(NODE, &tree().node).on(COMMUNITY, 143, "07")
}

/// The key of a person who is a number, in a shard.
fn person(shard: &str, number: u8) -> Grants {
    let (mut person, key) = ([number; 16], [0xaa; 32]);
    person[0] = u8::from_str_radix(shard, 16).expect("a shard of a keyring");
    vec![(person, person_commitment(person, key), Some(key))]
}

/// The header of the next envelope that tells a person's key.
fn header(pen: &Pen, after: Option<&Envelope>, number: u8) -> Header {
    let payload_hash = grants_hash(&person(&pen.document.2, number));
    Header { payload_kind: 1, payload_hash, ..pen.header(after, b"") }
}

/// An envelope with this header that tells the person's key.
fn tells(header: Header, by: Holder, number: u8) -> Envelope {
    let content = grants_content(&person(&header.document.2, number));
    Envelope::new(header, by, Some(&content))
}

/// The next envelope of a log of the keyring.
fn next(pen: &Pen, after: Option<&Envelope>, number: u8) -> Envelope {
    tells(header(pen, after, number), pen.by, number)
}
