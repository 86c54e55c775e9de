//! What came from a peer: read once, and checked as far as that needs neither store nor time, on
//! any thread; nothing is decided here.

use std::collections::VecDeque;

use schema_wire::{
    Ack, Claim, DecodeError, Envelope, Frame, Hash, Header, Hello, Item, Items, KeyGrant, Payload,
    Reason, Scope, Signed, Statement, Verifier, Wire,
};

use crate::admission::Rejection;
use crate::change::Outline;

/// Fewer bytes are no item: a signature has 64, a key and a network 32 each.
const ITEM_BYTES_MIN: usize = 128;

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
    bytes: Vec<u8>,
    /// What it was found to be, if it was read ahead.
    found: Option<Box<Found>>,
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
    /// An item to be read at the door.
    pub(crate) fn new(bytes: Vec<u8>) -> Self {
        Self { bytes, found: None }
    }

    /// Offers an item of this node's own. It is read like anybody's: what is too large for others
    /// is too large for us.
    pub(crate) fn of(item: &Item) -> Self {
        Self::new(item.to_bytes())
    }

    /// Reads an item, unless it is smaller than any that can be one: of those a frame may hold so
    /// many that what was read of them would take a hundred times its size.
    fn read(bytes: Vec<u8>) -> Self {
        let item = (bytes.len() >= ITEM_BYTES_MIN).then(|| Item::from_bytes(&bytes).ok());
        Self { bytes, found: item.flatten().map(|item| Box::new(item.into())) }
    }

    pub(crate) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    pub(crate) fn into_bytes(self) -> Vec<u8> {
        self.bytes
    }

    /// Its bytes, and what it is.
    pub(crate) fn open(self) -> (Vec<u8>, Result<Found, DecodeError>) {
        let Self { bytes, found } = self;
        let item = match found {
            Some(found) => Ok(*found),
            None => Item::from_bytes(&bytes).map(Found::from),
        };
        (bytes, item)
    }

    fn claim(&self) -> Option<Claim<'_>> {
        match self.found.as_deref()? {
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

#[cfg(test)]
mod tests {
    use schema_wire::{Audience, UnitId, limits};

    use super::*;

    #[test]
    fn of_many_small_items_none_is_read_ahead() {
        let scope =
            Scope { unit: UnitId::parse("220800").expect("a unit"), audience: Audience::Public };
        for (size, count) in [(1, limits::ITEMS_MAX), (ITEM_BYTES_MIN - 1, 8)] {
            let items = vec![vec![0; size]; count];
            let (upto, fingerprint) = (None, None);
            let frame = Frame::Items(Items { scope: scope.clone(), upto, fingerprint, items });
            let frame = Arrived::read(&frame.to_bytes());
            let Ok(Said::Items(delivery)) = frame.said else { panic!("items") };
            assert_eq!(delivery.offers.len(), count);
            for offer in delivery.offers {
                assert!(offer.found.is_none());
                assert!(offer.open().1.is_err(), "at the door it is read");
            }
        }
        assert!(size_of::<Offer>() <= 32, "what is not read takes little");
    }
}
