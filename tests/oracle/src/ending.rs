//! Section 6, "Endings": which statements can be ended, by whom, and which endings are effective.

use crate::case::{Record, Statement};
use crate::held::Held;
use crate::holds::ran_out;
use crate::kept::Way;
use crate::names::above;
use crate::path::Question;

/// Whether a statement is inner or outer; none if it cannot be ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Side {
    Inner,
    Outer,
}

fn side(statement: &Statement) -> Option<Side> {
    match statement.record {
        Record::Delegation { .. } | Record::Adoption { .. } => Some(Side::Inner),
        Record::Founding { .. } | Record::Suspension { .. } | Record::Dissolution { .. } => {
            Some(Side::Outer)
        }
        _ => None,
    }
}

impl<'a> Held<'a> {
    /// The effective endings of a kept statement.
    pub(crate) fn effective_endings(&self, ended: &'a Statement) -> Vec<&'a Statement> {
        self.kept()
            .filter(
                |ending| matches!(&ending.record, Record::Ending { ends, .. } if *ends == ended.id),
            )
            .filter(|ending| self.effective.ask(&ending.id, || self.is_effective(ending, ended)))
            .collect()
    }

    /// 1, 2 and 3.
    ///
    /// Ends: an inner ending's path has at most a delegation by (a) above it, which only endings
    /// by (a) end, and these have no delegation; an outer ending's path asks about foundings of
    /// its own unit and those above, whose endings stand further up again.
    fn is_effective(&self, ending: &'a Statement, ended: &'a Statement) -> bool {
        let (Some(side), Some(at)) = (side(ended), ending.at()) else {
            return false;
        };
        let stands = || match side {
            Side::Inner => self.stands_inside(ending, Question::at(at)),
            Side::Outer => self.stands_outside(ending, Question::at(at)),
        };
        may_close(ending, at, ended) && self.may_end(side, ending, ended) && stands()
    }

    /// 2: who may end what.
    fn may_end(&self, side: Side, ending: &'a Statement, ended: &'a Statement) -> bool {
        match side {
            Side::Inner => self.may_end_beside(ending, ended),
            Side::Outer => {
                self.is_root_act(ending)
                    || (!self.is_root_act(ended)
                        && (is_above(ending, ended) || self.may_end_beside(ending, ended)))
            }
        }
    }

    /// The same unit and lineage; and the ending is by (a), or what it ends is by (b) and has
    /// the same issuer.
    fn may_end_beside(&self, ending: &'a Statement, ended: &'a Statement) -> bool {
        let (Some(by), Some(of)) = (ending.issued(), ended.issued()) else {
            return false;
        };
        let lineage = self.lineage(ending);
        let own = by.unit == of.unit && lineage.is_some() && lineage == self.lineage(ended);
        let by_generation = self.way(ending) == Some(Way::A);
        let took_back = self.way(ended) == Some(Way::B) && by.issuer == of.issuer;
        own && (by_generation || took_back)
    }
}

/// 1: a closing is of a delegation or founding, and above its `not_after`.
fn may_close(ending: &Statement, at: u64, ended: &Statement) -> bool {
    !ran_out(ending) || ended.term().is_some_and(|(_, not_after)| at > not_after)
}

fn is_above(ending: &Statement, ended: &Statement) -> bool {
    match (ending.issued(), ended.issued()) {
        (Some(by), Some(of)) => above(by.unit, of.unit),
        _ => false,
    }
}
