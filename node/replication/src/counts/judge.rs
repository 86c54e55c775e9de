//! The verdicts of section 7, rule by rule.

use std::collections::BTreeMap;

use node_authority::AdoptionMark;
use schema_wire::{Author, DocumentId, Hash, Ms};

use super::envelopes::{Envelope, Envelopes};
use super::{Permissions, Reason, Rules, Validity};

/// What is found of each envelope, on the way to its verdict.
#[derive(Debug, Clone, Default)]
struct Finding {
    /// The first adoption, by time and id, whose path holds and that covers it.
    chosen: Option<(Ms, Hash)>,
    /// Covered by an adoption whose path would hold without terms and rivals.
    could_be_adopted: bool,
    permitted: bool,
    contends: bool,
    prevails: bool,
    outvoted: bool,
    reason: Option<Reason>,
    needed: bool,
    aside: bool,
}

/// Judges envelopes that are complete: each one's past, and the whole of each place. The verdicts
/// have their order.
#[must_use]
pub fn judge(envelopes: &Envelopes, permissions: &impl Permissions) -> Vec<Validity> {
    let findings = vec![Finding::default(); envelopes.all.len()];
    let Envelopes { all, numbers } = envelopes;
    let mut judging = Judging { all, numbers, permissions, findings };
    for ((document, author), log) in &envelopes.logs() {
        judging.adopt(document, *author, log);
        judging.permit(log);
        judging.settle_places(log);
    }
    judging.give_reasons();
    judging.spread_needs();
    judging.set_aside();
    let validity = |finding: &Finding| match finding.reason {
        None => Validity::Counts,
        Some(reason) => Validity::Suspended { reason, aside: finding.aside },
    };
    judging.findings.iter().map(validity).collect()
}

struct Judging<'a, P> {
    all: &'a [Envelope],
    numbers: &'a BTreeMap<Hash, usize>,
    permissions: &'a P,
    findings: Vec<Finding>,
}

