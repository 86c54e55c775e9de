//! Connections: listening, dialling again and again, and one session per peer.
//!
//! Both ends may dial at once, so connections may be two; the session is one, because only the
//! node with the smaller key opens the stream.

mod found;
mod handover;

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::{Duration, Instant};

use futures::StreamExt;
use libp2p::core::ConnectedPoint;
use libp2p::swarm::behaviour::toggle::Toggle;
use libp2p::swarm::dial_opts::{DialOpts, PeerCondition};
use libp2p::swarm::{ConnectionId, NetworkBehaviour, SwarmEvent};
use libp2p::{Multiaddr, PeerId, Swarm, SwarmBuilder, identify, mdns, noise, ping, tcp};
use schema_wire::NodeKey;
use tokio::sync::{mpsc, oneshot};

use crate::address::Address;
use crate::cut::Cut;
use crate::dial::{Attempt, DialFailure, Lookup, PeerAddress, Target};
use crate::identity::{keypair, node_key, peer_id};
use crate::limits::ConnectionLimits;
use crate::listen::Listening;
use crate::muxer::{Muxing, STREAMS_MAX};
use crate::session::{PROTOCOL, Sessions};
use crate::{Refusal, StartError, TransportConfig, TransportEvent};

/// The protocol that this node names to those who ask what it speaks.
const IDENTIFIED_AS: &str = "/gongzhi/3";

/// How often the list of peers to dial is looked at.
const TICK: Duration = Duration::from_millis(50);
/// How often connections without a session are looked for.
const SWEEP: Duration = Duration::from_millis(500);
/// Lookups of names that were not yet taken.
const LOOKUPS_MAX: usize = 64;
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
    /// Which links are cut?
    Cuts {
        told: oneshot::Sender<Cut>,
    },
    /// Where is listened now?
    Listening {
        told: oneshot::Sender<Vec<Address>>,
    },
    /// Others say that a peer is here.
    Told {
        peer: NodeKey,
        addresses: Vec<Address>,
    },
    /// A session ended: the connection under it goes too, and is made anew if it should be.
    Ended {
        peer: PeerId,
    },
}

