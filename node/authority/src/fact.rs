//! What the authority remembers of a statement: no names, no texts, no signature.

use schema_wire::{
    Body, Classes, Delegation, Ending, Founding, Hash, Mark, Ms, NodeKey, Reads, Rotation, Scope,
    Succession, UnitId, Verbs,
};

use crate::window::Term;

/// A charter or a rotation.
#[derive(Debug, Clone)]
pub(crate) struct Generation {
    pub(crate) unit: UnitId,
    pub(crate) key: NodeKey,
    /// The commitment to the key that may pass the lineage on.
    pub(crate) next: Hash,
}

/// What a rotation or succession says of the generation before.
#[derive(Debug, Clone)]
pub(crate) struct Passing {
    pub(crate) previous: Hash,
    pub(crate) reveal: NodeKey,
    pub(crate) keeps: Box<[Hash]>,
}

/// The keys of a root generation, from the genesis or a succession.
#[derive(Debug, Clone)]
pub(crate) struct RootKeys {
    pub(crate) roots: Box<[NodeKey]>,
    pub(crate) threshold: u8,
    pub(crate) next: Box<[Hash]>,
    pub(crate) next_threshold: u8,
}

/// A statement of the kinds 3 to 10.
#[derive(Debug, Clone)]
pub(crate) struct Issued {
    pub(crate) unit: UnitId,
    pub(crate) proof: Hash,
    pub(crate) issuer: NodeKey,
    pub(crate) act: Act,
}

#[derive(Debug, Clone)]
pub(crate) struct Grant {
    pub(crate) subject: NodeKey,
    pub(crate) verbs: Verbs,
    pub(crate) reads: Reads,
    pub(crate) classes: Classes,
    pub(crate) term: Term,
}

#[derive(Debug, Clone)]
pub(crate) struct Recognised {
    pub(crate) below: UnitId,
    pub(crate) lineage: Hash,
    pub(crate) term: Term,
}

#[derive(Debug, Clone)]
pub(crate) struct Ends {
    pub(crate) ends: Hash,
    pub(crate) ran_out: bool,
    pub(crate) keeps: Box<[Hash]>,
    pub(crate) at: Ms,
}

#[derive(Debug, Clone)]
pub(crate) enum Act {
    Delegation(Grant),
    Founding(Recognised),
    Ending(Ends),
    Adoption { marks: Box<[Mark]>, scope: Scope, at: Ms },
    Suspension { below: UnitId, at: Ms },
    Dissolution { below: UnitId, successors: Box<[UnitId]>, at: Ms },
    Card { serial: u64, at: Ms },
    Address { at: Ms },
}

/// Whom or what a statement speaks about, where many could speak about one.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum About {
    /// The node that it takes in.
    Node(NodeKey),
    /// What it ends.
    Statement(Hash),
    /// The unit below.
    Unit(UnitId),
}

/// A second signature.
#[derive(Debug, Clone)]
pub(crate) struct Endorsement {
    pub(crate) proof: Hash,
    pub(crate) issuer: NodeKey,
    pub(crate) endorses: Hash,
}

#[derive(Debug, Clone)]
pub(crate) enum Fact {
    Charter(Generation),
    Rotation(Generation, Passing),
    Succession(RootKeys, Passing),
    Endorsement(Endorsement),
    Issued(Issued),
}

impl Fact {
    /// Reduces what a statement says.
    pub(crate) fn of(body: &Body<'_>) -> Self {
        let act = match *body {
            Body::Charter(charter) => {
                let (unit, key, next) = (charter.unit.clone(), charter.key, charter.next);
                return Self::Charter(Generation { unit, key, next });
            }
            Body::Rotation(rotation) => return Self::rotation(rotation),
            Body::Succession(succession) => return Self::succession(succession),
            Body::Endorsement(endorsement) => {
                let (proof, issuer) = (endorsement.proof, endorsement.issuer);
                let endorses = endorsement.endorses;
                return Self::Endorsement(Endorsement { proof, issuer, endorses });
            }
            Body::Delegation(delegation) => Act::delegation(delegation),
            Body::Founding(founding) => Act::founding(founding),
            Body::Ending(ending) => Act::ending(ending),
            Body::Adoption(adoption) => Act::Adoption {
                marks: (*adoption.marks).into(),
                scope: adoption.scope.clone(),
                at: adoption.at,
            },
            Body::Suspension(suspension) => {
                Act::Suspension { below: suspension.below.clone(), at: suspension.at }
            }
            Body::Dissolution(dissolution) => Act::Dissolution {
                below: dissolution.below.clone(),
                successors: (*dissolution.successors).into(),
                at: dissolution.at,
            },
            Body::Card(card) => Act::Card { serial: card.serial, at: card.at },
            Body::Address(address) => Act::Address { at: address.at },
        };
        let by = body.issued().expect("kinds 3 to 10 are issued");
        Self::Issued(Issued { unit: by.unit.clone(), proof: by.proof, issuer: by.issuer, act })
    }

