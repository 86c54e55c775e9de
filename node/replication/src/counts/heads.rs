//! The heads of a document: what counts, and nothing else that counts builds on.

use std::collections::BTreeSet;

use schema_wire::{DocumentId, Hash};

use super::{Envelopes, Validity};

/// The heads of a document.
#[must_use]
pub fn heads(
    envelopes: &Envelopes,
    validities: &[Validity],
    document: &DocumentId,
) -> BTreeSet<Hash> {
    let mut heads = BTreeSet::new();
    for (one, validity) in envelopes.all.iter().zip(validities) {
        if one.document == *document && validity.counts() {
            build(&mut heads, one.entry.id, one.entry.parents());
        }
    }
    heads
}

/// Takes in an envelope that counts, after everything that it names.
pub(crate) fn build<'a>(
    heads: &mut BTreeSet<Hash>,
    id: Hash,
    parents: impl Iterator<Item = &'a Hash>,
) {
    for parent in parents {
        heads.remove(parent);
    }
    heads.insert(id);
}
