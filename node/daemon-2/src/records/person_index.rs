//! The persons of a document: finding them again, sealing what is said of them, granting their keys.

use std::collections::BTreeMap;

use anyhow::Result;
use automerge::{AutoCommit, ScalarValue};
use node_api::Failure;
use node_sheets::RosterRow;
use schema_documents::puts::Puts;
use schema_documents::roster::{self, Dwelling, Household, Person, SEALED};
use schema_documents::seal::{PersonId, PersonKey};
use schema_documents::{duty, patrol, record, volunteer};
use schema_wire::{DocumentId, KeyGrant};

use super::keys;
use crate::engine::Context;
use crate::keyfile::random;

/// What an entry did to a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Outcome {
    Added,
    Updated,
    Unchanged,
}

/// Knows the persons of one building while rows are entered.
pub(crate) struct PersonIndex {
    keys: BTreeMap<PersonId, Vec<PersonKey>>,
    pepper: PersonKey,
    persons: BTreeMap<PersonId, Person>,
    households: BTreeMap<String, Household>,
    by_digest: BTreeMap<String, PersonId>,
    by_name: BTreeMap<(String, String), PersonId>,
    /// Keys of persons that are new.
    pub(crate) grants: Vec<KeyGrant>,
}

/// The unit's pepper; the first node to need it grants it.
fn pepper(context: &mut Context<'_>) -> Result<PersonKey> {
    if let Some(pepper) = keys::of_person(context, PersonId::PEPPER)?.into_iter().next() {
        return Ok(pepper);
    }
    let key = random()?;
    context.grant_keys(&[KeyGrant::new(PersonId::PEPPER.0, key)])?;
    Ok(PersonKey::new(key))
}

impl PersonIndex {
    /// Opens a building's roster.
    pub(crate) fn open(context: &mut Context<'_>, document: &DocumentId) -> Result<Self> {
        let pepper = pepper(context)?;
        let mut index = Self {
            keys: BTreeMap::new(),
            pepper,
            persons: BTreeMap::new(),
            households: BTreeMap::new(),
            by_digest: BTreeMap::new(),
            by_name: BTreeMap::new(),
            grants: Vec::new(),
        };
        let document = context.document(document)?;
        index.households = roster::households(document);
        let persons = roster::persons(document);
        // Posts, volunteers and patrols name their persons beside the record.
        let maps = [duty::POSTS, volunteer::VOLUNTEERS, patrol::PLANNED, patrol::RUNS];
        let records = maps.map(|map| (map, record::read(document, map)));
        for person in persons {
            let keys = keys::of_person(context, person.id)?;
            index.remember(person, keys);
        }
        for (map, records) in records {
            for fields in records.into_values() {
                let Some(person) = PersonId::parse(record::text(&fields, "person")) else {
                    continue;
                };
                // Who walks every day has one name.
                if index.keys.contains_key(&person) {
                    continue;
                }
                let keys = keys::of_person(context, person)?;
                if let Some(name) =
                    keys::open(&keys, person, "name", record::sealed(&fields, "name"))
                {
                    index.by_name.insert((map.to_owned(), name), person);
                }
                index.keys.insert(person, keys);
            }
        }
        Ok(index)
    }

    fn remember(&mut self, person: Person, keys: Vec<PersonKey>) {
        let digest = person.plain("digest").to_owned();
        if !digest.is_empty() {
            self.by_digest.insert(digest, person.id);
        }
        for name in keys::open_all(&keys, &person, "name") {
            self.by_name.insert((person.plain("household").to_owned(), name), person.id);
        }
        self.keys.insert(person.id, keys);
        self.persons.insert(person.id, person);
    }

    /// A new person with a fresh key.
    pub(crate) fn admit(&mut self) -> Result<PersonId> {
        let (person, key) = (PersonId(random()?), random()?);
        self.grants.push(KeyGrant::new(person.0, key));
        self.keys.insert(person, vec![PersonKey::new(key)]);
        Ok(person)
    }

    /// Enters a row of a roster.
    pub(crate) fn enter(&mut self, puts: &mut Puts, row: &RosterRow) -> Result<Outcome> {
        let household = household_id(row);
        let digest = row.citizen_id.as_ref().map(|number| self.pepper.digest(number));
        let (person, new) = match self.found(row, &household, digest.as_ref()) {
            Some(person) => (person, false),
            None => (self.admit()?, true),
        };
        let mut changed = self.enter_sealed(puts, person, row)?;
        for (field, text) in [
            ("digest", digest.as_deref().unwrap_or_default()),
            ("household", &household),
            ("relation", &row.relation),
            ("sex", row.sex.code()),
            ("politics", row.political.as_deref().unwrap_or_default()),
        ] {
            // An empty cell says nothing: what is known stays.
            changed |= !text.is_empty() && self.person(person).set_plain(puts, field, text);
        }
        let dwelling = Dwelling {
            estate: row.estate.clone(),
            building: row.building.clone(),
            entrance: row.entrance.clone(),
            room: row.room.clone(),
        };
        let known = self.households.entry(household.clone());
        let known = known.or_insert_with(|| Household::new(household.clone()));
        changed |= known.settle(puts, &dwelling);
        if new {
            // A later row may mean the same person.
            self.by_name.insert((household, row.name.clone()), person);
            digest.map(|digest| self.by_digest.insert(digest, person));
        }
        Ok(match (new, changed) {
            (true, _) => Outcome::Added,
            (false, true) => Outcome::Updated,
            (false, false) => Outcome::Unchanged,
        })
    }

