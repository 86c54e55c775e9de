//! One input of a session, while it is worked on.

use schema_wire::{Epoch, Frame, Hash, Ms, NodeKey, Reason, Scope, UnitId};

/// What one input leads to. Frames are sent after the batch of the input is durable (INV-05).
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Out {
    /// Send these, in this order.
    pub frames: Vec<Frame>,
    /// Tell those who watch.
    pub events: Vec<Event>,
    /// Then end the session. The last frame tells the peer the same, if it is ours to end.
    pub close: Option<Reason>,
}

/// What those who watch a session want to know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// The peer is a member of this unit, and this names its feed. Its clock shows this, where ours
    /// shows that.
    Joined { peer: NodeKey, unit: UnitId, feed: Epoch, their_clock: Ms, our_clock: Ms },
    /// Units above recognise the peer's lineage as this unit; here another is followed for it, or
    /// none. Nothing of it is stored.
    Rival { peer: NodeKey, unit: UnitId, lineage: Hash, followed: Option<Hash> },
    /// Both hold what both may.
    Resumed { peer: NodeKey, unit: UnitId },
    /// The peer says that this node's feed was longer once: the store may have lost something.
    FeedWasLonger { peer: NodeKey },
    /// The peer refused items of ours.
    RefusedByPeer { peer: NodeKey, scope: Scope, count: u64, reason: Option<Reason> },
    /// An item of the peer was refused here; the last one shown of a frame stands for so many.
    Refused { peer: NodeKey, scope: Scope, item: Vec<u8>, reason: Reason, count: u64 },
    /// The session ended for a reason: ours, or the peer's.
    Ended {
        peer: NodeKey,
        by_peer: bool,
        reason: Reason,
        /// What its clock showed and what ours, if it was not accepted yet and had said so: one
        /// that is wrong by days is why a membership does not hold.
        clocks: Option<(Ms, Ms)>,
    },
}

/// An input at work: the node, the time, and what is to be done.
#[derive(Debug)]
pub(super) struct Step<'a, N> {
    pub(super) node: &'a mut N,
    pub(super) now: Ms,
    pub(super) out: &'a mut Out,
}

impl<N> Step<'_, N> {
    pub(super) fn send(&mut self, frame: impl Into<Frame>) {
        self.out.frames.push(frame.into());
    }

    pub(super) fn emit(&mut self, event: Event) {
        self.out.events.push(event);
    }
}
