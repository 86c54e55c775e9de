//! How others write to a unit, and where its nodes are reached (section 5).

use crate::codec::{Malformed, record};
use crate::id::{Hash, NetworkId, NodeKey};
use crate::limits::{ADDRESS_BYTES_MAX, ADDRESS_MS_MAX, ADDRESSES_MAX, WORD_BYTES_MAX};
use crate::root::Name;
use crate::sized::{List, Ms, Text};
use crate::unit::UnitId;

record! {
    /// Tells others how to write to the unit.
    pub struct Card {
        /// The network.
        pub network: NetworkId,
        /// The unit.
        pub unit: UnitId,
        /// What the issuer speaks by.
        pub proof: Hash,
        /// Who says it.
        pub issuer: NodeKey,
        /// The greatest one of a generation is the present one.
        pub serial: u64,
        /// The unit's name, for people. No person's.
        pub name: Name,
        /// What kind of unit it is.
        pub kind: Text<0, WORD_BYTES_MAX>,
        /// An X25519 key, to which letters are sealed.
        pub letter_box: [u8; 32],
        /// When.
        pub at: Ms,
    }
    signed as "gongzhi/card/3" by issuer;
}

record! {
    /// Where a node is reached, for a while.
    pub struct Address {
        /// The network.
        pub network: NetworkId,
        /// The unit.
        pub unit: UnitId,
        /// The node's delegation.
        pub proof: Hash,
        /// The node.
        pub issuer: NodeKey,
        /// Multiaddresses as text.
        pub addresses: List<Text<1, ADDRESS_BYTES_MAX>, 1, ADDRESSES_MAX>,
        /// When it was said.
        pub at: Ms,
        /// Until when it is good.
        pub until: Ms,
    }
    check |address| {
        if address.until <= address.at || address.until.since(address.at) > ADDRESS_MS_MAX {
            return Err(Malformed::value("an address is good for at most 31 days"));
        }
        Ok(())
    };
    signed as "gongzhi/address/3" by issuer;
}
