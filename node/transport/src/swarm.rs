//! Connections: listening, dialling again and again, and one session per peer.
//!
//! Both ends may dial at once, so connections may be two; the session is one, because only the
//! node with the smaller key opens the stream.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::{Duration, Instant};

use futures::StreamExt;
use libp2p::connection_limits::{self, ConnectionLimits};
use libp2p::core::ConnectedPoint;
use libp2p::swarm::behaviour::toggle::Toggle;
use libp2p::swarm::dial_opts::{DialOpts, PeerCondition};
use libp2p::swarm::{ConnectionId, NetworkBehaviour, SwarmEvent};
use libp2p::{PeerId, Swarm, SwarmBuilder, identify, mdns, noise, ping, tcp, yamux};
use schema_wire::NodeKey;
use tokio::sync::{mpsc, oneshot};

use crate::dial::{PeerAddress, Target};
use crate::identity::{keypair, node_key, peer_id};
use crate::session::{PROTOCOL, Sessions};
use crate::{StartError, TransportConfig, TransportEvent};

/// A connection on which no session begins is closed after this.
const IDLE: Duration = Duration::from_secs(15);
/// How often the list of peers to dial is looked at.
const TICK: Duration = Duration::from_millis(50);
/// Peers found on the local network that are kept as targets.
const DISCOVERED_MAX: usize = 64;

/// Orders to the swarm's task.
#[derive(Debug)]
pub(crate) enum Command {
    Block {
        peer: Option<NodeKey>,
        block: bool,
        done: oneshot::Sender<()>,
    },
    /// A session ended: the connection under it goes too, and is made anew if it should be.
    Ended {
        peer: PeerId,
    },
}

#[derive(NetworkBehaviour)]
struct Behaviour {
    limits: connection_limits::Behaviour,
    identify: identify::Behaviour,
    ping: ping::Behaviour,
    mdns: Toggle<mdns::tokio::Behaviour>,
    stream: libp2p_stream::Behaviour,
}

struct Network {
    swarm: Swarm<Behaviour>,
    me: NodeKey,
    config: TransportConfig,
    targets: Vec<Target>,
    blocked: BTreeSet<NodeKey>,
    all_blocked: bool,
    sessions: Arc<Sessions>,
    events: mpsc::Sender<TransportEvent>,
}

/// Builds the swarm, listens, and runs it in a task of its own.
pub(crate) fn start(
    secret: [u8; 32],
    config: TransportConfig,
    sessions: Arc<Sessions>,
    events: mpsc::Sender<TransportEvent>,
    orders: mpsc::Receiver<Command>,
) -> Result<(), StartError> {
    let keypair = keypair(secret).ok_or(StartError::Key)?;
    let local = keypair.public().to_peer_id();
    let me = node_key(&local).ok_or(StartError::Key)?;
    let setup = |error: &dyn std::fmt::Display| StartError::Setup(error.to_string());
    let limits = ConnectionLimits::default()
        .with_max_established(Some(config.connections_max))
        .with_max_established_per_peer(Some(2))
        .with_max_pending_incoming(Some(64));
    let identify = identify::Config::new("/gongzhi/1".into(), keypair.public());
    let mdns = match config.mdns {
        true => Some(
            mdns::tokio::Behaviour::new(mdns::Config::default(), local).map_err(|e| setup(&e))?,
        ),
        false => None,
    };
    let behaviour = Behaviour {
        limits: connection_limits::Behaviour::new(limits),
        identify: identify::Behaviour::new(identify),
        ping: ping::Behaviour::default(),
        mdns: mdns.into(),
        stream: libp2p_stream::Behaviour::new(),
    };
    let mut swarm = SwarmBuilder::with_existing_identity(keypair)
        .with_tokio()
        .with_tcp(tcp::Config::default().nodelay(true), noise::Config::new, yamux::Config::default)
        .map_err(|error| setup(&error))?
        .with_quic()
        .with_behaviour(|_| behaviour)
        .map_err(|error| setup(&error))?
        .with_swarm_config(|swarm| swarm.with_idle_connection_timeout(IDLE))
        .build();
    for address in &config.listen {
        let listening = swarm.listen_on(address.clone());
        listening.map_err(|error| StartError::Listen {
            address: address.clone(),
            reason: error.to_string(),
        })?;
    }
    let mut control = swarm.behaviour().stream.new_control();
    let incoming = control.accept(PROTOCOL).map_err(|error| setup(&error))?;
    let targets = config.peers.iter().cloned().map(Target::new).collect();
    let blocked = BTreeSet::new();
    let network = Network {
        swarm,
        me,
        config,
        targets,
        blocked,
        all_blocked: false,
        sessions: sessions.clone(),
        events,
    };
    tokio::spawn(accept(me, sessions, incoming));
    tokio::spawn(network.run(orders));
    Ok(())
}

