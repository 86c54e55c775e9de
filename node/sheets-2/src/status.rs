//! The workbook written beside an import: the same rows, and what became of each.

use std::fmt;
use std::path::{Path, PathBuf};

use rust_xlsxwriter::Workbook as Output;
use serde::Serialize;

use crate::error::{At, Cells, RowError, WriteSheetError};
use crate::export::{add_sheet, book, write_row};
use crate::read::{Row, Workbook};

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

/// Writes `<stem>.导入结果.xlsx`: each row at the place it has in the input, with two columns more.
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
        let stem = input.path().file_stem().unwrap_or_default().to_string_lossy();
        let path = input.path().with_file_name(format!("{stem}.导入结果.xlsx"));
        Self::create(path, input)
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
        row: &Row,
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
        let note = format!("{}: {}", error.column, error.reason);
        self.line(&error.at, &error.cells, RowStatus::Refused, &note)
    }

    fn line(
        &mut self,
        at: &At,
        cells: &Cells,
        status: RowStatus,
        note: &str,
    ) -> Result<(), WriteSheetError> {
        let Some(index) = self.input.sheets().iter().position(|sheet| sheet.name() == at.sheet)
        else {
            return Ok(());
        };
        self.turn_to(index)?;
        // Rows come in order; one that does not goes below, so that none is lost.
        self.row = at.row.max(self.row + 1);
        let width = self.input.sheets()[index].headings().len();
        let mut line = cells.0.clone();
        line.resize(width, String::new());
        line.extend([status.name().to_owned(), note.to_owned()]);
        write_row(&mut self.output, index, self.row - 1, &line).map_err(|e| book(&self.path, &e))
    }

    /// Sheets come in order; those without a row are there with their headings.
    fn turn_to(&mut self, index: usize) -> Result<(), WriteSheetError> {
        while self.sheet.is_none_or(|sheet| sheet < index) {
            let next = self.sheet.map_or(0, |sheet| sheet + 1);
            let sheet = &self.input.sheets()[next];
            let mut headings = sheet.headings().to_vec();
            headings.extend(["导入状态".to_owned(), "说明".to_owned()]);
            let row = sheet.heading_row();
            add_sheet(&mut self.output, sheet.name(), row)
                .and_then(|()| write_row(&mut self.output, next, row - 1, &headings))
                .map_err(|e| book(&self.path, &e))?;
            (self.sheet, self.row) = (Some(next), row);
        }
        Ok(())
    }

    /// Completes the workbook and says where it lies.
    pub fn finish(mut self) -> Result<PathBuf, WriteSheetError> {
        self.turn_to(self.input.sheets().len() - 1)?;
        self.output.save(&self.path).map_err(|e| book(&self.path, &e))?;
        Ok(self.path)
    }
}
