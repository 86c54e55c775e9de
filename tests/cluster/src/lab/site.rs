//! One node of the laboratory: a process on a host of its own with a disk of its own.

use std::fs::{self, File};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};

use anyhow::{Context, Result, bail, ensure};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use node_api::{Events, KeyMade, NodeStatus, Operation, Request, Status};

use super::{Disk, Host, mechanism};
use crate::{answered, ask, binary, gongzhi, path, wait};

const PORT: u16 = 7400;

/// The most that a process took since it was made, over all its starts.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Peak {
    pub memory_kib: u64,
    pub files: usize,
}

/// A node that is started, asked, frozen, killed, cut off its power, and started again.
#[derive(Debug)]
pub struct Site {
    pub name: String,
    /// The path of codes of the unit it serves.
    pub unit: String,
    pub key: String,
    pub host: Host,
    pub disk: Disk,
    log: PathBuf,
    binary: PathBuf,
    peers: Vec<String>,
    environment: Vec<(String, String)>,
    mdns: bool,
    process: Option<Child>,
    pub peak: Peak,
}

impl Site {
    /// Makes the node's key on its disk.
    pub fn create(root: &Path, name: &str, unit: &str, host: Host, disk: Disk) -> Result<Self> {
        let dir = disk.path().join("node");
        let key = answered::<KeyMade>(&["key", "--data", path(&dir)?])?.node;
        Self::on(root, name, unit, key, host, disk)
    }

    /// A node whose key and folder lie on the disk already.
    pub fn on(
        root: &Path,
        name: &str,
        unit: &str,
        key: String,
        host: Host,
        disk: Disk,
    ) -> Result<Self> {
        Ok(Self {
            name: name.into(),
            unit: unit.into(),
            key,
            host,
            disk,
            log: root.join(format!("{name}.log")),
            binary: binary()?,
            peers: Vec::new(),
            environment: Vec::new(),
            mdns: false,
            process: None,
            peak: Peak::default(),
        })
    }

    /// Its data folder.
    pub fn dir(&self) -> PathBuf {
        self.disk.path().join("node")
    }

    /// Runs a command of the binary on its folder.
    pub fn order(&self, command: &[&str]) -> Result<String> {
        let dir = self.dir();
        gongzhi(&[command, &["--data", path(&dir)?]].concat())
    }

    /// Takes another node into the own unit, or lets it begin a unit below and recognises it.
    pub fn admit(&self, other: &Self) -> Result<()> {
        let [grant, network, request] =
            ["grant", "network", "request"].map(|extension| other.log.with_extension(extension));
        let (grant, network, request) = (path(&grant)?, path(&network)?, path(&request)?);
        if self.unit == other.unit {
            self.order(&["delegate", "--to", &other.key, "--out", grant])?;
        } else {
            self.order(&["network", "--out", network])?;
            other.order(&[
                "init",
                "--network",
                network,
                "--unit",
                &other.unit,
                "--out",
                request,
            ])?;
            self.order(&["recognise", "--request", request, "--out", grant])?;
        }
        other.order(&["init", "--grant", grant]).map(drop)
    }

    /// Where others reach it on its own network.
    pub fn address(&self) -> SocketAddr {
        (self.host.address(), PORT).into()
    }

    /// Keeps a connection with a node at an address, from the next start on.
    pub fn dial(&mut self, key: &str, address: SocketAddr) {
        self.peers.push(format!("{key}@/ip4/{}/tcp/{}", address.ip(), address.port()));
    }

    /// Looks for nodes on its network from the next start on, and dials nobody it was told of.
    pub fn discover(&mut self) {
        self.mdns = true;
        self.peers.clear();
    }

    /// Believes in another time from the next start on.
    pub fn misdate(&mut self, offset: &str) {
        self.environment = mechanism::false_clock(offset);
    }

    /// Runs another build from the next start on.
    pub fn run_previous_build(&mut self) -> Result<()> {
        self.binary = mechanism::previous()?;
        Ok(())
    }

    /// Runs this build again from the next start on.
    pub fn run_this_build(&mut self) -> Result<()> {
        self.binary = binary()?;
        Ok(())
    }

    /// Starts the process; it may or may not come up.
    pub fn launch(&mut self) -> Result<()> {
        let log = File::options().create(true).append(true).open(&self.log)?;
        let mut command = self.host.command(&self.binary);
        command.args(["run", "--redial-ms-max", "500", "--mdns", &self.mdns.to_string()]);
        command.args(["--listen", &format!("/ip4/{}/tcp/{PORT}", self.host.address())]);
        command.arg("--data").arg(self.dir());
        for peer in &self.peers {
            command.args(["--peer", peer]);
        }
        command.envs(self.environment.iter().cloned());
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(log);
        self.process = Some(command.spawn()?);
        Ok(())
    }

    /// Starts the process and waits until it answers.
    pub fn start(&mut self) -> Result<()> {
        self.launch()?;
        let (name, dir) = (self.name.clone(), self.dir());
        let ended = wait(&format!("{name} answers"), || match self.ended()? {
            Some(status) => Ok(Some(status)),
            None => ask(&dir, Events::default()).map(|_| None),
        })?;
        match ended {
            None => Ok(()),
            Some(status) => bail!("{name} ended with {status}: {}", self.last_words()),
        }
    }

