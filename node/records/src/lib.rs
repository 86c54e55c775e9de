//! The records of a unit: who is who, what is sealed, entering, importing, exporting, showing.
//!
//! **What it is.** What people give becomes records of the kinds that `schema-documents` declares,
//! and records become what people see. [`Records`] works within one step of a node, which a
//! [`Transaction`] is, or over what a [`Reading`] sees, and then nothing can be written; [`Memory`]
//! is kept from one to the next.
//!
//! **What it is not.** It declares no kind, checks no value of its own (`schema-documents` does),
//! reads no file and no workbook, knows no clock and no disk, decides nothing about what counts.
//!
//! **What must always hold.** Two persons are never made one, and none is replaced, but by
//! somebody's decision. The same rows again change nothing. What is sealed by its declaration
//! leaves here sealed, under a key that counts and was told after a node last lost the band, and
//! is put anew only if its text changed. A row becomes records as a whole or not at all. Losing
//! the memory loses nothing. No log line shows what may name a person.
//!
//! ```text
//!   rows of a sheet -- import --+                    +-- export --> rows of a sheet
//!   names and texts -- enter ---+-> plan -> draft -> write     list, show --> values, who, when
//!   an event --------- happen --+     |        |
//!                               known (who)  keyring (sealing)
//! ```
//!
//! **Where to start reading.** [`Transaction`], then [`Records`], then [`Records::enter`]; who is
//! who stands in `persons.rs`, what a row becomes in `import`, how an import is found again and
//! taken back in `imports`.
//!
//! **How it is tested.** `tests/records` runs real replicas over memory: `cases` are rows that
//! offices brought, `laws` import, export, cut, heal, erase, and search the stores for names.

mod compare;
mod contested;
mod enter;
mod export;
mod import;
mod imports;
mod keyring;
mod known;
mod movements;
mod name;
mod persons;
mod plain;
mod records;
mod show;
mod transaction;
mod unreadable;

pub use contested::{Choice, Contested};
pub use enter::Entered;
pub use export::Written;
pub use import::{Import, Outcome, Verdict};
pub use imports::{Entry, HeadingMeant, Imported, Kept, KeptWhy, Tally, Undoing};
pub use keyring::keyring;
pub use movements::{Arrival, Movements, Place};
pub use persons::{Decision, Departure, Question};
pub use plain::{Fields, Plain, Stated, each_once};
pub use records::{Failure, Memory, Records};
pub use show::{Happened, Listed, Listing, PutBy, Shown};
pub use transaction::{Circumstance, Reading, Transaction};
