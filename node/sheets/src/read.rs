//! Opening a file, recognising its sheets, and handing on its rows one at a time.

use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use schema_documents::{Circumstances, Column, Day, Row, Sentence, Sheet, Words, kinds, words};

use crate::error::{At, Cells, OpenSheetError, Reason, Remark, RowError, Warning};
use crate::headings::Headings;
use crate::passed_over::{RowNote, RowNotes, no_record, passed_over};
use crate::repeats::Met;
use crate::said::{joined, said};
use crate::source::{Source, unreadable};
use crate::table::{Fault, HEADING_ROWS_MAX, Layout, RawRow, STATUS_HEADING, Tab, tellable};

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

/// A table that was recognised as one of the declared sheets.
#[derive(Debug, Clone)]
pub struct Table {
    name: String,
    /// Its place among the tabs of the file.
    tab: usize,
    hidden: bool,
    /// Does nothing stand below its headings?
    empty: bool,
    layout: Layout,
}

impl Table {
    /// The name of its tab; for text the file's stem.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Which sheet it is.
    pub fn sheet(&self) -> &'static Sheet {
        self.layout.sheet
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

    /// Headings that only the unit knows, with the columns that it means by them.
    pub fn mapped_columns(&self) -> &[(String, &'static Column)] {
        &self.layout.mapped
    }
}

/// A file that was opened and recognised.
#[derive(Debug, Clone)]
pub struct Workbook {
    path: PathBuf,
    file: String,
    tables: Vec<Table>,
    /// What is told of tabs that are not read.
    ignored: Vec<Sentence>,
    checks: Checks,
    /// What the newest reading of the rows found, by table.
    found: Arc<Mutex<Vec<RowNotes>>>,
}

/// What the checks depend on, kept for the reading.
#[derive(Debug, Clone)]
struct Checks {
    today: Day,
    invented: bool,
    community: Option<String>,
}

impl Checks {
    fn now(&self) -> Circumstances<'_> {
        let community = self.community.as_deref();
        Circumstances { today: self.today, invented: self.invented, community }
    }
}

/// A row of which every cell says something that its field may say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TableRow {
    /// Where it stands.
    pub at: At,
    /// What it says, each cell in its one form.
    pub row: Row,
    /// What a person should look at.
    pub warnings: Vec<Warning>,
    /// What a person should know.
    pub remarks: Vec<Remark>,
    /// The row as it was, for the results workbook.
    pub cells: Cells,
}

/// Opens a file and recognises its tables; its rows will be checked under these circumstances.
pub fn open(path: impl AsRef<Path>, now: &Circumstances<'_>) -> Result<Workbook, OpenSheetError> {
    open_knowing(path, now, &Headings::default())
}

/// The same, where more is known of what headings mean.
pub fn open_knowing(
    path: impl AsRef<Path>,
    now: &Circumstances<'_>,
    headings: &Headings,
) -> Result<Workbook, OpenSheetError> {
    let path = path.as_ref();
    let file = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let stem = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    let community = now.community.map(str::to_owned);
    let checks = Checks { today: now.today, invented: now.invented, community };
    let mut source = Source::open(path)?;
    let tabs = source.tabs.clone();
    let only_one = tabs.iter().filter(|tab| tab.cells).count() == 1;
    let (mut tables, mut ignored, mut incomplete) = (Vec::new(), Vec::new(), Vec::new());
    for (place, tab) in tabs.into_iter().enumerate() {
        if let Some(why) = left_out(&tab) {
            let (Words { zh, en }, name) = (why, &tab.name);
            ignored.push(Sentence { zh: format!("{zh}：{name}"), en: format!("{en}: {name}") });
            continue;
        }
        let mut top = Vec::new();
        source.rows(place, |row| collect(&mut top, row)).map_err(|e| unreadable(&file, e))?;
        if top.is_empty() {
            continue;
        }
        let by_name = announced(&tab.name);
        let by_file = || announced(&stem).filter(|_| only_one);
        let Some(layout) = Layout::recognise(by_name.or_else(by_file), &top, headings) else {
            let name = &tab.name;
            ignored.push(said!(
                "未识别的工作表，未读取：{name}",
                "sheet not recognised, not read: {name}"
            ));
            continue;
        };
        if layout.unknown.iter().any(|heading| heading == STATUS_HEADING) {
            return Err(OpenSheetError::Results { file });
        }
        match layout.complete(&file, &tab.name) {
            Err(error) if by_name.is_some() => return Err(error),
            Err(error) => incomplete.push(error),
            Ok(()) => {
                let last = top.last().map_or(0, |row| row.number);
                let whole = top.len() < HEADING_ROWS_MAX;
                let empty = whole && last <= layout.headings.number;
                let (name, hidden) = (tab.name, tab.hidden);
                tables.push(Table { name, tab: place, hidden, empty, layout });
            }
        }
    }
    if tables.is_empty() {
        if let Some(error) = incomplete.into_iter().next() {
            return Err(error);
        }
        return Err(OpenSheetError::NoKnownSheet { file, sheets: joined(&ignored) });
    }
    // One sheet of ours is enough for a file; a table beside it may be anything.
    ignored.extend(incomplete.iter().map(|error| {
        let Sentence { zh, en } = error.said();
        Sentence { zh: format!("未读取：{zh}"), en: format!("not read: {en}") }
    }));
    let path = path.to_owned();
    Ok(Workbook { path, file, tables, ignored, checks, found: Arc::default() })
}

