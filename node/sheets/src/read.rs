//! Opening a file, recognising its sheets, and handing on its rows one at a time.

use std::collections::HashMap;
use std::collections::hash_map::{DefaultHasher, Entry};
use std::hash::{Hash, Hasher};
use std::io::ErrorKind;
use std::ops::ControlFlow;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;

use jiff::{Timestamp, civil::Date, tz::TimeZone};

use crate::checks::{Mode, Rules};
use crate::csv_source::CsvSource;
use crate::error::{At, Cells, OpenSheetError, Reason, RowError, Warning};
use crate::kind::Kind;
use crate::record::Record;
use crate::table::{HEADING_ROWS_MAX, Layout, RawRow};
use crate::xlsx_source::XlsxSource;

/// Rows read ahead of the caller: enough to keep both sides busy, and the bound on memory.
const ROWS_AHEAD_MAX: usize = 256;

/// A sheet that was recognised.
#[derive(Debug, Clone)]
pub struct Sheet {
    name: String,
    layout: Layout,
}

impl Sheet {
    /// Its name; for csv the file's stem.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What it is about.
    pub fn kind(&self) -> Kind {
        self.layout.kind
    }

    /// The headings as the file has them.
    pub fn headings(&self) -> &[String] {
        &self.layout.headings.cells
    }

    /// The row the headings stand in, from 1.
    pub fn heading_row(&self) -> u32 {
        self.layout.headings.number
    }

    /// Headings that name no known column; their cells are not read.
    pub fn unknown_columns(&self) -> &[String] {
        &self.layout.unknown
    }
}

/// A file that was opened and recognised.
#[derive(Debug, Clone)]
pub struct Workbook {
    path: PathBuf,
    file: String,
    sheets: Vec<Sheet>,
    ignored: Vec<String>,
    rules: Rules,
}

/// A row that passed every check.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// Where it stands.
    pub at: At,
    /// What it says.
    pub record: Record,
    /// What a person should look at.
    pub warnings: Vec<Warning>,
    /// The row as it was, for the status workbook.
    pub cells: Cells,
}

/// Opens a file under the rules for real data: invented ids are refused.
pub fn open(path: impl AsRef<Path>) -> Result<Workbook, OpenSheetError> {
    open_with(path, Mode::Real)
}

/// Opens a file, with or without room for invented ids.
pub fn open_with(path: impl AsRef<Path>, mode: Mode) -> Result<Workbook, OpenSheetError> {
    let path = path.as_ref();
    let file = file_name(path);
    let stem = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    let rules = Rules { mode, today: today() };
    let tops = match extension(path).as_str() {
        "csv" => vec![(stem.clone(), csv_top(path, &file)?)],
        "xlsx" | "xlsm" => xlsx_tops(path, &file)?,
        _ => return Err(OpenSheetError::UnknownFormat { file }),
    };
    let (mut sheets, mut ignored) = (Vec::new(), Vec::new());
    let only_one = tops.len() == 1;
    for (name, top) in tops {
        let by_file = || Kind::announced(&stem).filter(|_| only_one);
        let announced = Kind::announced(&name).or_else(by_file);
        match Layout::recognise(&file, &name, announced, &top)? {
            Some(layout) => sheets.push(Sheet { name, layout }),
            None => ignored.push(name),
        }
    }
    if sheets.is_empty() {
        return Err(OpenSheetError::NoKnownSheet { file, sheets: ignored.join("、") });
    }
    Ok(Workbook { path: path.to_owned(), file, sheets, ignored, rules })
}

fn extension(path: &Path) -> String {
    path.extension().unwrap_or_default().to_string_lossy().to_ascii_lowercase()
}

