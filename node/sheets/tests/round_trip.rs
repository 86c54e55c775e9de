//! Rows that were written are read as the same rows: every sheet, in every format.

use std::fs::Permissions;
use std::os::unix::fs::PermissionsExt as _;

use node_sheets::{Exporter, Format, WriteSheetError, open};
use schema_documents::{Check, Circumstances, Column, Day, Row, Sheet, Type, kinds};

const ROWS: usize = 60;
const FORMATS: [(Format, &str); 3] =
    [(Format::Xlsx, "a.xlsx"), (Format::CsvUtf8, "b.csv"), (Format::CsvGb18030, "c.csv")];
/// What may follow each other in a cell, with a meaning for some reader of it.
const SIGNS: &str = "01 9年月日-/.:+#!=@\"'`\t\n栋号楼第十一二转()（）·•\u{e863}\u{2ee2}\u{feff}\u{200f}Xx*×\u{3000}无，、|;é_x0041_";

fn now() -> Circumstances<'static> {
    let today = Day::new(2026, 11, 28).expect("a day");
    Circumstances { today, invented: true, community: None }
}

/// Numbers that look like chance and are the same for the same seed.
struct Dice(u64);

impl Dice {
    fn below(&mut self, sides: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 33).expect("31 bits") % sides
    }
}

/// What surely reads in a column.
fn good(column: &Column, number: usize) -> String {
    match (column.field.check, column.field.holds.inner()) {
        // One document is one person's.
        (Check::Identity, _) => format!("E{number:08}"),
        (Check::Phone, _) => "10012345678".to_owned(),
        (Check::GridNumber, _) => "220802001001001".to_owned(),
        (Check::Past | Check::Birth, _) | (_, Type::Day | Type::PartialDay) => {
            format!("19{:02}-02-03", number % 90 + 10)
        }
        (_, Type::Time) => format!("{}:05", number % 24),
        (_, Type::Count) => (number % 100).to_string(),
        (_, Type::Flag) => ["是", "否"][number % 2].to_owned(),
        (_, Type::Code(table)) => table[number % table.len()].words.zh.to_owned(),
        _ => format!("甲{number}"),
    }
}

fn random(dice: &mut Dice) -> String {
    let signs: Vec<char> = SIGNS.chars().collect();
    (0..dice.below(12) + 1).map(|_| signs[dice.below(signs.len())]).collect()
}

/// A row as every way in would take it: what is good, what is odd, and what is not there.
fn row(sheet: &'static Sheet, dice: &mut Dice, number: usize) -> Row {
    let cell = |row: Row, column: &Column| {
        let odd = (dice.below(2) == 0 && column.field.check != Check::Identity)
            .then(|| column.read(&random(dice), &now()).ok().flatten());
        let text = match odd.flatten() {
            Some(text) => text,
            None if !column.filled && dice.below(4) == 0 => String::new(),
            None => good(column, number),
        };
        let read = column.read(&text, &now()).expect("a good cell").unwrap_or_default();
        assert_eq!(column.read(&read, &now()), Ok(Some(read.clone()).filter(|r| !r.is_empty())));
        row.with(column, read)
    };
    sheet.columns.iter().fold(Row::new(sheet), cell)
}

#[test]
fn every_sheet_is_read_as_it_was_written() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut odd = 0;
    for ((_, sheet), seed) in kinds::sheets().zip(1..) {
        let mut dice = Dice(seed * 7919);
        let rows: Vec<Row> = (0..ROWS).map(|number| row(sheet, &mut dice, number)).collect();
        let told = |row: &Row| row.cells().map(|(_, text)| text.to_owned()).collect::<Vec<_>>();
        odd += rows.iter().flat_map(told).filter(|text| text.contains(['"', '=', '\n'])).count();
        for (format, name) in FORMATS {
            let path = folder.path().join(name);
            let mut exporter = Exporter::create(&path, sheet, format).expect("creates");
            rows.iter().for_each(|row| exporter.write(row).expect("writes"));
            assert_eq!(exporter.finish().expect("finishes") as usize, ROWS);
            let workbook = open(&path, &now()).expect("opens");
            assert_eq!(workbook.tables()[0].sheet().name, sheet.name, "{format:?}");
            let read = workbook.rows().map(|row| row.map_err(|error| error.said().en));
            let read: Vec<Row> = read.map(|row| row.expect("a good row").row).collect();
            for (written, read) in rows.iter().zip(&read) {
                assert_eq!(told(written), told(read), "{} {format:?}", sheet.name);
            }
            assert_eq!(read, rows, "{} {format:?}", sheet.name);
        }
    }
    assert!(odd > 50, "{odd} odd cells are too few to tell");
}

#[test]
fn nobody_but_the_owner_reads_what_is_written() {
    let folder = tempfile::tempdir().expect("a folder");
    let (_, sheet) = kinds::sheets().next().expect("a sheet");
    for (format, name) in FORMATS {
        let path = folder.path().join(name);
        std::fs::write(&path, "there before").expect("writes");
        std::fs::set_permissions(&path, Permissions::from_mode(0o644)).expect("sets");
        let exporter = Exporter::create(&path, sheet, format).expect("creates");
        exporter.finish().expect("finishes");
        let mode = std::fs::metadata(&path).expect("a file").permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{name}");
    }
}

#[test]
fn other_endings_and_rows_of_other_sheets_are_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut sheets = kinds::sheets().map(|(_, sheet)| sheet);
    let (first, second) = (sheets.next().expect("one"), sheets.next().expect("two"));
    for name in ["a.xls", "a.et", "a", "a.csv"] {
        let path = folder.path().join(name);
        let refused = Exporter::create(&path, first, Format::Xlsx);
        assert!(matches!(refused, Err(WriteSheetError::Ending { .. })), "{name}");
        assert!(!path.exists());
    }
    let path = folder.path().join("a.CSV");
    assert_eq!(Format::of(&path).ok(), Some(Format::CsvUtf8));
    let mut exporter = Exporter::create(&path, first, Format::CsvUtf8).expect("creates");
    let refused = exporter.write(&Row::new(second));
    assert!(matches!(refused, Err(WriteSheetError::OtherSheet { .. })));
}
