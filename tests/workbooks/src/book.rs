//! A file as an office hands it in: tabs, titles, headings in any order, rows, and what stands
//! between and below them; and what must become of each row.

use std::collections::{BTreeMap, BTreeSet};

use crate::cell::{Cell, Shown, text};
use crate::chance::Chance;
use crate::spoil::spoiled;
use crate::truth::{Birth, Column, Person, Said, citizen};
use crate::typing::{Medium, full_width, typed};

/// What must become of a row.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Fate {
    /// Taken, as this and no other.
    In(Box<Taken>),
    /// Refused by name; nothing of it is taken.
    Refused,
    /// No record: passed over and told of.
    Passed,
    /// Nothing: no word of it is needed.
    Blank,
    /// No record either, but not to be told from one: refused or passed over.
    Told,
}

/// A row that is taken.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Taken {
    /// Who is meant, by number in the truth.
    pub(crate) person: usize,
    /// What the row says of him.
    pub(crate) said: Said,
    /// Must the result say how a cell was taken?
    pub(crate) is_told: bool,
    /// Does the same person stand in a row above, so that the result must warn?
    pub(crate) is_double: bool,
}

/// A row of a tab.
#[derive(Debug, Clone)]
pub(crate) struct Line {
    pub(crate) cells: Vec<Cell>,
    pub(crate) fate: Fate,
    pub(crate) is_hidden: bool,
}

/// What a tab is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Sort {
    Residents,
    /// Of no use: it must be told that it was not read.
    Foreign,
    Chart,
}

/// A tab.
#[derive(Debug, Clone)]
pub(crate) struct Tab {
    pub(crate) name: String,
    pub(crate) sort: Sort,
    pub(crate) is_hidden: bool,
    /// By number, from 1. The rows above the headings and these are no lines.
    pub(crate) above: BTreeMap<u32, Vec<Cell>>,
    pub(crate) lines: BTreeMap<u32, Line>,
    /// First row, last row, column.
    pub(crate) merged: Vec<(u32, u32, usize)>,
    /// Headings that nobody knows: each must be named.
    pub(crate) unknown: Vec<String>,
    /// Rows with something under no heading.
    pub(crate) unheaded: u32,
    pub(crate) width: usize,
    /// It shows no zeros.
    pub(crate) hides_zeros: bool,
}

/// A file.
#[derive(Debug)]
pub(crate) struct Book {
    pub(crate) stem: String,
    pub(crate) medium: Medium,
    pub(crate) tabs: Vec<Tab>,
}

/// What stands in one column of a table.
#[derive(Debug, Clone, PartialEq)]
enum Place {
    Known(Column),
    /// A second column of telephones or notes.
    Second(Column),
    /// Counts the rows.
    Count,
    Unknown,
    /// No heading.
    Bare,
}

/// Composes a file of these persons. Without `spoils` every row is one that must be taken.
pub(crate) fn compose(chance: &mut Chance, persons: &[Person], spoils: bool) -> Book {
    let medium = if chance.once_in(2) { Medium::Text } else { Medium::Workbook };
    let stem = chance.one(&["居民名册", "花名册(2)", "数据", "2026年3月 居民名册", "Book1"]);
    let mut tabs = Vec::new();
    let parts = match medium {
        Medium::Workbook if chance.once_in(3) => 2,
        _ => 1,
    };
    let mut met = Met::default();
    for (at, part) in persons.chunks(persons.len().div_ceil(parts)).enumerate() {
        let first = at * persons.len().div_ceil(parts);
        let name = match (medium, at) {
            (Medium::Text, _) => stem.to_owned(),
            (_, 0) => chance.one(&["居民名册", "Sheet1", "1号楼", "花名册"]).to_owned(),
            _ => chance.one(&["居民名册(续)", "Sheet9", "2号楼"]).to_owned(),
        };
        let composing = Composing { chance, medium, spoils, first, persons: part, met: &mut met };
        tabs.push(composing.tab(name));
    }
    if medium == Medium::Workbook {
        others(chance, &mut tabs);
    }
    Book { stem: stem.to_owned(), medium, tabs }
}

