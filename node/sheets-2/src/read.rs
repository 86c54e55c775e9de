//! Opening a file, recognising its sheets, and handing on its rows one at a time.

use std::collections::HashMap;
use std::collections::hash_map::{DefaultHasher, Entry};
use std::hash::{Hash, Hasher};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use jiff::{Timestamp, civil::Date, tz::TimeZone};

use crate::checks::{Mode, Rules};
use crate::error::{At, Cells, OpenSheetError, Reason, Remark, RowError, Warning};
use crate::kind::Kind;
use crate::passed_over::{RowNote, RowNotes, passed_over};
use crate::record::Record;
use crate::said::{Said, Words, said};
use crate::source::{Source, unreadable};
use crate::table::{Fault, HEADING_ROWS_MAX, Layout, RawRow, Tab, tellable};

/// Rows read ahead of the caller: enough to keep both sides busy, and the bound on memory.
const ROWS_AHEAD_MAX: usize = 256;

/// Words in the name of a tab that shows how to fill in another.
const EXPLANATIONS: [&str; 9] = [
    "填写说明",
    "填表说明",
    "填报说明",
    "使用说明",
    "填写示例",
    "填表示例",
    "样例",
    "样表",
    "须知",
];

/// A sheet that was recognised.
#[derive(Debug, Clone)]
pub struct Sheet {
    name: String,
    /// Its place among the tabs of the file.
    tab: usize,
    hidden: bool,
    /// Whether anything stands below its headings.
    empty: bool,
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
    /// What is told of tabs that are not read.
    ignored: Vec<Said>,
    rules: Rules,
    /// What the newest reading of the rows found, by sheet.
    found: Arc<Mutex<Vec<RowNotes>>>,
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
    /// What a person should know.
    pub remarks: Vec<Remark>,
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
    let file = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let stem = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    let rules = Rules { mode, today: today() };
    let mut source = Source::open(path)?;
    let tabs = source.tabs.clone();
    let only_one = tabs.iter().filter(|tab| tab.cells).count() == 1;
    let (mut sheets, mut ignored, mut incomplete) = (Vec::new(), Vec::new(), Vec::new());
    for (place, tab) in tabs.into_iter().enumerate() {
        if let Some(why) = left_out(&tab) {
            let (Words { zh, en }, name) = (why, &tab.name);
            ignored.push(Said { zh: format!("{zh}：{name}"), en: format!("{en}: {name}") });
            continue;
        }
        let mut top = Vec::new();
        source.rows(place, |row| collect(&mut top, row)).map_err(|e| unreadable(&file, e))?;
        if top.is_empty() {
            continue;
        }
        let by_name = Kind::announced(&tab.name);
        let announced = by_name.or_else(|| Kind::announced(&stem).filter(|_| only_one));
        let Some(layout) = Layout::recognise(announced, &top) else {
            let name = &tab.name;
            ignored.push(said!(
                "未识别的工作表，未读取：{name}",
                "sheet not recognised, not read: {name}"
            ));
            continue;
        };
        match layout.complete(&file, &tab.name) {
            Err(error) if by_name.is_some() => return Err(error),
            Err(error) => incomplete.push(error),
            Ok(()) => {
                let last = top.last().map_or(0, |row| row.number);
                let whole = top.len() < HEADING_ROWS_MAX;
                let empty = whole && last <= layout.headings.number;
                let (name, hidden) = (tab.name, tab.hidden);
                sheets.push(Sheet { name, tab: place, hidden, empty, layout });
            }
        }
    }
    if sheets.is_empty() {
        if let Some(error) = incomplete.into_iter().next() {
            return Err(error);
        }
        return Err(OpenSheetError::NoKnownSheet { file, sheets: Said::joined(&ignored) });
    }
    // One sheet of ours is enough for a file; a table beside it may be anything.
    ignored.extend(incomplete.iter().map(|error| {
        let Said { zh, en } = error.said();
        Said { zh: format!("未读取：{zh}"), en: format!("not read: {en}") }
    }));
    let path = path.to_owned();
    Ok(Workbook { path, file, sheets, ignored, rules, found: Arc::default() })
}

