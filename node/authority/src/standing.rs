//! Whether paths to a statement hold (section 6, "Paths"), without asking for a time or a class:
//! the answer is at which times, for which classes and readers they do.
//!
//! Nothing here asks whether the statement itself is ended: that depends on whether it is the last
//! of the path, and is asked of [`Ended`] where the path is used.

use schema_wire::{Class, Classes, Hash, Ms, Reads};

use crate::ended::{Ended, Side};
use crate::fact::Act;
use crate::recognition::Recognition;
use crate::refusal::Reason;
use crate::window::{Term, Windows};

/// The classes that every delegation of a path has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct ClassSet([u128; 2]);

impl ClassSet {
    pub(crate) const ALL: Self = Self([u128::MAX; 2]);

    fn of(classes: &Classes) -> Self {
        let mut set = Self([0; 2]);
        for (first, last) in classes.ranges() {
            for number in first..=last {
                set.0[usize::from(number / 128)] |= 1 << (number % 128);
            }
        }
        set
    }

    fn meet(self, other: Self) -> Self {
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
    fn always() -> Self {
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
    fn behind(self, act: &Act) -> Self {
        let (term, open) = match act {
            Act::Delegation(grant) => (grant.term, self.open.within(grant.term)),
            Act::Founding(recognised) => (recognised.term, self.open),
            _ => return self,
        };
        let until = self.until.map(|until| until.min(term.until));
        Self { windows: self.windows.within(term), open, until, bare: self.bare }
    }
}

/// How the paths to a statement stand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Standing {
    /// The inside path, or the path (r; S) of a root act: (H1), (H2) and (H4), or what it lacks.
    pub(crate) inside: Result<Inside, Reason>,
    pub(crate) outside: Outside,
    /// What it lacks, where no outside path holds at any time.
    pub(crate) obstacle: Option<Reason>,
}

impl Standing {
    fn fallen(reason: Reason) -> Self {
        let outside = Outside::default();
        Self { inside: Err(reason), outside, obstacle: Some(reason) }
    }

    /// Of a statement by a generation's key, (a): `spared` is what the lineage's chain says.
    pub(crate) fn by_key(
        id: Hash,
        act: &Act,
        spared: Result<(), Reason>,
        recognition: &Recognition,
        lineage: &Hash,
    ) -> Self {
        if let Err(reason) = spared {
            return Self::fallen(reason);
        }
        let start =
            Inside { first: id, term: Term::ALWAYS, classes: ClassSet::ALL, reads: Reads::ALL };
        let (outside, obstacle) = recognition.toward(lineage, &id);
        Self { inside: Ok(start), outside, obstacle }.behind(act)
    }

    /// Of a statement under a delegation, (b) or (d).
    pub(crate) fn under(proof: &Self, ended: &Ended, id: &Hash, act: &Act) -> Self {
        if proof.inside.is_ok() && ended.before(id) {
            return Self::fallen(Reason::Ended);
        }
        proof.clone().behind(act)
    }

    /// Of a root act, (c).
    pub(crate) fn by_root(id: Hash, act: &Act, spared: Result<(), Reason>, signed: bool) -> Self {
        if let Err(reason) = spared {
            return Self::fallen(reason);
        }
        let term = Term::ALWAYS;
        let inside = Ok(Inside { first: id, term, classes: ClassSet::ALL, reads: Reads::ALL });
        if !signed {
            let outside = Outside::default();
            return Self { inside, outside, obstacle: Some(Reason::TooFewRoots) };
        }
        Self { inside, outside: Outside::always(), obstacle: None }.behind(act)
    }

    /// The same path, with this statement behind it.
    fn behind(self, act: &Act) -> Self {
        let inside = self.inside.map(|inside| match act {
            Act::Delegation(grant) => Inside {
                term: inside.term.meet(grant.term),
                classes: inside.classes.meet(ClassSet::of(&grant.classes)),
                reads: inside.reads.meet(grant.reads),
                ..inside
            },
            Act::Founding(recognised) => {
                Inside { term: inside.term.meet(recognised.term), ..inside }
            }
            _ => inside,
        });
        let outside = self.outside.behind(act);
        let empty = outside.windows.is_empty().then_some(Reason::Expired);
        Self { inside, obstacle: self.obstacle.or(empty), outside }
    }

    /// Does it stand at this time, as endings of statements of that side must?
    pub(crate) fn stands(&self, side: Side, time: Ms) -> bool {
        match side {
            Side::Inner => self.holds_inside(time),
            Side::Outer => self.holds_outside(time),
        }
    }

    /// Does the inside path hold at this time?
    pub(crate) fn holds_inside(&self, time: Ms) -> bool {
        self.inside.as_ref().is_ok_and(|inside| inside.term.has(time))
    }

    /// Does an outside path hold at this time?
    pub(crate) fn holds_outside(&self, time: Ms) -> bool {
        self.outside.windows.has(time)
    }
}
