//! What a node wants of its peers: of what is lacking, what may be given to it (section 7).

use schema_wire::{Hash, Item, Payload, Scope};

use crate::entry::Location;
use crate::keyring;
use crate::lacking::{What, all_lacking};
use crate::log::item;
use crate::names::corrupt;
use crate::opened::is_opened;
use crate::store::{ReadError, ReadStore};

/// What is wanted of whoever may have it, by the scope that it belongs to.
///
/// # Errors
/// If the store cannot answer.
pub fn wanted(store: &impl ReadStore) -> Result<Vec<(Scope, Hash)>, ReadError> {
    let mut wanted = Vec::new();
    for (id, what, scope) in all_lacking(store)? {
        let is_wanted = match what {
            What::Letter => !is_opened(store, &id)?,
            What::Keys => lacks_keys(store, &scope, &id)?,
            What::Head => Location::of(store, &id)?.is_none(),
        };
        if is_wanted {
            wanted.push((scope, id));
        }
    }
    Ok(wanted)
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
