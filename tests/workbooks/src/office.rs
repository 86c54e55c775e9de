//! The product under test, as an office meets it: a file goes in, results and an export come out.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use calamine::{Data, Reader as _, Xlsx, open_workbook};
use node_records::{Import, Verdict};
use node_sheets::{Exporter, Format, RowStatus, StatusWriter};
use schema_documents::{Circumstances, Row, Sheet, kinds};

use crate::node::{Node, today};
use crate::truth::{Column, Said};

/// Rows that are entered together, as many as a running node takes.
const PORTION: usize = 500;

/// What became of a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Became {
    In { is_unchanged: bool, is_told: bool, is_warned: bool },
    Refused(String),
}

/// What an import came to.
pub(crate) struct Results {
    /// By tab and row.
    pub(crate) rows: BTreeMap<(String, u32), Became>,
    /// By tab and row, the status that the workbook of results has.
    pub(crate) statuses: BTreeMap<(String, u32), String>,
    pub(crate) notes: Vec<String>,
}

fn residents() -> &'static Sheet {
    let mut sheets = kinds::ALL.iter().flat_map(|kind| kind.sheets);
    sheets.find(|sheet| sheet.name == "居民名册").expect("a sheet")
}

/// Imports a file as `gongzhi import` does.
pub(crate) fn import(node: &mut Node, path: &Path) -> Result<Results, String> {
    let now = Circumstances { today: today(), invented: true, community: None };
    let book = node_sheets::open(path, &now).map_err(|error| format!("the file: {error}"))?;
    let results = path.with_extension("results.xlsx");
    let mut writer = StatusWriter::create(&results, &book);
    let (mut rows, mut import, mut waiting) = (BTreeMap::new(), Import::default(), Vec::new());
    let mut enter = |waiting: &mut Vec<node_sheets::TableRow>,
                     writer: &mut StatusWriter,
                     rows: &mut BTreeMap<(String, u32), Became>| {
        let taken = std::mem::take(waiting);
        let said: Vec<Row> = taken.iter().map(|row| row.row.clone()).collect();
        let outcomes = node.step(|records| records.import(&mut import, &said, &BTreeMap::new()));
        for (row, outcome) in taken.iter().zip(outcomes.expect("the store answers")) {
            let is_told = !row.remarks.is_empty() || !outcome.notes.is_empty();
            let is_warned = !row.warnings.is_empty() || !outcome.possibly.is_empty();
            let (became, status) = match outcome.verdict {
                Verdict::Refused(why) => (Became::Refused(format!("{why:?}")), RowStatus::Refused),
                Verdict::Asks(question, _) => {
                    (Became::Refused(format!("{question:?}")), RowStatus::Refused)
                }
                Verdict::New | Verdict::Updated => {
                    (Became::In { is_unchanged: false, is_told, is_warned }, RowStatus::Added)
                }
                Verdict::Unchanged => {
                    (Became::In { is_unchanged: true, is_told, is_warned }, RowStatus::Unchanged)
                }
            };
            writer.write(row, status, "").map_err(|error| error.to_string())?;
            let at = (row.at.sheet.clone(), row.at.row);
            if rows.insert(at, became).is_some() {
                return Err(format!("row {} came twice", row.at.row));
            }
        }
        Ok::<(), String>(())
    };
    for row in book.rows() {
        match row {
            Ok(row) => {
                waiting.push(row);
                if waiting.len() >= PORTION {
                    enter(&mut waiting, &mut writer, &mut rows)?;
                }
            }
            Err(error) => {
                enter(&mut waiting, &mut writer, &mut rows)?;
                writer.refuse(&error).map_err(|error| error.to_string())?;
                let at = (error.at.sheet.clone(), error.at.row);
                if rows.insert(at, Became::Refused(error.what().zh)).is_some() {
                    return Err(format!("row {} came twice", error.at.row));
                }
            }
        }
    }
    enter(&mut waiting, &mut writer, &mut rows)?;
    let written = writer.finish().map_err(|error| error.to_string())?;
    let notes = book.notes().into_iter().map(|note| note.zh).collect();
    Ok(Results { rows, statuses: statuses(&written)?, notes })
}

/// The statuses of a workbook of results, read by another library.
fn statuses(path: &PathBuf) -> Result<BTreeMap<(String, u32), String>, String> {
    let mut book: Xlsx<_> = open_workbook(path).map_err(|error| format!("results: {error}"))?;
    let mut statuses = BTreeMap::new();
    for name in book.sheet_names() {
        let range = book.worksheet_range(&name).map_err(|error| format!("results: {error}"))?;
        let (first, _) = range.start().unwrap_or_default();
        let words = ["新增", "更新", "未变", "错误", "疑似重复"];
        for (number, cells) in (first + 1..).zip(range.rows()) {
            let status = cells.iter().rev().find_map(|cell| match cell {
                Data::String(text) => words.iter().find(|word| *word == text),
                _ => None,
            });
            if let Some(status) = status {
                statuses.insert((name.clone(), number), (*status).to_owned());
            }
        }
    }
    Ok(statuses)
}

/// What the node says of its residents, each row once.
pub(crate) fn residents_of(node: &mut Node) -> Vec<Said> {
    let rows = node.step(|records| records.export(residents())).expect("exported");
    let mut all: Vec<Said> = rows.iter().map(said).collect();
    all.sort();
    all
}

fn said(row: &Row) -> Said {
    let mut said = Said::default();
    for column in Column::ALL {
        let own = residents().column(column.headings()[0]).expect("a column of the sheet");
        let cell = row.cells().find(|(other, _)| other.is(own)).map(|(_, text)| text);
        said.set(column, cell.unwrap_or_default());
    }
    said
}

/// Exports the residents to a file.
pub(crate) fn export(node: &mut Node, path: &Path, format: Format) -> Result<(), String> {
    let rows = node.step(|records| records.export(residents())).expect("exported");
    let told = |error: node_sheets::WriteSheetError| error.to_string();
    let mut exporter = Exporter::create(path, residents(), format).map_err(told)?;
    for row in &rows {
        exporter.write(row).map_err(told)?;
    }
    exporter.finish().map_err(told).map(|_| ())
}

/// Lets the unit store the numbers of documents.
pub(crate) fn keep_numbers(node: &mut Node) {
    let policy = kinds::ALL.iter().find(|kind| kind.name == "policy").expect("a kind");
    let given = [("topic", "保存证件号码"), ("chosen", "是")];
    node.step(|records| records.enter(policy, None, &given)).expect("decided");
}
