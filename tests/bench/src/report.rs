//! The rows as a table for people and as JSON for programs.

use std::path::Path;

use anyhow::Result;
use serde::{Deserialize, Serialize};

use crate::instructions::Counted;
use crate::sample::{Row, Sample};
use crate::{cells, plots};

/// What `results.json` holds.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct Results {
    /// What the machine says of itself.
    machine: String,
    pub(crate) rows: Vec<Row>,
    #[serde(default)]
    instructions: Vec<Counted>,
}

impl Results {
    fn read(out: &Path) -> Result<Self> {
        match std::fs::read(out.join("results.json")) {
            Ok(bytes) => Ok(serde_json::from_slice(&bytes)?),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(Self::default()),
            Err(error) => Err(error.into()),
        }
    }

    fn find(&self, workload: &str, system: &str, documents: u64, changes: u64) -> Option<&Row> {
        let same = |row: &&Row| {
            row.workload == workload
                && row.system == system
                && (row.documents, row.changes) == (documents, changes)
        };
        self.rows.iter().find(same)
    }
}

/// Puts a row in the place of the one of an earlier run; rows that are planned no more go. Each is
/// written at once: an interrupted run keeps what it measured.
pub(crate) fn keep(out: &Path, row: Row) -> Result<()> {
    let mut results = Results::read(out)?;
    results.machine = machine();
    let place = |row: &Row| (row.workload.clone(), row.system.clone(), row.documents, row.changes);
    let key = place(&row);
    let order: Vec<_> = cells::cells()
        .into_iter()
        .map(|cell| (cell.workload, cell.system, cell.documents, cell.changes))
        .collect();
    results.rows.retain(|other| place(other) != key && order.contains(&place(other)));
    results.rows.push(row);
    results.rows.sort_by_key(|row| order.iter().position(|key| *key == place(row)));
    write(out, &results)
}

/// Puts the counts of instructions in the place of an earlier run's.
pub(crate) fn keep_instructions(out: &Path, counted: Vec<Counted>) -> Result<()> {
    write(out, &Results { instructions: counted, ..Results::read(out)? })
}

fn write(out: &Path, results: &Results) -> Result<()> {
    let text = serde_json::to_string_pretty(results)? + "\n";
    Ok(std::fs::write(out.join("results.json"), text)?)
}

/// Prints the table and draws the plots.
pub(crate) fn show(out: &Path) -> Result<()> {
    let results = Results::read(out)?;
    println!("{}\n", results.machine);
    print!("{}", table(&results));
    for Counted { workload, documents, changes, items, instructions } in &results.instructions {
        println!(
            "{workload} n={documents} k={changes}: {instructions} instructions ({items} items)"
        );
    }
    plots::draw(out, &results)
}

fn machine() -> String {
    let text = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let models: Vec<&str> = text
        .lines()
        .filter_map(|line| line.strip_prefix("model name")?.split(": ").nth(1))
        .collect();
    format!("{} cores, {}", models.len(), models.first().unwrap_or(&"unknown"))
}

const HEAD: [&str; 18] = [
    "work",
    "system",
    "n",
    "k",
    "wall ms",
    "least-most",
    "CPU ms",
    "engine ms",
    "bytes out",
    "bytes in",
    "frames",
    "legs",
    "reads",
    "writes",
    "checks",
    "per s",
    "peak MiB",
    "over gongzhi",
];

/// The table in Markdown.
fn table(results: &Results) -> String {
    let mut lines = vec![HEAD.map(str::to_owned), HEAD.map(|_| "---".to_owned())];
    lines.extend(results.rows.iter().map(|row| line(results, row)));
    let mut text = String::new();
    for line in lines {
        text.push_str(&format!("| {} |\n", line.join(" | ")));
    }
    text
}

fn line(results: &Results, row: &Row) -> [String; 18] {
    let m = &row.median;
    let count = |count: Option<u64>| count.map_or_else(String::new, |count| count.to_string());
    let frames = count(m.frames);
    let reads = match (m.reads, m.entries_read) {
        (Some(calls), Some(entries)) => format!("{calls}+{entries}"),
        _ => String::new(),
    };
    let writes = match (m.writes, m.commits) {
        (Some(keys), Some(commits)) => format!("{keys}/{commits}"),
        (None, Some(commits)) => format!("/{commits}"),
        _ => String::new(),
    };
    let rate = m.per_second().map_or_else(String::new, |rate| format!("{rate:.0}"));
    [
        row.workload.clone(),
        row.system.clone(),
        row.documents.to_string(),
        row.changes.to_string(),
        ms(m.wall_ms),
        format!("{}-{}", ms(row.wall_ms_least), ms(row.wall_ms_most)),
        ms(m.cpu_ms),
        m.engine_ms.map_or_else(String::new, ms),
        count(m.bytes_out),
        count(m.bytes_in),
        frames,
        count(m.legs),
        reads,
        writes,
        count(m.verifications),
        rate,
        format!("{:.0}", row.peak_mib),
        comparison(results, row, m),
    ]
}

fn ms(value: f64) -> String {
    match value {
        value if value < 10.0 => format!("{value:.2}"),
        value if value < 100.0 => format!("{value:.1}"),
        value => format!("{value:.0}"),
    }
}

/// What this row takes over what gongzhi takes for the same work: wall and CPU time, against
/// gongzhi in memory and as shipped. Above one, gongzhi takes less.
fn comparison(results: &Results, row: &Row, own: &Sample) -> String {
    match (row.workload.as_str(), own.ratio) {
        ("W6", Some(ratio)) => return format!("sent/needed {ratio:.3}"),
        ("W8" | "W13-status" | "W13-persons", Some(p99)) => return format!("p99 {p99:.0} ms"),
        ("W3", Some(times)) if row.system == "gongzhi" => {
            return format!("{times:.2} times one link");
        }
        ("W3", Some(mib)) => return format!("peak grew by {mib:.1} MiB"),
        ("W10", Some(mib)) => return format!("resident {mib:.1} MiB"),
        _ => {}
    }
    if row.system.starts_with("gongzhi") {
        return String::new();
    }
    let against = |system: &str| {
        let other = results.find(&row.workload, system, row.documents, row.changes)?;
        let wall = own.wall_ms / other.median.wall_ms;
        let cpu = own.cpu_ms / other.median.cpu_ms;
        Some(format!("{} / {}", times(wall), times(cpu)))
    };
    let said = [("memory", against("gongzhi")), ("disk", against("gongzhi-disk"))];
    let mut said: Vec<String> =
        said.into_iter().filter_map(|(name, text)| Some(format!("{name} {}", text?))).collect();
    if let (Some(bytes), "W9") = (own.ratio, row.workload.as_str()) {
        said.push(format!("{bytes:.0} B an entry"));
    }
    said.join(", ")
}

fn times(ratio: f64) -> String {
    if ratio < 10.0 { format!("{ratio:.2}") } else { format!("{ratio:.0}") }
}
