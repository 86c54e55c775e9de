//! Numbers that a standard gives a check to: documents of persons, organisations, telephones.

use crate::characters::{is_han, whole};
use crate::day::{Day, PartialDay};
use crate::refusal::Reason;

/// The first two digits of the areas that issue identity cards, GB/T 2260.
const PROVINCES: &[&str] = &[
    "11", "12", "13", "14", "15", "21", "22", "23", "31", "32", "33", "34", "35", "36", "37", "41",
    "42", "43", "44", "45", "46", "50", "51", "52", "53", "54", "61", "62", "63", "64", "65", "71",
];
/// The area that belongs to no place: all invented citizen ids stand under it.
const INVENTED_AREA: &str = "220899";
/// A telephone prefix that is assigned to nobody.
const INVENTED_PHONE: &str = "100";
const BIRTH_YEARS: std::ops::RangeInclusive<i16> = 1880..=2100;

/// What the number of a document says of its holder.
#[derive(Clone, PartialEq, Eq)]
pub struct Identity {
    /// The number, as it is stored and looked up.
    pub number: String,
    /// Passports and permits do not say it.
    pub birth: Option<PartialDay>,
    /// Odd is male (GB/T 2261.1); passports and permits do not say it.
    pub male: Option<bool>,
}

/// A number names a person: no log shows it.
impl std::fmt::Debug for Identity {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Identity(..)")
    }
}

/// Reads the number of a document that names a person: a citizen id (GB 11643, ISO 7064 MOD
/// 11-2), a residence permit of the same form, a passport or a travel permit.
///
/// # Errors
/// If it is none of them, or of the invented area where people are not invented.
pub fn identity(text: &str, invented: bool) -> Result<Identity, Reason> {
    let text = text.trim().to_ascii_uppercase();
    if is_travel_document(&text) {
        return Ok(Identity { number: text, birth: None, male: None });
    }
    // Typed with another program's letter or sign in the place of X.
    let text = match text.strip_suffix(['×', 'Х', 'Χ', '*']) {
        Some(digits) => format!("{digits}X"),
        None => text,
    };
    let Ok(characters) = <[u8; 18]>::try_from(text.as_bytes()) else {
        let old = text.len() == 15 && text.bytes().all(|b| b.is_ascii_digit());
        return Err(if old { Reason::IdentityOld } else { Reason::IdentityLength });
    };
    let [digits @ .., last] = characters;
    if !digits.iter().all(u8::is_ascii_digit) || !(last.is_ascii_digit() || last == b'X') {
        return Err(Reason::IdentityLength);
    }
    let birth = PartialDay::read(text.get(6..14).unwrap_or_default());
    let birth = birth.filter(|birth| BIRTH_YEARS.contains(&birth.year()));
    let birth = birth.ok_or(Reason::IdentityBirth)?;
    if last != citizen_check(&digits) {
        // What a spreadsheet leaves of 18 digits ends in zeros.
        let rounded = text.ends_with("000");
        return Err(if rounded { Reason::IdentityRounded } else { Reason::IdentityCheck });
    }
    let [.., sex] = digits;
    let issued = is_issued(&text) && (invented || !text.starts_with(INVENTED_AREA));
    let found = Identity { birth: Some(birth), male: Some(sex % 2 == 1), number: text };
    issued.then_some(found).ok_or(Reason::IdentityArea)
}

/// 公民身份号码, 港澳台居民居住证, or 外国人永久居留身份证 (9, then the area that issued it).
fn is_issued(number: &str) -> bool {
    let area = |at| number.get(at..at + 2).is_some_and(|area| PROVINCES.contains(&area));
    let residence = ["810000", "820000", "830000"].iter().any(|area| number.starts_with(area));
    residence || area(0) || (number.starts_with('9') && area(1))
}

/// The check character of a citizen id with these digits (ISO 7064 MOD 11-2).
pub fn citizen_check(digits: &[u8; 17]) -> u8 {
    const WEIGHTS: [u32; 17] = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
    let sum: u32 = digits.iter().zip(WEIGHTS).map(|(d, w)| u32::from(d - b'0') * w).sum();
    let at = usize::try_from(sum % 11).unwrap_or_default();
    b"10X98765432".get(at).copied().unwrap_or_default()
}

