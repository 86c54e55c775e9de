//! What goes wrong with a store that is open.

use std::io;
use std::path::PathBuf;

use node_replication::store::Table;

/// A batch was not made durable, and no later one will be.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CommitError {
    /// This write or its sync failed. Whether the batch survives is known after the next start.
    #[error("a write to the store failed, the node must stop")]
    Failed(#[source] rocksdb::Error),
    /// The note of the last commit was not written: the disk takes no writes.
    #[error("a write beside the store failed, the node must stop")]
    Unmarked(#[source] SystemError),
    /// The system gave no randomness to seal with. Nothing of the batch was written.
    #[error("the system gives no randomness, the node must stop")]
    Randomness(#[source] getrandom::Error),
    /// An earlier commit failed.
    #[error("the store takes no more writes after an earlier failure: {0}")]
    Refused(String),
}

/// What the system said.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{text}")]
pub struct SystemError {
    /// Of which kind it was.
    pub kind: io::ErrorKind,
    /// In its words.
    pub text: String,
}

impl From<io::Error> for SystemError {
    fn from(error: io::Error) -> Self {
        Self { kind: error.kind(), text: error.to_string() }
    }
}

/// An erasure did not reach the disk.
#[derive(Debug, thiserror::Error)]
#[error("cannot purge table {}", table.name())]
pub struct PurgeError {
    /// The table to be purged.
    pub table: Table,
    /// What the database said.
    pub source: rocksdb::Error,
}

/// A backup was not taken.
#[derive(Debug, thiserror::Error)]
#[error("cannot back up the store to {}", dir.display())]
pub struct BackupError {
    /// Where to.
    pub dir: PathBuf,
    /// What the database said.
    pub source: rocksdb::Error,
}
