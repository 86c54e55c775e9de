//! The network: connections that are reliable and ordered inside, and get lost.
//!
//! In datagram mode single frames are lost, doubled and overtaken as well. That is worse than
//! any transport the nodes use.

use std::collections::{BTreeMap, VecDeque};

use node_replication::SessionId;
use rand::RngExt;
use rand_chacha::ChaCha8Rng;

use crate::clock::{MILLI, SECOND, Time};
use crate::queue::{Happening, Queue};

/// Bytes that a link carries in a microsecond.
const BYTES_A_MICROSECOND: u64 = 2;
/// The longest pause between two tries to connect.
const BACKOFF_MAX: Time = 30 * SECOND;

/// Two nodes that keep a connection while they can.
#[derive(Debug, Default)]
pub struct Link {
    /// The one who dials, and the other.
    pub ends: [usize; 2],
    /// Cuts in force towards each end.
    pub cuts: [u32; 2],
    /// Added to every frame's latency until a time.
    pub clog: (Time, Time),
    /// The connection, as long as its dialer believes in it.
    pub conn: Option<u64>,
    /// Did any of its connections ever lose, double or overtake a frame?
    pub damaged: bool,
    dialing: bool,
    tries: u32,
}

/// One connection.
#[derive(Debug)]
pub struct Conn {
    /// Of which link.
    pub link: usize,
    /// The nodes at its ends.
    pub ends: [usize; 2],
    /// Does each end still believe in it?
    pub open: [bool; 2],
    /// Were frames lost, doubled or overtaken in it?
    pub damaged: bool,
    /// Frames under way to each end.
    to: [VecDeque<Vec<u8>>; 2],
    last: [Time; 2],
    /// Nothing more arrives at this end: the stream has a hole.
    broken: [bool; 2],
}

/// All links and connections.
#[derive(Debug)]
pub struct Net {
    /// The links, as the topology numbers them.
    pub links: Vec<Link>,
    /// The connections, by session number at both ends.
    pub conns: BTreeMap<u64, Conn>,
    /// Chance of each datagram fault, in 1000.
    pub datagram: u32,
    latency: [Time; 2],
    chance: ChaCha8Rng,
    opened: u64,
}

impl Net {
    /// A network of unconnected links.
    pub fn new(
        links: &[[usize; 2]],
        latency: [Time; 2],
        datagram: u32,
        chance: ChaCha8Rng,
    ) -> Self {
        let links = links.iter().map(|ends| Link { ends: *ends, ..Link::default() }).collect();
        Self { links, conns: BTreeMap::new(), datagram, latency, chance, opened: 0 }
    }

    /// How many connections were ever made.
    pub fn opened(&self) -> u64 {
        self.opened
    }

    /// The dialer of a link will try again, later each time.
    pub fn redial(&mut self, now: Time, link: usize, queue: &mut Queue) {
        let state = &mut self.links[link];
        if state.dialing {
            return;
        }
        state.dialing = true;
        let pause = BACKOFF_MAX.min((100 * MILLI) << state.tries.min(10));
        state.tries += 1;
        let pause = pause / 2 + self.chance.random_range(0..pause);
        queue.push(now + pause, Happening::Dial { link });
    }

    /// A try to connect. `ready`: do both nodes listen?
    pub fn dial(&mut self, now: Time, link: usize, ready: bool, queue: &mut Queue) -> Option<u64> {
        let state = &mut self.links[link];
        state.dialing = false;
        if state.conn.is_some() {
            return None;
        }
        if !ready || state.cuts != [0, 0] {
            self.redial(now, link, queue);
            return None;
        }
        self.opened += 1;
        state.conn = Some(self.opened);
        let conn = Conn {
            link,
            ends: state.ends,
            open: [true, true],
            damaged: false,
            to: Default::default(),
            last: [now, now],
            broken: [false, false],
        };
        self.conns.insert(self.opened, conn);
        Some(self.opened)
    }

    /// The session resumed: the next loss is a new trouble.
    pub fn settled(&mut self, link: usize) {
        self.links[link].tries = 0;
    }

    /// Hands over a frame, if its connection stands.
    pub fn send(
        &mut self,
        now: Time,
        from: usize,
        session: SessionId,
        bytes: Vec<u8>,
        queue: &mut Queue,
    ) {
        let Some(conn) = self.conns.get_mut(&session.0) else { return };
        let Some(end) = conn.ends.iter().position(|node| *node != from) else { return };
        if !conn.open[1 - end] {
            return;
        }
        let mut copies = 1;
        let fault = if self.datagram > 0 { self.chance.random_range(0..1000) } else { u32::MAX };
        match fault.checked_div(self.datagram) {
            Some(0) => copies = 0,
            Some(1) => copies = 2,
            Some(2) if !conn.to[end].is_empty() => {
                copies = 0;
                conn.to[end].push_front(bytes.clone());
                conn.last[end] = conn.last[end].max(now) + 1;
                queue.push(conn.last[end], Happening::Arrive { conn: session.0, end });
            }
            _ => {}
        }
        conn.damaged |= copies != 1;
        self.links[conn.link].damaged |= conn.damaged;
        for _ in 0..copies {
            let at = self.arrival(now, session.0, end, bytes.len());
            let Some(conn) = self.conns.get_mut(&session.0) else { return };
            conn.to[end].push_back(bytes.clone());
            queue.push(at, Happening::Arrive { conn: session.0, end });
        }
    }

