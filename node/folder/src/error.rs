//! What can be wrong with a folder, a text, a key.

use std::io;
use std::path::{Path, PathBuf};

/// Why a text is not what its file should hold. It shows names and places, no secret.
#[derive(Debug, thiserror::Error)]
pub enum TextError {
    /// Not the syntax, or not the keys.
    #[error("{0}")]
    Syntax(String),
    /// A key whose value is none.
    #[error("{field}: {reason}")]
    Field { field: &'static str, reason: String },
    /// A variable of the environment, which goes over the text, whose value is none.
    #[error("{variable}: {reason}")]
    Environment { variable: String, reason: String },
}

impl TextError {
    pub(crate) fn field(field: &'static str, reason: impl ToString) -> Self {
        Self::Field { field, reason: reason.to_string() }
    }
}

/// Without the line it points to, which may hold a secret.
impl From<toml::de::Error> for TextError {
    fn from(error: toml::de::Error) -> Self {
        Self::Syntax(error.message().to_owned())
    }
}

/// Why a key file gives no secrets.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    #[error("the key is sealed: it needs its passphrase")]
    Sealed,
    #[error("wrong passphrase or damaged file")]
    Unopened,
    #[error("cannot derive a key from the passphrase: {0}")]
    Derivation(argon2::Error),
    #[error("the system gives no randomness: {0}")]
    Entropy(getrandom::Error),
    #[error(transparent)]
    Text(#[from] TextError),
}

/// Why a file of the folder cannot be read or written.
#[derive(Debug, thiserror::Error)]
pub enum FolderError {
    #[error("cannot {attempt} {}", path.display())]
    System { attempt: &'static str, path: PathBuf, source: io::Error },
    #[error("{}", path.display())]
    Text { path: PathBuf, source: TextError },
    /// A variable of the environment whose value is none.
    #[error("{variable}: {reason}")]
    Environment { variable: String, reason: String },
    #[error("key file {}", path.display())]
    Key { path: PathBuf, source: KeyError },
    #[error("key file {} is readable by others (mode {mode:o}); chmod 600 it", path.display())]
    Exposed { path: PathBuf, mode: u32 },
    #[error("{} has {bytes} bytes, more than {max}", path.display())]
    TooLong { path: PathBuf, bytes: u64, max: u64 },
    #[error("{} belongs to no network yet; run `gongzhi init` first", folder.display())]
    NoNetwork { folder: PathBuf },
}

impl FolderError {
    /// What the system refused.
    pub(crate) fn system(attempt: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        move |source| Self::System { attempt, path: path.to_owned(), source }
    }

    /// What a file's text is not.
    pub(crate) fn text(path: &Path) -> impl FnOnce(TextError) -> Self {
        move |source| match source {
            TextError::Environment { variable, reason } => Self::Environment { variable, reason },
            source => Self::Text { path: path.to_owned(), source },
        }
    }

    /// What keeps a key file shut.
    pub(crate) fn key(path: &Path) -> impl FnOnce(KeyError) -> Self {
        move |source| Self::Key { path: path.to_owned(), source }
    }
}
