//! What an office does: importing workbooks, entering single records, exporting.

mod clerk;
mod export;

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::{Context, Result, anyhow, bail};
use automerge::AutoCommit;
use node_sheets::{Mode, Record, Row, RowStatus, StatusWriter};
use schema_documents::puts::Puts;
use schema_documents::seal::PersonId;
use schema_documents::{duty, organisation, patrol, place, record, roster, volunteer};
use schema_wire::{Class, DocumentId, Hash, UnitId};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::engine::{Desk, Engine};
use crate::failpoint::{Point, cross};
use clerk::{Clerk, Outcome};
pub(crate) use export::export;

/// Rows read ahead of one call: bounds memory, and lets rows of one building share an envelope.
const ROWS_BATCH: usize = 500;
/// A UUID with its hyphens, and some more.
const EVENT_ID_BYTES_MAX: usize = 64;

/// One record entered by hand.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(tag = "record", rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) enum Entry {
    /// A field of a person or household.
    Person { document: String, person: String, field: String, value: String },
    /// 巡查
    Patrol {
        date: String,
        half: String,
        area: String,
        started: String,
        ended: String,
        findings: u32,
        /// 巡查人
        #[serde(default)]
        by: Option<String>,
        /// Names the entry: sent again, because the answer was lost, it is still one entry.
        #[serde(default)]
        id: Option<String>,
    },
    /// 值班: somebody on or off a slot of the rota.
    Rota { date: String, half: String, area: String, who: String, on: bool },
}

fn document(unit: &UnitId, class: Class, shard: &str) -> Result<DocumentId> {
    Ok(DocumentId::new(unit.clone(), class, shard)?)
}

/// The month a date belongs to, as a shard: `2026-11`.
fn month(date: &str) -> Result<&str> {
    let month = date.get(..7).filter(|m| m.as_bytes().get(4) == Some(&b'-'));
    month.with_context(|| format!("date {date:?} is not YYYY-MM-DD"))
}

/// The shard of a building's roster: its name is Chinese, a shard's is not.
fn building_shard(estate: &str, building: &str) -> String {
    let hash = Hash::of(format!("{estate}\u{0}{building}").as_bytes());
    format!("b-{}", &hash.to_string()[..16])
}

