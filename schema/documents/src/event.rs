//! Events: facts that never change (section 10.3).

use std::fmt;

use minicbor::data::{Int, Type as Cbor};
use minicbor::{Decoder, Encoder};

use crate::day::Day;
use crate::field::{Field, List, Spec, Typed};
use crate::id::EventId;
use crate::scalar::Scalar;
use crate::value::{Unreadable, Value, read};

const KIND_BYTES_MAX: usize = 32;
const DAY_BYTES: usize = 10;
const BY_BYTES_MAX: usize = 16;
const CAUSES_MAX: u64 = 16;
const RULES_BYTES_MAX: usize = 32;
const FIELDS_MAX: u64 = 32;
const TEXT_BYTES_MAX: usize = 4096;
const BYTES_MAX: usize = 4140;

/// Who did it, as the node claims: its account and the post it was done in, as 16 bytes of their
/// ULIDs, or nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct By {
    /// The account.
    pub account: Vec<u8>,
    /// The post.
    pub post: Vec<u8>,
}

/// What a body says under one name.
#[derive(Clone, PartialEq, Eq)]
pub enum Said {
    /// Nothing.
    Null,
    /// False or true.
    Flag(bool),
    /// −2^64 to 2^64 − 1.
    Integer(i128),
    /// Text.
    Text(String),
    /// Bytes.
    Bytes(Vec<u8>),
}

/// Shows nothing: what a body says may name a person.
impl fmt::Debug for Said {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Said(..)")
    }
}

/// An event as its author wrote it. Who and when come from the envelope that carries it.
#[derive(Clone, PartialEq, Eq)]
pub struct Event {
    /// What happened.
    pub kind: String,
    /// On which day: ten bytes that its author claims to be one.
    pub day: String,
    /// By whom, as its node claims.
    pub by: By,
    /// The events that it rests on, ascending.
    pub causes: Vec<EventId>,
    /// The version of the rules that it was made under.
    pub rules: Vec<u8>,
    /// What it says, ascending by name.
    pub body: Vec<(String, Said)>,
}

/// Shows no body: it may name a person.
impl fmt::Debug for Event {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Event({} {})", self.kind, self.day)
    }
}

impl Event {
    /// The day on which it happened, if what is claimed is one.
    pub fn on(&self) -> Option<Day> {
        Day::parse(&self.day)
    }

    /// What the body says in this field, if it reads.
    pub fn says<K, T: Typed>(&self, field: &Field<K, T>) -> Option<Value> {
        self.value(&field.spec).ok().flatten()
    }

    /// The entries of a list, those that read.
    pub fn lists<K, T: Typed>(&self, field: &Field<K, List<T>>) -> Vec<Value> {
        let of = |name: &str| {
            let (list, number) = name.split_once('.')?;
            (list == field.spec.name).then(|| number.parse::<usize>().ok())?
        };
        let read = |said: &Said| read(&field.spec.holds, &said.scalar()?).ok().flatten();
        let mut entries: Vec<(usize, Value)> =
            (self.body.iter()).filter_map(|(name, said)| Some((of(name)?, read(said)?))).collect();
        entries.sort_by_key(|(number, _)| *number);
        entries.into_iter().map(|(_, value)| value).collect()
    }

    /// What the body says in a field that is no list.
    pub(crate) fn value(&self, spec: &Spec) -> Result<Option<Value>, Unreadable> {
        let Some((_, said)) = self.body.iter().find(|(name, _)| name == spec.name) else {
            return Ok(None);
        };
        read(&spec.holds, &said.scalar().ok_or(Unreadable::Form)?)
    }

    /// Its value at its key.
    ///
    /// # Errors
    /// If it is none that a reader takes.
    pub fn to_bytes(&self) -> Result<Vec<u8>, Unreadable> {
        let bytes = self.encode();
        (Self::from_bytes(&bytes)? == *self).then_some(bytes).ok_or(Unreadable::Event)
    }

