//! The envelopes that are judged together: those of a document, and of an addressed one those of
//! the opposite document too, since each may need envelopes of the other.

use std::collections::BTreeMap;

use schema_wire::{Author, DocumentId, Hash};

use crate::entry::Entry;
use crate::store::{ReadError, ReadStore};

/// Envelopes in causal order: what one names stands before it.
#[derive(Debug, Default)]
pub struct Envelopes {
    pub(crate) all: Vec<Envelope>,
    /// Which one an id names.
    pub(super) numbers: BTreeMap<Hash, usize>,
}

/// An envelope, with what it names by number.
#[derive(Debug)]
pub(crate) struct Envelope {
    pub(crate) document: DocumentId,
    pub(crate) entry: Entry,
    pub(crate) backlink: Option<usize>,
    /// Of the same document, and of the opposite one.
    pub(crate) dependencies: Vec<usize>,
    pub(crate) opposite: Vec<usize>,
}

impl Envelope {
    /// What its counting rests on.
    pub(crate) fn rests_on(&self) -> impl Iterator<Item = usize> {
        self.backlink.iter().chain(&self.dependencies).copied()
    }
}

impl Envelopes {
    /// Reads the log of a document, and of its opposite.
    pub(crate) fn read(store: &impl ReadStore, document: &DocumentId) -> Result<Self, ReadError> {
        let mut logs = vec![(document.clone(), Entry::all(store, document)?)];
        if let Some(opposite) = document.opposite() {
            let entries = Entry::all(store, &opposite)?;
            logs.push((opposite, entries));
        }
        Ok(Self::of(logs))
    }

    /// Of a document, and of its opposite if it has one.
    #[must_use]
    pub fn of(logs: Vec<(DocumentId, Vec<Entry>)>) -> Self {
        let each = |(document, entries): (DocumentId, Vec<Entry>)| {
            entries.into_iter().map(move |entry| (document.clone(), entry))
        };
        let mut entries: Vec<(DocumentId, Entry)> = logs.into_iter().flat_map(each).collect();
        entries.sort_by_key(|(_, entry)| entry.number);
        let mut numbers: BTreeMap<Hash, usize> = BTreeMap::new();
        let mut all: Vec<Envelope> = Vec::with_capacity(entries.len());
        for (document, entry) in entries {
            let known = |id: &Hash| numbers.get(id).copied();
            let backlink = entry.backlink.as_ref().and_then(known);
            let (dependencies, opposite) = entry
                .dependencies
                .iter()
                .filter_map(known)
                .partition(|number| all[*number].document == document);
            numbers.insert(entry.id, all.len());
            all.push(Envelope { document, entry, backlink, dependencies, opposite });
        }
        Self { all, numbers }
    }

    /// Their ids, in order.
    pub fn ids(&self) -> impl Iterator<Item = Hash> {
        self.all.iter().map(|one| one.entry.id)
    }

    /// The numbers of each log's envelopes, ascending by seq.
    pub(crate) fn logs(&self) -> BTreeMap<(&DocumentId, Author), Vec<usize>> {
        let mut logs: BTreeMap<(&DocumentId, Author), Vec<usize>> = BTreeMap::new();
        for (number, one) in self.all.iter().enumerate() {
            logs.entry((&one.document, one.entry.author)).or_default().push(number);
        }
        for log in logs.values_mut() {
            log.sort_by_key(|number| self.all[*number].entry.seq);
        }
        logs
    }
}
