//! From the raw cells of a tab to a row of a sheet as it is declared.

use schema_documents::characters;
use schema_documents::{Circumstances, Column, Row, Sheet, Words, kinds};

use crate::cell::{self, Stored};
use crate::error::{OpenSheetError, Reason, Remark};
use crate::headings::Headings;

/// How many rows at the top may be titles before the headings.
pub(crate) const HEADING_ROWS_MAX: usize = 10;
/// Cells to the right of this are ignored: no office sheet is that wide.
pub(crate) const COLUMNS_MAX: u32 = 256;
/// Fewer known headings than this and a sheet without a telling name is none of ours.
const HEADINGS_MIN: usize = 3;
/// Heads the column of a workbook of results that says what became of each row.
pub(crate) const STATUS_HEADING: &str = "导入状态";
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

/// Where each column of a sheet stands in a tab.
#[derive(Debug, Clone)]
pub(crate) struct Layout {
    pub(crate) sheet: &'static Sheet,
    pub(crate) headings: RawRow,
    /// For each of the sheet's columns, its positions in the tab.
    places: Vec<Vec<usize>>,
    /// Headings that name no known column.
    pub(crate) unknown: Vec<String>,
    /// Headings that the sheet does not know, with the columns that the unit means by them.
    pub(crate) mapped: Vec<(String, &'static Column)>,
    /// Columns that count the rows.
    counting: Vec<usize>,
}

/// A cell that is wrong.
#[derive(Debug, Clone)]
pub(crate) struct Fault {
    /// None: the row as a whole.
    pub(crate) column: Option<&'static Words>,
    pub(crate) reason: Reason,
}

impl Layout {
    /// Recognises a tab by its name and its first rows. `None`: none of ours.
    pub(crate) fn recognise(
        announced: Option<&'static Sheet>,
        top: &[RawRow],
        headings: &Headings,
    ) -> Option<Self> {
        let sheets: Vec<&'static Sheet> = match announced {
            Some(sheet) => vec![sheet],
            None => kinds::sheets().map(|(_, sheet)| sheet).collect(),
        };
        let fits = sheets.into_iter().flat_map(|sheet| top.iter().map(move |row| (sheet, row)));
        let mut best: Option<(usize, Self)> = None;
        for (sheet, row) in fits {
            let layout = Self::of(sheet, row, headings);
            let score = layout.score();
            if best.as_ref().is_none_or(|(highest, _)| score > *highest) {
                best = Some((score, layout));
            }
        }
        let enough = if announced.is_some() { 1 } else { HEADINGS_MIN };
        best.map(|(_, layout)| layout).filter(|layout| layout.found() >= enough)
    }

    fn of(sheet: &'static Sheet, row: &RawRow, headings: &Headings) -> Self {
        let mut mapped = Vec::new();
        let mut places: Vec<Vec<usize>> = vec![Vec::new(); sheet.columns.len()];
        let (mut unknown, mut counting) = (Vec::new(), Vec::new());
        for (position, heading) in row.cells.iter().enumerate() {
            let named = headings.column(sheet, heading);
            let is_mapped = named.is_some_and(|(_, is_known)| !is_known);
            let named = named.map(|(column, _)| column);
            let own = sheet.columns.iter().zip(&mut places);
            let mut own = own.filter(|(column, _)| named.is_some_and(|named| named.is(column)));
            match own.next() {
                Some((column, at)) if at.is_empty() || cell::is_several(column) => {
                    at.push(position);
                    let own = is_mapped.then(|| (heading.trim().to_owned(), column));
                    mapped.extend(own);
                }
                _ if heading.trim().is_empty() => {}
                _ if numbers_rows(heading) => counting.push(position),
                _ => unknown.push(heading.trim().to_owned()),
            }
        }
        Self { sheet, headings: row.clone(), places, unknown, mapped, counting }
    }

    /// Has a row nothing but the number that somebody gave it beforehand?
    pub(crate) fn only_counts(&self, row: &RawRow) -> bool {
        let is_counting = |place: usize| self.counting.contains(&place);
        let is_number = |cell: &str| cell.bytes().all(|byte| byte.is_ascii_digit());
        let mut cells = row.cells.iter().map(|cell| cell.trim()).enumerate();
        cells.all(|(place, cell)| cell.is_empty() || (is_counting(place) && is_number(cell)))
            && row.stored.iter().all(|(place, _)| is_counting(*place))
    }

