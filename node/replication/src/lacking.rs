//! What is lacking here (section 7): the content of letters that a carrier dropped, keys that were
//! withheld, heads that marks name.

use schema_wire::{Hash, Scope, UnitId};

use crate::entry::Location;
use crate::names::{Fields, corrupt, scope_from_key, scope_key};
use crate::overlay::Overlay;
use crate::store::{ReadError, ReadStore, Table};

/// How much that is lacking is wanted from one peer.
const WANTED_MAX: usize = 65_536;
/// What is lacking of an id.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum What {
    /// A letter's content.
    Letter,
    /// Keys that the envelope tells.
    Keys,
    /// Itself: a mark names it.
    Head,
}

const WHATS: [What; 3] = [What::Letter, What::Keys, What::Head];

/// Notes that something is lacking.
pub(crate) fn note(store: &mut Overlay<'_, impl ReadStore>, scope: &Scope, id: &Hash, what: What) {
    let value = [&[what as u8], scope_key(scope).as_slice()].concat();
    store.put(Table::Lacking, id.0.to_vec(), value);
}

/// Nothing is lacking of this id any more.
pub(crate) fn clear(store: &mut Overlay<'_, impl ReadStore>, id: &Hash) -> Result<(), ReadError> {
    if store.read(Table::Lacking, &id.0)?.is_some() {
        store.delete(Table::Lacking, id.0.to_vec());
    }
    Ok(())
}

/// Is this a letter whose content is not here?
pub(crate) fn is_bare(store: &impl ReadStore, letter: &Hash) -> Result<bool, ReadError> {
    let noted = store.read(Table::Lacking, &letter.0)?;
    Ok(noted.is_some_and(|noted| noted.first() == Some(&(What::Letter as u8))))
}

/// What is lacking, and in which scope.
pub(crate) fn all_lacking(store: &impl ReadStore) -> Result<Vec<(Hash, What, Scope)>, ReadError> {
    let entries = store.range(Table::Lacking, &[], &[u8::MAX; 33], WANTED_MAX)?;
    let read = |(id, noted): (Vec<u8>, Vec<u8>)| {
        let (what, scope) = parse(&noted)?;
        Some((Hash(id.try_into().ok()?), what, scope))
    };
    entries.into_iter().map(|entry| read(entry).ok_or_else(|| corrupt("what is lacking"))).collect()
}

/// Is a head not here that a mark of this unit names?
///
/// # Errors
/// If the store cannot answer.
pub fn lacks_heads(store: &impl ReadStore, unit: &UnitId) -> Result<bool, ReadError> {
    for (id, what, scope) in all_lacking(store)? {
        if what == What::Head && scope.unit() == unit && Location::of(store, &id)?.is_none() {
            return Ok(true);
        }
    }
    Ok(false)
}

fn parse(noted: &[u8]) -> Option<(What, Scope)> {
    let mut fields = Fields(noted);
    let what = WHATS.get(usize::from(fields.byte()?))?;
    Some((*what, scope_from_key(&mut fields)?))
}
