//! Bounds on connections, so that strangers cannot take the members' room.
//!
//! A peer is a stranger until its membership was accepted. One machine has so many strangers and
//! no more; all strangers together have a share of the connections, and a newcomer beyond it takes
//! the place of the one who has waited longest on the machine with the most. What is not yet
//! authenticated is bounded for each machine as well.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::convert::Infallible;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use libp2p::core::Endpoint;
use libp2p::core::transport::PortUse;
use libp2p::multiaddr::Protocol;
use libp2p::swarm::behaviour::{ConnectionEstablished, ListenFailure};
use libp2p::swarm::{
    CloseConnection, ConnectionClosed, ConnectionDenied, ConnectionId, FromSwarm, NetworkBehaviour,
    THandler, THandlerInEvent, THandlerOutEvent, ToSwarm, dummy,
};
use libp2p::{Multiaddr, PeerId};

use crate::identity::node_key;
use crate::session::Sessions;

/// Connections being authenticated, from all addresses and from one. A handshake is given ten
/// seconds by libp2p.
const PENDING_MAX: usize = 256;
const PENDING_PER_ADDRESS_MAX: usize = 64;
/// Both ends may dial at once; and a peer that lost its power returns before its old connection
/// is given up.
const PER_PEER_MAX: usize = 2;
/// Of all connections, strangers have one in so many: 256 of 512 (section 11 of the protocol).
const STRANGERS_SHARE: usize = 2;
/// Of all connections, the strangers of one machine have one in so many: 64 of 512.
const STRANGERS_OF_ONE_SHARE: usize = 8;

