//! Wishes: to whom a unit is to write of whom it holds no letter yet (section 9.3). A wish makes a
//! node care for the statements of the addressee, the card among them, as a letter would; the
//! pair's first item takes its place.

use std::collections::BTreeSet;

use schema_wire::{Ms, Scope, UnitId};

use super::cares::count_cares;
use super::set_record::SetRecord;
use crate::admission::interests_of;
use crate::names::{Fields, after, corrupt, owner_key};
use crate::overlay::Overlay;
use crate::store::{ReadError, ReadStore, Table};

/// Wishes of one unit that a node keeps: others decide how many it is asked for.
pub const WISHES_MAX: usize = 256;
/// How long one is kept that nobody tells again, once there is no room for others: a unit that does
/// not exist never writes, and a node that was removed tells nothing again. In milliseconds.
const FORGOTTEN_MS: u64 = 604_800_000;
/// How often it is noted that one was told again.
const NOTED_MS: u64 = 86_400_000;

fn key_of(from: &UnitId, to: &UnitId) -> Vec<u8> {
    [owner_key(from), owner_key(to)].concat()
}

/// When a wish was told last.
fn told(bytes: &[u8]) -> Result<Ms, ReadError> {
    Fields(bytes).number().map(Ms::of).ok_or_else(|| corrupt("wish"))
}

/// Notes that a unit wishes to write to others, as far as there is room.
pub(crate) fn wish(
    store: &mut Overlay<'_, impl ReadStore>,
    from: &UnitId,
    to: &BTreeSet<UnitId>,
    now: Ms,
) -> Result<(), ReadError> {
    let prefix = owner_key(from);
    let all = store.range(Table::Wishes, &prefix, &after(&prefix), WISHES_MAX)?;
    let mut kept = all.len();
    let mut forgotten = Vec::new();
    for (key, bytes) in all {
        let at = told(&bytes)?;
        if now.since(at) >= FORGOTTEN_MS {
            forgotten.push((at, key));
        }
    }
    // The one that was told last is forgotten last.
    forgotten.sort_unstable_by(|a, b| b.cmp(a));
    for unit in to {
        let key = key_of(from, unit);
        let Ok(pair) = Scope::pair(from, unit) else { continue };
        if let Some(bytes) = store.read(Table::Wishes, &key)? {
            if now.since(told(&bytes)?) >= NOTED_MS {
                store.put(Table::Wishes, key.clone(), now.get().to_be_bytes().to_vec());
                forgotten.retain(|(_, other)| *other != key);
            }
            continue;
        }
        if SetRecord::load(store, &pair)?.items > 0 {
            continue;
        }
        if kept == WISHES_MAX {
            let Some((_, oldest)) = forgotten.pop() else { continue };
            forget(store, oldest)?;
            kept -= 1;
        }
        kept += 1;
        store.put(Table::Wishes, key, now.get().to_be_bytes().to_vec());
        count_cares(store, from, unit, true)?;
        for unit in interests_of(&pair) {
            store.put(Table::Interests, owner_key(&unit), Vec::new());
        }
    }
    Ok(())
}

/// Nobody wishes it any more.
fn forget(store: &mut Overlay<'_, impl ReadStore>, key: Vec<u8>) -> Result<(), ReadError> {
    let (from, to) = ends_of(&key).ok_or_else(|| corrupt("wish"))?;
    store.delete(Table::Wishes, key);
    count_cares(store, &from, &to, false)
}

/// The pair has an item now, which asks for the same.
pub(super) fn fulfil(
    store: &mut Overlay<'_, impl ReadStore>,
    one: &UnitId,
    other: &UnitId,
) -> Result<(), ReadError> {
    for (from, to) in [(one, other), (other, one)] {
        let key = key_of(from, to);
        if store.read(Table::Wishes, &key)?.is_some() {
            store.delete(Table::Wishes, key);
            count_cares(store, from, to, false)?;
        }
    }
    Ok(())
}

/// The pair that a wish names.
pub(crate) fn pair_of(key: &[u8]) -> Option<Scope> {
    let (from, to) = ends_of(key)?;
    Scope::pair(&from, &to).ok()
}

/// Who wishes, and to whom it is to write.
fn ends_of(key: &[u8]) -> Option<(UnitId, UnitId)> {
    let text = std::str::from_utf8(key).ok()?;
    let (from, to) = text.strip_suffix('\0')?.split_once('\0')?;
    Some((UnitId::parse(from).ok()?, UnitId::parse(to).ok()?))
}

#[cfg(test)]
mod tests {
    use schema_wire::Hash;

    use super::*;
    use crate::log::cared_for;
    use crate::log::set::enter;
    use crate::store::MemStore;

