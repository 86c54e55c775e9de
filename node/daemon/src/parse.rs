//! What people and programs give as text becomes ids, keys and units, or a failure that says what
//! was expected.

use std::collections::BTreeSet;
use std::fmt::Display;

use node_api::Failure;
use schema_wire::{DocumentId, Hash, NodeKey, UnitId};

/// Characters of an id, or a key, that are enough to name it: as many as are shown.
const PREFIX_MIN: usize = 8;

pub(crate) fn unit(text: &str) -> Result<UnitId, Failure> {
    UnitId::parse(text).map_err(|_| Failure::BadUnit { text: text.to_owned() })
}

pub(crate) fn key(text: &str) -> Result<NodeKey, Failure> {
    text.parse().map_err(|_| Failure::BadKey { text: text.to_owned() })
}

/// A key in full, or the beginning of the only one of these that begins so.
pub(crate) fn known_key(
    text: &str,
    known: impl IntoIterator<Item = NodeKey>,
) -> Result<NodeKey, Failure> {
    if let Ok(key) = text.parse() {
        return Ok(key);
    }
    named(text, known)?.ok_or_else(|| Failure::BadKey { text: text.to_owned() })
}

pub(crate) fn id(text: &str) -> Result<Hash, Failure> {
    text.parse().map_err(|_| Failure::BadId { text: text.to_owned() })
}

pub(crate) fn document(text: &str) -> Result<DocumentId, Failure> {
    text.parse().map_err(|_| Failure::BadDocument { text: text.to_owned() })
}

/// The one of these that is called so, or whose text begins so; none if there is none.
pub(crate) fn named<T: Ord + Display>(
    prefix: &str,
    all: impl IntoIterator<Item = T>,
) -> Result<Option<T>, Failure> {
    if prefix.len() < PREFIX_MIN {
        return Err(Failure::IdTooShort { id: prefix.to_owned(), min: PREFIX_MIN });
    }
    let mut found: BTreeSet<T> =
        all.into_iter().filter(|one| one.to_string().starts_with(prefix)).collect();
    match found.len() {
        0 | 1 => Ok(found.pop_first()),
        count => Err(Failure::IdAmbiguous { id: prefix.to_owned(), count }),
    }
}
