//! Receiving: judges a frame's items, moves the cursor, acknowledges; and holds, in order and
//! within a bound, what waits for a statement that is not here yet.
//!
//! ```text
//!   items --all taken--> ack          (cursor moves in the same batch)
//!         --one waits--> held --statement comes--> judged again
//!                             --60 s, 4 MiB------> ack "later"; again, when the line is quiet
//! ```

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use schema_wire::{Ack, Again, Bytes, Cursor, Hash, Holds, Items, Ms, Reason, Scope};

use super::fault::{Code, Fault, refuse};
use super::node::{Node, Origin, Taken};
use super::sending::{WINDOW_OF_A_SCOPE, WINDOW_OF_A_SESSION, WINDOW_OF_STATEMENTS};
use super::step::{Event, Step};

/// Bytes of frames that may wait in a session.
const HELD_BYTES_MAX: usize = 4_194_304;
/// How long a frame waits, in milliseconds.
const HELD_MS_MAX: u64 = 60_000;
/// Refused items of one frame that are shown to people, and kept.
const REFUSED_SHOWN_MAX: u64 = 64;
/// A scope that was put off goes on when nothing of it came for so long: what was under way when
/// the peer was told must not be taken for what it sends after it is told to go on.
const AGAIN_MS: u64 = 30_000;

/// What is received from one peer.
#[derive(Debug)]
pub(super) struct Receiving {
    from: Origin,
    /// The scopes of which anything came, or is expected.
    links: BTreeMap<Scope, Link>,
    /// Those of which frames wait, or that were put off.
    waiting: BTreeSet<Scope>,
    /// Frames that wait, and their bytes.
    held: usize,
    held_bytes: usize,
}

/// What is received of one scope.
#[derive(Debug, Default)]
struct Link {
    /// The peer's feed: the last position taken.
    taken: u64,
    /// The two compared the scope: how far it was taken is asked for.
    is_compared: bool,
    /// A reconciliation ended early: the cursor stays.
    frozen: bool,
    /// The last frame that was put off came then: the peer waits to be told to go on.
    put_off: Option<Ms>,
    /// Frames that are not acknowledged yet, in their order.
    held: VecDeque<Delivery>,
    /// The peer's sum as of the last of its feed that was taken, if that was all.
    sum: Option<Hash>,
}

/// A frame that is being taken in.
#[derive(Debug)]
struct Delivery {
    since: Ms,
    upto: Option<u64>,
    sum: Option<Hash>,
    /// What is not taken yet, in causal order.
    items: VecDeque<Vec<u8>>,
    bytes: usize,
    /// What the first of them waits for, if it has a name.
    awaits: Option<Hash>,
    refused: u64,
    reason: Option<Reason>,
    /// The last one, where there are more than are shown.
    last_refused: Option<(Vec<u8>, Reason)>,
}

/// What a session must do about what came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Came {
    /// An item waits for this one: the peer has it.
    Wants(Scope, Hash),
    /// Everything of the scope came, and the peer's sum is this.
    All(Scope, Hash),
}

impl Delivery {
    fn new(now: Ms, items: Items) -> Self {
        let Items { upto, sum, items, .. } = items;
        let items: VecDeque<Vec<u8>> = items.into_vec().into_iter().map(Bytes::into_vec).collect();
        let bytes = items.iter().map(Vec::len).sum();
        let (awaits, reason, last_refused) = (None, None, None);
        Self { since: now, upto, sum, items, bytes, awaits, refused: 0, reason, last_refused }
    }
}

impl Receiving {
    /// Nothing came yet.
    pub(super) fn new(from: Origin) -> Self {
        let (links, waiting) = (BTreeMap::new(), BTreeSet::new());
        Self { from, links, waiting, held: 0, held_bytes: 0 }
    }

    /// The scope was taken from the peer's feed up to here.
    pub(super) fn start(&mut self, scope: &Scope, taken: u64) {
        let link = self.links.entry(scope.clone()).or_default();
        link.taken = link.taken.max(taken);
        link.is_compared = true;
    }

    /// Keeps which scopes wait, where one has changed; and forgets one of which nothing is known.
    fn note(&mut self, scope: &Scope) {
        let link = self.links.get(scope);
        if link.is_some_and(|link| !link.held.is_empty() || link.put_off.is_some()) {
            self.waiting.insert(scope.clone());
        } else {
            self.waiting.remove(scope);
        }
    }

    /// Both hold the same of the scope, the peer's up to this position.
    pub(super) fn hold_equal<N: Node>(
        &mut self,
        step: &mut Step<'_, N>,
        scope: &Scope,
        seq: u64,
    ) -> Result<(), Fault<N::Error>> {
        self.start(scope, seq);
        let Origin { peer, epoch } = self.from;
        let before = step.node.cursor(&peer, scope)?.filter(|cursor| cursor.epoch == epoch);
        if seq > before.map_or(0, |cursor| cursor.seq) && step.node.scope(scope)?.head > 0 {
            step.node.set_cursor(&peer, scope, Cursor { epoch, seq })?;
        }
        Ok(())
    }

