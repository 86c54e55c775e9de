//! PouchDB, run by Node.js in a process of its own: see `pouchdb/measure.js`.

use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context, Result};
use serde::Deserialize;

use crate::sample::Sample;

#[derive(Debug, Deserialize)]
struct Answer {
    samples: Vec<Sample>,
    peak_mib: f64,
}

/// Is there a Node.js, and is PouchDB installed?
pub(crate) fn is_here() -> bool {
    folder().join("node_modules/pouchdb-core").is_dir()
        && Command::new("node").arg("--version").output().is_ok_and(|out| out.status.success())
}

fn folder() -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("pouchdb")
}

/// The runs, and the peak memory of the process of PouchDB.
pub(crate) fn measure(
    workload: &str,
    documents: u64,
    changes: u64,
    runs: usize,
) -> Result<(Vec<Sample>, f64)> {
    let output = Command::new("node")
        .arg(folder().join("measure.js"))
        .args([workload, &documents.to_string(), &changes.to_string(), &runs.to_string()])
        .stderr(Stdio::inherit())
        .output()?;
    anyhow::ensure!(output.status.success(), "node failed");
    let text = String::from_utf8(output.stdout)?;
    let line = text.lines().last().context("no answer")?;
    let Answer { samples, peak_mib } = serde_json::from_str(line)?;
    Ok((samples, peak_mib))
}
