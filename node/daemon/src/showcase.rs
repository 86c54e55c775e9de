//! What queries see of what the engine knows beside the store: renewed after its steps, and not so
//! often that it would cost the engine its time.

use std::sync::Arc;
use std::time::{Duration, Instant};

use node_api::{Counted, ReportAlarm};
use node_replication::replica::Seen;
use node_store::Past;
use tokio::sync::watch;

/// Between two that nobody asked for.
const REST_MIN: Duration = Duration::from_millis(50);
/// Making them takes at most one part of so many of the engine's time.
const PARTS: u32 = 20;

/// What the engine knows beside the store, as of the end of one of its steps.
#[derive(Debug)]
pub(crate) struct Published {
    pub(crate) replica: Seen,
    /// What the store knew of its past at the start.
    pub(crate) past: Past,
    /// Did others show what another life of this key wrote?
    pub(crate) cloned: bool,
    /// Documents that were read from their envelopes, by the engine.
    pub(crate) documents_loaded: u64,
    pub(crate) report: Arc<Stands>,
    /// How often what counted ceased to count, or the other way round, since the start.
    pub(crate) judged_anew: u64,
}

/// What stands beside the revisions of reports: what is counted now, and what is wrong with those
/// of others.
#[derive(Debug, Default)]
pub(crate) struct Stands {
    pub(crate) alarms: Vec<ReportAlarm>,
    pub(crate) counted: Option<Counted>,
    /// All up to this position of the feed is in it.
    pub(crate) upto: u64,
}

/// What is shown, and when it is to be renewed.
pub(crate) struct Showcase {
    shown: watch::Sender<Arc<Published>>,
    at: Instant,
    rest: Duration,
    /// Something happened since that is not shown.
    postponed: bool,
}

impl Showcase {
    pub(crate) fn new(shown: watch::Sender<Arc<Published>>) -> Self {
        Self { shown, at: Instant::now(), rest: REST_MIN, postponed: false }
    }

    /// Shows what is so now.
    pub(crate) fn show(&mut self, published: impl FnOnce() -> Published) {
        let began = Instant::now();
        self.shown.send_replace(Arc::new(published()));
        self.rest = REST_MIN.max(began.elapsed() * PARTS);
        (self.at, self.postponed) = (Instant::now(), false);
    }

    /// Was it renewed only just now?
    pub(crate) fn rests(&self) -> bool {
        self.at.elapsed() < self.rest
    }

    /// What happened is shown later.
    pub(crate) fn postpone(&mut self) {
        self.postponed = true;
    }

    /// In what time it is to be renewed, if it must be.
    pub(crate) fn due(&self) -> Option<Duration> {
        self.postponed.then(|| self.rest.saturating_sub(self.at.elapsed()))
    }
}
