//! A node dies between any two steps that make something durable, is started again, and goes on:
//! nothing acknowledged is lost, nothing is told twice, and an interrupted command is run again.
//!
//! The points are those of `node-failpoints`; which crossing is fatal is drawn from
//! `GONGZHI_SEED`. They are compiled into `gongzhi-failpoints` alone, which `make failpoints`
//! builds; every restart is of the binary that is shipped.

mod commands;
mod crossing;
mod running;
mod world;

use std::process::Command;

use anyhow::{Result, ensure};
use node_failpoints::Point;
use tests_cluster::{binary, path};

#[test]
fn every_point_is_crossed() {
    let crossed = [running::CROSSED, commands::CROSSED].concat();
    for point in Point::ALL {
        assert!(crossed.iter().any(|table| table.contains(point)), "nobody crosses {point:?}");
    }
}

#[test]
fn what_is_shipped_has_no_points() -> Result<()> {
    let shipped = std::fs::read(binary()?)?;
    let built = std::fs::read(crossing::build()?)?;
    let has = |bytes: &[u8], name: &str| bytes.windows(name.len()).any(|w| w == name.as_bytes());
    for name in Point::ALL.iter().map(|point| point.name()).chain(["FAILPOINTS"]) {
        ensure!(!has(&shipped, name), "{name} is in the binary that is shipped");
        ensure!(has(&built, name), "{name} is not in the build that has the points");
    }
    let root = tempfile::tempdir()?;
    let all: Vec<String> = Point::ALL.iter().map(|p| format!("{}=return", p.name())).collect();
    let data = root.path().join("data");
    let arguments = ["init", "--data", path(&data)?, "--city", "220800", "--name", "试验"];
    let output =
        Command::new(binary()?).env("FAILPOINTS", all.join(";")).args(arguments).output()?;
    ensure!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    Ok(())
}