/// The number of a passport, of a 港澳居民来往内地通行证 or of a 外国人永久居留证 of before 2023:
/// letters, then digits, without any check character.
fn is_travel_document(text: &str) -> bool {
    let letters = text.bytes().take_while(u8::is_ascii_uppercase).count();
    let rest = text.len() - letters;
    let digits = text.bytes().skip(letters).all(|byte| byte.is_ascii_digit());
    let passport = (1..=2).contains(&letters) && (6..=8).contains(&rest);
    let permit = text.starts_with(['H', 'M']) && letters == 1 && rest == 10;
    digits && (passport || permit || (letters == 3 && rest == 12))
}

/// 统一社会信用代码, GB 32100-2015: 17 characters and a check character, weights 3^i mod 31.
///
/// # Errors
/// If the text is none.
pub(crate) fn organisation(text: &str) -> Result<String, Reason> {
    const ALPHABET: &str = "0123456789ABCDEFGHJKLMNPQRTUWXY";
    let text = text.trim().to_ascii_uppercase();
    let values: Option<Vec<usize>> = text.chars().map(|c| ALPHABET.find(c)).collect();
    let values = values.filter(|values| values.len() == 18).ok_or(Reason::Organisation)?;
    let (check, body) = values.split_last().ok_or(Reason::Organisation)?;
    let (sum, _) = body.iter().fold((0, 1), |(sum, w), value| (sum + value * w, w * 3 % 31));
    ((31 - sum % 31) % 31 == *check).then_some(text).ok_or(Reason::Organisation)
}

/// One telephone number or several, each with what is said beside it:
/// `13800138000(儿子)、0436-3200000转801`.
///
/// # Errors
/// If one of them is none.
pub(crate) fn phones(text: &str, invented: bool) -> Result<String, Reason> {
    let several = text.split(['/', '、', ';', ',', '，', '；', '\\', '|']).map(str::trim);
    let several = several.map(whole);
    let mut numbers: Vec<String> = Vec::new();
    for part in several.filter(|part| !part.is_empty()) {
        let found = match phone(part, invented) {
            Some(number) => vec![number],
            // Numbers with nothing but a blank between them.
            None => {
                let apart = part.split_whitespace().map(|number| phone(number, invented));
                apart.collect::<Option<_>>().ok_or(Reason::Phone)?
            }
        };
        for number in found {
            if !numbers.contains(&number) {
                numbers.push(number);
            }
        }
    }
    if numbers.is_empty() { Err(Reason::Phone) } else { Ok(numbers.join("、")) }
}

fn phone(text: &str, invented: bool) -> Option<String> {
    let (text, extension) = extension(text)?;
    let (number, said) = said_beside(&text)?;
    let between = |c: &char| !matches!(c, ' ' | '-' | '(' | ')' | '.' | '—');
    let kept: String = number.chars().filter(between).collect();
    let digits = kept.strip_prefix("+86").or_else(|| kept.strip_prefix("0086")).unwrap_or(&kept);
    let known = is_phone(digits) || (invented && is_invented_phone(digits));
    known.then(|| format!("{digits}{extension}{said}"))
}

/// 转801, behind the number; and the text without it.
fn extension(text: &str) -> Option<(String, String)> {
    const DIGITS_MAX: usize = 6;
    let Some((number, inner)) = text.split_once('转') else {
        return Some((text.to_owned(), String::new()));
    };
    let inner = inner.trim().trim_start_matches("分机").trim();
    let length = inner.bytes().take_while(u8::is_ascii_digit).count();
    let (inner, rest) = inner.split_at_checked(length)?;
    let number = number.trim_end_matches([' ', '-']);
    (1..=DIGITS_MAX).contains(&length).then(|| (format!("{number}{rest}"), format!("转{inner}")))
}

