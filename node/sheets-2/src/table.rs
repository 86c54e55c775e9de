//! From the raw cells of a sheet to cells found by column name.

use std::cell::RefCell;

use jiff::civil::{Date, Time};

use crate::cell::{self, CELL_CHARS_MAX, Stored};
use crate::characters;
use crate::checks::{
    Identity, Mode, Rules, is_old_identity, read_date, read_identity, read_phones, read_time,
};
use crate::error::{OpenSheetError, Reason, Remark};
use crate::kind::{Column, Holds, Kind};

/// How many rows at the top may be titles before the headings.
pub(crate) const HEADING_ROWS_MAX: usize = 10;
/// Cells to the right of this are ignored: no office sheet is that wide.
pub(crate) const COLUMNS_MAX: u32 = 256;
/// Fewer known headings than this and a sheet without a telling name is none of ours.
const HEADINGS_MIN: usize = 3;
/// A heading that is longer may be something else, and is not repeated in a message.
const HEADING_CHARS_MAX: usize = 12;

/// A tab of a workbook.
#[derive(Debug, Clone)]
pub(crate) struct Tab {
    pub(crate) name: String,
    pub(crate) hidden: bool,
    /// Whether it has cells; a chart has none.
    pub(crate) cells: bool,
}

/// A row as the file has it.
#[derive(Debug, Clone, Default)]
pub(crate) struct RawRow {
    /// As Excel numbers it, from 1.
    pub(crate) number: u32,
    pub(crate) cells: Vec<String>,
    /// What cells were stored as where their text alone would mislead, by place.
    stored: Vec<(usize, Stored)>,
    pub(crate) hidden: bool,
    /// Why the row as a whole cannot be read.
    pub(crate) fault: Option<Reason>,
}

impl RawRow {
    pub(crate) fn new(number: u32, hidden: bool) -> Self {
        Self { number, hidden, ..Self::default() }
    }

    pub(crate) fn is_blank(&self) -> bool {
        self.cells.iter().all(|cell| cell.trim().is_empty()) && self.stored.is_empty()
    }

    /// The text at a place; empty where the row has none.
    pub(crate) fn cell(&self, place: usize) -> &str {
        self.cells.get(place).map_or("", String::as_str)
    }

    pub(crate) fn put(&mut self, place: usize, text: String, stored: Option<Stored>) {
        if self.cells.len() <= place {
            self.cells.resize(place + 1, String::new());
        }
        self.cells[place] = text;
        self.stored.extend(stored.map(|stored| (place, stored)));
    }

    fn stored(&self, place: usize) -> Option<Stored> {
        self.stored.iter().find(|(at, _)| *at == place).map(|(_, stored)| *stored)
    }
}

/// Where each column of a kind stands in a sheet.
#[derive(Debug, Clone)]
pub(crate) struct Layout {
    pub(crate) kind: Kind,
    pub(crate) headings: RawRow,
    /// For each of the kind's columns, its positions in the sheet.
    places: Vec<Vec<usize>>,
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
    pub(crate) fn recognise(announced: Option<Kind>, top: &[RawRow]) -> Option<Self> {
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
        let enough = if announced.is_some() { 1 } else { HEADINGS_MIN };
        best.map(|(_, layout)| layout).filter(|layout| layout.found() >= enough)
    }

    fn of(kind: Kind, row: &RawRow) -> Self {
        let mut places = vec![Vec::new(); kind.columns().len()];
        let mut unknown = Vec::new();
        for (position, heading) in row.cells.iter().enumerate() {
            match kind.column(heading) {
                Some(column) if places[column].is_empty() => places[column].push(position),
                Some(column) if kind.columns()[column].holds.several() => {
                    places[column].push(position);
                }
                _ if heading.trim().is_empty() || numbers_rows(heading) => {}
                _ => unknown.push(heading.trim().to_owned()),
            }
        }
        Self { kind, headings: row.clone(), places, unknown }
    }

    fn found(&self) -> usize {
        self.places.iter().filter(|places| !places.is_empty()).count()
    }

    /// Known headings count for a kind, missing required ones against it.
    fn score(&self) -> usize {
        let missing = self.missing().count();
        (100 + 3 * self.found()).saturating_sub(20 * missing + self.unknown.len())
    }

