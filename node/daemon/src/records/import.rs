//! Importing workbooks, in bounded portions: a bad row stops no other.

use std::collections::BTreeMap;
use std::path::PathBuf;

use anyhow::{Context as _, Result};
use node_api::{Imported, RowCounts, Sentence};
use node_records::{Outcome, Verdict};
use node_sheets::{RowError, RowStatus, StatusWriter, TableRow};
use schema_documents::Row;

use super::{refusals_said, told, with};
use crate::engine::Engine;
use crate::failpoint::{Point, cross};

/// Rows read ahead of one call: bounds memory, and lets rows of one building share an envelope.
const ROWS_BATCH: usize = 500;
/// Refused rows whose reasons are answered; all of them stand in the workbook of results.
const ERRORS_MAX: usize = 100;

/// Imports a workbook. A dry run writes nothing but the workbook of results.
pub(crate) fn import(engine: &Engine, asked: node_api::Import) -> Result<Imported> {
    let node_api::Import { file, dry_run, synthetic } = asked;
    let circumstance = engine.call(|context| Ok(context.circumstance.clone()))?;
    let workbook = node_sheets::open(&file, &circumstance.checks(synthetic))?;
    let began = std::time::Instant::now();
    let results = StatusWriter::beside(&workbook);
    let mut portion = Portion {
        engine,
        results,
        how: How { dry_run, synthetic },
        import: node_records::Import::default(),
        waiting: Vec::new(),
        counts: RowCounts::default(),
        errors: Vec::new(),
    };
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

/// How rows are entered.
#[derive(Clone, Copy)]
struct How {
    dry_run: bool,
    synthetic: bool,
}

/// Rows that are entered together, and what became of those before.
struct Portion<'a> {
    engine: &'a Engine,
    results: StatusWriter,
    how: How,
    import: node_records::Import,
    waiting: Vec<TableRow>,
    counts: RowCounts,
    errors: Vec<Sentence>,
}

impl Portion<'_> {
    fn add(&mut self, row: TableRow) -> Result<()> {
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
        self.tell(sentence(error.said()));
        Ok(())
    }

    fn tell(&mut self, error: Sentence) {
        if self.errors.len() < ERRORS_MAX {
            self.errors.push(error);
        }
    }

    fn enter(&mut self) -> Result<()> {
        let taken = std::mem::take(&mut self.waiting);
        if taken.is_empty() {
            return Ok(());
        }
        let rows: Vec<Row> = taken.iter().map(|row| row.row.clone()).collect();
        let import = std::mem::take(&mut self.import);
        let (outcomes, import) = enter_rows(self.engine, rows, import, self.how)?;
        self.import = import;
        for (row, outcome) in taken.iter().zip(&outcomes) {
            self.note(row, outcome)?;
        }
        Ok(())
    }

    fn note(&mut self, row: &TableRow, outcome: &Outcome) -> Result<()> {
        let duplicate = !row.warnings.is_empty() || !outcome.possibly.is_empty();
        let mut notes: Vec<String> = outcome.notes.iter().map(|words| words.zh.into()).collect();
        let status = match &outcome.verdict {
            Verdict::Refused(refusals) => {
                let why = refusals_said(refusals);
                notes.push(why.zh.clone());
                self.tell(at(row, why));
                RowStatus::Refused
            }
            Verdict::Asks(question, _) => {
                let why = super::sentence(question.words());
                notes.push(why.zh.clone());
                self.tell(at(row, why));
                RowStatus::Refused
            }
            _ if duplicate => RowStatus::PossibleDuplicate,
            Verdict::New => RowStatus::Added,
            Verdict::Updated => RowStatus::Updated,
            Verdict::Unchanged => RowStatus::Unchanged,
        };
        *count(&mut self.counts, status) += 1;
        Ok(self.results.write(row, status, &notes.join("；"))?)
    }

    fn finish(mut self) -> Result<(PathBuf, RowCounts, Vec<Sentence>)> {
        if !self.waiting.is_empty() {
            self.enter()?;
            cross(Point::ImportBatch);
        }
        Ok((self.results.finish()?, self.counts, self.errors))
    }
}

/// A sentence with the place of its row.
fn at(row: &TableRow, why: Sentence) -> Sentence {
    let at = row.at.said();
    Sentence { zh: format!("{}，{}", at.zh, why.zh), en: format!("{}, {}", at.en, why.en) }
}

fn sentence(said: schema_documents::Sentence) -> Sentence {
    Sentence { zh: said.zh, en: said.en }
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

/// Enters rows in one step, and says what became of each, in order.
fn enter_rows(
    engine: &Engine,
    rows: Vec<Row>,
    mut import: node_records::Import,
    how: How,
) -> Result<(Vec<Outcome>, node_records::Import)> {
    engine.call(move |context| {
        with(context, how.synthetic, |mut records| {
            let outcomes = records.import(&mut import, &rows, &BTreeMap::new()).map_err(told)?;
            match how.dry_run {
                true => records.give_up(),
                false => drop(records.write().map_err(told)?),
            }
            Ok((outcomes, import))
        })
        .context("rows")
    })
}
