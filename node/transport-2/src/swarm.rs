//! Connections: listening, dialling again and again, and one session per peer.
//!
//! Both ends may dial at once, so connections may be two; the session is one, because only the
//! node with the smaller key opens the stream.

use std::collections::BTreeSet;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use futures::StreamExt;
use libp2p::core::ConnectedPoint;
use libp2p::multiaddr::Protocol;
use libp2p::swarm::behaviour::toggle::Toggle;
use libp2p::swarm::dial_opts::{DialOpts, PeerCondition};
use libp2p::swarm::{ConnectionId, NetworkBehaviour, SwarmEvent};
use libp2p::{Multiaddr, PeerId, Swarm, SwarmBuilder, identify, mdns, noise, ping, tcp};
use schema_wire::NodeKey;
use tokio::net::TcpSocket;
use tokio::sync::{mpsc, oneshot};

use crate::dial::{PeerAddress, Target};
use crate::door::Door;
use crate::identity::{keypair, node_key, peer_id};
use crate::muxer::{Muxing, STREAMS_MAX};
use crate::session::{PROTOCOL, Sessions};
use crate::{StartError, TransportConfig, TransportEvent};

/// How often the list of peers to dial is looked at.
const TICK: Duration = Duration::from_millis(50);
/// How often connections without a session are looked for.
const SWEEP: Duration = Duration::from_millis(500);
/// Peers found on the local network that are kept as targets.
const FOUND_MAX: usize = 64;
/// A connection this old, on which the peer has a session, was forgotten by a peer that dials
/// anew: it lost its power, and is back.
const FORGOTTEN: Duration = Duration::from_secs(5);
/// What may lie unread on a QUIC connection, and on one of its streams.
const QUIC_CONNECTION_BYTES_MAX: u32 = 3 << 20;
const QUIC_STREAM_BYTES_MAX: u32 = 1 << 20;

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
    door: Door,
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
    let mdns = match config.mdns {
        true => Some(
            mdns::tokio::Behaviour::new(mdns::Config::default(), local).map_err(|e| setup(&e))?,
        ),
        false => None,
    };
    let identify = identify::Config::new("/gongzhi/1".into(), keypair.public());
    let stall = config.patience.stall;
    let ping = ping::Config::new().with_interval(stall * 3 / 8).with_timeout(stall / 2);
    let expected = config.peers.iter().filter_map(|peer| peer_id(&peer.key?)).collect();
    let behaviour = Behaviour {
        door: Door::new(sessions.clone(), expected, config.connections_max),
        // Addresses that peers give for themselves are not kept.
        identify: identify::Behaviour::new(identify.with_cache_size(0)),
        ping: ping::Behaviour::new(ping),
        mdns: mdns.into(),
        stream: libp2p_stream::Behaviour::new(),
    };
    let mut swarm = SwarmBuilder::with_existing_identity(keypair)
        .with_tokio()
        .with_tcp(tcp::Config::default().nodelay(true), noise::Config::new, || Muxing)
        .map_err(|error| setup(&error))?
        .with_quic_config(|mut quic| {
            quic.max_concurrent_stream_limit = u32::try_from(STREAMS_MAX).unwrap_or(u32::MAX);
            quic.max_connection_data = QUIC_CONNECTION_BYTES_MAX;
            quic.max_stream_data = QUIC_STREAM_BYTES_MAX;
            quic
        })
        .with_behaviour(|_| behaviour)
        .map_err(|error| setup(&error))?
        .with_swarm_config(|swarm| swarm.with_idle_connection_timeout(config.patience.hello))
        .build();
    for address in &config.listen {
        let refused = |reason| StartError::Listen { address: address.clone(), reason };
        vacant(address).map_err(|error| refused(error.to_string()))?;
        swarm.listen_on(address.clone()).map_err(|error| refused(error.to_string()))?;
    }
    let mut control = swarm.behaviour().stream.new_control();
    let incoming = control.accept(PROTOCOL).map_err(|error| setup(&error))?;
    let targets = config.peers.iter().cloned().map(|peer| Target::new(peer, false)).collect();
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

