//! What an office does: importing workbooks, entering single records, exporting.

mod clerk;

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::{Context, Result, anyhow, bail};
use node_replication::history;
use node_sheets::{Exporter, Format, Kind, Mode, Record, RosterRow, Row, RowStatus, StatusWriter};
use schema_documents::seal::PersonId;
use schema_documents::{duty, organisation, patrol, place, roster, volunteer};
use schema_wire::{Audience, Class, DocumentId, Hash, Scope, UnitId};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::engine::{Desk, Engine};
use clerk::{Clerk, Outcome};

/// Rows read ahead of one call: bounds memory, and lets rows of one building share an envelope.
const ROWS_BATCH: usize = 500;

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
            let edit = |draft: &mut automerge::AutoCommit| {
                for index in indexes {
                    let outcome = enter_row(&mut clerk, draft, &rows[index].record);
                    outcomes.insert(index, outcome.map_err(|error| error.to_string()));
                }
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

fn enter_row(
    clerk: &mut Clerk,
    draft: &mut automerge::AutoCommit,
    record: &Record,
) -> Result<Outcome> {
    let changed = match record {
        Record::Roster(row) => return clerk.enter(draft, row),
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
            organisation::put(draft, &body)
        }
        Record::Place(row) => {
            let building = place::Building {
                id: building_shard(&row.estate, &row.building),
                name: row.building.clone(),
                estate: row.estate.clone(),
                grid: row.grid.clone(),
                entrances: row.entrances,
                floors: row.floors.unwrap_or_default(),
            };
            place::put(draft, &building)
        }
        Record::Duty(row) => return enter_post(clerk, draft, row),
        Record::PatrolPlan(row) => {
            patrol::plan(draft, &row.on.to_string(), half(row.slot), &row.area)
        }
        Record::PatrolRun(row) => {
            let (on, at) = (row.on.to_string(), row.started.to_string());
            let key =
                format!("{on}\u{0}{}\u{0}{}\u{0}{at}\u{0}{}", half(row.slot), row.area, row.by);
            let run = patrol::Run {
                id: Hash::of(key.as_bytes()).to_string()[..26].to_owned(),
                date: on,
                half: half(row.slot).into(),
                area: row.area.clone(),
                started: at,
                ended: row.ended.map(|t| t.to_string()).unwrap_or_default(),
                findings: u32::from(row.finding.is_some()),
            };
            patrol::enter(draft, &run)
        }
        Record::Volunteer(row) => return enter_volunteer(clerk, draft, row),
    };
    Ok(if changed { Outcome::Updated } else { Outcome::Unchanged })
}

fn half(slot: node_sheets::Slot) -> &'static str {
    match slot {
        node_sheets::Slot::Morning => "AM",
        node_sheets::Slot::Afternoon => "PM",
    }
}

