//! Checks: what every way in asks of a value, and the one form in which it is then stored.

use icu_normalizer::ComposingNormalizerBorrowed;

use crate::day::{Day, PartialDay, Time};
use crate::field::{Spec, Type};
use crate::id::{PersonId, made};
use crate::numbers::{identity, is_age, organisation, phones};
use crate::refusal::Reason;
use crate::value::{TEXT_BYTES_MAX, Value, read_text};

/// What is asked of a value besides its type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Check {
    /// What the type asks, and no more.
    Typed,
    /// At most this many characters, on one line.
    Line(usize),
    /// At most this many characters, on any number of lines.
    Lines(usize),
    /// 15 digits, the first 12 of which are the community's own code.
    GridNumber,
    /// The number of a document that names a person.
    Identity,
    /// 32 hexadecimal digits that find a person again (section 10.4).
    Digest,
    /// A telephone number, or several.
    Phone,
    /// A code of an organisation.
    Organisation,
    /// At most this.
    AtMost(u32),
    /// Not after today.
    Past,
    /// A birth of somebody who may be alive.
    Birth,
}

/// What checks depend on besides the value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Circumstances<'a> {
    /// Nothing that is entered as past lies after this day.
    pub today: Day,
    /// Do invented people pass, of the area and the telephones that are nobody's?
    pub invented: bool,
    /// The 12 digits of the community, where it has them.
    pub community: Option<&'a str>,
}

/// Reads a text that people wrote as a value of a field; no text is no value. For what is sealed
/// this is the value of the text within.
///
/// # Errors
/// With the reason why it is none.
pub fn read_written(
    spec: &Spec,
    text: &str,
    now: &Circumstances<'_>,
) -> Result<Option<Value>, Reason> {
    let text = ComposingNormalizerBorrowed::new_nfc().normalize(text.trim()).into_owned();
    if text.is_empty() {
        return Ok(None);
    }
    if text.chars().any(|c| c.is_control() && c != '\n') {
        return Err(Reason::Character);
    }
    let value = of_type(spec.holds.inner(), &text)?;
    Ok(Some(checked(spec.check, value, now)?))
}

fn of_type(holds: &Type, text: &str) -> Result<Value, Reason> {
    let value = match holds {
        Type::Text if text.len() > TEXT_BYTES_MAX => {
            return Err(Reason::Long(TEXT_BYTES_MAX / "字".len()));
        }
        Type::Text => Some(Value::Text(text.to_owned())),
        Type::Code(table) => {
            let found = table.iter().find(|code| code.is_meant(text)).map(Value::Code);
            let words = || Reason::NotOneOf(table.iter().map(|code| code.words).collect());
            return found.ok_or_else(words);
        }
        Type::Count => {
            let digits = text.bytes().all(|b| b.is_ascii_digit());
            let count = text.parse().ok().filter(|_| digits).map(Value::Count);
            return count.ok_or(if digits { Reason::Greater(u32::MAX) } else { Reason::NotCount });
        }
        Type::Flag => flag(text).map(Value::Flag),
        Type::Day => Day::read(text).map(|day| Value::Day(PartialDay::Day(day))),
        Type::PartialDay => PartialDay::read(text).map(Value::Day),
        Type::Time => Time::read(text).map(Value::Time),
        Type::Person => PersonId::parse(text).map(Value::Person),
        Type::Record(_) => read_text(holds, text),
        Type::Made(kind) => {
            read_text(holds, text).or_else(|| Some(Value::Record(made(kind, &[text]))))
        }
        Type::Sealed(_) | Type::List(_) => None,
    };
    value.ok_or(match holds {
        Type::Flag => Reason::NotFlag,
        Type::Day => Reason::NotDay,
        Type::PartialDay => Reason::NotPartialDay,
        Type::Time => Reason::NotTime,
        Type::Person => Reason::NotPerson,
        _ => Reason::NotRecord,
    })
}

fn flag(text: &str) -> Option<bool> {
    match text {
        "是" | "Y" | "yes" | "√" | "1" | "true" | "中共党员" | "党员" => Some(true),
        "否" | "N" | "no" | "0" | "false" | "群众" => Some(false),
        _ => None,
    }
}

fn checked(check: Check, value: Value, now: &Circumstances<'_>) -> Result<Value, Reason> {
    let text = |text: Result<String, Reason>| text.map(Value::Text);
    match (check, &value) {
        (Check::Line(most) | Check::Lines(most), Value::Text(line)) => {
            let several = matches!(check, Check::Line(_)) && line.contains('\n');
            match (several, line.chars().count() > most) {
                (true, _) => Err(Reason::Character),
                (_, true) => Err(Reason::Long(most)),
                _ => Ok(value),
            }
        }
        (Check::GridNumber, Value::Text(digits) | Value::Record(digits)) => {
            const GRID_DIGITS: usize = 15;
            let own = now.community.filter(|community| !digits.starts_with(community));
            match (is_digits(digits, GRID_DIGITS), own) {
                (false, _) => Err(Reason::Digits(GRID_DIGITS)),
                (true, Some(community)) => Err(Reason::OtherGrid(community.to_owned())),
                (true, None) => Ok(value),
            }
        }
        (Check::Identity, Value::Text(number)) => {
            text(identity(number, now.invented).map(|found| found.number))
        }
        (Check::Digest, Value::Text(digest)) => {
            PersonId::parse(digest).map(|_| value).ok_or(Reason::Character)
        }
        (Check::Phone, Value::Text(number)) => text(phones(number, now.invented)),
        (Check::Organisation, Value::Text(code)) => text(organisation(code)),
        (Check::AtMost(most), Value::Count(count)) => {
            (*count <= most).then_some(value).ok_or(Reason::Greater(most))
        }
        (Check::Past | Check::Birth, Value::Day(day)) if day.is_after(now.today) => {
            Err(Reason::Future)
        }
        (Check::Birth, Value::Day(birth)) => {
            is_age(*birth, now.today).then_some(value).ok_or(Reason::Age)
        }
        _ => Ok(value),
    }
}

fn is_digits(text: &str, count: usize) -> bool {
    text.len() == count && text.bytes().all(|b| b.is_ascii_digit())
}

impl Check {
    /// Does it ask something of values of this type? A check that does not would pass all.
    pub const fn fits(self, holds: &Type) -> bool {
        match self {
            Self::Typed => !matches!(holds.inner(), Type::Text),
            Self::Line(_) | Self::Lines(_) => matches!(holds.inner(), Type::Text),
            Self::Identity | Self::Digest | Self::Phone | Self::Organisation => {
                matches!(holds.inner(), Type::Text)
            }
            Self::GridNumber => matches!(holds.inner(), Type::Text | Type::Record(_)),
            Self::AtMost(_) => matches!(holds.inner(), Type::Count),
            Self::Past | Self::Birth => matches!(holds.inner(), Type::Day | Type::PartialDay),
        }
    }
}
