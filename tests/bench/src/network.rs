//! gongzhi nodes joined by queues in one process: the core that is shipped, without sockets.
//!
//! The shell's part is played as `node/daemon/src/engine.rs` plays it: what waits is handled as
//! one group of at most 256 steps, its writes are committed as one batch, and only then do frames
//! leave.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use automerge::transaction::Transactable;
use automerge::{ActorId, AutoCommit, Change, ROOT};
use node_replication::store::{Batch, ReadStore, Table};
use node_replication::{
    Cost, Effect, Event, Identity, Input, Overlay, Replica, SessionId, history,
};
use schema_wire::{
    Author, Class, DocumentId, FrameHead, Hash, Packer, Statement, Unpacker, Verifier,
};

use crate::ahead::{Ahead, Frame};
use crate::founding::{self, COMMUNITY, Checks, START_MS};
use crate::sample::Sample;
use crate::shelf::{Counting, Shelf};

/// Steps that share one commit, as in the engine.
pub(crate) const GROUP_MAX: usize = 256;
/// Bytes of text in one change, as the median document of a production server has.
pub(crate) const TEXT_BYTES: usize = 187;

/// A node.
#[derive(Debug)]
pub(crate) struct Node<S> {
    pub(crate) replica: Replica,
    pub(crate) shelf: Counting<S>,
    inbox: VecDeque<Letter>,
    verifier: Arc<dyn Verifier>,
    pub(crate) resumed: Option<Cost>,
    /// How long its engine was at work since the last count.
    busy: Duration,
}

impl<S: Shelf> Node<S> {
    fn author(&self) -> Author {
        let identity = self.replica.identity();
        Author { key: identity.public(), incarnation: identity.incarnation }
    }
}

/// What waits for a node.
#[derive(Debug)]
enum Letter {
    Frame(SessionId, Frame),
    Other(Input),
}

impl Letter {
    fn frame(&mut self) -> Option<&mut Frame> {
        match self {
            Self::Frame(_, frame) => Some(frame),
            Self::Other(_) => None,
        }
    }

    fn is_ready(&mut self) -> bool {
        match self {
            Self::Frame(_, frame) => frame.is_ready(),
            Self::Other(_) => true,
        }
    }

    fn open(self) -> Input {
        match self {
            Self::Frame(session, frame) => Input::Frame { session, frame: frame.read() },
            Self::Other(input) => input,
        }
    }
}

/// A session: its two ends, and the way from each to the other.
#[derive(Debug)]
struct Link {
    ends: [usize; 2],
    ways: [Way; 2],
}

/// What the transport does to frames in one direction.
#[derive(Debug, Default)]
struct Way(Packer, Unpacker);

impl Way {
    /// Packs a frame and unpacks it; returns how many bytes the stream between has carried.
    fn carry(&mut self, frame: Vec<u8>) -> Result<(u64, Vec<u8>)> {
        let (head, body) = self.0.pack(frame)?;
        let carried = (FrameHead::BYTES + body.len()) as u64;
        Ok((carried, self.1.unpack(head, body)?))
    }
}

/// Nodes, and frames on their way.
#[derive(Debug)]
pub(crate) struct Network<S> {
    pub(crate) nodes: Vec<Node<S>>,
    links: BTreeMap<SessionId, Link>,
    sessions: u64,
    pub(crate) checks: Checks,
    ahead: Ahead,
    pub(crate) now_ms: u64,
    /// Bytes sent by each node since the last count, as its streams carried them.
    sent: BTreeMap<usize, u64>,
    frames: u64,
}

/// The document of a number.
pub(crate) fn document(number: u64) -> DocumentId {
    let owner = founding::unit(COMMUNITY);
    DocumentId::new(owner, Class::Roster, &format!("b{number}")).expect("a document id")
}

/// Text that does not compress well and is never the same twice.
pub(crate) fn text(number: u64, version: u64) -> String {
    let mut text = String::new();
    let mut part = 0u64;
    while text.len() < TEXT_BYTES {
        let words = [number.to_be_bytes(), version.to_be_bytes(), part.to_be_bytes()].concat();
        text.push_str(&Hash::of(&words).to_string());
        part += 1;
    }
    text.truncate(TEXT_BYTES);
    text
}

impl<S: Shelf> Network<S> {
    pub(crate) fn found() -> Self {
        Self {
            nodes: Vec::new(),
            links: BTreeMap::new(),
            sessions: 0,
            checks: Checks::default(),
            ahead: Ahead::start(),
            now_ms: START_MS,
            sent: BTreeMap::new(),
            frames: 0,
        }
    }

