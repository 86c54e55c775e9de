//! Vectors of messages: each kind of frame, and frames no node may take.

use schema_wire::{Ack, Audience, Frame, Hello, Items, Known, Reason, Scope, ScopeOffer, Wire};
use serde_json::{Value, json};

use crate::acts::{node_chain, root, to_district};
use crate::vector;
use crate::world::*;

fn scope(owner: &str, audience: Audience) -> Scope {
    Scope { unit: unit(owner), audience }
}

fn hello() -> Hello {
    let offer = |owner, audience, known| ScopeOffer {
        scope: scope(owner, audience),
        head: 300,
        fingerprint: [0xab; 32],
        known,
    };
    Hello {
        network: network(),
        from: NODE.key(),
        to: DISTRICT_DESK.key(),
        incarnation: 1,
        counter: 24,
        unit: unit(COMMUNITY),
        chain: node_chain(),
        epoch: [0xee; 16],
        scopes: vec![
            offer(CITY, Audience::Public, None),
            offer(COMMUNITY, Audience::Public, Some(Known { epoch: [0xdd; 16], seq: 65_536 })),
            offer(COMMUNITY, Audience::Path, Some(Known { epoch: [0xdd; 16], seq: 0 })),
        ],
    }
}

fn frame(name: &str, frame: &Frame) -> Value {
    vector(name, "frame", None, json!({ "bytes": hexed(frame) }))
}

fn refuse(name: &str, why: &str, bytes: &[u8]) -> Value {
    vector(name, "frame", Some(why), json!({ "bytes": hex::encode(bytes) }))
}

pub(crate) fn vectors() -> Vec<Value> {
    let path = scope(COMMUNITY, Audience::Path);
    let reason =
        Reason { code: "seq-gap".into(), text: "日志缺一段 the log has a gap".into() };
    let items: Vec<Vec<u8>> = log()[..2].iter().map(Wire::to_bytes).collect();
    let wanted = Items { scope: path.clone(), upto: None, fingerprint: None, items: vec![] };
    let fed = Items { upto: Some(302), fingerprint: Some([0xab; 32]), items, ..wanted.clone() };
    let taken = Ack { scope: path.clone(), upto: Some(302), refused: 0, reason: None };
    let refused = Ack { upto: None, refused: 1, reason: Some(reason.clone()), ..taken.clone() };
    let message = vec![0x61, 0x00, 0x00, 0x00];
    let ids = vec![log()[0].id(), log()[1].id()];
    let mut full = hello();
    full.chain = vec![root(ROOT).endorses(&to_district()); 64];
    let good = [
        frame("frame-hello", &Frame::Hello(Box::new(hello()))),
        frame("frame-hello-full", &Frame::Hello(Box::new(full))),
        frame("frame-refuse", &Frame::Refuse(reason)),
        frame("frame-items", &Frame::Items(fed)),
        frame("frame-items-wanted", &Frame::Items(wanted)),
        frame("frame-ack", &Frame::Ack(taken.clone())),
        frame("frame-ack-refused", &Frame::Ack(refused)),
        frame("frame-reconcile", &Frame::Reconcile { scope: path.clone(), message }),
        frame("frame-want", &Frame::Want { scope: path.clone(), ids }),
    ];
    [good.to_vec(), refused_frames(&path, taken)].concat()
}

fn refused_frames(path: &Scope, ack: Ack) -> Vec<Value> {
    let mut unsorted = hello();
    unsorted.scopes.reverse();
    let mut twice = hello();
    twice.scopes[1] = twice.scopes[0].clone();
    let mut long = hello();
    long.chain = vec![root(ROOT).endorses(&to_district()); 65];
    let bytes = |hello| Frame::Hello(Box::new(hello)).to_bytes();
    let scope = path.to_bytes();
    let want = |array: &[u8]| [&[0x82, 0x05, 0x82], &scope[..], array].concat();
    let items = |array: &[u8]| [&[0x82, 0x02, 0x84], &scope[..], &[0xf6, 0xf6], array].concat();
    let ack = Frame::Ack(ack).to_bytes();
    let audience = patched(&ack, &[0x01, 0x19], &[0x03, 0x19]);
    let huge = &[0xff; 8][..];
    vec![
        refuse("frame-hello-unsorted", "scopes not ascending", &bytes(unsorted)),
        refuse("frame-hello-twice", "one scope twice", &bytes(twice)),
        refuse("frame-hello-chain", "65 statements", &bytes(long)),
        refuse("frame-kind-6", "unknown kind", &[0x82, 0x06, 0x80]),
        refuse("frame-audience-3", "unknown audience", &audience),
        refuse(
            "frame-want-huge",
            "an array longer than its bytes",
            &want(&[&[0x9b], huge].concat()),
        ),
        refuse(
            "frame-want-short-id",
            "an id of 31 bytes",
            &want(&[&[0x81, 0x58, 31][..], &[0; 31]].concat()),
        ),
        refuse(
            "frame-items-4097",
            "too many items",
            &items(&[&[0x99, 0x10, 0x01][..], &[0x40; 4097]].concat()),
        ),
        refuse(
            "frame-items-huge",
            "bytes longer than the frame",
            &items(&[&[0x81, 0x5b], huge].concat()),
        ),
        refuse("frame-fields", "a field too many", &[&[0x83], &ack[1..], &[0xf6]].concat()),
        refuse("frame-map", "a map", &[0xa0]),
        refuse("frame-text", "text that is not UTF-8", &[0x82, 0x01, 0x82, 0x61, 0xff, 0x60]),
        refuse("frame-truncated", "truncated", &ack[..ack.len() - 1]),
        refuse("frame-nested", "nesting", &[0x81; 512]),
    ]
}
