//! What the documents of one shard come to: own cells, with everything that the count asked for
//! besides. While all of that stays as it was, so does the count.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use node_replication::store::{ReadError, ReadStore};
use schema_documents::kinds::alias::{self, Alias};
use schema_documents::kinds::person::{self, Person};
use schema_documents::{
    AnyRecord, Cell, Contents, Day, Declared as _, Entity, Fold, Kind, Knowledge, Measure, Named,
    Office, PersonId, Subject, Value, kinds,
};
use schema_wire::{DocumentId, Hash};
use serde::{Deserialize, Serialize};

use crate::{Library, contents};

/// Opens sealed fields of this unit's records.
pub trait Opens {
    /// Names the keys of a subject that are here for documents of this class and band: where that
    /// name is another, other texts may open.
    ///
    /// # Errors
    /// If the store cannot answer.
    fn keys(&self, document: &DocumentId, subject: PersonId) -> Result<Hash, ReadError>;

    /// The text, if a key opens it.
    ///
    /// # Errors
    /// If the store cannot answer.
    fn open(&self, at: &SealedAt<'_>, sealed: &[u8]) -> Result<Option<String>, ReadError>;
}

/// Where a sealed field stands, and whose it is.
#[derive(Debug, Clone, Copy)]
pub struct SealedAt<'a> {
    /// The document.
    pub document: &'a DocumentId,
    /// The kind of its record.
    pub kind: &'a str,
    /// The record.
    pub record: &'a str,
    /// The field.
    pub field: &'a str,
    /// Whose key it lies under.
    pub subject: PersonId,
}

/// The day of a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Days {
    /// Today in the city.
    pub today: Day,
    /// The unit's nodes were heard from until this day began.
    pub heard_until: Day,
}

/// Numbers of a cell: value, num, den, unknown.
pub(super) type Numbers = [u64; 4];

/// What a shard comes to.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Count {
    /// Of indicators that add up, the sums.
    pub(super) sums: BTreeMap<String, Numbers>,
    /// Of indicators that count different things, these.
    pub(super) different: BTreeMap<String, BTreeSet<String>>,
    /// Ids in it that were given up for others, by somebody's decision.
    pub(super) merged: BTreeMap<String, String>,
    /// Persons in it that live here still.
    pub(super) present: BTreeSet<String>,
    /// Persons of whom that was asked, and the answers.
    pub(super) asked: BTreeMap<String, bool>,
    /// Subjects whose fields were opened: in which document, and by which keys.
    pub(super) keys: BTreeMap<String, (String, String)>,
}

/// Shows no person and no household.
impl std::fmt::Debug for Count {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Count({:?})", self.sums)
    }
}

/// What counting reads besides the shard.
pub(super) struct Known<'a> {
    pub(super) days: Days,
    pub(super) opens: &'a dyn Opens,
    pub(super) office: &'a dyn Office,
    pub(super) present: &'a dyn Fn(&str) -> bool,
}

/// What was found of an entity: its record, where that lies, and what happened to it.
#[derive(Debug, Clone, Copy, Default)]
struct Found<'a> {
    record: Option<(&'a DocumentId, &'a AnyRecord)>,
    fold: Option<&'a Fold>,
}

/// The kinds of which something is counted, and whose records lie in this class.
pub(super) fn counted(home: u8) -> impl Iterator<Item = &'static Kind> {
    let kinds = kinds::ALL.iter().copied();
    kinds.filter(move |kind| !kind.indicators.is_empty() && kind.home.number == home)
}

/// Counts the documents that hold the records and events of one shard.
pub(super) fn count(
    store: &impl ReadStore,
    library: &mut Library,
    home: u8,
    documents: &[DocumentId],
    known: &Known<'_>,
) -> Result<Count, ReadError> {
    let mut read = Vec::new();
    let mut events = Vec::new();
    for document in documents {
        let loaded = library.open(store, document)?;
        let found = contents(document, &loaded.document);
        for kind in counted(home).filter(|kind| !kind.lives.is_empty()) {
            for (entity, id, places) in loaded.events.of(kind.name) {
                let name = (kind.name, entity.to_owned(), id);
                if let Some(event) = found.events.get(&name) {
                    let put = places.iter().map(|place| (id, event.clone(), place.clone()));
                    events.push(((kind.name, entity.to_owned()), put.collect::<Vec<_>>()));
                }
            }
        }
        read.push((document, found));
    }
    let mut folds: BTreeMap<(&str, String), Vec<_>> = BTreeMap::new();
    events.into_iter().for_each(|(entity, put)| folds.entry(entity).or_default().extend(put));
    let mut count = Count { merged: merged(&read), ..Count::default() };
    for kind in counted(home) {
        let of_kind = folds.iter().filter(|((name, _), _)| *name == kind.name);
        let of = |((_, entity), put): (&(&str, String), &Vec<_>)| {
            (entity.clone(), Fold::of(kind, put.iter().cloned(), known.office))
        };
        let folds: BTreeMap<String, Fold> = of_kind.map(of).collect();
        count_kind(&mut count, kind, &read, &folds, known)?;
    }
    Ok(count)
}

