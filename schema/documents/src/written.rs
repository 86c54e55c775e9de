//! What people write, before it is a value: its one form, what shows that a program damaged it,
//! and the words that say that there is nothing.

use std::borrow::Cow;

use icu_normalizer::ComposingNormalizerBorrowed;

use crate::characters;
use crate::check::Check;
use crate::field::{Spec, Type};
use crate::refusal::Reason;

/// The text of a field in its one form; empty if nothing was written.
pub(crate) fn one_form(spec: &Spec, text: &str) -> String {
    if let Check::Lines(_) = spec.check {
        return free_text(text);
    }
    let mut text = without_spaces(spec, characters::unguarded(text));
    // A guard may stand behind what cannot be seen, and be full width itself.
    loop {
        let bare = characters::unguarded(&text);
        if bare.len() == text.len() {
            return text;
        }
        text = without_spaces(spec, bare);
    }
}

fn without_spaces(spec: &Spec, text: &str) -> String {
    match (spec.holds.inner(), spec.check) {
        (_, Check::PersonName(_)) | (Type::Person, _) => characters::name(text),
        (_, Check::BuildingNumber) => characters::building(text),
        (_, Check::EntranceNumber) => characters::entrance(text),
        (_, Check::RoomNumber) => characters::room(text),
        (_, Check::Phone) => characters::plain(text),
        (_, Check::GivenNumber(_) | Check::GridNumber | Check::Identity)
        | (_, Check::Organisation | Check::Digest) => {
            characters::whole(&characters::solid(text)).to_owned()
        }
        (Type::Day | Type::PartialDay | Type::Time, _) => characters::plain(text),
        (Type::Code(_) | Type::Flag | Type::Count, _) => characters::solid(text),
        _ => characters::title(text),
    }
}

/// What somebody says in their own words stays as written, but for how its lines end.
fn free_text(text: &str) -> String {
    let lines = text.trim().replace("\r\n", "\n").replace('\r', "\n").replace('\t', " ");
    ComposingNormalizerBorrowed::new_nfc().normalize(&lines).into_owned()
}

/// What shows that a text is no longer what somebody wrote, whatever the field wants.
pub(crate) fn damage(spec: &Spec, text: &str) -> Option<Reason> {
    let door =
        matches!(spec.check, Check::BuildingNumber | Check::EntranceNumber | Check::RoomNumber);
    let day = matches!(spec.holds.inner(), Type::Day | Type::PartialDay);
    match spec.check {
        _ if text.contains('\u{fffd}') => Some(Reason::Character),
        _ if is_error_value(text) => Some(Reason::FormulaError),
        _ if door && looks_like_day(text) => Some(Reason::BecameDay),
        Check::Lines(_) => None,
        _ if is_ditto(text) => Some(Reason::Ditto),
        Check::Identity if is_rounded(text) => Some(Reason::IdentityRounded),
        _ if is_rounded(text) => Some(Reason::Rounded),
        // A day of the years 1927 to 2173 as spreadsheets count them.
        _ if day && text.len() == 5 && is_digits(text) => Some(Reason::DayAsNumber),
        _ => None,
    }
}

/// Does a spreadsheet show this for a broken formula, whatever programs call it in years to come,
/// or for a column that is too narrow?
fn is_error_value(text: &str) -> bool {
    let Some(name) = text.strip_prefix('#') else { return false };
    let known = matches!(name, "N/A" | "GETTING_DATA");
    let word = |c: char| c.is_ascii_uppercase() || c.is_ascii_digit() || matches!(c, '/' | '_');
    let shouted =
        name.strip_suffix(['!', '?']).is_some_and(|n| !n.is_empty() && n.chars().all(word));
    known || shouted || (name.len() >= 3 && name.chars().all(|c| c == '#'))
}

/// Does a cell name several people? A blank between names cannot be told from one within a name,
/// so a line break is none either.
pub(crate) fn has_several_names(text: &str) -> bool {
    let plain: Vec<char> =
        characters::plain(&text.trim().replace(['\n', '\r'], "、")).chars().collect();
    let han = |c: Option<&char>| c.is_some_and(|c| characters::is_han(*c));
    plain.iter().enumerate().any(|(at, c)| match c {
        '、' | ';' | '/' => true,
        // A foreign name may have a comma in it.
        ',' => at > 0 && han(plain.get(at - 1)) && plain[at + 1..].iter().any(|c| han(Some(c))),
        _ => false,
    })
}

/// Does a text say that the same stands above? Taken as a value it would make a room of that name.
fn is_ditto(text: &str) -> bool {
    const WORDS: [&str; 12] =
        ["同上", "同左", "同前", "同上行", "仝上", "〃", "\"", "''", "′′", "″", "“", "”"];
    WORDS.contains(&text)
}

/// `2.20899E+17`: a number of which the first digits are left.
fn is_rounded(text: &str) -> bool {
    let Some((number, power)) = text.split_once(['E', 'e']) else { return false };
    let power = power.strip_prefix('+').unwrap_or_default();
    let digits = |part: &str| !part.is_empty() && is_digits(part);
    number.split('.').all(digits) && digits(power)
}

