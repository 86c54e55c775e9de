//! What two nodes say to each other in a session. One frame is one message (section 9.3).
//!
//! A frame that decodes is within every limit that concerns it alone. What needs the session is
//! asked there: whether the scope is shared, the frame expected, the quota not used up.

mod moving;
mod opening;

use crate::codec::{Decoder, Encoder, Malformed, Wire, array, encoded};
use crate::scope::Scope;

pub use moving::{
    Ack, Again, Aside, AsideLog, Items, Offer, Offers, Reason, Reconcile, Refusal, Rest, Want,
};
pub use opening::{Cursor, Digest, Epoch, Hello, Interests, Levels, Membership};

/// Declares the kinds of frame. Their numbers are on the wire and never change.
macro_rules! frames {
    ($( $(#[$doc:meta])* $number:literal $kind:ident, )*) => {
        /// A message.
        #[derive(Debug, Clone, PartialEq, Eq)]
        pub enum Frame {
            $( $(#[$doc])* $kind($kind), )*
        }

        impl Wire for Frame {
            fn encode(&self, e: &mut Encoder) {
                encoded(e.array(2));
                match self {
                    $( Self::$kind(body) => {
                        encoded(e.u8($number));
                        body.encode(e);
                    } )*
                }
            }
            fn decode(d: &mut Decoder<'_>) -> Result<Self, Malformed> {
                array(d, 2)?;
                match d.u8()? {
                    $( $number => $kind::decode(d).map(Self::$kind), )*
                    other => Err(Malformed::Value(format!("frame kind {other} is unknown"))),
                }
            }
        }

        $( impl From<$kind> for Frame {
            fn from(body: $kind) -> Self {
                Self::$kind(body)
            }
        } )*
    };
}

frames! {
    /// Which network I am of, and what I speak.
    0 Hello,
    /// Who I am, by which statements, and where I stand.
    1 Membership,
    /// I end this session, and why.
    2 Refusal,
    /// Where I stand in these scopes.
    3 Offers,
    /// The sum over all shared scopes that neither of us named.
    4 Rest,
    /// Part of a scope's feed, or items that were wanted.
    5 Items,
    /// What you sent is durable here, or comes too early.
    6 Ack,
    /// Go on with this scope, which I put off.
    7 Again,
    /// A message of the reconciliation of a scope.
    8 Reconcile,
    /// Send me these.
    9 Want,
    /// Units that I care for beside those above and below mine.
    10 Interests,
    /// Logs of my unit that are set aside, for its people.
    11 Aside,
}

impl Frame {
    /// The scope that it is about, if it is about one alone.
    pub fn scope(&self) -> Option<&Scope> {
        match self {
            Self::Items(Items { scope, .. })
            | Self::Ack(Ack { scope, .. })
            | Self::Again(Again { scope })
            | Self::Reconcile(Reconcile { scope, .. })
            | Self::Want(Want { scope, .. })
            | Self::Aside(Aside { scope, .. }) => Some(scope),
            Self::Hello(_)
            | Self::Membership(_)
            | Self::Refusal(_)
            | Self::Offers(_)
            | Self::Rest(_)
            | Self::Interests(_) => None,
        }
    }
}
