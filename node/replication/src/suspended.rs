//! What does not count, as the store keeps it: each envelope that is suspended, and why. What
//! counts has no entry.

use schema_wire::{DocumentId, Hash, UnitId};

use crate::counts::{Reason, Validity};
use crate::entry::Location;
use crate::names::{after, corrupt, document_key, owner_key, with_hash};
use crate::overlay::Overlay;
use crate::store::{ReadError, ReadStore, Table};

/// What was found of an admitted envelope.
///
/// # Errors
/// If the store cannot answer.
pub fn validity(
    store: &impl ReadStore,
    document: &DocumentId,
    id: &Hash,
) -> Result<Validity, ReadError> {
    validity_under(store, &document_key(document), id)
}

pub(crate) fn validity_under(
    store: &impl ReadStore,
    document_key: &[u8],
    id: &Hash,
) -> Result<Validity, ReadError> {
    match store.read(Table::Suspended, &with_hash(document_key, id))? {
        None => Ok(Validity::Counts),
        Some(bytes) => from_bytes(&bytes).ok_or_else(|| corrupt("suspended")),
    }
}

/// What does not count of a unit's documents.
pub(crate) fn suspended_of(
    store: &impl ReadStore,
    unit: &UnitId,
) -> Result<Vec<(Hash, Validity)>, ReadError> {
    let owner = owner_key(unit);
    let entries = store.range(Table::Suspended, &owner, &after(&owner), usize::MAX >> 1)?;
    let parse = |(key, value): (Vec<u8>, Vec<u8>)| {
        let (_, id) = key.split_last_chunk::<32>()?;
        Some((Hash(*id), from_bytes(&value)?))
    };
    entries.into_iter().map(|entry| parse(entry).ok_or_else(|| corrupt("suspended"))).collect()
}

/// Does an admitted envelope count?
pub(crate) fn counts(store: &impl ReadStore, id: &Hash) -> Result<bool, ReadError> {
    let location = Location::of(store, id)?.ok_or_else(|| corrupt("envelope"))?;
    let key = with_hash(&location.document_key, id);
    Ok(store.read(Table::Suspended, &key)?.is_none())
}

const REASONS: [Reason; 4] =
    [Reason::Unpermitted, Reason::RestsOnSuspended, Reason::Outvoted, Reason::Fork];

fn from_bytes(bytes: &[u8]) -> Option<Validity> {
    let [reason, aside] = bytes.try_into().ok()?;
    let reason = *REASONS.get(usize::from(reason))?;
    Some(Validity::Suspended { reason, aside: aside == 1 })
}

pub(crate) fn put(
    store: &mut Overlay<'_, impl ReadStore>,
    document_key: &[u8],
    id: &Hash,
    validity: Validity,
) {
    let key = with_hash(document_key, id);
    match validity {
        Validity::Counts => store.delete(Table::Suspended, key),
        Validity::Suspended { reason, aside } => {
            store.put(Table::Suspended, key, vec![reason as u8, u8::from(aside)]);
        }
    }
}
