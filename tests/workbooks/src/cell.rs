//! One cell, as it lies in a workbook and as a program shows it in a text file.

/// A day of the calendar.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Date {
    pub(crate) year: u16,
    pub(crate) month: u8,
    pub(crate) day: u8,
}

/// How a cell shows a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shown {
    General,
    /// So many digits behind the point.
    Places(usize),
    /// So many digits at least.
    Zeros(usize),
    /// The number, then a word.
    Unit(&'static str),
    /// So, but nothing of a zero.
    NoZero,
    /// No digit that is not needed.
    Needed,
    /// The same by the format General.
    GeneralUnit(&'static str),
}

/// How a cell shows a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ShownDay {
    Iso,
    /// The built-in short form: here 2026/3/1.
    Short,
    /// 2026年3月1日, built in.
    Han,
    /// The same, spelled out.
    HanCode,
    /// 2026/3/1, for this language.
    Tagged,
    /// 1-Mar
    DayMonth,
    /// 3月1日
    HanMonthDay,
    /// Mar-26: no day is shown.
    Month,
    /// 2026年3月
    HanMonth,
    /// 2026-03
    IsoMonth,
    /// 2026年3月, built in for this language.
    BuiltInMonth,
}

/// What stands in a cell.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Cell {
    Empty,
    Text(String),
    Number(f64, Shown),
    Day(Date, ShownDay),
    /// A day as newer programs may write it, `2026-03-01T00:00:00`.
    IsoDay(Date),
    /// A year that somebody typed into a cell made for days.
    YearAsDay(u16, ShownDay),
    /// A text with a word that the format adds.
    TextUnit(String, &'static str),
    /// A formula with its value.
    Formula(Box<Self>),
    /// A formula that no program computed.
    Uncomputed,
    Error(&'static str),
}

pub(crate) fn text(text: impl Into<String>) -> Cell {
    Cell::Text(text.into())
}

impl Date {
    /// Days since 1899-12-30, as spreadsheets count them from March 1900 on.
    pub(crate) fn serial(self) -> i64 {
        // Days from civil (Howard Hinnant), shifted.
        let month = i64::from(self.month);
        let year = i64::from(self.year) - i64::from(month <= 2);
        let era = year.div_euclid(400);
        let of_era = year.rem_euclid(400);
        let of_year = (153 * ((month + 9) % 12) + 2) / 5 + i64::from(self.day) - 1;
        let days = of_era * 365 + of_era / 4 - of_era / 100 + of_year;
        era * 146_097 + days - 719_468 + 25_569
    }

    pub(crate) fn iso(self) -> String {
        format!("{:04}-{:02}-{:02}", self.year, self.month, self.day)
    }
}

const MONTHS: [&str; 12] =
    ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

impl Shown {
    pub(crate) fn code(self) -> String {
        match self {
            Self::General => "General".into(),
            Self::Places(0) => "0".into(),
            Self::Places(places) => format!("0.{}", "0".repeat(places)),
            Self::Zeros(digits) => "0".repeat(digits),
            Self::NoZero => "0;\\-0;;@".into(),
            Self::Needed => "#".into(),
            Self::Unit(unit) => format!("0\"{unit}\""),
            Self::GeneralUnit(unit) => format!("General\"{unit}\""),
        }
    }

    fn show(self, number: f64) -> String {
        match self {
            // A cell of the usual width shows eleven digits.
            Self::General if number >= 1e11 => {
                let power = number.log10().floor();
                format!("{:.5}E+{power}", number / 10f64.powf(power))
            }
            Self::NoZero | Self::Needed if number == 0.0 => String::new(),
            Self::General | Self::NoZero | Self::Needed => format!("{number}"),
            Self::Places(places) => format!("{number:.places$}"),
            Self::Zeros(digits) => format!("{number:0digits$.0}"),
            Self::Unit(unit) => format!("{number:.0}{unit}"),
            Self::GeneralUnit(unit) => format!("{number}{unit}"),
        }
    }
}

impl ShownDay {
    /// The number of a built-in format, or a code.
    pub(crate) fn format(self) -> Result<u32, &'static str> {
        match self {
            Self::Iso => Err("yyyy\\-mm\\-dd"),
            Self::Short => Ok(14),
            Self::Han => Ok(31),
            Self::HanCode => Err("yyyy\"年\"m\"月\"d\"日\";@"),
            Self::Tagged => Err("[$-804]yyyy/m/d;@"),
            Self::DayMonth => Ok(16),
            Self::HanMonthDay => Ok(58),
            Self::Month => Ok(17),
            Self::HanMonth => Err("yyyy\"年\"m\"月\";@"),
            Self::IsoMonth => Err("yyyy\\-mm"),
            Self::BuiltInMonth => Ok(57),
        }
    }

    fn show(self, Date { year, month, day }: Date) -> String {
        let name = MONTHS[usize::from(month) - 1];
        match self {
            Self::Iso => format!("{year:04}-{month:02}-{day:02}"),
            Self::Short | Self::Tagged => format!("{year}/{month}/{day}"),
            Self::Han | Self::HanCode => format!("{year}年{month}月{day}日"),
            Self::DayMonth => format!("{day}-{name}"),
            Self::HanMonthDay => format!("{month}月{day}日"),
            Self::Month => format!("{name}-{:02}", year % 100),
            Self::HanMonth | Self::BuiltInMonth => format!("{year}年{month}月"),
            Self::IsoMonth => format!("{year}-{month:02}"),
        }
    }
}

impl Cell {
    /// What a program writes into a text file for it.
    pub(crate) fn shown(&self) -> String {
        match self {
            Self::Empty | Self::Uncomputed => String::new(),
            Self::Text(text) => text.clone(),
            Self::Number(number, shown) => shown.show(*number),
            Self::Day(day, shown) => shown.show(*day),
            Self::YearAsDay(..) => "1905/5/13".to_owned(),
            Self::IsoDay(day) => ShownDay::Short.show(*day),
            Self::TextUnit(text, unit) => format!("{text}{unit}"),
            Self::Formula(value) => value.shown(),
            Self::Error(error) => (*error).to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_counted_as_spreadsheets_count_them() {
        let serial = |year, month, day| Date { year, month, day }.serial();
        assert_eq!(serial(1960, 5, 1), 22_037);
        assert_eq!(serial(1900, 3, 1), 61);
        assert_eq!(serial(2026, 11, 28), 46_354);
    }

    #[test]
    fn numbers_are_shown_as_programs_show_them() {
        assert_eq!(Shown::General.show(220_802_198_001_010_010.0), "2.20802E+17");
        assert_eq!(Shown::Places(2).show(1960.1), "1960.10");
        assert_eq!(Shown::Zeros(11).show(4_363_200_000.0), "04363200000");
        assert_eq!(Shown::General.show(10_012_345_678.0), "10012345678");
    }
}
