//! Days and times as records hold them (section 10.2): one text for each, and no other.

use std::fmt;

use jiff::civil::Date;

/// A day of the Gregorian calendar, `YYYY-MM-DD`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Day(Date);

impl Day {
    /// The day with these numbers, if there is one.
    pub fn new(year: i16, month: i8, day: i8) -> Option<Self> {
        (0..=9999).contains(&year).then(|| Date::new(year, month, day).ok())?.map(Self)
    }

    /// Reads `YYYY-MM-DD`.
    pub fn parse(text: &str) -> Option<Self> {
        match PartialDay::parse(text)? {
            PartialDay::Day(day) => Some(day),
            PartialDay::Month(..) | PartialDay::Year(_) => None,
        }
    }

    /// Reads a day in any of the forms that offices write: `2024-03-01`, `2024/3/1`,
    /// `2024年3月1日` or `20240301`.
    pub fn read(text: &str) -> Option<Self> {
        match PartialDay::read(text)? {
            PartialDay::Day(day) => Some(day),
            PartialDay::Month(..) | PartialDay::Year(_) => None,
        }
    }

    /// The day in Asia/Shanghai at this time, in milliseconds since 1970.
    pub fn at(ms: u64) -> Option<Self> {
        let at = jiff::Timestamp::from_millisecond(i64::try_from(ms).ok()?).ok()?;
        let shanghai = jiff::tz::TimeZone::fixed(jiff::tz::offset(8));
        Some(Self(shanghai.to_datetime(at).date()))
    }

    /// Its year.
    pub fn year(self) -> i16 {
        self.0.year()
    }

    /// Its month, 1 to 12.
    pub fn month(self) -> i8 {
        self.0.month()
    }

    /// Year and month, as in names: `YYYY-MM`.
    pub fn year_month(self) -> String {
        format!("{:04}-{:02}", self.year(), self.month())
    }
}

impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}-{:02}", self.0.year(), self.0.month(), self.0.day())
    }
}

/// A day, as exactly as it is known: `YYYY-MM-DD`, `YYYY-MM` or `YYYY`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PartialDay {
    /// A year.
    Year(i16),
    /// A month of a year.
    Month(i16, i8),
    /// A day.
    Day(Day),
}

impl PartialDay {
    /// Reads the text of a record, and no other form.
    pub fn parse(text: &str) -> Option<Self> {
        let day = Self::read(text)?;
        (day.to_string() == text).then_some(day)
    }

    /// Reads what offices write.
    pub fn read(text: &str) -> Option<Self> {
        let text = text.trim().split([' ', 'T']).next()?;
        let parts: Vec<&str> = if text.len() == 8 && text.bytes().all(|b| b.is_ascii_digit()) {
            vec![text.get(..4)?, text.get(4..6)?, text.get(6..)?]
        } else {
            let between = ['-', '/', '.', '年', '月', '日', '生'];
            text.trim_end_matches(['年', '月', '日', '生']).split(between).collect()
        };
        let digits = |part: &str, most: usize| {
            let fits = (1..=most).contains(&part.len());
            (fits && part.bytes().all(|b| b.is_ascii_digit())).then(|| part.parse::<i16>().ok())?
        };
        let small = |part: &str| i8::try_from(digits(part, 2)?).ok();
        let (year, rest) = parts.split_first()?;
        let year = (year.len() == 4).then(|| digits(year, 4))??;
        match rest {
            // A year that a format shows with decimals is that year.
            [] | ["00"] => Some(Self::Year(year)),
            [month] => Day::new(year, small(month)?, 1).map(|day| Self::Month(year, day.month())),
            [month, day] => Day::new(year, small(month)?, small(day)?).map(Self::Day),
            _ => None,
        }
    }

    /// Its year.
    pub fn year(self) -> i16 {
        match self {
            Self::Year(year) | Self::Month(year, _) => year,
            Self::Day(day) => day.year(),
        }
    }

    /// The first day that it may be.
    pub fn first(self) -> Option<Day> {
        match self {
            Self::Year(year) => Day::new(year, 1, 1),
            Self::Month(year, month) => Day::new(year, month, 1),
            Self::Day(day) => Some(day),
        }
    }

