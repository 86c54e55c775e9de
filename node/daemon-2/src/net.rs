//! A running node: the engine joined to the transport, and the control socket for local commands.

use std::num::NonZeroUsize;
use std::pin::pin;
use std::sync::{Arc, OnceLock};
use std::time::Instant;

use anyhow::Result;
use futures::future::{self, Either, FutureExt};
use futures::stream::{self, StreamExt};
use node_folder::{Folder, Membership};
use node_replication::{Effect, Event, Input, SessionId};
use node_transport::{Room, Transport, TransportConfig, TransportEvent, TransportHandle};
use schema_wire::{Class, DocumentId, UnitId};
use tokio::net::UnixListener;
use tokio::sync::{Notify, mpsc};
use tokio::task::JoinHandle;

use crate::control;
use crate::engine::Engine;
use crate::failpoint;
use crate::failure;
use crate::handlers::{Node, Running};
use crate::journal::Journal;
use crate::keyfile::Secrets;
use crate::lang::{lang, say, word};
use crate::{life, report};

/// Refused connections that are logged one by one; then one in a thousand is.
const REFUSALS_LOGGED: u64 = 100;
/// Fewer bytes hold one or two entries: handing them to another thread costs more than it saves.
const AHEAD_BYTES_MIN: usize = 1024;
/// As many bytes hold some hundred entries: a check of more signatures together gains nothing.
const TOGETHER_BYTES: usize = 128 << 10;
/// Inputs that go to the engine together.
const TOGETHER_MAX: usize = 256;

/// Runs a node until it is told to stop. Whatever fails, the engine is stopped and the store is
/// closed before this returns; nothing is listened on before all that can fail was done.
pub(crate) async fn run(
    folder: Folder,
    secrets: Secrets,
    membership: Membership,
    config: TransportConfig,
) -> Result<()> {
    let journal = Arc::new(Journal::default());
    let secret = secrets.key.to_bytes();
    let stale = Arc::new(Notify::new());
    stale.notify_one();
    let line = Arc::new(OnceLock::new());
    let outward = Outward {
        unit: membership.unit.clone(),
        line: line.clone(),
        journal: journal.clone(),
        stale: stale.clone(),
    };
    let (engine, thread) =
        Engine::start(&folder, &secrets, membership, move |effect| outward.act(effect))?;
    if let Some(life) = life::told(engine.past, false) {
        journal.began(life);
    }
    let served = match control::bind(&folder) {
        Ok(socket) => {
            let served = serve(&engine, socket, (secret, config), &line, (journal, stale)).await;
            let _ = std::fs::remove_file(folder.socket());
            served
        }
        Err(error) => Err(error),
    };
    engine.stop();
    let joined = tokio::task::spawn_blocking(move || thread.join()).await?;
    joined.map_err(|_| anyhow::anyhow!("the engine panicked"))?;
    served
}

/// Joins the engine to its peers and to local commands until a signal comes.
async fn serve(
    engine: &Engine,
    socket: UnixListener,
    (secret, config): ([u8; 32], TransportConfig),
    line: &OnceLock<TransportHandle>,
    (journal, stale): (Arc<Journal>, Arc<Notify>),
) -> Result<()> {
    let (transport, events) = Transport::start(secret, config).await?;
    // No session, no frame: nothing was sent before.
    let _ = line.set(transport.clone());
    let running =
        Running { transport, journal: journal.clone(), runtime: tokio::runtime::Handle::current() };
    let node = Node { engine: engine.clone(), running: Some(running) };
    let tasks = [
        tokio::spawn(receive(engine.clone(), events, journal)),
        control::serve(socket, node),
        tokio::spawn(keep_reporting(engine.clone(), stale)),
    ];
    let stopped = stop_signal().await;
    tracing::info!("{}", word("正在停止", "stopping"));
    tasks.iter().for_each(JoinHandle::abort);
    stopped
}

async fn stop_signal() -> Result<()> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut terminate = signal(SignalKind::terminate())?;
    tokio::select! {
        _ = tokio::signal::ctrl_c() => {}
        _ = terminate.recv() => {}
    }
    Ok(())
}

/// Does what the engine wants done, on its thread: none of it may wait.
struct Outward {
    unit: UnitId,
    line: Arc<OnceLock<TransportHandle>>,
    journal: Arc<Journal>,
    /// Told of what the unit's report rests on.
    stale: Arc<Notify>,
}

impl Outward {
    fn act(&self, effect: Effect) {
        let transport = self.line.get();
        match (effect, transport) {
            (Effect::Send { session, bytes }, Some(transport)) => {
                failpoint::cross(failpoint::leaving(&bytes));
                // A lost session is told by its Closed event.
                let _ = transport.send(session.0, bytes);
            }
            (Effect::Close { session, reason }, Some(transport)) => {
                transport.close(session.0, format!("{}: {}", reason.code, reason.text));
            }
            (Effect::Tell(event), transport) => {
                match (&event, transport) {
                    (Event::Changed(documents), _) if self.only_own_report(documents) => {}
                    (Event::Changed(_) | Event::Learned, _) => self.stale.notify_one(),
                    (Event::Joined { peer, .. } | Event::Surrenders { peer, .. }, Some(to)) => {
                        to.vouch(*peer);
                    }
                    (Event::Refused { peer, by_peer: false, .. }, Some(to)) => to.disown(peer),
                    _ => {}
                }
                self.journal.record(event);
            }
            (_, None) => {}
        }
    }

    /// A report does not rest on itself.
    fn only_own_report(&self, documents: &[DocumentId]) -> bool {
        let own =
            |document: &DocumentId| document.class == Class::Report && document.owner == self.unit;
        documents.iter().all(own)
    }
}

