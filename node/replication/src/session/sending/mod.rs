//! Sending: what lies behind a position of our feed, or is queued by id, as far as the windows
//! allow. Resume and live push are one mechanism.
//!
//! ```text
//!   Idle, Waits --start--> Goes --later--> PutOff --again--> Goes --stop--> Waits
//! ```

mod link;

use std::collections::{BTreeMap, BTreeSet};

use schema_wire::{Ack, Hash, Holds, Items, List, Scope, UnitId};

use super::fault::{Code, Fault, refuse};
use super::member::path_to;
use super::node::{Node, Origin, ScopeState};
use super::step::{Event, Step};
pub(super) use link::farewell;
use link::{Cargo, Filling, Flight, Link, Pace, Rank};

/// Items frames of one scope that are sent and not acknowledged.
pub(super) const WINDOW_OF_A_SCOPE: usize = 4;
/// Those of a session, and how many more of statements: others may wait for what is in them.
pub(super) const WINDOW_OF_A_SESSION: usize = 64;
pub(super) const WINDOW_OF_STATEMENTS: usize = 8;
/// Bytes of a session that are sent and not acknowledged; the last frame may go beyond.
const BYTES_IN_FLIGHT_MAX: usize = 2 << 20;

/// What is sent to one peer.
#[derive(Debug)]
pub(super) struct Sending {
    /// What came from there is not sent back.
    peer: Origin,
    links: BTreeMap<Scope, Link>,
    in_flight: usize,
    bytes_in_flight: usize,
    /// Scopes that have something to send and room in their own window, in their order.
    ready: BTreeSet<(Rank, Scope)>,
    /// Units whose statements wait for a reconciliation, or for room in their own window: what
    /// rests on them waits too, or it would fill the windows while it waits at the peer.
    upheld: BTreeSet<UnitId>,
    /// Scopes whose turn came while a unit above them was upheld.
    parked: BTreeMap<UnitId, Vec<(Rank, Scope)>>,
    /// The next turn of scopes that are no statements.
    turn: u64,
    /// Scopes of statements that are being sent, those that may not be sent, and those of which our
    /// position ran ahead of what the peer was told: a session may have as many scopes as a city.
    open_statements: BTreeSet<Scope>,
    held_back: BTreeSet<Scope>,
    ahead: BTreeSet<Scope>,
}

impl Sending {
    /// Nothing is sent yet.
    pub(super) fn new(peer: Origin) -> Self {
        Self {
            peer,
            links: BTreeMap::new(),
            in_flight: 0,
            bytes_in_flight: 0,
            ready: BTreeSet::new(),
            upheld: BTreeSet::new(),
            parked: BTreeMap::new(),
            turn: 0,
            open_statements: BTreeSet::new(),
            held_back: BTreeSet::new(),
            ahead: BTreeSet::new(),
        }
    }

    /// Keeps what is asked of all scopes together, where one has changed.
    fn note(&mut self, scope: &Scope) {
        let put = |scopes: &mut BTreeSet<Scope>, is_in: bool| match is_in {
            true if !scopes.contains(scope) => drop(scopes.insert(scope.clone())),
            true => {}
            false => drop(scopes.remove(scope)),
        };
        let link = self.links.get(scope);
        let is_open = |link: &Link| {
            matches!(scope.holds(), Holds::Statements)
                && (link.rank.is_some() || link.pace != Pace::PutOff && !link.flight.is_empty())
        };
        let is_held_back = |link: &Link| matches!(link.pace, Pace::Waits | Pace::PutOff);
        put(&mut self.open_statements, link.is_some_and(is_open));
        put(&mut self.held_back, link.is_some_and(is_held_back));
        put(&mut self.ahead, link.is_some_and(|link| link.sent > link.told));
    }

    /// Sends a scope's feed from behind a position, which the peer has acknowledged before. Who
    /// sends a whole scope sends its adoptions first.
    pub(super) fn start<N: Node>(
        &mut self,
        step: &Step<'_, N>,
        scope: &Scope,
        after: u64,
    ) -> Result<(), Fault<N::Error>> {
        let ScopeState { head, .. } = step.node.scope(scope)?;
        let whole = after == 0 && head > 0;
        let adoptions = if whole { step.node.adoptions(scope)? } else { Vec::new() };
        let link = self.links.entry(scope.clone()).or_default();
        link.pace = Pace::Goes;
        (link.sent, link.told) = (after, after);
        link.adopted = if adoptions.is_empty() { 0 } else { head };
        link.queue.extend(adoptions);
        self.schedule(step, scope)
    }

