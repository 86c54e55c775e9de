//! What a number format shows of a cell: leading zeros, zeros at the end, and words around it.

use calamine::{ExcelDateTime, ExcelDateTimeType};

use crate::cell::Stored;

/// A whole number from here on was stored with its last digits lost.
const EXACT_NUMBER_MAX: f64 = 1e15;
/// The last day that spreadsheets know, 9999-12-31.
const SERIAL_MAX: f64 = 2_958_465.0;
/// Numbers of days that are years typed into a cell made for days: 1850 is a day of 1905.
const YEAR_TYPED: std::ops::RangeInclusive<f64> = 1850.0..=2100.0;

/// How a cell shows what it holds.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) enum NumberFormat {
    /// As many digits as there are.
    #[default]
    General,
    /// A day, a time, or both.
    Moment,
    /// A year and a month: who types a month gets its first day, shown like this.
    Month,
    /// Digits at their places, words between them.
    Pattern(Vec<Piece>),
    /// Words around a text.
    Around(String, String),
    /// As this, but nothing of a zero.
    HidesZero(Box<Self>),
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Piece {
    Literal(String),
    /// A digit; a zero is shown where the number has none.
    Digit {
        zero: bool,
    },
    Point,
    /// All digits.
    General,
    /// The text itself.
    Text,
}

impl NumberFormat {
    /// A format that every workbook has without saying so.
    pub(crate) fn built_in(id: u32) -> Self {
        match id {
            // As the programs of this country build them in.
            17 | 27 | 36 | 50 | 52 | 57 => Self::Month,
            14..=22 | 27..=36 | 45..=47 | 50..=58 => Self::Moment,
            1 => Self::read("0"),
            2 => Self::read("0.00"),
            3 | 37 | 38 => Self::read("#,##0"),
            4 | 39 | 40 => Self::read("#,##0.00"),
            _ => Self::General,
        }
    }

    /// A format from its code.
    pub(crate) fn read(code: &str) -> Self {
        let shown = Self::of_numbers(code);
        if hides_zero(code) { shown.hiding_zero() } else { shown }
    }

    /// The same where a zero is not shown.
    pub(crate) fn hiding_zero(self) -> Self {
        Self::HidesZero(Box::new(self))
    }

    fn of_numbers(code: &str) -> Self {
        let sections: Vec<Vec<Piece>> = match sections(code) {
            Some(sections) => sections,
            None if shows_month(code) => return Self::Month,
            None => return Self::Moment,
        };
        let text = sections.iter().find(|section| section.contains(&Piece::Text));
        if let Some(section) = text {
            let mut around = section.split(|piece| *piece == Piece::Text).map(words);
            let (before, after) = (around.next(), around.next());
            let (before, after) = (before.unwrap_or_default(), after.unwrap_or_default());
            if !before.is_empty() || !after.is_empty() {
                return Self::Around(before, after);
            }
        }
        let first = sections.into_iter().next().unwrap_or_default();
        let digits = first.iter().any(|piece| matches!(piece, Piece::Digit { .. }));
        let general = first.contains(&Piece::General);
        let words = first.iter().any(|piece| matches!(piece, Piece::Literal(_)));
        if digits || (general && words) { Self::Pattern(first) } else { Self::General }
    }

    /// The number as the cell shows it, and what the text alone does not say.
    pub(crate) fn show(&self, value: f64, since_1904: bool) -> (String, Option<Stored>) {
        let whole = value.fract() == 0.0;
        match self {
            Self::HidesZero(_) if value == 0.0 => (String::new(), None),
            Self::HidesZero(shown) => shown.show(value, since_1904),
            Self::Moment | Self::Month if (0.0..=SERIAL_MAX).contains(&value) => {
                let early = whole && YEAR_TYPED.contains(&value);
                let stored = if early { Stored::YearAsDay } else { Stored::Moment };
                let moment = moment(value, since_1904);
                let month = moment.strip_suffix("-01").filter(|_| *self == Self::Month);
                (month.map_or_else(|| moment.clone(), str::to_owned), Some(stored))
            }
            _ if !value.is_finite() => (String::new(), Some(Stored::Error)),
            _ if whole && value.abs() >= EXACT_NUMBER_MAX => {
                (format!("{value:E}").replace('E', "E+"), Some(Stored::Rounded))
            }
            Self::Pattern(pieces) => match pattern(pieces, value) {
                Some(shown) => (shown, None),
                None => (digits(value), Some(Stored::Number)),
            },
            _ if whole => (format!("{value:.0}"), None),
            _ => (digits(value), Some(Stored::Number)),
        }
    }

