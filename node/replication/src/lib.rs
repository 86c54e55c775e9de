//! One node's share of the federation, with no clock, disk, socket or entropy of its own.
//!
//! **What it is.** What a node admits, keeps, counts, writes and says to others. Below sessions:
//! the bytes of [`change`]s, the one door for items ([`admission`]), which envelopes count
//! ([`counts`]), what a [`document`] says, and the [`log`] that keeps all of it in sets with
//! feeds and sums. Above: [`session`]s between two nodes, and the [`replica`] that wires them.
//!
//! **What it is not.** It does not store, send or tell the time: the shell does, and passes reads
//! through [`store::ReadStore`]. It says nothing of what records mean. Who may do what is
//! `node-authority`.
//!
//! **What must always hold.** Nothing a peer sends panics here, or takes more memory than its own
//! bytes allow; what it makes a node keep has a quota (INV-10). What counts is a function of the
//! admitted items and of the pins (INV-06), and what is kept of that incrementally is what a
//! rebuild finds (INV-12). No effect leaves before its batch is durable (INV-05), no envelope of
//! this node's own has the place of another (INV-04), and nothing is sent to a peer that may not
//! hold it (INV-09).
//!
//! **Where to start reading.** `admission/mod.rs`, then `counts/judge.rs`, then `log/mod.rs`; from
//! above, `replica/mod.rs` and `session/mod.rs`.
//!
//! **How it is tested.** `tests/golden` takes the vectors of `schema/golden`; changes are compared
//! with the `automerge` crate and, on random pasts with forks, with a naive reading of step 13;
//! `tests/agree` puts drawn cases before the log, in several orders, and compares with a judge
//! that shares no code with it, and with a rebuild. `tests/log` has lives, keys, quotas, costs.

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
