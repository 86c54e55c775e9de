//! One who has the README and a shell, and does what it says.

use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::{env, fs};

use anyhow::{Context, Result, bail, ensure};
use node_api::{
    Keys, KeysHeld, Lineage, LineageShown, NodeStatus, Operation, Report, ReportShown, Request,
    RunningStatus, Standing, Status,
};
use tests_cluster::{ask, binary, free_port};

const PRELUDE: &str = include_str!("prelude.sh");
/// The ports that the README names.
const PORTS: std::ops::RangeInclusive<u16> = 7001..=7009;
/// What the README has for a command that is no command.
const CTRL_C: &str = "# Ctrl-C in the terminal of ";

/// The blocks of commands under each heading of the README.
fn blocks(heading: &str) -> Result<Vec<String>> {
    let readme = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../README.md");
    let text = fs::read_to_string(readme)?;
    let (mut found, mut blocks, mut open): (bool, Vec<String>, bool) = (false, Vec::new(), false);
    for line in text.lines() {
        if line.starts_with("```") {
            open = !open;
            if open && found {
                blocks.push(String::new());
            }
        } else if !open && (line.starts_with('#') || line.starts_with("**")) {
            found = line.starts_with(heading);
        } else if open && found {
            let block = blocks.last_mut().context("a block")?;
            block.push_str(line);
            block.push('\n');
        }
    }
    ensure!(!blocks.is_empty(), "the README has no commands under {heading:?}");
    Ok(blocks)
}

/// A shell in an empty folder.
pub(crate) struct Reader {
    dir: tempfile::TempDir,
    shell: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
    ports: Vec<(u16, u16)>,
}

/// A text in a line of a block, and what is done before that line: a value that the README leaves to
/// its reader is found, or something happens.
pub(crate) type Before<'a> = (&'a str, &'a str);

impl Reader {
    pub(crate) fn new() -> Result<Self> {
        let dir = tempfile::tempdir()?;
        let folder = binary()?.parent().context("the binary lies in a folder")?.to_owned();
        let path = format!("{}:{}", folder.display(), env::var("PATH")?);
        let mut shell = Command::new("bash")
            .args(["--noprofile", "--norc"])
            .current_dir(dir.path())
            .env("PATH", path)
            // Characters are counted, and the language is the one that nobody has to choose.
            .env("LC_ALL", "C.UTF-8")
            .env("NO_COLOR", "1")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let input = shell.stdin.take().context("a shell reads")?;
        let output = BufReader::new(shell.stdout.take().context("a shell writes")?);
        let ports = PORTS.map(|named| Ok((named, free_port()?))).collect::<Result<_>>()?;
        let mut reader = Self { dir, shell, input, output, ports };
        reader.say(PRELUDE)?;
        Ok(reader)
    }

    /// Sets up the network as the README says, and runs its nodes.
    pub(crate) fn with_a_network() -> Result<Self> {
        let mut reader = Self::new()?;
        for step in ["**1.", "**2.", "**3.", "**4.", "**5."] {
            reader.follow(step)?;
        }
        Ok(reader)
    }

    /// Does all that stands under a heading; returns what was printed.
    pub(crate) fn follow(&mut self, heading: &str) -> Result<String> {
        self.follow_with(heading, &[])
    }

