//! Sheets: the tables that offices keep, each a choice of fields of one kind or several.

use crate::field::Spec;
use crate::words::Words;

/// A sheet.
#[derive(Debug, Clone, Copy)]
pub struct Sheet {
    /// Its name, and that of its file.
    pub name: &'static str,
    /// What it is called.
    pub words: Words,
    /// Words in the name of a sheet or file that announce it.
    pub announced_by: &'static [&'static str],
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
}

impl Column {
    /// A column that a sheet must have.
    pub const fn must(kind: &'static str, field: Spec) -> Self {
        Self { kind, event: "", field, required: true }
    }

    /// A column that a sheet may have.
    pub const fn may(kind: &'static str, field: Spec) -> Self {
        Self { kind, event: "", field, required: false }
    }

    /// What stands there is said by this event.
    #[must_use]
    pub const fn of_event(mut self, event: &'static str) -> Self {
        self.event = event;
        self
    }

    /// Everything that may head it.
    pub fn headings(&self) -> impl Iterator<Item = &'static str> {
        [self.field.words.zh].into_iter().chain(self.field.headings.iter().copied())
    }
}

impl Sheet {
    /// The column that a heading names. What stands in brackets does not count, nor do blanks.
    pub fn column(&self, heading: &str) -> Option<&'static Column> {
        let bare = heading.split(['(', '（', '[', '【']).next().unwrap_or_default();
        let sign = |c: char| c.is_whitespace() || matches!(c, '*' | '＊' | ':' | '：');
        let bare: String = bare.chars().filter(|c| !sign(*c)).collect();
        self.columns.iter().find(|column| column.headings().any(|own| own == bare))
    }
}
