//! Records: what a document says of its entities, read by their declarations.

use std::collections::BTreeMap;
use std::marker::PhantomData;

use schema_wire::DocumentId;

use crate::event::Event;
use crate::field::{Field, List, Typed};
use crate::id::EventId;
use crate::key::{Key, field_key};
use crate::kind::{Declared, Kind};
use crate::scalar::Scalar;
use crate::value::{Unreadable, Value, read};

/// A value at a key, as the field reads it; no value is `None`.
pub type Reading = Result<Option<Value>, Unreadable>;

/// A record of any kind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AnyRecord {
    kind: &'static str,
    name: String,
    /// By the name in the key, the readings of its values; the preferred one last.
    fields: BTreeMap<String, Vec<Reading>>,
}

/// A record of a kind.
#[derive(Debug)]
pub struct Record<'a, K> {
    any: &'a AnyRecord,
    of: PhantomData<K>,
}

impl AnyRecord {
    /// A record of which nothing is said.
    pub fn new<K: Declared>(name: &str) -> Self {
        Self { kind: K::NAME, name: name.to_owned(), fields: BTreeMap::new() }
    }

    /// Has any field a value, or one that does not read?
    fn says_something(&self) -> bool {
        self.fields.values().flatten().any(|reading| !matches!(reading, Ok(None)))
    }

    /// Puts values at a field's name, ascending; those that were there are replaced.
    pub fn put(&mut self, field: &str, readings: Vec<Reading>) {
        self.fields.insert(field.to_owned(), readings);
    }

    /// What its kind is called in keys.
    pub const fn kind(&self) -> &'static str {
        self.kind
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// As a record of this kind, if it is one.
    pub fn of<K: Declared>(&self) -> Option<Record<'_, K>> {
        (self.kind == K::NAME).then_some(Record { any: self, of: PhantomData })
    }

    /// What is said in each field of a key, all of it.
    pub fn readings(&self) -> impl Iterator<Item = (&str, &[Reading])> {
        self.fields.iter().map(|(name, readings)| (&**name, &**readings))
    }

    /// What others see of it: by key, the preferred value of each field that its kind publishes,
    /// null where that has none.
    pub fn published(&self, kind: &Kind) -> BTreeMap<String, Scalar> {
        let seen = |name: &str| {
            let spec = kind.field_in_key(name)?;
            kind.published_fields().any(|seen| seen.name == spec.name).then_some(())
        };
        let say = |name: &String| {
            seen(name)?;
            let value = self.preferred(name).map_or(Scalar::Null, Value::scalar);
            Some((field_key(kind.name, &self.name, name), value))
        };
        self.fields.keys().filter_map(say).collect()
    }

    /// The values of a field that read.
    fn values(&self, name: &str) -> impl DoubleEndedIterator<Item = Option<&Value>> + use<'_> {
        let readings = self.fields.get(name).map(Vec::as_slice).unwrap_or_default();
        readings.iter().filter_map(|reading| reading.as_ref().ok().map(Option::as_ref))
    }

    /// What the preferred value of a field says. What does not read hides no other value.
    pub(crate) fn preferred(&self, name: &str) -> Option<&Value> {
        self.values(name).next_back().flatten()
    }

    /// How many entries of a list were ever put.
    pub(crate) fn entries(&self, list: &str) -> usize {
        let entry = |name: &String| {
            let (field, number) = name.split_once('.')?;
            (field == list).then(|| number.parse::<usize>().ok())?
        };
        self.fields.keys().filter_map(entry).max().map_or(0, |last| last + 1)
    }
}

impl<'a, K: Declared> Record<'a, K> {
    /// Its name.
    pub fn name(&self) -> &'a str {
        &self.any.name
    }

    /// The preferred value of a field.
    pub fn get<T: Typed>(&self, field: &Field<K, T>) -> Option<T::Value<'a>> {
        T::of(self.any.preferred(field.spec.name)?)
    }

    /// The entries of a list, in order; those without value are passed over.
    pub fn list<T: Typed>(&self, field: &Field<K, List<T>>) -> Vec<T::Value<'a>> {
        let name = field.spec.name;
        let entry = |number: usize| T::of(self.any.preferred(&format!("{name}.{number}"))?);
        (0..self.any.entries(name)).filter_map(entry).collect()
    }

    /// All concurrent values of all entries of a list: where two offices began it apart, both are
    /// meant.
    pub fn list_all<T: Typed>(&self, field: &Field<K, List<T>>) -> Vec<T::Value<'a>> {
        let name = field.spec.name;
        let entry = |number: usize| self.any.values(&format!("{name}.{number}")).flatten();
        (0..self.any.entries(name)).flat_map(entry).filter_map(T::of).collect()
    }

    /// All concurrent values of a field that read, the preferred one last.
    pub fn all<T: Typed>(&self, field: &Field<K, T>) -> Vec<T::Value<'a>> {
        self.any.values(field.spec.name).flatten().filter_map(T::of).collect()
    }

    /// Does a field have several values, of which somebody must choose one?
    pub fn is_contested<T>(&self, field: &Field<K, T>) -> bool {
        let readings = self.any.fields.get(field.spec.name).map(Vec::as_slice).unwrap_or_default();
        readings.windows(2).any(|pair| pair[0] != pair[1])
    }
}

