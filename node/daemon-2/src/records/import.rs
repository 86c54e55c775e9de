//! Importing workbooks, in bounded portions: a bad row stops no other.

use std::collections::BTreeMap;
use std::path::PathBuf;

use anyhow::Result;
use automerge::AutoCommit;
use node_api::{Import, Imported, RowCounts, Sentence};
use node_sheets::{Mode, Row, RowError, RowStatus, Said, StatusWriter};
use schema_documents::puts::Puts;
use schema_wire::DocumentId;

use super::person_index::{Outcome, PersonIndex};
use super::rows;
use super::shards::target;
use crate::engine::Engine;
use crate::failpoint::{Point, cross};
use crate::failure;
use crate::lang::{lang, say};

/// Rows read ahead of one call: bounds memory, and lets rows of one building share an envelope.
const ROWS_BATCH: usize = 500;
/// Refused rows whose reasons are answered; all of them stand in the workbook of results.
const ERRORS_MAX: usize = 100;

/// Imports a workbook. A dry run writes nothing but the workbook of results.
pub(crate) fn import(engine: &Engine, asked: Import) -> Result<Imported> {
    let Import { file, dry_run, synthetic } = asked;
    let mode = if synthetic { Mode::Synthetic } else { Mode::Real };
    let workbook = node_sheets::open_with(&file, mode)?;
    let began = std::time::Instant::now();
    let mut portion = Portion::new(engine, StatusWriter::beside(&workbook), dry_run);
    let mut rows = 0u64;
    for row in workbook.rows() {
        rows += 1;
        match row {
            Ok(row) => portion.add(row)?,
            Err(error) => portion.refuse(&error)?,
        }
    }
    let (results, counts, errors) = portion.finish()?;
    let notes = workbook.notes().into_iter().map(sentence).collect();
    let seconds = began.elapsed().as_secs_f64().max(1e-6);
    let rows_per_second = (rows as f64 / seconds).round() as u64;
    Ok(Imported { file, dry_run, rows, counts, errors, notes, results, rows_per_second })
}

/// Rows that are entered together, and what became of those before.
struct Portion<'a> {
    engine: &'a Engine,
    results: StatusWriter,
    dry_run: bool,
    waiting: Vec<Row>,
    counts: RowCounts,
    errors: Vec<Sentence>,
}

impl<'a> Portion<'a> {
    fn new(engine: &'a Engine, results: StatusWriter, dry_run: bool) -> Self {
        let (waiting, counts, errors) = (Vec::new(), RowCounts::default(), Vec::new());
        Self { engine, results, dry_run, waiting, counts, errors }
    }

    fn add(&mut self, row: Row) -> Result<()> {
        if self.waiting.len() >= ROWS_BATCH {
            self.enter()?;
            cross(Point::ImportBatch);
        }
        self.waiting.push(row);
        Ok(())
    }

    /// A row that could not be read. Results are written in row order: what came before goes first.
    fn refuse(&mut self, error: &RowError) -> Result<()> {
        self.enter()?;
        self.counts.refused += 1;
        self.results.refuse(error)?;
        if self.errors.len() < ERRORS_MAX {
            self.errors.push(sentence(error.said()));
        }
        Ok(())
    }

    fn enter(&mut self) -> Result<()> {
        let rows = std::mem::take(&mut self.waiting);
        if rows.is_empty() {
            return Ok(());
        }
        for (row, outcome) in enter_rows(self.engine, rows, self.dry_run)? {
            let (status, reason) = match &outcome {
                Err(reason) => (RowStatus::Refused, reason.as_str()),
                Ok(_) if !row.warnings.is_empty() => (RowStatus::PossibleDuplicate, ""),
                Ok(Outcome::Added) => (RowStatus::Added, ""),
                Ok(Outcome::Updated) => (RowStatus::Updated, ""),
                Ok(Outcome::Unchanged) => (RowStatus::Unchanged, ""),
            };
            *count(&mut self.counts, status) += 1;
            self.results.write(&row, status, reason)?;
        }
        Ok(())
    }

    fn finish(mut self) -> Result<(PathBuf, RowCounts, Vec<Sentence>)> {
        if !self.waiting.is_empty() {
            self.enter()?;
            cross(Point::ImportBatch);
        }
        Ok((self.results.finish()?, self.counts, self.errors))
    }
}

fn sentence(Said { zh, en }: Said) -> Sentence {
    Sentence { zh, en }
}

const fn count(counts: &mut RowCounts, status: RowStatus) -> &mut u64 {
    match status {
        RowStatus::Added => &mut counts.added,
        RowStatus::Updated => &mut counts.updated,
        RowStatus::Unchanged => &mut counts.unchanged,
        RowStatus::Refused => &mut counts.refused,
        RowStatus::PossibleDuplicate => &mut counts.possible_duplicates,
    }
}

type Entered = Vec<(Row, Result<Outcome, String>)>;

/// Enters rows, those of one document in one signed transaction, and gives them back in order.
fn enter_rows(engine: &Engine, taken: Vec<Row>, dry_run: bool) -> Result<Entered> {
    engine.call(move |context| {
        let unit = context.replica.identity().unit.clone();
        let mut groups: BTreeMap<DocumentId, Vec<usize>> = BTreeMap::new();
        for (index, row) in taken.iter().enumerate() {
            groups.entry(target(&unit, &row.record)?).or_default().push(index);
        }
        let mut outcomes: BTreeMap<usize, Result<Outcome, String>> = BTreeMap::new();
        for (document, indexes) in groups {
            let mut persons = PersonIndex::open(context, &document)?;
            let edit = |draft: &mut AutoCommit| {
                let mut puts = Puts::default();
                for index in indexes {
                    let outcome = rows::enter(&mut persons, draft, &mut puts, &taken[index].record);
                    outcomes.insert(
                        index,
                        outcome.map_err(|error| failure::of(&error).sentence(lang())),
                    );
                }
                puts.write(draft);
            };
            if dry_run {
                context.rehearse(&document, edit)?;
            } else {
                context.edit(&document, edit)?;
                context.grant_keys(&persons.grants)?;
            }
        }
        let outcome = |(index, row)| {
            (row, outcomes.remove(&index).unwrap_or_else(|| Err(say!("未录入", "not entered"))))
        };
        Ok(taken.into_iter().enumerate().map(outcome).collect())
    })
}
