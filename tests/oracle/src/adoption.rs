//! Section 6, "Adoptions" and "Writing": what an adoption covers, and what is permitted.

use crate::admission::log;
use crate::case::{Document, Envelope, Mark, Record, Statement};
use crate::held::Held;
use crate::names::{Audience, audience};
use crate::path::{On, Question, Valid};

/// Whether (H5) and (H7) are asked of a permission (they are left out in "set aside").
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Asked {
    Whole,
    WithoutTermsAndRivals,
}

impl<'a> Held<'a> {
    /// The kept adoptions, each with its marks and its `at`.
    pub(crate) fn adoptions(&self) -> impl Iterator<Item = (&'a Statement, &'a [Mark], u64)> {
        self.kept().filter_map(|statement| match &statement.record {
            Record::Adoption { marks, at, .. } => Some((statement, marks.as_slice(), *at)),
            _ => None,
        })
    }

    /// "A mark of it names E's document, author and incarnation, the envelope with the mark's
    /// `head` as id is admitted at the seq that the mark names, and E is it, or backlinks lead
    /// from it to E."
    pub(crate) fn covers(&self, mark: &Mark, envelope: &Envelope) -> bool {
        mark_log(mark) == log(envelope)
            && self
                .admitted_with(&mark.head)
                .is_some_and(|head| head.seq == mark.seq && self.backlinks_lead(head, envelope))
    }

    /// Whether `to` is `from`, or backlinks lead there. Ends: a backlink was admitted before.
    pub(crate) fn backlinks_lead(&self, from: &Envelope, to: &Envelope) -> bool {
        from.id == to.id
            || from
                .backlink
                .as_ref()
                .and_then(|backlink| self.admitted_with(backlink))
                .is_some_and(|before| self.backlinks_lead(before, to))
    }

    /// Whether a path on behalf of the envelope holds that ends in `last`: "if the document's
    /// audience is `unit`, the inside path, and its lineage is the node's own; otherwise an
    /// outside path, at every node".
    pub(crate) fn path_for(
        &self,
        last: &'a Statement,
        envelope: &Envelope,
        t: u64,
        asked: Asked,
    ) -> bool {
        let whole = Question::at(t).on(On::Envelope(envelope.document.1));
        let question = match asked {
            Asked::Whole => whole,
            Asked::WithoutTermsAndRivals => {
                Question { valid: Valid::LeftOut, recognised: false, ..whole }
            }
        };
        match audience(&envelope.document) {
            None => false,
            Some(Audience::Unit) => {
                self.lineage(last) == Some(self.case.own.lineage.as_str())
                    && self.stands_inside(last, question)
            }
            Some(_) => self.stands_outside(last, question),
        }
    }

    /// "An envelope E is permitted if a path on behalf of E holds that ends in …".
    pub(crate) fn is_permitted(&self, envelope: &'a Envelope) -> bool {
        self.permitted.ask(&envelope.id, || self.is_permitted_if(envelope, Asked::Whole))
    }

    pub(crate) fn is_permitted_if(&self, envelope: &Envelope, asked: Asked) -> bool {
        let by_delegation = self.may_carry(envelope, &envelope.delegation)
            && self
                .kept_with(&envelope.delegation)
                .is_some_and(|last| self.path_for(last, envelope, envelope.at, asked));
        let by_adoption = || {
            self.adoptions().any(|(adoption, marks, at)| {
                marks.iter().any(|mark| self.covers(mark, envelope))
                    && self.path_for(adoption, envelope, at, asked)
            })
        };
        by_delegation || by_adoption()
    }
}

/// The log that a mark names.
pub(crate) fn mark_log(mark: &Mark) -> (&Document, &str, &str) {
    (&mark.document, &mark.author, &mark.incarnation)
}
