//! What makes a node part of a network.

use std::io;

use schema_wire::{Genesis, Hash, UnitId};
use serde::{Deserialize, Serialize};

use crate::folder::read_text;
use crate::{Folder, FolderError, Placing, TextError, parts, place};

/// The network and the unit of a node, and who that unit is for it. Everything else that a node
/// chose, and the life it leads, lies in its store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Membership {
    /// What the network began with.
    pub genesis: Genesis,
    /// The unit.
    pub unit: UnitId,
    /// The charter's id: the lineage that this node pinned when it joined, or by hand since.
    pub lineage: Hash,
    /// Lineages that it belonged to before: their past still counts where it was adopted.
    pub former: Vec<Hash>,
    /// The store that holds what this node knows: no other is opened in its place.
    pub store: [u8; 16],
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct RawMembership {
    genesis: String,
    unit: String,
    lineage: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    former: Vec<String>,
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
            former: parts::hashes("former", &raw.former)?,
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
            former: self.former.iter().map(ToString::to_string).collect(),
            store: hex::encode(self.store),
        };
        toml::to_string(&raw).expect("strings are TOML")
    }

    /// The same node, which holds the unit to be another lineage from now on.
    #[must_use]
    pub fn accepting(mut self, lineage: Hash) -> Self {
        self.former.retain(|former| *former != lineage && *former != self.lineage);
        if self.lineage != lineage {
            self.former.push(self.lineage);
        }
        Self { lineage, ..self }
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
        place(&folder.membership(), self.to_text().as_bytes(), Placing::Replace)
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
            former: Vec::new(),
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
        let accepted = saved.accepting(Hash([4; 32]));
        accepted.save(&folder).expect("saved");
        assert_eq!(Membership::load(&folder).expect("read"), accepted);
    }

    #[test]
    fn a_lineage_is_the_present_one_or_a_former_one_and_never_forgotten() {
        let [first, second] = [3, 4].map(|n| Hash([n; 32]));
        let there = membership().accepting(second);
        assert_eq!((there.lineage, there.former.as_slice()), (second, [first].as_slice()));
        let again = there.clone().accepting(second);
        assert_eq!(again, there);
        let back = there.accepting(first);
        assert_eq!((back.lineage, back.former.as_slice()), (first, [second].as_slice()));
    }
}
