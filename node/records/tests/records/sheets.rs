//! Rows, as a table with headings would give them.

use std::collections::BTreeMap;

use node_records::{Decision, Entry, Import, Outcome, Undoing, Verdict};
use schema_documents::{Row, Sheet, kinds};

use crate::net::Node;

pub(crate) fn sheet(name: &str) -> &'static Sheet {
    let all = kinds::ALL.iter().flat_map(|kind| kind.sheets);
    all.into_iter().find(|sheet| sheet.name == name).expect("a sheet")
}

/// Rows of a table of comma separated values.
pub(crate) fn rows(name: &str, table: &str) -> Vec<Row> {
    let sheet = sheet(name);
    let mut lines = table.trim().lines();
    let headings: Vec<&str> = lines.next().expect("headings").split(',').collect();
    let row = |line: &str| {
        let mut row = Row::new(sheet);
        for (heading, text) in headings.iter().zip(line.trim().split(',')) {
            row = row.with(sheet.column(heading).expect(heading), text);
        }
        row
    };
    lines.map(row).collect()
}

impl Node {
    pub(crate) fn import(&mut self, rows: &[Row]) -> Vec<Outcome> {
        let decided = BTreeMap::new();
        self.step(|records| records.import(&mut Import::default(), rows, &decided)).expect("taken")
    }

    /// Imports rows of persons who moved, if they lived elsewhere.
    pub(crate) fn import_moving(&mut self, rows: &[Row]) -> Vec<Outcome> {
        let mut import = Import::moving(true);
        self.step(|records| records.import(&mut import, rows, &BTreeMap::new())).expect("taken")
    }

    /// Imports rows in portions, as a file of this name.
    pub(crate) fn import_file(
        &mut self,
        file: &str,
        rows: &[Row],
        portion: usize,
    ) -> Option<String> {
        let (mut import, mut entry) = (Import::moving(true), Entry::of(file, Vec::new()));
        for rows in rows.chunks(portion) {
            self.records(|mut records| {
                let outcomes = records.import(&mut import, rows, &BTreeMap::new()).expect("taken");
                entry.tally.count(&outcomes);
                records.write_portion(&mut entry).expect("written");
            });
        }
        self.step(|records| records.complete_import(&entry)).expect("completed");
        entry.name().map(str::to_owned)
    }

    pub(crate) fn undo(&mut self, import: &str) -> Undoing {
        self.step(|records| records.undo_import(import)).expect("taken back")
    }

    pub(crate) fn import_deciding(&mut self, rows: &[Row], decision: Decision) -> Vec<Outcome> {
        let decided = (0..rows.len()).map(|number| (number, decision)).collect();
        self.step(|records| records.import(&mut Import::default(), rows, &decided)).expect("taken")
    }

    pub(crate) fn export(&mut self, name: &str) -> Vec<Row> {
        self.step(|records| records.export(sheet(name))).expect("exported")
    }
}

/// New, updated, unchanged, refused, asked.
pub(crate) fn counts(outcomes: &[Outcome]) -> [usize; 5] {
    let mut counts = [0; 5];
    for outcome in outcomes {
        let at = match outcome.verdict {
            Verdict::New => 0,
            Verdict::Updated => 1,
            Verdict::Unchanged => 2,
            Verdict::Refused(_) => 3,
            Verdict::Asks(..) => 4,
        };
        counts[at] += 1;
    }
    counts
}

pub(crate) fn cells(rows: &[Row], heading: &str) -> Vec<String> {
    let cell = |row: &Row| {
        let column = row.sheet().column(heading).expect("a heading");
        let found = row.cells().find(|(own, _)| own.is(column));
        found.map(|(_, text)| text.to_owned()).unwrap_or_default()
    };
    rows.iter().map(cell).collect()
}
