//! Registers as an office keeps them. Only the unit's own nodes can write them: names are theirs.

use std::path::Path;

use anyhow::{Result, bail};
use automerge::AutoCommit;
use jiff::civil::{Date, Time};
use node_replication::history;
use node_sheets::{
    Birth, Chief, DutyRow, Exporter, Format, Kind, Level, OrgRow, OrgState, PatrolPlanRow,
    PatrolRow, PlaceRow, Record, RosterRow, Sex, Slot, VolunteerRow, VolunteerState,
};
use schema_documents::record::{self, Fields};
use schema_documents::seal::PersonId;
use schema_documents::{codes, duty, organisation, patrol, place, roster, volunteer};
use schema_wire::{Class, DocumentId, Scope};
use serde_json::{Value, json};

use super::clerk;
use crate::engine::{Desk, Engine};

/// The kinds by the names they are asked for.
fn kind_named(name: &str) -> Result<(Kind, Class)> {
    Ok(match name {
        "roster" => (Kind::Roster, Class::Roster),
        "organisation" => (Kind::Organisation, Class::Organisation),
        "place" => (Kind::Place, Class::Place),
        "duty" => (Kind::Duty, Class::Duty),
        "patrol-plan" => (Kind::PatrolPlan, Class::Patrol),
        "patrol" => (Kind::PatrolRun, Class::Patrol),
        "volunteer" => (Kind::Volunteer, Class::Volunteer),
        other => bail!(
            "kind {other:?} is none of roster, organisation, place, duty, patrol-plan, patrol, volunteer"
        ),
    })
}

/// Exports one register of the unit, one document at a time.
pub(crate) fn export(engine: &Engine, kind: &str, out: &Path, encoding: &str) -> Result<Value> {
    let csv = out.extension().is_some_and(|ending| ending == "csv");
    let format = match (csv, encoding) {
        (false, _) => Format::Xlsx,
        (true, "utf-8") => Format::CsvUtf8,
        (true, "gb18030") => Format::CsvGb18030,
        (true, other) => bail!("encoding {other:?} is not utf-8 or gb18030"),
    };
    let (kind, class) = kind_named(kind)?;
    let documents = engine.call(move |desk| {
        let unit = desk.replica.identity().unit.clone();
        let scope = Scope { unit, audience: class.audience() };
        let all = history::documents(desk.reads(), &scope)?;
        let of_class = all.into_iter().map(|s| s.document).filter(|d| d.class == class);
        Ok(of_class.collect::<Vec<_>>())
    })?;
    let mut exporter = Exporter::create(out, kind, format)?;
    for document in documents {
        for record in engine.call(move |desk| records(desk, kind, &document))? {
            exporter.write(&record)?;
        }
    }
    let rows = exporter.finish()?;
    Ok(json!({ "file": out.display().to_string(), "rows": rows }))
}

fn records(desk: &mut Desk<'_>, kind: Kind, document: &DocumentId) -> Result<Vec<Record>> {
    let loaded = desk.document(document)?.clone();
    Ok(match kind {
        Kind::Roster => roster_rows(desk, &loaded)?.into_iter().map(Record::Roster).collect(),
        Kind::Organisation => {
            organisation::bodies(&loaded).into_iter().filter_map(|b| body(&loaded, b)).collect()
        }
        Kind::Place => place::buildings(&loaded).into_iter().map(building).collect(),
        Kind::Duty => posts(desk, &loaded)?,
        Kind::PatrolPlan => plans(desk, &loaded)?,
        Kind::PatrolRun => runs(desk, &loaded)?,
        Kind::Volunteer => volunteers(desk, &loaded)?,
    })
}

fn some(text: &str) -> Option<String> {
    (!text.is_empty()).then(|| text.to_owned())
}

fn day(text: &str) -> Option<Date> {
    text.parse().ok()
}

fn body(loaded: &AutoCommit, body: organisation::Body) -> Option<Record> {
    let fields = record::entry(loaded, organisation::BODIES, &body.number);
    let state = record::text(&fields, "state");
    Some(Record::Organisation(OrgRow {
        level: *Level::ALL.iter().find(|level| level.name() == body.level.word())?,
        code: body.number,
        name: body.name,
        parent: some(&body.above),
        founded: day(&body.founded),
        state: *OrgState::ALL.iter().find(|known| known.name() == state)?,
    }))
}

fn building(building: place::Building) -> Record {
    let known = |number: u32| (number > 0).then_some(number);
    Record::Place(PlaceRow {
        grid: building.grid,
        estate: building.estate,
        building: building.name,
        entrances: building.entrances,
        floors: known(building.floors),
        households: known(building.households),
    })
}

