//! What the paths to a statement permit (section 6, "Paths"): at which times, for which classes and
//! readers.

use schema_wire::{Class, Classes, Hash, Ms, Reads};

use crate::fact::Act;
use crate::window::{Term, Windows};

/// The classes that every delegation of a path has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct ClassSet([u128; 2]);

impl ClassSet {
    pub(crate) const ALL: Self = Self([u128::MAX; 2]);

    pub(crate) fn of(classes: &Classes) -> Self {
        let mut set = Self([0; 2]);
        for (first, last) in classes.ranges() {
            for number in first..=last {
                set.0[usize::from(number / 128)] |= 1 << (number % 128);
            }
        }
        set
    }

    pub(crate) fn meet(self, other: Self) -> Self {
        Self([self.0[0] & other.0[0], self.0[1] & other.0[1]])
    }

    pub(crate) fn has(self, class: Class) -> bool {
        let number = class.number();
        self.0[usize::from(number / 128)] & (1 << (number % 128)) != 0
    }
}

/// The part of a path from the last generation on: inside the unit, or the act of a root.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Inside {
    /// The first statement after the generation: what units above must spare.
    pub(crate) first: Hash,
    /// (H5): the times at which every grant in it is valid.
    pub(crate) term: Term,
    /// (H6)
    pub(crate) classes: ClassSet,
    pub(crate) reads: Reads,
}

/// What all outside paths together permit.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Outside {
    /// When one of them holds.
    pub(crate) windows: Windows,
    /// When one holds, if (H5) is asked of delegations alone.
    pub(crate) open: Windows,
    /// For readers: until when one holds.
    pub(crate) until: Option<Ms>,
    /// Does one hold with (H5) and (H7) left out?
    pub(crate) bare: bool,
}

impl Outside {
    /// Of the act of a root: always.
    pub(crate) fn always() -> Self {
        let always = || Windows::of([Term::ALWAYS]);
        Self { windows: always(), open: always(), until: Some(Ms::MAX), bare: true }
    }

    /// By any of many.
    pub(crate) fn any<'a>(all: impl Iterator<Item = &'a Self> + Clone) -> Self {
        let terms = |of: fn(&'a Self) -> &'a Windows| {
            Windows::of(all.clone().flat_map(|one| of(one).terms()))
        };
        Self {
            windows: terms(|one| &one.windows),
            open: terms(|one| &one.open),
            until: all.clone().filter_map(|one| one.until).max(),
            bare: all.clone().any(|one| one.bare),
        }
    }

    /// Does it permit everything that another one does?
    pub(crate) fn covers(&self, other: &Self) -> bool {
        self.windows.cover(&other.windows)
            && self.open.cover(&other.open)
            && self.until >= other.until
            && (self.bare || !other.bare)
    }

    /// By another too, at the cost of that one.
    pub(crate) fn add(&mut self, other: &Self) {
        other.windows.terms().for_each(|term| self.windows.add(term));
        other.open.terms().for_each(|term| self.open.add(term));
        self.until = self.until.max(other.until);
        self.bare |= other.bare;
    }

    /// What is left if the lineage is not the one followed (H7).
    pub(crate) fn unfollowed(&self) -> Self {
        Self { bare: self.bare, ..Self::default() }
    }

    /// What is left behind this statement (H5).
    pub(crate) fn behind(self, act: &Act) -> Self {
        let (term, open) = match act {
            Act::Delegation(grant) => (grant.term, self.open.within(grant.term)),
            Act::Founding(recognised) => (recognised.term, self.open),
            _ => return self,
        };
        let until = self.until.map(|until| until.min(term.until));
        Self { windows: self.windows.within(term), open, until, bare: self.bare }
    }
}
