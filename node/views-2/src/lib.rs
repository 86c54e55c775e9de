//! What queries read: documents built from admitted envelopes, and the numbers counted from them.
//!
//! **What it is.** [`Library`], a bounded cache of documents; [`Tallies`], the numbers of the
//! unit's report.
//!
//! **What it is not.** It stores nothing and decides nothing about admission. An envelope that
//! Automerge cannot apply is left out here, alike on every node, and named.
//!
//! **What must always hold.** Equal sets of envelopes give equal documents (INV-06), and a
//! rebuild gives what was kept (INV-12).
//!
//! **Where to start reading.** [`Library::open`], then [`Tallies::refresh`].
//!
//! **How it is tested.** Beside the code: hostile changes in every order, and bytes that are no
//! change. In `tests/`: after any changes the numbers are those of a recount, and what a report
//! reads is counted.

mod library;
mod roots;
mod tallies;

pub use library::{Draft, Library, Loaded, Unusable};
pub use roots::root_changes;
pub use tallies::{Reports, Sight, Tallies, due, reports};
