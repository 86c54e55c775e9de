//! The cells of an `.xls` workbook, as programs wrote it until 2007.

mod records;

use std::collections::BTreeSet;
use std::fs::File;
use std::io::{self, BufReader, ErrorKind};
use std::ops::ControlFlow;
use std::path::Path;

use calamine::{Data, Reader, SheetType, SheetVisible, Xls, XlsError, open_workbook};

use crate::cell::{CELL_CHARS_MAX, Stored};
use crate::table::{COLUMNS_MAX, RawRow, Tab};
use crate::xlsx::{MergedCells, NumberFormat};

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
        let hidden = records::measure(path)?;
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
