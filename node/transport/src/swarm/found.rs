//! Peers that nobody named and that were found all the same.

use libp2p::{Multiaddr, PeerId};
use schema_wire::NodeKey;

use super::Network;
use crate::address::Address;
use crate::dial::Target;
use crate::identity::node_key;

/// Peers that were found and are kept as targets.
const FOUND_MAX: usize = 64;

impl Network {
    pub(super) fn discovered(&mut self, found: Vec<(PeerId, Multiaddr)>) {
        for (id, address) in found {
            let (Some(key), Ok(address)) = (node_key(&id), Address::try_from(&address)) else {
                continue;
            };
            self.found(key, address);
        }
    }

    /// A key answers at this address, or says that it does: it is dialled there from now on.
    ///
    /// Where a peer was dialled and another key answered, that may be the same node after its key
    /// was replaced. It shows by its membership whether it belongs here, like whoever dials us.
    pub(super) fn found(&mut self, key: NodeKey, address: Address) {
        match self.targets.iter_mut().find(|target| target.key() == Some(key)) {
            Some(target) => target.announce(address),
            None => {
                self.make_room();
                self.targets.push(Target::found(self.targets_made, key, address));
                self.targets_made += 1;
            }
        }
    }

    /// Forgets the found peer that failed most often, if there are too many.
    fn make_room(&mut self) {
        let found = self.targets.iter().enumerate().filter(|(_, target)| target.is_found());
        if found.clone().count() >= FOUND_MAX
            && let Some((index, _)) = found.max_by_key(|(_, target)| target.failures)
        {
            self.targets.remove(index);
        }
    }

    pub(super) fn expired(&mut self, gone: &[(PeerId, Multiaddr)]) {
        for (id, address) in gone {
            if let (Some(key), Ok(address)) = (node_key(id), Address::try_from(address)) {
                let known = self.targets.iter_mut().filter(|target| target.key() == Some(key));
                known.for_each(|target| target.expire(&address));
            }
        }
        self.targets.retain(|target| !target.is_over());
    }
}
