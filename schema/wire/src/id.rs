//! Hashes and keys: the names of records, nodes and lives.

use std::fmt;
use std::str::FromStr;

use sha2::{Digest, Sha256};

use crate::codec::{Decoder, Encoder, Malformed, Wire, bytes_fixed, encoded};
use crate::document::DocumentId;

macro_rules! bytes_newtype {
    ($(#[$doc:meta])* $name:ident, $bytes:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(pub [u8; $bytes]);

        impl $name {
            /// The first eight hexadecimal digits, for people.
            pub fn short(&self) -> String {
                hex::encode(&self.0[..4])
            }
        }
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&hex::encode(self.0))
            }
        }
        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}({})", stringify!($name), self.short())
            }
        }
        impl FromStr for $name {
            type Err = Malformed;
            fn from_str(text: &str) -> Result<Self, Malformed> {
                let mut bytes = [0; $bytes];
                hex::decode_to_slice(text, &mut bytes).map_err(|_| {
                    let text: String = text.chars().take(80).collect();
                    Malformed::value(format!("{text:?} is not {} hexadecimal digits", 2 * $bytes))
                })?;
                Ok(Self(bytes))
            }
        }
        impl Wire for $name {
            fn encode(&self, e: &mut Encoder) {
                encoded(e.bytes(&self.0));
            }
            fn decode(d: &mut Decoder<'_>) -> Result<Self, Malformed> {
                Ok(Self(bytes_fixed(d)?))
            }
        }
    };
}

bytes_newtype!(
    /// A SHA-256: the id of a signed record, a commitment, a sum.
    Hash, 32
);
bytes_newtype!(
    /// An Ed25519 public key: a node, which is its libp2p peer too, or a key on paper.
    NodeKey, 32
);
bytes_newtype!(
    /// The hash of the genesis that names the first root keys.
    NetworkId, 32
);
bytes_newtype!(
    /// One life of a node: random bytes, drawn anew whenever it cannot be certain that its store
    /// holds all it ever signed. Incarnations have no order.
    Incarnation, 16
);

impl Hash {
    /// SHA-256 of some parts, joined.
    pub fn of(parts: &[&[u8]]) -> Self {
        let hash = parts.iter().fold(Sha256::new(), |hash, part| hash.chain_update(part));
        Self(hash.finalize().into())
    }
}

impl NetworkId {
    /// The same bytes, where a statement names the first root generation.
    pub fn as_hash(self) -> Hash {
        Hash(self.0)
    }
}

impl NodeKey {
    /// What a generation commits to before the key is shown (section 3).
    pub fn commitment(&self) -> Hash {
        Hash::of(&[b"gongzhi/next/3", &self.0])
    }
}

/// Who wrote: a node's key in one of its lives.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Author {
    /// The node's key.
    pub key: NodeKey,
    /// The life it wrote in.
    pub incarnation: Incarnation,
}

impl Author {
    /// The Automerge actor of this author in one document (section 2).
    pub fn actor(&self, document: &DocumentId) -> [u8; 16] {
        let document = document.to_bytes();
        let hash = Hash::of(&[b"gongzhi/actor/3", &self.key.0, &self.incarnation.0, &document]);
        let [actor @ .., _, _, _, _, _, _, _, _, _, _, _, _, _, _, _, _] = hash.0;
        actor
    }
}
