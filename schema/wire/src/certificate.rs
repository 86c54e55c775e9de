//! The records authority is made of: genesis, delegation, revocation.

use crate::codec::{
    DecodeError, Decoder, Encoder, Wire, array, encode_list, encoded, list, text_max,
};
use crate::id::{Author, Class, DocumentId, Hash, NetworkId, NodeKey, Scope, UnitId};
use crate::limits::{ROOT_KEYS_MAX, TEXT_BYTES_MAX, WATERMARKS_MAX};
use crate::sign::{Record, Signed};

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
        let ascending = self.roots.is_sorted_by(|a, b| a < b);
        let reachable = (1..=self.roots.len()).contains(&usize::from(self.threshold));
        if ascending && reachable { Ok(self) } else { Err(GenesisError) }
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

/// What a delegation lets its subject do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct VerbSet(pub u8);

impl VerbSet {
    /// Speak as the unit: delegate within it, and found units below it.
    pub const GOVERN: Self = Self(1);
    /// Write the unit's documents.
    pub const WRITE: Self = Self(2);
    /// Hold and read what the unit may read.
    pub const READ: Self = Self(4);
    const KNOWN: u8 = 7;

    /// Both sets together.
    pub const fn with(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
    /// Is everything in `other` in here?
    pub fn covers(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }
    /// What both hold.
    pub fn meet(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }
}

/// A set of document classes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ClassSet(pub u32);

impl ClassSet {
    /// Every class, those of later versions too.
    pub const ALL: Self = Self(u32::MAX);

    /// The set of some classes.
    pub fn of(classes: &[Class]) -> Self {
        Self(classes.iter().fold(0, |bits, class| bits | 1 << *class as u32))
    }
    /// Is the class in here?
    pub fn contains(self, class: Class) -> bool {
        self.0 & (1 << class as u32) != 0
    }
    /// Is everything in `other` in here?
    pub fn covers(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }
    /// What both hold.
    pub fn meet(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }
}

/// 授权书: a signed grant from issuer to subject.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delegation {
    /// The network it holds in.
    pub network: NetworkId,
    /// Who grants.
    pub issuer: NodeKey,
    /// The unit the issuer speaks for: it replicates in that unit's public scope.
    pub issuer_unit: UnitId,
    /// The delegation the issuer acts under; none if the issuer is a root key.
    pub proof: Option<Hash>,
    /// Who is granted.
    pub subject: NodeKey,
    /// The unit the subject acts for.
    pub unit: UnitId,
    /// What it may do there.
    pub verbs: VerbSet,
    /// With which classes of the unit's documents.
    pub classes: ClassSet,
    /// From when: milliseconds since 1970.
    pub not_before_ms: u64,
    /// Until when: milliseconds since 1970.
    pub not_after_ms: u64,
    /// How long it stays usable after that, for a subject cut off from renewal.
    pub grace_ms: u64,
    /// Tells two otherwise equal grants apart: a revoked one can be issued anew.
    pub serial: u64,
}

impl Wire for Delegation {
    fn encode(&self, e: &mut Encoder) {
        encoded(e.array(12));
        self.network.encode(e);
        self.issuer.encode(e);
        self.issuer_unit.encode(e);
        self.proof.encode(e);
        self.subject.encode(e);
        self.unit.encode(e);
        encoded(e.u8(self.verbs.0));
        encoded(e.u32(self.classes.0));
        encoded(e.u64(self.not_before_ms));
        encoded(e.u64(self.not_after_ms));
        encoded(e.u64(self.grace_ms));
        encoded(e.u64(self.serial));
    }
    fn decode(d: &mut Decoder<'_>) -> Result<Self, DecodeError> {
        array(d, 12)?;
        let delegation = Self {
            network: NetworkId::decode(d)?,
            issuer: NodeKey::decode(d)?,
            issuer_unit: UnitId::decode(d)?,
            proof: Option::decode(d)?,
            subject: NodeKey::decode(d)?,
            unit: UnitId::decode(d)?,
            verbs: VerbSet(d.u8()?),
            classes: ClassSet(d.u32()?),
            not_before_ms: d.u64()?,
            not_after_ms: d.u64()?,
            grace_ms: d.u64()?,
            serial: d.u64()?,
        };
        if delegation.verbs.0 & !VerbSet::KNOWN != 0 {
            return Err(DecodeError::Value("a delegation names an unknown verb".into()));
        }
        Ok(delegation)
    }
}

