//! What is sent of one scope, and the frames it is sent in.

use std::collections::VecDeque;

use schema_wire::limits::FRAME_BYTES_MAX;
use schema_wire::{Bytes, Hash, Items, List, Scope};

use crate::session::fault::Fault;
use crate::session::node::{Entry, Node, Origin, Room};
use crate::session::step::Step;

/// Bytes of items that fill a frame.
const FRAME_BYTES_USUAL: usize = 256 << 10;
/// Items that fill a frame.
const FRAME_ITEMS_USUAL: usize = 1_024;
/// Bytes of a frame beside its items: a scope of two units, and what stands before each item.
const FRAME_BYTES_AROUND: usize = 16 << 10;

/// In which order scopes are sent: statements of upper units first, the others in turn.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Rank {
    Statements(usize),
    Other(u64),
}

/// What is sent of one scope.
#[derive(Debug, Default)]
pub(super) struct Link {
    pub(super) pace: Pace,
    /// Our feed: the last position sent, and the last one that the peer was told.
    pub(super) sent: u64,
    pub(super) told: u64,
    /// The adoptions of the scope went first: they are passed over in the feed up to here.
    pub(super) adopted: u64,
    /// Items to send by id before the feed goes on.
    pub(super) queue: VecDeque<Hash>,
    /// After the queue: our position as of a reconciliation, or none after one that ended early.
    pub(super) closing: Option<Option<u64>>,
    pub(super) flight: VecDeque<Flight>,
    /// Of these, what was sent by id and put off since.
    pub(super) put_off: Vec<Hash>,
    /// The place in `ready`, if it is there.
    pub(super) rank: Option<Rank>,
}

#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(super) enum Pace {
    /// Nothing of the feed is sent: nobody said from where.
    #[default]
    Idle,
    /// Nothing of it is sent before a reconciliation has ended.
    Waits,
    Goes,
    /// The peer put the scope off.
    PutOff,
}

/// A frame that is sent and not acknowledged.
#[derive(Debug)]
pub(super) struct Flight {
    pub(super) upto: Option<u64>,
    pub(super) bytes: usize,
    pub(super) cargo: Cargo,
}

/// What a frame carries: so it is sent again if the peer puts it off.
#[derive(Debug)]
pub(super) enum Cargo {
    /// The feed behind this position.
    Feed(u64),
    /// Items by id.
    ById(Vec<Hash>),
    /// Our position.
    Closing,
}

impl Link {
    /// Is there anything to send, of a feed that ends there?
    pub(super) fn has_more(&self, head: u64) -> bool {
        let by_id = !self.queue.is_empty() || self.closing.is_some();
        self.pace != Pace::PutOff && (by_id || self.pace == Pace::Goes && self.sent < head)
    }

    /// Up to where the peer has what was sent, and what is sent by id comes on top.
    pub(super) fn acknowledged(&self) -> u64 {
        let by_id = |cargo: &Cargo| matches!(cargo, Cargo::ById(_) | Cargo::Closing);
        if !self.queue.is_empty() || self.flight.iter().any(|flight| by_id(&flight.cargo)) {
            return 0;
        }
        let first = self.flight.front().and_then(|flight| match flight.cargo {
            Cargo::Feed(from) => Some(from),
            Cargo::ById(_) | Cargo::Closing => None,
        });
        first.unwrap_or(self.sent)
    }

    /// Is no item on the way or left to send, of a feed that ends there?
    pub(super) fn is_all_there(&self, head: u64) -> bool {
        let items = |flight: &Flight| !matches!(flight.cargo, Cargo::Closing);
        let feed = self.pace == Pace::Waits || self.pace == Pace::Goes && self.sent < head;
        !feed && self.queue.is_empty() && !self.flight.iter().any(items)
    }

    /// Is nothing on the way and nothing left to send?
    pub(super) fn is_quiet(&self, head: u64) -> bool {
        self.pace != Pace::Waits && self.flight.is_empty() && !self.has_more(head)
    }
}

