//! One node's share of the federation, with no clock, disk, socket or entropy of its own.
//!
//! **What it is.** So far: the bytes of [`change`]s, which are the content of most envelopes.
//!
//! **What it is not.** It loads no Automerge document: it reads and writes the bytes of single
//! changes and checks them against their past; who shows documents is `node-views`.
//!
//! **What must always hold.** Nothing a peer sends panics here, or takes more memory than its
//! own bytes allow. One change has one form of bytes.
//!
//! **Where to start reading.** [`change`].
//!
//! **How it is tested.** Against `schema/golden/vectors.json`, and against the `automerge` crate,
//! which must load every change written here with the same hash and values.

pub mod admission;
pub mod change;
pub mod counts;
pub mod document;
mod entry;
mod keyring;
pub mod log;
mod names;
mod overlay;
pub mod replica;
pub mod session;
pub mod store;

pub use overlay::Overlay;
