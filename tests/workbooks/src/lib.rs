//! Workbooks as offices make them, drawn over a known truth and taken in by the product.
//!
//! **What it is.** A seed draws persons with their dwellings, households, numbers and notes; then a
//! file that says so, in the types, formats and words of clerks and of the programs they use, with
//! titles, footers, hidden rows, merged cells, other tabs, and cells that a program damaged. The
//! file goes through `node-sheets` and `node-records` into a replica over memory, and what comes
//! out is compared with the truth.
//!
//! **What it is not.** It judges no wording, and writes no `.xls`. What it expects it knows from the
//! draw alone: nothing of it asks the code under test what a cell means.
//!
//! **What must always hold.** Each row is in as it was meant, or refused by name; nothing is there
//! twice, and nothing is there that no row says. What is no record is passed over and told. The
//! same file again writes nothing, nor does an export; an export says all of it at another node;
//! the same persons typed anew are the same persons.
//!
//! **Where to start reading.** [`run`], then `typing.rs` and `spoil.rs`: the ways of clerks.
//!
//! **How it is tested.** `tests/drawn.rs` runs seeds, and none may fail.

mod book;
mod cell;
mod chance;
mod csv;
mod node;
mod office;
mod round;
mod spoil;
mod truth;
mod typing;
mod xlsx;

pub use round::{Tally, run};
