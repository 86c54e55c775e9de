//! What will happen, in order of virtual time; ties fall by seed.

use std::collections::BTreeMap;

use rand::RngExt;
use rand_chacha::ChaCha8Rng;

use crate::clock::Time;

/// Decides between happenings of one instant: a draw, then the order of scheduling.
type Tiebreak = (u64, u64);

/// One thing that will happen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Happening {
    /// The plan's next step.
    Step(usize),
    /// A node that is down starts.
    Start { node: usize },
    /// A node takes up what waits in its inbox.
    Turn { node: usize, life: u64 },
    /// A node's disk finished the pending batch.
    Durable { node: usize, life: u64 },
    /// A node crashes in the middle of a commit.
    Strike { node: usize, life: u64 },
    /// A node's shell wakes its replica.
    Wake { node: usize, life: u64 },
    /// A link's dialer tries to connect.
    Dial { link: usize },
    /// A frame arrives at one end of a connection.
    Arrive { conn: u64, end: usize },
    /// One end of a connection learns that it is over.
    Hangup { conn: u64, end: usize },
    /// A link's connection breaks.
    Reset { link: usize },
    /// A cut heals.
    Heal { cut: usize },
    /// The disk of a node works again.
    Repair { node: usize },
}

/// The events to come.
#[derive(Debug)]
pub struct Queue {
    events: BTreeMap<(Time, Tiebreak), Happening>,
    chance: ChaCha8Rng,
    scheduled: u64,
}

impl Queue {
    /// Nothing to come; ties are broken by this stream.
    pub fn new(chance: ChaCha8Rng) -> Self {
        Self { events: BTreeMap::new(), chance, scheduled: 0 }
    }

    /// Adds an event.
    pub fn push(&mut self, at: Time, happening: Happening) {
        self.scheduled += 1;
        self.events.insert((at, (self.chance.random(), self.scheduled)), happening);
    }

    /// The next event, if it is not after `until`.
    pub fn pop(&mut self, until: Time) -> Option<(Time, Happening)> {
        let entry = self.events.first_entry().filter(|entry| entry.key().0 <= until)?;
        let at = entry.key().0;
        Some((at, entry.remove()))
    }
}
