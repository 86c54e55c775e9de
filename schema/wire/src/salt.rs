//! Ids as they stand in a reconciliation: salted, so that nobody can choose items whose
//! fingerprints collide.

use crate::codec::{Decoder, Encoder, Malformed, Wire};
use crate::id::Hash;

/// Random bytes of the answerer, in its hello.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Salt(pub [u8; 16]);

/// What stands for an id in the reconciliations of one session.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct SaltedId(pub [u8; 32]);

impl Salt {
    /// What stands for this id.
    pub fn of(&self, id: &Hash) -> SaltedId {
        SaltedId(Hash::of(&[b"gongzhi/salt/3", &self.0, &id.0]).0)
    }
}

impl Wire for Salt {
    fn encode(&self, e: &mut Encoder) {
        self.0.encode(e);
    }
    fn decode(d: &mut Decoder<'_>) -> Result<Self, Malformed> {
        Wire::decode(d).map(Self)
    }
}