    fn found(&self) -> usize {
        self.places.iter().filter(|places| !places.is_empty()).count()
    }

    /// Known headings count for a sheet, missing required ones against it.
    fn score(&self) -> usize {
        let missing = self.missing().count();
        (100 + 3 * self.found()).saturating_sub(20 * missing + self.unknown.len())
    }

    fn missing(&self) -> impl Iterator<Item = &'static str> {
        let columns = self.sheet.columns.iter().zip(&self.places);
        let missing = columns.filter(|(column, at)| column.required && at.is_empty());
        missing.map(|(column, _)| column.field.words.zh)
    }

    /// What keeps the rows from being read.
    pub(crate) fn complete(&self, file: &str, sheet: &str) -> Result<(), OpenSheetError> {
        let (file, sheet, kind) = (file.to_owned(), sheet.to_owned(), &self.sheet.words);
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
        match self.unknown.iter().find_map(|heading| self.sheet.column(heading)) {
            Some(twice) => {
                let column = twice.field.words;
                Err(OpenSheetError::RepeatedColumn { file, sheet, column })
            }
            None => Ok(()),
        }
    }

    /// Has the row something in a column that has no heading?
    pub(crate) fn lacks_heading(&self, row: &RawRow) -> bool {
        let written = row.cells.iter().enumerate().filter(|(_, cell)| !cell.trim().is_empty());
        written.into_iter().any(|(place, _)| self.headings.cell(place).trim().is_empty())
    }

    /// The columns that the tab has, and the texts of a row in them.
    pub(crate) fn known<'a>(
        &'a self,
        row: &'a RawRow,
    ) -> impl Iterator<Item = (&'static Column, usize, &'a str)> {
        let columns = self.sheet.columns.iter().zip(&self.places);
        columns.flat_map(move |(column, at)| at.iter().map(move |at| (column, *at, row.cell(*at))))
    }

    /// What a row says, with what a person should know of it; or the first cell that is wrong.
    pub(crate) fn read(
        &self,
        raw: &RawRow,
        now: &Circumstances<'_>,
    ) -> Result<(Row, Vec<Remark>), Fault> {
        let (mut row, mut remarks) = (Row::new(self.sheet), Vec::new());
        let columns = self.sheet.columns.iter().zip(&self.places);
        for (column, places) in columns.filter(|(_, places)| !places.is_empty()) {
            let fault = |reason| Fault { column: Some(&column.field.words), reason };
            let written = joined(column, raw, places).map_err(fault)?;
            let read = match column.read(&written, now) {
                // Nobody is found by it: the row stands without it, and its people are told.
                Err(schema_documents::Reason::IdentityOld) if !column.filled => {
                    remarks.push(Remark::OldIdentityNumber);
                    String::new()
                }
                Err(reason) => return Err(fault(Reason::Value(reason))),
                Ok(Some(text)) => text,
                Ok(None) => {
                    if !written.trim().is_empty() {
                        remarks.push(Remark::TakenAsNone { column: column.field.words });
                    }
                    String::new()
                }
            };
            if read.contains(|c| matches!(c, '\u{e000}'..='\u{f8ff}')) {
                remarks.push(Remark::PrivateCharacter { column: column.field.words });
            }
            row = row.with(column, read);
        }
        Ok((row, remarks))
    }
}

/// What stands in the cells of a column, each said once.
fn joined(column: &Column, raw: &RawRow, places: &[usize]) -> Result<String, Reason> {
    let mut texts: Vec<String> = Vec::new();
    for place in places {
        let text = cell::clean(column, raw.cell(*place));
        if let Some(reason) = cell::fault(column, &text, raw.stored(*place)) {
            return Err(reason);
        }
        let said = !text.trim().is_empty() && !texts.contains(&text);
        if said && (places.len() == 1 || !column.says_none(&text)) {
            texts.push(text);
        }
    }
    Ok(texts.join(if cell::is_free(column) { "；" } else { "、" }))
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
