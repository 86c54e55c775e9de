//! The text of one cell: its normal form by what its column holds, and what it shows of a fault.

use crate::characters;
use crate::kind::Holds;

/// The most characters a cell may hold; longer text is a mistake or an attack.
pub(crate) const CELL_CHARS_MAX: usize = 2_000;
/// Signs before a number that keep a spreadsheet from rounding it.
const GUARDS: [char; 5] = ['\'', '`', '’', '‘', '´'];

/// What a cell was stored as, where its text alone would mislead.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stored {
    /// A number that shows no zeros at its end, though they may have been typed.
    Number,
    /// A number too long to be kept exactly: its last digits are gone.
    Rounded,
    /// A day, or a time.
    Moment,
    /// A day so early that somebody typed a year into a cell made for days.
    YearAsDay,
    /// A formula without a value: no program has computed it.
    NotComputed,
    /// An error, whatever it is called.
    Error,
}

/// A cell without what only guards it, in the normal form of its column.
pub(crate) fn clean(text: &str, holds: Holds) -> String {
    if holds == Holds::Notes {
        return unquoted(text.trim()).to_owned();
    }
    let mut text = normal(unguarded(text), holds);
    // A guard may stand behind what cannot be seen, and be full width itself.
    loop {
        let bare = unguarded(&text);
        if bare.len() == text.len() {
            return text;
        }
        text = normal(bare, holds);
    }
}

fn normal(text: &str, holds: Holds) -> String {
    match holds {
        Holds::Notes => text.to_owned(),
        Holds::Name => characters::name(text),
        Holds::Title => characters::title(text),
        Holds::Building => characters::building(text),
        Holds::Entrance => characters::entrance(text),
        Holds::Room => characters::room(text),
        Holds::Word | Holds::Count => characters::solid(text),
        Holds::Code | Holds::Identity => whole(characters::solid(text)),
        Holds::Phone => whole(characters::plain(text)),
        Holds::Date | Holds::Time => characters::plain(text),
    }
}

/// `13800138000.0` is a number that some program took for a measure.
fn whole(mut text: String) -> String {
    if let Some((number, zeros)) = text.split_once('.')
        && number.bytes().all(|byte| byte.is_ascii_digit())
        && zeros.bytes().all(|byte| byte == b'0')
    {
        text.truncate(number.len());
    }
    text
}

/// `="123"` is how systems write 123 so that a spreadsheet does not take it for a number.
pub(crate) fn unwrapped(text: &str) -> &str {
    let inner = text.trim().strip_prefix("=\"").and_then(|rest| rest.strip_suffix('"'));
    inner.filter(|inner| !inner.contains('"')).unwrap_or(text)
}

fn unguarded(text: &str) -> &str {
    let text = unquoted(unwrapped(text.trim()).trim());
    let rest = text.trim_start_matches(GUARDS);
    if rest.starts_with(|c: char| c.is_ascii_digit()) { rest } else { text }
}

/// Without the quote that marks text.
fn unquoted(text: &str) -> &str {
    match text.strip_prefix('\'') {
        Some(rest)
            if starts_like_formula(rest) || rest.starts_with(|c: char| c.is_ascii_digit()) =>
        {
            rest
        }
        _ => text,
    }
}

/// Whether a spreadsheet would take the text for a formula.
pub(crate) fn starts_like_formula(text: &str) -> bool {
    text.starts_with(['=', '+', '-', '@', '\t', '\r'])
}

/// Whether the text is what a spreadsheet shows for a broken formula, whatever programs call it
/// in years to come, or for a column that is too narrow.
pub(crate) fn is_error_value(text: &str) -> bool {
    let Some(name) = text.strip_prefix('#') else { return false };
    let known = matches!(name, "N/A" | "GETTING_DATA");
    let word = |c: char| c.is_ascii_uppercase() || c.is_ascii_digit() || matches!(c, '/' | '_');
    let shouted =
        name.strip_suffix(['!', '?']).is_some_and(|n| !n.is_empty() && n.chars().all(word));
    known || shouted || (name.len() >= 3 && name.chars().all(|c| c == '#'))
}

/// `2.20899E+17`: a number of which the first digits are left.
pub(crate) fn is_rounded(text: &str) -> bool {
    let Some((number, power)) = text.split_once(['E', 'e']) else { return false };
    let power = power.strip_prefix('+').unwrap_or_default();
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    number.split('.').all(digits) && digits(power)
}

