//! Who the root is: the genesis a network begins with, and the successions that replace its keys.

use crate::codec::{
    DecodeError, Decoder, Encoder, Wire, array, encode_list, encoded, list, list_ascending,
    text_max,
};
use crate::id::{Hash, NetworkId, NodeKey, UnitId};
use crate::limits::{KEEPS_MAX, ROOT_KEYS_MAX, TEXT_BYTES_MAX};
use crate::sign::Record;

/// Why a genesis statement names no network.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a genesis needs 1 to {ROOT_KEYS_MAX} ascending root keys and a threshold within them")]
pub struct GenesisError;

/// The statement a network begins with. Its hash is the network's id.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Genesis {
    /// The city at the root.
    pub unit: UnitId,
    /// Its name, for people.
    pub name: String,
    /// The root keys, ascending.
    pub roots: Vec<NodeKey>,
    /// How many of them act together.
    pub threshold: u8,
    /// When, as claimed: milliseconds since 1970.
    pub at_ms: u64,
}

impl Genesis {
    /// The network's id: SHA-256(`gongzhi/genesis/1` ‖ the statement).
    pub fn network(&self) -> NetworkId {
        NetworkId(Hash::of(&[b"gongzhi/genesis/1".as_slice(), &self.to_bytes()].concat()).0)
    }

    fn parse(self) -> Result<Self, GenesisError> {
        if quorum_reachable(&self.roots, self.threshold) { Ok(self) } else { Err(GenesisError) }
    }
}

impl Wire for Genesis {
    fn encode(&self, e: &mut Encoder) {
        encoded(e.array(5));
        self.unit.encode(e);
        encoded(e.str(&self.name));
        encode_list(e, &self.roots);
        encoded(e.u8(self.threshold));
        encoded(e.u64(self.at_ms));
    }
    fn decode(d: &mut Decoder<'_>) -> Result<Self, DecodeError> {
        array(d, 5)?;
        let unit = UnitId::decode(d)?;
        let name = text_max(d, "network name", TEXT_BYTES_MAX)?;
        let roots = list(d, "root keys", ROOT_KEYS_MAX)?;
        let genesis = Self { unit, name, roots, threshold: d.u8()?, at_ms: d.u64()? };
        genesis.parse().map_err(|error| DecodeError::Value(error.to_string()))
    }
}

/// The root keys from now on, signed by a root key of before. It counts once as many of those
/// keys signed it (endorsements) as their threshold says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Succession {
    /// The network it holds in.
    pub network: NetworkId,
    /// A root key of the generation before.
    pub issuer: NodeKey,
    /// The city: it replicates in its public scope.
    pub issuer_unit: UnitId,
    /// The generation before: the network's id, or the succession that made it.
    pub previous: Hash,
    /// The new root keys, ascending.
    pub roots: Vec<NodeKey>,
    /// How many of them act together.
    pub threshold: u8,
    /// Statements of earlier root keys that stay in force, ascending. All others lapse.
    pub keeps: Vec<Hash>,
    /// When, as claimed: milliseconds since 1970.
    pub at_ms: u64,
}

impl Wire for Succession {
    fn encode(&self, e: &mut Encoder) {
        encoded(e.array(8));
        self.network.encode(e);
        self.issuer.encode(e);
        self.issuer_unit.encode(e);
        self.previous.encode(e);
        encode_list(e, &self.roots);
        encoded(e.u8(self.threshold));
        encode_list(e, &self.keeps);
        encoded(e.u64(self.at_ms));
    }
    fn decode(d: &mut Decoder<'_>) -> Result<Self, DecodeError> {
        array(d, 8)?;
        let succession = Self {
            network: NetworkId::decode(d)?,
            issuer: NodeKey::decode(d)?,
            issuer_unit: UnitId::decode(d)?,
            previous: Hash::decode(d)?,
            roots: list(d, "root keys", ROOT_KEYS_MAX)?,
            threshold: d.u8()?,
            keeps: list_ascending(d, "kept statements", KEEPS_MAX)?,
            at_ms: d.u64()?,
        };
        if !quorum_reachable(&succession.roots, succession.threshold) {
            return Err(DecodeError::Value(GenesisError.to_string()));
        }
        Ok(succession)
    }
}

impl Record for Succession {
    const DOMAIN: &'static str = "gongzhi/succession/1";
    fn signer(&self) -> NodeKey {
        self.issuer
    }
}

fn quorum_reachable(roots: &[NodeKey], threshold: u8) -> bool {
    roots.is_sorted_by(|a, b| a < b) && (1..=roots.len()).contains(&usize::from(threshold))
}
