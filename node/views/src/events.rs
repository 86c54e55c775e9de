//! Where the events of a document were put: what their order, and so their folds, follow from.

use std::collections::BTreeMap;
use std::sync::Arc;

use node_replication::change::{Change, Key};
use node_replication::history::Entry;
use schema_documents::{EventId, Log, Past, PutPlace, kinds};
use schema_wire::{Author, Class, DocumentId, Hash};

/// Kind, entity and id of an event.
type Name = (String, String, EventId);

/// The places of a document's events, kept for the classes in which events are.
#[derive(Debug, Clone, Default)]
pub(crate) struct Events {
    places: BTreeMap<Name, Vec<PutPlace>>,
    logs: BTreeMap<Author, Arc<Log>>,
    envelopes: BTreeMap<Hash, Seen>,
}

/// An envelope, as those that build on it see it.
#[derive(Debug, Clone)]
struct Seen {
    log: Arc<Log>,
    seq: u64,
    past: Arc<Past>,
}

/// Do kinds with events lie in documents of this class?
pub(crate) fn has_events(class: Class) -> bool {
    kinds::ALL.iter().any(|kind| !kind.lives.is_empty() && kind.lies_in(class.number()))
}

impl Events {
    /// Takes in an envelope that counts. Its past was taken in before.
    pub(crate) fn take_in(&mut self, document: &DocumentId, entry: &Entry, change: &Change<'_>) {
        let new = || Arc::new(Log { document: document.clone(), author: entry.author });
        let log = Arc::clone(self.logs.entry(entry.author).or_insert_with(new));
        let past = self.past(&log, entry);
        for (number, put) in (0..).zip(&change.puts) {
            let Some(Key::Event(key)) = Key::parse(put.key) else { continue };
            let id = change.op(number);
            let name = (key.kind.to_owned(), key.entity.to_owned(), EventId(key.event));
            self.places.entry(name).or_default().push(PutPlace {
                put: (id.counter, id.actor),
                log: Arc::clone(&log),
                seq: entry.seq,
                past: Arc::clone(&past),
            });
        }
        self.envelopes.insert(entry.id, Seen { log, seq: entry.seq, past });
    }

    /// How far other logs lie in the past of an envelope: as for the one before it, if it builds
    /// on nothing else.
    fn past(&self, own: &Arc<Log>, entry: &Entry) -> Arc<Past> {
        let before = entry.backlink.and_then(|id| self.envelopes.get(&id));
        let mut past = before.map(|seen| Arc::clone(&seen.past)).unwrap_or_default();
        for seen in entry.dependencies.iter().filter_map(|id| self.envelopes.get(id)) {
            let all = Arc::make_mut(&mut past);
            let itself = [(&seen.log, &seen.seq)];
            for (log, seq) in seen.past.iter().chain(itself).filter(|(log, _)| *log != own) {
                let known = all.entry(Arc::clone(log)).or_default();
                *known = (*known).max(*seq);
            }
        }
        past
    }

    /// Entity, id and places of the events of a kind.
    pub(crate) fn of<'a>(
        &'a self,
        kind: &'a str,
    ) -> impl Iterator<Item = (&'a str, EventId, &'a [PutPlace])> {
        let of_kind = self.places.iter().filter(move |((name, ..), _)| name == kind);
        of_kind.map(|((_, entity, id), places)| (entity.as_str(), *id, places.as_slice()))
    }
}
