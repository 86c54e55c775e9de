//! 授权书: what a unit hands out: to a node that it takes in, or to a unit that it recognises.

use std::fs;
use std::path::Path;

use schema_wire::{Genesis, Hash, NodeKey, Statement, UnitId};
use serde::{Deserialize, Serialize};

use crate::folder::read_text;
use crate::{FolderError, TextError, parts};

const FORMAT: &str = "gongzhi-grant-3";
const HEAD: &str = "# 授权书 gongzhi grant. It holds no secret.\n\
    # lineage: 单位的谱系编号，加入前请与本单位核对 / who the unit is: compare it with the unit itself before joining.\n";

/// The statements that show a membership or a recognition. Nothing in it is verified; that what
/// is shown to people is what nodes read, is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grant {
    /// What the network began with.
    pub genesis: Genesis,
    /// The unit that a node is taken into, or that is recognised.
    pub unit: UnitId,
    /// The node; none if the unit is recognised, whichever its nodes are.
    pub node: Option<NodeKey>,
    /// The charter's id: who the unit is.
    pub lineage: Hash,
    /// Whom the giver follows where a generation has rivals.
    pub follows: Vec<Follow>,
    /// Each is kept by those before it.
    pub chain: Vec<Statement>,
}

/// Which successor of a generation is followed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Follow {
    /// The generation.
    pub after: Hash,
    /// The one that is followed after it.
    pub successor: Hash,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct RawGrant {
    format: String,
    network: String,
    unit: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    node: Option<String>,
    lineage: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    follows: Vec<RawFollow>,
    genesis: String,
    chain: Vec<String>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct RawFollow {
    after: String,
    successor: String,
}

impl Grant {
    /// What a grant file says.
    ///
    /// # Errors
    /// If the text is none.
    pub fn from_text(text: &str) -> Result<Self, TextError> {
        let raw: RawGrant = toml::from_str(text)?;
        parts::format(&raw.format, FORMAT)?;
        let follow = |raw: &RawFollow| {
            let after = parts::name("follows", &raw.after)?;
            Ok(Follow { after, successor: parts::name("follows", &raw.successor)? })
        };
        Ok(Self {
            genesis: parts::genesis(&raw.genesis, &raw.network)?,
            unit: parts::name("unit", &raw.unit)?,
            node: raw.node.map(|text| parts::name("node", &text)).transpose()?,
            lineage: parts::name("lineage", &raw.lineage)?,
            follows: raw.follows.iter().map(follow).collect::<Result<_, TextError>>()?,
            chain: parts::statements(&raw.chain)?,
        })
    }

    /// The text of a grant file.
    #[must_use]
    pub fn to_text(&self) -> String {
        let follow = |Follow { after, successor }: &Follow| RawFollow {
            after: after.to_string(),
            successor: successor.to_string(),
        };
        let raw = RawGrant {
            format: FORMAT.into(),
            network: self.genesis.network().to_string(),
            unit: self.unit.to_string(),
            node: self.node.map(|node| node.to_string()),
            lineage: self.lineage.to_string(),
            follows: self.follows.iter().map(follow).collect(),
            genesis: parts::write(&self.genesis),
            chain: self.chain.iter().map(parts::write).collect(),
        };
        format!("{HEAD}{}", toml::to_string(&raw).expect("strings are TOML"))
    }

    /// Reads a grant file.
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

    /// Adds statements that are not in it yet.
    pub fn add(&mut self, statements: impl IntoIterator<Item = Statement>) {
        for statement in statements {
            if self.chain.iter().all(|held| held.id() != statement.id()) {
                self.chain.push(statement);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples;

    fn grant() -> Grant {
        let unit = samples::unit();
        let (charter, delegation) = samples::beginning(&unit);
        Grant {
            genesis: samples::genesis(),
            unit,
            node: Some(delegation.claims().subject),
            lineage: charter.id(),
            follows: vec![Follow { after: Hash([1; 32]), successor: Hash([2; 32]) }],
            chain: vec![Statement::Charter(charter), Statement::Delegation(delegation)],
        }
    }

    #[test]
    fn a_grant_is_read_as_it_was_written() {
        let mut grant = grant();
        assert_eq!(Grant::from_text(&grant.to_text()).expect("a grant"), grant);
        assert!(grant.to_text().contains(&format!("lineage = \"{}\"", grant.lineage)));
        (grant.node, grant.follows) = (None, Vec::new());
        assert_eq!(Grant::from_text(&grant.to_text()).expect("a grant"), grant);
    }

    #[test]
    fn what_is_shown_of_the_network_is_its_id() {
        let text = grant().to_text();
        let network = samples::genesis().network().to_string();
        let another = text.replace(&network, &Hash([9; 32]).to_string());
        let error = Grant::from_text(&another).expect_err("a network that is not the genesis'");
        assert!(error.to_string().starts_with("network"), "{error}");
        let older = text.replace(FORMAT, "gongzhi-grant-1");
        let error = Grant::from_text(&older).expect_err("another format");
        assert!(error.to_string().starts_with("format"), "{error}");
    }

    #[test]
    fn the_same_statement_is_added_once() {
        let mut grant = grant();
        let again = grant.chain.clone();
        grant.add(again);
        assert_eq!(grant.chain.len(), 2);
    }
}
