//! One seed, many streams: each use of chance has its own, named by a label.
//!
//! A new draw in one stream does not disturb any other, so that a small change of the simulator
//! leaves most of a run as it was.

use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use schema_wire::{NodeKey, SigningKey};
use sha2::{Digest, Sha256};

/// Where all chance of a run comes from.
#[derive(Debug, Clone, Copy)]
pub struct Streams {
    seed: u64,
}

impl Streams {
    /// The streams of a seed.
    pub fn new(seed: u64) -> Self {
        Self { seed }
    }

    /// The stream with this label, from its beginning.
    pub fn stream(&self, label: &str) -> ChaCha8Rng {
        ChaCha8Rng::from_seed(self.bytes("stream", label))
    }

    /// The signing key with this label.
    pub fn key(&self, label: &str) -> SigningKey {
        SigningKey::from_bytes(&self.bytes("key", label))
    }

    /// Sixteen bytes nobody else has.
    pub fn epoch(&self, label: &str) -> [u8; 16] {
        let bytes = self.bytes("epoch", label);
        std::array::from_fn(|at| bytes[at])
    }

    fn bytes(&self, use_: &str, label: &str) -> [u8; 32] {
        let mut hash = Sha256::new();
        hash.update(b"gongzhi/sim/1");
        hash.update(self.seed.to_le_bytes());
        hash.update(use_);
        hash.update([0]);
        hash.update(label);
        hash.finalize().into()
    }
}

/// The public half of a key.
pub fn public(key: &SigningKey) -> NodeKey {
    NodeKey(key.verifying_key().to_bytes())
}
