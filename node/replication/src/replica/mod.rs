//! A node's share of the federation: inputs in; one batch and effects out.
//!
//! ```text
//!   Input --> Session (one for each peer) --asks--> View --> Log, Authority
//!                 ^                                             |
//!                 +------ what came into sets, and left --------+
//!   own work ----------------------------------------------> Log
//! ```
//! It only wires: sessions, log and authority own what they know, and none of them knows it.

mod contacts;
mod membership;
mod moves;
mod peers;
mod refused;
mod seen;
mod snapshots;
mod status;
mod view;

use std::collections::{BTreeMap, BTreeSet};

use node_authority::{Authority, Pin};
use schema_wire::{
    Author, Bytes, Cursor, DocumentId, Epoch, Frame, Hash, Malformed, Ms, NodeKey, Payload, Reason,
    Salt, UnitId, VerifiedStatement,
};

use crate::change::{self, Put};
use crate::log::{self, Log, Offered, Setting, Step, WriteError};
pub use crate::session::Link;
use crate::session::{self, Claim, Own, Session};
use crate::store::{Batch, ReadError, ReadStore};
pub use refused::{RefusedItem, count as refused_count, refused};
pub use seen::Seen;
pub use status::{Held, Lacks, PeerStatus, ScopeStatus, Status};

use contacts::Contacts;
use membership::Chain;
use moves::Moves;
use snapshots::Snapshots;
use view::{Origins, View};

/// How long one salt is given to peers, in milliseconds.
const SALT_MS: u64 = 3_600_000;

/// Bytes of chains that are read at the same time, of all peers that are no members yet. Nearly all
/// come in one frame, and are not held.
const CHAINS_BYTES_MAX: usize = 67_108_864;

/// How often keys that are erased, and letters that were opened, are destroyed, in milliseconds.
const DESTROY_MS: u64 = 3_600_000;

/// A conversation with one authenticated peer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct SessionId(pub u64);

/// What happens to a node.
#[derive(Debug)]
pub enum Input {
    /// The transport authenticated a peer. `salt` is random.
    Opened {
        /// The conversation.
        session: SessionId,
        /// The peer.
        peer: NodeKey,
        /// Did this node open the stream?
        opener: bool,
        /// Random bytes.
        salt: Salt,
    },
    /// The transport lost it.
    Closed {
        /// The conversation.
        session: SessionId,
    },
    /// The peer sent a frame, or something that is none.
    Frame {
        /// The conversation.
        session: SessionId,
        /// What came.
        frame: Result<Frame, Malformed>,
    },
    /// What the peer had to send did not come, by the transport's clock.
    TimedOut {
        /// The conversation.
        session: SessionId,
        /// What did not.
        text: String,
    },
    /// Time passed. To be said every few seconds.
    Wake,
}

/// What the shell must do once the batch is durable (INV-05).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Effect {
    /// Send a frame.
    Send {
        /// To whom.
        session: SessionId,
        /// What.
        frame: Frame,
    },
    /// End a conversation, after the frames before it.
    Close {
        /// Which.
        session: SessionId,
        /// Why.
        reason: Reason,
    },
    /// Tell those who watch.
    Tell(Event),
}

/// What those who watch want to know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// Of a peer.
    Peer(session::Event),
    /// Of what counts, and of this node's own lives.
    Log(log::Event),
}

/// What one input leads to.
#[derive(Debug, Default)]
pub struct Output {
    /// Write atomically and sync.
    pub batch: Batch,
    /// Then, and only then, do these.
    pub effects: Vec<Effect>,
}

/// One node.
#[derive(Debug)]
pub struct Replica {
    own: Own,
    log: Log,
    sessions: BTreeMap<SessionId, Session<Chain>>,
    snapshots: Snapshots,
    origins: Origins,
    /// Peers that refused what they were thought to know, since the start. No more than were met.
    forgetful: BTreeSet<NodeKey>,
    contacts: Contacts,
    /// When it was looked last for what is to be destroyed.
    destroyed: Option<Ms>,
    /// The salt that is given at present, and since when.
    salt: Option<(Salt, Ms)>,
}

