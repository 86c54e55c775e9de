//! What is asked and changes nothing: answered on threads of their own, over what is durable and
//! what the engine knew beside it. A query waits neither for an import nor for peers, and neither of
//! them waits for it.
//!
//! There are two: one reads records, the other asks of the node itself. Whoever wants to know who is
//! here does not wait for a register that somebody exports.

use std::num::NonZeroUsize;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use anyhow::Result;
use node_api::{ContestedCount, Failure};
use node_authority::Authority;
use node_folder::{Folder, Membership};
use node_letters::Mail;
use node_records::{Circumstance, Memory, Reading, Records};
use node_replication::log::WriteError;
use node_replication::store::ReadError;
use node_store::{Snapshot, Store};
use node_views::Library;
use node_views::report::Held;
use schema_wire::{Author, NodeKey};
use tokio::sync::watch;

use crate::context::Knows;
use crate::showcase::Published;
use crate::{clock, vital};

/// What changed of records is read this long after it did, and at most a tenth of the time: then a
/// query finds most of it read.
const FOLLOW_MIN: Duration = Duration::from_millis(250);
/// Queries that may wait.
const QUERIES_MAX: usize = 64;
/// Documents kept in memory for queries of records: those of a large community, so that a page of
/// them reads what changed and nothing else.
const DOCUMENTS_CACHED: NonZeroUsize = NonZeroUsize::MIN.saturating_add(2_047);

/// One query at work.
pub(crate) struct Query<'a> {
    pub(crate) view: View<'a>,
    /// What records are looked up in; losing it loses nothing.
    pub(crate) memory: &'a mut Memory,
    /// Which reports are here; losing it loses nothing.
    pub(crate) reports: &'a mut Held,
}

/// What is durable, as of the moment when the query began, and what the engine knew shortly before.
pub(crate) struct View<'a> {
    pub(crate) store: Snapshot<'a>,
    pub(crate) library: &'a mut Library,
    pub(crate) seen: Arc<Published>,
    /// How many records have something to be chosen, as far as it was counted.
    pub(crate) contested: Option<ContestedCount>,
    circumstance: Circumstance,
    folder: &'a Folder,
}

impl<'a> Knows for View<'a> {
    type Store = Snapshot<'a>;

    fn authority(&self) -> &Authority {
        self.seen.replica.authority()
    }

    fn store(&self) -> &Snapshot<'a> {
        &self.store
    }

    fn folder(&self) -> &Folder {
        self.folder
    }

    fn author(&self) -> Author {
        self.seen.replica.author()
    }
}

impl<'a> Reading for View<'a> {
    type Store = Snapshot<'a>;

    fn circumstance(&self) -> &Circumstance {
        &self.circumstance
    }

    fn parts(&mut self) -> (&Snapshot<'a>, &mut Library) {
        (&self.store, self.library)
    }
}

impl Mail for View<'_> {
    fn authority(&self) -> &Authority {
        self.seen.replica.authority()
    }
}

