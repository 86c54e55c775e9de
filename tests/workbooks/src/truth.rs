//! What is true: persons, each with what an office wrote down of him.

use std::collections::BTreeSet;

use crate::cell::Date;
use crate::chance::Chance;

/// The columns of 居民名册, in the order of the sheet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Column {
    Estate,
    Building,
    Entrance,
    Room,
    Household,
    Register,
    Name,
    Relation,
    Sex,
    Birth,
    Number,
    Phone,
    Politics,
    Note,
}

impl Column {
    pub(crate) const ALL: [Self; 14] = [
        Self::Estate,
        Self::Building,
        Self::Entrance,
        Self::Room,
        Self::Household,
        Self::Register,
        Self::Name,
        Self::Relation,
        Self::Sex,
        Self::Birth,
        Self::Number,
        Self::Phone,
        Self::Politics,
        Self::Note,
    ];

    /// What offices write over it, the form of the exported sheet first.
    pub(crate) const fn headings(self) -> &'static [&'static str] {
        match self {
            Self::Estate => &["小区", "小区名称", "所在小区", "居民小区"],
            Self::Building => &["楼栋", "楼栋号", "楼号", "栋号", "幢号"],
            Self::Entrance => &["单元", "单元号", "门栋"],
            Self::Room => &["房号", "房间号", "室", "门牌号", "房屋号", "房间"],
            Self::Household => &["户号", "户编号", "家庭编号"],
            Self::Register => &["户籍号", "户口簿号", "户口号"],
            Self::Name => &["姓名", "居民姓名", "名字"],
            Self::Relation => &["与户主关系", "户主关系", "关系", "家庭关系", "与户主的关系"],
            Self::Sex => &["性别"],
            Self::Birth => &["出生日期", "出生年月", "出生年月日", "生日"],
            Self::Number => {
                &["公民身份号码", "身份证号", "身份证号码", "身份证", "证件号码", "居民身份证号"]
            }
            Self::Phone => {
                &["联系电话", "电话", "手机", "手机号", "手机号码", "联系方式", "电话号码"]
            }
            Self::Politics => &["政治面貌", "政治身份"],
            Self::Note => &["备注", "说明备注", "其他"],
        }
    }

    /// Is a table without it none?
    pub(crate) const fn is_required(self) -> bool {
        use Column::{Building, Estate, Name, Relation, Room, Sex};
        matches!(self, Estate | Building | Room | Name | Relation | Sex)
    }
}

/// What is said of one person: a text for each column, empty where nothing is.
#[derive(Clone, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Said(pub(crate) [String; 14]);

impl std::fmt::Debug for Said {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0.join("|"))
    }
}

impl Said {
    pub(crate) fn of(&self, column: Column) -> &str {
        &self.0[column as usize]
    }

    pub(crate) fn set(&mut self, column: Column, text: impl Into<String>) {
        self.0[column as usize] = text.into();
    }
}

/// When somebody was born, as far as the office knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Birth {
    Unknown,
    Year(u16),
    Month(u16, u8),
    Day(Date),
}

/// A person.
#[derive(Debug, Clone)]
pub(crate) struct Person {
    /// Everything that the office would write, in the one form of each column.
    pub(crate) said: Said,
    pub(crate) birth: Birth,
    /// Shares name and dwelling, or name and birth, with another: only what is whole tells the
    /// two apart.
    pub(crate) has_namesake: bool,
    /// The other stands above, in the same household: without a birth nobody can tell.
    pub(crate) is_second: bool,
}

impl Birth {
    fn text(self) -> String {
        match self {
            Self::Unknown => String::new(),
            Self::Year(year) => format!("{year:04}"),
            Self::Month(year, month) => format!("{year:04}-{month:02}"),
            Self::Day(day) => day.iso(),
        }
    }
}

/// Persons with their dwellings.
pub(crate) fn draw(chance: &mut Chance, persons: usize) -> Vec<Person> {
    let mut drawing = Drawing { chance, all: Vec::new(), places: BTreeSet::new(), serial: 0 };
    while drawing.all.len() < persons {
        drawing.household();
    }
    drawing.namesakes();
    drawing.all
}

struct Drawing<'a> {
    chance: &'a mut Chance,
    all: Vec<Person>,
    places: BTreeSet<[String; 4]>,
    /// Makes numbers of households and documents differ.
    serial: u32,
}