/// What is known.
impl Replica {
    /// Opens what a store holds. The output must be durable before the first input.
    ///
    /// # Errors
    /// If the store cannot answer.
    pub fn open(setting: Setting, store: &impl ReadStore) -> Result<(Self, Output), ReadError> {
        let mut log = Log::open(setting, store)?;
        let (batch, _) = log.finish(Step::new(store))?;
        let own = own(&log);
        let replica = Self {
            own,
            log,
            sessions: BTreeMap::new(),
            snapshots: Snapshots::default(),
            origins: Origins::default(),
            forgetful: BTreeSet::new(),
            contacts: Contacts::default(),
            destroyed: None,
            salt: None,
        };
        Ok((replica, Output { batch, effects: Vec::new() }))
    }

    /// What it knows of who may do what.
    #[must_use]
    pub fn authority(&self) -> &Authority {
        self.log.authority()
    }

    /// Who it writes as.
    #[must_use]
    pub fn author(&self) -> Author {
        self.log.author()
    }
}

fn own(log: &Log) -> Own {
    let pins = log.authority().pins();
    let claim = Claim { key: log.author().key, unit: pins.unit().clone(), lineage: pins.lineage() };
    Own { network: log.authority().network(), claim }
}

/// What comes.
impl Replica {
    /// Takes one input. `clock` is what the node's clock shows.
    ///
    /// # Errors
    /// If the store cannot answer: then this node is not to be used any more.
    pub fn handle(
        &mut self,
        clock: Ms,
        input: Input,
        store: &impl ReadStore,
    ) -> Result<Output, ReadError> {
        let mut work = Work::new(self.log.now(clock, store)?, store);
        match input {
            Input::Opened { session, peer, opener, salt } => {
                let salt = self.present_salt(salt, work.now);
                let mut view = self.view(&mut work);
                let now = view.now;
                let (opened, out) = Session::open(&mut view, now, peer, opener, salt)?;
                self.sessions.insert(session, opened);
                self.carry_out(&mut work, session, out)?;
            }
            Input::Closed { session } => {
                if let Some(closed) = self.sessions.remove(&session) {
                    self.note_contact(&mut work, &closed)?;
                    self.contacts.left(work.step.store_mut(), &closed.peer(), work.now);
                }
            }
            Input::Frame { session, frame } => {
                self.with(&mut work, session, |open, view, now| open.frame(view, now, frame))?;
                self.bound_chains(&mut work, session)?;
            }
            Input::TimedOut { session, text } => {
                self.with(&mut work, session, |open, view, now| open.time_out(view, now, text))?;
            }
            Input::Wake => {
                self.snapshots.forget_unused(work.now);
                self.destroy_what_is_due(&mut work)?;
                let ids: Vec<SessionId> = self.sessions.keys().copied().collect();
                for id in ids {
                    self.with(&mut work, id, |open, view, now| open.wake(view, now))?;
                }
                let open = std::mem::take(&mut self.sessions);
                open.values().try_for_each(|open| self.note_contact(&mut work, open))?;
                self.sessions = open;
            }
        }
        self.finish(work)
    }

    /// Ends the session of one who is no member yet and sends a long chain, if there are too many.
    fn bound_chains<S: ReadStore>(
        &mut self,
        work: &mut Work<'_, S>,
        id: SessionId,
    ) -> Result<(), ReadError> {
        let bytes = |id| self.sessions.get(id).map_or(0, Session::chain_bytes);
        if bytes(&id) == 0 || self.sessions.keys().map(bytes).sum::<usize>() <= CHAINS_BYTES_MAX {
            return Ok(());
        }
        self.with(work, id, |open, view, now| open.ends_as_too_much(view, now))
    }

    fn destroy_what_is_due<S: ReadStore>(
        &mut self,
        work: &mut Work<'_, S>,
    ) -> Result<(), ReadError> {
        if self.destroyed.is_some_and(|last| work.now.since(last) < DESTROY_MS) {
            return Ok(());
        }
        self.destroyed = Some(work.now);
        self.log.destroy_erased(&mut work.step, work.now)?;
        self.log.drop_opened(&mut work.step, work.now)
    }

    fn present_salt(&mut self, fresh: Salt, now: Ms) -> Salt {
        match self.salt {
            Some((salt, since)) if now.since(since) < SALT_MS && since <= now => salt,
            _ => self.salt.insert((fresh, now)).0,
        }
    }

    fn view<'a, 's, S>(&'a mut self, work: &'a mut Work<'s, S>) -> View<'a, 's, S> {
        View {
            own: &self.own,
            log: &mut self.log,
            step: &mut work.step,
            snapshots: &mut self.snapshots,
            origins: &mut self.origins,
            forgetful: &self.forgetful,
            now: work.now,
        }
    }