    /// The text with the words that the cell shows around it.
    pub(crate) fn around(&self, text: String) -> String {
        match self {
            Self::HidesZero(shown) => shown.around(text),
            Self::Around(before, after) if !text.is_empty() => format!("{before}{text}{after}"),
            _ => text,
        }
    }
}

/// Up to 15 digits, as spreadsheets show them: what lies behind is the noise of binary fractions.
fn digits(value: f64) -> String {
    let before = value.abs().log10().floor().clamp(-15.0, 15.0);
    // The range of the exponent is small, so the cast is exact.
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    let places = (14.0 - before).clamp(0.0, 30.0) as usize;
    let text = format!("{value:.places$}");
    let short = text.trim_end_matches('0').trim_end_matches('.');
    if text.contains('.') { short.to_owned() } else { text }
}

/// A time of day, a day, or both, as the number in the cell says.
fn moment(serial: f64, since_1904: bool) -> String {
    let moment = ExcelDateTime::new(serial, ExcelDateTimeType::DateTime, since_1904);
    let (year, month, day, hour, minute, ..) = moment.to_ymd_hms_milli();
    if (0.0..1.0).contains(&serial) {
        format!("{hour:02}:{minute:02}")
    } else if serial.fract() == 0.0 {
        format!("{year:04}-{month:02}-{day:02}")
    } else {
        format!("{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}")
    }
}

/// The digits at their places. `None` if the format shows less than the cell holds.
fn pattern(pieces: &[Piece], value: f64) -> Option<String> {
    if value < 0.0 {
        return None;
    }
    let point = pieces.iter().position(|piece| *piece == Piece::Point);
    let (whole, fraction) = match point {
        Some(place) => (&pieces[..place], &pieces[place + 1..]),
        None => (pieces, &[][..]),
    };
    let exact = digits(value);
    let (left, right) = exact.split_once('.').unwrap_or((&exact, ""));
    let slots = fraction.iter().filter(|piece| matches!(piece, Piece::Digit { .. })).count();
    let general = whole.contains(&Piece::General);
    if right.len() > slots && !general {
        return None;
    }
    let mut shown = integer(whole, left, &exact);
    let mut rest = right.chars();
    for (place, piece) in fraction.iter().enumerate() {
        match piece {
            Piece::Digit { zero } => match rest.next() {
                Some(digit) => shown.push_str(&format!("{}{digit}", dot(place))),
                None if *zero => shown.push_str(&format!("{}0", dot(place))),
                None => {}
            },
            Piece::Literal(words) => shown.push_str(words),
            Piece::Point | Piece::General | Piece::Text => {}
        }
    }
    Some(shown)
}

fn dot(place: usize) -> &'static str {
    if place == 0 { "." } else { "" }
}

/// The digits before the point, filled in from the right; the first place takes all that is left.
fn integer(pieces: &[Piece], left: &str, exact: &str) -> String {
    let mut rest = left;
    let mut shown: Vec<&str> = Vec::new();
    let first = pieces.iter().position(|piece| matches!(piece, Piece::Digit { .. }));
    for (place, piece) in pieces.iter().enumerate().rev() {
        match piece {
            Piece::Literal(words) => shown.push(words),
            Piece::General => shown.push(exact),
            Piece::Digit { .. } if Some(place) == first && !rest.is_empty() => shown.push(rest),
            Piece::Digit { zero } => match rest.char_indices().next_back() {
                Some((last, _)) => {
                    shown.push(&rest[last..]);
                    rest = &rest[..last];
                }
                None if *zero => shown.push("0"),
                None => {}
            },
            Piece::Point | Piece::Text => {}
        }
    }
    shown.into_iter().rev().collect()
}

fn words(pieces: &[Piece]) -> String {
    pieces
        .iter()
        .filter_map(|p| if let Piece::Literal(w) = p { Some(&**w) } else { None })
        .collect()
}

