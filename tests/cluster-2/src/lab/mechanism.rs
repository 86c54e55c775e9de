//! What this machine lets a test do, and the namespaces everything happens in.

use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context, Result};

use super::system;

/// Set inside the namespaces.
const INSIDE: &str = "GONGZHI_LAB";
/// Debian's libfaketime, which answers for the wall clock only.
const FALSE_CLOCK: &str = "/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1";

/// Something of the system that a scenario needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Mechanism {
    /// Namespaces for network, mounts and processes.
    Namespaces,
    /// Loop devices with ext4 on them.
    Disks,
    /// System calls that fail or are late, by `strace -e inject`.
    Strace,
    /// A wall clock that lies, by libfaketime.
    FalseClock,
    /// A binary of the build before this one, beside this one's.
    PreviousBuild,
}

impl Mechanism {
    /// Why it cannot be had here, if it cannot.
    pub fn missing(self) -> Option<String> {
        match self {
            Self::Namespaces => refused(unshare().args(["true"])),
            Self::Disks => {
                let devices = Path::new("/dev/loop-control").exists();
                (!devices)
                    .then(|| "no loop devices".to_owned())
                    .or_else(|| refused(Command::new("mkfs.ext4").arg("-V")))
            }
            Self::Strace => refused(Command::new("strace").args([
                "-e",
                "inject=fdatasync:delay_enter=1",
                "true",
            ])),
            Self::FalseClock => {
                (!Path::new(FALSE_CLOCK).exists()).then(|| "libfaketime is missing".to_owned())
            }
            Self::PreviousBuild => previous().err().map(|error| error.to_string()),
        }
    }
}

/// Environment under which a process believes in another time, such as `-3y`.
pub(crate) fn false_clock(offset: &str) -> Vec<(String, String)> {
    [("LD_PRELOAD", FALSE_CLOCK), ("FAKETIME", offset), ("FAKETIME_DONT_FAKE_MONOTONIC", "1")]
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .to_vec()
}

/// The binary of the build before this one.
pub(crate) fn previous() -> Result<std::path::PathBuf> {
    let binary = crate::binary()?.with_file_name("gongzhi-previous");
    binary.exists().then_some(binary).context("no previous build beside this one (make previous)")
}

fn refused(command: &mut Command) -> Option<String> {
    let program = command.get_program().to_string_lossy().into_owned();
    match command.stdin(Stdio::null()).stdout(Stdio::null()).output() {
        Err(error) => Some(format!("{program}: {error}")),
        Ok(output) if output.status.success() => None,
        Ok(output) => {
            Some(format!("{program}: {}", String::from_utf8_lossy(&output.stderr).trim()))
        }
    }
}

fn unshare() -> Command {
    let mut command = Command::new("unshare");
    command.args(["--net", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc"]);
    command
}

/// Is this process in namespaces of its own?
pub fn inside() -> bool {
    std::env::var_os(INSIDE).is_some()
}

/// Runs this program again as the first process of namespaces of its own: when it ends, all that
/// it started ends, and with them every mount and link. Returns only if that fails.
pub fn enter() -> Result<std::convert::Infallible> {
    let program = std::env::current_exe()?;
    // Whoever is stopped, by whatever, takes the namespaces along.
    nix::sys::prctl::set_pdeathsig(nix::sys::signal::Signal::SIGKILL)?;
    let error = unshare().arg(program).args(std::env::args_os().skip(1)).env(INSIDE, "1").exec();
    Err(error).context("cannot enter namespaces of one's own")
}

/// Prepares the namespaces, once, from inside.
pub(crate) fn settle() -> Result<()> {
    // Names of network namespaces lie in a folder that others see, unless another one covers it.
    std::fs::create_dir_all("/run/netns")?;
    system("mount", &["-t", "tmpfs", "none", "/run/netns"])?;
    // What nodes keep in memory goes with the namespaces.
    system("mount", &["-t", "tmpfs", "none", "/dev/shm"])?;
    system("ip", &["link", "set", "lo", "up"])
}
