//! A session with one peer (section 9): greeting, resume, push, acknowledgement.
//!
//! **What it is.** [`Session`]: frames in; frames, events and perhaps an end out. It asks its
//! node through [`Node`], and never sees a table of the store.
//!
//! **What it is not.** It judges no item and no statement: the node does, behind [`Node::take`]
//! and [`Node::accept`]. It packs nothing and knows no socket.
//!
//! **What must always hold.** Nothing that a peer says panics, or grows memory without bound
//! (INV-10): each machine says what it keeps of a peer, and how much. Nothing of a scope is said
//! to a peer that may not hold it (INV-09). Before the peer is a member, nothing is stored.
//!
//! ```text
//!   greeting.rs      who the peer is
//!   sharing.rs       which scopes the two share      member.rs  who may hold what
//!   offering.rs      which of them differ            resume.rs  what is done with one that does
//!   reconciling.rs   what each lacks                 reconcile/ messages of a reconciliation
//!   sending/         our feed, behind a position, within windows
//!   receiving.rs     the peer's items, judged, acknowledged, held, put off
//!   wanting.rs       items by id
//!   conversation.rs  hands to each machine what is its own
//!   node.rs          what they ask of the node
//! ```
//! Each machine owns its state and imports none of the others.
//!
//! **Where to start reading.** [`Node`], then `conversation.rs`.
//!
//! **How it is tested.** In `tests/session`: nodes that keep made-up items in memory, joined by
//! queues; each rule broken by a peer and its code; random networks, cut and healed; what a
//! reconnect costs, counted. In `tests/federation`: whole replicas, with real statements.

mod conversation;
mod fault;
mod greeting;
mod member;
mod node;
mod offering;
mod receiving;
pub mod reconcile;
mod reconciling;
pub mod resume;
mod sending;
mod sharing;
mod step;
mod wanting;

use std::collections::{BTreeMap, BTreeSet};

use schema_wire::{Frame, Hash, Malformed, Ms, NodeKey, Offers, Reason, Salt, Scope};

pub use fault::{Code, reason};
pub(crate) use greeting::INTERESTS_OF_A_PEER_MAX;
pub use member::Member;
pub use node::{
    Claim, Entry, Group, Introduced, Layer, Met, Node, Origin, Own, Page, Room, Salted, ScopeState,
    Taken,
};
pub use sharing::{Party, Sharing};
pub use step::{Event, Out};

use conversation::Conversation;
use fault::{Fault, refuse};
use greeting::{Greeted, Greeting};
use step::Step;

/// Offers that a peer may send before it has said what it cares for: all of them are dealt with in
/// one step.
const EARLY_OFFERS_MAX: usize = 1_024;

/// An authenticated conversation with one peer.
///
/// ```text
///   open --> Greeting --member, interests known--> Open --fault, refusal, over--> Ended
/// ```
#[derive(Debug)]
pub struct Session<C> {
    peer: NodeKey,
    opener: bool,
    phase: Phase<C>,
}

#[derive(Debug)]
enum Phase<C> {
    Greeting(Box<Greeting<C>>, Early),
    Open(Box<Conversation>),
    Ended,
}

/// Offers that came before all was known. A peer that was met may send them at once.
#[derive(Debug, Default)]
struct Early {
    offers: Vec<Offers>,
    count: usize,
}

/// How far a session has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Link {
    /// There is none.
    Away,
    /// The two say who they are.
    Greeting,
    /// They find out what each lacks.
    Resuming,
    /// Both hold what both may; what comes is handed on at once.
    Live,
}

/// How the sets of a node changed: by which session does not matter.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Changed {
    /// Did statements come, so that who is a member, and what waits, is to be judged anew?
    pub statements: bool,
    /// By scope, what came into the set and what left it.
    pub sets: BTreeMap<Scope, Moved>,
    /// Pairs that somebody wishes to write in, since now.
    pub wished: BTreeSet<Scope>,
    /// What is lacking since now, and wanted.
    pub lacking: BTreeSet<(Scope, Hash)>,
}

