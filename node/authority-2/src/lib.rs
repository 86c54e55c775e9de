//! Who may do what: the evaluation of a set of signed statements.
//!
//! **What it is.** A pure function from the set of verified statements to answers: may this key
//! write that document under that delegation, does that envelope count, may that unit read this
//! scope. Sans-IO: no clock, disk, entropy or hash order.
//!
//! **What it is not.** It checks no signature (`schema-wire` did) and keeps no envelope
//! (`node-replication` does). The sender of a statement never matters.
//!
//! **What must always hold.** The answer depends on the set alone, never on the order in which
//! statements arrived (INV-06). Nobody outside a unit can write its documents, the root included:
//! a delegation to a unit below carries no WRITE, so write grants come from the unit's own key.
//! The one exception, a caretaker, takes two signatures from above and half a year at most.
//!
//! ```text
//!   structure.rs   is a statement kept?  final: depends on it and what it names
//!   route.rs       is it in force?       may change as the set grows: least along a route to the
//!                                        root, most over all routes, less what is revoked
//!   root.rs        the root's keys: quorum and succession
//! ```
//!
//! **Where to start reading.** [`Authority::permits_write`], then `route.rs`.
//!
//! **How it is tested.** Beside the code, one test per refusal; and in `tests/oracle-2`, a naive
//! evaluator that shares no code must agree on random sets in every order.

pub mod canary;
mod credentials;
mod refusal;
mod root;
mod route;
mod structure;

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use schema_wire::{
    Adoption, Audience, Author, Delegation, DocumentId, Endorsement, Genesis, Hash, NetworkId,
    NodeKey, Record, Revocation, Scope, Signed, Statement, Succession, Suspension, UnitId, VerbSet,
    Verified, VerifiedStatement,
};

pub use refusal::Refusal;
pub use structure::is_caretaker;

use canary::{Bug, planted};
use route::{Demand, Search, valid_at};
use structure::strictly_above;

/// Everything known of a network's authority.
#[derive(Debug, Clone)]
pub struct Authority {
    genesis: Genesis,
    network: NetworkId,
    delegations: BTreeMap<Hash, Verified<Delegation>>,
    /// Delegations by whom they empower, and for which unit.
    by_subject: BTreeMap<(NodeKey, UnitId), BTreeSet<Hash>>,
    /// By what they withdraw, then by their own id.
    revocations: BTreeMap<Hash, BTreeMap<Hash, Verified<Revocation>>>,
    /// By what they sign too, then by their own id.
    endorsements: BTreeMap<Hash, BTreeMap<Hash, Verified<Endorsement>>>,
    suspensions: BTreeMap<Hash, Verified<Suspension>>,
    adoptions: BTreeMap<Hash, Verified<Adoption>>,
    /// Adoptions by the envelopes they name.
    adopters: BTreeMap<Hash, BTreeSet<Hash>>,
    successions: BTreeMap<Hash, Verified<Succession>>,
    /// The ids of all of them.
    held: BTreeSet<Hash>,
    /// Which revocations count, as far as asked: forgotten whenever the set grows.
    effects: RefCell<BTreeMap<Hash, bool>>,
}

/// Where an envelope stands in its author's log: what a watermark is compared with.
#[derive(Debug, Clone, Copy)]
pub struct Position<'a> {
    /// The document written.
    pub document: &'a DocumentId,
    /// Who wrote.
    pub author: Author,
    /// Which of the author's envelopes.
    pub seq: u64,
    /// When, as the author claims: milliseconds since 1970.
    pub at_ms: u64,
}

impl Authority {
    /// A network of which only the genesis is known.
    pub fn new(genesis: Genesis) -> Self {
        Self {
            network: genesis.network(),
            genesis,
            delegations: BTreeMap::new(),
            by_subject: BTreeMap::new(),
            revocations: BTreeMap::new(),
            endorsements: BTreeMap::new(),
            suspensions: BTreeMap::new(),
            adoptions: BTreeMap::new(),
            adopters: BTreeMap::new(),
            successions: BTreeMap::new(),
            held: BTreeSet::new(),
            effects: RefCell::default(),
        }
    }

