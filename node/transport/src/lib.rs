//! Carries frames between nodes: libp2p over TCP (Noise, Yamux) and QUIC (PROTOCOL.md, 9.1, 9.2).
//!
//! **What it is.** Connections to configured and discovered peers, kept up with back-off and
//! jitter, over either family of addresses and by the names of hosts; one session per peer, which
//! is one stream of packed frames, opened by the node with the smaller key. The peer id is the
//! node's key, so a session's peer is authenticated.
//!
//! **What it is not.** It reads no frame, and how one is packed is `schema-wire`'s. Whether a peer
//! is a member is decided in `node-replication`, by the membership that it shows; the node then
//! vouches for it here, or asks to close.
//!
//! **What must always hold.** Per session: `Opened`, then frames, then `Closed` once. Sending
//! never waits: a queue is bounded in frames and bytes, and a peer that does not take what it
//! asked for is closed with that reason. Who sends waits: a frame is unpacked once there is
//! [`Room`] and holds it until the node has dealt with it, and sessions take turns. What is no
//! frame is told to the node, which tells the peer; a frame that is cut off or stalls, or noise on
//! the port, closes what it came on and nothing else. Large frames are taken from members alone.
//! A peer that says no hello is closed. Strangers cannot take the room of members: `limits.rs`.
//! Nothing that others say of a peer's address decides who it is; a key that answers in place of
//! the one that was dialled stands for itself.
//!
//! **Memory.** At most 256 MiB wait to be sent, and 8 MiB wait for the node; besides these each
//! connection has one frame it is reading, still packed (1 MiB, of a stranger 512 KiB), the last
//! 8 KiB that were said each way, and the unread windows of its streams (5 MiB if the far end is
//! hostile, nothing while it is idle), of which strangers have half of the connections.
//!
//! **What remains.** Members are trusted with their share: hostile members could hold all of it.
//! A machine with many addresses can take all places of the unauthenticated for as long as it
//! keeps at it; peers that are dialled are not affected, nor are sessions that stand. Just after a
//! start no key is known as a member's: a flood of fresh keys can then push a member out before
//! its membership was read, and it has to dial again. Nodes announced by mDNS are whoever says so;
//! they are dialled, and have to show a membership. mDNS announces addresses of IPv4 alone.
//!
//! **Where to start reading.** [`Transport::start`], then `swarm.rs`, then `session.rs`.
//!
//! **How it is tested.** `tests/`: real sockets on loopback, and peers that misbehave.

mod address;
mod cut;
mod dial;
mod ending;
mod framing;
mod identity;
mod limits;
mod listen;
mod muxer;
mod session;
mod swarm;

use std::sync::Arc;
use std::time::Duration;

use schema_wire::{Malformed, NodeKey, Sender};
use tokio::sync::{OwnedSemaphorePermit, mpsc, oneshot, watch};

pub use address::{Address, AddressError};
pub use cut::Cut;
pub use dial::{DialFailure, PeerAddress, PeerAddressError};
pub use ending::SessionEnd;

use session::Sessions;
use swarm::Command;

/// Events not yet taken by the node: then reading from the network waits.
const EVENTS_MAX: usize = 256;
/// Orders not yet taken by the transport.
const COMMANDS_MAX: usize = 64;

/// Where to listen and whom to keep a connection with.
#[derive(Debug, Clone)]
pub struct TransportConfig {
    /// For example `/ip4/0.0.0.0/tcp/7400` or `/ip4/0.0.0.0/udp/7400/quic-v1`.
    pub listen: Vec<Address>,
    /// Peers that are dialled for ever.
    pub peers: Vec<PeerAddress>,
    /// Find peers on the local network.
    pub mdns: bool,
    /// Connections at once, both ways: a city's 105 communities twice over.
    pub connections_max: u32,
    /// The first and the longest wait before dialling again.
    pub redial_min: Duration,
    pub redial_max: Duration,
    /// How long peers are waited for.
    pub patience: Patience,
}

/// How long peers are waited for. The defaults suit links down to 8 kbit/s.
#[derive(Debug, Clone, Copy)]
pub struct Patience {
    /// A new session's peer says its hello within this, and a connection has a session by then.
    pub hello: Duration,
    /// A peer may take or send no byte for so long in the middle of a frame; then it is closed.
    /// A ping unanswered closes an idle connection after about as long.
    pub stall: Duration,
    /// A session that lasted so long was good: the next dialling begins with the shortest wait.
    pub stable: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self {
            hello: Duration::from_secs(20),
            // Where a kernel's send buffer drains at 1 kB/s, bytes move in lumps of half a minute.
            stall: Duration::from_secs(40),
            stable: Duration::from_secs(10),
        }
    }
}

impl Default for TransportConfig {
    fn default() -> Self {
        Self {
            listen: Vec::new(),
            peers: Vec::new(),
            mdns: false,
            connections_max: 512,
            redial_min: Duration::from_millis(250),
            redial_max: Duration::from_secs(30),
            patience: Patience::default(),
        }
    }
}

