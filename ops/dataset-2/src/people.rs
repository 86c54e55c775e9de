//! Invented people: names, citizen ids and telephone numbers that can belong to nobody.

use std::collections::HashMap;

use jiff::ToSpan;
use jiff::civil::{Date, date};
use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use schema_documents::codes::{CitizenId, Sex};

/// No area has this code, so no citizen has such an id.
const AREA: &str = "220899";
/// Ids of one sex on one day: three digits, odd for men and even for women.
const IDS_PER_DAY: u64 = 500;
/// Days to look back for a free id before a person is left without one.
const DAYS_BACK_MAX: u64 = 60;
const FIRST_DAY: Date = date(1900, 1, 1);
/// Days from [`FIRST_DAY`] to 2024-01-01, when everybody's age is counted.
const TODAY: u64 = 45_290;
const YEAR_DAYS: f64 = 365.25;

const SURNAMES: &str = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕\
苏卢蒋蔡贾丁魏薛叶阎余潘杜戴夏钟汪田任姜范方石姚谭廖邹熊金陆郝孔白崔康毛邱秦江史顾侯邵孟龙万段雷钱汤尹黎易常武乔贺赖龚文";
/// Syllables that given names are put together from.
const SYLLABLES: &str = "安柏辰澄栋帆枫歌谷禾恒桦嘉简江桔可岚朗黎林露麦梦茗牧楠宁平青秋然溶森杉声石舒硕松苔桐\
薇汶溪夏晓星杏雪言杨野屹音樱宇远云泽知舟竹梓";
const PLACES: &str = "安柏春丰枫和恒华嘉江锦康兰乐林明宁平祥新兴盈永裕源泽";

fn pick(list: &str, rng: &mut ChaCha8Rng) -> char {
    let length = list.chars().count();
    list.chars().nth(rng.random_range(0..length)).expect("inside the list")
}

/// A surname and one or two syllables.
pub(crate) fn name(rng: &mut ChaCha8Rng) -> String {
    let mut name = String::from(pick(SURNAMES, rng));
    name.push(pick(SYLLABLES, rng));
    if rng.random_bool(0.85) {
        name.push(pick(SYLLABLES, rng));
    }
    name
}

/// The name of the n-th invented place, different for the first few hundred.
pub(crate) fn place_name(n: u64) -> String {
    let places: Vec<char> = PLACES.chars().collect();
    let count = places.len() as u64;
    let (first, second) = (n % count, (n / count + n * 7 + 3) % count);
    let number = n / (count * count);
    let name = format!("{}{}", places[first as usize], places[second as usize]);
    if number == 0 { name } else { format!("{name}{number}") }
}

/// 100 and eight digits: no such number is assigned.
pub(crate) fn phone(rng: &mut ChaCha8Rng) -> String {
    format!("100{:08}", rng.random_range(0..100_000_000_u32))
}

/// A day of birth for somebody of about that age in years.
pub(crate) fn birth_day(age: f64) -> u64 {
    TODAY - (age.max(0.0) * YEAR_DAYS) as u64 - 1
}

/// The ids a community may give: each belongs to exactly one community of the city.
#[derive(Debug)]
pub(crate) struct Ids {
    index: u64,
    of: u64,
    used: HashMap<(u64, bool), u64>,
}

impl Ids {
    pub(crate) fn new(index: u64, of: u64) -> Self {
        Self { index, of, used: HashMap::new() }
    }

    /// A free id on that day or a few before. `None` where the community's ids are used up, which
    /// happens from a few million people on.
    pub(crate) fn next(&mut self, day: u64, sex: Sex) -> (Date, Option<String>) {
        let male = sex == Sex::Male;
        for day in (day.saturating_sub(DAYS_BACK_MAX)..=day).rev() {
            let first = (self.index + self.of - day * IDS_PER_DAY % self.of) % self.of;
            let used = self.used.entry((day, male)).or_default();
            let number = first + *used * self.of;
            if number < IDS_PER_DAY {
                *used += 1;
                let birth = civil(day);
                return (birth, Some(id(birth, number * 2 + u64::from(male))));
            }
        }
        (civil(day), None)
    }
}

fn civil(day: u64) -> Date {
    FIRST_DAY.checked_add((day as i64).days()).expect("a day of this century or the last")
}

fn id(birth: Date, sequence: u64) -> String {
    let day = format!("{:04}{:02}{:02}", birth.year(), birth.month(), birth.day());
    let text = format!("{AREA}{day}{sequence:03}");
    let digits: Vec<u32> = text.bytes().map(|byte| u32::from(byte - b'0')).collect();
    format!("{text}{}", CitizenId::check(&digits))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn communities_share_no_id() {
        let mut all = std::collections::BTreeSet::new();
        for index in 0..7 {
            let mut ids = Ids::new(index, 7);
            for _ in 0..500 {
                let (birth, id) = ids.next(40_000, Sex::Male);
                let id = id.expect("a free id");
                let read = CitizenId::parse(&id).expect("a valid id");
                assert_eq!((read.birth(), read.sex()), (birth, Sex::Male));
                assert!(all.insert(id));
            }
        }
    }

    #[test]
    fn ages_are_counted_from_2024() {
        assert_eq!(civil(TODAY), date(2024, 1, 1));
    }
}
