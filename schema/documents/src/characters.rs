//! One form for what is typed in many: the same name, number or room compares equal. What a
//! spreadsheet puts before a text is no part of it.

use std::borrow::Cow;

use encoding_rs::GB18030;
use icu_normalizer::ComposingNormalizerBorrowed;

/// Signs used for the dot between the parts of a name.
const DOTS: [char; 6] = ['\u{2022}', '\u{30fb}', '\u{2027}', '\u{2219}', '\u{22c5}', '\u{25cf}'];
const DOT: char = '·';
/// What may stand behind the number of a building, longest first.
const BUILDING_UNITS: &[&str] =
    &["号楼", "号栋", "号幢", "栋楼", "#楼", "栋", "幢", "座", "楼", "号", "#"];
const ENTRANCE_UNITS: &[&str] = &["号单元", "单元", "门栋", "门", "#"];
const ROOM_UNITS: &[&str] = &["号房", "房间", "室", "房", "号"];

/// Radicals that text copied from a PDF has in the place of characters, each before its character.
/// NFKC knows those of Kangxi but takes 户 for its old form, and does not know the simplified.
const RADICALS: &str = "\u{2f3e}户⺁厂⺟母⺠民⺼肉⻁虎⻃覀⻄西⻅见⻆角⻈讠⻉贝⻋车⻐钅⻓长⻔门⻗雨⻘青⻙韦⻚页\
     ⻛风⻜飞⻝食⻟食⻢马⻣骨⻤鬼⻥鱼⻦鸟⻧卤⻨麦⻩黄⻬齐⻮齿⻰龙";

/// Full width, compatibility and Kangxi forms become the usual characters (NFKC), characters in
/// the private places of older encodings their present ones; what cannot be seen is dropped.
pub fn plain(text: &str) -> String {
    // Most text is of characters that nothing is done to.
    if text.chars().all(|c| matches!(c, ' '..='~' | '\u{4e00}'..='\u{9fff}' | DOT)) {
        return text.trim().to_owned();
    }
    let present: String = text.chars().filter(|c| !is_invisible(*c)).map(present).collect();
    let normal = ComposingNormalizerBorrowed::new_nfkc().normalize(&present).into_owned();
    let visible = normal.chars().filter(|c| !is_invisible(*c));
    let spaced: String = visible.map(|c| if c.is_control() { ' ' } else { c }).collect();
    spaced.trim().to_owned()
}

/// Marks that say how to show text, not what it is: joiners, directions, variants, soft hyphens.
fn is_invisible(c: char) -> bool {
    matches!(c,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{180b}'..='\u{180e}' | '\u{200b}'..='\u{200f}'
        | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{fe00}'..='\u{fe0f}'
        | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e0fff}')
}

/// The character that is meant: of a radical, and of a code in the private area, where older
/// editions of GB18030 put 䶮 and others that had no place of their own.
fn present(c: char) -> char {
    // The library still keeps these six where they were, for the sake of old web pages.
    const KEPT: [(char, char); 6] = [
        ('\u{e816}', '\u{20087}'),
        ('\u{e817}', '\u{20089}'),
        ('\u{e818}', '\u{200cc}'),
        ('\u{e831}', '\u{215d7}'),
        ('\u{e83b}', '\u{2298f}'),
        ('\u{e855}', '\u{241fe}'),
    ];
    if let Some((_, now)) = KEPT.iter().find(|(old, _)| *old == c) {
        return *now;
    }
    if matches!(c, '\u{2e80}'..='\u{2fdf}') {
        let mut radicals = RADICALS.chars();
        return radicals.find(|radical| *radical == c).and_then(|_| radicals.next()).unwrap_or(c);
    }
    let bytes = match u32::from(c) {
        private @ 0xe815..=0xe864 => {
            let trail = private - 0xe815 + 0x50;
            [0xfe, trail + u32::from(trail >= 0x7f)]
        }
        private @ 0xe78d..=0xe793 => [0xa6, private - 0xe78d + 0xd9],
        private @ 0xe794..=0xe795 => [0xa6, private - 0xe794 + 0xec],
        0xe796 => [0xa6, 0xf3],
        0xe7c7 => [0xa8, 0xbc],
        0xe7c8 => [0xa8, 0xbf],
        _ => return c,
    };
    let bytes = bytes.map(|byte| u8::try_from(byte).unwrap_or_default());
    let (text, _) = GB18030.decode_without_bom_handling(&bytes);
    text.chars().next().filter(|found| *found != '\u{fffd}').unwrap_or(c)
}