impl<P: Permissions> Judging<'_, P> {
    /// What adoptions cover of a log, and what they need of it.
    fn adopt(&mut self, document: &DocumentId, author: Author, log: &[usize]) {
        let mut marks = self.permissions.marks(document, author);
        // The first one reaches an envelope first, so nothing behind it need be visited again.
        marks.sort_by_key(|mark| (mark.at, mark.adoption));
        for mark in marks {
            let head = self.head(document, author, &mark);
            let holds = |rules| self.permissions.by_adoption(&mark.adoption, document, rules);
            if holds(Rules::Whole) {
                match head {
                    Some(head) => self.choose(head, (mark.at, mark.adoption)),
                    None => self.await_head(log, mark.seq),
                }
            }
            if let Some(head) = head
                && holds(Rules::WithoutTermsAndRivals)
            {
                self.could_adopt(head);
            }
        }
    }

    /// The envelope that a mark names, if it is at the place that the mark names.
    fn head(&self, document: &DocumentId, author: Author, mark: &AdoptionMark) -> Option<usize> {
        let number = *self.numbers.get(&mark.head)?;
        let one = &self.all[number];
        let there =
            one.document == *document && (one.entry.author, one.entry.seq) == (author, mark.seq);
        there.then_some(number)
    }

    fn choose(&mut self, head: usize, adoption: (Ms, Hash)) {
        let mut next = Some(head);
        while let Some(number) = next.filter(|number| self.findings[*number].chosen.is_none()) {
            self.findings[number].chosen = Some(adoption);
            self.findings[number].needed = true;
            next = self.all[number].backlink;
        }
    }

    fn could_adopt(&mut self, head: usize) {
        let mut next = Some(head);
        while let Some(number) = next.filter(|number| !self.findings[*number].could_be_adopted) {
            self.findings[number].could_be_adopted = true;
            next = self.all[number].backlink;
        }
    }

    /// As long as a mark's head is not here, nothing before it is known to be no part of its past.
    fn await_head(&mut self, log: &[usize], seq: u64) {
        for number in log.iter().take_while(|number| self.all[**number].entry.seq <= seq) {
            self.findings[*number].needed = true;
        }
    }

    fn permit(&mut self, log: &[usize]) {
        for number in log {
            let chosen = self.findings[*number].chosen.is_some();
            self.findings[*number].permitted = chosen || self.by_delegation(*number, Rules::Whole);
        }
    }

    fn by_delegation(&self, number: usize, rules: Rules) -> bool {
        let Envelope { document, entry, .. } = &self.all[number];
        self.permissions.by_delegation(&entry.written(document), rules)
    }

    /// Who contends at each place of a log, and who prevails.
    fn settle_places(&mut self, log: &[usize]) {
        for place in log.chunk_by(|a, b| self.all[*a].entry.seq == self.all[*b].entry.seq) {
            for number in place {
                self.findings[*number].contends =
                    self.findings[*number].permitted && self.backlink_prevails(*number);
            }
            let contenders: Vec<usize> =
                place.iter().copied().filter(|number| self.findings[*number].contends).collect();
            let winner = match contenders[..] {
                [only] => Some(only),
                _ => self.first_chosen(&contenders),
            };
            for contender in contenders {
                self.findings[contender].prevails = winner == Some(contender);
                self.findings[contender].outvoted = winner.is_some_and(|one| one != contender);
            }
        }
    }

    /// Of several contenders the one that the first adoption to choose any of them chooses.
    fn first_chosen(&self, contenders: &[usize]) -> Option<usize> {
        let chosen = |number: &usize| self.findings[*number].chosen.map(|first| (first, *number));
        contenders.iter().filter_map(chosen).min().map(|(_, number)| number)
    }

    fn backlink_prevails(&self, number: usize) -> bool {
        self.all[number].backlink.is_none_or(|backlink| self.findings[backlink].prevails)
    }

    fn give_reasons(&mut self) {
        for number in 0..self.all.len() {
            self.findings[number].reason = self.reason(number);
        }
    }

    /// The first reason that is true.
    fn reason(&self, number: usize) -> Option<Reason> {
        let finding = &self.findings[number];
        if !finding.permitted {
            Some(Reason::Unpermitted)
        } else if !self.backlink_prevails(number) {
            Some(Reason::RestsOnSuspended)
        } else if finding.outvoted {
            Some(Reason::Outvoted)
        } else if !finding.prevails {
            Some(Reason::Fork)
        } else if self.all[number].rests_on().any(|one| self.findings[one].reason.is_some()) {
            Some(Reason::RestsOnSuspended)
        } else {
            None
        }
    }

    /// What a contender of another log names is needed, unless the contender is outvoted; and
    /// whatever is needed needs all that it names.
    fn spread_needs(&mut self) {
        for number in (0..self.all.len()).rev() {
            let Finding { needed, contends, outvoted, .. } = self.findings[number];
            let one = &self.all[number];
            if needed || (contends && !outvoted) {
                for named in one.dependencies.iter().chain(&one.opposite) {
                    self.findings[*named].needed = true;
                }
            }
            if let Some(backlink) = one.backlink.filter(|_| needed) {
                self.findings[backlink].needed = true;
            }
        }
    }

    fn set_aside(&mut self) {
        for number in 0..self.all.len() {
            let finding = &self.findings[number];
            let open = finding.reason.is_none() || finding.needed;
            self.findings[number].aside = !open && self.is_settled(number);
        }
    }

    /// Is it suspended for a reason that no later time or choice of lineage takes away, or does
    /// it rest on what is set aside?
    fn is_settled(&self, number: usize) -> bool {
        let finding = &self.findings[number];
        let could_be_permitted =
            finding.could_be_adopted || self.by_delegation(number, Rules::WithoutTermsAndRivals);
        !could_be_permitted
            || finding.outvoted
            || self.all[number].rests_on().any(|one| self.findings[one].aside)
    }
}
