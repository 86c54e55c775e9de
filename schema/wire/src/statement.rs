//! The signed statements a network's authority is made of, as they replicate (section 5).

use crate::act::{Adoption, Dissolution, Ending, Suspension};
use crate::card::{Address, Card};
use crate::codec::{Decoder, Encoder, Malformed, Wire, array, encoded, in_bounds};
use crate::grant::{Delegation, Founding};
use crate::id::{Hash, NetworkId, NodeKey};
use crate::limits::STATEMENT_BYTES_MAX;
use crate::lineage::{Charter, Rotation};
use crate::root::{Endorsement, Succession};
use crate::scope::Scope;
use crate::sign::{SignatureError, Signed, Verified};
use crate::sized::Ms;
use crate::unit::UnitId;
use crate::verify::{Claim, Verifier};

/// In whose name a statement of the kinds 3 to 10 speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Issued<'a> {
    /// The unit.
    pub unit: &'a UnitId,
    /// What the issuer speaks by: a generation's id, or a delegation's.
    pub proof: Hash,
    /// Who signs.
    pub issuer: NodeKey,
}

/// Declares the kinds once: number, variant, and the field that says when it speaks.
macro_rules! statements {
    ($($number:literal $(#[$doc:meta])* $kind:ident,)*) => {
        /// A signed statement as it arrived. The numbers of its kinds are on the wire and never
        /// change.
        #[derive(Debug, Clone, PartialEq, Eq)]
        pub enum Statement {
            $( $(#[$doc])* $kind(Signed<$kind>), )*
        }

        /// What a statement says.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum Body<'a> {
            $( $(#[$doc])* $kind(&'a $kind), )*
        }

        impl Statement {
            /// The number of its kind.
            pub fn kind(&self) -> u8 {
                match self {
                    $( Self::$kind(_) => $number, )*
                }
            }

            /// Its id.
            pub fn id(&self) -> Hash {
                match self {
                    $( Self::$kind(signed) => signed.id(), )*
                }
            }

            /// What it claims. Good for refusing it, never for keeping it.
            pub fn claims(&self) -> Body<'_> {
                match self {
                    $( Self::$kind(signed) => Body::$kind(signed.claims()), )*
                }
            }

            /// What its signature claims.
            pub fn claim(&self) -> Claim<'_> {
                match self {
                    $( Self::$kind(signed) => signed.claim(), )*
                }
            }
        }

        impl Body<'_> {
            /// The network it was made for.
            pub fn network(&self) -> NetworkId {
                match self {
                    $( Self::$kind(record) => record.network, )*
                }
            }
        }

        impl Wire for Statement {
            fn encode(&self, e: &mut Encoder) {
                encoded(e.array(2));
                encoded(e.u8(self.kind()));
                match self {
                    $( Self::$kind(signed) => signed.encode(e), )*
                }
            }
            fn decode(d: &mut Decoder<'_>) -> Result<Self, Malformed> {
                let start = d.position();
                array(d, 2)?;
                let statement = match d.u8()? {
                    $( $number => Self::$kind(Signed::decode(d)?), )*
                    other => return Err(Malformed::Value(format!("{other} is no statement"))),
                };
                in_bounds("bytes of a statement", d.position() - start, 0, STATEMENT_BYTES_MAX)?;
                Ok(statement)
            }
        }

        $(
            impl From<Verified<$kind>> for VerifiedStatement {
                fn from(verified: Verified<$kind>) -> Self {
                    Self(Statement::$kind(verified.into_signed()))
                }
            }
        )*
    };
}

statements! {
    0 /** Begins a lineage. */ Charter,
    1 /** Passes a lineage on. */ Rotation,
    2 /** Passes the root on. */ Succession,
    3 /** Takes a node into a unit. */ Delegation,
    4 /** Recognises a lineage as a unit below. */ Founding,
    5 /** Withdraws or closes a statement. */ Ending,
    6 /** Takes envelopes as the unit's own. */ Adoption,
    7 /** Reports that are not counted. */ Suspension,
    8 /** A unit that exists no more. */ Dissolution,
    9 /** How to write to a unit. */ Card,
    10 /** Where a node is reached. */ Address,
    11 /** A second signature. */ Endorsement,
}

impl Statement {
    /// Checks its signature.
    ///
    /// # Errors
    /// If it does not hold.
    pub fn verify_with(self, verifier: &dyn Verifier) -> Result<VerifiedStatement, SignatureError> {
        let claim = self.claim();
        if !verifier.holds(&claim) {
            return Err(SignatureError(claim.key()));
        }
        Ok(VerifiedStatement(self))
    }

    /// Takes over a statement from this node's own store, where only verified ones are written.
    pub fn trust_own_store(self) -> VerifiedStatement {
        VerifiedStatement(self)
    }
}

impl<'a> Body<'a> {
    /// In whose name it speaks, if it is of the kinds 3 to 10.
    pub fn issued(&self) -> Option<Issued<'a>> {
        macro_rules! by {
            ($record:expr) => {{
                let record = *$record;
                Some(Issued { unit: &record.unit, proof: record.proof, issuer: record.issuer })
            }};
        }
        match self {
            Self::Delegation(record) => by!(record),
            Self::Founding(record) => by!(record),
            Self::Ending(record) => by!(record),
            Self::Adoption(record) => by!(record),
            Self::Suspension(record) => by!(record),
            Self::Dissolution(record) => by!(record),
            Self::Card(record) => by!(record),
            Self::Address(record) => by!(record),
            Self::Charter(_) | Self::Rotation(_) | Self::Succession(_) | Self::Endorsement(_) => {
                None
            }
        }
    }

    /// The unit it speaks for. The root's successions and endorsements name none.
    pub fn unit(&self) -> Option<&'a UnitId> {
        match self {
            Self::Charter(record) => Some(&record.unit),
            Self::Rotation(record) => Some(&record.unit),
            _ => self.issued().map(|issued| issued.unit),
        }
    }

    /// Where it replicates. `city` is the unit of the genesis.
    pub fn scope(&self, city: &UnitId) -> Scope {
        match self {
            Self::Adoption(adoption) => adoption.scope.clone(),
            _ => Scope::statements(self.unit().unwrap_or(city).clone()),
        }
    }

    /// What outlives what it ends: of rotations, successions and endings.
    pub fn keeps(&self) -> &'a [Hash] {
        match self {
            Self::Rotation(record) => &record.keeps,
            Self::Succession(record) => &record.keeps,
            Self::Ending(record) => &record.keeps,
            _ => &[],
        }
    }

    /// When it speaks. A grant is asked for a time instead, and an endorsement has none.
    pub fn at(&self) -> Option<Ms> {
        match self {
            Self::Charter(record) => Some(record.at),
            Self::Rotation(record) => Some(record.at),
            Self::Succession(record) => Some(record.at),
            Self::Ending(record) => Some(record.at),
            Self::Adoption(record) => Some(record.at),
            Self::Suspension(record) => Some(record.at),
            Self::Dissolution(record) => Some(record.at),
            Self::Card(record) => Some(record.at),
            Self::Address(record) => Some(record.at),
            Self::Delegation(_) | Self::Founding(_) | Self::Endorsement(_) => None,
        }
    }
}

/// A statement whose signature was checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerifiedStatement(Statement);

impl VerifiedStatement {
    /// Its id.
    pub fn id(&self) -> Hash {
        self.0.id()
    }

    /// What it says.
    pub fn body(&self) -> Body<'_> {
        self.0.claims()
    }

    /// The statement as it travels.
    pub fn as_statement(&self) -> &Statement {
        &self.0
    }

    /// The statement as it travels.
    pub fn into_statement(self) -> Statement {
        self.0
    }
}
