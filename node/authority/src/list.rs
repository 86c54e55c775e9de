//! What people are shown of a unit's grants, and what whoever passes a lineage on must know.

use std::collections::BTreeSet;

use schema_wire::{Hash, Ms, NodeKey, Reads, Scope, UnitId, Verbs};

use crate::Authority;
use crate::ended::Side;
use crate::fact::Act;
use crate::refusal::Reason;
use crate::statements::By;

/// Where a grant stands at a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GrantState {
    /// It holds inside the unit.
    Holds,
    /// Its time has not come.
    NotYet,
    /// Its time is over, and nobody closed it: claimed times still count.
    Unclosed,
    /// It was withdrawn or closed.
    Ended,
    /// What it rests on does not hold.
    Void(Reason),
}

/// A grant of a unit's lineage.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HeldGrant<'a> {
    /// The delegation's id.
    pub id: Hash,
    /// The unit.
    pub unit: &'a UnitId,
    /// The node.
    pub subject: NodeKey,
    /// What it may do.
    pub verbs: Verbs,
    /// What it may hold.
    pub reads: Reads,
    /// From when.
    pub from: Ms,
    /// Until when.
    pub until: Ms,
    /// Where it stands.
    pub state: GrantState,
}

impl Authority {
    /// The grants of a lineage, whatever became of them, as they stand at a time.
    pub fn grants(&self, lineage: &Hash, time: Ms) -> impl Iterator<Item = HeldGrant<'_>> {
        self.statements.of_lineage.of(lineage).filter_map(move |id| self.grant(id, time))
    }

    /// Those of them whose subject is this node, at the cost of what was granted to it.
    pub fn grants_to(
        &self,
        node: &NodeKey,
        lineage: Hash,
        time: Ms,
    ) -> impl Iterator<Item = HeldGrant<'_>> {
        let own = self.delegations_to(node).filter(move |id| self.lineage_of(id) == Some(lineage));
        own.filter_map(move |id| self.grant(id, time))
    }

    fn grant(&self, id: Hash, time: Ms) -> Option<HeldGrant<'_>> {
        let kept = self.statements.issued(&id)?;
        let grant = kept.grant()?;
        Some(HeldGrant {
            id,
            unit: &kept.issued.unit,
            subject: grant.subject,
            verbs: grant.verbs,
            reads: grant.reads,
            from: grant.term.from,
            until: grant.term.until,
            state: self.grant_state(&id, time),
        })
    }

    fn grant_state(&self, id: &Hash, time: Ms) -> GrantState {
        let Some(validity) = self.verdicts.validity(id) else {
            return GrantState::Void(Reason::NoGrant);
        };
        match &validity.inside {
            Err(reason) => GrantState::Void(*reason),
            Ok(_) if self.verdicts.ended(id).as_last() => GrantState::Ended,
            Ok(inside) if time < inside.term.from => GrantState::NotYet,
            Ok(inside) if inside.term.until < time => GrantState::Unclosed,
            Ok(_) => GrantState::Holds,
        }
    }

    /// What a generation's key itself issued in a lineage and has effect, or would have but for
    /// endings that `without` names: what a rotation has to keep, or it is void.
    pub fn issued_by_key<'a>(
        &'a self,
        lineage: &'a Hash,
        without: &'a BTreeSet<Hash>,
    ) -> impl Iterator<Item = Hash> + 'a {
        self.statements.of_lineage.of(lineage).filter(move |id| {
            let by_key = |by: By| matches!(by, By::Key(_));
            self.statements.issued(id).is_some_and(|kept| by_key(kept.by))
                && !without.contains(id)
                && self.has_effect(id, without)
        })
    }

    fn has_effect(&self, id: &Hash, without: &BTreeSet<Hash>) -> bool {
        let holds = self.verdicts.validity(id).is_some_and(|validity| validity.inside.is_ok());
        let side = self.statements.issued(id).and_then(|kept| kept.issued.act.side());
        let is_effective = |ending: &Hash| self.is_effective(ending, side.unwrap_or(Side::Outer));
        let ended = self.statements.enders.of(id).filter(|ending| !without.contains(ending));
        // Of cards the present one is enough.
        let card = |act: &Act| matches!(act, Act::Card { .. });
        let superseded = self.statements.issued(id).is_some_and(|kept| card(&kept.issued.act))
            && self.is_aside(id);
        holds && !superseded && !ended.into_iter().any(|ending| is_effective(&ending))
    }

    /// Is an ending effective, of a statement of this side that it may end?
    pub(crate) fn is_effective(&self, ending: &Hash, side: Side) -> bool {
        let stands = self.stands(ending, Ms::of(0));
        match side {
            Side::Inner => stands.inside,
            Side::Outer => stands.outside,
        }
    }

    /// The adoptions in the set of a scope.
    pub fn adoptions_in(&self, scope: &Scope) -> impl Iterator<Item = Hash> {
        self.statements.adoptions.of(scope).filter(|id| !self.sets.is_aside(id))
    }

    /// The unit that a kept statement speaks for; successions and endorsements name none.
    pub fn unit_of(&self, id: &Hash) -> Option<&UnitId> {
        self.statements.unit_of(id)
    }

    /// The operating key of a lineage's generation.
    pub fn operating_key(&self, generation: &Hash) -> Option<NodeKey> {
        Some(self.statements.lineage_generation(generation)?.generation.key)
    }

    /// May a key from paper pass this generation on, of a lineage or of the root?
    pub fn passes_on(&self, generation: &Hash, revealed: &NodeKey) -> bool {
        let commitment = revealed.commitment();
        let of_lineage = self.statements.lineage_generation(generation);
        let of_root = self.statements.root_generation(generation);
        of_lineage.is_some_and(|kept| kept.generation.next == commitment)
            || of_root.is_some_and(|kept| kept.keys.next.contains(&commitment))
    }
}
