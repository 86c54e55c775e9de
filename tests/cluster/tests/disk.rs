//! Damaged, missing, foreign and older stores under real processes: none is taken for a sound one,
//! nothing acknowledged vanishes without a word, and no number is used twice.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail, ensure};
use nix::sys::signal::Signal;
use node_api::{BackupMade, Inspect, Life, NodeStatus, Repaired, Restored, Scrubbed, Status};
use tests_cluster::{Node, answered, binary, gongzhi, path, plans, wait};

/// The store is damaged, not whole, or not this node's.
const DAMAGED: i32 = 5;

fn enter(node: &Node, number: u64) -> Result<String> {
    node.enter(&format!("区{number}"))
}

/// The envelopes of the patrols a node holds, by their place; all of them count.
fn held(node: &Node) -> Result<BTreeMap<(String, String, u64), String>> {
    let answer = node.ask(Inspect { document: plans("220800") })?;
    let mut held = BTreeMap::new();
    for entry in answer.history {
        ensure!(entry.suspended.is_none(), "does not count: {entry:?}");
        let place = (entry.author, entry.incarnation, entry.seq);
        let twice = held.insert(place.clone(), entry.envelope);
        ensure!(twice.is_none(), "two at one place: {place:?}");
    }
    Ok(held)
}

fn holds(node: &Node, entered: &[String]) -> Result<()> {
    let held: Vec<String> = held(node)?.into_values().collect();
    let lost: Vec<_> = entered.iter().filter(|envelope| !held.contains(envelope)).collect();
    ensure!(lost.is_empty(), "missing: {lost:?}");
    let invalid = node.ask(Status {})?.invalid;
    ensure!(invalid.is_empty(), "does not count: {invalid:?}");
    Ok(())
}

/// The incarnation a node leads, and why it began.
fn life(node: &Node) -> Result<(String, Option<Life>)> {
    let status = node.ask(Status {})?;
    Ok((status.incarnation, status.life))
}

/// Runs a command that is to end with a code; returns what it said.
fn said(arguments: &[&str], code: i32) -> Result<String> {
    let output = Command::new(binary()?).env("LC_ALL", "C").args(arguments).output()?;
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
    office.admit(&second)?;
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
    let Repaired::Opened { kept, commits_missing_at_least, .. } = office.order(&["repair"])? else {
        bail!("nothing was repaired");
    };
    ensure!(commits_missing_at_least > 10, "{commits_missing_at_least}");
    ensure!(kept == data.join("store.damaged"), "{}", kept.display());
    ensure!(content(&kept)?.len() == untouched.len(), "a copy is kept");
    // It works before the line is back: no number is used again.
    ensure!(office.ask(Status {}).is_err(), "it does not run");
    office.start()?;
    let (after, told) = life(&office)?;
    let set_back = matches!(told, Some(Life::SetBack { .. }));
    ensure!(after != before && set_back, "{after} after {before}: {told:?}");
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
        let set_back = matches!(told, Some(Life::SetBack { .. }));
        ensure!(set_back != rebooted, "rebooted {rebooted}: {told:?}");
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
    ensure!(life(&office)? == (first.clone(), None), "moved while the machine ran: the same life");
    office.stop(Signal::SIGKILL)?;
    office.start()?;
    ensure!(life(&office)? == (first.clone(), None), "killed: the same life");
    office.stop(Signal::SIGTERM)?;
    office.forget()?;
    office.start()?;
    let (after, told) = life(&office)?;
    ensure!(after != first && told.is_none(), "{after} after {first}: {told:?}");
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
    let running: Scrubbed = office.order(&["scrub"])?;
    ensure!(running.running && !running.damaged, "{running:?}");
    ensure!(running.tables.iter().any(|table| table.entries > 20), "{running:?}");
    enter(&office, 21)?;
    office.stop(Signal::SIGTERM)?;
    let stopped: Scrubbed = office.order(&["scrub"])?;
    ensure!(!stopped.running && !stopped.damaged, "{stopped:?}");
    ensure!(!data.join("store.scrub").exists(), "the copy was left");
    // Opening it writes what is in the log into table files.
    office.start()?;
    office.stop(Signal::SIGTERM)?;
    let table = newest(&data.join("store"), "sst")?;
    flip(&table, 40)?;
    let told = said(&["scrub", "--data", path(&data)?], DAMAGED)?;
    ensure!(told.contains("已损坏"), "{told}");
    // Nothing mends a table: whoever asks is not told that all is well.
    let told = said(&["repair", "--data", path(&data)?], DAMAGED)?;
    ensure!(told.contains("已损坏") && told.contains("restore"), "{told}");
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
    let made: BackupMade = node.order(&["backup", "--out", path(&out)?])?;
    ensure!(!made.key_exposed, "this disk keeps modes");
    for entry in [&out, &out.join("node.key"), &out.join("store")] {
        fs::set_permissions(entry, fs::Permissions::from_mode(0o777))?;
    }
    answered::<Restored>(&["restore", "--from", path(&out)?, "--data", path(&data)?])?;
    let mode = fs::metadata(data.join("node.key"))?.permissions().mode() & 0o777;
    ensure!(mode == 0o600, "{mode:o}");
    answered::<NodeStatus>(&["status", "--data", path(&data)?]).map(drop)
}

