//! Nodes joined by queues: what is sent arrives, in order, until a line is cut.

use std::collections::{BTreeMap, VecDeque};

use node_replication::session::{Changed, Event, Out, Session};
use schema_wire::{Frame, Ms, Salt, Scope, Wire};

use crate::item::{Says, TestItem};
use crate::node::{Chain, TestNode};

/// From whom to whom.
pub(crate) type Line = (usize, usize);

#[derive(Debug, Default)]
pub(crate) struct Net {
    pub(crate) nodes: Vec<TestNode>,
    pub(crate) sessions: BTreeMap<Line, Session<Chain>>,
    pub(crate) queues: BTreeMap<Line, VecDeque<Vec<u8>>>,
    pub(crate) now: u64,
    /// Frames and bytes that were sent on each line since it was joined.
    pub(crate) sent: BTreeMap<Line, (usize, usize)>,
    pub(crate) events: Vec<(usize, Event)>,
    /// By which code the sessions of a line's first node ended.
    pub(crate) ended: BTreeMap<Line, String>,
    salt: u8,
    number: u64,
}

impl Net {
    pub(crate) fn of(nodes: Vec<TestNode>) -> Self {
        Self { nodes, now: 1_000_000, number: 1_000_000, ..Self::default() }
    }

    fn now(&self) -> Ms {
        Ms::of(self.now)
    }

    /// Opens a session between two nodes. The one with the smaller key opens it.
    pub(crate) fn join(&mut self, a: usize, b: usize) {
        for (own, peer) in [(a, b), (b, a)] {
            self.join_one(own, peer);
        }
    }

    /// Opens one side of a session: the test speaks for the other.
    pub(crate) fn join_one(&mut self, own: usize, peer: usize) {
        self.queues.insert((own, peer), VecDeque::new());
        self.sent.insert((own, peer), (0, 0));
        self.salt = self.salt.wrapping_add(1);
        let (salt, now) = (Salt([self.salt; 16]), self.now());
        let key = self.nodes[peer].key();
        let opener = self.nodes[own].key() < key;
        let opened = Session::open(&mut self.nodes[own], now, key, opener, salt);
        let (session, out) = opened.expect("memory");
        self.sessions.insert((own, peer), session);
        self.done((own, peer), out);
    }

    /// Cuts the line: what is on its way is lost.
    pub(crate) fn cut(&mut self, a: usize, b: usize) {
        for line in [(a, b), (b, a)] {
            self.sessions.remove(&line);
            self.queues.remove(&line);
        }
    }

    fn done(&mut self, (own, peer): Line, out: Out) {
        for frame in out.frames {
            let bytes = frame.to_bytes();
            assert!(bytes.len() <= schema_wire::limits::FRAME_BYTES_MAX, "a frame is too long");
            if let Some(queue) = self.queues.get_mut(&(own, peer)) {
                let sent = self.sent.entry((own, peer)).or_default();
                *sent = (sent.0 + 1, sent.1 + bytes.len());
                queue.push_back(bytes);
            }
        }
        self.events.extend(out.events.into_iter().map(|event| (own, event)));
        if let Some(reason) = out.close {
            self.ended.insert((own, peer), reason.code.to_string());
            self.sessions.remove(&(own, peer));
        }
        let changed = std::mem::take(&mut self.nodes[own].changed);
        if changed != Changed::default() {
            self.tell(own, &changed);
        }
    }

    /// Tells all sessions of a node how its sets changed.
    fn tell(&mut self, own: usize, changed: &Changed) {
        let now = self.now();
        let peers: Vec<usize> =
            self.sessions.keys().filter(|line| line.0 == own).map(|line| line.1).collect();
        for peer in peers {
            if let Some(session) = self.sessions.get_mut(&(own, peer)) {
                let out = session.changed(&mut self.nodes[own], now, changed).expect("memory");
                self.done((own, peer), out);
            }
        }
    }

