//! Damaged, missing, foreign and older stores under real processes: none is taken for a sound one,
//! nothing acknowledged vanishes without a word, and no number is used twice.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};
use nix::sys::signal::Signal;
use serde_json::{Value, json};
use tests_cluster::{Node, binary, gongzhi, path, wait};

const DOCUMENT: &str = "220800:patrol:2026-11";
/// The store is damaged, not whole, or not this node's.
const DAMAGED: i32 = 5;

fn enter(node: &Node, number: u64) -> Result<String> {
    let answer = node.ask(&patrol(number))?;
    Ok(answer["envelope"].as_str().context("an envelope")?.to_owned())
}

fn patrol(number: u64) -> Value {
    let at = format!("{:02}:{:02}", number / 60 % 24, number % 60);
    json!({"op": "enter", "entry": {
        "record": "patrol", "date": "2026-11-02", "half": "AM", "area": "一网格", "started": at,
        "ended": at, "findings": 1, "id": format!("patrol-{number}"),
    }})
}

/// The envelopes of the patrols a node holds, by their place; none is left out.
fn held(node: &Node) -> Result<BTreeMap<(String, u64, u64), String>> {
    let answer = node.ask(&json!({"op": "inspect", "document": DOCUMENT}))?;
    ensure!(answer["left_out"] == json!([]), "left out: {}", answer["left_out"]);
    let mut held = BTreeMap::new();
    for entry in answer["history"].as_array().context("a history")? {
        let author = entry["author"].as_str().context("an author")?.to_owned();
        let number = |field: &str| entry[field].as_u64().context("a number");
        let place = (author, number("incarnation")?, number("seq")?);
        let envelope = entry["envelope"].as_str().context("an envelope")?.to_owned();
        ensure!(held.insert(place, envelope).is_none(), "two at one place: {entry}");
    }
    Ok(held)
}

fn holds(node: &Node, entered: &[String]) -> Result<()> {
    let held: Vec<String> = held(node)?.into_values().collect();
    let lost: Vec<_> = entered.iter().filter(|envelope| !held.contains(envelope)).collect();
    ensure!(lost.is_empty(), "missing: {lost:?}");
    let status = node.ask(&json!({"op": "status"}))?;
    ensure!(status["suspended"] == json!({}), "suspended: {}", status["suspended"]);
    Ok(())
}

fn life(node: &Node) -> Result<(u64, Value)> {
    let status = node.ask(&json!({"op": "status"}))?;
    Ok((status["incarnation"].as_u64().context("a life")?, status["life"].clone()))
}

/// Runs a command that is to end with a code; returns what it said.
fn said(arguments: &[&str], code: i32) -> Result<String> {
    let output = Command::new(binary()?).args(arguments).output()?;
    let said = [output.stdout.as_slice(), &output.stderr].concat();
    let said = String::from_utf8_lossy(&said).into_owned();
    ensure!(output.status.code() == Some(code), "{arguments:?}: {}: {said}", output.status);
    Ok(said)
}

/// A community of two nodes that hold the same.
fn pair(root: &Path) -> Result<(Node, Node)> {
    let mut office = Node::create(root, "office")?;
    office.found()?;
    let mut second = Node::create(root, "second")?;
    office.admit(&second, "220800")?;
    second.link(&office);
    office.start()?;
    second.start()?;
    Ok((office, second))
}

/// Every file below a folder but logs of the program, with what is in it.
fn content(dir: &Path) -> Result<BTreeMap<PathBuf, Vec<u8>>> {
    let mut files = BTreeMap::new();
    for entry in fs::read_dir(dir)? {
        let path = entry?.path();
        let name = path.file_name().context("a name")?.to_string_lossy().into_owned();
        if path.is_dir() {
            files.extend(content(&path)?);
        } else if !name.starts_with("LOG") && name != "LOCK" && name != "node.log" {
            files.insert(path.clone(), fs::read(&path)?);
        }
    }
    Ok(files)
}

fn copy(from: &Path, to: &Path) -> Result<()> {
    let copied = Command::new("cp").arg("-a").args([from, to]).status()?;
    ensure!(copied.success(), "cp {} {}", from.display(), to.display());
    Ok(())
}

fn newest(store: &Path, extension: &str) -> Result<PathBuf> {
    let files = fs::read_dir(store)?.map(|entry| Ok(entry?.path()));
    let files: Vec<PathBuf> = files.collect::<Result<_>>()?;
    let named = files.into_iter().filter(|file| file.extension().is_some_and(|e| e == extension));
    named.max().with_context(|| format!("a .{extension}"))
}

fn flip(file: &Path, at: usize) -> Result<()> {
    let mut bytes = fs::read(file)?;
    *bytes.get_mut(at).context("a byte")? ^= 0x55;
    Ok(fs::write(file, bytes)?)
}

