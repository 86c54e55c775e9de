//! Backup and restore. What is restored goes on under a new incarnation, always: the node may have
//! written on after the backup, and others hold that.

use std::fs;
use std::os::unix::fs::{DirBuilderExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context as _, Result, bail};
use node_api::{BackupFigures, BackupMade, Failure, Restored};
use node_folder::{Folder, Membership, sync_folder};
use node_replication::Replica;
use node_replication::history;
use node_replication::store::{ReadStore, Table};
use node_store::{Settings, Store, StoreId};
use schema_wire::Ed25519;
use serde::{Deserialize, Serialize};

use crate::clock::now_ms;
use crate::engine::{self, Context};
use crate::failpoint::{Point, cross};
use crate::keyfile::{self, Secrets};
use crate::{disk, failure, life};

const FORMAT: &str = "gongzhi-backup-1";
const MANIFEST: &str = "manifest.toml";
/// The manifest's name while the backup is not whole.
const UNFINISHED: &str = "manifest.toml.unfinished";
/// Entries read at once while a restored store is checked.
const PAGE: usize = 1000;

/// What a backup holds, in figures that a restore can count again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Manifest {
    format: String,
    /// For people; the number counts.
    when: String,
    at_ms: u64,
    unit: String,
    node: String,
    network: String,
    incarnation: u32,
    documents: u64,
    envelopes: u64,
    disk_bytes: u64,
    scopes: Vec<ScopeEntry>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct ScopeEntry {
    scope: String,
    items: u64,
    fingerprint: String,
}

impl Manifest {
    fn read(dir: &Path) -> Result<Self> {
        let path = dir.join(MANIFEST);
        let folder = dir.display().to_string();
        let damaged = |detail: String| Failure::BackupDamaged { folder: folder.clone(), detail };
        let text = fs::read_to_string(&path);
        let text = text.map_err(|_| Failure::NoBackup { folder: folder.clone() })?;
        let manifest: Self =
            toml::from_str(&text).map_err(|error| damaged(error.message().to_owned()))?;
        if manifest.format != FORMAT {
            return Err(damaged(format!("{:?} ≠ {FORMAT:?}", manifest.format)).into());
        }
        Ok(manifest)
    }

    fn figures(&self) -> BackupFigures {
        BackupFigures {
            at_ms: self.at_ms,
            unit: self.unit.clone(),
            node: self.node.clone(),
            incarnation: self.incarnation.to_string(),
            documents: self.documents,
            envelopes: self.envelopes,
            items: self.scopes.iter().map(|scope| scope.items).sum(),
            scopes: self.scopes.len() as u64,
            disk_bytes: self.disk_bytes,
        }
    }
}

/// What a store holds, counted from the store.
fn count(replica: &Replica, store: &Store) -> Result<Manifest> {
    let status = replica.status(store)?;
    let city = replica.authority().genesis().unit.clone();
    let documents = history::documents_below(store, &city)?;
    let scope = |scope: &node_replication::ScopeStatus| ScopeEntry {
        scope: scope.scope.to_string(),
        items: scope.items,
        fingerprint: hex::encode(scope.fingerprint),
    };
    let now = now_ms();
    let when = jiff::Timestamp::from_millisecond(i64::try_from(now)?)?;
    Ok(Manifest {
        format: FORMAT.into(),
        when: when.to_string(),
        at_ms: now,
        unit: status.unit.to_string(),
        node: status.node.to_string(),
        network: replica.authority().network().to_string(),
        incarnation: status.incarnation,
        documents: documents.len() as u64,
        envelopes: documents.iter().map(|summary| summary.envelopes).sum(),
        disk_bytes: store.disk_bytes()?,
        scopes: status.scopes.iter().map(scope).collect(),
    })
}

/// Copies the node as it is now, key included. It goes on running meanwhile.
pub(crate) fn backup(context: &Context<'_>, out: &Path) -> Result<BackupMade> {
    let unfinished = begin(out)?;
    cross(Point::BackupBegun);
    // Nothing is committed in between: this thread alone commits.
    context.committed.checkpoint(out.join("store"))?;
    cross(Point::BackupCheckpointed);
    let manifest = count(context.replica, context.committed)?;
    for file in [context.folder.key(), context.folder.membership(), context.folder.config()] {
        if file.exists() {
            copy(&file, out)?;
        }
    }
    sync_tree(out)?;
    cross(Point::BackupCopied);
    fs::write(&unfinished, toml::to_string(&manifest)?)?;
    fs::File::open(&unfinished)?.sync_all()?;
    cross(Point::ManifestWritten);
    // Last: a backup without it was never finished.
    fs::rename(&unfinished, out.join(MANIFEST))?;
    sync_folder(out)?;
    let mode = fs::metadata(out.join("node.key"))?.permissions().mode();
    Ok(BackupMade {
        backup: out.to_owned(),
        key_exposed: mode & 0o077 != 0,
        figures: manifest.figures(),
    })
}

