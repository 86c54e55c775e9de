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

use std::collections::{BTreeMap, VecDeque};

use schema_wire::{
    Ack, Frame, Hash, Hello, Items, Known, NodeKey, Reason, Record, Scope, ScopeOffer, Statement,
    UnitId, Wire, limits,
};

use crate::admission::Rejection;
use crate::reconcile::Reconciliation;
use crate::records::{
    CursorRecord, FeedRecord, Fields, PeerRecord, ScopeRecord, after, corrupt, feed_table,
    scope_from_key, scope_key, with_number,
};
use crate::replica::{Cost, Effect, Event, Offered, Replica, SessionId, holds};
use crate::store::{ReadError, ReadStore, Table};
use crate::write::{Step, with_keys};

/// Frames of one scope sent and not yet acknowledged.
const WINDOW_FRAMES_MAX: usize = 4;
/// Items in one frame: well under the protocol's limit.
const BATCH_ITEMS_MAX: usize = 1024;

/// An authenticated conversation.
#[derive(Debug)]
pub(crate) struct Session {
    pub(crate) peer: NodeKey,
    pub(crate) dialer: bool,
    /// The peer's unit, once its hello was accepted.
    pub(crate) unit: Option<UnitId>,
    /// Names the peer's feeds.
    epoch: [u8; 16],
    /// What our hello said of each scope.
    offered: BTreeMap<Scope, ScopeOffer>,
    pub(crate) links: BTreeMap<Scope, Link>,
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
    in_flight: usize,
    /// The peer's feed: the last position taken in, and its head as its hello said.
    taken: u64,
    their_head: u64,
    /// Items to send by id, after a reconciliation.
    queue: VecDeque<Hash>,
    /// After the queue: tell the peer our position.
    closing: Option<u64>,
    reconciliation: Option<Reconciliation>,
    /// A reconciliation is under way: the feed waits.
    reconciling: bool,
    /// Frames that rest on a delegation not yet here, with the time they came.
    held: VecDeque<(u64, Items)>,
}

impl Link {
    fn idle(&self) -> bool {
        !self.reconciling
            && self.in_flight == 0
            && self.queue.is_empty()
            && self.closing.is_none()
            && self.held.is_empty()
            && self.taken >= self.their_head
    }
}

