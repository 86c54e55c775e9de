//! Authors who write events in one document, and see of each other what they were told.

#![allow(dead_code, reason = "each test uses a part")]

use std::collections::BTreeMap;
use std::sync::Arc;

use schema_documents::{
    By, Event, EventId, Fold, Kind, Log, Office, Past, PutPlace, Said, event_id,
};
use schema_wire::{Author, Class, DocumentId, Incarnation, NodeKey, UnitId};

/// An event where it was put.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Written {
    pub(crate) id: EventId,
    pub(crate) event: Event,
    pub(crate) place: PutPlace,
}

/// An author and what it has seen.
#[derive(Debug, Clone)]
pub(crate) struct Writer {
    log: Arc<Log>,
    seq: u64,
    counter: u64,
    seen: Past,
}

impl Writer {
    pub(crate) fn new(number: u8) -> Self {
        let owner = UnitId::parse("220800/220802").expect("a unit");
        let class = Class::new(147).expect("a class");
        let document = DocumentId::new(owner, class, "2026-11").expect("a document");
        let (key, incarnation) = (NodeKey([number; 32]), Incarnation([number; 16]));
        let log = Arc::new(Log { document, author: Author { key, incarnation } });
        Self { log, seq: 0, counter: 0, seen: Past::new() }
    }

    /// Puts an event in a change of its own.
    pub(crate) fn put(&mut self, entity: &(&Kind, &str), event: Event) -> Written {
        self.seq += 1;
        self.counter += 1;
        let value = event.to_bytes().expect("an event");
        let id = event_id(&self.log.author.key.0, entity.0.name, entity.1, &value);
        let [actor, ..] = self.log.author.key.0;
        let place = PutPlace {
            put: (self.counter, [actor; 16]),
            log: Arc::clone(&self.log),
            seq: self.seq,
            past: Arc::new(self.seen.clone()),
        };
        Written { id, event, place }
    }

    /// Is told of everything that another has written or seen.
    pub(crate) fn hear(&mut self, other: &Self) {
        let own = Arc::clone(&other.log);
        for (log, seq) in other.seen.iter().chain([(&own, &other.seq)]) {
            if *log != self.log && *seq > 0 {
                let seen = self.seen.entry(Arc::clone(log)).or_default();
                *seen = (*seen).max(*seq);
            }
        }
        self.counter = self.counter.max(other.counter);
    }
}

pub(crate) fn event(kind: &str, causes: &[EventId], body: &[(&str, Said)]) -> Event {
    let mut causes = causes.to_vec();
    causes.sort_unstable();
    causes.dedup();
    let mut body: Vec<(String, Said)> =
        body.iter().map(|(name, said)| ((*name).to_owned(), said.clone())).collect();
    body.sort_by(|(a, _), (b, _)| a.cmp(b));
    let day = "2026-11-02".to_owned();
    Event { kind: kind.to_owned(), day, by: By::default(), causes, rules: Vec::new(), body }
}

pub(crate) fn text(text: &str) -> Said {
    Said::Text(text.to_owned())
}

/// The fold of events that came in this order.
pub(crate) fn folded<'a>(
    kind: &'static Kind,
    events: impl IntoIterator<Item = &'a Written>,
    office: &dyn Office,
) -> Fold {
    let mut fold = Fold::new(kind);
    for written in events {
        fold.add(written.id, written.event.clone(), written.place.clone(), office);
    }
    fold
}

/// What became of each event, by id.
pub(crate) fn verdicts(fold: &Fold) -> BTreeMap<EventId, schema_documents::Verdict> {
    fold.told().iter().map(|told| (told.event, told.verdict)).collect()
}