/// Makes the folder of a backup, or clears one that was interrupted. The mark of an unfinished one
/// is laid into an empty folder first: whatever lies beside it is ours.
fn begin(out: &Path) -> Result<PathBuf> {
    let shown = out.display();
    let unfinished = out.join(UNFINISHED);
    if unfinished.exists() {
        for entry in fs::read_dir(out)? {
            let path = entry?.path();
            if path != unfinished {
                remove(&path)?;
            }
        }
        return Ok(unfinished);
    }
    if out.exists() && fs::read_dir(out).with_context(|| format!("{shown}"))?.next().is_some() {
        return Err(Failure::NotEmpty { folder: shown.to_string() }.into());
    }
    let created = fs::DirBuilder::new().recursive(true).mode(0o700).create(out);
    created.with_context(|| format!("cannot create {shown}"))?;
    sync_parent(out)?;
    fs::write(&unfinished, "")?;
    Ok(unfinished)
}

fn remove(path: &Path) -> Result<()> {
    let removed = if path.is_dir() { fs::remove_dir_all(path) } else { fs::remove_file(path) };
    removed.with_context(|| format!("cannot remove {}", path.display()))
}

fn sync_parent(path: &Path) -> Result<()> {
    Ok(path.parent().map_or(Ok(()), sync_folder)?)
}

/// Copies a file or a folder into a folder.
fn copy(from: &Path, into: &Path) -> Result<()> {
    disk::copy(from, &into.join(from.file_name().context("a path without a name")?))
}

fn sync_tree(path: &Path) -> Result<()> {
    if path.is_dir() {
        for entry in fs::read_dir(path)? {
            sync_tree(&entry?.path())?;
        }
    }
    let synced = fs::File::open(path).and_then(|file| file.sync_all());
    synced.with_context(|| format!("cannot sync {}", path.display()))
}

/// Makes a data folder from a backup. It has another name until it is whole: nothing is left
/// behind if the backup does not hold what it says, and one that was interrupted starts anew.
pub(crate) fn restore(from: &Path, data: &Path) -> Result<Restored> {
    let manifest = Manifest::read(from)?;
    if data.exists() {
        return Err(Failure::Exists { folder: data.display().to_string() }.into());
    }
    let data = &std::path::absolute(data)?;
    let mut name = data.file_name().context("a folder without a name")?.to_owned();
    name.push(".unfinished");
    let unfinished = data.with_file_name(name);
    if unfinished.exists() {
        remove(&unfinished)?;
    }
    let folder = Folder::new(&unfinished);
    folder.create()?;
    let restored = fill(from, &folder, &manifest);
    let incarnation = match restored {
        Ok(incarnation) => {
            cross(Point::RestoreFilled);
            fs::rename(&unfinished, data)?;
            sync_parent(data)?;
            incarnation
        }
        Err(error) => {
            remove(&unfinished)?;
            return Err(error);
        }
    };
    Ok(Restored {
        data: data.clone(),
        age_ms: now_ms().saturating_sub(manifest.at_ms),
        incarnation: incarnation.to_string(),
        backup: manifest.figures(),
    })
}

fn fill(from: &Path, folder: &Folder, manifest: &Manifest) -> Result<u32> {
    let backup = Folder::new(from);
    let mut membership = Membership::load(&backup)?;
    copy(&backup.key(), folder.path())?;
    copy(&backup.store(), folder.path())?;
    if backup.config().exists() {
        copy(&backup.config(), folder.path())?;
    }
    let secrets = keyfile::open(&folder.key())?;
    let damaged = |error: anyhow::Error| match failure::of(&error) {
        // The disk that is restored to says nothing about the backup.
        failure if failure::exit_code(&failure) == failure::EXIT_DISK => failure,
        _ => Failure::BackupDamaged {
            folder: from.display().to_string(),
            detail: format!("{error:#}"),
        },
    };
    {
        let (key, id) = (keyfile::store_key(&secrets), StoreId(membership.store));
        let store = Store::open(folder.store(), &key, Some(id), &Settings::default())
            .map_err(|error| damaged(error.into()))?;
        verify(&store, &secrets, &membership, manifest).map_err(damaged)?;
        cross(Point::RestoreVerified);
        membership.incarnation = membership.incarnation.max(manifest.incarnation);
        membership.incarnation = life::after(&membership, &store)?;
        store.begin_life(&life::beginning())?;
    }
    sync_tree(folder.path())?;
    // Last: a folder without this file belongs to no network.
    membership.save(folder)?;
    Ok(membership.incarnation)
}

/// Reads everything once: a damaged block or seal shows now, not in a year.
fn verify(
    store: &Store,
    secrets: &Secrets,
    membership: &Membership,
    manifest: &Manifest,
) -> Result<()> {
    for table in Table::ALL {
        let mut from = Vec::new();
        loop {
            let entries = store.range(table, &from, &[u8::MAX; 512], PAGE)?;
            let Some((last, _)) = entries.last() else { break };
            from = [last.as_slice(), &[0]].concat();
        }
    }
    let (replica, _) = engine::open(secrets.key.clone(), membership, Arc::new(Ed25519), store)?;
    let held = count(&replica, store)?;
    let figures = |m: &Manifest| {
        (m.node.clone(), m.network.clone(), m.documents, m.envelopes, m.scopes.clone())
    };
    if figures(&held) != figures(manifest) {
        bail!(
            "it holds {} documents and {} envelopes, its manifest says {} and {}",
            held.documents,
            held.envelopes,
            manifest.documents,
            manifest.envelopes
        );
    }
    Ok(())
}
