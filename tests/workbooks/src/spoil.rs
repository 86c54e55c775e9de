//! Cells of which nobody can say for certain what was meant: each must be refused by name.

use crate::cell::{Cell, Date, Shown, ShownDay, text};
use crate::chance::Chance;
use crate::truth::{Column, Person, check_character};
use crate::typing::Medium;

/// A cell that must be refused; `None` if the draw has none for this column.
pub(crate) fn spoiled(
    chance: &mut Chance,
    column: Column,
    person: &Person,
    medium: Medium,
) -> Option<Cell> {
    let is_text = column != Column::Note;
    let general = [
        Cell::Error("#N/A"),
        Cell::Error("#REF!"),
        Cell::Error("#SPILL!"),
        text("#VALUE!"),
        text("########"),
        text("\u{fffd}"),
        text("长".repeat(2_001)),
    ];
    match chance.below(12) {
        0 if medium == Medium::Workbook => return Some(Cell::Uncomputed),
        // What Excel itself shows for what is not ready, it does not write.
        1 | 2 => return Some(general[chance.below(general.len())].clone()),
        3 if is_text => return Some(text(chance.one(&["同上", "〃", "″", "同 上", "\"", "''"]))),
        _ => {}
    }
    match column {
        Column::Estate => Some(chance_of(chance, &[Cell::Empty, text("小".repeat(41))])),
        Column::Building | Column::Entrance | Column::Room => door(chance, column, medium),
        Column::Household | Column::Register => Some(chance_of(
            chance,
            &[
                Cell::Number(22_080_200_100_000_123.0, Shown::General),
                Cell::Number(2_208_020_010_000_123_456.0, Shown::Places(0)).in_medium(medium)?,
                text("2.20802E+16"),
                day(ShownDay::Short, 2026).in_workbook(medium)?,
            ],
        )),
        Column::Name => Some(chance_of(
            chance,
            &[
                Cell::Empty,
                text("名".repeat(61)),
                text("张三、李四"),
                text("张三\n李四"),
                text("张三／李四"),
                text("张三，李四"),
            ],
        )),
        Column::Relation => Some(text("很长的关系说明".repeat(4))),
        Column::Sex => Some(text(chance.one(&["男女", "M", "3", "是"]))),
        Column::Birth => birth(chance, medium),
        Column::Number => document(chance, person, medium),
        Column::Phone => phone(chance),
        Column::Politics => Some(text("党".repeat(21))),
        Column::Note => Some(chance_of(chance, &[text("长".repeat(1_001)), text("响铃\u{7}")])),
    }
}

fn chance_of(chance: &mut Chance, cells: &[Cell]) -> Cell {
    cells[chance.below(cells.len())].clone()
}

fn day(shown: ShownDay, year: u16) -> Cell {
    Cell::Day(Date { year, month: 3, day: 2 }, shown)
}

impl Cell {
    fn in_workbook(self, medium: Medium) -> Option<Self> {
        (medium == Medium::Workbook).then_some(self)
    }

    /// A text file has all digits of such a number, zeros at its end among them: nobody can tell.
    fn in_medium(self, medium: Medium) -> Option<Self> {
        Some(match medium {
            Medium::Workbook => self,
            Medium::Text => text("2.20802E+18"),
        })
    }
}

/// A number at a door that became a day, or is none.
fn door(chance: &mut Chance, column: Column, medium: Medium) -> Option<Cell> {
    let mut cells = vec![
        day(ShownDay::HanMonthDay, 2026),
        day(ShownDay::DayMonth, 2026),
        day(ShownDay::Short, 2026),
        day(ShownDay::Iso, 2026),
        day(ShownDay::HanMonth, 2001),
        text("二〇二六年三月二日这样长的一个门牌号码写在这里"),
        Cell::Formula(Box::new(Cell::Error("#NAME?"))),
    ];
    if medium == Medium::Workbook {
        cells.push(Cell::IsoDay(Date { year: 2026, month: 3, day: 2 }));
        cells.push(day(ShownDay::Month, 2026));
    }
    if column != Column::Entrance {
        cells.push(Cell::Empty);
    }
    Some(chance_of(chance, &cells))
}

fn birth(chance: &mut Chance, medium: Medium) -> Option<Cell> {
    let mut cells = vec![
        text("1960-02-30"),
        text("2027-01-01"),
        text("1820-01-01"),
        text("60-5-1"),
        text("农历三月初五"),
        text("1960-13"),
        text("5/1/1960"),
        text("196051"),
        text("25岁"),
        Cell::Number(22_037.0, Shown::General),
        Cell::Number(1960.1, Shown::General),
        Cell::Number(65.0, Shown::General),
    ];
    match medium {
        // A year typed into a cell made for days.
        Medium::Workbook => {
            let year = 1925 + chance.below(100) as u16;
            cells.push(Cell::YearAsDay(year, ShownDay::Short));
        }
        Medium::Text => {
            cells.push(day(ShownDay::DayMonth, 1960));
            cells.push(day(ShownDay::HanMonthDay, 1960));
            cells.push(day(ShownDay::Month, 1960));
        }
    }
    Some(chance_of(chance, &cells))
}

fn document(chance: &mut Chance, person: &Person, medium: Medium) -> Option<Cell> {
    let number = person.said.of(Column::Number);
    let number = if number.len() == 18 { number } else { "22089919800101001X" };
    let first = number.get(..17)?;
    let other = |last: char| if number.ends_with(last) { '5' } else { last };
    let rounded = format!("{}000", &number[..15]);
    let mut cells = vec![
        text(format!("{first}{}", other('7'))),
        text(first),
        text(format!("{number}1")),
        text("2.20899E+17"),
        text("21089919800230001X"),
        text("身份证"),
        Cell::Number(first.parse().ok()?, Shown::General),
    ];
    if check_character(&rounded[..17]) != '0' {
        cells.push(text(rounded.clone()));
        if medium == Medium::Workbook {
            cells.push(Cell::Number(rounded.parse().ok()?, Shown::Places(0)));
        }
    }
    Some(chance_of(chance, &cells))
}

fn phone(chance: &mut Chance) -> Option<Cell> {
    Some(chance_of(
        chance,
        &[
            // A zero before it is gone.
            Cell::Number(4_363_200_000.0, Shown::General),
            text("1001234567"),
            text("100123456789"),
            text("电话见备注"),
            text("1.00123E+10"),
            text("10012345678转"),
        ],
    ))
}
