//! Events: their ids, their values, and the keys under which they stand.

use serde_json::{Value, json};

use super::change::*;
use super::refused::then;
use super::taken::{ACCEPTED, writers};
use crate::cbor::{Cbor, list, raw};
use crate::envelopes::Pen;
use crate::keys::*;
use crate::vector::vector;

pub(crate) fn vectors() -> Vec<Value> {
    [ids(), values(), fields(), limits(), admitted(), once()].concat()
}

/// The id of an event.
pub(crate) fn event_id(author: &Key, kind: &str, entity: &str, value: &[u8]) -> String {
    let named = list![kind, entity, value].bytes();
    hex::encode(&sha256(&[b"gongzhi/event/3", author, &named])[..16])
}

const KIND: &str = "case";
const ENTITY: &str = "01KJ000000000000000000000Z";

fn event() -> Cbor {
    let by = list![[1; 16], [2; 16]];
    let body = list![list!["note", "到场"], list!["to", "finished"]];
    list!["moved", "2026-03-01", by, list![[3; 16]], vec![4; 32], body]
}

fn ids() -> Vec<Value> {
    let of = |name, holder: Holder, kind: &str, entity: &str, value: &[u8]| {
        let facts = json!({
            "author": hex::encode(holder.key()),
            "in_key": kind,
            "entity": entity,
            "value": hex::encode(value),
            "id": event_id(&holder.key(), kind, entity, value),
        });
        vector(name, "event-id", None, facts)
    };
    let value = event().bytes();
    vec![
        of("event-id", NODE, KIND, ENTITY, &value),
        of("event-id-by-another", COLLEAGUE, KIND, ENTITY, &value),
        of("event-id-of-another-entity", NODE, KIND, "E2", &value),
        of("event-id-of-another-value", NODE, KIND, ENTITY, &[]),
        of("event-id-of-another-kind", NODE, "cas", "e01", &value),
    ]
}

/// A value that is an event, or is unreadable.
fn value(name: &str, cbor: &Cbor, readable: bool) -> Value {
    let refuse = (!readable).then_some("unreadable");
    vector(name, "event", refuse, json!({ "value": hex::encode(cbor.bytes()) }))
}

fn values() -> Vec<Value> {
    let base = event();
    let entry = |value: Cbor| list![list!["f", value]];
    let with = |value: Cbor| base.with(&[5], entry(value));
    let good = |name, body: Cbor| value(name, &with(body), true);
    let bad = |name, body: Cbor| value(name, &with(body), false);
    vec![
        value("event", &base, true),
        value(
            "event-of-nothing-more",
            &{ list!["begun", "2026-03-01", list![&[][..], &[][..]], list![], &[][..], list![]] },
            true,
        ),
        good("event-value-null", Cbor::Null),
        good("event-value-true", true.into()),
        good("event-value-least", raw("3bffffffffffffffff")),
        good("event-value-most", raw("1bffffffffffffffff")),
        good("event-value-text-at-limit", "t".repeat(4096).into()),
        good("event-value-bytes-at-limit", vec![0; 4140].into()),
        bad("event-value-bignum", raw("c249010000000000000000")),
        good("event-value-of-64-bits", raw("3b7fffffffffffffff")),
        bad("event-value-float", raw("f93c00")),
        bad("event-value-list", list![]),
        bad("event-value-text-beyond", "t".repeat(4097).into()),
        bad("event-value-bytes-beyond", vec![0; 4141].into()),
        bad("event-value-not-shortest", raw("1801")),
    ]
}

fn fields() -> Vec<Value> {
    let base = event();
    let bad = |name, cbor: &Cbor| value(name, cbor, false);
    let fields =
        |names: &[&str]| Cbor::List(names.iter().map(|name| list![*name, Cbor::Null]).collect());
    vec![
        bad("event-field-too-many", &base.longer()),
        bad("event-field-too-few", &base.shorter()),
        bad("event-kind-empty", &base.with(&[0], "")),
        bad("event-kind-beyond", &base.with(&[0], "k".repeat(33))),
        bad("event-day-of-nine", &base.with(&[1], "2026-03-1")),
        bad("event-by-one", &base.with(&[2], list![[1; 16]])),
        bad("event-by-of-17", &base.with(&[2, 0], [1; 17])),
        bad("event-causes-descending", &base.with(&[3], list![[2; 16], [1; 16]])),
        bad("event-causes-twice", &base.with(&[3], list![[1; 16], [1; 16]])),
        bad("event-rules-of-33", &base.with(&[4], [1; 33])),
        bad("event-body-descending", &base.with(&[5], fields(&["b", "a"]))),
        bad("event-body-twice", &base.with(&[5], fields(&["a", "a"]))),
        value("event-body-ascending", &base.with(&[5], fields(&["a", "ab", "b"])), true),
        bad("event-body-field-empty", &base.with(&[5], fields(&[""]))),
        bad("event-not-cbor", &raw("ff")),
        bad("event-and-one-byte", &Cbor::Raw([&base.bytes()[..], &[0]].concat())),
        bad("event-empty", &Cbor::Raw(vec![])),
    ]
}

