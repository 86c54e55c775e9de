//! The cells of an `.xls` workbook, as programs wrote it until 2007.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::{self, BufReader, ErrorKind, Read, Seek};
use std::ops::ControlFlow;
use std::path::Path;

use calamine::{Data, Reader, SheetType, SheetVisible, Xls, XlsError, open_workbook};

use crate::cell::{CELL_CHARS_MAX, Stored};
use crate::table::{COLUMNS_MAX, RawRow, Tab};
use crate::xlsx::{MergedCells, NumberFormat};

/// The library keeps a workbook in memory, so this bounds it.
const FILE_BYTES_MAX: u64 = 64 << 20;
/// And it keeps a place for every cell between the first and the last of a sheet.
const PLACES_MAX: u64 = 8 << 20;

/// An opened workbook.
pub(crate) struct XlsSource {
    book: Xls<BufReader<File>>,
    tabs: Vec<Tab>,
    /// Rows that a sheet does not show, by the place of the sheet.
    hidden: BTreeSet<(usize, u32)>,
}

/// What went wrong, apart from a password.
pub(crate) enum XlsFault {
    Locked,
    Io(io::Error),
}

impl From<io::Error> for XlsFault {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

impl XlsSource {
    pub(crate) fn open(path: &Path) -> Result<Self, XlsFault> {
        let hidden = measure(path)?;
        let book: Xls<_> = open_workbook(path).map_err(|error| match error {
            XlsError::Password => XlsFault::Locked,
            XlsError::Io(error) => XlsFault::Io(error),
            other => XlsFault::Io(io::Error::new(ErrorKind::InvalidData, other.to_string())),
        })?;
        let tabs = book.sheets_metadata().iter().map(|sheet| Tab {
            name: sheet.name.clone(),
            hidden: sheet.visible != SheetVisible::Visible,
            cells: sheet.typ == SheetType::WorkSheet,
        });
        let tabs = tabs.collect();
        Ok(Self { book, tabs, hidden })
    }

    pub(crate) fn tabs(&self) -> &[Tab] {
        &self.tabs
    }