/// Why a tab is not looked at.
fn left_out(tab: &Tab) -> Option<Words> {
    if !tab.cells {
        Some(Words::new("图表页，未读取", "a chart, not read"))
    } else if EXPLANATIONS.iter().any(|word| tab.name.contains(word)) {
        Some(Words::new("填写说明或样例，未读取", "an explanation or example, not read"))
    } else {
        None
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

    /// What was not read and why, and what reading the rows found, for the person who imports.
    pub fn notes(&self) -> Vec<Said> {
        let mut notes = self.ignored.clone();
        let found = self.found.lock().unwrap_or_else(PoisonError::into_inner).clone();
        for (place, sheet) in self.sheets.iter().enumerate() {
            let name = &sheet.name;
            let mut note = |Said { zh, en }: Said| {
                let (zh, en) = (format!("工作表 {name}：{zh}"), format!("sheet {name}: {en}"));
                notes.push(Said { zh, en });
            };
            if sheet.hidden {
                note(said!("被隐藏的工作表也已读取", "a hidden sheet was read too"));
            }
            if sheet.empty {
                note(said!("表头下没有数据行", "no rows below the headings"));
            }
            if !sheet.unknown_columns().is_empty() {
                let headings = tellable(sheet.unknown_columns());
                note(said!(
                    "未识别的列，未读取：{headings}",
                    "columns not recognised, not read: {headings}"
                ));
            }
            found.get(place).into_iter().flat_map(RowNotes::lines).for_each(&mut note);
        }
        notes
    }

    /// Every row below the headings, sheet by sheet. Dropping the iterator ends the reading.
    pub fn rows(&self) -> Rows {
        let (sender, receiver) = sync_channel(ROWS_AHEAD_MAX);
        let workbook = self.clone();
        let reader = thread::spawn(move || workbook.send_rows(&sender));
        Rows { receiver, reader: Some(reader), file: self.file.clone() }
    }

    fn send_rows(&self, sender: &SyncSender<Result<Row, RowError>>) {
        let found = |at: &mut dyn FnMut(&mut Vec<RowNotes>)| {
            at(&mut self.found.lock().unwrap_or_else(PoisonError::into_inner));
        };
        found(&mut |notes| *notes = vec![RowNotes::default(); self.sheets.len()]);
        let mut source = Source::open(&self.path).ok();
        for (place, sheet) in self.sheets.iter().enumerate() {
            let mut reading = Reading { workbook: self, sheet, seen: Seen::default(), last: 0 };
            let each = |raw: RawRow| {
                let number = raw.number;
                let (row, told) = reading.next(raw);
                if !told.is_empty() {
                    found(&mut |notes| told.iter().for_each(|n| notes[place].add(*n, number)));
                }
                let sent = row.is_none_or(|row| sender.send(row).is_ok());
                if sent { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
            };
            let whole = source.as_mut().is_some_and(|s| s.rows(sheet.tab, each).is_ok());
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

    /// No row for titles, headings, blank rows and what stands below a table.
    fn next(&mut self, raw: RawRow) -> (Option<Result<Row, RowError>>, Vec<RowNote>) {
        self.last = raw.number;
        if raw.number <= self.sheet.heading_row() || raw.is_blank() {
            return (None, Vec::new());
        }
        let (number, hidden) = (raw.number, raw.hidden);
        let layout = &self.sheet.layout;
        let fields = layout.fields(&raw, self.workbook.rules);
        let record = match raw.fault {
            Some(reason) => Err(Fault { column: "-", reason }),
            None => Record::read(layout.kind, &fields),
        };
        let mut remarks = fields.into_remarks();
        // Only what could not be read may be something else: no record is ever passed over.
        if record.is_err()
            && let Some(note) = passed_over(layout, &raw)
        {
            return (None, vec![note]);
        }
        remarks.extend(hidden.then_some(Remark::Hidden));
        let mut told: Vec<RowNote> = hidden.then_some(RowNote::Hidden).into_iter().collect();
        told.extend(layout.lacks_heading(&raw).then_some(RowNote::Unheaded));
        let row = self.checked(number, record, remarks, Cells(raw.cells));
        (Some(row), told)
    }

    fn checked(
        &mut self,
        number: u32,
        record: Result<Record, Fault>,
        remarks: Vec<Remark>,
        cells: Cells,
    ) -> Result<Row, RowError> {
        let at = self.at(number);
        let checked = record.and_then(|record| {
            let same = |reason| Fault { column: "公民身份号码", reason };
            let warnings = self.seen.warnings(&record, number).map_err(same)?;
            Ok((record, warnings))
        });
        match checked {
            Ok((record, warnings)) => Ok(Row { at, record, warnings, remarks, cells }),
            Err(Fault { column, reason }) => Err(RowError { at, column, reason, cells }),
        }
    }

    fn broken(&self) -> RowError {
        let at = self.at(self.last + 1);
        RowError { at, column: "-", reason: Reason::Broken, cells: Cells::default() }
    }
}

/// Persons met so far, by a hash of what makes them the same: 20 bytes a row.
#[derive(Default)]
struct Seen(HashMap<u64, (u32, u64)>);

impl Seen {
    /// What to look at; or why the row cannot stand beside one that came before.
    fn warnings(&mut self, record: &Record, row: u32) -> Result<Vec<Warning>, Reason> {
        let (id, name, birth) = match record {
            Record::Roster(row) => (row.citizen_id.as_deref(), &row.name, row.birth.as_ref()),
            Record::Volunteer(row) => (row.citizen_id.as_deref(), &row.name, None),
            _ => return Ok(Vec::new()),
        };
        let same_id = id.and_then(|id| self.first(&("id", id), name, row));
        let same_name =
            birth.and_then(|birth| self.first(&("name", name, birth.as_str()), name, row));
        match (same_id, same_name) {
            (Some((first_row, false)), _) => Err(Reason::SameIdOtherName { first_row }),
            (Some((first_row, true)), _) => Ok(vec![Warning::SameCitizenId { first_row }]),
            (None, Some((first_row, _))) => Ok(vec![Warning::SameNameAndBirth { first_row }]),
            (None, None) => Ok(Vec::new()),
        }
    }

    /// The row that had this before, and whether for the same name.
    fn first(&mut self, key: &impl Hash, name: &str, row: u32) -> Option<(u32, bool)> {
        let name = hash(&name);
        match self.0.entry(hash(key)) {
            Entry::Occupied(entry) => Some((entry.get().0, entry.get().1 == name)),
            Entry::Vacant(entry) => {
                entry.insert((row, name));
                None
            }
        }
    }
}

fn hash(value: &impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    value.hash(&mut hasher);
    hasher.finish()
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