    /// Sends what the peer lacks by a reconciliation, then our position as of it, or none if it
    /// ended early, then the feed from there.
    pub(super) fn start_after<N: Node>(
        &mut self,
        step: &Step<'_, N>,
        scope: &Scope,
        lacking: Vec<Hash>,
        position: u64,
        early: bool,
    ) -> Result<(), Fault<N::Error>> {
        let link = self.links.entry(scope.clone()).or_default();
        link.pace = Pace::Goes;
        link.sent = position;
        link.queue.extend(lacking);
        link.closing = Some((!early).then_some(position));
        self.schedule(step, scope)
    }

    /// Nothing more of the scope's feed is sent until it starts again.
    pub(super) fn stop(&mut self, scope: &Scope) {
        self.links.entry(scope.clone()).or_default().pace = Pace::Waits;
        self.note(scope);
        if matches!(scope.holds(), Holds::Statements) {
            self.upheld.insert(scope.unit().clone());
        }
    }

    /// Sends items by id.
    pub(super) fn queue<N: Node>(
        &mut self,
        step: &Step<'_, N>,
        scope: &Scope,
        ids: impl IntoIterator<Item = Hash>,
    ) -> Result<(), Fault<N::Error>> {
        self.links.entry(scope.clone()).or_default().queue.extend(ids);
        self.schedule(step, scope)
    }

    /// A scope's feed grew. A scope that nobody named is told from this position on.
    pub(super) fn push<N: Node>(
        &mut self,
        step: &Step<'_, N>,
        scope: &Scope,
        unnamed_from: Option<u64>,
    ) -> Result<(), Fault<N::Error>> {
        if let Some(from) = unnamed_from {
            let link = self.links.entry(scope.clone()).or_default();
            if link.pace == Pace::Idle {
                link.pace = Pace::Goes;
                (link.sent, link.told) = (from, from);
            }
        }
        self.schedule(step, scope)
    }

    /// The two no longer share these scopes.
    pub(super) fn cease(&mut self, shares: impl Fn(&Scope) -> bool) {
        let gone: Vec<Scope> = self.links.keys().filter(|scope| !shares(scope)).cloned().collect();
        for scope in gone {
            if let Some(link) = self.links.remove(&scope) {
                self.in_flight -= link.flight.len();
                self.bytes_in_flight -= link.flight.iter().map(|f| f.bytes).sum::<usize>();
                if let Some(rank) = link.rank {
                    self.ready.remove(&(rank, scope.clone()));
                }
                if matches!(scope.holds(), Holds::Statements) {
                    self.release(scope.unit());
                }
            }
            self.note(&scope);
        }
    }

    /// The peer holds what we sent, durably, or puts it off.
    pub(super) fn acked<N: Node>(
        &mut self,
        step: &mut Step<'_, N>,
        ack: Ack,
    ) -> Result<(), Fault<N::Error>> {
        let Ack { scope, upto, later, refused, reason } = ack;
        let link = self.links.get_mut(&scope);
        let Some((link, flight)) =
            link.and_then(|link| link.flight.pop_front().map(|flight| (link, flight)))
        else {
            return refuse(Code::MalformedFrame, "an ack of nothing that was sent");
        };
        self.in_flight -= 1;
        self.bytes_in_flight -= flight.bytes;
        if flight.upto != upto {
            return refuse(Code::MalformedFrame, "an ack of another frame");
        }
        if later {
            link.put_off(flight);
        }
        if refused > 0 {
            let (peer, scope) = (self.peer.peer, scope.clone());
            step.emit(Event::RefusedByPeer { peer, scope, count: refused, reason });
        }
        self.schedule(step, &scope)
    }

    /// The peer can go on with a scope that it put off.
    pub(super) fn again<N: Node>(
        &mut self,
        step: &Step<'_, N>,
        scope: &Scope,
    ) -> Result<(), Fault<N::Error>> {
        match self.links.get_mut(scope) {
            Some(link) if link.pace == Pace::PutOff => {
                link.pace = Pace::Goes;
                let ids = std::mem::take(&mut link.put_off);
                ids.into_iter().rev().for_each(|id| link.queue.push_front(id));
            }
            _ => return refuse(Code::MalformedFrame, "again of what was not put off"),
        }
        self.schedule(step, scope)
    }

