//! Endings: which are effective, and what they leave of what they end (section 6, "Endings").

use std::collections::BTreeSet;

use schema_wire::Hash;

use crate::fact::{Act, Ends};
use crate::statements::{By, KeptIssued, Statements};

/// Inner statements are ended from inside, outer ones from where they were made or above.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Side {
    Inner,
    Outer,
}

impl Act {
    /// None of what cannot be ended.
    pub(crate) fn side(&self) -> Option<Side> {
        match self {
            Self::Delegation(_) | Self::Adoption { .. } => Some(Side::Inner),
            Self::Founding(_) | Self::Suspension { .. } | Self::Dissolution { .. } => {
                Some(Side::Outer)
            }
            Self::Ending(_) | Self::Card { .. } | Self::Address { .. } => None,
        }
    }
}

impl Statements {
    /// Points 1 and 2 of what makes an ending effective: may it end the statement, if it stands?
    /// Both are kept, and the answer is final.
    pub(crate) fn may_end(&self, ending: &Hash, ended: &Hash) -> bool {
        let (Some(x), Some(n)) = (self.issued(ending), self.issued(ended)) else { return false };
        let (Some(ends), Some(side)) = (x.ending(), n.issued.act.side()) else { return false };
        let same_lineage = x.issued.unit == n.issued.unit && x.by.lineage() == n.by.lineage();
        let own = same_lineage
            && match (x.by, n.by) {
                (By::Key(_), _) => true,
                (_, By::Deputy(_)) => x.issued.issuer == n.issued.issuer,
                _ => false,
            };
        let may = match side {
            Side::Inner => own,
            Side::Outer if x.by == By::Root => true,
            Side::Outer => n.by != By::Root && (own || x.issued.unit.is_above(&n.issued.unit)),
        };
        may && closes_in_time(ends, n)
    }
}

/// Point 1: a closing closes a grant whose time is over.
fn closes_in_time(ends: &Ends, ended: &KeptIssued) -> bool {
    match &ended.issued.act {
        _ if !ends.ran_out => true,
        Act::Delegation(grant) => ends.at > grant.term.until,
        Act::Founding(recognised) => ends.at > recognised.term.until,
        _ => false,
    }
}

/// What the effective endings of a statement spare of the paths through it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Ended {
    /// What every withdrawal keeps; none without a withdrawal.
    withdrawn: Option<BTreeSet<Hash>>,
    /// What any closing keeps; none without a closing.
    closed: Option<BTreeSet<Hash>>,
}

impl Ended {
    /// Without an effective ending.
    pub(crate) const NONE: Self = Self { withdrawn: None, closed: None };

    /// From all effective endings of a statement.
    pub(crate) fn of<'a>(endings: impl IntoIterator<Item = &'a Ends>) -> Self {
        let mut ended = Self::default();
        for ending in endings {
            ended.add(ending);
            if ended.spares_nothing() {
                break;
            }
        }
        ended
    }

    fn add(&mut self, ending: &Ends) {
        let keeps = ending.keeps.iter().copied();
        match (ending.ran_out, &mut self.withdrawn) {
            (true, _) => self.closed.get_or_insert_default().extend(keeps),
            (false, Some(kept)) => {
                kept.retain(|id| ending.keeps.binary_search(id).is_ok());
            }
            (false, withdrawn) => *withdrawn = Some(keeps.collect()),
        }
        if self.spares_nothing() {
            // The same value, however many endings say so: equal answers compare equal.
            *self = Self { withdrawn: Some(BTreeSet::new()), closed: None };
        }
    }

    /// Would this ending, if it is effective too, change an answer?
    pub(crate) fn is_changed_by(&self, ending: &Ends) -> bool {
        match (ending.ran_out, &self.withdrawn, &self.closed) {
            _ if self.spares_nothing() => false,
            (true, _, Some(kept)) => ending.keeps.iter().any(|id| !kept.contains(id)),
            (false, Some(kept), _) => kept.iter().any(|id| ending.keeps.binary_search(id).is_err()),
            (true, _, None) | (false, None, _) => true,
        }
    }

    /// A withdrawal that keeps nothing: no further ending changes an answer.
    pub(crate) fn spares_nothing(&self) -> bool {
        self.withdrawn.as_ref().is_some_and(BTreeSet::is_empty)
    }

    /// Is the statement ended for a path that ends with it?
    pub(crate) fn as_last(&self) -> bool {
        self.withdrawn.is_some() || self.closed.is_some()
    }

    /// Is it ended for a path in which this statement is next after it?
    pub(crate) fn before(&self, next: &Hash) -> bool {
        let lost =
            |kept: &Option<BTreeSet<Hash>>| kept.as_ref().is_some_and(|kept| !kept.contains(next));
        lost(&self.withdrawn) || lost(&self.closed)
    }
}