const ESTATES: [&str; 8] = [
    "示例小区",
    "白山里",
    "工人新村",
    "东方Sunny苑",
    "金水小区二期",
    "石油大院",
    "A区",
    "御景·江山",
];
const BUILDINGS: [&str; 8] = ["1", "2", "3", "12", "18", "A", "B2", "老楼"];
const SURNAMES: [&str; 12] =
    ["王", "李", "张", "刘", "陈", "马", "欧阳", "吴", "石", "高", "白", "金"];
const GIVEN: [&str; 24] = [
    "芳", "伟", "秀英", "小明", "建国", "玉兰", "大山", "立", "文", "水生", "䶮", "𠮷", "春花",
    "子轩", "月", "火旺", "里仁", "木兰", "田", "金凤", "土根", "心怡", "行之", "方圆",
];
const FOREIGN: [&str; 5] =
    ["买买提·艾力", "古丽·阿不都", "Anna Maria", "José Núñez", "阿卜杜拉·买买提·艾力"];

impl Drawing<'_> {
    fn place(&mut self) -> [String; 4] {
        loop {
            let estate = self.chance.one(&ESTATES[..]).to_owned();
            let building = match self.chance.below(3) {
                0 => self.chance.one(&BUILDINGS[..]).to_owned(),
                _ => (self.chance.below(30) + 1).to_string(),
            };
            let entrance = match self.chance.below(4) {
                0 => String::new(),
                _ => (self.chance.below(6) + 1).to_string(),
            };
            let (floor, door) = (self.chance.below(18) + 1, self.chance.below(4) + 1);
            let room = match self.chance.below(8) {
                0 => format!("0{floor:02}{door}"),
                1 => format!("{floor}-{door}"),
                2 => self.chance.one(&["东屋", "门市房", "B101", "车库3"]).to_owned(),
                _ => format!("{floor}{door:02}"),
            };
            let place = [estate, building, entrance, room];
            if self.places.insert(place.clone()) {
                return place;
            }
        }
    }

    fn household(&mut self) {
        let place = self.place();
        self.serial += 1;
        let household = match self.chance.below(5) {
            0 => String::new(),
            1 => format!("H{:04}", self.serial),
            2 => format!("{:06}", self.serial),
            3 => format!("2208020010{:07}", self.serial),
            _ => format!("{}", 1000 + self.serial),
        };
        let register = match self.chance.below(3) {
            0 => format!("0{:08}", 43_600_000 + self.serial),
            _ => String::new(),
        };
        let mut names = BTreeSet::new();
        for member in 0..=self.chance.below(4) {
            let name = loop {
                let name = self.name();
                if names.insert(name.clone()) {
                    break name;
                }
            };
            let mut person = self.person(name);
            for (column, text) in [Column::Estate, Column::Building, Column::Entrance, Column::Room]
                .into_iter()
                .zip(&place)
            {
                person.said.set(column, text);
            }
            person.said.set(Column::Household, household.clone());
            person.said.set(Column::Register, register.clone());
            let relation = match member {
                0 => "户主",
                _ => self.chance.one(&["配偶", "之子", "之女", "父亲", "孙子或外孙子", ""]),
            };
            person.said.set(Column::Relation, relation);
            self.all.push(person);
        }
    }

    fn name(&mut self) -> String {
        match self.chance.below(12) {
            0 => self.chance.one(&FOREIGN[..]).to_owned(),
            _ => {
                let (surname, given) =
                    (self.chance.one(&SURNAMES[..]), self.chance.one(&GIVEN[..]));
                format!("{surname}{given}")
            }
        }
    }

    fn date(&mut self) -> Date {
        let (year, month) = (1925 + self.chance.below(100), 1 + self.chance.below(12));
        let day = 1 + self.chance.below(28);
        Date { year: year as u16, month: month as u8, day: day as u8 }
    }

    fn person(&mut self, name: String) -> Person {
        let mut said = Said::default();
        said.set(Column::Name, name);
        let date = self.date();
        let is_male = self.chance.once_in(2);
        let mut sex = if is_male { "男" } else { "女" };
        let mut birth = match self.chance.below(8) {
            0 => Birth::Unknown,
            1 => Birth::Year(date.year),
            2 | 3 => Birth::Month(date.year, date.month),
            _ => Birth::Day(date),
        };
        match self.chance.below(6) {
            0..=2 => {
                self.serial += 1;
                said.set(Column::Number, citizen(date, is_male, self.serial));
            }
            3 if self.chance.once_in(2) => {
                self.serial += 1;
                said.set(Column::Number, format!("E{:08}", self.serial));
            }
            _ => {
                if self.chance.once_in(9) {
                    sex = "未知";
                }
            }
        }
        // A number of months or years would hide what the document says.
        if said.of(Column::Number).len() == 18 && !matches!(birth, Birth::Unknown) {
            birth = Birth::Day(date);
        }
        said.set(Column::Sex, sex);
        said.set(Column::Birth, birth.text());
        said.set(Column::Phone, self.phone());
        let politics = self.chance.one(&["", "群众", "中共党员", "共青团员"]);
        said.set(Column::Politics, politics);
        said.set(Column::Note, self.note());
        Person { said, birth, has_namesake: false, is_second: false }
    }

    fn phone(&mut self) -> String {
        let mut one = || match self.chance.below(4) {
            0 => format!("0436{:07}", 3_200_000 + self.chance.below(99_999)),
            _ => format!("100{:08}", self.chance.below(100_000_000)),
        };
        let (first, second) = (one(), one());
        match self.chance.below(6) {
            0 => String::new(),
            1 if first != second => format!("{first}、{second}"),
            2 => format!("{first}(儿子)"),
            _ => first,
        }
    }

    fn note(&mut self) -> String {
        let notes = [
            "",
            "",
            "独居",
            "两行\n第二行",
            "有“引号”和\"引号\"，逗号,分号;",
            "=SUM(A1)不是公式",
            "-另有住处",
            "+86境外亲属",
            "@网格员",
            "_x0041_ 原样",
            "制表\u{2003}空格",
            "低保（2024年起）",
            "2026",
            "Ａ类",
            "<b>&amp;",
            "'引号开头",
            "#",
        ];
        self.chance.one(&notes[..]).to_owned()
    }

    /// Persons of one name: in one household with other births, or of one birth in two places.
    fn namesakes(&mut self) {
        if !self.chance.once_in(3) || self.all.len() < 2 {
            return;
        }
        let at = self.chance.below(self.all.len());
        let mut other = self.all[at].clone();
        let name = other.said.of(Column::Name).to_owned();
        let alone = self.all.iter().filter(|own| own.said.of(Column::Name) == name).count() == 1;
        let Birth::Day(birth) = other.birth else { return };
        if !alone || !self.all[at].said.of(Column::Number).is_empty() {
            return;
        }
        if self.chance.once_in(2) {
            // A year that is another in any case.
            let year = if birth.year < 1975 { birth.year + 30 } else { birth.year - 30 };
            other.birth = Birth::Day(Date { year, ..birth });
            other.said.set(Column::Birth, other.birth.text());
            other.said.set(Column::Phone, "");
            other.is_second = true;
            self.all[at].said.set(Column::Relation, "户主");
            other.said.set(Column::Relation, "之女");
        } else {
            let place = self.place();
            let columns = [Column::Estate, Column::Building, Column::Entrance, Column::Room];
            for (column, text) in columns.into_iter().zip(place) {
                other.said.set(column, text);
            }
            self.serial += 1;
            other.said.set(Column::Household, format!("N{:04}", self.serial));
        }
        other.has_namesake = true;
        self.all[at].has_namesake = true;
        self.all.insert(at + 1, other);
    }
}

/// The number of nobody's identity card, with its check character (GB 11643).
pub(crate) fn citizen(birth: Date, is_male: bool, serial: u32) -> String {
    let order = (serial % 500) * 2 + u32::from(is_male);
    let area = 220_899;
    let Date { year, month, day } = birth;
    let digits = format!("{area}{year:04}{month:02}{day:02}{order:03}");
    let check = check_character(&digits);
    format!("{digits}{check}")
}

/// ISO 7064, MOD 11-2, as its text says it: doubling from the left.
pub(crate) fn check_character(digits: &str) -> char {
    let folded = digits.bytes().fold(0, |sum, digit| (sum + u32::from(digit - b'0')) * 2 % 11);
    match (12 - folded) % 11 {
        10 => 'X',
        check => char::from_digit(check, 10).expect("one digit"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn check_characters_are_those_of_the_standard() {
        // The examples of GB 11643.
        assert_eq!(check_character("11010519491231002"), 'X');
        assert_eq!(check_character("44052418800101001"), '4');
    }
}
