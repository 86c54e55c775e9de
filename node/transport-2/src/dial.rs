//! Whom to dial, and when again.

use std::fmt;
use std::str::FromStr;
use std::time::{Duration, Instant};

use libp2p::Multiaddr;
use libp2p::swarm::ConnectionId;
use rand::RngExt as _;
use schema_wire::NodeKey;

/// A peer to keep a connection with: `KEY@ADDRESS`, or `ADDRESS` for whoever answers there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PeerAddress {
    /// The key that must answer.
    pub key: Option<NodeKey>,
    /// For example `/ip4/10.0.0.5/tcp/7400`.
    pub address: Multiaddr,
}

/// Why a text is no peer address.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is no peer address (KEY@/ip4/.../tcp/PORT)")]
pub struct PeerAddressError(String);

impl FromStr for PeerAddress {
    type Err = PeerAddressError;
    fn from_str(text: &str) -> Result<Self, PeerAddressError> {
        let wrong = || PeerAddressError(text.to_owned());
        let (key, address) = match text.split_once('@') {
            Some((key, address)) => (Some(key.parse().map_err(|_| wrong())?), address),
            None => (None, text),
        };
        Ok(Self { key, address: address.parse().map_err(|_| wrong())? })
    }
}
impl fmt::Display for PeerAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.key {
            Some(key) => write!(f, "{key}@{}", self.address),
            None => write!(f, "{}", self.address),
        }
    }
}

/// A peer that is dialled until it answers, and again when it is lost.
#[derive(Debug)]
pub(crate) struct Target {
    pub(crate) peer: PeerAddress,
    /// The key that answered, if none was named.
    pub(crate) answered: Option<NodeKey>,
    /// Found on the local network, not configured: forgotten when it is no longer announced.
    pub(crate) found: bool,
    pub(crate) dialing: Option<ConnectionId>,
    pub(crate) next: Instant,
    pub(crate) failures: u32,
}

impl Target {
    pub(crate) fn new(peer: PeerAddress, found: bool) -> Self {
        let next = Instant::now();
        Self { peer, answered: None, found, dialing: None, next, failures: 0 }
    }

    pub(crate) fn key(&self) -> Option<NodeKey> {
        self.peer.key.or(self.answered)
    }

    pub(crate) fn connected(&mut self, key: Option<NodeKey>) {
        self.dialing = None;
        self.answered = key;
    }

    /// A connection is not yet success: a peer that takes it and refuses is waited for longer
    /// and longer, like one that is not there.
    pub(crate) fn lasted(&mut self) {
        self.failures = 0;
    }

    /// Doubles the wait, with jitter so that many nodes cut at once do not return at once.
    pub(crate) fn failed(&mut self, min: Duration, max: Duration) {
        if self.dialing.take().is_some() {
            // Another node may have that address by now.
            self.answered = None;
        }
        let wait = min.saturating_mul(1 << self.failures.min(16)).min(max);
        self.failures = self.failures.saturating_add(1);
        self.next = Instant::now() + wait.mul_f64(rand::rng().random_range(0.5..1.0));
    }
}
