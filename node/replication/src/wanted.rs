//! What a node wants of its peers: of what is lacking, what may be given to it (section 7).

use schema_wire::{Hash, Item, Payload, Scope};

use crate::entry::Location;
use crate::keyring;
use crate::lacking::{self, What, all_lacking};
use crate::log::item;
use crate::names::corrupt;
use crate::opened::is_opened;
use crate::store::{ReadError, ReadStore};

/// What is wanted of whoever may have it, of the scopes asked for.
///
/// # Errors
/// If the store cannot answer.
pub fn wanted(
    store: &impl ReadStore,
    is_asked: impl Fn(&Scope) -> bool,
) -> Result<Vec<(Scope, Hash)>, ReadError> {
    let mut wanted = Vec::new();
    for lacking in all_lacking(store, is_asked)? {
        wanted.extend(if_wanted(store, lacking)?);
    }
    Ok(wanted)
}

/// What a step notes as lacking, if it is wanted.
pub(crate) fn wanted_by(
    store: &impl ReadStore,
    key: &[u8],
    noted: &[u8],
) -> Result<Option<(Scope, Hash)>, ReadError> {
    if_wanted(store, lacking::read(key, noted)?)
}

fn if_wanted(
    store: &impl ReadStore,
    (id, what, scope): (Hash, What, Scope),
) -> Result<Option<(Scope, Hash)>, ReadError> {
    let is_wanted = match what {
        What::Letter => !is_opened(store, &id)?,
        What::Keys => lacks_keys(store, &scope, &id)?,
        What::Head => Location::of(store, &id)?.is_none(),
    };
    Ok(is_wanted.then_some((scope, id)))
}

fn lacks_keys(store: &impl ReadStore, scope: &Scope, id: &Hash) -> Result<bool, ReadError> {
    let Some(Item::Envelope(envelope)) = item(store, id)?.map(|stored| stored.item) else {
        return Err(corrupt("what is lacking"));
    };
    match envelope.content() {
        Payload::Keys(keys) => keyring::is_lacking(store, scope, keys),
        _ => Err(corrupt("what is lacking")),
    }
}
