//! The bytes of a session's stream: packed frames, one after the other.

use schema_wire::limits::FRAME_BYTES_MAX;
use schema_wire::{FrameHead, Packer, Unpacker};

/// A stream as a peer may send it; then the same bytes as frames of our own.
pub fn target(data: &[u8]) {
    heard(data);
    said(data);
}

fn heard(mut data: &[u8]) {
    let mut unpacker = Unpacker::default();
    while let Some((head, rest)) = data.split_first_chunk() {
        let Ok(head) = FrameHead::from_bytes(*head) else { return };
        assert!(head.length() <= head.size() && head.size() <= FRAME_BYTES_MAX);
        let (body, rest) = rest.split_at(head.length().min(rest.len()));
        let Ok(frame) = unpacker.unpack(head, body.to_vec()) else { return };
        assert_eq!(frame.len(), head.size());
        data = rest;
    }
}

/// Each frame begins with its length.
fn said(mut data: &[u8]) {
    let (mut packer, mut unpacker) = (Packer::default(), Unpacker::default());
    while let Some((length, rest)) = data.split_first() {
        let (frame, rest) = rest.split_at(usize::from(*length).min(rest.len()));
        let (head, body) = packer.pack(frame.to_vec()).expect("within the limit");
        assert!(body.len() == head.length() && body.len() <= frame.len());
        assert_eq!(unpacker.unpack(head, body).as_deref(), Ok(frame));
        data = rest;
    }
}
