//! Checks of what stands in one cell: citizen ids, dates, times, telephone numbers.

use std::fmt;

use jiff::civil::{Date, Time};
use schema_documents::codes::{CitizenId, CodeError, Sex, travel_document};

use crate::characters::is_han;
use crate::error::Reason;

/// Area code that belongs to no place: all invented citizen ids stand under it.
const SYNTHETIC_AREA: &str = "220899";
/// Telephone prefix that is assigned to nobody.
const SYNTHETIC_PHONE_PREFIX: &str = "100";
const AGE_YEARS_MAX: i16 = 130;

/// Whether invented people are allowed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Mode {
    /// Invented ids and telephone numbers are refused.
    #[default]
    Real,
    /// Invented ids (area 220899) and telephone numbers (100xxxxxxxx) pass as well.
    Synthetic,
}

/// What the checks depend on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Rules {
    /// Whether invented people are allowed.
    pub(crate) mode: Mode,
    /// Nobody is born, and nothing has happened, after this day.
    pub(crate) today: Date,
}

pub(crate) fn read_sex(text: &str) -> Result<Sex, Reason> {
    match text {
        "男性" => Ok(Sex::Male),
        "女性" => Ok(Sex::Female),
        "未说明" => Ok(Sex::NotStated),
        "不详" | "不明" | "无" | "/" | "-" => Ok(Sex::Unknown),
        other => Sex::parse(other).map_err(|_| Reason::NotOneOf("男、女、未知")),
    }
}

pub(crate) fn read_yes_no(text: &str) -> Result<bool, Reason> {
    match text {
        "是" | "Y" | "√" | "1" | "中共党员" | "党员" => Ok(true),
        "否" | "N" | "0" | "群众" => Ok(false),
        _ => Err(Reason::NotOneOf("是、否")),
    }
}

/// A birth date, as exact as it is known: `1950`, `1950-03` or `1950-03-05`.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Birth(String);

impl Birth {
    /// A day that is known.
    pub fn on(date: Date) -> Self {
        Self(date.to_string())
    }

    /// The text, `1950`, `1950-03` or `1950-03-05`.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The year, which is always known.
    pub fn year(&self) -> i16 {
        self.0[..4].parse().expect("a birth starts with four digits")
    }

    pub(crate) fn read(text: &str, today: Date) -> Result<Self, Reason> {
        let birth = match Self::partly(text)? {
            Some(partial) => partial,
            None => Self::on(read_date(text)?),
        };
        if birth.year() < today.year() - AGE_YEARS_MAX {
            return Err(Reason::Date);
        }
        if birth.as_str() > &today.to_string()[..birth.0.len()] {
            return Err(Reason::Future);
        }
        Ok(birth)
    }

    /// A year, or a year and a month. `None`: neither.
    fn partly(text: &str) -> Result<Option<Self>, Reason> {
        let bare = text.trim_end_matches(['年', '月', '生']);
        let mut parts = bare.split(['-', '/', '.', '年', '月']);
        let (year, month, more) = (parts.next().unwrap_or_default(), parts.next(), parts.next());
        if year.len() != 4 || !year.bytes().all(|byte| byte.is_ascii_digit()) || more.is_some() {
            return Ok(None);
        }
        let month = match month.map(|month| (month.len(), month.parse::<u8>())) {
            // A year that a format shows with decimals.
            None | Some((2, Ok(0))) => return Ok(Some(Self(year.to_owned()))),
            Some((1..=2, Ok(month @ 1..=12))) => month,
            Some(_) => return Err(Reason::Date),
        };
        Ok(Some(Self(format!("{year}-{month:02}"))))
    }

    /// Whether both can be true of one person.
    pub(crate) fn agrees(&self, other: &Self) -> bool {
        self.0.starts_with(&other.0) || other.0.starts_with(&self.0)
    }
}

impl fmt::Debug for Birth {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Birth(..)")
    }
}

