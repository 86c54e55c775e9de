//! The signed statements a network's authority is made of, as they replicate.

use crate::codec::{DecodeError, Decoder, Encoder, Wire, array, encoded};
use crate::counsel::{Adoption, Endorsement, Suspension};
use crate::delegation::Delegation;
use crate::genesis::Succession;
use crate::id::{Audience, Hash, NetworkId, NodeKey, Scope, UnitId};
use crate::revocation::Revocation;
use crate::sign::{SignatureError, Signed, Verified};
use crate::verify::{Claim, Verifier};

/// A signed record of authority. The numbers of its kinds are on the wire and never change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Statement {
    /// 0: a grant.
    Delegation(Signed<Delegation>),
    /// 1: a withdrawal.
    Revocation(Signed<Revocation>),
    /// 2: a second signature.
    Endorsement(Signed<Endorsement>),
    /// 3: reports that are not counted.
    Suspension(Signed<Suspension>),
    /// 4: envelopes taken as the unit's own.
    Adoption(Signed<Adoption>),
    /// 5: new root keys.
    Succession(Signed<Succession>),
}

/// A statement whose signature was checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum VerifiedStatement {
    /// A grant.
    Delegation(Verified<Delegation>),
    /// A withdrawal.
    Revocation(Verified<Revocation>),
    /// A second signature.
    Endorsement(Verified<Endorsement>),
    /// Reports that are not counted.
    Suspension(Verified<Suspension>),
    /// Envelopes taken as the unit's own.
    Adoption(Verified<Adoption>),
    /// New root keys.
    Succession(Verified<Succession>),
}

/// In whose name a statement speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Issuer<'a> {
    /// Who signs.
    pub key: NodeKey,
    /// The unit it speaks for.
    pub unit: &'a UnitId,
    /// The delegation it acts under; none for a root key.
    pub proof: Option<Hash>,
}

impl Issuer<'_> {
    /// Where what it states replicates: the public scope of its unit.
    fn scope(&self) -> Scope {
        Scope { unit: self.unit.clone(), audience: Audience::Public }
    }
}

/// Says of a record with the four fields every statement begins with in whose name it speaks.
macro_rules! issued {
    ($($record:ident),*) => {$(
        impl $record {
            /// In whose name it speaks.
            pub fn issued_by(&self) -> Issuer<'_> {
                Issuer { key: self.issuer, unit: &self.issuer_unit, proof: self.proof }
            }
        }
    )*};
}
issued!(Delegation, Revocation, Endorsement, Suspension, Adoption);

impl Succession {
    /// In whose name it speaks: a root key's.
    pub fn issued_by(&self) -> Issuer<'_> {
        Issuer { key: self.issuer, unit: &self.issuer_unit, proof: None }
    }
}

/// Runs the same expression on whatever record a statement holds.
macro_rules! each {
    ($type:ident, $of:expr, $signed:ident => $do:expr) => {
        match $of {
            $type::Delegation($signed) => $do,
            $type::Revocation($signed) => $do,
            $type::Endorsement($signed) => $do,
            $type::Suspension($signed) => $do,
            $type::Adoption($signed) => $do,
            $type::Succession($signed) => $do,
        }
    };
}

impl Statement {
    /// Its id.
    pub fn id(&self) -> Hash {
        each!(Self, self, signed => signed.id())
    }

    /// The network it was made for.
    pub fn network(&self) -> NetworkId {
        each!(Self, self, signed => signed.claims().network)
    }

    /// In whose name it claims to speak.
    pub fn issuer(&self) -> Issuer<'_> {
        each!(Self, self, signed => signed.claims().issued_by())
    }

    /// Where it replicates: the public scope of its issuer's unit.
    pub fn scope(&self) -> Scope {
        self.issuer().scope()
    }

    /// What its signature claims.
    pub fn claim(&self) -> Claim<'_> {
        each!(Self, self, signed => signed.claim())
    }

    /// Checks its signature.
    pub fn verify_with(self, verifier: &dyn Verifier) -> Result<VerifiedStatement, SignatureError> {
        Ok(match self {
            Self::Delegation(s) => VerifiedStatement::Delegation(s.verify_with(verifier)?),
            Self::Revocation(s) => VerifiedStatement::Revocation(s.verify_with(verifier)?),
            Self::Endorsement(s) => VerifiedStatement::Endorsement(s.verify_with(verifier)?),
            Self::Suspension(s) => VerifiedStatement::Suspension(s.verify_with(verifier)?),
            Self::Adoption(s) => VerifiedStatement::Adoption(s.verify_with(verifier)?),
            Self::Succession(s) => VerifiedStatement::Succession(s.verify_with(verifier)?),
        })
    }

    /// Takes over a statement from this node's own store, where only verified ones are written.
    pub fn trust_own_store(self) -> VerifiedStatement {
        match self {
            Self::Delegation(signed) => VerifiedStatement::Delegation(signed.trust_own_store()),
            Self::Revocation(signed) => VerifiedStatement::Revocation(signed.trust_own_store()),
            Self::Endorsement(signed) => VerifiedStatement::Endorsement(signed.trust_own_store()),
            Self::Suspension(signed) => VerifiedStatement::Suspension(signed.trust_own_store()),
            Self::Adoption(signed) => VerifiedStatement::Adoption(signed.trust_own_store()),
            Self::Succession(signed) => VerifiedStatement::Succession(signed.trust_own_store()),
        }
    }
}

impl VerifiedStatement {
    /// The statement as it travels.
    pub fn to_statement(&self) -> Statement {
        match self {
            Self::Delegation(verified) => Statement::Delegation(verified.as_signed().clone()),
            Self::Revocation(verified) => Statement::Revocation(verified.as_signed().clone()),
            Self::Endorsement(verified) => Statement::Endorsement(verified.as_signed().clone()),
            Self::Suspension(verified) => Statement::Suspension(verified.as_signed().clone()),
            Self::Adoption(verified) => Statement::Adoption(verified.as_signed().clone()),
            Self::Succession(verified) => Statement::Succession(verified.as_signed().clone()),
        }
    }

    /// Its id.
    pub fn id(&self) -> Hash {
        each!(Self, self, verified => verified.id())
    }

    /// Where it replicates: the public scope of its issuer's unit.
    pub fn scope(&self) -> Scope {
        self.issuer().scope()
    }

    /// In whose name it speaks.
    pub fn issuer(&self) -> Issuer<'_> {
        each!(Self, self, verified => verified.value().issued_by())
    }
}

impl Wire for Statement {
    fn encode(&self, e: &mut Encoder) {
        encoded(e.array(2));
        let kind = match self {
            Self::Delegation(_) => 0,
            Self::Revocation(_) => 1,
            Self::Endorsement(_) => 2,
            Self::Suspension(_) => 3,
            Self::Adoption(_) => 4,
            Self::Succession(_) => 5,
        };
        encoded(e.u8(kind));
        each!(Self, self, signed => signed.encode(e));
    }
    fn decode(d: &mut Decoder<'_>) -> Result<Self, DecodeError> {
        array(d, 2)?;
        Ok(match d.u8()? {
            0 => Self::Delegation(Signed::decode(d)?),
            1 => Self::Revocation(Signed::decode(d)?),
            2 => Self::Endorsement(Signed::decode(d)?),
            3 => Self::Suspension(Signed::decode(d)?),
            4 => Self::Adoption(Signed::decode(d)?),
            5 => Self::Succession(Signed::decode(d)?),
            other => return Err(DecodeError::Value(format!("statement kind {other} is unknown"))),
        })
    }
}
