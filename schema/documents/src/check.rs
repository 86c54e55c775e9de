//! Checks: what every way in asks of a value, and the one form in which it is then stored.

use crate::day::{Day, PartialDay, Time};
use crate::field::{Spec, Type};
use crate::id::{PersonId, made};
use crate::numbers::{identity, is_age, organisation, phones};
use crate::refusal::Reason;
use crate::value::{TEXT_BYTES_MAX, Value, read_text};
use crate::written::{damage, entries, has_several_names, is_digits, means_none, one_form};

/// Characters of a number at a door.
const DOOR_CHARACTERS_MAX: usize = 20;

/// What is asked of a value besides its type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Check {
    /// What the type asks, and no more.
    Typed,
    /// At most this many characters, on one line.
    Line(usize),
    /// At most this many characters, on any number of lines.
    Lines(usize),
    /// The name of a person, of at most this many characters: blanks and dots are no difference.
    PersonName(usize),
    /// A number that somebody gave out, of at most this many characters without blanks; letters
    /// may be among them.
    GivenNumber(usize),
    /// The number of a building: 1, 1栋 and 1号楼 are the same.
    BuildingNumber,
    /// The number of an entrance.
    EntranceNumber,
    /// The number of a room; zeros before it belong to it.
    RoomNumber,
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

/// Reads a text that people wrote as a value of a field; no text, and a word for none where the
/// field may be empty, is no value. For what is sealed this is the value of the text within.
///
/// # Errors
/// With the reason why it is none.
pub fn read_written(
    spec: &Spec,
    text: &str,
    now: &Circumstances<'_>,
) -> Result<Option<Value>, Reason> {
    let Some(text) = checked_text(spec, spec.required, text, now)? else { return Ok(None) };
    value_of(spec, &text, now).map(Some)
}

/// What people would write for what they wrote: the one form in which a sheet says it. Whoever is
/// meant by a person's name is not asked here. Of a list, the entries.
///
/// # Errors
/// With the reason why it is nothing that the field may say.
pub(crate) fn rewrite(
    spec: &Spec,
    needed: bool,
    text: &str,
    now: &Circumstances<'_>,
) -> Result<Option<String>, Reason> {
    let mut said: Vec<String> = Vec::new();
    for entry in entries(spec, text) {
        let Some(text) = checked_text(spec, needed, &entry, now)? else { continue };
        let entry = match spec.holds.inner() {
            Type::Person | Type::Record(_) | Type::Made(_) => text,
            _ => value_of(spec, &text, now)?.written(),
        };
        if !said.contains(&entry) {
            said.push(entry);
        }
    }
    if said.is_empty() && needed {
        return Err(Reason::Missing);
    }
    Ok(Some(said.join("、")).filter(|said| !said.is_empty()))
}

/// The text in its one form, with what is asked of texts.
pub(crate) fn checked_text(
    spec: &Spec,
    needed: bool,
    text: &str,
    now: &Circumstances<'_>,
) -> Result<Option<String>, Reason> {
    if text.chars().any(|c| c.is_control() && !c.is_whitespace()) {
        return Err(Reason::Character);
    }
    let is_name = matches!(spec.check, Check::PersonName(_));
    if is_name && !means_none(spec, text) && has_several_names(text) {
        return Err(Reason::SeveralNames);
    }
    let text = one_form(spec, text);
    if text.is_empty() {
        return Ok(None);
    }
    if let Some(damage) = damage(spec, &text) {
        return Err(damage);
    }
    let is_word = match spec.holds.inner() {
        Type::Code(table) => table.iter().any(|code| code.is_meant(&text)),
        _ => false,
    };
    if !needed && !is_word && means_none(spec, &text) {
        return Ok(None);
    }
    let line = |most| match text.chars().count() > most {
        true => Err(Reason::Long(most)),
        false => Ok(text.clone()),
    };
    let checked = match spec.check {
        Check::Line(most) | Check::Lines(most) => line(most),
        Check::PersonName(most) | Check::GivenNumber(most) => line(most),
        Check::BuildingNumber | Check::EntranceNumber | Check::RoomNumber => {
            line(DOOR_CHARACTERS_MAX)
        }
        Check::GridNumber => grid_number(text, now),
        Check::Identity => identity_number(&text, now),
        Check::Digest => PersonId::parse(&text).map(|_| text).ok_or(Reason::Character),
        Check::Phone => phones(&text, now.invented),
        Check::Organisation => organisation(&text),
        Check::Typed | Check::AtMost(_) | Check::Past | Check::Birth => Ok(text),
    };
    checked.map(Some)
}