/// A Chinese character, one that only a font knows included.
pub fn is_han(c: char) -> bool {
    matches!(c, '〇' | '\u{3400}'..='\u{9fff}' | '\u{e000}'..='\u{faff}' | '\u{20000}'..='\u{3ffff}')
}

/// Without the blanks that only move Chinese characters apart; others become one.
pub fn title(text: &str) -> String {
    let text = plain(text);
    if !text.contains(char::is_whitespace) {
        return text;
    }
    let mut joined = String::new();
    for word in text.split_whitespace() {
        let apart =
            |c: Option<char>| c.is_some_and(|c| !is_han(c) && c != DOT && !DOTS.contains(&c));
        if apart(joined.chars().next_back()) && apart(word.chars().next()) {
            joined.push(' ');
        }
        joined.push_str(word);
    }
    joined
}

/// `13800138000.0` is a number that some program took for a measure.
pub(crate) fn whole(text: &str) -> &str {
    let digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    let zeros = |part: &str| part.bytes().all(|byte| byte == b'0');
    match text.split_once('.') {
        Some((number, rest)) if digits(number) && zeros(rest) => number,
        _ => text,
    }
}

/// `="123"` is how systems write 123 so that a spreadsheet does not take it for a number.
pub fn unwrapped(text: &str) -> &str {
    let inner = text.trim().strip_prefix("=\"").and_then(|rest| rest.strip_suffix('"'));
    inner.filter(|inner| !inner.contains('"')).unwrap_or(text)
}

/// Without what only keeps a spreadsheet from rounding a number, or from taking text for a formula.
pub fn unguarded(text: &str) -> &str {
    /// Signs before a number.
    const GUARDS: [char; 5] = ['\'', '`', '’', '‘', '´'];
    let text = unquoted(unwrapped(text.trim()).trim());
    let rest = text.trim_start_matches(GUARDS);
    if rest.starts_with(|c: char| c.is_ascii_digit()) { rest } else { text }
}

/// Without the quote that marks text.
pub fn unquoted(text: &str) -> &str {
    match text.strip_prefix('\'') {
        Some(rest) if is_quoted(rest) => rest,
        _ => text,
    }
}

fn is_quoted(rest: &str) -> bool {
    let marked = rest.trim_start_matches('\'');
    starts_like_formula(marked) || marked.starts_with(|c: char| c.is_ascii_digit())
}

/// The text as a sheet keeps it, so that [`unquoted`] gives it back.
pub fn quoted(text: &str) -> Cow<'_, str> {
    let alike = text.strip_prefix('\'').is_some_and(is_quoted);
    match starts_like_formula(text) || alike {
        true => Cow::Owned(format!("'{text}")),
        false => Cow::Borrowed(text),
    }
}

/// Would a spreadsheet take the text for a formula? Some take full width signs as well.
fn starts_like_formula(text: &str) -> bool {
    text.starts_with(['=', '+', '-', '@', '＝', '＋', '－', '＠', '\t', '\r', '\n'])
}

/// The name of a person: 买买提•艾力 and 买买提・艾力 are 买买提·艾力.
pub fn name(text: &str) -> String {
    let title = title(text);
    if title.chars().all(is_han) {
        return title;
    }
    let characters: Vec<char> = title.chars().collect();
    let at = |place: usize| characters.get(place).copied().is_some_and(is_han);
    let mut name = String::with_capacity(title.len());
    for (place, c) in characters.iter().enumerate() {
        let between = place > 0 && at(place - 1) && at(place + 1);
        let dot = DOTS.contains(c) || (matches!(c, '.' | '。') && between);
        match if dot { DOT } else { *c } {
            DOT if name.ends_with(DOT) => {}
            c => name.push(c),
        }
    }
    name
}

/// Without any blanks: numbers, codes and words of a list.
pub fn solid(text: &str) -> String {
    let mut text = plain(text);
    text.retain(|c| !c.is_whitespace());
    text
}

pub fn building(text: &str) -> String {
    numbered(&solid(text), BUILDING_UNITS, true)
}

pub fn entrance(text: &str) -> String {
    numbered(&solid(text), ENTRANCE_UNITS, true)
}

/// 房号: zeros before the number belong to it.
pub fn room(text: &str) -> String {
    numbered(&solid(text), ROOM_UNITS, false)
}

