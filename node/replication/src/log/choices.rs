//! The choices of this node's people, as the store keeps them: they lie in the batch of the sets
//! that they decide, so that no crash parts the two.
//!
//! A choice that was taken back is kept too, without a value: it outlives what the node was set
//! up with.

use node_authority::{Pin, Pins};
use schema_wire::{Hash, UnitId};

use crate::names::{Fields, after, corrupt};
use crate::overlay::Overlay;
use crate::store::{ReadError, ReadStore, Table};

const GENERATION: &[u8] = b"pin/generation/";
const UNIT: &[u8] = b"pin/unit/";
/// The lineages that the node moved to, one after the other.
const MOVES: &[u8] = b"pin/moves";

/// How many were made.
const MADE: &[u8] = b"pin/made";

/// How many choices were made on this node, those that a node makes by itself included.
pub(super) fn made(store: &impl ReadStore) -> Result<u64, ReadError> {
    let Some(bytes) = store.read(Table::Meta, MADE)? else {
        return Ok(0);
    };
    Fields(&bytes).number().ok_or_else(|| corrupt("number of choices"))
}

fn count(store: &mut Overlay<'_, impl ReadStore>) -> Result<(), ReadError> {
    let made = made(store)? + 1;
    store.put(Table::Meta, MADE.to_vec(), made.to_be_bytes().to_vec());
    Ok(())
}

/// Keeps a choice.
pub(super) fn put(store: &mut Overlay<'_, impl ReadStore>, pin: &Pin) -> Result<(), ReadError> {
    let (key, chosen) = match pin {
        Pin::Generation { after, successor } => ([GENERATION, &after.0].concat(), successor),
        Pin::Unit { unit, lineage } => ([UNIT, unit.as_str().as_bytes()].concat(), lineage),
    };
    let value = chosen.map(|chosen| chosen.0.to_vec()).unwrap_or_default();
    store.put(Table::Meta, key, value);
    count(store)
}

/// Keeps that the node belongs to another lineage from now on.
pub(super) fn put_move(
    store: &mut Overlay<'_, impl ReadStore>,
    lineage: &Hash,
) -> Result<(), ReadError> {
    let mut moves = store.read(Table::Meta, MOVES)?.unwrap_or_default();
    moves.extend(lineage.0);
    store.put(Table::Meta, MOVES.to_vec(), moves);
    count(store)
}

/// What the node was set up with, and on top of it what was chosen since.
pub(super) fn laid_over(mut pins: Pins, store: &impl ReadStore) -> Result<Pins, ReadError> {
    let moves = store.read(Table::Meta, MOVES)?.unwrap_or_default();
    let (moves, rest) = moves.as_chunks();
    if !rest.is_empty() {
        return Err(corrupt("moves"));
    }
    pins = moves.iter().fold(pins, |pins, lineage| pins.moved_to(Hash(*lineage)));
    for prefix in [GENERATION, UNIT] {
        for (key, value) in store.range(Table::Meta, prefix, &after(prefix), usize::MAX >> 1)? {
            let name = key.get(prefix.len()..).unwrap_or_default();
            pins.set(parse(prefix, name, &value).ok_or_else(|| corrupt("pin"))?);
        }
    }
    Ok(pins)
}

fn parse(prefix: &[u8], name: &[u8], value: &[u8]) -> Option<Pin> {
    let chosen = match value {
        [] => None,
        value => Some(Fields(value).hash()?),
    };
    if prefix == GENERATION {
        return Some(Pin::Generation { after: Fields(name).hash()?, successor: chosen });
    }
    let unit = UnitId::parse(std::str::from_utf8(name).ok()?).ok()?;
    Some(Pin::Unit { unit, lineage: chosen })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::MemStore;

    #[test]
    fn choices_are_read_again_and_what_was_taken_back_stays_so() {
        let unit = |text: &str| UnitId::parse(text).expect("a unit");
        let set_up = || {
            let mut pins = Pins::of(unit("c"), Hash([1; 32]));
            pins.set(Pin::Unit { unit: unit("c/a"), lineage: Some(Hash([2; 32])) });
            pins
        };
        let choices = [
            Pin::Unit { unit: unit("c/a"), lineage: None },
            Pin::Unit { unit: unit("c/b"), lineage: Some(Hash([3; 32])) },
            Pin::Generation { after: Hash([4; 32]), successor: Some(Hash([5; 32])) },
            Pin::Generation { after: Hash([6; 32]), successor: None },
        ];
        let (store, mut expected) = (MemStore::default(), set_up());
        let mut overlay = Overlay::new(&store);
        for pin in choices {
            put(&mut overlay, &pin).expect("a store in memory answers");
            expected.set(pin);
        }
        for lineage in [7, 1, 8].map(|n| Hash([n; 32])) {
            put_move(&mut overlay, &lineage).expect("a store in memory answers");
            expected = expected.moved_to(lineage);
        }
        assert_eq!((expected.lineage(), expected.former().count()), (Hash([8; 32]), 2));
        assert_eq!((made(&overlay), made(&store)), (Ok(7), Ok(0)));
        assert_eq!(laid_over(set_up(), &overlay), Ok(expected));
        assert_eq!(laid_over(set_up(), &store), Ok(set_up()));
    }
}
