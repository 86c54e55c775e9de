//! A peer that connects anew while its old connection stands.
//!
//! It lost its power and is back; or its key is in use at two places, and this is the other one.
//! Nobody can tell which by one connection, so the newcomer gets the session: of two with one key
//! each comes to speak in turn, and what their sessions say shows that they are two.

use libp2p::PeerId;
use libp2p::swarm::ConnectionId;
use schema_wire::NodeKey;

use super::Network;
use crate::identity::node_key;

impl Network {
    /// Ends the session and closes every connection but the newest one.
    pub(super) fn begin_handover(&mut self, id: PeerId, peer: NodeKey, newest: ConnectionId) {
        self.handing_over.insert(id);
        self.sessions.cut(&peer);
        for connection in self.swarm.behaviour().limits.others(&id, newest) {
            self.swarm.close_connection(connection);
        }
        self.hand_over(id);
    }

    /// Opens the session anew once the old one is over and one connection is left.
    pub(super) fn hand_over(&mut self, id: PeerId) {
        let Some(peer) = node_key(&id).filter(|_| self.handing_over.contains(&id)) else { return };
        let is_over = self.sessions.age(&peer).is_none();
        if is_over && self.swarm.behaviour().limits.count(&id) == 1 {
            self.handing_over.remove(&id);
            self.open_session(id, peer);
        }
    }
}
