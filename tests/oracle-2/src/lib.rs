//! A second, naive judge of authority, to hold `node-authority` against.
//!
//! **What it is.** [`Oracle`]: the rules of `schema/PROTOCOL-2.md`, sections 4, 5 and 6, written
//! down as plainly as Rust allows. Every question is answered by going through all statements
//! again: no index, no memory, nothing that has to be kept up to date.
//!
//! **What it is not.** It shares no code with `node-authority`, only the records of
//! `schema-wire`. It says yes or no, never why not: the text orders no reasons. It is no use in a
//! node: its time grows with the number of routes.
//!
//! **What must always hold.** Where the two disagree, the text decides which of them is wrong;
//! where the text does not, the text is wrong.
//!
//! ```text
//!   kept.rs    rules (a) to (h): which statements are kept
//!   root.rs    generations of root keys, and their acts
//!   force.rs   what is supported, by whom it is carried, and what is revoked
//! ```
//!
//! **Where to start reading.** `force.rs`, beside section 5 of the text.
//!
//! **How it is tested.** It is the test: `tests/agree` draws random sets of statements, most of
//! which build on each other, and asks both judges the same questions, in two orders of arrival.
//! Each of these faults, put into `node-authority` on purpose, was found in the default cases:
//!
//! | fault | found by case |
//! |---|---|
//! | `keeps` ignored | 33 |
//! | watermarks ignored; one that leaves out its own seq | 23 |
//! | a watermark of another incarnation counts | 170 |
//! | threshold ignored; a succession without quorum | 2; 53 |
//! | of competing successions the largest id | 39 |
//! | what is not kept does not lapse; only the last succession must keep it | 16; 517 |
//! | endorsement by the same unit, key, or the unit itself; none needed | 2224, 4, 705; 4 |
//! | alternates, or all links, need not be valid | 31; 6 |
//! | links need not cover the class | 29 |
//! | the route named as proof alone | 4 |
//! | a shared key is the proof of a share | 0 |
//! | a shared key carries a share; any key of the unit, or one below, revokes | search never ends |
//! | a revocation needs no support | 386 |
//! | the root, a unit above, or another founding key cannot revoke | 3; 1664; 1 |
//! | a watermark does not reach the links of a route | 631 |
//! | verdicts on revocations outlive the set | 631 |
//! | the expired carries; grace ignored | 1; 14 |
//! | a path that begins alike is below | 1285 |
//! | a suspension cannot be withdrawn | 19 |
//! | adoption by a unit above; without support | 9; 11 |
//! | a caretaker for a millisecond longer; with grace; READ alone from above | 24; 53; 51 |
//!
//! What the two once did not agree on is kept, reduced, in `tests/agree/settled.rs`.

mod force;
mod kept;
mod root;

use schema_wire::{
    Adoption, Author, Delegation, DocumentId, Endorsement, Genesis, Hash, NodeKey, Revocation,
    Succession, Suspension, UnitId, VerbSet, Verified, VerifiedStatement,
};

pub use force::Demand;

/// A network's statements, and the rules that judge them.
#[derive(Debug, Clone)]
pub struct Oracle {
    genesis: Genesis,
    kept: Vec<VerifiedStatement>,
}

/// The place of an envelope in a log, and its time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The document written.
    pub document: DocumentId,
    /// Who wrote.
    pub author: Author,
    /// Which of the author's envelopes.
    pub seq: u64,
    /// When, as the author claims.
    pub at_ms: u64,
}

/// What the rules ask of a statement, whatever its kind.
#[derive(Debug, Clone, Copy)]
struct Act<'a> {
    id: Hash,
    issuer: NodeKey,
    unit: &'a UnitId,
    proof: Option<Hash>,
    shares: bool,
}

impl Oracle {
    /// Keeps of these statements what is kept, in whatever order it becomes so.
    pub fn new(genesis: Genesis, statements: &[VerifiedStatement]) -> Self {
        let mut oracle = Self { genesis, kept: Vec::new() };
        while let Some(next) = statements.iter().find(|next| {
            oracle.kept.iter().all(|kept| kept.id() != next.id()) && oracle.admissible(next)
        }) {
            oracle.kept.push(next.clone());
        }
        oracle
    }

    /// Is a statement kept?
    pub fn keeps(&self, statement: &Hash) -> bool {
        self.kept.iter().any(|kept| kept.id() == *statement)
    }

    /// Section 5, writing: what is final.
    pub fn may_carry(&self, delegation: &Hash, place: &Place) -> bool {
        self.delegation(delegation).is_some_and(|found| {
            let leaf = found.value();
            leaf.subject == place.author.key
                && leaf.unit == place.document.owner
                && leaf.verbs.covers(VerbSet::WRITE)
                && leaf.classes.contains(place.document.class)
                && force::valid(leaf, place.at_ms)
        })
    }

