//! Values: a scalar read as what its field holds, or the reason why it is not that.

use std::fmt;

use crate::code::Code;
use crate::day::{Day, PartialDay, Time};
use crate::field::Type;
use crate::id::PersonId;
use crate::scalar::Scalar;
use crate::words::{Words, words};

/// Bytes of a text.
pub const TEXT_BYTES_MAX: usize = 4096;

/// What is sealed: bytes that only a key of the subject opens (section 10.4).
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Sealed(pub Vec<u8>);

impl fmt::Debug for Sealed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Sealed(..)")
    }
}

/// A value of a field.
#[derive(Clone, PartialEq, Eq)]
pub enum Value {
    /// Text.
    Text(String),
    /// One of a table.
    Code(&'static Code),
    /// How many.
    Count(u32),
    /// False or true.
    Flag(bool),
    /// A day, a month or a year.
    Day(PartialDay),
    /// A time of day.
    Time(Time),
    /// A person.
    Person(PersonId),
    /// The name of a record.
    Record(String),
    /// A sealed text.
    Sealed(Sealed),
}

/// Shows nothing: a value may say something of a person, and no log shows it.
impl fmt::Debug for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Value(..)")
    }
}

/// Why something in a document is not read. It is shown with this, and counts as nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Unreadable {
    /// A key of neither syntax.
    Key,
    /// A kind that this version does not know.
    Kind,
    /// A field that the kind does not have.
    Field,
    /// A record's name of another form than its kind gives.
    Name,
    /// A record or event in another document than its own.
    Document,
    /// A scalar of another type.
    Type,
    /// A scalar of the type, in another form.
    Form,
    /// An event whose bytes are none, or of which there are two.
    Event,
}

impl Unreadable {
    /// The reason in words.
    pub const fn words(self) -> Words {
        match self {
            Self::Key => words("键的格式不对", "the key has no known form"),
            Self::Kind => words("本版本不认识这一类", "this version does not know the kind"),
            Self::Field => words("该类没有此项", "the kind has no such field"),
            Self::Name => words("记录编号的格式不对", "the record's name has another form"),
            Self::Document => words("不在应在的文档里", "it lies in another document than its own"),
            Self::Type => words("值的类型不对", "the value has another type"),
            Self::Form => words("值的格式不对", "the value has another form"),
            Self::Event => words("事件内容无法读取", "the event's bytes do not read"),
        }
    }
}

/// Reads a scalar as what a field holds; no value is `None`.
///
/// # Errors
/// If its type or form is another.
pub fn read(holds: &Type, scalar: &Scalar) -> Result<Option<Value>, Unreadable> {
    let value = match (holds, scalar) {
        (Type::List(inner), _) => return read(inner, scalar),
        (_, Scalar::Null) => return Ok(None),
        (Type::Sealed(_), Scalar::Bytes(bytes)) => Some(Value::Sealed(Sealed(bytes.clone()))),
        (Type::Flag, Scalar::Flag(flag)) => Some(Value::Flag(*flag)),
        (Type::Count, Scalar::Integer(number)) => u32::try_from(*number).ok().map(Value::Count),
        (Type::Sealed(_) | Type::Flag | Type::Count, _) => return Err(Unreadable::Type),
        (_, Scalar::Text(text)) if text.is_empty() => return Ok(None),
        (_, Scalar::Text(text)) => read_text(holds, text),
        (_, Scalar::Flag(_) | Scalar::Integer(_) | Scalar::Bytes(_)) => {
            return Err(Unreadable::Type);
        }
    };
    value.map(Some).ok_or(Unreadable::Form)
}

/// Reads a text that is not empty, for the types that are text; also one that was sealed, of
/// which a count and a flag are written in digits.
pub(crate) fn read_text(holds: &Type, text: &str) -> Option<Value> {
    match holds {
        Type::Text => (text.len() <= TEXT_BYTES_MAX).then(|| Value::Text(text.to_owned())),
        Type::Code(table) => table.iter().find(|entry| entry.code == text).map(Value::Code),
        Type::Day => Day::parse(text).map(|day| Value::Day(PartialDay::Day(day))),
        Type::PartialDay => PartialDay::parse(text).map(Value::Day),
        Type::Time => Time::parse(text).map(Value::Time),
        Type::Person => PersonId::parse(text).map(Value::Person),
        Type::Record(kinds) => is_reference(kinds, text).then(|| Value::Record(text.to_owned())),
        Type::Made(_) => crate::id::is_made(text).then(|| Value::Record(text.to_owned())),
        Type::Count => {
            let count = text.parse::<u32>().ok()?;
            (count.to_string() == text).then_some(Value::Count(count))
        }
        Type::Flag => match text {
            "0" => Some(Value::Flag(false)),
            "1" => Some(Value::Flag(true)),
            _ => None,
        },
        Type::Sealed(inner) | Type::List(inner) => read_text(inner, text),
    }
}

