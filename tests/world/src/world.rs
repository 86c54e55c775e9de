//! The world: what happens next, and what one input to a node leads to.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use node_replication::log::{Chance, Setting};
use node_replication::replica::{Effect, Event, Input, Output, Replica, SessionId};
use node_replication::session;
use node_replication::store::{Batch, MemStore, Table, Write};
use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use schema_wire::limits::FRAME_BYTES_MAX;
use schema_wire::{Content, Envelope, Frame, Hash, Salt, Wire as _};

use crate::chance::Streams;
use crate::city::City;
use crate::disk;
use crate::failure::Broken;
use crate::invariants::Census;
use crate::mutant::Mutant;
use crate::run::{Options, Shape};
use crate::site::{Site, Strike};
use crate::talk::{Happening, Line, Sent, Talk};
use crate::verifier::MemoVerifier;

/// Lines of the trace that a failure shows; all of them where one seed is asked for.
const TRACE_LINES: usize = 80;
/// Frames that may be on their way to one end of a conversation.
const ON_THE_WAY_MAX: usize = 512;

/// How far something is kept from happening: the longest delay of a frame, in milliseconds.
const DELAY_MS_MAX: u64 = 400;

/// Everything.
#[derive(Debug)]
pub struct World {
    /// What was asked for.
    pub options: Options,
    /// Virtual milliseconds since it began.
    pub now: u64,
    /// The units and their secrets.
    pub city: City,
    /// The nodes.
    pub sites: Vec<Site>,
    /// The lines between them.
    pub lines: Vec<Line>,
    /// The conversations.
    pub talks: BTreeMap<u64, Talk>,
    /// What was seen on disks and lines.
    pub census: Census,
    /// How often rare situations came.
    pub reached: BTreeMap<&'static str, u64>,
    /// Chance of people and of what breaks.
    pub chance: ChaCha8Rng,
    /// Have all faults stopped?
    pub healed: bool,
    /// How many things happened.
    pub steps: u64,
    /// Frames that byzantine nodes sent, to be sent again.
    pub(crate) said: Vec<Vec<u8>>,
    /// Envelopes that byzantine nodes signed and that no document may be made of.
    pub(crate) unfounded: Vec<Envelope>,
    pub(crate) streams: Streams,
    trace: VecDeque<String>,
    queue: BTreeMap<(u64, u64), Happening>,
    scheduled: u64,
    net: ChaCha8Rng,
    verifier: Arc<MemoVerifier>,
    drawn: u64,
}

impl World {
    /// An empty world.
    pub fn new(options: Options) -> Self {
        let streams = Streams { seed: options.seed };
        Self {
            options,
            now: 0,
            city: City::new(streams),
            sites: Vec::new(),
            lines: Vec::new(),
            talks: BTreeMap::new(),
            census: Census::default(),
            reached: BTreeMap::new(),
            chance: streams.stream("plan"),
            healed: false,
            steps: 0,
            said: Vec::new(),
            unfounded: Vec::new(),
            streams,
            trace: VecDeque::new(),
            queue: BTreeMap::new(),
            scheduled: 0,
            net: streams.stream("net"),
            verifier: Arc::new(MemoVerifier::of(options.mutant == Some(Mutant::SkipSignature))),
            drawn: 0,
        }
    }

    /// Notes a line for the trace of a failure.
    pub fn note(&mut self, line: impl FnOnce() -> String) {
        if self.trace.len() == TRACE_LINES && !self.options.whole_trace {
            self.trace.pop_front();
        }
        self.trace.push_back(format!("{:>7} {}", self.now, line()));
    }

    /// The last steps.
    pub fn trace(&self) -> Vec<String> {
        self.trace.iter().cloned().collect()
    }

    /// Counts a situation that a run should come to.
    pub fn reach(&mut self, what: &'static str) {
        *self.reached.entry(what).or_default() += 1;
    }

    /// A number that no other has.
    pub fn draw(&mut self) -> u64 {
        self.drawn += 1;
        self.drawn
    }

    /// How often people work and things break, as against a world of a few nodes.
    pub fn pace(&self) -> u64 {
        match self.options.shape {
            Shape::Drawn => 1,
            Shape::Baicheng => 30,
        }
    }

    /// Something will happen after a while.
    pub fn after(&mut self, milliseconds: u64, happening: Happening) {
        self.scheduled += 1;
        self.queue.insert((self.now + milliseconds, self.scheduled), happening);
    }

    /// Lets everything happen until a time.
    ///
    /// # Errors
    /// At the first invariant that does not hold.
    pub fn run_until(&mut self, until: u64) -> Result<(), Broken> {
        while let Some(entry) = self.queue.first_entry().filter(|entry| entry.key().0 <= until) {
            self.now = entry.key().0;
            let happening = entry.remove();
            self.steps += 1;
            self.happen(happening)?;
        }
        self.now = until;
        Ok(())
    }

