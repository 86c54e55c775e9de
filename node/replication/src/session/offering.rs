//! Resuming: both name scopes by offers, compare what both offered, and find by a last sum that
//! what neither named is equal (section 9.4).

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet, VecDeque};

use schema_wire::limits::OFFERS_MAX;
use schema_wire::{Cursor, Hash, List, Offer, Offers, Rest, Scope, SetVector};

use super::fault::{Code, Fault, refuse};
use super::greeting::Greeted;
use super::node::{Group, Node, ScopeState};
use super::resume::{Comparison, Meeting};
use super::sharing::Sharing;
use super::step::{Event, Step};

/// A peer whose whole feed is no longer is taken from the beginning: asking item by item what is
/// lacking costs more than what comes twice.
const SHORT_FEED: u64 = 1_024;
/// Scopes that one peer may offer in a session: what it names costs memory here.
const OFFERS_OF_A_PEER_MAX: usize = 262_144;

/// A scope that both have offered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Compared {
    pub(super) scope: Scope,
    pub(super) plan: Comparison,
    /// The heads that we offered, and the peer.
    pub(super) our_head: u64,
    pub(super) their_head: u64,
}

/// The offers of a session.
#[derive(Debug)]
pub(super) struct Offering {
    /// What the memberships said, by what was shared when the greeting ended: both sides compare
    /// by the same, whatever comes to be shared later.
    meeting: Meeting,
    /// What is to be named of our own accord, as the peer hears of what was named before.
    to_name: ToName,
    ours: Side,
    theirs: Side,
    /// Everything that was shared when the greeting ended, less what was named since.
    unnamed: SetVector,
    /// What was shared then, if that changed since: what came to be shared later is no part of it,
    /// and the digests say nothing of it.
    first: Option<Box<Sharing>>,
    /// How scopes that nobody named changed since then.
    drift: BTreeMap<Scope, SetVector>,
    rest: RestOf,
    /// Offered by us, and not by the peer yet: it may judge otherwise what the two share, and then
    /// never answers.
    unanswered: BTreeSet<Scope>,
    /// The peer's offers of scopes that are not shared, as we judge: they are answered if that
    /// changes.
    passed_over: BTreeMap<Scope, Offer>,
    /// Of these, what has come to be shared.
    recalled: Vec<Offer>,
    /// Compared, and not settled yet.
    unsettled: BTreeSet<Scope>,
    /// Everything that was promised is here and there.
    resumed: bool,
    /// How far what is shared now was taken is not written down yet.
    unrecorded: bool,
}

/// Scopes that are to be named: some of them by the groups that they lie in, behind a position. A
/// scope that changes meanwhile is found again, and named once.
#[derive(Debug, Default)]
struct ToName {
    scopes: BTreeSet<Scope>,
    groups: VecDeque<(Group, u64)>,
}

impl ToName {
    fn is_empty(&self) -> bool {
        self.scopes.is_empty() && self.groups.is_empty()
    }

    /// Takes out so many at most.
    fn take<N: Node>(&mut self, node: &N, limit: usize) -> Result<BTreeSet<Scope>, N::Error> {
        let mut taken = BTreeSet::new();
        while taken.len() < limit
            && let Some(scope) = self.scopes.pop_first()
        {
            taken.insert(scope);
        }
        while taken.len() < limit
            && let Some((group, after)) = self.groups.front_mut()
        {
            let room = limit - taken.len();
            let found = node.changed_part(group, *after, room)?;
            let is_all = found.len() < room;
            *after = found.last().map_or(*after, |(head, _)| *head);
            taken.extend(found.into_iter().map(|(_, scope)| scope));
            if is_all {
                self.groups.pop_front();
            }
        }
        Ok(taken)
    }
}

/// What one side said.
#[derive(Debug, Default)]
struct Side {
    offers: BTreeMap<Scope, Offer>,
    /// It has named all that it names of its own accord.
    last: bool,
}

/// The sums over what neither named.
#[derive(Debug, Default)]
struct RestOf {
    ours: Option<Hash>,
    theirs: Option<Hash>,
    /// They differed: both offered everything.
    differed: bool,
}

