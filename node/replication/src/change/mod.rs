//! Changes of documents: the content of envelopes of payload kind 0.
//!
//! A change is an uncompressed change chunk of the Automerge format, in the one form of bytes
//! that section 10.1 of the protocol allows. Automerge itself is not asked: it believes its
//! input, and unpacks whatever a few bytes of run lengths claim.
//!
//! ```text
//!   bytes -> leb, runs -> read -> Change -> check (with its past) -> admitted
//!                        write <-
//! ```

mod check;
mod fault;
mod key;
mod leb;
mod operations;
mod parents;
mod past;
mod read;
mod runs;
mod write;

pub(crate) use check::{Checked, check};
pub use fault::{Fault, Malformed};
pub use key::{EventId, EventKey, Key};
pub(crate) use parents::{Base, Parents};
pub use read::read;
pub use runs::KeyRuns;
pub use write::write;

/// Operations in one change.
pub const OPERATIONS_MAX: u64 = 20_000;
/// Predecessors that the operations of one change name, together.
pub const PREDECESSORS_MAX: u64 = 80_000;
/// Actors, besides its own, that the predecessors of one change name.
pub const OTHER_ACTORS_MAX: u64 = 1024;
/// The greatest counter of an operation: Automerge keeps them in 32 bits.
pub const COUNTER_MAX: u64 = 1 << 30;

/// The SHA-256 that names a change.
pub type ChangeHash = [u8; 32];
/// Names an author in a document.
pub type ActorId = [u8; 16];

/// The id of an operation. Its order is that of the values of a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct OpId {
    /// Grows along every path through a document's past.
    pub counter: u64,
    /// Who put it.
    pub actor: ActorId,
}

/// What an operation puts at a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scalar<'a> {
    /// No value.
    Null,
    /// False or true.
    Boolean(bool),
    /// An integer.
    Integer(i64),
    /// Text.
    Text(&'a str),
    /// Bytes.
    Bytes(&'a [u8]),
    /// A type of Automerge's that no admitted change puts, and its bytes.
    Other(u8, &'a [u8]),
}

/// An operation: a value at a key of the root map, instead of others.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Put<'a> {
    /// Where.
    pub key: &'a str,
    /// What.
    pub value: Scalar<'a>,
    /// The values that it replaces, ascending.
    pub instead: Vec<OpId>,
}

/// A change, without its hash: that follows from the rest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change<'a> {
    /// The changes that it builds on, ascending.
    pub deps: Vec<ChangeHash>,
    /// Whose it is.
    pub actor: ActorId,
    /// Its number among those of the actor.
    pub seq: u64,
    /// The counter of its first operation.
    pub start_op: u64,
    /// Its operations, in order.
    pub puts: Vec<Put<'a>>,
}

impl Change<'_> {
    /// The id of the operation with this number, from 0. Saturates, far beyond what is admitted.
    #[must_use]
    pub fn op(&self, number: u64) -> OpId {
        OpId { counter: self.start_op.saturating_add(number), actor: self.actor }
    }
}
