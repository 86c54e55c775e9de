//! 居民名册: the households and persons of one building.
//!
//! Name, birth and id number are registers that keep every concurrent value until someone
//! chooses (`domain.md` K11); phone and note take the value Automerge prefers. Texts about a
//! person are sealed under the person's key; what is counted is in the clear.

use automerge::{AutoCommit, ScalarValue};

use crate::record::{Fields, read, set, text};
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

/// Writes a sealed field. Sealing is never the same twice: compare before calling.
pub fn set_sealed(document: &mut AutoCommit, person: PersonId, field: &str, sealed: Vec<u8>) {
    set(document, PERSONS, &person.to_string(), field, ScalarValue::Bytes(sealed));
}

/// Writes a field in the clear; returns whether it changed.
pub fn set_plain(document: &mut AutoCommit, person: PersonId, field: &str, value: &str) -> bool {
    set(document, PERSONS, &person.to_string(), field, value)
}

/// Where a household lives.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Dwelling {
    pub estate: String,
    pub building: String,
    pub entrance: String,
    pub room: String,
}

/// Writes a household's dwelling; returns whether anything changed.
pub fn put_household(document: &mut AutoCommit, id: &str, dwelling: &Dwelling) -> bool {
    let mut changed = false;
    for (field, value) in [
        ("estate", &dwelling.estate),
        ("building", &dwelling.building),
        ("entrance", &dwelling.entrance),
        ("room", &dwelling.room),
    ] {
        changed |= set(document, HOUSEHOLDS, id, field, value.as_str());
    }
    changed
}

/// Where each household lives.
pub fn dwellings(document: &AutoCommit) -> std::collections::BTreeMap<String, Dwelling> {
    let dwelling = |fields: Fields| Dwelling {
        estate: text(&fields, "estate").into(),
        building: text(&fields, "building").into(),
        entrance: text(&fields, "entrance").into(),
        room: text(&fields, "room").into(),
    };
    read(document, HOUSEHOLDS).into_iter().map(|(id, fields)| (id, dwelling(fields))).collect()
}

/// The ids of households somebody lives in.
pub fn households(document: &AutoCommit) -> usize {
    let persons = persons(document);
    let lived: std::collections::BTreeSet<&str> =
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
        let person = PersonId([3; 16]);
        let mut a = root_document(Class::Roster);
        set_sealed(&mut a, person, "name", vec![1]);
        set_plain(&mut a, person, "household", "1-101");
        let mut b = a.clone();
        a.set_actor(ActorId::from([1u8; 16]));
        b.set_actor(ActorId::from([2u8; 16]));
        set_sealed(&mut a, person, "name", vec![2]);
        set_sealed(&mut b, person, "name", vec![3]);
        a.merge(&mut b).expect("merges");
        let merged = &persons(&a)[0];
        assert_eq!(merged.sealed("name").len(), 2);
        assert_eq!(merged.contested().collect::<Vec<_>>(), ["name"]);
        set_sealed(&mut a, person, "name", vec![2]);
        assert_eq!(persons(&a)[0].sealed("name"), [&[2u8][..]]);
        assert_eq!(households(&a), 1);
    }
}