    /// The network these statements hold in.
    pub fn network(&self) -> NetworkId {
        self.network
    }

    /// The statement the network began with.
    pub fn genesis(&self) -> &Genesis {
        &self.genesis
    }

    /// Adds a statement found [`Authority::admissible`].
    pub fn insert(&mut self, statement: VerifiedStatement) {
        let id = statement.id();
        self.held.insert(id);
        self.effects.borrow_mut().clear();
        match statement {
            VerifiedStatement::Delegation(delegation) => {
                let value = delegation.value();
                let subject = (value.subject, value.unit.clone());
                self.by_subject.entry(subject).or_default().insert(id);
                self.delegations.insert(id, delegation);
            }
            VerifiedStatement::Revocation(revocation) => {
                let of = revocation.value().revokes;
                self.revocations.entry(of).or_default().insert(id, revocation);
            }
            VerifiedStatement::Endorsement(endorsement) => {
                let of = endorsement.value().endorses;
                self.endorsements.entry(of).or_default().insert(id, endorsement);
            }
            VerifiedStatement::Suspension(suspension) => {
                self.suspensions.insert(id, suspension);
            }
            VerifiedStatement::Adoption(adoption) => {
                for envelope in &adoption.value().envelopes {
                    self.adopters.entry(*envelope).or_default().insert(id);
                }
                self.adoptions.insert(id, adoption);
            }
            VerifiedStatement::Succession(succession) => {
                self.successions.insert(id, succession);
            }
        }
    }

    /// Is a statement known already?
    pub fn holds(&self, statement: &Hash) -> bool {
        self.held.contains(statement)
    }

    /// Every statement known, kind by kind.
    pub fn statements(&self) -> impl Iterator<Item = Statement> {
        let delegations = self.delegations.values().map(|s| Statement::Delegation(signed(s)));
        let revocations = self.revocations.values().flat_map(BTreeMap::values);
        let endorsements = self.endorsements.values().flat_map(BTreeMap::values);
        delegations
            .chain(revocations.map(|s| Statement::Revocation(signed(s))))
            .chain(endorsements.map(|s| Statement::Endorsement(signed(s))))
            .chain(self.suspensions.values().map(|s| Statement::Suspension(signed(s))))
            .chain(self.adoptions.values().map(|s| Statement::Adoption(signed(s))))
            .chain(self.successions.values().map(|s| Statement::Succession(signed(s))))
    }

    /// A statement by its id.
    pub fn statement(&self, id: &Hash) -> Option<Statement> {
        self.statements().find(|statement| statement.id() == *id)
    }

    /// A delegation by its id.
    pub fn delegation(&self, id: &Hash) -> Option<&Verified<Delegation>> {
        self.delegations.get(id)
    }

    /// Every delegation known, by id.
    pub fn delegations(&self) -> impl Iterator<Item = &Verified<Delegation>> {
        self.delegations.values()
    }

    /// The second signatures under a statement.
    pub fn endorsements_of(&self, id: &Hash) -> impl Iterator<Item = &Verified<Endorsement>> {
        self.endorsements.get(id).into_iter().flat_map(BTreeMap::values)
    }

    /// Could this author ever write this envelope under that delegation? What is final: it
    /// depends on the two alone.
    pub fn may_carry(&self, delegation: &Hash, position: Position<'_>) -> Result<(), Refusal> {
        let leaf = self.known(delegation)?.value();
        if leaf.subject != position.author.key {
            return Err(Refusal::OtherSubject { granted: leaf.subject });
        }
        let owner = &position.document.owner;
        if leaf.unit != *owner && !planted(Bug::IgnoreTerritory) {
            let (claimed, granted) = (owner.clone(), leaf.unit.clone());
            return Err(Refusal::OutsideTerritory { claimed, granted });
        }
        if !leaf.verbs.covers(VerbSet::WRITE) {
            return Err(Refusal::LacksVerb("write"));
        }
        if !leaf.classes.contains(position.document.class) {
            return Err(Refusal::LacksClass(position.document.class));
        }
        valid_at(leaf, position.at_ms)
    }