fn limits() -> Vec<Value> {
    let base = event();
    let causes =
        |count: u8| base.with(&[3], Cbor::each(&(0..count).map(|at| [at; 16]).collect::<Vec<_>>()));
    let body = |count: usize| {
        let entries = (0..count).map(|at| list![format!("f{at:02}"), Cbor::Null]).collect();
        base.with(&[5], Cbor::List(entries))
    };
    vec![
        value("event-of-16-causes", &causes(16), true),
        value("event-of-17-causes", &causes(17), false),
        value("event-of-32-fields", &body(32), true),
        value("event-of-33-fields", &body(33), false),
    ]
}

/// An event of the pen's author, as it should stand.
fn told(pen: &Pen, entity: &str, value: &[u8]) -> Put {
    let id = event_id(&pen.by.key(), KIND, entity, value);
    put(&format!("!{KIND}/{entity}/{id}"), Scalar::Bytes(value.to_vec()), &[])
}

/// Keys of events in changes.
fn admitted() -> Vec<Value> {
    let (scene, node, reborn, colleague) = writers();
    let value = event().bytes();
    let good = told(&node, ENTITY, &value);
    let of = |name, put: Put, outcome| {
        then(&scene, name, &[], &node.edits(None, &[], vec![put]).envelope, outcome)
    };
    let keyed = |key: &str| Put { key: key.into(), ..good.clone() };
    let id = event_id(&NODE.key(), KIND, ENTITY, &value);
    let wrong = "change-event";
    let text_value = Put { value: text("moved"), ..good.clone() };
    let replaced = node.edits(None, &[], vec![good.clone()]);
    let again = node.edits(Some(&replaced), &[], vec![good.clone()]);
    let instead = Put { instead: vec![replaced.id(0)], ..good.clone() };
    let instead = node.edits(Some(&replaced), &[], vec![instead]);
    let of_reborn = reborn.edits(None, &[], vec![good.clone()]);
    vec![
        of("change-with-an-event", good.clone(), ACCEPTED),
        of("change-with-an-event-that-is-unreadable", told(&node, ENTITY, b"nonsense"), ACCEPTED),
        of("change-with-an-event-of-another-id", keyed(&format!("!{KIND}/E2/{id}")), wrong),
        of("change-with-an-event-of-another-author", told(&colleague, ENTITY, &value), wrong),
        of("change-with-an-event-that-is-text", text_value, wrong),
        of(
            "change-with-an-event-upper-case",
            keyed(&{ format!("!{KIND}/{ENTITY}/{}", id.to_uppercase()) }),
            "change-key",
        ),
        of(
            "change-with-an-event-of-31-digits",
            keyed(&{ format!("!{KIND}/{ENTITY}/{}", &id[1..]) }),
            "change-key",
        ),
        of("change-with-an-event-without-mark", keyed(&format!("{KIND}/{ENTITY}/{id}")), ACCEPTED),
        then(&scene, "change-with-an-event-again", &[&replaced], &again.envelope, ACCEPTED),
        then(&scene, "change-with-an-event-instead", &[&replaced], &instead.envelope, wrong),
        then(
            &scene,
            "change-with-an-event-in-another-life",
            &[&replaced],
            &{ of_reborn.envelope },
            ACCEPTED,
        ),
    ]
}

/// An event's key twice in one change: the second would have to name the first.
fn once() -> Vec<Value> {
    let (scene, node, ..) = writers();
    let value = event().bytes();
    let good = told(&node, ENTITY, &value);
    let twice = node.edits(None, &[], vec![good.clone(), good]);
    vec![then(&scene, "change-with-an-event-twice", &[], &twice.envelope, "change-reference")]
}
