//! What the world remembers of its nodes, told by no node's own store.

use std::collections::{BTreeMap, BTreeSet};

use schema_wire::{Author, DocumentId, Hash, Scope, UnitId};

use crate::clock::Time;
use crate::plan::Edit;

/// An edit that a clerk was told is safe.
#[derive(Debug, Clone)]
pub struct Acknowledged {
    /// By which node.
    pub node: usize,
    /// What was entered.
    pub edit: Edit,
    /// Its envelope.
    pub envelope: Hash,
    /// Must it still be found? Not if every disk that held it was lost.
    pub owed: bool,
    /// Is it surely on its own node? Not after that node's disk was replaced.
    pub at_home: bool,
}

/// A place in a log that can hold one envelope only.
pub type Place = (DocumentId, Author, u64);

/// Frames of a scope on their way from one node to another in one session.
#[derive(Debug, Default)]
pub struct Window {
    /// The items of each frame that is not acknowledged.
    pub frames: std::collections::VecDeque<Vec<Hash>>,
}

/// The memory of the world.
#[derive(Debug, Default)]
pub struct Oracle {
    /// Every acknowledged edit.
    pub acknowledged: Vec<Acknowledged>,
    /// Every envelope of an honest author, by its place (INV-04).
    pub places: BTreeMap<Place, Hash>,
    /// Signed bytes whose signature was computed.
    pub genuine: BTreeSet<Hash>,
    /// Forked envelopes, and the districts that saw them.
    pub forks: BTreeMap<Hash, BTreeSet<UnitId>>,
    /// Grants that somebody withdrew.
    pub withdrawn: BTreeSet<Hash>,
    /// Since when a node knows, durably, that a grant was withdrawn.
    pub told: BTreeMap<(usize, Hash), Time>,
    /// Lives that may be led twice: their logs may fork.
    pub doubled: BTreeSet<Author>,
    /// Items a node last had durable in a scope (INV-07).
    pub heads: BTreeMap<(usize, Scope), u64>,
    /// Envelopes a node last had durable in a log (INV-07).
    pub tips: BTreeMap<(usize, DocumentId, Author), u64>,
    /// Nodes whose disk was ever replaced.
    pub replaced: BTreeSet<usize>,
    /// Frames under way, by session, sender and scope (INV-10).
    pub windows: BTreeMap<(u64, usize, Scope), Window>,
}

impl Oracle {
    /// A node's disk was replaced: its positions may run back once.
    pub fn forget_node(&mut self, node: usize) {
        self.heads.retain(|(of, _), _| *of != node);
        self.tips.retain(|(of, _, _), _| *of != node);
        for edit in self.acknowledged.iter_mut().filter(|edit| edit.node == node) {
            edit.at_home = false;
        }
    }

    /// A session is over.
    pub fn forget_session(&mut self, session: u64) {
        self.windows.retain(|(of, _, _), _| *of != session);
    }
}
