//! What several kinds of statements have in common, by the names of the fields.

use crate::case::{Record, Statement};

pub(crate) const GOVERN: u8 = 1;
pub(crate) const WRITE: u8 = 2;

/// The fields that every issued statement has.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Issued<'a> {
    pub(crate) unit: &'a str,
    pub(crate) proof: &'a str,
    pub(crate) issuer: &'a str,
}

impl Statement {
    /// Kinds 3 to 10 are issued.
    pub(crate) fn issued(&self) -> Option<Issued<'_>> {
        match &self.record {
            Record::Delegation { unit, proof, issuer, .. }
            | Record::Founding { unit, proof, issuer, .. }
            | Record::Ending { unit, proof, issuer, .. }
            | Record::Adoption { unit, proof, issuer, .. }
            | Record::Suspension { unit, proof, issuer, .. }
            | Record::Dissolution { unit, proof, issuer, .. }
            | Record::Card { unit, proof, issuer, .. }
            | Record::Address { unit, proof, issuer, .. } => Some(Issued { unit, proof, issuer }),
            Record::Charter { .. }
            | Record::Rotation { .. }
            | Record::Succession { .. }
            | Record::Endorsement { .. } => None,
        }
    }

    /// The unit that the statement is of; successions and endorsements have none.
    pub(crate) fn unit(&self) -> Option<&str> {
        match &self.record {
            Record::Charter { unit, .. } | Record::Rotation { unit, .. } => Some(unit),
            _ => self.issued().map(|issued| issued.unit),
        }
    }

    /// The statement's own `at`; delegations, foundings and endorsements have none.
    pub(crate) fn at(&self) -> Option<u64> {
        match &self.record {
            Record::Charter { at, .. }
            | Record::Rotation { at, .. }
            | Record::Succession { at, .. }
            | Record::Ending { at, .. }
            | Record::Adoption { at, .. }
            | Record::Suspension { at, .. }
            | Record::Dissolution { at, .. }
            | Record::Card { at, .. }
            | Record::Address { at, .. } => Some(*at),
            Record::Delegation { .. } | Record::Founding { .. } | Record::Endorsement { .. } => {
                None
            }
        }
    }

    /// `not_before` and `not_after` of a delegation or founding.
    pub(crate) fn term(&self) -> Option<(u64, u64)> {
        match &self.record {
            Record::Delegation { not_before, not_after, .. }
            | Record::Founding { not_before, not_after, .. } => Some((*not_before, *not_after)),
            _ => None,
        }
    }

    /// The `keeps` of a succession, rotation or ending; nothing for others.
    pub(crate) fn keeps(&self) -> &[String] {
        match &self.record {
            Record::Rotation { keeps, .. }
            | Record::Succession { keeps, .. }
            | Record::Ending { keeps, .. } => keeps,
            _ => &[],
        }
    }

    /// `below` of a founding, suspension or dissolution.
    pub(crate) fn below(&self) -> Option<&str> {
        match &self.record {
            Record::Founding { below, .. }
            | Record::Suspension { below, .. }
            | Record::Dissolution { below, .. } => Some(below),
            _ => None,
        }
    }

    pub(crate) fn is_delegation(&self) -> bool {
        matches!(self.record, Record::Delegation { .. })
    }

    pub(crate) fn is_founding(&self) -> bool {
        matches!(self.record, Record::Founding { .. })
    }

    pub(crate) fn is_address(&self) -> bool {
        matches!(self.record, Record::Address { .. })
    }

    pub(crate) fn has_govern(&self) -> bool {
        matches!(self.record, Record::Delegation { verbs, .. } if verbs & GOVERN != 0)
    }
}

/// Whether a class lies in one of the ranges.
pub(crate) fn in_classes(classes: &[(u8, u8)], class: u8) -> bool {
    classes.iter().any(|(first, last)| (*first..=*last).contains(&class))
}
