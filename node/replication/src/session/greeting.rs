//! How a session begins: both say of which network they are, show that they are members, and say
//! what they care for. Nothing that a stranger says changes this node.
//!
//! ```text
//!   hello --> membership, frame by frame --> accepted --> interests --> Greeted
//! ```

use std::collections::BTreeSet;
use std::sync::Arc;

use schema_wire::limits::{
    CHAIN_BYTES_MAX, CHAIN_STATEMENTS_MAX, INTERESTS_MAX, MEMBERSHIP_STATEMENTS_MAX,
    STRANGER_FRAME_BYTES_MAX,
};
use schema_wire::{
    Ascending, Digest, Frame, Hash, Hello, Interests, Levels, List, Membership, Ms, NodeKey, Salt,
    Statement, UnitId, Wire, interests_hash,
};

use super::fault::{Code, Fault, refuse};
use super::member::Member;
use super::node::{Claim, Introduced, Met, Node};
use super::resume::FeedState;
use super::sharing::{Party, Sharing};
use super::step::{Event, Step};

/// How long a hello, and then a membership, may take, in milliseconds.
const GREETING_MS_MAX: u64 = 20_000;
/// Units that one peer may care for: so many lie on the ways of a large city's letters.
pub(crate) const INTERESTS_OF_A_PEER_MAX: usize = 65_536;
/// Bytes of statements in one membership frame: the rest of the frame takes less than a kilobyte.
const CHAIN_FRAME_BYTES_MAX: usize = STRANGER_FRAME_BYTES_MAX - 2_048;

/// What both know when the greeting is over.
#[derive(Debug)]
pub(super) struct Greeted {
    pub(super) sharing: Sharing,
    /// What this node cares for since it sent its digest: told behind the greeting, since both
    /// compute what is shared by what the digest says.
    pub(super) grown: BTreeSet<UnitId>,
    /// Salts the ids of reconciliations.
    pub(super) salt: Salt,
    /// What our membership said, and what the peer's did.
    pub(super) ours: FeedState,
    pub(super) theirs: FeedState,
}

/// The greeting, as far as it has come.
#[derive(Debug)]
pub(super) struct Greeting<C> {
    peer: NodeKey,
    opener: bool,
    salt: Salt,
    met: Option<Met>,
    /// When what is waited for must be here.
    deadline: Ms,
    /// What our membership said, once it is sent, and the `shared` that its digest names.
    told: Option<FeedState>,
    /// What this node cared for as its digest says, if it sent one.
    told_interests: Option<BTreeSet<UnitId>>,
    hello: Option<Heard>,
    chain: Option<Reading<C>>,
    accepted: Option<Accepted>,
}

/// A hello that was heard.
#[derive(Debug, Clone, Copy)]
struct Heard {
    level: u64,
    salt: Salt,
    clock: Ms,
}

/// A chain, as far as it has come.
#[derive(Debug)]
struct Reading<C> {
    chain: C,
    claim: Claim,
    last: Option<Hash>,
    statements: usize,
    bytes: usize,
}

/// A peer whose membership was accepted, as far as its interests have come.
#[derive(Debug)]
struct Accepted {
    member: Member,
    theirs: FeedState,
    our_interests: BTreeSet<UnitId>,
    grown: BTreeSet<UnitId>,
    /// In their order over all frames.
    their_interests: Vec<UnitId>,
}

impl<C> Greeting<C> {
    /// Begins a session: says hello, and to a peer met before who this node is.
    pub(super) fn open<N: Node<Chain = C>>(
        step: &mut Step<'_, N>,
        peer: NodeKey,
        opener: bool,
        salt: Salt,
    ) -> Result<Self, Fault<N::Error>> {
        let met = step.node.met(&peer)?;
        let deadline = step.now.plus(GREETING_MS_MAX);
        let network = step.node.own().network;
        step.send(Hello { network, levels: Levels::OURS, salt, clock: step.now });
        let mut greeting = Self {
            peer,
            opener,
            salt,
            met,
            deadline,
            told: None,
            told_interests: None,
            hello: None,
            chain: None,
            accepted: None,
        };
        if greeting.met.is_some() {
            greeting.tell_membership(step)?;
        }
        Ok(greeting)
    }

