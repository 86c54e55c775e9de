//! What does not read in the documents, kept current at the cost of what changed.

use std::collections::{BTreeMap, BTreeSet};

use node_replication::document::Document;
use node_views::{Mark, record_of, scalar};
use schema_documents::{Contents, Kind, Scalar, Unreadable, kinds};
use schema_wire::DocumentId;

use crate::records::{Failure, Records};
use crate::transaction::Reading;

/// By document: how far it was, and by the record's `kind/name`, the keys that do not read.
#[derive(Debug, Default)]
pub(crate) struct Unreadables(BTreeMap<DocumentId, (Mark, BTreeMap<String, Keys>)>);

type Keys = Vec<(String, Unreadable)>;

impl<T: Reading> Records<'_, T> {
    /// What does not read of the records of a kind in a document: key and reason.
    pub(crate) fn unreadable_in(
        &mut self,
        kind: &Kind,
        document: &DocumentId,
    ) -> Result<Keys, Failure> {
        let known = self.memory.unreadable.0.remove(document);
        let (mark, touched) = self.touched(document, known.as_ref().map(|(mark, _)| *mark))?;
        let read = self.tx.document(document)?;
        let known = match (known, touched) {
            (Some((_, mut known)), Some(names)) => {
                names.into_iter().for_each(|name| note(&mut known, document, &read, name));
                known
            }
            _ => {
                let mut known = BTreeMap::new();
                let all: BTreeSet<&str> = read.keys_from("").map(record_of).collect();
                let all = all.into_iter().map(str::to_owned);
                all.for_each(|name| note(&mut known, document, &read, name));
                known
            }
        };
        let prefix = format!("{}/", kind.name);
        let of_kind = known.range(prefix.clone()..);
        let of_kind = of_kind.take_while(|(name, _)| name.starts_with(&prefix));
        let found = of_kind.flat_map(|(_, keys)| keys.iter().cloned()).collect();
        self.memory.unreadable.0.insert(document.clone(), (mark, known));
        Ok(found)
    }
}

fn note(known: &mut BTreeMap<String, Keys>, document: &DocumentId, read: &Document, name: String) {
    let is_of_it = |key: &&str| record_of(key) == name;
    let keys = read.keys_from(&name).take_while(|key| key.starts_with(&name)).filter(is_of_it);
    let values: Vec<(&str, Vec<Scalar>)> =
        keys.map(|key| (key, read.values(key).map(scalar).collect())).collect();
    let values = values.iter().map(|(key, values)| (*key, values.as_slice()));
    let wrong = Contents::read(kinds::ALL, document, values).unreadable;
    match wrong.is_empty() {
        true => drop(known.remove(&name)),
        false => drop(known.insert(name, wrong)),
    }
}
