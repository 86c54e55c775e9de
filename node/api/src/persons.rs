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

/// How somebody comes to live here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Coming {
    Born,
    /// Moved here.
    Arrived,
}

impl Coming {
    /// Each of them.
    pub const ALL: [Self; 2] = [Self::Born, Self::Arrived];

    /// As it is written on a command line.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Born => "born",
            Self::Arrived => "arrived",
        }
    }
}

/// Says that somebody was born here or moved here, perhaps back.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Arrive {
    pub person: String,
    pub how: Coming,
    /// `YYYY-MM-DD`.
    pub day: String,
    /// From where, if it is known.
    #[serde(default)]
    pub elsewhere: String,
    /// Where the person lives here; else where it lives already, or nowhere yet.
    #[serde(default)]
    pub to: Option<Place>,
}

impl std::fmt::Debug for Arrive {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Arrive").field("person", &self.person).finish_non_exhaustive()
    }
}

/// Who came, durably, on this node.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Arrived {
    pub person: String,
    pub envelopes: Vec<String>,
    /// No dwelling of the person is known: it is in no roster.
    pub lives_nowhere: bool,
}

/// Says that persons moved into another dwelling of the community.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Move {
    pub persons: Vec<String>,
    pub to: Place,
    /// `YYYY-MM-DD`.
    pub day: String,
}

impl std::fmt::Debug for Move {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Move").field("persons", &self.persons).finish_non_exhaustive()
    }
}

/// A dwelling, as people name it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Place {
    pub estate: String,
    pub building: String,
    /// Empty where a building has one entrance alone.
    #[serde(default)]
    pub entrance: String,
    pub room: String,
}

impl std::fmt::Debug for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Place")
    }
}

/// Who moved, durably, on this node.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Moved {
    pub persons: Vec<String>,
    pub envelopes: Vec<String>,
}

/// Asks for the table of movements of a year.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Movements {
    /// This year where none is given.
    #[serde(default)]
    pub year: Option<i16>,
}

/// The table of movements of a year: opening + entered + born + arrived - died - left = closing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MovementsShown {
    pub year: i16,
    /// From the first month with a movement, or January, to this one, or December.
    pub months: Vec<MovementsIn>,
    /// The year in one line.
    pub whole: MovementsIn,
    /// Persons who are here now by their records. Where it is, with those who were erased, not the
    /// newest closing, nobody said of some how they came.
    pub here: u64,
    /// Persons who were erased while they were here: the table goes on counting them.
    pub erased: u64,
    /// The newest closing of all years.
    pub newest_closing: u64,
}

/// A line of it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct MovementsIn {
    /// 1 to 12; none for the whole year.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub month: Option<i8>,
    pub opening: u64,
    /// Those who were here and are entered only now.
    pub entered: u64,
    pub born: u64,
    pub arrived: u64,
    pub died: u64,
    pub left: u64,
    pub closing: u64,
}

/// Destroys the keys of a person on every node, seven days from now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Erase {
    pub person: String,
    /// Whoever asks has seen who it is, and means it.
    #[serde(default)]
    pub confirmed: bool,
}

/// Who was erased, durably, on this node.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Erased {
    pub person: String,
    pub envelopes: Vec<String>,
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
