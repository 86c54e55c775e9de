//! A session after its greeting: hands each frame to the machine whose it is, and what the
//! machines find out to each other. They know nothing of one another.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use schema_wire::{Frame, Hash, Holds, Interests, Items, Ms, Offer, Scope, UnitId, Want};

use super::Changed;
use super::fault::{Code, Fault, refuse};
use super::greeting::{Greeted, INTERESTS_OF_A_PEER_MAX, tell_interests};
use super::member::{ends_of, related};
use super::node::{Claim, Met, Node, Origin};
use super::offering::{Compared, Offering};
use super::receiving::{Came, Receiving};
use super::reconciling::{Reconciling, Turn, Wanted};
use super::resume::Comparison;
use super::sending::{Sending, farewell};
use super::sharing::Sharing;
use super::step::Step;
use super::wanting::Wanting;

/// How long frames of a scope are passed over that ceased to be shared, in milliseconds.
const GRACE_MS: u64 = 60_000;
/// Frames in which one side says, in a session, what it has come to care for. It may hear a list
/// of the greeting besides.
const INTERESTS_TOLD_MAX: usize = 1_000;
const INTERESTS_HEARD_MAX: usize = 1_024;
/// How many former views of what is shared are kept for that.
const FORMER_MAX: usize = 16;

/// A session with a member.
#[derive(Debug)]
pub(super) struct Conversation {
    sharing: Sharing,
    /// What was shared before, and until when its frames are no fault.
    former: Vec<(Sharing, Ms)>,
    /// Newly shared: to be offered when the peer has the statements by which it is.
    to_offer: BTreeSet<Scope>,
    offering: Offering,
    sending: Sending,
    receiving: Receiving,
    reconciling: Reconciling,
    wanting: Wanting,
    /// Frames of interests, both ways, and whether what the peer said is not written down yet.
    interests_told: usize,
    interests_heard: usize,
    interests_unkept: bool,
    /// Scopes of which something happened: perhaps all that was promised is here and there now.
    to_settle: BTreeSet<Scope>,
    /// The peer's sums of scopes of which everything came.
    sums: Vec<(Scope, Hash)>,
    /// Scopes whose sums differed while something of ours was on its way: the peer is told ours
    /// when all of it is there.
    unequal: BTreeSet<Scope>,
    /// Was the session resumed, and what was not named begun?
    is_live: bool,
    /// Scopes in which the peer was told by what it is no member outside.
    told_end: Option<BTreeSet<Scope>>,
}

/// May a frame of a scope be taken?
enum Gate {
    Open,
    /// It is not shared, and that is no fault.
    PassOver,
}

impl Conversation {
    /// Begins to resume.
    pub(super) fn begin<N: Node>(
        step: &mut Step<'_, N>,
        opener: bool,
        greeted: Greeted,
    ) -> Result<Self, Fault<N::Error>> {
        if step.now > greeted.sharing.peer.member.until {
            return refuse(Code::Over, "the delegation that you read by ended meanwhile");
        }
        let offering = Offering::begin(step, &greeted)?;
        let Greeted { sharing, grown, salt, theirs, .. } = greeted;
        let origin = Origin { peer: sharing.peer.member.key, epoch: theirs.epoch };
        let mut wanting = Wanting::default();
        wanting.want_what_lacks(step, &sharing)?;
        wanting.tell_aside(step, &sharing)?;
        let mut conversation = Self {
            sharing,
            former: Vec::new(),
            to_offer: BTreeSet::new(),
            offering,
            sending: Sending::new(origin),
            receiving: Receiving::new(origin),
            reconciling: Reconciling::new(opener, salt),
            wanting,
            interests_told: 0,
            interests_heard: 0,
            interests_unkept: false,
            to_settle: BTreeSet::new(),
            sums: Vec::new(),
            unequal: BTreeSet::new(),
            is_live: false,
            told_end: None,
        };
        let units = Arc::clone(&conversation.sharing.peer.interests);
        conversation.take_up(step, &units)?;
        conversation.care_for(step, grown)?;
        conversation.go_on(step)?;
        Ok(conversation)
    }

    /// What the two share.
    pub(super) fn sharing(&self) -> &Sharing {
        &self.sharing
    }

    /// Was the session resumed?
    pub(super) fn is_live(&self) -> bool {
        self.is_live
    }

