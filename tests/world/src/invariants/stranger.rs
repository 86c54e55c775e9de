//! Whose frames must change nothing.

use schema_wire::Scope;

use crate::world::World;

impl World {
    /// Is the other end of a conversation nobody's member, and was it none before in this
    /// conversation, as an honest node sees it?
    pub(crate) fn is_stranger(&self, at: usize, talk: u64) -> bool {
        let site = &self.sites[at];
        let (Some(replica), Some(peer)) = (&site.replica, site.open.get(&talk)) else {
            return false;
        };
        let own = Scope::statements(site.path.clone());
        let clock = site.clock(self.now);
        let met = site.met.contains(&talk);
        site.honest && !met && replica.authority().may_hold(peer, &own, clock).is_none()
    }
}