/// Whether the text says that there is nothing to say.
pub(crate) fn means_none(text: &str, holds: Holds) -> bool {
    let sign = text.chars().all(|c| matches!(c, '-' | '/' | '\\' | '—' | '–' | '_' | '.' | '*'));
    let word = matches!(
        text.trim_matches(['(', ')']),
        "无" | "没有"
            | "暂无"
            | "不详"
            | "不明"
            | "未知"
            | "不清楚"
            | "不知道"
            | "未登记"
            | "空"
            | "未提供"
            | "拒绝提供"
            | "保密"
            | "无号码"
            | "无电话"
            | "无证"
            | "无证件"
            | "无身份证"
            | "未办理"
            | "未办"
            | "办理中"
            | "正在办理"
            | "补办中"
            | "丢失"
            | "遗失"
            | "待补"
            | "待补充"
            | "待定"
            | "待查"
            | "待核实"
            | "空缺"
            | "暂缺"
            | "缺"
            | "无户号"
    );
    let foreign = ["N/A", "NA", "NONE", "NULL", "NIL", "NO"];
    let foreign = foreign.iter().any(|word| word.eq_ignore_ascii_case(text));
    let zeros = text.chars().all(|c| c == '0');
    let number = matches!(holds, Holds::Identity | Holds::Phone | Holds::Date | Holds::Code);
    sign || word || (number && (foreign || zeros))
}

/// `3月1日`, `2026/3/1`, `1-Mar`: what spreadsheets make of a room that was typed as `3-1`.
pub(crate) fn looks_like_day(text: &str) -> bool {
    let number = |part: &str, most: usize| {
        !part.is_empty() && part.len() <= most && part.bytes().all(|byte| byte.is_ascii_digit())
    };
    let months =
        ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let month = |part: &str| months.iter().any(|name| name.eq_ignore_ascii_case(part));
    let parts: Vec<&str> = text.split(['-', '/', '年', '月', '日']).collect();
    match parts[..] {
        [a, b, ""] if text.ends_with('日') => number(a, 2) && number(b, 2),
        [a, b, ""] if text.ends_with('月') => number(a, 4) && a.len() == 4 && number(b, 2),
        [a, b, c, ""] if text.ends_with('日') => a.len() == 4 && number(b, 2) && number(c, 2),
        [a, b, c] => number(a, 4) && a.len() == 4 && number(b, 2) && number(c, 2),
        [a, b] => (number(a, 2) && month(b)) || (month(a) && number(b, 2)),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn typed_variants_are_the_same() {
        assert_eq!(clean("　１３－２ ", Holds::Room), "13-2");
        assert_eq!(clean("'=1+1", Holds::Notes), "=1+1");
        assert_eq!(clean("'张", Holds::Notes), "'张");
        assert_eq!(clean("注意：Ａ区", Holds::Notes), "注意：Ａ区", "notes stay as written");
    }

    #[test]
    fn a_guard_against_rounding_is_no_part_of_the_number() {
        let guarded = ["=\"22089919800101001X\"", "`22089919800101001X", "'22089919800101001X\t"];
        for text in guarded {
            assert_eq!(clean(text, Holds::Identity), "22089919800101001X");
        }
    }

    #[test]
    fn errors_of_any_program_and_rounded_numbers() {
        for text in ["#N/A", "#SPILL!", "#NAME?", "#DIV/0!", "#PYTHON!", "#GETTING_DATA", "####"] {
            assert!(is_error_value(text), "{text}");
        }
        for text in ["#", "#1", "#3楼!", "# 1!", "##"] {
            assert!(!is_error_value(text), "{text}");
        }
        assert!(is_rounded("2.20899E+17") && is_rounded("1E+10"));
        assert!(!is_rounded("2E5") && !is_rounded("E+5") && !is_rounded("A1E+5"));
    }

    #[test]
    fn rooms_that_became_days() {
        for text in ["3月1日", "2026/3/1", "2026-03-01", "1-Mar", "Mar-01", "2026年3月1日"] {
            assert!(looks_like_day(text), "{text}");
        }
        for text in ["3-1", "3-1-2", "101", "1号", "13-2-201", "A-1", ""] {
            assert!(!looks_like_day(text), "{text}");
        }
    }

    #[test]
    fn words_for_none() {
        for text in ["无", "不详", "0", "000000000000000000", "办理中", "/", "——", "n/a"]
        {
            assert!(means_none(text, Holds::Identity), "{text}");
        }
        assert!(!means_none("0", Holds::Count) && !means_none("吴", Holds::Name));
    }
}
