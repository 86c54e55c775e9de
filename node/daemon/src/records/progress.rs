//! How far the imports are that run.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use node_api::{ImportRunning, ImportsRunning};
use node_sheets::Workbook;

/// Rows are counted only for whoever waits longer: it reads the file once more.
const COUNT_AFTER: Duration = Duration::from_secs(1);

/// The imports that run at this node.
#[derive(Default)]
pub(crate) struct Running(Mutex<Vec<Arc<Progress>>>);

/// How far one of them is.
pub(crate) struct Progress {
    file: PathBuf,
    began: Instant,
    rows: AtomicU64,
    /// 0 until they are counted.
    total: AtomicU64,
}

/// An import is among those that run for as long as this is held.
pub(crate) struct Run<'a> {
    running: &'a Running,
    progress: Arc<Progress>,
    counts: bool,
}

impl Running {
    pub(crate) fn begin(&self, file: &Path) -> Run<'_> {
        let (rows, total) = (AtomicU64::new(0), AtomicU64::new(0));
        let progress = Progress { file: file.to_owned(), began: Instant::now(), rows, total };
        let progress = Arc::new(progress);
        self.all(|all| all.push(progress.clone()));
        Run { running: self, progress, counts: false }
    }

    pub(crate) fn shown(&self) -> ImportsRunning {
        ImportsRunning { running: self.all(|all| all.iter().map(|own| own.shown()).collect()) }
    }

    fn all<R>(&self, work: impl FnOnce(&mut Vec<Arc<Progress>>) -> R) -> R {
        work(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Progress {
    fn shown(&self) -> ImportRunning {
        let total = self.total.load(Ordering::Relaxed);
        ImportRunning {
            file: self.file.clone(),
            rows: self.rows.load(Ordering::Relaxed),
            total: (total > 0).then_some(total),
            seconds: self.began.elapsed().as_secs(),
        }
    }
}

impl Run<'_> {
    /// So many rows are done.
    pub(crate) fn reached(&mut self, rows: u64, workbook: &Workbook) {
        self.progress.rows.store(rows, Ordering::Relaxed);
        if !self.counts && self.progress.began.elapsed() > COUNT_AFTER {
            self.counts = true;
            let (progress, workbook) = (self.progress.clone(), workbook.clone());
            let count = move || progress.total.store(workbook.count_rows(), Ordering::Relaxed);
            std::thread::spawn(count);
        }
    }

    pub(crate) fn elapsed(&self) -> Duration {
        self.progress.began.elapsed()
    }
}

impl Drop for Run<'_> {
    fn drop(&mut self) {
        self.running.all(|all| all.retain(|own| !Arc::ptr_eq(own, &self.progress)));
    }
}
