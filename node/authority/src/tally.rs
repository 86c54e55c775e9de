//! Counts of issued statements: in sets by unit and lineage, set aside by issuer. For quotas.

use std::collections::{BTreeMap, BTreeSet};

use schema_wire::{Hash, Ms, NodeKey, UnitId};

use crate::fact::{About, Act};
use crate::statements::KeptIssued;

/// How many there are.
#[derive(Debug, Clone, Default)]
pub(crate) struct Tally {
    in_set: BTreeMap<(UnitId, Option<Hash>), Held>,
    /// Of one unit and lineage that speak about one thing: in sets, and set aside.
    about: BTreeMap<(UnitId, Option<Hash>, About), (usize, usize)>,
    aside: BTreeMap<NodeKey, Aside>,
}

/// How many statements, and bytes of what they list.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Held {
    pub(crate) statements: usize,
    pub(crate) bytes: usize,
}

/// What one issuer has set aside.
#[derive(Debug, Clone, Default)]
struct Aside {
    ids: BTreeSet<Hash>,
    /// Bytes of what they list.
    bytes: usize,
    /// Of these the cards and addresses, on which nothing rests: the oldest first.
    replaced: BTreeSet<(Ms, Hash)>,
}

impl Tally {
    /// What of a unit and lineage is in sets.
    pub(crate) fn in_set(&self, unit: &UnitId, lineage: Option<Hash>) -> Held {
        self.in_set.get(&(unit.clone(), lineage)).copied().unwrap_or_default()
    }

    /// What of an issuer is set aside.
    pub(crate) fn aside(&self, issuer: &NodeKey) -> Held {
        self.aside.get(issuer).map_or(Held::default(), |aside| Held {
            statements: aside.ids.len(),
            bytes: aside.bytes,
        })
    }

    /// How many of a unit and lineage speak about one thing: in sets, and set aside.
    pub(crate) fn n_about(
        &self,
        unit: &UnitId,
        lineage: Option<Hash>,
        about: About,
    ) -> (usize, usize) {
        self.about.get(&(unit.clone(), lineage, about)).copied().unwrap_or_default()
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
        let bytes = kept.issued.act.listed_bytes();
        self.note_about(kept, (was_in_set, was_aside), is_aside);
        let in_set = self.in_set.entry((kept.issued.unit.clone(), kept.by.lineage())).or_default();
        match (was_in_set, is_aside) {
            (true, true) => {
                in_set.statements -= 1;
                in_set.bytes -= bytes;
            }
            (false, false) => {
                in_set.statements += 1;
                in_set.bytes += bytes;
            }
            _ => {}
        }
        if is_aside {
            let aside = self.aside.entry(issuer).or_default();
            if aside.ids.insert(id) {
                aside.bytes += bytes;
            }
            aside.replaced.extend(replaced_at(&kept.issued.act).map(|at| (at, id)));
        } else if was_aside {
            self.remove(&issuer, &id, &kept.issued.act);
        }
    }

    fn note_about(&mut self, kept: &KeptIssued, (in_set, aside): (bool, bool), is_aside: bool) {
        let Some(about) = kept.issued.act.about() else { return };
        let of = (kept.issued.unit.clone(), kept.by.lineage(), about);
        let count = self.about.entry(of).or_default();
        count.0 = count.0 + usize::from(!is_aside) - usize::from(in_set);
        count.1 = count.1 + usize::from(is_aside) - usize::from(aside);
    }

    /// The oldest card or address that an issuer has set aside is let go of.
    pub(crate) fn forget_oldest(&mut self, issuer: &NodeKey) -> Option<Hash> {
        let (at, id) = self.aside.get(issuer)?.replaced.first().copied()?;
        self.remove(issuer, &id, &Act::Address { at });
        Some(id)
    }

    fn remove(&mut self, issuer: &NodeKey, id: &Hash, act: &Act) {
        let Some(aside) = self.aside.get_mut(issuer) else { return };
        aside.ids.remove(id);
        aside.bytes -= act.listed_bytes();
        if let Some(at) = replaced_at(act) {
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
