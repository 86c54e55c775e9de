//! The secrets of the unit's boxes: they lie in the keyring of band work (section 10.5).

use node_replication::store::{ReadError, ReadStore};
use node_replication::{HeldKey, keys_of, subjects_of};
use schema_content::{box_of, box_subject};
use schema_wire::{Band, Scope, UnitId};

fn work(unit: &UnitId) -> Scope {
    Scope::band(unit.clone(), Band::Work)
}

/// The secret half of a box, if it is here.
pub(crate) fn secret_of(
    store: &impl ReadStore,
    unit: &UnitId,
    letter_box: &[u8; 32],
) -> Result<Option<[u8; 32]>, ReadError> {
    let known = keys_of(store, &work(unit), &box_subject(letter_box))?;
    let mut secrets = known.into_iter().filter_map(|known| match known.held {
        HeldKey::Opens { key, .. } => Some(key),
        HeldKey::Erased | HeldKey::Lacking => None,
    });
    Ok(secrets.find(|secret| box_of(secret).as_ref() == Some(letter_box)))
}

/// The secrets of all boxes that the unit ever had. A secret tells its box by itself, and so its
/// subject: what else lies in the keyring is none.
pub(crate) fn all_secrets(
    store: &impl ReadStore,
    unit: &UnitId,
) -> Result<Vec<[u8; 32]>, ReadError> {
    let mut secrets = Vec::new();
    for subject in subjects_of(store, &work(unit))? {
        for known in keys_of(store, &work(unit), &subject)? {
            if let HeldKey::Opens { key, .. } = known.held
                && box_of(&key).is_some_and(|letter_box| box_subject(&letter_box) == subject)
            {
                secrets.push(key);
            }
        }
    }
    Ok(secrets)
}
