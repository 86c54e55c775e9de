//! Sheets: the tables that offices keep, each a choice of fields of one kind or several.

use std::fmt;

use crate::characters::plain;
use crate::check::{Circumstances, rewrite};
use crate::field::{Field, Named, Spec};
use crate::refusal::Reason;
use crate::words::Words;
use crate::written::{means_none, one_form};

/// A sheet.
#[derive(Debug, Clone, Copy)]
pub struct Sheet {
    /// Its name, and that of its file.
    pub name: &'static str,
    /// What it is called.
    pub words: Words,
    /// Words in the name of a sheet or file that announce it.
    pub announced_by: &'static [&'static str],
    /// The fields by which a row finds the record that it means, where the kind's naming does not
    /// say it: the number of a registration. Without them each import would begin all records anew.
    pub found_by: &'static [&'static str],
    /// Its columns, in the order in which they are written.
    pub columns: &'static [Column],
}

/// A column of a sheet.
#[derive(Debug, Clone, Copy)]
pub struct Column {
    /// The kind that the field is of.
    pub kind: &'static str,
    /// The event whose body the field stands in; empty for a field of the record.
    pub event: &'static str,
    /// The field: its Chinese word heads the column.
    pub field: Spec,
    /// Is a sheet without it refused?
    pub required: bool,
    /// Is a row refused that says nothing there?
    pub filled: bool,
}

impl Column {
    /// A column that a sheet must have.
    pub const fn must(kind: &'static str, field: Spec) -> Self {
        Self { kind, event: "", field, required: true, filled: field.required }
    }

    /// A column that a sheet may have.
    pub const fn may(kind: &'static str, field: Spec) -> Self {
        Self { kind, event: "", field, required: false, filled: false }
    }

    /// What stands there is said by this event.
    #[must_use]
    pub const fn of_event(mut self, event: &'static str) -> Self {
        self.event = event;
        self
    }

    /// A row may say nothing there, though records of the kind need it: the row is then none of
    /// the kind.
    #[must_use]
    pub const fn or_empty(mut self) -> Self {
        self.filled = false;
        self
    }

    /// What a cell says, in the one form in which a sheet has it; nothing if it is empty or says
    /// that there is nothing. Several entries of a list stand one after the other, a 、 between.
    ///
    /// # Errors
    /// With the reason why it is nothing that the field may say.
    pub fn read(&self, text: &str, now: &Circumstances<'_>) -> Result<Option<String>, Reason> {
        rewrite(&self.field, self.filled, text, now)
    }

    /// Does a text say that there is nothing to say?
    pub fn says_none(&self, text: &str) -> bool {
        means_none(&self.field, &one_form(&self.field, text))
    }

    /// Is this the column of the same field?
    pub fn is(&self, other: &Self) -> bool {
        let place = |own: &Self| (own.kind, own.event, own.field.name);
        place(self) == place(other)
    }

    /// Everything that may head it.
    pub fn headings(&self) -> impl Iterator<Item = &'static str> {
        [self.field.words.zh].into_iter().chain(self.field.headings.iter().copied())
    }
}

impl Sheet {
    /// A heading without what does not count: brackets with what stands in them, blanks, signs.
    pub fn bare(heading: &str) -> String {
        let heading = plain(heading);
        let bare = heading.split(['(', '[', '【']).next().unwrap_or_default();
        let sign = |c: char| c.is_whitespace() || matches!(c, '*' | ':');
        bare.chars().filter(|c| !sign(*c)).collect()
    }

    /// The column that a heading names.
    pub fn column(&self, heading: &str) -> Option<&'static Column> {
        let bare = Self::bare(heading);
        self.columns.iter().find(|column| column.headings().any(|own| own == bare))
    }
}

/// A row of a sheet: what stands in its cells, as people wrote it. A column that the table did not
/// have says nothing, and so does an empty cell: what is known stays.
#[derive(Clone)]
pub struct Row {
    sheet: &'static Sheet,
    /// For each column of the sheet, in its order.
    cells: Vec<Option<String>>,
}

/// Two rows are equal if their sheets say the same.
impl PartialEq for Row {
    fn eq(&self, other: &Self) -> bool {
        (self.sheet.name, &self.cells) == (other.sheet.name, &other.cells)
    }
}

impl Eq for Row {}

/// Shows no cell: it may name a person.
impl fmt::Debug for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Row({})", self.sheet.name)
    }
}

impl Row {
    /// A row of which nothing is said.
    pub fn new(sheet: &'static Sheet) -> Self {
        Self { sheet, cells: vec![None; sheet.columns.len()] }
    }

    /// Says what stands under a column; of a column that the sheet does not have, nothing.
    #[must_use]
    pub fn with(mut self, column: &Column, text: impl Into<String>) -> Self {
        let at = self.sheet.columns.iter().position(|own| own.is(column));
        if let Some(cell) = at.and_then(|at| self.cells.get_mut(at)) {
            *cell = Some(text.into());
        }
        self
    }

    /// Says what stands under the column of a field; of one that the sheet does not have, nothing.
    #[must_use]
    pub fn say<K: Named, T>(self, field: &Field<K, T>, text: impl Into<String>) -> Self {
        let of = |own: &&Column| own.kind == K::NAME && own.field.name == field.spec.name;
        match self.sheet.columns.iter().find(of) {
            Some(column) => self.with(column, text),
            None => self,
        }
    }

    /// The sheet.
    pub const fn sheet(&self) -> &'static Sheet {
        self.sheet
    }

    /// The cells under the columns that the table had, in the sheet's order.
    pub fn cells(&self) -> impl Iterator<Item = (&'static Column, &str)> {
        let cells = self.sheet.columns.iter().zip(&self.cells);
        cells.filter_map(|(column, cell)| Some((column, cell.as_deref()?)))
    }

    /// What stands under the column of this field; nothing if the table has no such column.
    pub fn says<K: Named, T>(&self, field: &Field<K, T>) -> Option<&str> {
        let of = |column: &Column| column.kind == K::NAME && column.field.name == field.spec.name;
        self.cells().find(|(column, _)| of(column)).map(|(_, text)| text)
    }
}
