//! The many ways in which clerks and their programs write one value. Each means the value and
//! nothing else; what does not is in [`crate::spoil`].

use crate::cell::{Cell, Shown, ShownDay, text};
use crate::chance::Chance;
use crate::truth::{Birth, Column, Person};

/// What a table is kept in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Medium {
    Workbook,
    /// Comma separated, as a program saves a workbook: every cell as it is shown.
    Text,
}

/// A cell, and whether whoever imports must be told of how it was taken.
pub(crate) struct Typed {
    pub(crate) cell: Cell,
    pub(crate) is_told: bool,
}

/// Writes what is true of a person into a cell.
pub(crate) fn typed(chance: &mut Chance, column: Column, person: &Person, medium: Medium) -> Typed {
    let said = person.said.of(column);
    if said.is_empty() {
        return nothing(chance, column);
    }
    let cell = match column {
        Column::Estate | Column::Relation | Column::Politics => dressed(chance, said),
        Column::Name => name(chance, said),
        Column::Building => {
            numbered(chance, said, &["号楼", "栋", "幢", "号", "#", "#楼", "座", "楼"], true)
        }
        Column::Entrance => numbered(chance, said, &["单元", "门", "号单元"], true),
        Column::Room => numbered(chance, said, &["室", "号", "房"], false),
        Column::Household | Column::Register => given_number(chance, said),
        Column::Sex => sex(chance, said),
        Column::Birth => birth(chance, person.birth, medium),
        Column::Number => document(chance, said),
        Column::Phone => phone(chance, said),
        Column::Note => note(chance, said),
    };
    let cell = match cell {
        Cell::Text(_) | Cell::Number(..) if chance.once_in(25) => Cell::Formula(Box::new(cell)),
        cell => cell,
    };
    Typed { cell, is_told: false }
}

/// An empty cell, or a word that says so.
fn nothing(chance: &mut Chance, column: Column) -> Typed {
    let words: &[&str] = match column {
        Column::Entrance | Column::Relation | Column::Politics => &["无", "/", "-", "——", "暂无"],
        Column::Household | Column::Register => &["无", "暂无", "/", "空", "无户号"],
        Column::Number => &["无", "不详", "办理中", "0", "/", "无身份证", "N/A", "（无）", "　无 "],
        Column::Phone => &["无", "0", "未知", "－", "没有", "无电话"],
        Column::Birth => &["不详", "-", "未知", "待核实"],
        Column::Note => &["无", "/", "—"],
        // A sex that is not known is a value.
        _ => &[],
    };
    match chance.below(30) {
        // A formula that found nothing.
        0 if !words.is_empty() => {
            return Typed { cell: Cell::Number(0.0, Shown::NoZero), is_told: false };
        }
        1 if !words.is_empty() => {
            return Typed { cell: Cell::Number(0.0, Shown::Needed), is_told: false };
        }
        2 => return Typed { cell: Cell::Formula(Box::new(text(""))), is_told: false },
        _ => {}
    }
    if words.is_empty() || !chance.once_in(5) {
        return Typed { cell: Cell::Empty, is_told: false };
    }
    Typed { cell: text(chance.one(words)), is_told: true }
}

/// Characters that nobody sees, and blanks around.
fn around(chance: &mut Chance, said: &str) -> String {
    match chance.below(9) {
        0 => format!(" {said}　"),
        1 => format!("\u{feff}{said}"),
        2 => format!("{said}\u{200b}"),
        3 => format!("\u{202d}{said}\u{202c}"),
        4 => format!("{said}\u{a0}"),
        5 => format!("{said}\t"),
        _ => said.to_owned(),
    }
}

pub(crate) fn full_width(said: &str) -> String {
    let wide = |c: char| match c {
        '!'..='~' => char::from_u32(u32::from(c) + 0xfee0).unwrap_or(c),
        ' ' => '\u{3000}',
        other => other,
    };
    said.chars().map(wide).collect()
}

