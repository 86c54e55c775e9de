//! What else a unit may say of authority: sign with another, suspend reporting, adopt envelopes.

use crate::codec::{
    DecodeError, Decoder, Encoder, Wire, array, encode_list, encoded, list_ascending, text_max,
};
use crate::id::{Hash, NetworkId, NodeKey, UnitId};
use crate::limits::{ADOPTED_MAX, TEXT_BYTES_MAX};
use crate::sign::Record;

/// 会签: a second signature under a statement that needs more than one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Endorsement {
    /// The network it holds in.
    pub network: NetworkId,
    /// Who says it.
    pub issuer: NodeKey,
    /// The unit the issuer speaks for.
    pub issuer_unit: UnitId,
    /// The delegation the issuer acts under; none if the issuer is a root key.
    pub proof: Option<Hash>,
    /// The statement signed too.
    pub endorses: Hash,
    /// When, as claimed: milliseconds since 1970.
    pub at_ms: u64,
}

impl Wire for Endorsement {
    fn encode(&self, e: &mut Encoder) {
        encoded(e.array(6));
        self.network.encode(e);
        self.issuer.encode(e);
        self.issuer_unit.encode(e);
        self.proof.encode(e);
        self.endorses.encode(e);
        encoded(e.u64(self.at_ms));
    }
    fn decode(d: &mut Decoder<'_>) -> Result<Self, DecodeError> {
        array(d, 6)?;
        Ok(Self {
            network: NetworkId::decode(d)?,
            issuer: NodeKey::decode(d)?,
            issuer_unit: UnitId::decode(d)?,
            proof: Option::decode(d)?,
            endorses: Hash::decode(d)?,
            at_ms: d.u64()?,
        })
    }
}

impl Record for Endorsement {
    const DOMAIN: &'static str = "gongzhi/endorsement/1";
    fn signer(&self) -> NodeKey {
        self.issuer
    }
}

/// 暂停: the reports of a unit below are not counted until this is revoked. The unit goes on
/// writing: nothing of its own is touched.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Suspension {
    /// The network it holds in.
    pub network: NetworkId,
    /// Who says it.
    pub issuer: NodeKey,
    /// The unit the issuer speaks for.
    pub issuer_unit: UnitId,
    /// The delegation the issuer acts under; none if the issuer is a root key.
    pub proof: Option<Hash>,
    /// The unit whose reports are not counted.
    pub unit: UnitId,
    /// Why, for people.
    pub reason: String,
    /// When, as claimed: milliseconds since 1970.
    pub at_ms: u64,
}

impl Wire for Suspension {
    fn encode(&self, e: &mut Encoder) {
        encoded(e.array(7));
        self.network.encode(e);
        self.issuer.encode(e);
        self.issuer_unit.encode(e);
        self.proof.encode(e);
        self.unit.encode(e);
        encoded(e.str(&self.reason));
        encoded(e.u64(self.at_ms));
    }
    fn decode(d: &mut Decoder<'_>) -> Result<Self, DecodeError> {
        array(d, 7)?;
        Ok(Self {
            network: NetworkId::decode(d)?,
            issuer: NodeKey::decode(d)?,
            issuer_unit: UnitId::decode(d)?,
            proof: Option::decode(d)?,
            unit: UnitId::decode(d)?,
            reason: text_max(d, "reason", TEXT_BYTES_MAX)?,
            at_ms: d.u64()?,
        })
    }
}

impl Record for Suspension {
    const DOMAIN: &'static str = "gongzhi/suspension/1";
    fn signer(&self) -> NodeKey {
        self.issuer
    }
}

/// 认领: a unit takes envelopes of its documents as its own, though they were revoked or their log
/// forked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Adoption {
    /// The network it holds in.
    pub network: NetworkId,
    /// Who says it.
    pub issuer: NodeKey,
    /// The unit the issuer speaks for.
    pub issuer_unit: UnitId,
    /// The delegation the issuer acts under; none if the issuer is a root key.
    pub proof: Option<Hash>,
    /// The envelopes, ascending.
    pub envelopes: Vec<Hash>,
    /// When, as claimed: milliseconds since 1970.
    pub at_ms: u64,
}

impl Wire for Adoption {
    fn encode(&self, e: &mut Encoder) {
        encoded(e.array(6));
        self.network.encode(e);
        self.issuer.encode(e);
        self.issuer_unit.encode(e);
        self.proof.encode(e);
        encode_list(e, &self.envelopes);
        encoded(e.u64(self.at_ms));
    }
    fn decode(d: &mut Decoder<'_>) -> Result<Self, DecodeError> {
        array(d, 6)?;
        Ok(Self {
            network: NetworkId::decode(d)?,
            issuer: NodeKey::decode(d)?,
            issuer_unit: UnitId::decode(d)?,
            proof: Option::decode(d)?,
            envelopes: list_ascending(d, "adopted envelopes", ADOPTED_MAX)?,
            at_ms: d.u64()?,
        })
    }
}

impl Record for Adoption {
    const DOMAIN: &'static str = "gongzhi/adoption/1";
    fn signer(&self) -> NodeKey {
        self.issuer
    }
}