/// `3月1日`, `2026/3/1`, `1-Mar`: what spreadsheets make of a room that was typed as `3-1`.
fn looks_like_day(text: &str) -> bool {
    const MONTHS: [&str; 12] =
        ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let number = |part: &str, most: usize| (1..=most).contains(&part.len()) && is_digits(part);
    let year = |part: &str| part.len() == 4 && is_digits(part);
    let month = |part: &str| MONTHS.iter().any(|name| name.eq_ignore_ascii_case(part));
    let parts: Vec<&str> = text.split(['-', '/', '年', '月', '日']).collect();
    match parts[..] {
        [a, b, ""] if text.ends_with('日') => number(a, 2) && number(b, 2),
        [a, b, ""] if text.ends_with('月') => year(a) && number(b, 2),
        [a, b, c, ""] if text.ends_with('日') => year(a) && number(b, 2) && number(c, 2),
        [a, b, c] => year(a) && number(b, 2) && number(c, 2),
        [a, b] => (number(a, 2) && month(b)) || (month(a) && number(b, 2)),
        _ => false,
    }
}

/// Does the text say that there is nothing to say?
pub(crate) fn means_none(spec: &Spec, text: &str) -> bool {
    const PLAIN: [&str; 3] = ["无", "没有", "暂无"];
    const WORDS: [&str; 29] = [
        "不详",
        "不明",
        "未知",
        "不清楚",
        "不知道",
        "未登记",
        "空",
        "未提供",
        "拒绝提供",
        "保密",
        "无号码",
        "无电话",
        "无证",
        "无证件",
        "无身份证",
        "未办理",
        "未办",
        "办理中",
        "正在办理",
        "补办中",
        "丢失",
        "遗失",
        "待补",
        "待补充",
        "待定",
        "待查",
        "待核实",
        "空缺",
        "无户号",
    ];
    const SHORT: [&str; 2] = ["暂缺", "缺"];
    const FOREIGN: [&str; 6] = ["N/A", "NA", "NONE", "NULL", "NIL", "NO"];
    let signs = "-/\\—–_.*";
    let sign = text.chars().all(|c| signs.contains(c));
    let bare = text.trim_matches(['(', ')']);
    let zeros = || text.chars().all(|c| c == '0');
    let foreign = || FOREIGN.iter().any(|word| word.eq_ignore_ascii_case(text));
    let number = matches!(spec.check, Check::Identity | Check::Phone | Check::GivenNumber(_))
        || matches!(spec.holds.inner(), Type::Day | Type::PartialDay | Type::Time);
    match spec.check {
        // In somebody's own words the others say something.
        Check::Lines(_) => sign || PLAIN.contains(&text),
        _ => {
            let word = [&PLAIN[..], &WORDS, &SHORT].iter().any(|words| words.contains(&bare));
            sign || word || (number && (foreign() || zeros()))
        }
    }
}

/// The entries that people write into one cell of a field that has several.
pub(crate) fn entries<'a>(spec: &Spec, text: &'a str) -> Vec<Cow<'a, str>> {
    if !spec.holds.is_list() {
        return vec![Cow::Borrowed(text)];
    }
    let parts = text.split(['、', '，', ',', '；', ';', '/', '\n']).map(str::trim);
    parts.filter(|part| !part.is_empty()).map(Cow::Borrowed).collect()
}

pub(crate) fn is_digits(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::{
        Reason, damage, has_several_names, is_error_value, is_rounded, looks_like_day, means_none,
        one_form,
    };
    use crate::kinds::{building, dwelling, person};

    #[test]
    fn typed_variants_have_one_form() {
        for guarded in ["=\"22089919800101001X\"", "`22089919800101001X", "'22089919800101001X\t"] {
            assert_eq!(one_form(&person::NUMBER.spec, guarded), "22089919800101001X");
        }
        let room = |text| one_form(&dwelling::ROOM.spec, text);
        assert_eq!((room("　１３－２ "), room("101室")), ("13-2".into(), "101".into()));
        assert_eq!(one_form(&dwelling::ENTRANCE.spec, "三单元"), "3");
        assert_eq!(one_form(&person::NAME.spec, "张　 三"), "张三");
        assert_eq!(one_form(&building::ESTATE.spec, "示例 小区"), "示例小区");
        assert_eq!(one_form(&person::NOTE.spec, "注意：Ａ区\r\n甲"), "注意：Ａ区\n甲");
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
    fn the_same_as_above_is_no_value() {
        for text in ["同上", "同 上", "〃", "\"", "″", "＂", "''"] {
            for spec in [dwelling::ROOM.spec, person::NAME.spec, building::ESTATE.spec] {
                let damage = damage(&spec, &one_form(&spec, text));
                assert_eq!(damage, Some(Reason::Ditto), "{text} as {}", spec.name);
            }
        }
        assert_eq!(damage(&person::NOTE.spec, "同上"), None, "somebody's own words");
    }

    #[test]
    fn several_names_are_no_name() {
        for text in ["张三、李四", "张三／李四", "张三，李四", "张三\n李四", "张三；"]
        {
            assert!(has_several_names(text), "{text}");
        }
        for text in ["张三", " 张三\n", "买买提·艾力", "Smith, John", "欧阳 娜娜", ""]
        {
            assert!(!has_several_names(text), "{text}");
        }
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
            assert!(means_none(&person::NUMBER.spec, text), "{text}");
        }
        assert!(!means_none(&building::FLOORS.spec, "0"), "no floors are a number of floors");
        assert!(!means_none(&person::NAME.spec, "吴") && !means_none(&person::NOTE.spec, "保密"));
    }
}
