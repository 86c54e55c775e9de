//! How units above see a unit: open foundings, candidates, the lineage followed (section 6,
//! "Rivals of a unit").

use std::collections::{BTreeMap, BTreeSet};

use schema_wire::{Hash, UnitId};

use crate::ended::Ended;
use crate::path::Outside;
use crate::pins::Pins;
use crate::refusal::Reason;
use crate::statements::{By, KeptIssued, Statements};

/// A founding, as a unit below needs to know it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Founded<'a> {
    pub(crate) kept: &'a KeptIssued,
    /// Its own outside paths.
    pub(crate) outside: &'a Outside,
    pub(crate) ended: &'a Ended,
}

/// The outside paths through the foundings of one lineage.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Reach {
    /// By foundings that nothing ended.
    plain: Outside,
    /// By those that were ended, but for what was kept: those that keep nothing are not here.
    sparing: Vec<(Ended, Outside)>,
    /// Was any of them ended?
    ended: bool,
}

/// The lineages that the highest open foundings name, and how high those are.
type Highest = Option<(usize, BTreeSet<Hash>)>;

/// How a unit is seen from above.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Recognition {
    pub(crate) candidates: BTreeSet<Hash>,
    pub(crate) followed: Option<Hash>,
    highest: Highest,
    reaches: BTreeMap<Hash, Reach>,
}

impl Recognition {
    /// Without a founding.
    pub(crate) const NONE: Self = Self {
        candidates: BTreeSet::new(),
        followed: None,
        highest: None,
        reaches: BTreeMap::new(),
    };

    /// From all kept foundings with this unit as `below`.
    pub(crate) fn of<'a>(
        unit: &UnitId,
        foundings: impl Iterator<Item = Founded<'a>>,
        statements: &Statements,
        pins: &Pins,
    ) -> Self {
        let mut seen = Self::default();
        let mut plain: BTreeMap<Hash, Vec<&Outside>> = BTreeMap::new();
        for founded in foundings {
            let Some(recognised) = founded.kept.founding() else { continue };
            let reach = seen.reaches.entry(recognised.lineage).or_default();
            let outside = founded.outside;
            if founded.ended.as_last() {
                reach.ended = true;
                if !founded.ended.spares_nothing() {
                    reach.sparing.push((founded.ended.clone(), outside.clone()));
                }
            } else {
                plain.entry(recognised.lineage).or_default().push(outside);
            }
            seen.count(unit, &founded, recognised.lineage, statements);
        }
        for (lineage, all) in plain {
            seen.reaches.entry(lineage).or_default().plain = Outside::any(all.into_iter());
        }
        seen.follow(unit, pins);
        seen
    }

    /// With one more founding, that nothing ended: the same as of all, at the cost of this one.
    /// Returns the lineages whose statements other answers are due; none if nothing changed.
    pub(crate) fn add(
        &mut self,
        unit: &UnitId,
        founded: &Founded<'_>,
        statements: &Statements,
        pins: &Pins,
    ) -> Option<BTreeSet<Hash>> {
        let lineage = founded.kept.founding()?.lineage;
        let (followed, candidates) = (self.followed, self.candidates.len());
        let is_new = !self.reaches.contains_key(&lineage);
        let reach = self.reaches.entry(lineage).or_default();
        let changes = is_new || !reach.plain.covers(founded.outside);
        reach.plain.add(founded.outside);
        let highest = self.count(unit, founded, lineage, statements);
        self.follow(unit, pins);
        if self.followed != followed {
            return Some(self.reaches.keys().copied().collect());
        }
        if changes {
            return Some(BTreeSet::from([lineage]));
        }
        (highest || self.candidates.len() != candidates).then(BTreeSet::new)
    }

    /// Counts an open founding. Returns whether it is one of the highest, and was not.
    fn count(
        &mut self,
        unit: &UnitId,
        founded: &Founded<'_>,
        lineage: Hash,
        statements: &Statements,
    ) -> bool {
        if !founded.is_open(unit, statements) {
            return false;
        }
        self.candidates.insert(lineage);
        let rank = founded.rank();
        match &mut self.highest {
            Some((best, named)) if *best == rank => named.insert(lineage),
            Some((best, _)) if *best < rank => false,
            _ => {
                self.highest = Some((rank, BTreeSet::from([lineage])));
                true
            }
        }
    }

    fn follow(&mut self, unit: &UnitId, pins: &Pins) {
        let pinned = pins.lineage_of(unit).filter(|lineage| self.candidates.contains(lineage));
        let only = self.highest.as_ref().filter(|(_, named)| named.len() == 1);
        self.followed = pinned.or_else(|| only.and_then(|(_, named)| named.first().copied()));
    }

    /// The outside paths of the lineage, as far as this statement is next after the founding; and
    /// what is lacking, if that is plain.
    pub(crate) fn toward(&self, lineage: &Hash, next: &Hash) -> (Outside, Option<Reason>) {
        let Some(reach) = self.reaches.get(lineage) else {
            return (Outside::default(), Some(Reason::NoFounding));
        };
        let spared = reach.sparing.iter().filter(|(ended, _)| !ended.before(next));
        let mut outside = reach.plain.clone();
        spared.for_each(|(_, spared)| outside.add(spared));
        if self.followed != Some(*lineage) {
            let lost = if self.followed.is_none() && self.candidates.is_empty() {
                Reason::NoFounding
            } else {
                Reason::OtherLineage
            };
            return (outside.unfollowed(), Some(lost));
        }
        let ended = !outside.bare && reach.ended;
        (outside, ended.then_some(Reason::Ended))
    }

    /// The lineages whose statements other answers are due after this change.
    pub(crate) fn differing(&self, before: &Self) -> BTreeSet<Hash> {
        let lineages = self.reaches.keys().chain(before.reaches.keys()).copied();
        let differs = |lineage: &Hash| {
            self.reaches.get(lineage) != before.reaches.get(lineage)
                || self.followed != before.followed
        };
        lineages.filter(differs).collect()
    }
}

impl Founded<'_> {
    /// Open: its lineage is a kept charter of the unit, and an outside path of it holds at its
    /// beginning, where (H5) is asked of delegations alone.
    fn is_open(&self, unit: &UnitId, statements: &Statements) -> bool {
        let Some(recognised) = self.kept.founding() else { return false };
        let charter = statements.lineage_generation(&recognised.lineage);
        charter.is_some_and(|kept| kept.passing.is_none() && kept.generation.unit == *unit)
            && !self.ended.as_last()
            && self.outside.open.has(recognised.term.from)
    }

    /// The highest first: root acts, then those of the unit with the fewest codes.
    fn rank(&self) -> usize {
        if self.kept.by == By::Root { 0 } else { self.kept.issued.unit.depth() }
    }
}
