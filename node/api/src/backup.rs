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
    #[serde(flatten)]
    pub figures: BackupFigures,
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