    /// Two nodes of one community: the first dials and has the news.
    pub(crate) fn pair() -> Result<Self> {
        let mut network = Self::found();
        network.join(COMMUNITY, "left")?;
        network.join(COMMUNITY, "right")?;
        network.introduce("left", "right")?;
        Ok(network)
    }

    /// Two nodes of the community, the first and the last, have each other's grants, as members
    /// of a unit that met before. Without, a first transfer of more than a session's window waits
    /// for a grant that has no room to come: see the README.
    pub(crate) fn introduce(&mut self, first: &str, last: &str) -> Result<()> {
        let newest = self.nodes.len() - 1;
        for (node, other) in [(0, last), (newest, first)] {
            for grant in founding::chain(COMMUNITY, other) {
                if !self.nodes[node].replica.authority().holds(&grant.id()) {
                    self.learn(node, founding::statement(&grant))?;
                }
            }
        }
        Ok(())
    }

    /// A node that knows its own chain and nothing else.
    pub(crate) fn join(&mut self, unit: &str, name: &str) -> Result<usize> {
        let shelf = Counting::fresh()?;
        self.start(unit, name, shelf, 1)
    }

    /// Starts a node over what its shelf holds.
    pub(crate) fn start(
        &mut self,
        unit: &str,
        name: &str,
        mut shelf: Counting<S>,
        incarnation: u32,
    ) -> Result<usize> {
        let chain = founding::chain(unit, name);
        let epoch_of = Hash::of(format!("{name}/{incarnation}").as_bytes());
        let identity = Identity {
            key: founding::key(name),
            incarnation,
            unit: founding::unit(unit),
            delegation: chain.last().context("a chain")?.id(),
            epoch: epoch_of.0[..16].try_into()?,
            chance: u64::from(incarnation),
        };
        let verifier = founding::verifier(&self.checks);
        let config = founding::config(verifier.clone());
        let (mut replica, output) = Replica::open(config, identity, &shelf)?;
        shelf.commit(&output.batch)?;
        for grant in &chain {
            if !replica.authority().holds(&grant.id()) {
                let learned = replica.learn(self.now_ms, founding::statement(grant), &shelf)?;
                shelf.commit(&learned?.batch)?;
            }
        }
        let node = Node {
            replica,
            shelf,
            inbox: VecDeque::new(),
            verifier,
            resumed: None,
            busy: Duration::ZERO,
        };
        self.nodes.push(node);
        Ok(self.nodes.len() - 1)
    }

    /// The process ends and starts again from its shelf, perhaps in another life.
    pub(crate) fn restart(&mut self, node: usize, name: &str, incarnation: u32) -> Result<()> {
        self.cut_all();
        let shelf = std::mem::replace(&mut self.nodes[node].shelf, Counting::fresh()?);
        let at = self.start(COMMUNITY, name, shelf, incarnation)?;
        self.nodes.swap_remove(node);
        debug_assert_eq!(at, self.nodes.len(), "the last takes the place of the one that ended");
        Ok(())
    }

    pub(crate) fn connect(&mut self, dialer: usize, listener: usize) -> SessionId {
        self.sessions += 1;
        let session = SessionId(self.sessions);
        self.links.insert(session, Link { ends: [dialer, listener], ways: Default::default() });
        for (node, other, dials) in [(dialer, listener, true), (listener, dialer, false)] {
            let peer = self.nodes[other].author().key;
            let opened = Input::Opened { session, peer, dialer: dials };
            self.nodes[node].inbox.push_back(Letter::Other(opened));
        }
        session
    }

    /// All links go down; frames on the way are lost.
    pub(crate) fn cut_all(&mut self) {
        for (session, link) in std::mem::take(&mut self.links) {
            for node in link.ends {
                let inbox = &mut self.nodes[node].inbox;
                inbox.retain(|letter| !matches!(letter, Letter::Frame(s, _) if *s == session));
                inbox.push_back(Letter::Other(Input::Closed { session }));
            }
        }
    }

    /// One group of what waits for a node and is checked. Returns whether anything did.
    fn turn(&mut self, node: usize) -> Result<bool> {
        let Node { inbox, verifier, .. } = &mut self.nodes[node];
        self.ahead.check(inbox.iter_mut().filter_map(Letter::frame), verifier);
        let ready = inbox.front_mut().is_some_and(Letter::is_ready);
        if ready {
            self.group(node)?;
        }
        Ok(ready)
    }

