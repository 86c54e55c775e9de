//! Forks that nobody chose a side of. Whoever governs adopts, at once and by itself, the side that
//! it held first (section 7); which one that is, is said here.

use std::collections::BTreeSet;

use schema_wire::{Author, DocumentId, Hash, Mark, UnitId};

use crate::counts::{Reason, Validity};
use crate::entry::{Entry, Location};
use crate::names::{corrupt, document_from_key, document_key};
use crate::store::{ReadError, ReadStore};
use crate::suspended::{suspended_of, validity};

/// A place of a log.
pub(super) type Place = (DocumentId, Author, u64);

/// Of the open forks in a unit's documents, the side that was here first.
///
/// # Errors
/// If the store cannot answer.
pub fn forks(store: &impl ReadStore, unit: &UnitId) -> Result<Vec<Mark>, ReadError> {
    let mut places = BTreeSet::new();
    for (id, validity) in suspended_of(store, unit)? {
        if is_fork(validity) {
            let location = Location::of(store, &id)?.ok_or_else(|| corrupt("suspended"))?;
            let document = document_from_key(&location.document_key);
            let document = document.ok_or_else(|| corrupt("suspended"))?;
            places.insert((document, location.author, location.seq));
        }
    }
    let mut marks = Vec::new();
    for place in places {
        marks.extend(first_side(store, place)?);
    }
    Ok(marks)
}

/// Of the contenders of a place the one that was here first; none if nothing contends.
pub(super) fn first_side(
    store: &impl ReadStore,
    (document, author, seq): Place,
) -> Result<Option<Mark>, ReadError> {
    let mut first: Option<(u64, Hash)> = None;
    for entry in Entry::at(store, &document_key(&document), &author, seq)? {
        let contends = is_fork(validity(store, &document, &entry.id)?);
        if contends && first.is_none_or(|(number, _)| entry.number < number) {
            first = Some((entry.number, entry.id));
        }
    }
    let Author { key: author, incarnation } = author;
    Ok(first.map(|(_, head)| Mark { document, author, incarnation, seq, head }))
}

pub(super) fn is_fork(validity: Validity) -> bool {
    validity.reason() == Some(Reason::Fork)
}
