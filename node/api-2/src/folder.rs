//! What is done to a data folder or a file without asking a node: founding and joining, keys,
//! restoring, reading and repairing a store, checking a proof. These are no operations, since no node handles them; their answers
//! are typed like all others.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::{BackupFigures, Delegated, Right};

/// A node's key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeyMade {
    pub node: String,
}

/// A folder that belongs to a network now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Joined {
    pub network: String,
    pub unit: String,
}

/// A founding that other root keys must sign.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Founded {
    pub grant: PathBuf,
    /// How many more must sign.
    pub lacks: u8,
}

/// A grant in its file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Granted {
    pub file: PathBuf,
    #[serde(flatten)]
    pub grant: Delegated,
}

/// A grant file, and who signed it by now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EndorsedFile {
    pub delegation: String,
    pub unit: String,
    pub to: String,
    pub rights: Vec<Right>,
    pub until_ms: u64,
    pub signed_by: Vec<String>,
}

/// A key that is to follow this node's.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rotation {
    pub node: String,
    pub unit: String,
    pub next_node: String,
    pub data: PathBuf,
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
