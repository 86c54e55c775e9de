//! When each peer was last here, and what it was then known to hold. Evidence for people: nothing
//! is decided by it.

use std::collections::BTreeMap;

use schema_wire::{Cursor, Epoch, Hash, Ms, NodeKey};

use crate::names::{Fields, corrupt, with_hash};
use crate::overlay::Overlay;
use crate::store::{ReadError, ReadStore, Table};

/// How often that a peer is still here is written down, in milliseconds.
const WRITTEN_EVERY_MS: u64 = 60_000;

/// The last contact with a peer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Contact {
    /// When it was here last.
    pub(super) last: Ms,
    /// It held its share of this node's feed up to this position, as of then.
    pub(super) held: Option<(Cursor, Ms)>,
}

/// The contacts with those who are here.
#[derive(Debug, Clone, Default)]
pub(super) struct Contacts {
    /// And when each was written down last.
    here: BTreeMap<NodeKey, (Contact, Ms)>,
    /// Items that each refused, since the start. No more peers than were met.
    refused: BTreeMap<NodeKey, u64>,
}

impl Contacts {
    /// A member is here. `held` is the position up to which it holds all, if it does now.
    pub(super) fn here(
        &mut self,
        store: &mut Overlay<'_, impl ReadStore>,
        peer: &NodeKey,
        held: Option<Cursor>,
        now: Ms,
    ) -> Result<(), ReadError> {
        let known = match self.here.get(peer) {
            Some((contact, written)) => Some((*contact, Some(*written))),
            None => load(store, peer)?.map(|contact| (contact, None)),
        };
        let before = known.and_then(|(contact, _)| contact.held);
        let held = held.map(|cursor| (cursor, now)).or(before);
        let contact = Contact { last: now, held };
        let moved = held.map(|(cursor, _)| cursor) != before.map(|(cursor, _)| cursor);
        let written = known.and_then(|(_, written)| written);
        let due = written.is_none_or(|at| now.since(at) >= WRITTEN_EVERY_MS || now < at);
        if moved || due {
            put(store, peer, &contact);
        }
        let written = written.filter(|_| !moved && !due).unwrap_or(now);
        self.here.insert(*peer, (contact, written));
        Ok(())
    }

    /// It left.
    pub(super) fn left(
        &mut self,
        store: &mut Overlay<'_, impl ReadStore>,
        peer: &NodeKey,
        now: Ms,
    ) {
        if let Some((contact, _)) = self.here.remove(peer) {
            put(store, peer, &Contact { last: now.max(contact.last), ..contact });
        }
    }

    /// It refused items.
    pub(super) fn refuses(&mut self, peer: &NodeKey, count: u64) {
        let refused = self.refused.entry(*peer).or_default();
        *refused = refused.saturating_add(count);
    }

    /// How many items a peer refused, since the start.
    pub(super) fn refused(&self, peer: &NodeKey) -> u64 {
        self.refused.get(peer).copied().unwrap_or(0)
    }

    /// The last contact with a peer.
    pub(super) fn of(
        &self,
        store: &impl ReadStore,
        peer: &NodeKey,
    ) -> Result<Option<Contact>, ReadError> {
        match self.here.get(peer) {
            Some((contact, _)) => Ok(Some(*contact)),
            None => load(store, peer),
        }
    }
}

fn key(peer: &NodeKey) -> Vec<u8> {
    with_hash(b"contact/", &Hash(peer.0))
}

fn load(store: &impl ReadStore, peer: &NodeKey) -> Result<Option<Contact>, ReadError> {
    let bytes = store.read(Table::Meta, &key(peer))?;
    bytes.map(|bytes| read(&bytes).ok_or_else(|| corrupt("contact"))).transpose()
}

fn read(bytes: &[u8]) -> Option<Contact> {
    let mut fields = Fields(bytes);
    let last = Ms::of(fields.number()?);
    let held = match fields.0 {
        [] => None,
        _ => {
            let cursor = Cursor { epoch: Epoch(fields.array()?), seq: fields.number()? };
            Some((cursor, Ms::of(fields.number()?)))
        }
    };
    Some(Contact { last, held })
}

fn put(store: &mut Overlay<'_, impl ReadStore>, peer: &NodeKey, contact: &Contact) {
    let mut bytes = contact.last.get().to_be_bytes().to_vec();
    if let Some((cursor, at)) = &contact.held {
        bytes.extend_from_slice(&cursor.epoch.0);
        bytes.extend_from_slice(&cursor.seq.to_be_bytes());
        bytes.extend_from_slice(&at.get().to_be_bytes());
    }
    store.put(Table::Meta, key(peer), bytes);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::MemStore;

    #[test]
    fn a_contact_is_written_when_it_tells_something_and_now_and_then() {
        let (mut store, mut contacts, peer) =
            (MemStore::default(), Contacts::default(), NodeKey([7; 32]));
        let cursor = |seq| Cursor { epoch: Epoch([1; 16]), seq };
        let mut writes = Vec::new();
        // When, what is held, and is it written?
        for (now, held, is_written) in [
            (1_000, None, true),
            (2_000, None, false),
            (3_000, Some(cursor(5)), true),
            (4_000, Some(cursor(5)), false),
            (5_000, None, false),
            (64_000, Some(cursor(5)), true),
            (65_000, Some(cursor(9)), true),
        ] {
            let mut overlay = Overlay::new(&store);
            contacts.here(&mut overlay, &peer, held, Ms::of(now)).expect("in memory");
            let batch = overlay.into_batch();
            writes.push((!batch.is_empty(), is_written));
            store.apply(&batch);
        }
        assert!(writes.iter().all(|(was, should)| was == should), "{writes:?}");
        let mut overlay = Overlay::new(&store);
        contacts.left(&mut overlay, &peer, Ms::of(66_000));
        store.apply(&overlay.into_batch());
        let contact = Contacts::default().of(&store, &peer).expect("in memory");
        let held = Some((cursor(9), Ms::of(65_000)));
        assert_eq!(contact, Some(Contact { last: Ms::of(66_000), held }));
        assert_eq!(contacts.of(&store, &NodeKey([8; 32])), Ok(None));
    }
}
