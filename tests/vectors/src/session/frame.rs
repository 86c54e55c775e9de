//! Frames of each kind, accepted and refused.

use serde_json::{Value, json};

use crate::cbor::{Cbor, list, raw};
use crate::envelopes::pen;
use crate::frames::*;
use crate::keys::*;
use crate::records::{Document, Scope};
use crate::vector::vector;
use crate::world::*;

pub(crate) const REFUSED: &str = "malformed-frame";

pub(crate) fn of(name: &str, refuse: Option<&str>, bytes: &[u8]) -> Value {
    vector(name, "frame", refuse, json!({ "bytes": hex::encode(bytes) }))
}

pub(crate) fn good(name: &str, frame: &Frame) -> Value {
    of(name, None, &frame.bytes())
}

pub(crate) fn bad(name: &str, cbor: &Cbor) -> Value {
    of(name, Some(REFUSED), &cbor.bytes())
}

pub(crate) fn ill(name: &str, frame: &Frame) -> Value {
    bad(name, &frame.cbor())
}

pub(crate) fn public() -> Scope {
    Scope::of(COMMUNITY, 1)
}

fn hello() -> Frame {
    Frame::Hello { network: network(), levels: [3, 3], salt: [1; 16], clock: LATER }
}

fn digest() -> Digest {
    let known = Cursor([2; 16], 41);
    Digest { shared: [3; 32], sum: [4; 32], known, interests: [5; 32] }
}

pub(crate) fn membership() -> Frame {
    let tree = tree();
    let chain = vec![tree.community_founding, tree.community.clone(), tree.node];
    let (unit, lineage) = (COMMUNITY.into(), tree.community.id);
    let (more, epoch, head, digest) = (false, [6; 16], 77, Some(digest()));
    Frame::Membership { unit, lineage, chain, more, epoch, head, digest }
}

pub(crate) fn offer(scope: Scope) -> Offer {
    Offer { scope, head: 9, sum: [7; 32], known: Some(Cursor([8; 16], 3)) }
}

fn offers(scopes: &[Scope]) -> Frame {
    let offers = scopes.iter().cloned().map(offer).collect();
    Frame::Offers { offers, more: false }
}

fn items() -> Frame {
    let tree = tree();
    let envelope = pen(NODE, &tree.node).writes(None, "first");
    let items = vec![envelope.item(), tree.node.item()];
    Frame::Items { scope: public(), upto: Some(12), sum: Some([9; 32]), items }
}

fn ack() -> Frame {
    let reason = Some(("bad-signature", "the first".to_owned()));
    Frame::Ack { scope: public(), upto: Some(12), later: false, refused: 1, reason }
}

fn log(shard: &str) -> Log {
    let document = Document(COMMUNITY.into(), 1, shard.into());
    Log { document, author: NODE.key(), incarnation: [1; 16], seq: 3, head: [2; 32] }
}

/// One of each kind.
fn samples() -> Vec<(&'static str, Frame)> {
    vec![
        ("hello", hello()),
        ("membership", membership()),
        ("refusal", Frame::Refusal(("no-delegation", "unknown here".into()))),
        ("offers", offers(&[public(), Scope::of(COMMUNITY, 2)])),
        ("rest", Frame::Rest { sum: [1; 32] }),
        ("items", items()),
        ("ack", ack()),
        ("again", Frame::Again { scope: public() }),
        ("reconcile", Frame::Reconcile { scope: public(), message: vec![0x61, 0, 0, 2, 0] }),
        ("want", Frame::Want { scope: public(), ids: vec![[2; 32], [1; 32]] }),
        ("interests", Frame::Interests { units: vec![SIBLING.into()], more: false }),
        ("aside", Frame::Aside { scope: public(), logs: vec![log("B01"), log("B02")] }),
    ]
}

pub(crate) fn vectors() -> Vec<Value> {
    let each = samples().iter().flat_map(|(name, frame)| one_of_each(name, frame)).collect();
    [each, whole(), opening(), scopes(), moving()].concat()
}

fn one_of_each(name: &str, frame: &Frame) -> Vec<Value> {
    let cbor = frame.cbor();
    let body = cbor.at(1);
    vec![
        good(&format!("frame-{name}"), frame),
        bad(&format!("frame-{name}-field-too-many"), &cbor.with(&[1], body.longer())),
        bad(&format!("frame-{name}-field-too-few"), &cbor.with(&[1], body.shorter())),
    ]
}

fn whole() -> Vec<Value> {
    let good = hello().cbor();
    let bytes = good.bytes();
    vec![
        of("frame-of-nothing", Some(REFUSED), &[]),
        of("frame-cut-off", Some(REFUSED), &bytes[..bytes.len() - 1]),
        of("frame-and-one-byte", Some(REFUSED), &[&bytes[..], &[0]].concat()),
        bad("frame-of-kind-12", &good.with(&[0], 12)),
        bad("frame-of-kind-not-shortest", &good.with(&[0], raw("1800"))),
        bad("frame-of-three", &good.longer()),
        bad("frame-of-one", &good.shorter()),
        bad("frame-of-indefinite-length", &good.with(&[1], raw("9fff"))),
        of("frame-is-null", Some(REFUSED), &[0xf6]),
    ]
}

