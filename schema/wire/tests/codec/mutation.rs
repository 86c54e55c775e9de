//! Damage done to bytes.

use proptest::collection::vec;
use proptest::prelude::*;

/// One change of some bytes. Positions wrap around.
#[derive(Debug, Clone)]
pub(crate) enum Mutation {
    Cut(usize),
    Delete(usize, usize),
    Flip(usize, u8),
    Insert(usize, Vec<u8>),
}

impl Mutation {
    pub(crate) fn any() -> impl Strategy<Value = Self> {
        // Initial bytes of arrays, maps, strings, tags and floats: they change what follows.
        let heads = prop::sample::select(vec![
            vec![0x9b, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff],
            vec![0x5b, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff],
            vec![0xbf],
            vec![0x9f],
            vec![0xd2, 0x84],
            vec![0xf6],
            vec![0xfb],
        ]);
        prop_oneof![
            any::<usize>().prop_map(Self::Cut),
            (any::<usize>(), 1..40usize).prop_map(|(at, len)| Self::Delete(at, len)),
            (any::<usize>(), 1..=255u8).prop_map(|(at, bits)| Self::Flip(at, bits)),
            (any::<usize>(), vec(any::<u8>(), 1..9)).prop_map(|(at, b)| Self::Insert(at, b)),
            (any::<usize>(), heads).prop_map(|(at, b)| Self::Insert(at, b)),
        ]
    }

    pub(crate) fn apply(self, bytes: &mut Vec<u8>) {
        let len = bytes.len() + 1;
        match self {
            Self::Cut(at) => bytes.truncate(at % len),
            Self::Delete(at, count) => {
                let at = at % len;
                bytes.drain(at..(at + count).min(len - 1));
            }
            Self::Flip(at, bits) => {
                if let Some(byte) = bytes.get_mut(at % len) {
                    *byte ^= bits;
                }
            }
            Self::Insert(at, more) => {
                let at = at % len;
                bytes.splice(at..at, more);
            }
        }
    }
}