/// A machine whose clock says 2151 restores a backup, and so does every machine after it from a
/// backup of that one: each leads a life of its own, and all that any of them entered counts.
#[test]
fn lives_begun_under_a_clock_of_the_next_century_are_apart() -> Result<()> {
    const FALSE_CLOCK: &str = "/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1";
    if !Path::new(FALSE_CLOCK).exists() {
        println!("ignored: libfaketime is missing");
        return Ok(());
    }
    let root = tempfile::tempdir()?;
    let (mut office, second) = pair(root.path())?;
    let mut entered = vec![enter(&office, 1)?];
    wait("the second node holds it", || holds(&second, &entered))?;
    let (mut lives, mut from) = (vec![life(&office)?.0], office.dir.clone());
    office.stop(Signal::SIGTERM)?;
    for (number, offset) in (2..).zip(["+125y", "+0", "+0"]) {
        let [out, data] =
            ["backup", "restored"].map(|name| root.path().join(format!("{name}{number}")));
        answered::<BackupMade>(&["backup", "--data", path(&from)?, "--out", path(&out)?])?;
        let restored = Command::new(binary()?)
            .env("LD_PRELOAD", FALSE_CLOCK)
            .env("FAKETIME", offset)
            .args(["restore", "--from", path(&out)?, "--data", path(&data)?])
            .output()?;
        ensure!(restored.status.success(), "{}", String::from_utf8_lossy(&restored.stderr));
        let mut node = office.beside(&data)?;
        node.link(&second);
        node.start()?;
        let (life, _) = life(&node)?;
        ensure!(!lives.contains(&life), "{life} was led before: {lives:?}");
        lives.push(life);
        entered.push(enter(&node, number)?);
        wait("the second node holds all", || holds(&second, &entered))?;
        node.stop(Signal::SIGTERM)?;
        from = data;
    }
    Ok(())
}

/// A number in a process's status, as the system shows it.
fn number_of(process: u32, name: &str, radix: u32) -> Result<u64> {
    let status = fs::read_to_string(format!("/proc/{process}/status"))?;
    let line = status.lines().find_map(|line| line.strip_prefix(name)).context("a line")?;
    let number = line.split_whitespace().next().context("a number")?;
    Ok(u64::from_str_radix(number, radix)?)
}

/// What a process holds is its own: it leaves no core dump, and where the system lets it, it is
/// locked out of swap, what it came to hold later too.
#[test]
fn a_running_node_leaves_no_core_dump_and_is_not_swapped() -> Result<()> {
    let root = tempfile::tempdir()?;
    let mut node = Node::create(root.path(), "node")?;
    node.found()?;
    node.start()?;
    let limits = fs::read_to_string(format!("/proc/{}/limits", node.pid().context("a process")?))?;
    let core = limits.lines().find_map(|line| line.strip_prefix("Max core file size"));
    let core: Vec<&str> = core.context("a limit")?.split_whitespace().collect();
    ensure!(core.starts_with(&["0", "0"]), "{core:?}");
    let (own, its) = (std::process::id(), node.pid().context("a process")?);
    if number_of(own, "CapEff:", 16)? >> 14 & 1 == 1 {
        let (locked, held) = (number_of(its, "VmLck:", 10)?, number_of(its, "RssAnon:", 10)?);
        ensure!(locked >= held, "{locked} of {held} KiB are locked");
    } else {
        eprintln!("this user may not lock memory (CAP_IPC_LOCK): not proved here");
    }
    node.stop(Signal::SIGTERM)
}