fn opening() -> Vec<Value> {
    let (hello, member) = (hello().cbor(), membership().cbor());
    let without = member.with(&[1, 6], Cbor::Null).with(&[1, 2], list![]);
    let taken = |name, cbor: &Cbor| of(name, None, &cbor.bytes());
    let statement = member.at(1).at(2).at(0).clone();
    vec![
        taken("frame-hello-of-many-levels", &hello.with(&[1, 1], list![3, 9])),
        taken("frame-hello-of-higher-levels", &hello.with(&[1, 1], list![4, 9])),
        taken("frame-hello-of-another-network", &hello.with(&[1, 0], [9; 32])),
        taken("frame-hello-at-the-last-ms", &hello.with(&[1, 3], MS_MAX)),
        bad("frame-hello-beyond-the-last-ms", &hello.with(&[1, 3], MS_MAX + 1)),
        bad("frame-hello-of-one-level", &hello.with(&[1, 1], list![3])),
        bad("frame-hello-salt-of-15", &hello.with(&[1, 2], [1; 15])),
        taken("frame-membership-for-the-first-time", &without),
        taken("frame-membership-and-more", &member.with(&[1, 3], true)),
        bad("frame-membership-of-a-statement-that-is-none", &{
            member.with(&[1, 2, 0], statement.with(&[0], 12))
        }),
        bad("frame-membership-with-an-item", &member.with(&[1, 2, 0], list![1, statement])),
        bad("frame-membership-of-no-unit", &member.with(&[1, 0], "")),
        bad("frame-membership-epoch-of-15", &member.with(&[1, 4], [1; 15])),
        bad("frame-membership-digest-without-interests", &{
            let digest = member.at(1).at(6).shorter();
            member.with(&[1, 6], digest)
        }),
        bad("frame-membership-more-as-number", &member.with(&[1, 3], 0)),
    ]
}

/// Scopes, and the order of lists.
fn scopes() -> Vec<Value> {
    let of_letters = |one: &str, other: &str| Scope(one.into(), 3, Some(other.into()));
    let again = |scope| Frame::Again { scope };
    let units = |units: &[&str]| Frame::Interests {
        units: units.iter().map(|unit| (*unit).to_owned()).collect(),
        more: true,
    };
    let aside = |logs| Frame::Aside { scope: public(), logs };
    vec![
        good("frame-again-statements", &again(Scope::of(CITY, 0))),
        good("frame-again-letters", &again(Scope::letters(COMMUNITY, DISTRICT))),
        ill("frame-again-letters-reversed", &again(of_letters(COMMUNITY, DISTRICT))),
        ill("frame-again-letters-to-itself", &again(of_letters(COMMUNITY, COMMUNITY))),
        ill("frame-again-compartment-8", &again(Scope::of(CITY, 8))),
        ill("frame-again-letters-of-one", &again(Scope::of(CITY, 3))),
        ill("frame-again-public-of-two", &again(Scope(CITY.into(), 1, Some(DISTRICT.into())))),
        ill("frame-again-of-no-unit", &again(Scope::of("220800/", 0))),
        good("frame-offers-none", &offers(&[])),
        good(
            "frame-offers-ascending",
            &offers(
                &[
                    Scope::of(CITY, 0),
                    Scope::of(CITY, 1),
                    Scope::letters(CITY, DISTRICT),
                    Scope::letters(CITY, COMMUNITY),
                    Scope::of(CITY, 4),
                    Scope::of(DISTRICT, 0),
                ]
                .map(|scope| scope),
            ),
        ),
        ill("frame-offers-descending", &offers(&[Scope::of(CITY, 1), Scope::of(CITY, 0)])),
        ill("frame-offers-twice", &offers(&[Scope::of(CITY, 1), Scope::of(CITY, 1)])),
        good("frame-interests-none", &units(&[])),
        good("frame-interests-ascending", &units(&[CITY, DISTRICT, SIBLING])),
        ill("frame-interests-descending", &units(&[SIBLING, DISTRICT])),
        ill("frame-interests-twice", &units(&[SIBLING, SIBLING])),
        good("frame-aside-none", &aside(vec![])),
    ]
}

/// Items, what is answered to them, and what is asked.
fn moving() -> Vec<Value> {
    let scope = public;
    let items = |upto, sum, items| Frame::Items { scope: scope(), upto, sum, items };
    let ack =
        |later, refused, reason| Frame::Ack { scope: scope(), upto: None, later, refused, reason };
    let reconcile = |message: &[u8]| Frame::Reconcile { scope: scope(), message: message.into() };
    let want = |ids| Frame::Want { scope: scope(), ids };
    let why = |code, text: usize| Some((code, "t".repeat(text)));
    let cbor = items(Some(1), None, vec![vec![0]]).cbor();
    vec![
        good("frame-items-none", &items(Some(12), Some([9; 32]), vec![])),
        good("frame-items-by-id", &items(None, None, vec![tree().node.item()])),
        // What does not decode is refused as an item, not as a frame.
        good("frame-items-of-nonsense", &items(Some(1), None, vec![vec![], vec![0xff]])),
        bad("frame-items-not-in-bytes", &cbor.with(&[1, 3, 0], list![1, 2])),
        good("frame-ack-later", &ack(true, 0, None)),
        good("frame-ack-by-id", &ack(false, 0, None)),
        good("frame-ack-refused-without-text", &ack(false, 3, why("window", 0))),
        bad("frame-ack-code-empty", &ack(false, 1, why("", 1)).cbor()),
        good("frame-want-nothing-more", &want(vec![])),
        bad("frame-want-31-bytes", &want(vec![]).cbor().with(&[1, 1], list![[1; 31]])),
        ill("frame-reconcile-empty", &reconcile(&[])),
        good("frame-reconcile-one-byte", &reconcile(&[0x61])),
    ]
}
