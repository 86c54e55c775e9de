//! Whom to dial, where, and when again.

use std::collections::BTreeSet;
use std::fmt;
use std::io;
use std::str::FromStr;
use std::time::{Duration, Instant};

use libp2p::swarm::{ConnectionId, DialError};
use libp2p::{Multiaddr, TransportError};
use rand::RngExt as _;
use schema_wire::NodeKey;
use schema_wire::limits::ADDRESSES_MAX;

use crate::address::{Address, AddressError};
use crate::identity::node_key;

/// A peer to keep a connection with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PeerAddress {
    /// `KEY@ADDRESS`: this key must answer there.
    At(NodeKey, Address),
    /// `KEY`: it is dialled once others say where it is.
    Anywhere(NodeKey),
    /// `ADDRESS`: whoever answers there.
    Anybody(Address),
}

/// Why a text names no peer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PeerAddressError {
    #[error("{0:?} is no key of a node (64 hexadecimal digits)")]
    Key(String),
    #[error(transparent)]
    Address(#[from] AddressError),
}

impl PeerAddress {
    /// The key that must answer.
    pub fn key(&self) -> Option<NodeKey> {
        match self {
            Self::At(key, _) | Self::Anywhere(key) => Some(*key),
            Self::Anybody(_) => None,
        }
    }
}

impl FromStr for PeerAddress {
    type Err = PeerAddressError;
    fn from_str(text: &str) -> Result<Self, PeerAddressError> {
        let key = |key: &str| key.parse().map_err(|_| PeerAddressError::Key(key.to_owned()));
        match text.split_once('@') {
            Some((who, address)) => Ok(Self::At(key(who)?, address.parse()?)),
            None if text.starts_with('/') => Ok(Self::Anybody(text.parse()?)),
            None => Ok(Self::Anywhere(key(text)?)),
        }
    }
}

impl fmt::Display for PeerAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::At(key, address) => write!(f, "{key}@{address}"),
            Self::Anywhere(key) => key.fmt(f),
            Self::Anybody(address) => address.fmt(f),
        }
    }
}

/// Why a peer was not reached.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DialFailure {
    #[error("the name of the host is not known")]
    Name,
    #[error("nothing listens there")]
    Refused,
    #[error("there is no way to that host")]
    NoRoute,
    #[error("no answer came in time")]
    TimedOut,
    #[error("this node itself answers there")]
    Itself,
    #[error("another node answers there: {}", .0.map_or_else(|| "of another kind".into(), |key| key.to_string()))]
    AnotherKey(Option<NodeKey>),
    #[error("{0}")]
    Other(String),
}

impl DialFailure {
    pub(crate) fn of_lookup(error: &io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::TimedOut => Self::TimedOut,
            _ => Self::Name,
        }
    }
}

impl DialFailure {
    /// Some of libp2p's errors keep of the system's error the words alone.
    fn of_text(text: String) -> Self {
        let says = |words: &[&str]| words.iter().any(|words| text.contains(words));
        if says(&["Connection refused"]) {
            Self::Refused
        } else if says(&["Network is unreachable", "No route to host", "Host is unreachable"]) {
            Self::NoRoute
        } else if says(&["timed out", "Timeout has been reached"]) {
            Self::TimedOut
        } else {
            Self::Other(text)
        }
    }
}

impl From<&DialError> for DialFailure {
    fn from(error: &DialError) -> Self {
        match error {
            DialError::WrongPeerId { obtained, .. } => Self::AnotherKey(node_key(obtained)),
            DialError::LocalPeerId { .. } => Self::Itself,
            DialError::Transport(tried) => {
                let first = tried.iter().find_map(|(_, error)| io_error(error));
                match first.map(io::Error::kind) {
                    Some(io::ErrorKind::ConnectionRefused) => Self::Refused,
                    Some(io::ErrorKind::NetworkUnreachable | io::ErrorKind::HostUnreachable) => {
                        Self::NoRoute
                    }
                    Some(io::ErrorKind::TimedOut) => Self::TimedOut,
                    _ => Self::of_text(error.to_string()),
                }
            }
            other => Self::Other(other.to_string()),
        }
    }
}

