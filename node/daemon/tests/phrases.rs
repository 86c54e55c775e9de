//! Recovery phrases and whoever is to see them: the command as a process, with its output cut off.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use serde_json::Value;
use tempfile::TempDir;

/// A folder of a test, with data folders and files in it.
struct Scratch(TempDir);

impl Scratch {
    fn new() -> Self {
        Self(tempfile::tempdir().expect("a folder"))
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// A city that began a network, and what it said.
    fn city(&self) -> Value {
        answer(&run(&self.found("city"), Stdio::piped()))
    }

    fn found(&self, name: &str) -> Vec<String> {
        let data = shown(&self.path(name));
        ["--json", "init", "--data", &data, "--city", "220800", "--name", "x"]
            .map(Into::into)
            .into()
    }

    /// A district that begins by itself in a network.
    fn begin(&self) -> Vec<String> {
        let [data, network, request] =
            ["district", "network", "request"].map(|n| shown(&self.path(n)));
        let below = ["--unit", "220800/220802", "--network", &network, "--out", &request];
        ["--json", "init", "--data", &data].into_iter().chain(below).map(Into::into).collect()
    }

    fn network(&self) {
        let [data, out] = ["city", "network"].map(|name| shown(&self.path(name)));
        answer(&run(&["--json", "network", "--data", &data, "--out", &out], Stdio::piped()));
    }

    fn pass_on(&self, what: [&str; 2], name: &str, phrase: &Value) -> Vec<String> {
        let paper = self.path("paper");
        fs::write(&paper, phrase.as_str().expect("a phrase")).expect("written");
        let [data, paper] = [self.path(name), paper].map(|path| shown(&path));
        let asked = ["--json", what[0], what[1], "--data", &data, "--phrase-file", &paper];
        asked.map(Into::into).into()
    }
}

fn shown(path: &Path) -> String {
    path.display().to_string()
}

fn run(arguments: &[impl AsRef<std::ffi::OsStr>], out: Stdio) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_gongzhi"));
    command.env("LC_ALL", "C").args(arguments).stdin(Stdio::null()).stdout(out);
    command.stderr(Stdio::piped()).output().expect("it runs")
}

fn answer(output: &Output) -> Value {
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).expect("an answer")
}

/// A pipe that nobody reads from, nothing at all, and a disk that is full.
fn blind() -> [Stdio; 3] {
    let (reader, writer) = io::pipe().expect("a pipe");
    drop(reader);
    let full = File::options().write(true).open("/dev/full").expect("a disk");
    [writer.into(), Stdio::null(), full.into()]
}

fn is_unseen(output: &Output) {
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(!output.status.success() && said.contains("phrase-unseen"), "{said}");
}

#[test]
fn no_unit_begins_whose_phrases_nobody_sees() {
    let scratch = Scratch::new();
    for out in blind() {
        is_unseen(&run(&scratch.found("city"), out));
        let left = fs::read_dir(scratch.path("city"))
            .expect("its key")
            .map(|e| e.expect("one").file_name());
        assert_eq!(left.collect::<Vec<_>>(), ["node.key"]);
    }
    scratch.city();
    scratch.network();
    for out in blind() {
        is_unseen(&run(&scratch.begin(), out));
        assert!(!scratch.path("request").exists() && !scratch.path("district/store").exists());
    }
    answer(&run(&scratch.begin(), Stdio::piped()));
    assert!(scratch.path("request").exists());
}

#[test]
fn no_network_of_several_roots_is_written_whose_phrases_nobody_sees() {
    let scratch = Scratch::new();
    let other =
        answer(&run(&["--json", "key", "--data", &shown(&scratch.path("other"))], Stdio::piped()));
    let (grant, root) = (shown(&scratch.path("grant")), other["node"].as_str().expect("a key"));
    let several = ["--root", root, "--threshold", "2", "--out", &grant];
    let mut found = scratch.found("city");
    found.extend(several.map(Into::into));
    for out in blind() {
        is_unseen(&run(&found, out));
        assert!(!scratch.path("grant").exists());
    }
    answer(&run(&found, Stdio::piped()));
    assert!(scratch.path("grant").exists());
}

#[test]
fn no_unit_passes_on_to_a_phrase_that_nobody_sees() {
    let scratch = Scratch::new();
    scratch.city();
    scratch.network();
    let began = answer(&run(&scratch.begin(), Stdio::piped()));
    let rotate = scratch.pass_on(["lineage", "rotate"], "district", &began["unit_phrase"]);
    for out in blind() {
        is_unseen(&run(&rotate, out));
    }
    let rotated = answer(&run(&rotate, Stdio::piped()));
    assert_eq!(rotated["before"], began["node"], "the phrase before was good still");
    let again = scratch.pass_on(["lineage", "rotate"], "district", &rotated["phrase"]);
    answer(&run(&again, Stdio::piped()));
}

#[test]
fn no_root_passes_on_to_a_phrase_that_nobody_sees() {
    let scratch = Scratch::new();
    let began = scratch.city();
    let succeed = scratch.pass_on(["root", "succeed"], "city", &began["root_phrase"]);
    for out in blind() {
        is_unseen(&run(&succeed, out));
    }
    let succeeded = answer(&run(&succeed, Stdio::piped()));
    assert_eq!(succeeded["in_effect"], true);
    let again = scratch.pass_on(["root", "succeed"], "city", &succeeded["phrase"]);
    answer(&run(&again, Stdio::piped()));
}

#[test]
fn a_phrase_goes_to_the_one_output_and_to_no_log() {
    let scratch = Scratch::new();
    let output = run(&scratch.found("city"), Stdio::piped());
    let (began, logged) = (answer(&output), String::from_utf8_lossy(&output.stderr).into_owned());
    for name in ["unit_phrase", "root_phrase"] {
        assert!(!logged.contains(began[name].as_str().expect("a phrase")));
    }
}
