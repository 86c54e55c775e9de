//! The keys of persons, and what they open.

use anyhow::Result;
use node_replication::history;
use schema_documents::roster::Person;
use schema_documents::seal::{PersonId, PersonKey};

use crate::engine::Context;

/// The keys of a person, from the unit's keyring.
pub(crate) fn of_person(context: &Context<'_>, person: PersonId) -> Result<Vec<PersonKey>> {
    let unit = context.replica.identity().unit.clone();
    let keys = history::person_keys(&context.store, &unit, person.0)?;
    Ok(keys.into_iter().map(PersonKey::new).collect())
}

/// Opens the concurrent values of a sealed field, the preferred one last. A value whose key was
/// destroyed is not there any more.
pub(crate) fn open_all(keys: &[PersonKey], person: &Person, field: &str) -> Vec<String> {
    let open = |sealed: &[u8]| keys.iter().find_map(|key| key.open(person.id, field, sealed));
    person.sealed(field).into_iter().filter_map(open).collect()
}

/// Opens one sealed text with whichever key fits.
pub(crate) fn open(
    keys: &[PersonKey],
    person: PersonId,
    field: &str,
    sealed: Option<&[u8]>,
) -> Option<String> {
    let sealed = sealed?;
    keys.iter().find_map(|key| key.open(person, field, sealed))
}