    /// Takes a frame. Returns what both know once that is all.
    pub(super) fn frame<N: Node<Chain = C>>(
        &mut self,
        step: &mut Step<'_, N>,
        frame: Frame,
    ) -> Result<Option<Greeted>, Fault<N::Error>> {
        match frame {
            Frame::Hello(hello) if self.hello.is_none() => {
                self.hello(step, &hello)?;
                Ok(None)
            }
            Frame::Membership(membership) if self.hello.is_some() && self.accepted.is_none() => {
                self.membership(step, membership)
            }
            Frame::Interests(interests) if self.accepted.is_some() => {
                self.interests(step, interests)
            }
            _ => refuse(Code::MalformedFrame, "a frame that has no place in a greeting"),
        }
    }

    /// Ends the session if what must come does not.
    pub(super) fn wake<N: Node<Chain = C>>(
        &self,
        step: &Step<'_, N>,
    ) -> Result<(), Fault<N::Error>> {
        if step.now < self.deadline {
            return Ok(());
        }
        let lacking = if self.hello.is_none() { "no hello" } else { "no membership" };
        refuse(Code::TimeOut, format!("{lacking} within {} seconds", GREETING_MS_MAX / 1_000))
    }

    /// What the peer's clock showed, once it said so.
    pub(super) fn their_clock(&self) -> Option<Ms> {
        self.hello.map(|heard| heard.clock)
    }

    /// Bytes of a chain that has not come to its end.
    pub(super) fn chain_bytes(&self) -> usize {
        self.chain.as_ref().map_or(0, |reading| reading.bytes)
    }

    /// Was the peer accepted as a member?
    pub(super) fn is_accepted(&self) -> bool {
        self.accepted.is_some()
    }

    fn hello<N: Node<Chain = C>>(
        &mut self,
        step: &mut Step<'_, N>,
        hello: &Hello,
    ) -> Result<(), Fault<N::Error>> {
        let own = step.node.own().network;
        if hello.network != own {
            return refuse(Code::OtherNetwork, format!("network {} is not ours", hello.network));
        }
        let Some(level) = Levels::OURS.common(hello.levels) else {
            return refuse(Code::Level, "we speak level 3");
        };
        if let Some(before) = self.met.as_ref().map(|met| met.level).filter(|b| level < *b) {
            return refuse(Code::LevelDown, format!("level {before} was spoken before"));
        }
        let salt = if self.opener { hello.salt } else { self.salt };
        self.hello = Some(Heard { level, salt, clock: hello.clock });
        self.deadline = step.now.plus(GREETING_MS_MAX);
        if self.told.is_none() {
            self.tell_membership(step)?;
        }
        Ok(())
    }

    /// Shows this node's membership, and where it stands.
    fn tell_membership<N: Node<Chain = C>>(
        &mut self,
        step: &mut Step<'_, N>,
    ) -> Result<(), Fault<N::Error>> {
        let feed = step.node.feed()?;
        let digest = self.digest(step)?;
        let stand = FeedState { epoch: feed.epoch, head: feed.seq, digest };
        let Claim { unit, lineage, .. } = step.node.own().claim.clone();
        let mut parts = in_frames(step.node.membership(&self.peer)?);
        let last = parts.pop().unwrap_or_default();
        let parts = parts.into_iter().map(|part| (part, true)).chain([(last, false)]);
        for (chain, more) in parts {
            let chain = List::new(chain).expect("a part has no more than a frame takes");
            let (unit, digest) = (unit.clone(), stand.digest.clone());
            let (epoch, head) = (stand.epoch, stand.head);
            step.send(Membership { unit, lineage, chain, more, epoch, head, digest });
        }
        self.told = Some(stand);
        Ok(())
    }

    /// What this node expects to share with a peer met before, if it took that before.
    fn digest<N: Node<Chain = C>>(
        &mut self,
        step: &Step<'_, N>,
    ) -> Result<Option<Digest>, Fault<N::Error>> {
        let Some(met) = &self.met else {
            return Ok(None);
        };
        let Some((under, known)) = met.known else {
            return Ok(None);
        };
        let claim = Claim { key: self.peer, unit: met.unit.clone(), lineage: met.lineage };
        let member = step.node.member(&claim, step.now)?;
        let own = step.node.interests(&member)?;
        let sharing = sharing(step, met.level, member, own, met.interests.clone())?;
        let shared = sharing.hash();
        if shared != under {
            return Ok(None);
        }
        let sum = sharing.vector(step.node)?.sum();
        let interests = interests_hash(&sharing.own.interests);
        self.told_interests = Some(Arc::unwrap_or_clone(sharing.own.interests));
        Ok(Some(Digest { shared, sum, known, interests }))
    }

