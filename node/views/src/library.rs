//! Documents as queries and entries see them: built from the envelopes that count, kept in a
//! bounded cache. The envelopes are the truth; losing this cache loses nothing.

use std::collections::BTreeSet;
use std::num::NonZeroUsize;
use std::sync::Arc;

use lru::LruCache;
use node_replication::change;
use node_replication::document::Document;
use node_replication::history::{self, Entry};
use node_replication::log::DocumentRecord;
use node_replication::store::{ReadError, ReadStore};
use schema_wire::{DocumentId, Hash, Payload};

use crate::events::{Events, has_events};
use crate::touched::{Mark, Touched};

/// A document and what it was built from.
#[derive(Debug, Clone, Default)]
pub struct Loaded {
    /// What it says; shared with whoever goes on reading it as it was.
    pub document: Arc<Document>,
    /// Where its events were put.
    pub(crate) events: Events,
    /// Which of its records changed last.
    touched: Touched,
    /// The envelopes it was built from, as the store describes them.
    record: DocumentRecord,
    /// The number of the last of them.
    number: u64,
}

impl Loaded {
    /// The envelopes that nothing else in the document builds on.
    #[must_use]
    pub fn heads(&self) -> &BTreeSet<Hash> {
        &self.record.heads
    }

    /// How far it is, to be compared with later.
    #[must_use]
    pub fn mark(&self) -> Mark {
        self.touched.mark()
    }

    /// The records, each as `kind/name`, that changed since it was looked at; none if any may have.
    #[must_use]
    pub fn touched_since(&self, mark: Mark) -> Option<BTreeSet<&str>> {
        self.touched.since(mark)
    }

    /// How many envelopes it was built from.
    #[must_use]
    pub fn counting(&self) -> u64 {
        self.record.envelopes - self.record.suspended
    }
}

/// The documents in memory.
#[derive(Debug)]
pub struct Library {
    cache: LruCache<DocumentId, Loaded>,
    reads: u64,
    /// How many documents were built, over again too.
    built: u64,
}

impl Library {
    /// Keeps at most so many documents in memory.
    #[must_use]
    pub fn new(documents: NonZeroUsize) -> Self {
        Self { cache: LruCache::new(documents), reads: 0, built: 0 }
    }

    /// How many envelopes were read to build documents: replication must cause none.
    #[must_use]
    pub fn reads(&self) -> u64 {
        self.reads
    }

    /// The document as the store holds it now; of one that is not here, an empty one.
    ///
    /// # Errors
    /// If the store cannot answer.
    pub fn open(
        &mut self,
        store: &impl ReadStore,
        document: &DocumentId,
    ) -> Result<&Loaded, ReadError> {
        let record = DocumentRecord::load(store, document)?;
        // What was built in may count no more, or something before it counts now: then build anew.
        let kept = self.cache.pop(document);
        let kept = kept.filter(|loaded| loaded.record.revision == record.revision);
        let mut loaded = kept.unwrap_or_else(|| {
            self.built += 1;
            Loaded { touched: Touched::anew(self.built), ..Loaded::default() }
        });
        if loaded.record.heads != record.heads {
            for entry in new_entries(store, document, &loaded.record, loaded.number, &record)? {
                self.reads += 1;
                loaded.take_in(store, document, &entry)?;
            }
        }
        loaded.record = record;
        Ok(self.cache.get_or_insert(document.clone(), || loaded))
    }
}

/// What counts now and did not before, if what was read then still counts. In one revision no
/// envelope begins or ceases to count, so none becomes a head again: where as many are new as heads
/// are, the log need not be read.
pub(crate) fn new_entries(
    store: &impl ReadStore,
    document: &DocumentId,
    before: &DocumentRecord,
    number: u64,
    now: &DocumentRecord,
) -> Result<Vec<Entry>, ReadError> {
    let new: BTreeSet<Hash> = now.heads.difference(&before.heads).copied().collect();
    let counting = |record: &DocumentRecord| record.envelopes - record.suspended;
    if counting(now).checked_sub(counting(before)) == Some(new.len() as u64) {
        return history::entries(store, &new);
    }
    history::counting_after(store, document, number)
}

impl Loaded {
    fn take_in(
        &mut self,
        store: &impl ReadStore,
        document: &DocumentId,
        entry: &Entry,
    ) -> Result<(), ReadError> {
        let envelope = history::envelope(store, &entry.id)?;
        if let Payload::Changes(bytes) = envelope.content() {
            let unreadable = |_| ReadError("the store holds a change that does not read".into());
            let (change, _) = change::read(bytes).map_err(unreadable)?;
            self.touched.take_in(Some(&change));
            Arc::make_mut(&mut self.document).apply(&change);
            if has_events(document.class()) {
                self.events.take_in(document, entry, &change);
            }
        }
        self.number = self.number.max(entry.number);
        Ok(())
    }
}
