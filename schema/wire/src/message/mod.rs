//! What two nodes say to each other in a session. One frame is one message.
//!
//! A frame that decodes is within every limit that concerns it alone. What needs the session is
//! asked there: whether the scope is shared, the frame expected, the quota not used up.

mod moving;
mod opening;

use crate::codec::{
    DecodeError, Decoder, Encoder, Wire, array, bytes_max, encode_list, encoded, list,
};
use crate::id::{Hash, Scope};
use crate::limits::{ASIDE_LOGS_MAX, RECONCILE_BYTES_MAX, WANT_IDS_MAX};

pub use moving::{Ack, AsideLog, Items, Offer, Offers, Reason};
pub use opening::{Cursor, Digest, Epoch, Hello, Interests, Levels, Membership};

/// A message. The numbers of its kinds are on the wire and never change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Frame {
    /// 0: which network I am of, and what I speak.
    Hello(Hello),
    /// 1: who I am, by which statements, and where I stand.
    Membership(Box<Membership>),
    /// 2: I end this session, and why.
    Refusal(Reason),
    /// 3: where I stand in these scopes.
    Offers(Offers),
    /// 4: the sum over all shared scopes that neither of us named.
    Rest(Hash),
    /// 5: part of a scope's feed, or items wanted by id.
    Items(Items),
    /// 6: what you sent is durable here, or comes too early.
    Ack(Ack),
    /// 7: go on with this scope, which I put off.
    Again(Scope),
    /// 8: one message of the reconciliation of a scope.
    Reconcile {
        /// The scope.
        scope: Scope,
        /// The message, as the session's reconciliation reads it.
        message: Vec<u8>,
    },
    /// 9: send me these.
    Want {
        /// The scope.
        scope: Scope,
        /// Their ids; in a reconciliation the salted ones.
        ids: Vec<Hash>,
    },
    /// 10: the units that I care for beside those that are above or below mine.
    Interests(Interests),
    /// 11: logs of my unit that are set aside, for its people.
    Aside {
        /// The scope.
        scope: Scope,
        /// The logs, each by its last envelope.
        logs: Vec<AsideLog>,
    },
}

impl Frame {
    fn kind(&self) -> u8 {
        match self {
            Self::Hello(_) => 0,
            Self::Membership(_) => 1,
            Self::Refusal(_) => 2,
            Self::Offers(_) => 3,
            Self::Rest(_) => 4,
            Self::Items(_) => 5,
            Self::Ack(_) => 6,
            Self::Again(_) => 7,
            Self::Reconcile { .. } => 8,
            Self::Want { .. } => 9,
            Self::Interests(_) => 10,
            Self::Aside { .. } => 11,
        }
    }

    /// The scope that it is about, if it is about one alone.
    pub fn scope(&self) -> Option<&Scope> {
        match self {
            Self::Items(Items { scope, .. })
            | Self::Ack(Ack { scope, .. })
            | Self::Again(scope)
            | Self::Reconcile { scope, .. }
            | Self::Want { scope, .. }
            | Self::Aside { scope, .. } => Some(scope),
            Self::Hello(_)
            | Self::Membership(_)
            | Self::Refusal(_)
            | Self::Offers(_)
            | Self::Rest(_)
            | Self::Interests(_) => None,
        }
    }
}

impl Wire for Frame {
    fn encode(&self, e: &mut Encoder) {
        encoded(e.array(2));
        encoded(e.u8(self.kind()));
        match self {
            Self::Hello(hello) => hello.encode(e),
            Self::Membership(membership) => membership.encode(e),
            Self::Refusal(reason) => reason.encode(e),
            Self::Offers(offers) => offers.encode(e),
            Self::Rest(sum) => {
                encoded(e.array(1));
                sum.encode(e);
            }
            Self::Items(items) => items.encode(e),
            Self::Ack(ack) => ack.encode(e),
            Self::Again(scope) => {
                encoded(e.array(1));
                scope.encode(e);
            }
            Self::Reconcile { scope, message } => {
                encoded(e.array(2));
                scope.encode(e);
                encoded(e.bytes(message));
            }
            Self::Want { scope, ids } => {
                encoded(e.array(2));
                scope.encode(e);
                encode_list(e, ids);
            }
            Self::Interests(interests) => interests.encode(e),
            Self::Aside { scope, logs } => {
                encoded(e.array(2));
                scope.encode(e);
                encode_list(e, logs);
            }
        }
    }

    fn decode(d: &mut Decoder<'_>) -> Result<Self, DecodeError> {
        array(d, 2)?;
        match d.u8()? {
            0 => Hello::decode(d).map(Self::Hello),
            1 => Ok(Self::Membership(Box::new(Membership::decode(d)?))),
            2 => Reason::decode(d).map(Self::Refusal),
            3 => Offers::decode(d).map(Self::Offers),
            4 => {
                array(d, 1)?;
                Hash::decode(d).map(Self::Rest)
            }
            5 => Items::decode(d).map(Self::Items),
            6 => Ack::decode(d).map(Self::Ack),
            7 => {
                array(d, 1)?;
                Scope::decode(d).map(Self::Again)
            }
            8 => decode_reconcile(d),
            9 => {
                array(d, 2)?;
                let scope = Scope::decode(d)?;
                Ok(Self::Want { scope, ids: list(d, "wanted ids", WANT_IDS_MAX)? })
            }
            10 => Interests::decode(d).map(Self::Interests),
            11 => {
                array(d, 2)?;
                let scope = Scope::decode(d)?;
                Ok(Self::Aside { scope, logs: list(d, "logs", ASIDE_LOGS_MAX)? })
            }
            other => Err(DecodeError::Value(format!("message kind {other} is unknown"))),
        }
    }
}

fn decode_reconcile(d: &mut Decoder<'_>) -> Result<Frame, DecodeError> {
    array(d, 2)?;
    let scope = Scope::decode(d)?;
    let message = bytes_max(d, "reconcile message", RECONCILE_BYTES_MAX)?;
    if message.is_empty() {
        return Err(DecodeError::Value("a reconcile message without bytes".into()));
    }
    Ok(Frame::Reconcile { scope, message })
}