/// What the number of a document that passed says of its holder.
pub(crate) struct Identity {
    pub(crate) text: String,
    /// Passports and permits say neither.
    pub(crate) birth: Option<Birth>,
    pub(crate) sex: Option<Sex>,
}

pub(crate) fn read_identity(text: &str, rules: Rules) -> Result<Identity, Reason> {
    let text = text.to_ascii_uppercase();
    if let Ok(text) = travel_document(&text) {
        return Ok(Identity { text, birth: None, sex: None });
    }
    // Typed with another program's letter or sign in the place of X.
    let text = match text.strip_suffix(['×', 'Х', 'Χ', '*']) {
        Some(digits) => format!("{digits}X"),
        None => text,
    };
    let id = CitizenId::parse(&text).map_err(|error| match error {
        // What a spreadsheet leaves of 18 digits ends in zeros.
        CodeError::CitizenCheck { .. } if text.ends_with("000") => Reason::CitizenIdAsNumber,
        CodeError::CitizenCheck { .. } => Reason::CitizenIdCheck,
        CodeError::CitizenDate => Reason::CitizenIdBirth,
        _ => Reason::CitizenIdShape,
    })?;
    let invented = text.starts_with(SYNTHETIC_AREA) && rules.mode == Mode::Real;
    if invented || id.holder().is_none() {
        return Err(Reason::CitizenIdArea);
    }
    let birth = Birth::read(&text[6..14], rules.today).map_err(|_| Reason::CitizenIdBirth)?;
    Ok(Identity { text, birth: Some(birth), sex: Some(id.sex()) })
}

/// A number of before 1999: six digits of the area, six of the birth, three more.
pub(crate) fn is_old_identity(text: &str) -> bool {
    text.len() == 15 && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// One number or several, each with what is said beside it: `13800138000(儿子)、0436-3200000`.
pub(crate) fn read_phones(text: &str, mode: Mode) -> Result<String, Reason> {
    let mut numbers: Vec<String> = Vec::new();
    let several = text.split(['/', '、', ';', ',', '，', '；', '\\', '|']);
    for part in several.map(str::trim).filter(|part| !part.is_empty()) {
        let number = match read_phone(part, mode) {
            Ok(number) => vec![number],
            // Numbers with nothing but a blank between them.
            Err(_) => {
                let apart: Result<Vec<_>, _> =
                    part.split_whitespace().map(|number| read_phone(number, mode)).collect();
                apart?
            }
        };
        for number in number {
            if !numbers.contains(&number) {
                numbers.push(number);
            }
        }
    }
    if numbers.is_empty() { Err(Reason::Phone) } else { Ok(numbers.join("、")) }
}

fn read_phone(text: &str, mode: Mode) -> Result<String, Reason> {
    let (text, extension) = extension(text)?;
    let (number, said) = said_beside(&text)?;
    let between = |c: char| matches!(c, ' ' | '-' | '(' | ')' | '.' | '—');
    let kept: String = number.chars().filter(|c| !between(*c)).collect();
    let digits = kept.strip_prefix("+86").or_else(|| kept.strip_prefix("0086")).unwrap_or(&kept);
    if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return Err(Reason::Phone);
    }
    let second = digits.as_bytes().get(1).copied().unwrap_or_default();
    let mobile = digits.len() == 11 && digits.starts_with('1') && second >= b'3';
    let landline = digits.starts_with('0') && (10..=12).contains(&digits.len());
    let local = matches!(digits.len(), 7 | 8) && !digits.starts_with(['0', '1']);
    let invented =
        mode == Mode::Synthetic && digits.len() == 11 && digits.starts_with(SYNTHETIC_PHONE_PREFIX);
    if mobile || landline || local || invented {
        Ok(format!("{digits}{extension}{said}"))
    } else {
        Err(Reason::Phone)
    }
}