/// Room that a frame takes until the node has dealt with it. Drop it then: while too much is
/// undone, nothing more is read from the network.
#[derive(Debug)]
pub struct Room {
    #[expect(dead_code, reason = "held, not read")]
    taken: OwnedSemaphorePermit,
    /// How many frames of the session the node has not dealt with.
    undealt: watch::Sender<usize>,
}

impl Room {
    fn of(taken: OwnedSemaphorePermit, undealt: watch::Sender<usize>) -> Self {
        undealt.send_modify(|count| *count += 1);
        Self { taken, undealt }
    }
}

impl Drop for Room {
    fn drop(&mut self) {
        self.undealt.send_modify(|count| *count -= 1);
    }
}

/// What happens on the network.
#[derive(Debug)]
pub enum TransportEvent {
    Listening(Address),
    Opened {
        session: u64,
        peer: NodeKey,
        /// Did this node open the stream? The smaller key of the two does, whoever dialled.
        opener: bool,
    },
    Frame {
        session: u64,
        /// Who sent it, as far as this node knew when it came.
        sender: Sender,
        /// The frame, or why what came is none: then nothing more comes of this session, and the
        /// node may still tell the peer before it closes.
        frame: Result<Vec<u8>, Malformed>,
        room: Room,
    },
    /// What had to come did not: nothing more comes of this session, and the node may still tell
    /// the peer before it closes.
    TimedOut {
        session: u64,
        reason: SessionEnd,
    },
    Closed {
        session: u64,
        peer: NodeKey,
        reason: SessionEnd,
    },
    Refused {
        address: Option<String>,
        peer: Option<NodeKey>,
        reason: Refusal,
    },
    DialFailed {
        /// Who was dialled, and where.
        peer: String,
        reason: DialFailure,
    },
}

/// Why a connection, or a stream of it, was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    #[error("its key is not Ed25519")]
    OtherKind,
    #[error("its link is cut")]
    Blocked,
    #[error("it opened a stream that was not its to open")]
    Impostor,
    #[error("{0}")]
    Handshake(String),
}

/// Why the transport does not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    #[error("the node's key is no Ed25519 secret")]
    Key,
    #[error("cannot set up the transport: {0}")]
    Setup(String),
    #[error("cannot listen on {address}: {reason}")]
    Listen { address: Address, reason: String },
}

/// The session is not there any more.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("session {0} is closed")]
pub struct SessionClosed(pub u64);

/// Starts a transport.
#[derive(Debug)]
pub struct Transport;

/// Sends frames and orders. Cheap to clone.
#[derive(Debug, Clone)]
pub struct TransportHandle {
    sessions: Arc<Sessions>,
    commands: mpsc::Sender<Command>,
}

impl Transport {
    /// Listens and dials until the handle and the events are dropped. `secret` is the node's
    /// Ed25519 seed.
    pub async fn start(
        secret: [u8; 32],
        config: TransportConfig,
    ) -> Result<(TransportHandle, mpsc::Receiver<TransportEvent>), StartError> {
        let (events, taken) = mpsc::channel(EVENTS_MAX);
        let (commands, orders) = mpsc::channel(COMMANDS_MAX);
        let sessions =
            Arc::new(Sessions::new(config.patience, events.clone(), commands.downgrade()));
        swarm::start(secret, config, sessions.clone(), events, orders)?;
        Ok((TransportHandle { sessions, commands }, taken))
    }
}

impl TransportHandle {
    /// Queues a frame. Never waits: a session whose queue is full ends.
    pub fn send(&self, session: u64, bytes: Vec<u8>) -> Result<(), SessionClosed> {
        self.sessions.send(session, bytes)
    }

    /// This peer's membership was accepted: its connections are a member's, until untrusted, and
    /// its session takes large frames.
    pub fn trust(&self, peer: NodeKey) {
        self.sessions.trust(peer);
    }

    /// This peer was refused: from now on it is a stranger.
    pub fn untrust(&self, peer: &NodeKey) {
        self.sessions.untrust(peer);
    }

    /// A peer says, by its statements, that it is here. Only peers that are to be dialled are.
    pub async fn tell(&self, peer: NodeKey, addresses: Vec<Address>) {
        let _ = self.commands.send(Command::Told { peer, addresses }).await;
    }

    /// Where is listened now: with the ports that were given, on the interfaces that are up.
    pub async fn listening(&self) -> Vec<Address> {
        let (told, listening) = oneshot::channel();
        if self.commands.send(Command::Listening { told }).await.is_err() {
            return Vec::new();
        }
        listening.await.unwrap_or_default()
    }

    /// Ends a session after the frames queued before.
    pub fn close(&self, session: u64, reason: String) {
        self.sessions.close(session, reason);
    }

    /// Which links are cut.
    pub async fn cuts(&self) -> Cut {
        let (told, cuts) = oneshot::channel();
        if self.commands.send(Command::Cuts { told }).await.is_err() {
            return Cut::default();
        }
        cuts.await.unwrap_or_default()
    }

    /// Cuts the link to a peer, or to all, until unblocked.
    pub async fn block(&self, peer: Option<NodeKey>, block: bool) {
        let (done, finished) = oneshot::channel();
        if self.commands.send(Command::Block { peer, block, done }).await.is_ok() {
            let _ = finished.await;
        }
    }
}
