//! The store of a folder, outside of its daily work: making it, opening it after damage, reading
//! all of it.

use std::fs;
use std::io::{ErrorKind, Write as _};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::Path;

use anyhow::{Context, Result, bail};
use node_folder::{Folder, Membership};
use node_store::{Doubt, OpenError, Past, Settings, Store, StoreId};
use serde_json::{Value, json};

use crate::failpoint::{Point, cross};
use crate::keyfile::{self, Secrets};

/// Fewer bytes left on the disk are a warning: the logs of the store may take as many at once.
const LEFT_MIN: u64 = 128 << 20;

/// The store of a folder that is about to join a network: the one that an interrupted `init` left,
/// or a new one. Nothing else creates a store.
pub(crate) fn shelter(folder: &Folder, secrets: &Secrets) -> Result<StoreId> {
    let (dir, key, settings) = (folder.store(), keyfile::store_key(secrets), Settings::default());
    let store = match dir.exists() {
        true => Store::open(dir, &key, None, &settings)?,
        false => Store::create(dir, &key, &settings)?,
    };
    Ok(store.id())
}

/// Opens a store that is damaged, on purpose: it goes on from the last entry that can be read. A
/// copy of the folder as it was is kept beside it.
pub(crate) fn repair(folder: &Folder) -> Result<Value> {
    let secrets = keyfile::open(&folder.key())?;
    let membership = Membership::load(folder)?;
    let (dir, key) = (folder.store(), keyfile::store_key(&secrets));
    let (id, settings) = (Some(StoreId(membership.store)), Settings::default());
    let damage = match Store::open(&dir, &key, id, &settings) {
        Ok(_) => return Ok(json!({ "damaged": false })),
        Err(error @ (OpenError::Damaged { .. } | OpenError::Corrupt { .. })) => error,
        Err(error) => return Err(error.into()),
    };
    let damage = format!("{:#}", anyhow::Error::from(damage));
    let kept = dir.with_extension("damaged");
    if kept.exists() {
        bail!("{} 已存在 exists already: move it away first", kept.display());
    }
    copy(&dir, &kept)?;
    let store = Store::salvage(&dir, &key, id, &settings)?;
    let missing = match store.past() {
        Past::Doubtful(Doubt::SetBack(commits)) => commits,
        _ => 1,
    };
    Ok(json!({
        "damaged": true, "damage": damage, "kept": kept.display().to_string(),
        "commits": store.commits(), "commits_missing_at_least": missing,
    }))
}

/// Copies a file or a folder to a path where nothing is, for its owner alone. No mode is set on
/// what exists: a stick may know none.
pub(crate) fn copy(from: &Path, to: &Path) -> Result<()> {
    if !from.is_dir() {
        let copied = || {
            let options = fs::File::options().write(true).create_new(true).mode(0o600).open(to);
            std::io::copy(&mut fs::File::open(from)?, &mut options?)
        };
        copied().with_context(|| format!("cannot copy {}", from.display()))?;
        cross(Point::FileCopied);
        return Ok(());
    }
    let created = fs::DirBuilder::new().mode(0o700).create(to);
    created.with_context(|| format!("cannot create {}", to.display()))?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        copy(&entry.path(), &to.join(entry.file_name()))?;
    }
    Ok(())
}

