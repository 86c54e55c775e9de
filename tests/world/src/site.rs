//! One node in the world: its replica while it runs, its disk, its clock, and what is true of it.

use std::collections::{BTreeMap, BTreeSet};

use node_acts::role::Role;
use node_authority::Pins;
use node_replication::replica::Replica;
use node_replication::store::MemStore;
use schema_wire::{DocumentId, Hash, Holds, Ms, NodeKey, Reads, Scope, SigningKey, UnitId};

use crate::city::BEGIN_MS;

/// When a node crashes, at its next batch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Strike {
    /// The batch and what depends on it are lost.
    Before,
    /// The batch is durable, and nothing leaves.
    After,
}

/// A node.
#[derive(Debug)]
pub struct Site {
    /// For people.
    pub name: String,
    /// Its key.
    pub key: SigningKey,
    /// The same, public.
    pub node: NodeKey,
    /// The number of its unit.
    pub unit: usize,
    /// Its unit.
    pub path: UnitId,
    /// The delegation that it writes under.
    pub delegation: Hash,
    /// What it was taken in for.
    pub role: Role,
    /// Until when, in milliseconds.
    pub until: u64,
    /// Does it do what the protocol says?
    pub honest: bool,
    /// Did its unit's people take it out?
    pub removed: bool,
    /// The operating keys that a thief took, with the generations they are of.
    pub stolen: Vec<(UnitId, Hash, SigningKey)>,
    /// Its people's choices.
    pub pins: Pins,
    /// The units for which they pinned the lineage.
    pub pinned: BTreeSet<usize>,
    /// Its disk.
    pub store: MemStore,
    /// While it runs.
    pub replica: Option<Replica>,
    /// An older copy of its disk.
    pub copy: Option<MemStore>,
    /// How far its clock is off, in milliseconds.
    pub offset: i64,
    /// How often it was started.
    pub starts: u64,
    /// A document that lost an entry of its clerk's, who enters again as soon as it starts.
    pub again: Option<DocumentId>,
    /// Is its store known to lack something, at the next start?
    pub anew: bool,
    /// Was its store ever set back without anybody noticing? Then it may have written twice.
    pub fell_back: bool,
    /// When it crashes.
    pub strike: Option<Strike>,
    /// Its conversations, with whom.
    pub open: BTreeMap<u64, NodeKey>,
    /// Conversations in which both hold what both may, as it says.
    pub resumed: BTreeSet<u64>,
    /// Conversations in which the other was somebody's member.
    pub met: BTreeSet<u64>,
    /// What honest nodes wrote and came to lie here.
    pub held: BTreeSet<Hash>,
    /// What was acknowledged to its clerks, and must be on its disk.
    pub acknowledged: BTreeSet<Hash>,
    /// The last position of its feed.
    pub feed_head: u64,
}

impl Site {
    /// What its clock shows.
    pub fn clock(&self, now: u64) -> Ms {
        Ms::of((BEGIN_MS + now).saturating_add_signed(self.offset))
    }

    /// Did their people choose differently whom to follow, or do they follow different lineages of
    /// one of these units, because it has several?
    pub fn pins_differ(&self, other: &Self, units: &[UnitId]) -> bool {
        let follow = |site: &Self, unit: &UnitId| {
            let authority = site.replica.as_ref().map(|replica| replica.authority());
            authority.map(|own| (own.followed(unit), own.candidates(unit).len()))
        };
        let differ = |unit: &UnitId| {
            let (here, there) = (follow(self, unit), follow(other, unit));
            let several = [&here, &there].iter().any(|one| one.is_some_and(|(_, all)| all > 1));
            several && here.map(|(one, _)| one) != there.map(|(one, _)| one)
        };
        self.pinned != other.pinned || units.iter().any(differ)
    }

    /// Was it ever let to hold what is written in this scope, by what is true in the world?
    pub fn may_ever_hold(&self, scope: &Scope) -> bool {
        let unit = scope.unit();
        let letters = self.role.reads.covers(Reads::CORRESPONDENCE);
        match scope.holds() {
            Holds::Statements | Holds::Public => true,
            Holds::Path => letters && self.path.contains(unit),
            Holds::Pair(other) => {
                letters
                    && (self.path.contains(unit) || self.path.contains(other))
                    && self.path.carries(unit, other)
            }
            Holds::Band(band) => *unit == self.path && self.role.reads.covers(Reads::band(band)),
        }
    }
}