    /// Does the peer hold all that it may hold of our feed? All of it was told equal, or sent and
    /// acknowledged, and it passed over nothing.
    pub(super) fn holds_all(&self) -> bool {
        self.is_live
            && self.to_offer.is_empty()
            && self.offering.is_agreed()
            && self.sending.is_all_acknowledged()
    }

    /// By scope, up to where the peer holds what was sent.
    pub(super) fn acknowledged(&self) -> BTreeMap<Scope, u64> {
        self.sending.acknowledged()
    }

    /// Takes a frame.
    pub(super) fn frame<N: Node>(
        &mut self,
        step: &mut Step<'_, N>,
        frame: Frame,
    ) -> Result<(), Fault<N::Error>> {
        self.judge_at_the_end(step)?;
        let scope = frame.scope().cloned();
        if let Some(scope) = &scope
            && matches!(self.gate(step.now, &frame, scope)?, Gate::PassOver)
        {
            return Ok(());
        }
        match frame {
            Frame::Offers(offers) => self.offers(step, offers.offers.into_vec(), offers.more)?,
            Frame::Rest(rest) => {
                self.offering.rest::<N>(&rest)?;
                if self.offering.is_passed_over() {
                    self.tell_recognition(step)?;
                }
            }
            Frame::Items(items) => self.items(step, items)?,
            Frame::Ack(ack) => self.sending.acked(step, ack)?,
            Frame::Again(again) => self.sending.again(step, &again.scope)?,
            Frame::Reconcile(reconcile) => {
                let turn = self.reconciling.message(step, &reconcile)?;
                self.turn(step, turn)?;
            }
            Frame::Want(want) => self.want(step, &want)?,
            Frame::Aside(aside) => self.wanting.aside(step, &self.sharing, aside)?,
            Frame::Interests(interests) => self.interests(step, interests)?,
            Frame::Hello(_) | Frame::Membership(_) | Frame::Refusal(_) => {
                return refuse(Code::MalformedFrame, "a frame of a greeting that is over");
            }
        }
        if let Some(scope) = scope {
            self.push(step, &scope)?;
            self.to_settle.insert(scope);
        }
        self.go_on(step)
    }

    /// Sets changed, by this session or another.
    pub(super) fn changed<N: Node>(
        &mut self,
        step: &mut Step<'_, N>,
        changed: &Changed,
    ) -> Result<(), Fault<N::Error>> {
        self.judge_at_the_end(step)?;
        if changed.statements {
            self.judge_anew(step)?;
            let came = self.receiving.retry(step)?;
            self.came(came);
        }
        for (scope, id) in &changed.lacking {
            if self.sharing.shares(scope) {
                self.wanting.want(scope.clone(), *id);
            }
        }
        for (scope, moved) in &changed.sets {
            if !self.sharing.shares(scope) {
                continue;
            }
            if !moved.entered.is_empty() {
                self.care_for_ends(step, scope)?;
            }
            self.offering.changed(scope, &moved.entered, &moved.left);
            self.push(step, scope)?;
        }
        for pair in changed.wished.iter() {
            if self.sharing.shares(pair) {
                self.care_for_ends(step, pair)?;
            }
        }
        self.go_on(step)
    }

    /// Sends what came into a scope's set. What nobody named is told from where we stood when we
    /// said who we are, once the rest shows that all before that is equal; but it is offered if
    /// the two judge otherwise what they share.
    fn push<N: Node>(&mut self, step: &Step<'_, N>, scope: &Scope) -> Result<(), Fault<N::Error>> {
        if !self.sharing.shares(scope) {
            return Ok(());
        }
        let is_named = self.offering.is_named(scope);
        if !self.is_live && !is_named {
            return Ok(());
        }
        if !is_named && !self.offering.is_agreed() {
            self.to_offer.insert(scope.clone());
            return Ok(());
        }
        let start = (!is_named).then(|| self.offering.start());
        self.sending.push(step, scope, start)
    }

    /// Time passed.
    pub(super) fn wake<N: Node>(&mut self, step: &mut Step<'_, N>) -> Result<(), Fault<N::Error>> {
        let now = step.now;
        self.former.retain(|(_, until)| now < *until);
        self.judge_at_the_end(step)?;
        self.keep_interests(step)?;
        self.reconciling.wake(step)?;
        self.receiving.wake(step);
        for scope in self.reconciling.give_up(step.now) {
            self.sending.start(step, &scope, 0)?;
        }
        self.go_on(step)?;
        if self.is_live {
            self.sending.tell_positions(step)?;
        }
        Ok(())
    }

