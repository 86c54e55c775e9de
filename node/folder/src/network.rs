//! The network file: what anybody may know of a network, and a unit needs in order to begin in it.

use std::fs;
use std::path::Path;

use schema_wire::Genesis;
use serde::{Deserialize, Serialize};

use crate::folder::read_text;
use crate::{FolderError, TextError, parts};

const FORMAT: &str = "gongzhi-network-3";
const HEAD: &str =
    "# 网络文件 gongzhi network. It is public: it holds no secret and grants nothing.\n";

/// A network, as it was given to this node by somebody. Compare its id with theirs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Network {
    /// What it began with. It holds the name too.
    pub genesis: Genesis,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct RawNetwork {
    format: String,
    network: String,
    name: String,
    genesis: String,
}

impl Network {
    /// What a network file says.
    ///
    /// # Errors
    /// If the text is none.
    pub fn from_text(text: &str) -> Result<Self, TextError> {
        let raw: RawNetwork = toml::from_str(text)?;
        parts::format(&raw.format, FORMAT)?;
        let genesis = parts::genesis(&raw.genesis, &raw.network)?;
        parts::same("name", &raw.name, &genesis.name.to_string())?;
        Ok(Self { genesis })
    }

    /// The text of a network file.
    #[must_use]
    pub fn to_text(&self) -> String {
        let raw = RawNetwork {
            format: FORMAT.into(),
            network: self.genesis.network().to_string(),
            name: self.genesis.name.to_string(),
            genesis: parts::write(&self.genesis),
        };
        format!("{HEAD}{}", toml::to_string(&raw).expect("strings are TOML"))
    }

    /// Reads a network file.
    ///
    /// # Errors
    /// If it cannot be read, or is none.
    pub fn read(path: &Path) -> Result<Self, FolderError> {
        Self::from_text(&read_text(path)?).map_err(FolderError::text(path))
    }

    /// Writes the file, or puts it in the place of the one before.
    ///
    /// # Errors
    /// If it cannot be written.
    pub fn write(&self, path: &Path) -> Result<(), FolderError> {
        fs::write(path, self.to_text()).map_err(FolderError::system("write", path))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples;

    #[test]
    fn a_network_is_read_as_it_was_written_and_under_no_other_name() {
        let network = Network { genesis: samples::genesis() };
        let text = network.to_text();
        assert_eq!(Network::from_text(&text).expect("a network"), network);
        let error = Network::from_text(&text.replace("白城", "红城")).expect_err("another name");
        assert!(error.to_string().starts_with("name"), "{error}");
    }
}
