//! What stands, what is followed, and what is in order (sections 4, 6 and 7).

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use schema_wire::{Author, DocumentId, Hash, Ms, NetworkId, NodeKey, Scope, UnitId};

use crate::fact::Act;
use crate::statements::{By, Index, KeptIssued};
use crate::validity::Validity;
use crate::verdicts::Settled;
use crate::{Authority, Pins};

/// On which side a statement stands.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Stands {
    /// Its inside path holds.
    pub inside: bool,
    /// An outside path of it holds.
    pub outside: bool,
}

/// What is kept.
impl Authority {
    /// This node's choices.
    pub fn pins(&self) -> &Pins {
        &self.pins
    }

    /// The network.
    pub fn network(&self) -> NetworkId {
        self.network
    }

    /// The unit of the genesis.
    pub fn city(&self) -> &UnitId {
        &self.statements.city
    }

    /// Is the statement kept?
    pub fn is_kept(&self, id: &Hash) -> bool {
        self.statements.is_kept(id)
    }

    /// The ids of everything that is kept.
    pub fn kept(&self) -> impl Iterator<Item = Hash> {
        self.statements.ids()
    }

    /// Is the unit the `below` of a kept founding (section 7, step 9)?
    pub fn is_founded(&self, unit: &UnitId) -> bool {
        self.statements.foundings.of(unit).next().is_some()
    }

    /// May a statement of the unit be kept? All rest on a charter of it, but for those of the root.
    pub fn is_known(&self, unit: &UnitId) -> bool {
        *unit == self.statements.city || self.statements.charters.of(unit).next().is_some()
    }

    /// The kept adoptions that have a mark for this log, whether they hold or not.
    pub fn adoptions_of(&self, log: &(DocumentId, Author)) -> impl Iterator<Item = Hash> {
        self.statements.adoptions_of(log)
    }

    /// The scopes in whose set a statement is: none if it is set aside or not kept.
    pub fn scopes_of(&self, id: &Hash) -> impl Iterator<Item = &Scope> {
        self.sets.scopes_of(id)
    }

    /// Is it kept, and set aside?
    pub fn is_aside(&self, id: &Hash) -> bool {
        self.is_kept(id) && self.sets.is_aside(id)
    }
}

/// Generations and lineages.
impl Authority {
    /// The root's present generation.
    pub fn root(&self) -> Hash {
        self.verdicts.root.present()
    }

    /// The present generation of a lineage; none if its charter is not kept.
    pub fn present(&self, lineage: &Hash) -> Option<Hash> {
        self.verdicts.chains.get(lineage).map(|chain| chain.present())
    }

    /// Complete successors that are in no chain that they could be in: an alarm.
    pub fn rivals(&self) -> BTreeSet<Hash> {
        let chains = self.verdicts.chains.values().chain([&self.verdicts.root]);
        chains.flat_map(|chain| chain.rivals()).collect()
    }

    /// The lineages that open foundings name for a unit. Two are an alarm.
    pub fn candidates(&self, unit: &UnitId) -> &BTreeSet<Hash> {
        &self.verdicts.recognition(unit).candidates
    }

    /// The lineage that is followed for a unit.
    pub fn followed(&self, unit: &UnitId) -> Option<Hash> {
        self.verdicts.recognition(unit).followed
    }

    /// The lineage of a statement: of a generation, of what is issued by (a), (b) or (d).
    pub fn lineage_of(&self, id: &Hash) -> Option<Hash> {
        let generation = self.statements.lineage_generation(id).map(|kept| kept.lineage);
        generation.or_else(|| self.statements.issued(id)?.by.lineage())
    }

    /// The units below that open foundings of this unit name: those whose reports are added up.
    pub fn units_below(&self, unit: &UnitId) -> impl Iterator<Item = &UnitId> {
        let within = self.statements.foundings.keys_within(unit);
        within.filter(move |below| self.recognises(unit, below))
    }

    /// Does an open founding of this unit name that one below it?
    pub fn recognises(&self, unit: &UnitId, below: &UnitId) -> bool {
        let made_here =
            |id: &Hash| self.statements.issued(id).is_some_and(|kept| kept.issued.unit == *unit);
        let mut foundings = self.statements.foundings.of(below);
        unit.is_above(below) && foundings.any(|id| made_here(&id) && self.is_open(&id))
    }

    pub(crate) fn is_open(&self, founding: &Hash) -> bool {
        let kept = self.statements.issued(founding).and_then(|kept| kept.founding());
        kept.is_some_and(|recognised| {
            let validity = self.verdicts.validity(founding);
            self.candidates(&recognised.below).contains(&recognised.lineage)
                && !self.verdicts.ended(founding).as_last()
                && validity.is_some_and(|validity| validity.outside.open.has(recognised.term.from))
        })
    }
}

/// Statements.
impl Authority {
    /// Does the statement stand? Of a grant it is asked for a time; of any other at its own.
    pub fn stands(&self, id: &Hash, time: Ms) -> Stands {
        let kept = self.statements.issued(id);
        let Some((kept, validity)) = kept.zip(self.verdicts.validity(id)) else {
            return Stands::default();
        };
        if self.verdicts.ended(id).as_last() {
            return Stands::default();
        }
        let time = kept.issued.act.at().unwrap_or(time);
        let inside = kept.by != By::Root && validity.holds_inside(time);
        Stands { inside, outside: validity.holds_outside(time) }
    }

