//! Who the root is, through every succession, and when enough of its keys have signed.

use std::collections::BTreeSet;

use schema_wire::{Hash, NodeKey};

use crate::{Authority, Refusal};

/// The root keys of one time.
#[derive(Debug, Clone, Copy)]
struct Generation<'a> {
    id: Hash,
    roots: &'a [NodeKey],
    threshold: usize,
    /// Statements of earlier generations that this one keeps, ascending.
    keeps: &'a [Hash],
}

impl Authority {
    /// From the genesis to the present. Of two successions of one generation, both signed as its
    /// threshold says, the one with the smaller id counts: every node chooses alike.
    fn generations(&self) -> Vec<Generation<'_>> {
        let genesis = self.genesis();
        let mut generations = vec![Generation {
            id: Hash(self.network().0),
            roots: &genesis.roots,
            threshold: usize::from(genesis.threshold),
            keeps: &[],
        }];
        while let Some(last) = generations.last() {
            let next = self.successions.iter().find(|(id, succession)| {
                let value = succession.value();
                value.previous == last.id
                    && last.roots.contains(&value.issuer)
                    && self.signers(last, id, value.issuer) >= last.threshold
            });
            let Some((id, next)) = next else { break };
            let value = next.value();
            generations.push(Generation {
                id: *id,
                roots: &value.roots,
                threshold: usize::from(value.threshold),
                keeps: &value.keeps,
            });
        }
        generations
    }

    /// How many keys of a generation signed a statement.
    fn signers(&self, generation: &Generation<'_>, statement: &Hash, issuer: NodeKey) -> usize {
        let mut keys = BTreeSet::from([issuer]);
        for endorsement in self.endorsements_of(statement) {
            let value = endorsement.value();
            if value.proof.is_none() && generation.roots.contains(&value.issuer) {
                keys.insert(value.issuer);
            }
        }
        keys.len()
    }

    /// Is a statement signed by a root key in force? Enough keys of one generation must have
    /// signed it, and every later generation must have kept it.
    pub fn root_act(&self, statement: &Hash, issuer: NodeKey) -> Result<(), Refusal> {
        let generations = self.generations();
        let mut refusal = Refusal::NotRoot(issuer);
        for (index, generation) in generations.iter().enumerate() {
            if !generation.roots.contains(&issuer) {
                continue;
            }
            let (have, need) = (self.signers(generation, statement, issuer), generation.threshold);
            if have < need {
                refusal = Refusal::QuorumMissing { have, need };
            } else if generations[index + 1..]
                .iter()
                .all(|later| later.keeps.binary_search(statement).is_ok())
            {
                return Ok(());
            } else {
                refusal = Refusal::Lapsed;
            }
        }
        Err(refusal)
    }

    /// Is this one of the root keys of the present?
    pub fn is_root(&self, key: &NodeKey) -> bool {
        self.generations().last().is_some_and(|generation| generation.roots.contains(key))
    }

    /// The present root keys, how many act together, and what their succession must name as the
    /// generation before.
    pub fn roots(&self) -> (Vec<NodeKey>, usize, Hash) {
        let mut generations = self.generations();
        match generations.pop() {
            Some(last) => (last.roots.to_vec(), last.threshold, last.id),
            None => unreachable!("a network has its genesis"),
        }
    }

    /// The successions that count, oldest first.
    pub(crate) fn lineage(&self) -> Vec<Hash> {
        self.generations().into_iter().skip(1).map(|generation| generation.id).collect()
    }

    /// Has this key ever been named as a root key, in a statement known here?
    pub(crate) fn named_root(&self, key: &NodeKey) -> bool {
        self.genesis().roots.contains(key)
            || self.successions.values().any(|s| s.value().roots.contains(key))
    }

    /// May this key succeed the generation of that name?
    pub(crate) fn may_succeed(&self, previous: &Hash, key: NodeKey) -> Result<(), Refusal> {
        let roots = if previous.0 == self.network().0 {
            &self.genesis().roots
        } else {
            let known = self.successions.get(previous);
            &known.ok_or(Refusal::UnknownStatement(*previous))?.value().roots
        };
        if roots.contains(&key) { Ok(()) } else { Err(Refusal::NotRoot(key)) }
    }
}