/// Is a TCP port free? libp2p would share it with another node of the machine, and the system
/// would divide the peers between the two. Nobody is listened to meanwhile.
fn vacant(address: &Multiaddr) -> std::io::Result<()> {
    let mut parts = address.iter();
    let (socket, host): (_, IpAddr) = match parts.next() {
        Some(Protocol::Ip4(ip)) => (TcpSocket::new_v4()?, ip.into()),
        Some(Protocol::Ip6(ip)) => (TcpSocket::new_v6()?, ip.into()),
        _ => return Ok(()),
    };
    socket.set_reuseaddr(true)?;
    match parts.next() {
        Some(Protocol::Tcp(port)) => socket.bind((host, port).into()),
        _ => Ok(()),
    }
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
        let mut sweep = tokio::time::interval(SWEEP);
        sweep.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                event = self.swarm.select_next_some() => self.event(event).await,
                order = orders.recv() => match order {
                    Some(order) => self.order(order),
                    None => return,
                },
                _ = tick.tick() => self.dial_due(),
                _ = sweep.tick() => {
                    // Streams that come to nothing keep a connection from counting as idle.
                    let allowed = self.config.patience.hello * 2;
                    self.swarm.behaviour_mut().door.close_idle(allowed);
                    self.forgive();
                }
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

    /// A session that has lasted makes earlier failures forgotten.
    fn forgive(&mut self) {
        let stable = self.config.patience.stable;
        for target in self.targets.iter_mut().filter(|target| target.failures > 0) {
            let age = target.key().and_then(|key| self.sessions.age(&key));
            if age.is_some_and(|age| age >= stable) {
                target.lasted();
            }
        }
    }

    /// Tells what is good to know. The network does not wait for a node that is busy.
    fn tell(&self, event: TransportEvent) {
        if self.events.try_send(event).is_err() {
            tracing::debug!("an event of the network was not told");
        }
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
            // A port of its own for each: to dial from the port that is listened on fails for as
            // long as any other program has a connection from it.
            let options = match id {
                Some(id) => DialOpts::peer_id(id)
                    .addresses(vec![address])
                    .condition(PeerCondition::DisconnectedAndNotDialing)
                    .allocate_new_port()
                    .build(),
                None => DialOpts::unknown_peer_id().address(address).allocate_new_port().build(),
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
            } => self.established(peer_id, connection_id, &endpoint, num_established.get()),
            SwarmEvent::ConnectionClosed { peer_id, num_established: 0, .. } => {
                let key = node_key(&peer_id);
                key.iter().for_each(|key| self.sessions.cut(key));
                let (min, max) = (self.config.redial_min, self.config.redial_max);
                let lost = self.targets.iter_mut().filter(|target| target.key() == key);
                lost.for_each(|target| target.failed(min, max));
            }
            SwarmEvent::OutgoingConnectionError { connection_id, error, .. } => {
                self.dial_failed(connection_id, error.to_string());
            }
            SwarmEvent::IncomingConnectionError { send_back_addr, error, .. } => {
                let (address, reason) = (send_back_addr.to_string(), error.to_string());
                self.tell(TransportEvent::Refused { address, peer: None, reason });
            }
            // A peer that lost its power says nothing more: without this its connection would
            // stand in the way of the next one until the kernel gives up on it.
            // On a slow link that is full a ping is late as well, but then bytes move.
            SwarmEvent::Behaviour(BehaviourEvent::Ping(ping::Event {
                peer,
                connection,
                result: Err(_),
            })) if !node_key(&peer).is_some_and(|key| self.sessions.moves(&key)) => {
                self.swarm.close_connection(connection);
            }
            SwarmEvent::Behaviour(BehaviourEvent::Mdns(mdns::Event::Discovered(found))) => {
                self.discovered(found);
            }
            SwarmEvent::Behaviour(BehaviourEvent::Mdns(mdns::Event::Expired(gone))) => {
                self.expired(&gone);
            }
            _ => {}
        }
    }

    fn established(
        &mut self,
        id: PeerId,
        connection: ConnectionId,
        endpoint: &ConnectedPoint,
        count: u32,
    ) {
        let key = node_key(&id);
        let dialed = self.targets.iter_mut().find(|t| t.dialing == Some(connection));
        if let Some(target) = dialed {
            target.connected(key);
        }
        let Some(peer) = key.filter(|key| !self.is_blocked(Some(*key))) else {
            let _ = self.swarm.disconnect_peer_id(id);
            let address = endpoint.get_remote_address().to_string();
            let reason = if key.is_none() { "its key is not Ed25519" } else { "it is blocked" };
            self.tell(TransportEvent::Refused { address, peer: key, reason: reason.into() });
            return;
        };
        if self.me > peer {
            return;
        }
        if count == 1 {
            self.open_session(id, peer);
        } else if self.swarm.behaviour().door.oldest(&id) > FORGOTTEN {
            // It comes back at once, and finds nothing in its way.
            let _ = self.swarm.disconnect_peer_id(id);
        }
    }

    fn open_session(&self, id: PeerId, peer: NodeKey) {
        let mut control = self.swarm.behaviour().stream.new_control();
        let sessions = self.sessions.clone();
        tokio::spawn(async move {
            match control.open_stream(id, PROTOCOL).await {
                Ok(stream) => sessions.run(id, peer, true, stream).await,
                Err(error) => tracing::debug!(peer = peer.short(), %error, "no session"),
            }
        });
    }

    fn dial_failed(&mut self, connection: ConnectionId, reason: String) {
        let (min, max) = (self.config.redial_min, self.config.redial_max);
        let Some(target) = self.targets.iter_mut().find(|t| t.dialing == Some(connection)) else {
            return;
        };
        target.failed(min, max);
        let address = target.peer.to_string();
        self.tell(TransportEvent::DialFailed { address, reason });
    }

    fn is_connected(&self, key: Option<NodeKey>) -> bool {
        key.as_ref().and_then(peer_id).is_some_and(|id| self.swarm.is_connected(&id))
    }

    fn discovered(&mut self, found: Vec<(PeerId, Multiaddr)>) {
        for (id, address) in found {
            let Some(key) = node_key(&id) else { continue };
            let known = self.targets.iter().position(|target| target.key() == Some(key));
            let connected = self.is_connected(Some(key));
            match known.map(|index| &mut self.targets[index]) {
                // A machine of the local network moved to another address.
                Some(target) if target.found && !connected => target.peer.address = address,
                Some(_) => {}
                None => {
                    self.make_room();
                    let peer = PeerAddress { key: Some(key), address };
                    self.targets.push(Target::new(peer, true));
                }
            }
        }
    }

    /// Forgets the found peer that failed most often, if there are too many.
    fn make_room(&mut self) {
        let found = self.targets.iter().enumerate().filter(|(_, target)| target.found);
        if found.clone().count() >= FOUND_MAX
            && let Some((index, _)) = found.max_by_key(|(_, target)| target.failures)
        {
            self.targets.remove(index);
        }
    }

    fn expired(&mut self, gone: &[(PeerId, Multiaddr)]) {
        for (id, address) in gone {
            let key = node_key(id);
            if !self.is_connected(key) {
                let is_gone = |t: &Target| t.found && t.key() == key && t.peer.address == *address;
                self.targets.retain(|target| !is_gone(target));
            }
        }
    }
}