/// 转801, behind the number; and the text without it.
fn extension(text: &str) -> Result<(String, String), Reason> {
    let Some((number, inner)) = text.split_once('转') else {
        return Ok((text.to_owned(), String::new()));
    };
    let inner = inner.trim().trim_start_matches("分机").trim();
    let length = inner.bytes().take_while(u8::is_ascii_digit).count();
    let (inner, rest) = inner.split_at(length);
    if !(1..=6).contains(&length) {
        return Err(Reason::Phone);
    }
    Ok((format!("{}{rest}", number.trim_end_matches([' ', '-'])), format!("转{inner}")))
}

/// Whose number it is, in brackets behind it or as a word before or behind it.
fn said_beside(text: &str) -> Result<(&str, String), Reason> {
    let (Some(first), Some(last)) =
        (text.find(|c: char| c.is_ascii_digit()), text.rfind(|c: char| c.is_ascii_digit()))
    else {
        return Err(Reason::Phone);
    };
    let signs = |c: char| matches!(c, ' ' | '(' | ')' | ':' | '-');
    let (before, behind) = (&text[..first], &text[last + 1..]);
    let before = before.trim_end_matches('+').trim_matches(signs);
    let behind = behind.trim_matches(signs);
    let said = match (before, behind) {
        ("", "") => return Ok((text, String::new())),
        ("", said) | (said, "") => said,
        _ => return Err(Reason::Phone),
    };
    if said.chars().count() > 10 || !said.chars().all(|c| is_han(c) || c == '·') {
        return Err(Reason::Phone);
    }
    Ok((&text[first..=last], format!("({said})")))
}

/// A date in any of the forms offices write.
pub(crate) fn read_date(text: &str) -> Result<Date, Reason> {
    let day = text.split([' ', 'T']).next().unwrap_or_default();
    let parts: Vec<&str> = if day.len() == 8 && day.bytes().all(|b| b.is_ascii_digit()) {
        vec![&day[..4], &day[4..6], &day[6..]]
    } else {
        day.split(['-', '/', '.', '年', '月', '日']).filter(|part| !part.is_empty()).collect()
    };
    let [year, month, day] = parts[..] else {
        return Err(Reason::Date);
    };
    if year.len() != 4 {
        return Err(Reason::Date);
    }
    let number = |part: &str| part.parse::<i16>().map_err(|_| Reason::Date);
    let small = |part: &str| part.parse::<i8>().map_err(|_| Reason::Date);
    Date::new(number(year)?, small(month)?, small(day)?).map_err(|_| Reason::Date)
}

/// A time of day, `8:30`, `08:30` or `08:30:00`.
pub(crate) fn read_time(text: &str) -> Result<Time, Reason> {
    let clock = text.rsplit([' ', 'T']).next().unwrap_or_default();
    let mut parts = clock.split([':', '时', '分']).filter(|part| !part.is_empty());
    let mut next = || parts.next().map(|part| part.parse::<i8>().map_err(|_| Reason::Time));
    let hour = next().ok_or(Reason::Time)??;
    let minute = next().ok_or(Reason::Time)??;
    Time::new(hour, minute, 0, 0).map_err(|_| Reason::Time)
}

#[cfg(test)]
mod tests {
    use super::*;

    const RULES: Rules = Rules { mode: Mode::Synthetic, today: jiff::civil::date(2026, 1, 1) };

    #[test]
    fn published_vectors_pass() {
        let ids = [
            "22089919800101001X",
            "220899199012310020",
            "220899195510071239",
            "220899200011150040",
        ];
        for id in ids {
            assert!(read_identity(id, RULES).is_ok(), "{id}");
        }
    }

    #[test]
    fn wrong_ids_are_told_apart() {
        let refused = |id, rules| read_identity(id, rules).err();
        let real = Rules { mode: Mode::Real, ..RULES };
        assert_eq!(refused("220899198001010010", RULES), Some(Reason::CitizenIdCheck));
        assert_eq!(refused("22089919800101001X", real), Some(Reason::CitizenIdArea));
        assert_eq!(refused("2208991980010100", RULES), Some(Reason::CitizenIdShape));
        assert_eq!(refused("220899199012310000", RULES), Some(Reason::CitizenIdAsNumber));
        let id = "220899198002300010";
        assert_eq!(refused(id, RULES), Some(Reason::CitizenIdBirth));
    }

