//! What makes a node part of a network.

use std::io;

use schema_wire::{Genesis, Hash, UnitId, Wire as _};
use serde::{Deserialize, Serialize};

use crate::folder::read_text;
use crate::{Folder, FolderError, Placing, TextError, place};

/// The genesis of a node's network, its unit, and the delegation it acts under.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Membership {
    pub genesis: Genesis,
    pub unit: UnitId,
    pub delegation: Hash,
    /// The life it leads: see `life.rs` of the binary.
    pub incarnation: u32,
    /// The store that holds what this node knows: no other is opened in its place.
    pub store: [u8; 16],
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct RawMembership {
    genesis: String,
    unit: String,
    delegation: String,
    incarnation: u32,
    store: String,
}

impl Membership {
    /// What `membership.toml` says.
    pub fn from_text(text: &str) -> Result<Self, TextError> {
        let raw: RawMembership = toml::from_str(text)?;
        Ok(Self {
            genesis: genesis(&raw.genesis)?,
            unit: UnitId::parse(&raw.unit).map_err(|error| TextError::field("unit", error))?,
            delegation: raw
                .delegation
                .parse()
                .map_err(|error| TextError::field("delegation", error))?,
            incarnation: raw.incarnation,
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
            genesis: hex::encode(self.genesis.to_bytes()),
            unit: self.unit.to_string(),
            delegation: self.delegation.to_string(),
            incarnation: self.incarnation,
            store: hex::encode(self.store),
        };
        toml::to_string(&raw).expect("strings and a number are TOML")
    }

    /// Reads a folder's.
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
    pub fn save(&self, folder: &Folder) -> Result<(), FolderError> {
        place(&folder.membership(), self.to_text().as_bytes(), Placing::Replace)
    }
}

/// A genesis in hexadecimal, as membership and grant hold it.
pub(crate) fn genesis(text: &str) -> Result<Genesis, TextError> {
    let bytes = hex::decode(text).map_err(|error| TextError::field("genesis", error))?;
    Genesis::from_bytes(&bytes).map_err(|error| TextError::field("genesis", error))
}

#[cfg(test)]
mod tests {
    use super::*;
    use schema_wire::NodeKey;

    #[test]
    fn a_membership_is_saved_and_read_again() {
        let dir = tempfile::tempdir().expect("a folder");
        let folder = Folder::new(dir.path());
        let missing = Membership::load(&folder).expect_err("no file yet");
        assert!(matches!(missing, FolderError::NoNetwork { .. }), "{missing}");
        let unit = UnitId::parse("220800").expect("a unit");
        let genesis = Genesis {
            unit: unit.clone(),
            name: "白城".into(),
            roots: vec![NodeKey([7; 32])],
            threshold: 1,
            at_ms: 1,
        };
        let saved =
            Membership { genesis, unit, delegation: Hash([3; 32]), incarnation: 9, store: [5; 16] };
        saved.save(&folder).expect("saved");
        assert_eq!(Membership::load(&folder).expect("read"), saved);
    }
}
