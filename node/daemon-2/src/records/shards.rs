//! Which document a record belongs to.

use anyhow::Result;
use node_api::Failure;
use node_sheets::Record;
use schema_wire::{Class, DocumentId, Hash, UnitId};

pub(super) fn document(unit: &UnitId, class: Class, shard: &str) -> Result<DocumentId> {
    Ok(DocumentId::new(unit.clone(), class, shard)?)
}

/// The month a date belongs to, as a shard: `2026-11`.
pub(super) fn month(date: &str) -> Result<&str, Failure> {
    let month = date.get(..7).filter(|m| m.as_bytes().get(4) == Some(&b'-'));
    month.ok_or_else(|| Failure::BadDate { text: date.to_owned() })
}

/// The shard of a building's roster: its name is Chinese, a shard's is not.
pub(super) fn building_shard(estate: &str, building: &str) -> String {
    let hash = Hash::of(format!("{estate}\u{0}{building}").as_bytes());
    format!("b-{}", &hash.to_string()[..16])
}

/// The document a row belongs to.
pub(super) fn target(unit: &UnitId, record: &Record) -> Result<DocumentId> {
    match record {
        Record::Roster(row) => {
            document(unit, Class::Roster, &building_shard(&row.estate, &row.building))
        }
        Record::Organisation(_) => document(unit, Class::Organisation, "all"),
        Record::Place(_) => document(unit, Class::Place, "all"),
        Record::Duty(_) => document(unit, Class::Duty, "posts"),
        Record::PatrolPlan(row) => document(unit, Class::Patrol, month(&row.on.to_string())?),
        Record::PatrolRun(row) => document(unit, Class::Patrol, month(&row.on.to_string())?),
        Record::Volunteer(_) => document(unit, Class::Volunteer, "all"),
    }
}
