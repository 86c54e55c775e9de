//! What two nodes share, as one hash: equal on both sides if they see each other alike.

use std::collections::BTreeSet;

use crate::codec::{Encoder, Wire, encoded, record};
use crate::grant::Reads;
use crate::id::{Hash, NodeKey};
use crate::unit::UnitId;

record! {
    /// What counts of a node for what it shares with another.
    pub struct Side {
        /// Its key.
        pub key: NodeKey,
        /// Its unit.
        pub unit: UnitId,
        /// Its lineage of that unit.
        pub lineage: Hash,
        /// What it may hold as a member inside; none where the two are of different units.
        pub inside: Option<Reads>,
        /// What it may hold as a member outside.
        pub outside: Option<Reads>,
        /// The hash of its interests towards the other.
        pub interests: Hash,
    }
}

/// The hash of a node's interests.
pub fn interests_hash(units: &BTreeSet<UnitId>) -> Hash {
    let mut e = Encoder::new(Vec::new());
    encoded(e.array(units.len() as u64));
    units.iter().for_each(|unit| unit.encode(&mut e));
    Hash::of(&[e.writer()])
}

/// What two nodes share at a level, whichever of them asks.
pub fn shared_hash(level: u64, one: &Side, other: &Side) -> Hash {
    let (first, second) = if one.key < other.key { (one, other) } else { (other, one) };
    let mut e = Encoder::new(b"gongzhi/shared/3".to_vec());
    encoded(e.array(3));
    encoded(e.u64(level));
    first.encode(&mut e);
    second.encode(&mut e);
    Hash::of(&[e.writer()])
}
