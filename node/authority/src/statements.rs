//! The statements that are kept, and the indices by which each question finds what it needs.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use schema_wire::{Author, DocumentId, Genesis, Hash, Ms, NodeKey, Scope, UnitId};

use crate::fact::{
    Act, Endorsement, Ends, Fact, Generation, Grant, Issued, Passing, Recognised, RootKeys,
};
use crate::looked::note;

/// A generation of a unit's lineage.
#[derive(Debug, Clone)]
pub(crate) struct LineageGeneration {
    pub(crate) generation: Generation,
    /// What it passes on; a charter passes nothing on.
    pub(crate) passing: Option<Passing>,
    pub(crate) lineage: Hash,
}

/// A generation of the root.
#[derive(Debug, Clone)]
pub(crate) struct RootGeneration {
    pub(crate) keys: RootKeys,
    /// What it passes on; the genesis passes nothing on.
    pub(crate) passing: Option<Passing>,
}

/// By which letter of rule 7 an issued statement is kept; with its lineage, if it has one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum By {
    /// (a): the generation's key.
    Key(Hash),
    /// (b): a delegation with GOVERN.
    Deputy(Hash),
    /// (c): a root.
    Root,
    /// (d): a delegation, of an address.
    Member(Hash),
}

impl By {
    pub(crate) fn lineage(self) -> Option<Hash> {
        match self {
            Self::Key(lineage) | Self::Deputy(lineage) | Self::Member(lineage) => Some(lineage),
            Self::Root => None,
        }
    }
}

/// An issued statement that is kept.
#[derive(Debug, Clone)]
pub(crate) struct KeptIssued {
    pub(crate) issued: Issued,
    pub(crate) by: By,
}

impl KeptIssued {
    pub(crate) fn grant(&self) -> Option<&Grant> {
        if let Act::Delegation(grant) = &self.issued.act { Some(grant) } else { None }
    }

    pub(crate) fn founding(&self) -> Option<&Recognised> {
        if let Act::Founding(recognised) = &self.issued.act { Some(recognised) } else { None }
    }

    pub(crate) fn ending(&self) -> Option<&Ends> {
        if let Act::Ending(ends) = &self.issued.act { Some(ends) } else { None }
    }
}

/// A statement on its way into the kept ones.
#[derive(Debug, Clone)]
pub(crate) enum Kept {
    Lineage(LineageGeneration),
    Root(RootGeneration),
    Endorsement(Endorsement),
    Issued(KeptIssued),
}

type Ids = BTreeSet<Hash>;

/// Sets of ids by a key; a key without ids is not there.
#[derive(Debug, Clone)]
pub(crate) struct Index<K>(BTreeMap<K, Ids>);

impl<K> Default for Index<K> {
    fn default() -> Self {
        Self(BTreeMap::new())
    }
}

impl<K: Ord> Index<K> {
    fn add(&mut self, key: K, id: Hash) {
        self.0.entry(key).or_default().insert(id);
    }

    fn remove(&mut self, key: &K, id: &Hash) {
        if let Some(ids) = self.0.get_mut(key) {
            ids.remove(id);
            if ids.is_empty() {
                self.0.remove(key);
            }
        }
    }

    pub(crate) fn of(&self, key: &K) -> impl Iterator<Item = Hash> + Clone {
        self.0.get(key).into_iter().flatten().copied()
    }

    pub(crate) fn keys(&self) -> impl Iterator<Item = &K> {
        self.0.keys()
    }
}

impl Index<UnitId> {
    /// Those of the keys that a unit contains.
    pub(crate) fn keys_within(&self, unit: &UnitId) -> impl Iterator<Item = &UnitId> {
        let begins = |key: &&UnitId| key.as_str().starts_with(unit.as_str());
        self.0.range(unit..).map(|(key, _)| key).take_while(begins).filter(|key| unit.contains(key))
    }
}

/// Of one node under one grant: the newest first, of several the smallest id.
type Addresses = BTreeSet<(Reverse<Ms>, Hash)>;

