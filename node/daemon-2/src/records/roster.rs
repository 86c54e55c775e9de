//! The persons of a roster, opened.

use std::collections::BTreeMap;

use anyhow::Result;
use schema_documents::roster;
use schema_documents::seal::PersonId;
use schema_wire::DocumentId;

use super::keys;
use crate::engine::Context;

/// Every person of a roster document, opened, with all concurrent values.
pub(crate) fn roster(
    context: &mut Context<'_>,
    document: &DocumentId,
) -> Result<Vec<node_api::Person>> {
    let persons = roster::persons(context.document(document)?);
    persons.into_iter().map(|person| opened(context, &person)).collect()
}

fn opened(context: &Context<'_>, person: &roster::Person) -> Result<node_api::Person> {
    let keys = keys::of_person(context, person.id)?;
    let mut fields = BTreeMap::new();
    for field in roster::SEALED {
        let values = keys::open_all(&keys, person, field);
        if !values.is_empty() {
            fields.insert(field.to_owned(), values);
        }
    }
    Ok(node_api::Person {
        person: person.id.to_string(),
        household: person.plain("household").to_owned(),
        relation: person.plain("relation").to_owned(),
        present: person.present(),
        contested: person.contested().map(ToString::to_string).collect(),
        fields,
    })
}

/// Opens one sealed field of a person, if this node has a key that fits.
pub(crate) fn open_field(
    context: &Context<'_>,
    person: PersonId,
    field: &str,
    sealed: &[u8],
) -> Option<String> {
    let keys = keys::of_person(context, person).ok()?;
    keys::open(&keys, person, field, Some(sealed))
}
