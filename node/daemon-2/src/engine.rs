//! The one thread that owns the replica and the store: steps in, one synced commit for many of
//! them, effects out.
//!
//! Whatever waits is handled together: each step reads through the writes of those before it,
//! then one batch is synced, and only then do answers and frames leave (INV-05). A failed read
//! or commit stops the process; the next start recovers.

use std::num::NonZeroUsize;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::time::{Duration, Instant};

use anyhow::Result;
use automerge::AutoCommit;
use node_api::Failure;
use node_folder::{Folder, Membership};
use node_replication::store::{Batch, ReadError, ReadStore, Table};
use node_replication::{
    Arrived, Config, Effect, Event, Identity, Input, Output, Overlay, Rejection, Replica,
    WriteError, check_ahead,
};
use node_store::{Past, Settings, Store, StoreId};
use node_transport::Room;
use node_views::{Library, Tallies, root_changes};
use schema_documents::root_document;
use schema_wire::{
    Author, DocumentId, Ed25519, Hash, KeyGrant, Recent, SigningKey, Statement, UnitId, Verifier,
};

use crate::clock::now_ms;
use crate::failpoint::{self, Point, cross};
use crate::keyfile::Secrets;
use crate::lang::{lang, say, word};
use crate::{failure, keyfile, life};

/// Jobs that may wait: enough for a burst of every peer's window, small enough to push back.
const JOBS_MAX: usize = 1024;
/// Steps that share one sync.
const GROUP_MAX: usize = 256;
/// Documents kept in memory: a community's buildings and this month's shards several times over.
const DOCUMENTS_CACHED: NonZeroUsize = NonZeroUsize::MIN.saturating_add(511);
/// How often a replica is woken: it then gives up on what waited too long, and tells peers the
/// positions that make their next resume one round trip.
const WAKE: Duration = Duration::from_secs(1);

/// What to do once a call's writes are durable: answer the caller.
type After = Box<dyn FnOnce() + Send>;
type Call = Box<dyn FnOnce(&mut Context<'_>) -> Result<After, ReadError> + Send>;

enum Job {
    /// With the room that it takes until it is durable.
    Input(Input, Option<Room>),
    Call(Call),
    Stop,
}

/// A handle on the engine. Dropping the last one does not stop it; [`Engine::stop`] does.
#[derive(Clone)]
pub(crate) struct Engine {
    jobs: SyncSender<Job>,
    /// What the replica asks of signatures.
    verifier: Arc<dyn Verifier>,
    /// What the store knew of its past at the start.
    pub(crate) past: Past,
}

/// The store, as a group of steps sees it.
pub(crate) type Reads<'a> = Overlay<'a, Store>;

/// What a call may do: read, edit, sign, ask.
pub(crate) struct Context<'a> {
    pub(crate) replica: &'a mut Replica,
    pub(crate) library: &'a mut Library,
    /// The unit's numbers, as of this moment in the group.
    pub(crate) tallies: &'a mut Tallies,
    pub(crate) store: Reads<'a>,
    /// What is durable already: for backups.
    pub(crate) committed: &'a Store,
    pub(crate) folder: &'a Folder,
    /// What the store knew of its past at the start.
    pub(crate) past: Past,
    /// Did others show what another life of this key wrote?
    pub(crate) doubled: bool,
    effects: Vec<Effect>,
}

impl Engine {
    /// Opens the data folder and starts the thread. Effects go to `effects`, in order.
    pub(crate) fn start(
        folder: &Folder,
        secrets: &Secrets,
        mut membership: Membership,
        effects: impl FnMut(Effect) + Send + 'static,
    ) -> Result<(Self, std::thread::JoinHandle<()>)> {
        let key = keyfile::store_key(secrets);
        let id = StoreId(membership.store);
        let store = Store::open(folder.store(), &key, Some(id), &Settings::default())?;
        let past = store.past();
        life::settle(folder, &mut membership, &store)?;
        let verifier = Arc::new(Recent::new(Ed25519));
        let opened = open(secrets.key.clone(), &membership, verifier.clone(), &store);
        let (replica, output) = opened?;
        cross(Point::ReplicaOpened);
        store.commit(&output.batch)?;
        let library = Library::new(DOCUMENTS_CACHED, root_document);
        let (jobs, queue) = sync_channel(JOBS_MAX);
        let mut worker = Worker {
            replica,
            library,
            tallies: Tallies::default(),
            store: Arc::new(store),
            folder: folder.clone(),
            membership,
            past,
            doubled: false,
            effects,
        };
        worker.remember_life()?;
        let thread = std::thread::Builder::new().name("engine".into()).spawn(move || {
            let outcome = catch_unwind(AssertUnwindSafe(|| worker.run(&queue)));
            // Nothing may go on after a failed read or sync, nor after a panic here: the state in
            // memory is not to be trusted, and the next start rebuilds it.
            let code = match outcome {
                Ok(Ok(())) => return,
                Ok(Err(error)) => {
                    let failure = failure::of(&error);
                    let why = failure.sentence(lang());
                    tracing::error!("{}", say!("节点停止：{why}", "the node stops: {why}"));
                    failure::exit_code(&failure)
                }
                Err(_) => {
                    let text =
                        word("程序内部错误，节点停止", "the engine panicked, the node stops");
                    tracing::error!("{text}");
                    failure::EXIT_FAILED
                }
            };
            std::process::exit(code.into());
        })?;
        Ok((Self { jobs, verifier, past }, thread))
    }