    /// A reconciliation of the scope ended early: what the peer tells of its position is not all.
    pub(super) fn freeze(&mut self, scope: &Scope) {
        self.links.entry(scope.clone()).or_default().frozen = true;
    }

    /// Was the scope taken up to here, and does nothing of it wait?
    pub(super) fn has_reached(&self, scope: &Scope, head: u64) -> bool {
        let link = self.links.get(scope);
        link.is_some_and(|link| {
            link.put_off.is_none() && link.held.is_empty() && link.taken >= head && !link.frozen
        })
    }

    /// Does anything of the scope wait?
    pub(super) fn is_waiting(&self, scope: &Scope) -> bool {
        self.links.get(scope).is_some_and(|link| !link.held.is_empty())
    }

    /// Takes in the items of a frame.
    pub(super) fn items<N: Node>(
        &mut self,
        step: &mut Step<'_, N>,
        items: Items,
    ) -> Result<Vec<Came>, Fault<N::Error>> {
        let scope = items.scope.clone();
        let is_new = !self.links.contains_key(&scope);
        let came = self.take(step, &scope, Delivery::new(step.now, items))?;
        // A peer may name scopes without end: nothing is remembered of those that stay empty.
        if is_new
            && self.links.get(&scope).is_some_and(Link::is_idle)
            && step.node.scope(&scope)?.head == 0
        {
            self.links.remove(&scope);
        }
        Ok(came)
    }

    fn take<N: Node>(
        &mut self,
        step: &mut Step<'_, N>,
        scope: &Scope,
        mut delivery: Delivery,
    ) -> Result<Vec<Came>, Fault<N::Error>> {
        let link = self.links.entry(scope.clone()).or_default();
        if let Some(last) = &mut link.put_off {
            *last = step.now;
            let (scope, upto) = (scope.clone(), delivery.upto);
            step.send(Ack { scope, upto, later: true, refused: 0, reason: None });
            return Ok(Vec::new());
        }
        // What was wanted by id may be what the frames before it wait for: it is taken at once,
        // and acknowledged in its turn.
        let mut came = Vec::new();
        if link.held.is_empty() || delivery.upto.is_none() {
            match take_in(step, self.from, scope, &mut delivery)? {
                Progress::Done => {}
                Progress::Waits(wanted) => came.extend(wanted),
                Progress::Later => {
                    self.hold(scope, delivery)?;
                    self.put_off(step, scope);
                    return Ok(came);
                }
            }
        }
        self.hold(scope, delivery)?;
        came.extend(self.release(step, scope)?);
        if self.held_bytes > HELD_BYTES_MAX {
            self.put_off(step, scope);
        }
        Ok(came)
    }

    /// Statements came: judges frames again that waited for them.
    pub(super) fn retry<N: Node>(
        &mut self,
        step: &mut Step<'_, N>,
    ) -> Result<Vec<Came>, Fault<N::Error>> {
        let mut came = Vec::new();
        if self.held == 0 {
            return Ok(came);
        }
        for scope in self.waiting.clone() {
            came.extend(self.release(step, &scope)?);
        }
        Ok(came)
    }

    /// Puts off what waited too long, and goes on with what was put off long ago.
    pub(super) fn wake<N: Node>(&mut self, step: &mut Step<'_, N>) {
        let now = step.now;
        for scope in self.waiting.clone() {
            let Some(link) = self.links.get_mut(&scope) else { continue };
            if link.held.front().is_some_and(|front| now.since(front.since) >= HELD_MS_MAX) {
                self.put_off(step, &scope);
            } else if link.put_off.is_some_and(|last| now.since(last) >= AGAIN_MS) {
                link.put_off = None;
                // A peer may name scopes without end: nothing is remembered where nothing came.
                if link.is_idle() && link.taken == 0 && !link.is_compared {
                    self.links.remove(&scope);
                }
                self.note(&scope);
                step.send(Again { scope });
            }
        }
    }

    /// The two no longer share these scopes.
    pub(super) fn cease(&mut self, shares: impl Fn(&Scope) -> bool) {
        let gone = |scope: &Scope| !shares(scope);
        for (_, link) in self.links.iter().filter(|(scope, _)| gone(scope)) {
            self.held -= link.held.len();
            self.held_bytes -= link.held.iter().map(|delivery| delivery.bytes).sum::<usize>();
        }
        self.links.retain(|scope, _| !gone(scope));
        self.waiting.retain(|scope| !gone(scope));
    }

    /// Keeps a frame until it is acknowledged, as far as the windows allow.
    fn hold<E>(&mut self, scope: &Scope, delivery: Delivery) -> Result<(), Fault<E>> {
        let link = self.links.entry(scope.clone()).or_default();
        let more = match scope.holds() {
            Holds::Statements => WINDOW_OF_STATEMENTS,
            Holds::Public | Holds::Path | Holds::Pair(_) | Holds::Band(_) => 0,
        };
        if link.held.len() >= WINDOW_OF_A_SCOPE || self.held >= WINDOW_OF_A_SESSION + more {
            return refuse(Code::Flood, "more frames than the windows allow");
        }
        self.held += 1;
        self.held_bytes += delivery.bytes;
        link.held.push_back(delivery);
        self.note(scope);
        Ok(())
    }