/// The sections of a format. `None`: it shows a day or a time.
fn sections(code: &str) -> Option<Vec<Vec<Piece>>> {
    let code = code.replace("G/通用格式", "General");
    let mut sections = vec![Vec::new()];
    let mut rest = code.as_str();
    while let Some(c) = rest.chars().next() {
        let section = sections.last_mut().expect("there is always one");
        let mut taken = c.len_utf8();
        match c {
            ';' => sections.push(Vec::new()),
            '"' => {
                let end = rest[1..].find('"').unwrap_or(rest.len() - 1);
                section.push(Piece::Literal(rest[1..=end].to_owned()));
                taken = (end + 2).min(rest.len());
            }
            // A sign as it is; the width of a sign; a sign that fills the cell.
            '\\' | '_' | '*' => {
                let next = rest[1..].chars().next();
                taken += next.map_or(0, char::len_utf8);
                section.extend(next.filter(|_| c == '\\').map(|n| Piece::Literal(n.into())));
            }
            '[' => {
                let end = rest.find(']').unwrap_or(rest.len());
                let inside = rest[1..end.max(1)].to_ascii_lowercase();
                if !inside.is_empty() && inside.chars().all(|c| matches!(c, 'h' | 'm' | 's')) {
                    return None;
                }
                taken = (end + 1).min(rest.len());
            }
            '0' => section.push(Piece::Digit { zero: true }),
            '#' | '?' => section.push(Piece::Digit { zero: false }),
            '.' => section.push(Piece::Point),
            '@' => section.push(Piece::Text),
            ',' | '%' => {}
            _ if rest.get(..7).is_some_and(|name| name.eq_ignore_ascii_case("general")) => {
                section.push(Piece::General);
                taken = 7;
            }
            // Powers of ten are for large numbers: all digits are better.
            'E' | 'e' if matches!(rest.as_bytes().get(1), Some(b'+' | b'-')) => {
                return Some(Vec::new());
            }
            'y' | 'Y' | 'm' | 'M' | 'd' | 'D' | 'h' | 'H' | 's' | 'S' => return None,
            other => section.push(Piece::Literal(other.into())),
        }
        rest = &rest[taken..];
    }
    Some(sections)
}

/// Shows a format nothing of a zero? Its third section is for zeros; `#` alone shows none.
fn hides_zero(code: &str) -> bool {
    let (mut sections, mut section) = (Vec::new(), String::new());
    let mut signs = code.chars();
    while let Some(sign) = signs.next() {
        match sign {
            ';' => sections.push(std::mem::take(&mut section)),
            '"' => section.extend(signs.by_ref().take_while(|end| *end != '"')),
            '[' => drop(signs.by_ref().find(|end| *end == ']')),
            '\\' => section.extend(signs.next()),
            '_' | '*' => drop(signs.next()),
            other => section.push(other),
        }
    }
    sections.push(section);
    match sections.as_slice() {
        [only] => !only.is_empty() && only.chars().all(|sign| matches!(sign, '#' | ',')),
        [_, _] => false,
        [_, _, zero, ..] => zero.trim().is_empty(),
        [] => false,
    }
}

