//! What the records of a unit mean: one declaration per kind, and what follows from it.
//!
//! **What it is.** Each file in [`kinds`] is a table of the domain: what a kind is called, where
//! its records lie, their fields with words, checks and headings, the events that happen to them,
//! what is counted. Everything else here is made from these tables: records are read from the
//! values of a document ([`Contents`]), what people give is checked and becomes values
//! ([`enter()`]), events are folded into states ([`Fold`]), indicators are computed
//! ([`own_cells`]), forms and references are described ([`describe`]).
//!
//! **What it is not.** It holds no document and knows no Automerge, opens no sealed text and
//! draws no key, reads no clock and no file. Who is who, what is sealed and where documents are
//! is the affair of those that call it.
//!
//! **What must always hold.** What a peer wrote never panics: it reads, or it is unreadable with
//! a reason, counts as nothing and hides no other value. A fold is a function of the set of
//! events that count. A fold reads lower strata only. Nothing that people gave is stored but in
//! the one form that its check gives it. No log shows what may name a person.
//!
//! **Where to start reading.** `kinds/body.rs`, the smallest register, then `kinds/slot.rs`, which
//! has events; then `kind.rs`, `field.rs` and `life.rs`, which say what a declaration has. To add
//! a kind, follow `README.md`. `KINDS.md` shows all of them.
//!
//! **How it is tested.** `tests/declarations.rs` asks every declaration what it must have,
//! `tests/laws` folds the events of every kind in all ways, `tests/golden.rs` reads the
//! protocol's vectors, `tests/records.rs` enters and reads records, also what peers might write,
//! and counts them, `tests/patrol.rs` walks the conflicts of the domain model.

pub mod characters;
mod check;
pub mod class;
mod code;
mod day;
mod describe;
mod enter;
mod event;
mod field;
mod fold;
mod id;
mod indicator;
mod key;
mod kind;
pub mod kinds;
mod life;
mod numbers;
mod office;
mod order;
mod record;
mod reference;
mod refusal;
mod same;
mod scalar;
mod shard;
mod sheet;
mod strata;
mod value;
mod words;
mod written;

pub use check::{Check, Circumstances, read_written};
pub use class::Home;
pub use code::{Code, Coded};
pub use day::{Day, PartialDay, Time};
pub use describe::{Allowed, Description, allowed, describe};
pub use enter::{Entry, Wanted, enter};
pub use event::{By, Event, Said};
pub use field::{
    About, AtTime, Closed, Count, Field, Flag, List, Named, OnDay, OneOf, PersonRef, PlaceRef,
    Reference, Spec, Text, To, ToMade, Type, Typed,
};
pub use fold::{Course, Fold, Office, Standing, Told, Verdict, Void, WithoutAccounts};
pub use id::{EventId, PersonId, Ulid, event_id, made};
pub use indicator::{
    Cell, Entity, Indicator, Knowledge, Measure, compute, indicators, own_cells, rules,
};
pub use key::{Key, event_key, field_key};
pub use kind::{Between, Declared, ENTRIES_MAX, Kind, Naming, Subject};
pub use life::{Begins, Happening, Life, Role, State};
pub use numbers::{Identity, citizen_check, identity};
pub use office::Offices;
pub use order::{Log, Past, Place as PutPlace};
pub use record::{AnyRecord, Contents, Reading, Record};
pub use reference::reference;
pub use refusal::{Reason, Refusal};
pub use same::{Seen, Why, possibly_same};
pub use scalar::Scalar;
pub use shard::Shard;
pub use sheet::{Column, Row, Sheet};
pub use strata::{
    Below, Indicators, Level, Lower, Persons, Posts, Records, Rules, Source, Stratum,
};
pub use value::{Sealed, TEXT_BYTES_MAX, Unreadable, Value, read};
pub use words::{Sentence, Words, words};
