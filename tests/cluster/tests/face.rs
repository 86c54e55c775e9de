//! What people and scripts see of the command line: one language at a time, JSON where it is asked
//! for, one sentence and a code where something fails.

use std::io::Read;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use anyhow::{Context, Result, ensure};
use nix::sys::signal::Signal;
use node_api::{Failure, NodeStatus, Reply, Status};
use tests_cluster::{Node, binary, path, wait};

/// Every command, as the help of the one above lists it.
const COMMANDS: &[&str] = &[
    "",
    "key",
    "init",
    "network",
    "recognise",
    "delegate",
    "revoke",
    "suspend",
    "lift",
    "dissolve",
    "endorse",
    "keys",
    "keys show",
    "keys rotate",
    "lineage",
    "lineage show",
    "lineage rotate",
    "lineage accept",
    "lineage follow",
    "root",
    "root show",
    "root succeed",
    "root follow",
    "backup",
    "restore",
    "scrub",
    "repair",
    "quarantine",
    "quarantine list",
    "quarantine show",
    "quarantine adopt",
    "quarantine discard",
    "verify",
    "run",
    "import",
    "export",
    "imports",
    "imports list",
    "imports undo",
    "enter",
    "edit",
    "happen",
    "records",
    "contested",
    "record",
    "kinds",
    "persons",
    "persons duplicates",
    "persons merge",
    "persons separate",
    "persons movements",
    "persons arrive",
    "persons move",
    "persons depart",
    "persons erase",
    "letters",
    "letters list",
    "letters read",
    "letters write",
    "letters answer",
    "letters card",
    "letters accept",
    "status",
    "events",
    "inspect",
    "report",
    "link",
    "demo",
];

fn run(arguments: &[&str]) -> Result<Output> {
    Ok(Command::new(binary()?).env("LC_ALL", "C").args(arguments).output()?)
}

