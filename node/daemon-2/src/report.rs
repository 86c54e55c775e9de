//! The unit's own report: counted from its documents, and added up from the reports below it.

use std::time::Duration;

use anyhow::Result;
use node_api::{CellShown, Coverage, Failure, Part, Report, ReportShown, SourcesShown};
use node_views::{Reports, Sight};
use schema_documents::contributions::Contributions;
use schema_documents::indicator::{Indicator, REGISTRY};
use schema_documents::report::{self as record, Block, Revision};
use schema_wire::{DocumentId, Hash, UnitId};

use crate::clock::{now_ms, today};
use crate::engine::{Context, Reads};
use crate::failpoint::{Point, cross};
use crate::parse;

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

/// Publishes a new revision, if the numbers or the parts changed.
pub(crate) fn publish(context: &mut Context<'_>) -> Result<()> {
    let due = counted(context, |numbers, sight| Ok(node_views::due(numbers, sight, now_ms())?))?;
    let Some(revision) = due else { return Ok(()) };
    cross(Point::ReportCounted);
    let document = Block::of(revision.revision).document(context.unit());
    let node = context.replica.identity().public().short();
    context.edit(&document, |draft| record::publish(draft, &node, &revision))?;
    cross(Point::ReportEdited);
    Ok(())
}

/// Brings the unit's numbers up to date, and asks something of them.
fn counted<R>(
    context: &mut Context<'_>,
    ask: impl FnOnce(&Contributions, &mut Sight<'_, Reads<'_>>) -> Result<R>,
) -> Result<R> {
    let mut sight = Sight {
        store: &context.store,
        library: context.library,
        authority: context.replica.authority(),
        unit: &context.replica.identity().unit,
        day: &today(),
    };
    let (views, numbers) = context.tallies.refresh(&mut sight)?;
    let answer = ask(numbers, &mut sight)?;
    context.store.absorb(views);
    Ok(answer)
}

/// The newest report of a unit this node holds: its own, unless another is named.
pub(crate) fn read(context: &mut Context<'_>, asked: &Report) -> Result<ReportShown> {
    let unit = match &asked.unit {
        Some(text) => parse::unit(text)?,
        None => context.unit().clone(),
    };
    let Reports { newest, .. } = node_views::reports(&context.store, context.library, &unit)?;
    let newest = newest.ok_or_else(|| Failure::NotReported { unit: unit.to_string() });
    let (newest, heads) = newest?;
    let mut shown = show(&newest, &unit, &heads);
    if unit == *context.unit() {
        // What is counted now: the newest revision was made when the numbers last changed.
        shown.documents = Some(counted(context, |numbers, _| {
            let entry =
                |(document, heads): (&DocumentId, &[Hash])| (document.to_string(), hex(heads));
            Ok(numbers.documents().map(entry).collect())
        })?);
    }
    Ok(shown)
}

fn show(revision: &Revision, unit: &UnitId, heads: &[Hash]) -> ReportShown {
    let (reporting, expected) = revision.coverage();
    let part = |(unit, part): (&String, &record::Part)| (unit.clone(), shown_part(part));
    ReportShown {
        unit: revision.unit.clone(),
        revision: revision.revision,
        as_of_ms: revision.as_of_ms,
        coverage: Coverage { reporting: reporting as u64, expected: expected as u64 },
        cells: REGISTRY.iter().map(|indicator| cell(indicator, revision)).collect(),
        parts: revision.parts.iter().map(part).collect(),
        sources: SourcesShown {
            documents: revision.sources.documents,
            digest: revision.sources.digest.clone(),
        },
        rules: revision.rules.clone(),
        document: Block::of(revision.revision).document(unit).to_string(),
        heads: hex(heads),
        documents: None,
    }
}

fn cell(indicator: &Indicator, revision: &Revision) -> CellShown {
    let cell = revision.cells.get(indicator.code).copied().unwrap_or_default();
    CellShown {
        code: indicator.code.into(),
        name_zh: indicator.name_zh.into(),
        name_en: indicator.name_en.into(),
        rate: indicator.rate,
        value: cell.value,
        num: cell.num,
        den: cell.den,
        unknown: cell.unknown,
    }
}

fn shown_part(part: &record::Part) -> Part {
    match part {
        record::Part::Counted { revision, as_of_ms, heads } => {
            Part::Counted { revision: *revision, as_of_ms: *as_of_ms, heads: heads.clone() }
        }
        record::Part::Silent => Part::Silent,
        record::Part::Suspended(reason) => Part::Suspended(reason.clone()),
    }
}

fn hex(heads: &[Hash]) -> Vec<String> {
    heads.iter().map(ToString::to_string).collect()
}
