//! Codes of the GB standards: raw text becomes a valid type once, here.

use jiff::civil::Date;

/// Why a text is no such code, in the words of the form it came from.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CodeError {
    #[error("公民身份号码应为18位 (a citizen id has 18 characters), got {0}")]
    CitizenLength(usize),
    #[error("公民身份号码含非法字符 (a citizen id has 17 digits, then a digit or X)")]
    CitizenCharacter,
    #[error("公民身份号码出生日期无效 (no such date of birth in the citizen id)")]
    CitizenDate,
    #[error("公民身份号码校验码应为{expected} (wrong check digit, expected {expected})")]
    CitizenCheck { expected: char },
    #[error("证件号码无效 (not the number of a passport or travel permit)")]
    TravelDocument,
    #[error("统一社会信用代码无效 (not a unified social credit code): {0}")]
    Organisation(&'static str),
    #[error("日期无效 (no such date): {0}")]
    Date(String),
    #[error("性别应为男或女 (sex must be 男 or 女): {0}")]
    Sex(String),
    #[error("联系电话无效 (not a phone number)")]
    Phone,
    #[error("网格编码应为15位数字 (a grid code has 15 digits): {0}")]
    Grid(String),
}

/// The first two digits of the areas that issue identity cards, GB/T 2260.
const PROVINCES: &[&str] = &[
    "11", "12", "13", "14", "15", "21", "22", "23", "31", "32", "33", "34", "35", "36", "37", "41",
    "42", "43", "44", "45", "46", "50", "51", "52", "53", "54", "61", "62", "63", "64", "65", "71",
];

/// Whom a number of 18 characters was given to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Holder {
    /// 居民身份证
    Citizen,
    /// 港澳台居民居住证: areas 810000, 820000 and 830000.
    HongKongMacaoTaiwan,
    /// 外国人永久居留身份证, since 2023: 9, then the area that issued it.
    Foreigner,
}

/// 公民身份号码, GB 11643-1999: 17 digits and an ISO 7064 MOD 11-2 check character.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct CitizenId(String);

/// A number names a person: no log shows it.
impl std::fmt::Debug for CitizenId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("CitizenId(..)")
    }
}

impl CitizenId {
    const WEIGHTS: [u32; 17] = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
    const CHECKS: [char; 11] = ['1', '0', 'X', '9', '8', '7', '6', '5', '4', '3', '2'];

    /// Reads a number; a small x is taken for X.
    pub fn parse(text: &str) -> Result<Self, CodeError> {
        let text = text.trim().to_ascii_uppercase();
        let characters: Vec<char> = text.chars().collect();
        let Ok(characters) = <[char; 18]>::try_from(characters) else {
            return Err(CodeError::CitizenLength(text.chars().count()));
        };
        let digits: Option<Vec<u32>> = characters[..17].iter().map(|c| c.to_digit(10)).collect();
        let digits = digits.ok_or(CodeError::CitizenCharacter)?;
        let last = characters[17];
        if !last.is_ascii_digit() && last != 'X' {
            return Err(CodeError::CitizenCharacter);
        }
        let birth: String = characters[6..14].iter().collect();
        let born = date(&birth).map_err(|_| CodeError::CitizenDate)?;
        if !(1880..=2100).contains(&born.year()) {
            return Err(CodeError::CitizenDate);
        }
        let expected = Self::check(&digits);
        if last != expected {
            return Err(CodeError::CitizenCheck { expected });
        }
        Ok(Self(text))
    }

    /// The check character of the first 17 digits.
    pub fn check(digits: &[u32]) -> char {
        let sum: u32 = digits.iter().zip(Self::WEIGHTS).map(|(d, w)| d * w).sum();
        Self::CHECKS[(sum % 11) as usize]
    }

    /// The number.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The date of birth in it.
    pub fn birth(&self) -> Date {
        date(&self.0[6..14]).expect("checked when it was read")
    }