    /// When something sent now arrives: after what was sent before it.
    fn arrival(&mut self, now: Time, conn: u64, end: usize, bytes: usize) -> Time {
        let mut latency = self.chance.random_range(self.latency[0]..=self.latency[1]);
        let Some(conn) = self.conns.get_mut(&conn) else { return now };
        let (delay, until) = self.links[conn.link].clog;
        if now < until {
            latency += delay;
        }
        latency += u64::try_from(bytes).expect("frames are short") / BYTES_A_MICROSECOND;
        conn.last[end] = (now + latency).max(conn.last[end] + 1);
        conn.last[end]
    }

    /// The next frame for this end, if it gets through. A hole dooms the connection.
    pub fn arrive(&mut self, now: Time, id: u64, end: usize, queue: &mut Queue) -> Option<Vec<u8>> {
        let conn = self.conns.get_mut(&id)?;
        let bytes = conn.to[end].pop_front()?;
        if !conn.open[end] {
            return None;
        }
        if self.links[conn.link].cuts[end] == 0 && !conn.broken[end] {
            return Some(bytes);
        }
        if !conn.broken[end] {
            conn.broken[end] = true;
            self.doom(now, id, [20 * SECOND; 2], queue);
        }
        None
    }

    /// The frame did not fit the inbox: it waits at the end of the wire.
    pub fn give_back(&mut self, now: Time, id: u64, end: usize, bytes: Vec<u8>, queue: &mut Queue) {
        if let Some(conn) = self.conns.get_mut(&id) {
            conn.to[end].push_front(bytes);
            queue.push(now + MILLI, Happening::Arrive { conn: id, end });
        }
    }

    /// Both ends will learn that the connection is over, each in its own time.
    pub fn doom(&mut self, now: Time, id: u64, within: [Time; 2], queue: &mut Queue) {
        for (end, within) in within.into_iter().enumerate() {
            let at = now + self.chance.random_range(0..=within);
            queue.push(at, Happening::Hangup { conn: id, end });
        }
        if let Some(conn) = self.conns.get_mut(&id) {
            conn.broken = [true, true];
        }
    }

    /// One end believes no longer. Returns its node, if it did until now.
    pub fn hangup(&mut self, now: Time, id: u64, end: usize, queue: &mut Queue) -> Option<usize> {
        let conn = self.conns.get_mut(&id)?;
        if !std::mem::replace(&mut conn.open[end], false) {
            return None;
        }
        conn.to[end].clear();
        let (node, link) = (conn.ends[end], conn.link);
        if conn.open == [false, false] {
            self.conns.remove(&id);
        }
        if self.links[link].ends[0] == node && self.links[link].conn == Some(id) {
            self.links[link].conn = None;
            self.redial(now, link, queue);
        }
        Some(node)
    }

    /// A node closes a session: the frames before it still go out, then the peer learns.
    pub fn close(&mut self, now: Time, node: usize, session: SessionId, queue: &mut Queue) {
        let Some(conn) = self.conns.get(&session.0) else { return };
        let Some(end) = conn.ends.iter().position(|other| *other == node) else { return };
        let at = self.arrival(now, session.0, 1 - end, 0);
        queue.push(at, Happening::Hangup { conn: session.0, end: 1 - end });
        self.hangup(now, session.0, end, queue);
    }

    /// A node is gone with all its connections. Its peers learn soon, or after a silence; what
    /// it sent last may be lost with it.
    pub fn drop_node(&mut self, now: Time, node: usize, queue: &mut Queue) {
        let mine = |(_, conn): &(&u64, &Conn)| conn.ends.contains(&node);
        let gone: Vec<u64> = self.conns.iter().filter(mine).map(|(id, _)| *id).collect();
        for id in gone {
            let ends = self.conns[&id].ends;
            let end = usize::from(ends[1] == node);
            let silent = self.chance.random_bool(0.3);
            let truncated = self.chance.random_bool(0.5);
            let within = if silent { 20 * SECOND } else { 50 * MILLI };
            let at = now + self.chance.random_range(0..=within);
            queue.push(at, Happening::Hangup { conn: id, end: 1 - end });
            if let Some(conn) = self.conns.get_mut(&id) {
                conn.broken[1 - end] |= truncated;
            }
            self.hangup(now, id, end, queue);
        }
    }
}