    fn rotation(rotation: &Rotation) -> Self {
        let (previous, reveal) = (rotation.previous, rotation.reveal);
        Self::Rotation(
            Generation { unit: rotation.unit.clone(), key: rotation.key, next: rotation.next },
            Passing { previous, reveal, keeps: (*rotation.keeps).into() },
        )
    }

    fn succession(succession: &Succession) -> Self {
        let (previous, reveal) = (succession.previous, succession.reveal);
        Self::Succession(
            RootKeys {
                roots: (*succession.roots).into(),
                threshold: succession.threshold,
                next: (*succession.next).into(),
                next_threshold: succession.next_threshold,
            },
            Passing { previous, reveal, keeps: (*succession.keeps).into() },
        )
    }
}

impl Act {
    fn delegation(delegation: &Delegation) -> Self {
        Self::Delegation(Grant {
            subject: delegation.subject,
            verbs: delegation.verbs,
            reads: delegation.reads,
            classes: delegation.classes.clone(),
            term: Term { from: delegation.not_before, until: delegation.not_after },
        })
    }

    fn founding(founding: &Founding) -> Self {
        Self::Founding(Recognised {
            below: founding.below.clone(),
            lineage: founding.lineage,
            term: Term { from: founding.not_before, until: founding.not_after },
        })
    }

    fn ending(ending: &Ending) -> Self {
        Self::Ending(Ends {
            ends: ending.ends,
            ran_out: ending.ran_out,
            keeps: (*ending.keeps).into(),
            at: ending.at,
        })
    }

    /// Whom or what it speaks about.
    pub(crate) fn about(&self) -> Option<About> {
        match self {
            Self::Delegation(grant) => Some(About::Node(grant.subject)),
            Self::Ending(ends) => Some(About::Statement(ends.ends)),
            Self::Founding(_) | Self::Suspension { .. } | Self::Dissolution { .. } => {
                self.below().cloned().map(About::Unit)
            }
            Self::Adoption { .. } | Self::Card { .. } | Self::Address { .. } => None,
        }
    }

    /// What it costs to remember what it lists, in bytes: the rest is small.
    pub(crate) fn listed_bytes(&self) -> usize {
        match self {
            Self::Ending(ends) => ends.keeps.len() * 32,
            Self::Adoption { marks, .. } => marks.len() * 256,
            Self::Dissolution { successors, .. } => successors.len() * 128,
            Self::Delegation(_)
            | Self::Founding(_)
            | Self::Suspension { .. }
            | Self::Card { .. }
            | Self::Address { .. } => 0,
        }
    }

    /// Is it one of those that people above make about a unit below, and which unit?
    pub(crate) fn below(&self) -> Option<&UnitId> {
        match self {
            Self::Founding(recognised) => Some(&recognised.below),
            Self::Suspension { below, .. } | Self::Dissolution { below, .. } => Some(below),
            Self::Delegation(_)
            | Self::Ending(_)
            | Self::Adoption { .. }
            | Self::Card { .. }
            | Self::Address { .. } => None,
        }
    }

    /// The time for which it is asked whether it stands, if it is no grant.
    pub(crate) fn at(&self) -> Option<Ms> {
        match self {
            Self::Delegation(_) | Self::Founding(_) => None,
            Self::Ending(ends) => Some(ends.at),
            Self::Adoption { at, .. }
            | Self::Suspension { at, .. }
            | Self::Dissolution { at, .. }
            | Self::Card { at, .. }
            | Self::Address { at } => Some(*at),
        }
    }
}