/// Takes streams from peers with a smaller key; the others are ours to open.
async fn accept(
    me: NodeKey,
    sessions: Arc<Sessions>,
    mut incoming: libp2p_stream::IncomingStreams,
) {
    while let Some((id, stream)) = incoming.next().await {
        match node_key(&id) {
            Some(peer) if peer < me => {
                tokio::spawn(sessions.clone().run(id, peer, false, stream));
            }
            _ => tracing::debug!(%id, "a stream that was not this peer's to open"),
        }
    }
}

impl Network {
    async fn run(mut self, mut orders: mpsc::Receiver<Command>) {
        let mut tick = tokio::time::interval(TICK);
        tick.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                event = self.swarm.select_next_some() => self.event(event).await,
                order = orders.recv() => match order {
                    Some(order) => self.order(order),
                    None => return,
                },
                _ = tick.tick() => self.dial_due(),
            }
        }
    }

    fn order(&mut self, order: Command) {
        match order {
            Command::Ended { peer } => {
                let _ = self.swarm.disconnect_peer_id(peer);
            }
            Command::Block { peer: None, block, done } => {
                self.all_blocked = block;
                let connected: Vec<PeerId> = self.swarm.connected_peers().copied().collect();
                connected.into_iter().filter(|_| block).for_each(|peer| self.cut(peer));
                let _ = done.send(());
            }
            Command::Block { peer: Some(key), block, done } => {
                if block {
                    self.blocked.insert(key);
                    peer_id(&key).into_iter().for_each(|peer| self.cut(peer));
                } else {
                    self.blocked.remove(&key);
                }
                let _ = done.send(());
            }
        }
    }

    fn cut(&mut self, peer: PeerId) {
        if let Some(key) = node_key(&peer) {
            self.sessions.cut(&key);
        }
        let _ = self.swarm.disconnect_peer_id(peer);
    }

    fn is_blocked(&self, key: Option<NodeKey>) -> bool {
        self.all_blocked || key.is_some_and(|key| self.blocked.contains(&key))
    }

    fn dial_due(&mut self) {
        let now = Instant::now();
        for index in 0..self.targets.len() {
            let target = &self.targets[index];
            let key = target.key();
            let id = key.as_ref().and_then(peer_id);
            let connected = id.is_some_and(|id| self.swarm.is_connected(&id));
            if connected || target.dialing.is_some() || target.next > now || self.is_blocked(key) {
                continue;
            }
            let address = target.peer.address.clone();
            let options = match id {
                Some(id) => DialOpts::peer_id(id)
                    .addresses(vec![address])
                    .condition(PeerCondition::DisconnectedAndNotDialing)
                    .build(),
                None => DialOpts::unknown_peer_id().address(address).build(),
            };
            let connection = options.connection_id();
            let dialed = self.swarm.dial(options);
            let (min, max) = (self.config.redial_min, self.config.redial_max);
            match dialed {
                Ok(()) => self.targets[index].dialing = Some(connection),
                Err(_) => self.targets[index].failed(min, max),
            }
        }
    }

    async fn event(&mut self, event: SwarmEvent<BehaviourEvent>) {
        match event {
            SwarmEvent::NewListenAddr { address, .. } => {
                let _ = self.events.send(TransportEvent::Listening(address)).await;
            }
            SwarmEvent::ConnectionEstablished {
                peer_id,
                connection_id,
                endpoint,
                num_established,
                ..
            } => self.established(peer_id, connection_id, &endpoint, num_established.get()).await,
            SwarmEvent::ConnectionClosed { peer_id, num_established: 0, .. } => {
                let key = node_key(&peer_id);
                key.iter().for_each(|key| self.sessions.cut(key));
                let (min, max) = (self.config.redial_min, self.config.redial_max);
                let lost = self.targets.iter_mut().filter(|target| target.key() == key);
                lost.for_each(|target| target.failed(min, max));
            }
            SwarmEvent::OutgoingConnectionError { connection_id, error, .. } => {
                self.dial_failed(connection_id, error.to_string()).await;
            }
            SwarmEvent::IncomingConnectionError { send_back_addr, error, .. } => {
                let (address, reason) = (send_back_addr.to_string(), error.to_string());
                let refused = TransportEvent::Refused { address, peer: None, reason };
                let _ = self.events.send(refused).await;
            }
            // A peer that lost its power says nothing more: without this its connection would
            // stand in the way of the next one until the kernel gives up on it.
            SwarmEvent::Behaviour(BehaviourEvent::Ping(ping::Event {
                connection,
                result: Err(_),
                ..
            })) => {
                self.swarm.close_connection(connection);
            }
            SwarmEvent::Behaviour(BehaviourEvent::Mdns(mdns::Event::Discovered(found))) => {
                self.discovered(found);
            }
            _ => {}
        }
    }

    async fn established(
        &mut self,
        id: PeerId,
        connection: ConnectionId,
        endpoint: &ConnectedPoint,
        count: u32,
    ) {
        let key = node_key(&id);
        let dialed = self.targets.iter_mut().find(|t| t.dialing == Some(connection));
        if let Some(target) = dialed {
            target.answered = key;
            target.succeeded();
        }
        let Some(peer) = key.filter(|key| !self.is_blocked(Some(*key))) else {
            let _ = self.swarm.disconnect_peer_id(id);
            let address = endpoint.get_remote_address().to_string();
            let reason = if key.is_none() { "its key is not Ed25519" } else { "it is blocked" };
            let refused = TransportEvent::Refused { address, peer: key, reason: reason.into() };
            let _ = self.events.send(refused).await;
            return;
        };
        if count == 1 && self.me < peer {
            let mut control = self.swarm.behaviour().stream.new_control();
            let sessions = self.sessions.clone();
            tokio::spawn(async move {
                match control.open_stream(id, PROTOCOL).await {
                    Ok(stream) => sessions.run(id, peer, true, stream).await,
                    Err(error) => tracing::debug!(peer = peer.short(), %error, "no session"),
                }
            });
        }
    }

    async fn dial_failed(&mut self, connection: ConnectionId, reason: String) {
        let (min, max) = (self.config.redial_min, self.config.redial_max);
        let Some(target) = self.targets.iter_mut().find(|t| t.dialing == Some(connection)) else {
            return;
        };
        target.failed(min, max);
        let address = target.peer.to_string();
        let _ = self.events.send(TransportEvent::DialFailed { address, reason }).await;
    }

    fn discovered(&mut self, found: Vec<(PeerId, libp2p::Multiaddr)>) {
        for (id, address) in found {
            let Some(key) = node_key(&id) else { continue };
            let known = self.targets.iter().any(|target| target.key() == Some(key));
            let room = self.targets.len() < self.config.peers.len() + DISCOVERED_MAX;
            if !known && room {
                self.targets.push(Target::new(PeerAddress { key: Some(key), address }));
            }
        }
    }
}
