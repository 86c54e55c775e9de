//! 居民名册: the households and persons of one building.
//!
//! Name, birth and id number are registers that keep every concurrent value until someone
//! chooses (`domain.md` K11); phone and note take the value Automerge prefers. Texts about a
//! person are sealed under the person's key; what is counted is in the clear.

use std::collections::{BTreeMap, BTreeSet};

use automerge::{AutoCommit, ScalarValue};

use crate::puts::Puts;
use crate::record::{Fields, read, text};
use crate::seal::PersonId;

const PERSONS: &str = "persons";
const HOUSEHOLDS: &str = "households";

/// The sealed fields of a person.
pub const SEALED: [&str; 5] = ["name", "birth", "number", "phone", "note"];
/// Those of them whose concurrent values are all shown until someone chooses.
pub const CONTESTED: [&str; 3] = ["name", "birth", "number"];

/// A person as the document holds it: sealed fields still sealed.
#[derive(Debug, Clone, PartialEq)]
pub struct Person {
    pub id: PersonId,
    fields: Fields,
}

impl Person {
    /// Somebody of whom nothing is on record.
    pub fn new(id: PersonId) -> Self {
        Self { id, fields: Fields::new() }
    }

    /// Sets a sealed field. Sealing is never the same twice: compare before calling.
    pub fn set_sealed(&mut self, puts: &mut Puts, field: &str, sealed: Vec<u8>) {
        self.set(puts, field, ScalarValue::Bytes(sealed));
    }

    /// Sets a field in the clear; returns whether it changed.
    pub fn set_plain(&mut self, puts: &mut Puts, field: &str, value: &str) -> bool {
        self.set(puts, field, value)
    }

    fn set(&mut self, puts: &mut Puts, field: &str, value: impl Into<ScalarValue>) -> bool {
        puts.amend((PERSONS, &self.id.to_string()), &mut self.fields, field, value)
    }

    /// Every concurrent value of a sealed field, the preferred one last.
    pub fn sealed(&self, field: &str) -> Vec<&[u8]> {
        let values = self.fields.get(field).map(Vec::as_slice).unwrap_or_default();
        let bytes = values.iter().filter_map(|value| match value {
            ScalarValue::Bytes(bytes) => Some(bytes.as_slice()),
            _ => None,
        });
        bytes.collect()
    }

    /// A field in the clear: `digest`, `sex`, `household`, `relation`, `politics`, `left`.
    pub fn plain(&self, field: &str) -> &str {
        text(&self.fields, field)
    }

    /// Does the person live here still?
    pub fn present(&self) -> bool {
        self.plain("left").is_empty()
    }

    /// How many values each contested field has, where it is more than one.
    pub fn contested(&self) -> impl Iterator<Item = &'static str> + '_ {
        CONTESTED.into_iter().filter(|field| self.sealed(field).len() > 1)
    }
}

/// Every person ever on record here, by id.
pub fn persons(document: &AutoCommit) -> Vec<Person> {
    let person =
        |(id, fields): (String, Fields)| Some(Person { id: PersonId::parse(&id)?, fields });
    read(document, PERSONS).into_iter().filter_map(person).collect()
}

/// Where a household lives.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Dwelling {
    pub estate: String,
    pub building: String,
    pub entrance: String,
    pub room: String,
}

/// A household as the document holds it.
#[derive(Debug, Clone, PartialEq)]
pub struct Household {
    id: String,
    fields: Fields,
}

impl Household {
    /// One of which nothing is on record.
    pub fn new(id: String) -> Self {
        Self { id, fields: Fields::new() }
    }

    /// Sets where it lives; returns whether anything changed.
    pub fn settle(&mut self, puts: &mut Puts, dwelling: &Dwelling) -> bool {
        let mut changed = false;
        for (field, value) in [
            ("estate", &dwelling.estate),
            ("building", &dwelling.building),
            ("entrance", &dwelling.entrance),
            ("room", &dwelling.room),
        ] {
            let record = (HOUSEHOLDS, self.id.as_str());
            changed |= puts.amend(record, &mut self.fields, field, value.as_str());
        }
        changed
    }

    /// Where it lives.
    pub fn dwelling(&self) -> Dwelling {
        let field = |name| text(&self.fields, name).to_owned();
        Dwelling {
            estate: field("estate"),
            building: field("building"),
            entrance: field("entrance"),
            room: field("room"),
        }
    }
}

/// Every household on record here, by id.
pub fn households(document: &AutoCommit) -> BTreeMap<String, Household> {
    let household = |(id, fields): (String, Fields)| (id.clone(), Household { id, fields });
    read(document, HOUSEHOLDS).into_iter().map(household).collect()
}

/// In how many households somebody lives.
pub fn lived_in(persons: &[Person]) -> usize {
    let lived: BTreeSet<&str> =
        persons.iter().filter(|p| p.present()).map(|p| p.plain("household")).collect();
    lived.iter().filter(|household| !household.is_empty()).count()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::root_document;
    use automerge::ActorId;
    use schema_wire::Class;

    #[test]
    fn concurrent_names_are_both_there_until_one_is_chosen() {
        let mut a = root_document(Class::Roster);
        let mut person = Person::new(PersonId([3; 16]));
        let mut puts = Puts::default();
        person.set_sealed(&mut puts, "name", vec![1]);
        assert!(person.set_plain(&mut puts, "household", "1-101"));
        assert!(!person.set_plain(&mut puts, "household", "1-101"), "what it says already");
        puts.write(&mut a);
        assert_eq!(persons(&a), [person.clone()], "what it knows is what is written");
        let mut b = a.clone();
        a.set_actor(ActorId::from([1u8; 16]));
        b.set_actor(ActorId::from([2u8; 16]));
        let rename = |person: &mut Person, document: &mut AutoCommit, sealed| {
            let mut puts = Puts::default();
            person.set_sealed(&mut puts, "name", vec![sealed]);
            puts.write(document);
        };
        rename(&mut person.clone(), &mut a, 2);
        rename(&mut person, &mut b, 3);
        a.merge(&mut b).expect("merges");
        let mut merged = persons(&a).remove(0);
        assert_eq!(merged.sealed("name").len(), 2);
        assert_eq!(merged.contested().collect::<Vec<_>>(), ["name"]);
        rename(&mut merged, &mut a, 2);
        assert_eq!(persons(&a)[0].sealed("name"), [&[2u8][..]]);
        assert_eq!(lived_in(&persons(&a)), 1);
    }

    #[test]
    fn a_household_is_written_once() {
        let mut document = root_document(Class::Roster);
        let dwelling =
            Dwelling { building: "3号楼".into(), room: "101".into(), ..Dwelling::default() };
        let mut household = Household::new("1-101".into());
        let mut puts = Puts::default();
        assert!(household.settle(&mut puts, &dwelling));
        puts.write(&mut document);
        let mut read = households(&document);
        assert_eq!(read["1-101"], household);
        assert_eq!(read["1-101"].dwelling(), dwelling);
        let known = read.get_mut("1-101").expect("it");
        assert!(!known.settle(&mut Puts::default(), &dwelling));
    }
}
