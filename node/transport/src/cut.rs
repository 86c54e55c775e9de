//! Which links people cut.

use std::collections::BTreeSet;

use schema_wire::NodeKey;

/// The links that are cut until somebody heals them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Cut {
    /// Every link, but for those to `healed`.
    pub all: bool,
    /// The links to these peers.
    pub peers: BTreeSet<NodeKey>,
    /// Of all that are cut, those that are not.
    pub healed: BTreeSet<NodeKey>,
}

impl Cut {
    /// Cuts or heals every link.
    pub(crate) fn set_all(&mut self, cut: bool) {
        *self = Self { all: cut, ..Self::default() };
    }

    /// Cuts or heals the link to a peer.
    pub(crate) fn set(&mut self, peer: NodeKey, cut: bool) {
        let (into, from) = match cut {
            true => (&mut self.peers, &mut self.healed),
            false => (&mut self.healed, &mut self.peers),
        };
        from.remove(&peer);
        into.insert(peer);
    }

    /// Is the link to whoever this is cut?
    pub(crate) fn holds_for(&self, peer: Option<NodeKey>) -> bool {
        match peer {
            Some(peer) if self.healed.contains(&peer) => false,
            Some(peer) => self.all || self.peers.contains(&peer),
            None => self.all,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_link_is_cut_or_healed_apart_from_all() {
        let (one, other) = (NodeKey([1; 32]), NodeKey([2; 32]));
        let mut cut = Cut::default();
        cut.set(one, true);
        assert!(cut.holds_for(Some(one)) && !cut.holds_for(Some(other)) && !cut.holds_for(None));
        cut.set_all(true);
        cut.set(one, false);
        assert!(!cut.holds_for(Some(one)) && cut.holds_for(Some(other)) && cut.holds_for(None));
        cut.set_all(false);
        assert_eq!(cut, Cut::default());
    }
}
