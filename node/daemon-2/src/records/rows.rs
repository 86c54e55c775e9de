//! What a row of a workbook becomes in its document.

use anyhow::{Context as _, Result};
use automerge::AutoCommit;
use node_sheets::{
    DutyRow, OrgRow, OrgState, PatrolPlanRow, PatrolRow, PlaceRow, Record, Slot, VolunteerRow,
    VolunteerState,
};
use schema_documents::puts::Puts;
use schema_documents::seal::PersonId;
use schema_documents::{duty, organisation, patrol, place, record, volunteer};
use schema_wire::Hash;

use super::person_index::{Outcome, PersonIndex};
use super::shards::building_shard;

/// Enters a row: into the document, or as something to be put there.
pub(crate) fn enter(
    persons: &mut PersonIndex,
    draft: &mut AutoCommit,
    puts: &mut Puts,
    record: &Record,
) -> Result<Outcome> {
    match record {
        Record::Roster(row) => persons.enter(puts, row),
        Record::Organisation(row) => enter_body(draft, row),
        Record::Place(row) => Ok(enter_building(draft, row)),
        Record::Duty(row) => enter_post(persons, draft, row),
        Record::PatrolPlan(row) => enter_plan(persons, draft, row),
        Record::PatrolRun(row) => enter_run(persons, draft, row),
        Record::Volunteer(row) => enter_volunteer(persons, draft, row),
    }
}

fn enter_body(draft: &mut AutoCommit, row: &OrgRow) -> Result<Outcome> {
    let level = organisation::Level::parse(row.level.name());
    let body = organisation::Body {
        number: row.code.clone(),
        level: level.with_context(|| format!("unknown level {}", row.level.name()))?,
        name: row.name.clone(),
        above: row.parent.clone().unwrap_or_default(),
        founded: row.founded.map(|d| d.to_string()).unwrap_or_default(),
        active: row.state == OrgState::Active,
    };
    let new = record::entry(draft, organisation::BODIES, &body.number).is_empty();
    let number = body.number.as_str();
    let mut changed = record::set(draft, organisation::BODIES, number, "state", row.state.name());
    changed |= organisation::put(draft, &body);
    Ok(outcome(new, changed))
}

fn enter_building(draft: &mut AutoCommit, row: &PlaceRow) -> Outcome {
    let building = place::Building {
        id: building_shard(&row.estate, &row.building),
        name: row.building.clone(),
        estate: row.estate.clone(),
        grid: row.grid.clone(),
        entrances: row.entrances,
        floors: row.floors.unwrap_or_default(),
        households: row.households.unwrap_or_default(),
    };
    let new = record::entry(draft, "buildings", &building.id).is_empty();
    outcome(new, place::put(draft, &building))
}

fn half(slot: Slot) -> &'static str {
    match slot {
        Slot::Morning => "AM",
        Slot::Afternoon => "PM",
    }
}

fn enter_plan(
    persons: &mut PersonIndex,
    draft: &mut AutoCommit,
    row: &PatrolPlanRow,
) -> Result<Outcome> {
    let (on, half) = (row.on.to_string(), half(row.slot));
    let slot = patrol::slot(&on, half, &row.area);
    let new = record::entry(draft, patrol::PLANNED, &slot).is_empty();
    let mut changed = patrol::plan(draft, &on, half, &row.area);
    if let Some(name) = &row.by {
        changed |= enter_walker(persons, draft, (patrol::PLANNED, &slot), name)?;
    }
    Ok(outcome(new, changed))
}

/// Who walks: the name sealed under a key of that person.
pub(crate) fn enter_walker(
    persons: &mut PersonIndex,
    draft: &mut AutoCommit,
    (map, entry): (&str, &str),
    name: &str,
) -> Result<bool> {
    let person = persons.named(map, name)?;
    let changed = record::set(draft, map, entry, "person", person.to_string());
    Ok(changed | persons.keep(draft, (map, entry), person, "name", Some(name))?)
}

fn enter_run(
    persons: &mut PersonIndex,
    draft: &mut AutoCommit,
    row: &PatrolRow,
) -> Result<Outcome> {
    let (on, at, half) = (row.on.to_string(), row.started.to_string(), half(row.slot));
    // The same row imported again is the same run.
    let key = [&on, half, &row.area, &at, &row.by].join("\u{0}");
    let id = Hash::of(key.as_bytes()).to_string()[..26].to_owned();
    let run = patrol::Run {
        id: id.clone(),
        date: on,
        half: half.into(),
        area: row.area.clone(),
        started: at,
        ended: row.ended.map(|t| t.to_string()).unwrap_or_default(),
        findings: u32::from(row.finding.is_some()),
    };
    if !patrol::enter(draft, &run) {
        return Ok(Outcome::Unchanged);
    }
    let beside = (patrol::RUNS, id.as_str());
    enter_walker(persons, draft, beside, &row.by)?;
    let person = persons.named(patrol::RUNS, &row.by)?;
    persons.keep(draft, beside, person, "finding", row.finding.as_deref())?;
    Ok(Outcome::Added)
}

fn enter_post(persons: &mut PersonIndex, draft: &mut AutoCommit, row: &DutyRow) -> Result<Outcome> {
    let id = duty::post_id(row.chief.name(), &row.area);
    let new = record::entry(draft, duty::POSTS, &id).is_empty();
    let mut changed = false;
    let mut holder = String::new();
    if let Some(name) = &row.name {
        let person = persons.named(duty::POSTS, name)?;
        holder = person.to_string();
        let beside = (duty::POSTS, id.as_str());
        changed |= record::set(draft, duty::POSTS, &id, "person", holder.as_str());
        changed |= persons.keep(draft, beside, person, "name", Some(name))?;
        changed |= persons.keep(draft, beside, person, "number", row.citizen_id.as_deref())?;
    }
    let post = duty::Post {
        id,
        role: row.chief.name().into(),
        area: row.area.clone(),
        holder,
        party_member: row.party_member,
        from: row.from.map(|d| d.to_string()).unwrap_or_default(),
        to: row.to.map(|d| d.to_string()).unwrap_or_default(),
    };
    changed |= duty::put(draft, &post);
    Ok(outcome(new, changed))
}

fn enter_volunteer(
    persons: &mut PersonIndex,
    draft: &mut AutoCommit,
    row: &VolunteerRow,
) -> Result<Outcome> {
    let entry = volunteer::record_of(&row.number);
    let held = record::entry(draft, volunteer::VOLUNTEERS, &entry);
    // A registration number is one person's; namesakes have numbers of their own.
    let person = match PersonId::parse(record::text(&held, "person")) {
        Some(person) => person,
        None => persons.admit()?,
    };
    let record = volunteer::Volunteer {
        number: row.number.clone(),
        person: person.to_string(),
        registered: row.registered.to_string(),
        active: row.state == VolunteerState::Active,
        team: row.team.clone().unwrap_or_default(),
    };
    let beside = (volunteer::VOLUNTEERS, entry.as_str());
    let mut changed = volunteer::put(draft, &record);
    let state = row.state.name();
    changed |= record::set(draft, volunteer::VOLUNTEERS, &entry, "state", state);
    changed |= persons.keep(draft, beside, person, "name", Some(&row.name))?;
    changed |= persons.keep(draft, beside, person, "number", row.citizen_id.as_deref())?;
    Ok(outcome(held.is_empty(), changed))
}

fn outcome(new: bool, changed: bool) -> Outcome {
    match (new, changed) {
        (true, _) => Outcome::Added,
        (false, true) => Outcome::Updated,
        (false, false) => Outcome::Unchanged,
    }
}
