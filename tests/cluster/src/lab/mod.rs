//! A laboratory for real processes: namespaces, links, disks and clerks, and what must hold after
//! each fault.
//!
//! **What it is.** A [`City`] of nodes, each in a network namespace of its own, on an ext4 disk
//! of its own, joined by [`Link`]s that can be slowed, cut, silenced or corrupted. [`Writer`]s
//! write through the control socket; the [`Oracle`] is a file of everything acknowledged to them.
//! **What it is not.** A model: the binary, the kernel and the disk are real.
//! **What must always hold.** All of it lives in namespaces of its own (network, mounts,
//! processes), so nothing it makes outlives it and no packet leaves it; every loop is bounded.
//! **Where to start reading.** `city.rs`, then `tests/lab/`.
//! **How it is tested.** The oracle and the checks are told lies in `tests/lab/canary.rs`.

mod audit;
mod city;
mod disk;
mod host;
mod link;
mod mechanism;
mod site;
mod tally;
mod writer;

pub use audit::{Audit, agree, held, unbroken};
pub use city::{City, Place};
pub use disk::Disk;
pub use host::{Host, Lan};
pub use link::{Link, Weather};
pub use mechanism::{Mechanism, enter, inside};
pub use site::{Site, peak};
pub use tally::Tally;
pub use writer::{Entry, Oracle, Writer};

use std::process::Command;

use anyhow::{Context, Result, ensure};

/// Runs a program of the system; its output is the error.
pub(crate) fn system(program: &str, arguments: &[&str]) -> Result<()> {
    let output = Command::new(program).args(arguments).output();
    let output = output.with_context(|| format!("cannot run {program}"))?;
    let said = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "{program} {}: {}", arguments.join(" "), said.trim());
    Ok(())
}
