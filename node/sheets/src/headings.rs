//! Headings that a sheet does not know and that somebody gave a meaning.

use schema_documents::{Column, Sheet, kinds};

/// A heading, and the column that is meant by it.
#[derive(Debug, Clone)]
pub struct Meaning {
    /// The sheet; none where any sheet with such a column is meant.
    sheet: Option<&'static Sheet>,
    /// The heading without brackets and blanks.
    written: String,
    /// What heads the column that is meant.
    column: String,
}

impl Meaning {
    /// In the sheet of this name.
    pub fn in_sheet(sheet: &str, written: &str, column: &str) -> Option<Self> {
        let sheet = kinds::sheets().map(|(_, own)| own).find(|own| own.name == sheet)?;
        sheet.column(column)?;
        Some(Self { sheet: Some(sheet), ..Self::anywhere(written, column) })
    }

    /// In every sheet with such a column.
    pub fn anywhere(written: &str, column: &str) -> Self {
        Self { sheet: None, written: Sheet::bare(written), column: column.to_owned() }
    }

    fn column(&self, sheet: &'static Sheet, bare: &str) -> Option<&'static Column> {
        let is_meant = self.sheet.is_none_or(|own| own.name == sheet.name);
        (is_meant && self.written == bare).then(|| sheet.column(&self.column))?
    }
}

/// What headings mean. Of two meanings of one heading the first counts; what a sheet knows by
/// itself, it knows.
#[derive(Debug, Clone, Default)]
pub struct Headings(Vec<Meaning>);

impl Headings {
    /// The column of a sheet that a heading means, and whether the sheet knows it by itself.
    pub(crate) fn column(
        &self,
        sheet: &'static Sheet,
        heading: &str,
    ) -> Option<(&'static Column, bool)> {
        if let Some(column) = sheet.column(heading) {
            return Some((column, true));
        }
        let bare = Sheet::bare(heading);
        self.0.iter().find_map(|own| own.column(sheet, &bare)).map(|column| (column, false))
    }
}

impl FromIterator<Meaning> for Headings {
    fn from_iter<I: IntoIterator<Item = Meaning>>(all: I) -> Self {
        Self(all.into_iter().collect())
    }
}