/// What was found in a document. A record of which no field has a value is none.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Contents {
    /// The records, by kind and name.
    pub records: BTreeMap<(&'static str, String), AnyRecord>,
    /// The events, by kind, entity and id.
    pub events: BTreeMap<(&'static str, String, EventId), Event>,
    /// What does not read: key and reason. A value that does not read stands in its record too.
    pub unreadable: Vec<(String, Unreadable)>,
}

impl Contents {
    /// Reads what a document says: its keys, each with its values, the preferred one last.
    pub fn read<'a>(
        kinds: &[&'static Kind],
        document: &DocumentId,
        values: impl IntoIterator<Item = (&'a str, &'a [Scalar])>,
    ) -> Self {
        let mut contents = Self::default();
        for (key, values) in values {
            if let Err(why) = contents.take(kinds, document, key, values) {
                contents.unreadable.push((key.to_owned(), why));
            }
        }
        contents.records.retain(|_, record| record.says_something());
        contents.drop_misplaced(kinds, document);
        contents
    }

    fn take(
        &mut self,
        kinds: &[&'static Kind],
        document: &DocumentId,
        key: &str,
        values: &[Scalar],
    ) -> Result<(), Unreadable> {
        let parsed = Key::parse(key).ok_or(Unreadable::Key)?;
        let (Key::Field { kind: name, record, .. } | Key::Event { kind: name, entity: record, .. }) =
            parsed;
        let kind = kinds.iter().find(|kind| kind.name == name).ok_or(Unreadable::Kind)?;
        if !kind.lies_in(document.class().number()) {
            return Err(Unreadable::Document);
        }
        if !kind.naming.allows(record) {
            return Err(Unreadable::Name);
        }
        match parsed {
            Key::Field { field, .. } => self.take_field(kind, record, key, field, values),
            Key::Event { event, .. } => self.take_event(kind, record, event, values),
        }
    }

    fn take_field(
        &mut self,
        kind: &'static Kind,
        record: &str,
        key: &str,
        field: &str,
        values: &[Scalar],
    ) -> Result<(), Unreadable> {
        let spec = kind.field_in_key(field).ok_or(Unreadable::Field)?;
        let readings: Vec<Reading> = values.iter().map(|value| read(&spec.holds, value)).collect();
        let wrong = readings.iter().filter_map(|reading| reading.as_ref().err());
        self.unreadable.extend(wrong.map(|why| (key.to_owned(), *why)));
        let fields = BTreeMap::new();
        let new = AnyRecord { kind: kind.name, name: record.to_owned(), fields };
        let own = self.records.entry((kind.name, record.to_owned())).or_insert(new);
        own.fields.insert(field.to_owned(), readings);
        Ok(())
    }

    fn take_event(
        &mut self,
        kind: &'static Kind,
        entity: &str,
        id: EventId,
        values: &[Scalar],
    ) -> Result<(), Unreadable> {
        let [Scalar::Bytes(bytes), others @ ..] = values else {
            return Err(Unreadable::Type);
        };
        let other = |value: &Scalar| !matches!(value, Scalar::Bytes(other) if other == bytes);
        if others.iter().any(other) {
            return Err(Unreadable::Event);
        }
        let event = Event::from_bytes(bytes)?;
        self.events.insert((kind.name, entity.to_owned(), id), event);
        Ok(())
    }

    /// An entity lies in one document for ever; what lies elsewhere is none of it.
    fn drop_misplaced(&mut self, kinds: &[&'static Kind], document: &DocumentId) {
        let shard = |name: &str, kind: &Kind, record: Option<&AnyRecord>| {
            let told = kind.shard.asks().and_then(|field| record?.preferred(field));
            let rule = kind.shard.of(name, told.map(Value::text).as_deref());
            match (rule, kind.shard.asks(), told) {
                // The field that would say it is not here: then any document is as good.
                (None, Some(_), None) => true,
                (rule, _, _) => rule.as_deref() == Some(document.shard()),
            }
        };
        let kind_of = |name: &str| kinds.iter().find(|kind| kind.name == name).copied();
        let (records, unreadable) = (&self.records, &mut self.unreadable);
        let right = |kind: &&'static str, name: &String| {
            let record = records.get(&(*kind, name.clone()));
            kind_of(kind).is_some_and(|kind| shard(name, kind, record))
        };
        self.events.retain(|(kind, entity, event), _| {
            let stays = right(kind, entity);
            if !stays {
                let key = crate::key::event_key(kind, entity, *event);
                unreadable.push((key, Unreadable::Document));
            }
            stays
        });
        let wrong: Vec<_> =
            records.keys().filter(|(kind, name)| !right(kind, name)).cloned().collect();
        for (kind, name) in wrong {
            unreadable.push((format!("{kind}/{name}"), Unreadable::Document));
            self.records.remove(&(kind, name));
        }
    }
}
