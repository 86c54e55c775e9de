//! What queries read: documents built from admitted envelopes.
//!
//! **What it is.** [`Library`], a bounded cache of documents.
//!
//! **What it is not.** It stores nothing and decides nothing about admission. An envelope that
//! Automerge cannot apply is left out here, alike on every node, and named.
//!
//! **What must always hold.** Equal sets of envelopes give equal documents (INV-06), and a
//! rebuild gives what was kept (INV-12).
//!
//! **Where to start reading.** [`Library::open`].
//!
//! **How it is tested.** Beside the code: hostile changes in every order, and bytes that are no
//! change.

mod library;

pub use library::{Draft, Library, Loaded, Unusable};
