//! 授权书: a grant on its way to its subject.

use std::fs;
use std::path::Path;

use schema_wire::{Delegation, Genesis, Signed, Statement, Wire as _};
use serde::{Deserialize, Serialize};

use crate::folder::read_text;
use crate::membership::genesis;
use crate::{FolderError, TextError};

const FORMAT: &str = "gongzhi-grant-1";
const HEAD: &str =
    "# 授权书 gongzhi grant. It holds no secret; the node it names can join with it.\n";

/// A delegation with everything it rests on. It holds no secret, and nothing in it is verified.
#[derive(Debug, Clone)]
pub struct Grant {
    pub genesis: Genesis,
    /// The subject's own first; what it rests on in any order.
    pub chain: Vec<Statement>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct RawGrant {
    format: String,
    /// For people; what counts is in the chain.
    network: String,
    unit: String,
    node: String,
    genesis: String,
    chain: Vec<String>,
}

impl Grant {
    /// What a grant file says.
    pub fn from_text(text: &str) -> Result<Self, TextError> {
        let raw: RawGrant = toml::from_str(text)?;
        if raw.format != FORMAT {
            let reason = format!("{:?} is not {FORMAT:?}", raw.format);
            return Err(TextError::field("format", reason));
        }
        let statement = |text: &String| {
            let bytes = hex::decode(text).map_err(|error| TextError::field("chain", error))?;
            Statement::from_bytes(&bytes).map_err(|error| TextError::field("chain", error))
        };
        let chain: Result<Vec<_>, _> = raw.chain.iter().map(statement).collect();
        Ok(Self { genesis: genesis(&raw.genesis)?, chain: chain? })
    }

    /// The text of a grant file. There is none for a grant that grants nothing.
    pub fn to_text(&self) -> Result<String, TextError> {
        let leaf = self.leaf()?;
        let raw = RawGrant {
            format: FORMAT.into(),
            network: self.genesis.network().to_string(),
            unit: leaf.claims().unit.to_string(),
            node: leaf.claims().subject.to_string(),
            genesis: hex::encode(self.genesis.to_bytes()),
            chain: self.chain.iter().map(|s| hex::encode(s.to_bytes())).collect(),
        };
        Ok(format!("{HEAD}{}", toml::to_string(&raw).expect("strings are TOML")))
    }

    /// Reads a grant file.
    pub fn read(path: &Path) -> Result<Self, FolderError> {
        Self::from_text(&read_text(path)?).map_err(FolderError::text(path))
    }

    /// Writes the file, or puts it in the place of the one before.
    pub fn write(&self, path: &Path) -> Result<(), FolderError> {
        let text = self.to_text().map_err(FolderError::text(path))?;
        fs::write(path, text).map_err(FolderError::system("write", path))
    }

    /// The delegation granted, as the file claims it.
    pub fn leaf(&self) -> Result<&Signed<Delegation>, TextError> {
        match self.chain.first() {
            Some(Statement::Delegation(leaf)) => Ok(leaf),
            _ => Err(TextError::field("chain", "a grant begins with a delegation")),
        }
    }

    /// Adds statements that are not in it yet.
    pub fn add(&mut self, statements: impl IntoIterator<Item = Statement>) {
        for statement in statements {
            if self.chain.iter().all(|held| held.id() != statement.id()) {
                self.chain.push(statement);
            }
        }
    }
}
