//! Lineages: the charter a unit begins with and the rotations that pass it on (section 4).

use crate::codec::{Malformed, record};
use crate::id::{Hash, NetworkId, NodeKey};
use crate::root::Keeps;
use crate::sized::Ms;
use crate::unit::UnitId;

record! {
    /// A unit's first generation, signed by its operating key. Its id names the lineage.
    pub struct Charter {
        /// The network.
        pub network: NetworkId,
        /// The unit.
        pub unit: UnitId,
        /// The operating key.
        pub key: NodeKey,
        /// The commitment to the key on paper that may pass the lineage on.
        pub next: Hash,
        /// When.
        pub at: Ms,
    }
    check |charter| {
        if charter.next == charter.key.commitment() {
            return Err(Malformed::value("a charter commits to its own operating key"));
        }
        Ok(())
    };
    signed as "gongzhi/charter/3" by key;
}

record! {
    /// A lineage's next generation, signed by the key from paper.
    pub struct Rotation {
        /// The network.
        pub network: NetworkId,
        /// The unit.
        pub unit: UnitId,
        /// The generation before: the charter or a rotation.
        pub previous: Hash,
        /// The key from paper. Used for nothing else.
        pub reveal: NodeKey,
        /// The new operating key.
        pub key: NodeKey,
        /// The commitment to the next key on paper.
        pub next: Hash,
        /// What stays of earlier generations.
        pub keeps: Keeps,
        /// When.
        pub at: Ms,
    }
    check |rotation| {
        if rotation.key == rotation.reveal
            || [rotation.key, rotation.reveal].iter().any(|key| rotation.next == key.commitment())
        {
            return Err(Malformed::value("operating key, revealed key and next key must differ"));
        }
        Ok(())
    };
    signed as "gongzhi/rotation/3" by reveal;
}