/// Everything kept. The genesis is among the root generations, under the network's id.
#[derive(Debug, Clone)]
pub(crate) struct Statements {
    pub(crate) city: UnitId,
    pub(crate) network: Hash,
    lineages: BTreeMap<Hash, LineageGeneration>,
    roots: BTreeMap<Hash, RootGeneration>,
    endorsements: BTreeMap<Hash, Endorsement>,
    issued: BTreeMap<Hash, KeptIssued>,
    /// Rotations and successions, by what they follow.
    pub(crate) successors: Index<Hash>,
    /// Issued statements, by what they name as proof.
    pub(crate) resting: Index<Hash>,
    /// Endorsements, by what they endorse.
    pub(crate) endorsers: Index<Hash>,
    /// Endorsements, by the root generation they are made for.
    pub(crate) endorsing: Index<Hash>,
    /// Endings, by what they name; it need not be kept.
    pub(crate) naming: Index<Hash>,
    /// Endings, by the kept statement that they may end if they stand.
    pub(crate) enders: Index<Hash>,
    /// Foundings, by the unit they recognise.
    pub(crate) foundings: Index<UnitId>,
    /// Foundings, by the charter and unit they name.
    pub(crate) recognising: Index<(Hash, UnitId)>,
    /// Issued statements but root acts, by lineage.
    pub(crate) of_lineage: Index<Hash>,
    /// Charters, by unit.
    pub(crate) charters: Index<UnitId>,
    pub(crate) root_acts: Ids,
    /// Delegations, by whom they take into a unit, and into which.
    subjects: BTreeMap<NodeKey, Index<UnitId>>,
    /// How many generations of a lineage are kept.
    generations: BTreeMap<Hash, usize>,
    /// Suspensions and dissolutions, by the unit below.
    pub(crate) suspensions: Index<UnitId>,
    pub(crate) dissolutions: Index<UnitId>,
    /// Cards, by lineage.
    pub(crate) cards: Index<Hash>,
    /// By issuer and proof.
    addresses: BTreeMap<(NodeKey, Hash), Addresses>,
    /// Adoptions, by the scope that they lie in.
    pub(crate) adoptions: Index<Scope>,
    /// Adoptions, by the logs that they mark.
    marks: BTreeMap<(DocumentId, Author), Ids>,
}

impl Statements {
    pub(crate) fn new(genesis: &Genesis) -> Self {
        let network = genesis.network().as_hash();
        let keys = RootKeys {
            roots: (*genesis.roots).into(),
            threshold: genesis.threshold,
            next: (*genesis.next).into(),
            next_threshold: genesis.next_threshold,
        };
        Self {
            city: genesis.unit.clone(),
            network,
            lineages: BTreeMap::new(),
            roots: BTreeMap::from([(network, RootGeneration { keys, passing: None })]),
            endorsements: BTreeMap::new(),
            issued: BTreeMap::new(),
            successors: Index::default(),
            resting: Index::default(),
            endorsers: Index::default(),
            endorsing: Index::default(),
            naming: Index::default(),
            enders: Index::default(),
            foundings: Index::default(),
            recognising: Index::default(),
            of_lineage: Index::default(),
            charters: Index::default(),
            root_acts: BTreeSet::new(),
            subjects: BTreeMap::new(),
            generations: BTreeMap::new(),
            suspensions: Index::default(),
            dissolutions: Index::default(),
            cards: Index::default(),
            addresses: BTreeMap::new(),
            adoptions: Index::default(),
            marks: BTreeMap::new(),
        }
    }

    pub(crate) fn lineage_generation(&self, id: &Hash) -> Option<&LineageGeneration> {
        note();
        self.lineages.get(id)
    }

    /// The genesis, or a kept succession.
    pub(crate) fn root_generation(&self, id: &Hash) -> Option<&RootGeneration> {
        note();
        self.roots.get(id)
    }

    pub(crate) fn endorsement(&self, id: &Hash) -> Option<&Endorsement> {
        note();
        self.endorsements.get(id)
    }

    pub(crate) fn issued(&self, id: &Hash) -> Option<&KeptIssued> {
        note();
        self.issued.get(id)
    }

    pub(crate) fn is_kept(&self, id: &Hash) -> bool {
        self.issued.contains_key(id)
            || self.lineages.contains_key(id)
            || self.endorsements.contains_key(id)
            || (*id != self.network && self.roots.contains_key(id))
    }