    /// Two nodes may judge otherwise what they share, until both hold the same statements. So it
    /// is no fault to offer, to want or to name what is set aside of a scope that the other does
    /// not share; the rest of a scope's frames follow upon offers of both.
    fn gate<E>(&self, now: Ms, frame: &Frame, scope: &Scope) -> Result<Gate, Fault<E>> {
        if self.sharing.shares(scope) {
            return Ok(Gate::Open);
        }
        let told = self.told_end.as_ref().is_some_and(|told| told.contains(scope));
        if matches!(frame, Frame::Want(_) | Frame::Aside(_))
            || matches!(frame, Frame::Ack(_)) && told
        {
            return Ok(Gate::PassOver);
        }
        // They may be those by which this node comes to share it.
        if matches!(frame, Frame::Items(items) if items.upto.is_none())
            && matches!(scope.holds(), Holds::Statements)
            && scope.unit().contains(&self.sharing.own.member.unit)
        {
            return Ok(Gate::Open);
        }
        if self.former.iter().any(|(sharing, until)| now < *until && sharing.shares(scope)) {
            return Ok(Gate::PassOver);
        }
        refuse(Code::ScopeNotShared, format!("{scope} is not shared with you"))
    }

    fn offers<N: Node>(
        &mut self,
        step: &mut Step<'_, N>,
        offers: Vec<Offer>,
        more: bool,
    ) -> Result<(), Fault<N::Error>> {
        let is_disputed = offers.iter().any(|offer| !self.sharing.shares(&offer.scope));
        let compared = self.offering.offers(step, &self.sharing, offers, more)?;
        self.compared(step, compared)?;
        if is_disputed { self.tell_end_outside(step) } else { Ok(()) }
    }

    /// Tells a peer that is no member outside by which statements it is none, if it was one: it
    /// may think that it is, and nobody else may be there to tell it. Once in a session.
    fn tell_end_outside<N: Node>(&mut self, step: &mut Step<'_, N>) -> Result<(), Fault<N::Error>> {
        let peer = &self.sharing.peer.member;
        if peer.outside.is_some() || self.told_end.is_some() {
            return Ok(());
        }
        let claim = Claim { key: peer.key, unit: peer.unit.clone(), lineage: peer.lineage };
        let mut told = step.node.farewell(&claim)?;
        // What is shared goes its usual way.
        told.retain(|(scope, _)| !self.sharing.shares(scope));
        self.told_end = Some(told.iter().map(|(scope, _)| scope.clone()).collect());
        farewell(step, told);
        Ok(())
    }

    /// Tells a peer that is a member outside by which statements it is one, by id: it may not know.
    fn tell_recognition<N: Node>(&mut self, step: &mut Step<'_, N>) -> Result<(), Fault<N::Error>> {
        let peer = &self.sharing.peer.member;
        if peer.outside.is_none() {
            return Ok(());
        }
        let claim = Claim { key: peer.key, unit: peer.unit.clone(), lineage: peer.lineage };
        for (scope, id) in step.node.recognition(&claim)? {
            if self.sharing.shares(&scope) {
                self.sending.queue(step, &scope, [id])?;
            }
        }
        Ok(())
    }

    /// Goes on with scopes that both have offered.
    fn compared<N: Node>(
        &mut self,
        step: &mut Step<'_, N>,
        compared: Vec<Compared>,
    ) -> Result<(), Fault<N::Error>> {
        for Compared { scope, plan, our_head, their_head } in compared {
            match plan {
                Comparison::Nothing => {
                    self.receiving.hold_equal(step, &scope, their_head)?;
                    self.sending.start(step, &scope, our_head)?;
                }
                Comparison::After { ours, theirs } => {
                    self.receiving.start(&scope, theirs);
                    self.sending.start(step, &scope, ours)?;
                }
                Comparison::Reconcile => {
                    self.receiving.start(&scope, 0);
                    self.sending.stop(&scope);
                    self.reconciling.plan(scope.clone(), step.now);
                }
            }
            self.to_settle.insert(scope);
        }
        Ok(())
    }