impl Link {
    /// What the peer puts off is sent again when it goes on.
    pub(super) fn put_off(&mut self, flight: Flight) {
        self.pace = Pace::PutOff;
        match flight.cargo {
            Cargo::Feed(from) => {
                (self.sent, self.told) = (self.sent.min(from), self.told.min(from));
            }
            Cargo::ById(ids) => self.put_off.extend(ids),
            Cargo::Closing => self.closing = Some(flight.upto),
        }
    }

    /// Reads queued items into a frame.
    pub(super) fn fill_by_id<N: Node>(
        &mut self,
        step: &Step<'_, N>,
        scope: &Scope,
        frame: &mut Filling,
    ) -> Result<Vec<Hash>, Fault<N::Error>> {
        let mut ids = Vec::new();
        while let Some(id) = self.queue.pop_front() {
            let Some(bytes) = step.node.item(scope, &id)? else { continue };
            if !frame.fits(&bytes) {
                self.queue.push_front(id);
                break;
            }
            frame.add(bytes);
            ids.push(id);
        }
        Ok(ids)
    }

    /// Reads the feed behind the position sent into a frame, and moves it.
    pub(super) fn fill_from_feed<N: Node>(
        &mut self,
        step: &Step<'_, N>,
        scope: &Scope,
        head: u64,
        peer: Origin,
        frame: &mut Filling,
    ) -> Result<(), Fault<N::Error>> {
        while self.sent < head && !frame.is_full() {
            let page = step.node.page(scope, self.sent, frame.room())?;
            if page.upto <= self.sent {
                break;
            }
            let adopted = page.upto <= self.adopted;
            let is_new = |entry: &Entry| entry.from != Some(peer) && !(adopted && entry.adoption);
            let entries: Vec<_> = page.entries.into_iter().filter(is_new).collect();
            let fits = entries.iter().map(|entry| entry.bytes.len()).sum::<usize>() + frame.bytes
                <= FRAME_BYTES_MAX - FRAME_BYTES_AROUND;
            if !fits && !frame.items.is_empty() {
                break;
            }
            entries.into_iter().for_each(|entry| frame.add(entry.bytes));
            self.sent = page.upto;
        }
        Ok(())
    }
}

/// A frame that is being filled.
#[derive(Debug, Default)]
pub(super) struct Filling {
    pub(super) items: Vec<Vec<u8>>,
    pub(super) bytes: usize,
}

impl Filling {
    pub(super) fn is_full(&self) -> bool {
        self.bytes >= FRAME_BYTES_USUAL || self.items.len() >= FRAME_ITEMS_USUAL
    }

    pub(super) fn room(&self) -> Room {
        let items = FRAME_ITEMS_USUAL.saturating_sub(self.items.len());
        Room { items, bytes: FRAME_BYTES_USUAL.saturating_sub(self.bytes) }
    }

    pub(super) fn fits(&self, item: &[u8]) -> bool {
        let bytes = self.bytes + item.len();
        self.items.is_empty() || !self.is_full() && bytes <= FRAME_BYTES_MAX - FRAME_BYTES_AROUND
    }

    pub(super) fn add(&mut self, item: Vec<u8>) {
        self.bytes += item.len();
        self.items.push(item);
    }

    pub(super) fn into_items(self, scope: &Scope, upto: Option<u64>, sum: Option<Hash>) -> Items {
        let items = self.items.into_iter().map(|item| Bytes::new(item).expect("an item fits"));
        let items = List::new(items.collect()).expect("a frame is full before it overflows");
        Items { scope: scope.clone(), upto, sum, items }
    }
}

/// Tells who is a member no more by what it is none. These are the last frames of the session:
/// they keep to no window, and nobody waits for their acks.
pub(in crate::session) fn farewell<N>(step: &mut Step<'_, N>, told: Vec<(Scope, Vec<u8>)>) {
    let mut frame: Option<(Scope, Filling)> = None;
    for (scope, item) in told {
        if let Some((of, filling)) = &mut frame
            && *of == scope
            && filling.fits(&item)
        {
            filling.add(item);
            continue;
        }
        let mut next = Filling::default();
        next.add(item);
        if let Some((of, full)) = frame.replace((scope, next)) {
            step.send(full.into_items(&of, None, None));
        }
    }
    if let Some((of, last)) = frame {
        step.send(last.into_items(&of, None, None));
    }
}
