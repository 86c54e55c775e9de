//! W3 with processes: every community of a district was cut off, wrote, and comes back at once.

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};

use crate::founding::DISTRICT;
use crate::processes::{Process, wait};
use crate::sample::{Sample, Watch, repeat};

fn enter(community: &Process, number: u64) -> Result<()> {
    let at = format!("{:02}:{:02}", number / 60 % 24, number % 60);
    let entry = json!({
        "record": "patrol", "date": "2026-11-02", "half": "AM", "area": "一网格",
        "started": at, "ended": at, "findings": 1,
    });
    community.ask(&json!({"op": "enter", "entry": entry})).map(drop)
}

fn counts(district: &Process, expected: u64) -> Result<()> {
    let report = district.ask(&json!({"op": "report", "unit": null}))?;
    let cells = report["cells"].as_array().context("cells")?;
    let cell = cells.iter().find(|cell| cell["code"] == "PAT.FINDINGS").context("a cell")?;
    let found = cell["value"].as_u64().context("a value")?;
    ensure!(found == expected, "{found} of {expected}");
    Ok(())
}

fn block(district: &Process, block: bool) -> Result<Value> {
    district.ask(&json!({"op": "block", "peer": "all", "block": block}))
}

/// `links` communities, `entries` in each while it was cut off. Done when the district's number
/// is whole; the times hold the dialling. CPU is the district's. The ratio is what the district's
/// peak of memory grew by in the whole cell, in MiB.
pub(crate) fn measure(links: u64, entries: u64, runs: usize) -> Result<(Vec<Sample>, f64)> {
    let dir = crate::shelf::folder()?;
    let mut district = Process::create(dir.path(), "district")?;
    district.found(DISTRICT.split('/').next().unwrap_or(DISTRICT))?;
    district.start(None)?;
    let mut communities = Vec::new();
    for number in 0..links {
        let mut community = Process::create(dir.path(), &format!("community-{number}"))?;
        district.admit(&community, &format!("220800/{number:012}"))?;
        community.start(Some(&district))?;
        communities.push(community);
    }
    let mut round = 0;
    let mut work = || -> Result<()> {
        for community in &communities {
            (0..entries).try_for_each(|n| enter(community, round * entries + n))?;
        }
        round += 1;
        Ok(())
    };
    work()?;
    let mut expected = links * entries;
    wait("the first numbers arrive", || counts(&district, expected))?;
    let before = district.peak_mib()?;
    let mut samples = repeat(runs, || {
        block(&district, true)?;
        work()?;
        expected += links * entries;
        let (watch, cpu) = (Watch::start()?, district.cpu_ms()?);
        block(&district, false)?;
        wait("the number is whole", || counts(&district, expected))?;
        let sample = watch.stop()?;
        Ok(Sample { cpu_ms: district.cpu_ms()? - cpu, done: Some(links * entries), ..sample })
    })?;
    let peak = district.peak_mib()?;
    samples.iter_mut().for_each(|sample| sample.ratio = Some(peak - before));
    Ok((samples, peak))
}
