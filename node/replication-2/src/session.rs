//! A session with one peer: hello, resume in two levels, push, acknowledge.
//!
//! ```text
//!   opened --hello sent--> greeting --hello taken--> each shared scope:
//!      fingerprints equal ............................ nothing to do
//!      both cursors usable ........................... Stream from them
//!      otherwise ..................................... Reconcile, then Stream
//! ```
//! Resume and live push are one mechanism: a position in our feed per scope, a small window of
//! unacknowledged frames, and a pump that sends what lies behind the position.

mod difference;
mod feed;
mod hello;
mod intake;
mod sessions;

use std::collections::{BTreeMap, VecDeque};

pub(crate) use sessions::Sessions;

use node_authority::canary::{Bug, planted};
use schema_wire::{
    Audience, Frame, Hash, Items, NodeKey, Reason, Scope, ScopeOffer, UnitId, Wire, limits,
};

use crate::arrival::Delivery;
use crate::reconcile::Reconciliation;
use crate::replica::{Cost, Effect, Event, Replica, SessionId, holds};
use crate::store::{ReadError, ReadStore};
use crate::write::Step;

/// The code by which a hello is refused that was used before.
const REPLAYED: &str = "replayed-hello";
/// Frames of one scope sent and not yet acknowledged.
const WINDOW_FRAMES_MAX: usize = 4;
/// Frames and bytes of all scopes of one session sent and not yet acknowledged; the last frame may
/// go beyond. With a hello, answers to as much from the peer, and what reconciliations say, less
/// than 3 MiB and 300 frames may wait for a peer that does not read.
const SESSION_FRAMES_MAX: usize = 64;
const SESSION_BYTES_MAX: usize = 1 << 20;
/// So much more may be on its way of public scopes: the peer may hold back all the rest until the
/// grant comes that it rests on.
const PUBLIC_FRAMES_MAX: usize = 8;
const PUBLIC_BYTES_MAX: usize = 256 << 10;
/// Scopes of one session that are reconciled at a time.
const RECONCILING_MAX: usize = 8;

/// An authenticated conversation.
#[derive(Debug)]
pub(crate) struct Session {
    pub(crate) peer: NodeKey,
    pub(crate) dialer: bool,
    /// The peer's unit, once its hello was accepted.
    pub(crate) unit: Option<UnitId>,
    /// Is it sent what its unit may read, or does it only hand over?
    pub(crate) reader: bool,
    /// The delegation its hello showed.
    pub(crate) delegation: Hash,
    /// Names the peer's feeds.
    epoch: [u8; 16],
    /// Marks what came from them.
    origin: [u8; 8],
    /// What our hello said of each scope.
    offered: BTreeMap<Scope, ScopeOffer>,
    pub(crate) links: BTreeMap<Scope, Link>,
    /// Bytes and frames sent and not yet acknowledged.
    in_flight_bytes: usize,
    in_flight: usize,
    /// Scopes that have something to send when others were acknowledged, in turn.
    blocked: VecDeque<Scope>,
    /// Scopes to reconcile when others have been.
    unreconciled: VecDeque<Scope>,
    pub(crate) cost: Cost,
    /// Has everything the hellos promised arrived, both ways?
    pub(crate) settled: bool,
}

/// One scope of one session.
#[derive(Debug, Default)]
pub(crate) struct Link {
    /// Our feed: the last position sent, and the last the peer acknowledged.
    pub(crate) sent: u64,
    pub(crate) acked: u64,
    /// The last position the peer was told. What came from the peer itself is not sent back, so
    /// the position runs ahead of it.
    told: u64,
    /// The sizes of the frames sent and not yet acknowledged.
    in_flight: VecDeque<usize>,
    /// Does it wait for its turn in `blocked`?
    blocked: bool,
    /// The peer's feed: the last position taken in, and its head as its hello said.
    taken: u64,
    their_head: u64,
    /// Our head as our hello said: the peer waits to be told of it.
    promised: u64,
    /// What a reconciliation found so far that the peer lacks or asked for. Nothing of it is sent
    /// before all is known: a later part may hold what an earlier rests on.
    have: Vec<Hash>,
    /// How many ids we asked for.
    wanted: usize,
    /// Items to send by id, in the order of our feed.
    queue: VecDeque<Hash>,
    /// After the queue: tell the peer our position.
    closing: Option<u64>,
    reconciliation: Option<Reconciliation>,
    /// A reconciliation is under way: the feed waits.
    reconciling: bool,
    /// A reconciliation began: a session has one for each scope.
    reconciled: bool,
    /// Frames that rest on a delegation not yet here, with the time they came.
    held: VecDeque<(u64, Delivery)>,
}

