//! What is remembered of peers: who they were, and how far their feeds were taken.

use std::collections::BTreeSet;

use schema_wire::{Cursor, Epoch, Hash, NodeKey, Scope, UnitId};

use crate::names::{Fields, after, corrupt, scope_key, with_hash};
use crate::overlay::Overlay;
use crate::session::Met;
use crate::store::{ReadError, ReadStore, Table};

fn met_key(peer: &NodeKey) -> Vec<u8> {
    with_hash(b"met/", &Hash(peer.0))
}

fn text(bytes: &mut Vec<u8>, text: &str) {
    bytes.extend_from_slice(&(text.len() as u64).to_be_bytes());
    bytes.extend_from_slice(text.as_bytes());
}

fn read_unit(fields: &mut Fields<'_>) -> Option<UnitId> {
    let length = usize::try_from(fields.number()?).ok()?;
    let (unit, rest) = fields.0.split_at_checked(length)?;
    fields.0 = rest;
    UnitId::parse(std::str::from_utf8(unit).ok()?).ok()
}

/// What a peer cares for lies apart: it may be long, and seldom changes.
fn interests_key(peer: &NodeKey) -> Vec<u8> {
    with_hash(b"cares/", &Hash(peer.0))
}

pub(super) fn remember(
    store: &mut Overlay<'_, impl ReadStore>,
    peer: &NodeKey,
    met: &Met,
) -> Result<(), ReadError> {
    let mut bytes = met.level.to_be_bytes().to_vec();
    bytes.extend_from_slice(&met.lineage.0);
    text(&mut bytes, met.unit.as_str());
    match &met.known {
        None => bytes.push(0),
        Some((shared, cursor)) => {
            bytes.push(1);
            bytes.extend_from_slice(&shared.0);
            bytes.extend_from_slice(&cursor_bytes(cursor));
        }
    }
    let (mut units, key) = (Vec::new(), interests_key(peer));
    met.interests.iter().for_each(|unit| text(&mut units, unit.as_str()));
    if store.read(Table::Meta, &key)?.unwrap_or_default() != units {
        store.put(Table::Meta, key, units);
    }
    store.put(Table::Meta, met_key(peer), bytes);
    Ok(())
}

pub(super) fn met(store: &impl ReadStore, peer: &NodeKey) -> Result<Option<Met>, ReadError> {
    let Some(bytes) = store.read(Table::Meta, &met_key(peer))? else { return Ok(None) };
    let interests = store.read(Table::Meta, &interests_key(peer))?.unwrap_or_default();
    read_met(&bytes, &interests).map(Some).ok_or_else(|| corrupt("peer"))
}

/// Every peer that was met.
pub(super) fn all(store: &impl ReadStore) -> Result<Vec<(NodeKey, Met)>, ReadError> {
    let prefix = b"met/";
    let all = store.range(Table::Meta, prefix, &after(prefix), usize::MAX >> 1)?;
    let peer = |(key, _): (Vec<u8>, Vec<u8>)| {
        let peer = key.get(prefix.len()..).and_then(|key| Fields(key).array()).map(NodeKey);
        let peer = peer.ok_or_else(|| corrupt("peer"))?;
        Ok((peer, met(store, &peer)?.ok_or_else(|| corrupt("peer"))?))
    };
    all.into_iter().map(peer).collect()
}

fn read_met(bytes: &[u8], units: &[u8]) -> Option<Met> {
    let mut fields = Fields(bytes);
    let (level, lineage) = (fields.number()?, fields.hash()?);
    let unit = read_unit(&mut fields)?;
    let known = match fields.byte()? {
        0 => None,
        _ => Some((fields.hash()?, read_cursor(&mut fields)?)),
    };
    let (mut interests, mut fields) = (BTreeSet::new(), Fields(units));
    while !fields.0.is_empty() {
        interests.insert(read_unit(&mut fields)?);
    }
    Some(Met { unit, lineage, level, interests, known })
}

fn shown_key(peer: &NodeKey) -> Vec<u8> {
    with_hash(b"shown/", &Hash(peer.0))
}

/// By which statements this node was shown to a peer that took them.
pub(super) fn shown(store: &impl ReadStore, peer: &NodeKey) -> Result<Option<Hash>, ReadError> {
    let bytes = store.read(Table::Meta, &shown_key(peer))?;
    bytes.map(|bytes| Fields(&bytes).hash().ok_or_else(|| corrupt("peer"))).transpose()
}

pub(super) fn set_shown(store: &mut Overlay<'_, impl ReadStore>, peer: &NodeKey, shown: Hash) {
    store.put(Table::Meta, shown_key(peer), shown.0.to_vec());
}

fn cursor_bytes(cursor: &Cursor) -> Vec<u8> {
    [&cursor.epoch.0[..], &cursor.seq.to_be_bytes()].concat()
}

fn read_cursor(fields: &mut Fields<'_>) -> Option<Cursor> {
    Some(Cursor { epoch: Epoch(fields.array()?), seq: fields.number()? })
}

fn cursor_key(peer: &NodeKey, scope: &Scope) -> Vec<u8> {
    [&peer.0[..], &scope_key(scope)].concat()
}

pub(super) fn cursor(
    store: &impl ReadStore,
    peer: &NodeKey,
    scope: &Scope,
) -> Result<Option<Cursor>, ReadError> {
    let bytes = store.read(Table::Cursors, &cursor_key(peer, scope))?;
    bytes.map(|bytes| read_cursor(&mut Fields(&bytes)).ok_or_else(|| corrupt("cursor"))).transpose()
}

pub(super) fn set_cursor(
    store: &mut Overlay<'_, impl ReadStore>,
    peer: &NodeKey,
    scope: &Scope,
    cursor: Cursor,
) {
    store.put(Table::Cursors, cursor_key(peer, scope), cursor_bytes(&cursor));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::MemStore;

    #[test]
    fn what_is_remembered_of_a_peer_is_read_again() {
        let unit = |text: &str| UnitId::parse(text).expect("a unit");
        let store = MemStore::default();
        let mut overlay = Overlay::new(&store);
        let peer = NodeKey([7; 32]);
        assert_eq!(met(&overlay, &peer), Ok(None));
        let cursor = Cursor { epoch: Epoch([3; 16]), seq: 9 };
        for known in [None, Some((Hash([1; 32]), cursor))] {
            let interests = [unit("c/b"), unit("c/b/1")].into();
            let lineage = Hash([2; 32]);
            let told = Met { unit: unit("c/a"), lineage, level: 3, interests, known };
            remember(&mut overlay, &peer, &told).expect("in memory");
            assert_eq!(met(&overlay, &peer), Ok(Some(told)));
        }
    }
}
