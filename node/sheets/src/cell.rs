//! The text of one cell, and what shows that a program changed it where the text alone would not.

use schema_documents::{Check, Column, Type, characters};

use crate::error::Reason;

/// The most characters a cell may hold; longer text is a mistake or an attack.
pub(crate) const CELL_CHARS_MAX: usize = 2_000;

/// What a cell was stored as, where its text alone would mislead.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stored {
    /// A number that shows no zeros at its end, though they may have been typed.
    Number,
    /// A number too long to be kept exactly: its last digits are gone.
    Rounded,
    /// A day, or a time.
    Moment,
    /// A day so early that somebody typed a year into a cell made for days.
    YearAsDay,
    /// A formula without a value: no program has computed it.
    NotComputed,
    /// An error, whatever it is called.
    Error,
}

/// Is it in somebody's own words? Such text stays as written.
pub(crate) const fn is_free(column: &Column) -> bool {
    matches!(column.field.check, Check::Lines(_))
}

/// May one table have several such columns, each with a value to keep?
pub(crate) const fn is_several(column: &Column) -> bool {
    is_free(column) || matches!(column.field.check, Check::Phone)
}

/// A cell as people wrote it: without the quote that marks text, and without what no text has.
pub(crate) fn clean(column: &Column, text: &str) -> String {
    if is_free(column) {
        return characters::unquoted(text.trim()).to_owned();
    }
    // A line break in a name may stand between two.
    let breaks = matches!(column.field.check, Check::PersonName(_));
    let text = text.trim().chars();
    text.map(|c| if c.is_control() && !(breaks && c == '\n') { ' ' } else { c }).collect()
}

/// What is wrong with a cell by how it was stored.
pub(crate) fn fault(column: &Column, text: &str, stored: Option<Stored>) -> Option<Reason> {
    use schema_documents::Reason::{BecameDay, FormulaError, IdentityRounded, Long};
    let holds = column.field.holds.inner();
    let day = matches!(holds, Type::Day | Type::PartialDay);
    let moment = day || matches!(holds, Type::Time) || is_free(column);
    let value = |reason| Some(Reason::Value(reason));
    match stored {
        _ if text.chars().count() > CELL_CHARS_MAX => value(Long(CELL_CHARS_MAX)),
        Some(Stored::NotComputed) => Some(Reason::NotComputed),
        Some(Stored::Error) => value(FormulaError),
        Some(Stored::Moment | Stored::YearAsDay) if !moment => value(BecameDay),
        Some(Stored::YearAsDay) if day => Some(Reason::YearAsDay),
        Some(Stored::Rounded) if is_free(column) => None,
        Some(Stored::Rounded) if column.field.check == Check::Identity => value(IdentityRounded),
        Some(Stored::Rounded) => value(schema_documents::Reason::Rounded),
        // 1960.10 as a number is 1960.1.
        Some(Stored::Number) if day && is_short_month(text) => Some(Reason::MonthUnclear),
        _ => None,
    }
}

fn is_short_month(text: &str) -> bool {
    let text = characters::unguarded(text.trim());
    text.len() == 6 && text.ends_with(".1")
}