#[derive(NetworkBehaviour)]
pub(crate) struct Behaviour {
    limits: ConnectionLimits,
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
    /// How many targets there ever were.
    targets_made: u64,
    listening: Listening,
    lookups: mpsc::Sender<Lookup>,
    cut: Cut,
    /// Peers whose session goes over to their newest connection.
    handing_over: BTreeSet<PeerId>,
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
    let identify = identify::Config::new(IDENTIFIED_AS.into(), keypair.public());
    let stall = config.patience.stall;
    let ping = ping::Config::new().with_interval(stall * 3 / 8).with_timeout(stall / 2);
    let expected = config.peers.iter().filter_map(PeerAddress::key);
    let expected = expected.filter_map(|key| peer_id(&key)).collect();
    let behaviour = Behaviour {
        limits: ConnectionLimits::new(sessions.clone(), expected, config.connections_max),
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
    let mut listening = Listening::new(config.listen.clone());
    listening.begin(&mut swarm)?;
    let mut control = swarm.behaviour().stream.new_control();
    let incoming = control.accept(PROTOCOL).map_err(|error| setup(&error))?;
    let targets = Target::of(&config.peers);
    let (lookups, found) = mpsc::channel(LOOKUPS_MAX);
    let network = Network {
        swarm,
        me,
        targets_made: targets.len() as u64,
        config,
        targets,
        listening,
        lookups,
        cut: Cut::default(),
        handing_over: BTreeSet::new(),
        sessions: sessions.clone(),
        events: events.clone(),
    };
    tokio::spawn(accept(me, sessions, incoming, events));
    tokio::spawn(network.run(orders, found));
    Ok(())
}

/// Takes streams from peers with a smaller key; the others are ours to open.
async fn accept(
    me: NodeKey,
    sessions: Arc<Sessions>,
    mut incoming: libp2p_stream::IncomingStreams,
    events: mpsc::Sender<TransportEvent>,
) {
    while let Some((id, stream)) = incoming.next().await {
        match node_key(&id) {
            Some(peer) if peer < me => {
                tokio::spawn(sessions.clone().run(id, peer, false, stream));
            }
            // Dropped, the stream is closed.
            peer => {
                let reason = Refusal::Impostor;
                let _ = events.try_send(TransportEvent::Refused { address: None, peer, reason });
            }
        }
    }
}

impl Network {
    async fn run(
        mut self,
        mut orders: mpsc::Receiver<Command>,
        mut lookups: mpsc::Receiver<Lookup>,
    ) {
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
                Some(lookup) = lookups.recv() => self.looked_up(lookup),
                _ = tick.tick() => self.dial_due(),
                _ = sweep.tick() => {
                    // Streams that come to nothing keep a connection from counting as idle.
                    let allowed = self.config.patience.hello * 2;
                    self.swarm.behaviour_mut().limits.close_idle(allowed);
                    self.forgive();
                    self.listening.again(&mut self.swarm);
                }
            }
        }
    }

    fn order(&mut self, order: Command) {
        match order {
            Command::Ended { peer } if self.handing_over.contains(&peer) => self.hand_over(peer),
            Command::Ended { peer } => {
                let _ = self.swarm.disconnect_peer_id(peer);
            }
            Command::Listening { told } => {
                let addresses = self.swarm.listeners();
                let addresses = addresses.filter_map(|address| Address::try_from(address).ok());
                let _ = told.send(addresses.collect());
            }
            Command::Told { peer, addresses } => {
                let known = self.targets.iter_mut().find(|target| target.key() == Some(peer));
                known.into_iter().for_each(|target| target.tell(addresses.clone()));
            }
            Command::Cuts { told } => {
                let _ = told.send(self.cut.clone());
            }
            Command::Block { peer: None, block, done } => {
                self.cut.set_all(block);
                let connected: Vec<PeerId> = self.swarm.connected_peers().copied().collect();
                connected.into_iter().filter(|_| block).for_each(|peer| self.close(peer));
                let _ = done.send(());
            }
            Command::Block { peer: Some(key), block, done } => {
                self.cut.set(key, block);
                peer_id(&key).into_iter().filter(|_| block).for_each(|peer| self.close(peer));
                let _ = done.send(());
            }
        }
    }

    fn close(&mut self, peer: PeerId) {
        if let Some(key) = node_key(&peer) {
            self.sessions.cut(&key);
        }
        let _ = self.swarm.disconnect_peer_id(peer);
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

    /// Emits what is good to know. The network does not wait for a node that is busy.
    fn emit(&self, event: TransportEvent) {
        if self.events.try_send(event).is_err() {
            tracing::debug!("an event of the network was not told");
        }
    }

    /// Begins to dial whoever is due: the system looks the name up first, if it is one.
    fn dial_due(&mut self) {
        let now = Instant::now();
        for index in 0..self.targets.len() {
            let target = &self.targets[index];
            let key = target.key();
            let busy = target.attempt != Attempt::None || target.next > now;
            if busy || self.is_connected(key) || self.cut.holds_for(key) {
                continue;
            }
            let Some(address) = target.address() else { continue };
            let (id, lookups) = (target.id, self.lookups.clone());
            self.targets[index].attempt = Attempt::Lookup;
            tokio::spawn(async move {
                let found = address.resolve().await;
                let _ = lookups.send(Lookup { target: id, address, found }).await;
            });
        }
    }

    fn looked_up(&mut self, Lookup { target, address, found }: Lookup) {
        let Some(index) = self.targets.iter().position(|other| other.id == target) else {
            return;
        };
        match found {
            Ok(addresses) => self.dial(index, address, addresses),
            Err(error) => self.dial_failed(index, &address, DialFailure::of_lookup(&error)),
        }
    }

    fn dial(&mut self, index: usize, address: Address, addresses: Vec<Multiaddr>) {
        // A port of its own for each: to dial from the port that is listened on fails for as
        // long as any other program has a connection from it.
        let options = match self.targets[index].key().as_ref().and_then(peer_id) {
            Some(id) => DialOpts::peer_id(id)
                .addresses(addresses)
                .condition(PeerCondition::DisconnectedAndNotDialing)
                .allocate_new_port()
                .build(),
            None => {
                // libp2p takes one address of a peer it does not know.
                let address = addresses.into_iter().next().unwrap_or_else(Multiaddr::empty);
                DialOpts::unknown_peer_id().address(address).allocate_new_port().build()
            }
        };
        let connection = options.connection_id();
        match self.swarm.dial(options) {
            Ok(()) => self.targets[index].attempt = Attempt::Dial(connection, address),
            Err(_) => {
                let (min, max) = (self.config.redial_min, self.config.redial_max);
                self.targets[index].failed(min, max);
            }
        }
    }

    async fn event(&mut self, event: SwarmEvent<BehaviourEvent>) {
        match event {
            SwarmEvent::NewListenAddr { address, .. } => {
                if let Ok(address) = Address::try_from(&address) {
                    let _ = self.events.send(TransportEvent::Listening(address)).await;
                }
            }
            SwarmEvent::ListenerClosed { listener_id, .. } => self.listening.lost(listener_id),
            SwarmEvent::ConnectionEstablished {
                peer_id,
                connection_id,
                endpoint,
                num_established,
                ..
            } => self.established(peer_id, connection_id, &endpoint, num_established.get()),
            SwarmEvent::ConnectionClosed { peer_id, num_established: 0, .. } => {
                self.handing_over.remove(&peer_id);
                let key = node_key(&peer_id);
                key.iter().for_each(|key| self.sessions.cut(key));
                let (min, max) = (self.config.redial_min, self.config.redial_max);
                let lost = self.targets.iter_mut().filter(|target| target.key() == key);
                lost.for_each(|target| target.failed(min, max));
            }
            SwarmEvent::ConnectionClosed { peer_id, .. } => self.hand_over(peer_id),
            SwarmEvent::OutgoingConnectionError { connection_id, error, .. } => {
                self.connection_failed(connection_id, DialFailure::from(&error));
            }
            SwarmEvent::IncomingConnectionError { send_back_addr, error, .. } => {
                let address = Some(send_back_addr.to_string());
                let reason = Refusal::Handshake(error.to_string());
                self.emit(TransportEvent::Refused { address, peer: None, reason });
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
        if let Some(index) = self.dialled(connection) {
            self.targets[index].connected(key);
        }
        let Some(peer) = key.filter(|key| !self.cut.holds_for(Some(*key))) else {
            let _ = self.swarm.disconnect_peer_id(id);
            let address = Some(endpoint.get_remote_address().to_string());
            let reason = if key.is_none() { Refusal::OtherKind } else { Refusal::Blocked };
            self.emit(TransportEvent::Refused { address, peer: key, reason });
            return;
        };
        if self.me > peer {
            return;
        }
        if count == 1 {
            self.open_session(id, peer);
        } else if self.swarm.behaviour().limits.oldest(&id) > FORGOTTEN {
            self.begin_handover(id, peer, connection);
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

    /// Whom a connection was dialled for.
    fn dialled(&self, connection: ConnectionId) -> Option<usize> {
        let is_it =
            |attempt: &Attempt| matches!(attempt, Attempt::Dial(id, _) if *id == connection);
        self.targets.iter().position(|target| is_it(&target.attempt))
    }

    fn connection_failed(&mut self, connection: ConnectionId, reason: DialFailure) {
        if let Some(index) = self.dialled(connection)
            && let Attempt::Dial(_, address) = self.targets[index].attempt.clone()
        {
            self.dial_failed(index, &address, reason);
        }
    }

    fn dial_failed(&mut self, index: usize, address: &Address, reason: DialFailure) {
        let (min, max) = (self.config.redial_min, self.config.redial_max);
        let target = &mut self.targets[index];
        target.failed(min, max);
        let peer = target.at(address);
        if let DialFailure::AnotherKey(Some(key)) = reason {
            self.found(key, address.clone());
        }
        self.emit(TransportEvent::DialFailed { peer, reason });
    }

    fn is_connected(&self, key: Option<NodeKey>) -> bool {
        key.as_ref().and_then(peer_id).is_some_and(|id| self.swarm.is_connected(&id))
    }
}