    /// Reads part of the peer's chain, statement by statement.
    fn membership<N: Node<Chain = C>>(
        &mut self,
        step: &mut Step<'_, N>,
        membership: Membership,
    ) -> Result<Option<Greeted>, Fault<N::Error>> {
        let Membership { unit, lineage, chain, more, epoch, head, digest } = membership;
        let claim = Claim { key: self.peer, unit, lineage };
        let mut reading = match self.chain.take() {
            Some(reading) => reading,
            None => Reading::new(step.node.begin_chain(&claim)?, claim.clone()),
        };
        if reading.claim != claim {
            return refuse(Code::MalformedFrame, "a membership of two units");
        }
        reading.statements += chain.len();
        for statement in chain.into_vec() {
            reading.follow(step, statement)?;
        }
        if more {
            self.chain = Some(reading);
            return Ok(None);
        }
        let Some(last) = reading.last else {
            return refuse(Code::NoDelegation, "a chain without a delegation");
        };
        match step.node.accept(reading.chain, &last, &claim, step.now)? {
            Introduced::Member(member) => {
                self.accept(step, member, FeedState { epoch, head, digest })
            }
            Introduced::Rival { followed } => {
                let Claim { key: peer, unit, lineage } = claim;
                step.emit(Event::Rival { peer, unit, lineage, followed });
                refuse(Code::NoDelegation, "another lineage is followed for the unit")
            }
            Introduced::Nobody => {
                refuse(Code::NoDelegation, "the delegation makes nobody a member now")
            }
        }
    }

    /// The peer is a member: says what this node cares for towards it.
    fn accept<N: Node<Chain = C>>(
        &mut self,
        step: &mut Step<'_, N>,
        member: Member,
        theirs: FeedState,
    ) -> Result<Option<Greeted>, Fault<N::Error>> {
        self.deadline = step.now.plus(GREETING_MS_MAX);
        let present = step.node.interests(&member)?;
        let our_interests = self.told_interests.take().unwrap_or_else(|| present.clone());
        let grown = present.difference(&our_interests).cloned().collect();
        let digests = (self.told.as_ref().and_then(|told| told.digest.as_ref()), &theirs.digest);
        // The peer has the list if it expects the same to be shared, since that names it.
        let has_it = matches!(digests, (Some(ours), Some(theirs)) if ours.shared == theirs.shared
            && ours.interests == interests_hash(&our_interests));
        if !has_it {
            tell_interests(step, &our_interests);
        }
        let before = self.met.as_ref().map(|met| &met.interests);
        let before = before.filter(|interests| {
            theirs.digest.as_ref().is_some_and(|d| d.interests == interests_hash(interests))
        });
        let before = before.cloned();
        if let Some(heard) = self.hello {
            let (peer, unit) = (self.peer, member.unit.clone());
            let (their_clock, our_clock) = (heard.clock, step.now);
            let feed = theirs.epoch;
            step.emit(Event::Joined { peer, unit, feed, their_clock, our_clock });
        }
        self.accepted =
            Some(Accepted { member, theirs, our_interests, grown, their_interests: Vec::new() });
        before.map(|interests| self.agree(step, interests)).transpose()
    }

    /// Reads part of what the peer cares for.
    fn interests<N: Node<Chain = C>>(
        &mut self,
        step: &mut Step<'_, N>,
        interests: Interests,
    ) -> Result<Option<Greeted>, Fault<N::Error>> {
        let Some(accepted) = &mut self.accepted else {
            return refuse(Code::MalformedFrame, "interests of nobody");
        };
        let Interests { units, more } = interests;
        if accepted.their_interests.last() >= units.first() && !units.is_empty() {
            return refuse(Code::MalformedFrame, "interests do not ascend");
        }
        accepted.their_interests.extend(units.into_vec());
        if accepted.their_interests.len() > INTERESTS_OF_A_PEER_MAX {
            return refuse(Code::Flood, "more interests than a peer may have");
        }
        if more {
            return Ok(None);
        }
        let interests = std::mem::take(&mut accepted.their_interests).into_iter().collect();
        self.agree(step, interests).map(Some)
    }