fn said(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn han(text: &str) -> bool {
    text.chars().any(|c| ('\u{4e00}'..='\u{9fff}').contains(&c) || "，。：；（）".contains(c))
}

#[test]
fn help_is_in_the_language_asked_for_and_has_an_example() -> Result<()> {
    for command in COMMANDS {
        let words = command.split(' ').filter(|word| !word.is_empty());
        let line: Vec<&str> = words.chain(["--help", "--lang"]).collect();
        let english = said(&run(&[&line[..], &["en"]].concat())?.stdout);
        // Examples name files and places as offices do.
        let (text, example) = english.split_once("Examples:").context("an example")?;
        ensure!(!han(text), "{command}: {text}");
        ensure!(example.contains("  gongzhi "), "{command}: {example}");
        let chinese = said(&run(&[&line[..], &["zh"]].concat())?.stdout);
        ensure!(han(&chinese) && chinese.contains("示例："), "{command}: {chinese}");
        ensure!(!chinese.contains("Usage") && !chinese.contains("Options"), "{chinese}");
    }
    Ok(())
}

#[test]
fn the_locale_decides_where_nobody_says_which_language() -> Result<()> {
    for (variable, value, chinese) in [
        ("LANG", "en_US.UTF-8", false),
        ("LANG", "zh_CN.UTF-8", true),
        ("LANG", "C.UTF-8", true),
        ("LC_MESSAGES", "en_GB.UTF-8", false),
    ] {
        let mut command = Command::new(binary()?);
        for name in ["LC_ALL", "LC_MESSAGES", "LANG"] {
            command.env_remove(name);
        }
        let output = command.env(variable, value).arg("statsu").output()?;
        ensure!(output.status.code() == Some(2));
        ensure!(han(&said(&output.stderr)) == chinese, "{value}: {}", said(&output.stderr));
    }
    Ok(())
}

#[test]
fn the_caller_reads_its_own_language_whatever_the_node_speaks() -> Result<()> {
    let root = tempfile::tempdir()?;
    let mut node = Node::create(root.path(), "node")?;
    node.found()?;
    node.start()?;
    let data = path(&node.dir)?;
    for command in [
        vec!["status"],
        vec!["events"],
        vec!["inspect"],
        vec!["report"],
        vec!["keys", "show"],
        vec!["quarantine", "list"],
        vec!["link", "heal", "all"],
        vec!["lineage", "show"],
        vec!["root", "show"],
        vec!["edit", "slot", "day=2026-11-02", "half=AM", "area=a"],
        vec!["edit", "slot", "day=yesterday", "half=AM", "area=a"],
        vec!["quarantine", "show", "abc"],
        vec!["lift", "--unit", "220800"],
    ] {
        let line = |lang| [&command[..], &["--data", data, "--lang", lang]].concat();
        let (english, chinese) = (run(&line("en"))?, run(&line("zh"))?);
        // The network's name is whatever its people gave it.
        let text =
            |output: &Output| (said(&output.stdout) + &said(&output.stderr)).replace("试验", "");
        ensure!(!han(&text(&english)), "{command:?}: {}", text(&english));
        ensure!(han(&text(&chinese)), "{command:?}: {}", text(&chinese));
        ensure!(english.status == chinese.status);
    }
    Ok(())
}

#[test]
fn json_is_all_that_is_printed_and_a_failure_has_its_code() -> Result<()> {
    let root = tempfile::tempdir()?;
    let node = Node::create(root.path(), "node")?;
    node.found()?;
    let data = path(&node.dir)?;
    for line in [["--json", "status", "--data", data], ["status", "--data", data, "--json"]] {
        let status: NodeStatus = serde_json::from_slice(&run(&line)?.stdout)?;
        ensure!(status.unit == "220800" && status.running.is_none());
    }
    let failed = run(&["events", "--data", data, "--json"])?;
    ensure!(failed.status.code() == Some(1) && failed.stdout.is_empty());
    let reply: Reply<()> = serde_json::from_slice(&failed.stderr)?;
    ensure!(reply.into_result() == Err(Failure::NotRunning));
    let wrong = run(&["status", "--json"])?;
    let wrong: serde_json::Value = serde_json::from_slice(&wrong.stderr)?;
    ensure!(wrong["error"]["code"] == "usage", "{wrong}");
    Ok(())
}

#[test]
fn who_has_read_enough_may_close_the_pipe() -> Result<()> {
    let root = tempfile::tempdir()?;
    let node = Node::create(root.path(), "node")?;
    node.found()?;
    let mut command = Command::new(binary()?)
        .args(["inspect", "--data", path(&node.dir)?])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()?;
    drop(command.stdout.take());
    let mut told = String::new();
    command.stderr.take().context("standard error")?.read_to_string(&mut told)?;
    ensure!(command.wait()?.success() && told.is_empty(), "{told}");
    Ok(())
}

/// A start that fails says why in one line, with exit code 1.
fn fails(data: &Path, listen: &str, says: &str) -> Result<()> {
    let output = run(&["run", "--mdns", "false", "--data", path(data)?, "--listen", listen])?;
    let told = said(&output.stderr);
    // An abort has no code.
    ensure!(output.status.code() == Some(1), "{}: {told}", output.status);
    ensure!(told.lines().count() == 1 && told.contains(says), "{told}");
    Ok(())
}

#[test]
fn a_start_that_fails_ends_with_one_sentence_and_never_by_an_abort() -> Result<()> {
    const STARTS: usize = 25;
    let root = tempfile::tempdir()?;
    let mut first = Node::create(root.path(), "first")?;
    first.found()?;
    first.start()?;
    let second = Node::create(root.path(), "second")?;
    second.found()?;
    let taken = format!("/ip4/127.0.0.1/tcp/{}", first.port);
    for _ in 0..STARTS {
        fails(&second.dir, &taken, "不能监听")?;
    }
    // A node that runs has the folder; another start of it harms neither.
    let free = format!("/ip4/127.0.0.1/tcp/{}", second.port);
    fails(&first.dir, &free, "正在使用")?;
    fails(&root.path().join("nothing"), &free, "没有数据目录")?;
    first.ask(Status {})?;
    // The store was closed each time: the node starts.
    let mut second = second;
    second.start()
}

#[test]
fn a_failure_names_what_was_wrong_where_it_came_from() -> Result<()> {
    let root = tempfile::tempdir()?;
    let node = Node::create(root.path(), "node")?;
    node.found()?;
    let data = path(&node.dir)?;
    for (variable, value) in
        [("GONGZHI_NET_PEERS", "[\"nobody\"]"), ("GONGZHI_NET_MDNS", "perhaps")]
    {
        let mut command = Command::new(binary()?);
        let output = command.env(variable, value).args(["run", "--data", data]).output()?;
        let told = said(&output.stderr);
        ensure!(output.status.code() == Some(1) && told.lines().count() == 1, "{told}");
        ensure!(told.contains(variable) && !told.contains("config.toml"), "{told}");
    }
    let place = ["persons", "move", "ID", "--to", "a/1", "--day", "2026-11-02", "--data", data];
    let told = said(&run(&place)?.stderr);
    ensure!(told.contains("a/1") && told.contains("小区/楼栋/单元/房号"), "{told}");
    let unheld = run(&["inspect", "220800:148:2026", "--data", data])?;
    let told = said(&unheld.stderr);
    ensure!(unheld.status.code() == Some(1) && told.contains("220800:148:2026"), "{told}");
    Ok(())
}

#[test]
fn a_data_folder_may_have_a_path_longer_than_a_sockets() -> Result<()> {
    let root = tempfile::tempdir()?;
    let mut node = Node::create(root.path(), &"x".repeat(150))?;
    node.found()?;
    node.launch()?;
    // A command that came first would open the store itself.
    wait("the socket is there", || {
        ensure!(node.dir.join("control.sock").exists(), "not yet");
        Ok(())
    })?;
    let status: NodeStatus = node.order(&["status"])?;
    ensure!(status.running.is_some());
    node.stop(Signal::SIGTERM)?;
    let status: NodeStatus = node.order(&["status"])?;
    ensure!(status.running.is_none());
    Ok(())
}
