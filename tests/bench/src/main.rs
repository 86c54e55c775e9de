//! gongzhi and its peers at the same work, in the same run, on the same machine.
//!
//! **What it is.** `bench all` runs every cell of [`cells::cells`] in a process of its own, five
//! times after a warm-up unless it is told otherwise, prints a table of medians, and writes
//! `results.json` and the plots. `bench cell W1 gongzhi 10000 10` runs one.
//!
//! **What it is not.** No test: it asserts that both sides agree in the end, and nothing about
//! time. What must not grow is counted in `node/replication/tests`. Where gongzhi stands beside a
//! peer no sockets are in it, for anybody: frames pass from queue to queue. Only
//! `gongzhi-processes` is the binary that is shipped, over loopback.
//!
//! **What must always hold.** The same documents, sizes and number of runs for all. What a system
//! does not let us count is left empty. Who signs, verifies and syncs to disk is said in the
//! README beside every comparison.
//!
//! **Where to start reading.** `cells.rs` and `plan.rs`, then `network/` (gongzhi's side), then a
//! workload in `work/` and the peer at the same work in `peers/`.

mod ahead;
mod cells;
mod founding;
mod instructions;
mod network;
mod peers;
mod plan;
mod plots;
#[cfg(feature = "disk")]
mod processes;
mod report;
mod sample;
mod store;
mod work;

use std::path::PathBuf;
use std::process::{Command, Stdio};

use anyhow::{Context, Result};
use clap::{Parser, Subcommand};

use plan::Cell;
use sample::Row;

#[derive(Debug, Parser)]
#[command(about = "gongzhi and its peers at the same work")]
struct Cli {
    #[command(subcommand)]
    command: Do,
}

#[derive(Debug, Subcommand)]
enum Do {
    /// Every cell, the table, the JSON and the plots.
    All {
        /// Runs that count, after one that does not.
        #[arg(long, default_value_t = 5)]
        runs: usize,
        /// Only this workload, such as W4 or W4-new-epoch; the other rows of an earlier run are kept.
        #[arg(long)]
        only: Option<String>,
        /// Only this system.
        #[arg(long)]
        system: Option<String>,
        /// Only sizes `n` up to this one.
        #[arg(long)]
        largest: Option<u64>,
        /// Where results.json and the plots go.
        #[arg(long, default_value = ".")]
        out: PathBuf,
    },
    /// One cell: prints its row as JSON.
    Cell {
        workload: String,
        system: String,
        documents: u64,
        changes: u64,
        #[arg(long, default_value_t = 5)]
        runs: usize,
    },
    /// Instructions of the hot paths, by callgrind.
    Instructions {
        #[arg(long, default_value = ".")]
        out: PathBuf,
    },
    /// The table and the plots of an earlier run.
    Show {
        #[arg(long, default_value = ".")]
        out: PathBuf,
    },
    /// Fills a store on disk; a cell asks for it.
    #[cfg(feature = "disk")]
    #[command(hide = true)]
    Fill { documents: u64, place: PathBuf },
}

fn main() -> Result<()> {
    match Cli::parse().command {
        Do::All { runs, only, system, largest, out } => {
            let chosen = |cell: &Cell| {
                only.as_ref().is_none_or(|only| cell.is_of(only))
                    && system.as_ref().is_none_or(|system| cell.system == *system)
                    && largest.is_none_or(|largest| cell.documents <= largest)
            };
            all(runs.max(1), chosen, &out)?;
            if only.is_none() && instructions::is_here() {
                instructions::count(&out)?;
            }
            report::show(&out)
        }
        Do::Cell { workload, system, documents, changes, runs } => {
            let row = Cell { workload, system, documents, changes }.run(runs)?;
            println!("{}", serde_json::to_string(&row)?);
            Ok(())
        }
        Do::Instructions { out } => instructions::count(&out),
        Do::Show { out } => report::show(&out),
        #[cfg(feature = "disk")]
        Do::Fill { documents, place } => work::memory::fill(documents, &place),
    }
}

fn all(runs: usize, chosen: impl Fn(&Cell) -> bool, out: &std::path::Path) -> Result<()> {
    let pouchdb = peers::pouchdb::is_here();
    if !pouchdb {
        eprintln!("PouchDB is left out: it needs node, and npm ci in tests/bench/pouchdb");
    }
    for cell in cells::cells().iter().filter(|cell| chosen(cell)) {
        if cell.system == "pouchdb" && !pouchdb {
            continue;
        }
        let name =
            format!("{} {} n={} k={}", cell.workload, cell.system, cell.documents, cell.changes);
        match apart(cell, runs) {
            Ok(row) => {
                eprintln!("{name}: {:.2} ms", row.median.wall_ms);
                report::keep(out, row)?;
            }
            // The others are still worth having.
            Err(error) => eprintln!("{name}: not measured: {error:#}"),
        }
    }
    Ok(())
}

/// Runs a cell in a process of its own: its peak memory is its own, and nothing is warm.
fn apart(cell: &Cell, runs: usize) -> Result<Row> {
    let output = Command::new(std::env::current_exe()?)
        .args(["cell", &cell.workload, &cell.system])
        .args([cell.documents.to_string(), cell.changes.to_string()])
        .args(["--runs", &runs.to_string()])
        .stderr(Stdio::inherit())
        .output()?;
    anyhow::ensure!(output.status.success(), "it failed");
    let text = String::from_utf8(output.stdout)?;
    Ok(serde_json::from_str(text.lines().last().context("no row")?)?)
}