fn grid_number(digits: String, now: &Circumstances<'_>) -> Result<String, Reason> {
    const GRID_DIGITS: usize = 15;
    if digits.len() != GRID_DIGITS || !is_digits(&digits) {
        return Err(Reason::Digits(GRID_DIGITS));
    }
    match now.community.filter(|community| !digits.starts_with(community)) {
        Some(community) => Err(Reason::OtherGrid(community.to_owned())),
        None => Ok(digits),
    }
}

fn identity_number(number: &str, now: &Circumstances<'_>) -> Result<String, Reason> {
    let found = identity(number, now.invented)?;
    let unborn = found.birth.is_some_and(|birth| birth.is_after(now.today));
    if unborn { Err(Reason::IdentityBirth) } else { Ok(found.number) }
}

/// The value that a checked text says.
fn value_of(spec: &Spec, text: &str, now: &Circumstances<'_>) -> Result<Value, Reason> {
    let value = of_type(spec.holds.inner(), text)?;
    match (spec.check, &value) {
        (Check::AtMost(most), Value::Count(count)) if *count > most => Err(Reason::Greater(most)),
        (Check::Past | Check::Birth, Value::Day(day)) if day.is_after(now.today) => {
            Err(Reason::Future)
        }
        (Check::Birth, Value::Day(birth)) if !is_age(*birth, now.today) => Err(Reason::Age),
        _ => Ok(value),
    }
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
        Type::Count => return count(text).map(Value::Count),
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

/// `6`, `6层` and `6.00` are 6.
fn count(text: &str) -> Result<u32, Reason> {
    const UNIT_CHARACTERS_MAX: usize = 2;
    let bare = text.trim_end_matches(|c: char| !c.is_ascii_digit());
    let unit = text.chars().count() - bare.chars().count();
    let whole = bare.split_once('.').filter(|(_, rest)| rest.bytes().all(|b| b == b'0'));
    let digits = whole.map_or(bare, |(whole, _)| whole);
    if digits.is_empty() || !is_digits(digits) || unit > UNIT_CHARACTERS_MAX {
        return Err(Reason::NotCount);
    }
    digits.parse().map_err(|_| Reason::Greater(u32::MAX))
}

fn flag(text: &str) -> Option<bool> {
    match text {
        "是" | "Y" | "yes" | "√" | "1" | "true" | "中共党员" | "党员" => Some(true),
        "否" | "N" | "no" | "0" | "false" | "群众" => Some(false),
        _ => None,
    }
}

impl Check {
    /// Does it ask something of values of this type? A check that does not would pass all.
    pub const fn fits(self, holds: &Type) -> bool {
        match self {
            Self::Typed => !matches!(holds.inner(), Type::Text),
            Self::Line(_) | Self::GivenNumber(_) => {
                matches!(holds.inner(), Type::Text | Type::Made(_))
            }
            Self::Lines(_) | Self::PersonName(_) => matches!(holds.inner(), Type::Text),
            Self::BuildingNumber | Self::EntranceNumber | Self::RoomNumber => {
                matches!(holds.inner(), Type::Text)
            }
            Self::Identity | Self::Digest | Self::Phone | Self::Organisation => {
                matches!(holds.inner(), Type::Text)
            }
            Self::GridNumber => matches!(holds.inner(), Type::Text | Type::Record(_)),
            Self::AtMost(_) => matches!(holds.inner(), Type::Count),
            Self::Past | Self::Birth => matches!(holds.inner(), Type::Day | Type::PartialDay),
        }
    }
}