    /// Is nothing of the scope on its way, and nothing left to send?
    pub(super) fn is_quiet<N: Node>(
        &self,
        step: &Step<'_, N>,
        scope: &Scope,
    ) -> Result<bool, Fault<N::Error>> {
        match self.links.get(scope) {
            Some(link) => Ok(link.is_quiet(step.node.scope(scope)?.head)),
            None => Ok(true),
        }
    }

    /// Was everything sent and acknowledged?
    pub(super) fn is_all_acknowledged(&self) -> bool {
        let idle = self.in_flight == 0 && self.ready.is_empty() && self.parked.is_empty();
        idle && self.held_back.is_empty()
    }

    /// By scope, up to where the feed was acknowledged.
    pub(super) fn acknowledged(&self) -> BTreeMap<Scope, u64> {
        let goes = self.links.iter().filter(|(_, link)| link.pace == Pace::Goes);
        goes.map(|(scope, link)| (scope.clone(), link.acknowledged())).collect()
    }

    /// Does the peer have every item of the scope that we send? What tells positions alone may be
    /// on its way.
    pub(super) fn is_all_there<N: Node>(
        &self,
        step: &Step<'_, N>,
        scope: &Scope,
    ) -> Result<bool, Fault<N::Error>> {
        match self.links.get(scope) {
            Some(link) => Ok(link.is_all_there(step.node.scope(scope)?.head)),
            None => Ok(true),
        }
    }

    /// Was everything of these layers sent and acknowledged?
    pub(super) fn statements_are_quiet(&self) -> bool {
        self.open_statements.is_empty()
    }

    /// Tells our position where only the peer's own items moved it beyond what the peer was told,
    /// and what it was told is less than this.
    pub(super) fn tell_position<N: Node>(
        &mut self,
        step: &mut Step<'_, N>,
        scope: &Scope,
        owed: u64,
    ) -> Result<(), Fault<N::Error>> {
        let ScopeState { head, vector } = step.node.scope(scope)?;
        if self.is_full(scope) {
            return Ok(());
        }
        if let Some(link) = self.links.get(scope)
            && link.is_quiet(head)
            && link.pace == Pace::Goes
            && link.sent > link.told
            && link.told < owed
        {
            let (upto, sum) = (Some(link.sent), Some(vector.sum()));
            let items = Items { scope: scope.clone(), upto, sum, items: List::default() };
            self.send(step, items, Cargo::Closing);
        }
        Ok(())
    }

    /// Tells our position and our sum, whether the peer knows the position or not.
    pub(super) fn tell_sum<N: Node>(
        &mut self,
        step: &mut Step<'_, N>,
        scope: &Scope,
    ) -> Result<(), Fault<N::Error>> {
        if let Some(link) = self.links.get_mut(scope)
            && link.pace == Pace::Goes
            && link.closing.is_none()
        {
            link.closing = Some(Some(link.sent));
        }
        self.schedule(step, scope)
    }

    /// Tells all positions that ran ahead.
    pub(super) fn tell_positions<N: Node>(
        &mut self,
        step: &mut Step<'_, N>,
    ) -> Result<(), Fault<N::Error>> {
        let scopes: Vec<Scope> = self.ahead.iter().cloned().collect();
        scopes.iter().try_for_each(|scope| self.tell_position(step, scope, u64::MAX))
    }

    /// Sends what the windows allow. Returns the scopes of which nothing was left but what had
    /// come from the peer.
    pub(super) fn pump<N: Node>(
        &mut self,
        step: &mut Step<'_, N>,
    ) -> Result<Vec<Scope>, Fault<N::Error>> {
        let mut passed = Vec::new();
        while let Some(scope) = self.next() {
            let filled = self.fill(step, &scope)?;
            let passed_over = filled.is_none();
            if let Some((items, cargo)) = filled {
                self.send(step, items, cargo);
            }
            self.schedule(step, &scope)?;
            if passed_over {
                passed.push(scope);
            }
        }
        Ok(passed)
    }

    /// The scope whose turn it is, if there is room for one.
    fn next(&mut self) -> Option<Scope> {
        loop {
            // Statements stand first: where they have no room, nothing behind them has.
            let (_, scope) = self.ready.first()?;
            if self.is_full(scope) {
                return None;
            }
            let (rank, scope) = self.ready.pop_first()?;
            if let Some(above) = self.upheld_above(&scope) {
                self.parked.entry(above).or_default().push((rank, scope));
                continue;
            }
            if let Some(link) = self.links.get_mut(&scope) {
                link.rank = None;
            }
            return Some(scope);
        }
    }

