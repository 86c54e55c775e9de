//! Compares what is kept incrementally with what follows from the log and the pins (INV-12).

use std::collections::{BTreeMap, BTreeSet};

use node_authority::Authority;
use schema_wire::{DocumentId, Hash, Scope};

use super::documents::{DocumentRecord, judged_as};
use super::set::position;
use super::set_record::SetRecord;
use crate::counts::{Envelopes, Validity, heads, judge};
use crate::entry::Entry;
use crate::names::{corrupt, document_from_key};
use crate::store::{ReadError, ReadStore, Table};
use crate::suspended::validity;

/// All that is derived from admitted items and pins.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Derived {
    /// What was found of each envelope.
    pub validities: BTreeMap<(DocumentId, Hash), Validity>,
    /// Of each document: its envelopes, those that do not count, its heads.
    pub documents: BTreeMap<DocumentId, (u64, u64, BTreeSet<Hash>)>,
    /// Of each scope that holds something: how many items, and their sum.
    pub sets: BTreeMap<Scope, (u64, Hash)>,
}

impl Derived {
    /// As the store keeps it.
    ///
    /// # Errors
    /// If the store cannot answer.
    pub fn kept(store: &impl ReadStore, authority: &Authority) -> Result<Self, ReadError> {
        let mut kept = Self::default();
        for document in documents(store)? {
            let record = DocumentRecord::load(store, &document)?;
            for entry in Entry::all(store, &document)? {
                let found = validity(store, &document, &entry.id)?;
                // A position is the only sign of being in the set.
                if position(store, &document.scope(), &entry.id)?.is_some() == found.is_aside() {
                    return Err(corrupt("set"));
                }
                kept.validities.insert((document.clone(), entry.id), found);
            }
            let summary = (record.envelopes, record.suspended, record.heads);
            kept.documents.insert(document, summary);
        }
        let mut scopes: BTreeSet<Scope> = kept.documents.keys().map(DocumentId::scope).collect();
        for id in authority.kept() {
            scopes.extend(authority.scopes_of(&id).cloned());
        }
        for scope in scopes {
            let record = SetRecord::load(store, &scope)?;
            if record.items > 0 {
                kept.sets.insert(scope, (record.items, record.vector.sum()));
            }
        }
        Ok(kept)
    }

    /// As it follows from the log, and from the statements and pins of an authority.
    ///
    /// # Errors
    /// If the store cannot answer.
    pub fn rebuilt(store: &impl ReadStore, authority: &Authority) -> Result<Self, ReadError> {
        let mut rebuilt = Self::default();
        let mut sets: BTreeMap<Scope, SetRecord> = BTreeMap::new();
        let mut enter = |scope: Scope, id: &Hash| {
            let set = sets.entry(scope).or_default();
            set.items += 1;
            set.vector.add(id);
        };
        for id in authority.kept() {
            authority.scopes_of(&id).for_each(|scope| enter(scope.clone(), &id));
        }
        let together: BTreeSet<DocumentId> = documents(store)?.iter().map(judged_as).collect();
        for document in together {
            let envelopes = Envelopes::read(store, &document)?;
            let validities = judge(&envelopes, authority);
            for (one, found) in envelopes.all.iter().zip(&validities) {
                let of = rebuilt.documents.entry(one.document.clone()).or_default();
                of.0 += 1;
                of.1 += u64::from(!found.counts());
                of.2 = heads(&envelopes, &validities, &one.document);
                if !found.is_aside() {
                    enter(one.document.scope(), &one.entry.id);
                }
                rebuilt.validities.insert((one.document.clone(), one.entry.id), *found);
            }
        }
        let summary = |(scope, set): (Scope, SetRecord)| (scope, (set.items, set.vector.sum()));
        rebuilt.sets = sets.into_iter().map(summary).collect();
        Ok(rebuilt)
    }
}

/// All documents of which an envelope is admitted.
///
/// # Errors
/// If the store cannot answer.
pub fn documents(store: &impl ReadStore) -> Result<Vec<DocumentId>, ReadError> {
    let all = store.range(Table::Documents, &[], &[u8::MAX], usize::MAX >> 1)?;
    let parse =
        |(key, _): (Vec<u8>, Vec<u8>)| document_from_key(&key).ok_or_else(|| corrupt("document"));
    all.into_iter().map(parse).collect()
}