impl Offering {
    /// Begins to resume: names the scopes that changed, unless both digests say that nothing did.
    pub(super) fn begin<N: Node>(
        step: &mut Step<'_, N>,
        greeted: &Greeted,
    ) -> Result<Self, Fault<N::Error>> {
        let Greeted { sharing, ours, theirs, .. } = greeted;
        let shared = sharing.hash();
        let mut offering = Self {
            meeting: Meeting::new(shared, ours.clone(), theirs.clone()),
            to_name: ToName::default(),
            ours: Side::default(),
            theirs: Side::default(),
            unnamed: SetVector::default(),
            first: None,
            drift: BTreeMap::new(),
            rest: RestOf::default(),
            unanswered: BTreeSet::new(),
            passed_over: BTreeMap::new(),
            recalled: Vec::new(),
            unsettled: BTreeSet::new(),
            resumed: false,
            unrecorded: true,
        };
        notice_fall_back(step, sharing, theirs.digest.as_ref().map(|digest| digest.known))?;
        if offering.meeting.is_settled() {
            offering.ours.last = true;
            offering.resume(step, sharing)?;
            return Ok(offering);
        }
        offering.unnamed = sharing.vector(step.node)?;
        offering.name_all(step.node, sharing, offering.meeting.names_after())?;
        offering.name_more(step, sharing)?;
        Ok(offering)
    }

    /// Has everything that the memberships and offers promised arrived here and there?
    pub(super) fn is_resumed(&self) -> bool {
        self.resumed
    }

    /// Does each answer what the other offers? Else they judge otherwise what they share.
    pub(super) fn is_agreed(&self) -> bool {
        let all_named = self.ours.last && self.to_name.is_empty();
        let none_passed_over = self.passed_over.is_empty() && self.recalled.is_empty();
        all_named && self.unanswered.is_empty() && none_passed_over
    }

    /// Did the peer pass over any of our offers? To be asked when its rest came.
    pub(super) fn is_passed_over(&self) -> bool {
        !self.unanswered.is_empty()
    }

    /// Was the scope offered by either?
    pub(super) fn is_named(&self, scope: &Scope) -> bool {
        self.ours.offers.contains_key(scope) || self.theirs.offers.contains_key(scope)
    }

    /// Where this node's feed stood when it said who it is: what neither named is told up to it.
    pub(super) fn start(&self) -> u64 {
        self.meeting.ours().head
    }

    /// These are to be named of our own accord.
    pub(super) fn name(&mut self, scopes: BTreeSet<Scope>) {
        self.ours.last = false;
        self.to_name.scopes.extend(scopes);
    }

    /// All that is shared and has items behind this position is to be named.
    fn name_all<N: Node>(
        &mut self,
        node: &N,
        sharing: &Sharing,
        after: u64,
    ) -> Result<(), Fault<N::Error>> {
        self.ours.last = false;
        self.to_name
            .groups
            .extend(sharing.groups_of(node)?.into_iter().map(|group| (group, after)));
        Ok(())
    }

    /// Names scopes of our own accord, a frame of them in each step: there may be as many as a city
    /// has. The last frame says that these were all.
    pub(super) fn name_more<N: Node>(
        &mut self,
        step: &mut Step<'_, N>,
        sharing: &Sharing,
    ) -> Result<Vec<Compared>, Fault<N::Error>> {
        let mut offers = Vec::new();
        if self.ours.last {
            return Ok(Vec::new());
        }
        for scope in self.to_name.take(step.node, OFFERS_MAX)? {
            if sharing.shares(&scope) && !self.ours.offers.contains_key(&scope) {
                offers.push(self.offer(step, sharing, &scope)?);
            }
        }
        self.ours.last = self.to_name.is_empty();
        send(step, offers.clone(), !self.ours.last);
        Ok(offers.iter().filter_map(|offer| self.compare(&offer.scope)).collect())
    }

    /// Reads the peer's offers, answers those of scopes that we did not name, and compares. What is
    /// not shared is passed over.
    pub(super) fn offers<N: Node>(
        &mut self,
        step: &mut Step<'_, N>,
        sharing: &Sharing,
        offers: Vec<Offer>,
        more: bool,
    ) -> Result<Vec<Compared>, Fault<N::Error>> {
        let (mut answers, mut compared) = (Vec::new(), Vec::new());
        let before = self.theirs.offers.len() + self.passed_over.len();
        if before + offers.len() > OFFERS_OF_A_PEER_MAX {
            return refuse(Code::Flood, "more offers than a peer may make");
        }
        for offer in offers {
            let scope = offer.scope.clone();
            if !sharing.shares(&scope) {
                self.passed_over.insert(scope, offer);
                continue;
            }
            if self.theirs.offers.contains_key(&scope) {
                return refuse(Code::MalformedFrame, format!("{scope} was offered before"));
            }
            notice_fall_back(step, sharing, offer.known)?;
            self.theirs.offers.insert(scope.clone(), offer);
            if self.ours.offers.contains_key(&scope) {
                self.unanswered.remove(&scope);
            } else {
                answers.push(self.offer(step, sharing, &scope)?);
            }
            compared.extend(self.compare(&scope));
        }
        self.theirs.last |= !more;
        if !answers.is_empty() {
            send(step, answers, true);
        }
        Ok(compared)
    }