/// What came into a set, and what left it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Moved {
    /// Came.
    pub entered: Vec<Hash>,
    /// Left.
    pub left: Vec<Hash>,
}

impl<C> Session<C> {
    /// Begins a session with a peer that the transport authenticated. `opener` says whether this
    /// node opened the stream; `salt` is random.
    ///
    /// # Errors
    /// If the store cannot be read; so for all that follow.
    pub fn open<N: Node<Chain = C>>(
        node: &mut N,
        now: Ms,
        peer: NodeKey,
        opener: bool,
        salt: Salt,
    ) -> Result<(Self, Out), N::Error> {
        let mut session = Self { peer, opener, phase: Phase::Ended };
        let out = session.run(node, now, |session, step| {
            let greeting = Box::new(Greeting::open(step, peer, opener, salt)?);
            session.phase = Phase::Greeting(greeting, Early::default());
            Ok(())
        })?;
        Ok((session, out))
    }

    /// Takes what came: a frame, or why it is none.
    pub fn frame<N: Node<Chain = C>>(
        &mut self,
        node: &mut N,
        now: Ms,
        frame: Result<Frame, Malformed>,
    ) -> Result<Out, N::Error> {
        self.run(node, now, |session, step| match frame {
            Err(error) => refuse(Code::MalformedFrame, error.to_string()),
            Ok(Frame::Refusal(reason)) => {
                session.end(step, true, reason);
                Ok(())
            }
            Ok(frame) => session.take(step, frame),
        })
    }

    /// Tells it how the node's sets changed.
    pub fn changed<N: Node<Chain = C>>(
        &mut self,
        node: &mut N,
        now: Ms,
        changed: &Changed,
    ) -> Result<Out, N::Error> {
        self.run(node, now, |session, step| match &mut session.phase {
            Phase::Open(conversation) => conversation.changed(step, changed),
            Phase::Greeting(..) | Phase::Ended => Ok(()),
        })
    }

    /// Time passed. To be called every few seconds.
    pub fn wake<N: Node<Chain = C>>(&mut self, node: &mut N, now: Ms) -> Result<Out, N::Error> {
        self.run(node, now, |session, step| match &mut session.phase {
            Phase::Greeting(greeting, _) => greeting.wake(step),
            Phase::Open(conversation) => conversation.wake(step),
            Phase::Ended => Ok(()),
        })
    }

    /// What the peer had to send did not come: it is told so.
    pub fn time_out<N: Node<Chain = C>>(
        &mut self,
        node: &mut N,
        now: Ms,
        text: String,
    ) -> Result<Out, N::Error> {
        self.run(node, now, |session, _| match session.phase {
            Phase::Greeting(..) | Phase::Open(_) => refuse(Code::TimeOut, text),
            Phase::Ended => Ok(()),
        })
    }

    /// Too much comes from all who are not known yet: it ends.
    pub fn ends_as_too_much<N: Node<Chain = C>>(
        &mut self,
        node: &mut N,
        now: Ms,
    ) -> Result<Out, N::Error> {
        self.run(node, now, |_, _| refuse(Code::Flood, "too many chains are read at once"))
    }

    /// Bytes that are held of a peer of which it is not known yet whether it is a member.
    pub fn chain_bytes(&self) -> usize {
        match &self.phase {
            Phase::Greeting(greeting, _) => greeting.chain_bytes(),
            Phase::Open(_) | Phase::Ended => 0,
        }
    }

    /// With whom it is.
    pub fn peer(&self) -> NodeKey {
        self.peer
    }

    /// How far it has come.
    pub fn link(&self) -> Link {
        match &self.phase {
            Phase::Greeting(..) => Link::Greeting,
            Phase::Open(conversation) if conversation.is_live() => Link::Live,
            Phase::Open(_) => Link::Resuming,
            Phase::Ended => Link::Away,
        }
    }