/// Does a format of days show a year and a month and no more?
fn shows_month(code: &str) -> bool {
    let (mut year, mut month) = (false, false);
    let mut signs = code.chars();
    while let Some(sign) = signs.next() {
        match sign.to_ascii_lowercase() {
            '"' => drop(signs.by_ref().find(|end| *end == '"')),
            '[' => drop(signs.by_ref().find(|end| *end == ']')),
            '\\' | '_' | '*' => drop(signs.next()),
            ';' => break,
            'y' | 'e' => year = true,
            'm' => month = true,
            'd' | 'h' | 's' => return false,
            _ => {}
        }
    }
    year && month
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(code: &str, value: f64) -> String {
        NumberFormat::read(code).show(value, false).0
    }

    #[test]
    fn numbers_are_read_as_the_cell_shows_them() {
        assert_eq!(shown("0.00", 1960.1), "1960.10");
        assert_eq!(shown("000", 7.0), "007");
        assert_eq!(shown("0\"号楼\"", 3.0), "3号楼");
        assert_eq!(shown("General\"栋\"", 3.0), "3栋");
        assert_eq!(shown("G/通用格式\"栋\"", 3.0), "3栋");
        assert_eq!(shown("\"V\"0000", 12.0), "V0012");
        assert_eq!(shown("0000\\-0000000", 4_363_200_000.0), "0436-3200000");
        assert_eq!(shown("00000000000", 4_363_200_000.0), "04363200000");
        assert_eq!(shown("0_ ;[Red]\\-0\\ ", 5.0), "5");
        assert_eq!(shown("#,##0", 1234.0), "1234");
        assert_eq!(shown("0.00E+00", 1000.0), "1000");
        assert_eq!(shown("@", 7.0), "7");
    }

    #[test]
    fn what_a_format_hides_is_not_lost() {
        let (text, stored) = NumberFormat::read("0").show(1960.1, false);
        assert_eq!((&*text, stored), ("1960.1", Some(Stored::Number)));
        let (text, stored) = NumberFormat::General.show(1960.1, false);
        assert_eq!((&*text, stored), ("1960.1", Some(Stored::Number)));
        let (text, stored) = NumberFormat::General.show(220_899_199_012_310_020.0, false);
        assert_eq!((&*text, stored), ("2.2089919901231E+17", Some(Stored::Rounded)));
    }

    #[test]
    fn a_zero_that_a_cell_hides_says_nothing() {
        for code in
            ["0;-0;;@", "General;-General;;@", "#", "#,###", "0_ ;[Red]\\-0\\ ;", "yyyy/m/d;;"]
        {
            assert_eq!(shown(code, 0.0), "", "{code}");
            assert_ne!(shown(code, 22_037.0), "", "{code}");
        }
        for code in ["0", "General", "#,##0", "0;-0", "0;-0;\"-\"", "#\"号\"", "@"] {
            assert_ne!(shown(code, 0.0), "", "{code}");
        }
    }

    #[test]
    fn days_and_times() {
        for code in ["yyyy-mm-dd", "m\"月\"d\"日\"", "[h]:mm", "h:mm AM/PM", "[$-804]yyyy/m/d;@"]
        {
            assert_eq!(NumberFormat::read(code), NumberFormat::Moment, "{code}");
        }
        assert_eq!(shown("yyyy-mm-dd", 22_037.0), "1960-05-01");
        assert_eq!(shown("h:mm", 0.354_166_666_7), "08:30");
        assert_eq!(NumberFormat::Moment.show(1960.0, false).1, Some(Stored::YearAsDay));
        assert_eq!(NumberFormat::Moment.show(-1.0, false).0, "-1");
    }

    #[test]
    fn a_month_that_became_its_first_day_is_a_month() {
        for code in ["yyyy\"年\"m\"月\";@", "[$-804]yyyy\"年\"m\"月\"", "yyyy\\-mm", "mmm-yy"] {
            assert_eq!(shown(code, 22_037.0), "1960-05", "{code}");
            assert_eq!(shown(code, 22_038.0), "1960-05-02", "{code}: the day is known");
        }
        for id in [17, 27, 57] {
            assert_eq!(NumberFormat::built_in(id).show(22_037.0, false).0, "1960-05", "{id}");
        }
        for code in ["yyyy-m-d", "m\"月\"d\"日\"", "yyyy\"年\"m\"月\"d\"日\"", "yyyy/m/d h:mm"]
        {
            assert_eq!(shown(code, 22_037.0), "1960-05-01", "{code}");
        }
        let year = NumberFormat::Month.show(1960.0, false);
        assert_eq!(year.1, Some(Stored::YearAsDay));
    }

    #[test]
    fn words_around_a_text() {
        assert_eq!(NumberFormat::read(";;;@\"栋\"").around("3".into()), "3栋");
        assert_eq!(NumberFormat::read("@").around("3".into()), "3");
    }

    #[test]
    fn no_format_breaks_the_reader() {
        for code in [
            "\"", "[", "\\", "_", "*", "[h", "0.0.0", "@@", ";;;;;", "\"栋", "[栋]0", "[栋", "\\",
            "_栋", "*栋", "",
        ] {
            for value in [0.0, 1.5, 1e300, -2.0, f64::NAN, f64::MIN_POSITIVE] {
                let _ = NumberFormat::read(code).show(value, true);
            }
        }
    }
}
