//! Section 7, "What is set aside": envelopes first, then statements.

use crate::admission::log;
use crate::adoption::{Asked, mark_log};
use crate::case::{Envelope, Mark, Record, Statement};
use crate::counts::Reason;
use crate::held::Held;
use crate::names::contains;
use crate::path::{Path, Question, Valid};

impl<'a> Held<'a> {
    /// Ends: what names an envelope as backlink or dependency was admitted after it.
    fn is_needed(&self, envelope: &'a Envelope) -> bool {
        self.needed.ask(&envelope.id, || {
            self.another_log_needs(envelope)
                || self.an_adoption_needs(envelope)
                || self.a_needed_one_names(envelope)
        })
    }

    /// "A contender of another log that is not outvoted names it as a dependency."
    fn another_log_needs(&self, envelope: &'a Envelope) -> bool {
        self.admitted().any(|other| {
            other.dependencies.contains(&envelope.id)
                && log(other) != log(envelope)
                && self.is_contender(other)
                && self.reason(other) != Some(Reason::Outvoted)
        })
    }

    /// "An adoption, whose path on behalf of it holds, has a mark for its log with a seq not
    /// below its own, and the mark's head is it, or leads to it by backlinks, or is not here: no
    /// envelope with the mark's `head` as id is admitted in that log at the mark's seq."
    fn an_adoption_needs(&self, envelope: &'a Envelope) -> bool {
        let is_here =
            |head: &&Envelope, mark: &Mark| log(head) == mark_log(mark) && head.seq == mark.seq;
        let marks_it = |mark: &Mark| {
            mark_log(mark) == log(envelope)
                && mark.seq >= envelope.seq
                && self
                    .admitted_with(&mark.head)
                    .filter(|head| is_here(head, mark))
                    .is_none_or(|head| self.backlinks_lead(head, envelope))
        };
        self.adoptions().any(|(adoption, marks, at)| {
            marks.iter().any(marks_it) && self.path_for(adoption, envelope, at, Asked::Whole)
        })
    }

    fn a_needed_one_names(&self, envelope: &'a Envelope) -> bool {
        self.admitted().any(|other| {
            (other.backlink.as_ref() == Some(&envelope.id)
                || other.dependencies.contains(&envelope.id))
                && self.is_needed(other)
        })
    }

    /// "Suspended and not needed, and …".
    pub(crate) fn envelope_is_aside(&self, envelope: &'a Envelope) -> bool {
        self.aside.ask(&envelope.id, || self.is_settled(envelope))
    }

    fn is_settled(&self, envelope: &'a Envelope) -> bool {
        if self.counts(envelope) || self.is_needed(envelope) {
            return false;
        }
        !self.is_permitted_if(envelope, Asked::WithoutTermsAndRivals)
            || self.reason(envelope) == Some(Reason::Outvoted)
            || self
                .backlink(envelope)
                .into_iter()
                .chain(self.dependencies_here(envelope))
                .any(|earlier| self.envelope_is_aside(earlier))
    }

    /// Asked of issued statements.
    fn is_in_order(&self, statement: &'a Statement) -> bool {
        let without_terms = Question { valid: Valid::LeftOut, ..Question::at(0) };
        match &statement.record {
            Record::Card { .. } => self
                .lineage(statement)
                .and_then(|lineage| self.present_card(lineage))
                .is_some_and(|present| present.id == statement.id),
            Record::Address { .. } => {
                self.is_last_address(statement) && self.stands_inside(statement, without_terms)
            }
            _ => {
                let question = Question { signatures: false, ..without_terms };
                self.path_of_its_own(statement).is_some_and(|path| self.holds(&path, question))
            }
        }
    }

    /// The inside path, or the path (r; S) of a root act.
    fn path_of_its_own(&self, statement: &'a Statement) -> Option<Path<'a>> {
        self.inside_path(statement).or_else(|| self.root_path(statement))
    }

    /// "Of those with its issuer and proof the one with the greatest `at`, of several the one
    /// with the smallest id."
    fn is_last_address(&self, address: &Statement) -> bool {
        let same = |other: &&Statement| {
            other.is_address()
                && other.issued().map(|one| (one.issuer, one.proof))
                    == address.issued().map(|one| (one.issuer, one.proof))
        };
        self.kept().filter(same).all(|other| {
            other.id == address.id
                || other.at() < address.at()
                || (other.at() == address.at() && other.id > address.id)
        })
    }

    /// The smallest collection of statements but adoptions: goes round over those that are not
    /// in it until none is added.
    fn collection(&self) -> Vec<&'a Statement> {
        let mut collection: Vec<&Statement> = Vec::new();
        loop {
            let before = collection.len();
            for statement in self.kept().filter(|one| !is_adoption(one)) {
                if !is_in(&collection, &statement.id) && self.is_called_for(&collection, statement)
                {
                    collection.push(statement);
                }
            }
            if collection.len() == before {
                return collection;
            }
        }
    }

    /// Whether one of the six lines brings the statement into the collection.
    fn is_called_for(&self, collection: &[&'a Statement], statement: &'a Statement) -> bool {
        let named = || collection.iter().any(|one| calls_for(one, statement));
        let by_kind = || match &statement.record {
            Record::Charter { unit, .. } => {
                self.foundings_of(&statement.id, unit).any(|one| is_in(collection, &one.id))
            }
            Record::Founding { below, lineage, .. } => {
                is_in(collection, lineage) && self.is_first_founding(statement, below, lineage)
            }
            Record::Rotation { previous, .. } | Record::Succession { previous, .. } => {
                *previous == self.case.genesis.id || is_in(collection, previous)
            }
            Record::Endorsement { endorses, .. } => is_in(collection, endorses),
            _ => false,
        };
        named() || by_kind() || (statement.issued().is_some() && self.is_in_order(statement))
    }

    /// "For a charter in the collection, of the kept foundings that name it with its unit, the
    /// one with the smallest id."
    fn is_first_founding(&self, founding: &Statement, below: &str, lineage: &str) -> bool {
        let of_the_unit = self.kept_with(lineage).is_some_and(
            |kept| matches!(&kept.record, Record::Charter { unit, .. } if unit == below),
        );
        of_the_unit && self.foundings_of(lineage, below).all(|other| founding.id <= other.id)
    }

    /// Ids of the statements that are kept and set aside, ascending: the adoptions that are not
    /// in order, and of the others those that are not in the collection.
    pub(crate) fn statements_aside(&self) -> Vec<String> {
        let collection = self.collection();
        let mut aside: Vec<String> = self
            .kept()
            .filter(|one| {
                if is_adoption(one) { !self.is_in_order(one) } else { !is_in(&collection, &one.id) }
            })
            .map(|one| one.id.clone())
            .collect();
        aside.sort();
        aside
    }
}

fn is_adoption(statement: &Statement) -> bool {
    matches!(statement.record, Record::Adoption { .. })
}

fn is_in(collection: &[&Statement], id: &str) -> bool {
    collection.iter().any(|one| one.id == id)
}

/// "Names as `proof` or `previous`, or as `ends` if the unit of the one contains the unit of the
/// other".
fn calls_for(one: &Statement, other: &Statement) -> bool {
    match &one.record {
        Record::Rotation { previous, .. } | Record::Succession { previous, .. } => {
            *previous == other.id
        }
        Record::Endorsement { proof, .. } => *proof == other.id,
        Record::Ending { unit, proof, ends, .. } => {
            *proof == other.id
                || (*ends == other.id && other.unit().is_some_and(|of| contains(unit, of)))
        }
        _ => one.issued().is_some_and(|issued| issued.proof == other.id),
    }
}
