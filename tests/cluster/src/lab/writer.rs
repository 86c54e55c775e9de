//! Clerks who plan patrols, and the file of everything that was acknowledged to them.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use anyhow::{Result, bail};

use crate::{ask, plan};

/// How long a clerk waits before trying again what was not acknowledged.
const RETRY: Duration = Duration::from_millis(100);

/// An entry that a clerk was told is saved: a patrol planned for an area that nobody else plans.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    pub unit: String,
    /// Entered twice, it is one.
    pub area: String,
    /// None where the node said that it had it already: the answer before was lost.
    pub envelope: Option<String>,
}

impl Entry {
    /// The clerk who made it.
    pub fn writer(&self) -> &str {
        self.area.rsplit_once('-').map_or(&self.area, |(writer, _)| writer)
    }
}

/// Everything acknowledged, in memory and in a file.
#[derive(Debug)]
pub struct Oracle(Mutex<(File, Vec<Entry>)>);

impl Oracle {
    /// Begins the file.
    pub fn create(path: &Path) -> Result<Arc<Self>> {
        Ok(Arc::new(Self(Mutex::new((File::create(path)?, Vec::new())))))
    }

    fn lock(&self) -> MutexGuard<'_, (File, Vec<Entry>)> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Notes an entry.
    pub fn note(&self, entry: Entry) -> Result<()> {
        let mut held = self.lock();
        let Entry { unit, area, envelope } = &entry;
        writeln!(held.0, "{unit}\t{area}\t{}", envelope.as_deref().unwrap_or("-"))?;
        held.1.push(entry);
        Ok(())
    }

    /// The entries of each unit.
    pub fn entries(&self) -> BTreeMap<String, Vec<Entry>> {
        let mut units: BTreeMap<String, Vec<Entry>> = BTreeMap::new();
        for entry in &self.lock().1 {
            units.entry(entry.unit.clone()).or_default().push(entry.clone());
        }
        units
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.lock().1.len()
    }

    /// Is nothing acknowledged yet?
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// Somebody at a desk who plans one patrol after another, and tries each until it is saved.
#[derive(Debug)]
pub struct Writer {
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<Result<Waits>>>,
}

/// How long the answers to a clerk took.
#[derive(Debug, Clone, Copy, Default)]
pub struct Waits {
    pub entries: u64,
    pub tries: u64,
    /// From the first try to the acknowledgement, outages of the node included.
    pub longest: Duration,
}

impl Writer {
    /// Begins to enter at a node of a unit, one entry every `pace`. The name tells clerks apart.
    pub fn start(
        dir: PathBuf,
        unit: &str,
        name: &str,
        pace: Duration,
        oracle: &Arc<Oracle>,
    ) -> Self {
        let stop = Arc::new(AtomicBool::new(false));
        let (stop_seen, oracle) = (stop.clone(), oracle.clone());
        let (unit, name) = (unit.to_owned(), name.to_owned());
        let workload = Workload { dir, unit, name, oracle, stop: stop_seen };
        let thread = std::thread::spawn(move || workload.work(pace));
        Self { stop, thread: Some(thread) }
    }

    /// Asks to end, without waiting for it.
    pub fn dismiss(&self) {
        self.stop.store(true, Ordering::Relaxed);
    }

    /// Ends after the entry at hand, which may stay unacknowledged if its node is down.
    pub fn stop(mut self) -> Result<Waits> {
        self.dismiss();
        match self.thread.take().map(JoinHandle::join) {
            Some(Ok(waits)) => waits,
            _ => bail!("a clerk panicked"),
        }
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        self.dismiss();
    }
}

/// What a clerk has before them.
struct Workload {
    dir: PathBuf,
    unit: String,
    name: String,
    oracle: Arc<Oracle>,
    stop: Arc<AtomicBool>,
}

impl Workload {
    fn work(&self, pace: Duration) -> Result<Waits> {
        let mut waits = Waits::default();
        for number in 0.. {
            let began = Instant::now();
            if !self.save(number, &mut waits)? {
                break;
            }
            waits.longest = waits.longest.max(began.elapsed());
            std::thread::sleep(pace);
        }
        Ok(waits)
    }

    /// Tries one entry until it is acknowledged, or until it is time to go.
    fn save(&self, number: u64, waits: &mut Waits) -> Result<bool> {
        let area = format!("{}-{number:06}", self.name);
        let entry = plan(&area);
        while !self.stop.load(Ordering::Relaxed) {
            waits.tries += 1;
            if let Ok(answer) = ask(&self.dir, entry.clone()) {
                waits.entries += 1;
                let (unit, envelope) = (self.unit.clone(), answer.envelopes.into_iter().next());
                self.oracle.note(Entry { unit, area, envelope })?;
                return Ok(true);
            }
            std::thread::sleep(RETRY);
        }
        Ok(false)
    }
}
