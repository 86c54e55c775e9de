//! The sets of scopes and the feed: what is admitted and not set aside, in the order in which it
//! came in (sections 7 and 9.3).
//!
//! The positions 1, 2, 3 run over all scopes together. What leaves a set gives its position up,
//! and takes the next one when it comes in again.

use std::collections::BTreeSet;

use schema_wire::{Hash, Scope};

use super::groups;
use super::set_record::SetRecord;
use crate::names::{Fields, after, corrupt, scope_from_key, scope_key, with_number};
use crate::overlay::Overlay;
use crate::store::{ReadError, ReadStore, Table};

const HEAD: &[u8] = b"feed-head";

/// The sets of all scopes that hold something, or once did.
///
/// # Errors
/// If the store cannot answer.
pub fn sets(store: &impl ReadStore) -> Result<Vec<(Scope, SetRecord)>, ReadError> {
    let all = store.range(Table::Scopes, &[], &[u8::MAX], usize::MAX >> 1)?;
    let parse = |(key, bytes): (Vec<u8>, Vec<u8>)| {
        scope_from_key(&mut Fields(&key))
            .zip(SetRecord::from_bytes(&bytes))
            .ok_or_else(|| corrupt("scope"))
    };
    all.into_iter().map(parse).collect()
}

fn position_key(scope_key: &[u8], id: &Hash) -> Vec<u8> {
    [&id.0, scope_key].concat()
}

/// The last position of the feed.
///
/// # Errors
/// If the store cannot answer.
pub fn feed_head(store: &impl ReadStore) -> Result<u64, ReadError> {
    let Some(bytes) = store.read(Table::Meta, HEAD)? else {
        return Ok(0);
    };
    Fields(&bytes).number().ok_or_else(|| corrupt("feed head"))
}

/// Where in the feed an item of a scope's set stands; none if it is not in it.
///
/// # Errors
/// If the store cannot answer.
pub fn position(
    store: &impl ReadStore,
    scope: &Scope,
    id: &Hash,
) -> Result<Option<u64>, ReadError> {
    let bytes = store.read(Table::Positions, &position_key(&scope_key(scope), id))?;
    bytes.map(|bytes| Fields(&bytes).number().ok_or_else(|| corrupt("position"))).transpose()
}

/// The scopes in whose sets an item is.
pub(super) fn scopes_of(store: &impl ReadStore, id: &Hash) -> Result<BTreeSet<Scope>, ReadError> {
    let entries = store.range(Table::Positions, &id.0, &after(&id.0), usize::MAX >> 1)?;
    let scope = |(key, _): (Vec<u8>, Vec<u8>)| {
        let rest = key.get(id.0.len()..).unwrap_or_default();
        let scope = scope_from_key(&mut Fields(rest));
        scope.ok_or_else(|| corrupt("position"))
    };
    entries.into_iter().map(scope).collect()
}

/// Takes an item into the set of a scope, at the next position of the feed.
pub(crate) fn enter(
    store: &mut Overlay<'_, impl ReadStore>,
    scope: &Scope,
    id: &Hash,
) -> Result<(), ReadError> {
    let (key, position) = (scope_key(scope), feed_head(store)? + 1);
    let before = SetRecord::load(store, scope)?;
    let mut record = before.clone();
    record.head = position;
    record.items += 1;
    record.vector.add(id);
    groups::follow(store, scope, &before, &record)?;
    store.put(Table::Meta, HEAD.to_vec(), position.to_be_bytes().to_vec());
    store.put(Table::Feed, with_number(&key, position), id.0.to_vec());
    store.put(Table::Positions, position_key(&key, id), position.to_be_bytes().to_vec());
    record.put(store, key);
    Ok(())
}

/// Takes an item out of the set of a scope.
pub(crate) fn leave(
    store: &mut Overlay<'_, impl ReadStore>,
    scope: &Scope,
    id: &Hash,
) -> Result<(), ReadError> {
    let key = scope_key(scope);
    let place = position_key(&key, id);
    let position = store.read(Table::Positions, &place)?;
    let position = position.as_deref().and_then(|bytes| Fields(bytes).number());
    let position = position.ok_or_else(|| corrupt("position"))?;
    let before = SetRecord::load(store, scope)?;
    let mut record = before.clone();
    record.items -= 1;
    record.vector.subtract(id);
    groups::follow(store, scope, &before, &record)?;
    store.delete(Table::Feed, with_number(&key, position));
    store.delete(Table::Positions, place);
    record.put(store, key);
    Ok(())
}

/// Items of a scope's feed: the positions after `cursor`, at most `limit` of them.
///
/// # Errors
/// If the store cannot answer.
pub fn feed(
    store: &impl ReadStore,
    scope: &Scope,
    cursor: u64,
    limit: usize,
) -> Result<Vec<(u64, Hash)>, ReadError> {
    let key = scope_key(scope);
    let from = with_number(&key, cursor.saturating_add(1));
    let entries = store.range(Table::Feed, &from, &after(&key), limit)?;
    let parse = |(name, value): (Vec<u8>, Vec<u8>)| {
        let position = Fields(name.get(key.len()..)?).number()?;
        Some((position, Fields(&value).hash()?))
    };
    entries.into_iter().map(|entry| parse(entry).ok_or_else(|| corrupt("feed"))).collect()
}