    /// Lets one session work.
    fn with<'s, S: ReadStore>(
        &mut self,
        work: &mut Work<'s, S>,
        id: SessionId,
        run: impl FnOnce(
            &mut Session<Chain>,
            &mut View<'_, 's, S>,
            Ms,
        ) -> Result<session::Out, ReadError>,
    ) -> Result<(), ReadError> {
        let Some(mut open) = self.sessions.remove(&id) else {
            return Ok(());
        };
        let now = work.now;
        let out = run(&mut open, &mut self.view(work), now)?;
        if open.is_ended() {
            self.contacts.left(work.step.store_mut(), &open.peer(), now);
        } else {
            self.sessions.insert(id, open);
        }
        self.carry_out(work, id, out)
    }

    /// Notes that a member is here, and whether it holds all that it may.
    fn note_contact<S: ReadStore>(
        &mut self,
        work: &mut Work<'_, S>,
        open: &Session<Chain>,
    ) -> Result<(), ReadError> {
        if !open.is_with_member() {
            return Ok(());
        }
        let seq = log::feed_head(work.step.store())?;
        let feed = Cursor { epoch: Epoch(self.log.epoch()), seq };
        let held = open.holds_all().then_some(feed);
        self.contacts.here(work.step.store_mut(), &open.peer(), held, work.now)
    }

    fn carry_out<S: ReadStore>(
        &mut self,
        work: &mut Work<'_, S>,
        session: SessionId,
        out: session::Out,
    ) -> Result<(), ReadError> {
        let session::Out { frames, events, close } = out;
        for event in events {
            self.observe(work, &event)?;
            work.effects.push(Effect::Tell(Event::Peer(event)));
        }
        work.effects.extend(frames.into_iter().map(|frame| Effect::Send { session, frame }));
        if let Some(reason) = close {
            self.sessions.remove(&session);
            work.effects.push(Effect::Close { session, reason });
        }
        Ok(())
    }

    fn observe<S: ReadStore>(
        &mut self,
        work: &mut Work<'_, S>,
        event: &session::Event,
    ) -> Result<(), ReadError> {
        match event {
            session::Event::FeedWasLonger { .. } => self.log.feed_was_longer(),
            session::Event::RefusedByPeer { peer, count, .. } => {
                self.contacts.refuses(peer, *count);
            }
            session::Event::Resumed { peer, .. } => {
                self.forgetful.remove(peer);
                self.view(work).was_shown(peer)?;
            }
            session::Event::Ended { peer, by_peer: true, reason, .. }
                if *reason.code == *session::Code::NoDelegation.as_str()
                    && peers::shown(work.step.store(), peer)?.is_some() =>
            {
                self.forgetful.insert(*peer);
            }
            session::Event::Refused { peer, item, reason, count, .. } => {
                let from = (*peer, work.now);
                refused::keep(&mut work.step, from, item, reason, *count)?;
            }
            _ => {}
        }
        Ok(())
    }

    /// Tells every session what moved, until nothing more does, and ends the step.
    fn finish<S: ReadStore>(&mut self, mut work: Work<'_, S>) -> Result<Output, ReadError> {
        loop {
            self.log.settle(&mut work.step)?;
            let Some(changed) = work.moves.changed(&work.step)? else {
                break;
            };
            let ids: Vec<SessionId> = self.sessions.keys().copied().collect();
            for id in ids {
                self.with(&mut work, id, |open, view, now| open.changed(view, now, &changed))?;
            }
        }
        let Work { step, mut effects, .. } = work;
        let (batch, events) = self.log.finish(step)?;
        effects.extend(events.into_iter().map(|event| Effect::Tell(Event::Log(event))));
        Ok(Output { batch, effects })
    }
}

/// This node's own work.
impl Replica {
    /// Takes a statement of this node's own making, or of a grant file.
    ///
    /// # Errors
    /// If the store cannot answer.
    pub fn learn(
        &mut self,
        clock: Ms,
        statement: VerifiedStatement,
        store: &impl ReadStore,
    ) -> Result<(Offered, Output), ReadError> {
        let (offered, output) = self.learn_all(clock, vec![statement], store)?;
        Ok((offered.into_iter().next().unwrap_or(Offered::PassedOver), output))
    }