    /// The person a row means: found by id number, else by household and name.
    fn found(&self, row: &RosterRow, household: &str, digest: Option<&String>) -> Option<PersonId> {
        let by_name = self.by_name.get(&(household.to_owned(), row.name.clone()));
        let by_digest = digest.and_then(|digest| self.by_digest.get(digest));
        match (by_digest, by_name) {
            (Some(person), _) => Some(*person),
            // A namesake with another id number is another person.
            (None, Some(person)) => {
                let known = self.persons.get(person).map_or("", |p| p.plain("digest"));
                (known.is_empty() || digest.is_none()).then_some(*person)
            }
            (None, None) => None,
        }
    }

    /// What a row says of a person that is kept sealed.
    fn enter_sealed(&mut self, puts: &mut Puts, person: PersonId, row: &RosterRow) -> Result<bool> {
        let sealed = [
            ("name", Some(row.name.as_str())),
            ("birth", row.birth.as_ref().map(node_sheets::Birth::as_str)),
            ("number", row.citizen_id.as_deref()),
            ("phone", row.phone.as_deref()),
            ("note", row.note.as_deref()),
        ];
        let mut changed = false;
        for (field, text) in sealed {
            let Some(text) = text else { continue };
            // A workbook does not settle what two nodes contest: if it says one of the values, it
            // says nothing new.
            if !self.says(person, field, text) {
                changed |= self.set_sealed(puts, person, field, text)?;
            }
        }
        Ok(changed)
    }

    fn person(&mut self, id: PersonId) -> &mut Person {
        self.persons.entry(id).or_insert_with(|| Person::new(id))
    }

    fn says(&self, person: PersonId, field: &str, text: &str) -> bool {
        let keys = self.keys.get(&person).map(Vec::as_slice).unwrap_or_default();
        let known = self.persons.get(&person);
        known.is_some_and(|known| {
            keys::open_all(keys, known, field).iter().any(|value| value == text)
        })
    }

    /// Sets a sealed field, unless its one value says this already.
    pub(crate) fn set_sealed(
        &mut self,
        puts: &mut Puts,
        person: PersonId,
        field: &str,
        text: &str,
    ) -> Result<bool> {
        let keys = self.keys.get(&person).map(Vec::as_slice).unwrap_or_default();
        if let Some(known) = self.persons.get(&person)
            && known.sealed(field).len() == 1
            && keys::open_all(keys, known, field) == [text]
        {
            return Ok(false);
        }
        let Some(key) = keys.first() else {
            return Err(no_key(person));
        };
        let sealed = key.seal(random()?, person, field, text);
        self.person(person).set_sealed(puts, field, sealed);
        Ok(true)
    }

    /// The person of this name beside the records of a map; a new one if nobody is.
    pub(crate) fn named(&mut self, map: &str, name: &str) -> Result<PersonId> {
        let key = (map.to_owned(), name.to_owned());
        if let Some(person) = self.by_name.get(&key) {
            return Ok(*person);
        }
        let person = self.admit()?;
        self.by_name.insert(key, person);
        Ok(person)
    }

    /// Keeps a text about a person sealed beside a record, unless it stands there already.
    pub(crate) fn keep(
        &self,
        document: &mut AutoCommit,
        (map, entry): (&str, &str),
        person: PersonId,
        field: &str,
        text: Option<&str>,
    ) -> Result<bool> {
        // An empty cell says nothing: what is known stays.
        let Some(text) = text else { return Ok(false) };
        let keys = self.keys.get(&person).map(Vec::as_slice).unwrap_or_default();
        let held = record::entry(document, map, entry);
        if keys::open(keys, person, field, record::sealed(&held, field)).as_deref() == Some(text) {
            return Ok(false);
        }
        let Some(key) = keys.first() else { return Err(no_key(person)) };
        let sealed = key.seal(random()?, person, field, text);
        Ok(record::set(document, map, entry, field, ScalarValue::Bytes(sealed)))
    }

    /// Is this a field of a person that is kept sealed?
    pub(crate) fn is_sealed(field: &str) -> bool {
        SEALED.contains(&field)
    }
}

fn no_key(person: PersonId) -> anyhow::Error {
    Failure::NoPersonKey { person: person.to_string() }.into()
}

/// 户号 where the sheet has one, else the dwelling. A slash would end the record's name.
fn household_id(row: &RosterRow) -> String {
    let id = if row.household.is_empty() {
        format!("{}-{}", row.entrance, row.room)
    } else {
        row.household.clone()
    };
    id.replace('/', "-")
}