/// Waiting for the engine here is what slows peers down: sessions take turns, and one whose
/// frames are not dealt with is not read from. What waits is read and has its signatures checked
/// together, on as many threads as there are cores, and goes on in the order in which it came.
async fn receive(engine: Engine, events: mpsc::Receiver<TransportEvent>, journal: Arc<Journal>) {
    let ahead = std::thread::available_parallelism().map_or(1, NonZeroUsize::get);
    let checker = engine.clone();
    let inputs = stream::unfold((events, journal), |(mut events, journal)| async move {
        Some((gather(&mut events, &journal).await?, (events, journal)))
    });
    let inputs = inputs.map(|gathered| checked(checker.clone(), gathered)).buffered(ahead);
    let mut inputs = pin!(inputs);
    while let Some(Ok(inputs)) = inputs.next().await {
        let engine = engine.clone();
        let hand_over =
            move || inputs.into_iter().for_each(|(input, room)| engine.input(input, room));
        if tokio::task::spawn_blocking(hand_over).await.is_err() {
            return;
        }
    }
}

/// What the transport tells that the replica must know.
enum Heard {
    /// A frame, and the room that it takes.
    Frame(SessionId, Vec<u8>, Room),
    Other(Input),
}

impl Heard {
    /// The size of a frame.
    fn bytes(&self) -> usize {
        match self {
            Self::Frame(_, bytes, _) => bytes.len(),
            Self::Other(_) => 0,
        }
    }

    fn read(self) -> (Input, Option<Room>) {
        match self {
            Self::Frame(session, bytes, room) => (Input::frame(session, &bytes), Some(room)),
            Self::Other(input) => (input, None),
        }
    }
}

/// What waits for the replica, and how many bytes its frames have.
#[derive(Default)]
struct Gathered {
    heard: Vec<Heard>,
    bytes: usize,
}

impl Gathered {
    fn add(&mut self, heard: Option<Heard>) {
        self.bytes += heard.as_ref().map_or(0, Heard::bytes);
        self.heard.extend(heard);
    }

    fn read(self) -> Vec<(Input, Option<Room>)> {
        self.heard.into_iter().map(Heard::read).collect()
    }
}

/// Waits for an input, and takes those with it that have come already.
async fn gather(
    events: &mut mpsc::Receiver<TransportEvent>,
    journal: &Journal,
) -> Option<Gathered> {
    let mut gathered = Gathered::default();
    gathered.add(heard(events.recv().await?, journal));
    while gathered.bytes < TOGETHER_BYTES
        && gathered.heard.len() < TOGETHER_MAX
        && let Ok(event) = events.try_recv()
    {
        gathered.add(heard(event, journal));
    }
    Some(gathered)
}

/// Reads the frames and begins the check of what their items claim, on a thread of its own.
fn checked(
    engine: Engine,
    gathered: Gathered,
) -> impl Future<Output = Result<Vec<(Input, Option<Room>)>, tokio::task::JoinError>> {
    if gathered.bytes < AHEAD_BYTES_MIN {
        return Either::Right(future::ready(Ok(gathered.read())));
    }
    Either::Left(tokio::task::spawn_blocking(move || {
        let inputs = gathered.read();
        engine.check_ahead(inputs.iter().filter_map(|(input, _)| match input {
            Input::Frame { frame, .. } => Some(frame),
            _ => None,
        }));
        inputs
    }))
}

/// What an event of the transport means to the replica, if anything; the rest is written down.
fn heard(event: TransportEvent, journal: &Journal) -> Option<Heard> {
    match event {
        TransportEvent::Opened { session, peer, dialer, .. } => {
            journal.reached(&peer.to_string());
            let session = SessionId(session);
            return Some(Heard::Other(Input::Opened { session, peer, dialer }));
        }
        TransportEvent::Frame { session, bytes, room } => {
            return Some(Heard::Frame(SessionId(session), bytes, room));
        }
        TransportEvent::Closed { session, peer, reason } => {
            tracing::info!(peer = peer.short(), reason, "{}", word("会话结束", "session closed"));
            return Some(Heard::Other(Input::Closed { session: SessionId(session) }));
        }
        TransportEvent::Refused { address, peer, reason } => {
            let peer = peer.map(|peer| peer.short());
            let count = journal.connection_refused();
            if count <= REFUSALS_LOGGED || count.is_multiple_of(1000) {
                let text = word("连接被拒", "connection refused");
                tracing::warn!(address, peer, reason, count, "{text}");
            }
        }
        TransportEvent::Listening(address) => {
            tracing::info!(%address, "{}", word("正在监听", "listening"));
            journal.listening(address.to_string());
        }
        TransportEvent::DialFailed { address, reason, .. } => {
            tracing::debug!(address, reason, "dial failed");
            journal.dial_failed(address, reason);
        }
    }
    None
}

/// Keeps the unit's report current: at once after a change in quiet times, and at a pace in busy
/// ones, so that many changes share a revision.
async fn keep_reporting(engine: Engine, stale: Arc<Notify>) {
    loop {
        let _ = tokio::time::timeout(report::DAY_NOTICED, stale.notified()).await;
        tokio::time::sleep(report::GATHER).await;
        // What came meanwhile is in this revision.
        let _ = stale.notified().now_or_never();
        let began = Instant::now();
        let engine = engine.clone();
        let published = tokio::task::spawn_blocking(move || engine.call(report::publish)).await;
        if let Ok(Err(error)) = published {
            let why = failure::of(&error).sentence(lang());
            tracing::warn!("{}", say!("汇总未发布：{why}", "the report was not published: {why}"));
            stale.notify_one();
        }
        tokio::time::sleep(report::pause(began.elapsed())).await;
    }
}