    /// Are the reports of this unit suspended?
    pub fn is_suspended(&self, unit: &UnitId) -> bool {
        self.any_stands(&self.statements.suspensions, unit)
    }

    /// The suspensions of a unit's reports that stand: they say why.
    pub fn suspensions(&self, unit: &UnitId) -> impl Iterator<Item = Hash> {
        let all = self.statements.suspensions.of(unit);
        all.filter(|id| self.stands(id, Ms::of(0)).outside)
    }

    /// Is this unit dissolved?
    pub fn is_dissolved(&self, unit: &UnitId) -> bool {
        self.any_stands(&self.statements.dissolutions, unit)
    }

    /// All units that are suspended.
    pub fn suspended(&self) -> impl Iterator<Item = &UnitId> {
        self.statements.suspensions.keys().filter(|unit| self.is_suspended(unit))
    }

    /// All units that are dissolved.
    pub fn dissolved(&self) -> impl Iterator<Item = &UnitId> {
        self.statements.dissolutions.keys().filter(|unit| self.is_dissolved(unit))
    }

    fn any_stands(&self, acts: &Index<UnitId>, unit: &UnitId) -> bool {
        acts.of(unit).any(|id| self.stands(&id, Ms::of(0)).outside)
    }

    /// The units that continue the work of a dissolved one, as all dissolutions that stand say.
    pub fn successors(&self, unit: &UnitId) -> BTreeSet<&UnitId> {
        let standing = self.statements.dissolutions.of(unit);
        let standing = standing.filter(|id| self.stands(id, Ms::of(0)).outside);
        let acts = standing.filter_map(|id| self.statements.issued(&id));
        acts.flat_map(|kept| match &kept.issued.act {
            Act::Dissolution { successors, .. } => successors.iter(),
            _ => [].iter(),
        })
        .collect()
    }

    /// The present card of a unit: of the lineage followed for it.
    pub fn card(&self, unit: &UnitId) -> Option<Hash> {
        self.card_of_lineage(&self.followed(unit)?)
    }

    /// The present card of a lineage.
    pub fn card_of_lineage(&self, lineage: &Hash) -> Option<Hash> {
        let ranked = self.statements.cards.of(lineage).filter_map(|id| {
            let validity = self.verdicts.validity(&id)?;
            self.card_rank(&id, self.statements.issued(&id)?, validity)
        });
        ranked.max().map(|(_, _, Reverse(id))| id)
    }

    /// What of two cards of a lineage that stand inside the present one has more of.
    pub(crate) fn card_rank(
        &self,
        id: &Hash,
        kept: &KeptIssued,
        validity: &Validity,
    ) -> Option<(usize, u64, Reverse<Hash>)> {
        let Act::Card { serial, at } = kept.issued.act else { return None };
        let chain = self.verdicts.chains.get(&kept.by.lineage()?)?;
        let position = chain.position(&self.generation_of(kept))?;
        validity.holds_inside(at).then_some((position, serial, Reverse(*id)))
    }

    /// The addresses that a node gave under its grants, the newest under each, that stand inside.
    pub fn addresses(&self, key: &NodeKey) -> Vec<Hash> {
        let grants = self.statements.delegations_to(key);
        let newest = grants.filter_map(|grant| self.statements.newest_address(*key, grant));
        newest.filter(|id| self.stands(id, Ms::of(0)).inside).collect()
    }

    /// The generation that the inside path of a statement begins with.
    fn generation_of(&self, kept: &KeptIssued) -> Hash {
        let mut generation = kept.issued.proof;
        while let Some(proof) = self.statements.issued(&generation) {
            generation = proof.issued.proof;
        }
        generation
    }
}

/// What is in order (section 7, "What is set aside").
impl Authority {
    /// Whether each issued statement for which that may have changed is in order.
    pub(crate) fn order_of(&self, settled: &Settled) -> BTreeMap<Hash, bool> {
        let mut order = BTreeMap::new();
        let mut lineages = settled.lineages.clone();
        for id in &settled.statements {
            let Some(kept) = self.statements.issued(id) else { continue };
            match kept.issued.act {
                Act::Card { .. } => lineages.extend(kept.by.lineage()),
                Act::Address { .. } => {
                    let (issuer, proof) = (kept.issued.issuer, kept.issued.proof);
                    for other in self.statements.addresses(issuer, proof) {
                        let newest = self.statements.newest_address(issuer, proof);
                        order.insert(other, newest == Some(other) && self.is_unbroken(&other));
                    }
                }
                _ => drop(order.insert(*id, self.is_unbroken(id))),
            }
        }
        for lineage in lineages {
            let present = self.card_of_lineage(&lineage);
            let cards = self.statements.cards.of(&lineage);
            order.extend(cards.map(|card| (card, present == Some(card))));
        }
        order
    }

    /// Does the inside path hold, or the path (r; S) of a root act, with (H3) and (H5) left out?
    fn is_unbroken(&self, id: &Hash) -> bool {
        let validity = self.verdicts.validity(id);
        validity.is_some_and(|validity| validity.inside.is_ok())
            && !self.verdicts.ended(id).as_last()
    }
}