    /// Takes several of them, one after the other, before anybody is told: whom one of them ends
    /// hears of all.
    ///
    /// # Errors
    /// If the store cannot answer.
    pub fn learn_all(
        &mut self,
        clock: Ms,
        statements: Vec<VerifiedStatement>,
        store: &impl ReadStore,
    ) -> Result<(Vec<Offered>, Output), ReadError> {
        let mut work = Work::new(self.log.now(clock, store)?, store);
        let origin = log::Origin::own(clock);
        let learn = |statement| self.log.learn(&mut work.step, statement, origin);
        let offered = statements.into_iter().map(learn).collect::<Result<_, _>>()?;
        Ok((offered, self.finish(work)?))
    }

    /// Changes a choice of this node's own.
    ///
    /// # Errors
    /// If the store cannot answer.
    pub fn pin(
        &mut self,
        clock: Ms,
        pin: Pin,
        store: &impl ReadStore,
    ) -> Result<Output, ReadError> {
        let mut work = Work::new(self.log.now(clock, store)?, store);
        self.log.pin(&mut work.step, pin)?;
        work.moves.pinned();
        self.own = own(&self.log);
        self.finish(work)
    }

    /// Moves the node to another lineage of its unit, where nobody is spoken with.
    ///
    /// # Errors
    /// If the store cannot answer.
    pub fn belong(
        &mut self,
        clock: Ms,
        lineage: Hash,
        store: &impl ReadStore,
    ) -> Result<Output, ReadError> {
        let mut work = Work::new(self.log.now(clock, store)?, store);
        self.log.belong(&mut work.step, lineage)?;
        work.moves.pinned();
        self.own = own(&self.log);
        self.finish(work)
    }

    /// Notes that this node's unit wishes to write to another one: then the statements of that unit
    /// are asked for, its card among them.
    ///
    /// # Errors
    /// If the store cannot answer.
    pub fn wish(
        &mut self,
        clock: Ms,
        to: &UnitId,
        store: &impl ReadStore,
    ) -> Result<Output, ReadError> {
        let mut work = Work::new(self.log.now(clock, store)?, store);
        let own = &self.own.claim.unit;
        if !own.contains(to) && !to.contains(own) {
            log::wish(work.step.store_mut(), own, &BTreeSet::from([to.clone()]), work.now)?;
        }
        self.finish(work)
    }

    /// Writes a change of a document: puts on top of all that counts there.
    ///
    /// # Errors
    /// If it would not count at once; then nothing was written.
    pub fn write_change(
        &mut self,
        clock: Ms,
        delegation: Hash,
        document: &DocumentId,
        puts: Vec<Put<'_>>,
        store: &impl ReadStore,
    ) -> Result<(Hash, Output), WriteError> {
        let draft = self.log.draft(clock, document, store)?;
        let change = self.log.change_draft(&draft, store)?.change(puts);
        let (bytes, _) = change::write(&change);
        let content = Payload::Changes(Bytes::new(bytes)?);
        self.write(clock, delegation, draft, content, store)
    }

    /// Where the next envelope of a document will stand: a letter is bound to its place.
    ///
    /// # Errors
    /// If the store cannot answer.
    pub fn next_place(
        &mut self,
        clock: Ms,
        document: &DocumentId,
        store: &impl ReadStore,
    ) -> Result<(Author, u64), WriteError> {
        let draft = self.log.draft(clock, document, store)?;
        Ok((self.log.author(), draft.seq()))
    }

    /// Writes keys, erasures, a letter or acknowledgements.
    ///
    /// # Errors
    /// If it would not count at once; then nothing was written.
    pub fn write_content(
        &mut self,
        clock: Ms,
        delegation: Hash,
        document: &DocumentId,
        content: Payload,
        store: &impl ReadStore,
    ) -> Result<(Hash, Output), WriteError> {
        let draft = self.log.draft(clock, document, store)?;
        self.write(clock, delegation, draft, content, store)
    }

    fn write(
        &mut self,
        clock: Ms,
        delegation: Hash,
        draft: log::Draft,
        content: Payload,
        store: &impl ReadStore,
    ) -> Result<(Hash, Output), WriteError> {
        let mut work = Work::new(self.log.now(clock, store)?, store);
        let id = self.log.write(&mut work.step, clock, delegation, draft, content)?;
        Ok((id, self.finish(work)?))
    }
}

/// One input at work.
#[derive(Debug)]
struct Work<'s, S> {
    now: Ms,
    step: Step<'s, S>,
    moves: Moves,
    effects: Vec<Effect>,
}

impl<'s, S: ReadStore> Work<'s, S> {
    fn new(now: Ms, store: &'s S) -> Self {
        Self { now, step: Step::new(store), moves: Moves::default(), effects: Vec::new() }
    }
}