    /// Reads the value at an event's key: its one encoding, and no other.
    ///
    /// # Errors
    /// If the bytes are none.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, Unreadable> {
        let event = decode(bytes).ok_or(Unreadable::Event)?;
        (event.encode() == bytes).then_some(event).ok_or(Unreadable::Event)
    }

    fn encode(&self) -> Vec<u8> {
        let mut e = Encoder::new(Vec::new());
        let written = self.write(&mut e);
        assert!(written.is_ok(), "writing CBOR to memory cannot fail");
        e.into_writer()
    }

    fn write(
        &self,
        e: &mut Encoder<Vec<u8>>,
    ) -> Result<(), minicbor::encode::Error<core::convert::Infallible>> {
        let count = |length: usize| u64::try_from(length).unwrap_or(u64::MAX);
        e.array(6)?.str(&self.kind)?.str(&self.day)?;
        e.array(2)?.bytes(&self.by.account)?.bytes(&self.by.post)?;
        e.array(count(self.causes.len()))?;
        for cause in &self.causes {
            e.bytes(&cause.0)?;
        }
        e.bytes(&self.rules)?.array(count(self.body.len()))?;
        for (name, said) in &self.body {
            e.array(2)?.str(name)?;
            match said {
                Said::Null => e.null()?,
                Said::Flag(flag) => e.bool(*flag)?,
                Said::Integer(number) => {
                    e.int(Int::try_from(*number).unwrap_or_else(|_| Int::from(0u8)))?
                }
                Said::Text(text) => e.str(text)?,
                Said::Bytes(bytes) => e.bytes(bytes)?,
            };
        }
        Ok(())
    }
}

impl Said {
    /// The scalar that says the same. `None` for an integer beyond those of documents.
    pub fn scalar(&self) -> Option<Scalar> {
        Some(match self {
            Self::Null => Scalar::Null,
            Self::Flag(flag) => Scalar::Flag(*flag),
            Self::Integer(number) => Scalar::Integer(i64::try_from(*number).ok()?),
            Self::Text(text) => Scalar::Text(text.clone()),
            Self::Bytes(bytes) => Scalar::Bytes(bytes.clone()),
        })
    }
}

impl From<Scalar> for Said {
    fn from(scalar: Scalar) -> Self {
        match scalar {
            Scalar::Null => Self::Null,
            Scalar::Flag(flag) => Self::Flag(flag),
            Scalar::Integer(number) => Self::Integer(number.into()),
            Scalar::Text(text) => Self::Text(text),
            Scalar::Bytes(bytes) => Self::Bytes(bytes),
        }
    }
}

/// The encoding is compared afterwards: what stands here are shape, limits and order.
fn decode(bytes: &[u8]) -> Option<Event> {
    let mut d = Decoder::new(bytes);
    array(&mut d, 6, 6)?;
    let kind = text(&mut d, 1, KIND_BYTES_MAX)?;
    let day = text(&mut d, DAY_BYTES, DAY_BYTES)?;
    array(&mut d, 2, 2)?;
    let by = By { account: blob(&mut d, BY_BYTES_MAX)?, post: blob(&mut d, BY_BYTES_MAX)? };
    let causes = array(&mut d, 0, CAUSES_MAX)?;
    let cause = |d: &mut Decoder<'_>| Some(EventId(d.bytes().ok()?.try_into().ok()?));
    let causes = (0..causes).map(|_| cause(&mut d)).collect::<Option<Vec<_>>>()?;
    let rules = blob(&mut d, RULES_BYTES_MAX)?;
    let fields = array(&mut d, 0, FIELDS_MAX)?;
    let body = (0..fields).map(|_| said(&mut d)).collect::<Option<Vec<_>>>()?;
    let ascending = causes.is_sorted_by(|a, b| a < b) && body.is_sorted_by(|(a, _), (b, _)| a < b);
    let whole = d.position() == bytes.len();
    (ascending && whole).then_some(Event { kind, day, by, causes, rules, body })
}

fn said(d: &mut Decoder<'_>) -> Option<(String, Said)> {
    array(d, 2, 2)?;
    let name = text(d, 1, KIND_BYTES_MAX)?;
    let said = match d.datatype().ok()? {
        Cbor::Null => {
            d.null().ok()?;
            Said::Null
        }
        Cbor::Bool => Said::Flag(d.bool().ok()?),
        Cbor::String => Said::Text(text(d, 0, TEXT_BYTES_MAX)?),
        Cbor::Bytes => Said::Bytes(blob(d, BYTES_MAX)?),
        // Everything that is no integer is refused there.
        _ => Said::Integer(d.int().ok()?.into()),
    };
    Some((name, said))
}

fn array(d: &mut Decoder<'_>, least: u64, most: u64) -> Option<u64> {
    d.array().ok()?.filter(|length| (least..=most).contains(length))
}

fn text(d: &mut Decoder<'_>, least: usize, most: usize) -> Option<String> {
    let text = d.str().ok()?;
    (least..=most).contains(&text.len()).then(|| text.to_owned())
}

fn blob(d: &mut Decoder<'_>, most: usize) -> Option<Vec<u8>> {
    let bytes = d.bytes().ok()?;
    (bytes.len() <= most).then(|| bytes.to_vec())
}
