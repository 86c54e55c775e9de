//! Dying at a point: which build, which crossing, and the proof that it died there.

use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus};
use std::sync::LazyLock;
use std::time::{Duration, Instant, SystemTime};

use anyhow::{Result, bail, ensure};
use nix::sys::signal::Signal;
use node_failpoints::Point;
use tests_cluster::{Node, binary};

use crate::world::{Who, World};

/// How long a point may take to be crossed before it counts as never crossed.
const PATIENCE: Duration = Duration::from_secs(90);

/// The build with the points in it; it must not be older than the code.
pub(crate) fn build() -> Result<PathBuf> {
    static CHANGED: LazyLock<SystemTime> = LazyLock::new(|| {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        newest(&root.join("node")).max(newest(&root.join("schema")))
    });
    let build = binary()?.with_file_name("gongzhi-failpoints");
    match std::fs::metadata(&build).and_then(|held| held.modified()) {
        Ok(made) if made >= *CHANGED => Ok(build),
        _ => bail!("{} is missing or stale; run `make failpoints`", build.display()),
    }
}

/// When the code below a folder was changed last, tests apart.
fn newest(folder: &Path) -> SystemTime {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let changed = entries.map(|entry| match entry.path() {
        path if path.is_dir() && !path.ends_with("tests") => newest(&path),
        path if path.extension().is_some_and(|extension| extension == "rs") => {
            entry.metadata().and_then(|held| held.modified()).unwrap_or(SystemTime::UNIX_EPOCH)
        }
        _ => SystemTime::UNIX_EPOCH,
    });
    changed.max().unwrap_or(SystemTime::UNIX_EPOCH)
}

/// The n-th crossing of a point, counted from 0.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Crossing {
    pub(crate) point: Point,
    pub(crate) nth: u64,
}

impl Crossing {
    /// One of the first crossings, drawn from the seed: `GONGZHI_SEED`, or else 1.
    pub(crate) fn drawn(point: Point, round: u64, first: u64) -> Self {
        let seed = std::env::var("GONGZHI_SEED").ok().and_then(|seed| seed.parse().ok());
        let mut drawn: u64 = seed.unwrap_or(1);
        for byte in point.name().bytes().chain(round.to_be_bytes()) {
            drawn = (drawn ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        }
        Self { point, nth: (drawn >> 20) % first }
    }

    fn variable(self, action: &str) -> (String, String) {
        let Self { point, nth } = self;
        let actions = if nth == 0 { action.to_owned() } else { format!("{nth}*off->{action}") };
        ("FAILPOINTS".into(), format!("{}={actions}", point.name()))
    }

    /// From its next start on, the node does this at the crossing: `return` is to die.
    pub(crate) fn arm(self, node: &mut Node, action: &str) -> Result<()> {
        node.build = Some(build()?);
        node.environment = vec![self.variable(action)];
        Ok(())
    }

    /// Works until one of these nodes dies, and sees that it died here and nowhere else. Its next
    /// start is that of the shipped binary.
    pub(crate) fn kills(
        self,
        world: &mut World,
        dying: &[Who],
        work: impl FnMut(&mut World) -> Result<()>,
    ) -> Result<()> {
        let (who, status) = self.ends(world, dying, work)?;
        let node = world.node(who);
        let log = std::fs::read_to_string(node.dir.join("node.log"))?;
        // Other threads may have said something more.
        let last: Vec<&str> = log.lines().rev().take(8).collect();
        self.proven(status, &last.join("\n"))?;
        disarm(node);
        Ok(())
    }

    /// Works until one of these nodes ends; says which and how.
    pub(crate) fn ends(
        self,
        world: &mut World,
        ending: &[Who],
        mut work: impl FnMut(&mut World) -> Result<()>,
    ) -> Result<(Who, ExitStatus)> {
        let began = Instant::now();
        loop {
            for who in ending {
                if let Some(status) = world.node(*who).ended()? {
                    return Ok((*who, status));
                }
            }
            ensure!(began.elapsed() < PATIENCE, "{self:?} was never reached");
            work(world)?;
        }
    }

    /// Runs a command that must die here.
    pub(crate) fn interrupts(self, arguments: &[&str]) -> Result<()> {
        let (name, value) = self.variable("return");
        let output = Command::new(build()?).env(name, value).args(arguments).output()?;
        self.proven(output.status, &String::from_utf8_lossy(&output.stderr))
    }

    fn proven(self, status: ExitStatus, said: &str) -> Result<()> {
        let dead = status.signal() == Some(Signal::SIGABRT as i32);
        ensure!(
            dead && said.contains(&format!("failpoint {}:", self.point.name())),
            "{self:?}, but {status}: {said}"
        );
        println!("died at {} {}", self.point.name(), self.nth);
        Ok(())
    }
}

/// From its next start on, the node is the one that is shipped.
pub(crate) fn disarm(node: &mut Node) {
    node.build = None;
    node.environment.clear();
}
