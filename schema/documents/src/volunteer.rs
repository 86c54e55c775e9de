//! 志愿者: the volunteers on a community's roll.

use automerge::{AutoCommit, ScalarValue};

use crate::record::{Fields, flag, read, set, text};
use crate::seal::PersonId;

const VOLUNTEERS: &str = "volunteers";

/// A volunteer: the name lies sealed under the person's key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Volunteer {
    /// 注册编号: names the record.
    pub number: String,
    pub person: String,
    /// ISO date, or empty.
    pub registered: String,
    pub active: bool,
}

/// Writes a volunteer; returns whether anything changed.
pub fn put(document: &mut AutoCommit, volunteer: &Volunteer) -> bool {
    let number = volunteer.number.replace('/', "-");
    let mut changed = set(document, VOLUNTEERS, &number, "active", volunteer.active);
    changed |= set(document, VOLUNTEERS, &number, "person", volunteer.person.as_str());
    changed | set(document, VOLUNTEERS, &number, "registered", volunteer.registered.as_str())
}

/// Writes the sealed name.
pub fn set_name(document: &mut AutoCommit, number: &str, sealed: Vec<u8>) {
    let number = number.replace('/', "-");
    set(document, VOLUNTEERS, &number, "name", ScalarValue::Bytes(sealed));
}

/// The person and the sealed name of a volunteer.
pub fn name(document: &AutoCommit, number: &str) -> Option<(PersonId, Vec<u8>)> {
    let fields = read(document, VOLUNTEERS).remove(&number.replace('/', "-"))?;
    let person = PersonId::parse(text(&fields, "person"))?;
    match fields.get("name")?.last()? {
        ScalarValue::Bytes(bytes) => Some((person, bytes.clone())),
        _ => None,
    }
}

/// Every volunteer.
pub fn volunteers(document: &AutoCommit) -> Vec<Volunteer> {
    let volunteer = |(number, fields): (String, Fields)| Volunteer {
        person: text(&fields, "person").into(),
        registered: text(&fields, "registered").into(),
        active: flag(&fields, "active"),
        number,
    };
    read(document, VOLUNTEERS).into_iter().map(volunteer).collect()
}