    fn happen(&mut self, happening: Happening) -> Result<(), Broken> {
        match happening {
            Happening::Arrive { talk, end } => self.arrive(talk, end),
            Happening::Hangup { site, talk } => self.hang_up(site, talk),
            Happening::Dial { line } => self.dial(line),
            Happening::Wake { site } => {
                let pause = self.net.random_range(2_000..6_000);
                self.after(pause, Happening::Wake { site });
                self.input(site, Input::Wake)
            }
            Happening::Work => self.work(),
            Happening::Fault => self.fault(),
            Happening::Start { site } => self.start(site),
        }
    }
}

/// Lines.
impl World {
    fn dial(&mut self, line: usize) -> Result<(), Broken> {
        let pause = self.net.random_range(1_500..5_000);
        self.after(pause, Happening::Dial { line });
        let Line { ends, talk, cut_until } = self.lines[line];
        let is_up = ends.iter().all(|end| self.sites[*end].replica.is_some());
        if talk.is_some() || cut_until > self.now || !is_up {
            return Ok(());
        }
        let id = self.draw();
        let to = [VecDeque::new(), VecDeque::new()];
        let came = [BTreeMap::new(), BTreeMap::new()];
        self.talks.insert(id, Talk { line, ends, to, last: [self.now; 2], came });
        self.lines[line].talk = Some(id);
        let keys = ends.map(|end| self.sites[end].node);
        self.note(|| format!("talk {id}: {ends:?}"));
        for (site, peer, opener) in
            [(ends[0], keys[1], keys[0] < keys[1]), (ends[1], keys[0], keys[1] < keys[0])]
        {
            let open = &self.sites[site].open;
            let before: Vec<u64> =
                open.iter().filter(|(_, other)| **other == peer).map(|(talk, _)| *talk).collect();
            for talk in before {
                self.hang_up(site, talk)?;
            }
            self.sites[site].open.insert(id, peer);
            let salt = Salt(self.net.random());
            self.input(site, Input::Opened { session: SessionId(id), peer, opener, salt })?;
        }
        Ok(())
    }

    /// A conversation ends for everybody, at once or when they notice.
    pub fn cut(&mut self, id: u64) {
        let Some(talk) = self.talks.remove(&id) else {
            return;
        };
        self.lines[talk.line].talk = None;
        for site in talk.ends {
            let pause = self.net.random_range(0..3_000);
            self.after(pause, Happening::Hangup { site, talk: id });
        }
    }

    fn hang_up(&mut self, site: usize, talk: u64) -> Result<(), Broken> {
        self.cut(talk);
        self.sites[site].resumed.remove(&talk);
        self.sites[site].met.remove(&talk);
        if self.sites[site].open.remove(&talk).is_none() {
            return Ok(());
        }
        self.input(site, Input::Closed { session: SessionId(talk) })
    }

    fn arrive(&mut self, id: u64, end: usize) -> Result<(), Broken> {
        let Some(talk) = self.talks.get_mut(&id) else {
            return Ok(());
        };
        let site = talk.ends[end];
        match talk.to[end].pop_front() {
            None => Ok(()),
            Some(Sent::End) => self.hang_up(site, id),
            Some(Sent::Frame(bytes)) => {
                let frame = Frame::from_bytes(&bytes);
                if self.is_swallowed(site, id, &frame)? {
                    return Ok(());
                }
                if let (Ok(frame), Some(talk)) = (&frame, self.talks.get_mut(&id)) {
                    talk.note(end, frame);
                }
                self.input(site, Input::Frame { session: SessionId(id), frame })
            }
        }
    }

    /// Puts something on its way.
    pub fn send(&mut self, from: usize, id: u64, sent: Sent) -> Result<(), Broken> {
        let honest = self.sites[from].honest;
        let broken = |name: &str, text: &str| Broken::new("INV-10", format!("{name} {text}"));
        if matches!(&sent, Sent::Frame(bytes) if bytes.len() > FRAME_BYTES_MAX) && honest {
            return Err(broken(&self.sites[from].name, "sent a frame that is too large"));
        }
        if self.put(from, id, sent) > ON_THE_WAY_MAX && honest {
            return Err(broken(&self.sites[from].name, "has too much on its way"));
        }
        Ok(())
    }