    /// Offers that were passed over, of scopes that are shared by now.
    pub(super) fn recall(&mut self) -> Vec<Offer> {
        std::mem::take(&mut self.recalled)
    }

    /// Reads the peer's sum over what neither named.
    pub(super) fn rest<N: Node>(&mut self, rest: &Rest) -> Result<(), Fault<N::Error>> {
        if self.rest.theirs.replace(rest.sum).is_some() {
            return refuse(Code::MalformedFrame, "a second rest");
        }
        Ok(())
    }

    /// Goes on once the peer has named everything, and so was answered: sends the rest, offers
    /// everything if the rests differ, and is done when all that both offered is settled. It waits
    /// for no answer: the peer's rest comes behind its answers, and what it has not answered then
    /// it passed over.
    pub(super) fn go_on<N: Node>(
        &mut self,
        step: &mut Step<'_, N>,
        sharing: &Sharing,
    ) -> Result<Vec<Compared>, Fault<N::Error>> {
        if self.resumed {
            self.record(step, sharing)?;
            return Ok(Vec::new());
        }
        if !self.ours.last || !self.theirs.last {
            return Ok(Vec::new());
        }
        if self.rest.ours.is_none() {
            let sum = self.unnamed.sum();
            self.rest.ours = Some(sum);
            self.drift.clear();
            step.send(Rest { sum });
        }
        let (Some(ours), Some(theirs)) = (self.rest.ours, self.rest.theirs) else {
            return Ok(Vec::new());
        };
        if ours != theirs && !self.rest.differed {
            self.rest.differed = true;
            self.theirs.last = false;
            self.name_all(step.node, sharing, 0)?;
            return self.name_more(step, sharing);
        }
        if self.unsettled.is_empty() {
            self.resume(step, sharing)?;
        }
        Ok(Vec::new())
    }

    /// Everything that a scope's offers promised is here and there.
    pub(super) fn settle(&mut self, scope: &Scope) {
        self.unsettled.remove(scope);
    }

    /// The heads that both offered of a scope that is not settled yet: ours, then the peer's.
    pub(super) fn promised(&self, scope: &Scope) -> Option<(u64, u64)> {
        if !self.unsettled.contains(scope) {
            return None;
        }
        Some((self.ours.offers.get(scope)?.head, self.theirs.offers.get(scope)?.head))
    }

    /// The set of a shared scope changed.
    pub(super) fn changed(&mut self, scope: &Scope, entered: &[Hash], left: &[Hash]) {
        if self.resumed || self.rest.ours.is_some() || self.is_named(scope) {
            return;
        }
        let drift = self.drift.entry(scope.clone()).or_default();
        entered.iter().for_each(|id| drift.add(id));
        left.iter().for_each(|id| drift.subtract(id));
    }

    /// What the two share is about to change.
    pub(super) fn note_first(&mut self, before: &Sharing) {
        self.first.get_or_insert_with(|| Box::new(before.clone()));
        self.unrecorded = true;
    }

    /// They share these scopes more.
    pub(super) fn grow(&mut self, scopes: &BTreeSet<Scope>) {
        self.recalled.extend(scopes.iter().filter_map(|scope| self.passed_over.remove(scope)));
    }

    /// What the two share changed.
    pub(super) fn reshare(&mut self, before: &Sharing, sharing: &Sharing) {
        self.note_first(before);
        self.cease(|scope| sharing.shares(scope));
        let now_shared = self.passed_over.extract_if(.., |scope, _| sharing.shares(scope));
        self.recalled.extend(now_shared.map(|(_, offer)| offer));
    }

    fn cease(&mut self, shares: impl Fn(&Scope) -> bool) {
        let gone = |scope: &Scope| !shares(scope);
        self.ours.offers.retain(|scope, _| !gone(scope));
        self.theirs.offers.retain(|scope, _| !gone(scope));
        self.unanswered.retain(|scope| !gone(scope));
        self.unsettled.retain(|scope| !gone(scope));
    }

    /// Was the scope shared when the greeting ended?
    fn was_shared(&self, scope: &Scope) -> bool {
        self.first.as_ref().is_none_or(|first| first.shares(scope))
    }

