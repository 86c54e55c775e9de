//! A node's data folder, and the grant files that bring a node into a network.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, anyhow, bail};
use schema_wire::{Delegation, Genesis, Hash, Signed, Statement, UnitId, Wire};
use serde::{Deserialize, Serialize};

use crate::failpoint::{Point, cross};

/// Where a node keeps what it has.
#[derive(Debug, Clone)]
pub(crate) struct Folder(PathBuf);

impl Folder {
    pub(crate) fn new(path: &Path) -> Self {
        Self(path.to_owned())
    }
    pub(crate) fn path(&self) -> &Path {
        &self.0
    }
    pub(crate) fn key(&self) -> PathBuf {
        self.0.join("node.key")
    }
    /// The key that is to follow, once it is granted.
    pub(crate) fn next_key(&self) -> PathBuf {
        self.0.join("node.key.next")
    }
    pub(crate) fn membership(&self) -> PathBuf {
        self.0.join("membership.toml")
    }
    /// The network that is being founded, until this folder belongs to it.
    pub(crate) fn founding(&self) -> PathBuf {
        self.0.join("founding.grant")
    }
    pub(crate) fn store(&self) -> PathBuf {
        self.0.join("store")
    }
    pub(crate) fn config(&self) -> PathBuf {
        self.0.join("config.toml")
    }
    pub(crate) fn socket(&self) -> PathBuf {
        self.0.join("control.sock")
    }

    /// Creates the folder, for its owner alone.
    pub(crate) fn create(&self) -> Result<()> {
        use std::os::unix::fs::DirBuilderExt;
        let created = fs::DirBuilder::new().recursive(true).mode(0o700).create(&self.0);
        created.with_context(|| format!("cannot create data folder {}", self.0.display()))
    }
}

/// What makes a node part of a network: the genesis, its unit, and the delegation it acts under.
#[derive(Debug, Clone)]
pub(crate) struct Membership {
    pub(crate) genesis: Genesis,
    pub(crate) unit: UnitId,
    pub(crate) delegation: Hash,
    pub(crate) incarnation: u32,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct RawMembership {
    genesis: String,
    unit: String,
    delegation: String,
    incarnation: u32,
}

impl Membership {
    pub(crate) fn load(folder: &Folder) -> Result<Self> {
        let path = folder.membership();
        let text = fs::read_to_string(&path).with_context(|| {
            let folder = folder.path().display();
            format!("{folder} belongs to no network yet; run `gongzhi init` first")
        })?;
        let raw: RawMembership = toml::from_str(&text)
            .map_err(|error| anyhow!("{}: {}", path.display(), error.message()))?;
        Ok(Self {
            genesis: Genesis::from_bytes(&hex::decode(raw.genesis)?)?,
            unit: UnitId::parse(&raw.unit)?,
            delegation: raw.delegation.parse()?,
            incarnation: raw.incarnation,
        })
    }

    /// Writes it so that a power cut leaves the old file or the new one.
    pub(crate) fn save(&self, folder: &Folder) -> Result<()> {
        let raw = RawMembership {
            genesis: hex::encode(self.genesis.to_bytes()),
            unit: self.unit.to_string(),
            delegation: self.delegation.to_string(),
            incarnation: self.incarnation,
        };
        place(&folder.membership(), toml::to_string(&raw)?.as_bytes(), Placing::Replace)
    }
}

/// What to do where a file has the name already.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Placing {
    Replace,
    Refuse,
}

/// Writes a file of a data folder, for its owner alone, so that a crash leaves all of it or none.
pub(crate) fn place(path: &Path, content: &[u8], placing: Placing) -> Result<()> {
    let (Some(folder), Some(name)) = (path.parent(), path.file_name().and_then(|n| n.to_str()))
    else {
        bail!("{} names no file", path.display());
    };
    let draft = format!("{name}.new-");
    // What a crash left: a key may be in it.
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        if entry.file_name().to_string_lossy().starts_with(&draft) {
            fs::remove_file(entry.path())?;
        }
    }
    let mut file = tempfile::Builder::new().prefix(&draft).tempfile_in(folder)?;
    cross(Point::FileCreated);
    file.write_all(content)?;
    cross(Point::FileWritten);
    file.as_file().sync_all()?;
    cross(Point::FileSynced);
    let placed = match placing {
        Placing::Replace => file.persist(path),
        Placing::Refuse => file.persist_noclobber(path),
    };
    placed.map_err(|error| error.error)?;
    cross(Point::FileNamed);
    sync_folder(folder)
}

/// Makes names durable: what was created, renamed or removed in a folder.
pub(crate) fn sync_folder(path: &Path) -> Result<()> {
    let synced = fs::File::open(path).and_then(|folder| folder.sync_all());
    synced.with_context(|| format!("cannot sync {}", path.display()))
}

/// 授权书: a grant on its way to its subject, with everything it rests on. It holds no secret.
#[derive(Debug, Clone)]
pub(crate) struct Grant {
    pub(crate) genesis: Genesis,
    /// The subject's own first; what it rests on in any order.
    pub(crate) chain: Vec<Statement>,
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

const GRANT_FORMAT: &str = "gongzhi-grant-1";

impl Grant {
    pub(crate) fn read(path: &Path) -> Result<Self> {
        let shown = path.display();
        let text = fs::read_to_string(path).with_context(|| format!("no grant file {shown}"))?;
        let raw: RawGrant = toml::from_str(&text)
            .map_err(|error| anyhow!("grant file {shown}: {}", error.message()))?;
        if raw.format != GRANT_FORMAT {
            bail!("grant file {shown}: format {:?} is not {GRANT_FORMAT:?}", raw.format);
        }
        let statement = |text: &String| -> Result<Statement> {
            Ok(Statement::from_bytes(&hex::decode(text)?)?)
        };
        let chain: Result<Vec<_>> = raw.chain.iter().map(statement).collect();
        let genesis = Genesis::from_bytes(&hex::decode(&raw.genesis)?)
            .with_context(|| format!("grant file {shown}: genesis"))?;
        Ok(Self { genesis, chain: chain.with_context(|| format!("grant file {shown}: chain"))? })
    }

    /// The delegation granted, as the file claims it.
    pub(crate) fn leaf(&self) -> Result<&Signed<Delegation>> {
        match self.chain.first() {
            Some(Statement::Delegation(leaf)) => Ok(leaf),
            _ => bail!("a grant begins with a delegation"),
        }
    }

    /// Adds statements that are not in it yet.
    pub(crate) fn add(&mut self, statements: impl IntoIterator<Item = Statement>) {
        for statement in statements {
            if self.chain.iter().all(|held| held.id() != statement.id()) {
                self.chain.push(statement);
            }
        }
    }

    /// Writes the file, or puts it in the place of the one before.
    pub(crate) fn write(&self, path: &Path) -> Result<()> {
        let text = self.to_text()?;
        fs::write(path, text).with_context(|| format!("cannot write {}", path.display()))
    }

    pub(crate) fn to_text(&self) -> Result<String> {
        let leaf = self.leaf()?;
        let raw = RawGrant {
            format: GRANT_FORMAT.into(),
            network: self.genesis.network().to_string(),
            unit: leaf.claims().unit.to_string(),
            node: leaf.claims().subject.to_string(),
            genesis: hex::encode(self.genesis.to_bytes()),
            chain: self.chain.iter().map(|s| hex::encode(s.to_bytes())).collect(),
        };
        let head =
            "# 授权书 gongzhi grant. It holds no secret; the node it names can join with it.\n";
        Ok(format!("{head}{}", toml::to_string(&raw)?))
    }
}