/// Reads every entry of a store once, with checksums and seals. Through the running node, if there
/// is one: it gives a copy of its files as they are now, which are the same blocks of the disk.
pub(crate) fn scrub(folder: &Folder) -> Result<Value> {
    let secrets = keyfile::open(&folder.key())?;
    let membership = Membership::load(folder)?;
    let copy = folder.path().join("store.scrub");
    if copy.exists() {
        fs::remove_dir_all(&copy).context("cannot remove what an earlier scrub left")?;
    }
    let request = crate::control::Request::Checkpoint { out: copy.clone() };
    let running = match crate::control::ask_running(folder, &request) {
        Ok(_) => true,
        Err(error) => match error.downcast_ref::<std::io::Error>().map(std::io::Error::kind) {
            Some(ErrorKind::NotFound | ErrorKind::ConnectionRefused) => false,
            _ => return Err(error),
        },
    };
    let dir = if running { &copy } else { &folder.store() };
    let scrubbed = node_store::scrub(dir, &keyfile::store_key(&secrets), !running);
    if running {
        fs::remove_dir_all(&copy).context("cannot remove the copy that was read")?;
    }
    let scrubbed = scrubbed?;
    let expected = StoreId(membership.store);
    if let Some((found, _)) = scrubbed.found.filter(|(found, _)| *found != expected) {
        return Err(OpenError::OtherStore { dir: folder.store(), found, expected }.into());
    }
    let tables = scrubbed.tables.iter().map(|table| {
        json!({
            "table": table.table, "entries": table.entries, "bytes": table.bytes,
            "damage": table.damage,
        })
    });
    let damaged = scrubbed.log.is_some() || scrubbed.tables.iter().any(|t| t.damage.is_some());
    Ok(json!({
        "running": running, "damaged": damaged, "commits": scrubbed.found.map(|(_, commits)| commits),
        "log": scrubbed.log.map(|damage| damage.to_string()),
        "tables": tables.collect::<Vec<_>>(),
    }))
}

/// The bytes that are left on the disk of a folder.
pub(crate) fn left(folder: &Folder) -> Option<u64> {
    let held = nix::sys::statvfs::statvfs(folder.path()).ok()?;
    Some(held.blocks_available().saturating_mul(held.fragment_size()))
}

/// A warning while there is time to free some space.
pub(crate) fn tell_left(answer: &Value) {
    if let Some(left) = answer["disk_left_bytes"].as_u64().filter(|left| *left < LEFT_MIN) {
        println!(
            "警告 warning: 磁盘只剩 {0} MiB, 写满后节点会停止, 已确认的录入不会丢失; 请腾出空间 {0} MiB \
             are left on the disk; when it is full the node stops, and nothing acknowledged is \
             lost; free some space",
            left >> 20
        );
    }
}

/// What a repair did, in words.
pub(crate) fn tell_repair(answer: &Value) {
    if answer["damaged"] != true {
        println!("数据库完好, 无须修复 the store is sound, there is nothing to repair");
        return;
    }
    let text = |field: &str| answer[field].as_str().unwrap_or_default();
    println!("数据库已打开到损坏处 the store is opened up to the damage: {}", text("damage"));
    println!(
        "  保留 {} 次写入, 至少缺 {} 次 commits kept, and at least so many missing",
        answer["commits"], answer["commits_missing_at_least"]
    );
    println!("  原样副本 a copy as it was: {}", text("kept"));
    println!(
        "  接着启动节点即可: 它以新的化身继续, 不会重复编号; 其他节点持有的录入自动补回, 其余请重新录入\n  \
         now start the node: it goes on under a new incarnation and repeats no number; what other \
         nodes hold comes back by itself, the rest must be entered again"
    );
}

/// What a scrub found, in words.
pub(crate) fn tell_scrub(answer: &Value) {
    for table in answer["tables"].as_array().into_iter().flatten() {
        let name = table["table"].as_str().unwrap_or_default();
        let found = table["damage"].as_str().unwrap_or("完好 sound");
        println!("  {name:<12} {:>9} 条 entries  {found}", table["entries"]);
    }
    if let Some(log) = answer["log"].as_str() {
        println!("  日志 log: {log}");
    }
    let mut out = std::io::stdout().lock();
    let _ = match answer["damaged"] == true {
        false => writeln!(out, "数据库完好, 每一条都读过 the store is sound, every entry was read"),
        true => writeln!(out, "数据库已损坏 the store is damaged. {}", crate::trouble::WHAT_TO_DO),
    };
}
