//! Vectors of a session's stream. Their blocks are made by hand: how well another packer packs is
//! no part of the protocol.

use schema_wire::limits::{FRAME_BYTES_MAX, PAST_BYTES};
use schema_wire::{FrameHead, Hash, PackingError, Unpacker};
use serde_json::{Value, json};

use crate::vector;

/// One sequence of an LZ4 block: literals, then a copy of earlier bytes. The last has no copy.
fn sequence(literals: &[u8], copy: Option<(u16, usize)>) -> Vec<u8> {
    let more = copy.map_or(0, |(_, length)| length - 4);
    let token = literals.len().min(15) << 4 | more.min(15);
    let mut bytes = vec![u8::try_from(token).expect("two halves")];
    bytes.extend(rest(literals.len()));
    bytes.extend(literals);
    if let Some((offset, _)) = copy {
        bytes.extend(offset.to_le_bytes());
        bytes.extend(rest(more));
    }
    bytes
}

/// What of a length does not fit its half of the token.
fn rest(length: usize) -> Vec<u8> {
    let Some(more) = length.checked_sub(15) else { return Vec::new() };
    let last = u8::try_from(more % 255).expect("below 255");
    [vec![255; more / 255], vec![last]].concat()
}

fn headed(size: usize, body: &[u8]) -> Vec<u8> {
    let word = |number: usize| u32::try_from(number).expect("small").to_be_bytes();
    [&word(body.len())[..], &word(size), body].concat()
}

fn plain(frame: &[u8]) -> Vec<u8> {
    headed(frame.len(), frame)
}

fn packed(frame: &[u8], sequences: &[Vec<u8>]) -> Vec<u8> {
    let check = crc32fast::hash(frame).to_be_bytes();
    headed(frame.len(), &[&check[..], &sequences.concat()].concat())
}

fn session(name: &str, stream: &[Vec<u8>], frames: &[&[u8]]) -> Value {
    let frames: Vec<String> = frames.iter().map(|frame| Hash::of(frame).to_string()).collect();
    vector(
        name,
        "session",
        None,
        json!({ "bytes": hex::encode(stream.concat()), "frames": frames }),
    )
}

fn refuse(name: &str, why: &str, stream: &[Vec<u8>]) -> Value {
    let facts = json!({ "bytes": hex::encode(stream.concat()), "frames": [] });
    vector(name, "session", Some(why), facts)
}

/// A frame of so many bytes that begins with text and goes on with dots, and its block.
fn dotted(length: usize) -> (Vec<u8>, Vec<u8>) {
    let begins = b"what was said first.";
    let dots = length - begins.len();
    let block = [sequence(begins, Some((1, dots - 1))), sequence(b".", None)];
    let frame = [&begins[..], &vec![b'.'; dots]].concat();
    let stream = packed(&frame, &block);
    (frame, stream)
}

pub(crate) fn vectors() -> Vec<Value> {
    let text = b"the owner of a document is one unit";
    let (full, full_stream) = dotted(PAST_BYTES);
    let (_, beyond) = dotted(PAST_BYTES + 1);
    let first = b"what was said first".repeat(2);
    // From the past, and on into what was just made of it.
    let twice = |offset| {
        [sequence(b"", Some((offset, 19))), sequence(b"", Some((19, 15))), sequence(b"irst", None)]
    };
    let crossing = [sequence(b"", Some((4, 20))), sequence(b"", None)];
    let crossed = b"unitunitunitunitunit";
    let good = [
        session("session-as-it-is", &[plain(text), plain(b""), plain(text)], &[text, b"", text]),
        session(
            "session-packed",
            &[
                plain(text),
                packed(crossed, &crossing),
                packed(text, &[sequence(b"", Some((55, 31))), sequence(b"unit", None)]),
            ],
            &[text, crossed, text],
        ),
        session(
            "session-past-full",
            &[full_stream, packed(&first, &twice(8192))],
            &[&full, &first],
        ),
    ];
    [good.to_vec(), refused(text, &beyond, &packed(&first, &twice(8193)))].concat()
}

fn refused(text: &[u8], beyond: &[u8], reaching: &[u8]) -> Vec<Value> {
    let dots = b"................................";
    let block = [sequence(b".", Some((1, 30))), sequence(b".", None)];
    let good = packed(dots, &block);
    let body = &good[FrameHead::BYTES..];
    let mut other = good.clone();
    other[FrameHead::BYTES] ^= 1;
    let copy_of =
        |offset| packed(dots, &[sequence(b".", Some((offset, 30))), sequence(b".", None)]);
    let open = packed(dots, &[sequence(b".", Some((1, 31)))]);
    let cases = [
        ("session-head-cut", "a head of seven bytes", good[..7].to_vec()),
        ("session-size-beyond", "a frame beyond the limit", headed(FRAME_BYTES_MAX + 1, body)),
        ("session-swollen", "longer packed than not", headed(body.len() - 1, body)),
        ("session-bomb", "unpacks to more than was said", headed(dots.len() - 1, body)),
        ("session-unpacks-short", "unpacks to less than was said", headed(dots.len() + 1, body)),
        ("session-cut", "less follows than was said", good[..good.len() - 1].to_vec()),
        ("session-check", "another check", other),
        ("session-without-check", "three bytes packed", headed(dots.len(), &body[..3])),
        ("session-copy-of-itself", "a copy of what is not yet there", copy_of(0)),
        ("session-copy-of-nothing", "a copy of what was never said", copy_of(2)),
        ("session-ends-open", "a block that ends in a copy", open),
    ];
    let single = cases.map(|(name, why, stream)| refuse(name, why, &[stream]));
    let forgotten = [beyond.to_vec(), reaching.to_vec()];
    let lost = [plain(b"another text of the same length ..."), copy_of_text(text)];
    let double = [
        refuse("session-copy-of-forgotten", "a copy of what is no longer kept", &forgotten),
        refuse("session-other-past", "packed against another past", &lost),
    ];
    [single.to_vec(), double.to_vec()].concat()
}

/// A text packed against itself.
fn copy_of_text(text: &[u8]) -> Vec<u8> {
    let length = text.len() - 1;
    let offset = u16::try_from(text.len()).expect("short");
    packed(text, &[sequence(b"", Some((offset, length))), sequence(&text[length..], None)])
}

/// The frames that a stream carries.
pub(crate) fn frames(mut stream: &[u8]) -> Result<Vec<Vec<u8>>, PackingError> {
    let (mut unpacker, mut frames) = (Unpacker::default(), Vec::new());
    while !stream.is_empty() {
        let cut = PackingError::Short { got: 0, size: 0 };
        let (head, rest) = stream.split_first_chunk().ok_or(cut)?;
        let head = FrameHead::from_bytes(*head)?;
        let (body, rest) = rest.split_at(head.length().min(rest.len()));
        frames.push(unpacker.unpack(head, body.to_vec())?);
        stream = rest;
    }
    Ok(frames)
}