    /// Waits for the first letter; takes with it those that are ready.
    fn group(&mut self, node: usize) -> Result<()> {
        let Node { replica, shelf, inbox, busy, .. } = &mut self.nodes[node];
        let mut overlay = Overlay::new(&*shelf);
        let mut effects = Vec::new();
        let first = inbox.pop_front().map(Letter::open);
        let began = Instant::now();
        let ready = || inbox.pop_front_if(Letter::is_ready).map(Letter::open);
        for input in first.into_iter().chain(std::iter::from_fn(ready)).take(GROUP_MAX) {
            let output = replica.handle(self.now_ms, input, &overlay)?;
            overlay.absorb(output.batch);
            effects.extend(output.effects);
        }
        let batch = overlay.into_batch();
        shelf.commit(&batch)?;
        *busy += began.elapsed();
        self.release(node, effects)
    }

    /// The shell packs and unpacks on threads of its own; here it is in the time of the node.
    fn release(&mut self, node: usize, effects: Vec<Effect>) -> Result<()> {
        for effect in effects {
            match effect {
                Effect::Send { session, bytes } => {
                    let Some(link) = self.links.get_mut(&session) else { continue };
                    let from = usize::from(link.ends[0] != node);
                    let other = link.ends[1 - from];
                    let (carried, bytes) = link.ways[from].carry(bytes)?;
                    *self.sent.entry(node).or_insert(0) += carried;
                    self.frames += 1;
                    let letter = Letter::Frame(session, Frame::Unread(bytes));
                    self.nodes[other].inbox.push_back(letter);
                }
                Effect::Close { session, .. } => {
                    self.links.remove(&session);
                }
                Effect::Tell(Event::Resumed { cost, .. }) => {
                    self.nodes[node].resumed = Some(cost);
                }
                Effect::Tell(_) => {}
            }
        }
        Ok(())
    }

    /// Until nothing is on its way.
    pub(crate) fn rest(&mut self) -> Result<()> {
        while self.step()? {}
        Ok(())
    }

    /// A turn of every node that has something to do, or of the first that waits for a check.
    pub(crate) fn step(&mut self) -> Result<bool> {
        let mut moved = false;
        for node in 0..self.nodes.len() {
            moved |= self.turn(node)?;
        }
        let waits = |node: &Node<S>| !node.inbox.is_empty();
        match self.nodes.iter().position(waits) {
            Some(node) if !moved => self.group(node)?,
            Some(_) => {}
            None => return Ok(moved),
        }
        Ok(true)
    }

    /// The shell wakes every replica, as it does each second.
    pub(crate) fn wake(&mut self) -> Result<()> {
        self.now_ms += 1000;
        let wake = || Letter::Other(Input::Wake);
        self.nodes.iter_mut().for_each(|node| node.inbox.push_back(wake()));
        self.rest()
    }

    /// Writes prepared changes in groups, as many clerks at once do.
    pub(crate) fn write_all(
        &mut self,
        node: usize,
        changes: Vec<(DocumentId, Vec<u8>)>,
        group: usize,
    ) -> Result<()> {
        let mut changes = changes.into_iter().peekable();
        while changes.peek().is_some() {
            let Node { replica, shelf, .. } = &mut self.nodes[node];
            let mut overlay = Overlay::new(&*shelf);
            let mut effects = Vec::new();
            for (document, content) in changes.by_ref().take(group) {
                let (_, output) = replica.write(self.now_ms, &document, content, &overlay)?;
                overlay.absorb(output.batch);
                effects.extend(output.effects);
            }
            let batch = overlay.into_batch();
            shelf.commit(&batch)?;
            self.release(node, effects)?;
        }
        Ok(())
    }

    /// `count` documents of two changes each, written by a node.
    pub(crate) fn fill(&mut self, node: usize, count: u64) -> Result<()> {
        let author = self.nodes[node].author();
        let step = 5_000;
        for from in (0..count).step_by(step) {
            let numbers = from..count.min(from + step as u64);
            let changes = numbers.flat_map(|number| two_changes(&author, number)).collect();
            self.write_all(node, changes, GROUP_MAX)?;
        }
        Ok(())
    }

    /// One more change to each of `count` documents, evenly spread over all.
    pub(crate) fn touch(
        &mut self,
        node: usize,
        count: u64,
        documents: u64,
        version: u64,
    ) -> Result<()> {
        let author = self.nodes[node].author();
        let mut changes = Vec::new();
        for n in 0..count {
            let number = n * documents / count;
            let id = document(number);
            let mut doc = self.load(node, &id)?;
            doc.set_actor(ActorId::from(author.actor(&id)));
            changes.push((id, set(&mut doc, "note", &text(number, version))));
        }
        self.write_all(node, changes, GROUP_MAX)
    }

    fn load(&self, node: usize, document: &DocumentId) -> Result<AutoCommit> {
        let mut doc = AutoCommit::new();
        for entry in history::entries(&self.nodes[node].shelf, document)? {
            doc.apply_changes([Change::from_bytes(entry.content)?])?;
        }
        Ok(doc)
    }