fn file_name(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

fn csv_top(path: &Path, file: &str) -> Result<Vec<RawRow>, OpenSheetError> {
    let io = |source| OpenSheetError::Io { file: file.to_owned(), source };
    let mut top = Vec::new();
    CsvSource::open(path).map_err(io)?.rows(|row| collect(&mut top, row)).map_err(io)?;
    Ok(top)
}

type Top = (String, Vec<RawRow>);

fn xlsx_tops(path: &Path, file: &str) -> Result<Vec<Top>, OpenSheetError> {
    let broken = |error: calamine::XlsxError| match error {
        calamine::XlsxError::Io(source) if source.kind() != ErrorKind::InvalidData => {
            OpenSheetError::Io { file: file.to_owned(), source }
        }
        other => OpenSheetError::Broken { file: file.to_owned(), detail: other.to_string() },
    };
    let read = || {
        let mut source = XlsxSource::open(path)?;
        let mut tops = Vec::new();
        for name in source.sheets() {
            let mut top = Vec::new();
            source.rows(&name, |row| collect(&mut top, row))?;
            tops.push((name, top));
        }
        Ok(tops)
    };
    // The parser of a foreign format: a file made to break it is a broken file, not a crash.
    match catch_unwind(AssertUnwindSafe(read)) {
        Ok(tops) => tops.map_err(broken),
        Err(_) => {
            Err(OpenSheetError::Broken { file: file.to_owned(), detail: "parser failed".into() })
        }
    }
}

fn collect(top: &mut Vec<RawRow>, row: RawRow) -> ControlFlow<()> {
    top.push(row);
    if top.len() < HEADING_ROWS_MAX { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
}

impl Workbook {
    /// Where it lies.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The sheets that were recognised, in the file's order.
    pub fn sheets(&self) -> &[Sheet] {
        &self.sheets
    }

    /// The kind of the first sheet.
    pub fn kind(&self) -> Kind {
        self.sheets[0].kind()
    }

    /// What was not read and why, for the person who imports.
    pub fn notes(&self) -> Vec<String> {
        let sheets = self
            .ignored
            .iter()
            .map(|name| format!("未识别的工作表，未读取 (sheet not recognised): {name}"));
        let columns = self.sheets.iter().filter(|sheet| !sheet.unknown_columns().is_empty());
        let columns = columns.map(|sheet| {
            let headings = sheet.unknown_columns().join("、");
            format!(
                "工作表 {}: 未识别的列，未读取 (columns not recognised): {headings}",
                sheet.name
            )
        });
        sheets.chain(columns).collect()
    }

    /// Every row below the headings, sheet by sheet. Dropping the iterator ends the reading.
    pub fn rows(&self) -> Rows {
        let (sender, receiver) = sync_channel(ROWS_AHEAD_MAX);
        let workbook = self.clone();
        let reader = thread::spawn(move || workbook.send_rows(&sender));
        Rows { receiver, reader: Some(reader), file: self.file.clone() }
    }

    fn send_rows(&self, sender: &SyncSender<Result<Row, RowError>>) {
        let mut xlsx = None;
        for sheet in &self.sheets {
            let mut reading = Reading { workbook: self, sheet, seen: Seen::default(), last: 0 };
            let mut each = |raw: RawRow| {
                let sent = reading.next(raw).is_none_or(|row| sender.send(row).is_ok());
                if sent { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
            };
            let whole = if extension(&self.path) == "csv" {
                CsvSource::open(&self.path).and_then(|source| source.rows(&mut each)).is_ok()
            } else {
                if xlsx.is_none() {
                    xlsx = XlsxSource::open(&self.path).ok();
                }
                xlsx.as_mut().is_some_and(|source| source.rows(&sheet.name, &mut each).is_ok())
            };
            if !whole {
                let _ = sender.send(Err(reading.broken()));
            }
        }
    }
}

/// One pass over one sheet.
struct Reading<'a> {
    workbook: &'a Workbook,
    sheet: &'a Sheet,
    seen: Seen,
    last: u32,
}

impl Reading<'_> {
    fn at(&self, row: u32) -> At {
        At { file: self.workbook.file.clone(), sheet: self.sheet.name.clone(), row }
    }

    /// `None` for titles, headings and blank rows.
    fn next(&mut self, raw: RawRow) -> Option<Result<Row, RowError>> {
        self.last = raw.number;
        if raw.number <= self.sheet.heading_row() || raw.is_blank() {
            return None;
        }
        let layout = &self.sheet.layout;
        let at = self.at(raw.number);
        let read = Record::read(layout.kind, &layout.fields(&raw, self.workbook.rules));
        let cells = Cells(raw.cells);
        Some(match read {
            Ok(record) => {
                let warnings = self.seen.warnings(&record, raw.number);
                Ok(Row { at, record, warnings, cells })
            }
            Err(fault) => Err(RowError { at, column: fault.column, reason: fault.reason, cells }),
        })
    }

    fn broken(&self) -> RowError {
        let at = self.at(self.last + 1);
        RowError { at, column: "-", reason: Reason::Broken, cells: Cells::default() }
    }
}

/// Persons met so far, by a hash of what makes them the same: 12 bytes a row.
#[derive(Default)]
struct Seen(HashMap<u64, u32>);

impl Seen {
    fn warnings(&mut self, record: &Record, row: u32) -> Vec<Warning> {
        let (id, name_and_birth) = match record {
            Record::Roster(row) => (
                row.citizen_id.as_deref(),
                row.birth.as_ref().map(|birth| (&row.name, birth.as_str())),
            ),
            Record::Volunteer(row) => (row.citizen_id.as_deref(), None),
            _ => (None, None),
        };
        let same_id = id.and_then(|id| self.first(&("id", id), row));
        let same_name = name_and_birth.and_then(|person| self.first(&("name", person), row));
        match (same_id, same_name) {
            (Some(first_row), _) => vec![Warning::SameCitizenId { first_row }],
            (None, Some(first_row)) => vec![Warning::SameNameAndBirth { first_row }],
            (None, None) => Vec::new(),
        }
    }

    fn first(&mut self, key: &impl Hash, row: u32) -> Option<u32> {
        let mut hasher = DefaultHasher::new();
        key.hash(&mut hasher);
        match self.0.entry(hasher.finish()) {
            Entry::Occupied(entry) => Some(*entry.get()),
            Entry::Vacant(entry) => {
                entry.insert(row);
                None
            }
        }
    }
}

/// The rows of a workbook, one at a time.
#[derive(Debug)]
pub struct Rows {
    receiver: Receiver<Result<Row, RowError>>,
    reader: Option<thread::JoinHandle<()>>,
    file: String,
}

impl Iterator for Rows {
    type Item = Result<Row, RowError>;

    fn next(&mut self) -> Option<Self::Item> {
        if let Ok(row) = self.receiver.recv() {
            return Some(row);
        }
        // A file made to break the reader ends as a row error, not as a panic of the importer.
        self.reader.take()?.join().err().map(|_| {
            let at = At { file: self.file.clone(), sheet: "-".to_owned(), row: 0 };
            Err(RowError { at, column: "-", reason: Reason::Broken, cells: Cells::default() })
        })
    }
}

/// The day at the office: China Standard Time has one offset and no summer time.
fn today() -> Date {
    let office = TimeZone::fixed(jiff::tz::offset(8));
    Timestamp::now().to_zoned_datetime(office).date()
}