type Ask = Box<dyn FnOnce(&mut Query<'_>) -> Result<(), ReadError> + Send>;

enum Job {
    Ask(Ask),
    Stop,
}

/// A handle on the threads that answer.
#[derive(Clone)]
pub(crate) struct Queries {
    /// Asked of records.
    pub(crate) records: Line,
    /// Asked of the node.
    pub(crate) node: Line,
}

/// Where queries wait for one thread.
#[derive(Clone)]
pub(crate) struct Line(SyncSender<Job>);

/// What queries are answered from.
#[derive(Clone)]
pub(crate) struct Ground {
    pub(crate) store: Arc<Store>,
    pub(crate) folder: Folder,
    pub(crate) membership: Membership,
    pub(crate) node: NodeKey,
    pub(crate) published: watch::Receiver<Arc<Published>>,
    /// Told when something was written.
    pub(crate) moved: watch::Receiver<()>,
}

impl Queries {
    /// Starts the threads. They hold the store until [`Queries::stop`].
    pub(crate) fn start(ground: &Ground) -> Result<(Self, [JoinHandle<()>; 2])> {
        let (counts, counted) = watch::channel(None);
        let follower = Follower { moved: ground.moved.clone(), counts, rests: FOLLOW_MIN };
        let thread = || Thread::new(ground.clone(), counted.clone());
        let (records, of_records) = Line::start("records", thread(), Some(follower))?;
        let (node, of_node) = Line::start("queries", thread(), None)?;
        Ok((Self { records, node }, [of_records, of_node]))
    }

    /// Stops after what is queued.
    pub(crate) fn stop(&self) {
        let _ = self.records.0.send(Job::Stop);
        let _ = self.node.0.send(Job::Stop);
    }
}

impl Line {
    fn start(
        name: &str,
        thread: Thread,
        follower: Option<Follower>,
    ) -> Result<(Self, JoinHandle<()>)> {
        let (jobs, queue) = sync_channel(QUERIES_MAX);
        let thread = vital::spawn(name, move || thread.run(&queue, follower))?;
        Ok((Self(jobs), thread))
    }

    /// Runs a query over what is durable now.
    pub(crate) fn ask<R: Send + 'static>(
        &self,
        ask: impl FnOnce(&mut Query<'_>) -> Result<R> + Send + 'static,
    ) -> Result<R> {
        let (reply, answer) = sync_channel(1);
        let job = Job::Ask(Box::new(move |query| {
            let result = ask(query);
            let read = result.as_ref().err().and_then(|error| error.downcast_ref::<ReadError>());
            match read {
                // As in the engine: what cannot be read stops the node.
                Some(read) => Err(read.clone()),
                None => {
                    let _ = reply.send(result);
                    Ok(())
                }
            }
        }));
        self.0.send(job).map_err(|_| Failure::Stopping)?;
        answer.recv().map_err(|_| Failure::Stopping)?
    }
}

/// Keeps what is read of records current while nobody asks.
struct Follower {
    moved: watch::Receiver<()>,
    counts: watch::Sender<Option<ContestedCount>>,
    rests: Duration,
}

/// A thread that answers, with what it keeps in memory.
struct Thread {
    ground: Ground,
    contested: watch::Receiver<Option<ContestedCount>>,
    library: Library,
    memory: Memory,
    reports: Held,
    /// How often what counted was judged anew, as of the reports.
    judged: u64,
}

impl Thread {
    fn new(ground: Ground, contested: watch::Receiver<Option<ContestedCount>>) -> Self {
        Self {
            ground,
            contested,
            library: Library::new(DOCUMENTS_CACHED),
            memory: Memory::default(),
            reports: Held::default(),
            judged: 0,
        }
    }

    fn run(mut self, queue: &Receiver<Job>, mut follower: Option<Follower>) -> Result<()> {
        loop {
            let job = match &follower {
                Some(follower) => queue.recv_timeout(follower.rests),
                None => queue.recv().map_err(|_| RecvTimeoutError::Disconnected),
            };
            match (job, &mut follower) {
                (Ok(Job::Ask(ask)), _) => self.answer(ask)?,
                (Err(RecvTimeoutError::Timeout), Some(follower)) => self.follow(follower)?,
                (Err(RecvTimeoutError::Timeout), None) => {}
                (Ok(Job::Stop) | Err(RecvTimeoutError::Disconnected), _) => return Ok(()),
            }
        }
    }

    fn answer(&mut self, ask: impl FnOnce(&mut Query<'_>) -> Result<(), ReadError>) -> Result<()> {
        let Self { ground, contested, library, memory, reports, judged } = self;
        // What was published first, so that the store holds all that it speaks of.
        let seen = ground.published.borrow().clone();
        if std::mem::replace(judged, seen.judged_anew) != seen.judged_anew {
            *reports = Held::default();
        }
        let view = View {
            store: ground.store.snapshot(),
            library,
            seen,
            contested: *contested.borrow(),
            circumstance: clock::circumstance(&ground.membership, ground.node)?,
            folder: &ground.folder,
        };
        ask(&mut Query { view, memory, reports: &mut *reports })?;
        // The engine writes the same.
        drop(reports.take_views());
        Ok(())
    }

    /// Reads what changed, and counts what is to be chosen.
    fn follow(&mut self, follower: &mut Follower) -> Result<()> {
        let Follower { moved, counts, rests } = follower;
        let is_first = counts.borrow().is_none();
        *rests = FOLLOW_MIN;
        if !is_first && !moved.has_changed().unwrap_or(false) {
            return Ok(());
        }
        moved.mark_unchanged();
        let began = Instant::now();
        self.answer(|query| {
            let Query { view, memory, .. } = query;
            let counted = Records::begin(view, memory, false).and_then(|mut own| own.contested(0));
            match counted {
                Ok((records, _)) => {
                    let count = ContestedCount { records: records as u64, at_ms: clock::now_ms() };
                    counts.send_replace(Some(count));
                    Ok(())
                }
                Err(node_records::Failure::Write(WriteError::Read(error))) => Err(error),
                // Whoever asks is told what is the matter.
                Err(_) => Ok(()),
            }
        })?;
        *rests = FOLLOW_MIN.max(began.elapsed() * 9);
        Ok(())
    }
}

#[cfg(test)]
mod tests;
