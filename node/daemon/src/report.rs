//! The unit's own report: counted from its documents, and added up from the reports below it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use anyhow::Result;
use node_api::{
    CellShown, Counted, Coverage, Failure, Part, PartRevision, PartTold, Report, ReportAlarm,
    ReportShown, SourcesShown,
};
use node_authority::Pins;
use node_records::Transaction as _;
use node_replication::log;
use node_views::report::{self as views, Alarm, CountInputs, Draft, Held, HeldKeys, Period};
use schema_content::{Cells, Revision, Source};
use schema_documents::{Indicator, indicators, kinds};
use schema_wire::{Ms, UnitId};

use crate::context::{Context, Knows as _, Reads, not_written};
use crate::failpoint::{Point, cross};
use crate::queries::{Query, View};
use crate::showcase::Stands;
use crate::{clock, parse};

/// After a change a report waits this long for those that come with it.
pub(crate) const GATHER: Duration = Duration::from_millis(50);
/// Revisions are at least this far apart: a change passes three busy tiers within a second.
const PAUSE_MIN: Duration = Duration::from_millis(250);
/// A day that began without an entry is noticed this late: a patrol that was due is then missed,
/// and a post whose term ran out is vacant.
pub(crate) const DAY_NOTICED: Duration = Duration::from_secs(600);

/// The pause after a revision that took so long: counting has at most a tenth of the engine's time.
pub(crate) fn pause(took: Duration) -> Duration {
    PAUSE_MIN.max(took * 9)
}

/// On what it rests whether a report may be published, and with which numbers: the statements that
/// are kept, this node's choices, and what came into the sets.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Ground {
    kept: usize,
    pins: Pins,
    feed: u64,
}

impl Ground {
    /// As of now. It costs a look at every statement.
    pub(crate) fn of(context: &Context<'_>) -> Result<Self> {
        let (authority, feed) = (context.authority(), log::feed_head(&context.store)?);
        Ok(Self { kept: authority.kept().count(), pins: authority.pins().clone(), feed })
    }
}

/// Publishes a new revision, if the numbers or the units' states changed.
pub(crate) fn publish(context: &mut Context<'_>) -> Result<()> {
    let (due, stands) = counted(context)?;
    let written = due.map_or(Ok(()), |due| write(context, due));
    // A report does not rest on itself.
    let upto = log::feed_head(&context.store)?;
    *context.stands = Arc::new(Stands { upto, ..stands });
    written
}

fn write(context: &mut Context<'_>, due: Draft) -> Result<()> {
    cross(Point::ReportCounted);
    let wanted = [(due.key, due.value)];
    context.put(&due.document, &wanted).map_err(|error| not_written(error, &due.document))?;
    context.report.published(due.revision);
    cross(Point::ReportEdited);
    Ok(())
}

/// The same; a node that may not write reports for its unit reads them all the same.
pub(crate) fn publish_if_permitted(context: &mut Context<'_>) -> Result<()> {
    publish(context).or_else(|error| match error.downcast_ref::<Failure>() {
        Some(Failure::NotPermitted { .. }) => Ok(()),
        _ => Err(error),
    })
}

/// Brings the unit's numbers up to date: the revision that is due, and what stands beside it.
fn counted(context: &mut Context<'_>) -> Result<(Option<Draft>, Stands)> {
    let node = context.node();
    let opens = HeldKeys { store: &context.store, network: context.circumstance.network };
    let mut inputs = CountInputs {
        store: &context.store,
        library: context.library,
        authority: context.replica.authority(),
        unit: &context.circumstance.unit,
        node,
        today: context.circumstance.today,
        now: clock::now(),
        opens: &opens,
    };
    let batch = context.report.refresh(&mut inputs)?;
    let due = context.report.due(&inputs)?;
    let alarms = context.report.alarms().map(shown_alarm).collect();
    let counted = Some(shown_now(context.report, &inputs));
    context.store.absorb(batch);
    Ok((due, Stands { alarms, counted, upto: 0 }))
}

/// The newest report of a unit this node holds: its own, unless another is named. Whatever is new is
/// counted soon, by the engine: this one waits for nothing, and says if something is new.
pub(crate) fn read(query: &mut Query<'_>, asked: &Report) -> Result<ReportShown> {
    let Query { view, reports, .. } = query;
    let unit = match &asked.unit {
        Some(text) => parse::unit(text)?,
        None => view.unit().clone(),
    };
    let Some(newest) = reports.newest(&view.store, &unit, Period::Live)? else {
        return Err(Failure::NotReported { unit: unit.to_string() }.into());
    };
    let revision = reports.read(&view.store, &newest.lies)?;
    let told = told(view, reports, &revision)?;
    // What is counted now: the newest revision was made when the numbers last changed.
    let stands = &view.seen.report;
    let is_behind = log::feed_head(&view.store)? > stands.upto;
    let counted = stands.counted.clone().filter(|_| unit == *view.unit());
    let beside = Shown {
        told,
        document: newest.document.to_string(),
        envelope: newest.lies.envelope.to_string(),
        alarms: stands.alarms.clone(),
        counted: counted.map(|counted| Counted { is_behind, ..counted }),
    };
    Ok(show(&unit, revision, beside, clock::now()))
}

