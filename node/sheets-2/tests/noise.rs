//! Workbooks as offices make them: types, formats and noise at random over a known truth. No row
//! may be lost, changed or doubled without being told.
//!
//! `NOISE_ROUNDS` says how many workbooks are made, `NOISE_SEED` with which one to begin.

use std::collections::BTreeMap;
use std::path::Path;

use node_sheets::{Exporter, Format, Kind, Mode, Record, RosterRow, open_with};
use rust_xlsxwriter::{ExcelDateTime, Format as Shown, Workbook, Worksheet};

const ROUNDS: u64 = 40;
const HEADINGS: [&str; 10] =
    ["小区", "楼栋", "单元", "房号", "姓名", "与户主关系", "性别", "出生日期", "联系电话", "备注"];

/// Numbers that look like chance and are the same for the same seed.
struct Dice(u64);

impl Dice {
    fn below(&mut self, sides: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 33) as usize % sides
    }

    fn one<T: Clone>(&mut self, of: &[T]) -> T {
        of[self.below(of.len())].clone()
    }
}

/// A cell as somebody left it.
#[derive(Clone)]
enum Cell {
    Text(String),
    Number(f64, &'static str),
    Day(u16, u8, u8, &'static str),
}

/// One row: what it says, or nothing where it must be refused or passed over.
struct Line {
    truth: Option<[String; 10]>,
    /// Whether it must be refused by name; else it may be passed over.
    refused: bool,
    cells: Vec<Cell>,
}

fn full_width(text: &str) -> String {
    let wide = |c: char| match c {
        '!'..='~' => char::from_u32(c as u32 + 0xfee0).unwrap_or(c),
        other => other,
    };
    text.chars().map(wide).collect()
}

fn text(text: impl Into<String>) -> Cell {
    Cell::Text(text.into())
}

/// A person, each cell typed in one of the ways that mean the same.
fn person(dice: &mut Dice, number: usize) -> Line {
    let building = dice.below(30) + 1;
    let room = 101 + dice.below(800);
    let (year, month, day) =
        (1930 + dice.below(80) as u16, dice.below(12) as u8 + 1, dice.below(28) as u8 + 1);
    let (name, typed) = match dice.below(4) {
        0 => (format!("陈\u{4dae}{number}"), format!("陈\u{e863}{number}")),
        1 => (format!("买买提·艾力{number}"), format!("买买提 • 艾力{number}")),
        2 => (
            format!("张三{number}"),
            format!("\u{200f}张\u{3000}三{}", full_width(&number.to_string())),
        ),
        _ => (format!("马民{number}"), format!("\u{2ee2}\u{2ea0}{number}")),
    };
    let phone = format!("100{:08}", dice.below(99_999_999));
    let birth = format!("{year}-{month:02}-{day:02}");
    let kind = dice.below(4);
    let truth_birth = match kind {
        0 => format!("{year}-{month:02}"),
        _ => birth.clone(),
    };
    let cells = vec![
        text(dice.one(&["示例小区", "示例 小区", "\u{feff}示例小区"])),
        match dice.below(4) {
            0 => Cell::Number(building as f64, "0\"号楼\""),
            1 => Cell::Number(building as f64, "0.00"),
            2 => text(format!("{building}栋")),
            _ => text(full_width(&format!("0{building}"))),
        },
        dice.one(&[text("1"), text("一单元"), Cell::Number(1.0, "General"), text("1单元 ")]),
        dice.one(&[
            Cell::Number(room as f64, "General"),
            text(format!("{room}室")),
            text(full_width(&room.to_string())),
        ]),
        text(dice.one(&[name.clone(), typed])),
        text("户主"),
        text(dice.one(&["男", "1", "男性", "男 "])),
        match kind {
            0 => Cell::Number(f64::from(year) + f64::from(month) / 100.0, "0.00"),
            1 => Cell::Day(
                year,
                month,
                day,
                dice.one(&["yyyy-mm-dd", "m/d/yy", "yyyy\"年\"m\"月\"d\"日\""]),
            ),
            2 => text(format!("{year}年{month}月{day}日")),
            _ => text(format!("{year}.{month}.{day}")),
        },
        dice.one(&[
            text(phone.clone()),
            text(format!("`{phone}")),
            text(format!("=\"{phone}\"")),
            Cell::Number(phone.parse().expect("digits"), "0"),
        ]),
        text(dice.one(&["", "独居", "两行\n备注，有“引号”和\"引号\""])),
    ];
    let Cell::Text(note) = cells[9].clone() else { panic!("a text") };
    let truth = [
        "示例小区".into(),
        building.to_string(),
        "1".into(),
        room.to_string(),
        name,
        "户主".into(),
        "男".into(),
        truth_birth,
        phone,
        note,
    ];
    Line { truth: Some(truth), refused: false, cells }
}

/// A row with a cell that cannot be read for certain.
fn damaged(dice: &mut Dice, number: usize) -> Line {
    let mut line = person(dice, number);
    let (column, cell) = dice.one(&[
        (3, Cell::Day(2026, 3, 1, "m\"月\"d\"日\"")),
        (3, text("#SPILL!")),
        (4, text("")),
        (7, Cell::Number(1960.1, "General")),
        (7, Cell::Number(22_037.0, "General")),
        (7, text("1960-02-30")),
        (8, Cell::Number(1.001_234_567_8e17, "General")),
    ]);
    line.cells[column] = cell;
    Line { truth: None, refused: true, ..line }
}

/// A row that is no person.
fn noise(dice: &mut Dice) -> Line {
    let first = |word: &str| {
        let mut cells = vec![text(""); 10];
        cells[0] = text(word);
        cells
    };
    let cells = match dice.below(4) {
        0 => first("合　计"),
        1 => first("填表人：某某  日期：2026.3.1"),
        2 => HEADINGS.map(text).to_vec(),
        _ => vec![text(""); 10],
    };
    Line { truth: None, refused: false, cells }
}

fn write_workbook(path: &Path, lines: &[Line], dice: &mut Dice) {
    let mut workbook = Workbook::new();
    let sheet = workbook.add_worksheet().set_name("居民名册").expect("a name");
    let top = dice.below(4) as u32;
    for row in 0..top {
        sheet.write(row, 0, "某社区居民名册").expect("writes");
    }
    for (column, heading) in (0..).zip(HEADINGS) {
        sheet.write(top, column, heading).expect("writes");
    }
    for (row, line) in (top + 1..).zip(lines) {
        for (column, cell) in (0..).zip(&line.cells) {
            write_cell(sheet, row, column, cell);
        }
        if dice.below(9) == 0 {
            sheet.set_row_hidden(row).expect("hides");
        }
    }
    workbook.save(path).expect("saves");
}

fn write_cell(sheet: &mut Worksheet, row: u32, column: u16, cell: &Cell) {
    let format = |code: &str| Shown::new().set_num_format(code);
    let written = match cell {
        Cell::Text(text) => sheet.write_string(row, column, text.as_str()),
        Cell::Number(number, code) => sheet.write_with_format(row, column, *number, &format(code)),
        Cell::Day(year, month, day, code) => {
            let day = ExcelDateTime::from_ymd(*year, *month, *day).expect("a day");
            sheet.write_with_format(row, column, &day, &format(code))
        }
    };
    written.expect("writes");
}

/// The same as text, as a spreadsheet saves it: every cell as it is shown.
fn write_text(path: &Path, lines: &[Line], dice: &mut Dice) {
    let shown = |cell: &Cell| match cell {
        Cell::Text(text) => text.clone(),
        Cell::Number(number, "0.00") => format!("{number:.2}"),
        Cell::Number(number, _) if *number > 1e15 => "1.00123E+17".to_owned(),
        Cell::Number(number, "0\"号楼\"") => format!("{number}号楼"),
        Cell::Number(number, _) => number.to_string(),
        Cell::Day(_, month, day, code) if code.starts_with("m\"") => format!("{month}月{day}日"),
        Cell::Day(year, month, day, _) => format!("{year}/{month}/{day}"),
    };
    let quoted = |cell: String| format!("\"{}\"", cell.replace('"', "\"\""));
    let end = dice.one(&["\n", "\r\n", "\r"]);
    let mut text = HEADINGS.join(",") + end;
    for line in lines {
        let cells: Vec<String> = line.cells.iter().map(|cell| quoted(shown(cell))).collect();
        text += &(cells.join(",") + end);
    }
    let bytes = match dice.below(3) {
        0 => text.into_bytes(),
        1 => encoding_rs::GB18030.encode(&text).0.into_owned(),
        _ => text.encode_utf16().flat_map(u16::to_le_bytes).collect(),
    };
    std::fs::write(path, bytes).expect("writes");
}

fn told(row: &RosterRow) -> [String; 10] {
    let birth = row.birth.as_ref().map(|birth| birth.as_str().to_owned());
    [
        row.estate.clone(),
        row.building.clone(),
        row.entrance.clone(),
        row.room.clone(),
        row.name.clone(),
        row.relation.clone(),
        row.sex.word().to_owned(),
        birth.unwrap_or_default(),
        row.phone.clone().unwrap_or_default(),
        row.note.clone().unwrap_or_default().replace("\r\n", "\n"),
    ]
}

fn check(path: &Path, lines: &[Line], seed: u64) {
    let mut expected: BTreeMap<&[String; 10], u32> = BTreeMap::new();
    for truth in lines.iter().filter_map(|line| line.truth.as_ref()) {
        *expected.entry(truth).or_default() += 1;
    }
    let (mut refused, to_refuse) = (0, lines.iter().filter(|line| line.refused).count());
    for row in open_with(path, Mode::Synthetic).expect("opens").rows() {
        match row {
            Err(_) => refused += 1,
            Ok(row) => {
                let Record::Roster(person) = &row.record else { panic!("a roster") };
                let person = told(person);
                let count = expected.get_mut(&person);
                let count = count.unwrap_or_else(|| panic!("seed {seed}: {person:?} is nobody"));
                assert!(*count > 0, "seed {seed}: {person:?} twice");
                *count -= 1;
            }
        }
    }
    expected.retain(|_, count| *count > 0);
    assert!(expected.is_empty(), "seed {seed}: lost {:?}", expected.keys().next());
    assert_eq!(refused, to_refuse, "seed {seed}: rows refused");
}

fn seeds() -> std::ops::Range<u64> {
    let number = |name: &str| std::env::var(name).ok().and_then(|value| value.parse().ok());
    let first = number("NOISE_SEED").unwrap_or(1);
    first..first + number("NOISE_ROUNDS").unwrap_or(ROUNDS)
}

/// Characters that mean something to some reader of a cell.
fn signs() -> Vec<char> {
    "0019年月日-/.:E+#!=\"'`栋号楼第十一二转()（）·•\u{e863}\u{2ee2}\u{feff}\u{200f}\u{fffd}\u{1f600}Xx*× \u{3000}无，、|\u{0}\u{7}é"
            .chars()
            .collect()
}

fn random(dice: &mut Dice, signs: &[char], most: usize) -> String {
    (0..dice.below(most)).map(|_| dice.one(signs)).collect()
}

#[test]
fn no_text_breaks_the_reader() {
    let signs = signs();
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("居民名册.csv");
    for seed in 1..=20 {
        let mut dice = Dice(seed);
        let mut text = HEADINGS.join(",") + "\n";
        for _ in 0..200 {
            let cells: Vec<String> = (0..10).map(|_| random(&mut dice, &signs, 12)).collect();
            text += &(cells.join(",") + "\n");
        }
        std::fs::write(&path, text).expect("writes");
        let workbook = open_with(&path, Mode::Synthetic).expect("opens");
        let broken = |error: &node_sheets::RowError| error.reason == node_sheets::Reason::Broken;
        assert!(!workbook.rows().any(|row| row.as_ref().err().is_some_and(broken)), "seed {seed}");
    }
}

#[test]
fn what_was_read_is_the_same_when_it_is_written_and_read_again() {
    let signs = signs();
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("居民名册.csv");
    let read = |path: &Path| -> Vec<Record> {
        let workbook = open_with(path, Mode::Synthetic).expect("opens");
        workbook.rows().filter_map(|row| row.ok().map(|row| row.record)).collect()
    };
    let mut good = 0;
    for seed in seeds() {
        let mut dice = Dice(seed);
        let quoted = |cell: String| format!("\"{}\"", cell.replace('"', "\"\""));
        let mut text = HEADINGS.join(",") + ",户号\n";
        for _ in 0..100 {
            let mut cell = |most| random(&mut dice, &signs, most);
            let mut cells: Vec<String> = (0..6).map(|_| cell(6)).collect();
            let phone = format!("{}10012345678{}", cell(2), cell(2));
            cells.extend(["男".into(), "1960".into(), phone, cell(20), cell(6)]);
            text += &(cells.into_iter().map(quoted).collect::<Vec<_>>().join(",") + "\n");
        }
        std::fs::write(&path, text).expect("writes");
        let first = read(&path);
        good += first.len();
        for format in [Format::Xlsx, Format::CsvUtf8, Format::CsvGb18030] {
            let again = folder.path().join("居民名册2").with_extension(format.extension());
            let mut exporter = Exporter::create(&again, Kind::Roster, format).expect("creates");
            first.iter().for_each(|record| exporter.write(record).expect("writes"));
            exporter.finish().expect("finishes");
            for (before, after) in first.iter().zip(read(&again)) {
                assert_eq!(before.cells(), after.cells(), "seed {seed} {format:?}");
            }
            assert_eq!(first.len(), read(&again).len(), "seed {seed} {format:?}");
        }
    }
    assert!(good > 300, "{good} rows are too few to tell");
}

#[test]
fn no_row_is_lost_changed_or_doubled_without_being_told() {
    let folder = tempfile::tempdir().expect("a folder");
    for seed in seeds() {
        let mut dice = Dice(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1);
        let lines: Vec<Line> = (0..60)
            .map(|number| match dice.below(8) {
                0 => damaged(&mut dice, number),
                1 => noise(&mut dice),
                _ => person(&mut dice, number),
            })
            .collect();
        for name in ["居民名册.xlsx", "居民名册.csv"] {
            let path = folder.path().join(name);
            match name.ends_with("xlsx") {
                true => write_workbook(&path, &lines, &mut dice),
                false => write_text(&path, &lines, &mut dice),
            }
            check(&path, &lines, seed);
        }
    }
}
