//! Real processes of the built binary, on loopback, through its public interface.
//!
//! **What it is.** [`Node`]: a data folder and a process that is started, asked, killed and
//! started again. **What it is not.** It shares no behaviour with the product: it speaks to it by its
//! command line and its control socket, and knows only what can be asked and answered (`node-api`).
//! **What must always hold.** No process outlives its `Node`; every wait is bounded.
//! **Where to start reading.** `tests/kill.rs`; for networks and disks that fail, [`lab`]. **How it is tested.** It is the test.

pub mod lab;
mod search;
mod work;

pub use search::{files_holding, holds};
pub use work::{areas, enter, plan, planned, plans};

use std::collections::BTreeSet;
use std::fs::File;
use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use node_api::{
    Began, Events, Granted, Joined, KeyMade, NetworkWritten, Operation, RecognisedFile, Reply,
    Request,
};
use serde::de::DeserializeOwned;

/// How long anything may take before a test gives up. Never a measure of speed.
const PATIENCE: Duration = Duration::from_secs(120);

/// The binary, built by the same `cargo` run into the folder this test lies in.
pub fn binary() -> Result<PathBuf> {
    let test = std::env::current_exe()?;
    let built = test.ancestors().nth(2).context("a test lies in target/PROFILE/deps")?;
    let binary = built.join("gongzhi");
    if !binary.exists() {
        bail!("{} is not built; run `cargo build --workspace` first", binary.display());
    }
    Ok(binary)
}

/// Runs a command of the binary to its end; returns what it printed.
pub fn gongzhi(arguments: &[&str]) -> Result<String> {
    let output = Command::new(binary()?).env("LC_ALL", "C").args(arguments).output()?;
    if !output.status.success() {
        bail!("gongzhi {}: {}", arguments.join(" "), String::from_utf8_lossy(&output.stderr));
    }
    Ok(String::from_utf8(output.stdout)?.trim().to_owned())
}

/// Tries until it succeeds or patience ends.
pub fn wait<T>(what: &str, mut attempt: impl FnMut() -> Result<T>) -> Result<T> {
    let began = Instant::now();
    loop {
        match attempt() {
            Ok(value) => return Ok(value),
            Err(error) if began.elapsed() > PATIENCE => {
                return Err(error.context(format!("waited in vain until {what}")));
            }
            Err(_) => std::thread::sleep(Duration::from_millis(20)),
        }
    }
}

/// Asks a running node over its control socket: one line of JSON each way.
pub fn ask<O: Operation>(dir: &Path, asked: O) -> Result<O::Answer>
where
    Request: From<O>,
{
    let request = serde_json::to_string(&Request::from(asked))?;
    let mut stream = UnixStream::connect(dir.join("control.sock"))?;
    stream.set_read_timeout(Some(PATIENCE))?;
    writeln!(stream, "{request}")?;
    let mut line = String::new();
    BufReader::new(stream).read_line(&mut line)?;
    let reply: Reply<O::Answer> = serde_json::from_str(&line).context("no answer")?;
    Ok(reply.into_result()?)
}

/// Runs a command of the binary to its end; its answer, which it prints as JSON.
pub fn answered<A: DeserializeOwned>(arguments: &[&str]) -> Result<A> {
    let text = gongzhi(&[&["--json"], arguments].concat())?;
    serde_json::from_str(&text).with_context(|| format!("{arguments:?} answered {text}"))
}

/// A port of loopback that no other node of these tests was given.
pub fn free_port() -> Result<u16> {
    static GIVEN: Mutex<BTreeSet<u16>> = Mutex::new(BTreeSet::new());
    loop {
        let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        if GIVEN.lock().unwrap_or_else(PoisonError::into_inner).insert(port) {
            return Ok(port);
        }
    }
}

/// A data folder and the process that runs on it.
#[derive(Debug)]
pub struct Node {
    pub dir: PathBuf,
    pub key: String,
    pub port: u16,
    /// What the next start runs, if not the binary that is shipped, and what its environment says.
    pub build: Option<PathBuf>,
    pub environment: Vec<(String, String)>,
    peers: Vec<String>,
    process: Option<Child>,
}

impl Node {
    /// Makes the key.
    pub fn create(root: &Path, name: &str) -> Result<Self> {
        let dir = root.join(name);
        let key = answered::<KeyMade>(&["key", "--data", path(&dir)?])?.node;
        let port = free_port()?;
        Ok(Self::at(dir, key, port))
    }

    fn at(dir: PathBuf, key: String, port: u16) -> Self {
        let (build, environment, peers) = (None, Vec::new(), Vec::new());
        Self { dir, key, port, build, environment, peers, process: None }
    }

    /// A node with this one's key in another folder: whoever copied it there.
    pub fn beside(&self, dir: &Path) -> Result<Self> {
        let port = free_port()?;
        Ok(Self::at(dir.to_owned(), self.key.clone(), port))
    }

    /// Founds a network of its own; its answer has the recovery phrases.
    pub fn found(&self) -> Result<Began> {
        self.order(&["init", "--city", "220800", "--name", "试验"])
    }

    /// Takes another node into the own unit.
    pub fn admit(&self, other: &Self) -> Result<Joined> {
        self.admit_as(other, "node")
    }

