//! 志愿者: the volunteers on a community's roll.

use automerge::AutoCommit;

use crate::record::{Fields, flag, read, set, text};

/// The map of volunteers; name and id number lie sealed beside each.
pub const VOLUNTEERS: &str = "volunteers";

/// A volunteer: the name lies sealed under the person's key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Volunteer {
    /// 注册编号: names the record.
    pub number: String,
    pub person: String,
    /// ISO date, or empty.
    pub registered: String,
    pub active: bool,
    /// 志愿服务队, or empty.
    pub team: String,
}

/// The record of a registration number. A slash would end the record's name.
pub fn record_of(number: &str) -> String {
    number.replace('/', "-")
}

/// Writes a volunteer; returns whether anything changed.
pub fn put(document: &mut AutoCommit, volunteer: &Volunteer) -> bool {
    let number = record_of(&volunteer.number);
    let mut changed = set(document, VOLUNTEERS, &number, "active", volunteer.active);
    changed |= set(document, VOLUNTEERS, &number, "team", volunteer.team.as_str());
    changed |= set(document, VOLUNTEERS, &number, "person", volunteer.person.as_str());
    changed | set(document, VOLUNTEERS, &number, "registered", volunteer.registered.as_str())
}

/// Every volunteer.
pub fn volunteers(document: &AutoCommit) -> Vec<Volunteer> {
    let volunteer = |(number, fields): (String, Fields)| Volunteer {
        person: text(&fields, "person").into(),
        registered: text(&fields, "registered").into(),
        active: flag(&fields, "active"),
        team: text(&fields, "team").into(),
        number,
    };
    read(document, VOLUNTEERS).into_iter().map(volunteer).collect()
}