    #[test]
    fn dates_and_times_as_typed() {
        let expected = jiff::civil::date(2024, 1, 5);
        let forms =
            ["2024-01-05", "2024/1/5", "2024.1.5", "2024年1月5日", "20240105", "2024-1-5 00:00"];
        for text in forms {
            assert_eq!(read_date(text), Ok(expected), "{text}");
        }
        for text in ["2024-02-30", "24-1-5", "", "45000", "2024-1"] {
            assert_eq!(read_date(text), Err(Reason::Date), "{text}");
        }
        assert_eq!(read_time("8:30"), Ok(jiff::civil::time(8, 30, 0, 0)));
        assert_eq!(read_time("25:00"), Err(Reason::Time));
    }

    #[test]
    fn births_may_be_partly_known() {
        let read = |text| Birth::read(text, RULES.today).map(|birth| birth.0);
        assert_eq!(read("1950"), Ok("1950".into()));
        assert_eq!(read("1950年3月"), Ok("1950-03".into()));
        assert_eq!(read("1950.3"), Ok("1950-03".into()));
        assert_eq!(read("1950.10"), Ok("1950-10".into()));
        assert_eq!(read("1950.00"), Ok("1950".into()), "a year with the decimals of its format");
        assert_eq!(read("1950.13"), Err(Reason::Date));
        assert_eq!(read("1950.3.7"), Ok("1950-03-07".into()));
        assert_eq!(read("2031"), Err(Reason::Future));
        assert_eq!(read("1750"), Err(Reason::Date));
        assert_eq!(read("出生"), Err(Reason::Date));
    }

    #[test]
    fn telephone_numbers() {
        let real = |text| read_phones(text, Mode::Real);
        for text in ["138 0013 8000", "+86 138-0013-8000", "008613800138000", "138 00138000"] {
            assert_eq!(real(text).as_deref(), Ok("13800138000"), "{text}");
        }
        assert_eq!(real("0436-3200000").as_deref(), Ok("04363200000"));
        assert!(real("10012345678").is_err());
        assert!(read_phones("10012345678", Mode::Synthetic).is_ok());
        for text in ["无", "", "/", "138001380001", "13800138000x", "甲13800138000乙"] {
            assert!(real(text).is_err(), "{text}");
        }
    }

    #[test]
    fn several_telephone_numbers_and_what_is_said_beside_them() {
        let read = |text| read_phones(text, Mode::Synthetic);
        for text in
            ["10012345678/10087654321", "10012345678、10087654321", "10012345678 10087654321"]
        {
            assert_eq!(read(text).as_deref(), Ok("10012345678、10087654321"), "{text}");
        }
        assert_eq!(read("10012345678转801").as_deref(), Ok("10012345678转801"));
        assert_eq!(read("10012345678-转分机801").as_deref(), Ok("10012345678转801"));
        for text in ["儿子10012345678", "10012345678(儿子)", "儿子: 10012345678", "10012345678儿子"]
        {
            assert_eq!(read(text).as_deref(), Ok("10012345678(儿子)"), "{text}");
        }
        for text in ["10012345678(儿子)、10087654321转801", "10012345678转801(儿子)"] {
            assert_eq!(read(text).as_deref(), Ok(text), "read again it is the same");
        }
        assert!(read("10012345678转").is_err());
    }

    #[test]
    fn documents_other_than_the_identity_card() {
        let foreigner = read_identity("922999198001010012", RULES).ok();
        assert_eq!(foreigner.map(|identity| identity.birth.is_some()), Some(true));
        let passport = read_identity("e12345678", RULES).ok();
        let told = passport.map(|passport| (passport.text, passport.birth.is_some()));
        assert_eq!(told, Some(("E12345678".into(), false)));
        assert!(read_identity("22089919800101001×", RULES).is_ok());
        assert!(is_old_identity("220899800101001") && !is_old_identity("22089980010100X"));
    }
}