    /// Is it over before this day begins? What is known by its month or year ends with that.
    pub fn is_before(self, day: Day) -> bool {
        match self {
            Self::Year(year) => year < day.year(),
            Self::Month(year, month) => (year, month) < (day.year(), day.month()),
            Self::Day(own) => own < day,
        }
    }

    /// Does it begin after this day is over?
    pub fn is_after(self, day: Day) -> bool {
        match self {
            Self::Year(year) => year > day.year(),
            Self::Month(year, month) => (year, month) > (day.year(), day.month()),
            Self::Day(own) => own > day,
        }
    }

    /// Can both be said of one thing?
    pub fn agrees(self, other: Self) -> bool {
        let (own, other) = (self.to_string(), other.to_string());
        own.starts_with(&other) || other.starts_with(&own)
    }
}

impl fmt::Display for PartialDay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Year(year) => write!(f, "{year:04}"),
            Self::Month(year, month) => write!(f, "{year:04}-{month:02}"),
            Self::Day(day) => day.fmt(f),
        }
    }
}

/// A time of day in Asia/Shanghai, `HH:MM`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Time {
    hour: u8,
    minute: u8,
}

impl Time {
    /// Reads the text of a record, and no other form.
    pub fn parse(text: &str) -> Option<Self> {
        let time = Self::read(text)?;
        (time.to_string() == text).then_some(time)
    }

    /// Reads what offices write: `8:30`, `08:30`, `08:30:00` or `8时30分`.
    pub fn read(text: &str) -> Option<Self> {
        let clock = text.trim().rsplit([' ', 'T']).next()?;
        let mut parts = clock.split([':', '：', '时', '分']).filter(|part| !part.is_empty());
        let mut number = || {
            let digits = |part: &&str| part.len() <= 2 && part.bytes().all(|b| b.is_ascii_digit());
            parts.next().map(|part| Some(part).filter(digits)?.parse::<u8>().ok())
        };
        let (hour, minute) = (number()??, number().unwrap_or(Some(0))?);
        (hour < 24 && minute < 60).then_some(Self { hour, minute })
    }
}

impl fmt::Display for Time {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:02}:{:02}", self.hour, self.minute)
    }
}

#[cfg(test)]
mod tests {
    use super::{Day, PartialDay, Time};

    #[test]
    fn a_record_has_one_text_for_each_day() {
        for text in ["2024-02-29", "2024-02", "2024", "0000-01-01"] {
            assert_eq!(PartialDay::parse(text).expect(text).to_string(), text);
        }
        for text in ["2023-02-29", "2024-2-29", "2024/02/29", "2024-13", "24", "", "2024-02-29 "] {
            assert_eq!(PartialDay::parse(text), None, "{text}");
        }
        assert_eq!(Day::parse("2024-02"), None);
    }

    #[test]
    fn offices_write_days_and_times_in_many_forms() {
        let day = Day::new(2024, 3, 1);
        for text in ["2024-3-1", "2024/03/01", "2024年3月1日", "20240301", "2024.3.1 00:00"] {
            assert_eq!(Day::read(text), day, "{text}");
        }
        assert_eq!(PartialDay::read("1950年3月生"), Some(PartialDay::Month(1950, 3)));
        assert_eq!(PartialDay::read("1950.10"), Some(PartialDay::Month(1950, 10)));
        assert_eq!(PartialDay::read("1950.00"), Some(PartialDay::Year(1950)));
        for text in ["8:30", "08:30:00", "8时30分", "2024-03-01 08:30"] {
            assert_eq!(Time::read(text).expect(text).to_string(), "08:30");
        }
        for text in ["24:00", "8:60", "a", "", "+8:30"] {
            assert_eq!(Time::read(text), None, "{text}");
        }
        assert_eq!(Time::parse("8:30"), None);
    }

    #[test]
    fn what_is_known_by_its_month_is_over_with_it() {
        let day = Day::new(2024, 3, 1).expect("a day");
        let before = |text| PartialDay::parse(text).expect(text).is_before(day);
        assert!(before("2024-02") && before("2023") && before("2024-02-29"));
        assert!(!before("2024-03") && !before("2024") && !before("2024-03-01"));
    }
}
