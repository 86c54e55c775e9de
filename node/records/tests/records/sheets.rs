//! Rows, as a table with headings would give them.

use std::collections::BTreeMap;

use node_records::{Decision, Import, Outcome, Verdict};
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
