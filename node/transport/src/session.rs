//! Sessions: one stream per peer, packed frames one after the other.
//!
//! Nobody waits for a peer: a frame is queued or its session ends. Who sends is made to wait
//! instead: a frame that was read holds room until the node has dealt with it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use futures::io::AsyncReadExt as _;
use libp2p::{PeerId, Stream, StreamProtocol};
use schema_wire::{Malformed, NodeKey, Sender};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc, watch};
use tokio_util::sync::CancellationToken;

use crate::ending::SessionEnd;
use crate::framing::{Acceptance, Broken, FrameReader, FrameWriter};
use crate::swarm::Command;
use crate::{Patience, Room, SessionClosed, TransportEvent};

/// The stream's protocol. A change of framing is another name.
pub(crate) const PROTOCOL: StreamProtocol = StreamProtocol::new("/gongzhi/3");

/// What may wait for one peer. The node's own windows keep a session below it
/// (`node/replication/src/session/sending`); only a peer that asks and does not read gets here.
pub(crate) const QUEUE_BYTES_MAX: usize = 4 << 20;
const QUEUE_FRAMES_MAX: usize = 512;
/// What may wait for all peers together. Beyond it the slowest reader's session ends.
const QUEUES_BYTES_MAX: usize = 256 << 20;
/// What was read from all peers and not yet dealt with. Sessions take turns at it.
const ROOM_BYTES: usize = 8 << 20;
/// The least room a frame takes: what it costs besides its bytes.
const FRAME_ROOM_MIN: usize = 4096;
/// How long a session that is closed may still send what was queued before.
const CLOSE_LINGER: Duration = Duration::from_secs(2);
/// A session younger than this is not replaced: a peer that forgot it could not be back yet.
const REPLACE_MIN: Duration = Duration::from_secs(1);
/// Keys remembered as members'.
const MEMBERS_MAX: usize = 65_536;

/// How a session is told to end. The first reason counts.
#[derive(Debug, Default)]
struct Ending {
    reason: OnceLock<SessionEnd>,
    /// After what is queued.
    soon: CancellationToken,
    now: CancellationToken,
}

#[derive(Debug)]
struct Entry {
    peer: NodeKey,
    since: Instant,
    /// None once the session is closing.
    queue: Option<mpsc::Sender<Vec<u8>>>,
    flow: Flow,
}

/// What a session's tasks share with its entry.
#[derive(Debug, Clone)]
struct Flow {
    /// Bytes queued.
    waiting: Arc<AtomicUsize>,
    pulse: Arc<Pulse>,
    ending: Arc<Ending>,
    /// Was its membership accepted in this session?
    sender: watch::Sender<Sender>,
    /// How many frames the node was handed and has not dealt with.
    undealt: watch::Sender<usize>,
}

impl Flow {
    fn new() -> Self {
        Self {
            waiting: Arc::default(),
            pulse: Arc::new(Pulse::new()),
            ending: Arc::default(),
            sender: watch::Sender::new(Sender::Stranger),
            undealt: watch::Sender::new(0),
        }
    }
}

impl Entry {
    fn end(&mut self, reason: SessionEnd) {
        let _ = self.flow.ending.reason.set(reason);
        self.queue = None;
        self.flow.ending.now.cancel();
    }

    fn waiting(&self) -> usize {
        self.flow.waiting.load(Ordering::Relaxed)
    }
}

/// When bytes last moved on a session, either way.
#[derive(Debug)]
pub(crate) struct Pulse(Mutex<Instant>);

impl Pulse {
    fn new() -> Self {
        Self(Mutex::new(Instant::now()))
    }

    pub(crate) fn beat(&self) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Instant::now();
    }

    fn quiet(&self) -> Duration {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).elapsed()
    }
}

/// The sessions that are open.
#[derive(Debug)]
pub(crate) struct Sessions {
    open: Mutex<BTreeMap<u64, Entry>>,
    /// Keys whose membership was accepted, and not refused since.
    members: Mutex<BTreeSet<NodeKey>>,
    next: AtomicU64,
    patience: Patience,
    room: Arc<Semaphore>,
    events: mpsc::Sender<TransportEvent>,
    commands: mpsc::WeakSender<Command>,
}

impl Sessions {
    pub(crate) fn new(
        patience: Patience,
        events: mpsc::Sender<TransportEvent>,
        commands: mpsc::WeakSender<Command>,
    ) -> Self {
        Self {
            open: Mutex::default(),
            members: Mutex::default(),
            next: AtomicU64::new(1),
            patience,
            room: Arc::new(Semaphore::new(ROOM_BYTES)),
            events,
            commands,
        }
    }

