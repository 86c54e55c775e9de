//! The letters of a unit: its card, what it writes to other units, what comes to it.
//!
//! **What it is.** [`card`] makes the card by which others write to the unit; [`outbox`] keeps what
//! is written and sends it once the addressee's card is here; `inbox` tells the senders what came;
//! [`keep()`] does all of that by itself, [`list()`] and [`read`] show both. All works within one step of a node, which a [`Post`] is; a list is made of what a [`Mail`] reads.
//!
//! **What it is not.** It carries nothing and admits nothing (`node-replication` does), seals by no
//! algorithm of its own (`schema-content` does), and knows no clock, no disk and no session.
//!
//! **What must always hold.** A letter is sealed only to the present card of the lineage that the
//! pins of this node name for its addressee. What is written is kept until it can be sent, and as
//! long as the unit exists, readable by the unit's own nodes alone. Nothing is acknowledged that is
//! not here, and nothing is told unreadable for which a key may still come. Losing the memory loses
//! nothing. No log line shows what a letter says.
//!
//! ```text
//!   write --> outbox document --(card here, window open)--> sealed letter --> (own, 192, other)
//!                  ^                                                                |
//!                  +---- sealed again <-- unreadable --- acknowledgements <---------+
//!   (other, 192, own) --> held, opened, unreadable --> acknowledgements in (own, 192, other)
//! ```
//!
//! **Where to start reading.** [`Post`], then [`outbox`].
//!
//! **How it is tested.** `tests/letters` joins units of two districts over memory, without a socket
//! or a disk; `tests/cluster` runs the same with real processes.

mod boxes;
pub mod card;
mod correspondence;
mod inbox;
mod keep;
mod list;
pub mod outbox;
mod post;
mod seal;

pub use keep::{Kept, Memory, keep};
pub use list::{Letter, Listed, Read, State, Waiting, With, answers, list, read};
pub use post::{Mail, Place, Post};

use node_replication::log::WriteError;
use node_replication::store::ReadError;
use schema_wire::{Class, Malformed};

/// The class of letters between units.
const LETTER_CLASS: u8 = 192;
/// The class of what the unit keeps of the letters that it writes: work.
const OUTBOX_CLASS: u8 = 152;

/// Why something is not done.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// The store cannot answer, or what shall be written would not count.
    #[error(transparent)]
    Write(#[from] WriteError),
    /// It does not fit a letter.
    #[error("it does not fit a letter: {0}")]
    Unfit(#[from] Malformed),
    /// The addressee is the writer's own unit.
    #[error("a unit does not write to itself")]
    OwnUnit,
    /// The unit has no card yet, and this node cannot make one.
    #[error("the unit has no card yet")]
    NoOwnCard,
    /// Too many letters wait.
    #[error("{waiting} letters wait already")]
    TooMany {
        /// How many.
        waiting: usize,
    },
    /// There is no such letter.
    #[error("there is no such letter")]
    NoLetter,
    /// Several letters begin so.
    #[error("several letters begin so")]
    Ambiguous,
    /// The letter cannot be answered: it is the unit's own, or cannot be read.
    #[error("nothing to answer")]
    NoAnswer,
}

impl From<ReadError> for Failure {
    fn from(error: ReadError) -> Self {
        Self::Write(error.into())
    }
}

fn class(number: u8) -> Class {
    Class::new(number).expect("a class below the last one")
}
