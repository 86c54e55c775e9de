//! What is asked of the records and changes nothing: answered on a thread of its own, over what is
//! durable. It waits neither for an import nor for peers, and neither of them waits for it.

use std::num::NonZeroUsize;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::JoinHandle;

use anyhow::Result;
use node_api::Failure;
use node_folder::Membership;
use node_records::{Circumstance, Memory, Reading};
use node_replication::store::ReadError;
use node_store::{Snapshot, Store};
use node_views::Library;
use schema_wire::NodeKey;

use crate::{clock, vital};

/// Queries that may wait.
const QUERIES_MAX: usize = 64;
/// Documents kept in memory for queries.
const DOCUMENTS_CACHED: NonZeroUsize = NonZeroUsize::MIN.saturating_add(511);

/// One query at work.
pub(crate) struct Query<'a> {
    pub(crate) view: View<'a>,
    /// What records are looked up in; losing it loses nothing.
    pub(crate) memory: &'a mut Memory,
}

/// What is durable, as of the moment when the query began.
pub(crate) struct View<'a> {
    pub(crate) store: Snapshot<'a>,
    library: &'a mut Library,
    circumstance: Circumstance,
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

type Ask = Box<dyn FnOnce(&mut Query<'_>) -> Result<(), ReadError> + Send>;

enum Job {
    Ask(Ask),
    Stop,
}

/// A handle on the thread that answers.
#[derive(Clone)]
pub(crate) struct Queries {
    jobs: SyncSender<Job>,
}

impl Queries {
    /// Starts the thread. It holds the store until [`Queries::stop`].
    pub(crate) fn start(
        store: Arc<Store>,
        membership: Membership,
        node: NodeKey,
    ) -> Result<(Self, JoinHandle<()>)> {
        let (jobs, queue) = sync_channel(QUERIES_MAX);
        let thread = vital::spawn("queries", move || answer(&store, &membership, node, &queue))?;
        Ok((Self { jobs }, thread))
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
        self.jobs.send(job).map_err(|_| Failure::Stopping)?;
        answer.recv().map_err(|_| Failure::Stopping)?
    }

    /// Stops after what is queued.
    pub(crate) fn stop(&self) {
        let _ = self.jobs.send(Job::Stop);
    }
}

fn answer(
    store: &Store,
    membership: &Membership,
    node: NodeKey,
    queue: &Receiver<Job>,
) -> Result<()> {
    let (mut library, mut memory) = (Library::new(DOCUMENTS_CACHED), Memory::default());
    while let Ok(Job::Ask(ask)) = queue.recv() {
        let circumstance = clock::circumstance(membership, node)?;
        let view = View { store: store.snapshot(), library: &mut library, circumstance };
        ask(&mut Query { view, memory: &mut memory })?;
    }
    Ok(())
}

#[cfg(test)]
mod tests;