    /// Section 5, writing: does the envelope count?
    pub fn permits_write(&self, delegation: &Hash, place: &Place) -> bool {
        let demand = Demand {
            class: Some(place.document.class),
            at_ms: Some(place.at_ms),
            place: Some(place),
        };
        self.may_carry(delegation, place)
            && self
                .effective_revocations(delegation)
                .all(|by| force::keeps_place(by.value(), place))
            && self.delegation(delegation).is_some_and(|leaf| self.stands(leaf, demand))
    }

    /// Is a delegation valid at a time, not revoked, and does it stand?
    pub fn in_force_at(&self, delegation: &Hash, at_ms: u64) -> bool {
        let demand = Demand { at_ms: Some(at_ms), ..Demand::default() };
        self.delegation(delegation).is_some_and(|leaf| {
            force::valid(leaf.value(), at_ms)
                && self.effective_revocations(delegation).next().is_none()
                && self.stands(leaf, demand)
        })
    }

    /// Section 5, reading: does this delegation prove a unit to others now?
    pub fn permits_session(&self, delegation: &Hash, peer: NodeKey, now_ms: u64) -> bool {
        self.delegation(delegation).is_some_and(|leaf| {
            leaf.value().subject == peer && leaf.value().verbs.covers(VerbSet::READ)
        }) && self.in_force_at(delegation, now_ms)
    }

    /// Section 6, adoptions.
    pub fn adopted(&self, envelope: &Hash, owner: &UnitId) -> bool {
        self.adoptions().any(|adoption| {
            let value = adoption.value();
            value.envelopes.contains(envelope)
                && value.issuer_unit == *owner
                && self.supported_at(&adoption.id(), value.at_ms)
        })
    }

    /// Section 6, suspensions: are the unit's reports not counted?
    pub fn suspended(&self, unit: &UnitId) -> bool {
        self.suspensions().any(|suspension| {
            suspension.value().unit == *unit
                && self.supported_at(&suspension.id(), suspension.value().at_ms)
                && self.effective_revocations(&suspension.id()).next().is_none()
        })
    }

    /// Delegations that make a caretaker of the unit and are in force, by id.
    pub fn caretakers(&self, unit: &UnitId, at_ms: u64) -> Vec<Hash> {
        let cares = |found: &&Verified<Delegation>| {
            found.value().unit == *unit
                && force::makes_caretaker(found.value())
                && self.in_force_at(&found.id(), at_ms)
        };
        let mut ids: Vec<Hash> = self.delegations().filter(cares).map(Verified::id).collect();
        ids.sort_unstable();
        ids
    }

    fn delegation(&self, id: &Hash) -> Option<&Verified<Delegation>> {
        self.delegations().find(|delegation| delegation.id() == *id)
    }
}

/// The kept statements of one kind.
macro_rules! of_kind {
    ($($name:ident: $kind:ident),*) => {
        impl Oracle {
            $(fn $name(&self) -> impl Iterator<Item = &Verified<$kind>> {
                self.kept.iter().filter_map(|kept| match kept {
                    VerifiedStatement::$kind(found) => Some(found),
                    _ => None,
                })
            })*
        }
    };
}
of_kind!(
    delegations: Delegation,
    revocations: Revocation,
    endorsements: Endorsement,
    suspensions: Suspension,
    adoptions: Adoption,
    successions: Succession
);

/// Section 2: is B equal to A, or does it begin with A followed by `/`?
fn contains(a: &UnitId, b: &UnitId) -> bool {
    a == b || strictly_below(b, a)
}

/// Is B inside A, and another?
fn strictly_below(b: &UnitId, a: &UnitId) -> bool {
    b.as_str().starts_with(&format!("{}/", a.as_str()))
}

macro_rules! act {
    ($found:expr, $proof:expr, $shares:expr) => {
        Act {
            id: $found.id(),
            issuer: $found.value().issuer,
            unit: &$found.value().issuer_unit,
            proof: $proof,
            shares: $shares,
        }
    };
}

/// What the rules ask of any statement.
fn act(statement: &VerifiedStatement) -> Act<'_> {
    match statement {
        VerifiedStatement::Delegation(found) => {
            act!(found, found.value().proof, force::shares(found.value()))
        }
        VerifiedStatement::Revocation(found) => act!(found, found.value().proof, false),
        VerifiedStatement::Endorsement(found) => act!(found, found.value().proof, false),
        VerifiedStatement::Suspension(found) => act!(found, found.value().proof, false),
        VerifiedStatement::Adoption(found) => act!(found, found.value().proof, false),
        VerifiedStatement::Succession(found) => act!(found, None, false),
    }
}
