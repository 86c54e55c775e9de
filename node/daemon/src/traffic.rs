//! What sessions carry, counted, so that people see what a resume cost.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use node_replication::replica::SessionId;
use schema_wire::{Frame, NodeKey};

/// What a session has carried so far.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Carried {
    pub(crate) items_in: u64,
    pub(crate) items_out: u64,
    /// Of frames, before they are packed.
    pub(crate) bytes_in: u64,
    pub(crate) bytes_out: u64,
}

/// The sessions that are open.
#[derive(Debug, Default)]
pub(crate) struct Traffic(Mutex<BTreeMap<SessionId, (NodeKey, Carried)>>);

impl Traffic {
    fn sessions(&self) -> MutexGuard<'_, BTreeMap<SessionId, (NodeKey, Carried)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn opened(&self, session: SessionId, peer: NodeKey) {
        self.sessions().insert(session, (peer, Carried::default()));
    }

    pub(crate) fn closed(&self, session: SessionId) {
        self.sessions().remove(&session);
    }

    pub(crate) fn came(&self, session: SessionId, bytes: usize, frame: Option<&Frame>) {
        if let Some((_, carried)) = self.sessions().get_mut(&session) {
            carried.bytes_in += bytes as u64;
            carried.items_in += frame.map_or(0, items);
        }
    }

    pub(crate) fn sent(&self, session: SessionId, bytes: usize, frame: &Frame) {
        if let Some((_, carried)) = self.sessions().get_mut(&session) {
            carried.bytes_out += bytes as u64;
            carried.items_out += items(frame);
        }
    }

    /// What the newest session with a peer has carried.
    pub(crate) fn with(&self, peer: &NodeKey) -> Carried {
        let sessions = self.sessions();
        let newest = sessions.values().rev().find(|(other, _)| other == peer);
        newest.map(|(_, carried)| *carried).unwrap_or_default()
    }
}

fn items(frame: &Frame) -> u64 {
    match frame {
        Frame::Items(items) => items.items.len() as u64,
        _ => 0,
    }
}
