//! Importing workbooks, in bounded portions: a bad row stops no other.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use anyhow::{Context as _, Result};
use node_api::{Failure, Given, Imported, RowCounts, Sentence};
use node_records::{Entry, HeadingMeant, Outcome, Verdict};
use node_sheets::{
    Headings, Meaning, RowError, RowStatus, StatusWriter, TableRow, Workbook, WriteSheetError,
};
use schema_documents::kinds::residence::Residence;
use schema_documents::{Named as _, Row, Sheet};

use super::progress::Run;
use super::{refusals_said, said, told, with};
use crate::engine::Engine;
use crate::failpoint::{Point, cross};

/// Rows that are entered in one step. It bounds memory; rows of one shard share an envelope, of
/// which a step has some hundreds whatever it enters; and peers and other entries wait for a step.
const ROWS_BATCH: usize = 2_000;
/// Refused rows whose reasons are answered; all of them stand in the workbook of results.
const ERRORS_MAX: usize = 100;

/// Imports a workbook. A dry run writes nothing but the workbook of results.
pub(crate) fn import(engine: &Engine, asked: node_api::Import) -> Result<Imported> {
    let node_api::Import { file, dry_run, synthetic, columns, moves } = asked;
    let run = engine.imports.begin(&file);
    let (circumstance, known) = engine.call(|context| {
        let known = with(context, false, |mut records| records.headings().map_err(told))?;
        Ok((context.circumstance.clone(), known))
    })?;
    let headings = headings(&columns, &known);
    let checks = circumstance.checks(synthetic);
    let workbook = node_sheets::open_knowing(&file, &checks, &headings)?;
    let said = used(&workbook, &columns)?;
    if !dry_run && !said.is_empty() {
        remember(engine, said)?;
    }
    let mut notes: Vec<Sentence> = Vec::new();
    notes.extend(residents_elsewhere(&workbook, checks.community, circumstance.unit.as_str()));
    let mut portion = Portion {
        engine,
        run,
        results: Some(StatusWriter::beside(&workbook)),
        how: How { dry_run, synthetic },
        import: node_records::Import::moving(moves),
        entry: Entry::of(&file_name(&workbook), sheets_of(&workbook)),
        waiting: Vec::new(),
        counts: RowCounts::default(),
        errors: Vec::new(),
        notes,
        workbook: &workbook,
    };
    let mut rows = 0u64;
    for row in workbook.rows() {
        rows += 1;
        match row {
            Ok(row) => portion.add(row)?,
            Err(error) => portion.refuse(&error)?,
        }
    }
    let mut imported = portion.finish()?;
    imported.notes.extend(workbook.notes().into_iter().map(self::said));
    Ok(Imported { file, dry_run, rows, ..imported })
}

fn file_name(workbook: &Workbook) -> String {
    workbook.path().file_name().unwrap_or_default().to_string_lossy().into_owned()
}

fn sheets_of(workbook: &Workbook) -> Vec<String> {
    let names = workbook.tables().iter().map(|table| table.sheet().name.to_owned());
    let unique: BTreeSet<String> = names.collect();
    unique.into_iter().collect()
}

/// What is said of headings now comes before what the unit said earlier.
fn headings(columns: &[Given], known: &[HeadingMeant]) -> Headings {
    let known = known.iter().filter_map(|own| {
        let HeadingMeant { sheet, written, column } = own;
        Meaning::in_sheet(sheet, written, column)
    });
    let said = columns.iter().map(|(written, column)| Meaning::anywhere(written, column));
    said.chain(known).collect()
}

/// Where each heading that was said now stands in the file. One that stands nowhere was mistyped.
fn used(workbook: &Workbook, columns: &[Given]) -> Result<Vec<HeadingMeant>, Failure> {
    let mut all = Vec::new();
    for (text, column) in columns {
        let written = Sheet::bare(text);
        let before = all.len();
        for table in workbook.tables() {
            let mapped = table.mapped_columns().iter();
            let own = mapped.filter(|(heading, _)| Sheet::bare(heading) == written);
            all.extend(own.map(|(_, column)| HeadingMeant {
                sheet: table.sheet().name.to_owned(),
                written: written.clone(),
                column: column.field.words.zh.to_owned(),
            }));
        }
        if all.len() > before {
            continue;
        }
        let own = workbook.tables().iter().find_map(|table| table.sheet().column(&written));
        return Err(match own {
            Some(own) => {
                let column = own.field.words.zh.to_owned();
                Failure::HeadingKnown { text: text.clone(), column }
            }
            None => Failure::HeadingUnused { text: text.clone(), column: column.clone() },
        });
    }
    Ok(all)
}

fn remember(engine: &Engine, meant: Vec<HeadingMeant>) -> Result<()> {
    engine.call(move |context| {
        with(context, false, |mut records| {
            meant.iter().try_for_each(|own| records.remember_heading(own)).map_err(told)?;
            records.write().map(drop).map_err(told)
        })
    })
}