/// Numbers that rows above gave to somebody, and persons who were taken.
#[derive(Default)]
struct Met {
    numbers: Vec<(String, String)>,
    taken: BTreeSet<usize>,
}

/// Tabs that hold no residents.
fn others(chance: &mut Chance, tabs: &mut Vec<Tab>) {
    let row = |cells: &[&str]| cells.iter().map(|own| text(*own)).collect::<Vec<_>>();
    let tab = |name: &str, sort, rows: Vec<Vec<Cell>>| Tab {
        name: name.to_owned(),
        sort,
        is_hidden: false,
        above: (1..).zip(rows).collect(),
        lines: BTreeMap::new(),
        merged: Vec::new(),
        unknown: Vec::new(),
        unheaded: 0,
        width: 8,
        hides_zeros: false,
    };
    let sample = vec![
        row(&["小区", "楼栋", "单元", "房号", "姓名", "与户主关系", "性别", "备注"]),
        row(&["样例小区", "1", "1", "101", "样例人", "户主", "男", "请照此填写"]),
    ];
    if chance.once_in(4) {
        let name = chance.one(&["填写说明", "填表说明（必读）", "样表"]);
        tabs.insert(chance.below(tabs.len() + 1), tab(name, Sort::Foreign, sample));
    }
    if chance.once_in(4) {
        let rows = vec![row(&["项目", "数量"]), row(&["人数", "12"])];
        tabs.insert(chance.below(tabs.len() + 1), tab("统计", Sort::Foreign, rows));
    }
    if chance.once_in(5) {
        tabs.push(tab("图", Sort::Chart, Vec::new()));
    }
}

struct Composing<'a> {
    chance: &'a mut Chance,
    medium: Medium,
    spoils: bool,
    /// The number of the first person of this part.
    first: usize,
    persons: &'a [Person],
    met: &'a mut Met,
}

