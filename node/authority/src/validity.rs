//! Whether paths to a statement hold (section 6, "Paths"), without asking for a time or a class:
//! the answer is at which times, for which classes and readers they do.
//!
//! Nothing here asks whether the statement itself is ended: that depends on whether it is the last
//! of the path, and is asked of [`Ended`] where the path is used.

use schema_wire::{Hash, Ms, Reads};

use crate::ended::{Ended, Side};
use crate::fact::Act;
use crate::path::{ClassSet, Inside, Outside};
use crate::recognition::Recognition;
use crate::refusal::Reason;
use crate::window::Term;

/// How the paths to a statement stand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Validity {
    /// The inside path, or the path (r; S) of a root act: (H1), (H2) and (H4), or what it lacks.
    pub(crate) inside: Result<Inside, Reason>,
    pub(crate) outside: Outside,
    /// What it lacks, where no outside path holds at any time.
    pub(crate) obstacle: Option<Reason>,
}

impl Validity {
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
