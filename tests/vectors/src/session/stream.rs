//! Streams. Their blocks are made by hand: how well another packer packs is no part of the
//! protocol.

use serde_json::{Value, json};

use crate::keys::sha256;
use crate::vector::vector;

const REFUSED: &str = "malformed-frame";
const FRAME_BYTES: usize = 1_048_576;
const PAST_BYTES: usize = 8_192;

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
    let frames: Vec<String> = frames.iter().map(|one| hex::encode(sha256(&[one]))).collect();
    let facts = json!({ "bytes": hex::encode(stream.concat()), "frames": frames });
    vector(name, "session", None, facts)
}

fn refuse(name: &str, stream: &[Vec<u8>]) -> Value {
    let facts = json!({ "bytes": hex::encode(stream.concat()), "frames": [] });
    vector(name, "session", Some(REFUSED), facts)
}

const TEXT: &[u8] = b"the owner of a document is one unit";

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
    [taken(), tokens(), past(), refused(), copies(), checks()].concat()
}

fn taken() -> Vec<Value> {
    let crossing = [sequence(b"", Some((4, 20))), sequence(b"", None)];
    let crossed = b"unitunitunitunitunit";
    let again = [sequence(b"", Some((55, 31))), sequence(b"unit", None)];
    let literal = [sequence(&[b'x'; 300], Some((1, 700))), sequence(b"", None)];
    let long = [b'x'; 1000];
    let (largest, largest_stream) = dotted(FRAME_BYTES);
    vec![
        session("session-as-it-is", &[plain(TEXT), plain(b""), plain(TEXT)], &[TEXT, b"", TEXT]),
        session(
            "session-packed",
            &[plain(TEXT), packed(crossed, &crossing), packed(TEXT, &again)],
            &[TEXT, crossed, TEXT],
        ),
        session("session-long-runs", &[packed(&long, &literal)], &[&long]),
        session("session-of-nothing", &[], &[]),
        session("session-frame-of-a-mebibyte", &[largest_stream], &[&largest]),
    ]
}

/// The last token: no copy, perhaps no literals, its low half not looked at.
fn tokens() -> Vec<Value> {
    let dots = [b'.'; 32];
    let with = |last: &[u8]| packed(&dots, &[sequence(b".", Some((1, 30))), last.to_vec()]);
    let to_its_end = packed(&dots, &[sequence(b".", Some((1, 31))), sequence(b"", None)]);
    vec![
        session("session-last-token", &[with(&[0x10, b'.'])], &[&dots]),
        session("session-last-token-low-half", &[with(&[0x1f, b'.'])], &[&dots]),
        session("session-last-token-alone", &[to_its_end], &[&dots]),
        refuse("session-last-token-claims-more", &[with(&[0x20, b'.'])]),
        refuse("session-last-token-claims-a-long-run", &[with(&[0xf0])]),
    ]
}

/// From the past, and on into what was just made of it.
fn twice(offset: u16) -> Vec<u8> {
    let first = b"what was said first".repeat(2);
    let sequences =
        [sequence(b"", Some((offset, 19))), sequence(b"", Some((19, 15))), sequence(b"irst", None)];
    packed(&first, &sequences)
}

fn past() -> Vec<Value> {
    let (full, full_stream) = dotted(PAST_BYTES);
    let (_, beyond) = dotted(PAST_BYTES + 1);
    let first = b"what was said first".repeat(2);
    let parts = [&full[..4000], &full[4000..]];
    let length = TEXT.len() - 1;
    let offset = u16::try_from(TEXT.len()).expect("short");
    let own = packed(TEXT, &[sequence(b"", Some((offset, length))), sequence(b"t", None)]);
    vec![
        session("session-past-full", &[full_stream.clone(), twice(8192)], &[&full, &first]),
        session(
            "session-past-of-two-frames",
            &[plain(parts[0]), plain(parts[1]), twice(8192)],
            &[parts[0], parts[1], &first],
        ),
        session("session-past-of-a-plain-frame", &[plain(TEXT), own.clone()], &[TEXT, TEXT]),
        refuse("session-copy-of-forgotten", &[beyond.clone(), twice(8192 + 1)]),
        refuse("session-copy-from-before-the-past", &[full_stream, twice(8193)]),
        refuse("session-other-past", &[plain(b"another text of the same length ..."), own]),
    ]
}

/// Heads and lengths.
fn refused() -> Vec<Value> {
    let dots = [b'.'; 32];
    let block = [sequence(b".", Some((1, 30))), sequence(b".", None)];
    let good = packed(&dots, &block);
    let body = &good[8..];
    let zero = [&0_u32.to_be_bytes()[..], &5_u32.to_be_bytes()].concat();
    vec![
        refuse("session-head-cut", &[good[..7].to_vec()]),
        refuse("session-size-beyond", &[headed(FRAME_BYTES + 1, body)]),
        refuse("session-size-2-to-the-32", &[headed(u32::MAX as usize, body)]),
        refuse("session-swollen", &[headed(body.len() - 1, body)]),
        refuse("session-bomb", &[headed(dots.len() - 1, body)]),
        refuse("session-unpacks-short", &[headed(dots.len() + 1, body)]),
        refuse("session-cut", &[good[..good.len() - 1].to_vec()]),
        refuse("session-plain-cut", &[plain(TEXT)[..20].to_vec()]),
        refuse("session-good-then-cut", &[good.clone(), good[..9].to_vec()]),
        refuse("session-without-block", &[headed(dots.len(), &body[..4])]),
        refuse("session-without-check", &[headed(dots.len(), &body[..3])]),
        refuse("session-of-no-bytes-for-five", &[zero]),
    ]
}

/// Copies that cannot be.
fn copies() -> Vec<Value> {
    let dots = [b'.'; 32];
    let copy = |offset| packed(&dots, &[sequence(b".", Some((offset, 30))), sequence(b".", None)]);
    let open = packed(&dots, &[sequence(b".", Some((1, 31)))]);
    let cut = packed(&dots, &[vec![0x1f, b'.', 1]]);
    let endless = packed(&dots, &[vec![0x1f, b'.', 1, 0, 255, 255]]);
    vec![
        refuse("session-copy-of-itself", &[copy(0)]),
        refuse("session-copy-of-nothing", &[copy(2)]),
        refuse("session-ends-open", &[open]),
        refuse("session-copy-cut", &[cut]),
        refuse("session-copy-without-end", &[endless]),
    ]
}

fn checks() -> Vec<Value> {
    let dots = [b'.'; 32];
    let block = [sequence(b".", Some((1, 30))), sequence(b".", None)].concat();
    let checked = |check: [u8; 4]| headed(dots.len(), &[&check[..], &block].concat());
    let check = crc32fast::hash(&dots);
    let of_block = crc32fast::hash(&block);
    vec![
        session("session-check", &[checked(check.to_be_bytes())], &[&dots]),
        refuse("session-check-flipped", &[checked((check ^ 1).to_be_bytes())]),
        refuse("session-check-little-endian", &[checked(check.to_le_bytes())]),
        refuse("session-check-of-the-block", &[checked(of_block.to_be_bytes())]),
        refuse("session-check-of-zeros", &[checked([0; 4])]),
    ]
}
