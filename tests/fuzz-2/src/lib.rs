//! Every decoder that meets foreign bytes, as a function of bytes.
//!
//! **What it is.** One `target` per decoder. libFuzzer calls it with what it invents
//! (`libfuzzer/`), and the test here with what it found before: the corpus and past crashes.
//!
//! **What it is not.** It needs no RocksDB, no nightly compiler and no libFuzzer; those who do
//! not fuzz compile none of it.
//!
//! **What must always hold.** A target is a function of its bytes alone: it ends, keeps nothing,
//! and panics only where the product is wrong.
//!
//! **Where to start reading.** [`TARGETS`], then `frame.rs` for a plain target and `admission.rs`
//! for one that draws a story from its bytes.
//!
//! **How it is tested.** `tests/replay.rs` replays corpora and crashes; README says how to fuzz.

pub mod admission;
pub mod change;
mod draw;
pub mod envelope;
pub mod folder;
pub mod forgive;
pub mod frame;
pub mod packed;
mod peer;
pub mod routes;
pub mod seeds;
pub mod sheets;
pub mod statement;

/// A function of bytes that panics where the product is wrong.
pub type Target = fn(&[u8]);

/// Every target by its name, which is also that of its corpus.
pub const TARGETS: [(&str, Target); 13] = [
    ("admission", admission::target),
    ("change", change::target),
    ("config", folder::config),
    ("csv", sheets::csv),
    ("envelope", envelope::target),
    ("frame", frame::target),
    ("grant", folder::grant),
    ("key_file", folder::key_file),
    ("membership", folder::membership),
    ("packed", packed::target),
    ("routes", routes::target),
    ("statement", statement::target),
    ("xlsx", sheets::xlsx),
];
