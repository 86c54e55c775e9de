//! Tables without lines, whose columns are aligned however wide their characters are.

use comfy_table::{CellAlignment, ContentArrangement, presets};

/// Rows under a heading.
pub(super) struct Table {
    inner: comfy_table::Table,
    /// Columns of numbers, which end together.
    right: Vec<usize>,
}

impl Table {
    pub(super) fn new(headings: &[&str]) -> Self {
        let mut inner = comfy_table::Table::new();
        inner.load_preset(presets::NOTHING);
        // A row is a line, so that other programs can read it, however narrow the terminal is.
        inner.set_content_arrangement(ContentArrangement::Disabled);
        inner.set_header(headings);
        Self { inner, right: Vec::new() }
    }

    /// These columns are numbers.
    pub(super) fn numbers(mut self, columns: &[usize]) -> Self {
        self.right = columns.to_vec();
        self
    }

    pub(super) fn row(&mut self, cells: Vec<String>) {
        self.inner.add_row(cells);
    }

    pub(super) fn lines(&self) -> Vec<String> {
        let mut table = self.inner.clone();
        for (index, column) in table.column_iter_mut().enumerate() {
            column.set_padding((0, 2));
            if self.right.contains(&index) {
                column.set_cell_alignment(CellAlignment::Right);
            }
        }
        table.lines().map(|line| line.trim_end().to_owned()).collect()
    }
}

#[cfg(test)]
mod tests {
    use unicode_width::UnicodeWidthStr;

    use super::*;

    #[test]
    fn columns_are_aligned_whatever_their_characters_are() {
        let mut table = Table::new(&["单位", "数"]).numbers(&[1]);
        table.row(vec!["白城市洮北区".into(), "7".into()]);
        table.row(vec!["220800/220802".into(), "12345".into()]);
        let lines = table.lines();
        let widths: Vec<usize> = lines.iter().map(|line| line.width()).collect();
        assert!(widths.windows(2).all(|pair| pair[0] == pair[1]), "{lines:#?}");
        assert!(lines[1].starts_with("白城市洮北区 ") && lines[1].ends_with('7'), "{lines:#?}");
    }
}
