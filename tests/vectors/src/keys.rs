//! Who holds the keys of the golden world, and the hashes that are made of keys.

use ed25519_dalek::{Signer, SigningKey};
use sha2::{Digest, Sha256};

pub(crate) type Hash = [u8; 32];
pub(crate) type Key = [u8; 32];
pub(crate) type Incarnation = [u8; 16];

/// A holder of a key by name. The seed is 32 times its place among the holders, from 1.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Holder(pub(crate) &'static str);

macro_rules! holders {
    ($($constant:ident $name:literal,)*) => {
        $(pub(crate) const $constant: Holder = Holder($name);)*
        pub(crate) const HOLDERS: &[Holder] = &[$($constant),*];
    };
}

holders! {
    ROOT_ONE "root-one",
    ROOT_TWO "root-two",
    ROOT_THREE "root-three",
    ROOT_PAPER_ONE "root-paper-one",
    ROOT_PAPER_TWO "root-paper-two",
    ROOT_PAPER_THREE "root-paper-three",
    ROOT_NEW_ONE "root-new-one",
    ROOT_NEW_TWO "root-new-two",
    ROOT_NEW_PAPER "root-new-paper",
    ROOT_LAST "root-last",
    ROOT_LAST_PAPER "root-last-paper",
    CITY_KEY "city",
    CITY_PAPER "city-paper",
    CITY_NEW "city-new",
    CITY_NEW_PAPER "city-new-paper",
    DISTRICT_KEY "district",
    DISTRICT_PAPER "district-paper",
    DISTRICT_NEW "district-new",
    DISTRICT_NEW_PAPER "district-new-paper",
    COMMUNITY_KEY "community",
    COMMUNITY_PAPER "community-paper",
    COMMUNITY_NEW "community-new",
    COMMUNITY_NEW_PAPER "community-new-paper",
    COMMUNITY_THIRD "community-third",
    COMMUNITY_THIRD_PAPER "community-third-paper",
    SIBLING_KEY "sibling",
    SIBLING_PAPER "sibling-paper",
    RIVAL_KEY "rival",
    RIVAL_PAPER "rival-paper",
    NODE "node",
    COLLEAGUE "colleague",
    DEPUTY "deputy",
    CITY_NODE "city-node",
    DISTRICT_NODE "district-node",
    SIBLING_NODE "sibling-node",
    STRANGER "stranger",
}

impl Holder {
    fn place(self) -> u8 {
        let at = HOLDERS.iter().position(|holder| *holder == self).expect("a known holder");
        u8::try_from(at + 1).expect("few holders")
    }

    pub(crate) fn signing(self) -> SigningKey {
        SigningKey::from_bytes(&[self.place(); 32])
    }

    pub(crate) fn key(self) -> Key {
        self.signing().verifying_key().to_bytes()
    }

    pub(crate) fn signs(self, message: &[u8]) -> [u8; 64] {
        self.signing().sign(message).to_bytes()
    }

    /// The commitment to the key.
    pub(crate) fn hidden(self) -> Hash {
        commitment(&self.key())
    }
}

/// SHA-256 of some bytes after each other.
pub(crate) fn sha256(parts: &[&[u8]]) -> Hash {
    parts.iter().fold(Sha256::new(), |hash, part| hash.chain_update(part)).finalize().into()
}

pub(crate) fn commitment(key: &Key) -> Hash {
    sha256(&[b"gongzhi/next/3", key])
}

/// The keys of holders, ascending.
pub(crate) fn keys(of: &[Holder]) -> Vec<Key> {
    ascending(of.iter().map(|holder| holder.key()))
}

/// The commitments to the keys of holders, ascending.
pub(crate) fn hidden(of: &[Holder]) -> Vec<Hash> {
    ascending(of.iter().map(|holder| holder.hidden()))
}

pub(crate) fn ascending<T: Ord>(values: impl IntoIterator<Item = T>) -> Vec<T> {
    let mut values: Vec<T> = values.into_iter().collect();
    values.sort_unstable();
    values
}
