//! Lines between nodes, and the conversations on them: frames in order, each after a delay.

use std::collections::{BTreeMap, VecDeque};

use schema_wire::{Frame, Hash, Item, Scope, Wire as _};

/// What travels.
#[derive(Debug)]
pub enum Sent {
    /// A frame's bytes.
    Frame(Vec<u8>),
    /// Nothing more comes.
    End,
}

/// Two nodes that may reach each other.
#[derive(Debug)]
pub struct Line {
    /// Which.
    pub ends: [usize; 2],
    /// Their conversation, while there is one.
    pub talk: Option<u64>,
    /// Until when nothing passes.
    pub cut_until: u64,
}

/// One conversation.
#[derive(Debug)]
pub struct Talk {
    /// On which line.
    pub line: usize,
    /// Between whom.
    pub ends: [usize; 2],
    /// What is on its way to each end.
    pub to: [VecDeque<Sent>; 2],
    /// When the last of it arrives there.
    pub last: [u64; 2],
    /// What came to each end of a feed, by scope and position, and was not acknowledged yet.
    pub came: [BTreeMap<(Scope, u64), Vec<Hash>>; 2],
}

impl Talk {
    /// Which end a site is.
    pub fn end_of(&self, site: usize) -> usize {
        usize::from(self.ends[1] == site)
    }

    /// Notes what came to an end.
    pub fn note(&mut self, end: usize, frame: &Frame) {
        let Frame::Items(items) = frame else { return };
        let Some(upto) = items.upto else { return };
        let ids = items.items.iter().filter_map(|item| Item::from_bytes(item).ok());
        self.came[end].insert((items.scope.clone(), upto), ids.map(|item| item.id()).collect());
    }
}

/// One thing that will happen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Happening {
    /// The next frame of a conversation comes to an end of it.
    Arrive { talk: u64, end: usize },
    /// A node learns that a conversation is over.
    Hangup { site: usize, talk: u64 },
    /// The nodes of a line try to talk.
    Dial { line: usize },
    /// Time passes at a node.
    Wake { site: usize },
    /// Somebody works.
    Work,
    /// Something breaks.
    Fault,
    /// A node starts.
    Start { site: usize },
}
