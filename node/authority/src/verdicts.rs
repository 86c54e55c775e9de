//! Every verdict on statements, kept current: what changes is settled when a statement comes, so
//! that a question is a look-up.
//!
//! ```text
//!   the root's chain ─> root acts ─┐
//!                                  v
//!            recognition of a unit (its foundings, from above)
//!                                  v
//!   a lineage's chain ──> (a) by its key ──> (b) by its deputies ──> (d) addresses
//!                            endings ──> what they end, here and below
//!                            foundings ──> recognition of the units below
//! ```
//!
//! Arrows go from a smaller rank to a greater one only, so each verdict is settled once for each
//! change, and what does not change stops there.

use std::collections::{BTreeMap, BTreeSet};

use schema_wire::{Hash, UnitId};

use crate::chain::Chain;
use crate::ended::{Ended, Side};
use crate::fact::{Act, Ends};
use crate::looked::note;
use crate::pins::Pins;
use crate::recognition::{Founded, Recognition};
use crate::statements::{By, KeptIssued, Statements};
use crate::validity::Validity;

/// A verdict to be settled.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Work {
    /// The root's chain.
    Root,
    /// The chain of a lineage.
    Chain(Hash),
    /// How a unit is seen from above.
    Recognition(UnitId),
    /// The same, by a founding that is new.
    Founding(Hash),
    /// How the paths to a statement stand.
    Validity(Hash),
    /// What the endings of a statement spare.
    Ended(Hash),
}

/// What became different.
#[derive(Debug, Default)]
pub(crate) struct Settled {
    /// Statements with other answers.
    pub(crate) statements: BTreeSet<Hash>,
    /// Units that are seen differently, or in whose lineages another generation is followed.
    pub(crate) units: BTreeSet<UnitId>,
    /// Lineages with other chains.
    pub(crate) lineages: BTreeSet<Hash>,
    /// Verdicts that were looked at.
    pub(crate) steps: usize,
}

/// All verdicts on the kept statements.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Verdicts {
    pub(crate) root: Chain,
    pub(crate) chains: BTreeMap<Hash, Chain>,
    pub(crate) validities: BTreeMap<Hash, Validity>,
    /// Of what has effective endings.
    pub(crate) ended: BTreeMap<Hash, Ended>,
    /// Of units that have foundings.
    pub(crate) recognitions: BTreeMap<UnitId, Recognition>,
}

static NOT_ENDED: Ended = Ended::NONE;
static UNRECOGNISED: Recognition = Recognition::NONE;

impl Verdicts {
    pub(crate) fn new(statements: &Statements, pins: &Pins) -> Self {
        Self {
            root: Chain::of(statements.network, statements, pins),
            chains: BTreeMap::new(),
            validities: BTreeMap::new(),
            ended: BTreeMap::new(),
            recognitions: BTreeMap::new(),
        }
    }

    /// None of what is no issued statement.
    pub(crate) fn validity(&self, id: &Hash) -> Option<&Validity> {
        note();
        self.validities.get(id)
    }

    pub(crate) fn ended(&self, id: &Hash) -> &Ended {
        self.ended.get(id).unwrap_or(&NOT_ENDED)
    }

    pub(crate) fn recognition(&self, unit: &UnitId) -> &Recognition {
        self.recognitions.get(unit).unwrap_or(&UNRECOGNISED)
    }

    /// How the paths to a statement stand, by what was settled before.
    pub(crate) fn validity_of(
        &self,
        id: Hash,
        kept: &KeptIssued,
        statements: &Statements,
    ) -> Option<Validity> {
        let (proof, act) = (&kept.issued.proof, &kept.issued.act);
        match kept.by {
            By::Root => {
                let spared = self.root.spares(proof, &id, statements);
                Some(Validity::by_root(id, act, spared, statements.is_signed(&id)))
            }
            By::Key(lineage) => {
                let spared = self.chains.get(&lineage)?.spares(proof, &id, statements);
                let recognition = self.recognition(&kept.issued.unit);
                Some(Validity::by_key(id, act, spared, recognition, &lineage))
            }
            By::Deputy(_) | By::Member(_) => {
                let (above, ended) = (self.validity(proof)?, self.ended(proof));
                Some(Validity::under(above, ended, &id, act))
            }
        }
    }
}