#[test]
fn a_store_that_is_missing_partial_or_anothers_is_refused_and_left_alone() -> Result<()> {
    let root = tempfile::tempdir()?;
    let (mut office, mut second) = pair(root.path())?;
    let entered = [enter(&office, 1)?, enter(&office, 2)?];
    wait("the second node holds them", || holds(&second, &entered))?;
    office.stop(Signal::SIGTERM)?;
    second.stop(Signal::SIGTERM)?;
    let (data, store) = (office.dir.clone(), office.dir.join("store"));
    let sound = root.path().join("sound");
    copy(&store, &sound)?;
    let spoil: [(&str, &dyn Fn() -> Result<()>); 5] = [
        ("the store is missing", &|| Ok(())),
        ("the store is empty", &|| Ok(fs::create_dir(&store)?)),
        ("CURRENT is missing", &|| {
            copy(&sound, &store)?;
            Ok(fs::remove_file(store.join("CURRENT"))?)
        }),
        ("all but CURRENT is missing", &|| {
            fs::create_dir(&store)?;
            Ok(fs::copy(sound.join("CURRENT"), store.join("CURRENT")).map(drop)?)
        }),
        ("it is another node's", &|| copy(&second.dir.join("store"), &store)),
    ];
    for (what, spoil) in spoil {
        fs::remove_dir_all(&store)?;
        spoil()?;
        let before = content(&data)?;
        for command in ["status", "run", "report", "status"] {
            let said = said(&[command, "--data", path(&data)?], DAMAGED);
            let said = said.with_context(|| format!("{what}, {command}"))?;
            ensure!(said.contains("数据库"), "{what}: {said}");
            ensure!(content(&data)? == before, "{what}: {command} changed something");
        }
        if !store.exists() {
            fs::create_dir(&store)?;
        }
    }
    fs::remove_dir_all(&store)?;
    copy(&sound, &store)?;
    office.start()?;
    holds(&office, &entered)
}

#[test]
fn a_bit_that_flipped_in_the_log_is_told_and_repaired_on_purpose() -> Result<()> {
    let root = tempfile::tempdir()?;
    let (mut office, second) = pair(root.path())?;
    let mut entered = Vec::new();
    for number in 0..60 {
        entered.push(enter(&office, number)?);
    }
    wait("the second node holds them", || holds(&second, &entered))?;
    let (before, _) = life(&office)?;
    office.stop(Signal::SIGKILL)?;
    let store = office.dir.join("store");
    let log = newest(&store, "log")?;
    let middle = usize::try_from(fs::metadata(&log)?.len())? / 2;
    flip(&log, middle)?;
    let data = office.dir.clone();
    let untouched = content(&store)?;
    for command in ["run", "status", "scrub"] {
        let told = said(&[command, "--data", path(&data)?], DAMAGED)?;
        ensure!(told.contains("已损坏") && told.contains("repair"), "{told}");
    }
    ensure!(content(&store)? == untouched, "a refused start changed the store");
    let repaired: Value =
        serde_json::from_str(&gongzhi(&["repair", "--json", "--data", path(&data)?])?)?;
    ensure!(repaired["damaged"] == true, "{repaired}");
    ensure!(repaired["commits_missing_at_least"].as_u64() > Some(10), "{repaired}");
    ensure!(content(&data.join("store.damaged"))?.len() == untouched.len(), "a copy is kept");
    // It works before the line is back: no number is used again.
    let peers = office.ask(&json!({"op": "status"}));
    ensure!(peers.is_err(), "it does not run");
    office.start()?;
    let (after, told) = life(&office)?;
    ensure!(after != before && told["code"] == "set-back", "{after} after {before}: {told}");
    for number in 100..110 {
        entered.push(enter(&office, number)?);
    }
    wait("what was lost comes back", || holds(&office, &entered))?;
    wait("the second node holds all", || holds(&second, &entered))?;
    let again = gongzhi(&["repair", "--data", path(&data)?]);
    ensure!(again.is_err(), "it runs");
    Ok(())
}

/// Twice: with and without a start of the machine in between.
#[test]
fn a_store_that_was_set_back_in_its_place_repeats_no_number() -> Result<()> {
    for rebooted in [false, true] {
        let root = tempfile::tempdir()?;
        let (mut office, mut second) = pair(root.path())?;
        let mut entered = vec![enter(&office, 1)?];
        wait("the second node holds it", || holds(&second, &entered))?;
        office.stop(Signal::SIGTERM)?;
        // What is set back: the store, or the whole folder with its notes.
        let snapshot = root.path().join("snapshot");
        copy(&office.dir, &snapshot)?;
        office.start()?;
        for number in 2..7 {
            entered.push(enter(&office, number)?);
        }
        wait("the second node holds them", || holds(&second, &entered))?;
        let (before, _) = life(&office)?;
        office.stop(Signal::SIGTERM)?;
        second.stop(Signal::SIGTERM)?;
        let log = fs::read(office.dir.join("node.log"))?;
        if rebooted {
            fs::remove_dir_all(&office.dir)?;
            copy(&snapshot, &office.dir)?;
            office.forget()?;
        } else {
            fs::remove_dir_all(office.dir.join("store"))?;
            copy(&snapshot.join("store"), &office.dir.join("store"))?;
        }
        fs::write(office.dir.join("node.log"), log)?;
        // The clerk works first.
        office.start()?;
        for number in 12..15 {
            entered.push(enter(&office, number)?);
        }
        let (after, told) = life(&office)?;
        ensure!(after != before, "it goes on under {before}");
        // A machine that was set back as a whole cannot know it.
        let expected = if rebooted { json!(null) } else { json!("set-back") };
        ensure!(told["code"] == expected, "rebooted {rebooted}: {told}");
        second.start()?;
        wait("all entries count on both", || {
            holds(&office, &entered)?;
            holds(&second, &entered)
        })?;
    }
    Ok(())
}

