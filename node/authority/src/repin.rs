//! Pins that change. The answers are those of a node that began with the new ones.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use schema_wire::{Hash, Scope, UnitId};

use crate::aside::Sets;
use crate::chain::Chain;
use crate::fact::Fact;
use crate::verdicts::{Verdicts, Work};
use crate::{Authority, Change, Outcome, Pin, Pins};

impl Authority {
    /// Changes one pin.
    pub fn pin(&mut self, pin: Pin) -> Change {
        match pin.clone() {
            Pin::Generation { after, .. } => {
                Arc::make_mut(&mut self.pins).set(pin);
                let lineage = self.statements.lineage_generation(&after).map(|kept| kept.lineage);
                let work = lineage.map_or(Work::Root, Work::Chain);
                self.settle(None, vec![work])
            }
            Pin::Unit { unit, lineage } => {
                let before = self.pins.chosen(&unit);
                Arc::make_mut(&mut self.pins).set(pin);
                if before.is_some_and(|before| self.is_kept_no_more(&before)) {
                    return self.set_pins(Pins::clone(&self.pins));
                }
                let wakes = lineage.into_iter().collect();
                Change { wakes, ..self.settle(None, vec![Work::Recognition(unit)]) }
            }
        }
    }

    /// The pins that this node sets by itself, since it follows somebody whom it did not follow
    /// before this change (section 4, "Pins"). They change no verdict when they are set.
    pub fn pins_due(&self, change: &Change) -> Vec<Pin> {
        let mut due: Vec<Pin> = self.steps_due(&self.verdicts.root).collect();
        for unit in &change.units {
            let charters = self.statements.charters.of(unit);
            let chains = charters.filter_map(|charter| self.verdicts.chains.get(&charter));
            due.extend(chains.flat_map(|chain| self.steps_due(chain)));
            let lineage = self.followed(unit);
            if lineage.is_some() && self.pins.lineage_of(unit).is_none() {
                due.push(Pin::Unit { unit: unit.clone(), lineage });
            }
        }
        due
    }

    fn steps_due(&self, chain: &Chain) -> impl Iterator<Item = Pin> {
        let unpinned = chain.steps().filter(|(after, _)| self.pins.successor_of(after).is_none());
        unpinned.map(|(after, next)| Pin::Generation { after, successor: Some(next) })
    }

    /// Is the charter kept, because of a pin that is there no more?
    fn is_kept_no_more(&self, charter: &Hash) -> bool {
        let Some(kept) = self.statements.lineage_generation(charter) else { return false };
        let named = (*charter, kept.generation.unit.clone());
        !self.pins.name(charter) && self.statements.recognising.of(&named).next().is_none()
    }

    /// Changes all pins, and judges everything anew.
    pub fn set_pins(&mut self, pins: Pins) -> Change {
        let mut anew = Self::new(&self.genesis, pins);
        let dropped = anew.take_all(self.statements.facts());
        let before = std::mem::replace(self, anew);
        self.difference(&before, dropped)
    }

    /// Takes what is kept, in whatever order that takes. What waits is left over.
    pub(crate) fn take_all(&mut self, facts: Vec<(Hash, Fact)>) -> Vec<Hash> {
        let mut ready = facts;
        let mut waiting: BTreeMap<Hash, Vec<(Hash, Fact)>> = BTreeMap::new();
        while let Some((id, fact)) = ready.pop() {
            match self.take(id, fact.clone()) {
                Outcome::Waits(what) => waiting.entry(what).or_default().push((id, fact)),
                Outcome::Kept(change) => {
                    ready.extend(change.wakes.iter().filter_map(|id| waiting.remove(id)).flatten());
                }
                Outcome::Known | Outcome::Refused(_) => {}
            }
        }
        waiting.into_values().flatten().map(|(id, _)| id).collect()
    }

    fn difference(&self, before: &Self, dropped: Vec<Hash>) -> Change {
        let (mut statements, mut units) = self.verdicts.difference(&before.verdicts);
        if self.pins.lineage() != before.pins.lineage() {
            // What a unit's own documents rest on is asked of the node's own lineage alone.
            for lineage in [self.pins.lineage(), before.pins.lineage()] {
                statements.extend(self.statements.of_lineage.of(&lineage));
            }
            units.extend([self.pins.unit().clone(), before.pins.unit().clone()]);
        }
        let (now, then) = (self.sets.all(), before.sets.all());
        let mut entered: BTreeMap<Hash, Vec<Scope>> = BTreeMap::new();
        for (scope, id) in now.difference(&then) {
            entered.entry(*id).or_default().push(scope.clone());
        }
        Change {
            wakes: self.pins.named().collect(),
            statements,
            units,
            entered: self.statements.in_causal_order(entered),
            left: then.difference(&now).cloned().collect(),
            dropped,
            forgotten: Vec::new(),
            steps: self.statements.ids().count(),
        }
    }
}

impl Verdicts {
    /// The statements and units with other answers.
    fn difference(&self, before: &Self) -> (BTreeSet<Hash>, BTreeSet<UnitId>) {
        let mut statements = differing(&self.validities, &before.validities);
        statements.extend(differing(&self.ended, &before.ended));
        (statements, differing(&self.recognitions, &before.recognitions))
    }
}

fn differing<K: Ord + Clone, V: PartialEq>(
    now: &BTreeMap<K, V>,
    then: &BTreeMap<K, V>,
) -> BTreeSet<K> {
    let keys = now.keys().chain(then.keys());
    keys.filter(|key| now.get(key) != then.get(key)).cloned().collect()
}

impl Sets {
    fn all(&self) -> BTreeSet<(Scope, Hash)> {
        let members = self.members.iter();
        members.flat_map(|(id, scopes)| scopes.keys().map(|scope| (scope.clone(), *id))).collect()
    }
}