    fn items<N: Node>(
        &mut self,
        step: &mut Step<'_, N>,
        items: Items,
    ) -> Result<(), Fault<N::Error>> {
        let scope = items.scope.clone();
        let came = self.receiving.items(step, items)?;
        if self.receiving.is_waiting(&scope) {
            self.care_for_ends(step, &scope)?;
        }
        self.came(came);
        Ok(())
    }

    /// Cares for the statements of the units between which a letter goes that is held, or waits
    /// for them, and says so: the letter cannot be taken without them.
    fn care_for_ends<N: Node>(
        &mut self,
        step: &mut Step<'_, N>,
        scope: &Scope,
    ) -> Result<(), Fault<N::Error>> {
        let own = &self.sharing.own;
        let is_new =
            |unit: &UnitId| !related(unit, &own.member.unit) && !own.interests.contains(unit);
        let new: BTreeSet<UnitId> = ends_of(scope).into_iter().filter(is_new).collect();
        self.care_for(step, new)
    }

    /// Cares for more units, and says so.
    fn care_for<N: Node>(
        &mut self,
        step: &mut Step<'_, N>,
        new: BTreeSet<UnitId>,
    ) -> Result<(), Fault<N::Error>> {
        let own = &self.sharing.own;
        let many = own.interests.len() + new.len() > INTERESTS_OF_A_PEER_MAX
            || self.interests_told == INTERESTS_TOLD_MAX;
        if new.is_empty() || many {
            return Ok(());
        }
        self.interests_told += 1;
        step.node.care_for(&new);
        tell_interests(step, &new);
        self.grow(step, |sharing| &mut sharing.own.interests, new)
    }

    /// One of the two cares for more units: at the cost of those.
    fn grow<N: Node>(
        &mut self,
        step: &Step<'_, N>,
        of: fn(&mut Sharing) -> &mut Arc<BTreeSet<UnitId>>,
        new: BTreeSet<UnitId>,
    ) -> Result<(), Fault<N::Error>> {
        let mut scopes: BTreeSet<Scope> = new.iter().cloned().map(Scope::statements).collect();
        scopes.retain(|scope| !self.sharing.shares(scope));
        self.offering.note_first(&self.sharing);
        Arc::make_mut(of(&mut self.sharing)).extend(new);
        scopes.retain(|scope| self.sharing.shares(scope));
        self.offering.grow(&scopes);
        for scope in scopes {
            let is_known = step.node.is_known(scope.unit());
            if is_known && step.node.scope(&scope)?.head > 0 {
                self.to_offer.insert(scope);
            }
        }
        Ok(())
    }

    /// The peer cares for more than before.
    fn interests<N: Node>(
        &mut self,
        step: &mut Step<'_, N>,
        interests: Interests,
    ) -> Result<(), Fault<N::Error>> {
        let units: BTreeSet<UnitId> = interests.units.into_vec().into_iter().collect();
        let known = &self.sharing.peer.interests;
        let new: BTreeSet<UnitId> = units.difference(known).cloned().collect();
        self.interests_heard += 1;
        if known.len() + new.len() > INTERESTS_OF_A_PEER_MAX
            || self.interests_heard > INTERESTS_HEARD_MAX
        {
            return refuse(Code::Flood, "more interests than a peer may have");
        }
        if new.is_empty() {
            return Ok(());
        }
        self.interests_unkept = true;
        self.grow(step, |sharing| &mut sharing.peer.interests, new)?;
        self.take_up(step, &units)
    }

    /// Takes up what a peer of this node's unit, or of one below it, cares for: the unit of the
    /// peer wishes to write there, and this one carries it. Of units of which one contains the
    /// other the inner one is enough.
    fn take_up<N: Node>(
        &self,
        step: &mut Step<'_, N>,
        units: &BTreeSet<UnitId>,
    ) -> Result<(), Fault<N::Error>> {
        let (own, peer) = (&self.sharing.own.member.unit, &self.sharing.peer.member.unit);
        if !own.contains(peer) {
            return Ok(());
        }
        let above = |unit: &UnitId| std::iter::successors(unit.parent(), UnitId::parent);
        let outer: BTreeSet<UnitId> = units.iter().flat_map(above).collect();
        let carries = |unit: &UnitId| {
            let pair = Scope::pair(peer, unit);
            !related(own, unit) && pair.is_ok_and(|pair| self.sharing.shares(&pair))
        };
        let inner = units.difference(&outer).filter(|unit| carries(unit)).cloned().collect();
        Ok(step.node.wish(peer, &inner)?)
    }