    fn missing(&self) -> impl Iterator<Item = &'static str> {
        let columns = self.kind.columns().iter().zip(&self.places);
        columns.filter(|(column, at)| column.required && at.is_empty()).map(|(c, _)| c.name)
    }

    /// What keeps the rows from being read.
    pub(crate) fn complete(&self, file: &str, sheet: &str) -> Result<(), OpenSheetError> {
        let (file, sheet, kind) = (file.to_owned(), sheet.to_owned(), self.kind.title());
        let missing: Vec<&str> = self.missing().collect();
        if !missing.is_empty() {
            let missing = missing.join("”、“");
            // With fewer known headings the row may be one of persons.
            let found = match self.found() {
                0 | 1 => None,
                _ => Some(tellable(&self.headings.cells)),
            };
            return Err(OpenSheetError::MissingColumns { file, sheet, kind, missing, found });
        }
        let twice = self.unknown.iter().find_map(|heading| self.kind.column(heading));
        if let Some(column) = twice {
            let column = self.kind.columns()[column].name;
            return Err(OpenSheetError::RepeatedColumn { file, sheet, column });
        }
        Ok(())
    }

    /// Whether the row has something in a column that has no heading.
    pub(crate) fn lacks_heading(&self, row: &RawRow) -> bool {
        let written = row.cells.iter().enumerate().filter(|(_, cell)| !cell.trim().is_empty());
        written.into_iter().any(|(place, _)| self.headings.cell(place).trim().is_empty())
    }

    /// The columns that the sheet has, and the texts of a row in them.
    pub(crate) fn known<'a>(
        &'a self,
        row: &'a RawRow,
    ) -> impl Iterator<Item = (&'static Column, usize, &'a str)> {
        let columns = self.kind.columns().iter().zip(&self.places);
        columns.flat_map(move |(column, at)| at.iter().map(move |at| (column, *at, row.cell(*at))))
    }

    /// The cells of a row by column name.
    pub(crate) fn fields<'a>(&'a self, row: &'a RawRow, rules: Rules) -> Fields<'a> {
        Fields { layout: self, row, rules, remarks: RefCell::default() }
    }
}

/// A column that only counts the rows says nothing that could be lost.
fn numbers_rows(heading: &str) -> bool {
    let heading = characters::solid(heading).to_ascii_uppercase();
    matches!(heading.as_str(), "序号" | "序" | "行号" | "NO" | "NO.")
}

/// Headings for a message. What stands in the place of a heading may be a person instead.
pub(crate) fn tellable(headings: &[String]) -> String {
    let digits = |heading: &str| heading.bytes().filter(u8::is_ascii_digit).count();
    let short = |heading: &str| heading.chars().count() <= HEADING_CHARS_MAX;
    let shown = headings.iter().zip(1..).filter(|(heading, _)| !heading.trim().is_empty());
    let shown = shown.map(|(heading, place)| match heading.trim() {
        heading if short(heading) && digits(heading) < 3 => heading.to_owned(),
        _ => format!("#{place}"),
    });
    shown.collect::<Vec<_>>().join("、")
}

/// One row, asked by column name.
#[derive(Debug)]
pub(crate) struct Fields<'a> {
    layout: &'a Layout,
    row: &'a RawRow,
    pub(crate) rules: Rules,
    /// What a person should know of cells that were read.
    remarks: RefCell<Vec<Remark>>,
}

impl Fields<'_> {
    /// The cells of a column in its normal form, those without text left out.
    fn values(&self, column: &'static str) -> Result<Vec<(Holds, String)>, Fault> {
        let columns = self.layout.kind.columns().iter().zip(&self.layout.places);
        let mut own = columns.filter(|(known, _)| known.name == column);
        let (known, places) = own.next().expect("a record asks only for columns of its own kind");
        let mut values = Vec::new();
        for place in places {
            let text = cell::clean(self.row.cell(*place), known.holds);
            if let Some(reason) = fault(&text, known.holds, self.row.stored(*place)) {
                return Err(Fault { column, reason });
            }
            if text.contains(|c| matches!(c, '\u{e000}'..='\u{f8ff}')) {
                self.remark(Remark::PrivateCharacter { column });
            }
            let value = (known.holds, text);
            if !value.1.is_empty() && !values.contains(&value) {
                values.push(value);
            }
        }
        Ok(values)
    }

    pub(crate) fn remark(&self, remark: Remark) {
        self.remarks.borrow_mut().push(remark);
    }

    pub(crate) fn into_remarks(self) -> Vec<Remark> {
        self.remarks.into_inner()
    }

    /// The text of a column; empty where the column or the cell is missing.
    pub(crate) fn text(&self, column: &'static str) -> Result<String, Fault> {
        Ok(joined(self.values(column)?))
    }

    /// The text of a column, unless it says that there is none.
    pub(crate) fn optional(&self, column: &'static str) -> Result<Option<String>, Fault> {
        let mut values = self.values(column)?;
        let before = values.len();
        values.retain(|(holds, text)| *holds == Holds::Notes || !cell::means_none(text, *holds));
        if values.len() < before && values.is_empty() {
            self.remark(Remark::TakenAsNone { column });
        }
        Ok(Some(joined(values)).filter(|text| !text.is_empty()))
    }

    pub(crate) fn required(&self, column: &'static str) -> Result<String, Fault> {
        let text = self.text(column)?;
        if text.is_empty() { Err(Fault { column, reason: Reason::Empty }) } else { Ok(text) }
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

    /// A cell that must be there, read by `read`.
    pub(crate) fn must<T>(
        &self,
        column: &'static str,
        read: impl FnOnce(&str) -> Result<T, Reason>,
    ) -> Result<T, Fault> {
        read(&self.required(column)?).map_err(|reason| Fault { column, reason })
    }

    /// A date that is not ahead of today.
    pub(crate) fn past(&self, column: &'static str) -> Result<Option<Date>, Fault> {
        self.parse(column, |text| not_ahead(text, self.rules.today))
    }

    /// A date that must be there and is not ahead of today.
    pub(crate) fn past_date(&self, column: &'static str) -> Result<Date, Fault> {
        self.must(column, |text| not_ahead(text, self.rules.today))
    }

    pub(crate) fn time(&self, column: &'static str) -> Result<Option<Time>, Fault> {
        self.parse(column, read_time)
    }

    pub(crate) fn phone(&self, column: &'static str) -> Result<Option<String>, Fault> {
        let mode: Mode = self.rules.mode;
        self.parse(column, |text| read_phones(text, mode))
    }

    /// The number of a document. Words for none and numbers of 15 digits give none, and a remark.
    pub(crate) fn identity(&self) -> Result<Option<Identity>, Fault> {
        let read = |text: &str| {
            if is_old_identity(text) {
                self.remark(Remark::OldIdentityNumber);
                return Ok(None);
            }
            read_identity(text, self.rules).map(Some)
        };
        Ok(self.parse("公民身份号码", read)?.flatten())
    }

    pub(crate) fn number(&self, column: &'static str, max: u32) -> Result<Option<u32>, Fault> {
        self.parse(column, |text| count(text, max))
    }
}

