//! Which documents are judged by what becomes of a statement.

use schema_wire::{DocumentId, Hash};

use crate::names::{after, corrupt, document_from_key};
use crate::overlay::Overlay;
use crate::store::{ReadError, ReadStore, Table};

/// The documents with envelopes that rest on a delegation, or that an adoption marks.
pub(super) fn resting_on(
    store: &impl ReadStore,
    statement: &Hash,
) -> Result<Vec<DocumentId>, ReadError> {
    let entries = store.range(Table::Rests, &statement.0, &after(&statement.0), usize::MAX >> 1)?;
    let parse = |(key, _): (Vec<u8>, Vec<u8>)| {
        key.get(statement.0.len()..).and_then(document_from_key).ok_or_else(|| corrupt("document"))
    };
    entries.into_iter().map(parse).collect()
}

/// Notes that a document is judged by what becomes of a statement.
pub(super) fn rest(
    store: &mut Overlay<'_, impl ReadStore>,
    statement: &Hash,
    document_key: &[u8],
) -> Result<(), ReadError> {
    let key = [&statement.0, document_key].concat();
    if store.read(Table::Rests, &key)?.is_none() {
        store.put(Table::Rests, key, Vec::new());
    }
    Ok(())
}
