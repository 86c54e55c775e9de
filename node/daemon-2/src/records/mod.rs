//! The unit's records: importing workbooks, entering single records, exporting, showing.

mod documents;
mod enter;
mod export;
mod import;
mod keys;
mod person_index;
mod roster;
mod rows;
mod shards;

pub(crate) use documents::{documents, inspect, scalar};
pub(crate) use enter::enter;
pub(crate) use export::export;
pub(crate) use import::import;
pub(crate) use roster::{open_field, roster};