    /// Delivers one frame. Returns whether there was one.
    pub(crate) fn deliver(&mut self, (from, to): Line) -> bool {
        let Some(bytes) = self.queues.get_mut(&(from, to)).and_then(VecDeque::pop_front) else {
            return false;
        };
        self.hear((from, to), Frame::from_bytes(&bytes));
        true
    }

    /// A node hears a frame.
    pub(crate) fn hear(&mut self, (from, to): Line, frame: Result<Frame, schema_wire::Malformed>) {
        let now = self.now();
        if let Some(session) = self.sessions.get_mut(&(to, from)) {
            let out = session.frame(&mut self.nodes[to], now, frame).expect("memory");
            self.done((to, from), out);
        }
    }

    /// The transport of a line's first node tells that something did not come.
    pub(crate) fn time_out(&mut self, line: Line, text: &str) {
        let now = self.now();
        if let Some(session) = self.sessions.get_mut(&line) {
            let node = &mut self.nodes[line.0];
            let out = session.time_out(node, now, text.to_owned()).expect("memory");
            self.done(line, out);
        }
    }

    /// Delivers all that is on its way at the beginning, once. Returns whether there was anything.
    pub(crate) fn round(&mut self) -> bool {
        let lengths: Vec<(Line, usize)> =
            self.queues.iter().map(|(line, queue)| (*line, queue.len())).collect();
        let mut any = false;
        for (line, length) in lengths {
            for _ in 0..length {
                any |= self.deliver(line);
            }
        }
        any
    }

    /// Delivers until nothing is on its way. Returns in how many rounds.
    pub(crate) fn run(&mut self) -> usize {
        for rounds in 0..100_000 {
            if !self.round() {
                return rounds;
            }
        }
        panic!("the network does not come to rest");
    }

    /// Lets time pass.
    pub(crate) fn wait(&mut self, milliseconds: u64) {
        self.now += milliseconds;
        let now = self.now();
        let lines: Vec<Line> = self.sessions.keys().copied().collect();
        for line in lines {
            if let Some(session) = self.sessions.get_mut(&line) {
                let out = session.wake(&mut self.nodes[line.0], now).expect("memory");
                self.done(line, out);
            }
        }
    }

    /// A node writes an item, and its peers are told.
    pub(crate) fn write(&mut self, node: usize, item: TestItem) -> schema_wire::Hash {
        let id = item.id();
        self.nodes[node].admit(item, None);
        let changed = std::mem::take(&mut self.nodes[node].changed);
        self.tell(node, &changed);
        id
    }

    /// A node writes an envelope.
    pub(crate) fn enter(&mut self, node: usize, scope: &Scope) -> schema_wire::Hash {
        self.number += 1;
        self.write(node, TestItem::new(scope, Says::Envelope, self.number))
    }

    /// What the frames of a line are, in order, without delivering them.
    pub(crate) fn on_its_way(&self, line: Line) -> Vec<Frame> {
        let frames = self.queues.get(&line).into_iter().flatten();
        frames.map(|bytes| Frame::from_bytes(bytes).expect("a frame")).collect()
    }

    pub(crate) fn resumed(&self, node: usize) -> usize {
        let resumed = |event: &Event| matches!(event, Event::Resumed { .. });
        self.events.iter().filter(|(at, event)| *at == node && resumed(event)).count()
    }

    /// Do two nodes hold the same of a scope?
    pub(crate) fn agree(&self, a: usize, b: usize, scope: &Scope) -> bool {
        self.nodes[a].set(scope) == self.nodes[b].set(scope)
    }

    /// An item is set aside wherever it is held, and where it comes later: every node judges so.
    pub(crate) fn retire(&mut self, scope: &Scope, id: &schema_wire::Hash) {
        for node in 0..self.nodes.len() {
            self.nodes[node].retired.insert(*id);
            if self.nodes[node].set(scope).contains(id) {
                self.nodes[node].set_aside(id);
            }
            let changed = std::mem::take(&mut self.nodes[node].changed);
            self.tell(node, &changed);
        }
    }
}