    /// Is the peer known to hold all that it may hold of this node's feed?
    pub fn holds_all(&self) -> bool {
        matches!(&self.phase, Phase::Open(conversation) if conversation.holds_all())
    }

    /// Up to which position of our feed the peer holds scopes that are sent, by its
    /// acknowledgements.
    pub fn acknowledged(&self) -> BTreeMap<Scope, u64> {
        match &self.phase {
            Phase::Open(conversation) => conversation.acknowledged(),
            Phase::Greeting(..) | Phase::Ended => BTreeMap::new(),
        }
    }

    /// Is it over?
    pub fn is_ended(&self) -> bool {
        matches!(self.phase, Phase::Ended)
    }

    /// Was the peer accepted as a member? Until then its frames are small.
    pub fn is_with_member(&self) -> bool {
        match &self.phase {
            Phase::Greeting(greeting, _) => greeting.is_accepted(),
            Phase::Open(_) => true,
            Phase::Ended => false,
        }
    }

    /// What the two share, once both know.
    pub fn sharing(&self) -> Option<&Sharing> {
        match &self.phase {
            Phase::Open(conversation) => Some(conversation.sharing()),
            Phase::Greeting(..) | Phase::Ended => None,
        }
    }

    fn take<N: Node<Chain = C>>(
        &mut self,
        step: &mut Step<'_, N>,
        frame: Frame,
    ) -> Result<(), Fault<N::Error>> {
        let greeted = match (&mut self.phase, frame) {
            (Phase::Ended, _) => return Ok(()),
            (Phase::Open(conversation), frame) => return conversation.frame(step, frame),
            (Phase::Greeting(greeting, early), Frame::Offers(offers)) if greeting.is_accepted() => {
                early.count += offers.offers.len().max(1);
                early.offers.push(offers);
                if early.count > EARLY_OFFERS_MAX {
                    return refuse(Code::Flood, "more offers than may come so early");
                }
                return Ok(());
            }
            (Phase::Greeting(greeting, _), frame) => greeting.frame(step, frame)?,
        };
        greeted.map_or(Ok(()), |greeted| self.begin(step, greeted))
    }

    fn begin<N: Node<Chain = C>>(
        &mut self,
        step: &mut Step<'_, N>,
        greeted: Greeted,
    ) -> Result<(), Fault<N::Error>> {
        let mut conversation = Conversation::begin(step, self.opener, greeted)?;
        if let Phase::Greeting(_, early) = &mut self.phase {
            for offers in std::mem::take(early).offers {
                conversation.frame(step, offers.into())?;
            }
        }
        self.phase = Phase::Open(Box::new(conversation));
        Ok(())
    }

    /// Works on one input, and ends the session at a fault of the peer.
    fn run<N: Node<Chain = C>>(
        &mut self,
        node: &mut N,
        now: Ms,
        work: impl FnOnce(&mut Self, &mut Step<'_, N>) -> Result<(), Fault<N::Error>>,
    ) -> Result<Out, N::Error> {
        let mut out = Out::default();
        let mut step = Step { node, now, out: &mut out };
        match work(self, &mut step) {
            Ok(()) => {}
            Err(Fault::Node(error)) => return Err(error),
            Err(Fault::Peer(code, text)) => {
                let reason = code.because(&text);
                step.send(Frame::Refusal(reason.clone()));
                self.end(&mut step, false, reason);
            }
        }
        Ok(out)
    }

    fn end<N>(&mut self, step: &mut Step<'_, N>, by_peer: bool, reason: Reason) {
        let their_clock = match &self.phase {
            Phase::Greeting(greeting, _) => greeting.their_clock(),
            Phase::Open(_) | Phase::Ended => None,
        };
        let clocks = their_clock.map(|theirs| (theirs, step.now));
        self.phase = Phase::Ended;
        step.emit(Event::Ended { peer: self.peer, by_peer, reason: reason.clone(), clocks });
        step.out.close = Some(reason);
    }
}
