//! What came from a peer: read once, and checked as far as that needs neither store nor time, on
//! any thread; nothing is decided here.

use std::collections::VecDeque;

use schema_wire::{
    Claim, DecodeError, Envelope, Frame, Hash, Header, Item, Items, KeyGrant, Payload, Reason,
    Scope, Signed, Statement, Verifier, Wire,
};

use crate::admission::Rejection;
use crate::change::Outline;

/// Fewer bytes are no item: a signature has 64, a key and a network 32 each.
const ITEM_BYTES_MIN: usize = 128;

/// A frame as it came from a peer.
#[derive(Debug)]
pub struct Arrived {
    pub(crate) size: usize,
    pub(crate) frame: Result<Frame, DecodeError>,
    /// Of its items, in their order, what was read ahead.
    pub(crate) found: Vec<Option<Box<Found>>>,
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
        let frame = Frame::from_bytes(bytes);
        let found = match &frame {
            Ok(Frame::Items(items)) => items.items.iter().map(|item| Found::ahead(item)).collect(),
            _ => Vec::new(),
        };
        Self { size: bytes.len(), frame, found }
    }

    /// The frame, if it is one.
    pub fn frame(&self) -> Option<&Frame> {
        self.frame.as_ref().ok()
    }

    /// What the signatures of its items claim, up to the first that was not read.
    fn claims(&self) -> Vec<Claim<'_>> {
        self.found.iter().map_while(|found| found.as_deref().map(Found::claim)).collect()
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

impl Delivery {
    /// Items, and what was read of them ahead.
    pub(crate) fn new(items: Items, found: Vec<Option<Box<Found>>>) -> Self {
        let Items { scope, upto, items, .. } = items;
        let offers = items.into_iter().zip(found);
        let offers = offers.map(|(bytes, found)| Offer { bytes, found }).collect();
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
    /// Reads an item, unless it is smaller than any that can be one: of those a frame may hold so
    /// many that what was read of them would take a hundred times its size.
    fn ahead(bytes: &[u8]) -> Option<Box<Self>> {
        let item = (bytes.len() >= ITEM_BYTES_MIN).then(|| Item::from_bytes(bytes).ok());
        item.flatten().map(|item| Box::new(item.into()))
    }

    /// What its signature claims.
    fn claim(&self) -> Claim<'_> {
        match self {
            Self::Envelope { header, .. } => header.claim(),
            Self::Statement(statement) => statement.claim(),
        }
    }

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
            Payload::Changes(_) => match Outline::of_plain(bytes) {
                Some(outline) => Self::Change(outline.map(Box::new)),
                None => Self::Folded(bytes.clone()),
            },
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
            let Ok(Frame::Items(items)) = frame.frame else { panic!("items") };
            let delivery = Delivery::new(items, frame.found);
            assert_eq!(delivery.offers.len(), count);
            for offer in delivery.offers {
                assert!(offer.found.is_none());
                assert!(offer.open().1.is_err(), "at the door it is read");
            }
        }
        assert!(size_of::<Offer>() <= 32, "what is not read takes little");
    }
}
