//! Changes: from their bytes, through admission, into the documents that are read and edited. The
//! first byte says how the change is made.

use std::ops::Range;

use node_replication::change::{Change, OpId, Put, Scalar, read, write};
use node_replication::document::{Document, Value};
use schema_wire::{DocumentId, Hash};

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
    let document = document(4, "a");
    assert!(peer.enter(&document, "one"), "an honest change is taken");
    let content = match draw.below(4) {
        0 => draw.rest().to_vec(),
        1 => repaired(draw.rest()),
        2 => spoil(&honest(&peer, &document), &mut draw),
        _ => bent(&peer, &document, &mut draw),
    };
    decoded(&content);
    peer.offer_change(&document, content);
    peer.read(&document);
    peer.bounds();
}

/// What is read is written with the same bytes, and a document takes it, or it is refused before.
fn decoded(content: &[u8]) {
    let Ok((change, hash)) = read(content) else { return };
    let (bytes, named) = write(&change);
    assert_eq!((bytes.as_slice(), named), (content, hash), "a change has one encoding");
    let mut document = Document::default();
    document.apply(&change);
    let _ = document.next_counter();
    for key in document.keys_from("").map(ToOwned::to_owned).collect::<Vec<_>>() {
        let _ = (document.preferred(&key), document.edit([(key.as_str(), &Value::Null)]));
    }
}

/// The bytes of an honest change by the byzantine peer, after what it wrote before.
pub(crate) fn honest(peer: &Peer, document: &DocumentId) -> Vec<u8> {
    peer.edit(document, "two", |change| write(change).0)
}

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
    let checksum = Hash::of(&[&hashed]).0;
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
pub(crate) fn bent(peer: &Peer, document: &DocumentId, draw: &mut Draw<'_>) -> Vec<u8> {
    peer.edit(document, "two", |change| {
        let mut change = change.clone();
        for _ in 0..1 + draw.below(4) {
            bend(&mut change, draw);
        }
        write(&change).0
    })
}

fn bend(change: &mut Change<'_>, draw: &mut Draw<'_>) {
    let counter = match draw.below(3) {
        0 => draw.small(),
        1 => change.start_op.saturating_add(draw.below(3) as u64),
        _ => draw.below(12) as u64,
    };
    let id = OpId { counter, actor: change.actor };
    let Some(put) = change.puts.first_mut() else { return };
    match draw.below(10) {
        0 => change.seq = draw.small(),
        1 => change.start_op = draw.number(),
        2 => change.deps.clear(),
        3 => change.deps.push(draw.array()),
        4 => change.actor = draw.array(),
        5 => put.instead = vec![id],
        6 => put.instead.push(OpId { counter, actor: draw.array() }),
        7 => put.value = value(draw),
        8 => put.key = ["", "a/b/c", "!a/b/c", "grid/9/name"][draw.below(4)],
        _ => {
            let again: Put<'_> = put.clone();
            change.puts.push(again);
        }
    }
}

fn value(draw: &mut Draw<'_>) -> Scalar<'static> {
    match draw.below(6) {
        0 => Scalar::Null,
        1 => Scalar::Boolean(draw.one_in(2)),
        2 => Scalar::Integer(draw.number() as i64),
        3 => Scalar::Text("\u{0}"),
        4 => Scalar::Bytes(&[0; 64]),
        _ => Scalar::Other(draw.byte() % 16, &[1, 2, 3]),
    }
}
