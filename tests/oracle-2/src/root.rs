//! Section 6, root acts: generations of root keys, and what they did together.

use schema_wire::{Hash, NodeKey};

use crate::{Act, Oracle};

/// Root keys that follow each other.
pub(crate) struct Generation {
    pub(crate) name: Hash,
    pub(crate) roots: Vec<NodeKey>,
    threshold: usize,
    /// Which acts of earlier generations stay.
    keeps: Vec<Hash>,
}

impl Oracle {
    /// Is this a root key of the present generation?
    pub fn is_root(&self, key: &NodeKey) -> bool {
        self.generations().last().is_some_and(|present| present.roots.contains(key))
    }

    /// The present root keys, how many act together, and the generation's name.
    pub fn roots(&self) -> (Vec<NodeKey>, usize, Hash) {
        let present = self.generations().pop().expect("the genesis is a generation");
        (present.roots, present.threshold, present.name)
    }

    /// The generation of a name, whether the network ever came to it or not.
    pub(crate) fn generation(&self, name: &Hash) -> Option<Generation> {
        let first = self.first();
        if first.name == *name {
            return Some(first);
        }
        let succession = self.successions().find(|succession| succession.id() == *name)?;
        let value = succession.value();
        Some(Generation {
            name: *name,
            roots: value.roots.clone(),
            threshold: usize::from(value.threshold),
            keeps: value.keeps.clone(),
        })
    }

    /// Does the genesis or any kept succession name this root key?
    pub(crate) fn ever_root(&self, key: &NodeKey) -> bool {
        self.genesis.roots.contains(key)
            || self.successions().any(|succession| succession.value().roots.contains(key))
    }

    /// Is a statement without proof a root act?
    pub(crate) fn root_act(&self, issued: Act<'_>) -> bool {
        let generations = self.generations();
        generations.iter().enumerate().any(|(number, generation)| {
            generation.roots.contains(&issued.issuer)
                && self.signers(&issued.id, &issued.issuer, generation) >= generation.threshold
                && generations[number + 1..].iter().all(|later| later.keeps.contains(&issued.id))
        })
    }

    fn first(&self) -> Generation {
        Generation {
            name: Hash(self.genesis.network().0),
            roots: self.genesis.roots.clone(),
            threshold: usize::from(self.genesis.threshold),
            keeps: Vec::new(),
        }
    }

    /// The generations the network came to, one after the other.
    fn generations(&self) -> Vec<Generation> {
        let mut generations = vec![self.first()];
        while let Some(next) = generations.last().and_then(|present| self.next(present)) {
            generations.push(next);
        }
        generations
    }

    fn next(&self, present: &Generation) -> Option<Generation> {
        let follows = self.successions().filter(|succession| {
            let value = succession.value();
            value.previous == present.name
                && present.roots.contains(&value.issuer)
                && self.signers(&succession.id(), &value.issuer, present) >= present.threshold
        });
        follows.map(|succession| succession.id()).min().and_then(|name| self.generation(&name))
    }

    /// How many roots of a generation signed a statement.
    fn signers(&self, statement: &Hash, issuer: &NodeKey, of: &Generation) -> usize {
        let endorsed = |root: &NodeKey| {
            self.endorsements().any(|endorsement| {
                let value = endorsement.value();
                value.issuer == *root && value.endorses == *statement && value.proof.is_none()
            })
        };
        of.roots.iter().filter(|root| *root == issuer || endorsed(root)).count()
    }
}
