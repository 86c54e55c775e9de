//! Nodes as processes of the binary that is shipped, linked over loopback.

use std::fs::File;
use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use nix::unistd::{SysconfVar, sysconf};
use serde_json::{Value, json};

/// How long anything may take before the cell gives up.
const PATIENCE: Duration = Duration::from_secs(120);

/// A program built beside the node's: `GONGZHI_BUILT` names the folder that `make bench` fills.
pub(crate) fn built(name: &str) -> Result<PathBuf> {
    let folder = std::env::var_os("GONGZHI_BUILT")
        .context("GONGZHI_BUILT must name the folder of the release build of gongzhi")?;
    Ok(PathBuf::from(folder).join(name))
}

fn gongzhi(arguments: &[&str]) -> Result<String> {
    let output = Command::new(built("gongzhi")?).args(arguments).output()?;
    if !output.status.success() {
        bail!("gongzhi {}: {}", arguments.join(" "), String::from_utf8_lossy(&output.stderr));
    }
    Ok(String::from_utf8(output.stdout)?.trim().to_owned())
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
        let key = gongzhi(&["key", "--data", utf8(&dir)?])?;
        let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        Ok(Self { dir, key, port, child: None })
    }

    /// Founds a city of its own.
    pub(crate) fn found(&self, unit: &str) -> Result<()> {
        let data = utf8(&self.dir)?;
        gongzhi(&["init", "--data", data, "--city", unit, "--name", "白城"]).map(drop)
    }

    /// Grants another node a unit, and lets it join.
    pub(crate) fn admit(&self, other: &Self, unit: &str) -> Result<()> {
        let grant = other.dir.with_extension("grant");
        let (data, grant) = (utf8(&self.dir)?, utf8(&grant)?);
        gongzhi(&["delegate", "--data", data, "--unit", unit, "--to", &other.key, "--out", grant])?;
        gongzhi(&["init", "--data", utf8(&other.dir)?, "--grant", grant]).map(drop)
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
        wait("the node answers", || self.ask(&json!({"op": "events"}))).map(drop)
    }

    /// Asks the running node: one line of JSON each way.
    pub(crate) fn ask(&self, request: &Value) -> Result<Value> {
        let mut stream = UnixStream::connect(self.dir.join("control.sock"))?;
        writeln!(stream, "{request}")?;
        let mut line = String::new();
        BufReader::new(stream).read_line(&mut line)?;
        let answer: Value = serde_json::from_str(&line).context("no answer")?;
        match answer.get("error") {
            Some(failure) => bail!("{failure}"),
            None => Ok(answer["ok"].clone()),
        }
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
