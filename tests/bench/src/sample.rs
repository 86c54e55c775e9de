//! What one run cost, and the row of medians that a cell of runs gives.

use std::time::Instant;

use anyhow::{Context, Result};
use nix::sys::resource::{UsageWho, getrusage};
use serde::{Deserialize, Serialize};

/// One run. What a system does not let us count is `None`, never zero.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct Sample {
    /// By the clock on the wall.
    pub(crate) wall_ms: f64,
    /// User and system time of the whole process: both ends.
    pub(crate) cpu_ms: f64,
    /// How long the busiest node's engine was at work, its commits included and the checks on
    /// other threads not. Other systems do not say.
    #[serde(default)]
    pub(crate) engine_ms: Option<f64>,
    /// Bytes from the side that has the updates.
    pub(crate) bytes_out: Option<u64>,
    /// Bytes from the other side.
    pub(crate) bytes_in: Option<u64>,
    /// Messages, both ways.
    pub(crate) frames: Option<u64>,
    /// Messages that wait for one another, until both sides hold the same: two are a round trip.
    #[serde(default)]
    pub(crate) legs: Option<u64>,
    /// Reads of the store, both ends: calls.
    pub(crate) reads: Option<u64>,
    /// Entries that range reads returned.
    pub(crate) entries_read: Option<u64>,
    /// Keys written, both ends.
    pub(crate) writes: Option<u64>,
    /// Batches committed, both ends; on disk each is one sync.
    pub(crate) commits: Option<u64>,
    /// Signatures checked, both ends.
    pub(crate) verifications: Option<u64>,
    /// What the workload counts: entries, records, changes.
    pub(crate) done: Option<u64>,
    /// What the workload measures besides, named by its row.
    pub(crate) ratio: Option<f64>,
}

impl Sample {
    /// What the workload counts, in a second of wall time.
    pub(crate) fn per_second(&self) -> Option<f64> {
        self.done.map(|done| done as f64 * 1000.0 / self.wall_ms)
    }
}

/// A cell of the table: a workload, a system, a size, and what it took.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Row {
    pub(crate) workload: String,
    pub(crate) system: String,
    pub(crate) documents: u64,
    pub(crate) changes: u64,
    /// Runs that count; the warm-up does not.
    pub(crate) runs: usize,
    pub(crate) median: Sample,
    pub(crate) wall_ms_least: f64,
    pub(crate) wall_ms_most: f64,
    /// The most memory the cell's process ever held, its setup and both ends included.
    pub(crate) peak_mib: f64,
    /// The load of the machine when the cell began: other work ran beside it.
    pub(crate) load: f64,
}

/// Measures wall and CPU time of a piece of work in this process.
#[derive(Debug)]
pub(crate) struct Watch {
    wall: Instant,
    cpu_ms: f64,
}

impl Watch {
    pub(crate) fn start() -> Result<Self> {
        Ok(Self { cpu_ms: cpu_ms()?, wall: Instant::now() })
    }

    /// A sample with the times filled in.
    pub(crate) fn stop(&self) -> Result<Sample> {
        let wall_ms = self.wall.elapsed().as_secs_f64() * 1000.0;
        Ok(Sample { wall_ms, cpu_ms: cpu_ms()? - self.cpu_ms, ..Sample::default() })
    }
}

fn cpu_ms() -> Result<f64> {
    let usage = getrusage(UsageWho::RUSAGE_SELF)?;
    let ms = |time: nix::sys::time::TimeVal| {
        time.tv_sec() as f64 * 1000.0 + time.tv_usec() as f64 / 1000.0
    };
    Ok(ms(usage.user_time()) + ms(usage.system_time()))
}

/// One run not counted, then `runs` that are.
pub(crate) fn repeat(runs: usize, mut run: impl FnMut() -> Result<Sample>) -> Result<Vec<Sample>> {
    run()?;
    (0..runs).map(|_| run()).collect()
}

/// A field of this process's memory, in MiB: `VmHWM` is the peak, `VmRSS` what it holds now.
pub(crate) fn memory_mib(field: &str) -> Result<f64> {
    field_mib(&std::fs::read_to_string("/proc/self/status")?, field)
}

/// A field of what the system says of a process, in MiB.
pub(crate) fn field_mib(status: &str, field: &str) -> Result<f64> {
    let line = status.lines().find(|line| line.starts_with(field)).context("no such field")?;
    let kib: f64 = line.split_whitespace().nth(1).context("no number")?.parse()?;
    Ok(kib / 1024.0)
}

/// The load of the last minute.
pub(crate) fn load() -> f64 {
    let text = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
    text.split_whitespace().next().and_then(|word| word.parse().ok()).unwrap_or(0.0)
}

/// The sample of medians, field by field.
pub(crate) fn median(samples: &[Sample]) -> Sample {
    let real = |field: fn(&Sample) -> f64| middle(samples.iter().map(field).collect());
    let whole = |field: fn(&Sample) -> Option<u64>| {
        let values: Vec<f64> = samples.iter().filter_map(field).map(|n| n as f64).collect();
        (!values.is_empty()).then(|| middle(values) as u64)
    };
    let maybe = |field: fn(&Sample) -> Option<f64>| {
        let values: Vec<f64> = samples.iter().filter_map(field).collect();
        (!values.is_empty()).then(|| middle(values))
    };
    Sample {
        wall_ms: real(|s| s.wall_ms),
        cpu_ms: real(|s| s.cpu_ms),
        engine_ms: maybe(|s| s.engine_ms),
        bytes_out: whole(|s| s.bytes_out),
        bytes_in: whole(|s| s.bytes_in),
        frames: whole(|s| s.frames),
        legs: whole(|s| s.legs),
        reads: whole(|s| s.reads),
        entries_read: whole(|s| s.entries_read),
        writes: whole(|s| s.writes),
        commits: whole(|s| s.commits),
        verifications: whole(|s| s.verifications),
        done: whole(|s| s.done),
        ratio: maybe(|s| s.ratio),
    }
}

/// The value that so much of all is not above.
#[cfg(feature = "disk")]
pub(crate) fn percentile(values: &[f64], part: f64) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let at = (sorted.len().saturating_sub(1) as f64 * part).round() as usize;
    sorted.get(at).copied().unwrap_or(f64::NAN)
}

fn middle(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    match values.len() {
        0 => f64::NAN,
        count if count % 2 == 1 => values[count / 2],
        count => f64::midpoint(values[count / 2 - 1], values[count / 2]),
    }
}
