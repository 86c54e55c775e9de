//! What stands inside of envelopes and documents, as bytes: events, sealed values, letters,
//! reports, and the names that are hashes (sections 10.2 to 10.6 of `schema/PROTOCOL.md`).
//!
//! **What it is.** Pure functions between bytes and values, for everything that means something
//! only to those who read a document. Time and randomness are arguments.
//!
//! **What it is not.** It knows no kind of record and no field (`schema-documents`), no change
//! (`node-replication`), and decides nothing about admission: what is unreadable here is shown as
//! unreadable, and replicates.
//!
//! **What must always hold.** No bytes panic, and none take more memory than their own size
//! allows. A value has one encoding, and every other one is unreadable. What was sealed opens in
//! its own place alone.
//!
//! **Where to start reading.** [`Event`], then [`SealPlace`], then [`Letter`], then [`Revision`].
//!
//! **How it is tested.** Golden bytes in `schema/golden`, written by other code; properties beside
//! the code.

mod event;
mod keyring;
mod letter;
mod name;
mod outgoing;
mod report;
mod seal;
mod source;
mod value;

pub use event::{By, Event, EventId};
pub use keyring::{PEPPER, box_subject, digest, keyring_shard};
pub use letter::{Letter, LetterPlace, LetterPosition, Message, box_of};
pub use name::{Parts, ShardError, ShardRule};
pub use outgoing::{OUTGOING, Outgoing};
pub use report::{Added, Cell, Cells, Number, Part, Revision, Source, Sources, UnitPart, add};
pub use seal::{Opened, SealPlace, Unsealable};
pub use source::{rules_hash, sources_digest};
pub use value::{Entry, Integer, Value};

/// Why bytes mean nothing to a reader. It is shown, counted as nothing, and replicates.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unreadable {
    /// It is not the form that it should have.
    #[error(transparent)]
    Malformed(#[from] schema_wire::Malformed),
    /// No key opens it in this place.
    #[error("no key opens it here")]
    NotOpened,
    /// It opens to another form than its own.
    #[error("it opens to another form than its own")]
    OtherForm,
}
