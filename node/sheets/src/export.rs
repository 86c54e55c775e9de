//! Writing rows as an office would keep them.

use std::fs::{File, Permissions};
use std::io::{self, BufWriter, Write};
use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

use encoding_rs::{Encoding, GB18030, UTF_8};
use rust_xlsxwriter::{Format as CellFormat, Workbook, XlsxError};
use schema_documents::characters::quoted;
use schema_documents::{Column, Row, Sheet};

use crate::error::WriteSheetError;

/// What spreadsheet programs allow; they count UTF-16 units, and Chinese text has one a character.
const SHEET_NAME_CHARS_MAX: usize = 31;
/// The owner reads and writes: a sheet may name people.
const MODE: u32 = 0o600;

/// How the file is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// `.xlsx`
    Xlsx,
    /// `.csv` in UTF-8 with the byte order mark that spreadsheet programs look for.
    CsvUtf8,
    /// `.csv` in GB18030, for older programs.
    CsvGb18030,
}

impl Format {
    /// The ending of such a file.
    pub const fn extension(self) -> &'static str {
        match self {
            Self::Xlsx => "xlsx",
            Self::CsvUtf8 | Self::CsvGb18030 => "csv",
        }
    }

    /// The format that a file's ending asks for.
    pub fn of(path: &Path) -> Result<Self, WriteSheetError> {
        let ends = |format: &Self| {
            path.extension().is_some_and(|ending| ending.eq_ignore_ascii_case(format.extension()))
        };
        let found = [Self::Xlsx, Self::CsvUtf8].into_iter().find(ends);
        found.ok_or_else(|| WriteSheetError::Ending { file: path.to_owned() })
    }
}

/// Writes the rows of one sheet to one file. Nothing is there before [`Exporter::finish`] for xlsx.
pub struct Exporter {
    path: PathBuf,
    sheet: &'static Sheet,
    output: Output,
    rows: u32,
    /// Columns behind those of the sheet.
    more: usize,
}

enum Output {
    Xlsx(Box<Workbook>),
    Csv(BufWriter<File>, &'static Encoding),
}

impl std::fmt::Debug for Exporter {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Exporter")
            .field("path", &self.path)
            .field("sheet", &self.sheet.name)
            .finish()
    }
}

impl Exporter {
    /// Starts a file with the headings of its sheet.
    pub fn create(
        path: impl AsRef<Path>,
        sheet: &'static Sheet,
        format: Format,
    ) -> Result<Self, WriteSheetError> {
        Self::create_with(path, sheet, format, &[])
    }

    /// The same, with more columns behind those of the sheet: no import reads them.
    pub fn create_with(
        path: impl AsRef<Path>,
        sheet: &'static Sheet,
        format: Format,
        more: &[&str],
    ) -> Result<Self, WriteSheetError> {
        let path = path.as_ref().to_owned();
        if Format::of(&path)?.extension() != format.extension() {
            return Err(WriteSheetError::Ending { file: path });
        }
        let output = match format {
            Format::Xlsx => {
                let mut workbook = Workbook::new();
                add_sheet(&mut workbook, sheet.name, 1).map_err(|e| book(&path, &e))?;
                Output::Xlsx(Box::new(workbook))
            }
            Format::CsvUtf8 => Output::Csv(new_csv(&path, b"\xef\xbb\xbf")?, UTF_8),
            Format::CsvGb18030 => Output::Csv(new_csv(&path, b"")?, GB18030),
        };
        let mut exporter = Self { path, sheet, output, rows: 0, more: more.len() };
        let headings = sheet.columns.iter().map(|column: &Column| column.field.words.zh);
        exporter.line(headings.chain(more.iter().copied()).map(str::to_owned).collect())?;
        Ok(exporter)
    }

    /// Adds one row. A column of which it says nothing is empty there.
    pub fn write(&mut self, row: &Row) -> Result<(), WriteSheetError> {
        self.write_with(row, Vec::new())
    }

    /// The same, with what stands in the columns behind those of the sheet.
    pub fn write_with(&mut self, row: &Row, more: Vec<String>) -> Result<(), WriteSheetError> {
        if row.sheet().name != self.sheet.name {
            return Err(WriteSheetError::OtherSheet { file: self.path.clone() });
        }
        let mut said = row.cells().peekable();
        let cell = |column: &Column| {
            let own = said.next_if(|(of, _)| of.is(column));
            own.map(|(_, text)| text.to_owned()).unwrap_or_default()
        };
        let own = self.sheet.columns.iter().map(cell);
        let cells = own.chain(more.into_iter().take(self.more)).collect();
        self.line(cells)
    }

