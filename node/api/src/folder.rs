//! What is done to a data folder or a file without asking a node: founding and joining, keys,
//! restoring, checking a proof. These are no operations, since no node handles them; their answers
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
