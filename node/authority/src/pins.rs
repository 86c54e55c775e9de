//! What a node's people chose: whom it follows (section 4, "Pins").

use std::collections::{BTreeMap, BTreeSet};

use schema_wire::{Hash, UnitId};

/// One choice. Without a value it is taken back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Pin {
    /// Which successor is followed after a generation.
    Generation {
        /// The generation: the network's id, a succession, a charter or a rotation.
        after: Hash,
        /// Its successor.
        successor: Option<Hash>,
    },
    /// Which lineage is followed for another unit.
    Unit {
        /// The unit.
        unit: UnitId,
        /// The id of the lineage's charter.
        lineage: Option<Hash>,
    },
}

/// The choices of one node. They are no items, and no item changes them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pins {
    unit: UnitId,
    lineage: Hash,
    former: BTreeSet<Hash>,
    generations: BTreeMap<Hash, Hash>,
    units: BTreeMap<UnitId, Hash>,
    /// How often each lineage is named in `units`.
    followed: BTreeMap<Hash, usize>,
}

impl Pins {
    /// Those of a node that chose nothing but where it belongs.
    pub fn of(unit: UnitId, lineage: Hash) -> Self {
        Self {
            unit,
            lineage,
            former: BTreeSet::new(),
            generations: BTreeMap::new(),
            units: BTreeMap::new(),
            followed: BTreeMap::new(),
        }
    }

    /// The same, of a node that belonged to these lineages formerly.
    #[must_use]
    pub fn with_former(mut self, former: impl IntoIterator<Item = Hash>) -> Self {
        self.former.extend(former);
        self
    }

    /// The same, of a node that belongs to this lineage from now on, and to the other no more.
    #[must_use]
    pub fn moved_to(mut self, lineage: Hash) -> Self {
        if lineage != self.lineage {
            self.former.insert(std::mem::replace(&mut self.lineage, lineage));
            self.former.remove(&lineage);
        }
        self
    }

    /// Sets one choice.
    pub fn set(&mut self, pin: Pin) {
        match pin {
            Pin::Generation { after, successor: Some(successor) } => {
                self.generations.insert(after, successor);
            }
            Pin::Generation { after, successor: None } => {
                self.generations.remove(&after);
            }
            Pin::Unit { unit, lineage } => {
                let before = match lineage {
                    Some(lineage) => {
                        *self.followed.entry(lineage).or_default() += 1;
                        self.units.insert(unit, lineage)
                    }
                    None => self.units.remove(&unit),
                };
                if let Some(before) = before {
                    self.forget(before);
                }
            }
        }
    }

    fn forget(&mut self, lineage: Hash) {
        if let Some(times) = self.followed.get_mut(&lineage) {
            *times -= 1;
            if *times == 0 {
                self.followed.remove(&lineage);
            }
        }
    }

    /// The unit that the node belongs to.
    pub fn unit(&self) -> &UnitId {
        &self.unit
    }

    /// The lineage that it belongs to.
    pub fn lineage(&self) -> Hash {
        self.lineage
    }

    /// Lineages that the node belonged to formerly.
    pub fn former(&self) -> impl Iterator<Item = Hash> {
        self.former.iter().copied()
    }

    /// All choices, to be written down or handed on: set again, they are the same.
    pub fn choices(&self) -> impl Iterator<Item = Pin> {
        let generations = self.generations.iter().map(|(after, successor)| Pin::Generation {
            after: *after,
            successor: Some(*successor),
        });
        let units = self
            .units
            .iter()
            .map(|(unit, lineage)| Pin::Unit { unit: unit.clone(), lineage: Some(*lineage) });
        generations.chain(units)
    }

    /// The lineage that was chosen for a unit, the node's own too: there it keeps the charter, and
    /// nothing else.
    pub(crate) fn chosen(&self, unit: &UnitId) -> Option<Hash> {
        self.units.get(unit).copied()
    }

    /// Do they name this charter, so that it is kept without a founding (section 5, rule 2)?
    pub fn name(&self, charter: &Hash) -> bool {
        self.lineage == *charter
            || self.former.contains(charter)
            || self.followed.contains_key(charter)
    }

    /// All charters that they name.
    pub(crate) fn named(&self) -> impl Iterator<Item = Hash> {
        self.former.iter().chain(self.followed.keys()).chain([&self.lineage]).copied()
    }

    /// The successor that they choose for a generation.
    pub fn successor_of(&self, generation: &Hash) -> Option<Hash> {
        self.generations.get(generation).copied()
    }

    /// The lineage that they choose for a unit; for the node's own, its own.
    pub fn lineage_of(&self, unit: &UnitId) -> Option<Hash> {
        if *unit == self.unit { Some(self.lineage) } else { self.units.get(unit).copied() }
    }
}

#[cfg(test)]
mod tests {
    use super::{Pin, Pins};
    use schema_wire::{Hash, UnitId};

    #[test]
    fn a_charter_is_named_as_long_as_one_unit_follows_it() {
        let unit = |text: &str| UnitId::parse(text).expect("a unit");
        let (own, other) = (Hash([1; 32]), Hash([2; 32]));
        let mut pins = Pins::of(unit("c"), own);
        let mut follow = |at: &str, lineage: Option<Hash>| {
            pins.set(Pin::Unit { unit: unit(at), lineage });
            pins.name(&other)
        };
        assert!(follow("c/a", Some(other)));
        assert!(follow("c/b", Some(other)));
        assert!(follow("c/a", Some(own)));
        assert!(!follow("c/b", None));
        assert!(pins.name(&own));
        let mut again = Pins::of(unit("c"), own);
        pins.choices().for_each(|pin| again.set(pin));
        assert_eq!(again, pins);
    }
}
