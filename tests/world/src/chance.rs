//! One seed, many streams: each use of chance has its own, named by a label, so that a new draw in
//! one disturbs no other.

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use schema_wire::{Hash, NodeKey, SigningKey};

/// Where all chance of a run comes from.
#[derive(Debug, Clone, Copy)]
pub struct Streams {
    /// The run's seed.
    pub seed: u64,
}

impl Streams {
    /// The stream with this label, from its beginning.
    pub fn stream(self, label: &str) -> ChaCha8Rng {
        ChaCha8Rng::from_seed(self.bytes(label))
    }

    /// The signing key with this label.
    pub fn key(self, label: &str) -> SigningKey {
        SigningKey::from_bytes(&self.bytes(label))
    }

    /// Bytes that nobody else has.
    pub fn bytes(self, label: &str) -> [u8; 32] {
        Hash::of(&[b"gongzhi/world/1", &self.seed.to_be_bytes(), label.as_bytes()]).0
    }
}

/// The public half of a key.
pub fn public(key: &SigningKey) -> NodeKey {
    NodeKey(key.verifying_key().to_bytes())
}

/// One of several; none of none.
pub fn one_of<'a, T>(chance: &mut ChaCha8Rng, all: &'a [T]) -> Option<&'a T> {
    if all.is_empty() { None } else { all.get(chance.random_range(0..all.len())) }
}