    /// Acknowledges frames in their order, up to the first that still waits.
    fn release<N: Node>(
        &mut self,
        step: &mut Step<'_, N>,
        scope: &Scope,
    ) -> Result<Vec<Came>, Fault<N::Error>> {
        let mut came = Vec::new();
        while let Some(link) = self.links.get_mut(scope)
            && let Some(front) = link.held.front_mut()
        {
            if let Some(id) = front.awaits
                && !step.node.holds(&id)?
            {
                break;
            }
            match take_in(step, self.from, scope, front)? {
                Progress::Done => {}
                Progress::Waits(wanted) => {
                    came.extend(wanted);
                    break;
                }
                Progress::Later => {
                    self.put_off(step, scope);
                    break;
                }
            }
            let Some(delivery) = link.held.pop_front() else { break };
            self.held -= 1;
            self.held_bytes -= delivery.bytes;
            came.extend(link.acknowledge(step, self.from, scope, delivery)?);
        }
        self.note(scope);
        Ok(came)
    }

    /// It is too much: nothing of what waits of the scope is refused, and the cursor stays.
    fn put_off<N>(&mut self, step: &mut Step<'_, N>, scope: &Scope) {
        let Some(link) = self.links.get_mut(scope) else { return };
        link.put_off = Some(step.now);
        for delivery in std::mem::take(&mut link.held) {
            self.held -= 1;
            self.held_bytes -= delivery.bytes;
            let Delivery { upto, refused, reason, .. } = delivery;
            step.send(Ack { scope: scope.clone(), upto, later: true, refused, reason });
        }
        self.note(scope);
    }
}

impl Link {
    fn is_idle(&self) -> bool {
        self.held.is_empty() && self.put_off.is_none() && !self.frozen
    }

    /// Moves the cursor and acknowledges a frame. Tells once all of the scope was taken, whatever
    /// was refused: that may have rested on what the sums show to be lacking.
    fn acknowledge<N: Node>(
        &mut self,
        step: &mut Step<'_, N>,
        from: Origin,
        scope: &Scope,
        delivery: Delivery,
    ) -> Result<Option<Came>, Fault<N::Error>> {
        let Delivery { upto, sum, refused, reason, last_refused, .. } = delivery;
        if let Some((item, reason)) = last_refused {
            let (peer, scope, count) = (from.peer, scope.clone(), refused + 1 - REFUSED_SHOWN_MAX);
            step.emit(Event::Refused { peer, scope, item, reason, count });
        }
        if upto.is_some() {
            self.sum = sum;
        }
        if let Some(seq) = upto
            && seq > self.taken
            && !self.frozen
        {
            self.taken = seq;
            if step.node.scope(scope)?.head > 0 {
                step.node.set_cursor(&from.peer, scope, Cursor { epoch: from.epoch, seq })?;
            }
        }
        step.send(Ack { scope: scope.clone(), upto, later: false, refused, reason });
        let all = !self.frozen && self.held.is_empty();
        let sum = if all { self.sum.take() } else { None };
        Ok(sum.map(|sum| Came::All(scope.clone(), sum)))
    }
}

/// How far a frame was taken in.
enum Progress {
    Done,
    /// An item waits, perhaps for one with a name.
    Waits(Option<Came>),
    Later,
}

/// Judges what is left of a frame, in its order.
fn take_in<N: Node>(
    step: &mut Step<'_, N>,
    from: Origin,
    scope: &Scope,
    delivery: &mut Delivery,
) -> Result<Progress, Fault<N::Error>> {
    while let Some(item) = delivery.items.front() {
        match step.node.take(scope, item, from)? {
            Taken::Done => {}
            Taken::Later => return Ok(Progress::Later),
            Taken::Waits => {
                delivery.awaits = None;
                return Ok(Progress::Waits(None));
            }
            Taken::WaitsFor(scope, id) => {
                let new = delivery.awaits.replace(id) != Some(id);
                return Ok(Progress::Waits(new.then_some(Came::Wants(scope, id))));
            }
            Taken::WaitsToBeNamed(scope, id) => {
                delivery.awaits = None;
                return Ok(Progress::Waits(Some(Came::Wants(scope, id))));
            }
            Taken::Refused(reason) => {
                delivery.refused += 1;
                let (peer, scope) = (from.peer, scope.clone());
                delivery.reason.get_or_insert_with(|| reason.clone());
                // A frame may hold thousands of a byte each: as many are shown as are worth a look.
                if delivery.refused < REFUSED_SHOWN_MAX {
                    let item = item.clone();
                    step.emit(Event::Refused { peer, scope, item, reason, count: 1 });
                } else {
                    delivery.last_refused = Some((item.clone(), reason));
                }
            }
        }
        delivery.items.pop_front();
    }
    Ok(Progress::Done)
}
