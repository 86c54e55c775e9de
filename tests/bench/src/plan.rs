//! A cell of the table: which system does which work at which size, and how it is run.

use anyhow::{Result, bail};
use node_replication::store::MemStore;

use crate::peers;
use crate::sample::{Row, Sample, load, median, memory_mib};
#[cfg(feature = "disk")]
use crate::store::OnDisk;
use crate::work::ceiling::{Applier, Check};
#[cfg(feature = "disk")]
use crate::work::import::{self, Query};
use crate::work::reconnect::{Changed, Known};
use crate::work::{authority, ceiling, cold, district, fan, hello, idle, reconnect, resume};

/// One cell. `documents` and `changes` are what the workload takes them for.
#[derive(Debug, Clone)]
pub(crate) struct Cell {
    pub(crate) workload: String,
    pub(crate) system: String,
    pub(crate) documents: u64,
    pub(crate) changes: u64,
}

impl Cell {
    /// Is it of this workload, or of a part of it that is named behind a hyphen?
    pub(crate) fn is_of(&self, workload: &str) -> bool {
        let rest = self.workload.strip_prefix(workload);
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('-'))
    }

    /// Runs it in this process.
    pub(crate) fn run(&self, runs: usize) -> Result<Row> {
        let load = load();
        let (samples, peak_mib) = self.samples(runs)?;
        let walls = || samples.iter().map(|sample| sample.wall_ms);
        Ok(Row {
            workload: self.workload.clone(),
            system: self.system.clone(),
            documents: self.documents,
            changes: self.changes,
            runs: samples.len(),
            median: median(&samples),
            wall_ms_least: walls().fold(f64::INFINITY, f64::min),
            wall_ms_most: walls().fold(0.0, f64::max),
            peak_mib: peak_mib.map_or_else(|| memory_mib("VmHWM"), Ok)?,
            load,
        })
    }

    fn samples(&self, runs: usize) -> Result<(Vec<Sample>, Option<f64>)> {
        let Self { workload, system, documents, changes } = self;
        if system == "pouchdb" {
            let workload = workload.split('-').next().unwrap_or_default();
            let (samples, peak) = peers::pouchdb::measure(workload, *documents, *changes, runs)?;
            return Ok((samples, Some(peak)));
        }
        #[cfg(feature = "disk")]
        if system == "gongzhi-processes" {
            let (samples, peak) = match workload.as_str() {
                "W3" => crate::work::homecoming::measure(*documents, *changes, runs)?,
                "W7" => crate::work::homecoming::idle(*documents)?,
                "W8" => crate::work::tiers::measure(*documents, *changes, runs)?,
                "W11-new" => import::measure(*documents, false, runs)?,
                "W11-again" => import::measure(*documents, true, runs)?,
                "W13-status" => import::query(*documents, Query::Status, runs)?,
                "W13-persons" => import::query(*documents, Query::Persons, runs)?,
                "W14" => import::start(*documents, runs)?,
                other => bail!("no workload {other}"),
            };
            return Ok((samples, Some(peak)));
        }
        let samples = match system.as_str() {
            "gongzhi" => self.gongzhi(runs),
            #[cfg(feature = "disk")]
            "gongzhi-disk" => self.gongzhi_on_disk(runs),
            #[cfg(feature = "peers")]
            "samod" | "subduction" => self.peer(runs),
            "negentropy" => peers::negentropy::measure(*documents, *changes, runs),
            "automerge-apply" => self.apply(Applier::Automerge, runs),
            "gongzhi-apply" => self.apply(Applier::Own, runs),
            "check" => ceiling::check(*documents, *changes, 1, runs),
            "check-together" => ceiling::check(*documents, *changes, 256, runs),
            "verify-strict" => ceiling::verify(*documents, Check::Strict, runs),
            "verify" => ceiling::verify(*documents, Check::Loose, runs),
            "verify-batch" => ceiling::verify(*documents, Check::Batch, runs),
            #[cfg(feature = "disk")]
            "rocksdb" => crate::work::entries::raw(entries(*changes), *changes, runs),
            other => bail!("{other} is not part of this build"),
        };
        Ok((samples?, None))
    }

    /// Building the documents alone.
    fn apply(&self, applier: Applier, runs: usize) -> Result<Vec<Sample>> {
        match self.workload.as_str() {
            "W2-long" => ceiling::apply_long(applier, self.changes, runs),
            _ => ceiling::apply_many(applier, self.documents, runs),
        }
    }

    fn gongzhi(&self, runs: usize) -> Result<Vec<Sample>> {
        let Self { workload, documents, changes, .. } = self;
        match workload.as_str() {
            "W5-judge" => authority::judge(*changes, runs),
            "W5-take" => authority::take(*documents, *changes, runs),
            "W5-revoke" => authority::revoke(*documents, runs),
            "W5-district" => district::measure(*documents, *changes, runs),
            "W3" => fan::measure::<MemStore>(*documents, *changes, runs),
            "W6" => resume::measure::<MemStore>(*documents, *changes, runs),
            "W7" => idle::measure(*documents, runs),
            _ => self.either::<MemStore>(runs),
        }
    }

    #[cfg(feature = "disk")]
    fn gongzhi_on_disk(&self, runs: usize) -> Result<Vec<Sample>> {
        match self.workload.as_str() {
            "W10" => crate::work::memory::measure(self.documents),
            _ => self.either::<OnDisk>(runs),
        }
    }

    /// Work that is done in memory and on disk alike.
    fn either<S: crate::store::BenchStore>(&self, runs: usize) -> Result<Vec<Sample>> {
        let Self { workload, documents, changes, .. } = self;
        let reconnect =
            |known, changed| reconnect::measure::<S>(*documents, *changes, (known, changed), runs);
        match workload.as_str() {
            "W1" => reconnect(Known::Cursor, Changed::One),
            "W1-both" => reconnect(Known::Cursor, Changed::Both),
            "W4-cursor-lost" => reconnect(Known::Nothing, Changed::One),
            "W4-new-epoch" => reconnect(Known::OldEpoch, Changed::One),
            "W12" => hello::measure::<S>(*documents, *changes, runs),
            "W2-many" => cold::many::<S>(*documents, runs),
            "W2-long" => cold::long::<S>(*changes, runs),
            #[cfg(feature = "disk")]
            "W9" => crate::work::entries::measure::<S>(entries(*changes), *changes as usize, runs),
            other => bail!("no workload {other}"),
        }
    }

    #[cfg(feature = "peers")]
    fn peer(&self, runs: usize) -> Result<Vec<Sample>> {
        let Self { workload, system, documents, changes } = self;
        match (system.as_str(), workload.as_str()) {
            ("samod", "W1") => peers::samod::reconnect(*documents, *changes, runs),
            ("samod", _) => peers::samod::cold(*documents, runs),
            (_, "W1") => peers::subduction::reconnect(*documents, *changes, runs),
            _ => peers::subduction::cold(*documents, runs),
        }
    }
}

/// Entries of one run: fewer where each waits for the disk alone.
#[cfg(feature = "disk")]
fn entries(callers: u64) -> u64 {
    if callers == 1 { 500 } else { 6_400 }
}