    /// Whom it was given to; `None` if no such area issues any.
    pub fn holder(&self) -> Option<Holder> {
        let issues = |area: &str| PROVINCES.contains(&area);
        match &self.0[..6] {
            "810000" | "820000" | "830000" => Some(Holder::HongKongMacaoTaiwan),
            area if area.starts_with('9') && issues(&area[1..3]) => Some(Holder::Foreigner),
            area if issues(&area[..2]) => Some(Holder::Citizen),
            _ => None,
        }
    }

    /// GB/T 2261.1: odd is male, even is female.
    pub fn sex(&self) -> Sex {
        if self.0.as_bytes()[16] % 2 == 1 { Sex::Male } else { Sex::Female }
    }
}

/// The number of a passport, of a 港澳居民来往内地通行证 or of a 外国人永久居留证 of before 2023:
/// letters, then digits, without any check character.
pub fn travel_document(text: &str) -> Result<String, CodeError> {
    let text = text.trim().to_ascii_uppercase();
    let letters = text.bytes().take_while(u8::is_ascii_uppercase).count();
    let rest = text.len() - letters;
    let digits = text.bytes().skip(letters).all(|byte| byte.is_ascii_digit());
    let passport = (1..=2).contains(&letters) && (6..=8).contains(&rest);
    let permit = text.starts_with(['H', 'M']) && letters == 1 && rest == 10;
    let residence = letters == 3 && rest == 12;
    if digits && (passport || permit || residence) {
        Ok(text)
    } else {
        Err(CodeError::TravelDocument)
    }
}

/// GB/T 2261.1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sex {
    Unknown,
    Male,
    Female,
    NotStated,
}

impl Sex {
    /// Reads the word or the code; an empty cell is not stated.
    pub fn parse(text: &str) -> Result<Self, CodeError> {
        match text.trim() {
            "男" | "1" => Ok(Self::Male),
            "女" | "2" => Ok(Self::Female),
            "未知" | "0" => Ok(Self::Unknown),
            "" | "9" => Ok(Self::NotStated),
            other => Err(CodeError::Sex(other.chars().take(20).collect())),
        }
    }

    /// The code.
    pub fn code(self) -> &'static str {
        match self {
            Self::Unknown => "0",
            Self::Male => "1",
            Self::Female => "2",
            Self::NotStated => "9",
        }
    }

    /// The word.
    pub fn word(self) -> &'static str {
        match self {
            Self::Unknown => "未知",
            Self::Male => "男",
            Self::Female => "女",
            Self::NotStated => "",
        }
    }
}

/// A date as offices write it: 2024-03-01, 2024/3/1, 2024.3.1, 2024年3月1日 or 20240301.
pub fn date(text: &str) -> Result<Date, CodeError> {
    let text = text.trim();
    let wrong = || CodeError::Date(text.chars().take(20).collect());
    let parts: Vec<&str> = if text.len() == 8 && text.bytes().all(|b| b.is_ascii_digit()) {
        vec![&text[..4], &text[4..6], &text[6..]]
    } else {
        text.split(['-', '/', '.', '年', '月', '日']).filter(|part| !part.is_empty()).collect()
    };
    let [year, month, day] = parts.as_slice() else { return Err(wrong()) };
    let year = year.parse().map_err(|_| wrong())?;
    let month = month.parse().map_err(|_| wrong())?;
    let day = day.parse().map_err(|_| wrong())?;
    Date::new(year, month, day).map_err(|_| wrong())
}

/// A phone number: 7 to 12 digits, separators dropped. Empty stays empty.
pub fn phone(text: &str) -> Result<String, CodeError> {
    let kept: String = text.chars().filter(|c| !matches!(c, ' ' | '-' | '－')).collect();
    let digits = kept.bytes().all(|b| b.is_ascii_digit());
    if kept.is_empty() || (digits && (7..=12).contains(&kept.len())) {
        return Ok(kept);
    }
    Err(CodeError::Phone)
}

/// 网格编码: the community's 12 digits and 3 of its own.
pub fn grid(text: &str) -> Result<String, CodeError> {
    let text = text.trim();
    if text.len() == 15 && text.bytes().all(|b| b.is_ascii_digit()) {
        return Ok(text.to_owned());
    }
    Err(CodeError::Grid(text.chars().take(20).collect()))
}

