//! Random sets of statements, most of which build on each other, and some of which should not.

use rand::RngExt;
use rand::seq::IndexedRandom;
use rand_chacha::ChaCha8Rng;
use schema_wire::{
    Author, Delegation, DocumentId, Genesis, Hash, NetworkId, NodeKey, Revocation, Succession,
    Suspension, UnitId, VerbSet, Verified, VerifiedStatement,
};
use tests_oracle_2::Place;

use crate::universe::{Universe, any_class, any_time};

/// A set in the making.
pub(crate) struct Draw<'a> {
    pub(crate) rng: &'a mut ChaCha8Rng,
    pub(crate) universe: &'a Universe,
    pub(crate) genesis: Genesis,
    pub(crate) said: Vec<VerifiedStatement>,
}

/// In whose name a statement is made.
#[derive(Clone)]
pub(crate) struct Speaker {
    pub(crate) network: NetworkId,
    pub(crate) key: NodeKey,
    pub(crate) unit: UnitId,
    pub(crate) proof: Option<Hash>,
}

impl<'a> Draw<'a> {
    pub(crate) fn new(rng: &'a mut ChaCha8Rng, universe: &'a Universe) -> Self {
        let genesis = universe.genesis(rng);
        Self { rng, universe, genesis, said: Vec::new() }
    }

    /// Draws three to fourteen statements, and now and then loses one that others may name.
    pub(crate) fn fill(&mut self) {
        let wanted = self.rng.random_range(3..=14);
        let root = self.root();
        self.found(root);
        while self.said.len() < wanted {
            self.say();
        }
        if self.rng.random_bool(0.1) {
            let lost = self.rng.random_range(0..self.said.len());
            self.said.remove(lost);
        }
    }

    fn say(&mut self) {
        match self.rng.random_range(0..100) {
            0..16 => {
                let speaker = self.speaker();
                self.found(speaker);
            }
            16..26 => self.share(),
            26..43 => self.clerk(),
            43..51 => self.caretaker(),
            51..59 => self.twin(),
            59..78 => self.revoke(),
            78..85 => self.endorse(),
            85..90 => self.suspend(),
            90..94 => self.adopt(),
            _ => self.succeed(),
        }
    }

    /// Adds a statement once. What root keys say, mostly as many of them sign as must.
    pub(crate) fn push(&mut self, statement: VerifiedStatement, by_root: bool) {
        let id = statement.id();
        if self.said.iter().any(|said| said.id() == id) {
            return;
        }
        self.said.push(statement);
        if by_root && self.genesis.threshold > 1 && self.rng.random_bool(0.75) {
            let seconder = self.root();
            self.second(seconder, id);
        }
    }

    /// A root key, of whatever generation.
    pub(crate) fn root(&mut self) -> Speaker {
        let mut roots = self.genesis.roots.clone();
        for succession in self.successions() {
            roots.extend(&succession.value().roots);
        }
        let key = *roots.choose(self.rng).expect("a network has roots");
        Speaker { network: self.genesis.network(), key, unit: self.universe.city(), proof: None }
    }

    /// Mostly whoever holds a delegation that governs; rarely whoever holds any.
    pub(crate) fn speaker(&mut self) -> Speaker {
        let any = self.rng.random_bool(0.05);
        let held: Vec<Speaker> =
            self.grants().filter(|it| any || governs(it.value())).map(holder).collect();
        match held.choose(self.rng) {
            Some(holder) if self.rng.random_bool(0.75) => holder.clone(),
            _ => self.root(),
        }
    }

    /// The same, or rarely one that lies about itself.
    pub(crate) fn spoilt(&mut self, mut speaker: Speaker) -> Speaker {
        if self.rng.random_bool(0.93) {
            return speaker;
        }
        match self.rng.random_range(0..6) {
            0 => speaker.network = NetworkId([7; 32]),
            1 | 2 => speaker.key = self.universe.any_key(self.rng),
            3 => speaker.unit = self.universe.any_unit(self.rng),
            4 => speaker.proof = None,
            _ => speaker.proof = self.said.choose(self.rng).map(VerifiedStatement::id),
        }
        speaker
    }

    /// A place that the holder of this delegation might write; rarely another.
    pub(crate) fn place(&mut self, under: &Delegation) -> Place {
        let mut owner = under.unit.clone();
        let mut key = under.subject;
        match self.rng.random_range(0..40) {
            0 => owner = self.universe.any_unit(self.rng),
            1 => key = self.universe.any_key(self.rng),
            _ => {}
        }
        let document = DocumentId::new(owner, any_class(self.rng), "a").expect("a document id");
        let author = Author { key, incarnation: u32::from(self.rng.random_bool(0.1)) };
        Place { document, author, seq: self.rng.random_range(1..=3), at_ms: any_time(self.rng) }
    }
}

/// What was said of one kind.
macro_rules! of_kind {
    ($($name:ident: $kind:ident),*) => {
        impl Draw<'_> {
            $(pub(crate) fn $name(&self) -> impl Iterator<Item = &Verified<$kind>> {
                self.said.iter().filter_map(|said| match said {
                    VerifiedStatement::$kind(found) => Some(found),
                    _ => None,
                })
            })*
        }
    };
}
of_kind!(
    grants: Delegation,
    revocations: Revocation,
    suspensions: Suspension,
    successions: Succession
);

/// The subject of a delegation, speaking under it.
pub(crate) fn holder(under: &Verified<Delegation>) -> Speaker {
    let value = under.value();
    Speaker {
        network: value.network,
        key: value.subject,
        unit: value.unit.clone(),
        proof: Some(under.id()),
    }
}

pub(crate) fn governs(delegation: &Delegation) -> bool {
    delegation.verbs.covers(VerbSet::GOVERN)
}