/// The document a row belongs to.
fn target(unit: &UnitId, record: &Record) -> Result<DocumentId> {
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

/// Imports a workbook; a bad row stops no other. A dry run writes nothing but the status
/// workbook.
pub(crate) fn import(
    engine: &Engine,
    file: &Path,
    dry_run: bool,
    synthetic: bool,
) -> Result<Value> {
    let mode = if synthetic { Mode::Synthetic } else { Mode::Real };
    let workbook = node_sheets::open_with(file, mode)?;
    let mut status = StatusWriter::beside(&workbook);
    let began = std::time::Instant::now();
    let mut counts: BTreeMap<&'static str, u64> = BTreeMap::new();
    let mut errors = Vec::new();
    let (mut rows, mut batch) = (0u64, Vec::new());
    let mut stream = workbook.rows();
    loop {
        let next = stream.next();
        let flush = next.is_none() || batch.len() >= ROWS_BATCH;
        if flush && !batch.is_empty() {
            for (row, outcome) in enter_batch(engine, std::mem::take(&mut batch), dry_run)? {
                note(&mut status, &mut counts, &row, outcome)?;
            }
            cross(Point::ImportBatch);
        }
        rows += u64::from(next.is_some());
        match next {
            None => break,
            Some(Ok(row)) => batch.push(row),
            Some(Err(error)) => {
                // The status workbook is written in row order: what came before goes first.
                for (row, outcome) in enter_batch(engine, std::mem::take(&mut batch), dry_run)? {
                    note(&mut status, &mut counts, &row, outcome)?;
                }
                *counts.entry(RowStatus::Refused.name()).or_insert(0) += 1;
                status.refuse(&error)?;
                if errors.len() < 100 {
                    errors.push(error.to_string());
                }
            }
        }
    }
    let written = status.finish()?;
    let seconds = began.elapsed().as_secs_f64().max(1e-6);
    Ok(json!({
        "file": file.display().to_string(), "dry_run": dry_run, "rows": rows, "counts": counts,
        "errors": errors, "notes": workbook.notes(), "status_workbook": written.display().to_string(),
        "rows_per_second": (rows as f64 / seconds).round(),
    }))
}

/// Writes down what became of a good row.
fn note(
    status: &mut StatusWriter,
    counts: &mut BTreeMap<&'static str, u64>,
    row: &Row,
    outcome: Result<Outcome, String>,
) -> Result<()> {
    let row_status = match &outcome {
        Err(_) => RowStatus::Refused,
        Ok(_) if !row.warnings.is_empty() => RowStatus::PossibleDuplicate,
        Ok(Outcome::Added) => RowStatus::Added,
        Ok(Outcome::Updated) => RowStatus::Updated,
        Ok(Outcome::Unchanged) => RowStatus::Unchanged,
    };
    *counts.entry(row_status.name()).or_insert(0) += 1;
    status.write(row, row_status, outcome.err().as_deref().unwrap_or_default())?;
    Ok(())
}

type Entered = Vec<(Row, Result<Outcome, String>)>;

/// Enters rows, those of one document in one signed transaction, and gives them back in order.
fn enter_batch(engine: &Engine, rows: Vec<Row>, dry_run: bool) -> Result<Entered> {
    engine.call(move |desk| {
        let unit = desk.replica.identity().unit.clone();
        let mut groups: BTreeMap<DocumentId, Vec<usize>> = BTreeMap::new();
        for (index, row) in rows.iter().enumerate() {
            groups.entry(target(&unit, &row.record)?).or_default().push(index);
        }
        let mut outcomes: BTreeMap<usize, Result<Outcome, String>> = BTreeMap::new();
        for (document, indexes) in groups {
            let mut clerk = Clerk::open(desk, &document)?;
            let edit = |draft: &mut AutoCommit| {
                let mut puts = Puts::default();
                for index in indexes {
                    let outcome = enter_row(&mut clerk, draft, &mut puts, &rows[index].record);
                    outcomes.insert(index, outcome.map_err(|error| error.to_string()));
                }
                puts.write(draft);
            };
            if dry_run {
                desk.rehearse(&document, edit)?;
            } else {
                desk.edit(&document, edit)?;
                desk.grant_keys(&clerk.grants)?;
            }
        }
        let outcome = |(index, row)| {
            (row, outcomes.remove(&index).unwrap_or_else(|| Err("not entered".into())))
        };
        Ok(rows.into_iter().enumerate().map(outcome).collect())
    })
}

/// Enters a row: into the document, or as something to be put there.
fn enter_row(
    clerk: &mut Clerk,
    draft: &mut AutoCommit,
    puts: &mut Puts,
    record: &Record,
) -> Result<Outcome> {
    match record {
        Record::Roster(row) => clerk.enter(puts, row),
        Record::Organisation(row) => {
            let level = organisation::Level::parse(row.level.name());
            let body = organisation::Body {
                number: row.code.clone(),
                level: level.ok_or_else(|| anyhow!("unknown level {}", row.level.name()))?,
                name: row.name.clone(),
                above: row.parent.clone().unwrap_or_default(),
                founded: row.founded.map(|d| d.to_string()).unwrap_or_default(),
                active: row.state == node_sheets::OrgState::Active,
            };
            let new = record::entry(draft, organisation::BODIES, &body.number).is_empty();
            let number = body.number.as_str();
            let state = row.state.name();
            let mut changed = record::set(draft, organisation::BODIES, number, "state", state);
            changed |= organisation::put(draft, &body);
            Ok(outcome(new, changed))
        }
        Record::Place(row) => {
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
            Ok(outcome(new, place::put(draft, &building)))
        }
        Record::Duty(row) => enter_post(clerk, draft, row),
        Record::PatrolPlan(row) => enter_plan(clerk, draft, row),
        Record::PatrolRun(row) => enter_run(clerk, draft, row),
        Record::Volunteer(row) => enter_volunteer(clerk, draft, row),
    }
}

fn half(slot: node_sheets::Slot) -> &'static str {
    match slot {
        node_sheets::Slot::Morning => "AM",
        node_sheets::Slot::Afternoon => "PM",
    }
}