#[derive(Debug, thiserror::Error)]
#[error("no room: {0}")]
struct NoRoom(&'static str);

#[derive(Debug)]
struct Connection {
    peer: PeerId,
    host: IpAddr,
    inbound: bool,
    since: Instant,
}

/// Counts connections, and refuses or closes those beyond the bounds.
#[derive(Debug)]
pub(crate) struct ConnectionLimits {
    sessions: Arc<Sessions>,
    /// Configured peers: never strangers.
    expected: BTreeSet<PeerId>,
    connections_max: usize,
    pending: BTreeMap<ConnectionId, IpAddr>,
    open: BTreeMap<ConnectionId, Connection>,
    closing: VecDeque<(PeerId, ConnectionId)>,
}

impl ConnectionLimits {
    pub(crate) fn new(
        sessions: Arc<Sessions>,
        expected: BTreeSet<PeerId>,
        connections_max: u32,
    ) -> Self {
        Self {
            sessions,
            expected,
            connections_max: connections_max as usize,
            pending: BTreeMap::new(),
            open: BTreeMap::new(),
            closing: VecDeque::new(),
        }
    }

    fn is_stranger(&self, connection: &Connection) -> bool {
        let member = || node_key(&connection.peer).is_some_and(|key| self.sessions.is_member(&key));
        connection.inbound && !self.expected.contains(&connection.peer) && !member()
    }

    fn admit(&self, peer: &PeerId) -> Result<(), NoRoom> {
        if self.count(peer) >= PER_PEER_MAX {
            return Err(NoRoom("this peer has its connections"));
        }
        // Who is on the way out holds no room.
        if self.open.len() - self.closing.len() >= self.connections_max {
            return Err(NoRoom("all connections are taken"));
        }
        Ok(())
    }

    fn close(&mut self, connections: Vec<ConnectionId>) {
        for id in connections {
            if let Some(connection) = self.open.get(&id)
                && !self.closing.contains(&(connection.peer, id))
            {
                self.closing.push_back((connection.peer, id));
            }
        }
    }

    /// Closes the strangers beyond their shares: of the machine with the most, those who have
    /// waited longest.
    fn bound_strangers(&mut self) {
        let share = |of: usize| (self.connections_max / of).max(1);
        let (of_all, of_one) = (share(STRANGERS_SHARE), share(STRANGERS_OF_ONE_SHARE));
        let mut strangers: BTreeMap<IpAddr, VecDeque<ConnectionId>> = BTreeMap::new();
        // Ids are given in order of arrival.
        for (id, connection) in self.open.iter().filter(|(_, other)| self.is_stranger(other)) {
            strangers.entry(connection.host).or_default().push_back(*id);
        }
        let mut beyond = Vec::new();
        let mut count: usize = strangers.values().map(VecDeque::len).sum();
        while let Some(most) = strangers.values_mut().max_by_key(|of_host| of_host.len())
            && (most.len() > of_one || count > of_all)
        {
            beyond.extend(most.pop_front());
            count -= 1;
        }
        self.close(beyond);
    }

    /// Closes whoever has been connected for so long and has no session.
    pub(crate) fn close_idle(&mut self, allowed: Duration) {
        let with_session = self.sessions.peers();
        let idle = |connection: &Connection| {
            connection.since.elapsed() > allowed
                && !node_key(&connection.peer).is_some_and(|key| with_session.contains(&key))
        };
        let idle = self
            .open
            .iter()
            .filter(|(_, connection)| idle(connection))
            .map(|(id, _)| *id)
            .collect();
        self.close(idle);
    }

    /// How long the oldest connection with a peer has stood.
    pub(crate) fn oldest(&self, peer: &PeerId) -> Duration {
        let ages = self.open.values().filter(|connection| connection.peer == *peer);
        ages.map(|connection| connection.since.elapsed()).max().unwrap_or_default()
    }

    /// How many connections a peer has.
    pub(crate) fn count(&self, peer: &PeerId) -> usize {
        self.open.values().filter(|connection| connection.peer == *peer).count()
    }

    /// The connections of a peer besides this one.
    pub(crate) fn others(&self, peer: &PeerId, but: ConnectionId) -> Vec<ConnectionId> {
        let of_peer = self.open.iter().filter(|(id, other)| other.peer == *peer && **id != but);
        of_peer.map(|(id, _)| *id).collect()
    }
}

/// The machine behind an address: a host of IPv6 has a whole /64.
fn host(address: &Multiaddr) -> IpAddr {
    let ip = address.iter().find_map(|part| match part {
        Protocol::Ip4(ip) => Some(IpAddr::V4(ip)),
        Protocol::Ip6(ip) => Some(IpAddr::V6(Ipv6Addr::from(u128::from(ip) >> 64 << 64))),
        _ => None,
    });
    ip.unwrap_or(IpAddr::V6(Ipv6Addr::UNSPECIFIED))
}

impl NetworkBehaviour for ConnectionLimits {
    type ConnectionHandler = dummy::ConnectionHandler;
    type ToSwarm = Infallible;

    fn handle_pending_inbound_connection(
        &mut self,
        connection: ConnectionId,
        _: &Multiaddr,
        remote: &Multiaddr,
    ) -> Result<(), ConnectionDenied> {
        let host = host(remote);
        let from_there = self.pending.values().filter(|other| **other == host).count();
        if self.pending.len() >= PENDING_MAX || from_there >= PENDING_PER_ADDRESS_MAX {
            return Err(ConnectionDenied::new(NoRoom("too many are being authenticated")));
        }
        self.pending.insert(connection, host);
        Ok(())
    }

    fn handle_established_inbound_connection(
        &mut self,
        connection: ConnectionId,
        peer: PeerId,
        _: &Multiaddr,
        _: &Multiaddr,
    ) -> Result<THandler<Self>, ConnectionDenied> {
        self.pending.remove(&connection);
        self.admit(&peer).map_err(ConnectionDenied::new)?;
        Ok(dummy::ConnectionHandler)
    }

    fn handle_established_outbound_connection(
        &mut self,
        _: ConnectionId,
        peer: PeerId,
        _: &Multiaddr,
        _: Endpoint,
        _: PortUse,
    ) -> Result<THandler<Self>, ConnectionDenied> {
        self.admit(&peer).map_err(ConnectionDenied::new)?;
        Ok(dummy::ConnectionHandler)
    }

    fn on_swarm_event(&mut self, event: FromSwarm<'_>) {
        match event {
            FromSwarm::ConnectionEstablished(ConnectionEstablished {
                peer_id,
                connection_id,
                endpoint,
                ..
            }) => {
                let (host, inbound) = (host(endpoint.get_remote_address()), endpoint.is_listener());
                let connection = Connection { peer: peer_id, host, inbound, since: Instant::now() };
                self.open.insert(connection_id, connection);
                self.bound_strangers();
            }
            FromSwarm::ConnectionClosed(ConnectionClosed { connection_id, .. }) => {
                self.open.remove(&connection_id);
                self.closing.retain(|(_, id)| *id != connection_id);
            }
            FromSwarm::ListenFailure(ListenFailure { connection_id, .. }) => {
                self.pending.remove(&connection_id);
            }
            _ => {}
        }
    }

    fn on_connection_handler_event(
        &mut self,
        _: PeerId,
        _: ConnectionId,
        event: THandlerOutEvent<Self>,
    ) {
        match event {}
    }

    fn poll(&mut self, _: &mut Context<'_>) -> Poll<ToSwarm<Infallible, THandlerInEvent<Self>>> {
        match self.closing.pop_front() {
            Some((peer_id, id)) => {
                let connection = CloseConnection::One(id);
                Poll::Ready(ToSwarm::CloseConnection { peer_id, connection })
            }
            None => Poll::Pending,
        }
    }
}

#[cfg(test)]
mod tests {
    use tokio::sync::mpsc;

    use super::*;
    use crate::Patience;

    fn limits(connections_max: u32) -> ConnectionLimits {
        let (events, commands) = (mpsc::channel(1).0, mpsc::channel(1).0);
        let sessions = Sessions::new(Patience::default(), events, commands.downgrade());
        ConnectionLimits::new(Arc::new(sessions), BTreeSet::new(), connections_max)
    }

    fn knock(limits: &mut ConnectionLimits, id: usize, from: &str) -> bool {
        let (local, remote) = ("/ip4/10.0.0.1/tcp/1".parse(), from.parse());
        let (local, remote) = (local.expect("an address"), remote.expect("an address"));
        let id = ConnectionId::new_unchecked(id);
        limits.handle_pending_inbound_connection(id, &local, &remote).is_ok()
    }

    #[test]
    fn one_machine_cannot_take_every_place_of_the_unauthenticated() {
        let mut limits = limits(512);
        let entered =
            (0..PENDING_MAX).filter(|id| knock(&mut limits, *id, "/ip4/10.0.0.9/tcp/9")).count();
        assert_eq!(entered, PENDING_PER_ADDRESS_MAX);
        assert!(knock(&mut limits, 1000, "/ip4/10.0.0.8/tcp/9"), "there is room for others");
        for id in 0..PENDING_MAX {
            let from = format!("/ip6/2001:db8:0:1::{id:x}/tcp/9");
            let _ = knock(&mut limits, 2000 + id, &from);
        }
        assert!(knock(&mut limits, 3000, "/ip4/10.0.0.7/tcp/9"), "a /64 is one machine");
    }
}