    /// Does all that stands under a heading, and other things before some of its lines.
    pub(crate) fn follow_with(&mut self, heading: &str, before: &[Before<'_>]) -> Result<String> {
        self.type_in(&blocks(heading)?.concat(), before)
    }

    /// Saves a block as a file.
    pub(crate) fn keep(&mut self, heading: &str, index: usize, file: &str) -> Result<()> {
        let block = blocks(heading)?.into_iter().nth(index).context("a block")?;
        Ok(fs::write(self.dir.path().join(file), block)?)
    }

    /// One block under a heading.
    pub(crate) fn follow_block(
        &mut self,
        heading: &str,
        index: usize,
        before: &[Before<'_>],
    ) -> Result<String> {
        let block = blocks(heading)?.into_iter().nth(index).context("a block")?;
        self.type_in(&block, before)
    }

    fn type_in(&mut self, block: &str, before: &[Before<'_>]) -> Result<String> {
        let (mut left, mut lines) = (before.to_vec(), String::new());
        for line in block.lines() {
            left.retain(|(text, command)| {
                let comes = line.contains(text);
                if comes {
                    lines.push_str(&format!("{command}\n"));
                }
                !comes
            });
            match line.strip_prefix(CTRL_C) {
                Some(folder) => lines.push_str(&format!("stop {folder}\n")),
                None => lines.push_str(&format!("{line}\n")),
            }
        }
        ensure!(left.is_empty(), "the README has no line with {left:?} here");
        self.say(&lines)
    }

    /// Types this into the shell; returns what it prints. Every command has to succeed.
    pub(crate) fn say(&mut self, text: &str) -> Result<String> {
        let mut text = text.replace("/mnt/usb", "usb");
        for (named, given) in &self.ports {
            text = text.replace(&format!("/tcp/{named}"), &format!("/tcp/{given}"));
        }
        writeln!(self.input, "{text}\nprintf '\\nDONE\\n'")?;
        self.input.flush()?;
        let mut printed = String::new();
        loop {
            let mut line = String::new();
            if self.output.read_line(&mut line)? == 0 {
                bail!("the shell ended: {printed}");
            }
            if line == "DONE\n" {
                break;
            }
            printed.push_str(&line);
        }
        let failures = fs::read_to_string(self.dir.path().join("failures"))?;
        ensure!(failures.is_empty(), "{failures}\nafter\n{text}\nwhich printed\n{printed}");
        Ok(printed)
    }

    /// What a command prints, in one line.
    pub(crate) fn value(&mut self, command: &str) -> Result<String> {
        Ok(self.say(command)?.trim().to_owned())
    }

    /// A port of the README's is another one from now on: on one machine two nodes share none.
    pub(crate) fn give_up_port(&mut self, named: u16) -> Result<()> {
        let port = self.ports.iter_mut().find(|(other, _)| *other == named).context("a port")?;
        port.1 = free_port()?;
        Ok(())
    }

    pub(crate) fn folder(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    /// Asks a running node.
    pub(crate) fn ask<O: Operation>(&self, folder: &str, asked: O) -> Result<O::Answer>
    where
        Request: From<O>,
    {
        ask(&self.folder(folder), asked)
    }

    pub(crate) fn status(&self, folder: &str) -> Result<NodeStatus> {
        self.ask(folder, Status {})
    }

    pub(crate) fn running(&self, folder: &str) -> Result<RunningStatus> {
        self.status(folder)?.running.context("it runs")
    }

    pub(crate) fn lineage(&self, folder: &str) -> Result<LineageShown> {
        self.ask(folder, Lineage {})
    }

    pub(crate) fn keys(&self, folder: &str) -> Result<KeysHeld> {
        self.ask(folder, Keys {})
    }

    pub(crate) fn report(&self, folder: &str) -> Result<ReportShown> {
        self.ask(folder, Report::default())
    }

    /// Is this node connected with that key, and do both hold what both may?
    pub(crate) fn is_with(&self, folder: &str, key: &str) -> Result<()> {
        let status = self.status(folder)?;
        let peer = status.peers.iter().find(|peer| peer.peer == key).context("it never came")?;
        ensure!(peer.is_live() && peer.lacks().items == 0, "{folder}: {peer:?}");
        Ok(())
    }

    /// Nothing is the matter at these nodes, and nobody says so.
    pub(crate) fn are_well(&self, folders: &[&str]) -> Result<()> {
        for folder in folders {
            let status = self.status(folder)?;
            ensure!(matches!(status.standing, Standing::Member { .. }), "{folder}: {status:?}");
            let told = (&status.alarms, status.life);
            ensure!(told.0.is_empty() && told.1.is_none(), "{folder}: {told:?}");
            let running = status.running.as_ref().context("it runs")?;
            ensure!(running.twice.is_empty(), "{folder}: {:?}", running.twice);
        }
        Ok(())
    }
}

impl Drop for Reader {
    fn drop(&mut self) {
        let folder = self.dir.path().display();
        // No process outlives the test, nor what memory has of its store.
        let _ = Command::new("bash")
            .args(["-c", &format!("cd '{folder}' && for p in *.pid; do kill -9 $(cat $p); done")])
            .stderr(Stdio::null())
            .status();
        let _ = self.shell.kill();
        let _ = self.shell.wait();
        for entry in fs::read_dir(self.dir.path()).into_iter().flatten().flatten() {
            let _ = tests_cluster::forget(&entry.path());
        }
    }
}
