//! gongzhi nodes joined by queues in one process: the core that is shipped, without sockets.
//!
//! The shell's part is played as `node/daemon/src/engine.rs` plays it: what waits is handled as
//! one group of at most 256 steps, its writes are committed as one batch, and only then do frames
//! leave.
//!
//! ```text
//!   node.rs      a node and its inbox        writing.rs  entries and statements of its own
//!   counting.rs  what a run cost, and whether both sides agree in the end
//! ```

mod counting;
mod node;
mod writing;

use std::collections::BTreeMap;
use std::time::Instant;

use anyhow::Result;
use node_replication::Overlay;
use node_replication::replica::{Effect, Event, Input, SessionId};
use node_replication::session;
use schema_wire::{FrameHead, Ms, Packer, Salt, Unpacker, Wire as _};

use crate::ahead::{Ahead, Checked};
use crate::founding::{Checks, Led, START_MS, named};
use crate::store::{BenchStore, Counting};

use node::Inbound;
pub(crate) use node::{Node, Setup};
pub(crate) use writing::{Entry, GROUP_MAX, NOTE, document, report, text};

/// A session: its two ends, and the way from each to the other.
#[derive(Debug)]
struct Link {
    ends: [usize; 2],
    directions: [Direction; 2],
}

/// What the transport does to frames in one direction.
#[derive(Debug, Default)]
struct Direction(Packer, Unpacker);

impl Direction {
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
    starts: u64,
    checks: Checks,
    ahead: Ahead,
    now_ms: u64,
    /// Bytes sent by each node since the last count, as its streams carried them.
    sent: BTreeMap<usize, u64>,
    frames: u64,
    /// Why sessions ended by themselves.
    ended: Vec<String>,
}

/// Its nodes.
impl<S: BenchStore> Network<S> {
    pub(crate) fn found() -> Self {
        Self {
            nodes: Vec::new(),
            links: BTreeMap::new(),
            sessions: 0,
            starts: 0,
            checks: Checks::default(),
            ahead: Ahead::start(),
            now_ms: START_MS,
            sent: BTreeMap::new(),
            frames: 0,
            ended: Vec::new(),
        }
    }

    /// Two nodes of one community: the first has the updates.
    pub(crate) fn pair() -> Result<Self> {
        let (mut network, community) = (Self::found(), Led::community());
        network.join(&community, "left")?;
        network.join(&community, "right")?;
        Ok(network)
    }

    pub(crate) fn now(&self) -> Ms {
        Ms::of(self.now_ms)
    }

    /// A node that knows how its unit is recognised, its own grant, and nothing else.
    pub(crate) fn join(&mut self, unit: &Led, name: &str) -> Result<usize> {
        self.start(unit, name, Counting::fresh()?, false)
    }

    /// Starts a node over what its store holds.
    pub(crate) fn start(
        &mut self,
        unit: &Led,
        name: &str,
        store: Counting<S>,
        anew: bool,
    ) -> Result<usize> {
        self.starts += 1;
        let setup = Setup { unit, name, start: self.starts, anew };
        self.nodes.push(Node::open(setup, store, &self.checks, self.now())?);
        Ok(self.nodes.len() - 1)
    }

    /// The process ends and starts again from its store; `anew` if that is a restored backup.
    pub(crate) fn restart(
        &mut self,
        node: usize,
        unit: &Led,
        name: &str,
        anew: bool,
    ) -> Result<()> {
        self.cut_all();
        let store = std::mem::replace(&mut self.nodes[node].store, Counting::fresh()?);
        self.start(unit, name, store, anew)?;
        // The last takes the place of the one that ended.
        self.nodes.swap_remove(node);
        Ok(())
    }
}

/// Its links.
impl<S: BenchStore> Network<S> {
    pub(crate) fn connect(&mut self, one: usize, other: usize) {
        self.sessions += 1;
        let session = SessionId(self.sessions);
        self.links.insert(session, Link { ends: [one, other], directions: Default::default() });
        let keys = [one, other].map(|node| self.nodes[node].key());
        for (node, peer, opener) in
            [(one, keys[1], keys[0] < keys[1]), (other, keys[0], keys[1] < keys[0])]
        {
            let random = named(&format!("salt of {node} in {}", session.0)).0;
            let [salt @ .., _, _, _, _, _, _, _, _, _, _, _, _, _, _, _, _] = random;
            let opened = Input::Opened { session, peer, opener, salt: Salt(salt) };
            self.nodes[node].inbox.push_back(Inbound::Other(Box::new(opened)));
        }
    }

