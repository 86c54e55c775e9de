//! What was refused, and what was taken in and does not count.

use serde::{Deserialize, Serialize};

use crate::{Scalar, Sentence};

/// Asks for what does not count and what was refused, newest first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Quarantine {
    /// What was put aside as well.
    pub all: bool,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct QuarantineList {
    pub invalid: Vec<InvalidEntry>,
    pub refused: Vec<RefusedItem>,
    /// How many were put aside.
    pub discarded: u64,
}

/// An entry that was taken in and does not count.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InvalidEntry {
    pub id: String,
    pub document: String,
    pub author: String,
    pub incarnation: String,
    pub seq: u64,
    pub at_ms: u64,
    pub code: String,
    pub text: Sentence,
    pub discarded: bool,
}

/// An item that was not taken in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RefusedItem {
    pub id: String,
    pub peer: String,
    pub at_ms: u64,
    pub code: String,
    pub text: String,
    pub bytes: u64,
    pub discarded: bool,
}

/// Asks for one of them in full.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct QuarantineShow {
    /// Its id, or the first eight characters or more of it.
    pub id: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct QuarantineShown {
    pub id: String,
    pub code: String,
    pub text: Sentence,
    pub state: State,
    /// What it says of itself; nothing that was refused is believed. None where it does not read.
    pub claims: Option<Claims>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum State {
    /// Taken in, and does not count.
    Invalid {
        discarded: bool,
        /// The proof that its author signed two at one position, in hexadecimal.
        fork_proof: Option<String>,
    },
    /// Not taken in: from whom, when, and its bytes in hexadecimal.
    Refused { peer: String, at_ms: u64, item: String },
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Claims {
    Entry {
        document: String,
        author: String,
        incarnation: String,
        seq: u64,
        at_ms: u64,
        signed_under: SignedUnder,
        content: Content,
    },
    Statement {
        /// What it is.
        kind: String,
        /// The key that signed it.
        by: String,
    },
}

/// What an entry would change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Content {
    /// One operation after the other.
    Changes(Vec<Change>),
    /// It tells or destroys keys, or is a letter.
    Keys,
    /// Its bytes are no change.
    Unreadable,
}

/// What a key would say.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Change {
    pub key: String,
    pub to: Scalar,
}

/// Under which grants something was signed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SignedUnder {
    /// From the signer's grant up to the root's.
    Grants(Vec<Signature>),
    /// This grant does not hold, and why.
    Nothing { delegation: String, problem: String },
}

/// One grant on the way up to the root.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Signature {
    pub delegation: String,
    pub issuer: String,
    pub subject: String,
    pub unit: String,
    pub until_ms: u64,
}

/// Takes entries that do not count as the unit's own: these, or all of an author's save forks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Adopt {
    #[serde(default)]
    pub ids: Vec<String>,
    #[serde(default)]
    pub author: Option<String>,
    /// Of this document only.
    #[serde(default)]
    pub document: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Adopted {
    pub adopted: u64,
    pub count_now: u64,
    /// Those and what rested on them.
    pub restored: u64,
    pub still_invalid: Vec<StillInvalid>,
    /// Forks, of which the operator chooses a side by id.
    pub forks_left: u64,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StillInvalid {
    pub id: String,
    pub code: String,
    pub text: Sentence,
}

/// Puts them aside here: they are no longer listed, and stay as evidence.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Discard {
    pub ids: Vec<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Discarded {
    pub discarded: u64,
}
