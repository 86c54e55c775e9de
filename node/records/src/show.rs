//! Showing records: every concurrent value with who put it and when, what is unreadable by its
//! key, and what became of events.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};
use std::sync::Arc;

use node_replication::change::{self, OpId};
use node_replication::document::Document;
use node_replication::history;
use node_replication::store::ReadStore;
use schema_documents::kinds::{account::Account, alias::Alias, post::Post};
use schema_documents::{
    AnyRecord, Declared, Event, EventId, Fold, Key, Kind, Log, Lower, Offices, Past, PersonId,
    PutPlace, Source, Unreadable, WithoutAccounts, kinds,
};
use schema_wire::{DocumentId, Hash, Ms, NodeKey, Payload};

use crate::name::folded;
use crate::plain::{Fields, Plain, Stated};
use crate::records::{Failure, Records};
use crate::transaction::Reading;

/// Records of a kind, a page of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listing {
    /// The records, ascending by name.
    pub records: Vec<Listed>,
    /// Are there more?
    pub more: bool,
    /// With the first page, what does not read in the documents of this kind: key and reason.
    pub unreadable: Vec<(DocumentId, String, Unreadable)>,
}

/// A record in a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// Where it lies.
    pub document: DocumentId,
    /// What it says, opened.
    pub plain: Plain,
    /// The fields of which somebody must choose a value.
    pub contested: Vec<String>,
}

/// Who put something, and when, as the envelope says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PutBy {
    /// The node.
    pub node: NodeKey,
    /// When, as it claims.
    pub at: Ms,
    /// In which envelope.
    pub envelope: Hash,
}

/// A record with everything that is known of it.
#[derive(Debug, Clone)]
pub struct Shown {
    /// The record, as in a list; an entity may have events and no record.
    pub listed: Listed,
    /// By the field's name in the key, who put each value; in the order of the values.
    pub put_by: BTreeMap<String, Vec<Option<PutBy>>>,
    /// What happened, in order, with what became of it.
    pub happened: Vec<Happened>,
    /// The fold of it.
    pub fold: Fold,
}

/// An event, shown.
#[derive(Debug, Clone)]
pub struct Happened {
    /// The event, and what became of it.
    pub told: schema_documents::Told,
    /// What its author wrote.
    pub event: Event,
    /// What it says, opened.
    pub says: Vec<(String, Stated)>,
    /// Who put it.
    pub put_by: Option<PutBy>,
}

/// What the envelopes of a document tell of its operations.
#[derive(Debug, Default)]
struct Told {
    by: BTreeMap<OpId, Arc<(PutBy, PutPlace)>>,
}