    /// Takes in a statement and lets what follows from it happen.
    pub(crate) fn learn(&mut self, node: usize, statement: Statement) -> Result<()> {
        let Node { replica, shelf, .. } = &mut self.nodes[node];
        let output = replica.learn(self.now_ms, statement, &*shelf)??;
        shelf.commit(&output.batch)?;
        self.release(node, output.effects)
    }

    /// Forgets how far any peer was.
    pub(crate) fn lose_cursors(&mut self, node: usize) -> Result<()> {
        let shelf = &mut self.nodes[node].shelf;
        let all = shelf.range(Table::Cursors, &[], &[u8::MAX; 99], usize::MAX)?;
        let mut batch = Batch::default();
        all.into_iter().for_each(|(key, _)| batch.delete(Table::Cursors, key));
        shelf.commit(&batch)
    }

    /// A restored backup: its feeds get another name.
    pub(crate) fn forget_epoch(&mut self, node: usize) -> Result<()> {
        let mut batch = Batch::default();
        batch.delete(Table::Meta, "epoch");
        self.nodes[node].shelf.commit(&batch)
    }

    /// Begins to count anew.
    pub(crate) fn clear(&mut self) {
        self.sent.clear();
        self.frames = 0;
        self.checks.take();
        for node in &mut self.nodes {
            node.shelf.take_strokes();
            node.resumed = None;
            node.busy = Duration::ZERO;
        }
    }

    /// Adds what was counted to a sample. The first node has the news.
    pub(crate) fn counted(&mut self, mut sample: Sample) -> Sample {
        let out = self.sent.get(&0).copied().unwrap_or(0);
        let all: u64 = self.sent.values().sum();
        sample.bytes_out = Some(out);
        sample.bytes_in = Some(all - out);
        let busiest = self.nodes.iter().map(|node| node.busy).max().unwrap_or_default();
        // Own entries are not handled as inputs, and not counted here.
        sample.engine_ms = (!busiest.is_zero()).then(|| busiest.as_secs_f64() * 1000.0);
        sample.frames = Some(self.frames);
        sample.round_trips =
            self.nodes.iter().filter_map(|n| n.resumed).map(|c| c.round_trips).max();
        sample.verifications = Some(self.checks.take());
        let (mut reads, mut entries, mut writes, mut commits) = (0, 0, 0, 0);
        for node in &self.nodes {
            let strokes = node.shelf.take_strokes();
            reads += strokes.reads;
            entries += strokes.entries;
            writes += strokes.writes;
            commits += strokes.commits;
        }
        sample.reads = Some(reads);
        sample.entries_read = Some(entries);
        sample.writes = Some(writes);
        sample.commits = Some(commits);
        self.clear();
        sample
    }

    /// The items of the community's scope on a node, and their fingerprint.
    pub(crate) fn held(&self, node: usize) -> Result<(u64, [u8; 32])> {
        let node = &self.nodes[node];
        let status = node.replica.status(&node.shelf)?;
        let scope = document(0).scope();
        let held = status.scopes.iter().find(|status| status.scope == scope);
        Ok(held.map_or((0, [0; 32]), |status| (status.items, status.fingerprint)))
    }

    /// A measurement of two sides that do not agree in the end is none.
    pub(crate) fn must_agree(&self, one: usize, other: usize) -> Result<()> {
        let (left, right) = (self.held(one)?, self.held(other)?);
        let said = [one, other].map(|node| {
            let Node { replica, shelf, .. } = &self.nodes[node];
            replica.status(shelf).map(|status| (status.refused_sessions, status.rejections))
        });
        anyhow::ensure!(left == right, "{} and {} items: {said:?}", left.0, right.0);
        Ok(())
    }

    pub(crate) fn author(&self, node: usize) -> Author {
        self.nodes[node].author()
    }
}

/// Sets a field; returns the change.
pub(crate) fn set(doc: &mut AutoCommit, field: &str, value: &str) -> Vec<u8> {
    doc.put(ROOT, field, value).expect("the root is a map");
    doc.commit();
    doc.get_last_local_change().expect("the edit changed something").raw_bytes().to_vec()
}

/// A document as the benchmark has it: two changes.
pub(crate) fn two_changes(author: &Author, number: u64) -> [(DocumentId, Vec<u8>); 2] {
    let id = document(number);
    let mut doc = AutoCommit::new().with_actor(ActorId::from(author.actor(&id)));
    let one = set(&mut doc, "name", &text(number, 0));
    let two = set(&mut doc, "note", &text(number, 1));
    [(id.clone(), one), (id, two)]
}
