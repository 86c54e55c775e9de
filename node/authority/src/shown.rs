//! What people are shown of the root and of units below, beside the grants of their own unit.

use std::collections::BTreeSet;

use schema_wire::{Genesis, Hash, Ms, NodeKey, UnitId};

use crate::Authority;

/// The keys of a root generation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RootGroup<'a> {
    /// The keys in daily use.
    pub roots: &'a [NodeKey],
    /// How many of them act together.
    pub threshold: u8,
    /// How many keys from paper make the next generation.
    pub next_threshold: u8,
}

/// A founding that is open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OpenFounding<'a> {
    /// Its id.
    pub id: Hash,
    /// Who recognises.
    pub by: &'a UnitId,
    /// Whom.
    pub lineage: Hash,
    /// Until when.
    pub until: Ms,
}

impl Authority {
    /// What the network began with.
    pub fn genesis(&self) -> &Genesis {
        &self.genesis
    }

    /// The keys of a root generation that is kept: the genesis or a succession.
    pub fn root_group(&self, generation: &Hash) -> Option<RootGroup<'_>> {
        let keys = &self.statements.root_generation(generation)?.keys;
        let (threshold, next_threshold) = (keys.threshold, keys.next_threshold);
        Some(RootGroup { roots: &keys.roots, threshold, next_threshold })
    }

    /// Everything that roots did, endings too: what a succession keeps, or it is void.
    pub fn root_acts(&self) -> impl Iterator<Item = Hash> {
        self.statements.root_acts.iter().copied()
    }

    /// Who signed a root act: its issuer, and who endorsed it.
    pub fn signers(&self, act: &Hash) -> BTreeSet<NodeKey> {
        let issuer = self.statements.issued(act).map(|kept| kept.issued.issuer);
        let endorsers = self.statements.endorsers.of(act);
        let endorsers = endorsers.filter_map(|id| Some(self.statements.endorsement(&id)?.issuer));
        issuer.into_iter().chain(endorsers).collect()
    }

    /// The open foundings of a unit. Two that name different lineages are an alarm.
    pub fn open_foundings(&self, unit: &UnitId) -> impl Iterator<Item = OpenFounding<'_>> {
        self.statements.foundings.of(unit).filter_map(|id| {
            let kept = self.statements.issued(&id)?;
            let recognised = kept.founding()?;
            let (by, lineage, until) =
                (&kept.issued.unit, recognised.lineage, recognised.term.until);
            self.is_open(&id).then_some(OpenFounding { id, by, lineage, until })
        })
    }

    /// All units that foundings name.
    pub fn units(&self) -> impl Iterator<Item = &UnitId> {
        self.statements.foundings.keys()
    }

    /// When a grant was ended for good: by the newest of the endings that stand.
    pub fn ended_at(&self, grant: &Hash) -> Option<Ms> {
        let standing = |ending: &Hash| self.stands(ending, Ms::of(0)).inside;
        let endings = self.statements.enders.of(grant).filter(standing);
        endings.filter_map(|id| self.statements.issued(&id)?.issued.act.at()).max()
    }

    /// The suspensions of a unit that stand, with who made them.
    pub fn suspensions_of(&self, unit: &UnitId) -> impl Iterator<Item = (Hash, &UnitId)> {
        let standing = self.statements.suspensions.of(unit);
        let standing = standing.filter(|id| self.stands(id, Ms::of(0)).outside);
        standing.filter_map(|id| Some((id, self.statements.unit_of(&id)?)))
    }

    /// Is it one of the root's acts?
    pub fn is_root_act(&self, id: &Hash) -> bool {
        self.statements.root_acts.contains(id)
    }
}
