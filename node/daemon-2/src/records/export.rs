//! Registers as an office keeps them. Only the unit's own nodes can write them: names are theirs.

use anyhow::Result;
use automerge::AutoCommit;
use jiff::civil::{Date, Time};
use node_api::{Encoding, Export, Exported, Register};
use node_replication::history;
use node_sheets::{
    Birth, Chief, DutyRow, Exporter, Format, Kind, Level, OrgRow, OrgState, PatrolPlanRow,
    PatrolRow, PlaceRow, Record, RosterRow, Sex, Slot, VolunteerRow, VolunteerState,
};
use schema_documents::record::{self, Fields};
use schema_documents::seal::PersonId;
use schema_documents::{codes, duty, organisation, patrol, place, roster, volunteer};
use schema_wire::{Class, DocumentId, Scope};

use super::keys;
use crate::engine::{Context, Engine};

fn kind_and_class(register: Register) -> (Kind, Class) {
    match register {
        Register::Roster => (Kind::Roster, Class::Roster),
        Register::Organisation => (Kind::Organisation, Class::Organisation),
        Register::Place => (Kind::Place, Class::Place),
        Register::Duty => (Kind::Duty, Class::Duty),
        Register::PatrolPlan => (Kind::PatrolPlan, Class::Patrol),
        Register::Patrol => (Kind::PatrolRun, Class::Patrol),
        Register::Volunteer => (Kind::Volunteer, Class::Volunteer),
    }
}

/// Exports one register of the unit, one document at a time.
pub(crate) fn export(engine: &Engine, asked: Export) -> Result<Exported> {
    let Export { kind, out, encoding } = asked;
    let csv = out.extension().is_some_and(|ending| ending == "csv");
    let format = match (csv, encoding) {
        (false, _) => Format::Xlsx,
        (true, Encoding::Utf8) => Format::CsvUtf8,
        (true, Encoding::Gb18030) => Format::CsvGb18030,
    };
    let (kind, class) = kind_and_class(kind);
    let documents = engine.call(move |context| {
        let scope = Scope { unit: context.unit().clone(), audience: class.audience() };
        let all = history::documents(context.reads(), &scope)?;
        let of_class = all.into_iter().map(|s| s.document).filter(|d| d.class == class);
        Ok(of_class.collect::<Vec<_>>())
    })?;
    let mut exporter = Exporter::create(&out, kind, format)?;
    for document in documents {
        for record in engine.call(move |context| records(context, kind, &document))? {
            exporter.write(&record)?;
        }
    }
    Ok(Exported { file: out, rows: exporter.finish()?.into() })
}

fn records(context: &mut Context<'_>, kind: Kind, document: &DocumentId) -> Result<Vec<Record>> {
    let loaded = context.document(document)?.clone();
    Ok(match kind {
        Kind::Roster => roster_rows(context, &loaded)?.into_iter().map(Record::Roster).collect(),
        Kind::Organisation => {
            organisation::bodies(&loaded).into_iter().filter_map(|b| body(&loaded, b)).collect()
        }
        Kind::Place => place::buildings(&loaded).into_iter().map(building).collect(),
        Kind::Duty => posts(context, &loaded)?,
        Kind::PatrolPlan => plans(context, &loaded)?,
        Kind::PatrolRun => runs(context, &loaded)?,
        Kind::Volunteer => volunteers(context, &loaded)?,
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
fn beside(context: &Context<'_>, fields: &Fields, field: &str) -> Result<Option<String>> {
    let Some(person) = PersonId::parse(record::text(fields, "person")) else { return Ok(None) };
    let keys = keys::of_person(context, person)?;
    Ok(keys::open(&keys, person, field, record::sealed(fields, field)))
}

fn posts(context: &Context<'_>, loaded: &AutoCommit) -> Result<Vec<Record>> {
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
            name: beside(context, &fields, "name")?.filter(|_| held),
            citizen_id: beside(context, &fields, "number")?.filter(|_| held),
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

fn plans(context: &Context<'_>, loaded: &AutoCommit) -> Result<Vec<Record>> {
    let mut rows = Vec::new();
    for [date, half, area] in patrol::planned(loaded) {
        let Some(on) = day(&date) else { continue };
        let entry = patrol::slot(&date, &half, &area);
        let fields = record::entry(loaded, patrol::PLANNED, &entry);
        let by = beside(context, &fields, "name")?;
        rows.push(Record::PatrolPlan(PatrolPlanRow { on, slot: slot(&half), area, by }));
    }
    Ok(rows)
}

fn runs(context: &Context<'_>, loaded: &AutoCommit) -> Result<Vec<Record>> {
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
            by: beside(context, &fields, "name")?.unwrap_or_default(),
            finding: beside(context, &fields, "finding")?,
        }));
    }
    Ok(rows)
}

fn volunteers(context: &Context<'_>, loaded: &AutoCommit) -> Result<Vec<Record>> {
    let mut rows = Vec::new();
    for volunteer in volunteer::volunteers(loaded) {
        let Some(registered) = day(&volunteer.registered) else { continue };
        let fields = record::entry(loaded, volunteer::VOLUNTEERS, &volunteer.number);
        let state = record::text(&fields, "state");
        let Some(state) = VolunteerState::ALL.iter().find(|known| known.name() == state) else {
            continue;
        };
        rows.push(Record::Volunteer(VolunteerRow {
            name: beside(context, &fields, "name")?.unwrap_or_default(),
            citizen_id: beside(context, &fields, "number")?,
            number: volunteer.number,
            registered,
            state: *state,
            team: some(&volunteer.team),
        }));
    }
    Ok(rows)
}

fn roster_rows(context: &Context<'_>, loaded: &AutoCommit) -> Result<Vec<RosterRow>> {
    let (persons, households) = (roster::persons(loaded), roster::households(loaded));
    let mut rows = Vec::new();
    for person in persons.into_iter().filter(roster::Person::present) {
        let keys = keys::of_person(context, person.id)?;
        let last = |field| keys::open_all(&keys, &person, field).pop();
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
