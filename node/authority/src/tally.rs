//! Counts of issued statements: in sets by unit and lineage, set aside by issuer. For quotas.

use std::collections::{BTreeMap, BTreeSet};

use schema_wire::{Hash, Ms, NodeKey, UnitId};

use crate::fact::Act;
use crate::statements::KeptIssued;

/// How many there are.
#[derive(Debug, Clone, Default)]
pub(crate) struct Tally {
    in_set: BTreeMap<(UnitId, Option<Hash>), usize>,
    aside: BTreeMap<NodeKey, Aside>,
}

/// What one issuer has set aside.
#[derive(Debug, Clone, Default)]
struct Aside {
    ids: BTreeSet<Hash>,
    /// Of these the cards and addresses, on which nothing rests: the oldest first.
    replaced: BTreeSet<(Ms, Hash)>,
}

impl Tally {
    /// How many of a unit and lineage are in sets.
    pub(crate) fn n_in_set(&self, unit: &UnitId, lineage: Option<Hash>) -> usize {
        self.in_set.get(&(unit.clone(), lineage)).copied().unwrap_or(0)
    }

    /// How many of an issuer are set aside.
    pub(crate) fn n_aside(&self, issuer: &NodeKey) -> usize {
        self.aside.get(issuer).map_or(0, |aside| aside.ids.len())
    }

    /// All issuers of what is set aside.
    pub(crate) fn issuers_aside(&self) -> Vec<NodeKey> {
        self.aside.keys().copied().collect()
    }

    /// Notes where a kept statement is now. One that is new was nowhere.
    pub(crate) fn note(&mut self, id: Hash, kept: &KeptIssued, is_new: bool, is_aside: bool) {
        let issuer = kept.issued.issuer;
        let was_aside = self.aside.get(&issuer).is_some_and(|aside| aside.ids.contains(&id));
        let was_in_set = !is_new && !was_aside;
        let in_set = self.in_set.entry((kept.issued.unit.clone(), kept.by.lineage())).or_default();
        match (was_in_set, is_aside) {
            (true, true) => *in_set -= 1,
            (false, false) => *in_set += 1,
            _ => {}
        }
        if is_aside {
            let aside = self.aside.entry(issuer).or_default();
            aside.ids.insert(id);
            aside.replaced.extend(replaced_at(&kept.issued.act).map(|at| (at, id)));
        } else if was_aside {
            self.remove(&issuer, &id, replaced_at(&kept.issued.act));
        }
    }

    /// The oldest card or address that an issuer has set aside is let go of.
    pub(crate) fn forget_oldest(&mut self, issuer: &NodeKey) -> Option<Hash> {
        let (at, id) = self.aside.get(issuer)?.replaced.first().copied()?;
        self.remove(issuer, &id, Some(at));
        Some(id)
    }

    fn remove(&mut self, issuer: &NodeKey, id: &Hash, replaced: Option<Ms>) {
        let Some(aside) = self.aside.get_mut(issuer) else { return };
        aside.ids.remove(id);
        if let Some(at) = replaced {
            aside.replaced.remove(&(at, *id));
        }
        if aside.ids.is_empty() {
            self.aside.remove(issuer);
        }
    }
}

/// When a card or an address speaks, which a later one replaces.
fn replaced_at(act: &Act) -> Option<Ms> {
    match act {
        Act::Card { at, .. } | Act::Address { at } => Some(*at),
        _ => None,
    }
}
