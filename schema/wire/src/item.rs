//! What replicates: envelopes and statements.

use crate::codec::{Decoder, Encoder, Malformed, Wire, array, encoded};
use crate::envelope::Envelope;
use crate::id::Hash;
use crate::scope::Scope;
use crate::statement::Statement;
use crate::unit::UnitId;
use crate::verify::Claim;

/// One thing that replicates, as it arrived.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Item {
    /// 0: part of a document.
    Envelope(Box<Envelope>),
    /// 1: part of the network's authority.
    Statement(Box<Statement>),
}

impl Item {
    /// Its id.
    pub fn id(&self) -> Hash {
        match self {
            Self::Envelope(envelope) => envelope.header().id(),
            Self::Statement(statement) => statement.id(),
        }
    }

    /// What its signature claims.
    pub fn claim(&self) -> Claim<'_> {
        match self {
            Self::Envelope(envelope) => envelope.header().claim(),
            Self::Statement(statement) => statement.claim(),
        }
    }

    /// Where it belongs. `city` is the unit of the genesis.
    pub fn scope(&self, city: &UnitId) -> Scope {
        match self {
            Self::Envelope(envelope) => envelope.header().claims().document.scope(),
            Self::Statement(statement) => statement.claims().scope(city),
        }
    }
}

impl Wire for Item {
    fn encode(&self, e: &mut Encoder) {
        encoded(e.array(2));
        match self {
            Self::Envelope(envelope) => {
                encoded(e.u8(0));
                envelope.encode(e);
            }
            Self::Statement(statement) => {
                encoded(e.u8(1));
                statement.encode(e);
            }
        }
    }
    fn decode(d: &mut Decoder<'_>) -> Result<Self, Malformed> {
        array(d, 2)?;
        match d.u8()? {
            0 => Ok(Self::Envelope(Box::new(Envelope::decode(d)?))),
            1 => Ok(Self::Statement(Box::new(Statement::decode(d)?))),
            other => Err(Malformed::Value(format!("{other} is no kind of item"))),
        }
    }
}