impl Record for Delegation {
    const DOMAIN: &'static str = "gongzhi/delegation/1";
    fn signer(&self) -> NodeKey {
        self.issuer
    }
}

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

/// A signed withdrawal of one delegation, for ever.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Revocation {
    /// The network it holds in.
    pub network: NetworkId,
    /// Who withdraws: the delegation's issuer or one above.
    pub issuer: NodeKey,
    /// The unit the issuer speaks for.
    pub issuer_unit: UnitId,
    /// The delegation the issuer acts under; none if the issuer is a root key.
    pub proof: Option<Hash>,
    /// The delegation withdrawn.
    pub revokes: Hash,
    /// What written under it stays, ascending, one for each log; logs not named lose everything.
    pub watermarks: Vec<Watermark>,
    /// When, as claimed: milliseconds since 1970.
    pub at_ms: u64,
}

impl Wire for Revocation {
    fn encode(&self, e: &mut Encoder) {
        encoded(e.array(7));
        self.network.encode(e);
        self.issuer.encode(e);
        self.issuer_unit.encode(e);
        self.proof.encode(e);
        self.revokes.encode(e);
        encode_list(e, &self.watermarks);
        encoded(e.u64(self.at_ms));
    }
    fn decode(d: &mut Decoder<'_>) -> Result<Self, DecodeError> {
        array(d, 7)?;
        let revocation = Self {
            network: NetworkId::decode(d)?,
            issuer: NodeKey::decode(d)?,
            issuer_unit: UnitId::decode(d)?,
            proof: Option::decode(d)?,
            revokes: Hash::decode(d)?,
            watermarks: list(d, "watermarks", WATERMARKS_MAX)?,
            at_ms: d.u64()?,
        };
        let log = |mark: &Watermark| (mark.document.clone(), mark.author);
        if !revocation.watermarks.is_sorted_by(|a, b| log(a) < log(b)) {
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

/// A signed record of authority, as it replicates.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Statement {
    /// A grant.
    Delegation(Signed<Delegation>),
    /// A withdrawal.
    Revocation(Signed<Revocation>),
}

impl Statement {
    /// Its id.
    pub fn id(&self) -> Hash {
        match self {
            Self::Delegation(signed) => signed.id(),
            Self::Revocation(signed) => signed.id(),
        }
    }

    /// Where it replicates: the public scope of its issuer's unit.
    pub fn scope(&self) -> Scope {
        let unit = match self {
            Self::Delegation(signed) => signed.claims().issuer_unit.clone(),
            Self::Revocation(signed) => signed.claims().issuer_unit.clone(),
        };
        Scope { unit, audience: crate::Audience::Public }
    }
}

impl Wire for Statement {
    fn encode(&self, e: &mut Encoder) {
        encoded(e.array(2));
        match self {
            Self::Delegation(signed) => {
                encoded(e.u8(0));
                signed.encode(e);
            }
            Self::Revocation(signed) => {
                encoded(e.u8(1));
                signed.encode(e);
            }
        }
    }
    fn decode(d: &mut Decoder<'_>) -> Result<Self, DecodeError> {
        array(d, 2)?;
        match d.u8()? {
            0 => Ok(Self::Delegation(Signed::decode(d)?)),
            1 => Ok(Self::Revocation(Signed::decode(d)?)),
            other => Err(DecodeError::Value(format!("statement kind {other} is unknown"))),
        }
    }
}
