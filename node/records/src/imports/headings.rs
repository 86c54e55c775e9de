//! What the unit means by headings that no sheet knows.

use schema_documents::Declared;
use schema_documents::kinds::heading::{self, Heading};

use crate::records::{Failure, Records};
use crate::transaction::{Reading, Transaction};

/// A heading that the unit gave a meaning.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeadingMeant {
    /// The sheet.
    pub sheet: String,
    /// The heading, without brackets and blanks.
    pub written: String,
    /// The heading of the column that is meant.
    pub column: String,
}

impl<T: Reading> Records<'_, T> {
    /// What the unit means by headings.
    ///
    /// # Errors
    /// If the store cannot answer.
    pub fn headings(&mut self) -> Result<Vec<HeadingMeant>, Failure> {
        let plains = self.plains(&Heading::KIND)?;
        let meant = plains.values().filter_map(|own| {
            Some(HeadingMeant {
                sheet: own.text(&heading::SHEET)?.to_owned(),
                written: own.text(&heading::WRITTEN)?.to_owned(),
                column: own.text(&heading::COLUMN)?.to_owned(),
            })
        });
        Ok(meant.collect())
    }
}

impl<T: Transaction> Records<'_, T> {
    /// Remembers what the unit means by a heading.
    ///
    /// # Errors
    /// If it does not come in.
    pub fn remember_heading(&mut self, meant: &HeadingMeant) -> Result<(), Failure> {
        let HeadingMeant { sheet, written, column } = meant;
        let given = [
            (heading::SHEET.spec.name, sheet.as_str()),
            (heading::WRITTEN.spec.name, written.as_str()),
            (heading::COLUMN.spec.name, column.as_str()),
        ];
        self.enter(&Heading::KIND, None, &given).map(drop)
    }
}
