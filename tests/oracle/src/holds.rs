//! Section 6: when a path holds, (H1) to (H7), and when a statement stands.

use crate::case::{Record, Statement};
use crate::held::Held;
use crate::path::{Element, On, Path, Question, Valid, next_after};
use crate::record::in_classes;

impl<'a> Held<'a> {
    pub(crate) fn holds(&self, path: &Path<'a>, question: Question) -> bool {
        (0..path.len()).all(|place| match path[place] {
            Element::Generation { id, first } => {
                self.is_in_chain(id, first) && self.later_spare(path, place, id, first)
            }
            Element::Statement(statement) => {
                is_valid(statement, question.valid)
                    && self.serves(path, statement, question.on)
                    && (!question.signatures || self.is_signed(statement))
                    && !self.is_ended(path, place, statement)
                    && (!question.recognised || self.is_recognised(path, place, statement))
            }
        })
    }

    /// (H1).
    fn is_in_chain(&self, generation: &str, first: &'a str) -> bool {
        self.chain(first).contains(&generation)
    }

    /// (H2): every later generation of the chain, and every complete successor of its last one
    /// if it is undecided there, spares the path at this generation.
    fn later_spare(&self, path: &Path<'a>, place: usize, generation: &str, first: &'a str) -> bool {
        let chain = self.chain(first);
        let later = chain.iter().skip_while(|id| **id != generation).skip(1);
        let undecided = chain.last().map_or(Vec::new(), |last| self.undecided_after(last));
        later
            .filter_map(|id| self.kept_with(id))
            .chain(undecided)
            .all(|successor| spares(successor, path, place))
    }

    /// (H3).
    fn is_signed(&self, statement: &'a Statement) -> bool {
        if !self.is_root_act(statement) {
            return true;
        }
        let generation = statement.issued().and_then(|act| self.root_generation(act.proof));
        generation.is_some_and(|generation| {
            self.root_signatures(statement, &generation) >= usize::from(generation.threshold)
        })
    }

    /// (H4): whether the statement at this place is ended for this path. Withdrawals intersect,
    /// closings unite.
    fn is_ended(&self, path: &Path<'a>, place: usize, statement: &'a Statement) -> bool {
        let effective = self.effective_endings(statement);
        let (closings, withdrawals): (Vec<&Statement>, Vec<&Statement>) =
            effective.into_iter().partition(|ending| ran_out(ending));
        let spared = |ending: &&Statement| spares(ending, path, place);
        !withdrawals.iter().all(spared) || (!closings.is_empty() && !closings.iter().any(spared))
    }

    /// (H6): asked of the delegations of the lineage of the path's last statement alone.
    fn serves(&self, path: &Path<'a>, statement: &'a Statement, on: On) -> bool {
        let Record::Delegation { classes, reads, .. } = &statement.record else {
            return true;
        };
        let Some(Element::Statement(last)) = path.last() else {
            return false;
        };
        let of_the_last = self.lineage(statement) == self.lineage(last);
        !of_the_last
            || match on {
                On::Nobody => true,
                On::Envelope(class) => in_classes(classes, class),
                On::Reader(bit) => reads & bit != 0,
            }
    }

    /// (H7): asked of every founding but the path's last statement.
    fn is_recognised(&self, path: &Path<'a>, place: usize, statement: &Statement) -> bool {
        match &statement.record {
            Record::Founding { below, lineage, .. } if place + 1 < path.len() => {
                self.followed(below) == Some(lineage.as_str())
            }
            _ => true,
        }
    }

    /// Whether the inside path holds.
    pub(crate) fn stands_inside(&self, statement: &'a Statement, question: Question) -> bool {
        self.inside_path(statement).is_some_and(|path| self.holds(&path, question))
    }

    /// Whether an outside path holds.
    pub(crate) fn stands_outside(&self, statement: &'a Statement, question: Question) -> bool {
        self.outside_paths(statement).iter().any(|path| self.holds(path, question))
    }
}

/// A later generation or an ending spares a path at an element if its `keeps` has the id of the
/// statement next after. Behind the last nothing stands: nothing can be spared.
fn spares(by: &Statement, path: &Path<'_>, place: usize) -> bool {
    next_after(path, place).is_some_and(|next| by.keeps().contains(&next.id))
}

pub(crate) fn ran_out(ending: &Statement) -> bool {
    matches!(ending.record, Record::Ending { ran_out: true, .. })
}

/// (H5).
fn is_valid(statement: &Statement, valid: Valid) -> bool {
    let Some((not_before, not_after)) = statement.term() else {
        return true;
    };
    match valid {
        Valid::At(t) => (not_before..=not_after).contains(&t),
        Valid::Now(now) => now <= not_after,
        Valid::DelegationsAt(t) => {
            !statement.is_delegation() || (not_before..=not_after).contains(&t)
        }
        Valid::LeftOut => true,
    }
}