    /// Puts it behind what is on its way, and tells how much that is.
    fn put(&mut self, from: usize, id: u64, sent: Sent) -> usize {
        let delay = 1 + self.net.random_range(0..DELAY_MS_MAX);
        let now = self.now;
        let Some(talk) = self.talks.get_mut(&id) else {
            return 0;
        };
        let end = 1 - talk.end_of(from);
        let at = talk.last[end].max(now + delay);
        talk.last[end] = at;
        talk.to[end].push_back(sent);
        let on_the_way = talk.to[end].len();
        self.after(at - now, Happening::Arrive { talk: id, end });
        on_the_way
    }
}

/// Nodes.
impl World {
    /// Opens a node on what its disk holds.
    ///
    /// # Errors
    /// If it cannot open it.
    pub fn start(&mut self, at: usize) -> Result<(), Broken> {
        if self.sites[at].replica.is_some() {
            return Ok(());
        }
        let keeps_life = self.options.mutant == Some(Mutant::KeepLife);
        let site = &mut self.sites[at];
        site.starts += 1;
        let chance = self.streams.bytes(&format!("chance/{}/{}", site.name, site.starts));
        let setting = Setting {
            genesis: self.city.genesis.clone(),
            pins: site.pins.clone(),
            key: site.key.clone(),
            chance: Chance::of(chance),
            verifier: self.verifier.clone(),
            anew: site.anew && !keeps_life,
        };
        let opened = Replica::open(setting, &site.store);
        let (replica, output) = opened.map_err(|error| unreadable(&site.name, &error))?;
        site.replica = Some(replica);
        // The past of the store is uncertain until the new life is durable.
        site.anew &= site.strike == Some(Strike::Before);
        self.note(|| format!("start {at}"));
        self.output(at, output)?;
        match self.sites[at].again.take() {
            Some(document) => self.enter_in(at, &document),
            None => Ok(()),
        }
    }

    /// A node dies. What is on its disk stays.
    pub fn crash(&mut self, at: usize) {
        self.note(|| format!("crash {at}"));
        self.sites[at].replica = None;
        self.sites[at].resumed.clear();
        self.sites[at].met.clear();
        let open = std::mem::take(&mut self.sites[at].open);
        for talk in open.into_keys() {
            // What it had sent arrives, or does not.
            if self.net.random_bool(0.5) {
                self.put(at, talk, Sent::End);
            } else {
                self.cut(talk);
            }
        }
        let pause = self.net.random_range(500..15_000);
        self.after(pause, Happening::Start { site: at });
    }

    /// Gives a node an input.
    ///
    /// # Errors
    /// If an invariant does not hold then.
    pub fn input(&mut self, at: usize, input: Input) -> Result<(), Broken> {
        let now = self.now;
        let from = match &input {
            Input::Frame { session, .. } => Some(session.0),
            _ => None,
        };
        let is_stranger = from.is_some_and(|talk| self.is_stranger(at, talk));
        if !is_stranger && let Some(talk) = from {
            self.sites[at].met.insert(talk);
        }
        let site = &mut self.sites[at];
        let clock = site.clock(now);
        let Some(replica) = &mut site.replica else {
            return Ok(());
        };
        let output = replica.handle(clock, input, &site.store);
        let mut output = output.map_err(|error| unreadable(&site.name, &error))?;
        if is_stranger && self.options.mutant == Some(Mutant::HeedStranger) {
            output.batch.put(Table::Meta, b"epoch", [9; 16]);
        }
        if is_stranger && !output.batch.is_empty() && self.is_stranger(at, from.unwrap_or_default())
        {
            let text = format!("{} was changed by a stranger", self.sites[at].name);
            return Err(Broken::new("section 9.3", text));
        }
        self.output(at, output)
    }

    /// Does what an input led to; true if the node lives on with it.
    ///
    /// # Errors
    /// If an invariant does not hold then.
    pub fn output(&mut self, at: usize, output: Output) -> Result<(), Broken> {
        self.commit(at, output).map(|_| ())
    }

    /// The same; tells whether it became durable and the node lives on.
    ///
    /// # Errors
    /// If an invariant does not hold then.
    pub fn commit(&mut self, at: usize, output: Output) -> Result<bool, Broken> {
        let Output { mut batch, effects } = output;
        if disk::fills_a_key(&batch) {
            self.reach("a key that was withheld came later");
            if self.options.mutant == Some(Mutant::KeepNulls) {
                let is_key =
                    |write: &Write| matches!(write, Write::Put { table: Table::Keyring, .. });
                batch.writes.retain(|write| !is_key(write));
            }
        }
        let strike = if batch.is_empty() { None } else { self.sites[at].strike.take() };
        match strike {
            Some(Strike::Before) => {
                self.reach("a batch was lost in a crash");
                if self.options.mutant == Some(Mutant::SendEarly) {
                    self.release(at, effects)?;
                }
                if self.options.mutant == Some(Mutant::TearBatch) {
                    let half = Batch { writes: batch.writes[..batch.writes.len() / 2].to_vec() };
                    self.sites[at].store.apply(&half);
                }
                self.crash(at);
                return Ok(false);
            }
            Some(Strike::After) => {
                self.reach("a crash between a batch and its effects");
                self.census.batch(&mut self.sites, at, &batch)?;
                self.sites[at].store.apply(&batch);
                self.crash(at);
                return Ok(false);
            }
            None => {}
        }
        self.census.batch(&mut self.sites, at, &batch)?;
        self.sites[at].store.apply(&batch);
        self.check_lineage(at)?;
        self.release(at, effects)?;
        Ok(true)
    }

