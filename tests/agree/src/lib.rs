//! The product's authority before the questions that the naive judges were asked.
//!
//! **What it is.** [`product::answer`] puts a drawn case (`tests/disagree`) before
//! `node-authority`, in one order of its items, and says what it answers in the judges' words.
//! [`watch::watch`] does it step by step, and says what changed that was not told.
//!
//! **What it is not.** It judges nothing. What only envelopes decide (which of them prevail, heads)
//! is not the authority's affair, and is not asked. Ids are those of the case, not hashes of what
//! is signed; signatures and encodings are no part of a case.
//!
//! **What must always hold.** The product agrees with the naive judge (`tests/oracle`), which
//! agrees with the one in Python on the same cases (`tests/disagree`); in every order; whether pins
//! came first, last, or were taken back; and what it keeps current equals what it judges anew.
//!
//! **Where to start reading.** `product.rs`; `wire.rs` turns values into records.
//!
//! **How it is tested.** `tests/agree.rs` is the use it was made for.

pub mod log;
pub mod product;
pub mod watch;
pub mod wire;