/// The machine was started anew, or the folder lies elsewhere: another life, and no alarm.
#[test]
fn a_start_of_the_machine_and_another_place_are_no_alarm() -> Result<()> {
    let root = tempfile::tempdir()?;
    let (mut office, second) = pair(root.path())?;
    let mut entered = vec![enter(&office, 1)?];
    let (first, _) = life(&office)?;
    office.stop(Signal::SIGTERM)?;
    // Another place on another file system has another device and another inode.
    let elsewhere = tempfile::tempdir_in("/dev/shm")?;
    copy(&office.dir, &elsewhere.path().join("office"))?;
    let old = std::mem::replace(&mut office.dir, elsewhere.path().join("office"));
    fs::rename(&old, old.with_extension("old"))?;
    office.start()?;
    ensure!(life(&office)? == (first, json!(null)), "moved while the machine ran: the same life");
    office.stop(Signal::SIGKILL)?;
    office.start()?;
    ensure!(life(&office)? == (first, json!(null)), "killed: the same life");
    office.stop(Signal::SIGTERM)?;
    office.forget()?;
    office.start()?;
    let (after, told) = life(&office)?;
    ensure!(after > first && told.is_null(), "{after} after {first}: {told}");
    entered.push(enter(&office, 2)?);
    wait("the second node holds both", || holds(&second, &entered))
}

#[test]
fn a_scrub_reads_running_and_stopped_nodes_and_finds_a_flipped_bit() -> Result<()> {
    let root = tempfile::tempdir()?;
    let (mut office, _second) = pair(root.path())?;
    for number in 0..20 {
        enter(&office, number)?;
    }
    let data = office.dir.clone();
    let scrub = ["scrub", "--json", "--data", path(&data)?];
    let running: Value = serde_json::from_str(&gongzhi(&scrub)?)?;
    ensure!(running["running"] == true && running["damaged"] == false, "{running}");
    enter(&office, 21)?;
    office.stop(Signal::SIGTERM)?;
    let stopped: Value = serde_json::from_str(&gongzhi(&scrub)?)?;
    ensure!(stopped["running"] == false && stopped["damaged"] == false, "{stopped}");
    ensure!(!data.join("store.scrub").exists(), "the copy was left");
    // Opening it writes what is in the log into table files.
    office.start()?;
    office.stop(Signal::SIGTERM)?;
    let table = newest(&data.join("store"), "sst")?;
    flip(&table, 40)?;
    let told = said(&["scrub", "--data", path(&data)?], DAMAGED)?;
    ensure!(told.contains("已损坏"), "{told}");
    Ok(())
}

/// As a stick without modes gives it back: everybody can read everything.
#[test]
fn a_backup_without_modes_is_restored_with_them() -> Result<()> {
    use std::os::unix::fs::PermissionsExt;
    let root = tempfile::tempdir()?;
    let node = Node::create(root.path(), "node")?;
    node.found()?;
    let (out, data) = (root.path().join("backup"), root.path().join("restored"));
    gongzhi(&["backup", "--data", path(&node.dir)?, "--out", path(&out)?])?;
    for entry in [&out, &out.join("node.key"), &out.join("store")] {
        fs::set_permissions(entry, fs::Permissions::from_mode(0o777))?;
    }
    gongzhi(&["restore", "--from", path(&out)?, "--data", path(&data)?])?;
    let mode = fs::metadata(data.join("node.key"))?.permissions().mode() & 0o777;
    ensure!(mode == 0o600, "{mode:o}");
    gongzhi(&["status", "--data", path(&data)?]).map(drop)
}

/// What a process holds is its own: it leaves no core dump. That it is locked out of swap as well
/// depends on the machine's limits, and is not proved here.
#[test]
fn a_running_node_leaves_no_core_dump() -> Result<()> {
    let root = tempfile::tempdir()?;
    let mut node = Node::create(root.path(), "node")?;
    node.found()?;
    node.start()?;
    let limits = fs::read_to_string(format!("/proc/{}/limits", node.pid().context("a process")?))?;
    let core = limits.lines().find_map(|line| line.strip_prefix("Max core file size"));
    let core: Vec<&str> = core.context("a limit")?.split_whitespace().collect();
    ensure!(core.starts_with(&["0", "0"]), "{core:?}");
    node.stop(Signal::SIGTERM)
}