    /// Does this envelope count, under that delegation? The answer may change as the set grows.
    pub fn permits_write(&self, delegation: &Hash, position: Position<'_>) -> Result<(), Refusal> {
        self.may_carry(delegation, position)?;
        let leaf = self.known(delegation)?;
        if let Some(by) = self.revoker(delegation, None, Some(position)) {
            return Err(Refusal::Revoked { by });
        }
        let class = Some(position.document.class);
        let demand = Demand { class, at_ms: Some(position.at_ms), position: Some(position) };
        Search::new(self, demand).stands(leaf)
    }

    /// May a holder of this delegation take part in the network now, and for which unit?
    pub fn permits_session(
        &self,
        delegation: &Hash,
        peer: NodeKey,
        now_ms: u64,
    ) -> Result<UnitId, Refusal> {
        let leaf = self.known(delegation)?.value();
        if leaf.subject != peer {
            return Err(Refusal::OtherSubject { granted: leaf.subject });
        }
        if !leaf.verbs.covers(VerbSet::READ) {
            return Err(Refusal::LacksVerb("read"));
        }
        self.in_force_at(delegation, now_ms)?;
        Ok(leaf.unit.clone())
    }

    /// Is a delegation in force at a time: valid, supported and not revoked?
    pub fn in_force_at(&self, delegation: &Hash, at_ms: u64) -> Result<(), Refusal> {
        let leaf = self.known(delegation)?;
        valid_at(leaf.value(), at_ms)?;
        if let Some(by) = self.revoker(delegation, None, None) {
            return Err(Refusal::Revoked { by });
        }
        let demand = Demand { at_ms: Some(at_ms), ..Demand::default() };
        Search::new(self, demand).stands(leaf)
    }

    /// Did the owner of a document take this envelope as its own?
    pub fn adopted(&self, envelope: &Hash, owner: &UnitId) -> bool {
        let adopters = self.adopters.get(envelope).into_iter().flatten();
        adopters.filter_map(|id| self.adoptions.get(id)).any(|adoption| {
            let value = adoption.value();
            value.issuer_unit == *owner
                && self.in_force(&adoption.id(), value.issued_by(), value.at_ms)
        })
    }

    /// The suspension because of which the reports of a unit are not counted, if any.
    pub fn suspended(&self, unit: &UnitId) -> Option<&Verified<Suspension>> {
        self.suspensions.values().find(|suspension| {
            let value = suspension.value();
            value.unit == *unit
                && strictly_above(&value.issuer_unit, unit)
                && self.revoker(&suspension.id(), None, None).is_none()
                && self.in_force(&suspension.id(), value.issued_by(), value.at_ms)
        })
    }

    /// Those who write in a unit's place by a grant from above that is in force at this time.
    pub fn caretakers(&self, unit: &UnitId, at_ms: u64) -> Vec<&Verified<Delegation>> {
        let cares = |delegation: &&Verified<Delegation>| {
            let value = delegation.value();
            value.unit == *unit
                && is_caretaker(value)
                && self.in_force_at(&delegation.id(), at_ms).is_ok()
        };
        self.delegations.values().filter(cares).collect()
    }
}

fn signed<T: Record + Clone>(verified: &Verified<T>) -> Signed<T> {
    verified.as_signed().clone()
}

/// May a node of `reader` hold this scope? Default deny; the sender decides (INV-09).
pub fn may_read(reader: &UnitId, scope: &Scope) -> bool {
    match scope.audience {
        Audience::Public => true,
        Audience::Path => reader.contains(&scope.unit),
        Audience::Unit => *reader == scope.unit,
    }
}

#[cfg(test)]
mod tests;
