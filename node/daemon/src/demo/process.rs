//! The processes of the demonstration: each node its own process, folder and port on loopback.

use std::fs::File;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use node_api::{
    Began, Events, Granted, Joined, KeyMade, NetworkWritten, Operation, RecognisedFile, Request,
};
use node_folder::Folder;
use serde::de::DeserializeOwned;

use crate::control;
use crate::lang::lang;

/// How long anything may take before the demonstration gives up. Never a measure of speed.
const PATIENCE: Duration = Duration::from_secs(90);

/// A node as a process that comes and goes.
pub(super) struct Node {
    pub(super) name: String,
    pub(super) unit: String,
    pub(super) dir: PathBuf,
    pub(super) key: String,
    port: u16,
    peers: Vec<String>,
    process: Option<Child>,
}

/// Runs this same binary with some arguments; its answer.
fn answered<A: DeserializeOwned>(arguments: &[&str]) -> Result<A> {
    let output = Command::new(std::env::current_exe()?)
        .args(["--lang", lang().name(), "--json"])
        .args(arguments)
        .env_remove(crate::keyfile::PASSPHRASE_ENV)
        .output()?;
    if !output.status.success() {
        bail!("gongzhi {}: {}", arguments.join(" "), String::from_utf8_lossy(&output.stderr));
    }
    Ok(serde_json::from_slice(&output.stdout)?)
}

fn free_port() -> Result<u16> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?.port())
}

fn text(path: &Path) -> Result<&str> {
    path.to_str().context("the work folder's path is not UTF-8")
}

impl Node {
    /// Makes the node's key.
    pub(super) fn create(root: &Path, name: &str, unit: &str) -> Result<Self> {
        let (dir, port) = (root.join(name), free_port()?);
        let key: KeyMade = answered(&["key", "--data", text(&dir)?])?;
        let (name, unit, peers) = (name.into(), unit.into(), Vec::new());
        Ok(Self { name, unit, dir, key: key.node, port, peers, process: None })
    }

    /// Founds the network.
    pub(super) fn found(&self, name: &str) -> Result<()> {
        let dir = text(&self.dir)?;
        answered::<Began>(&["init", "--data", dir, "--city", &self.unit, "--name", name]).map(drop)
    }

    /// Another node begins its unit by itself, and this node's unit recognises it.
    pub(super) fn recognise(&self, other: &Self) -> Result<()> {
        let [network, request, grant] =
            ["network", "request", "grant"].map(|extension| other.dir.with_extension(extension));
        let (network, request, grant) = (text(&network)?, text(&request)?, text(&grant)?);
        let (own, dir) = (text(&self.dir)?, text(&other.dir)?);
        answered::<NetworkWritten>(&["network", "--data", own, "--out", network])?;
        let begin = ["init", "--data", dir, "--network", network, "--unit", &other.unit];
        answered::<Began>(&[&begin[..], &["--out", request]].concat())?;
        let recognise = ["recognise", "--data", own, "--request", request, "--out", grant];
        answered::<RecognisedFile>(&recognise)?;
        answered::<Joined>(&["init", "--data", dir, "--grant", grant]).map(drop)
    }

    /// Takes another node into this node's unit.
    pub(super) fn admit(&self, other: &Self) -> Result<()> {
        let grant = other.dir.with_extension("grant");
        let (own, grant) = (text(&self.dir)?, text(&grant)?);
        let to = ["delegate", "--data", own, "--to", &other.key, "--role", "node", "--out", grant];
        answered::<Granted>(&to)?;
        answered::<Joined>(&["init", "--data", text(&other.dir)?, "--grant", grant]).map(drop)
    }

    /// Keeps a connection with another node once both run.
    pub(super) fn link(&mut self, other: &Self) {
        self.peers.push(format!("{}@/ip4/127.0.0.1/tcp/{}", other.key, other.port));
    }

    /// Starts the process and waits until it answers.
    pub(super) fn start(&mut self) -> Result<()> {
        let log = File::options().create(true).append(true).open(self.dir.join("node.log"))?;
        let listen = format!("/ip4/127.0.0.1/tcp/{}", self.port);
        let mut command = Command::new(std::env::current_exe()?);
        command.args(["run", "--mdns", "false", "--redial-ms-max", "1000"]);
        command.args(["--listen", &listen]).arg("--data").arg(&self.dir);
        for peer in &self.peers {
            command.args(["--peer", peer]);
        }
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(log);
        self.process = Some(command.spawn()?);
        wait(&format!("{} answers", self.name), || self.ask(Events::default())).map(drop)
    }

    /// Stops it: politely, or as a power cut would.
    pub(super) fn stop(&mut self, signal: Signal) -> Result<()> {
        if let Some(mut process) = self.process.take() {
            kill(Pid::from_raw(process.id().try_into()?), signal)?;
            process.wait()?;
        }
        Ok(())
    }

    pub(super) fn folder(&self) -> Folder {
        Folder::new(&self.dir)
    }

    pub(super) fn ask<O: Operation>(&self, asked: O) -> Result<O::Answer>
    where
        Request: From<O>,
    {
        Ok(control::ask_running(&self.folder(), asked)?)
    }
}

/// Whatever ends the demonstration, no process outlives it.
impl Drop for Node {
    fn drop(&mut self) {
        let _ = self.stop(Signal::SIGKILL);
    }
}

/// Tries until it succeeds or patience ends.
pub(super) fn wait<T>(what: &str, mut attempt: impl FnMut() -> Result<T>) -> Result<T> {
    let began = Instant::now();
    loop {
        match attempt() {
            Ok(value) => return Ok(value),
            Err(error) if began.elapsed() > PATIENCE => {
                return Err(error.context(format!("waited in vain until {what}")));
            }
            Err(_) => std::thread::sleep(Duration::from_millis(100)),
        }
    }
}
