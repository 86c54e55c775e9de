//! W8: an entry in a community, until the number at the city has moved: three processes.

use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Result, ensure};

use crate::founding::{CITY, Led, named};
use crate::processes::{Process, wait};
use crate::sample::{Sample, percentile, repeat};

/// How often the city is asked: the times are no finer.
const ASKED: Duration = Duration::from_millis(5);

/// The three tiers, connected: city, district, community.
fn tiers(root: &std::path::Path) -> Result<[Process; 3]> {
    let mut city = Process::create(root, "city")?;
    let mut district = Process::create(root, "district")?;
    let mut community = Process::create(root, "community")?;
    city.found(CITY)?;
    city.found_below(&district, Led::district().unit.as_str())?;
    district.found_below(&community, Led::community().unit.as_str())?;
    city.start(None)?;
    district.start(Some(&city))?;
    community.start(Some(&district))?;
    Ok([city, district, community])
}

/// Times between entries, from half to one and a half of the mean: not in step with any timer.
fn gap(number: u64, a_second: u64) -> Duration {
    let chance = named(&number.to_string()).0;
    let part = f64::from(u16::from_be_bytes([chance[0], chance[1]])) / f64::from(u16::MAX);
    Duration::from_secs_f64((0.5 + part) / a_second as f64)
}

/// `count` entries in a run, `a_second` of them a second. The wall time of a sample is the median
/// of its entries' delays, the ratio is their 99th percentile.
pub(crate) fn measure(count: u64, a_second: u64, runs: usize) -> Result<(Vec<Sample>, f64)> {
    let dir = crate::store::folder()?;
    let nodes = tiers(dir.path())?;
    let [city, _, community] = &nodes;
    let mut before = 0;
    community.plan(before)?;
    before += 1;
    let arrived = |number| {
        let found = city.planned()?;
        ensure!(found >= number, "{found} of {number}");
        Ok(())
    };
    wait("the first number arrives", || arrived(before))?;
    let samples = repeat(runs, || {
        let cpu = || nodes.iter().map(Process::cpu_ms).sum::<Result<f64>>();
        let spent = cpu()?;
        let delays = delays(community, city, before, count, a_second)?;
        before += count;
        Ok(Sample {
            wall_ms: percentile(&delays, 0.5),
            cpu_ms: cpu()? - spent,
            ratio: Some(percentile(&delays, 0.99)),
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
                community.plan(number)?;
                due += gap(number, a_second);
            }
            Ok(began)
        });
        let mut seen: Vec<Instant> = Vec::new();
        let patience = Instant::now() + Duration::from_secs(120);
        while (seen.len() as u64) < count {
            ensure!(Instant::now() < patience, "the city counts {} of {count}", seen.len());
            let found = city.planned()?.saturating_sub(before).min(count);
            seen.resize(seen.len().max(found as usize), Instant::now());
            thread::sleep(ASKED);
        }
        let began = clerk.join().expect("the clerk does not panic")?;
        let ms = |(seen, began): (Instant, Instant)| (seen - began).as_secs_f64() * 1000.0;
        Ok(seen.into_iter().zip(began).map(ms).collect())
    })
}
