//! What a replica knows beside its store, as of one moment: for readers that must not wait for it.

use std::collections::BTreeMap;
use std::sync::Arc;

use node_authority::Authority;
use schema_wire::{Author, Epoch, NodeKey, Scope};

use super::Replica;
use super::contacts::Contacts;
use super::view::Origins;
use crate::session::{Claim, Link, Sharing};

/// What a replica knows beside its store, as of one moment. Nothing changes it: whoever has it
/// reads it beside the store, and neither waits for the other.
#[derive(Debug, Clone)]
pub struct Seen {
    pub(super) authority: Arc<Authority>,
    pub(super) claim: Claim,
    pub(super) author: Author,
    pub(super) epoch: Epoch,
    pub(super) sessions: BTreeMap<NodeKey, SeenSession>,
    pub(super) contacts: Contacts,
    pub(super) origins: Origins,
}

/// A session, as it stood: of several with one peer the one that has come farthest.
#[derive(Debug, Clone)]
pub(super) struct SeenSession {
    pub(super) link: Link,
    pub(super) acknowledged: BTreeMap<Scope, u64>,
    pub(super) sharing: Option<Sharing>,
}

impl Seen {
    /// Who may do what.
    #[must_use]
    pub fn authority(&self) -> &Authority {
        &self.authority
    }

    /// Who the node writes as.
    #[must_use]
    pub const fn author(&self) -> Author {
        self.author
    }
}

impl Replica {
    /// What it knows now, to be read beside what is durable. It costs what the sessions are, not
    /// what the network is.
    #[must_use]
    pub fn seen(&self) -> Seen {
        let mut sessions: BTreeMap<NodeKey, SeenSession> = BTreeMap::new();
        for session in self.sessions.values() {
            let (peer, link) = (session.peer(), session.link());
            if sessions.get(&peer).is_some_and(|other| other.link > link) {
                continue;
            }
            let (acknowledged, sharing) = (session.acknowledged(), session.sharing().cloned());
            sessions.insert(peer, SeenSession { link, acknowledged, sharing });
        }
        Seen {
            authority: self.log.shared_authority(),
            claim: self.own.claim.clone(),
            author: self.log.author(),
            epoch: Epoch(self.log.epoch()),
            sessions,
            contacts: self.contacts.clone(),
            origins: self.origins.clone(),
        }
    }
}
