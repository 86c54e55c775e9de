//! Strata: what a fold may read of other kinds, so that no two wait for each other.
//!
//! ```text
//!   rules and calendar -> accounts and posts -> persons and aliases -> all else -> indicators
//! ```
//!
//! Each kind is of a stratum; [`Lower`] hands out records of the strata below one, and no others:
//!
//! ```compile_fail
//! use schema_documents::kinds::{chief::Chief, slot::Slot};
//! use schema_documents::{Lower, Records};
//! fn read(lower: &Lower<'_, Records>) {
//!     lower.records::<Chief>();    // of the same stratum
//! }
//! ```
//!
//! ```
//! use schema_documents::kinds::post::Post;
//! use schema_documents::{Lower, Records};
//! fn read(lower: &Lower<'_, Records>) {
//!     lower.records::<Post>();     // below
//! }
//! ```

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::marker::PhantomData;

use crate::kind::{Declared, Kind};
use crate::record::{AnyRecord, Record};

/// A stratum by its number, from below.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// Rules and calendar.
    Rules,
    /// Accounts and posts.
    Posts,
    /// Persons and their aliases.
    Persons,
    /// All else.
    Records,
    /// Indicators.
    Indicators,
}

/// A stratum as a type.
pub trait Stratum {
    /// Its number.
    const LEVEL: Level;
}

/// Is below the stratum `S`.
pub trait Below<S> {}

macro_rules! strata {
    ($($(#[$doc:meta])* $name:ident above [$($below:ident),*];)*) => {$(
        $(#[$doc])*
        #[derive(Debug)]
        pub enum $name {}
        impl Stratum for $name {
            const LEVEL: Level = Level::$name;
        }
        $(impl Below<$name> for $below {})*
    )*};
}

strata! {
    /// Rules and calendar.
    Rules above [];
    /// Accounts and posts.
    Posts above [Rules];
    /// Persons and their aliases.
    Persons above [Rules, Posts];
    /// All else.
    Records above [Rules, Posts, Persons];
    /// Indicators.
    Indicators above [Rules, Posts, Persons, Records];
}

/// Where records are found: a view of all documents of a unit.
pub trait Source {
    /// The records of a kind, ascending by name.
    fn records(&self, kind: &Kind) -> Vec<&AnyRecord>;
}

/// What a fold of the stratum `S` may read, and what it did read: a view is made anew when one of
/// these records changes.
pub struct Lower<'a, S> {
    source: &'a dyn Source,
    read: RefCell<BTreeSet<(&'static str, String)>>,
    of: PhantomData<S>,
}

impl<'a, S> Lower<'a, S> {
    /// Reads from a source.
    pub fn new(source: &'a dyn Source) -> Self {
        Self { source, read: RefCell::default(), of: PhantomData }
    }

    /// The records of a kind of a lower stratum, by name.
    pub fn records<K: Declared>(&self) -> Vec<Record<'a, K>>
    where
        K::Stratum: Below<S>,
    {
        let found = self.source.records(&K::KIND);
        let records: Vec<Record<'a, K>> = found.into_iter().filter_map(AnyRecord::of).collect();
        let names = records.iter().map(|record| (K::NAME, record.name().to_owned()));
        self.read.borrow_mut().extend(names);
        records
    }

    /// Kind and name of every record that was handed out.
    pub fn was_read(&self) -> BTreeSet<(&'static str, String)> {
        self.read.borrow().clone()
    }
}

impl<S> std::fmt::Debug for Lower<'_, S> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Lower({} read)", self.read.borrow().len())
    }
}
