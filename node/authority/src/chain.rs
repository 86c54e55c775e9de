//! Generations: which are complete, which are followed, which are rivals (section 4).

use std::collections::{BTreeMap, BTreeSet};

use schema_wire::{Hash, NodeKey};

use crate::pins::Pins;
use crate::refusal::Reason;
use crate::statements::Statements;

/// The generations of the root, or of one lineage, as this node follows them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Chain {
    /// From the first to the present one. Never empty.
    generations: Vec<Hash>,
    positions: BTreeMap<Hash, usize>,
    /// The complete successors of the last one, if there are several and no pin.
    undecided: BTreeSet<Hash>,
    /// Complete successors of a generation in the chain that are not in it.
    rivals: BTreeSet<Hash>,
}

impl Chain {
    /// Follows from the first generation as far as it goes.
    pub(crate) fn of(first: Hash, statements: &Statements, pins: &Pins) -> Self {
        let mut chain = Self {
            generations: vec![first],
            positions: BTreeMap::from([(first, 0)]),
            undecided: BTreeSet::new(),
            rivals: BTreeSet::new(),
        };
        let mut last = first;
        loop {
            let complete: BTreeSet<Hash> = statements.complete_successors(&last).collect();
            let followed = match pins.successor_of(&last) {
                Some(pinned) => complete.get(&pinned).copied(),
                None if complete.len() == 1 => complete.first().copied(),
                None => {
                    chain.undecided.clone_from(&complete);
                    None
                }
            };
            chain.rivals.extend(complete.into_iter().filter(|next| Some(*next) != followed));
            let Some(next) = followed else { return chain };
            chain.positions.insert(next, chain.generations.len());
            chain.generations.push(next);
            last = next;
        }
    }

    /// The present generation.
    pub(crate) fn present(&self) -> Hash {
        *self.generations.last().expect("a chain has its first generation")
    }

    /// How many generations come before this one.
    pub(crate) fn position(&self, generation: &Hash) -> Option<usize> {
        self.positions.get(generation).copied()
    }

    /// Does a path hold by both or by neither?
    pub(crate) fn has_course_of(&self, other: &Self) -> bool {
        self.generations == other.generations && self.undecided == other.undecided
    }

    /// Each generation with the one that is followed after it.
    pub(crate) fn steps(&self) -> impl Iterator<Item = (Hash, Hash)> {
        let after = self.generations.iter().skip(1);
        self.generations.iter().zip(after).map(|(one, next)| (*one, *next))
    }

    pub(crate) fn rivals(&self) -> impl Iterator<Item = Hash> {
        self.rivals.iter().copied()
    }

    /// The generations that do not spare the path with this statement next after one of them: later
    /// ones, and all that are followed if that one is not.
    pub(crate) fn passing_over(
        &self,
        generation: &Hash,
        next: &Hash,
        statements: &Statements,
    ) -> impl Iterator<Item = Hash> {
        let from = self.position(generation).map_or(1, |position| position + 1);
        let later = self.generations.iter().skip(from).chain(&self.undecided);
        later.filter(|later| statements.keeps(later).binary_search(next).is_err()).copied()
    }

    /// (H1) and (H2): is the generation in the chain, and does every later one spare the path
    /// with this statement next after it?
    pub(crate) fn spares(
        &self,
        generation: &Hash,
        next: &Hash,
        statements: &Statements,
    ) -> Result<(), Reason> {
        let keep = |later: &Hash| statements.keeps(later).binary_search(next).is_ok();
        let position = self.position(generation).ok_or(Reason::Rival)?;
        if !self.generations[position + 1..].iter().all(keep) {
            return Err(Reason::GenerationPassed);
        }
        if !self.undecided.iter().all(keep) {
            return Err(Reason::Rival);
        }
        Ok(())
    }
}

impl Statements {
    /// The complete ones of a generation's successors.
    fn complete_successors(&self, generation: &Hash) -> impl Iterator<Item = Hash> {
        self.successors.of(generation).filter(|successor| self.is_complete(successor))
    }

    /// A rotation is complete. A succession needs as many revealed keys as were agreed on.
    fn is_complete(&self, successor: &Hash) -> bool {
        let Some(succession) = self.root_generation(successor) else { return true };
        let Some(passing) = &succession.passing else { return true };
        let Some(before) = self.root_generation(&passing.previous) else { return false };
        let counts = |key: &NodeKey| {
            !succession.keys.roots.contains(key)
                && !succession.keys.next.contains(&key.commitment())
        };
        let endorsers = self.endorsers.of(successor).filter_map(|id| self.endorsement(&id));
        let revealed: BTreeSet<NodeKey> = endorsers
            .map(|endorsement| endorsement.issuer)
            .chain([passing.reveal])
            .filter(counts)
            .collect();
        revealed.len() >= usize::from(before.keys.next_threshold)
    }

    /// (H3): has a root act as many signatures as its generation asks for?
    pub(crate) fn is_signed(&self, act: &Hash) -> bool {
        let Some(kept) = self.issued(act) else { return false };
        let Some(generation) = self.root_generation(&kept.issued.proof) else { return false };
        let endorsers = self.endorsers.of(act).filter_map(|id| self.endorsement(&id));
        let signers: BTreeSet<NodeKey> =
            endorsers.map(|endorsement| endorsement.issuer).chain([kept.issued.issuer]).collect();
        signers.len() >= usize::from(generation.keys.threshold)
    }
}
