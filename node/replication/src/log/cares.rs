//! For which units a node cares because of letters that it carries: the units around the pairs that
//! hold an item here, or are wished for.

use std::collections::BTreeSet;

use schema_wire::UnitId;

use crate::names::{Fields, after, corrupt, owner_key};
use crate::overlay::Overlay;
use crate::store::{ReadError, ReadStore, Table};

/// The units that contain an end of a pair.
fn around(one: &UnitId, other: &UnitId) -> BTreeSet<UnitId> {
    let upwards = |unit: &UnitId| std::iter::successors(Some(unit.clone()), UnitId::parent);
    upwards(one).chain(upwards(other)).collect()
}

/// The units that carry a pair's letters.
pub(super) fn carriers_of(one: &UnitId, other: &UnitId) -> BTreeSet<UnitId> {
    let mut units = around(one, other);
    units.retain(|unit| unit.carries(one, other));
    units
}

/// A pair holds its first item, or its last one left; or it is wished for.
pub(super) fn count_cares(
    store: &mut Overlay<'_, impl ReadStore>,
    one: &UnitId,
    other: &UnitId,
    came: bool,
) -> Result<(), ReadError> {
    let around = around(one, other);
    for carrier in carriers_of(one, other) {
        for unit in &around {
            let key = [owner_key(&carrier), owner_key(unit)].concat();
            let before = match store.read(Table::Cares, &key)? {
                None => 0,
                Some(bytes) => Fields(&bytes).number().ok_or_else(|| corrupt("cares"))?,
            };
            match if came { before + 1 } else { before.saturating_sub(1) } {
                0 => store.delete(Table::Cares, key),
                pairs => store.put(Table::Cares, key, pairs.to_be_bytes().to_vec()),
            }
        }
    }
    Ok(())
}

/// The units that contain an end of a pair of which an item is here, or that is wished for, and
/// that this unit carries: at the cost of those, not of the pairs.
///
/// # Errors
/// If the store cannot answer.
pub fn cared_for(store: &impl ReadStore, carrier: &UnitId) -> Result<BTreeSet<UnitId>, ReadError> {
    let prefix = owner_key(carrier);
    let found = store.range(Table::Cares, &prefix, &after(&prefix), usize::MAX >> 1)?;
    let parse = |key: &[u8]| {
        let unit = std::str::from_utf8(key.get(prefix.len()..)?).ok()?;
        UnitId::parse(unit.strip_suffix('\0')?).ok()
    };
    found.iter().map(|(key, _)| parse(key).ok_or_else(|| corrupt("cares"))).collect()
}

#[cfg(test)]
mod tests {
    use schema_wire::{Hash, Scope};

    use super::*;
    use crate::log::set::{enter, leave};
    use crate::store::MemStore;

    #[test]
    fn what_a_carrier_cares_for_costs_the_units_and_not_the_pairs() {
        let unit = |text: &str| UnitId::parse(text).expect("a unit");
        let pair = |n: u32| Scope::pair(&unit(&format!("c/a/{n}")), &unit("c/b/1")).expect("two");
        let store = MemStore::default();
        let mut overlay = Overlay::new(&store);
        let id = |n: u32| Hash::of(&[&n.to_be_bytes()]);
        for n in 0..50 {
            enter(&mut overlay, &pair(n), &id(n)).expect("in memory");
            enter(&mut overlay, &pair(n), &id(n + 1_000)).expect("in memory");
        }
        let units = |all: &[&str]| all.iter().map(|text| unit(text)).collect::<BTreeSet<_>>();
        let cared = |overlay: &Overlay<'_, MemStore>, of: &str| {
            cared_for(overlay, &unit(of)).expect("in memory")
        };
        assert_eq!(cared(&overlay, "c/a/7"), units(&["c", "c/a", "c/a/7", "c/b", "c/b/1"]));
        assert_eq!(cared(&overlay, "c/b").len(), 54);
        assert_eq!(cared(&overlay, "c/d"), units(&[]));
        for n in 1..50 {
            leave(&mut overlay, &pair(n), &id(n)).expect("in memory");
            leave(&mut overlay, &pair(n), &id(n + 1_000)).expect("in memory");
        }
        leave(&mut overlay, &pair(0), &id(0)).expect("in memory");
        assert_eq!(cared(&overlay, "c/b"), units(&["c", "c/a", "c/a/0", "c/b", "c/b/1"]));
        leave(&mut overlay, &pair(0), &id(1_000)).expect("in memory");
        assert_eq!(cared(&overlay, "c/b"), units(&[]));
        assert_eq!(overlay.pending(Table::Cares).filter(|(_, value)| value.is_some()).count(), 0);
    }
}
