//! Persons: who may be one human, and what is decided of them.

use serde::{Deserialize, Serialize};

use crate::Sentence;

/// Asks for the pairs of persons who may be one human.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Duplicates {}

impl Duplicates {
    /// Pairs of one answer.
    pub const PAGE: usize = 1_000;
}

/// Pairs of persons who may be one human. Nobody makes them one but by a decision.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DuplicatesShown {
    pub pairs: Vec<Duplicate>,
    /// Are there more?
    pub more: bool,
}

/// Two persons who may be one human.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Duplicate {
    pub one: String,
    pub other: String,
    /// What speaks for it.
    pub why: Sentence,
}

/// Decides that two persons are one human: the one is given up for the other.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Merge {
    pub given_up: String,
    pub into: String,
    pub reason: String,
}

/// Takes a merge back: both are persons again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Separate {
    /// The one that was given up.
    pub person: String,
}

/// Why somebody ceases to live here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Leaving {
    /// Moved away.
    Left,
    Died,
}

impl Leaving {
    /// Each of them.
    pub const ALL: [Self; 2] = [Self::Left, Self::Died];

    /// As it is written on a command line.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Left => "left",
            Self::Died => "died",
        }
    }
}

/// Says that somebody ceased to live here.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Depart {
    pub person: String,
    pub how: Leaving,
    /// `YYYY-MM-DD`.
    pub day: String,
    /// Where to, if it is known.
    #[serde(default)]
    pub elsewhere: String,
}

/// Destroys the keys of a person on every node, seven days from now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Erase {
    pub person: String,
}

/// What was decided of a person, durably, on this node.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PersonDecided {
    pub person: String,
    pub envelopes: Vec<String>,
}

impl std::fmt::Debug for Depart {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Depart").field("person", &self.person).finish_non_exhaustive()
    }
}