/// The system's error below libp2p's.
fn io_error(error: &TransportError<io::Error>) -> Option<&io::Error> {
    let TransportError::Other(error) = error else { return None };
    let mut cause: &(dyn std::error::Error + 'static) = error;
    let mut found = Some(error);
    loop {
        let inner = match cause.downcast_ref::<io::Error>() {
            // A wrapping error says `Other`; what it wraps says what is the matter.
            Some(io) => {
                found = Some(io);
                io.get_ref().map(|inner| inner as &(dyn std::error::Error + 'static))
            }
            None => cause.source(),
        };
        match inner {
            Some(inner) => cause = inner,
            None => return found,
        }
    }
}

/// What is done about a peer that is not connected.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Attempt {
    None,
    /// The system looks its name up.
    Lookup,
    Dial(ConnectionId, Address),
}

/// Names a target for as long as the transport runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct TargetId(u64);

/// A peer that is dialled until it answers, and again when it is lost.
#[derive(Debug)]
pub(crate) struct Target {
    pub(crate) id: TargetId,
    /// The key that must answer; none if whoever answers is meant.
    key: Option<NodeKey>,
    /// The key that answered, if none was named.
    answered: Option<NodeKey>,
    configured: Vec<Address>,
    /// Where its own statements say that it is.
    told: Vec<Address>,
    /// Where it announces itself on the local network.
    announced: Option<Address>,
    /// Not configured: forgotten when it is no longer announced.
    found: bool,
    /// Which of its addresses is next.
    turn: usize,
    pub(crate) attempt: Attempt,
    pub(crate) next: Instant,
    pub(crate) failures: u32,
}

impl Target {
    fn new(id: u64, key: Option<NodeKey>, found: bool) -> Self {
        Self {
            id: TargetId(id),
            key,
            answered: None,
            configured: Vec::new(),
            told: Vec::new(),
            announced: None,
            found,
            turn: 0,
            attempt: Attempt::None,
            next: Instant::now(),
            failures: 0,
        }
    }

    /// One for each key that is configured, and for each address of whoever answers.
    pub(crate) fn of(peers: &[PeerAddress]) -> Vec<Self> {
        let mut targets: Vec<Self> = Vec::new();
        for peer in peers {
            let (key, address) = match peer {
                PeerAddress::At(key, address) => (Some(*key), Some(address)),
                PeerAddress::Anywhere(key) => (Some(*key), None),
                PeerAddress::Anybody(address) => (None, Some(address)),
            };
            let known = targets.iter().position(|target| key.is_some() && target.key == key);
            let index = known.unwrap_or_else(|| {
                targets.push(Self::new(targets.len() as u64, key, false));
                targets.len() - 1
            });
            targets[index].configured.extend(address.cloned());
        }
        targets
    }

    /// A peer that announced itself on the local network.
    pub(crate) fn found(id: u64, key: NodeKey, address: Address) -> Self {
        Self { announced: Some(address), ..Self::new(id, Some(key), true) }
    }

    pub(crate) fn key(&self) -> Option<NodeKey> {
        self.key.or(self.answered)
    }

    pub(crate) fn is_found(&self) -> bool {
        self.found
    }

    fn addresses(&self) -> Vec<&Address> {
        let all = self.configured.iter().chain(&self.announced).chain(&self.told);
        let mut seen = BTreeSet::new();
        all.filter(|address| seen.insert(*address)).collect()
    }

    /// Where it is dialled next, if anywhere.
    pub(crate) fn address(&self) -> Option<Address> {
        let addresses = self.addresses();
        addresses.get(self.turn % addresses.len().max(1)).map(|address| (*address).clone())
    }

    /// Its own statements say that it is here. They may be wrong: others are tried in turn.
    pub(crate) fn tell(&mut self, mut addresses: Vec<Address>) {
        addresses.truncate(ADDRESSES_MAX);
        if self.told != addresses {
            self.told = addresses;
            self.next = Instant::now();
        }
    }

    /// It announces itself here.
    pub(crate) fn announce(&mut self, address: Address) {
        if self.announced.as_ref() != Some(&address) {
            self.announced = Some(address);
            self.next = Instant::now();
        }
    }

    /// It is no longer announced there.
    pub(crate) fn expire(&mut self, address: &Address) {
        self.announced.take_if(|announced| announced == address);
    }

    /// Is there nothing left to know of it?
    pub(crate) fn is_over(&self) -> bool {
        self.found && self.announced.is_none()
    }

    /// For people: who is dialled, and where.
    pub(crate) fn at(&self, address: &Address) -> String {
        match self.key {
            Some(key) => PeerAddress::At(key, address.clone()).to_string(),
            None => address.to_string(),
        }
    }

    pub(crate) fn connected(&mut self, key: Option<NodeKey>) {
        self.attempt = Attempt::None;
        self.answered = key;
    }

    /// A connection is not yet success: a peer that takes it and refuses is waited for longer
    /// and longer, like one that is not there.
    pub(crate) fn lasted(&mut self) {
        self.failures = 0;
    }

    /// Goes on to its next address. Once all were tried the wait doubles, with jitter so that many
    /// nodes cut at once do not return at once.
    pub(crate) fn failed(&mut self, min: Duration, max: Duration) {
        if std::mem::replace(&mut self.attempt, Attempt::None) != Attempt::None {
            // Another node may have that address by now.
            self.answered = None;
            self.turn = (self.turn + 1) % self.addresses().len().max(1);
            if self.turn != 0 {
                self.next = Instant::now() + jittered(min);
                return;
            }
        }
        let wait = min.saturating_mul(1 << self.failures.min(16)).min(max);
        self.failures = self.failures.saturating_add(1);
        self.next = Instant::now() + jittered(wait);
    }
}

fn jittered(wait: Duration) -> Duration {
    wait.mul_f64(rand::rng().random_range(0.5..1.0))
}

/// What a lookup came to.
#[derive(Debug)]
pub(crate) struct Lookup {
    pub(crate) target: TargetId,
    pub(crate) address: Address,
    pub(crate) found: io::Result<Vec<Multiaddr>>,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(byte: u8) -> NodeKey {
        NodeKey([byte; 32])
    }

    fn address(port: u16) -> Address {
        format!("/ip4/10.0.0.5/tcp/{port}").parse().expect("an address")
    }

    #[test]
    fn a_peer_is_a_key_an_address_or_both() {
        let hex = key(7).to_string();
        for (text, peer) in [
            (hex.clone(), PeerAddress::Anywhere(key(7))),
            (format!("{hex}@/ip4/10.0.0.5/tcp/1"), PeerAddress::At(key(7), address(1))),
            ("/ip4/10.0.0.5/tcp/1".into(), PeerAddress::Anybody(address(1))),
        ] {
            assert_eq!(text.parse::<PeerAddress>().expect("a peer"), peer);
            assert_eq!(peer.to_string(), text);
        }
        let no_key = "7@/ip4/10.0.0.5/tcp/1".parse::<PeerAddress>();
        assert!(matches!(no_key, Err(PeerAddressError::Key(_))));
        let no_address = format!("{hex}@10.0.0.5").parse::<PeerAddress>();
        assert!(matches!(no_address, Err(PeerAddressError::Address(_))));
        assert!("220800/220802".parse::<PeerAddress>().is_err());
    }

    #[test]
    fn a_peer_is_looked_for_at_each_of_its_addresses_before_it_is_waited_for_longer() {
        let (min, max) = (Duration::from_millis(10), Duration::from_secs(100));
        let peers = [PeerAddress::At(key(1), address(1)), PeerAddress::Anywhere(key(1))];
        let mut targets = Target::of(&peers);
        let [target] = &mut targets[..] else { panic!("one peer") };
        target.tell(vec![address(2), address(1), address(3)]);
        for round in 1..4 {
            for port in 1..4 {
                assert_eq!(target.address(), Some(address(port)));
                target.attempt = Attempt::Lookup;
                target.failed(min, max);
            }
            assert_eq!(target.failures, round);
        }
        // It was there, and is lost: the address at which it answered is the next one tried.
        target.attempt = Attempt::Lookup;
        target.failed(min, max);
        target.connected(Some(key(1)));
        target.failed(min, max);
        assert_eq!((target.address(), target.failures), (Some(address(2)), 4));
    }

    #[test]
    fn a_key_alone_is_dialled_where_others_say_that_it_is() {
        let mut targets = Target::of(&[PeerAddress::Anywhere(key(1))]);
        assert_eq!(targets[0].address(), None);
        targets[0].tell(vec![address(9)]);
        assert_eq!(targets[0].address(), Some(address(9)));
        targets[0].tell(Vec::new());
        assert_eq!(targets[0].address(), None);
        assert!(!targets[0].is_over(), "it is configured");
    }
}