impl<T: Reading> Records<'_, T> {
    /// The records of a kind behind a name, so many at most.
    ///
    /// # Errors
    /// If the store cannot answer.
    pub fn list(
        &mut self,
        kind: &'static Kind,
        after: Option<&str>,
        most: usize,
    ) -> Result<Listing, Failure> {
        let documents = self.documents_of(kind)?;
        let mut unreadable = Vec::new();
        // What does not read is told with the first page.
        for document in documents.iter().filter(|_| after.is_none()) {
            let wrong = self.unreadable_in(kind, document)?.into_iter();
            unreadable.extend(wrong.map(|(key, why)| (document.clone(), key, why)));
        }
        let read = documents.iter().map(|document| self.tx.document(document));
        let read: Vec<Arc<Document>> = read.collect::<Result<_, _>>()?;
        let mut records = Vec::new();
        for (name, at) in names(&read, kind, after) {
            if records.len() == most {
                return Ok(Listing { records, more: true, unreadable });
            }
            // A name under which nothing reads is none.
            records.extend(self.listed(kind, &name, &documents[at])?);
        }
        Ok(Listing { records, more: false, unreadable })
    }

    /// A record with who said what and when, and what happened to it.
    ///
    /// # Errors
    /// If there is none of this name.
    pub fn show(&mut self, kind: &'static Kind, name: &str) -> Result<Shown, Failure> {
        let document = match kind.shard.asks() {
            None => self.place_of(kind, name, None)?,
            Some(_) => self.find_document(kind, name)?.ok_or(Failure::NoRecord)?,
        };
        let prefix = format!("!{}/{name}/", kind.name);
        let events = self.contents_of(&document, &prefix)?.events;
        let listed = match self.listed(kind, name, &document)? {
            Some(listed) => listed,
            None if events.is_empty() => return Err(Failure::NoRecord),
            None => {
                let (name, fields) = (name.to_owned(), Fields::default());
                let plain = Plain { kind: kind.name, name, fields };
                Listed { document: document.clone(), plain, contested: Vec::new() }
            }
        };
        let told = self.told(&document)?;
        let read = self.tx.document(&document)?;
        let put_by = |(field, _): (&str, _)| {
            let key = format!("{}/{name}/{field}", kind.name);
            let by = |(op, _)| told.by.get(&op).map(|told| told.0.clone());
            (field.to_owned(), read.puts(&key).map(by).collect())
        };
        let put_by = listed.plain.fields.iter().map(put_by).collect();
        let placed = placed(&read, &told, &prefix);
        let fold = self.fold(kind, events, &placed)?;
        let happened = self.happened(kind, name, &document, &fold, &placed)?;
        Ok(Shown { listed, put_by, happened, fold })
    }

    /// The persons whose name has this in it, at most so many.
    pub fn find_persons(&self, name: &str, most: usize) -> Vec<PersonId> {
        let sought = folded(name);
        let persons = self.memory.known.all(kinds::person::Person::KIND.name);
        let named = persons.filter(|own| {
            let mut names = own.texts(&kinds::person::NAME);
            names.any(|name| folded(name).contains(&sought))
        });
        named.filter_map(|own| PersonId::parse(&own.name)).take(most).collect()
    }

    pub(crate) fn listed(
        &mut self,
        kind: &'static Kind,
        name: &str,
        document: &DocumentId,
    ) -> Result<Option<Listed>, Failure> {
        let Some(record) = self.record(kind, name, document)? else { return Ok(None) };
        let plain = self.opened(kind, &record, document)?;
        // Where two said the same there is nothing to choose; of a list both are meant.
        let contested = plain.fields.iter().filter(|(field, values)| {
            let is_list = kind.field_in_key(field).is_some_and(|spec| spec.holds.is_list());
            !is_list && values.windows(2).any(|pair| pair[0] != pair[1])
        });
        let contested = contested.map(|(field, _)| field.to_owned()).collect();
        Ok(Some(Listed { document: document.clone(), plain, contested }))
    }

    fn fold(
        &mut self,
        kind: &'static Kind,
        events: BTreeMap<(&'static str, String, EventId), Event>,
        placed: &BTreeMap<EventId, Vec<Arc<(PutBy, PutPlace)>>>,
    ) -> Result<Fold, Failure> {
        let office = self.offices()?;
        let events = events.into_iter().flat_map(|((_, _, id), event)| {
            let places = placed.get(&id).map(Vec::as_slice).unwrap_or_default();
            places.iter().map(move |place| (id, event.clone(), place.1.clone()))
        });
        Ok(match office {
            Some(offices) => Fold::of(kind, events, &offices),
            None => Fold::of(kind, events, &WithoutAccounts),
        })
    }

    fn happened(
        &mut self,
        kind: &'static Kind,
        entity: &str,
        document: &DocumentId,
        fold: &Fold,
        placed: &BTreeMap<EventId, Vec<Arc<(PutBy, PutPlace)>>>,
    ) -> Result<Vec<Happened>, Failure> {
        let place = format!("!{}/{entity}", kind.name);
        let mut happened = Vec::new();
        for told in fold.told() {
            let Some(event) = fold.event(told.event) else { continue };
            let says = self.says(document, &place, event)?;
            let put_by = placed.get(&told.event).and_then(|places| Some(places.first()?.0.clone()));
            happened.push(Happened { told: told.clone(), event: event.clone(), says, put_by });
        }
        Ok(happened)
    }

    /// What the body of an event says, opened with the keys of the subject that it names.
    fn says(
        &mut self,
        document: &DocumentId,
        place: &str,
        event: &Event,
    ) -> Result<Vec<(String, Stated)>, Failure> {
        let subject = event.body.iter().find(|(name, _)| name == "subject");
        let subject = subject.and_then(|(_, said)| match said.scalar()? {
            schema_documents::Scalar::Text(text) => PersonId::parse(&text),
            _ => None,
        });
        let mut says = Vec::new();
        for (name, said) in &event.body {
            let stated = match (said.scalar(), subject) {
                (None, _) => Stated::Unreadable(Unreadable::Form),
                (Some(schema_documents::Scalar::Bytes(sealed)), Some(subject)) => {
                    self.open((document, place, name), subject.0, &sealed)?
                }
                (Some(schema_documents::Scalar::Bytes(_)), None) => Stated::Closed,
                (Some(schema_documents::Scalar::Null), _) => Stated::Nothing,
                (Some(schema_documents::Scalar::Text(text)), _) => Stated::Text(text),
                (Some(schema_documents::Scalar::Integer(number)), _) => {
                    Stated::Text(number.to_string())
                }
                (Some(schema_documents::Scalar::Flag(flag)), _) => {
                    Stated::Text(u8::from(flag).to_string())
                }
            };
            says.push((name.clone(), stated));
        }
        Ok(says)
    }

    /// Who may do what; nothing if the unit keeps no accounts.
    fn offices(&mut self) -> Result<Option<Offices>, Failure> {
        let document = self.place_of(&Account::KIND, "one", None)?;
        let records = self.contents_of(&document, "")?.records;
        if !records.keys().any(|(kind, _)| *kind == Account::KIND.name) {
            return Ok(None);
        }
        let mut all = Collected(records.into_values().collect());
        for document in self.documents_of(&Alias::KIND)? {
            let contents = self.contents_of(&document, &format!("{}/", Alias::KIND.name))?;
            all.0.extend(contents.records.into_values());
        }
        debug_assert!(Post::KIND.home == Account::KIND.home, "both lie in one document");
        Ok(Some(Offices::read(&Lower::new(&all))))
    }

    /// Reads the envelopes of a document: who put what, upon what.
    fn told(&mut self, document: &DocumentId) -> Result<Told, Failure> {
        Ok(read_told(self.tx.parts().0, document)?)
    }
}