fn enter_post(
    clerk: &mut Clerk,
    draft: &mut automerge::AutoCommit,
    row: &node_sheets::DutyRow,
) -> Result<Outcome> {
    let id = duty::post_id(row.chief.name(), &row.area);
    let before = duty::posts(draft).into_iter().find(|post| post.id == id);
    let mut holder = before.as_ref().map(|post| post.holder.clone()).unwrap_or_default();
    match &row.name {
        None => holder.clear(),
        Some(name) => {
            let person = PersonId::parse(&holder);
            let same = person.is_some_and(|person| {
                let sealed = duty::holder_name(draft, &id).unwrap_or_default();
                clerk.opens_to(person, "holder_name", &sealed, name)
            });
            if !same {
                let person = clerk.admit()?;
                holder = person.to_string();
                let sealed = clerk.seal(person, "holder_name", name)?;
                duty::set_holder_name(draft, &id, sealed);
            }
        }
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
    let changed = duty::put(draft, &post);
    Ok(outcome(before.is_none(), changed))
}

fn enter_volunteer(
    clerk: &mut Clerk,
    draft: &mut automerge::AutoCommit,
    row: &node_sheets::VolunteerRow,
) -> Result<Outcome> {
    let before = volunteer::name(draft, &row.number);
    let same = before.as_ref().filter(|(p, sealed)| clerk.opens_to(*p, "name", sealed, &row.name));
    let person = match same {
        Some((person, _)) => *person,
        None => {
            let person = clerk.admit()?;
            volunteer::set_name(draft, &row.number, clerk.seal(person, "name", &row.name)?);
            person
        }
    };
    let record = volunteer::Volunteer {
        number: row.number.clone(),
        person: person.to_string(),
        registered: row.registered.to_string(),
        active: row.state == node_sheets::VolunteerState::Active,
    };
    Ok(outcome(before.is_none(), volunteer::put(draft, &record)))
}

fn outcome(new: bool, changed: bool) -> Outcome {
    match (new, changed) {
        (true, _) => Outcome::Added,
        (false, true) => Outcome::Updated,
        (false, false) => Outcome::Unchanged,
    }
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
            let clerk = Clerk::open(desk, &document)?;
            let (set, envelope) =
                desk.edit(&document, |draft| clerk.set_sealed(draft, person, &field, &value))?;
            set?;
            (document, envelope)
        }
        Entry::Patrol { date, half, area, started, ended, findings } => {
            let document = document(&unit, Class::Patrol, month(&date)?)?;
            let id = hex::encode(crate::keyfile::random::<13>()?);
            let run = patrol::Run { id, date, half, area, started, ended, findings };
            let (_, envelope) = desk.edit(&document, |draft| patrol::enter(draft, &run))?;
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

/// Exports a register as an office keeps it. Only the unit's own nodes can: names are theirs.
pub(crate) fn export(engine: &Engine, kind: &str, out: &Path, encoding: &str) -> Result<Value> {
    let csv = out.extension().is_some_and(|ending| ending == "csv");
    let format = match (csv, encoding) {
        (false, _) => Format::Xlsx,
        (true, "utf-8") => Format::CsvUtf8,
        (true, "gb18030") => Format::CsvGb18030,
        (true, other) => bail!("encoding {other:?} is not utf-8 or gb18030"),
    };
    if kind != "roster" {
        bail!("kind {kind:?} cannot be exported yet; try roster");
    }
    let mut exporter = Exporter::create(out, Kind::Roster, format)?;
    let documents = engine.call(|desk| {
        let unit = desk.replica.identity().unit.clone();
        let scope = Scope { unit, audience: Audience::Unit };
        let all = history::documents(desk.reads(), &scope)?;
        let rosters = all.into_iter().map(|s| s.document).filter(|d| d.class == Class::Roster);
        Ok(rosters.collect::<Vec<_>>())
    })?;
    for document in documents {
        for row in engine.call(move |desk| roster_rows(desk, &document))? {
            exporter.write(&Record::Roster(row))?;
        }
    }
    let rows = exporter.finish()?;
    Ok(json!({ "file": out.display().to_string(), "rows": rows }))
}

fn roster_rows(desk: &mut Desk<'_>, document: &DocumentId) -> Result<Vec<RosterRow>> {
    let loaded = desk.document(document)?;
    let (persons, dwellings) = (roster::persons(loaded), roster::dwellings(loaded));
    let mut rows = Vec::new();
    for person in persons.into_iter().filter(roster::Person::present) {
        let keys = clerk::keys_of(desk, person.id)?;
        let last = |field| clerk::opened(&keys, &person, field).pop();
        let household = person.plain("household").to_owned();
        let dwelling = dwellings.get(&household).cloned().unwrap_or_default();
        let politics = person.plain("politics");
        rows.push(RosterRow {
            estate: dwelling.estate,
            building: dwelling.building,
            entrance: dwelling.entrance,
            room: dwelling.room,
            household,
            name: last("name").unwrap_or_default(),
            relation: person.plain("relation").into(),
            sex: match person.plain("sex") {
                "1" => node_sheets::Sex::Male,
                "2" => node_sheets::Sex::Female,
                "9" => node_sheets::Sex::NotStated,
                _ => node_sheets::Sex::Unknown,
            },
            birth: last("birth")
                .and_then(|text| schema_documents::codes::date(&text).ok())
                .map(node_sheets::Birth::on),
            citizen_id: last("number"),
            phone: last("phone"),
            political: (!politics.is_empty()).then(|| politics.to_owned()),
            note: last("note"),
        });
    }
    Ok(rows)
}
