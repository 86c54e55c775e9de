//! Random cases that are meant to make two judges of the protocol disagree.
//!
//! **What it is.** [`draw`] makes a case from a seed and a number: statements that build on each
//! other, envelopes, pins and questions, most of them right and a share slightly wrong. [`run`]
//! puts many before two judges that were written from `schema/PROTOCOL.md` alone by people who did
//! not know each other: `tests/oracle` in Rust and `tests/conformance` in Python. Whatever they
//! answer differently is a fault of one of them, or of the text. [`reduce`] makes such a case small.
//!
//! **What it is not.** It knows no rule of the text and judges nothing. It proves nothing about
//! what both judges get wrong in the same way, nothing about encodings and signatures, and nothing
//! about the product.
//!
//! **What must always hold.** A seed and a number give one case on every machine. The judges agree
//! on every case, and each of them with itself in every order. Every situation of [`tally`] is
//! reached: a drawer that never gets there proves nothing.
//!
//! **Where to start reading.** `draw/mod.rs`, then `draw/themes/mod.rs`, then [`run`].
//!
//! **How it is tested.** `tests/agree.rs` is the use it was made for. Beside the code: chance,
//! sizes and ids of cases, and the reducer.

pub mod chance;
pub mod compare;
pub mod draw;
pub mod judges;
pub mod reduce;
pub mod run;
pub mod show;
pub mod survey;
pub mod tally;
