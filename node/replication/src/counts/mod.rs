//! Which admitted envelopes count, and which are set aside: a pure function of a document's log
//! and of what stands (section 7).
//!
//! ```text
//!   permitted -> contenders of each place -> who prevails -> reasons      (who counts)
//!                                                         -> needed -> set aside
//! ```
//! The first row goes along each log by seq, since a contender's backlink must prevail. Reasons
//! and what is set aside go through the envelopes in causal order, what is needed in the reverse.

mod envelopes;
mod heads;
mod judge;
mod permissions;

use node_authority::{AdoptionMark, Written};
use schema_wire::{Author, DocumentId, Hash};

pub use crate::entry::Entry;
pub use envelopes::Envelopes;
pub(crate) use heads::build;
pub use heads::heads;
pub use judge::judge;

/// Why an admitted envelope does not count. A settled order: the first that is true is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reason {
    /// No path that permits it holds.
    Unpermitted,
    /// Its backlink does not prevail, or what it builds on does not count.
    RestsOnSuspended,
    /// Another envelope at its place was chosen.
    Outvoted,
    /// Its log forks at its place, and nobody chose a side yet.
    Fork,
}

impl Reason {
    /// The code of section 12.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Unpermitted => "unpermitted",
            Self::RestsOnSuspended => "rests-on-suspended",
            Self::Outvoted => "outvoted",
            Self::Fork => "fork",
        }
    }
}

/// What was found of an envelope.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Validity {
    /// It is part of its document.
    Counts,
    /// It is not.
    Suspended {
        /// Why.
        reason: Reason,
        /// Settled, and needed by nothing else: no part of the scope's set.
        aside: bool,
    },
}

impl Validity {
    /// Is it part of its document?
    #[must_use]
    pub const fn counts(self) -> bool {
        matches!(self, Self::Counts)
    }

    /// Why it does not count.
    #[must_use]
    pub const fn reason(self) -> Option<Reason> {
        match self {
            Self::Counts => None,
            Self::Suspended { reason, .. } => Some(reason),
        }
    }

    /// Is it no part of the scope's set?
    #[must_use]
    pub const fn is_aside(self) -> bool {
        matches!(self, Self::Suspended { aside: true, .. })
    }
}

/// How a path is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rules {
    /// As it is.
    Whole,
    /// With (H5), terms, and (H7), which lineage is followed, left out.
    WithoutTermsAndRivals,
}

/// What is asked of the statements.
pub trait Permissions {
    /// Does a path on behalf of an envelope hold, that ends in the delegation which it names?
    fn by_delegation(&self, written: &Written<'_>, rules: Rules) -> bool;

    /// Does a path on behalf of envelopes of this document hold, that ends in this adoption?
    fn by_adoption(&self, adoption: &Hash, document: &DocumentId, rules: Rules) -> bool;

    /// The marks of kept adoptions for a log.
    fn marks(&self, document: &DocumentId, author: Author) -> Vec<AdoptionMark>;
}