/// 统一社会信用代码, GB 32100-2015: 17 characters and a check character, weights 3^i mod 31.
pub fn organisation(text: &str) -> Result<String, CodeError> {
    const ALPHABET: &str = "0123456789ABCDEFGHJKLMNPQRTUWXY";
    let text = text.trim().to_ascii_uppercase();
    let values: Option<Vec<usize>> = text.chars().map(|c| ALPHABET.find(c)).collect();
    let values = values.ok_or(CodeError::Organisation("含非法字符 (character not allowed)"))?;
    let Some((check, body)) = values.split_last().filter(|(_, body)| body.len() == 17) else {
        return Err(CodeError::Organisation("应为18位 (18 characters)"));
    };
    let (mut sum, mut weight) = (0, 1);
    for value in body {
        sum += value * weight;
        weight = weight * 3 % 31;
    }
    if (31 - sum % 31) % 31 != *check {
        return Err(CodeError::Organisation("校验码不符 (wrong check character)"));
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn citizen_ids_of_no_real_person_pass_and_their_neighbours_fail() {
        for id in
            ["22089919800101001X", "220899199012310020", "220899195510071239", "220899200011150040"]
        {
            let parsed = CitizenId::parse(id).expect(id);
            assert_eq!(parsed.as_str(), id);
            let last = if id.ends_with('1') { '2' } else { '1' };
            let wrong = format!("{}{last}", &id[..17]);
            if wrong != id {
                assert!(matches!(CitizenId::parse(&wrong), Err(CodeError::CitizenCheck { .. })));
            }
        }
        assert!(matches!(CitizenId::parse("123"), Err(CodeError::CitizenLength(3))));
        let february = CitizenId::parse("220899198002300010");
        assert!(matches!(february, Err(CodeError::CitizenDate)));
        let letters = CitizenId::parse("22089919800101A01X");
        assert!(matches!(letters, Err(CodeError::CitizenCharacter)));
    }

    #[test]
    fn holders_are_told_by_the_area() {
        let holder = |id: &str| CitizenId::parse(id).expect(id).holder();
        assert_eq!(holder("22089919800101001X"), Some(Holder::Citizen));
        assert_eq!(holder("922999198001010012"), Some(Holder::Foreigner));
        for area in ["810000", "820000", "830000"] {
            let id = with_check(&format!("{area}19800101001"));
            assert_eq!(holder(&id), Some(Holder::HongKongMacaoTaiwan));
        }
        for area in ["810001", "999000", "000000", "990000", "160000"] {
            assert_eq!(holder(&with_check(&format!("{area}19800101001"))), None, "{area}");
        }
    }

    fn with_check(digits: &str) -> String {
        let values: Vec<u32> = digits.chars().filter_map(|c| c.to_digit(10)).collect();
        format!("{digits}{}", CitizenId::check(&values))
    }

    #[test]
    fn documents_without_a_check_are_known_by_their_shape() {
        for text in ["E12345678", "ea1234567", "H12345678", "M1234567890", "USA110080010101"] {
            assert_eq!(travel_document(text), Ok(text.to_uppercase()));
        }
        for text in ["", "12345678", "E1234", "甲12345678", "E1234567X", "ABCD123456"] {
            assert!(travel_document(text).is_err(), "{text}");
        }
    }

    #[test]
    fn organisation_codes_follow_their_standard() {
        for code in [
            "51220899MJ0000018H",
            "52220899MJ00000269",
            "53220899MJ00000341",
            "91220899MA0BC0010D",
            "112208990000000195",
            "91110000802100433B",
        ] {
            assert_eq!(organisation(code).as_deref(), Ok(code));
        }
        assert!(organisation("91110000802100433C").is_err());
    }

    #[test]
    fn dates_are_read_as_offices_write_them() {
        let expected = Date::new(2024, 3, 1).expect("a date");
        for text in ["2024-03-01", "2024/3/1", "2024.3.1", "2024年3月1日", "20240301"] {
            assert_eq!(date(text), Ok(expected));
        }
        assert!(date("2023-02-29").is_err());
        assert!(date("昨天").is_err());
    }
}
