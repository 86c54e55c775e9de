//! Instructions of the hot paths, by callgrind: figures that do not depend on the machine's mood.

use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, ensure};
use serde::{Deserialize, Serialize};

use crate::plan::Cell;

/// What was counted of a workload.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Counted {
    pub(crate) workload: String,
    pub(crate) documents: u64,
    pub(crate) changes: u64,
    /// What the instructions are divided by.
    pub(crate) items: u64,
    /// For each item: both ends and all threads, the entries that a run begins with included, and
    /// without founding and filling.
    pub(crate) instructions: u64,
}

/// The setup is told apart by a run of so many and a run of more.
const FEW: u64 = 5;
const MORE: u64 = 5;
/// Of so many items at least: two setups of the same differ by a million instructions.
const ITEMS_MIN: u64 = 50;

/// Work in memory, small enough for a slow machine: workload, documents, changes, items.
const COUNTED: [(&str, u64, u64, u64); 4] =
    [("W1", 1_000, 0, 1), ("W1", 1_000, 100, 100), ("W2-many", 200, 2, 400), ("W9", 64, 1, 500)];

pub(crate) fn is_here() -> bool {
    let silent = Command::new("valgrind").arg("--version").stdout(Stdio::null()).status();
    silent.is_ok_and(|status| status.success())
}

pub(crate) fn count(out: &Path) -> Result<()> {
    let mut all = Vec::new();
    for (workload, documents, changes, items) in COUNTED {
        let (workload, system) = (workload.to_owned(), "gongzhi".to_owned());
        let cell = Cell { workload: workload.clone(), system, documents, changes };
        let more = MORE.max(ITEMS_MIN / items);
        let few = under_callgrind(&cell, FEW)?;
        let spent = under_callgrind(&cell, FEW + more)?.saturating_sub(few);
        let instructions = spent / more / items;
        eprintln!("{workload} n={documents} k={changes}: {instructions} instructions an item");
        all.push(Counted { workload, documents, changes, items, instructions });
    }
    crate::report::keep_instructions(out, all)
}

fn under_callgrind(cell: &Cell, runs: u64) -> Result<u64> {
    let output = Command::new("valgrind")
        .args(["--tool=callgrind", "--callgrind-out-file=/dev/null"])
        .arg(std::env::current_exe()?)
        .args(["cell", &cell.workload, &cell.system])
        .args([cell.documents.to_string(), cell.changes.to_string()])
        .args(["--runs", &runs.to_string()])
        .stdout(Stdio::null())
        .output()?;
    let said = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "valgrind failed: {said}");
    let line = said.lines().find_map(|line| line.split_once("Collected :"));
    Ok(line.context("valgrind counted nothing")?.1.trim().parse()?)
}
