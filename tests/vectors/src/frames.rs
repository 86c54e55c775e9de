//! Frames of every kind, as values.

use crate::cbor::{Cbor, list};
use crate::keys::{Hash, Key};
use crate::records::{Document, Scope};
use crate::signed::Statement;

#[derive(Clone, Debug)]
pub(crate) struct Cursor(pub(crate) [u8; 16], pub(crate) u64);

impl From<Cursor> for Cbor {
    fn from(Cursor(epoch, seq): Cursor) -> Self {
        list![epoch, seq]
    }
}

#[derive(Clone, Debug)]
pub(crate) struct Digest {
    pub(crate) shared: Hash,
    pub(crate) sum: Hash,
    pub(crate) known: Cursor,
    pub(crate) interests: Hash,
}

impl From<Digest> for Cbor {
    fn from(digest: Digest) -> Self {
        list![digest.shared, digest.sum, digest.known, digest.interests]
    }
}

#[derive(Clone, Debug)]
pub(crate) struct Offer {
    pub(crate) scope: Scope,
    pub(crate) head: u64,
    pub(crate) sum: Hash,
    pub(crate) known: Option<Cursor>,
}

impl From<Offer> for Cbor {
    fn from(offer: Offer) -> Self {
        list![offer.scope, offer.head, offer.sum, offer.known]
    }
}

/// A log that is set aside: where it lies, whose it is, and its last envelope.
#[derive(Clone, Debug)]
pub(crate) struct Log {
    pub(crate) document: Document,
    pub(crate) author: Key,
    pub(crate) incarnation: [u8; 16],
    pub(crate) seq: u64,
    pub(crate) head: Hash,
}

impl From<Log> for Cbor {
    fn from(log: Log) -> Self {
        list![log.document, log.author, log.incarnation, log.seq, log.head]
    }
}

/// A code and a text.
pub(crate) type Reason = (&'static str, String);

fn reason(reason: Option<Reason>) -> Cbor {
    reason.map_or(Cbor::Null, |(code, text)| list![code, text])
}

#[derive(Clone, Debug)]
pub(crate) enum Frame {
    Hello {
        network: Hash,
        levels: [u64; 2],
        salt: [u8; 16],
        clock: u64,
    },
    Membership {
        unit: String,
        lineage: Hash,
        chain: Vec<Statement>,
        more: bool,
        epoch: [u8; 16],
        head: u64,
        digest: Option<Digest>,
    },
    Refusal(Reason),
    Offers {
        offers: Vec<Offer>,
        more: bool,
    },
    Rest {
        sum: Hash,
    },
    Items {
        scope: Scope,
        upto: Option<u64>,
        sum: Option<Hash>,
        items: Vec<Vec<u8>>,
    },
    Ack {
        scope: Scope,
        upto: Option<u64>,
        later: bool,
        refused: u64,
        reason: Option<Reason>,
    },
    Again {
        scope: Scope,
    },
    Reconcile {
        scope: Scope,
        message: Vec<u8>,
    },
    Want {
        scope: Scope,
        ids: Vec<Hash>,
    },
    Interests {
        units: Vec<String>,
        more: bool,
    },
    Aside {
        scope: Scope,
        logs: Vec<Log>,
    },
}

impl Frame {
    pub(crate) fn cbor(&self) -> Cbor {
        let (kind, body): (u64, Cbor) = match self.clone() {
            Self::Hello { network, levels, salt, clock } => {
                (0, list![network, Cbor::each(&levels), salt, clock])
            }
            Self::Membership { unit, lineage, chain, more, epoch, head, digest } => {
                let chain = Cbor::List(chain.into_iter().map(|one| one.cbor).collect());
                (1, list![unit, lineage, chain, more, epoch, head, digest])
            }
            Self::Refusal(why) => (2, reason(Some(why))),
            Self::Offers { offers, more } => (3, list![Cbor::each(&offers), more]),
            Self::Rest { sum } => (4, list![sum]),
            Self::Items { scope, upto, sum, items } => {
                (5, list![scope, upto, sum, Cbor::each(&items)])
            }
            Self::Ack { scope, upto, later, refused, reason: why } => {
                (6, list![scope, upto, later, refused, reason(why)])
            }
            Self::Again { scope } => (7, list![scope]),
            Self::Reconcile { scope, message } => (8, list![scope, message]),
            Self::Want { scope, ids } => (9, list![scope, Cbor::each(&ids)]),
            Self::Interests { units, more } => (10, list![Cbor::each(&units), more]),
            Self::Aside { scope, logs } => (11, list![scope, Cbor::each(&logs)]),
        };
        list![kind, body]
    }

    pub(crate) fn bytes(&self) -> Vec<u8> {
        self.cbor().bytes()
    }
}
