//! Which envelopes are needed, and which are set aside (section 7).

use tests_oracle::case::{Mark, Record};

use super::Quick;
use super::path::Ask;

impl Quick<'_> {
    /// Whether a mark of this adoption makes an envelope needed.
    fn wants(&self, marks: &[Mark], envelope: usize) -> bool {
        let one = &self.case.envelopes[envelope];
        marks.iter().any(|mark| {
            let head = self.written.get(mark.head.as_str()).filter(|&&head| self.admitted[head]);
            let elsewhere = |&head: &usize| {
                let head = &self.case.envelopes[head];
                !self.rules.heads_elsewhere
                    && (head.document != mark.document
                        || head.author != mark.author
                        || head.incarnation != mark.incarnation
                        || head.seq != mark.seq)
            };
            mark.document == one.document
                && mark.author == one.author
                && mark.incarnation == one.incarnation
                && mark.seq >= one.seq
                && head.is_none_or(|head| elsewhere(head) || self.behind(*head, envelope))
        })
    }

    pub(super) fn envelopes_aside(
        &self,
        order: &[usize],
        permitted: &[bool],
        contends: &[bool],
        told: &[&str],
    ) -> Vec<bool> {
        let count = self.case.envelopes.len();
        let mut needed = vec![false; count];
        let ask = |at| Ask { at: Some(at), ..Ask::default() };
        for (place, at) in self.adoptions() {
            let Record::Adoption { marks, .. } = self.record(place) else { continue };
            for &n in order {
                needed[n] |= self.wants(marks, n) && self.path_holds(place, n, ask(at));
            }
        }
        for &n in order.iter().rev() {
            let needs = match self.rules.permitted_need {
                true => permitted[n],
                false => contends[n] && told[n] != "outvoted",
            };
            let back = self.back(&self.case.envelopes[n]);
            for below in self.below(n) {
                needed[below] |= needed[n] || needs && Some(below) != back;
            }
        }
        let mut aside = vec![false; count];
        for &n in order {
            aside[n] = told[n] != "counts"
                && !needed[n]
                && (!self.permitted(n, true)
                    || told[n] == "outvoted"
                    || self.below(n).into_iter().any(|below| aside[below]));
        }
        aside
    }
}