/// One change that is being settled.
#[derive(Debug)]
pub(crate) struct Settling<'a> {
    pub(crate) statements: &'a Statements,
    pub(crate) pins: &'a Pins,
    pub(crate) verdicts: &'a mut Verdicts,
    queue: BTreeSet<(usize, Work)>,
    settled: Settled,
}

/// Ranks of one tier of units.
const RANKS: usize = 10;

impl<'a> Settling<'a> {
    pub(crate) fn new(
        statements: &'a Statements,
        pins: &'a Pins,
        verdicts: &'a mut Verdicts,
    ) -> Self {
        let (queue, settled) = (BTreeSet::new(), Settled::default());
        Self { statements, pins, verdicts, queue, settled }
    }

    /// Marks a verdict as one that may have changed.
    pub(crate) fn touch(&mut self, work: Work) {
        if let Some(rank) = self.rank(&work) {
            self.queue.insert((rank, work));
        }
    }

    /// Settles everything that was touched, and what follows from it.
    pub(crate) fn settle(mut self) -> Settled {
        while let Some((_, work)) = self.queue.pop_first() {
            self.settled.steps += 1;
            match work {
                Work::Root => self.settle_root(),
                Work::Chain(lineage) => self.settle_chain(lineage),
                Work::Recognition(unit) => self.settle_recognition(unit),
                Work::Founding(id) => self.settle_founding(&id),
                Work::Validity(id) => self.settle_validity(id),
                Work::Ended(id) => self.settle_ended(id),
            }
        }
        self.settled
    }

    /// Where a verdict stands in the order; none of what is not there to be judged.
    fn rank(&self, work: &Work) -> Option<usize> {
        let rank = match work {
            Work::Root => 0,
            Work::Recognition(unit) => unit.depth() * RANKS,
            Work::Founding(id) => self.statements.issued(id)?.founding()?.below.depth() * RANKS,
            Work::Chain(lineage) => self.statements.unit_of(lineage)?.depth() * RANKS,
            Work::Validity(id) => self.statements.issued(id)?.rank(),
            Work::Ended(id) => self.statements.issued(id)?.rank() + 1,
        };
        Some(rank)
    }

    fn settle_root(&mut self) {
        let chain = Chain::of(self.statements.network, self.statements, self.pins);
        let same = chain.has_course_of(&self.verdicts.root);
        self.verdicts.root = chain;
        if !same {
            for act in &self.statements.root_acts {
                self.touch(Work::Validity(*act));
            }
        }
    }

    fn settle_chain(&mut self, lineage: Hash) {
        let chain = Chain::of(lineage, self.statements, self.pins);
        let before = self.verdicts.chains.insert(lineage, chain);
        let now = &self.verdicts.chains[&lineage];
        if before.is_some_and(|before| before.has_course_of(now)) {
            return;
        }
        self.settled.lineages.insert(lineage);
        self.settled.units.extend(self.statements.unit_of(&lineage).cloned());
        for id in self.statements.of_lineage.of(&lineage) {
            self.touch(Work::Validity(id));
        }
    }

    fn settle_recognition(&mut self, unit: UnitId) {
        let (statements, verdicts) = (self.statements, &*self.verdicts);
        let foundings = statements.foundings.of(&unit).filter_map(|id| {
            let (kept, validity) = (statements.issued(&id)?, verdicts.validity(&id)?);
            Some(Founded { kept, outside: &validity.outside, ended: verdicts.ended(&id) })
        });
        let now = Recognition::of(&unit, foundings, statements, self.pins);
        let before = self.verdicts.recognition(&unit);
        if now == *before {
            return;
        }
        for lineage in now.differing(before) {
            for id in statements.of_lineage.of(&lineage) {
                self.touch(Work::Validity(id));
            }
        }
        self.verdicts.recognitions.insert(unit.clone(), now);
        self.settled.units.insert(unit);
    }