fn joined(values: Vec<(Holds, String)>) -> String {
    let between =
        if values.iter().any(|(holds, _)| *holds == Holds::Phone) { "、" } else { "；" };
    let texts: Vec<String> = values.into_iter().map(|(_, text)| text).collect();
    texts.join(between)
}

/// What is wrong with a cell whatever its column wants.
fn fault(text: &str, holds: Holds, stored: Option<Stored>) -> Option<Reason> {
    let day = matches!(stored, Some(Stored::Moment | Stored::YearAsDay));
    let dates = matches!(holds, Holds::Date | Holds::Time | Holds::Notes);
    let dwelling = matches!(holds, Holds::Building | Holds::Entrance | Holds::Room);
    let rounded = stored == Some(Stored::Rounded) || cell::is_rounded(text);
    match holds {
        _ if stored == Some(Stored::NotComputed) => Some(Reason::NotComputed),
        _ if stored == Some(Stored::Error) || cell::is_error_value(text) => {
            Some(Reason::FormulaError)
        }
        _ if text.chars().count() > CELL_CHARS_MAX => Some(Reason::TooLong),
        _ if text.contains('\u{fffd}') => Some(Reason::Encoding),
        _ if day && !dates => Some(Reason::BecameDate),
        _ if dwelling && cell::looks_like_day(text) => Some(Reason::BecameDate),
        Holds::Notes => None,
        Holds::Identity if rounded => Some(Reason::CitizenIdAsNumber),
        _ if rounded => Some(Reason::Rounded),
        Holds::Date if stored == Some(Stored::YearAsDay) => Some(Reason::YearAsDay),
        // A day of the years 1927 to 2173 as spreadsheets count them.
        Holds::Date if text.len() == 5 && text.bytes().all(|b| b.is_ascii_digit()) => {
            Some(Reason::DayAsNumber)
        }
        // 1960.10 as a number is 1960.1.
        Holds::Date
            if stored == Some(Stored::Number) && text.len() == 6 && text.ends_with(".1") =>
        {
            Some(Reason::MonthUnclear)
        }
        _ => None,
    }
}

fn not_ahead(text: &str, today: Date) -> Result<Date, Reason> {
    match read_date(text)? {
        date if date > today => Err(Reason::Future),
        date => Ok(date),
    }
}

/// `6`, `6层` and `6.00` are 6.
pub(crate) fn count(text: &str, max: u32) -> Result<u32, Reason> {
    let bare = text.trim_end_matches(|c: char| !c.is_ascii_digit());
    let unit = text[bare.len()..].chars().count();
    let whole = bare.split_once('.').filter(|(_, rest)| rest.bytes().all(|b| b == b'0'));
    match whole.map_or(bare, |(whole, _)| whole).parse() {
        Ok(number) if number <= max && unit <= 2 => Ok(number),
        _ => Err(Reason::Number),
    }
}
