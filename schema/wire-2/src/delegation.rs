//! 授权书: the signed grant from issuer to subject, and the sets it is made of.

use crate::codec::{DecodeError, Decoder, Encoder, Wire, array, encoded};
use crate::id::{Class, Hash, NetworkId, NodeKey, UnitId};
use crate::sign::Record;

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
