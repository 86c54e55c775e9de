//! Group commit: whoever waits shares one sync.
//!
//! ```text
//! submit --> [ queue, bounded ] --> group --> one write, one sync --> Committed, in order
//!                                     |
//!                                     +-- failure --> Failed, once; the queue is closed
//! ```
//!
//! While one sync runs, the queue fills; all that is in it shares the next. An idle node commits
//! each batch at once, a busy one syncs as often as its disk can.

use std::io;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::thread::JoinHandle;

use node_replication::store::{Batch, Write};

use crate::failure::CommitError;
use crate::store::Store;

/// The most bytes that share one sync, so that the first batch of a group does not wait long.
const GROUP_BYTES_MAX: usize = 4 << 20;
/// The most batches that share one sync.
const GROUP_BATCHES_MAX: usize = 1024;

/// The number the submitter gives to a batch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BatchId(pub u64);

/// What became of a batch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// It is durable, and so is every batch submitted before it.
    Committed(BatchId),
    /// It and every later batch is not acknowledged. Reported once; the process must stop.
    Failed {
        /// The first batch that was not acknowledged.
        first: BatchId,
        /// Why.
        error: CommitError,
    },
}

/// A batch was not taken; it is given back.
#[derive(Debug, thiserror::Error)]
pub enum SubmitError {
    /// The queue is full: the disk is slower than the work. Try again later.
    #[error("the commit queue is full")]
    Full(Batch),
    /// A commit failed.
    #[error("the store takes no more writes after a failure")]
    Stopped(Batch),
}

/// The thread that commits. Dropping it commits what is queued and waits for that.
#[derive(Debug)]
pub struct Committer {
    queue: Option<SyncSender<(BatchId, Batch)>>,
    thread: Option<JoinHandle<()>>,
}

impl Committer {
    /// Starts the thread. At most `capacity` batches wait; `report` is called on the thread, for
    /// each batch in the order of submission; while it blocks, nothing is committed.
    ///
    /// # Errors
    /// When the system starts no thread.
    pub fn start(
        store: Arc<Store>,
        capacity: usize,
        report: impl FnMut(Outcome) + Send + 'static,
    ) -> io::Result<Self> {
        let (queue, waiting) = sync_channel(capacity);
        let thread = std::thread::Builder::new()
            .name("committer".into())
            .spawn(move || commit_until_closed(&store, &waiting, report))?;
        Ok(Self { queue: Some(queue), thread: Some(thread) })
    }

    /// Queues a batch, waiting while the queue is full.
    ///
    /// # Errors
    /// [`SubmitError::Stopped`] after a failure.
    pub fn submit(&self, id: BatchId, batch: Batch) -> Result<(), SubmitError> {
        self.queue().send((id, batch)).map_err(|refused| SubmitError::Stopped(refused.0.1))
    }

    /// Queues a batch if there is room.
    ///
    /// # Errors
    /// [`SubmitError::Full`] now, [`SubmitError::Stopped`] after a failure.
    pub fn try_submit(&self, id: BatchId, batch: Batch) -> Result<(), SubmitError> {
        self.queue().try_send((id, batch)).map_err(|refused| match refused {
            TrySendError::Full((_, batch)) => SubmitError::Full(batch),
            TrySendError::Disconnected((_, batch)) => SubmitError::Stopped(batch),
        })
    }

    fn queue(&self) -> &SyncSender<(BatchId, Batch)> {
        self.queue.as_ref().expect("the queue is closed only by drop")
    }
}

impl Drop for Committer {
    fn drop(&mut self) {
        self.queue = None;
        if let Some(thread) = self.thread.take()
            && thread.thread().id() != std::thread::current().id()
            && thread.join().is_err()
        {
            tracing::error!("the committer ended by a panic");
        }
    }
}

fn commit_until_closed(
    store: &Store,
    waiting: &Receiver<(BatchId, Batch)>,
    mut report: impl FnMut(Outcome),
) {
    while let Ok(next) = waiting.recv() {
        let first = next.0;
        let group = collect(next, waiting);
        match store.commit_all(group.iter().map(|(_, batch)| batch)) {
            Ok(()) => group.iter().for_each(|(id, _)| report(Outcome::Committed(*id))),
            Err(error) => return report(Outcome::Failed { first, error }),
        }
    }
}

/// The next batch and those behind it, up to the limits of a group.
fn collect(next: (BatchId, Batch), waiting: &Receiver<(BatchId, Batch)>) -> Vec<(BatchId, Batch)> {
    let mut bytes = size(&next.1);
    let mut group = vec![next];
    while bytes < GROUP_BYTES_MAX
        && group.len() < GROUP_BATCHES_MAX
        && let Ok(more) = waiting.try_recv()
    {
        bytes += size(&more.1);
        group.push(more);
    }
    group
}

fn size(batch: &Batch) -> usize {
    let bytes = |write: &Write| match write {
        Write::Put { key, value, .. } => key.len() + value.len(),
        Write::Delete { key, .. } => key.len(),
    };
    batch.writes.iter().map(bytes).sum()
}