    fn release(&mut self, at: usize, effects: Vec<Effect>) -> Result<(), Broken> {
        for effect in effects {
            match effect {
                Effect::Send { session, frame } => {
                    self.note(|| format!("{at} says in {}: {}", session.0, brief(&frame)));
                    self.check_durable(at, session.0, &frame)?;
                    self.check_sent(at, session.0, &frame)?;
                    if self.sites[at].honest || self.healed {
                        self.send(at, session.0, Sent::Frame(frame.to_bytes()))?;
                    } else {
                        self.tamper(at, session.0, &frame)?;
                    }
                }
                Effect::Close { session, reason } => {
                    self.note(|| format!("{at} ends talk {}: {reason:?}", session.0));
                    self.sites[at].open.remove(&session.0);
                    self.sites[at].resumed.remove(&session.0);
                    self.send(at, session.0, Sent::End)?;
                }
                Effect::Tell(event) => self.told(at, &event),
            }
        }
        Ok(())
    }

    fn told(&mut self, at: usize, event: &Event) {
        match event {
            Event::Peer(session::Event::Resumed { peer, .. }) => {
                let site = &mut self.sites[at];
                let talks = site.open.iter().filter(|(_, other)| *other == peer);
                site.resumed.extend(talks.map(|(talk, _)| *talk));
            }
            Event::Peer(session::Event::FeedWasLonger { .. }) => {
                self.reach("a node heard that its feed was longer");
            }
            Event::Log(node_replication::log::Event::IncarnationChanged { cloned: true }) => {
                self.reach("a doubled life was found");
            }
            Event::Log(node_replication::log::Event::Restored { .. }) => {
                self.reach("an envelope counts again");
            }
            Event::Log(node_replication::log::Event::Suspended { reason, .. }) => {
                self.reach(reason.code());
            }
            _ => {}
        }
    }

    /// Sets the disk of a node that is down back to its copy.
    pub fn set_back(&mut self, at: usize, copy: MemStore, noticed: bool) {
        let site = &mut self.sites[at];
        let lost = disk::envelopes(&site.store).into_iter().filter(|one| {
            let header = one.header().claims();
            let changes = header.document.class().content() == Content::Changes;
            let own = header.author.key == site.node && changes;
            own && !disk::holds(&copy, &one.header().id())
        });
        site.again = lost.map(|one| one.header().claims().document.clone()).next();
        site.store = copy;
        site.anew |= noticed;
        site.fell_back |= !noticed;
        site.feed_head = 0;
        let store = &site.store;
        let lost: Vec<Hash> =
            site.acknowledged.iter().filter(|id| !disk::holds(store, id)).copied().collect();
        lost.iter().for_each(|id| {
            site.acknowledged.remove(id);
        });
        site.held.retain(|id| disk::holds(store, id));
    }
}

fn unreadable(name: &str, error: &impl std::fmt::Display) -> Broken {
    Broken::new("INV-12", format!("{name}: {error}"))
}

/// A frame in a few words.
fn brief(frame: &Frame) -> String {
    match frame {
        Frame::Hello(_) => "hello".to_owned(),
        Frame::Membership(claim) => {
            format!(
                "membership, {} statements, digest {}",
                claim.chain.len(),
                claim.digest.is_some()
            )
        }
        Frame::Items(items) => {
            let (scope, upto, sum) = (&items.scope, items.upto, items.sum.is_some());
            format!("{} items of {scope} upto {upto:?}, sum {sum}", items.items.len())
        }
        Frame::Ack(ack) => format!("ack of {} {:?}, later {}", ack.scope, ack.upto, ack.later),
        Frame::Want(want) => format!("want {} of {}", want.ids.len(), want.scope),
        Frame::Reconcile(message) => format!("reconcile {}", message.scope),
        Frame::Offers(offers) => {
            let all = offers.offers.iter().map(|offer| format!("{}:{}", offer.scope, offer.head));
            format!("offers, more {}: {}", offers.more, all.collect::<Vec<_>>().join(" "))
        }
        other => format!("{other:?}").chars().take(60).collect(),
    }
}