/// Whose number it is, in brackets behind it or as a word before or behind it.
fn said_beside(text: &str) -> Option<(&str, String)> {
    const CHARACTERS_MAX: usize = 10;
    let is_digit = |c: char| c.is_ascii_digit();
    let (first, last) = (text.find(is_digit)?, text.rfind(is_digit)?);
    let signs = |c: char| matches!(c, ' ' | '(' | ')' | ':' | '-');
    let before = text.get(..first)?.trim_end_matches('+').trim_matches(signs);
    let behind = text.get(last + 1..)?.trim_matches(signs);
    let said = match (before, behind) {
        ("", "") => return Some((text, String::new())),
        ("", said) | (said, "") => said,
        _ => return None,
    };
    let is_said =
        said.chars().count() <= CHARACTERS_MAX && said.chars().all(|c| is_han(c) || c == '·');
    is_said.then_some((text.get(first..=last)?, format!("({said})")))
}

fn is_phone(digits: &str) -> bool {
    let second = digits.as_bytes().get(1).copied().unwrap_or_default();
    let mobile = digits.len() == 11 && digits.starts_with('1') && second >= b'3';
    let landline = digits.starts_with('0') && (10..=12).contains(&digits.len());
    let local = matches!(digits.len(), 7 | 8) && !digits.starts_with(['0', '1']);
    digits.bytes().all(|b| b.is_ascii_digit()) && (mobile || landline || local)
}

fn is_invented_phone(digits: &str) -> bool {
    let number = digits.len() == 11 && digits.bytes().all(|b| b.is_ascii_digit());
    number && digits.starts_with(INVENTED_PHONE)
}

/// Can somebody born then be alive on this day?
pub(crate) fn is_age(birth: PartialDay, today: Day) -> bool {
    const AGE_YEARS_MAX: i16 = 130;
    birth.year() >= today.year() - AGE_YEARS_MAX
}

#[cfg(test)]
mod tests {
    use super::{identity, organisation, phones};
    use crate::refusal::Reason;

    #[test]
    fn documents_of_nobody_pass_and_their_neighbours_fail() {
        let citizens = [
            "22089919800101001X",
            "220899199012310020",
            "220899195510071239",
            "220899200011150040",
        ];
        for number in citizens.into_iter().chain(["922999198001010012"]) {
            let passes = identity(number, true).map(|found| found.number);
            assert_eq!(passes.as_deref(), Ok(number));
            let last = if number.ends_with('1') { '2' } else { '1' };
            let wrong = format!("{}{last}", &number[..17]);
            assert_eq!(identity(&wrong, true), Err(Reason::IdentityCheck), "{wrong}");
        }
        assert_eq!(identity("22089919800101001X", false), Err(Reason::IdentityArea));
        let typed = identity("22089919800101001×", true).expect("typed with a sign");
        assert_eq!((typed.number.as_str(), typed.male), ("22089919800101001X", Some(true)));
        assert!(identity("E12345678", false).is_ok());
        assert_eq!(identity("220899", false), Err(Reason::IdentityLength));
        assert_eq!(identity("220899800101001", false), Err(Reason::IdentityOld));
        assert_eq!(identity("220899199012310000", true), Err(Reason::IdentityRounded));
        assert_eq!(identity("220899198013010019", false), Err(Reason::IdentityBirth));
    }

    #[test]
    fn organisations_have_a_check_character() {
        for code in ["51220899MJ0000018H", "91110000802100433B", "112208990000000195"] {
            assert_eq!(organisation(code).as_deref(), Ok(code));
        }
        assert_eq!(organisation("51220899MJ00000180"), Err(Reason::Organisation));
    }

    #[test]
    fn telephone_numbers_lose_what_stands_between_digits() {
        let read = |text| phones(text, false);
        assert_eq!(
            read("138 0013-8000(儿子)、0436-3200000转801").as_deref(),
            Ok("13800138000(儿子)、04363200000转801")
        );
        assert_eq!(read("10000000001"), Err(Reason::Phone));
        assert!(phones("10000000001", true).is_ok());
        for text in ["电话", "无", "", "/", "138001380001", "13800138000x", "甲13800138000乙"]
        {
            assert_eq!(read(text), Err(Reason::Phone), "{text}");
        }
        for text in ["138 0013 8000", "+86 138-0013-8000", "008613800138000", "138 00138000"] {
            assert_eq!(read(text).as_deref(), Ok("13800138000"), "{text}");
        }
    }

    #[test]
    fn several_telephone_numbers_and_what_is_said_beside_them() {
        let read = |text| phones(text, true);
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
}
