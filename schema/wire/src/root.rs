//! The root: the genesis a network begins with, the successions that pass it on, and the second
//! signatures under its acts (section 4).

use crate::codec::{Malformed, Wire, record};
use crate::id::{Hash, NetworkId, NodeKey};
use crate::limits::{KEEPS_MAX, ROOTS_MAX, TEXT_BYTES_MAX};
use crate::sized::{Ascending, Ms, Text};
use crate::unit::UnitId;

/// A name of a network or unit, for people.
pub type Name = Text<0, TEXT_BYTES_MAX>;
/// Root keys.
pub type Roots = Ascending<NodeKey, 1, ROOTS_MAX>;
/// Commitments to keys that are on paper.
pub type Commitments = Ascending<Hash, 1, ROOTS_MAX>;
/// Statements that outlive what would end them.
pub type Keeps = Ascending<Hash, 0, KEEPS_MAX>;

record! {
    /// What a network begins with. It is not signed; its hash is the network's id.
    pub struct Genesis {
        /// The city.
        pub unit: UnitId,
        /// Its name, for people.
        pub name: Name,
        /// The root keys.
        pub roots: Roots,
        /// How many of them act together.
        pub threshold: u8,
        /// Commitments to the keys that may pass the root on.
        pub next: Commitments,
        /// How many of those it takes.
        pub next_threshold: u8,
        /// When.
        pub at: Ms,
    }
    check |genesis| {
        reachable(&genesis.roots, genesis.threshold)?;
        reachable(&genesis.next, genesis.next_threshold)?;
        committed_apart(&genesis.roots, &genesis.next)
    };
}

impl Genesis {
    /// The network's id.
    pub fn network(&self) -> NetworkId {
        NetworkId(Hash::of(&[b"gongzhi/genesis/3", &self.to_bytes()]).0)
    }
}

record! {
    /// The root's next generation, signed by a key from paper that the one before committed to.
    pub struct Succession {
        /// The network.
        pub network: NetworkId,
        /// The generation before: the network's id, or a succession.
        pub previous: Hash,
        /// The key from paper. Used for nothing else.
        pub reveal: NodeKey,
        /// The new root keys.
        pub roots: Roots,
        /// How many of them act together.
        pub threshold: u8,
        /// Commitments to the keys that may pass the root on.
        pub next: Commitments,
        /// How many of those it takes.
        pub next_threshold: u8,
        /// What stays of earlier generations.
        pub keeps: Keeps,
        /// When.
        pub at: Ms,
    }
    check |succession| {
        reachable(&succession.roots, succession.threshold)?;
        reachable(&succession.next, succession.next_threshold)?;
        committed_apart(&succession.roots, &succession.next)?;
        committed_apart(&[succession.reveal], &succession.next)?;
        if succession.roots.has(&succession.reveal) {
            return Err(Malformed::value("a revealed key is no root key"));
        }
        Ok(())
    };
    signed as "gongzhi/succession/3" by reveal;
}

record! {
    /// A second signature: under a root act, or under a succession.
    pub struct Endorsement {
        /// The network.
        pub network: NetworkId,
        /// The root generation whose key, or whose key on paper, signs.
        pub proof: Hash,
        /// Who signs.
        pub issuer: NodeKey,
        /// What is signed too.
        pub endorses: Hash,
    }
    signed as "gongzhi/endorsement/3" by issuer;
}

/// Can so many of these keys ever act together?
fn reachable<T>(keys: &[T], threshold: u8) -> Result<(), Malformed> {
    if (1..=keys.len()).contains(&usize::from(threshold)) {
        Ok(())
    } else {
        Err(Malformed::Value(format!("a threshold of {threshold} with {} keys", keys.len())))
    }
}

/// Is none of these keys, which are or were shown, one that is committed to?
fn committed_apart(shown: &[NodeKey], next: &Commitments) -> Result<(), Malformed> {
    if shown.iter().any(|key| next.has(&key.commitment())) {
        return Err(Malformed::value("a commitment to a key that is shown"));
    }
    Ok(())
}