fn enter_plan(
    clerk: &mut Clerk,
    draft: &mut AutoCommit,
    row: &node_sheets::PatrolPlanRow,
) -> Result<Outcome> {
    let (on, half) = (row.on.to_string(), half(row.slot));
    let slot = patrol::slot(&on, half, &row.area);
    let new = record::entry(draft, patrol::PLANNED, &slot).is_empty();
    let mut changed = patrol::plan(draft, &on, half, &row.area);
    if let Some(name) = &row.by {
        changed |= enter_walker(clerk, draft, (patrol::PLANNED, &slot), name)?;
    }
    Ok(outcome(new, changed))
}

/// Who walks: the name sealed under a key of that person.
fn enter_walker(
    clerk: &mut Clerk,
    draft: &mut AutoCommit,
    (map, entry): (&str, &str),
    name: &str,
) -> Result<bool> {
    let person = clerk.named(map, name)?;
    let changed = record::set(draft, map, entry, "person", person.to_string());
    Ok(changed | clerk.keep(draft, (map, entry), person, "name", Some(name))?)
}

fn enter_run(
    clerk: &mut Clerk,
    draft: &mut AutoCommit,
    row: &node_sheets::PatrolRow,
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
    let place = (patrol::RUNS, id.as_str());
    enter_walker(clerk, draft, place, &row.by)?;
    let person = clerk.named(patrol::RUNS, &row.by)?;
    clerk.keep(draft, place, person, "finding", row.finding.as_deref())?;
    Ok(Outcome::Added)
}

