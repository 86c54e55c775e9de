//! Carries frames between nodes: libp2p over TCP (Noise, Yamux) and QUIC.
//!
//! **What it is.** Connections to configured and discovered peers, kept up with back-off and
//! jitter; one session per peer, which is one stream of packed frames. The peer id is the node's
//! key, so a session's peer is authenticated.
//!
//! **What it is not.** It reads no frame, and how one is packed is `schema-wire`'s. Whether a peer
//! belongs to the network is decided by its hello, in `node-replication`, which then asks to
//! close.
//!
//! **What must always hold.** Per session: `Opened`, then frames, then `Closed` once. Sending
//! never waits: a queue is bounded in frames and bytes, and a peer that does not take what it
//! asked for is closed with that reason. Who sends waits: a frame is unpacked once there is
//! [`Room`] and holds it until the node has dealt with it, and sessions take turns. A frame beyond
//! the limit, one that is cut off, stalls or does not unpack, or noise on the port closes what it
//! came on and nothing else. A peer that says no hello is closed. Strangers cannot take the room
//! of members: see `door.rs`.
//!
//! **Memory.** At most 256 MiB wait to be sent, and 8 MiB wait for the node; besides these each
//! connection has one frame it is reading, still packed (1 MiB), the last 8 KiB that were said
//! each way, and the unread windows of its streams (5 MiB if the far end is hostile, nothing while
//! it is idle), of which strangers have 64 connections.
//!
//! **What remains.** Members are trusted with their share: hostile members could hold all of it.
//! A machine with many addresses can take all places of the unauthenticated for as long as it
//! keeps at it; peers that are dialled are not affected, nor are sessions that stand. Just after a
//! start no key is known as a member's: a flood of fresh keys can then push a member out before
//! its hello was read, and it has to dial again. Nodes announced by mDNS are whoever says so;
//! they are dialled, and have to say a valid hello.
//!
//! **Where to start reading.** [`Transport::start`], then `swarm.rs`, then `session.rs`.
//!
//! **How it is tested.** `tests/`: real sockets on loopback, and peers that misbehave.

mod dial;
mod door;
mod framing;
mod identity;
mod muxer;
mod session;
mod swarm;

use std::sync::Arc;
use std::time::Duration;

use libp2p::Multiaddr;
use schema_wire::NodeKey;
use tokio::sync::{OwnedSemaphorePermit, mpsc, oneshot};

pub use dial::{PeerAddress, PeerAddressError};
pub use libp2p::Multiaddr as Address;

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
    pub listen: Vec<Multiaddr>,
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
pub struct Room(#[expect(dead_code, reason = "held, not read")] OwnedSemaphorePermit);

/// What happens on the network.
#[derive(Debug)]
pub enum TransportEvent {
    Listening(Multiaddr),
    Opened { session: u64, peer: NodeKey, dialer: bool },
    Frame { session: u64, bytes: Vec<u8>, room: Room },
    Closed { session: u64, peer: NodeKey, reason: String },
    Refused { address: String, peer: Option<NodeKey>, reason: String },
    DialFailed { address: String, reason: String },
}

/// Why the transport does not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    #[error("the node's key is no Ed25519 secret")]
    Key,
    #[error("cannot set up the transport: {0}")]
    Setup(String),
    #[error("cannot listen on {address}: {reason}")]
    Listen { address: Multiaddr, reason: String },
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

    /// This peer's hello was accepted: its connections are a member's, until disowned.
    pub fn vouch(&self, peer: NodeKey) {
        self.sessions.vouch(peer);
    }

    /// This peer was refused: from now on it is a stranger.
    pub fn disown(&self, peer: &NodeKey) {
        self.sessions.disown(peer);
    }

    /// Ends a session after the frames queued before.
    pub fn close(&self, session: u64, reason: String) {
        self.sessions.close(session, reason);
    }

    /// Cuts the link to a peer, or to all, until unblocked.
    pub async fn block(&self, peer: Option<NodeKey>, block: bool) {
        let (done, finished) = oneshot::channel();
        if self.commands.send(Command::Block { peer, block, done }).await.is_ok() {
            let _ = finished.await;
        }
    }
}