    fn open(&self) -> MutexGuard<'_, BTreeMap<u64, Entry>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn members(&self) -> MutexGuard<'_, BTreeSet<NodeKey>> {
        self.members.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn trust(&self, peer: NodeKey) {
        let mut members = self.members();
        if members.len() < MEMBERS_MAX {
            members.insert(peer);
        }
        drop(members);
        for entry in self.open().values().filter(|entry| entry.peer == peer) {
            entry.flow.sender.send_replace(Sender::Member);
        }
    }

    pub(crate) fn untrust(&self, peer: &NodeKey) {
        self.members().remove(peer);
    }

    pub(crate) fn is_member(&self, peer: &NodeKey) -> bool {
        self.members().contains(peer)
    }

    /// Who has a session.
    pub(crate) fn peers(&self) -> BTreeSet<NodeKey> {
        self.open().values().map(|entry| entry.peer).collect()
    }

    /// How long the session with a peer has lasted.
    pub(crate) fn age(&self, peer: &NodeKey) -> Option<Duration> {
        let open = self.open();
        open.values().find(|entry| entry.peer == *peer).map(|entry| entry.since.elapsed())
    }

    /// Did bytes move on the peer's session lately? A full link answers no ping in time.
    pub(crate) fn moves(&self, peer: &NodeKey) -> bool {
        let open = self.open();
        open.values().any(|e| e.peer == *peer && e.flow.pulse.quiet() < self.patience.stall)
    }

    /// Queues a frame, or ends a session that cannot take it. Never waits.
    pub(crate) fn send(&self, session: u64, bytes: Vec<u8>) -> Result<(), SessionClosed> {
        let closed = SessionClosed(session);
        let mut open = self.open();
        let entry = open.get_mut(&session).ok_or(closed.clone())?;
        let Some(queue) = &entry.queue else { return Err(closed) };
        let (size, before) = (bytes.len(), entry.waiting());
        let fits = before + size <= QUEUE_BYTES_MAX || before == 0;
        // Counted first: the writer may have taken it before this thread goes on.
        entry.flow.waiting.fetch_add(size, Ordering::Relaxed);
        if !fits || queue.try_send(bytes).is_err() {
            let frames = queue.max_capacity() - queue.capacity();
            entry.end(SessionEnd::ReadsTooSlowly { frames, bytes: before });
            return Err(closed);
        }
        if open.values().map(Entry::waiting).sum::<usize>() > QUEUES_BYTES_MAX
            && let Some(slowest) = open.values_mut().max_by_key(|entry| entry.waiting())
        {
            slowest.end(SessionEnd::QueuesFull);
        }
        Ok(())
    }

    /// Ends a session after the frames queued before.
    pub(crate) fn close(&self, session: u64, reason: String) {
        if let Some(entry) = self.open().get_mut(&session) {
            let _ = entry.flow.ending.reason.set(SessionEnd::ByNode(reason));
            entry.queue = None;
            entry.flow.ending.soon.cancel();
        }
    }

    /// Ends every session with a peer at once: its link is gone.
    pub(crate) fn cut(&self, peer: &NodeKey) {
        let mut open = self.open();
        open.values_mut().filter(|e| e.peer == *peer).for_each(|e| e.end(SessionEnd::Cut));
    }

    /// Makes room for a session. An older one with the peer ends: whoever opened anew has
    /// forgotten it. None if that cannot be.
    fn enter(&self, peer: NodeKey) -> Option<(u64, mpsc::Receiver<Vec<u8>>, Flow)> {
        let mut open = self.open();
        let mut older = open.values_mut().filter(|entry| entry.peer == peer);
        // A closing session is as good as gone.
        if older.any(|entry| entry.queue.is_some() && entry.since.elapsed() < REPLACE_MIN) {
            return None;
        }
        let older = open.values_mut().filter(|entry| entry.peer == peer);
        older.for_each(|entry| entry.end(SessionEnd::Replaced));
        let session = self.next.fetch_add(1, Ordering::Relaxed);
        let (queue, outgoing) = mpsc::channel(QUEUE_FRAMES_MAX);
        let flow = Flow::new();
        let (queue, since) = (Some(queue), Instant::now());
        open.insert(session, Entry { peer, since, queue, flow: flow.clone() });
        Some((session, outgoing, flow))
    }

    /// Runs a session over a fresh stream until either side ends it.
    pub(crate) async fn run(
        self: Arc<Self>,
        peer_id: PeerId,
        peer: NodeKey,
        opener: bool,
        stream: Stream,
    ) {
        let Some((session, outgoing, flow)) = self.enter(peer) else {
            tracing::debug!(peer = peer.short(), "a second session at once");
            return;
        };
        let opened = TransportEvent::Opened { session, peer, opener };
        let _ = self.events.send(opened).await;
        let (reader, writer) = stream.split();
        let acceptance =
            Acceptance { sender: flow.sender.subscribe(), undealt: flow.undealt.subscribe() };
        let reader = FrameReader::new(reader, self.patience, &flow.pulse, acceptance);
        let writer = FrameWriter::new(writer, self.patience, &flow.pulse);
        let lingered = async {
            flow.ending.soon.cancelled().await;
            tokio::time::sleep(CLOSE_LINGER).await;
        };
        let seen = tokio::select! {
            reason = self.read(session, reader, &flow) => reason,
            reason = write(writer, outgoing, &flow.waiting) => reason,
            () = flow.ending.now.cancelled() => SessionEnd::Cut,
            () = lingered => SessionEnd::Cut,
        };
        // The peer may answer our closing by closing: our reason is the reason.
        let reason = flow.ending.reason.get().cloned().unwrap_or(seen);
        let replaced = {
            let mut open = self.open();
            open.remove(&session);
            open.values().any(|entry| entry.peer == peer)
        };
        let _ = self.events.send(TransportEvent::Closed { session, peer, reason }).await;
        if let Some(commands) = self.commands.upgrade().filter(|_| !replaced) {
            let _ = commands.send(Command::Ended { peer: peer_id }).await;
        }
    }

    /// Reads frames until there are no more; says why.
    async fn read(&self, session: u64, mut reader: FrameReader<'_>, flow: &Flow) -> SessionEnd {
        loop {
            let arrived = match reader.next().await {
                Ok(arrived) => arrived,
                Err(Broken::Ended(end)) => return end,
                Err(Broken::TimedOut(end)) => return self.timed_out(session, end).await,
                Err(Broken::Malformed(error)) => return self.broken(session, flow, error).await,
            };
            // What a refused peer goes on to say interests nobody.
            if flow.ending.reason.get().is_some() {
                continue;
            }
            let Some(room) = self.room(arrived.size()).await else {
                return SessionEnd::NodeStops;
            };
            let (sender, unpacked) = (reader.sender(), reader.unpack(arrived));
            let frame = match unpacked {
                Ok(bytes) => Ok(bytes),
                Err(error) => return self.broken(session, flow, error).await,
            };
            let room = Room::of(room, flow.undealt.clone());
            let frame = TransportEvent::Frame { session, sender, frame, room };
            if self.events.send(frame).await.is_err() {
                return SessionEnd::NodeStops;
            }
        }
    }

    /// Waits for room for a frame of this size. None if the node stops.
    async fn room(&self, size: usize) -> Option<OwnedSemaphorePermit> {
        let size = size.clamp(FRAME_ROOM_MIN, ROOM_BYTES);
        self.room.clone().acquire_many_owned(u32::try_from(size).ok()?).await.ok()
    }

    /// Tells the node that what came is no frame. It refuses the peer, and ends the session.
    async fn broken(&self, session: u64, flow: &Flow, error: Malformed) -> SessionEnd {
        if let Some(room) = self.room(0).await {
            let room = Room::of(room, flow.undealt.clone());
            let (sender, frame) = (Sender::Stranger, Err(error));
            let told = TransportEvent::Frame { session, sender, frame, room };
            if self.events.send(told).await.is_ok() {
                tokio::time::sleep(self.patience.hello).await;
                return SessionEnd::NoFrame;
            }
        }
        SessionEnd::NodeStops
    }

    /// Tells the node that what had to come did not. It refuses the peer, and ends the session.
    async fn timed_out(&self, session: u64, reason: SessionEnd) -> SessionEnd {
        let told = TransportEvent::TimedOut { session, reason: reason.clone() };
        if self.events.send(told).await.is_ok() {
            tokio::time::sleep(self.patience.hello).await;
        }
        reason
    }
}

/// Writes what is queued until the queue is closed or the peer takes no more; says why.
async fn write(
    mut writer: FrameWriter<'_>,
    mut queue: mpsc::Receiver<Vec<u8>>,
    waiting: &AtomicUsize,
) -> SessionEnd {
    while let Some(bytes) = queue.recv().await {
        let size = bytes.len();
        if let Err(reason) = writer.write(bytes).await {
            return reason;
        }
        waiting.fetch_sub(size, Ordering::Relaxed);
    }
    writer.close().await;
    // The peer reads what was flushed before the connection goes.
    tokio::time::sleep(CLOSE_LINGER / 8).await;
    SessionEnd::Cut
}
