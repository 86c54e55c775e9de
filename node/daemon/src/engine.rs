//! The one thread that owns the replica and the store: steps in, one synced commit for many of
//! them, effects out.
//!
//! Whatever waits is handled together: each step reads through the writes of those before it,
//! then one batch is synced, and only then do answers and frames leave (INV-05). A failed read
//! or commit stops the process; the next start recovers.

use std::num::NonZeroUsize;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use anyhow::Result;
use node_api::Failure;
use node_authority::Pins;
use node_folder::{Folder, Membership};
use node_records::Memory;
use node_replication::Overlay;
use node_replication::log::{self, Chance, Setting};
use node_replication::replica::{Effect, Event, Input, Output, Replica};
use node_replication::session;
use node_replication::store::ReadError;
use node_store::{OpenError, Past, Settings, Store, StoreId};
use node_transport::Room;
use node_views::Library;
use node_views::report::UnitReport;
use rand_chacha::ChaCha20Rng;
use rand_chacha::rand_core::SeedableRng as _;
use schema_wire::{Ed25519, Mark, Recent, SigningKey, Verifier};
use tokio::sync::watch;

use crate::context::Context;
use crate::failpoint::{self, Point, cross};
use crate::keyfile::Secrets;
use crate::lang::{lang, word};
use crate::queries::{Ground, Queries};
use crate::records::Running;
use crate::showcase::{Published, Showcase, Stands};
use crate::{authority, clock, failure, keyfile, life, quarantine, socket, vital};

/// Jobs that may wait: enough for a burst of every peer's window, small enough to push back.
const JOBS_MAX: usize = 1024;
/// Steps that share one sync.
const GROUP_MAX: usize = 256;
/// Documents kept in memory: a community's buildings and this month's shards several times over.
const DOCUMENTS_CACHED: NonZeroUsize = NonZeroUsize::MIN.saturating_add(511);
/// How often a replica is woken: it then gives up on what waited too long, and tells peers the
/// positions that make their next resume one round trip.
const WAKE: Duration = Duration::from_secs(1);

/// How often grants are looked for whose grace is over.
const CLOSING_PAUSE: Duration = Duration::from_secs(3600);
/// Clocks that are less apart agree, as far as closings go, which count in days.
const CLOCKS_AGREE_MS: u64 = 3_600_000;

