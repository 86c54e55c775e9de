//! One node's share of the federation, with no clock, disk, socket or entropy of its own.
//!
//! **What it is.** The [`Replica`]: it takes inputs (a session opened, a frame, a command, a
//! wake), judges foreign items at its one door ([`admission`]), resumes sessions in two levels
//! (cursor and fingerprint; range-based reconciliation when they do not agree), and answers with
//! one write batch and the effects to release once that batch is durable.
//!
//! **What it is not.** It does not store, send or tell the time: the shell does, and passes
//! reads through [`store::ReadStore`]. It loads no Automerge document: it checks the structure
//! of changes, and who builds documents from them is `node-views`.
//!
//! **What must always hold.** Equal sets of envelopes give equal heads and fingerprints (INV-06).
//! No effect leaves before its batch is durable (INV-05): the shell releases effects after the
//! commit, and there is no other way out. Nothing is sent to a peer that may not read it
//! (INV-09). Everything a peer makes us keep is bounded (INV-10).
//!
//! **Where to start reading.** [`Replica::handle`], then `admission.rs`, then `session.rs`.
//!
//! **How it is tested.** Beside the code and in `tests/`: refusals one by one, two replicas
//! joined by a queue, orders of arrival by property test.

pub mod admission;
mod arrival;
mod change;
mod columns;
mod fingerprint;
pub mod history;
mod overlay;
mod reconcile;
mod records;
mod replica;
mod session;
mod standing;
mod status;
pub mod store;
mod write;

pub use admission::Rejection;
pub use arrival::{Arrived, check_ahead};
pub use change::RootChange;
pub use fingerprint::Fingerprint;
pub use overlay::Overlay;
pub use replica::{
    Config, Cost, Effect, Event, Identity, Input, OpenError, Output, Replica, SessionId, holds,
};
pub use standing::Doubt;
pub use status::{Lag, PeerStatus, QuarantinedItem, Receipts, ScopeStatus, Status, quarantine};
pub use write::WriteError;
