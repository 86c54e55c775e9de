//! Frames packed and unpacked as the two ends of a session do it.

use proptest::collection::vec;
use proptest::prelude::*;
use schema_wire::limits::{FRAME_BYTES_MAX, PAST_BYTES};
use schema_wire::{FrameHead, Hash, Packer, PackingError, Unpacker};

/// Bytes that no compressor makes shorter.
fn noise(seed: u64, length: usize) -> Vec<u8> {
    let block = |n: u64| Hash::of(&[seed.to_be_bytes(), n.to_be_bytes()].concat()).0;
    (0..).flat_map(block).take(length).collect()
}

/// Packs and unpacks; returns how many bytes were on the way.
fn passes(packer: &mut Packer, unpacker: &mut Unpacker, frame: &[u8]) -> usize {
    let (head, body) = packer.pack(frame.to_vec()).expect("within the limits");
    let head = head.to_bytes();
    let travelled = head.len() + body.len();
    let head = FrameHead::from_bytes(head).expect("a head");
    assert_eq!(head.length(), body.len());
    assert_eq!(unpacker.unpack(head, body).as_deref(), Ok(frame));
    travelled
}

fn head(length: usize, size: usize) -> Result<FrameHead, PackingError> {
    let word = |n: usize| u32::try_from(n).expect("small").to_be_bytes();
    FrameHead::from_bytes([word(length), word(size)].concat().try_into().expect("eight bytes"))
}

#[test]
fn frames_of_every_kind_pass_in_order() {
    let (mut packer, mut unpacker) = (Packer::default(), Unpacker::default());
    let frames = [
        vec![],
        b"hello".to_vec(),
        noise(1, 600),
        vec![7; FRAME_BYTES_MAX],
        noise(2, FRAME_BYTES_MAX),
        vec![],
        noise(2, FRAME_BYTES_MAX)[FRAME_BYTES_MAX - 300..].to_vec(),
    ];
    let sizes = frames.each_ref().map(|frame| passes(&mut packer, &mut unpacker, frame));
    assert_eq!(sizes[2], 608, "noise goes as it is, after its head");
    assert!(sizes[3] < 5000, "{} bytes for one byte again and again", sizes[3]);
    assert_eq!(sizes[4], FRAME_BYTES_MAX + FrameHead::BYTES);
    assert!(sizes[6] < 40, "{} bytes for what was just said", sizes[6]);
}

#[test]
fn what_was_said_is_remembered_as_long_as_promised() {
    for (between, short) in [(PAST_BYTES - 1000, true), (PAST_BYTES, false)] {
        let (mut packer, mut unpacker) = (Packer::default(), Unpacker::default());
        passes(&mut packer, &mut unpacker, &noise(3, 900));
        for part in noise(4, between).chunks(500) {
            passes(&mut packer, &mut unpacker, part);
        }
        let again = passes(&mut packer, &mut unpacker, &noise(3, 900));
        assert_eq!(again < 100, short, "{again} bytes after {between}");
    }
}

#[test]
fn a_head_beyond_the_limits_is_refused_before_anything_follows() {
    let (most, more) = (FRAME_BYTES_MAX, FRAME_BYTES_MAX + 1);
    assert!(head(most, most).is_ok() && head(0, most).is_ok());
    assert_eq!(head(100, more), Err(PackingError::TooLarge(more)));
    assert_eq!(head(more, more), Err(PackingError::TooLarge(more)));
    assert_eq!(head(11, 10), Err(PackingError::Swollen { length: 11, size: 10 }));
    assert_eq!(Packer::default().pack(vec![0; more]), Err(PackingError::TooLarge(more)));
}

#[test]
fn a_bomb_produces_no_more_than_it_said() {
    let (said, body) = Packer::default().pack(vec![0; FRAME_BYTES_MAX]).expect("packed");
    assert!(body.len() * 200 < said.size(), "it is one");
    let lower = head(body.len(), body.len() + 1).expect("a head");
    let unpacked = Unpacker::default().unpack(lower, body);
    assert!(matches!(unpacked, Err(PackingError::Garbage(_))), "{unpacked:?}");
}

#[test]
fn a_frame_cut_off_anywhere_is_refused() {
    let frame = [noise(5, 100), vec![1; 200], noise(5, 100)].concat();
    let (said, body) = Packer::default().pack(frame).expect("packed");
    assert!(body.len() < said.size());
    for length in 0..body.len() {
        let cut = head(length, said.size()).expect("a head");
        let unpacked = Unpacker::default().unpack(cut, body[..length].to_vec());
        assert!(unpacked.is_err(), "{length} of {} bytes", body.len());
    }
    let unpacked = Unpacker::default().unpack(said, body[..9].to_vec());
    assert!(matches!(unpacked, Err(PackingError::Short { got: 9, .. })), "{unpacked:?}");
}

#[test]
fn two_ends_that_remember_otherwise_find_out() {
    let (mut packer, mut unpacker) = (Packer::default(), Unpacker::default());
    passes(&mut packer, &mut unpacker, &noise(6, 900));
    // One frame is lost, as no real transport loses it.
    packer.pack(noise(7, 900)).expect("packed");
    let (head, body) = packer.pack(noise(7, 900)).expect("packed");
    assert!(body.len() < 100, "packed against the lost one");
    assert_eq!(unpacker.unpack(head, body), Err(PackingError::Differs));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn any_frames_pass(seeds in vec((0u64..6, 0usize..3000, any::<bool>()), 0..30)) {
        let (mut packer, mut unpacker) = (Packer::default(), Unpacker::default());
        for (seed, length, flat) in seeds {
            let frame = if flat { vec![seed as u8; length] } else { noise(seed, length) };
            let travelled = passes(&mut packer, &mut unpacker, &frame);
            prop_assert!(travelled <= frame.len() + FrameHead::BYTES);
        }
    }

    /// Panics are what this looks for.
    #[test]
    fn any_bytes_are_a_frame_or_refused(
        past in vec(0u8..4, 0..200),
        body in vec(prop_oneof![0u8..32, any::<u8>(), 240u8..=255], 0..300),
        more in 0usize..3000,
    ) {
        let mut unpacker = Unpacker::default();
        let plain = head(past.len(), past.len()).expect("a head");
        unpacker.unpack(plain, past).expect("a frame as it is");
        let head = head(body.len(), body.len() + more).expect("a head");
        if let Ok(frame) = unpacker.unpack(head, body) {
            prop_assert_eq!(frame.len(), head.size());
        }
    }

    /// Good bytes with some of them changed reach deeper.
    #[test]
    fn bent_bytes_are_refused_unless_they_say_the_same(
        at in vec((any::<prop::sample::Index>(), any::<u8>()), 1..4),
        seed in 0u64..100,
    ) {
        let frame = [noise(seed, 60), vec![3; 70], noise(seed, 60)].concat();
        let (head, mut body) = Packer::default().pack(frame.clone()).expect("packed");
        at.iter().for_each(|(index, byte)| *index.get_mut(&mut body) = *byte);
        if let Ok(unpacked) = Unpacker::default().unpack(head, body) {
            prop_assert_eq!(unpacked, frame);
        }
    }
}