    /// The unit that is upheld and whose statements go before what is in a scope, if any.
    fn upheld_above(&self, scope: &Scope) -> Option<UnitId> {
        let mut before = path_to(scope.unit());
        match scope.holds() {
            Holds::Statements => drop(before.pop()),
            Holds::Pair(other) => before.extend(path_to(other)),
            Holds::Public | Holds::Path | Holds::Band(_) => {}
        }
        before.into_iter().find(|unit| self.upheld.contains(unit))
    }

    /// The statements of a unit are no longer what others wait for.
    fn release(&mut self, unit: &UnitId) {
        if self.upheld.remove(unit) {
            self.ready.extend(self.parked.remove(unit).unwrap_or_default());
        }
    }

    /// Is as much on its way as may be, for a scope?
    fn is_full(&self, scope: &Scope) -> bool {
        let more = match scope.holds() {
            Holds::Statements => WINDOW_OF_STATEMENTS,
            Holds::Public | Holds::Path | Holds::Pair(_) | Holds::Band(_) => 0,
        };
        self.in_flight >= WINDOW_OF_A_SESSION + more
            || self.bytes_in_flight >= BYTES_IN_FLIGHT_MAX && more == 0
    }

    /// Lets a scope wait for its turn if it has something to send and room for it.
    fn schedule<N: Node>(
        &mut self,
        step: &Step<'_, N>,
        scope: &Scope,
    ) -> Result<(), Fault<N::Error>> {
        let ScopeState { head, .. } = step.node.scope(scope)?;
        let Some(link) = self.links.get_mut(scope) else {
            return Ok(());
        };
        let statements = matches!(scope.holds(), Holds::Statements);
        let more = link.has_more(head);
        let room = link.flight.len() < WINDOW_OF_A_SCOPE;
        let upheld = link.pace == Pace::Waits || more && !room;
        if more && room && link.rank.is_none() {
            self.turn += 1;
            let rank = if statements {
                Rank::Statements(scope.unit().depth())
            } else {
                Rank::Other(self.turn)
            };
            link.rank = Some(rank);
            self.ready.insert((rank, scope.clone()));
        }
        match statements {
            true if upheld => drop(self.upheld.insert(scope.unit().clone())),
            true => self.release(scope.unit()),
            false => {}
        }
        self.note(scope);
        Ok(())
    }

    /// The next frame of a scope.
    fn fill<N: Node>(
        &mut self,
        step: &Step<'_, N>,
        scope: &Scope,
    ) -> Result<Option<(Items, Cargo)>, Fault<N::Error>> {
        let ScopeState { head, vector } = step.node.scope(scope)?;
        let Some(link) = self.links.get_mut(scope).filter(|link| link.has_more(head)) else {
            return Ok(None);
        };
        let mut frame = Filling::default();
        let (upto, cargo) = if !link.queue.is_empty() {
            let ids = link.fill_by_id(step, scope, &mut frame)?;
            if ids.is_empty() {
                return Ok(None);
            }
            (None, Cargo::ById(ids))
        } else if let Some(position) = link.closing.take() {
            (position, Cargo::Closing)
        } else {
            let from = link.sent;
            link.fill_from_feed(step, scope, head, self.peer, &mut frame)?;
            // What came from this peer goes back to nobody: the position is told when it is quiet.
            if frame.items.is_empty() {
                return Ok(None);
            }
            (Some(link.sent), Cargo::Feed(from))
        };
        // A position may run ahead of the last item of the scope.
        let all = upto.is_some_and(|upto| upto >= head) && link.queue.is_empty();
        let sum = all.then(|| vector.sum());
        Ok(Some((frame.into_items(scope, upto, sum), cargo)))
    }

    fn send<N>(&mut self, step: &mut Step<'_, N>, items: Items, cargo: Cargo) {
        let bytes = items.items.iter().map(|item| item.len()).sum();
        let link = self.links.entry(items.scope.clone()).or_default();
        link.told = link.told.max(items.upto.unwrap_or(0));
        link.flight.push_back(Flight { upto: items.upto, bytes, cargo });
        self.in_flight += 1;
        self.bytes_in_flight += bytes;
        self.note(&items.scope);
        step.send(items);
    }
}
