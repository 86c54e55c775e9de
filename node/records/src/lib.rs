//! The records of a unit: who is who, sealing, entering, importing, exporting and showing.

mod keyring;
mod known;
mod name;
mod plain;
mod records;
mod transaction;

pub use plain::{Plain, Stated};
pub use records::{Failure, Memory, Records};
pub use transaction::{Circumstance, Transaction};
