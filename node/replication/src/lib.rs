//! One node's share of the federation, with no clock, disk, socket or entropy of its own.
//!
//! **What it is.** [`replica::Replica`]: inputs in (frames, time, own work); one batch of writes
//! and effects out. Beneath it, machines that own their state: the only door for items
//! ([`admission`]), what counts ([`counts`]), the log with its sets and its feed ([`log`]), and a
//! [`session`] with each peer.
//!
//! **What it is not.** It writes no disk (a batch is made durable by whoever calls), packs no
//! frame, and knows nothing of what records mean: a [`document`] is keys and values here.
//!
//! **What must always hold.** Nothing a peer sends panics here, or takes more memory than its
//! quota. No effect leaves before the batch it depends on is durable (INV-05). What counts is a
//! function of the admitted items and the pins (INV-06), and a rebuild equals what is kept
//! (INV-12). Nothing of a scope is said to who may not hold it (INV-09).
//!
//! ```text
//!   change, document   bytes of one change; what many changes say
//!   admission          steps 1 to 14 of section 7 of the protocol
//!   counts             contenders, reasons, what is set aside
//!   log                appends, judges, keeps sets, sums, feed, quotas; writes own envelopes
//!   session            greeting, resume, push, acknowledgement, reconciliation
//!   replica            wires them
//!   history            what was admitted of a document, for readers
//!   suspended          what does not count, as the store keeps it
//!   keyring            keys of persons
//!   lacking, opened    what is lacking of an envelope, or of which one; letters that were opened
//!   wanted             of what is lacking, what is wanted of peers
//!   store, overlay     the tables that are read, and writes on their way
//! ```
//!
//! **Where to start reading.** [`replica`], then [`log`] and [`session`].
//!
//! **How it is tested.** `tests/golden` takes the vectors of `schema/golden`; changes are compared
//! with the `automerge` crate, reconciliations with the `negentropy` crate; `tests/agree` puts
//! drawn cases before the log, in several orders, and compares with a judge that shares no code
//! with it, and with a rebuild. `tests/log` has lives, keys, quotas and costs; `tests/session` and
//! `tests/federation` join nodes by queues, and `tests/world` many of them.

pub mod admission;
pub mod change;
pub mod counts;
pub mod document;
mod entry;
pub mod history;
mod keyring;
pub mod lacking;
pub mod log;
mod names;
mod opened;
mod overlay;
pub mod replica;
pub mod session;
pub mod store;
mod suspended;
mod wanted;

pub use keyring::{HeldKey, KnownKey, keys_of, subjects_of};
pub use overlay::Overlay;
pub use wanted::wanted;