/// Radicals in the place of characters, as a copied PDF has them.
fn radicals(said: &str) -> String {
    const PAIRS: [(char, char); 24] = [
        ('人', '\u{2f08}'),
        ('力', '\u{2f12}'),
        ('土', '\u{2f1f}'),
        ('大', '\u{2f24}'),
        ('女', '\u{2f25}'),
        ('子', '\u{2f26}'),
        ('小', '\u{2f29}'),
        ('山', '\u{2f2d}'),
        ('工', '\u{2f2f}'),
        ('心', '\u{2f3c}'),
        ('户', '\u{2f3e}'),
        ('文', '\u{2f42}'),
        ('方', '\u{2f45}'),
        ('月', '\u{2f49}'),
        ('木', '\u{2f4a}'),
        ('水', '\u{2f54}'),
        ('火', '\u{2f55}'),
        ('田', '\u{2f65}'),
        ('白', '\u{2f69}'),
        ('石', '\u{2f6f}'),
        ('立', '\u{2f74}'),
        ('行', '\u{2f8f}'),
        ('金', '\u{2fa6}'),
        ('马', '\u{2ee2}'),
    ];
    let radical = |c: char| PAIRS.iter().find(|(own, _)| *own == c).map_or(c, |(_, other)| *other);
    said.chars().map(radical).collect()
}

fn is_han(c: char) -> bool {
    u32::from(c) >= 0x3400
}

/// Blanks between Chinese characters, which only set them apart.
fn spaced(said: &str, blank: &str) -> String {
    let characters: Vec<char> = said.chars().collect();
    let mut spaced = String::new();
    for (at, c) in characters.iter().enumerate() {
        if at > 0 && is_han(*c) && is_han(characters[at - 1]) {
            spaced.push_str(blank);
        }
        spaced.push(*c);
    }
    spaced
}

fn dressed(chance: &mut Chance, said: &str) -> Cell {
    let said = match chance.below(8) {
        0 => full_width(said),
        1 => radicals(said),
        2 => spaced(said, "　"),
        _ => said.to_owned(),
    };
    text(around(chance, &said))
}

fn name(chance: &mut Chance, said: &str) -> Cell {
    let said = match chance.below(12) {
        0 => spaced(said, "　"),
        1 => spaced(said, " "),
        2 => spaced(said, "\u{2003}"),
        3 => radicals(said),
        4 => full_width(said),
        5 => said.replace('䶮', "\u{e863}"),
        6 => {
            let dot = chance.one(&["•", "・", "‧", " · ", "．", "･", "●"]);
            said.replace('·', dot)
        }
        7 => said.replace('é', "e\u{301}").replace('ñ', "n\u{303}").replace('ú', "u\u{301}"),
        8 => said.replace(' ', "  "),
        _ => said.to_owned(),
    };
    text(around(chance, &said))
}

fn in_chinese(number: u32) -> Option<String> {
    let digit = |n: u32| "零一二三四五六七八九".chars().nth(n as usize).expect("a digit");
    match (number / 10, number % 10) {
        (_, _) if number == 0 || number > 99 => None,
        (0, one) => Some(digit(one).to_string()),
        (1, 0) => Some("十".into()),
        (1, one) => Some(format!("十{}", digit(one))),
        (ten, 0) => Some(format!("{}十", digit(ten))),
        (ten, one) => Some(format!("{}十{}", digit(ten), digit(one))),
    }
}

