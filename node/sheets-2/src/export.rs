//! Writing typed rows as an office would keep them.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use encoding_rs::{Encoding, GB18030, UTF_8};
use rust_xlsxwriter::{Format as CellFormat, Workbook, XlsxError};

use crate::cell::starts_like_formula;
use crate::error::WriteSheetError;
use crate::kind::Kind;
use crate::record::Record;

/// What spreadsheet programs allow; they count UTF-16 units, and Chinese text has one a character.
const SHEET_NAME_CHARS_MAX: usize = 31;

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
}

/// Writes the rows of one kind to one file. Nothing is there before [`Exporter::finish`] for xlsx.
pub struct Exporter {
    path: PathBuf,
    kind: Kind,
    output: Output,
    rows: u32,
}

enum Output {
    Xlsx(Box<Workbook>),
    Csv(BufWriter<File>, &'static Encoding),
}

impl std::fmt::Debug for Exporter {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Exporter").field("path", &self.path).field("kind", &self.kind).finish()
    }
}

impl Exporter {
    /// Starts a file with the headings of its kind.
    pub fn create(
        path: impl AsRef<Path>,
        kind: Kind,
        format: Format,
    ) -> Result<Self, WriteSheetError> {
        let path = path.as_ref().to_owned();
        let output = match format {
            Format::Xlsx => {
                Output::Xlsx(Box::new(new_workbook(kind).map_err(|e| book(&path, &e))?))
            }
            Format::CsvUtf8 => Output::Csv(new_csv(&path, b"\xef\xbb\xbf")?, UTF_8),
            Format::CsvGb18030 => Output::Csv(new_csv(&path, b"")?, GB18030),
        };
        let mut exporter = Self { path, kind, output, rows: 0 };
        let headings: Vec<String> = kind.columns().iter().map(|c| c.name.to_owned()).collect();
        exporter.line(&headings)?;
        Ok(exporter)
    }

    /// Adds one row.
    pub fn write(&mut self, record: &Record) -> Result<(), WriteSheetError> {
        if record.kind() != self.kind {
            return Err(WriteSheetError::OtherKind { file: self.path.clone() });
        }
        self.line(&record.cells())
    }

    fn line(&mut self, cells: &[String]) -> Result<(), WriteSheetError> {
        let number = self.rows;
        self.rows += 1;
        match &mut self.output {
            Output::Xlsx(workbook) => {
                write_row(workbook, 0, number, cells).map_err(|e| book(&self.path, &e))
            }
            Output::Csv(file, encoding) => {
                let line = csv_line(cells);
                let (bytes, ..) = encoding.encode(&line);
                file.write_all(&bytes)
                    .map_err(|source| WriteSheetError::Io { file: self.path.clone(), source })
            }
        }
    }

    /// Completes the file and says how many rows it has below the headings.
    pub fn finish(self) -> Result<u32, WriteSheetError> {
        match self.output {
            Output::Xlsx(mut workbook) => {
                workbook.save(&self.path).map_err(|e| book(&self.path, &e))?;
            }
            Output::Csv(mut file, _) => file
                .flush()
                .map_err(|source| WriteSheetError::Io { file: self.path.clone(), source })?,
        }
        Ok(self.rows - 1)
    }
}

fn new_csv(path: &Path, mark: &[u8]) -> Result<BufWriter<File>, WriteSheetError> {
    let open = || {
        let mut file = BufWriter::new(File::create(path)?);
        file.write_all(mark)?;
        Ok(file)
    };
    open().map_err(|source| WriteSheetError::Io { file: path.to_owned(), source })
}

pub(crate) fn book(path: &Path, error: &XlsxError) -> WriteSheetError {
    WriteSheetError::Workbook { file: path.to_owned(), detail: error.to_string() }
}

fn new_workbook(kind: Kind) -> Result<Workbook, XlsxError> {
    let mut workbook = Workbook::new();
    add_sheet(&mut workbook, kind.title(), 1)?;
    Ok(workbook)
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
            sheet.write_string_with_format(row, column, cell.as_str(), &text)?;
        }
    }
    Ok(())
}

/// A quote before what a spreadsheet would run as a formula; the reader takes it off again.
fn csv_line(cells: &[String]) -> String {
    let mut writer =
        csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(Vec::new());
    let safe = cells.iter().map(|cell| match starts_like_formula(cell) {
        true => format!("'{cell}"),
        false => cell.clone(),
    });
    writer.write_record(safe).expect("writing to memory does not fail");
    let bytes = writer.into_inner().expect("flushing to memory does not fail");
    String::from_utf8(bytes).expect("cells are text")
}
