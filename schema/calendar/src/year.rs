//! One year's notice: the days that it sets apart from Monday to Friday.

use std::collections::BTreeMap;

use jiff::civil::Date;

/// What a notice makes of a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum DayKind {
    /// 放假: nobody works.
    Off,
    /// 调休: a day of a weekend that is worked.
    MakeUp,
}

/// A year's notice, in one of its versions. It may name days of the December before.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Year {
    year: i16,
    version: u64,
    days: BTreeMap<Date, DayKind>,
}

/// Why days are no notice.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum YearError {
    /// A day that the notice of this year does not speak of.
    #[error(
        "the notice of {year} cannot name {day}: it names days from {year} and the last of the December before"
    )]
    OtherYear {
        /// Of which year the notice is.
        year: i16,
        /// The day.
        day: Date,
    },
    /// A day that is named twice.
    #[error("{0} is named twice")]
    Twice(Date),
    /// A line that is no entry.
    #[error("line {0} is not year, day, name and kind")]
    Line(usize),
}

impl Year {
    /// A notice. Of two of one year the one with the greater version is in force.
    ///
    /// # Errors
    /// If a day is named twice, or is not one the notice of this year may speak of.
    pub fn new(
        year: i16,
        version: u64,
        days: impl IntoIterator<Item = (Date, DayKind)>,
    ) -> Result<Self, YearError> {
        let mut named = BTreeMap::new();
        for (day, kind) in days {
            let before = day.year() == year - 1 && is_open_until_next_notice(day);
            if day.year() != year && !before {
                return Err(YearError::OtherYear { year, day });
            }
            if named.insert(day, kind).is_some() {
                return Err(YearError::Twice(day));
            }
        }
        Ok(Self { year, version, days: named })
    }

    /// The notices of a file: `notice_year,date,name,day`, where `day` is `off` or `work`.
    ///
    /// # Errors
    /// At the first line that is no entry, or if the days are no notices.
    pub fn read_all(text: &str) -> Result<Vec<Self>, YearError> {
        let mut years: BTreeMap<i16, Vec<(Date, DayKind)>> = BTreeMap::new();
        for (number, line) in (1..).zip(text.lines()).skip(1) {
            let entry = entry(line).ok_or(YearError::Line(number))?;
            years.entry(entry.0).or_default().push(entry.1);
        }
        years.into_iter().map(|(year, days)| Self::new(year, 0, days)).collect()
    }

    /// The notices of 2007 to 2026, which a city begins with.
    ///
    /// # Errors
    /// None: a test reads the file that is shipped.
    pub fn shipped() -> Result<Vec<Self>, YearError> {
        Self::read_all(include_str!("../data/holidays.csv"))
    }

    /// Of which year it is.
    pub fn year(&self) -> i16 {
        self.year
    }

    /// Its version.
    pub fn version(&self) -> u64 {
        self.version
    }

    /// What it makes of a day, if it names it.
    pub fn day(&self, day: Date) -> Option<DayKind> {
        self.days.get(&day).copied()
    }
}

/// May the notice of the next year still change this day? From 2007 to 2026 they changed days
/// from the 29th of December on; a few more are held open.
pub(crate) fn is_open_until_next_notice(day: Date) -> bool {
    day.month() == 12 && day.day() >= 25
}

fn entry(line: &str) -> Option<(i16, (Date, DayKind))> {
    let mut fields = line.split(',');
    let year = fields.next()?.parse().ok()?;
    let day: Date = fields.next()?.parse().ok()?;
    let _name = fields.next()?;
    let kind = match fields.next()? {
        "off" => DayKind::Off,
        "work" => DayKind::MakeUp,
        _ => return None,
    };
    fields.next().is_none().then_some((year, (day, kind)))
}