impl Link {
    /// Is there anything to send, of a feed that ends there?
    fn has_more(&self, head: u64) -> bool {
        let behind = !self.reconciling && self.sent < head;
        !self.queue.is_empty() || self.closing.is_some() || behind
    }

    /// Is nothing on the way, and nothing left to send?
    fn quiet(&self) -> bool {
        !self.reconciling
            && self.in_flight.is_empty()
            && self.queue.is_empty()
            && self.closing.is_none()
            && self.held.is_empty()
    }

    /// Has the peer sent all that its hello promised, too?
    fn idle(&self) -> bool {
        self.quiet() && self.taken >= self.their_head
    }
}

impl Session {
    /// One whose hello was said, but none heard.
    fn new(peer: NodeKey, dialer: bool, offered: BTreeMap<Scope, ScopeOffer>) -> Self {
        Self {
            peer,
            dialer,
            unit: None,
            reader: false,
            delegation: Hash([0; 32]),
            epoch: [0; 16],
            origin: [0; 8],
            offered,
            links: BTreeMap::new(),
            in_flight_bytes: 0,
            in_flight: 0,
            blocked: VecDeque::new(),
            unreconciled: VecDeque::new(),
            cost: Cost::default(),
            settled: false,
        }
    }

    /// May the peer be sent this scope, which we hold? (INV-09)
    fn reads(&self, scope: &Scope) -> bool {
        let public = scope.audience == Audience::Public;
        let reader = self.reader || planted(Bug::ReadToRevoked);
        self.unit.as_ref().is_some_and(|unit| holds(unit, scope)) && (reader || public)
    }

    /// Is as much on its way as may be, for a scope?
    fn is_full(&self, scope: &Scope) -> bool {
        let (mut frames, mut bytes) = (SESSION_FRAMES_MAX, SESSION_BYTES_MAX);
        if scope.audience == Audience::Public {
            frames += PUBLIC_FRAMES_MAX;
            bytes += PUBLIC_BYTES_MAX;
        }
        self.in_flight >= frames || self.in_flight_bytes >= bytes
    }

    /// The scope whose turn it is, if there is room for one.
    fn unblock(&mut self) -> Option<Scope> {
        let turn = self.blocked.iter().position(|scope| !self.is_full(scope))?;
        let scope = self.blocked.remove(turn)?;
        if let Some(link) = self.links.get_mut(&scope) {
            link.blocked = false;
        }
        Some(scope)
    }

    /// Lets a scope wait for its turn.
    fn block(&mut self, scope: Scope) {
        if let Some(link) = self.links.get_mut(&scope)
            && !std::mem::replace(&mut link.blocked, true)
        {
            self.blocked.push_back(scope);
        }
    }

    /// How many reconciliations are under way.
    fn reconciliations(&self) -> usize {
        self.links.values().filter(|link| link.reconciliation.is_some()).count()
    }
}

fn reason(code: &str, text: &str) -> Reason {
    let mut text = text.to_owned();
    while text.len() > limits::TEXT_BYTES_MAX {
        text.pop();
    }
    Reason { code: code.into(), text }
}

impl Replica {
    /// Sends items, which the peer will acknowledge.
    fn send_items(&mut self, step: &mut Step<'_, impl ReadStore>, id: SessionId, items: Items) {
        let scope = items.scope.clone();
        let bytes = self.send(step, id, &Frame::Items(items));
        if let Some(session) = self.sessions.get_mut(&id) {
            session.in_flight += 1;
            session.in_flight_bytes += bytes;
            session.links.entry(scope).or_default().in_flight.push_back(bytes);
        }
    }

