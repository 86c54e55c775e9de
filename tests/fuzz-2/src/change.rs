//! Automerge changes: from a signed envelope, through admission, into the documents that are
//! read and edited. The first byte says how the change is made.

use std::num::NonZeroU64;
use std::ops::Range;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::LazyLock;

use automerge::legacy::{Key, ObjectId, OpId, OpType};
use automerge::{Change, ExpandedChange, ObjType, ScalarValue};
use schema_documents::record;
use schema_wire::{Class, Hash};

use crate::draw::Draw;
use crate::peer::{Peer, document};

const MAGIC: [u8; 4] = [0x85, 0x6f, 0x4a, 0x83];
/// Between the magic and what it is of.
const CHECKSUM: Range<usize> = 4..8;
const CHUNK_CHANGE: u8 = 1;

/// One change after an honest one, then the document as everybody uses it.
pub fn target(data: &[u8]) {
    let mut draw = Draw::new(data);
    let mut peer = Peer::joined();
    let document = document(Class::Place, "a");
    let [first, second] = &*HONEST;
    let first = first.raw_bytes().to_vec();
    assert!(peer.offer(peer.header(&document, &first), first), "an honest change is taken");
    let content = match draw.below(4) {
        0 => draw.rest().to_vec(),
        1 => repaired(draw.rest()),
        2 => spoil(second.raw_bytes(), &mut draw),
        _ => bent(second.decode(), &mut draw),
    };
    if peer.offer(peer.header(&document, &content), content) {
        peer.read(&document);
    }
    peer.bounds();
}

/// Two honest changes, one after the other.
pub(crate) static HONEST: LazyLock<[Change; 2]> = LazyLock::new(|| {
    let mut peer = Peer::joined();
    let document = document(Class::Place, "a");
    let first = peer.change(&document, |draft| {
        record::set(draft, "grids", "g", "name", "one");
    });
    let first = first.expect("the edit changes something");
    let content = first.raw_bytes().to_vec();
    assert!(peer.offer(peer.header(&document, &content), content), "an honest change is taken");
    let second = peer.change(&document, |draft| {
        record::set(draft, "grids", "g", "name", "two");
        record::set(draft, "grids", "h", "name", "three");
    });
    [first, second.expect("the edit changes something")]
});

/// A chunk around this body: its magic, length and checksum are right, whatever it says.
pub(crate) fn repaired(body: &[u8]) -> Vec<u8> {
    let mut hashed = vec![CHUNK_CHANGE];
    let mut length = body.len();
    while length > 0x7f {
        hashed.push((length & 0x7f) as u8 | 0x80);
        length >>= 7;
    }
    hashed.push(length as u8);
    hashed.extend_from_slice(body);
    let checksum = Hash::of(&hashed).0;
    [&MAGIC, &checksum[..CHECKSUM.len()], &hashed].concat()
}

/// What a chunk holds.
pub(crate) fn body(chunk: &[u8]) -> &[u8] {
    let before = CHECKSUM.end + 1;
    let length = chunk.iter().skip(before).position(|byte| byte & 0x80 == 0);
    length.and_then(|last| chunk.get(before + last + 1..)).unwrap_or_default()
}

/// A change with some of its bytes changed, cut out or put in, and its frame repaired.
pub(crate) fn spoil(change: &[u8], draw: &mut Draw<'_>) -> Vec<u8> {
    let mut body = body(change).to_vec();
    for _ in 0..1 + draw.below(6) {
        if body.is_empty() {
            break;
        }
        let at = usize::from(u16::from_le_bytes(draw.array())) % body.len();
        match draw.below(4) {
            0 => body[at] = draw.byte(),
            1 => drop(body.remove(at)),
            2 => drop(body.splice(at..at, draw.piece().iter().copied())),
            _ => body[at] ^= 1 << draw.below(8),
        }
    }
    repaired(&body)
}

/// A well-formed change that says something no honest author would.
fn bent(mut change: ExpandedChange, draw: &mut Draw<'_>) -> Vec<u8> {
    change.hash = None;
    for _ in 0..1 + draw.below(4) {
        bend(&mut change, draw);
    }
    // Automerge itself refuses to write some of them.
    let written = catch_unwind(AssertUnwindSafe(|| Change::from(change).raw_bytes().to_vec()));
    written.unwrap_or_default()
}

fn bend(change: &mut ExpandedChange, draw: &mut Draw<'_>) {
    let count = change.operations.len();
    if count == 0 {
        return;
    }
    let counter = match draw.below(3) {
        0 => draw.small(),
        1 => change.start_op.get().saturating_add(draw.below(count + 1) as u64),
        _ => draw.below(12) as u64,
    };
    let id = OpId::new(counter, &change.actor_id);
    let at = draw.below(count);
    let operation = &mut change.operations[at];
    match draw.below(12) {
        0 => change.seq = draw.small(),
        1 => change.start_op = NonZeroU64::new(draw.number()).unwrap_or(change.start_op),
        2 => change.deps.clear(),
        3 => change.time = draw.number() as i64,
        4 => change.extra_bytes = draw.piece().to_vec(),
        5 => operation.obj = ObjectId::Id(id),
        6 => operation.obj = ObjectId::Root,
        7 => operation.key = Key::Seq(id.into()),
        8 => operation.insert ^= true,
        9 => operation.pred = vec![id].into(),
        10 => operation.action = action(draw),
        _ => {
            let again = operation.clone();
            change.operations.push(again);
        }
    }
}

fn action(draw: &mut Draw<'_>) -> OpType {
    match draw.below(7) {
        0 => OpType::Delete,
        1 => OpType::Increment(draw.number() as i64),
        2 => OpType::Make(ObjType::Map),
        3 => OpType::Make(ObjType::List),
        4 => OpType::Make(ObjType::Text),
        5 => OpType::Put(ScalarValue::counter(draw.number() as i64)),
        _ => OpType::Put(ScalarValue::Bytes(draw.piece().to_vec())),
    }
}