    /// A founding that nobody counted yet, and that nothing ended, is added to the others.
    fn settle_founding(&mut self, id: &Hash) {
        let Some(kept) = self.statements.issued(id) else { return };
        let Some(unit) = kept.founding().map(|recognised| recognised.below.clone()) else { return };
        if self.verdicts.ended(id).as_last() {
            return self.settle_recognition(unit);
        }
        let Verdicts { validities, recognitions, .. } = &mut *self.verdicts;
        let Some(validity) = validities.get(id) else { return };
        let founded = Founded { kept, outside: &validity.outside, ended: &NOT_ENDED };
        let seen = recognitions.entry(unit.clone()).or_default();
        let Some(lineages) = seen.add(&unit, &founded, self.statements, self.pins) else { return };
        for id in lineages.iter().flat_map(|lineage| self.statements.of_lineage.of(lineage)) {
            self.touch(Work::Validity(id));
        }
        self.settled.units.insert(unit);
    }

    fn settle_validity(&mut self, id: Hash) {
        let Some(kept) = self.statements.issued(&id) else { return };
        let Some(now) = self.verdicts.validity_of(id, kept, self.statements) else { return };
        let before = self.verdicts.validities.get(&id);
        if before == Some(&now) {
            return;
        }
        let before = self.verdicts.validities.insert(id, now);
        self.settled.statements.insert(id);
        match &kept.issued.act {
            Act::Delegation(_) => self.touch_resting(&id),
            Act::Founding(_) if before.is_none() => self.touch(Work::Founding(id)),
            Act::Founding(recognised) => {
                self.touch(Work::Recognition(recognised.below.clone()));
            }
            Act::Ending(ends) => self.touch_ended(&id, ends, before.as_ref()),
            Act::Suspension { below, .. } | Act::Dissolution { below, .. } => {
                self.settled.units.insert(below.clone());
            }
            Act::Card { .. } => drop(self.settled.units.insert(kept.issued.unit.clone())),
            Act::Adoption { .. } | Act::Address { .. } => {}
        }
    }

    fn settle_ended(&mut self, id: Hash) {
        let Some(side) = self.side(&id) else { return };
        let endings = self.statements.enders.of(&id).filter_map(|ending| {
            let ends = self.statements.issued(&ending)?.ending()?;
            self.verdicts.validity(&ending)?.stands(side, ends.at).then_some(ends)
        });
        let now = Ended::of(endings);
        if now == *self.verdicts.ended(&id) {
            return;
        }
        if now == NOT_ENDED {
            self.verdicts.ended.remove(&id);
        } else {
            self.verdicts.ended.insert(id, now);
        }
        self.settled.statements.insert(id);
        self.touch_resting(&id);
        let acts = self.statements.issued(&id).and_then(|kept| kept.issued.act.below());
        if let Some(below) = acts {
            self.settled.units.insert(below.clone());
            self.touch(Work::Recognition(below.clone()));
        }
    }

    /// An ending whose paths stand differently: if it became effective or ceased to be.
    fn touch_ended(&mut self, id: &Hash, ends: &Ends, before: Option<&Validity>) {
        let Some(side) = self.side(&ends.ends) else { return };
        let stands = |validity: &Validity| validity.stands(side, ends.at);
        let now = self.verdicts.validity(id).is_some_and(stands);
        let was = before.is_some_and(stands);
        let changes = was || self.verdicts.ended(&ends.ends).is_changed_by(ends);
        if was != now && changes && self.statements.may_end(id, &ends.ends) {
            self.touch(Work::Ended(ends.ends));
        }
    }

    fn touch_resting(&mut self, proof: &Hash) {
        for id in self.statements.resting.of(proof) {
            self.touch(Work::Validity(id));
        }
    }

    fn side(&self, id: &Hash) -> Option<Side> {
        self.statements.issued(id)?.issued.act.side()
    }
}

impl KeptIssued {
    /// Root acts first; then tier by tier, those by a generation's key before those that rest on
    /// them. What ends a statement has no greater rank than it.
    fn rank(&self) -> usize {
        let tier = self.issued.unit.depth() * RANKS;
        match self.by {
            By::Root => 2,
            By::Key(_) => tier + 2,
            By::Deputy(_) => tier + 4,
            By::Member(_) => tier + 6,
        }
    }
}
