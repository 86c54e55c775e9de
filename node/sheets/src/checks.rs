//! Checks of what stands in one cell: citizen ids, dates, times, telephone numbers.

use std::fmt;

use jiff::civil::{Date, Time};
use schema_documents::codes::{CitizenId, CodeError, Sex};

use crate::error::Reason;

/// Area code that belongs to no place: all invented citizen ids stand under it.
const SYNTHETIC_AREA: &str = "220899";
/// Telephone prefix that is assigned to nobody.
const SYNTHETIC_PHONE_PREFIX: &str = "100";
const AGE_YEARS_MAX: i16 = 130;
const PROVINCES: &[&str] = &[
    "11", "12", "13", "14", "15", "21", "22", "23", "31", "32", "33", "34", "35", "36", "37", "41",
    "42", "43", "44", "45", "46", "50", "51", "52", "53", "54", "61", "62", "63", "64", "65", "71",
    "81", "82", "83",
];

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
        other => Sex::parse(other).map_err(|_| Reason::NotOneOf("男、女、未知")),
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
        let normal = text.trim_end_matches(['年', '月']).replace(['/', '.', '年', '月'], "-");
        let mut parts = normal.split('-').map(|part| part.parse::<u8>());
        let year_ok = normal.len() >= 4 && normal.as_bytes()[..4].iter().all(u8::is_ascii_digit);
        let partial = match normal.len() {
            4 if year_ok => Some(normal.clone()),
            6 | 7 if year_ok && normal.as_bytes()[4] == b'-' => match parts.nth(1) {
                Some(Ok(month @ 1..=12)) => Some(format!("{}-{month:02}", &normal[..4])),
                _ => return Err(Reason::Date),
            },
            _ => None,
        };
        let birth = match partial {
            Some(partial) => Self(partial),
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

/// What a citizen id that passed says of its holder.
pub(crate) struct Identity {
    pub(crate) text: String,
    pub(crate) birth: Birth,
    pub(crate) sex: Sex,
}

pub(crate) fn read_citizen_id(text: &str, rules: Rules) -> Result<Identity, Reason> {
    let text = text.to_ascii_uppercase().replace(' ', "");
    if text.contains("E+") || (text.contains('E') && text.contains('.')) {
        return Err(Reason::CitizenIdAsNumber);
    }
    let id = CitizenId::parse(&text).map_err(|error| match error {
        CodeError::CitizenCheck { .. } => Reason::CitizenIdCheck,
        CodeError::CitizenDate => Reason::CitizenIdBirth,
        _ => Reason::CitizenIdShape,
    })?;
    if text.starts_with(SYNTHETIC_AREA) {
        if rules.mode == Mode::Real {
            return Err(Reason::CitizenIdArea);
        }
    } else if !PROVINCES.contains(&&text[..2]) {
        return Err(Reason::CitizenIdArea);
    }
    let birth = Birth::read(&text[6..14], rules.today).map_err(|_| Reason::CitizenIdBirth)?;
    Ok(Identity { text, birth, sex: id.sex() })
}

pub(crate) fn read_phone(text: &str, mode: Mode) -> Result<String, Reason> {
    let digits: String = text.chars().filter(|c| !matches!(c, ' ' | '-' | '(' | ')')).collect();
    let digits = digits.strip_prefix("+86").unwrap_or(&digits).to_owned();
    if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return Err(Reason::Phone);
    }
    let second = digits.as_bytes().get(1).copied().unwrap_or_default();
    let mobile = digits.len() == 11 && digits.starts_with('1') && second >= b'3';
    let landline = digits.starts_with('0') && (10..=12).contains(&digits.len());
    let local = matches!(digits.len(), 7 | 8) && !digits.starts_with(['0', '1']);
    let invented =
        mode == Mode::Synthetic && digits.len() == 11 && digits.starts_with(SYNTHETIC_PHONE_PREFIX);
    if mobile || landline || local || invented { Ok(digits) } else { Err(Reason::Phone) }
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
            assert!(read_citizen_id(id, RULES).is_ok(), "{id}");
        }
    }

    #[test]
    fn wrong_ids_are_told_apart() {
        let refused = |id, rules| read_citizen_id(id, rules).err();
        let real = Rules { mode: Mode::Real, ..RULES };
        assert_eq!(refused("220899198001010010", RULES), Some(Reason::CitizenIdCheck));
        assert_eq!(refused("22089919800101001X", real), Some(Reason::CitizenIdArea));
        assert_eq!(refused("2208991980010100", RULES), Some(Reason::CitizenIdShape));
        assert_eq!(refused("2.20899E+17", RULES), Some(Reason::CitizenIdAsNumber));
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
        assert_eq!(read("1950.3.7"), Ok("1950-03-07".into()));
        assert_eq!(read("2031"), Err(Reason::Future));
        assert_eq!(read("1750"), Err(Reason::Date));
        assert_eq!(read("出生"), Err(Reason::Date));
    }

    #[test]
    fn telephone_numbers() {
        assert!(read_phone("138 0013 8000", Mode::Real).is_ok());
        assert!(read_phone("0436-3200000", Mode::Real).is_ok());
        assert!(read_phone("10012345678", Mode::Real).is_err());
        assert!(read_phone("10012345678", Mode::Synthetic).is_ok());
        assert!(read_phone("无", Mode::Real).is_err());
    }
}