fn count_kind(
    count: &mut Count,
    kind: &'static Kind,
    read: &[(&DocumentId, Contents)],
    folds: &BTreeMap<String, Fold>,
    known: &Known<'_>,
) -> Result<(), ReadError> {
    let folded = |fold| Found { record: None, fold: Some(fold) };
    let mut entities: BTreeMap<&str, Found<'_>> =
        folds.iter().map(|(name, fold)| (&**name, folded(fold))).collect();
    // A record lies in its home; what lies elsewhere is a copy for others, or of a device.
    let at_home = read.iter().filter(|(document, _)| document.class().number() == kind.home.number);
    for (document, contents) in at_home {
        for ((_, name), record) in records(contents, kind) {
            entities.entry(name).or_default().record = Some((*document, record));
        }
    }
    for found in entities.into_values() {
        if kind.name == Person::NAME
            && let Some((_, record)) = found.record
            && lives_here(record)
        {
            count.present.insert(record.name().to_owned());
        }
        count_entity(count, kind, found, known)?;
    }
    Ok(())
}

fn records<'a>(
    contents: &'a Contents,
    kind: &Kind,
) -> impl Iterator<Item = (&'a (&'static str, String), &'a AnyRecord)> {
    let name = kind.name;
    contents.records.range((name, String::new())..).take_while(move |((of, _), _)| *of == name)
}

/// The aliases that are decided.
fn merged(read: &[(&DocumentId, Contents)]) -> BTreeMap<String, String> {
    let aliases = read.iter().flat_map(|(_, contents)| records(contents, &Alias::KIND));
    let decided = aliases.filter_map(|(_, record)| alias::decided(record.of::<Alias>()?));
    decided.map(|(from, to)| (from.to_string(), to.to_string())).collect()
}

fn lives_here(record: &AnyRecord) -> bool {
    record.of::<Person>().is_some_and(|person| person.get(&person::LEFT).is_none())
}

fn count_entity(
    count: &mut Count,
    kind: &'static Kind,
    found: Found<'_>,
    known: &Known<'_>,
) -> Result<(), ReadError> {
    let Found { record, fold } = found;
    let entity = Entity { record: record.map(|(_, record)| record), fold };
    let asked = RefCell::new((&mut count.asked, &mut count.keys, None));
    let present = |person: &str| {
        let answer = (known.present)(person);
        asked.borrow_mut().0.insert(person.to_owned(), answer);
        answer
    };
    let opened = |_: &str, field: &str| {
        let (document, record) = record?;
        let sealed = Sealed::of(kind, document, record, field)?;
        let (_, keys, failed) = &mut *asked.borrow_mut();
        let opened = sealed.open(known.opens, keys);
        opened.unwrap_or_else(|error| {
            *failed = Some(error);
            None
        })
    };
    let Days { today, heard_until } = known.days;
    let knowledge = Knowledge { today, heard_until, opened: &opened, present: &present };
    for indicator in kind.indicators {
        match indicator.measure {
            Measure::Sum(contribution) => {
                if let Some(cell) = contribution(&entity, &knowledge) {
                    let sum = count.sums.entry(indicator.code.to_owned()).or_default();
                    let more = numbers(cell);
                    sum.iter_mut()
                        .zip(more)
                        .for_each(|(sum, more)| *sum = sum.saturating_add(more));
                }
            }
            Measure::Different(named) => {
                if let Some(name) = named(&entity, &knowledge) {
                    count.different.entry(indicator.code.to_owned()).or_default().insert(name);
                }
            }
        }
    }
    asked.into_inner().2.map_or(Ok(()), Err)
}

fn numbers(cell: Cell) -> Numbers {
    [cell.value, cell.num, cell.den, cell.unknown]
}

/// A sealed field of a record.
struct Sealed<'a> {
    at: SealedAt<'a>,
    bytes: &'a [u8],
}

impl<'a> Sealed<'a> {
    fn of(
        kind: &'static Kind,
        document: &'a DocumentId,
        record: &'a AnyRecord,
        field: &'a str,
    ) -> Option<Self> {
        let Value::Sealed(sealed) = preferred(record, field)? else { return None };
        let subject = match kind.subject {
            Subject::Nobody => None,
            Subject::Itself => PersonId::parse(record.name()),
            Subject::Field(named) => match preferred(record, named)? {
                Value::Person(person) => Some(*person),
                _ => None,
            },
        };
        let (kind, record) = (kind.name, record.name());
        let at = SealedAt { document, kind, record, field, subject: subject? };
        Some(Self { at, bytes: &sealed.0 })
    }

    fn open(
        &self,
        opens: &dyn Opens,
        keys: &mut BTreeMap<String, (String, String)>,
    ) -> Result<Option<String>, ReadError> {
        let SealedAt { document, subject, .. } = self.at;
        let by = opens.keys(document, subject)?.to_string();
        keys.insert(subject.to_string(), (document.to_string(), by));
        opens.open(&self.at, self.bytes)
    }
}

/// What the preferred value of a field says. What does not read hides no other value.
fn preferred<'a>(record: &'a AnyRecord, field: &str) -> Option<&'a Value> {
    let (_, readings) = record.readings().find(|(name, _)| *name == field)?;
    readings.iter().filter_map(|reading| reading.as_ref().ok()).next_back()?.as_ref()
}
