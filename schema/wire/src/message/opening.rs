//! How a session begins: hello, membership, and what the two care for.

use crate::codec::{Decoder, Encoder, Malformed, Wire, record};
use crate::id::{Hash, NetworkId};
use crate::limits::{INTERESTS_MAX, MEMBERSHIP_STATEMENTS_MAX};
use crate::salt::Salt;
use crate::sized::{Ascending, List, Ms};
use crate::statement::Statement;
use crate::unit::UnitId;

record! {
    /// The first frame of a session, from both sides.
    pub struct Hello {
        /// The sender's network.
        pub network: NetworkId,
        /// The feature levels that it speaks.
        pub levels: Levels,
        /// Salts the ids of this session's reconciliations, if the sender answers them.
        pub salt: Salt,
        /// What its clock shows: for people alone.
        pub clock: Ms,
    }
}

record! {
    /// The feature levels that a node speaks. A range that ends before it begins holds none.
    #[derive(Copy)]
    pub struct Levels {
        /// The lowest.
        pub least: u64,
        /// The highest.
        pub most: u64,
    }
}

impl Levels {
    /// What this crate speaks.
    pub const OURS: Self = Self { least: 3, most: 3 };

    /// The greatest level that both speak.
    pub fn common(self, other: Self) -> Option<u64> {
        let (least, most) = (self.least.max(other.least), self.most.min(other.most));
        (least <= most).then_some(most)
    }
}

record! {
    /// Shows that its sender is a member, and says where it stands. The fields behind `more`
    /// count only in the last frame of a chain, where `more` is false.
    pub struct Membership {
        /// The sender's unit.
        pub unit: UnitId,
        /// The lineage of that unit which it belongs to.
        pub lineage: Hash,
        /// Statements, each kept by those before it; the last of a chain takes the sender in.
        pub chain: List<Statement, 0, MEMBERSHIP_STATEMENTS_MAX>,
        /// Does the chain go on in the next frame?
        pub more: bool,
        /// Names the sender's feed.
        pub epoch: Epoch,
        /// The last position of that feed.
        pub head: u64,
        /// What the sender expects the two to share, if they met before.
        pub digest: Option<Digest>,
    }
}

/// Names a node's feed until the node loses something.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Epoch(pub [u8; 16]);

impl Wire for Epoch {
    fn encode(&self, e: &mut Encoder) {
        self.0.encode(e);
    }
    fn decode(d: &mut Decoder<'_>) -> Result<Self, Malformed> {
        Wire::decode(d).map(Self)
    }
}

record! {
    /// What a node expects two nodes to share, and how far it came with it.
    pub struct Digest {
        /// [`shared_hash`](crate::shared_hash), as the sender expects it.
        pub shared: Hash,
        /// The sum over all scopes that are shared so.
        pub sum: Hash,
        /// How far the sender has taken all of that from the receiver's feed.
        pub known: Cursor,
        /// The hash of the sender's interests.
        pub interests: Hash,
    }
}

record! {
    /// A position in a node's feed: taken up to here.
    #[derive(Copy)]
    pub struct Cursor {
        /// The feed.
        pub epoch: Epoch,
        /// The last position taken.
        pub seq: u64,
    }
}

impl Cursor {
    /// Does it say something of the feed with this epoch and head?
    pub fn is_usable(&self, epoch: Epoch, head: u64) -> bool {
        self.seq == 0 || (self.epoch == epoch && self.seq <= head)
    }

    /// Does it show the owner of the feed with this epoch that the feed was longer once?
    pub fn is_beyond(&self, epoch: Epoch, head: u64) -> bool {
        self.epoch == epoch && self.seq > head
    }
}

record! {
    /// Part of the units that a node cares for. They ascend over all frames together.
    pub struct Interests {
        /// The units.
        pub units: Ascending<UnitId, 0, INTERESTS_MAX>,
        /// Does the list go on in the next frame?
        pub more: bool,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_greatest_common_level_is_spoken_if_there_is_one() {
        let levels = |least, most| Levels { least, most };
        assert_eq!(levels(3, 3).common(Levels::OURS), Some(3));
        assert_eq!(levels(3, 9).common(levels(2, 7)), Some(7));
        assert_eq!(levels(4, 9).common(Levels::OURS), None);
        assert_eq!(levels(9, 3).common(levels(0, u64::MAX)), None);
    }

    #[test]
    fn a_cursor_is_usable_within_its_feed_and_at_the_beginning() {
        let (ours, other) = (Epoch([1; 16]), Epoch([2; 16]));
        let at = |epoch, seq| Cursor { epoch, seq };
        assert!(at(ours, 5).is_usable(ours, 5) && !at(ours, 6).is_usable(ours, 5));
        assert!(!at(other, 1).is_usable(ours, 5) && at(other, 0).is_usable(ours, 5));
        assert!(at(ours, 6).is_beyond(ours, 5) && !at(other, 6).is_beyond(ours, 5));
    }
}