impl Composing<'_> {
    fn tab(mut self, name: String) -> Tab {
        let places = self.places();
        let headings = self.headings(&places);
        let unknown = places.iter().zip(&headings).filter(|(place, _)| **place == Place::Unknown);
        let unknown = unknown.map(|(_, heading)| heading.trim().to_owned()).collect();
        let mut tab = Tab {
            name,
            sort: Sort::Residents,
            is_hidden: self.medium == Medium::Workbook && self.chance.once_in(8),
            above: BTreeMap::new(),
            lines: BTreeMap::new(),
            merged: Vec::new(),
            unknown,
            unheaded: 0,
            width: places.len(),
            hides_zeros: self.medium == Medium::Workbook && self.chance.once_in(6),
        };
        let mut row = self.titles(&mut tab, &headings);
        let lines = self.lines(&places, &headings);
        for mut line in lines {
            if tab.hides_zeros && matches!(line.fate, Fate::In(_)) {
                self.zeros(&places, &mut line);
            }
            row += 1 + u32::from(self.chance.once_in(15));
            let bare = places.iter().zip(&line.cells);
            let is_read = matches!(line.fate, Fate::In(_) | Fate::Refused);
            let has_bare =
                bare.into_iter().any(|(p, cell)| *p == Place::Bare && *cell != Cell::Empty);
            tab.unheaded += u32::from(is_read && has_bare);
            tab.lines.insert(row, line);
        }
        if self.medium == Medium::Workbook && self.chance.once_in(3) {
            self.merge(&mut tab, &places);
        }
        tab
    }

    /// Puts zeros that nobody sees where nothing is said.
    fn zeros(&mut self, places: &[Place], line: &mut Line) {
        use Column::{Entrance, Household, Note, Phone, Politics, Register, Relation};
        let may = [Entrance, Household, Note, Phone, Politics, Register, Relation];
        for (place, cell) in places.iter().zip(&mut line.cells) {
            let Place::Known(column) = place else { continue };
            if may.contains(column) && *cell == Cell::Empty && self.chance.once_in(3) {
                *cell = Cell::Number(0.0, Shown::General);
            }
        }
    }

    /// Which columns the table has, in which order.
    fn places(&mut self) -> Vec<Place> {
        let tells_apart = self.persons.iter().any(|person| person.has_namesake);
        let mut places: Vec<Place> = Vec::new();
        for column in Column::ALL {
            // Without its entrance a dwelling is another one.
            let needed = column.is_required() || column == Column::Entrance;
            let needed = needed || (tells_apart && !self.spoils && column == Column::Birth);
            if needed || !self.chance.once_in(5) {
                places.push(Place::Known(column));
                let several = matches!(column, Column::Phone | Column::Note);
                if several && self.chance.once_in(4) {
                    places.push(Place::Second(column));
                }
            }
        }
        match self.chance.below(3) {
            0 => {}
            1 => {
                let by = self.chance.below(places.len());
                places.rotate_left(by);
            }
            _ => self.chance.shuffle(&mut places),
        }
        if self.chance.once_in(2) {
            places.insert(0, Place::Count);
        }
        for place in [Place::Unknown, Place::Bare] {
            if self.chance.once_in(4) {
                let at = self.chance.below(places.len() + 1);
                places.insert(at, place);
            }
        }
        places
    }

    fn headings(&mut self, places: &[Place]) -> Vec<String> {
        let mut used = BTreeSet::new();
        let mut headings = Vec::new();
        for place in places {
            let heading = match place {
                Place::Known(column) | Place::Second(column) => loop {
                    let heading = self.chance.one(column.headings());
                    if used.insert(heading) {
                        break self.decorated(heading);
                    }
                },
                Place::Count => self.chance.one(&["序号", "序  号", "No.", "行号"]).to_owned(),
                Place::Unknown => self.chance.one(&["血型", "是否独居", "网格长电话"]).to_owned(),
                Place::Bare => String::new(),
            };
            headings.push(heading);
        }
        headings
    }

    fn decorated(&mut self, heading: &str) -> String {
        match self.chance.below(12) {
            0 => format!("*{heading}"),
            1 => format!("{heading}（必填）"),
            2 => heading.chars().map(|c| format!("{c} ")).collect(),
            3 => heading.chars().map(|c| format!("{c}\n")).collect(),
            4 => format!("{heading}："),
            5 => format!("{heading}*"),
            6 => format!("　{heading}\u{200b}"),
            7 => format!("{heading}【选填】"),
            8 => full_width(heading),
            _ => heading.to_owned(),
        }
    }

    /// Titles and headings; answers the last row of them.
    fn titles(&mut self, tab: &mut Tab, headings: &[String]) -> u32 {
        let mut row = 0;
        for _ in 0..self.chance.below(4) {
            row += 1 + u32::from(self.chance.once_in(6));
            let title = self.chance.one(&[
                "某某社区居民名册",
                "填报单位：某某社区    填报日期：2026年3月1日",
                "2026年第一季度",
                "（内部资料　注意保存）",
            ]);
            let mut cells = vec![Cell::Empty; headings.len()];
            let at = if self.chance.once_in(3) { self.chance.below(headings.len()) } else { 0 };
            cells[at] = text(title);
            tab.above.insert(row, cells);
        }
        row += 1;
        let cells: Vec<Cell> = headings
            .iter()
            .map(|own| if own.is_empty() { Cell::Empty } else { text(own.as_str()) })
            .collect();
        // Headings on two storeys: some reach over both, the others stand under a group's name.
        if self.medium == Medium::Workbook && self.chance.once_in(6) {
            let mut upper = vec![Cell::Empty; headings.len()];
            let mut lower = cells;
            for (at, cell) in lower.iter_mut().enumerate() {
                match self.chance.below(3) {
                    0 if *cell != Cell::Empty => {
                        upper[at] = std::mem::replace(cell, Cell::Empty);
                        tab.merged.push((row, row + 1, at));
                    }
                    1 => upper[at] = text("基本信息"),
                    _ => {}
                }
            }
            tab.above.insert(row, upper);
            row += 1;
            tab.above.insert(row, lower);
        } else {
            tab.above.insert(row, cells);
        }
        row
    }

    fn lines(&mut self, places: &[Place], headings: &[String]) -> Vec<Line> {
        let mut lines = Vec::new();
        if self.spoils && self.chance.once_in(5) {
            lines.push(self.column_numbers(headings));
        }
        let mut again: Vec<usize> = Vec::new();
        for at in 0..self.persons.len() {
            if self.spoils && self.chance.once_in(30) {
                lines.push(self.no_record(places, headings));
            }
            lines.push(self.person(places, at));
            if self.spoils && self.chance.once_in(15) {
                again.push(at);
            }
            if !again.is_empty() && self.chance.once_in(4) {
                let at = again.remove(0);
                lines.push(self.taken(places, at));
            }
        }
        if self.spoils {
            for _ in 0..self.chance.below(4) {
                lines.push(self.footer(places));
            }
            if self.chance.once_in(5) {
                lines.extend(self.numbered_beforehand(places));
            }
        }
        lines
    }

    fn column_numbers(&mut self, headings: &[String]) -> Line {
        let mut number = 0;
        let bracketed = self.chance.once_in(3);
        let cell = |heading: &String| {
            if heading.is_empty() {
                return Cell::Empty;
            }
            number += 1;
            match bracketed {
                true => text(format!("({number})")),
                false => Cell::Number(f64::from(number), Shown::General),
            }
        };
        let cells = headings.iter().map(cell).collect();
        Line { cells, fate: Fate::Passed, is_hidden: false }
    }

    /// The headings once more, or a label of what follows.
    fn no_record(&mut self, places: &[Place], headings: &[String]) -> Line {
        if self.chance.once_in(2) {
            let cell = |own: &String| if own.is_empty() { Cell::Empty } else { text(own.as_str()) };
            let cells = headings.iter().map(cell).collect();
            return Line { cells, fate: Fate::Passed, is_hidden: false };
        }
        let label = self.chance.one(&["1号楼", "一、在册居民", "以下为新增"]);
        let mut cells = vec![Cell::Empty; places.len()];
        let at = places.iter().position(|own| *own != Place::Bare).unwrap_or_default();
        cells[at] = text(label);
        Line { cells, fate: Fate::Told, is_hidden: false }
    }

    /// Rows that hold a number already, for whoever comes next.
    fn numbered_beforehand(&mut self, places: &[Place]) -> Vec<Line> {
        let Some(at) = places.iter().position(|own| *own == Place::Count) else {
            return Vec::new();
        };
        let line = |cell: Cell| {
            let mut cells = vec![Cell::Empty; places.len()];
            cells[at] = cell;
            Line { cells, fate: Fate::Blank, is_hidden: false }
        };
        let number = line(Cell::Number(99.0, Shown::General));
        let formula = match self.medium {
            Medium::Workbook => line(Cell::Uncomputed),
            Medium::Text => line(text("")),
        };
        vec![number.clone(), formula, number]
    }

    fn footer(&mut self, places: &[Place]) -> Line {
        let mut cells = vec![Cell::Empty; places.len()];
        let words = self.chance.one(&[
            "合　计",
            "合计：23 人",
            "填表人：王某某   审核人：李某某   日期：2026年3月1日",
            "注：本表一式两份。",
            "第1页 共3页",
            "单位（盖章）",
            "说明：以上信息截至 2026 年 3 月",
            "小计",
        ]);
        let at = self.chance.below(places.len());
        cells[at] = text(words);
        if words.contains('计') && at + 1 < places.len() && self.chance.once_in(2) {
            let other = at + 1 + self.chance.below(places.len() - at - 1);
            cells[other] = Cell::Number(23.0, Shown::General);
        }
        Line { cells, fate: Fate::Passed, is_hidden: false }
    }

    fn person(&mut self, places: &[Place], at: usize) -> Line {
        let person = &self.persons[at];
        if !self.spoils || person.has_namesake || !self.chance.once_in(6) {
            return self.taken(places, at);
        }
        let known: Vec<Column> = places
            .iter()
            .filter_map(|place| match place {
                Place::Known(column) => Some(*column),
                _ => None,
            })
            .collect();
        let column = known[self.chance.below(known.len())];
        let mut line = self.written(places, at);
        let place = places.iter().position(|own| *own == Place::Known(column)).expect("known");
        let is_free = |column| !places.contains(&Place::Second(column));
        match self.chance.below(8) {
            0 if known.contains(&Column::Number) => self.contradiction(places, at, line),
            1 if known.contains(&Column::Number) => self.old_number(places, at),
            _ if !is_free(column) => self.keep(at, line),
            _ => match spoiled(self.chance, column, &self.persons[at], self.medium) {
                Some(cell) => {
                    line.cells[place] = cell;
                    line.fate = Fate::Refused;
                    line
                }
                None => self.keep(at, line),
            },
        }
    }

    /// The number says something else than the row does, or is somebody else's.
    fn contradiction(&mut self, places: &[Place], at: usize, mut line: Line) -> Line {
        let person = &self.persons[at];
        let number = places.iter().position(|own| *own == Place::Known(Column::Number));
        let (Some(place), Birth::Day(birth)) = (number, person.birth) else {
            return self.keep(at, line);
        };
        let name = person.said.of(Column::Name);
        let others = self.met.numbers.iter().filter(|(_, own)| own != name);
        let others: Vec<&String> = others.map(|(number, _)| number).collect();
        let has_birth = places.contains(&Place::Known(Column::Birth));
        let is_male = person.said.of(Column::Sex) == "男";
        let known_sex = person.said.of(Column::Sex) != "未知";
        let wrong = match self.chance.below(3) {
            0 if !others.is_empty() => others[self.chance.below(others.len())].clone(),
            1 if has_birth => {
                let day = if birth.day == 28 { 1 } else { birth.day + 1 };
                citizen(crate::cell::Date { day, ..birth }, is_male, 7_000 + at as u32)
            }
            _ if known_sex => citizen(birth, !is_male, 8_000 + at as u32),
            _ => return self.keep(at, line),
        };
        line.cells[place] = text(wrong);
        line.fate = Fate::Refused;
        line
    }

    /// A number of before 1999: the row is taken without it.
    fn old_number(&mut self, places: &[Place], at: usize) -> Line {
        let mut line = self.taken(places, at);
        let place = places.iter().position(|own| *own == Place::Known(Column::Number));
        if let (Some(place), Fate::In(taken)) = (place, &mut line.fate) {
            line.cells[place] = text("220899800101001");
            if !taken.said.of(Column::Number).is_empty() {
                self.met.numbers.pop();
            }
            taken.said.set(Column::Number, "");
            taken.is_told = true;
        }
        line
    }

    fn taken(&mut self, places: &[Place], at: usize) -> Line {
        let mut line = self.written(places, at);
        if self.persons[at].is_second && !places.contains(&Place::Known(Column::Birth)) {
            line.fate = Fate::Refused;
        }
        self.keep(at, line)
    }

    /// Remembers that a row is taken.
    fn keep(&mut self, at: usize, mut line: Line) -> Line {
        if let Fate::In(taken) = &mut line.fate {
            let number = taken.said.of(Column::Number).to_owned();
            let birth = taken.said.of(Column::Birth);
            let known = !self.met.taken.insert(self.first + at);
            let is_met = self.met.numbers.iter().any(|(own, _)| *own == number);
            taken.is_double = known && (is_met || !birth.is_empty());
            if !number.is_empty() {
                self.met.numbers.push((number, taken.said.of(Column::Name).to_owned()));
            }
        }
        line
    }

    /// A row that says what is true.
    fn written(&mut self, places: &[Place], at: usize) -> Line {
        let person = &self.persons[at];
        let (mut said, mut is_told) = (Said::default(), false);
        let mut cells: Vec<Cell> = vec![Cell::Empty; places.len()];
        for (number, place) in places.iter().enumerate() {
            cells[number] = match place {
                Place::Known(column) => {
                    // Of two columns the one may say nothing while the other does.
                    let is_divided = places.contains(&Place::Second(*column));
                    said.set(*column, person.said.of(*column));
                    if is_divided && person.said.of(*column).is_empty() {
                        continue;
                    }
                    let own = typed(self.chance, *column, person, self.medium);
                    is_told |= own.is_told;
                    own.cell
                }
                Place::Count => Cell::Number(f64::from(at as u32 + 1), Shown::General),
                Place::Unknown => text(self.chance.one(&["A", "是", "", "#N/A"])),
                Place::Bare if self.chance.once_in(3) => text("√"),
                Place::Bare | Place::Second(_) => Cell::Empty,
            };
        }
        for column in [Column::Phone, Column::Note] {
            self.divide(places, column, person, &mut cells);
        }
        let is_hidden = self.medium == Medium::Workbook && self.chance.once_in(20);
        let (person, is_told) = (self.first + at, is_told || is_hidden);
        let taken = Taken { person, said, is_told, is_double: false };
        Line { cells, fate: Fate::In(Box::new(taken)), is_hidden }
    }

    /// What stands in two columns of one sense.
    fn divide(&mut self, places: &[Place], column: Column, person: &Person, cells: &mut [Cell]) {
        let first = places.iter().position(|own| *own == Place::Known(column));
        let second = places.iter().position(|own| *own == Place::Second(column));
        let (Some(first), Some(second)) = (first, second) else { return };
        match person.said.of(column).split_once('、') {
            Some((one, other)) if column == Column::Phone => {
                // They are read from left to right.
                let (left, right) = (first.min(second), first.max(second));
                (cells[left], cells[right]) = (text(one), text(other));
            }
            _ if self.chance.once_in(2) => cells.swap(first, second),
            _ => {}
        }
    }

    /// Merges what stands in several rows one below the other.
    fn merge(&mut self, tab: &mut Tab, places: &[Place]) {
        use Column::{Building, Entrance, Estate, Household, Register, Room};
        for column in [Estate, Building, Entrance, Room, Household, Register] {
            let place = places.iter().position(|own| *own == Place::Known(column));
            let Some(place) = place.filter(|_| self.chance.once_in(2)) else { continue };
            let rows: Vec<u32> = tab.lines.keys().copied().collect();
            let mut at = 0;
            while at < rows.len() {
                let said = |row: u32| match &tab.lines.get(&row)?.fate {
                    Fate::In(taken) => Some(taken.said.of(column).to_owned()),
                    _ => None,
                };
                let own = said(rows[at]).filter(|own| !own.is_empty());
                let mut end = at;
                while own.is_some()
                    && rows
                        .get(end + 1)
                        .is_some_and(|next| *next == rows[end] + 1 && said(*next) == own)
                {
                    end += 1;
                }
                if end > at {
                    tab.merged.push((rows[at], rows[end], place));
                    for row in &rows[at + 1..=end] {
                        let line = tab.lines.get_mut(row).expect("a line");
                        line.cells[place] = Cell::Empty;
                    }
                }
                at = end + 1;
            }
        }
    }
}