/// A text sealed beside a record.
fn beside(desk: &Desk<'_>, fields: &Fields, field: &str) -> Result<Option<String>> {
    let Some(person) = PersonId::parse(record::text(fields, "person")) else { return Ok(None) };
    let keys = clerk::keys_of(desk, person)?;
    Ok(clerk::open_one(&keys, person, field, record::sealed(fields, field)))
}

fn posts(desk: &Desk<'_>, loaded: &AutoCommit) -> Result<Vec<Record>> {
    let mut rows = Vec::new();
    for post in duty::posts(loaded) {
        let Some(chief) = Chief::ALL.iter().find(|chief| chief.name() == post.role) else {
            continue;
        };
        let fields = record::entry(loaded, duty::POSTS, &post.id);
        let held = !post.holder.is_empty();
        rows.push(Record::Duty(DutyRow {
            chief: *chief,
            area: post.area,
            name: beside(desk, &fields, "name")?.filter(|_| held),
            citizen_id: beside(desk, &fields, "number")?.filter(|_| held),
            party_member: post.party_member,
            from: day(&post.from),
            to: day(&post.to),
        }));
    }
    Ok(rows)
}

fn slot(half: &str) -> Slot {
    if half == "AM" { Slot::Morning } else { Slot::Afternoon }
}

fn plans(desk: &Desk<'_>, loaded: &AutoCommit) -> Result<Vec<Record>> {
    let mut rows = Vec::new();
    for [date, half, area] in patrol::planned(loaded) {
        let Some(on) = day(&date) else { continue };
        let entry = patrol::slot(&date, &half, &area);
        let fields = record::entry(loaded, patrol::PLANNED, &entry);
        let by = beside(desk, &fields, "name")?;
        rows.push(Record::PatrolPlan(PatrolPlanRow { on, slot: slot(&half), area, by }));
    }
    Ok(rows)
}

fn runs(desk: &Desk<'_>, loaded: &AutoCommit) -> Result<Vec<Record>> {
    let mut rows = Vec::new();
    for run in patrol::runs(loaded) {
        let started: Option<Time> = run.started.parse().ok();
        let (Some(on), Some(started)) = (day(&run.date), started) else { continue };
        let fields = record::entry(loaded, patrol::RUNS, &run.id);
        rows.push(Record::PatrolRun(PatrolRow {
            on,
            slot: slot(&run.half),
            area: run.area,
            started,
            ended: run.ended.parse().ok(),
            by: beside(desk, &fields, "name")?.unwrap_or_default(),
            finding: beside(desk, &fields, "finding")?,
        }));
    }
    Ok(rows)
}

fn volunteers(desk: &Desk<'_>, loaded: &AutoCommit) -> Result<Vec<Record>> {
    let mut rows = Vec::new();
    for volunteer in volunteer::volunteers(loaded) {
        let Some(registered) = day(&volunteer.registered) else { continue };
        let fields = record::entry(loaded, volunteer::VOLUNTEERS, &volunteer.number);
        let state = record::text(&fields, "state");
        let Some(state) = VolunteerState::ALL.iter().find(|known| known.name() == state) else {
            continue;
        };
        rows.push(Record::Volunteer(VolunteerRow {
            name: beside(desk, &fields, "name")?.unwrap_or_default(),
            citizen_id: beside(desk, &fields, "number")?,
            number: volunteer.number,
            registered,
            state: *state,
            team: some(&volunteer.team),
        }));
    }
    Ok(rows)
}

fn roster_rows(desk: &Desk<'_>, loaded: &AutoCommit) -> Result<Vec<RosterRow>> {
    let (persons, households) = (roster::persons(loaded), roster::households(loaded));
    let mut rows = Vec::new();
    for person in persons.into_iter().filter(roster::Person::present) {
        let keys = clerk::keys_of(desk, person.id)?;
        let last = |field| clerk::opened(&keys, &person, field).pop();
        let household = person.plain("household").to_owned();
        let dwelling =
            households.get(&household).map(roster::Household::dwelling).unwrap_or_default();
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
                "1" => Sex::Male,
                "2" => Sex::Female,
                "9" => Sex::NotStated,
                _ => Sex::Unknown,
            },
            birth: last("birth").and_then(|text| codes::date(&text).ok()).map(Birth::on),
            citizen_id: last("number"),
            phone: last("phone"),
            political: (!politics.is_empty()).then(|| politics.to_owned()),
            note: last("note"),
        });
    }
    Ok(rows)
}