    /// Checks the signatures of frames, on the caller's thread: the engine will find them checked.
    pub(crate) fn check_ahead<'a>(&self, frames: impl IntoIterator<Item = &'a Arrived>) {
        check_ahead(frames, &*self.verifier);
    }

    /// Hands over an input; blocks when the engine is behind.
    pub(crate) fn input(&self, input: Input, room: Option<Room>) {
        // The engine ends only with the process or after `stop`: then inputs are moot.
        let _ = self.jobs.send(Job::Input(input, room));
    }

    /// Runs a call on the engine's thread; returns once what it wrote is durable.
    pub(crate) fn call<R: Send + 'static>(
        &self,
        call: impl FnOnce(&mut Context<'_>) -> Result<R> + Send + 'static,
    ) -> Result<R> {
        let (reply, answer) = sync_channel(1);
        let job = Job::Call(Box::new(move |context| {
            let result = call(context);
            if let Err(error) = &result
                && let Some(read) = error.downcast_ref::<ReadError>()
            {
                return Err(read.clone());
            }
            Ok(Box::new(move || {
                let _ = reply.send(result);
            }))
        }));
        self.jobs.send(job).map_err(|_| Failure::Stopping)?;
        answer.recv().map_err(|_| Failure::Stopping)?
    }

    /// Stops after what is queued.
    pub(crate) fn stop(&self) {
        let _ = self.jobs.send(Job::Stop);
    }
}

/// The replica as the membership says, over what the store holds, and what opening it writes.
pub(crate) fn open(
    key: SigningKey,
    membership: &Membership,
    verifier: Arc<dyn Verifier>,
    store: &Store,
) -> Result<(Replica, Output)> {
    let identity = Identity {
        key,
        incarnation: membership.incarnation,
        unit: membership.unit.clone(),
        delegation: membership.delegation,
        epoch: keyfile::random()?,
        chance: u64::from_be_bytes(keyfile::random()?),
    };
    let config = Config { verifier, ..Config::new(membership.genesis.clone(), root_changes()) };
    Ok(Replica::open(config, identity, store)?)
}

struct Worker<F> {
    replica: Replica,
    library: Library,
    tallies: Tallies,
    store: Arc<Store>,
    folder: Folder,
    membership: Membership,
    past: Past,
    /// Did others show what another life of this key wrote?
    doubled: bool,
    effects: F,
}

impl<F: FnMut(Effect)> Worker<F> {
    fn run(mut self, queue: &Receiver<Job>) -> Result<()> {
        let mut woken = Instant::now();
        loop {
            let first = match WAKE.checked_sub(woken.elapsed()) {
                Some(left) => queue.recv_timeout(left),
                None => Err(RecvTimeoutError::Timeout),
            };
            let first = match first {
                Ok(job) => job,
                Err(RecvTimeoutError::Timeout) => {
                    woken = Instant::now();
                    self.store.settle()?;
                    Job::Input(Input::Wake, None)
                }
                Err(RecvTimeoutError::Disconnected) => return Ok(()),
            };
            let rest = std::iter::from_fn(|| queue.try_recv().ok()).take(GROUP_MAX - 1);
            if !self.group(std::iter::once(first).chain(rest))? {
                return Ok(());
            }
        }
    }

    /// Handles jobs together. Returns whether to go on.
    fn group(&mut self, jobs: impl Iterator<Item = Job>) -> Result<bool> {
        let store = self.store.clone();
        let mut context = Context {
            replica: &mut self.replica,
            library: &mut self.library,
            tallies: &mut self.tallies,
            store: Overlay::new(&*store),
            committed: &store,
            folder: &self.folder,
            past: self.past,
            doubled: self.doubled,
            effects: Vec::new(),
        };
        let (mut answers, mut rooms, mut go_on) = (Vec::new(), Vec::new(), true);
        for job in jobs {
            match job {
                Job::Input(input, room) => {
                    rooms.extend(room);
                    let point = failpoint::taken(&input);
                    let output = context.replica.handle(now_ms(), input, &context.store)?;
                    context.absorb(output);
                    cross(point);
                }
                Job::Call(call) => answers.push(call(&mut context)?),
                Job::Stop => go_on = false,
            }
        }
        let Context { store: overlay, effects, .. } = context;
        store.commit(&overlay.into_batch())?;
        self.remember_life()?;
        cross(Point::BeforeAnswers);
        answers.into_iter().for_each(|answer| answer());
        cross(Point::BeforeFrames);
        let doubled =
            |effect: &Effect| matches!(effect, Effect::Tell(Event::NewLife { doubled: true, .. }));
        self.doubled |= effects.iter().any(doubled);
        effects.into_iter().for_each(&mut self.effects);
        Ok(go_on)
    }