    /// Takes another node into the own unit, for this role.
    pub fn admit_as(&self, other: &Self, role: &str) -> Result<Joined> {
        let grant = other.dir.with_extension("grant");
        let out = path(&grant)?;
        let to = ["delegate", "--to", &other.key, "--role", role, "--out", out];
        self.order::<Granted>(&to)?;
        other.order(&["init", "--grant", out])
    }

    /// Lets another node begin a unit below by itself, and recognises it; the answer has the unit's
    /// recovery phrase.
    pub fn found_below(&self, other: &Self, unit: &str) -> Result<Began> {
        let began = self.begin(other, unit)?;
        self.recognise(other)?;
        Ok(began)
    }

    /// Another node begins a unit by itself, and asks to be recognised.
    pub fn begin(&self, other: &Self, unit: &str) -> Result<Began> {
        let [network, request] = ["network", "request"].map(|e| other.dir.with_extension(e));
        let (network, request) = (path(&network)?, path(&request)?);
        self.order::<NetworkWritten>(&["network", "--out", network])?;
        other.order(&["init", "--network", network, "--unit", unit, "--out", request])
    }

    /// Recognises the unit that another node began.
    pub fn recognise(&self, other: &Self) -> Result<Joined> {
        let [request, grant] = ["request", "grant"].map(|e| other.dir.with_extension(e));
        let (request, grant) = (path(&request)?, path(&grant)?);
        self.order::<RecognisedFile>(&["recognise", "--request", request, "--out", grant])?;
        other.order(&["init", "--grant", grant])
    }

    /// Keeps a connection with another node once both run.
    pub fn link(&mut self, other: &Self) {
        self.peers.push(format!("{}@/ip4/127.0.0.1/tcp/{}", other.key, other.port));
    }

    /// Keeps connections with these nodes and no others, from the next start on.
    pub fn relink(&mut self, others: &[&Self]) {
        self.peers.clear();
        others.iter().for_each(|other| self.link(other));
    }

    /// Starts the process and waits until it answers.
    pub fn start(&mut self) -> Result<()> {
        self.launch()?;
        wait("the node answers", || self.ask(Events::default())).map(drop)
    }

    /// Starts the process.
    pub fn launch(&mut self) -> Result<()> {
        let log = File::options().create(true).append(true).open(self.dir.join("node.log"))?;
        let build = self.build.clone().map_or_else(binary, Ok)?;
        let mut command = Command::new(build);
        command.env("LC_ALL", "C");
        command.envs(self.environment.iter().map(|(name, value)| (name, value)));
        command.args(["run", "--mdns", "false", "--redial-ms-max", "500"]);
        command.args(["--listen", &format!("/ip4/127.0.0.1/tcp/{}", self.port)]);
        command.arg("--data").arg(&self.dir);
        for peer in &self.peers {
            command.args(["--peer", peer]);
        }
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(log);
        self.process = Some(command.spawn()?);
        Ok(())
    }

    /// Sends the process a signal and waits for its end.
    pub fn stop(&mut self, signal: Signal) -> Result<()> {
        if let Some(mut process) = self.process.take() {
            kill(Pid::from_raw(process.id().try_into()?), signal)?;
            process.wait()?;
        }
        Ok(())
    }

    /// Has the process ended by itself?
    pub fn exited(&mut self) -> Result<bool> {
        match &mut self.process {
            Some(process) => Ok(process.try_wait()?.is_some()),
            None => Ok(false),
        }
    }

    /// How the process ended by itself, if it did.
    pub fn ended(&mut self) -> Result<Option<ExitStatus>> {
        let Some(process) = &mut self.process else { bail!("no process was started") };
        let status = process.try_wait()?;
        if status.is_some() {
            self.process = None;
        }
        Ok(status)
    }

    /// The running process.
    pub fn pid(&self) -> Option<u32> {
        self.process.as_ref().map(Child::id)
    }

    /// What a start of the machine leaves of the node: nothing in memory saw its last write.
    pub fn forget(&self) -> Result<()> {
        forget(&self.dir)
    }

    /// Asks the running node.
    pub fn ask<O: Operation>(&self, asked: O) -> Result<O::Answer>
    where
        Request: From<O>,
    {
        ask(&self.dir, asked)
    }

    /// Plans a patrol at the running node; returns the envelope.
    pub fn enter(&self, area: &str) -> Result<String> {
        enter(&self.dir, area)
    }

    /// Runs a command on its folder.
    pub fn order<A: DeserializeOwned>(&self, command: &[&str]) -> Result<A> {
        answered(&[command, &["--data", path(&self.dir)?]].concat())
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        let _ = self.stop(Signal::SIGKILL);
        // Memory is not cleared as the folder is.
        let _ = self.forget();
    }
}

/// Takes away the note in memory of who last wrote to the store of a data folder.
pub fn forget(dir: &Path) -> Result<()> {
    let membership = std::fs::read_to_string(dir.join("membership.toml"))?;
    let store = membership.lines().find_map(|line| line.strip_prefix("store = "));
    let store = store.context("a store")?.trim_matches('"');
    for entry in std::fs::read_dir("/dev/shm")? {
        let entry = entry?;
        if entry.file_name().to_string_lossy().starts_with(&format!("gongzhi-{store}-")) {
            std::fs::remove_file(entry.path())?;
        }
    }
    Ok(())
}

/// A path as an argument.
pub fn path(path: &Path) -> Result<&str> {
    path.to_str().context("the path is not UTF-8")
}
