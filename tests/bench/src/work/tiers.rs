//! W8: an entry in a community, until the number at the city has moved: three processes.

use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use schema_wire::Hash;
use serde_json::json;

use crate::founding::{CITY, COMMUNITY, DISTRICT};
use crate::processes::{Process, wait};
use crate::sample::{Sample, repeat};

/// How often the city is asked: the times are no finer.
const ASKED: Duration = Duration::from_millis(5);

/// The three tiers, connected: city, district, community.
fn tiers(root: &std::path::Path) -> Result<[Process; 3]> {
    let mut city = Process::create(root, "city")?;
    let mut district = Process::create(root, "district")?;
    let mut community = Process::create(root, "community")?;
    city.found(CITY)?;
    city.admit(&district, DISTRICT)?;
    district.admit(&community, COMMUNITY)?;
    city.start(None)?;
    district.start(Some(&city))?;
    community.start(Some(&district))?;
    Ok([city, district, community])
}

/// Enters a patrol with one finding.
fn enter(community: &Process, number: u64) -> Result<()> {
    let at = format!("{:02}:{:02}", number / 60 % 24, number % 60);
    let date = format!("2026-11-{:02}", number / 1440 % 28 + 1);
    let entry = json!({
        "record": "patrol", "date": date, "half": "AM", "area": "一网格",
        "started": at, "ended": at, "findings": 1,
    });
    community.ask(&json!({"op": "enter", "entry": entry})).map(drop)
}

/// The findings that the city counts.
fn findings(city: &Process) -> Result<u64> {
    let report = city.ask(&json!({"op": "report", "unit": null}))?;
    let cells = report["cells"].as_array().context("cells")?;
    let cell = cells.iter().find(|cell| cell["code"] == "PAT.FINDINGS").context("a cell")?;
    cell["value"].as_u64().context("a value")
}

/// Times between entries, from half to one and a half of the mean: not in step with any timer.
fn gap(number: u64, a_second: u64) -> Duration {
    let chance = Hash::of(&number.to_be_bytes()).0;
    let part = f64::from(u16::from_be_bytes([chance[0], chance[1]])) / f64::from(u16::MAX);
    Duration::from_secs_f64((0.5 + part) / a_second as f64)
}

/// `count` entries in a run, `a_second` of them a second. The wall time of a sample is the median
/// of its entries' delays, the ratio is their 99th percentile.
pub(crate) fn measure(count: u64, a_second: u64, runs: usize) -> Result<(Vec<Sample>, f64)> {
    let dir = crate::shelf::folder()?;
    let nodes = tiers(dir.path())?;
    let [city, _, community] = &nodes;
    let mut before = 0;
    enter(community, before)?;
    before += 1;
    let arrived = |number| {
        let found = findings(city)?;
        ensure!(found >= number, "{found} of {number}");
        Ok(())
    };
    wait("the first number arrives", || arrived(before))?;
    let samples = repeat(runs, || {
        let cpu = || nodes.iter().map(Process::cpu_ms).sum::<Result<f64>>();
        let spent = cpu()?;
        let mut delays = delays(community, city, before, count, a_second)?;
        before += count;
        delays.sort_by(f64::total_cmp);
        let at = |part: f64| delays[((delays.len() - 1) as f64 * part).round() as usize];
        Ok(Sample {
            wall_ms: at(0.5),
            cpu_ms: cpu()? - spent,
            ratio: Some(at(0.99)),
            ..Sample::default()
        })
    })?;
    let peaks = nodes.iter().map(Process::peak_mib).collect::<Result<Vec<_>>>()?;
    Ok((samples, peaks.into_iter().fold(0.0, f64::max)))
}

/// Milliseconds from the begin of each entry until the city counted it.
fn delays(
    community: &Process,
    city: &Process,
    before: u64,
    count: u64,
    a_second: u64,
) -> Result<Vec<f64>> {
    thread::scope(|scope| {
        let clerk = scope.spawn(move || -> Result<Vec<Instant>> {
            let mut began = Vec::new();
            let mut due = Instant::now();
            for number in before..before + count {
                thread::sleep(due.saturating_duration_since(Instant::now()));
                // By when it was due: a node that stalls is not spared.
                began.push(due);
                enter(community, number)?;
                due += gap(number, a_second);
            }
            Ok(began)
        });
        let mut seen: Vec<Instant> = Vec::new();
        let patience = Instant::now() + Duration::from_secs(120);
        while (seen.len() as u64) < count {
            ensure!(Instant::now() < patience, "the city counts {} of {count}", seen.len());
            let found = findings(city)?.saturating_sub(before).min(count);
            seen.resize(seen.len().max(found as usize), Instant::now());
            thread::sleep(ASKED);
        }
        let began = clerk.join().expect("the clerk does not panic")?;
        let ms = |(seen, began): (Instant, Instant)| (seen - began).as_secs_f64() * 1000.0;
        Ok(seen.into_iter().zip(began).map(ms).collect())
    })
}