    /// The ids of everything kept.
    pub(crate) fn ids(&self) -> impl Iterator<Item = Hash> {
        let roots = self.roots.keys().filter(|id| **id != self.network);
        let others = self.lineages.keys().chain(self.endorsements.keys());
        others.chain(self.issued.keys()).chain(roots).copied()
    }

    /// The kept successions.
    pub(crate) fn successions(&self) -> impl Iterator<Item = Hash> {
        self.roots.keys().filter(|id| **id != self.network).copied()
    }

    /// A kept statement.
    pub(crate) fn kept(&self, id: &Hash) -> Option<Kept> {
        let lineage = || self.lineages.get(id).cloned().map(Kept::Lineage);
        let root = || self.roots.get(id).cloned().map(Kept::Root);
        let endorsement = || self.endorsements.get(id).cloned().map(Kept::Endorsement);
        let issued = self.issued.get(id).cloned().map(Kept::Issued);
        issued.or_else(lineage).or_else(root).or_else(endorsement)
    }

    /// A kept statement, as it came.
    pub(crate) fn fact(&self, id: &Hash) -> Option<Fact> {
        match self.kept(id)? {
            Kept::Lineage(kept) => Some(match kept.passing {
                Some(passing) => Fact::Rotation(kept.generation, passing),
                None => Fact::Charter(kept.generation),
            }),
            Kept::Root(kept) => Some(Fact::Succession(kept.keys, kept.passing?)),
            Kept::Endorsement(endorsement) => Some(Fact::Endorsement(endorsement)),
            Kept::Issued(kept) => Some(Fact::Issued(kept.issued)),
        }
    }

    /// Everything kept, as it came.
    pub(crate) fn facts(&self) -> Vec<(Hash, Fact)> {
        let lineages = self.lineages.iter().map(|(id, kept)| {
            let generation = kept.generation.clone();
            let fact = match kept.passing.clone() {
                Some(passing) => Fact::Rotation(generation, passing),
                None => Fact::Charter(generation),
            };
            (*id, fact)
        });
        let roots = self.roots.iter().filter_map(|(id, kept)| {
            Some((*id, Fact::Succession(kept.keys.clone(), kept.passing.clone()?)))
        });
        let endorsements = self.endorsements.iter();
        let endorsements = endorsements.map(|(id, kept)| (*id, Fact::Endorsement(kept.clone())));
        let issued = self.issued.iter().map(|(id, kept)| (*id, Fact::Issued(kept.issued.clone())));
        lineages.chain(roots).chain(endorsements).chain(issued).collect()
    }

    /// The unit of a kept statement; successions and endorsements have none.
    pub(crate) fn unit_of(&self, id: &Hash) -> Option<&UnitId> {
        let of_issued = || self.issued.get(id).map(|kept| &kept.issued.unit);
        self.lineages.get(id).map(|kept| &kept.generation.unit).or_else(of_issued)
    }

    /// What a later generation keeps of those before.
    pub(crate) fn keeps(&self, generation: &Hash) -> &[Hash] {
        let of_root = || self.roots.get(generation)?.passing.as_ref();
        let of_lineage = || self.lineages.get(generation)?.passing.as_ref();
        of_lineage().or_else(of_root).map_or(&[], |passing| &passing.keeps)
    }

    /// Of the addresses that one node gave under one grant: the one that is shown.
    pub(crate) fn newest_address(&self, issuer: NodeKey, proof: Hash) -> Option<Hash> {
        self.addresses.get(&(issuer, proof)).and_then(|all| all.first()).map(|(_, id)| *id)
    }

    /// All addresses of one node under one grant.
    pub(crate) fn addresses(&self, issuer: NodeKey, proof: Hash) -> impl Iterator<Item = Hash> {
        self.addresses.get(&(issuer, proof)).into_iter().flatten().map(|(_, id)| *id)
    }

    /// The delegations that take a node into any unit.
    pub(crate) fn delegations_to(&self, node: &NodeKey) -> impl Iterator<Item = Hash> {
        self.subjects.get(node).into_iter().flat_map(|units| units.0.values()).flatten().copied()
    }

    /// Those that take it into this one: what others say of it costs nothing.
    pub(crate) fn delegations_into(
        &self,
        unit: &UnitId,
        node: &NodeKey,
    ) -> impl Iterator<Item = Hash> {
        self.subjects.get(node).into_iter().flat_map(|units| units.of(unit))
    }