/// Residents that are entered at a unit which is no community stay there.
fn residents_elsewhere(
    workbook: &Workbook,
    community: Option<&str>,
    unit: &str,
) -> Option<Sentence> {
    let of_residents =
        |sheet: &Sheet| sheet.columns.iter().any(|column| column.kind == Residence::NAME);
    let sheet =
        workbook.tables().iter().map(|table| table.sheet()).find(|own| of_residents(own))?;
    let Sheet { words, .. } = sheet;
    community.is_none().then(|| Sentence {
        zh: format!(
            "{unit} 不是社区（代码不是12位）：{}录入在本单位，不会到任何社区；应在该社区的节点上导入",
            words.zh
        ),
        en: format!(
            "{unit} is no community (its code has not 12 digits): the {} is entered here and reaches no community; import it at a node of the community",
            words.en
        ),
    })
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
    run: Run<'a>,
    /// None once it could not be written: that changes nothing of what becomes of rows.
    results: Option<StatusWriter>,
    how: How,
    import: node_records::Import,
    entry: Entry,
    waiting: Vec<TableRow>,
    counts: RowCounts,
    errors: Vec<Sentence>,
    notes: Vec<Sentence>,
    workbook: &'a Workbook,
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

    /// A row that could not be read. Results are written in row order, so it waits for those
    /// before it.
    fn refuse(&mut self, error: &RowError) -> Result<()> {
        self.enter()?;
        self.counts.refused += 1;
        (self.entry.tally.rows, self.entry.tally.refused) =
            (self.entry.tally.rows + 1, self.entry.tally.refused + 1);
        self.write_result(|results| results.refuse(error));
        self.tell(said(error.said()));
        Ok(())
    }

    fn tell(&mut self, error: Sentence) {
        if self.errors.len() < ERRORS_MAX {
            self.errors.push(error);
        }
    }

    fn write_result(
        &mut self,
        write: impl FnOnce(&mut StatusWriter) -> Result<(), WriteSheetError>,
    ) {
        let Some(results) = &mut self.results else { return };
        if let Err(error) = write(results) {
            self.results = None;
            self.notes.push(results_lost(&error));
        }
    }

    fn enter(&mut self) -> Result<()> {
        let taken = std::mem::take(&mut self.waiting);
        if taken.is_empty() {
            return Ok(());
        }
        let rows: Vec<Row> = taken.iter().map(|row| row.row.clone()).collect();
        let (import, entry) = (std::mem::take(&mut self.import), self.entry.clone());
        let (outcomes, import, entry) = enter_rows(self.engine, rows, import, entry, self.how)?;
        (self.import, self.entry) = (import, entry);
        for (row, outcome) in taken.iter().zip(&outcomes) {
            self.note(row, outcome);
        }
        self.run.reached(self.entry.tally.rows, self.workbook);
        Ok(())
    }

    fn note(&mut self, row: &TableRow, outcome: &Outcome) {
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
        self.counts.moved += u64::from(outcome.moved);
        self.write_result(|results| results.write(row, status, &notes.join("；")));
    }

    fn finish(mut self) -> Result<Imported> {
        if !self.waiting.is_empty() {
            self.enter()?;
            cross(Point::ImportBatch);
        }
        if self.entry.name().is_some() {
            complete(self.engine, self.entry.clone())?;
        }
        let results = self.results.take().map(StatusWriter::finish).transpose();
        let results = results.unwrap_or_else(|error| {
            self.notes.push(results_lost(&error));
            None
        });
        let (seconds, rows) = (self.run.elapsed().as_secs_f64().max(1e-6), self.entry.tally.rows);
        Ok(Imported {
            file: PathBuf::new(),
            dry_run: self.how.dry_run,
            import: self.entry.name().map(str::to_owned),
            rows,
            counts: self.counts,
            errors: self.errors,
            notes: self.notes,
            results,
            rows_per_second: (rows as f64 / seconds).round() as u64,
        })
    }
}

fn results_lost(error: &WriteSheetError) -> Sentence {
    let schema_documents::Sentence { zh, en } = error.said();
    Sentence {
        zh: format!("逐行结果未能写出（导入不受影响）：{zh}"),
        en: format!("the workbook of results could not be written (rows are as said): {en}"),
    }
}

/// A sentence with the place of its row.
fn at(row: &TableRow, why: Sentence) -> Sentence {
    let at = row.at.said();
    Sentence { zh: format!("{}，{}", at.zh, why.zh), en: format!("{}, {}", at.en, why.en) }
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
    mut entry: Entry,
    how: How,
) -> Result<(Vec<Outcome>, node_records::Import, Entry)> {
    engine.call(move |context| {
        with(context, how.synthetic, |mut records| {
            let outcomes = records.import(&mut import, &rows, &BTreeMap::new()).map_err(told)?;
            entry.tally.count(&outcomes);
            match how.dry_run {
                true => records.give_up(),
                false => records.write_portion(&mut entry).map_err(told)?,
            }
            Ok((outcomes, import, entry))
        })
        .context("rows")
    })
}

fn complete(engine: &Engine, entry: Entry) -> Result<()> {
    engine.call(move |context| {
        with(context, false, |mut records| {
            records.complete_import(&entry).map_err(told)?;
            records.write().map(drop).map_err(told)
        })
    })
}
