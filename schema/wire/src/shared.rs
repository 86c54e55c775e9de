//! What two nodes share, as one hash: equal on both sides if they see each other alike.

use std::collections::BTreeSet;

use crate::codec::{Encoder, Wire, encoded};
use crate::id::{Hash, NodeKey, UnitId};

/// What counts of a node for what it shares with another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Side {
    /// Its key.
    pub key: NodeKey,
    /// Its unit.
    pub unit: UnitId,
    /// Its lineage of that unit.
    pub lineage: Hash,
    /// The bits of `reads` with which it is a member inside, of the other's unit too.
    pub inside: Option<u8>,
    /// The bits of `reads` with which it is a member outside.
    pub outside: Option<u8>,
    /// The hash of its interests towards the other.
    pub interests: Hash,
}

/// The hash of a node's interests.
pub fn interests_hash(units: &BTreeSet<UnitId>) -> Hash {
    let mut e = Encoder::new(Vec::new());
    encoded(e.array(units.len() as u64));
    units.iter().for_each(|unit| unit.encode(&mut e));
    Hash::of(e.writer())
}

/// What two nodes share at a level, whichever of them asks.
pub fn shared(level: u64, one: &Side, other: &Side) -> Hash {
    let (first, second) = if one.key < other.key { (one, other) } else { (other, one) };
    let mut e = Encoder::new(b"gongzhi/shared/3".to_vec());
    encoded(e.array(3));
    encoded(e.u64(level));
    first.encode(&mut e);
    second.encode(&mut e);
    Hash::of(e.writer())
}

impl Side {
    fn encode(&self, e: &mut Encoder) {
        encoded(e.array(6));
        self.key.encode(e);
        self.unit.encode(e);
        self.lineage.encode(e);
        for reads in [self.inside, self.outside] {
            match reads {
                Some(reads) => encoded(e.u8(reads)),
                None => encoded(e.null()),
            };
        }
        self.interests.encode(e);
    }
}