    /// What the memberships said of a scope.
    fn meeting_about(&self, scope: &Scope) -> Cow<'_, Meeting> {
        match self.was_shared(scope) {
            true => Cow::Borrowed(&self.meeting),
            false => Cow::Owned(self.meeting.without_digests()),
        }
    }

    fn offer<N: Node>(
        &mut self,
        step: &Step<'_, N>,
        sharing: &Sharing,
        scope: &Scope,
    ) -> Result<Offer, Fault<N::Error>> {
        let ScopeState { head, vector } = step.node.scope(scope)?;
        let peer = &sharing.peer.member.key;
        let meeting = self.meeting_about(scope);
        let (ours, theirs) = (meeting.ours(), meeting.theirs());
        let cursor = step.node.cursor(peer, scope)?.filter(|c| c.epoch == theirs.epoch);
        let digest = ours.digest.as_ref().map(|digest| digest.known);
        let digest_is_none = digest.is_none();
        let digest = digest.filter(|known| known.epoch == theirs.epoch);
        let beginning = Cursor { epoch: theirs.epoch, seq: 0 };
        let from_beginning = (head == 0 || theirs.head <= SHORT_FEED).then_some(beginning);
        // The digest's is said again: a peer that judges otherwise what is shared passes it over.
        let known = cursor.into_iter().chain(digest).max_by_key(|known| known.seq);
        let known = known.or(from_beginning.filter(|_| digest_is_none));
        if self.rest.ours.is_none() && self.was_shared(scope) {
            self.unnamed.subtract_all(&vector);
            if let Some(drift) = self.drift.remove(scope) {
                self.unnamed.add_all(&drift);
            }
        }
        let offer = Offer { scope: scope.clone(), head, sum: vector.sum(), known };
        if !self.theirs.offers.contains_key(scope) {
            self.unanswered.insert(scope.clone());
        }
        self.ours.offers.insert(scope.clone(), offer.clone());
        Ok(offer)
    }

    /// Decides how a scope goes on that both have offered.
    fn compare(&mut self, scope: &Scope) -> Option<Compared> {
        let (ours, theirs) = (self.ours.offers.get(scope)?, self.theirs.offers.get(scope)?);
        let plan = self.meeting_about(scope).compare(ours, theirs);
        if plan != Comparison::Nothing {
            self.unsettled.insert(scope.clone());
        }
        let (our_head, their_head) = (ours.head, theirs.head);
        Some(Compared { scope: scope.clone(), plan, our_head, their_head })
    }

    /// Everything that both offered is here and there.
    fn resume<N: Node>(
        &mut self,
        step: &mut Step<'_, N>,
        sharing: &Sharing,
    ) -> Result<(), Fault<N::Error>> {
        self.resumed = true;
        let (peer, unit) = (sharing.peer.member.key, sharing.peer.member.unit.clone());
        step.emit(Event::Resumed { peer, unit });
        self.record(step, sharing)
    }

    /// Takes the peer's head as known, once that is true of all that is shared.
    fn record<N: Node>(
        &mut self,
        step: &mut Step<'_, N>,
        sharing: &Sharing,
    ) -> Result<(), Fault<N::Error>> {
        if !self.unrecorded || !self.is_agreed() || !self.unsettled.is_empty() {
            return Ok(());
        }
        let known = Some((sharing.hash(), self.meeting.taken()));
        let peer = sharing.peer.member.key;
        if let Some(mut met) = step.node.met(&peer)?
            && met.known != known
        {
            met.known = known;
            step.node.remember(&peer, &met)?;
        }
        self.unrecorded = false;
        Ok(())
    }
}

/// Tells if the peer knows more of our feed than there is.
fn notice_fall_back<N: Node>(
    step: &mut Step<'_, N>,
    sharing: &Sharing,
    known: Option<Cursor>,
) -> Result<(), Fault<N::Error>> {
    let feed = step.node.feed()?;
    if known.is_some_and(|known| known.is_beyond(feed.epoch, feed.seq)) {
        step.emit(Event::FeedWasLonger { peer: sharing.peer.member.key });
    }
    Ok(())
}

/// Sends offers in frames. `more` says whether others follow the last one of our own accord.
fn send<N>(step: &mut Step<'_, N>, offers: Vec<Offer>, more: bool) {
    let mut offers = offers.into_iter().peekable();
    loop {
        let part: Vec<Offer> = offers.by_ref().take(OFFERS_MAX).collect();
        let last = offers.peek().is_none();
        let part = List::new(part).expect("a part fits a frame");
        step.send(Offers { offers: part, more: more || !last });
        if last {
            return;
        }
    }
}