/// What the newest reports of the units below say of those further below.
fn told(
    view: &View<'_>,
    reports: &mut Held,
    revision: &Revision,
) -> Result<BTreeMap<String, PartTold>> {
    let (mut told, now) = (BTreeMap::new(), clock::now());
    let mut open: Vec<UnitId> = revision.parts.iter().map(|part| part.unit.clone()).collect();
    while let Some(unit) = open.pop() {
        if view.authority().units_below(&unit).next().is_none() {
            continue;
        }
        let Some(newest) = reports.newest(&view.store, &unit, Period::Live)? else { continue };
        let revision = reports.read(&view.store, &newest.lies)?;
        for part in revision.parts.iter() {
            let (by, as_of_ms) = (unit.to_string(), revision.as_of.get());
            let shown = PartTold { by, as_of_ms, part: shown_part(&part.part, now) };
            if told.insert(part.unit.to_string(), shown).is_none() {
                open.push(part.unit.clone());
            }
        }
    }
    Ok(told)
}

/// What is shown beside a revision.
struct Shown {
    told: BTreeMap<String, PartTold>,
    document: String,
    envelope: String,
    alarms: Vec<ReportAlarm>,
    counted: Option<Counted>,
}

fn show(unit: &UnitId, revision: Revision, beside: Shown, now: Ms) -> ReportShown {
    let parts: BTreeMap<String, Part> = (revision.parts.iter())
        .map(|part| (part.unit.to_string(), shown_part(&part.part, now)))
        .collect();
    let reporting = parts.values().filter(|part| matches!(part, Part::Counted(_))).count();
    let (reporting, expected) = (reporting as u64, parts.len() as u64);
    let cells = indicators(kinds::ALL).map(|(_, indicator)| cell(indicator, &revision.cells));
    ReportShown {
        unit: unit.to_string(),
        period: revision.period.to_string(),
        revision: revision.number.get(),
        as_of_ms: revision.as_of.get(),
        coverage: Coverage { reporting, expected },
        cells: cells.collect(),
        parts,
        told: beside.told,
        sources: SourcesShown {
            documents: revision.sources.documents,
            digest: revision.sources.digest.to_string(),
        },
        rules: revision.rules.to_string(),
        document: beside.document,
        envelope: beside.envelope,
        alarms: beside.alarms,
        now: beside.counted,
    }
}

fn shown_now(report: &views::UnitReport, inputs: &CountInputs<'_, Reads<'_>>) -> Counted {
    let coverage = report.coverage(inputs.authority, inputs.now);
    let documents = report.own().documents().map(|(document, heads)| {
        (document.to_string(), heads.iter().map(ToString::to_string).collect())
    });
    let dissolved = coverage.dissolved.iter().map(|gone| {
        (gone.unit.to_string(), gone.successors.iter().map(ToString::to_string).collect())
    });
    let contested = coverage.expected.iter().filter(|unit| unit.is_contested);
    let unknown = coverage.expected.iter().filter_map(|below| {
        let codes: BTreeSet<String> =
            report.unknown(&below.unit).map(|code| code.to_string()).collect();
        (!codes.is_empty()).then(|| (below.unit.to_string(), codes))
    });
    Counted {
        documents: documents.collect(),
        dissolved: dissolved.collect(),
        contested: contested.map(|unit| unit.unit.to_string()).collect(),
        unknown: unknown.collect(),
        beyond: report.total().beyond.iter().map(|code| code.to_string()).collect(),
        without_room: coverage.beyond as u64,
        at_ms: inputs.now.get(),
        is_behind: false,
    }
}

fn cell(indicator: &Indicator, cells: &Cells) -> CellShown {
    let cell = cells.iter().find(|cell| &*cell.code == indicator.code);
    let numbers = cell.map(|cell| [cell.value, cell.num, cell.den, cell.unknown]);
    let [value, num, den, unknown] = numbers.unwrap_or_default().map(|number| number.get());
    CellShown {
        code: indicator.code.into(),
        name_zh: indicator.words.zh.into(),
        name_en: indicator.words.en.into(),
        rate: indicator.rate,
        value,
        num,
        den,
        unknown,
    }
}

fn shown_part(part: &schema_content::Part, now: Ms) -> Part {
    use schema_content::Part as Told;
    let revision = |source: &Source| PartRevision {
        revision: source.number.get(),
        as_of_ms: source.as_of.get(),
        age_ms: now.since(source.as_of),
        lineage: source.lineage.to_string(),
        envelope: source.envelope.to_string(),
    };
    match part {
        Told::Added(source) => Part::Counted(revision(source)),
        Told::Silent => Part::Silent,
        Told::Suspended(reason) => Part::Suspended(reason.to_string()),
        Told::OtherRules { source, .. } => Part::OtherRules(revision(source)),
    }
}

fn shown_alarm(alarm: &Alarm) -> ReportAlarm {
    let (unit, revision) = match alarm {
        Alarm::Sum { unit, number, .. }
        | Alarm::Unreadable { unit, number, .. }
        | Alarm::OtherRules { unit, number, .. } => (unit.to_string(), *number),
    };
    match alarm {
        Alarm::Sum { codes, .. } => ReportAlarm::Sum { unit, revision, codes: codes.clone() },
        Alarm::Unreadable { part, .. } => {
            ReportAlarm::NotPublished { unit, revision, part: part.to_string() }
        }
        Alarm::OtherRules { part, .. } => {
            ReportAlarm::OtherRules { unit, revision, part: part.to_string() }
        }
    }
}
