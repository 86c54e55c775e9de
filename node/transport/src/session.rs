//! Sessions: one stream per peer, frames with a length of four bytes before them.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Duration;

use futures::io::{AsyncReadExt, AsyncWriteExt, ReadHalf, WriteHalf};
use libp2p::{PeerId, Stream, StreamProtocol};
use schema_wire::{NodeKey, limits::FRAME_BYTES_MAX};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use crate::swarm::Command;
use crate::{SessionClosed, TransportEvent};

/// The stream's protocol. A change of framing is another name.
pub(crate) const PROTOCOL: StreamProtocol = StreamProtocol::new("/gongzhi/1");

/// Frames queued for one peer: a few windows. The node waits when it is full.
const QUEUE_FRAMES_MAX: usize = 64;
/// A peer that takes no byte for so long is closed.
const WRITE_STALL: Duration = Duration::from_secs(20);
/// How long a refused peer is given to hear the reason.
const CLOSE_LINGER: Duration = Duration::from_secs(1);

enum Outgoing {
    Frame(Vec<u8>),
    Close(String),
}

#[derive(Debug)]
struct Entry {
    peer: NodeKey,
    queue: mpsc::Sender<Outgoing>,
    cancel: CancellationToken,
}

/// The sessions that are open.
#[derive(Debug)]
pub(crate) struct Sessions {
    open: Mutex<BTreeMap<u64, Entry>>,
    next: AtomicU64,
    events: mpsc::Sender<TransportEvent>,
    commands: mpsc::WeakSender<Command>,
}

impl Sessions {
    pub(crate) fn new(
        events: mpsc::Sender<TransportEvent>,
        commands: mpsc::WeakSender<Command>,
    ) -> Self {
        Self { open: Mutex::new(BTreeMap::new()), next: AtomicU64::new(1), events, commands }
    }

    fn open(&self) -> MutexGuard<'_, BTreeMap<u64, Entry>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) async fn send(&self, session: u64, bytes: Vec<u8>) -> Result<(), SessionClosed> {
        let queue = self.open().get(&session).map(|entry| entry.queue.clone());
        let queue = queue.ok_or(SessionClosed(session))?;
        queue.send(Outgoing::Frame(bytes)).await.map_err(|_| SessionClosed(session))
    }

    pub(crate) fn close(&self, session: u64, reason: String) {
        let entry = self.open().get(&session).map(|e| (e.queue.clone(), e.cancel.clone()));
        if let Some((queue, cancel)) = entry
            && queue.try_send(Outgoing::Close(reason)).is_err()
        {
            cancel.cancel();
        }
    }

    /// Ends every session with a peer at once: its link is gone.
    pub(crate) fn cut(&self, peer: &NodeKey) {
        self.open().values().filter(|e| e.peer == *peer).for_each(|e| e.cancel.cancel());
    }

    /// Runs a session over a fresh stream until either side ends it. An older session with the
    /// peer ends first: whoever opened anew has forgotten it.
    pub(crate) async fn run(
        self: Arc<Self>,
        peer_id: PeerId,
        peer: NodeKey,
        dialer: bool,
        stream: Stream,
    ) {
        self.cut(&peer);
        let session = self.next.fetch_add(1, Ordering::Relaxed);
        let (queue, outgoing) = mpsc::channel(QUEUE_FRAMES_MAX);
        let cancel = CancellationToken::new();
        let entry = Entry { peer, queue, cancel: cancel.clone() };
        self.open().insert(session, entry);
        let opened = TransportEvent::Opened { session, peer, dialer };
        let _ = self.events.send(opened).await;
        let (reader, writer) = stream.split();
        let closing = OnceLock::new();
        let seen = tokio::select! {
            reason = self.read(session, reader) => reason,
            reason = write(writer, outgoing, &closing) => reason,
            () = cancel.cancelled() => "the link was cut".to_owned(),
        };
        // The peer may answer our closing by closing: our reason is the reason.
        let reason = closing.into_inner().unwrap_or(seen);
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
    async fn read(&self, session: u64, mut reader: ReadHalf<Stream>) -> String {
        loop {
            let mut length = [0; 4];
            if reader.read_exact(&mut length).await.is_err() {
                return "the peer closed the session".into();
            }
            let length = u32::from_be_bytes(length) as usize;
            if length > FRAME_BYTES_MAX {
                return format!("a frame of {length} bytes, at most {FRAME_BYTES_MAX} are taken");
            }
            // Memory follows what arrives, not what was announced.
            let mut bytes = Vec::new();
            let mut limited = (&mut reader).take(length as u64);
            match limited.read_to_end(&mut bytes).await {
                Ok(got) if got == length => {}
                _ => return format!("a frame was cut off after {} of {length} bytes", bytes.len()),
            }
            if self.events.send(TransportEvent::Frame { session, bytes }).await.is_err() {
                return "the node stops".into();
            }
        }
    }
}

async fn write(
    mut writer: WriteHalf<Stream>,
    mut queue: mpsc::Receiver<Outgoing>,
    closing: &OnceLock<String>,
) -> String {
    while let Some(outgoing) = queue.recv().await {
        match outgoing {
            Outgoing::Close(reason) => {
                let _ = closing.set(reason.clone());
                let _ = tokio::time::timeout(CLOSE_LINGER, writer.close()).await;
                // The peer reads what was flushed before the connection goes.
                tokio::time::sleep(CLOSE_LINGER / 4).await;
                return reason;
            }
            Outgoing::Frame(bytes) => {
                let written = tokio::time::timeout(WRITE_STALL, frame(&mut writer, &bytes)).await;
                match written {
                    Ok(Ok(())) => {}
                    Ok(Err(error)) => return format!("cannot send: {error}"),
                    Err(_) => return format!("the peer took nothing for {WRITE_STALL:?}"),
                }
            }
        }
    }
    "the node stops".into()
}

async fn frame(writer: &mut WriteHalf<Stream>, bytes: &[u8]) -> std::io::Result<()> {
    let length = u32::try_from(bytes.len()).map_err(std::io::Error::other)?;
    writer.write_all(&length.to_be_bytes()).await?;
    writer.write_all(bytes).await?;
    writer.flush().await
}
