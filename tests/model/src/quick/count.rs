//! Marks, envelopes and reading (sections 6 to 8).

use tests_oracle::case::{Envelope, Mark, Read, Record, Scope};

use super::path::Ask;
use super::{GENESIS, Place, Quick};

impl Quick<'_> {
    /// Whether an adoption covers an envelope; with `there` only by a head that is admitted.
    fn covers(&self, adoption: Place, envelope: usize, there: bool) -> bool {
        let Record::Adoption { marks, .. } = self.record(adoption) else { return false };
        let one = &self.case.envelopes[envelope];
        let covers = |mark: &Mark| {
            let log = mark.document == one.document
                && mark.author == one.author
                && mark.incarnation == one.incarnation;
            let head = self.written.get(mark.head.as_str()).filter(|&&head| self.admitted[head]);
            log && match head {
                None => self.rules.absent_heads && !there && mark.seq >= one.seq,
                Some(&head) => {
                    self.case.envelopes[head].seq == mark.seq && self.behind(head, envelope)
                }
            }
        };
        marks.iter().any(covers)
    }

    /// Whether backlinks lead from `head` to `envelope`, or they are one.
    pub(super) fn behind(&self, head: usize, envelope: usize) -> bool {
        let mut at = Some(head);
        while let Some(here) = at {
            if here == envelope {
                return true;
            }
            at = self.back(&self.case.envelopes[here]);
        }
        false
    }

    pub(super) fn back(&self, envelope: &Envelope) -> Option<usize> {
        self.written.get(envelope.backlink.as_deref()?).copied()
    }

    pub(super) fn admitted(&self, n: usize) -> bool {
        self.admitted[n]
    }

    pub(super) fn admit(&mut self) {
        self.admitted = vec![false; self.case.envelopes.len()];
        loop {
            let before = self.admitted.clone();
            for n in 0..self.admitted.len() {
                self.admitted[n] = self.admitted[n] || self.may_admit(&self.case.envelopes[n]);
            }
            if before == self.admitted {
                break;
            }
        }
    }

    fn may_admit(&self, one: &Envelope) -> bool {
        let same_log = |other: &Envelope| {
            other.document == one.document
                && other.author == one.author
                && other.incarnation == one.incarnation
        };
        let follows = match self.back(one) {
            None => one.backlink.is_none() && one.seq == 1,
            Some(n) => {
                let before = &self.case.envelopes[n];
                self.admitted[n]
                    && same_log(before)
                    && before.seq + 1 == one.seq
                    && before.at <= one.at
            }
        };
        let rests = one.dependencies.iter().all(|id| {
            self.written.get(id.as_str()).is_some_and(|&n| {
                let other = &self.case.envelopes[n];
                self.admitted[n] && other.document == one.document && !same_log(other)
            })
        });
        follows && rests && self.may_carry(one)
    }

    fn may_carry(&self, one: &Envelope) -> bool {
        let Some(place) = self.place(&one.delegation) else { return false };
        if place == GENESIS || !self.is_kept(place) {
            return false;
        }
        let Record::Delegation { unit, subject, verbs, classes, not_before, not_after, .. } =
            self.record(place)
        else {
            return false;
        };
        *unit == one.document.0
            && *subject == one.author
            && verbs & 2 > 0
            && classes.iter().any(|(a, b)| (*a..=*b).contains(&one.document.1))
            && *not_before <= one.at
            && one.at <= *not_after
    }

    /// Whether a path that ends in this statement holds on behalf of an envelope.
    pub(super) fn path_holds(&self, place: Place, n: usize, ask: Ask) -> bool {
        let class = self.case.envelopes[n].document.1;
        let ask = Ask { class: Some(class), ..ask };
        if !(128..192).contains(&class) {
            return self.outside_paths(place).iter().any(|path| self.holds(path, ask));
        }
        let own = self.lineages[place].is_some() && self.lineages[place] == self.own_lineage();
        own && self.holds(&self.inside_path(place), ask)
    }

    /// With (H5) and (H7) left out if `loose`.
    pub(super) fn permitted(&self, n: usize, loose: bool) -> bool {
        let one = &self.case.envelopes[n];
        let ask = |at: u64| Ask { at: (!loose).then_some(at), rivals: loose, ..Ask::default() };
        self.place(&one.delegation).is_some_and(|place| self.path_holds(place, n, ask(one.at)))
            || self.adoptions().any(|(place, at)| {
                self.covers(place, n, false) && self.path_holds(place, n, ask(at))
            })
    }

    pub(super) fn adoptions(&self) -> impl Iterator<Item = (Place, u64)> {
        self.adoptions.iter().map(|&place| match self.record(place) {
            Record::Adoption { at, .. } => (place, *at),
            _ => (place, 0),
        })
    }

    /// Envelopes before which a verdict cannot be asked, and after which it can.
    fn in_order(&self) -> Vec<usize> {
        let mut order: Vec<usize> = Vec::new();
        while let Some(next) = (0..self.admitted.len()).find(|n| {
            self.admitted[*n]
                && !order.contains(n)
                && self.below(*n).iter().all(|below| order.contains(below))
        }) {
            order.push(next);
        }
        order
    }

    /// The envelopes of one place.
    fn place_of(&self, n: usize) -> Vec<usize> {
        let one = &self.case.envelopes[n];
        let same = |m: &usize| {
            let other = &self.case.envelopes[*m];
            other.document == one.document
                && other.author == one.author
                && other.incarnation == one.incarnation
                && other.seq == one.seq
        };
        (0..self.admitted.len()).filter(same).collect()
    }

    /// Of the contenders of a place the one that prevails.
    fn winner(&self, contenders: &[usize]) -> Option<usize> {
        if let [only] = contenders {
            return Some(*only);
        }
        let ask = |at| Ask { at: Some(at), ..Ask::default() };
        let choices = self.adoptions().flat_map(|(place, at)| {
            let chosen = contenders.iter().filter(move |&&n| {
                self.covers(place, n, true) && self.path_holds(place, n, ask(at))
            });
            chosen.map(move |&n| (at, self.id(place), n))
        });
        choices.min().map(|(_, _, n)| n)
    }

    /// The verdicts as text, and which envelopes are set aside.
    pub(super) fn verdicts(&self) -> (Vec<String>, Vec<bool>) {
        let count = self.case.envelopes.len();
        let permitted: Vec<bool> =
            (0..count).map(|n| self.admitted[n] && self.permitted(n, false)).collect();
        let order = self.in_order();
        let (mut contends, mut prevails) = (vec![false; count], vec![false; count]);
        let mut places: Vec<usize> = order.clone();
        places.sort_by_key(|&n| self.case.envelopes[n].seq);
        for &n in &places {
            let back = self.back(&self.case.envelopes[n]);
            contends[n] = permitted[n]
                && back.is_none_or(|back| {
                    // Its place was settled before, as seq rises.
                    let rivals = self.place_of(back);
                    let rivals: Vec<usize> = rivals.into_iter().filter(|&m| contends[m]).collect();
                    contends[back] && self.winner(&rivals) == Some(back)
                });
        }
        for &n in &places {
            let rivals: Vec<usize> =
                self.place_of(n).into_iter().filter(|&m| contends[m]).collect();
            prevails[n] = contends[n] && self.winner(&rivals) == Some(n);
        }
        let mut told = vec!["absent"; count];
        for &n in &order {
            let back = self.back(&self.case.envelopes[n]);
            told[n] = if !permitted[n] {
                "unpermitted"
            } else if back.is_some_and(|back| !prevails[back]) {
                "rests-on-suspended"
            } else if !prevails[n] {
                let beaten = self.place_of(n).into_iter().any(|m| m != n && prevails[m]);
                if beaten { "outvoted" } else { "fork" }
            } else if self.below(n).into_iter().any(|below| told[below] != "counts") {
                "rests-on-suspended"
            } else {
                "counts"
            };
        }
        let aside = self.envelopes_aside(&order, &permitted, &contends, &told);
        let word = |n: usize| match aside[n] {
            true => format!("{}+aside", told[n]),
            false => told[n].to_owned(),
        };
        ((0..count).map(word).collect(), aside)
    }

    pub(super) fn below(&self, n: usize) -> Vec<usize> {
        let one = &self.case.envelopes[n];
        let same = |id: &String| {
            self.written
                .get(id.as_str())
                .copied()
                .filter(|&other| self.case.envelopes[other].document == one.document)
        };
        self.back(one).into_iter().chain(one.dependencies.iter().filter_map(same)).collect()
    }

    /// Compartments from 4 only.
    pub(super) fn may_hold(&self, read: &Read) -> bool {
        let Scope::Own(unit, compartment @ 4..) = &read.scope else { return false };
        if *unit != self.case.own.unit {
            return false;
        }
        let reads = Some(1 << (compartment - 4));
        let ask = Ask { at: Some(read.at), early: true, reads, ..Ask::default() };
        (0..self.kept.len()).any(|place| {
            self.is_kept(place)
                && matches!(self.record(place), Record::Delegation { unit: of, subject, .. }
                    if of == unit && *subject == read.key)
                && self.lineages[place] == self.own_lineage()
                && self.holds(&self.inside_path(place), ask)
        })
    }

    pub(super) fn all_stands(&self) -> Vec<Vec<(String, String)>> {
        let word = |yes: bool, letter: &str| if yes { letter.to_owned() } else { "-".to_owned() };
        let one = |place: Place, at: Option<u64>| {
            let ask = |inside| match at {
                Some(at) => self.stands_at(place, inside, at),
                None => self.stands(place, inside),
            };
            (word(ask(true), "i"), word(ask(false), "o"))
        };
        (0..self.kept.len())
            .map(|place| {
                let timed = matches!(
                    self.record(place),
                    Record::Delegation { .. } | Record::Founding { .. }
                );
                let none = ("-".to_owned(), "-".to_owned());
                self.case
                    .times
                    .iter()
                    .map(|&at| match self.is_kept(place) {
                        true => one(place, timed.then_some(at)),
                        false => none.clone(),
                    })
                    .collect()
            })
            .collect()
    }
}
