//! What makes a node part of a network.

use std::io;

use schema_wire::{Genesis, Hash, UnitId};
use serde::{Deserialize, Serialize};

use crate::folder::read_text;
use crate::{Folder, FolderError, IfPresent, TextError, install, parts};

/// The network and the unit of a node, and who that unit was for it when it joined. What it chose
/// since, and the life it leads, lies in its store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Membership {
    /// What the network began with.
    pub genesis: Genesis,
    /// The unit.
    pub unit: UnitId,
    /// The charter's id: the lineage that this node pinned when it joined.
    pub lineage: Hash,
    /// The store that holds what this node knows: no other is opened in its place.
    pub store: [u8; 16],
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct RawMembership {
    genesis: String,
    unit: String,
    lineage: String,
    store: String,
}

impl Membership {
    /// What `membership.toml` says.
    ///
    /// # Errors
    /// If the text is none.
    pub fn from_text(text: &str) -> Result<Self, TextError> {
        let raw: RawMembership = toml::from_str(text)?;
        Ok(Self {
            genesis: parts::read("genesis", &raw.genesis)?,
            unit: parts::name("unit", &raw.unit)?,
            lineage: parts::name("lineage", &raw.lineage)?,
            store: hex::decode(&raw.store)
                .ok()
                .and_then(|bytes| bytes.try_into().ok())
                .ok_or_else(|| TextError::field("store", "not 32 hexadecimal digits"))?,
        })
    }

    /// The text of `membership.toml`.
    #[must_use]
    pub fn to_text(&self) -> String {
        let raw = RawMembership {
            genesis: parts::write(&self.genesis),
            unit: self.unit.to_string(),
            lineage: self.lineage.to_string(),
            store: hex::encode(self.store),
        };
        toml::to_string(&raw).expect("strings are TOML")
    }

    /// Reads a folder's.
    ///
    /// # Errors
    /// If the folder belongs to no network, or its file cannot be read.
    pub fn load(folder: &Folder) -> Result<Self, FolderError> {
        let path = folder.membership();
        let text = read_text(&path).map_err(|error| match error {
            FolderError::System { source, .. } if source.kind() == io::ErrorKind::NotFound => {
                FolderError::NoNetwork { folder: folder.path().to_owned() }
            }
            error => error,
        })?;
        Self::from_text(&text).map_err(FolderError::text(&path))
    }

    /// Writes it so that a power cut leaves the old file or the new one.
    ///
    /// # Errors
    /// If it cannot be written.
    pub fn save(&self, folder: &Folder) -> Result<(), FolderError> {
        install(&folder.membership(), self.to_text().as_bytes(), IfPresent::Replace)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples;

    fn membership() -> Membership {
        Membership {
            genesis: samples::genesis(),
            unit: samples::unit(),
            lineage: Hash([3; 32]),
            store: [5; 16],
        }
    }

    #[test]
    fn a_membership_is_saved_and_read_again() {
        let dir = tempfile::tempdir().expect("a folder");
        let folder = Folder::new(dir.path());
        let missing = Membership::load(&folder).expect_err("no file yet");
        assert!(matches!(missing, FolderError::NoNetwork { .. }), "{missing}");
        let saved = membership();
        saved.save(&folder).expect("saved");
        assert_eq!(Membership::load(&folder).expect("read"), saved);
    }
}
