//! Letters between units.

use serde::{Deserialize, Serialize};

/// Asks for the letters, in and out: with one unit, or with all.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Letters {
    #[serde(default)]
    pub with: Option<String>,
}

impl Letters {
    /// Letters of one answer.
    pub const PAGE: usize = 1_000;
}

/// The letters, the newest first, what waits before all; nothing of what they say.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LettersShown {
    /// By which others write to this unit; none if it has no card yet.
    pub card: Option<CardShown>,
    pub letters: Vec<LetterListed>,
    /// Are there more?
    pub more: bool,
}

/// The card of this node's unit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CardShown {
    pub id: String,
    pub name: String,
    pub at_ms: u64,
}

/// A letter, as it is listed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LetterListed {
    pub id: String,
    pub direction: Direction,
    /// The other unit.
    pub unit: String,
    /// When it was sent; nothing for what waits.
    pub at_ms: Option<u64>,
    /// The envelope that carries it.
    pub envelope: Option<String>,
    #[serde(flatten)]
    pub state: LetterState,
}

/// Where a letter goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Direction {
    /// It came.
    In,
    /// This unit wrote it.
    Out,
}

/// How far a letter has come.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "kebab-case")]
pub enum LetterState {
    /// It waits: the addressee's card is not here. It was asked for.
    NoCard,
    /// It waits for people: another lineage is recognised as the addressee than the one that this
    /// node knows, or several are.
    OtherLineage { recognised: Vec<String> },
    /// It waits: the addressee exists no more.
    Dissolved { successors: Vec<String> },
    /// It waits for the node at which it was written, or for acknowledgements of those before it.
    Waiting,
    /// It was sent.
    OnItsWay,
    /// It came.
    Arrived,
    /// The addressee holds it.
    Held,
    /// A person opened it.
    Opened,
    /// The addressee cannot read it.
    Unreadable,
    /// Its content is not here: it is asked for.
    Lacking,
}

/// What a letter says under one name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LetterField {
    pub field: String,
    pub value: LetterValue,
}

/// A value of a field.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum LetterValue {
    Null,
    Flag(bool),
    Integer(i64),
    Text(String),
    /// In hexadecimal digits.
    Bytes {
        bytes: String,
    },
}

/// Writes a letter. It is sent by itself as soon as it can be.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WriteLetter {
    pub to: String,
    pub kind: String,
    pub body: Vec<LetterField>,
}

impl std::fmt::Debug for WriteLetter {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("WriteLetter").field("to", &self.to).finish_non_exhaustive()
    }
}

/// Writes a letter that answers one that came.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AnswerLetter {
    pub letter: String,
    pub kind: String,
    pub body: Vec<LetterField>,
}

impl std::fmt::Debug for AnswerLetter {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("AnswerLetter").field("letter", &self.letter).finish_non_exhaustive()
    }
}

/// A letter that was written is kept; its state says what becomes of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LetterWritten {
    #[serde(flatten)]
    pub letter: LetterListed,
}

/// Opens a letter. Its sender is told that it was opened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReadLetter {
    /// Its id, or the beginning of it.
    pub letter: String,
}

/// A letter, opened if it can be.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LetterShown {
    #[serde(flatten)]
    pub letter: LetterListed,
    pub message: Option<MessageShown>,
}

impl std::fmt::Debug for LetterShown {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("LetterShown").field("letter", &self.letter).finish_non_exhaustive()
    }
}

/// What a letter says.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MessageShown {
    pub kind: String,
    /// The conversation that it belongs to.
    pub thread: String,
    /// The envelopes that it answers.
    pub answers: Vec<String>,
    pub body: Vec<LetterField>,
}

impl std::fmt::Debug for MessageShown {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("MessageShown").field("thread", &self.thread).finish_non_exhaustive()
    }
}

/// Says, for this node alone, which lineage letters to a unit are sealed to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AcceptAddressee {
    pub unit: String,
    pub lineage: String,
}

/// The lineage that is followed for a unit now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AddresseeAccepted {
    pub unit: String,
    pub lineage: String,
}

/// Gives this unit a name on its card.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NameCard {
    pub name: String,
}
