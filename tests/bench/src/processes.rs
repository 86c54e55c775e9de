//! Nodes as processes of the binary that is shipped, linked over loopback.

use std::fs::File;
use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use nix::sys::signal::{Signal, kill};
use nix::unistd::{Pid, SysconfVar, sysconf};
use node_api::{
    Began, Edit, Events, Joined, KeyMade, NetworkWritten, Operation, RecognisedFile, Reply, Report,
    Request,
};
use serde::de::DeserializeOwned;

/// How long anything may take before the cell gives up.
const PATIENCE: Duration = Duration::from_secs(120);

/// A program built beside the node's: `GONGZHI_BUILT` names the folder that `make bench` fills.
pub(crate) fn built(name: &str) -> Result<PathBuf> {
    let folder = std::env::var_os("GONGZHI_BUILT")
        .context("GONGZHI_BUILT must name the folder of the release build of gongzhi")?;
    Ok(PathBuf::from(folder).join(name))
}

/// Runs a command of the binary to its end; its answer, which it prints as JSON.
fn ordered<A: DeserializeOwned>(arguments: &[&str]) -> Result<A> {
    let output = Command::new(built("gongzhi")?)
        .args([&["--json", "--lang", "en"], arguments].concat())
        .output()?;
    if !output.status.success() {
        bail!("gongzhi {}: {}", arguments.join(" "), String::from_utf8_lossy(&output.stderr));
    }
    let text = String::from_utf8(output.stdout)?;
    serde_json::from_str(&text).with_context(|| format!("{arguments:?} answered {text}"))
}

fn utf8(path: &Path) -> Result<&str> {
    path.to_str().context("the path is not UTF-8")
}

/// A data folder and the process that runs on it.
#[derive(Debug)]
pub(crate) struct Process {
    dir: PathBuf,
    key: String,
    port: u16,
    child: Option<Child>,
}

impl Process {
    /// Makes the node's key.
    pub(crate) fn create(root: &Path, name: &str) -> Result<Self> {
        let dir = root.join(name);
        let key = ordered::<KeyMade>(&["key", "--data", utf8(&dir)?])?.node;
        let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        Ok(Self { dir, key, port, child: None })
    }

    /// Founds a city of its own.
    pub(crate) fn found(&self, city: &str) -> Result<()> {
        self.order::<Began>(&["init", "--city", city, "--name", "白城"]).map(drop)
    }

    /// Lets another node begin a unit below, and recognises it.
    pub(crate) fn found_below(&self, other: &Self, unit: &str) -> Result<()> {
        let file = |extension: &str| other.dir.with_extension(extension);
        let (network, request, grant) = (file("network"), file("request"), file("grant"));
        let (network, request, grant) = (utf8(&network)?, utf8(&request)?, utf8(&grant)?);
        self.order::<NetworkWritten>(&["network", "--out", network])?;
        let begin = ["init", "--network", network, "--unit", unit, "--out", request];
        other.order::<Began>(&begin)?;
        self.order::<RecognisedFile>(&["recognise", "--request", request, "--out", grant])?;
        other.order::<Joined>(&["init", "--grant", grant]).map(drop)
    }

    /// Runs a command on its folder.
    fn order<A: DeserializeOwned>(&self, command: &[&str]) -> Result<A> {
        ordered(&[command, &["--data", utf8(&self.dir)?]].concat())
    }

    /// Starts the process and waits until it answers.
    pub(crate) fn start(&mut self, above: Option<&Self>) -> Result<()> {
        let log = File::create(self.dir.join("node.log"))?;
        let mut command = Command::new(built("gongzhi")?);
        command.args(["run", "--mdns", "false", "--redial-ms-max", "500"]);
        command.args(["--listen", &format!("/ip4/127.0.0.1/tcp/{}", self.port)]);
        command.arg("--data").arg(&self.dir);
        if let Some(above) = above {
            let peer = format!("{}@/ip4/127.0.0.1/tcp/{}", above.key, above.port);
            command.args(["--peer", &peer]);
        }
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(log);
        self.child = Some(command.spawn()?);
        wait("the node answers", || self.ask(Events::default())).map(drop)
    }

    /// Stops the process as Ctrl-C does.
    pub(crate) fn stop(&mut self) -> Result<()> {
        let mut child = self.child.take().context("it does not run")?;
        kill(Pid::from_raw(child.id().try_into()?), Signal::SIGINT)?;
        let status = child.wait()?;
        ensure!(status.success(), "it ended with {status}");
        Ok(())
    }

    /// Asks the running node over its control socket: one line of JSON each way.
    pub(crate) fn ask<O: Operation>(&self, asked: O) -> Result<O::Answer>
    where
        Request: From<O>,
    {
        let request = serde_json::to_string(&Request::from(asked))?;
        let mut stream = UnixStream::connect(self.dir.join("control.sock"))?;
        writeln!(stream, "{request}")?;
        let mut line = String::new();
        BufReader::new(stream).read_line(&mut line)?;
        let reply: Reply<O::Answer> = serde_json::from_str(&line).context("no answer")?;
        Ok(reply.into_result()?)
    }

    /// Plans a patrol of an area of this number: one envelope.
    pub(crate) fn plan(&self, number: u64) -> Result<()> {
        let area = format!("{number}号网格");
        let fields = [("day", "2026-11-02"), ("half", "AM"), ("area", &area)];
        let fields = fields.map(|(name, text)| (name.to_owned(), text.to_owned())).to_vec();
        let edit = Edit { kind: "slot".into(), record: None, fields, synthetic: false };
        let entered = self.ask(edit)?;
        ensure!(entered.envelopes.len() == 1, "one envelope, not {}", entered.envelopes.len());
        Ok(())
    }

    /// The patrols that its report counts: whose outcome is known, and the others.
    pub(crate) fn planned(&self) -> Result<u64> {
        let report = self.ask(Report::default())?;
        Ok(report.cell("PAT.RATE").map_or(0, |cell| cell.den + cell.unknown))
    }

    fn proc(&self, file: &str) -> Result<String> {
        let child = self.child.as_ref().context("it does not run")?;
        Ok(std::fs::read_to_string(format!("/proc/{}/{file}", child.id()))?)
    }

    /// User and system time so far.
    pub(crate) fn cpu_ms(&self) -> Result<f64> {
        let stat = self.proc("stat")?;
        // The command's name may hold spaces: fields are counted from behind it.
        let (_, fields) = stat.rsplit_once(')').context("no stat")?;
        let ticks: f64 = fields
            .split_whitespace()
            .skip(11)
            .take(2)
            .map(|field| field.parse::<f64>().unwrap_or(0.0))
            .sum();
        let per_second = sysconf(SysconfVar::CLK_TCK)?.context("no clock tick")?;
        Ok(ticks * 1000.0 / per_second as f64)
    }

    /// The most memory it ever held, in MiB.
    pub(crate) fn peak_mib(&self) -> Result<f64> {
        crate::sample::field_mib(&self.proc("status")?, "VmHWM")
    }
}

/// No process outlives its cell.
impl Drop for Process {
    fn drop(&mut self) {
        if let Some(mut child) = self.child.take() {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

/// Tries until it succeeds or patience ends.
pub(crate) fn wait<T>(what: &str, mut attempt: impl FnMut() -> Result<T>) -> Result<T> {
    let began = Instant::now();
    loop {
        match attempt() {
            Ok(value) => return Ok(value),
            Err(error) if began.elapsed() > PATIENCE => {
                return Err(error.context(format!("waited in vain until {what}")));
            }
            Err(_) => std::thread::sleep(Duration::from_millis(5)),
        }
    }
}
