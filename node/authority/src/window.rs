//! Times at which something holds: one term, or a union of terms.

use schema_wire::Ms;

/// The times from one to another, both included. Empty if it ends before it begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Term {
    pub(crate) from: Ms,
    pub(crate) until: Ms,
}

impl Term {
    pub(crate) const ALWAYS: Self = Self { from: Ms::of(0), until: Ms::MAX };

    pub(crate) fn has(self, time: Ms) -> bool {
        (self.from..=self.until).contains(&time)
    }

    pub(crate) fn meet(self, other: Self) -> Self {
        Self { from: self.from.max(other.from), until: self.until.min(other.until) }
    }
}

/// A union of terms: ascending, apart, none empty.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Windows(Vec<Term>);

impl Windows {
    pub(crate) fn of(terms: impl IntoIterator<Item = Term>) -> Self {
        let mut terms: Vec<Term> =
            terms.into_iter().filter(|term| term.from <= term.until).collect();
        terms.sort_by_key(|term| term.from);
        let mut apart: Vec<Term> = Vec::new();
        for term in terms {
            match apart.last_mut() {
                Some(last) if term.from <= last.until.plus(1) => {
                    last.until = last.until.max(term.until);
                }
                _ => apart.push(term),
            }
        }
        Self(apart)
    }

    /// Adds a term, at the cost of those that it touches.
    pub(crate) fn add(&mut self, term: Term) {
        if term.from > term.until {
            return;
        }
        let begin = self.0.partition_point(|one| one.until.plus(1) < term.from);
        let end = self.0.partition_point(|one| one.from <= term.until.plus(1));
        let touched = self.0.get(begin..end).unwrap_or_default();
        let from = touched.first().map_or(term.from, |first| first.from.min(term.from));
        let until = touched.last().map_or(term.until, |last| last.until.max(term.until));
        self.0.splice(begin..end.max(begin), [Term { from, until }]);
    }

    pub(crate) fn has(&self, time: Ms) -> bool {
        let after = self.0.partition_point(|term| term.from <= time);
        after.checked_sub(1).and_then(|last| self.0.get(last)).is_some_and(|term| term.has(time))
    }

    pub(crate) fn cover(&self, other: &Self) -> bool {
        let around = |term: Term| {
            let after = self.0.partition_point(|one| one.from <= term.from);
            after
                .checked_sub(1)
                .and_then(|last| self.0.get(last))
                .is_some_and(|one| term.until <= one.until)
        };
        other.terms().all(around)
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(crate) fn within(&self, bounds: Term) -> Self {
        Self::of(self.0.iter().map(|term| term.meet(bounds)))
    }

    pub(crate) fn terms(&self) -> impl Iterator<Item = Term> {
        self.0.iter().copied()
    }
}

#[cfg(test)]
mod tests {
    use super::{Term, Windows};
    use schema_wire::Ms;

    fn term(from: u64, until: u64) -> Term {
        Term { from: Ms::of(from), until: Ms::of(until) }
    }

    #[test]
    fn a_union_has_what_one_of_its_terms_has() {
        let terms = [term(20, 30), term(5, 9), term(10, 12), term(25, 40), term(50, 49)];
        let windows = Windows::of(terms);
        for time in (0..60).map(Ms::of) {
            assert_eq!(windows.has(time), terms.iter().any(|term| term.has(time)), "{time:?}");
        }
        assert_eq!(windows, Windows::of([term(5, 12), term(20, 40)]));
    }

    #[test]
    fn terms_that_are_added_one_by_one_make_the_same_union() {
        let some = [0, 1, 2, 3, 5, 8, 9, 13];
        let all: Vec<Term> =
            some.iter().flat_map(|from| some.map(|until| term(*from, until))).collect();
        // In an order that mixes terms that touch with terms that do not.
        let mixed = |n: usize| (0..6).map(move |i| (n * 31 + i * i * 17 + i * 7) % 64);
        for n in 0..4_096 {
            let terms: Vec<Term> = mixed(n).map(|at| all[at]).collect();
            let mut windows = Windows::default();
            terms.iter().for_each(|term| windows.add(*term));
            assert_eq!(windows, Windows::of(terms.iter().copied()), "{terms:?}");
        }
        let mut windows = Windows::of([term(3, 4)]);
        windows.add(Term::ALWAYS);
        assert_eq!(windows, Windows::of([Term::ALWAYS]));
    }

    #[test]
    fn what_is_within_bounds_is_cut_at_both_ends() {
        let windows = Windows::of([term(0, 10), term(20, 30)]).within(term(5, 25));
        assert_eq!(windows, Windows::of([term(5, 10), term(20, 25)]));
        assert!(windows.within(term(11, 19)).is_empty());
    }

    #[test]
    fn the_last_time_there_is_does_not_wrap() {
        let end = Ms::MAX.get();
        assert_eq!(Windows::of([term(0, end), term(end, end)]), Windows::of([Term::ALWAYS]));
    }
}
