//! Copies of a node.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

/// Copies the node as it is now, key included.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Backup {
    /// A new or empty folder.
    pub out: PathBuf,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BackupMade {
    pub backup: PathBuf,
    /// Others can read the key in it: its disk keeps no modes.
    pub key_exposed: bool,
    #[serde(flatten)]
    pub figures: BackupFigures,
}

/// Copies the files of the store as they are now: for a scrub, which reads them beside the node.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Checkpoint {
    /// A folder that does not exist.
    pub out: PathBuf,
}

/// What a backup holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BackupFigures {
    pub at_ms: u64,
    pub unit: String,
    pub node: String,
    pub incarnation: String,
    pub documents: u64,
    pub envelopes: u64,
    pub items: u64,
    pub scopes: u64,
    pub disk_bytes: u64,
}