    /// All links go down; frames on the way are lost.
    pub(crate) fn cut_all(&mut self) {
        for (session, link) in std::mem::take(&mut self.links) {
            for node in link.ends {
                let inbox = &mut self.nodes[node].inbox;
                inbox.retain(|inbound| !inbound.is_of(session));
                inbox.push_back(Inbound::Other(Box::new(Input::Closed { session })));
            }
        }
    }

    /// The shell packs and unpacks on threads of its own; here it is in the time of the node.
    fn release(&mut self, node: usize, effects: Vec<Effect>) -> Result<()> {
        for effect in effects {
            match effect {
                Effect::Send { session, frame } => {
                    let Some(link) = self.links.get_mut(&session) else { continue };
                    let from = usize::from(link.ends[0] != node);
                    let other = link.ends[1 - from];
                    let (carried, bytes) = link.directions[from].carry(frame.to_bytes())?;
                    *self.sent.entry(node).or_insert(0) += carried;
                    self.frames += 1;
                    let leg = self.nodes[node].leg + 1;
                    let inbound = Inbound::Frame { session, leg, frame: Checked::Unread(bytes) };
                    self.nodes[other].inbox.push_back(inbound);
                }
                Effect::Close { session, reason } => {
                    self.ended.push(format!("{}: {}", &*reason.code, &*reason.text));
                    let Some(link) = self.links.remove(&session) else { continue };
                    for other in link.ends.into_iter().filter(|end| *end != node) {
                        let closed = Inbound::Other(Box::new(Input::Closed { session }));
                        self.nodes[other].inbox.push_back(closed);
                    }
                }
                Effect::Tell(Event::Peer(session::Event::Resumed { .. })) => {
                    self.nodes[node].resumed = Some(self.nodes[node].leg);
                }
                Effect::Tell(_) => {}
            }
        }
        Ok(())
    }
}

/// Its time.
impl<S: BenchStore> Network<S> {
    /// One group of what waits for a node and is checked. Returns whether anything did.
    fn turn(&mut self, node: usize) -> Result<bool> {
        let Node { inbox, verifier, .. } = &mut self.nodes[node];
        self.ahead.check(inbox.iter_mut().filter_map(Inbound::frame), verifier);
        let ready = inbox.front_mut().is_some_and(Inbound::is_ready);
        if ready {
            self.group(node)?;
        }
        Ok(ready)
    }

    /// Waits for the first inbound; takes with it those that are ready.
    fn group(&mut self, node: usize) -> Result<()> {
        let now = self.now();
        let Node { replica, store, inbox, busy, leg, .. } = &mut self.nodes[node];
        let mut overlay = Overlay::new(&*store);
        let mut effects = Vec::new();
        let first = inbox.pop_front().map(Inbound::open);
        let began = Instant::now();
        let ready = || inbox.pop_front_if(Inbound::is_ready).map(Inbound::open);
        for (input, came) in first.into_iter().chain(std::iter::from_fn(ready)).take(GROUP_MAX) {
            *leg = came.max(*leg);
            let output = replica.handle(now, input, &overlay)?;
            overlay.absorb(output.batch);
            effects.extend(output.effects);
        }
        let batch = overlay.into_batch();
        store.commit(&batch)?;
        *busy += began.elapsed();
        self.release(node, effects)
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
        self.wake_after(1_000)
    }

    /// The same, after a while in which nothing happened.
    pub(crate) fn wake_after(&mut self, milliseconds: u64) -> Result<()> {
        self.now_ms += milliseconds;
        let wake = || Inbound::Other(Box::new(Input::Wake));
        self.nodes.iter_mut().for_each(|node| node.inbox.push_back(wake()));
        self.rest()
    }
}