    /// Every row of a tab that has something in it, until `each` breaks.
    pub(crate) fn rows(
        &mut self,
        tab: usize,
        mut each: impl FnMut(RawRow) -> ControlFlow<()>,
    ) -> io::Result<()> {
        let Some(Tab { name, cells: true, .. }) = self.tabs.get(tab) else { return Ok(()) };
        let broken = |error: XlsError| io::Error::new(ErrorKind::InvalidData, error.to_string());
        let mut merged = MergedCells::default();
        for region in self.book.merge_cells_by_sheet_name(name).map_err(broken)? {
            let (first, last) = (region.start, region.end);
            merged.add((first.0 + 1, first.1), (last.0 + 1, last.1));
        }
        let since_1904 = self.book.has_1904_epoch();
        let range = self.book.worksheet_range(name).map_err(broken)?;
        let (first_row, first_column) = range.start().unwrap_or_default();
        for (number, cells) in (first_row + 1..).zip(range.rows()) {
            let hidden = self.hidden.contains(&(tab, number));
            let mut row = RawRow::new(number, hidden);
            for (column, cell) in (first_column..COLUMNS_MAX).zip(cells) {
                let (text, stored) = shown(cell, since_1904);
                if !(text.is_empty() && stored.is_none()) {
                    row.put(column as usize, text, stored);
                }
            }
            if row.is_blank() {
                continue;
            }
            merged.fill(&mut row);
            if each(row).is_break() {
                break;
            }
        }
        Ok(())
    }
}

fn shown(cell: &Data, since_1904: bool) -> (String, Option<Stored>) {
    let number = |value, format: NumberFormat| format.show(value, since_1904);
    match cell {
        Data::Empty => (String::new(), None),
        Data::String(text) => (text.chars().take(CELL_CHARS_MAX + 1).collect(), None),
        Data::Int(whole) => (whole.to_string(), None),
        Data::Float(value) => number(*value, NumberFormat::General),
        Data::Bool(yes) => (if *yes { "是" } else { "否" }.to_owned(), None),
        Data::Error(error) => (error.to_string(), Some(Stored::Error)),
        Data::DateTime(moment) => number(moment.as_f64(), NumberFormat::Moment),
        Data::DateTimeIso(text) | Data::DurationIso(text) => (text.clone(), Some(Stored::Moment)),
    }
}

/// Goes through the records of a workbook without keeping them. Says what is wrong with one that
/// is too large, and which rows its sheets hide.
fn measure(path: &Path) -> io::Result<BTreeSet<(usize, u32)>> {
    let file = File::open(path)?;
    if file.metadata()?.len() > FILE_BYTES_MAX {
        return Err(too_large());
    }
    let mut compound = cfb::CompoundFile::open(file)?;
    let name = if compound.exists("/Workbook") { "/Workbook" } else { "/Book" };
    let mut stream = BufReader::new(compound.open_stream(name)?);
    let (mut sheets, mut hidden) = (Vec::new(), BTreeSet::new());
    let (mut current, mut places) = (None, 0);
    let mut extent = Extent::default();
    loop {
        let position = stream.stream_position()?;
        let mut head = [0; 4];
        if stream.read_exact(&mut head).is_err() {
            break;
        }
        let [kind, length] = [[head[0], head[1]], [head[2], head[3]]].map(u16::from_le_bytes);
        let mut record = vec![0; usize::from(length)];
        if stream.read_exact(&mut record).is_err() {
            break;
        }
        let word =
            |at: usize| record.get(at..at + 2).map_or(0, |b| u16::from_le_bytes([b[0], b[1]]));
        match kind {
            BOUND_SHEET => sheets.push(u64::from(word(0)) | u64::from(word(2)) << 16),
            BEGIN => {
                current = sheets.iter().position(|start| *start == position);
                places += extent.places();
                extent = Extent::default();
            }
            ROW if word(12) & ROW_HIDDEN != 0 => {
                hidden.extend(current.map(|sheet| (sheet, u32::from(word(0)) + 1)));
            }
            kind if CELLS.contains(&kind) => {
                extent.add(word(0), word(2));
                if kind == SEVERAL {
                    extent.add(word(0), word(record.len().saturating_sub(2)));
                }
            }
            _ => {}
        }
        if places + extent.places() > PLACES_MAX {
            return Err(too_large());
        }
    }
    Ok(hidden)
}

const BEGIN: u16 = 0x0809;
const BOUND_SHEET: u16 = 0x0085;
const ROW: u16 = 0x0208;
const ROW_HIDDEN: u16 = 0x20;
/// Several numbers of one row, of which the last word is the last column.
const SEVERAL: u16 = 0x00bd;
/// Formula, number, label, boolean or error, RK, text: each begins with row and column.
const CELLS: [u16; 8] = [0x0006, 0x0203, 0x0204, 0x0205, 0x00d6, 0x027e, 0x00fd, SEVERAL];

/// The corners of what a sheet holds.
#[derive(Default)]
struct Extent(Option<(u16, u16, u16, u16)>);

impl Extent {
    fn add(&mut self, row: u16, column: u16) {
        let (top, bottom, left, right) = self.0.unwrap_or((row, row, column, column));
        self.0 = Some((top.min(row), bottom.max(row), left.min(column), right.max(column)));
    }

    /// How many places lie between them.
    fn places(&self) -> u64 {
        let between = |(top, bottom, left, right): (u16, u16, u16, u16)| {
            (u64::from(bottom - top) + 1) * (u64::from(right - left) + 1)
        };
        self.0.map_or(0, between)
    }
}

fn too_large() -> io::Error {
    io::Error::new(ErrorKind::InvalidData, "内容过大 (it unpacks to more than is read)")
}
