//! The signed withdrawal of a delegation, and what stays of what was done under it.

use crate::codec::{
    DecodeError, Decoder, Encoder, Wire, array, encode_list, encoded, list, list_ascending,
};
use crate::id::{Author, DocumentId, Hash, NetworkId, NodeKey, UnitId};
use crate::limits::{KEEPS_MAX, WATERMARKS_MAX};
use crate::sign::Record;

/// The last envelope of one log that stays admitted after a revocation.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Watermark {
    /// The document of the log.
    pub document: DocumentId,
    /// The author of the log.
    pub author: Author,
    /// The last seq that stays.
    pub seq: u64,
}

impl Wire for Watermark {
    fn encode(&self, e: &mut Encoder) {
        encoded(e.array(4));
        self.document.encode(e);
        self.author.key.encode(e);
        encoded(e.u32(self.author.incarnation));
        encoded(e.u64(self.seq));
    }
    fn decode(d: &mut Decoder<'_>) -> Result<Self, DecodeError> {
        array(d, 4)?;
        let document = DocumentId::decode(d)?;
        let author = Author { key: NodeKey::decode(d)?, incarnation: d.u32()? };
        Ok(Self { document, author, seq: d.u64()? })
    }
}

/// A signed withdrawal of one delegation or suspension, for ever.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Revocation {
    /// The network it holds in.
    pub network: NetworkId,
    /// Who withdraws: its issuer, or one above.
    pub issuer: NodeKey,
    /// The unit the issuer speaks for.
    pub issuer_unit: UnitId,
    /// The delegation the issuer acts under; none if the issuer is a root key.
    pub proof: Option<Hash>,
    /// The delegation or suspension withdrawn.
    pub revokes: Hash,
    /// What written under it stays, ascending, one for each log; logs not named lose everything.
    pub watermarks: Vec<Watermark>,
    /// Statements made under it that stay, ascending: what a stolen key signed is not among them.
    pub keeps: Vec<Hash>,
    /// When, as claimed: milliseconds since 1970.
    pub at_ms: u64,
}

impl Wire for Revocation {
    fn encode(&self, e: &mut Encoder) {
        encoded(e.array(8));
        self.network.encode(e);
        self.issuer.encode(e);
        self.issuer_unit.encode(e);
        self.proof.encode(e);
        self.revokes.encode(e);
        encode_list(e, &self.watermarks);
        encode_list(e, &self.keeps);
        encoded(e.u64(self.at_ms));
    }
    fn decode(d: &mut Decoder<'_>) -> Result<Self, DecodeError> {
        array(d, 8)?;
        let revocation = Self {
            network: NetworkId::decode(d)?,
            issuer: NodeKey::decode(d)?,
            issuer_unit: UnitId::decode(d)?,
            proof: Option::decode(d)?,
            revokes: Hash::decode(d)?,
            watermarks: list(d, "watermarks", WATERMARKS_MAX)?,
            keeps: list_ascending(d, "kept statements", KEEPS_MAX)?,
            at_ms: d.u64()?,
        };
        let log = |mark: &Watermark| (mark.document.clone(), mark.author);
        let ascending = revocation.watermarks.is_sorted_by(|a, b| log(a) < log(b));
        if !ascending {
            return Err(DecodeError::NotDeterministic);
        }
        Ok(revocation)
    }
}

impl Record for Revocation {
    const DOMAIN: &'static str = "gongzhi/revocation/1";
    fn signer(&self) -> NodeKey {
        self.issuer
    }
}
