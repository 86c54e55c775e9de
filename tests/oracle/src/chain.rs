//! Section 4: generations, which is complete, which is followed, and the chains.

use crate::case::{Record, Statement};
use crate::held::Held;
use crate::kept::RootGeneration;
use crate::names::commitment;

impl<'a> Held<'a> {
    /// The kept successions or rotations that name the generation as `previous`.
    fn successors(&self, generation: &'a str) -> impl Iterator<Item = &'a Statement> {
        self.kept().filter(move |statement| {
            matches!(&statement.record,
                Record::Succession { previous, .. } | Record::Rotation { previous, .. }
                    if previous == generation)
        })
    }

    pub(crate) fn complete_successors(&self, generation: &'a str) -> Vec<&'a Statement> {
        self.successors(generation).filter(|successor| self.is_complete(successor)).collect()
    }

    /// "A rotation is complete once it is kept"; a succession when enough keys were revealed.
    fn is_complete(&self, successor: &'a Statement) -> bool {
        let Record::Succession { previous, reveal, roots, next, .. } = &successor.record else {
            return true;
        };
        let Some(previous) = self.root_generation(previous) else {
            return false;
        };
        let mut revealed: Vec<&String> = self
            .endorsers(&successor.id)
            .chain([reveal])
            .filter(|key| !roots.contains(key) && !next.contains(&commitment(key)))
            .collect();
        revealed.sort();
        revealed.dedup();
        revealed.len() >= usize::from(previous.next_threshold)
    }

    /// The issuers of kept endorsements of a statement.
    fn endorsers(&self, id: &'a str) -> impl Iterator<Item = &'a String> {
        self.kept().filter_map(move |statement| match &statement.record {
            Record::Endorsement { issuer, endorses, .. } if endorses == id => Some(issuer),
            _ => None,
        })
    }

    /// (H3): how many roots of its generation signed a root act.
    pub(crate) fn root_signatures(
        &self,
        act: &'a Statement,
        generation: &RootGeneration<'a>,
    ) -> usize {
        let issuer = act.issued().map(|issued| issued.issuer);
        generation
            .roots
            .iter()
            .filter(|root| {
                issuer == Some(root.as_str()) || self.endorsers(&act.id).any(|key| key == *root)
            })
            .count()
    }

    /// "Following": the generation that the node follows after this one.
    fn followed_after(&self, generation: &'a str) -> Option<&'a str> {
        let complete = self.complete_successors(generation);
        match (self.case.pins.generations.get(generation), complete.as_slice()) {
            (Some(pin), _) => complete.iter().find(|one| one.id == *pin).map(|one| one.id.as_str()),
            (None, [only]) => Some(&only.id),
            (None, _) => None,
        }
    }

    /// The complete successors that all must spare, where there are several and no pin: the
    /// chain is undecided there.
    pub(crate) fn undecided_after(&self, generation: &'a str) -> Vec<&'a Statement> {
        let complete = self.complete_successors(generation);
        let pinned = self.case.pins.generations.contains_key(generation);
        if complete.len() > 1 && !pinned { complete } else { Vec::new() }
    }

    /// The chain that begins with this generation.
    ///
    /// Each was kept before its successor, so no generation comes twice; the bound is for show.
    pub(crate) fn chain(&self, first: &'a str) -> Vec<&'a str> {
        let mut chain = vec![first];
        let mut last = first;
        while let Some(next) = self.followed_after(last)
            && !chain.contains(&next)
        {
            chain.push(next);
            last = next;
        }
        chain
    }

    pub(crate) fn root_chain(&self) -> Vec<&'a str> {
        self.chain(&self.case.genesis.id)
    }

    /// The lineages of all kept charters.
    pub(crate) fn charters(&self) -> impl Iterator<Item = &'a str> {
        self.kept()
            .filter(|statement| matches!(statement.record, Record::Charter { .. }))
            .map(|charter| charter.id.as_str())
    }

    /// "A complete successor of a generation in the chain that is not in the chain itself."
    pub(crate) fn rivals(&self) -> Vec<String> {
        let mut rivals = Vec::new();
        for first in self.charters().chain([self.case.genesis.id.as_str()]) {
            let chain = self.chain(first);
            for generation in &chain {
                let complete = self.complete_successors(generation);
                let outside = complete.iter().filter(|one| !chain.contains(&one.id.as_str()));
                rivals.extend(outside.map(|rival| rival.id.clone()));
            }
        }
        rivals.sort();
        rivals.dedup();
        rivals
    }
}