    /// Writes down what the peer has come to care for: now and then, since each time costs all.
    fn keep_interests<N: Node>(&mut self, step: &mut Step<'_, N>) -> Result<(), Fault<N::Error>> {
        let peer = &self.sharing.peer;
        if std::mem::take(&mut self.interests_unkept)
            && let Some(met) = step.node.met(&peer.member.key)?
        {
            let met = Met { interests: BTreeSet::clone(&peer.interests), ..met };
            step.node.remember(&peer.member.key, &met)?;
        }
        Ok(())
    }

    fn came(&mut self, came: Vec<Came>) {
        for came in came {
            match came {
                Came::Wants(scope, id) if self.sharing.shares(&scope) => {
                    self.wanting.want(scope, id);
                }
                Came::Wants(..) => {}
                Came::All(scope, sum) => self.sums.push((scope, sum)),
            }
        }
    }

    /// The peer has nothing left to send of a scope: if we have not either, the sums are equal,
    /// or something went wrong that one reconciliation mends.
    fn compare_sums<N: Node>(
        &mut self,
        step: &mut Step<'_, N>,
        scope: &Scope,
        sum: Hash,
    ) -> Result<(), Fault<N::Error>> {
        if step.node.scope(scope)?.vector.sum() == sum {
            self.unequal.remove(scope);
            return Ok(());
        }
        if !self.sending.is_all_there(step, scope)? {
            self.unequal.insert(scope.clone());
            return Ok(());
        }
        if !self.reconciling.differs(scope) {
            return Ok(());
        }
        if self.reconciling.is_opener() {
            self.reconciling.plan(scope.clone(), step.now);
            return Ok(());
        }
        // The opener alone can begin: it learns of the difference by our sum.
        self.sending.tell_sum(step, scope)
    }

    fn want<N: Node>(
        &mut self,
        step: &mut Step<'_, N>,
        want: &Want,
    ) -> Result<(), Fault<N::Error>> {
        match self.reconciling.wanted(step, want)? {
            Wanted::Within(turn) => self.turn(step, turn),
            Wanted::Outside => {
                let ids = self.wanting.wanted(step, want)?;
                if ids.is_empty() { Ok(()) } else { self.sending.queue(step, &want.scope, ids) }
            }
        }
    }

    fn turn<N: Node>(
        &mut self,
        step: &mut Step<'_, N>,
        turns: impl IntoIterator<Item = Turn>,
    ) -> Result<(), Fault<N::Error>> {
        for turn in turns {
            match turn {
                Turn::Began(scope) => self.sending.stop(&scope),
                Turn::Ended { scope, lacking, position, early } => {
                    if early {
                        self.receiving.freeze(&scope);
                    }
                    self.sending.start_after(step, &scope, lacking, position, early)?;
                }
            }
        }
        Ok(())
    }

    /// Notes that everything promised of a scope is here and there, if it is.
    fn settle<N: Node>(
        &mut self,
        step: &mut Step<'_, N>,
        scope: &Scope,
    ) -> Result<(), Fault<N::Error>> {
        if self.reconciling.is_busy(scope) || !self.sending.is_quiet(step, scope)? {
            return Ok(());
        }
        if self.unequal.remove(scope) {
            self.to_settle.insert(scope.clone());
            return self.sending.tell_sum(step, scope);
        }
        let Some((ours, theirs)) = self.offering.promised(scope) else {
            return Ok(());
        };
        // Two sides that both wait to be told would wait for ever.
        self.sending.tell_position(step, scope, ours)?;
        if self.receiving.has_reached(scope, theirs) {
            self.offering.settle(scope);
        }
        Ok(())
    }

    /// Does what has become possible.
    fn go_on<N: Node>(&mut self, step: &mut Step<'_, N>) -> Result<(), Fault<N::Error>> {
        self.send(step)?;
        for (scope, sum) in std::mem::take(&mut self.sums) {
            self.compare_sums(step, &scope, sum)?;
        }
        for scope in std::mem::take(&mut self.to_settle) {
            self.settle(step, &scope)?;
        }
        let recalled = self.offering.recall();
        if !recalled.is_empty() {
            self.offers(step, recalled, true)?;
        }
        let compared = self.offering.go_on(step, &self.sharing)?;
        self.compared(step, compared)?;
        let named = self.offering.name_more(step, &self.sharing)?;
        self.compared(step, named)?;
        if self.offering.is_resumed() && !std::mem::replace(&mut self.is_live, true) {
            for scope in self.sharing.changed_of(step.node, self.offering.start())? {
                self.push(step, &scope)?;
            }
        }
        self.offer_newly_shared(step)?;
        self.send(step)?;
        self.wanting.ask(step, |scope| self.reconciling.takes_wants(scope));
        Ok(())
    }

