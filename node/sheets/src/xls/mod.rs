//! The cells of an `.xls` workbook, as programs wrote it until 2007.

mod records;

use std::fs::File;
use std::io::{self, BufReader, ErrorKind};
use std::ops::ControlFlow;
use std::path::Path;

use calamine::{Data, Reader, SheetType, SheetVisible, Xls, XlsError, open_workbook};

use records::Measured;

use crate::cell::{CELL_CHARS_MAX, Stored};
use crate::table::{COLUMNS_MAX, RawRow, Tab};
use crate::xlsx::{MergedCells, NumberFormat};

/// An opened workbook.
pub(crate) struct XlsSource {
    book: Xls<BufReader<File>>,
    tabs: Vec<Tab>,
    measured: Measured,
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
        let measured = records::measure(path)?;
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
        Ok(Self { book, tabs, measured })
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
            let hidden = self.measured.is_hidden(tab, number);
            let mut row = RawRow::new(number, hidden);
            for (column, cell) in (first_column..COLUMNS_MAX).zip(cells) {
                let format = self.measured.format(tab, number - 1, column);
                let (text, stored) = shown(cell, format, since_1904);
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

fn shown(cell: &Data, format: &NumberFormat, since_1904: bool) -> (String, Option<Stored>) {
    match cell {
        Data::Empty => (String::new(), None),
        Data::String(text) => (text.chars().take(CELL_CHARS_MAX + 1).collect(), None),
        // Old workbooks keep whole numbers of 30 bits: none is changed.
        Data::Int(whole) => format.show(*whole as f64, since_1904),
        Data::Float(value) => format.show(*value, since_1904),
        Data::Bool(yes) => (if *yes { "是" } else { "否" }.to_owned(), None),
        Data::Error(error) => (error.to_string(), Some(Stored::Error)),
        Data::DateTime(moment) => {
            let format =
                if *format == NumberFormat::Month { format } else { &NumberFormat::Moment };
            format.show(moment.as_f64(), since_1904)
        }
        Data::DateTimeIso(text) | Data::DurationIso(text) => (text.clone(), Some(Stored::Moment)),
    }
}
