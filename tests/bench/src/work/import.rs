//! W11: registers of rows from spreadsheets, into a running node.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};
use serde_json::json;

use crate::founding::CITY;
use crate::processes::{Process, built};
use crate::sample::{Sample, repeat};

/// Rosters of a made-up city, until they hold at least `rows` rows.
fn rosters(root: &Path, rows: u64) -> Result<Vec<PathBuf>> {
    let city = root.join("made");
    // A community has about 8,000 residents, Baicheng 105 communities.
    let scale = (rows as f64 / 8_000.0 / 105.0 * 1.3).min(100.0).to_string();
    let made = Command::new(built("gongzhi-dataset")?)
        .arg(&city)
        .args(["--scale", &scale])
        .stderr(std::process::Stdio::null())
        .status()?;
    ensure!(made.success(), "gongzhi-dataset failed");
    let mut files = Vec::new();
    let mut folders = vec![city];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder)? {
            let path = entry?.path();
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            if path.is_dir() {
                folders.push(path);
            } else if name.starts_with("居民名册") {
                files.push(path);
            }
        }
    }
    files.sort();
    Ok(files)
}

/// Imports until `rows` rows are in. The second pass of a run finds nothing new.
pub(crate) fn measure(rows: u64, again: bool, runs: usize) -> Result<(Vec<Sample>, f64)> {
    let dir = crate::shelf::folder()?;
    let files = rosters(dir.path(), rows)?;
    let mut peak: f64 = 0.0;
    let mut number = 0;
    let samples = repeat(runs, || {
        number += 1;
        let mut node = Process::create(dir.path(), &format!("node {number}"))?;
        node.found(CITY)?;
        node.start(None)?;
        if again {
            import(&node, &files, rows)?;
        }
        let sample = import(&node, &files, rows)?;
        peak = peak.max(node.peak_mib()?);
        Ok(sample)
    })?;
    Ok((samples, peak))
}

fn import(node: &Process, files: &[PathBuf], rows: u64) -> Result<Sample> {
    let (began, cpu) = (std::time::Instant::now(), node.cpu_ms()?);
    let mut done = 0;
    for file in files {
        let request = json!({"op": "import", "file": file, "dry_run": false, "synthetic": true});
        let answer = node.ask(&request)?;
        done += answer["rows"].as_u64().context("a count of rows")?;
        if done >= rows {
            break;
        }
    }
    ensure!(done >= rows, "the files hold {done} rows only");
    Ok(Sample {
        wall_ms: began.elapsed().as_secs_f64() * 1000.0,
        cpu_ms: node.cpu_ms()? - cpu,
        done: Some(done),
        ..Sample::default()
    })
}