/// The names of the records of a kind behind one, in the order of their keys, each with the document
/// in which it lies. It costs what is taken of it.
fn names<'a>(
    documents: &'a [Arc<Document>],
    kind: &'static Kind,
    after: Option<&str>,
) -> impl Iterator<Item = (String, usize)> + use<'a> {
    // Keys are in order with the `/` that ends a name.
    let next = |at: usize, after: Option<&str>| {
        Some(Reverse((next_name(&documents[at], kind, after)? + "/", at)))
    };
    let mut open: BinaryHeap<_> = (0..documents.len()).filter_map(|at| next(at, after)).collect();
    std::iter::from_fn(move || {
        let Reverse((mut name, mut at)) = open.pop()?;
        while open.peek().is_some_and(|Reverse((other, _))| *other == name) {
            let Reverse((_, twin)) = open.pop()?;
            open.extend(next(std::mem::replace(&mut at, twin), name.strip_suffix('/')));
        }
        open.extend(next(at, name.strip_suffix('/')));
        name.pop();
        Some((name, at))
    })
}

/// The name of the next record of a kind: keys of one record are passed over together.
fn next_name(read: &Document, kind: &Kind, after: Option<&str>) -> Option<String> {
    // Behind `/`, which ends a name, comes `0`.
    let from =
        after.map_or_else(|| format!("{}/", kind.name), |name| format!("{}/{name}0", kind.name));
    let key = read.keys_from(&from).next()?.strip_prefix(kind.name)?.strip_prefix('/')?;
    key.split('/').next().map(str::to_owned)
}

struct Collected(Vec<AnyRecord>);

impl Source for Collected {
    fn records(&self, kind: &Kind) -> Vec<&AnyRecord> {
        self.0.iter().filter(|record| record.kind() == kind.name).collect()
    }
}

/// Where the events under a prefix were put.
fn placed(
    read: &Document,
    told: &Told,
    prefix: &str,
) -> BTreeMap<EventId, Vec<Arc<(PutBy, PutPlace)>>> {
    let mut placed: BTreeMap<EventId, Vec<_>> = BTreeMap::new();
    for key in read.keys_from(prefix).take_while(|key| key.starts_with(prefix)) {
        let Some(Key::Event { event, .. }) = Key::parse(key) else { continue };
        let places = read.puts(key).filter_map(|(op, _)| told.by.get(&op).cloned());
        placed.entry(event).or_default().extend(places);
    }
    placed
}

fn read_told(
    store: &impl ReadStore,
    document: &DocumentId,
) -> Result<Told, node_replication::store::ReadError> {
    let mut told = Told::default();
    let mut pasts: BTreeMap<Hash, (Arc<Log>, u64, Arc<Past>)> = BTreeMap::new();
    for entry in history::counting_after(store, document, 0)? {
        let log = Arc::new(Log { document: document.clone(), author: entry.author });
        let mut past = Past::new();
        for id in entry.backlink.iter().chain(&entry.dependencies) {
            let Some((other, seq, before)) = pasts.get(id) else { continue };
            let all = before.iter().map(|(log, seq)| (log, *seq)).chain([(other, *seq)]);
            for (other, seq) in all.filter(|(other, _)| **other != log) {
                let last = past.entry(Arc::clone(other)).or_insert(seq);
                *last = seq.max(*last);
            }
        }
        let past = Arc::new(past);
        let put_by = PutBy { node: entry.author.key, at: entry.at, envelope: entry.id };
        let envelope = history::envelope(store, &entry.id)?;
        if let Payload::Changes(bytes) = envelope.content()
            && let Ok((change, _)) = change::read(bytes)
        {
            for (number, _) in (0..).zip(&change.puts) {
                let op = change.op(number);
                let place = PutPlace {
                    put: (op.counter, op.actor),
                    log: Arc::clone(&log),
                    seq: entry.seq,
                    past: Arc::clone(&past),
                };
                told.by.insert(op, Arc::new((put_by.clone(), place)));
            }
        }
        pasts.insert(entry.id, (log, entry.seq, past));
    }
    Ok(told)
}