    /// The end of its log.
    pub fn last_words(&self) -> String {
        let log = fs::read_to_string(&self.log).unwrap_or_default();
        let lines: Vec<&str> = log.lines().rev().take(5).collect();
        lines.into_iter().rev().collect::<Vec<_>>().join("\n")
    }

    /// The process that runs.
    pub fn pid(&self) -> Result<Pid> {
        let process = self.process.as_ref().with_context(|| format!("{} is down", self.name))?;
        Ok(Pid::from_raw(process.id().try_into()?))
    }

    /// Does it run, as far as the laboratory has not stopped it?
    pub fn is_up(&self) -> bool {
        self.process.is_some()
    }

    /// Sends a signal and waits for the end.
    pub fn stop(&mut self, signal: Signal) -> Result<()> {
        self.sample();
        if let Some(mut process) = self.process.take() {
            kill(Pid::from_raw(process.id().try_into()?), signal)?;
            process.wait()?;
        }
        Ok(())
    }

    /// Ends the process as a power cut would, disk included, and leaves it down.
    pub fn cut_power(&mut self) -> Result<()> {
        self.sample();
        self.freeze()?;
        let mut process = self.process.take().context("it runs")?;
        self.disk.cut(|| {
            process.kill()?;
            process.wait()?;
            Ok(())
        })?;
        // Memory is gone as well.
        crate::forget(&self.dir())
    }

    /// Holds the process still; its sockets stay open.
    pub fn freeze(&self) -> Result<()> {
        Ok(kill(self.pid()?, Signal::SIGSTOP)?)
    }

    /// Lets it go on.
    pub fn thaw(&self) -> Result<()> {
        Ok(kill(self.pid()?, Signal::SIGCONT)?)
    }

    /// Has it ended by itself? Then it is down from now on.
    pub fn ended(&mut self) -> Result<Option<ExitStatus>> {
        let Some(process) = &mut self.process else { return Ok(None) };
        let ended = process.try_wait()?;
        if ended.is_some() {
            self.process = None;
        }
        Ok(ended)
    }

    /// Waits until it ends by itself; returns its code.
    pub fn end(&mut self) -> Result<i32> {
        let name = self.name.clone();
        let status =
            wait(&format!("{name} stops by itself"), || self.ended()?.context("it runs on"))?;
        status.code().with_context(|| format!("{name} ended by a signal"))
    }

    /// Makes system calls of the running process fail or wait, until the returned one is dropped.
    pub fn inject(&self, fault: &str) -> Result<Injection> {
        let pid = self.pid()?.to_string();
        let mut tracer = Command::new("strace")
            .args(["-f", "-qq", "-o", "/dev/null", "-e", &format!("inject={fault}")])
            .args(["-e", "trace=fdatasync,fsync,sync_file_range", "-p", &pid])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()?;
        let traced = || {
            let status = fs::read_to_string(format!("/proc/{pid}/status"))?;
            let says =
                |field| status.lines().find_map(|line| Some(line.strip_prefix(field)?.trim()));
            let traced = says("TracerPid:").is_some_and(|tracer| tracer != "0");
            // The fault may have ended it before anybody looked.
            let ended = says("State:").is_some_and(|state| state.starts_with('Z'));
            ensure!(traced || ended, "not traced");
            Ok(())
        };
        if let Err(error) = wait("strace has the process", traced) {
            let _ = tracer.kill();
            return Err(error);
        }
        Ok(Injection(tracer))
    }

    /// Asks the running node.
    pub fn ask<O: Operation>(&self, asked: O) -> Result<O::Answer>
    where
        Request: From<O>,
    {
        ask(&self.dir(), asked).with_context(|| self.name.clone())
    }

    /// What it says of its replication.
    pub fn status(&self) -> Result<NodeStatus> {
        self.ask(Status {})
    }

    /// Notes what the process takes.
    pub fn sample(&mut self) {
        let Ok(pid) = self.pid() else { return };
        let (kib, files) = peak(pid.as_raw().unsigned_abs());
        self.peak.memory_kib = self.peak.memory_kib.max(kib);
        self.peak.files = self.peak.files.max(files);
    }
}

/// The most memory a process took so far, in KiB, and the files it has open now.
pub fn peak(pid: u32) -> (u64, usize) {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kib = peak.and_then(|peak| peak.split_whitespace().next()?.parse().ok()).unwrap_or(0);
    let files = fs::read_dir(format!("/proc/{pid}/fd")).map_or(0, Iterator::count);
    (kib, files)
}

impl Drop for Site {
    fn drop(&mut self) {
        let _ = self.stop(Signal::SIGKILL);
    }
}

/// System calls of a process that fail or wait for as long as this lives. The process goes on.
#[derive(Debug)]
pub struct Injection(Child);

impl Drop for Injection {
    fn drop(&mut self) {
        // Asked politely, it lets go of the process before it ends.
        if let Ok(pid) = i32::try_from(self.0.id()) {
            let _ = kill(Pid::from_raw(pid), Signal::SIGTERM);
        }
        let _ = self.0.wait();
    }
}