impl Value {
    /// The scalar that says it.
    pub fn scalar(&self) -> Scalar {
        match self {
            Self::Count(count) => Scalar::Integer(i64::from(*count)),
            Self::Flag(flag) => Scalar::Flag(*flag),
            Self::Sealed(sealed) => Scalar::Bytes(sealed.0.clone()),
            Self::Text(_) | Self::Code(_) | Self::Day(_) | Self::Time(_) => {
                Scalar::Text(self.text())
            }
            Self::Person(_) | Self::Record(_) => Scalar::Text(self.text()),
        }
    }

    /// The text that says it: what is sealed, and what is looked up. Nothing for what is sealed.
    pub fn text(&self) -> String {
        match self {
            Self::Text(text) | Self::Record(text) => text.clone(),
            Self::Code(code) => code.code.to_owned(),
            Self::Count(count) => count.to_string(),
            Self::Flag(flag) => u8::from(*flag).to_string(),
            Self::Day(day) => day.to_string(),
            Self::Time(time) => time.to_string(),
            Self::Person(person) => person.to_string(),
            Self::Sealed(_) => String::new(),
        }
    }
}

impl Value {
    /// The text that people write for it, as a sheet has it. Nothing for what is sealed.
    pub fn written(&self) -> String {
        match self {
            Self::Code(code) => code.words.zh.to_owned(),
            Self::Flag(flag) => if *flag { "是" } else { "否" }.to_owned(),
            other => other.text(),
        }
    }
}

/// One kind: a record's name. Several: the kind, a slash, the record's name.
fn is_reference(kinds: &[&str], text: &str) -> bool {
    let name = match (kinds, text.split_once('/')) {
        ([_], None) => text,
        ([_, _, ..], Some((kind, name))) if kinds.contains(&kind) => name,
        _ => return false,
    };
    crate::key::is_record(name)
}

#[cfg(test)]
mod tests {
    use super::{TEXT_BYTES_MAX, Unreadable, Value, read};
    use crate::field::Type;
    use crate::scalar::Scalar;

    #[test]
    fn what_is_of_another_type_or_form_is_unreadable() {
        use Scalar::{Bytes, Flag, Integer, Null};
        let text = |text: &str| Scalar::Text(text.to_owned());
        let sealed = Type::Sealed(&Type::Text);
        for (holds, scalar, found) in [
            (Type::Text, Integer(1), Err(Unreadable::Type)),
            (Type::Text, text(&"甲".repeat(TEXT_BYTES_MAX)), Err(Unreadable::Form)),
            (Type::Count, text("1"), Err(Unreadable::Type)),
            (Type::Count, Integer(-1), Err(Unreadable::Form)),
            (Type::Count, Integer(1 << 32), Err(Unreadable::Form)),
            (Type::Day, text("2024-2-1"), Err(Unreadable::Form)),
            (Type::Day, text("2024-02"), Err(Unreadable::Form)),
            (Type::Time, text("24:00"), Err(Unreadable::Form)),
            (Type::Person, text(&"0F".repeat(16)), Err(Unreadable::Form)),
            (Type::Record(&["grid"]), text("grid/1"), Err(Unreadable::Form)),
            (Type::Record(&["grid", "estate"]), text("body/1"), Err(Unreadable::Form)),
            (sealed, text("open"), Err(Unreadable::Type)),
            (Type::Flag, Integer(1), Err(Unreadable::Type)),
            (sealed, Null, Ok(None)),
            (Type::Text, text(""), Ok(None)),
            (Type::Count, Integer(7), Ok(Some(Value::Count(7)))),
            (Type::Flag, Flag(true), Ok(Some(Value::Flag(true)))),
            (Type::Text, Bytes(vec![1]), Err(Unreadable::Type)),
        ] {
            assert_eq!(read(&holds, &scalar), found, "{holds:?} {scalar:?}");
        }
    }
}