/// A number at a door. Of those that count, zeros before the number are no part of it.
fn numbered(chance: &mut Chance, said: &str, units: &[&'static str], counts: bool) -> Cell {
    let number = said.parse::<u32>().ok();
    let Some(number) = number else {
        let is_code = said.chars().all(|c| c.is_ascii_alphanumeric() || c == '-');
        let said = match chance.below(6) {
            0 if is_code => said.to_ascii_lowercase(),
            1 if is_code => full_width(said),
            2 if is_code => format!("{said}{}", chance.one(units)),
            _ => said.to_owned(),
        };
        return text(around(chance, &said));
    };
    let unit = chance.one(units);
    let leads = said.starts_with('0');
    match chance.below(14) {
        0 | 1 if !leads => Cell::Number(f64::from(number), Shown::General),
        2 if !leads => Cell::Number(f64::from(number), Shown::Unit(unit)),
        3 if !leads => Cell::Number(f64::from(number), Shown::GeneralUnit(unit)),
        4 if !leads && counts => Cell::Number(f64::from(number), Shown::Places(2)),
        5 if leads => Cell::Number(f64::from(number), Shown::Zeros(said.len())),
        5 if counts => Cell::Number(f64::from(number), Shown::Zeros(3)),
        6 if counts => text(format!("0{said}")),
        7 => match in_chinese(number).filter(|_| counts) {
            Some(number) => text(format!("{number}{unit}")),
            None => text(format!("{said}{unit}")),
        },
        8 => Cell::TextUnit(said.to_owned(), unit),
        9 if counts => text(format!("第{said}{unit}")),
        10 => text(full_width(said)),
        11 => text(format!("{said} {unit}")),
        12 => text(format!("{said}{unit}")),
        13 if counts => text(format!("{said}.0")),
        _ => text(around(chance, said)),
    }
}

fn given_number(chance: &mut Chance, said: &str) -> Cell {
    let digits = said.bytes().all(|b| b.is_ascii_digit());
    let number = said.parse::<f64>().ok().filter(|_| digits && said.len() <= 11);
    match (chance.below(8), number) {
        (0 | 1, Some(number)) if !said.starts_with('0') => Cell::Number(number, Shown::General),
        (0 | 1, Some(number)) => Cell::Number(number, Shown::Zeros(said.len())),
        (2, Some(number)) if !said.starts_with('0') => Cell::Number(number, Shown::Places(0)),
        (3, _) => text(full_width(said)),
        (4, _) if digits => text(format!("={}{said}{}", '"', '"')),
        (5, _) if digits => text(format!("`{said}")),
        (6, _) if digits => text(format!("'{said}")),
        _ => text(around(chance, said)),
    }
}

fn sex(chance: &mut Chance, said: &str) -> Cell {
    match (said, chance.below(8)) {
        ("男", 0) => text("男性"),
        ("女", 0) => text("女性"),
        ("男", 1) => Cell::Number(1.0, Shown::General),
        ("女", 1) => text("2"),
        ("男", 2) => text("１"),
        ("未知", 0 | 1) => text(chance.one(&["不详", "不明", "无", "0"])),
        _ => text(around(chance, said)),
    }
}

fn birth(chance: &mut Chance, birth: Birth, medium: Medium) -> Cell {
    match birth {
        Birth::Unknown => Cell::Empty,
        Birth::Year(year) => match chance.below(4) {
            0 => Cell::Number(f64::from(year), Shown::General),
            1 => text(format!("{year}年")),
            2 => Cell::Number(f64::from(year), Shown::Places(2)),
            _ => text(around(chance, &year.to_string())),
        },
        Birth::Month(year, month) => {
            let first = crate::cell::Date { year, month, day: 1 };
            let number = f64::from(year) + f64::from(month) / 100.0;
            match chance.below(9) {
                0 => text(format!("{year}年{month}月")),
                1 => text(format!("{year}-{month:02}")),
                2 => text(format!("{year}/{month}")),
                3 => Cell::Number(number, Shown::Places(2)),
                // A typed month becomes its first day, of which the cell shows no day.
                4 => Cell::Day(first, ShownDay::HanMonth),
                5 => Cell::Day(first, ShownDay::IsoMonth),
                6 => Cell::Day(first, ShownDay::BuiltInMonth),
                7 if medium == Medium::Workbook => Cell::Day(first, ShownDay::Month),
                8 if month != 1 && month != 10 => Cell::Number(number, Shown::General),
                _ => text(full_width(&format!("{year}.{month:02}"))),
            }
        }
        Birth::Day(day) => {
            let crate::cell::Date { year, month, day: d } = day;
            match chance.below(14) {
                0 => Cell::Day(day, ShownDay::Iso),
                1 => Cell::Day(day, ShownDay::Short),
                2 => Cell::Day(day, ShownDay::Han),
                3 => Cell::Day(day, ShownDay::HanCode),
                4 => Cell::Day(day, ShownDay::Tagged),
                // The day is in the cell, though it is not shown.
                5 if medium == Medium::Workbook && d != 1 => Cell::Day(day, ShownDay::HanMonth),
                6 if medium == Medium::Workbook => Cell::Day(day, ShownDay::HanMonthDay),
                7 if medium == Medium::Workbook => Cell::IsoDay(day),
                8 => text(format!("{year}.{month}.{d}")),
                9 => text(format!("{year}/{month:02}/{d:02}")),
                10 => text(format!("{year}年{month:02}月{d:02}日生")),
                11 => {
                    let number = f64::from(year) * 1e4 + f64::from(month) * 1e2 + f64::from(d);
                    Cell::Number(number, Shown::General)
                }
                12 => text(full_width(&format!("{year}-{month}-{d}"))),
                13 => text(format!("{year}-{month}-{d} 0:00:00")),
                _ => text(around(chance, &day.iso())),
            }
        }
    }
}

fn document(chance: &mut Chance, said: &str) -> Cell {
    let guarded = said.bytes().all(|b| b.is_ascii_digit());
    let said = match chance.below(10) {
        0 => format!("`{said}"),
        1 => format!("=\"{said}\""),
        2 => full_width(said),
        3 => said.to_ascii_lowercase(),
        4 if said.len() == 18 => format!("{} {} {}", &said[..6], &said[6..14], &said[14..]),
        5 => said.replace('X', if said.len() == 18 { "×" } else { "X" }),
        6 if guarded => format!("'{said}"),
        7 => format!("‘{said}"),
        _ => around(chance, said),
    };
    // Signs that keep digits stand before digits alone.
    let said = match said.strip_prefix(['`', '‘']) {
        Some(rest) if !rest.starts_with(|c: char| c.is_ascii_digit()) => rest.to_owned(),
        _ => said,
    };
    text(said)
}

fn phone(chance: &mut Chance, said: &str) -> Cell {
    let number = said.parse::<f64>().ok();
    match (chance.below(12), number) {
        (0 | 1, Some(number)) if !said.starts_with('0') => Cell::Number(number, Shown::General),
        (0 | 1, Some(number)) => Cell::Number(number, Shown::Zeros(said.len())),
        (2, Some(_)) if said.starts_with('0') => text(format!("{}-{}", &said[..4], &said[4..])),
        (2, Some(_)) => text(format!("{} {} {}", &said[..3], &said[3..7], &said[7..])),
        (3, Some(_)) if !said.starts_with('0') => text(format!("+86 {said}")),
        (4, None) => {
            let other = chance.one(&["/", "，", ";", " ", "\n"]);
            text(said.replace('、', other))
        }
        (5, _) => text(full_width(said)),
        (6, Some(_)) => text(format!("`{said}")),
        (7, Some(_)) => text(format!("=\"{said}\"")),
        (8, None) => text(said.replace("(儿子)", "儿子")),
        (9, Some(_)) => text(format!("{said}.0")),
        _ => text(around(chance, said)),
    }
}

/// Own words stay as they are, but for blanks around.
fn note(chance: &mut Chance, said: &str) -> Cell {
    if let Some(number) = said.parse::<f64>().ok().filter(|_| chance.once_in(2)) {
        return Cell::Number(number, Shown::General);
    }
    match chance.below(5) {
        0 => text(format!(" {said} ")),
        1 => text(said.replace('\n', "\r\n")),
        _ => text(said),
    }
}