/// The sheet that the name of a tab or file announces.
fn announced(name: &str) -> Option<&'static Sheet> {
    let announces = |sheet: &Sheet| sheet.announced_by.iter().any(|word| name.contains(word));
    kinds::sheets().map(|(_, sheet)| sheet).find(|sheet| announces(sheet))
}

/// Why a tab is not looked at.
fn left_out(tab: &Tab) -> Option<Words> {
    if !tab.cells {
        Some(words("图表页，未读取", "a chart, not read"))
    } else if EXPLANATIONS.iter().any(|word| tab.name.contains(word)) {
        Some(words("填写说明或样例，未读取", "an explanation or example, not read"))
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

    /// The tables that were recognised, in the file's order: one at least.
    pub fn tables(&self) -> &[Table] {
        &self.tables
    }

    /// What was not read and why, and what reading the rows found, for the person who imports.
    pub fn notes(&self) -> Vec<Sentence> {
        let mut notes = self.ignored.clone();
        let found = self.found.lock().unwrap_or_else(PoisonError::into_inner).clone();
        for (place, table) in self.tables.iter().enumerate() {
            let name = &table.name;
            let mut note = |Sentence { zh, en }: Sentence| {
                let (zh, en) = (format!("工作表 {name}：{zh}"), format!("sheet {name}: {en}"));
                notes.push(Sentence { zh, en });
            };
            if table.hidden {
                note(said!("被隐藏的工作表也已读取", "a hidden sheet was read too"));
            }
            if table.empty {
                note(said!("表头下没有数据行", "no rows below the headings"));
            }
            for (written, column) in table.mapped_columns() {
                let (written, meant) =
                    (tellable(std::slice::from_ref(written)), column.field.words.zh);
                note(said!(
                    "按本单位的对照，“{written}”读作“{meant}”",
                    "as the unit decided, “{written}” is read as “{meant}”"
                ));
            }
            if !table.unknown_columns().is_empty() {
                let headings = tellable(table.unknown_columns());
                note(said!(
                    "未识别的列，未读取：{headings}（可用 --column 标题=列名 指明）",
                    "columns not recognised, not read: {headings} (--column HEADING=COLUMN says what one means)"
                ));
            }
            found.get(place).into_iter().flat_map(RowNotes::lines).for_each(&mut note);
        }
        notes
    }

    /// How many rows stand below the headings, about: for whoever waits. It reads the file once.
    pub fn count_rows(&self) -> u64 {
        let Ok(mut source) = Source::open(&self.path) else { return 0 };
        let mut rows = 0;
        for table in &self.tables {
            let counted = source.rows(table.tab, |raw| {
                rows += u64::from(raw.number > table.heading_row() && !raw.is_blank());
                ControlFlow::Continue(())
            });
            if counted.is_err() {
                break;
            }
        }
        rows
    }

    /// Every row below the headings, table by table. Dropping the iterator ends the reading.
    pub fn rows(&self) -> Rows {
        let (sender, receiver) = sync_channel(ROWS_AHEAD_MAX);
        let workbook = self.clone();
        let reader = thread::spawn(move || workbook.send_rows(&sender));
        Rows { receiver, reader: Some(reader), file: self.file.clone() }
    }

    fn send_rows(&self, sender: &SyncSender<Result<TableRow, RowError>>) {
        let found = |at: &mut dyn FnMut(&mut Vec<RowNotes>)| {
            at(&mut self.found.lock().unwrap_or_else(PoisonError::into_inner));
        };
        found(&mut |notes| *notes = vec![RowNotes::default(); self.tables.len()]);
        let mut source = Source::open(&self.path).ok();
        for (place, table) in self.tables.iter().enumerate() {
            let mut reading = Reading { workbook: self, table, met: Met::default(), last: 0 };
            let each = |raw: RawRow| {
                let number = raw.number;
                let (row, told) = reading.next(raw);
                if !told.is_empty() {
                    found(&mut |notes| {
                        let own = notes.get_mut(place);
                        own.into_iter()
                            .for_each(|own| told.iter().for_each(|n| own.add(*n, number)));
                    });
                }
                let sent = row.is_none_or(|row| sender.send(row).is_ok());
                if sent { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
            };
            let whole = source.as_mut().is_some_and(|s| s.rows(table.tab, each).is_ok());
            if !whole {
                let _ = sender.send(Err(reading.broken()));
            }
        }
    }
}

/// One pass over one table.
struct Reading<'a> {
    workbook: &'a Workbook,
    table: &'a Table,
    met: Met,
    last: u32,
}

impl Reading<'_> {
    fn at(&self, row: u32) -> At {
        At { file: self.workbook.file.clone(), sheet: self.table.name.clone(), row }
    }

    /// No row for titles, headings, blank rows and what stands below a table.
    fn next(&mut self, raw: RawRow) -> (Option<Result<TableRow, RowError>>, Vec<RowNote>) {
        self.last = raw.number;
        let (number, layout) = (raw.number, &self.table.layout);
        let is_above = number <= self.table.heading_row();
        if is_above || raw.is_blank() || layout.only_counts(&raw) {
            return (None, Vec::new());
        }
        let read = match raw.fault.clone() {
            Some(reason) => Err(Fault { column: None, reason }),
            None => layout.read(&raw, &self.workbook.checks.now()),
        };
        // What could be read is a record, unless no record can look like this.
        let other = if read.is_err() { passed_over(layout, &raw) } else { no_record(&raw) };
        if let Some(note) = other {
            return (None, vec![note]);
        }
        let mut told: Vec<RowNote> = raw.hidden.then_some(RowNote::Hidden).into_iter().collect();
        told.extend(layout.lacks_heading(&raw).then_some(RowNote::Unheaded));
        let checked = read.and_then(|(row, mut remarks)| {
            remarks.extend(raw.hidden.then_some(Remark::Hidden));
            Ok((self.met.warnings(&row, number)?, row, remarks))
        });
        let (at, cells) = (self.at(number), Cells(raw.cells));
        let row = match checked {
            Ok((warnings, row, remarks)) => Ok(TableRow { at, row, warnings, remarks, cells }),
            Err(Fault { column, reason }) => Err(RowError { at, column, reason, cells }),
        };
        (Some(row), told)
    }

    fn broken(&self) -> RowError {
        let at = self.at(self.last + 1);
        RowError { at, column: None, reason: Reason::Broken, cells: Cells::default() }
    }
}

/// The rows of a workbook, one at a time.
#[derive(Debug)]
pub struct Rows {
    receiver: Receiver<Result<TableRow, RowError>>,
    reader: Option<thread::JoinHandle<()>>,
    file: String,
}

impl Iterator for Rows {
    type Item = Result<TableRow, RowError>;

    fn next(&mut self) -> Option<Self::Item> {
        if let Ok(row) = self.receiver.recv() {
            return Some(row);
        }
        // A file made to break the reader ends as a row error, not as a panic of the importer.
        if self.reader.take()?.join().is_ok() {
            return None;
        }
        let at = At { file: self.file.clone(), sheet: "-".to_owned(), row: 0 };
        Some(Err(RowError { at, column: None, reason: Reason::Broken, cells: Cells::default() }))
    }
}
