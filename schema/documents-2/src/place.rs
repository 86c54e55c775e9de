//! 空间台账: grids, estates, buildings and how many entrances each has, in one document.

use automerge::AutoCommit;

use crate::record::{Fields, number, read, set, text};

/// A building and where it belongs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Building {
    /// The building's id inside the community: what rosters are sharded by.
    pub id: String,
    pub name: String,
    /// 小区
    pub estate: String,
    /// 15 digits, or empty.
    pub grid: String,
    pub entrances: u32,
    /// Zero where it is not known.
    pub floors: u32,
    /// As the register states it; zero where it does not.
    pub households: u32,
}

/// Writes a building with its grid and estate; returns whether anything changed.
pub fn put(document: &mut AutoCommit, building: &Building) -> bool {
    let id = building.id.as_str();
    let mut changed = set(document, "buildings", id, "name", building.name.as_str());
    changed |= set(document, "buildings", id, "estate", building.estate.as_str());
    changed |= set(document, "buildings", id, "grid", building.grid.as_str());
    changed |= set(document, "buildings", id, "entrances", i64::from(building.entrances));
    changed |= set(document, "buildings", id, "floors", i64::from(building.floors));
    changed |= set(document, "buildings", id, "households", i64::from(building.households));
    if !building.grid.is_empty() {
        changed |= set(document, "grids", &building.grid, "active", true);
    }
    if !building.estate.is_empty() {
        // A slash would read as the end of the record's name.
        let estate = building.estate.replace('/', "-");
        changed |= set(document, "estates", &estate, "name", building.estate.as_str());
    }
    changed
}

/// Every building on record.
pub fn buildings(document: &AutoCommit) -> Vec<Building> {
    let building = |(id, fields): (String, Fields)| Building {
        name: text(&fields, "name").into(),
        estate: text(&fields, "estate").into(),
        grid: text(&fields, "grid").into(),
        entrances: number(&fields, "entrances"),
        floors: number(&fields, "floors"),
        households: number(&fields, "households"),
        id,
    };
    read(document, "buildings").into_iter().map(building).collect()
}