    /// Writes down the incarnation the replica goes on under, if it took another.
    fn remember_life(&mut self) -> Result<()> {
        let incarnation = self.replica.identity().incarnation;
        if self.membership.incarnation != incarnation {
            cross(Point::BeforeLife);
            self.membership.incarnation = incarnation;
            self.membership.save(&self.folder)?;
        }
        Ok(())
    }
}

impl Context<'_> {
    fn absorb(&mut self, output: Output) {
        for effect in &output.effects {
            if let Effect::Tell(event) = effect {
                self.tallies.heed(event, &self.replica.identity().unit);
            }
        }
        self.store.absorb(output.batch);
        self.effects.extend(output.effects);
    }

    /// This node as an author.
    pub(crate) fn author(&self) -> Author {
        let identity = self.replica.identity();
        Author { key: identity.public(), incarnation: identity.incarnation }
    }

    /// Edits a document of this unit in one signed transaction. No change, no envelope.
    pub(crate) fn edit<R>(
        &mut self,
        document: &DocumentId,
        edit: impl FnOnce(&mut AutoCommit) -> R,
    ) -> Result<(R, Option<Hash>)> {
        let author = self.author();
        let (result, draft) = self.library.edit(&self.store, document, author, edit)?;
        let Some(draft) = draft else { return Ok((result, None)) };
        let change = draft.change().to_vec();
        let written = self.replica.write(now_ms(), document, change, &self.store);
        let (id, output) = written.map_err(|error| not_written(error, self.unit()))?;
        self.absorb(output);
        self.library.keep(draft, id);
        Ok((result, Some(id)))
    }

    /// Runs an edit and keeps nothing of it.
    pub(crate) fn rehearse<R>(
        &mut self,
        document: &DocumentId,
        edit: impl FnOnce(&mut AutoCommit) -> R,
    ) -> Result<R> {
        Ok(self.library.rehearse(&self.store, document, edit)?)
    }

    /// Puts keys of persons into the unit's keyring.
    pub(crate) fn grant_keys(&mut self, grants: &[KeyGrant]) -> Result<()> {
        if grants.is_empty() {
            return Ok(());
        }
        let written = self.replica.grant_keys(now_ms(), grants, &self.store);
        let (_, output) = written.map_err(|error| not_written(error, self.unit()))?;
        self.absorb(output);
        Ok(())
    }

    /// Takes in a statement of authority, or says why not.
    pub(crate) fn offer(&mut self, statement: Statement) -> Result<Result<(), Rejection>> {
        Ok(self.replica.learn(now_ms(), statement, &self.store)?.map(|output| self.absorb(output)))
    }

    /// Takes in a statement of authority.
    pub(crate) fn learn(&mut self, statement: Statement) -> Result<()> {
        let id = statement.id().to_string();
        let learned = self.offer(statement)?;
        Ok(learned
            .map_err(|refused| Failure::StatementRefused { id, detail: refused.to_string() })?)
    }

    /// The unit this node serves.
    pub(crate) fn unit(&self) -> &UnitId {
        &self.replica.identity().unit
    }

    /// Keeps a fact of this node's own.
    pub(crate) fn note(&mut self, key: Vec<u8>, value: Vec<u8>) {
        let mut batch = Batch::default();
        batch.put(Table::Meta, key, value);
        self.store.absorb(batch);
    }

    /// A document as it is now.
    pub(crate) fn document(&mut self, document: &DocumentId) -> Result<&mut AutoCommit> {
        Ok(&mut self.library.open(&self.store, document)?.document)
    }

    /// The store, as this group of steps sees it.
    pub(crate) fn reads(&self) -> &impl ReadStore {
        &self.store
    }
}

/// What a clerk is told whose entry was not taken. A failed read stays one: it stops the node.
fn not_written(error: WriteError, unit: &UnitId) -> anyhow::Error {
    match error {
        WriteError::Read(error) => error.into(),
        WriteError::Refused { document, rejection } => Failure::NotPermitted {
            document: document.to_string(),
            unit: unit.to_string(),
            detail: rejection.to_string(),
        }
        .into(),
    }
}