    /// Offers what is newly shared: by the interests of either at once, since what was sent of
    /// them may wait for it; else when the peer has the statements by which it is shared.
    fn offer_newly_shared<N: Node>(
        &mut self,
        step: &mut Step<'_, N>,
    ) -> Result<(), Fault<N::Error>> {
        if self.to_offer.is_empty() {
            return Ok(());
        }
        let (sharing, quiet) = (&self.sharing, self.sending.statements_are_quiet());
        let due = |scope: &Scope| quiet || sharing.is_by_interests(scope);
        let scopes: BTreeSet<Scope> = self.to_offer.extract_if(.., due).collect();
        if scopes.is_empty() {
            return Ok(());
        }
        self.offering.name(scopes);
        let compared = self.offering.name_more(step, &self.sharing)?;
        self.compared(step, compared)
    }

    /// Begins reconciliations and sends items, as far as the windows allow.
    fn send<N: Node>(&mut self, step: &mut Step<'_, N>) -> Result<(), Fault<N::Error>> {
        let turns = self.reconciling.begin(step)?;
        self.turn(step, turns)?;
        let passed = self.sending.pump(step)?;
        self.to_settle.extend(passed);
        Ok(())
    }

    /// Judges both sides anew once a delegation is over, whatever comes first then: a frame, a
    /// change of a set, or time.
    fn judge_at_the_end<N: Node>(&mut self, step: &mut Step<'_, N>) -> Result<(), Fault<N::Error>> {
        let until = self.sharing.own.member.until.min(self.sharing.peer.member.until);
        if step.now > until { self.judge_anew(step) } else { Ok(()) }
    }

    /// Judges both sides anew: the session ends with the peer's membership, and what is shared
    /// follows the statements and the time.
    fn judge_anew<N: Node>(&mut self, step: &mut Step<'_, N>) -> Result<(), Fault<N::Error>> {
        let peer = &self.sharing.peer.member;
        let claim = Claim { key: peer.key, unit: peer.unit.clone(), lineage: peer.lineage };
        let peer = step.node.member(&claim, step.now)?;
        if !peer.is_member() {
            let told = step.node.farewell(&claim)?;
            farewell(step, told);
            return refuse(Code::Over, "the delegation that you read by is over");
        }
        let own = step.node.member(&step.node.own().claim, step.now)?;
        if self.sharing.judges_like(&own, &peer) {
            (self.sharing.own.member, self.sharing.peer.member) = (own, peer);
            return Ok(());
        }
        let mut sharing = self.sharing.clone();
        (sharing.own.member, sharing.peer.member) = (own, peer);
        let was_agreed = self.offering.is_agreed();
        let before = self.reshare(step, sharing)?;
        match before.peer.member.outside {
            None => self.tell_recognition(step)?,
            // One that judged otherwise before may know.
            Some(_) if was_agreed => self.tell_end_outside(step)?,
            Some(_) => {}
        }
        if self.former.len() == FORMER_MAX {
            self.former.remove(0);
        }
        self.former.push((before, step.now.plus(GRACE_MS)));
        self.wanting.want_what_lacks(step, &self.sharing)
    }

    /// Offers what is newly shared, and ends what is not shared any more. Returns what was shared
    /// before.
    fn reshare<N: Node>(
        &mut self,
        step: &Step<'_, N>,
        sharing: Sharing,
    ) -> Result<Sharing, Fault<N::Error>> {
        self.to_offer.retain(|scope| sharing.shares(scope));
        self.to_offer.extend(sharing.newly_shared(step.node, &self.sharing)?);
        self.offering.reshare(&self.sharing, &sharing);
        self.sending.cease(|scope| sharing.shares(scope));
        self.receiving.cease(|scope| sharing.shares(scope));
        self.reconciling.cease(|scope| sharing.shares(scope));
        self.unequal.retain(|scope| sharing.shares(scope));
        self.wanting.cease(|scope| sharing.shares(scope));
        Ok(std::mem::replace(&mut self.sharing, sharing))
    }
}
