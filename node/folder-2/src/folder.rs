//! Where a node keeps what it has.

use std::fs;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use zeroize::Zeroizing;

use crate::FolderError;

/// None of these files comes near it; one that does is no file of ours.
const TEXT_BYTES_MAX: u64 = 4 * 1024 * 1024;

/// A node's data folder.
#[derive(Debug, Clone)]
pub struct Folder(PathBuf);

impl Folder {
    /// The folder at this path, which need not exist yet.
    #[must_use]
    pub fn new(path: &Path) -> Self {
        Self(path.to_owned())
    }
    /// The folder itself.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.0
    }
    /// The node's key.
    #[must_use]
    pub fn key(&self) -> PathBuf {
        self.0.join("node.key")
    }
    /// The key that is to follow, once it is granted.
    #[must_use]
    pub fn next_key(&self) -> PathBuf {
        self.0.join("node.key.next")
    }
    /// The network, the unit and the delegation.
    #[must_use]
    pub fn membership(&self) -> PathBuf {
        self.0.join("membership.toml")
    }
    /// The network that is being founded, until this folder belongs to it.
    #[must_use]
    pub fn founding(&self) -> PathBuf {
        self.0.join("founding.grant")
    }
    /// The database.
    #[must_use]
    pub fn store(&self) -> PathBuf {
        self.0.join("store")
    }
    /// How the node runs.
    #[must_use]
    pub fn config(&self) -> PathBuf {
        self.0.join("config.toml")
    }
    /// Where the running node takes local commands.
    #[must_use]
    pub fn socket(&self) -> PathBuf {
        self.0.join("control.sock")
    }

    /// Creates the folder, for its owner alone.
    pub fn create(&self) -> Result<(), FolderError> {
        use std::os::unix::fs::DirBuilderExt;
        let created = fs::DirBuilder::new().recursive(true).mode(0o700).create(&self.0);
        created.map_err(FolderError::system("create data folder", &self.0))
    }
}

/// A file's text, wiped after use: it may be a key's.
pub(crate) fn read_text(path: &Path) -> Result<Zeroizing<String>, FolderError> {
    let unread = |source| FolderError::System { attempt: "read", path: path.to_owned(), source };
    let file = fs::File::open(path).map_err(unread)?;
    let bytes = file.metadata().map_err(unread)?.len();
    if bytes > TEXT_BYTES_MAX {
        return Err(FolderError::TooLong { path: path.to_owned(), bytes, max: TEXT_BYTES_MAX });
    }
    let mut text = Zeroizing::new(String::new());
    file.take(TEXT_BYTES_MAX).read_to_string(&mut text).map_err(unread)?;
    Ok(text)
}
