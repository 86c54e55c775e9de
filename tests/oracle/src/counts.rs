//! Section 7, "What counts": contenders, choices, the five reasons, and heads.

use crate::admission::log;
use crate::adoption::Asked;
use crate::case::{Envelope, Statement};
use crate::held::Held;

/// Why an envelope does not count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reason {
    Unpermitted,
    RestsOnSuspended,
    Outvoted,
    Fork,
}

impl Reason {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Unpermitted => "unpermitted",
            Self::RestsOnSuspended => "rests-on-suspended",
            Self::Outvoted => "outvoted",
            Self::Fork => "fork",
        }
    }
}

// Every recursion here goes to backlinks and dependencies, which were admitted before.
impl<'a> Held<'a> {
    pub(crate) fn backlink(&self, envelope: &Envelope) -> Option<&'a Envelope> {
        self.admitted_with(envelope.backlink.as_ref()?)
    }

    /// The dependencies in the same document.
    pub(crate) fn dependencies_here(&self, envelope: &Envelope) -> Vec<&'a Envelope> {
        let admitted = envelope.dependencies.iter().filter_map(|id| self.admitted_with(id));
        admitted.filter(|other| other.document == envelope.document).collect()
    }

    /// "Permitted, and whose backlink, if there is one, prevails."
    pub(crate) fn is_contender(&self, envelope: &'a Envelope) -> bool {
        self.is_permitted(envelope)
            && self.backlink(envelope).is_none_or(|backlink| self.prevails(backlink))
    }

    /// The contenders of the envelope's place, itself among them if it is one.
    fn contenders(&self, envelope: &Envelope) -> Vec<&'a Envelope> {
        self.admitted()
            .filter(|other| log(other) == log(envelope) && other.seq == envelope.seq)
            .filter(|other| self.is_contender(other))
            .collect()
    }

    /// "A mark of it covers E with its head admitted, and the adoption's path on behalf of E
    /// holds."
    fn choosers(&self, contender: &'a Envelope) -> Vec<(u64, &'a Statement)> {
        self.adoptions()
            .filter(|(adoption, marks, at)| {
                marks.iter().any(|mark| self.covers(mark, contender))
                    && self.path_for(adoption, contender, *at, Asked::Whole)
            })
            .map(|(adoption, _, at)| (at, adoption))
            .collect()
    }

    pub(crate) fn prevails(&self, envelope: &'a Envelope) -> bool {
        self.prevails.ask(&envelope.id, || self.is_contender(envelope) && self.is_the_one(envelope))
    }

    /// The only contender; or chosen by the adoption with the smallest `at`, then smallest id,
    /// of those that choose one of the contenders.
    fn is_the_one(&self, envelope: &'a Envelope) -> bool {
        let contenders = self.contenders(envelope);
        if contenders.len() == 1 {
            return true;
        }
        let first = contenders
            .iter()
            .flat_map(|contender| self.choosers(contender))
            .map(|(at, adoption)| (at, &adoption.id))
            .min();
        first.is_some_and(|first| {
            self.choosers(envelope).iter().any(|(at, adoption)| (*at, &adoption.id) == first)
        })
    }

    /// The first reason that is true; none if the envelope counts.
    pub(crate) fn reason(&self, envelope: &'a Envelope) -> Option<Reason> {
        let prevails = self.prevails(envelope);
        let backlink = self.backlink(envelope);
        if !self.is_permitted(envelope) {
            Some(Reason::Unpermitted)
        } else if backlink.is_some_and(|backlink| !self.prevails(backlink)) {
            Some(Reason::RestsOnSuspended)
        } else if !prevails && self.contenders(envelope).iter().any(|one| self.prevails(one)) {
            Some(Reason::Outvoted)
        } else if !prevails {
            Some(Reason::Fork)
        } else if backlink
            .into_iter()
            .chain(self.dependencies_here(envelope))
            .any(|earlier| !self.counts(earlier))
        {
            Some(Reason::RestsOnSuspended)
        } else {
            None
        }
    }

    pub(crate) fn counts(&self, envelope: &'a Envelope) -> bool {
        self.counts.ask(&envelope.id, || self.reason(envelope).is_none())
    }

    /// The heads of all documents: of the envelopes of a document that count, those that no
    /// other of them names as backlink or dependency.
    pub(crate) fn heads(&self) -> Vec<String> {
        let counting: Vec<&Envelope> = self.admitted().filter(|one| self.counts(one)).collect();
        let is_named = |envelope: &Envelope| {
            counting.iter().any(|other| {
                other.document == envelope.document
                    && (other.backlink.as_ref() == Some(&envelope.id)
                        || other.dependencies.contains(&envelope.id))
            })
        };
        let mut heads: Vec<String> =
            counting.iter().filter(|one| !is_named(one)).map(|one| one.id.clone()).collect();
        heads.sort();
        heads
    }
}
