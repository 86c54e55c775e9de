//! The records of a unit: who is who, sealing, entering, importing, exporting and showing.

mod enter;
mod export;
mod import;
mod keyring;
mod known;
mod name;
mod persons;
mod plain;
mod records;
mod show;
mod transaction;

pub use enter::Entered;
pub use import::{Import, Outcome, Verdict};
pub use persons::{Decision, Departure, Question};
pub use plain::{Plain, Stated};
pub use records::{Failure, Memory, Records};
pub use show::{Happened, Listed, Listing, PutBy, Shown};
pub use transaction::{Circumstance, Transaction};
