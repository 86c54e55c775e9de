//! Sums over many scopes: what a hello between nodes that share ten thousand scopes reads instead
//! of ten thousand records.
//!
//! Beside each scope's set, for each unit the vector over the scopes of one layer of all units
//! within it, and over the letters that it carries; with an index of these scopes by the position
//! of their last item.

use schema_wire::{Holds, Scope, SetVector, UnitId};

use super::cares::{carriers_of, count_cares};
use super::set_record::SetRecord;
use super::wishes;
use crate::names::{Fields, after, corrupt, owner_key, scope_from_key, with_number};
use crate::overlay::Overlay;
use crate::session::{Group, Layer};
use crate::store::{ReadError, ReadStore, Table};

/// The carried letters come after the layers.
const CARRIED: u8 = 3;

fn key_of(unit: &UnitId, number: u8) -> Vec<u8> {
    [owner_key(unit).as_slice(), &[number]].concat()
}

fn number_of(layer: Layer) -> u8 {
    match layer {
        Layer::Statements => 0,
        Layer::Public => 1,
        Layer::Path => 2,
    }
}

/// The groups that a scope belongs to, by their keys.
fn groups_of(scope: &Scope) -> Vec<Vec<u8>> {
    let upwards = |unit: &UnitId| std::iter::successors(Some(unit.clone()), UnitId::parent);
    let within = |layer| {
        let number = number_of(layer);
        upwards(scope.unit()).map(|unit| key_of(&unit, number)).collect()
    };
    match scope.holds() {
        Holds::Statements => within(Layer::Statements),
        Holds::Public => within(Layer::Public),
        Holds::Path => within(Layer::Path),
        Holds::Pair(other) => {
            let carriers = carriers_of(scope.unit(), other);
            carriers.iter().map(|unit| key_of(unit, CARRIED)).collect()
        }
        Holds::Band(_) => Vec::new(),
    }
}

fn load(store: &impl ReadStore, group: &[u8]) -> Result<SetVector, ReadError> {
    let Some(bytes) = store.read(Table::Groups, group)? else {
        return Ok(SetVector::default());
    };
    let bytes = bytes.as_slice().try_into().map_err(|_| corrupt("group"))?;
    Ok(SetVector::from_bytes(bytes))
}

/// Carries a change of a scope's set over to the groups that it belongs to.
pub(super) fn follow(
    store: &mut Overlay<'_, impl ReadStore>,
    scope: &Scope,
    before: &SetRecord,
    now: &SetRecord,
) -> Result<(), ReadError> {
    if let Holds::Pair(other) = scope.holds()
        && (before.items == 0) != (now.items == 0)
    {
        count_cares(store, scope.unit(), other, now.items > 0)?;
        if now.items > 0 {
            wishes::fulfil(store, scope.unit(), other)?;
        }
    }
    let groups = groups_of(scope);
    if groups.is_empty() {
        return Ok(());
    }
    let mut gained = now.vector.clone();
    gained.subtract_all(&before.vector);
    for group in groups {
        let mut vector = load(store, &group)?;
        vector.add_all(&gained);
        store.put(Table::Groups, group.clone(), vector.to_bytes().to_vec());
        if before.items > 0 {
            store.delete(Table::GroupHeads, with_number(&group, before.head));
        }
        if now.items > 0 {
            let head = with_number(&group, now.head);
            store.put(Table::GroupHeads, head, crate::names::scope_key(scope));
        }
    }
    Ok(())
}

/// The vector of all items of a group.
///
/// # Errors
/// If the store cannot answer.
pub fn group_vector(store: &impl ReadStore, group: &Group) -> Result<SetVector, ReadError> {
    match group {
        Group::One(scope) => Ok(SetRecord::load(store, scope)?.vector),
        Group::Within(unit, layer) => load(store, &key_of(unit, number_of(*layer))),
        Group::Carried(unit) => load(store, &key_of(unit, CARRIED)),
    }
}

/// The scopes of a group that are not empty and whose last item has a position above this one.
///
/// # Errors
/// If the store cannot answer.
pub fn changed(
    store: &impl ReadStore,
    group: &Group,
    position: u64,
) -> Result<Vec<Scope>, ReadError> {
    let all = changed_part(store, group, position, usize::MAX >> 1)?;
    Ok(all.into_iter().map(|(_, scope)| scope).collect())
}

/// The first of these, with the position of their last item, as many as are asked for.
///
/// # Errors
/// If the store cannot answer.
pub fn changed_part(
    store: &impl ReadStore,
    group: &Group,
    position: u64,
    limit: usize,
) -> Result<Vec<(u64, Scope)>, ReadError> {
    let key = match group {
        Group::One(scope) => {
            let record = SetRecord::load(store, scope)?;
            let is_changed = record.items > 0 && record.head > position;
            return Ok(is_changed.then(|| (record.head, scope.clone())).into_iter().collect());
        }
        Group::Within(unit, layer) => key_of(unit, number_of(*layer)),
        Group::Carried(unit) => key_of(unit, CARRIED),
    };
    let from = with_number(&key, position.saturating_add(1));
    let heads = store.range(Table::GroupHeads, &from, &after(&key), limit)?;
    let scope = |(name, scope): (Vec<u8>, Vec<u8>)| {
        let head = Fields(name.get(key.len()..)?).number()?;
        Some((head, scope_from_key(&mut Fields(&scope))?))
    };
    heads.into_iter().map(|head| scope(head).ok_or_else(|| corrupt("group"))).collect()
}
