//! From the raw cells of a sheet to cells found by column name.

use jiff::civil::{Date, Time};

use crate::cell::{self, CELL_CHARS_MAX};
use crate::checks::{Mode, Rules, read_date, read_phone, read_time};
use crate::error::{OpenSheetError, Reason};
use crate::kind::Kind;

/// How many rows at the top may be titles before the headings.
pub(crate) const HEADING_ROWS_MAX: usize = 10;
/// Fewer known headings than this and a sheet without a telling name is none of ours.
const HEADINGS_MIN: usize = 3;

/// A row as the file has it.
#[derive(Debug, Clone, Default)]
pub(crate) struct RawRow {
    /// As Excel numbers it, from 1.
    pub(crate) number: u32,
    pub(crate) cells: Vec<String>,
}

impl RawRow {
    pub(crate) fn is_blank(&self) -> bool {
        self.cells.iter().all(|cell| cell.trim().is_empty())
    }
}

/// Where each column of a kind stands in a sheet.
#[derive(Debug, Clone)]
pub(crate) struct Layout {
    pub(crate) kind: Kind,
    pub(crate) headings: RawRow,
    /// For each of the kind's columns, the position in the sheet.
    places: Vec<Option<usize>>,
    /// Headings that name no known column.
    pub(crate) unknown: Vec<String>,
}

/// A cell that is wrong.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Fault {
    pub(crate) column: &'static str,
    pub(crate) reason: Reason,
}

impl Layout {
    /// Recognise a sheet by its name and its first rows. `None`: none of ours.
    pub(crate) fn recognise(
        file: &str,
        sheet: &str,
        announced: Option<Kind>,
        top: &[RawRow],
    ) -> Result<Option<Self>, OpenSheetError> {
        let kinds: Vec<Kind> = match announced {
            Some(kind) => vec![kind],
            None => Kind::ALL.to_vec(),
        };
        let fits = kinds.into_iter().flat_map(|kind| top.iter().map(move |row| (kind, row)));
        let mut best: Option<(usize, Self)> = None;
        for (kind, row) in fits {
            let layout = Self::of(kind, row);
            let score = layout.score();
            if best.as_ref().is_none_or(|(highest, _)| score > *highest) {
                best = Some((score, layout));
            }
        }
        let Some((_, layout)) = best else { return Ok(None) };
        let found = layout.places.iter().flatten().count();
        if found < if announced.is_some() { 1 } else { HEADINGS_MIN } {
            return Ok(None);
        }
        layout.complete(file, sheet)?;
        Ok(Some(layout))
    }

    fn of(kind: Kind, row: &RawRow) -> Self {
        let mut places = vec![None; kind.columns().len()];
        let mut unknown = Vec::new();
        for (position, heading) in row.cells.iter().enumerate() {
            match kind.column(heading) {
                Some(column) if places[column].is_none() => places[column] = Some(position),
                _ if heading.trim().is_empty() => {}
                _ => unknown.push(heading.trim().to_owned()),
            }
        }
        Self { kind, headings: row.clone(), places, unknown }
    }

    /// Known headings count for a kind, missing required ones against it.
    fn score(&self) -> usize {
        let missing = self.missing().count();
        let found = self.places.iter().flatten().count();
        (100 + 3 * found).saturating_sub(20 * missing + self.unknown.len())
    }

    fn missing(&self) -> impl Iterator<Item = &'static str> {
        let columns = self.kind.columns().iter().zip(&self.places);
        columns.filter(|(column, place)| column.required && place.is_none()).map(|(c, _)| c.name)
    }

    fn complete(&self, file: &str, sheet: &str) -> Result<(), OpenSheetError> {
        let (file, sheet) = (file.to_owned(), sheet.to_owned());
        if let Some(column) = self.missing().next() {
            let kind = self.kind.title();
            return Err(OpenSheetError::MissingColumn { file, sheet, kind, column });
        }
        let twice = self.unknown.iter().find_map(|heading| self.kind.column(heading));
        if let Some(column) = twice {
            let column = self.kind.columns()[column].name;
            return Err(OpenSheetError::RepeatedColumn { file, sheet, column });
        }
        Ok(())
    }

    /// The cells of a row by column name.
    pub(crate) fn fields<'a>(&'a self, row: &'a RawRow, rules: Rules) -> Fields<'a> {
        Fields { layout: self, row, rules }
    }
}

/// One row, asked by column name.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Fields<'a> {
    layout: &'a Layout,
    row: &'a RawRow,
    pub(crate) rules: Rules,
}

impl Fields<'_> {
    /// The cleaned text of a cell; empty where the column or the cell is missing.
    pub(crate) fn text(&self, column: &'static str) -> Result<String, Fault> {
        let index = self.layout.kind.columns().iter().position(|known| known.name == column);
        let index = index.expect("a record asks only for columns of its own kind");
        let raw = self.layout.places[index].and_then(|place| self.row.cells.get(place));
        let text = raw.map(|raw| cell::clean(raw)).unwrap_or_default();
        let reason = if text.chars().count() > CELL_CHARS_MAX {
            Reason::TooLong
        } else if text.contains('\u{fffd}') {
            Reason::Encoding
        } else if cell::is_error_value(&text) {
            Reason::FormulaError
        } else {
            return Ok(text);
        };
        Err(Fault { column, reason })
    }

    pub(crate) fn optional(&self, column: &'static str) -> Result<Option<String>, Fault> {
        Ok(Some(self.text(column)?).filter(|text| !text.is_empty()))
    }

    pub(crate) fn required(&self, column: &'static str) -> Result<String, Fault> {
        self.optional(column)?.ok_or(Fault { column, reason: Reason::Empty })
    }

    /// Any optional cell, read by `read`.
    pub(crate) fn parse<T>(
        &self,
        column: &'static str,
        read: impl FnOnce(&str) -> Result<T, Reason>,
    ) -> Result<Option<T>, Fault> {
        let text = self.optional(column)?;
        text.map(|text| read(&text).map_err(|reason| Fault { column, reason })).transpose()
    }

    /// A date that is not ahead of today.
    pub(crate) fn past(&self, column: &'static str) -> Result<Option<Date>, Fault> {
        let today = self.rules.today;
        self.parse(column, |text| match read_date(text)? {
            date if date > today => Err(Reason::Future),
            date => Ok(date),
        })
    }

    pub(crate) fn date(&self, column: &'static str) -> Result<Date, Fault> {
        self.required(column)?;
        Ok(self.parse(column, read_date)?.expect("required above"))
    }

    pub(crate) fn time(&self, column: &'static str) -> Result<Option<Time>, Fault> {
        self.parse(column, read_time)
    }

    pub(crate) fn phone(&self, column: &'static str) -> Result<Option<String>, Fault> {
        let mode: Mode = self.rules.mode;
        self.parse(column, |text| read_phone(text, mode))
    }

    pub(crate) fn number(&self, column: &'static str, max: u32) -> Result<Option<u32>, Fault> {
        self.parse(column, |text| match text.parse() {
            Ok(number) if number <= max => Ok(number),
            _ => Err(Reason::Number),
        })
    }
}
