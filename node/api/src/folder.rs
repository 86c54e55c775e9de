//! What is done to a data folder or a file without asking a node: beginning and joining, keys,
//! recovery phrases, restoring, reading and repairing a store, checking a proof. These are no
//! operations, since no node handles them; their answers are typed like all others.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::{BackupFigures, Delegated, PhraseShown, Recognised};

/// A node's key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeyMade {
    pub node: String,
}

/// A network in its file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NetworkWritten {
    pub file: PathBuf,
    pub network: String,
    pub name: String,
}

/// A unit that began in this folder. Its phrases are shown here and never again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Began {
    pub network: String,
    pub unit: String,
    pub lineage: String,
    pub node: String,
    /// Passes the unit on when its keys are lost or stolen.
    pub unit_phrase: PhraseShown,
    /// Passes the root on; of a new network alone.
    pub root_phrase: Option<PhraseShown>,
    pub next: NextStep,
}

/// What is left to do after a unit began.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "next", rename_all = "kebab-case")]
pub enum NextStep {
    /// Nothing: the network is there.
    Nothing,
    /// Other root keys sign this file; then this node joins with it.
    Endorse {
        grant: PathBuf,
        /// How many more must sign.
        lacks: u8,
    },
    /// The unit above recognises it by this file; the work inside has begun.
    Recognition { request: Option<PathBuf> },
}

/// A folder that belongs to a network now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Joined {
    pub network: String,
    pub unit: String,
    /// Who the unit is for this node from now on.
    pub lineage: String,
    pub node: String,
    /// Do the units above recognise it?
    pub recognised: bool,
}

/// A grant in its file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Granted {
    pub file: PathBuf,
    #[serde(flatten)]
    pub grant: Delegated,
}

/// A recognition in its file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecognisedFile {
    pub file: PathBuf,
    #[serde(flatten)]
    pub grant: Recognised,
}

/// A grant file whose root act was signed, and who signed it by now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EndorsedFile {
    pub founding: String,
    pub unit: String,
    pub lineage: String,
    pub signed_by: Vec<String>,
    pub threshold: u8,
}

/// A key that is to follow this node's.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rotation {
    pub node: String,
    pub unit: String,
    pub next_node: String,
    pub data: PathBuf,
}

/// A lineage that its recovery phrase passed on: every node of the unit follows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LineageRotated {
    pub unit: String,
    pub lineage: String,
    pub generation: String,
    /// The operating key from now on, and the one before.
    pub operating_key: String,
    pub before: String,
    /// What of earlier generations stays in force.
    pub statements_kept: u64,
    /// Of the node that had the key before: logs whose entries still count.
    pub logs_kept: u64,
    pub phrase: PhraseShown,
}

/// A lineage that this node alone holds its unit to be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LineageAccepted {
    pub unit: String,
    pub lineage: String,
    pub before: String,
}

/// A root that a recovery phrase passed on: the whole network follows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RootSucceeded {
    pub network: String,
    pub generation: String,
    pub roots: Vec<String>,
    pub threshold: u8,
    pub statements_kept: u64,
    pub in_effect: bool,
    pub phrase: PhraseShown,
}

/// A folder made from a backup.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Restored {
    pub data: PathBuf,
    pub age_ms: u64,
    pub incarnation: String,
    pub backup: BackupFigures,
}

/// What a proof of a fork proves: who signed two envelopes at one position of a log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ForkProven {
    pub network: String,
    pub document: String,
    pub author: String,
    pub incarnation: String,
    pub seq: u64,
}

/// What reading every entry of a store found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Scrubbed {
    /// Does the node run? Then a copy of its files was read.
    pub running: bool,
    /// Is anything damaged?
    pub damaged: bool,
    /// How many commits led to the store, if it can be opened.
    pub commits: Option<u64>,
    /// Damage in its logs. Where they break off in the middle, no table was read.
    pub log: Option<String>,
    pub tables: Vec<TableScrubbed>,
}

/// What was found in one table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TableScrubbed {
    pub table: String,
    pub entries: u64,
    pub bytes: u64,
    /// The first damage: nothing behind it was read.
    pub damage: Option<String>,
}

/// What a repair did.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "store", rename_all = "kebab-case")]
pub enum Repaired {
    /// Nothing: the store is sound.
    Sound,
    /// It goes on from the last entry that can be read.
    Opened {
        damage: String,
        /// A copy of the store as it was.
        kept: PathBuf,
        commits: u64,
        commits_missing_at_least: u64,
    },
}