/// The number alone, where nothing stands with it but a unit.
fn numbered(text: &str, units: &[&str], drop_zeros: bool) -> String {
    let bare = units.iter().find_map(|unit| text.strip_suffix(unit)).unwrap_or(text);
    let bare = bare.strip_prefix('第').unwrap_or(bare);
    // A number that a format shows with decimals.
    let whole = bare.split_once('.').filter(|(_, rest)| rest.bytes().all(|b| b == b'0'));
    let bare = whole.map_or(bare, |(whole, _)| whole);
    if let Some(number) = chinese_number(bare) {
        return number.to_string();
    }
    if bare.is_empty() || !bare.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-') {
        return text.to_owned();
    }
    let upper = bare.to_ascii_uppercase();
    let digits = upper.trim_start_matches('0');
    let counts = drop_zeros && digits.starts_with(|c: char| c.is_ascii_digit());
    if counts { digits.to_owned() } else { upper }
}

/// 一 to 九十九.
fn chinese_number(text: &str) -> Option<u32> {
    let digit =
        |c: char| "零一二三四五六七八九".chars().zip(0..).find(|(d, _)| *d == c).map(|d| d.1);
    let characters: Vec<char> = text.chars().collect();
    match characters[..] {
        ['十'] => Some(10),
        [one] => digit(one),
        ['十', one] => Some(10 + digit(one)?),
        [ten, '十'] => Some(10 * digit(ten)?),
        [ten, '十', one] => Some(10 * digit(ten)? + digit(one)?),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_however_it_is_typed() {
        assert_eq!(solid("　１３８ ００１３\u{200b}８０００\u{202c}"), "13800138000");
        assert_eq!(name("\u{2f0f}"), name("几"), "a Kangxi radical");
        assert_eq!(name("\u{2ee2}\u{2ea0}\u{2f3e}"), "马民户", "radicals of a PDF");
        assert_eq!(name("\u{f9dc}"), name("隆"), "a compatibility ideograph");
        assert_eq!(name("张　 三"), "张三");
        assert_eq!(name(" Anna  Maria "), "Anna Maria");
        assert_eq!(name("葛\u{e0100}三"), "葛三", "a variant of the same character");
    }

    #[test]
    fn private_places_of_older_editions() {
        // The characters that GB18030-2005 still kept in the private area, and one of GBK.
        let moved = [
            ('\u{e81e}', '龴'),
            ('\u{e826}', '龵'),
            ('\u{e82b}', '龶'),
            ('\u{e82c}', '龷'),
            ('\u{e832}', '龸'),
            ('\u{e843}', '龹'),
            ('\u{e854}', '龺'),
            ('\u{e864}', '龻'),
            ('\u{e816}', '𠂇'),
            ('\u{e817}', '𠂉'),
            ('\u{e818}', '𠃌'),
            ('\u{e831}', '𡗗'),
            ('\u{e83b}', '𢦏'),
            ('\u{e855}', '𤇾'),
            ('\u{e863}', '䶮'),
            ('\u{e815}', '⺁'),
            ('\u{e844}', '䜣'),
            ('\u{e7c7}', 'ḿ'),
        ];
        for (old, now) in moved {
            assert_eq!(present(old), now, "{:x}", u32::from(old));
        }
        assert_eq!(present('\u{e000}'), '\u{e000}', "made for one font: nobody knows what it is");
    }

    #[test]
    fn dots_of_names() {
        for typed in ["买买提•艾力", "买买提・艾力", "买买提･艾力", "买买提．艾力", "买买提 · 艾力"]
        {
            assert_eq!(name(typed), "买买提·艾力");
        }
        assert_eq!(name("J. Smith"), "J. Smith");
    }

    #[test]
    fn numbers_with_and_without_their_unit() {
        for typed in ["1", "1号楼", "1栋", "１幢", "1#楼", "01", "一号楼", "第1栋", "1.00"]
        {
            assert_eq!(building(typed), "1", "{typed}");
        }
        for (typed, read) in [("a座", "A"), ("老楼", "老楼"), ("2-1", "2-1"), ("十二号楼", "12")]
        {
            assert_eq!(building(typed), read);
            assert_eq!(building(read), read);
        }
        assert_eq!(entrance("三单元"), "3");
        assert_eq!((room("0101室"), room("东屋")), ("0101".to_owned(), "东屋".to_owned()));
    }
}