    /// How many generations are kept of the lineage, or of the root, that this one belongs to.
    pub(crate) fn n_generations(&self, of: &Hash) -> usize {
        match self.lineages.get(of) {
            Some(kept) => self.generations.get(&kept.lineage).copied().unwrap_or(0),
            None => self.roots.len(),
        }
    }

    /// The adoptions that mark a log.
    pub(crate) fn adoptions_of(&self, log: &(DocumentId, Author)) -> impl Iterator<Item = Hash> {
        self.marks.get(log).into_iter().flatten().copied()
    }

    /// Takes a statement in that is kept by the rules.
    pub(crate) fn keep(&mut self, id: Hash, kept: Kept) {
        match kept {
            Kept::Lineage(generation) => {
                match &generation.passing {
                    Some(passing) => self.successors.add(passing.previous, id),
                    None => self.charters.add(generation.generation.unit.clone(), id),
                }
                *self.generations.entry(generation.lineage).or_default() += 1;
                self.lineages.insert(id, generation);
            }
            Kept::Root(generation) => {
                if let Some(passing) = &generation.passing {
                    self.successors.add(passing.previous, id);
                }
                self.roots.insert(id, generation);
            }
            Kept::Endorsement(endorsement) => {
                self.endorsers.add(endorsement.endorses, id);
                self.endorsing.add(endorsement.proof, id);
                self.endorsements.insert(id, endorsement);
            }
            Kept::Issued(kept) => self.keep_issued(id, kept),
        }
    }

    fn keep_issued(&mut self, id: Hash, kept: KeptIssued) {
        let issued = &kept.issued;
        self.resting.add(issued.proof, id);
        match kept.by.lineage() {
            Some(lineage) => self.of_lineage.add(lineage, id),
            None => drop(self.root_acts.insert(id)),
        }
        self.index_act(id, &kept);
        let ending = kept.ending().map(|ends| ends.ends);
        self.issued.insert(id, kept);
        if let Some(ended) = ending
            && self.may_end(&id, &ended)
        {
            self.enders.add(ended, id);
        }
        // Endings that came before what they end.
        let came_before: Vec<Hash> =
            self.naming.of(&id).filter(|ending| self.may_end(ending, &id)).collect();
        for ending in came_before {
            self.enders.add(id, ending);
        }
    }

    /// Forgets a card or an address: nothing ever rests on one.
    pub(crate) fn forget(&mut self, id: &Hash) {
        let Some(kept) = self.issued.remove(id) else { return };
        self.resting.remove(&kept.issued.proof, id);
        if let Some(lineage) = kept.by.lineage() {
            self.of_lineage.remove(&lineage, id);
            self.cards.remove(&lineage, id);
        }
        if let Act::Address { at } = kept.issued.act {
            let of = (kept.issued.issuer, kept.issued.proof);
            if let Some(addresses) = self.addresses.get_mut(&of) {
                addresses.remove(&(Reverse(at), *id));
            }
        }
    }

    fn index_act(&mut self, id: Hash, kept: &KeptIssued) {
        match &kept.issued.act {
            Act::Delegation(grant) => {
                let of = self.subjects.entry(grant.subject).or_default();
                of.add(kept.issued.unit.clone(), id);
            }
            Act::Founding(recognised) => {
                let below = recognised.below.clone();
                self.recognising.add((recognised.lineage, below.clone()), id);
                self.foundings.add(below, id);
            }
            Act::Ending(ends) => self.naming.add(ends.ends, id),
            Act::Adoption { marks, scope, .. } => {
                self.adoptions.add(scope.clone(), id);
                for mark in marks {
                    let author = Author { key: mark.author, incarnation: mark.incarnation };
                    self.marks.entry((mark.document.clone(), author)).or_default().insert(id);
                }
            }
            Act::Suspension { below, .. } => self.suspensions.add(below.clone(), id),
            Act::Dissolution { below, .. } => self.dissolutions.add(below.clone(), id),
            Act::Card { .. } => {
                if let Some(lineage) = kept.by.lineage() {
                    self.cards.add(lineage, id);
                }
            }
            Act::Address { at } => {
                let of = (kept.issued.issuer, kept.issued.proof);
                self.addresses.entry(of).or_default().insert((Reverse(*at), id));
            }
        }
    }
}
