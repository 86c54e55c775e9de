//! What is lacking here (section 7): the content of letters that a carrier dropped, keys that were
//! withheld, heads that marks name.

use schema_wire::{Hash, Scope, UnitId};

use crate::entry::Location;
use crate::names::{Fields, after, corrupt, owner_key, scope_from_key, scope_key, with_hash};
use crate::overlay::Overlay;
use crate::store::{ReadError, ReadStore, Table};

/// How much that is lacking of one scope is wanted from one peer.
const OF_A_SCOPE_MAX: usize = 8_192;
/// How much of what is lacking is looked at for one peer.
const LOOKED_AT_MAX: usize = 65_536;
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

/// By scope: whoever says that much is lacking of its own scopes hides nothing of others.
fn key_of(scope: &Scope, id: &Hash) -> Vec<u8> {
    with_hash(&scope_key(scope), id)
}

/// Notes that something is lacking.
pub(crate) fn note(store: &mut Overlay<'_, impl ReadStore>, scope: &Scope, id: &Hash, what: What) {
    store.put(Table::Lacking, key_of(scope, id), vec![what as u8]);
}

/// Nothing is lacking of this id any more.
pub(crate) fn clear(
    store: &mut Overlay<'_, impl ReadStore>,
    scope: &Scope,
    id: &Hash,
) -> Result<(), ReadError> {
    let key = key_of(scope, id);
    if store.read(Table::Lacking, &key)?.is_some() {
        store.delete(Table::Lacking, key);
    }
    Ok(())
}

/// Is this a letter of a scope whose content is not here?
pub(crate) fn is_bare(
    store: &impl ReadStore,
    scope: &Scope,
    letter: &Hash,
) -> Result<bool, ReadError> {
    let noted = store.read(Table::Lacking, &key_of(scope, letter))?;
    Ok(noted.is_some_and(|noted| noted == [What::Letter as u8]))
}

/// What is lacking of the scopes asked for: of each no more than one peer is asked for.
pub(crate) fn all_lacking(
    store: &impl ReadStore,
    is_asked: impl Fn(&Scope) -> bool,
) -> Result<Vec<(Hash, What, Scope)>, ReadError> {
    let (mut lacking, mut looked_at, mut from) = (Vec::new(), 0, Vec::new());
    while looked_at < LOOKED_AT_MAX
        && let Some((key, _)) = store.range(Table::Lacking, &from, &[u8::MAX], 1)?.pop()
    {
        let scope = scope_from_key(&mut Fields(&key)).ok_or_else(|| corrupt("what is lacking"))?;
        let prefix = scope_key(&scope);
        from = after(&prefix);
        looked_at += 1;
        if !is_asked(&scope) {
            continue;
        }
        for (key, noted) in store.range(Table::Lacking, &prefix, &from, OF_A_SCOPE_MAX)? {
            looked_at += 1;
            lacking.push(read(&key, &noted)?);
        }
    }
    Ok(lacking)
}

/// What one entry says.
pub(crate) fn read(key: &[u8], noted: &[u8]) -> Result<(Hash, What, Scope), ReadError> {
    let mut fields = Fields(key);
    let scope = scope_from_key(&mut fields);
    let id = fields.hash().filter(|_| fields.0.is_empty());
    let what = noted.first().and_then(|what| WHATS.get(usize::from(*what)));
    let read = id.zip(what).zip(scope).map(|((id, what), scope)| (id, *what, scope));
    read.ok_or_else(|| corrupt("what is lacking"))
}

/// Is a head not here that a mark of this unit names?
///
/// # Errors
/// If the store cannot answer.
pub fn lacks_heads(store: &impl ReadStore, unit: &UnitId) -> Result<bool, ReadError> {
    let own = owner_key(unit);
    for (key, noted) in store.range(Table::Lacking, &own, &after(&own), LOOKED_AT_MAX)? {
        let (id, what, _) = read(&key, &noted)?;
        if what == What::Head && Location::of(store, &id)?.is_none() {
            return Ok(true);
        }
    }
    Ok(false)
}