    /// Returns the frame's size.
    fn send(&mut self, step: &mut Step<'_, impl ReadStore>, id: SessionId, frame: &Frame) -> usize {
        let bytes = frame.to_bytes();
        assert!(bytes.len() <= limits::FRAME_BYTES_MAX, "our own frames fit the limit");
        if let Some(session) = self.sessions.get_mut(&id) {
            session.cost.bytes_out += bytes.len() as u64;
        }
        let size = bytes.len();
        step.effects.push(Effect::Send { session: id, bytes });
        size
    }

    /// Ends a session for a reason that both sides log.
    pub(crate) fn refuse(
        &mut self,
        step: &mut Step<'_, impl ReadStore>,
        id: SessionId,
        code: &str,
        text: &str,
    ) {
        let why = reason(code, text);
        self.send(step, id, &Frame::Refuse(why.clone()));
        *self.refused_sessions.entry(code.into()).or_insert(0) += 1;
        if let Some(session) = self.sessions.remove(&id) {
            let event = Event::Refused { peer: session.peer, by_peer: false, reason: why.clone() };
            step.effects.push(Effect::Tell(event));
        }
        step.effects.push(Effect::Close { session: id, reason: why });
    }

    pub(crate) fn refused(
        &mut self,
        step: &mut Step<'_, impl ReadStore>,
        id: SessionId,
        why: Reason,
    ) {
        if why.code == REPLAYED {
            self.fell_back(step);
        }
        if let Some(session) = self.sessions.remove(&id) {
            let event = Event::Refused { peer: session.peer, by_peer: true, reason: why.clone() };
            step.effects.push(Effect::Tell(event));
        }
        step.effects.push(Effect::Close { session: id, reason: why });
    }

    /// A peer knows more of this life than the store does: the store is older than it was, or this
    /// life is led twice. Believed once: a process that runs cannot fall back, and peers may lie.
    fn fell_back(&mut self, step: &mut Step<'_, impl ReadStore>) {
        step.doubled |= !std::mem::replace(&mut self.fallen_back, true);
    }

    fn link(&mut self, id: SessionId, scope: &Scope) -> Option<&mut Link> {
        self.sessions.get_mut(&id)?.links.get_mut(scope)
    }

    /// The scope, if both sides of the session hold it; else the session ends.
    fn shared(
        &mut self,
        step: &mut Step<'_, impl ReadStore>,
        id: SessionId,
        scope: &Scope,
    ) -> bool {
        let own = &self.identity.unit;
        let Some(session) = self.sessions.get_mut(&id) else {
            return false;
        };
        let theirs = session.unit.as_ref();
        if theirs.is_some_and(|unit| holds(unit, scope)) && holds(own, scope) {
            session.links.entry(scope.clone()).or_default();
            return true;
        }
        self.refuse(step, id, "scope-not-shared", &format!("{scope} is not shared with you"));
        false
    }

    /// Tells, once, that both sides hold what both may.
    pub(crate) fn settle(
        &mut self,
        step: &mut Step<'_, impl ReadStore>,
        id: SessionId,
    ) -> Result<(), ReadError> {
        let Some(session) = self.sessions.get_mut(&id) else {
            return Ok(());
        };
        let Some(unit) = session.unit.clone().filter(|_| !session.settled) else {
            return Ok(());
        };
        // Two sides that both wait to be told would wait for ever: what was promised is told first.
        if self.tell_positions(step, id) {
            return Ok(());
        }
        let Some(session) = self.sessions.get_mut(&id) else {
            return Ok(());
        };
        if session.links.values().all(Link::idle) {
            session.settled = true;
            let event = Event::Resumed { peer: session.peer, unit, cost: session.cost };
            step.effects.push(Effect::Tell(event));
        }
        Ok(())
    }
}
