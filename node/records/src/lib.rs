//! The records of a unit: who is who, what is sealed, entering, importing and exporting.
//!
//! **Where to start reading.** [`Transaction`].

mod transaction;

pub use transaction::{Circumstance, Transaction};