/// What to do once a call's writes are durable: answer the caller.
type After = Box<dyn FnOnce() + Send>;
type Call = Box<dyn FnOnce(&mut Context<'_>) -> Result<After, ReadError> + Send>;

enum Job {
    /// With the room that it takes until it is durable.
    Input(Box<Input>, Option<Room>),
    Call(Call),
    Stop,
}

/// A handle on the engine. Dropping the last one does not stop it; [`Engine::stop`] does.
#[derive(Clone)]
pub(crate) struct Engine {
    jobs: SyncSender<Job>,
    /// What changes nothing is asked there.
    pub(crate) queries: Queries,
    /// The imports that run.
    pub(crate) imports: Arc<Running>,
    /// What the replica asks of signatures.
    verifier: Arc<dyn Verifier>,
    /// Told when something was written.
    pub(crate) moved: watch::Receiver<()>,
    /// What the store knew of its past at the start.
    pub(crate) past: Past,
}

impl Engine {
    /// Opens the data folder and starts the thread. Effects go to `effects`, in order.
    pub(crate) fn start(
        folder: &Folder,
        secrets: &Secrets,
        membership: Membership,
        effects: impl FnMut(Effect) + Send + 'static,
    ) -> Result<(Self, JoinHandle<()>)> {
        let key = keyfile::store_key(secrets);
        let id = StoreId(membership.store);
        let store = once_free(folder, || {
            Store::open(folder.store(), &key, Some(id), &Settings::default())
        })?;
        let past = store.past();
        let verifier: Arc<dyn Verifier> = Arc::new(Recent::new(Ed25519));
        let key = secrets.key.clone();
        let anew = matches!(past, Past::Uncertain(_));
        let (replica, output) = open(key.clone(), &membership, verifier.clone(), &store, anew)?;
        cross(Point::ReplicaOpened);
        life::begin(&store, &output.batch)?;
        let store = Arc::new(store);
        let stands = Arc::<Stands>::default();
        let first = Published {
            replica: replica.seen(),
            past,
            cloned: false,
            documents_loaded: 0,
            report: stands.clone(),
            judged_anew: 0,
        };
        let (told, moved) = watch::channel(());
        let (published, receiver) = watch::channel(Arc::new(first));
        let ground = Ground {
            store: store.clone(),
            folder: folder.clone(),
            membership: membership.clone(),
            node: keyfile::public(&key),
            published: receiver,
            moved: moved.clone(),
        };
        let (queries, answering) = Queries::start(&ground)?;
        let (jobs, queue) = sync_channel(JOBS_MAX);
        let worker = Worker {
            moved: told,
            replica,
            library: Library::new(DOCUMENTS_CACHED),
            memory: Memory::default(),
            letters: node_letters::Memory::default(),
            report: UnitReport::default(),
            stands,
            showcase: Showcase::new(published),
            judged_anew: 0,
            store,
            folder: folder.clone(),
            membership,
            key,
            past,
            cloned: false,
            forks: Vec::new(),
            clock_confirmed: false,
            closed: None,
            effects,
        };
        let asked = queries.clone();
        let thread = vital::spawn("engine", move || {
            worker.run(&queue)?;
            // The store is closed when all have ended.
            asked.stop();
            answering
                .into_iter()
                .try_for_each(JoinHandle::join)
                .map_err(|_| Failure::Stopping.into())
        })?;
        let imports = Arc::default();
        Ok((Self { jobs, queries, imports, verifier, moved, past }, thread))
    }

    /// What checks signatures: what was checked ahead on another thread, the engine finds checked.
    pub(crate) fn verifier(&self) -> &dyn Verifier {
        &*self.verifier
    }

    /// Hands over an input; blocks when the engine is behind.
    pub(crate) fn input(&self, input: Input, room: Option<Room>) {
        // The engine ends only with the process or after `stop`: then inputs are moot.
        let _ = self.jobs.send(Job::Input(Box::new(input), room));
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

/// How long a store is waited for that a command has open.
const FREE_WITHIN: Duration = Duration::from_secs(10);
const FREE_ASKED_EVERY: Duration = Duration::from_millis(100);

/// Opens a store once no command has it open any more. A node that runs is not waited for.
fn once_free(
    folder: &Folder,
    open: impl Fn() -> Result<Store, OpenError>,
) -> Result<Store, OpenError> {
    let began = Instant::now();
    loop {
        match open() {
            Err(OpenError::InUse { .. })
                if began.elapsed() < FREE_WITHIN && !socket::is_served(folder) =>
            {
                std::thread::sleep(FREE_ASKED_EVERY);
            }
            opened => return opened,
        }
    }
}

/// The replica as the membership says, over what the store holds, and what opening it writes.
/// `anew` where the store may lack something that this node signed.
pub(crate) fn open(
    key: SigningKey,
    membership: &Membership,
    verifier: Arc<dyn Verifier>,
    store: &Store,
    anew: bool,
) -> Result<(Replica, Output)> {
    let setting = Setting {
        genesis: membership.genesis.clone(),
        pins: Pins::of(membership.unit.clone(), membership.lineage),
        key,
        chance: Chance::of(keyfile::random()?),
        verifier,
        anew,
    };
    Ok(Replica::open(setting, store)?)
}

/// What the engine does next.
enum Next {
    Job(Job),
    Publish,
    Wake,
    End,
}

struct Worker<F> {
    moved: watch::Sender<()>,
    replica: Replica,
    library: Library,
    memory: Memory,
    letters: node_letters::Memory,
    report: UnitReport,
    stands: Arc<Stands>,
    /// What queries see of what is not in the store.
    showcase: Showcase,
    /// How often what counted ceased to count, or the other way round.
    judged_anew: u64,
    store: Arc<Store>,
    folder: Folder,
    membership: Membership,
    key: SigningKey,
    past: Past,
    /// Did others show what another life of this key wrote?
    cloned: bool,
    /// Forks of which nobody chose a side yet.
    forks: Vec<Mark>,
    /// Did a peer's clock agree with this one's since the start?
    clock_confirmed: bool,
    /// When closings were looked for last.
    closed: Option<Instant>,
    effects: F,
}

impl<F: FnMut(Effect)> Worker<F> {
    fn run(mut self, queue: &Receiver<Job>) -> Result<()> {
        let mut woken = Instant::now();
        loop {
            let first = match self.next(queue, woken) {
                Next::Job(job) => job,
                Next::Publish => {
                    self.publish();
                    continue;
                }
                Next::Wake => {
                    woken = Instant::now();
                    self.store.settle()?;
                    Job::Input(Box::new(Input::Wake), None)
                }
                Next::End => return Ok(()),
            };
            let rest = std::iter::from_fn(|| queue.try_recv().ok()).take(GROUP_MAX - 1);
            if !self.group(std::iter::once(first).chain(rest))? {
                return Ok(());
            }
            self.choose_sides()?;
            self.close_overdue()?;
        }
    }

    fn next(&self, queue: &Receiver<Job>, woken: Instant) -> Next {
        let wake = WAKE.saturating_sub(woken.elapsed());
        if wake.is_zero() {
            return Next::Wake;
        }
        let publish = self.showcase.due().filter(|due| *due < wake);
        match queue.recv_timeout(publish.unwrap_or(wake)) {
            Ok(job) => Next::Job(job),
            Err(RecvTimeoutError::Timeout) if publish.is_some() => Next::Publish,
            Err(RecvTimeoutError::Timeout) => Next::Wake,
            Err(RecvTimeoutError::Disconnected) => Next::End,
        }
    }

    /// Lets queries see what is known now beside what is durable.
    fn publish(&mut self) {
        let Self { replica, past, cloned, library, stands, judged_anew, showcase, .. } = self;
        showcase.show(|| Published {
            replica: replica.seen(),
            past: *past,
            cloned: *cloned,
            documents_loaded: library.reads(),
            report: stands.clone(),
            judged_anew: *judged_anew,
        });
    }

    /// Closes grants whose grace is over, now and then, once somebody confirmed the clock.
    fn close_overdue(&mut self) -> Result<()> {
        if !self.clock_confirmed || self.closed.is_some_and(|at| at.elapsed() < CLOSING_PAUSE) {
            return Ok(());
        }
        self.closed = Some(Instant::now());
        let close: Call = Box::new(|context| {
            match authority::close_overdue(context, clock::now()) {
                Ok(nodes) => nodes.iter().for_each(|node| {
                    let text =
                        word("宽限期已过，授权已关闭", "a grant was closed, its grace is over");
                    tracing::info!(node = node.short(), "{text}");
                }),
                Err(error) => tracing::warn!("{}", failure::of(&error).sentence(lang())),
            }
            Ok(Box::new(|| {}))
        });
        self.group(std::iter::once(Job::Call(close))).map(drop)
    }

    /// Adopts the side of each fork that was here first, if this node governs the unit.
    fn choose_sides(&mut self) -> Result<()> {
        let forks = std::mem::take(&mut self.forks);
        if forks.is_empty() {
            return Ok(());
        }
        let choose: Call = Box::new(move |context| {
            if let Err(error) = quarantine::choose_sides(context, forks) {
                tracing::warn!("{}", failure::of(&error).sentence(lang()));
            }
            Ok(Box::new(|| {}))
        });
        self.group(std::iter::once(Job::Call(choose))).map(drop)
    }

    /// Handles jobs together. Returns whether to go on.
    fn group(&mut self, jobs: impl Iterator<Item = Job>) -> Result<bool> {
        let store = self.store.clone();
        let mut context = Context {
            replica: &mut self.replica,
            library: &mut self.library,
            store: Overlay::new(&*store),
            committed: &store,
            folder: &self.folder,
            key: &self.key,
            circumstance: clock::circumstance(&self.membership, keyfile::public(&self.key))?,
            memory: &mut self.memory,
            letters: &mut self.letters,
            report: &mut self.report,
            stands: &mut self.stands,
            random: ChaCha20Rng::from_seed(keyfile::random()?),
            effects: Vec::new(),
        };
        let (mut answers, mut rooms, mut go_on) = (Vec::new(), Vec::new(), true);
        for job in jobs {
            match job {
                Job::Input(input, room) => {
                    rooms.extend(room);
                    let point = failpoint::taken(&input);
                    let output = context.replica.handle(clock::now(), *input, &context.store)?;
                    context.absorb(output);
                    cross(point);
                }
                Job::Call(call) => answers.push(call(&mut context)?),
                Job::Stop => go_on = false,
            }
        }
        let Context { store: overlay, effects, .. } = context;
        let batch = overlay.into_batch();
        store.commit(&batch)?;
        if !batch.is_empty() {
            self.moved.send_replace(());
        }
        self.cloned |= effects.iter().any(tells_of_a_clone);
        self.judged_anew += effects.iter().filter(|effect| judges_anew(effect)).count() as u64;
        // Whoever is answered finds what he did; who only listens, soon.
        match answers.is_empty() && self.showcase.rests() {
            true => self.showcase.postpone(),
            false => self.publish(),
        }
        cross(Point::BeforeAnswers);
        answers.into_iter().for_each(|answer| answer());
        cross(Point::BeforeFrames);
        self.forks.extend(effects.iter().filter_map(fork));
        self.clock_confirmed |= effects.iter().any(confirms_the_clock);
        effects.into_iter().for_each(&mut self.effects);
        Ok(go_on)
    }
}

/// Does what counts change?
fn judges_anew(effect: &Effect) -> bool {
    use log::Event::{Restored, Suspended};
    matches!(effect, Effect::Tell(Event::Log(Suspended { .. } | Restored { .. })))
}

/// What a fork leaves to be decided, if this was one.
fn fork(effect: &Effect) -> Option<Mark> {
    match effect {
        Effect::Tell(Event::Log(log::Event::Forked(mark))) => Some(mark.clone()),
        _ => None,
    }
}

/// Does a peer's clock agree with this one's?
fn confirms_the_clock(effect: &Effect) -> bool {
    matches!(effect, Effect::Tell(Event::Peer(session::Event::Joined { their_clock, our_clock, .. }))
        if their_clock.get().abs_diff(our_clock.get()) < CLOCKS_AGREE_MS)
}

/// Did others show what this node did not write, in its present life?
fn tells_of_a_clone(effect: &Effect) -> bool {
    let cloned = log::Event::IncarnationChanged { cloned: true };
    matches!(effect, Effect::Tell(Event::Log(event)) if *event == cloned)
}
