//! The workbook written beside an import: the same rows, and what became of each.

use std::fmt;
use std::path::{Path, PathBuf};

use rust_xlsxwriter::Workbook as Output;
use serde::Serialize;

use crate::error::{At, Cells, RowError, WriteSheetError};
use crate::export::{add_sheet, book, save, write_row};
use crate::read::{TableRow, Workbook};
use crate::table::STATUS_HEADING;

/// What became of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum RowStatus {
    /// 新增
    Added,
    /// 更新
    Updated,
    /// 未变
    Unchanged,
    /// 错误
    Refused,
    /// 疑似重复
    PossibleDuplicate,
}

impl RowStatus {
    /// As it stands in the workbook.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Added => "新增",
            Self::Updated => "更新",
            Self::Unchanged => "未变",
            Self::Refused => "错误",
            Self::PossibleDuplicate => "疑似重复",
        }
    }
}

/// What stands behind the name of the input.
const ENDING: &str = ".导入结果";
/// What file systems allow.
const FILE_NAME_BYTES_MAX: usize = 255;

/// Writes `<file>.导入结果.xlsx`: each row at the place it has in the input, with two columns more.
/// The ending of the input stands in it, so that two inputs of one stem have two. It is never taken
/// as input.
pub struct StatusWriter {
    path: PathBuf,
    input: Workbook,
    output: Output,
    /// The sheet being written, counted from 0, and the last row written to it.
    sheet: Option<usize>,
    row: u32,
}

impl fmt::Debug for StatusWriter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StatusWriter").field("path", &self.path).finish()
    }
}

impl StatusWriter {
    /// Beside the input.
    pub fn beside(input: &Workbook) -> Self {
        let name = input.path().file_name().unwrap_or_default().to_string_lossy();
        let ending = format!("{ENDING}.xlsx");
        let room = FILE_NAME_BYTES_MAX - ending.len();
        let name = &name[..name.floor_char_boundary(room)];
        Self::create(input.path().with_file_name(format!("{name}{ending}")), input)
    }

    /// Anywhere.
    pub fn create(path: impl AsRef<Path>, input: &Workbook) -> Self {
        let (path, output) = (path.as_ref().to_owned(), Output::new());
        Self { path, input: input.clone(), output, sheet: None, row: 0 }
    }

    /// Where the workbook will lie.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Notes what became of a good row.
    pub fn write(
        &mut self,
        row: &TableRow,
        status: RowStatus,
        note: &str,
    ) -> Result<(), WriteSheetError> {
        let warnings = row.warnings.iter().map(ToString::to_string);
        let remarks = row.remarks.iter().map(ToString::to_string);
        let note = Some(note.to_owned()).into_iter().filter(|n| !n.is_empty());
        let notes: Vec<String> = note.chain(warnings).chain(remarks).collect();
        self.line(&row.at, &row.cells, status, &notes.join("；"))
    }

    /// Notes why a row was refused.
    pub fn refuse(&mut self, error: &RowError) -> Result<(), WriteSheetError> {
        self.line(&error.at, &error.cells, RowStatus::Refused, &error.what().zh)
    }

    fn line(
        &mut self,
        at: &At,
        cells: &Cells,
        status: RowStatus,
        note: &str,
    ) -> Result<(), WriteSheetError> {
        let tables = self.input.tables().iter().enumerate();
        let mut own = tables.filter(|(_, table)| table.name() == at.sheet);
        let Some((index, width)) = own.next().map(|(at, table)| (at, table.headings().len()))
        else {
            return Ok(());
        };
        self.turn_to(index)?;
        // Rows come in order; one that does not goes below, so that none is lost.
        self.row = at.row.max(self.row + 1);
        let mut line = cells.0.clone();
        line.resize(width, String::new());
        line.extend([status.name().to_owned(), note.to_owned()]);
        write_row(&mut self.output, index, self.row - 1, &line).map_err(|e| book(&self.path, &e))
    }

    /// Tables come in order; those without a row are there with their headings.
    fn turn_to(&mut self, index: usize) -> Result<(), WriteSheetError> {
        while self.sheet.is_none_or(|sheet| sheet < index) {
            self.filter()?;
            let next = self.sheet.map_or(0, |sheet| sheet + 1);
            let Some(table) = self.input.tables().get(next) else { return Ok(()) };
            let mut headings = table.headings().to_vec();
            headings.extend([STATUS_HEADING.to_owned(), "说明".to_owned()]);
            let row = table.heading_row();
            add_sheet(&mut self.output, table.name(), row)
                .and_then(|()| write_row(&mut self.output, next, row - 1, &headings))
                .map_err(|e| book(&self.path, &e))?;
            (self.sheet, self.row) = (Some(next), row);
        }
        Ok(())
    }

    /// Lets the rows of the sheet that is done be filtered by what became of them.
    fn filter(&mut self) -> Result<(), WriteSheetError> {
        let Some(at) = self.sheet else { return Ok(()) };
        let Some(table) = self.input.tables().get(at) else { return Ok(()) };
        let first = table.heading_row() - 1;
        let last = u16::try_from(table.headings().len() + 1).unwrap_or(u16::MAX);
        let sheet = self.output.worksheet_from_index(at);
        let filtered = sheet.and_then(|own| {
            own.autofilter(first, 0, self.row.saturating_sub(1).max(first), last).map(|_| ())
        });
        filtered.map_err(|e| book(&self.path, &e))
    }

    /// Completes the workbook and says where it lies.
    pub fn finish(mut self) -> Result<PathBuf, WriteSheetError> {
        self.turn_to(self.input.tables().len().saturating_sub(1))?;
        self.filter()?;
        save(&mut self.output, &self.path)?;
        Ok(self.path)
    }
}