    fn line(&mut self, cells: Vec<String>) -> Result<(), WriteSheetError> {
        let number = self.rows;
        self.rows += 1;
        match &mut self.output {
            Output::Xlsx(workbook) => {
                write_row(workbook, 0, number, &cells).map_err(|e| book(&self.path, &e))
            }
            Output::Csv(file, encoding) => csv_line(&cells)
                .and_then(|line| file.write_all(&encoding.encode(&line).0))
                .map_err(|source| WriteSheetError::Io { file: self.path.clone(), source }),
        }
    }

    /// Completes the file and says how many rows it has below the headings.
    pub fn finish(self) -> Result<u32, WriteSheetError> {
        match self.output {
            Output::Xlsx(mut workbook) => save(&mut workbook, &self.path)?,
            Output::Csv(mut file, _) => file
                .flush()
                .map_err(|source| WriteSheetError::Io { file: self.path.clone(), source })?,
        }
        Ok(self.rows.saturating_sub(1))
    }
}

/// A file that nobody but its owner reads, one that was there before included.
fn private(path: &Path) -> io::Result<File> {
    let file = File::options().write(true).create(true).truncate(true).mode(MODE).open(path)?;
    file.set_permissions(Permissions::from_mode(MODE))?;
    Ok(file)
}

fn new_csv(path: &Path, mark: &[u8]) -> Result<BufWriter<File>, WriteSheetError> {
    let open = || {
        let mut file = BufWriter::new(private(path)?);
        file.write_all(mark)?;
        Ok(file)
    };
    open().map_err(|source| WriteSheetError::Io { file: path.to_owned(), source })
}

pub(crate) fn save(workbook: &mut Workbook, path: &Path) -> Result<(), WriteSheetError> {
    let io = |source| WriteSheetError::Io { file: path.to_owned(), source };
    let file = private(path).map_err(io)?;
    workbook.save_to_writer(file).map_err(|e| book(path, &e))
}

pub(crate) fn book(path: &Path, error: &XlsxError) -> WriteSheetError {
    WriteSheetError::Workbook { file: path.to_owned(), detail: error.to_string() }
}

/// A sheet that keeps one row in memory, with its headings in view.
pub(crate) fn add_sheet(workbook: &mut Workbook, name: &str, frozen: u32) -> Result<(), XlsxError> {
    let sheet = workbook.add_worksheet_with_constant_memory()?;
    sheet.set_name(sheet_name(name))?.set_freeze_panes(frozen, 0)?;
    for column in 0..16 {
        sheet.set_column_width(column, 16)?;
    }
    Ok(())
}

/// A name that a workbook allows: at most 31 characters, none of seven signs.
fn sheet_name(name: &str) -> String {
    let allowed = |c: char| if "[]:*?/\\".contains(c) { '_' } else { c };
    let short: String =
        name.trim_matches('\'').chars().map(allowed).take(SHEET_NAME_CHARS_MAX).collect();
    if short.is_empty() { "Sheet1".to_owned() } else { short }
}

/// Every cell is written as text, so that nothing is ever taken for a formula and no id loses
/// its last digits.
pub(crate) fn write_row(
    workbook: &mut Workbook,
    sheet: usize,
    row: u32,
    cells: &[String],
) -> Result<(), XlsxError> {
    let text = CellFormat::new().set_num_format("@");
    let sheet = workbook.worksheet_from_index(sheet)?;
    for (column, cell) in (0..).zip(cells) {
        if !cell.is_empty() {
            // The reader takes off a quote that marks text; one that was meant has another before.
            let cell = if cell.starts_with('\'') { &*quoted(cell) } else { cell };
            sheet.write_string_with_format(row, column, cell, &text)?;
        }
    }
    Ok(())
}

/// A quote before what a spreadsheet would run as a formula; the reader takes it off again.
fn csv_line(cells: &[String]) -> io::Result<String> {
    let mut writer =
        csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(Vec::new());
    writer.write_record(cells.iter().map(|cell| quoted(cell).into_owned()))?;
    let bytes = writer.into_inner().map_err(|error| error.into_error())?;
    String::from_utf8(bytes).map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error))
}
