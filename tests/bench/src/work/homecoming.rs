//! A district and its communities as processes. W3: every community was cut off, wrote, and comes
//! back at once. W7: nothing happens.

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use node_api::Link;
use tempfile::TempDir;

use crate::founding::CITY;
use crate::processes::{Process, wait};
use crate::sample::{Sample, Watch, repeat};

/// A district whose communities have all reported to it. It is the root of its network.
struct Homes {
    district: Process,
    communities: Vec<Process>,
    /// Entries made in each so far.
    entered: u64,
    _dir: TempDir,
}

impl Homes {
    fn settle(links: u64) -> Result<Self> {
        let dir = crate::store::folder()?;
        let mut district = Process::create(dir.path(), "district")?;
        district.found(CITY)?;
        district.start(None)?;
        let mut communities = Vec::new();
        for number in 0..links {
            let mut community = Process::create(dir.path(), &format!("community-{number}"))?;
            district.found_below(&community, &format!("{CITY}/{number:012}"))?;
            community.start(Some(&district))?;
            communities.push(community);
        }
        let mut homes = Self { district, communities, entered: 0, _dir: dir };
        homes.work(1)?;
        wait("the first numbers arrive", || homes.is_whole())?;
        Ok(homes)
    }

    /// Makes entries in every community.
    fn work(&mut self, entries: u64) -> Result<()> {
        for community in &self.communities {
            (0..entries).try_for_each(|n| community.plan(self.entered + n))?;
        }
        self.entered += entries;
        Ok(())
    }

    /// Does the district count everything that was entered?
    fn is_whole(&self) -> Result<()> {
        let (found, expected) =
            (self.district.planned()?, self.entered * self.communities.len() as u64);
        ensure!(found == expected, "{found} of {expected}");
        Ok(())
    }

    fn cut(&self, block: bool) -> Result<()> {
        self.district.ask(Link { peer: "all".into(), block }).map(drop)
    }
}

/// `links` communities, `entries` in each while it was cut off. Done when the district's number
/// is whole; the times hold the dialling. CPU is the district's. The ratio is what the district's
/// peak of memory grew by in the whole cell, in MiB.
pub(crate) fn measure(links: u64, entries: u64, runs: usize) -> Result<(Vec<Sample>, f64)> {
    let mut homes = Homes::settle(links)?;
    let before = homes.district.peak_mib()?;
    let mut samples = repeat(runs, || {
        homes.cut(true)?;
        homes.work(entries)?;
        let (watch, cpu) = (Watch::start()?, homes.district.cpu_ms()?);
        homes.cut(false)?;
        wait("the number is whole", || homes.is_whole())?;
        let sample = watch.stop()?;
        let cpu_ms = homes.district.cpu_ms()? - cpu;
        Ok(Sample { cpu_ms, done: Some(links * entries), ..sample })
    })?;
    let peak = homes.district.peak_mib()?;
    samples.iter_mut().for_each(|sample| sample.ratio = Some(peak - before));
    Ok((samples, peak))
}

/// What a minute costs in which nothing changes: the CPU of the district, and all bytes that pass
/// over loopback meanwhile, headers and the system's own included. One run.
pub(crate) fn idle(links: u64) -> Result<(Vec<Sample>, f64)> {
    let homes = Homes::settle(links)?;
    // Positions are told and connections measured in the first seconds.
    std::thread::sleep(Duration::from_secs(10));
    let (watch, cpu, bytes) = (Watch::start()?, homes.district.cpu_ms()?, loopback_bytes()?);
    std::thread::sleep(Duration::from_secs(60));
    let sample = Sample {
        cpu_ms: homes.district.cpu_ms()? - cpu,
        bytes_out: Some(loopback_bytes()? - bytes),
        ..watch.stop()?
    };
    Ok((vec![sample], homes.district.peak_mib()?))
}

/// What was received over loopback since the system began.
fn loopback_bytes() -> Result<u64> {
    let table = std::fs::read_to_string("/proc/net/dev")?;
    let line = table.lines().find_map(|line| line.trim().strip_prefix("lo:"));
    let bytes = line.and_then(|line| line.split_whitespace().next()).context("no loopback")?;
    Ok(bytes.parse()?)
}