    const NOW: Ms = Ms::of(1_000_000_000_000);

    fn unit(text: &str) -> UnitId {
        UnitId::parse(text).expect("a unit")
    }

    fn units(all: &[&str]) -> BTreeSet<UnitId> {
        all.iter().map(|text| unit(text)).collect()
    }

    #[test]
    fn a_wish_cares_as_a_letter_does_and_the_first_letter_takes_its_place() {
        let store = MemStore::default();
        let mut overlay = Overlay::new(&store);
        let (from, to) = (unit("c/a/1"), unit("c/b/2"));
        let around = units(&["c", "c/a", "c/a/1", "c/b", "c/b/2"]);
        for _ in 0..2 {
            wish(&mut overlay, &from, &units(&["c/b/2"]), NOW).expect("in memory");
        }
        let cared = |overlay: &Overlay<'_, MemStore>| {
            ["c/a", "c/b/2", "c/a/9"].map(|of| cared_for(overlay, &unit(of)).expect("in memory"))
        };
        assert_eq!(cared(&overlay), [around.clone(), around.clone(), units(&[])]);
        let pair = Scope::pair(&from, &to).expect("two");
        enter(&mut overlay, &pair, &Hash([1; 32])).expect("in memory");
        assert_eq!(cared(&overlay), [around.clone(), around, units(&[])]);
        let left = overlay.range(Table::Wishes, &[], &[u8::MAX], 9).expect("in memory");
        assert_eq!(left, []);
        wish(&mut overlay, &from, &units(&["c/b/2"]), NOW).expect("in memory");
        let left = overlay.range(Table::Wishes, &[], &[u8::MAX], 9).expect("in memory");
        assert_eq!(left, [], "the pair has a letter");
        let cares = overlay.range(Table::Cares, &[], &[u8::MAX], 99).expect("in memory");
        let one = 1_u64.to_be_bytes().to_vec();
        assert!(cares.iter().all(|(_, pairs)| *pairs == one), "one pair, counted once");
    }

    #[test]
    fn nobody_makes_a_node_keep_more_wishes_than_it_has_room_for() {
        let store = MemStore::default();
        let mut overlay = Overlay::new(&store);
        let many: BTreeSet<UnitId> = (0..1_000).map(|n| unit(&format!("c/b/{n}"))).collect();
        wish(&mut overlay, &unit("c/a/1"), &many, NOW).expect("in memory");
        wish(&mut overlay, &unit("c/a/2"), &units(&["c/b/2"]), NOW).expect("in memory");
        let kept = overlay.range(Table::Wishes, &[], &[u8::MAX], 9_999).expect("in memory");
        assert_eq!(kept.len(), WISHES_MAX + 1, "one unit takes no room of another");
        let read = pair_of(&kept[WISHES_MAX].0).expect("a pair");
        assert_eq!(read, Scope::pair(&unit("c/a/2"), &unit("c/b/2")).expect("two"));
    }

    #[test]
    fn what_nobody_tells_again_makes_room_and_what_is_told_again_stays() {
        let store = MemStore::default();
        let mut overlay = Overlay::new(&store);
        let from = unit("c/a/1");
        let many: BTreeSet<UnitId> = (0..256).map(|n| unit(&format!("c/b/{n}"))).collect();
        let later = |days: u64| NOW.plus(days * NOTED_MS);
        wish(&mut overlay, &from, &many, NOW).expect("in memory");
        let told: BTreeSet<UnitId> = many.iter().take(200).cloned().collect();
        wish(&mut overlay, &from, &told, later(4)).expect("in memory");
        let more: BTreeSet<UnitId> = (0..100).map(|n| unit(&format!("c/e/{n}"))).collect();
        let kept = |overlay: &Overlay<'_, MemStore>| {
            let all = overlay.range(Table::Wishes, &[], &[u8::MAX], 9_999).expect("in memory");
            let to = |(key, _): &(Vec<u8>, Vec<u8>)| ends_of(key).expect("a wish").1;
            all.iter().map(to).collect::<BTreeSet<_>>()
        };
        wish(&mut overlay, &from, &more, later(6)).expect("in memory");
        assert_eq!(kept(&overlay), many, "there is no room yet");
        wish(&mut overlay, &from, &more, later(7)).expect("in memory");
        let (all, first) = (kept(&overlay), more.iter().take(56).cloned().collect());
        assert_eq!(all.len(), WISHES_MAX);
        assert!(
            told.is_subset(&all)
                && all.difference(&told).cloned().collect::<BTreeSet<_>>() == first
        );
        let cared = cared_for(&overlay, &from).expect("in memory");
        assert_eq!(cared.len(), 256 + 5, "nothing is cared for that nobody wishes");
    }
}
