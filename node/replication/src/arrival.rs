//! What came from a peer: read once, and checked as far as that needs neither store nor time, on
//! any thread; nothing is decided here.

use std::collections::VecDeque;

use schema_wire::{
    Ack, Claim, DecodeError, Envelope, Frame, Hash, Header, Hello, Item, Items, KeyGrant, Payload,
    Reason, Scope, Signed, Statement, Verifier, Wire,
};

use crate::admission::Rejection;
use crate::change::Outline;

/// A frame as it came from a peer.
#[derive(Debug)]
pub struct Arrived {
    pub(crate) size: usize,
    pub(crate) said: Result<Said, DecodeError>,
}

/// What a frame says. As [`Frame`], but its items are read.
#[derive(Debug)]
pub(crate) enum Said {
    Hello(Box<Hello>),
    Refuse(Reason),
    Items(Delivery),
    Ack(Ack),
    Reconcile { scope: Scope, message: Vec<u8> },
    Want { scope: Scope, ids: Vec<Hash> },
}

/// Part of a scope's feed, until it is taken in.
#[derive(Debug)]
pub(crate) struct Delivery {
    pub(crate) scope: Scope,
    /// The sender's feed position behind it; none for items sent because wanted.
    pub(crate) upto: Option<u64>,
    /// What is not taken in yet, in causal order.
    pub(crate) offers: VecDeque<Offer>,
    /// The statement that the first of them rests on and that is not here, once that is known.
    pub(crate) awaits: Option<Hash>,
    /// How many items were refused so far, and why the first was.
    pub(crate) refused: u64,
    pub(crate) reason: Option<Reason>,
}

/// An item on its way to the door.
#[derive(Debug)]
pub(crate) struct Offer {
    pub(crate) bytes: Vec<u8>,
    pub(crate) item: Result<Found, DecodeError>,
}

/// What an item is found to be.
#[derive(Debug)]
pub(crate) enum Found {
    /// Without content where it is not the one that the header binds.
    Envelope {
        header: Signed<Header>,
        content: Option<Content>,
    },
    Statement(Statement),
}

/// What the content of an envelope is found to be: all that can be told without its past.
#[derive(Debug)]
pub(crate) enum Content {
    Change(Result<Box<Outline>, Rejection>),
    /// A change that stands for more than its bytes. It is looked into when its author is known
    /// to be one who may write: a stranger gets no more work done than it sends bytes.
    Folded(Vec<u8>),
    Keys(Vec<KeyGrant>),
}

impl Arrived {
    /// Reads a frame.
    pub fn read(bytes: &[u8]) -> Self {
        Self { size: bytes.len(), said: Frame::from_bytes(bytes).map(Said::from) }
    }

    /// The kind of message, for people and programs that watch.
    pub fn kind(&self) -> &'static str {
        match &self.said {
            Ok(Said::Hello(_)) => "hello",
            Ok(Said::Refuse(_)) => "refuse",
            Ok(Said::Items(_)) => "items",
            Ok(Said::Ack(_)) => "ack",
            Ok(Said::Reconcile { .. }) => "reconcile",
            Ok(Said::Want { .. }) => "want",
            Err(_) => "malformed",
        }
    }

    /// What the signatures of its items claim, up to the first that cannot be read.
    fn claims(&self) -> Vec<Claim<'_>> {
        let Ok(Said::Items(delivery)) = &self.said else { return Vec::new() };
        delivery.offers.iter().map_while(Offer::claim).collect()
    }
}

/// Asks a verifier that remembers for every signature of the frames' items, all together. If one
/// does not hold, each frame is asked for by itself, up to its first that does not: what one peer
/// made wrong costs the others little.
pub fn check_ahead<'a>(frames: impl IntoIterator<Item = &'a Arrived>, verifier: &dyn Verifier) {
    let claims: Vec<Vec<Claim<'_>>> = frames.into_iter().map(Arrived::claims).collect();
    if !verifier.all_hold(&claims.concat()) && claims.len() > 1 {
        for claims in &claims {
            verifier.all_hold(claims);
        }
    }
}

impl From<Frame> for Said {
    fn from(frame: Frame) -> Self {
        match frame {
            Frame::Hello(hello) => Self::Hello(hello),
            Frame::Refuse(reason) => Self::Refuse(reason),
            Frame::Items(items) => Self::Items(items.into()),
            Frame::Ack(ack) => Self::Ack(ack),
            Frame::Reconcile { scope, message } => Self::Reconcile { scope, message },
            Frame::Want { scope, ids } => Self::Want { scope, ids },
        }
    }
}

impl From<Items> for Delivery {
    fn from(items: Items) -> Self {
        let Items { scope, upto, items, .. } = items;
        let offers = items.into_iter().map(Offer::read).collect();
        Self { scope, upto, offers, awaits: None, refused: 0, reason: None }
    }
}

impl Offer {
    /// Reads an item.
    pub(crate) fn read(bytes: Vec<u8>) -> Self {
        let item = Item::from_bytes(&bytes).map(Found::from);
        Self { bytes, item }
    }

    /// Offers an item of this node's own. It is read like anybody's: what is too large for others
    /// is too large for us.
    pub(crate) fn of(item: &Item) -> Self {
        Self::read(item.to_bytes())
    }

    fn claim(&self) -> Option<Claim<'_>> {
        match self.item.as_ref().ok()? {
            Found::Envelope { header, .. } => Some(header.claim()),
            Found::Statement(statement) => Some(statement.claim()),
        }
    }
}

impl From<Item> for Found {
    fn from(item: Item) -> Self {
        match item {
            Item::Envelope(envelope) => {
                let content = Content::of(&envelope);
                Self::Envelope { header: envelope.header, content }
            }
            Item::Statement(statement) => Self::Statement(statement),
        }
    }
}

impl Found {
    /// Where it says it replicates.
    pub(crate) fn scope(&self) -> Scope {
        match self {
            Self::Envelope { header, .. } => header.claims().document.scope(),
            Self::Statement(statement) => statement.scope(),
        }
    }
}

impl Content {
    fn of(envelope: &Envelope) -> Option<Self> {
        let bytes = &envelope.content;
        if !envelope.content_matches() {
            return None;
        }
        Some(match envelope.header.claims().payload {
            Payload::Changes(_) if Outline::is_plain(bytes) => {
                Self::Change(Outline::of(bytes).map(Box::new))
            }
            Payload::Changes(_) => Self::Folded(bytes.clone()),
            Payload::Keys(_) => Self::Keys(KeyGrant::list_from_bytes(bytes).ok()?),
        })
    }
}
