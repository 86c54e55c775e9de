//! What queries read: documents built from the envelopes that count, and what is counted from them.
//!
//! **What it is.** [`Library`], a bounded cache of documents; [`contents`](fn@contents), what one
//! says as records and events.
//!
//! **What it is not.** It stores nothing and decides nothing about admission or what counts.
//!
//! **What must always hold.** Equal sets of envelopes give equal documents (INV-06), and a
//! rebuild gives what was kept (INV-12).
//!
//! **Where to start reading.** [`Library::open`].
//!
//! **How it is tested.** In `tests/`.

mod contents;
mod events;
mod library;
pub mod report;
mod touched;

pub use contents::{contents, scalar, value};
pub use library::{Library, Loaded};
pub use touched::{Mark, record_of};