    /// All is known: remembers the peer.
    fn agree<N: Node<Chain = C>>(
        &mut self,
        step: &mut Step<'_, N>,
        their_interests: BTreeSet<UnitId>,
    ) -> Result<Greeted, Fault<N::Error>> {
        let (Some(heard), Some(accepted), Some(ours)) =
            (self.hello, self.accepted.take(), self.told.clone())
        else {
            return refuse(Code::MalformedFrame, "a greeting out of order");
        };
        let Accepted { member, theirs, our_interests, grown, .. } = accepted;
        // Statements may have come since it was accepted.
        let Member { key, unit, lineage, .. } = member;
        let member = step.node.member(&Claim { key, unit, lineage }, step.now)?;
        if !member.is_member() {
            return refuse(Code::Over, "the membership ended");
        }
        let known = self.met.as_ref().and_then(|met| met.known);
        let met = Met {
            unit: member.unit.clone(),
            lineage: member.lineage,
            level: heard.level.max(self.met.as_ref().map_or(0, |met| met.level)),
            interests: their_interests.clone(),
            known,
        };
        if self.met.as_ref() != Some(&met) {
            step.node.remember(&self.peer, &met)?;
        }
        let sharing = sharing(step, heard.level, member, our_interests, their_interests)?;
        Ok(Greeted { sharing, grown, salt: heard.salt, ours, theirs })
    }
}

impl<C> Reading<C> {
    fn new(chain: C, claim: Claim) -> Self {
        Self { chain, claim, last: None, statements: 0, bytes: 0 }
    }

    fn follow<N: Node<Chain = C>>(
        &mut self,
        step: &Step<'_, N>,
        statement: Statement,
    ) -> Result<(), Fault<N::Error>> {
        self.bytes += statement.to_bytes().len();
        if self.statements > CHAIN_STATEMENTS_MAX || self.bytes > CHAIN_BYTES_MAX {
            return refuse(Code::Flood, "a chain longer than chains may be");
        }
        let id = statement.id();
        if let Err(why) = step.node.follow_chain(&mut self.chain, statement)? {
            let text = format!("statement {} is not kept: {}", id.short(), &*why.code);
            return refuse(Code::NoDelegation, text);
        }
        self.last = Some(id);
        Ok(())
    }
}

/// What two nodes share, as this node judges both.
fn sharing<N: Node>(
    step: &Step<'_, N>,
    level: u64,
    peer: Member,
    our_interests: BTreeSet<UnitId>,
    their_interests: BTreeSet<UnitId>,
) -> Result<Sharing, Fault<N::Error>> {
    let own = step.node.member(&step.node.own().claim, step.now)?;
    let own = Party { member: own, interests: Arc::new(our_interests) };
    let peer = Party { member: peer, interests: Arc::new(their_interests) };
    Ok(Sharing { level, own, peer })
}

/// A chain in parts that fit a frame that anybody takes.
fn in_frames(chain: Vec<Statement>) -> Vec<Vec<Statement>> {
    let mut parts = vec![Vec::new()];
    let mut bytes = 0;
    for statement in chain {
        let size = statement.to_bytes().len();
        let full = |part: &Vec<Statement>| {
            part.len() == MEMBERSHIP_STATEMENTS_MAX || bytes + size > CHAIN_FRAME_BYTES_MAX
        };
        if parts.last().is_some_and(|part| !part.is_empty() && full(part)) {
            parts.push(Vec::new());
            bytes = 0;
        }
        bytes += size;
        if let Some(part) = parts.last_mut() {
            part.push(statement);
        }
    }
    parts
}

/// Says what this node cares for, or what it has come to care for.
pub(super) fn tell_interests<N>(step: &mut Step<'_, N>, units: &BTreeSet<UnitId>) {
    let units: Vec<UnitId> = units.iter().cloned().collect();
    let mut parts: Vec<&[UnitId]> = units.chunks(INTERESTS_MAX).collect();
    let last = parts.pop().unwrap_or_default();
    for (part, more) in parts.into_iter().map(|part| (part, true)).chain([(last, false)]) {
        let units = Ascending::of(part.iter().cloned()).expect("a part fits a frame");
        step.send(Interests { units, more });
    }
}
