//! The record classes: what the documents of a community hold, and how they are read and edited.
//!
//! **What it is.** One file per class over one Automerge document each: [`organisation`],
//! [`place`], [`roster`], [`duty`], [`patrol`], [`volunteer`], [`report`]; the codes of the GB
//! standards ([`codes`]), the sealing of personal fields ([`seal`]), and the indicators a
//! document contributes to ([`indicator`]), added up in [`contributions`].
//!
//! **What it is not.** It knows no envelope, store or network, and has no entropy: nonces and
//! keys are handed in.
//!
//! **What must always hold.** Two nodes that begin a document apart build the same one: every
//! class begins with a root change that each node makes byte for byte alike, and records are
//! flat keys `{record}/{field}` in the maps it makes. No edit creates a nested object, so no
//! concurrent edit can hide another's record behind a rival object. An edit that changes nothing
//! writes nothing. Status is folded, never stored.
//!
//! **Where to start reading.** [`record`], then [`roster`]; many values at once: [`puts`].
//!
//! **How it is tested.** Beside the code: merges of forks, repeated edits, vectors of the
//! standards, folds under permutation.

pub mod codes;
pub mod contributions;
pub mod duty;
pub mod indicator;
pub mod organisation;
pub mod patrol;
pub mod place;
pub mod puts;
pub mod record;
pub mod report;
pub mod roster;
pub mod seal;
pub mod volunteer;

pub use record::root_document;
