//! Registers of persons from workbooks. W11: into a running node. W13: what a query waits
//! meanwhile. W14: a node that holds them starts.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use node_api::{Import, Records, Status};

use crate::founding::CITY;
use crate::processes::{Process, built};
use crate::sample::{Sample, percentile, repeat};

/// Rosters of a made-up city, until they hold at least `rows` rows.
fn rosters(root: &Path, rows: u64) -> Result<Vec<PathBuf>> {
    let city = root.join("made");
    // A community has about 8,000 residents, Baicheng 105 communities.
    let scale = (rows as f64 / 8_000.0 / 105.0 * 1.3).min(100.0).to_string();
    let made = Command::new(built("gongzhi-dataset")?)
        .arg(&city)
        .args(["--scale", &scale])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
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

/// A node of a city of its own that runs, and rosters for it.
struct Office {
    node: Process,
    files: Vec<PathBuf>,
    rows: u64,
}

impl Office {
    fn open(root: &Path, name: &str, (files, rows): (&[PathBuf], u64)) -> Result<Self> {
        let mut node = Process::create(root, name)?;
        node.found(CITY)?;
        node.start(None)?;
        Ok(Self { node, files: files.to_vec(), rows })
    }

    /// Imports until so many rows are in.
    fn import(&self) -> Result<Sample> {
        let (began, cpu) = (Instant::now(), self.node.cpu_ms()?);
        let mut done = 0;
        for file in &self.files {
            let asked = Import { file: file.clone(), synthetic: true, ..Import::default() };
            let imported = self.node.ask(asked)?;
            let refused = imported.counts.refused;
            ensure!(refused == 0, "{refused} rows were refused: {:?}", imported.errors);
            done += imported.rows;
            if done >= self.rows {
                break;
            }
        }
        ensure!(done >= self.rows, "the files hold {done} rows only");
        Ok(Sample {
            wall_ms: began.elapsed().as_secs_f64() * 1000.0,
            cpu_ms: self.node.cpu_ms()? - cpu,
            done: Some(done),
            ..Sample::default()
        })
    }
}

/// Imports `rows` rows into a node that is new, or `again`, when nothing of them is.
pub(crate) fn measure(rows: u64, again: bool, runs: usize) -> Result<(Vec<Sample>, f64)> {
    let dir = crate::store::folder()?;
    let files = rosters(dir.path(), rows)?;
    let mut peak: f64 = 0.0;
    let mut number = 0;
    let samples = repeat(runs, || {
        number += 1;
        let office = Office::open(dir.path(), &format!("node {number}"), (&files, rows))?;
        if again {
            office.import()?;
        }
        let sample = office.import()?;
        peak = peak.max(office.node.peak_mib()?);
        Ok(sample)
    })?;
    Ok((samples, peak))
}

/// Between an answer and the next question.
const PAUSE: Duration = Duration::from_millis(20);

/// What is asked while an import runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Query {
    /// The state of replication.
    Status,
    /// The first page of the persons, each opened: a thousand at most.
    Persons,
}

impl Query {
    fn ask(self, node: &Process) -> Result<()> {
        match self {
            Self::Status => node.ask(Status::default()).map(drop),
            Self::Persons => node.ask(Records { kind: "person".into(), after: None }).map(drop),
        }
    }
}

/// What a query takes while `rows` rows are imported: one person asks, reads for a moment, and
/// asks again. The wall time of a sample is the median, the ratio the 99th percentile.
pub(crate) fn query(rows: u64, query: Query, runs: usize) -> Result<(Vec<Sample>, f64)> {
    let dir = crate::store::folder()?;
    let files = rosters(dir.path(), rows)?;
    let mut peak: f64 = 0.0;
    let mut number = 0;
    let samples = repeat(runs, || {
        number += 1;
        let office = Office::open(dir.path(), &format!("node {number}"), (&files, rows))?;
        let (imported, waited) = thread::scope(|scope| {
            let import = scope.spawn(|| office.import());
            let mut waited = Vec::new();
            while !import.is_finished() {
                let asked = Instant::now();
                query.ask(&office.node)?;
                waited.push(asked.elapsed().as_secs_f64() * 1000.0);
                thread::sleep(PAUSE);
            }
            anyhow::Ok((import.join().expect("an import does not panic")?, waited))
        })?;
        peak = peak.max(office.node.peak_mib()?);
        Ok(Sample {
            wall_ms: percentile(&waited, 0.5),
            ratio: Some(percentile(&waited, 0.99)),
            frames: Some(waited.len() as u64),
            done: None,
            ..imported
        })
    })?;
    Ok((samples, peak))
}

/// A node that holds `rows` persons starts: until it answers.
pub(crate) fn start(rows: u64, runs: usize) -> Result<(Vec<Sample>, f64)> {
    let dir = crate::store::folder()?;
    let files = rosters(dir.path(), rows)?;
    let mut office = Office::open(dir.path(), "node", (&files, rows))?;
    office.import()?;
    let mut peak: f64 = 0.0;
    let samples = repeat(runs, || {
        office.node.stop()?;
        let began = Instant::now();
        office.node.start(None)?;
        let wall_ms = began.elapsed().as_secs_f64() * 1000.0;
        peak = peak.max(office.node.peak_mib()?);
        Ok(Sample { wall_ms, cpu_ms: office.node.cpu_ms()?, ..Sample::default() })
    })?;
    Ok((samples, peak))
}