impl Session {
    fn origin(&self) -> [u8; 8] {
        let mut origin = [0; 8];
        origin.copy_from_slice(&self.peer.0[..8]);
        origin
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
    fn send(&mut self, step: &mut Step<'_, impl ReadStore>, id: SessionId, frame: &Frame) {
        let bytes = frame.to_bytes();
        assert!(bytes.len() <= limits::FRAME_BYTES_MAX, "our own frames fit the limit");
        if let Some(session) = self.sessions.get_mut(&id) {
            session.cost.bytes_out += bytes.len() as u64;
        }
        step.effects.push(Effect::Send { session: id, bytes });
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
        if let Some(session) = self.sessions.remove(&id) {
            let event = Event::Refused { peer: session.peer, by_peer: true, reason: why.clone() };
            step.effects.push(Effect::Tell(event));
        }
        step.effects.push(Effect::Close { session: id, reason: why });
    }

    /// A peer was authenticated: say who we are and where we stand.
    pub(crate) fn opened(
        &mut self,
        step: &mut Step<'_, impl ReadStore>,
        id: SessionId,
        peer: NodeKey,
        dialer: bool,
    ) -> Result<(), ReadError> {
        let mut offered = BTreeMap::new();
        let unit = PeerRecord::load(&step.overlay, &peer)?.map(|record| record.unit);
        for (scope, record) in self.held_scopes(&step.overlay)? {
            // A peer met before is told of what it may hold; a new one only of what anybody may.
            let shared = match &unit {
                Some(unit) => holds(unit, &scope),
                None => scope.audience == schema_wire::Audience::Public,
            };
            if !shared || offered.len() >= limits::SCOPES_MAX {
                continue;
            }
            let known = CursorRecord::load(&step.overlay, &peer, &scope)?;
            let known = known.filter(|cursor| cursor.taken > 0);
            let known = known.map(|cursor| Known { epoch: cursor.epoch, seq: cursor.taken });
            let fingerprint = record.fingerprint.0;
            let offer = ScopeOffer { scope: scope.clone(), head: record.head, fingerprint, known };
            offered.insert(scope, offer);
        }
        self.hellos += 1;
        let hello = Hello {
            network: self.authority.network(),
            from: self.identity.public(),
            to: peer,
            incarnation: self.identity.incarnation,
            counter: (self.boot << 32) + self.hellos,
            unit: self.identity.unit.clone(),
            chain: self.own_chain(),
            epoch: self.epoch,
            scopes: offered.values().cloned().collect(),
        };
        let session = Session {
            peer,
            dialer,
            unit: None,
            epoch: [0; 16],
            offered,
            links: BTreeMap::new(),
            cost: Cost::default(),
            settled: false,
        };
        self.sessions.insert(id, session);
        self.send(step, id, &Frame::Hello(Box::new(hello)));
        Ok(())
    }

    fn held_scopes(&self, store: &impl ReadStore) -> Result<Vec<(Scope, ScopeRecord)>, ReadError> {
        let all = store.range(Table::Scopes, &[], &after(&[u8::MAX; 64]), usize::MAX >> 1)?;
        let mut scopes = Vec::new();
        for (key, value) in all {
            let scope = scope_from_key(&key).ok_or_else(|| corrupt("scope"))?;
            let record = ScopeRecord::from_bytes(&value).ok_or_else(|| corrupt("scope"))?;
            scopes.push((scope, record));
        }
        scopes.sort_by(|a, b| a.0.cmp(&b.0));
        Ok(scopes)
    }

    fn own_chain(&self) -> Vec<Statement> {
        match self.authority.chain(&self.identity.delegation) {
            Ok(chain) => {
                chain.links().map(|link| Statement::Delegation(link.as_signed().clone())).collect()
            }
            Err(_) => Vec::new(),
        }
    }

    /// The peer said who it is: believe the chain, not the words.
    pub(crate) fn hello(
        &mut self,
        step: &mut Step<'_, impl ReadStore>,
        id: SessionId,
        hello: Hello,
    ) -> Result<(), ReadError> {
        let Some(session) = self.sessions.get(&id) else {
            return Ok(());
        };
        let peer = session.peer;
        let before = PeerRecord::load(&step.overlay, &peer)?;
        let order = (hello.incarnation, hello.counter);
        let refusal = if session.unit.is_some() {
            Some(("replayed-hello", "this session has had its hello".to_owned()))
        } else if hello.network != self.authority.network() {
            Some(("other-network", format!("network {} is not ours", hello.network)))
        } else if hello.from != peer {
            Some(("impostor", format!("the hello is from {}, the connection is not", hello.from)))
        } else if hello.to != self.identity.public() {
            Some(("replayed-hello", "the hello was made for another node".to_owned()))
        } else if before.as_ref().is_some_and(|b| order <= (b.incarnation, b.counter)) {
            Some(("replayed-hello", format!("hello {order:?} was used before")))
        } else {
            self.admit_peer(&hello, step.now_ms).err()
        };
        if let Some((code, text)) = refusal {
            self.refuse(step, id, code, &text);
            return Ok(());
        }
        let record = PeerRecord {
            incarnation: hello.incarnation,
            counter: hello.counter,
            met_ms: step.now_ms,
            unit: hello.unit.clone(),
        };
        step.put(Table::Meta, PeerRecord::key(&peer), record.to_bytes());
        let event = Event::Joined { peer, unit: hello.unit.clone() };
        step.effects.push(Effect::Tell(event));
        self.compare(step, id, hello)
    }

    /// Does the hello's chain make the peer a member of this network now, for the unit it names?
    fn admit_peer(&self, hello: &Hello, now_ms: u64) -> Result<(), (&'static str, String)> {
        let Some(leaf) = hello.chain.first().map(Statement::id) else {
            return Err(("no-delegation", "the hello carries no delegation".into()));
        };
        let mut known = std::borrow::Cow::Borrowed(&self.authority);
        for statement in &hello.chain {
            let Statement::Delegation(signed) = statement else {
                return Err(("no-delegation", "a chain holds delegations only".into()));
            };
            if !known.holds(&signed.id()) {
                let signer = signed.claims().signer();
                let verified = signed.clone().verify();
                let verified = verified.map_err(|_| ("bad-signature", signer.to_string()))?;
                known.to_mut().insert_delegation(verified);
            }
        }
        match known.permits_session(&leaf, hello.from, now_ms) {
            Ok(unit) if unit == hello.unit => Ok(()),
            Ok(unit) => Err(("other-unit", format!("the delegation is for {unit}"))),
            Err(refusal) => Err((refusal.code(), refusal.to_string())),
        }
    }

    /// Decides for each shared scope how to resume.
    fn compare(
        &mut self,
        step: &mut Step<'_, impl ReadStore>,
        id: SessionId,
        hello: Hello,
    ) -> Result<(), ReadError> {
        let own = self.identity.unit.clone();
        let mut scopes: BTreeMap<Scope, Option<ScopeOffer>> = BTreeMap::new();
        for offer in hello.scopes {
            scopes.insert(offer.scope.clone(), Some(offer));
        }
        for (scope, _) in self.held_scopes(&step.overlay)? {
            scopes.entry(scope).or_insert(None);
        }
        let Some(session) = self.sessions.get_mut(&id) else {
            return Ok(());
        };
        session.unit = Some(hello.unit.clone());
        session.epoch = hello.epoch;
        session.cost.round_trips = 1;
        scopes.retain(|scope, _| holds(&own, scope) && holds(&hello.unit, scope));
        for (scope, theirs) in scopes {
            self.resume(step, id, scope, theirs)?;
        }
        Ok(())
    }

    fn resume(
        &mut self,
        step: &mut Step<'_, impl ReadStore>,
        id: SessionId,
        scope: Scope,
        theirs: Option<ScopeOffer>,
    ) -> Result<(), ReadError> {
        let epoch = self.epoch;
        let Some(session) = self.sessions.get_mut(&id) else {
            return Ok(());
        };
        let peer = session.peer;
        let mine = session.offered.get(&scope).cloned();
        let mut link = Link::default();
        let cursor = CursorRecord::load(&step.overlay, &peer, &scope)?.unwrap_or_default();
        let their_epoch = session.epoch;
        let (Some(mine), Some(theirs)) = (mine, theirs.as_ref()) else {
            // One side said nothing of this scope: it holds nothing, or did not know that we
            // share it. Both send all they hold; what is known already is a duplicate.
            link.their_head = theirs.map_or(0, |offer| offer.head);
            session.links.insert(scope.clone(), link);
            return self.pump(step, id, &scope);
        };
        link.their_head = theirs.head;
        let forward = usable(theirs.known, epoch, mine.head).or((mine.head == 0).then_some(0));
        let backward = usable(mine.known, their_epoch, theirs.head);
        let backward = backward.or((theirs.head == 0).then_some(0));
        let (dialer, same) = (session.dialer, theirs.fingerprint == mine.fingerprint);
        let caught_up = forward == Some(mine.head) && backward == Some(theirs.head);
        if same {
            link.sent = mine.head;
            link.acked = mine.head;
            link.told = mine.head;
            link.taken = theirs.head;
            let settled = CursorRecord {
                epoch: their_epoch,
                taken: theirs.head,
                acked: mine.head,
                acked_ms: step.now_ms,
            };
            if (cursor.epoch, cursor.taken, cursor.acked)
                != (settled.epoch, settled.taken, settled.acked)
            {
                step.put(Table::Cursors, CursorRecord::key(&peer, &scope), settled.to_bytes());
            }
        } else if let (Some(sent), Some(taken), false) = (forward, backward, caught_up) {
            (link.sent, link.acked, link.told, link.taken) = (sent, sent, sent, taken);
        } else {
            link.reconciling = true;
        }
        let initiate = link.reconciling && dialer;
        session.links.insert(scope.clone(), link);
        if initiate { self.initiate(step, id, &scope) } else { self.pump(step, id, &scope) }
    }

    fn initiate(
        &mut self,
        step: &mut Step<'_, impl ReadStore>,
        id: SessionId,
        scope: &Scope,
    ) -> Result<(), ReadError> {
        let head = ScopeRecord::load(&step.overlay, scope)?.head;
        let mut reconciliation = Reconciliation::new(&step.overlay, scope, head)?;
        let message = reconciliation.initiate().map_err(ReadError)?;
        if let Some(link) = self.link(id, scope) {
            link.reconciling = true;
            link.reconciliation = Some(reconciliation);
        }
        self.send(step, id, &Frame::Reconcile { scope: scope.clone(), message });
        Ok(())
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

    /// A message of a reconciliation.
    pub(crate) fn reconcile(
        &mut self,
        step: &mut Step<'_, impl ReadStore>,
        id: SessionId,
        scope: Scope,
        message: &[u8],
    ) -> Result<(), ReadError> {
        if !self.shared(step, id, &scope) {
            return Ok(());
        }
        let dialer = self.sessions.get(&id).is_some_and(|session| session.dialer);
        let current = self.link(id, &scope).and_then(|link| link.reconciliation.take());
        if dialer {
            let Some(reconciliation) = current else {
                self.refuse(step, id, "malformed-frame", "nobody asked for this reconciliation");
                return Ok(());
            };
            return self.difference(step, id, scope, reconciliation, message);
        }
        let mut reconciliation = match current {
            Some(current) => current,
            None => {
                let head = ScopeRecord::load(&step.overlay, &scope)?.head;
                Reconciliation::new(&step.overlay, &scope, head)?
            }
        };
        match reconciliation.answer(message) {
            Ok(message) => {
                if let Some(link) = self.link(id, &scope) {
                    link.reconciling = true;
                    link.reconciliation = Some(reconciliation);
                }
                self.send(step, id, &Frame::Reconcile { scope, message });
            }
            Err(error) => self.refuse(step, id, "malformed-frame", &error),
        }
        Ok(())
    }

    /// The initiator learned something: send what the peer lacks, ask for what we lack.
    fn difference(
        &mut self,
        step: &mut Step<'_, impl ReadStore>,
        id: SessionId,
        scope: Scope,
        mut reconciliation: Reconciliation,
        message: &[u8],
    ) -> Result<(), ReadError> {
        let difference = match reconciliation.read(message) {
            Ok(difference) => difference,
            Err(error) => {
                self.refuse(step, id, "malformed-frame", &error);
                return Ok(());
            }
        };
        let head = reconciliation.head;
        let done = difference.next.is_none();
        let Some(session) = self.sessions.get_mut(&id) else {
            return Ok(());
        };
        session.cost.round_trips += 1 + u64::from(done && !difference.want.is_empty());
        let Some(link) = session.links.get_mut(&scope) else {
            return Ok(());
        };
        link.queue.extend(difference.have);
        if done {
            link.closing = Some(head);
            link.sent = head;
            link.reconciling = false;
        } else {
            link.reconciliation = Some(reconciliation);
        }
        for ids in difference.want.chunks(limits::WANT_IDS_MAX) {
            let want = Frame::Want { scope: scope.clone(), ids: ids.to_vec() };
            self.send(step, id, &want);
        }
        match difference.next {
            Some(message) => {
                self.send(step, id, &Frame::Reconcile { scope: scope.clone(), message });
            }
            // An empty want ends it: the peer then tells its position and streams again.
            None => self.send(step, id, &Frame::Want { scope: scope.clone(), ids: Vec::new() }),
        }
        self.pump(step, id, &scope)
    }

    /// The initiator asks for items, and ends the reconciliation with an empty list.
    pub(crate) fn wanted(
        &mut self,
        step: &mut Step<'_, impl ReadStore>,
        id: SessionId,
        scope: Scope,
        ids: Vec<Hash>,
    ) -> Result<(), ReadError> {
        if !self.shared(step, id, &scope) {
            return Ok(());
        }
        let head = ScopeRecord::load(&step.overlay, &scope)?.head;
        let Some(link) = self.link(id, &scope) else {
            return Ok(());
        };
        if link.queue.len() + ids.len() > 4 * limits::WANT_IDS_MAX {
            self.refuse(step, id, "flood", "more items wanted than may wait");
            return Ok(());
        }
        if ids.is_empty() {
            let head = link.reconciliation.take().map_or(head, |r| r.head);
            link.closing = Some(head);
            link.sent = head;
            link.reconciling = false;
        }
        link.queue.extend(ids);
        self.pump(step, id, &scope)
    }

    /// A scope's feed grew: push it to every session that shares it.
    pub(crate) fn push(
        &mut self,
        step: &mut Step<'_, impl ReadStore>,
        scope: &Scope,
    ) -> Result<(), ReadError> {
        let own = self.identity.unit.clone();
        let sharing = |session: &Session| {
            session.unit.as_ref().is_some_and(|unit| holds(unit, scope)) && holds(&own, scope)
        };
        let ids: Vec<SessionId> =
            self.sessions.iter().filter(|(_, s)| sharing(s)).map(|(id, _)| *id).collect();
        for id in ids {
            if let Some(session) = self.sessions.get_mut(&id) {
                session.links.entry(scope.clone()).or_default();
            }
            self.pump(step, id, scope)?;
        }
        Ok(())
    }

    /// Sends what the window allows: items asked for by id first, then the feed.
    fn pump(
        &mut self,
        step: &mut Step<'_, impl ReadStore>,
        id: SessionId,
        scope: &Scope,
    ) -> Result<(), ReadError> {
        loop {
            let head = ScopeRecord::load(&step.overlay, scope)?;
            let batch_bytes = self.config.batch_bytes;
            let Some(session) = self.sessions.get_mut(&id) else {
                return Ok(());
            };
            let origin = session.origin();
            let Some(link) = session.links.get_mut(scope) else {
                return Ok(());
            };
            if link.in_flight >= WINDOW_FRAMES_MAX {
                return Ok(());
            }
            let mut items =
                Items { scope: scope.clone(), upto: None, fingerprint: None, items: Vec::new() };
            if !link.queue.is_empty() {
                link.queue = in_feed_order(&step.overlay, std::mem::take(&mut link.queue))?;
                fill_by_id(&step.overlay, scope, &mut link.queue, batch_bytes, &mut items)?;
            } else if let Some(position) = link.closing.take() {
                items.upto = Some(position);
            } else if !link.reconciling && link.sent < head.head {
                let upto = fill_from_feed(
                    &step.overlay,
                    scope,
                    (link.sent, head.head),
                    (origin, batch_bytes),
                    &mut items.items,
                )?;
                link.sent = upto;
                // What came from this peer goes back to nobody.
                if items.items.is_empty() {
                    continue;
                }
                items.upto = Some(upto);
            } else {
                return Ok(());
            }
            if let Some(upto) = items.upto {
                link.told = link.told.max(upto);
            }
            if items.upto == Some(head.head) {
                items.fingerprint = Some(head.fingerprint.0);
            }
            link.in_flight += 1;
            session.cost.items_out += items.items.len() as u64;
            self.send(step, id, &Frame::Items(items));
        }
    }

    /// Items of a scope: judge each, then acknowledge.
    pub(crate) fn items(
        &mut self,
        step: &mut Step<'_, impl ReadStore>,
        id: SessionId,
        items: Items,
    ) -> Result<(), ReadError> {
        if !self.shared(step, id, &items.scope) {
            return Ok(());
        }
        let now_ms = step.now_ms;
        let Some(link) = self.link(id, &items.scope) else {
            return Ok(());
        };
        if !link.held.is_empty() {
            if link.held.len() >= WINDOW_FRAMES_MAX {
                self.refuse(step, id, "flood", "more frames than the window allows");
            } else {
                link.held.push_back((now_ms, items));
            }
            return Ok(());
        }
        if let Some(items) = self.take_in(step, id, items, false)?
            && let Some(link) = self.link(id, &items.scope)
        {
            link.held.push_front((now_ms, items));
        }
        Ok(())
    }

    /// Judges a frame's items. Returns the frame if it must wait for a delegation.
    fn take_in(
        &mut self,
        step: &mut Step<'_, impl ReadStore>,
        id: SessionId,
        items: Items,
        last_chance: bool,
    ) -> Result<Option<Items>, ReadError> {
        let Some(session) = self.sessions.get(&id) else {
            return Ok(None);
        };
        let (peer, origin, epoch) = (session.peer, session.origin(), session.epoch);
        let (mut refused, mut first, mut taken) = (0, None, 0);
        for bytes in &items.items {
            let rejection = match self.offer(step, &items.scope, bytes, origin)? {
                Offered::Taken => {
                    taken += 1;
                    continue;
                }
                Offered::Duplicate => continue,
                Offered::Waits(_) if !last_chance => {
                    self.count_items(id, taken);
                    return Ok(Some(items));
                }
                Offered::Waits(id) => {
                    Rejection::Unauthorised(node_authority::Refusal::UnknownDelegation(id))
                }
                Offered::Rejected(rejection) => rejection,
            };
            refused += 1;
            first.get_or_insert_with(|| reason(rejection.code(), &rejection.to_string()));
            self.quarantine(step, peer, bytes, rejection);
        }
        self.count_items(id, taken);
        if let Some(upto) = items.upto {
            self.advance(step, (id, peer, epoch), &items.scope, upto)?;
        }
        let ack = Ack { scope: items.scope.clone(), upto: items.upto, refused, reason: first };
        self.send(step, id, &Frame::Ack(ack));
        Ok(None)
    }

    fn count_items(&mut self, id: SessionId, taken: u64) {
        if let Some(session) = self.sessions.get_mut(&id) {
            session.cost.items_in += taken;
        }
    }

    /// Moves our cursor in the peer's feed.
    fn advance(
        &mut self,
        step: &mut Step<'_, impl ReadStore>,
        (id, peer, epoch): (SessionId, NodeKey, [u8; 16]),
        scope: &Scope,
        upto: u64,
    ) -> Result<(), ReadError> {
        if let Some(link) = self.link(id, scope) {
            link.taken = link.taken.max(upto);
        }
        let mut cursor = CursorRecord::load(&step.overlay, &peer, scope)?.unwrap_or_default();
        (cursor.epoch, cursor.taken) = (epoch, upto);
        step.put(Table::Cursors, CursorRecord::key(&peer, scope), cursor.to_bytes());
        Ok(())
    }

    /// The peer holds what we sent, durably.
    pub(crate) fn acked(
        &mut self,
        step: &mut Step<'_, impl ReadStore>,
        id: SessionId,
        ack: Ack,
    ) -> Result<(), ReadError> {
        let Some(session) = self.sessions.get_mut(&id) else {
            return Ok(());
        };
        let peer = session.peer;
        let Some(link) = session.links.get_mut(&ack.scope).filter(|link| link.in_flight > 0) else {
            self.refuse(step, id, "malformed-frame", "an ack of nothing sent");
            return Ok(());
        };
        link.in_flight -= 1;
        if let Some(upto) = ack.upto.filter(|upto| *upto <= link.sent) {
            link.acked = link.acked.max(upto);
            let acked = link.acked;
            let mut cursor =
                CursorRecord::load(&step.overlay, &peer, &ack.scope)?.unwrap_or_default();
            (cursor.acked, cursor.acked_ms) = (acked, step.now_ms);
            step.put(Table::Cursors, CursorRecord::key(&peer, &ack.scope), cursor.to_bytes());
        }
        if ack.refused > 0 {
            let (scope, count) = (ack.scope.clone(), ack.refused);
            let event = Event::RefusedByPeer { peer, scope, count, reason: ack.reason };
            step.effects.push(Effect::Tell(event));
        }
        self.pump(step, id, &ack.scope)
    }

    /// Tries frames again that waited for a delegation.
    pub(crate) fn retry_held(
        &mut self,
        step: &mut Step<'_, impl ReadStore>,
    ) -> Result<(), ReadError> {
        self.release_held(step, |_| false)
    }

    /// Gives up on frames whose delegation did not come in time.
    pub(crate) fn expire_held(
        &mut self,
        step: &mut Step<'_, impl ReadStore>,
    ) -> Result<(), ReadError> {
        let (now_ms, hold_ms) = (step.now_ms, self.config.hold_ms);
        self.release_held(step, |came_ms| now_ms.saturating_sub(came_ms) >= hold_ms)
    }

    fn release_held(
        &mut self,
        step: &mut Step<'_, impl ReadStore>,
        last_chance: impl Fn(u64) -> bool,
    ) -> Result<(), ReadError> {
        let waiting: Vec<(SessionId, Scope)> = self
            .sessions
            .iter()
            .flat_map(|(id, session)| {
                session.links.iter().map(move |(scope, link)| (id, scope, link))
            })
            .filter(|(_, _, link)| !link.held.is_empty())
            .map(|(id, scope, _)| (*id, scope.clone()))
            .collect();
        for (id, scope) in waiting {
            while let Some((came_ms, items)) =
                self.link(id, &scope).and_then(|link| link.held.pop_front())
            {
                let again = self.take_in(step, id, items, last_chance(came_ms))?;
                if let Some(items) = again {
                    if let Some(link) = self.link(id, &scope) {
                        link.held.push_front((came_ms, items));
                    }
                    break;
                }
            }
            self.settle(step, id)?;
        }
        Ok(())
    }

    /// Tells the peer our position where only its own items moved it, so that its cursor is good
    /// for the next resume. Returns whether there was anything to tell.
    pub(crate) fn tell_positions(
        &mut self,
        step: &mut Step<'_, impl ReadStore>,
        id: SessionId,
    ) -> bool {
        let Some(session) = self.sessions.get_mut(&id) else {
            return false;
        };
        let mut frames = Vec::new();
        for (scope, link) in &mut session.links {
            if link.idle() && link.sent > link.told {
                link.told = link.sent;
                link.in_flight += 1;
                let upto = Some(link.sent);
                let items = Vec::new();
                frames.push(Items { scope: scope.clone(), upto, fingerprint: None, items });
            }
        }
        for items in &frames {
            self.send(step, id, &Frame::Items(items.clone()));
        }
        !frames.is_empty()
    }

    /// Tells every settled peer our positions.
    pub(crate) fn tell_all_positions(&mut self, step: &mut Step<'_, impl ReadStore>) {
        let settled = self.sessions.iter().filter(|(_, session)| session.settled);
        let ids: Vec<SessionId> = settled.map(|(id, _)| *id).collect();
        for id in ids {
            self.tell_positions(step, id);
        }
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
        if session.links.values().all(Link::idle) {
            if self.tell_positions(step, id) {
                return Ok(());
            }
            let Some(session) = self.sessions.get_mut(&id) else {
                return Ok(());
            };
            session.settled = true;
            let event = Event::Resumed { peer: session.peer, unit, cost: session.cost };
            step.effects.push(Effect::Tell(event));
        }
        Ok(())
    }
}

/// The position of a cursor that names this feed and lies within it.
fn usable(known: Option<Known>, epoch: [u8; 16], head: u64) -> Option<u64> {
    known.filter(|known| known.epoch == epoch && known.seq <= head).map(|known| known.seq)
}

impl PeerRecord {
    fn load(store: &impl ReadStore, peer: &NodeKey) -> Result<Option<Self>, ReadError> {
        let bytes = store.read(Table::Meta, &Self::key(peer))?;
        bytes.map(|b| Self::from_bytes(&b).ok_or_else(|| corrupt("peer"))).transpose()
    }
}

/// Sorts ids by where they lie in the feed: causal order. Ids not here are dropped.
fn in_feed_order(store: &impl ReadStore, ids: VecDeque<Hash>) -> Result<VecDeque<Hash>, ReadError> {
    let mut placed = Vec::with_capacity(ids.len());
    for id in ids {
        if let Some(bytes) = store.read(Table::Positions, &id.0)? {
            placed.push((Fields(&bytes).number().ok_or_else(|| corrupt("position"))?, id));
        }
    }
    placed.sort_unstable();
    Ok(placed.into_iter().map(|(_, id)| id).collect())
}

fn fill_by_id(
    store: &impl ReadStore,
    scope: &Scope,
    queue: &mut VecDeque<Hash>,
    batch_bytes: usize,
    items: &mut Items,
) -> Result<(), ReadError> {
    let key = scope_key(scope);
    let mut size = 0;
    while let Some(id) = queue.pop_front() {
        let Some(bytes) = store.read(Table::Positions, &id.0)? else {
            continue;
        };
        let mut fields = Fields(&bytes);
        let position = fields.number().ok_or_else(|| corrupt("position"))?;
        if fields.0 != key {
            continue;
        }
        let feed = store.read(feed_table(scope.audience), &with_number(&key, position))?;
        let feed = feed.ok_or_else(|| corrupt("feed"))?;
        let item = outgoing(store, scope, &feed)?.item;
        size += item.len();
        items.items.push(item);
        if size >= batch_bytes || items.items.len() >= BATCH_ITEMS_MAX {
            break;
        }
    }
    Ok(())
}

fn outgoing(store: &impl ReadStore, scope: &Scope, bytes: &[u8]) -> Result<FeedRecord, ReadError> {
    let mut record = FeedRecord::from_bytes(bytes).ok_or_else(|| corrupt("feed"))?;
    if record.keys {
        record.item = with_keys(store, scope, &record.item)?;
    }
    Ok(record)
}

/// Reads the feed after a position into a frame; returns the position reached.
fn fill_from_feed(
    store: &impl ReadStore,
    scope: &Scope,
    (sent, head): (u64, u64),
    (origin, batch_bytes): ([u8; 8], usize),
    items: &mut Vec<Vec<u8>>,
) -> Result<u64, ReadError> {
    const PAGE: usize = 64;
    let key = scope_key(scope);
    let (mut upto, mut size) = (sent, 0);
    while upto < head && items.len() < BATCH_ITEMS_MAX {
        let (from, to) = (with_number(&key, upto + 1), with_number(&key, head + 1));
        let page = store.range(feed_table(scope.audience), &from, &to, PAGE)?;
        if page.is_empty() {
            return Err(corrupt("feed"));
        }
        for (_, bytes) in page {
            let record = outgoing(store, scope, &bytes)?;
            if record.origin != origin {
                // The next item may be as large as one may be: stop before the frame overflows.
                if size > 0 && size + record.item.len() > batch_bytes {
                    return Ok(upto);
                }
                size += record.item.len();
                items.push(record.item);
            }
            upto += 1;
        }
    }
    Ok(upto)
}