fn enter_post(
    clerk: &mut Clerk,
    draft: &mut AutoCommit,
    row: &node_sheets::DutyRow,
) -> Result<Outcome> {
    let id = duty::post_id(row.chief.name(), &row.area);
    let new = record::entry(draft, duty::POSTS, &id).is_empty();
    let mut changed = false;
    let mut holder = String::new();
    if let Some(name) = &row.name {
        let person = clerk.named(duty::POSTS, name)?;
        holder = person.to_string();
        let place = (duty::POSTS, id.as_str());
        changed |= record::set(draft, duty::POSTS, &id, "person", holder.as_str());
        changed |= clerk.keep(draft, place, person, "name", Some(name))?;
        changed |= clerk.keep(draft, place, person, "number", row.citizen_id.as_deref())?;
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
    clerk: &mut Clerk,
    draft: &mut AutoCommit,
    row: &node_sheets::VolunteerRow,
) -> Result<Outcome> {
    let entry = volunteer::record_of(&row.number);
    let held = record::entry(draft, volunteer::VOLUNTEERS, &entry);
    // A registration number is one person's; namesakes have numbers of their own.
    let person = match PersonId::parse(record::text(&held, "person")) {
        Some(person) => person,
        None => clerk.admit()?,
    };
    let record = volunteer::Volunteer {
        number: row.number.clone(),
        person: person.to_string(),
        registered: row.registered.to_string(),
        active: row.state == node_sheets::VolunteerState::Active,
        team: row.team.clone().unwrap_or_default(),
    };
    let place = (volunteer::VOLUNTEERS, entry.as_str());
    let mut changed = volunteer::put(draft, &record);
    let state = row.state.name();
    changed |= record::set(draft, volunteer::VOLUNTEERS, &entry, "state", state);
    changed |= clerk.keep(draft, place, person, "name", Some(&row.name))?;
    changed |= clerk.keep(draft, place, person, "number", row.citizen_id.as_deref())?;
    Ok(outcome(held.is_empty(), changed))
}

fn outcome(new: bool, changed: bool) -> Outcome {
    match (new, changed) {
        (true, _) => Outcome::Added,
        (false, true) => Outcome::Updated,
        (false, false) => Outcome::Unchanged,
    }
}

/// A name given to an event from outside: a ULID, a UUID, or the like.
fn event_id(id: String) -> Result<String> {
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '-';
    if id.is_empty() || id.len() > EVENT_ID_BYTES_MAX || !id.chars().all(plain) {
        bail!("id {id:?}: 1 to {EVENT_ID_BYTES_MAX} letters, digits and hyphens");
    }
    Ok(id)
}

/// Enters one record by hand.
pub(crate) fn enter(desk: &mut Desk<'_>, entry: Entry) -> Result<Value> {
    let unit = desk.replica.identity().unit.clone();
    let (document, envelope) = match entry {
        Entry::Person { document, person, field, value } => {
            let document: DocumentId = document.parse()?;
            let person = PersonId::parse(&person).context("a person id has 32 hex digits")?;
            if !Clerk::is_sealed(&field) {
                bail!("{field:?} is no field that can be entered; try name, phone or note");
            }
            let mut clerk = Clerk::open(desk, &document)?;
            let mut puts = Puts::default();
            clerk.set_sealed(&mut puts, person, &field, &value)?;
            let (_, envelope) = desk.edit(&document, |draft| puts.write(draft))?;
            (document, envelope)
        }
        Entry::Patrol { date, half, area, started, ended, findings, by, id } => {
            let document = document(&unit, Class::Patrol, month(&date)?)?;
            let id = match id {
                Some(id) => event_id(id)?,
                None => hex::encode(crate::keyfile::random::<13>()?),
            };
            let run = patrol::Run { id: id.clone(), date, half, area, started, ended, findings };
            let mut clerk = match &by {
                Some(_) => Some(Clerk::open(desk, &document)?),
                None => None,
            };
            let (walked, envelope) = desk.edit(&document, |draft| {
                patrol::enter(draft, &run);
                match (&mut clerk, &by) {
                    (Some(clerk), Some(name)) => {
                        enter_walker(clerk, draft, (patrol::RUNS, &id), name).map(drop)
                    }
                    _ => Ok(()),
                }
            })?;
            walked?;
            desk.grant_keys(clerk.as_ref().map_or(&[], |clerk| &clerk.grants))?;
            (document, envelope)
        }
        Entry::Rota { date, half, area, who, on } => {
            let document = document(&unit, Class::Duty, month(&date)?)?;
            let slot = duty::slot_id(&date, &half, &area);
            let who = who.replace('/', "-");
            let (_, envelope) =
                desk.edit(&document, |draft| duty::assign(draft, &slot, &who, on))?;
            (document, envelope)
        }
    };
    let saved = envelope.map(|id| id.to_string());
    Ok(
        json!({ "document": document.to_string(), "envelope": saved, "receipt": "本机已存 saved here" }),
    )
}

/// Every person of a roster document, opened, with all concurrent values.
pub(crate) fn roster(desk: &mut Desk<'_>, document: &DocumentId) -> Result<Value> {
    let persons = roster::persons(desk.document(document)?);
    let mut shown = Vec::new();
    for person in persons {
        let keys = clerk::keys_of(desk, person.id)?;
        let mut entry = json!({
            "person": person.id.to_string(), "household": person.plain("household"),
            "relation": person.plain("relation"), "present": person.present(),
            "contested": person.contested().collect::<Vec<_>>(),
        });
        for field in roster::SEALED {
            let mut values = clerk::opened(&keys, &person, field);
            entry[field] = match values.len() {
                0 => Value::Null,
                1 => Value::String(values.remove(0)),
                _ => json!(values),
            };
        }
        shown.push(entry);
    }
    Ok(shown.into())
}

/// Opens one sealed field of a person, if this node has a key that fits.
pub(crate) fn open_field(
    desk: &Desk<'_>,
    person: PersonId,
    field: &str,
    sealed: &[u8],
) -> Option<String> {
    let keys = clerk::keys_of(desk, person).ok()?;
    clerk::open_one(&keys, person, field, Some(sealed))
}
