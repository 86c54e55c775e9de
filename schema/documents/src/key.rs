//! Keys of a document's root map: fields of records (section 10.2) and events (10.3).

use crate::id::EventId;

const KIND_BYTES_MAX: usize = 32;
const RECORD_BYTES_MAX: usize = 96;
const FIELD_BYTES_MAX: usize = 32;

/// A key, by its parts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Key<'a> {
    /// A field of a record.
    Field {
        /// What the record is.
        kind: &'a str,
        /// Which one.
        record: &'a str,
        /// Which of its fields.
        field: &'a str,
    },
    /// An event of an entity.
    Event {
        /// What the entity is.
        kind: &'a str,
        /// Which one.
        entity: &'a str,
        /// The event's id.
        event: EventId,
    },
}

impl<'a> Key<'a> {
    /// Reads a key; `None` if it has neither syntax.
    pub fn parse(key: &'a str) -> Option<Self> {
        let event = key.strip_prefix('!');
        let mut parts = event.unwrap_or(key).split('/');
        let (kind, record, last) = (parts.next()?, parts.next()?, parts.next()?);
        if parts.next().is_some() || !is_kind(kind) || !is_record(record) {
            return None;
        }
        match event {
            Some(_) => Some(Self::Event { kind, entity: record, event: EventId::parse(last)? }),
            None => is_field(last).then_some(Self::Field { kind, record, field: last }),
        }
    }
}

/// The key of a field.
pub fn field_key(kind: &str, record: &str, field: &str) -> String {
    format!("{kind}/{record}/{field}")
}

/// The key of an event.
pub fn event_key(kind: &str, entity: &str, event: EventId) -> String {
    format!("!{kind}/{entity}/{event}")
}

pub(crate) fn is_kind(text: &str) -> bool {
    is_of(text, KIND_BYTES_MAX, |b| is_lower(b) || b == b'-')
}

pub(crate) fn is_record(text: &str) -> bool {
    is_of(text, RECORD_BYTES_MAX, |b| b.is_ascii_alphanumeric() || b"_.:-".contains(&b))
}

pub(crate) fn is_field(text: &str) -> bool {
    is_of(text, FIELD_BYTES_MAX, |b| is_lower(b) || b == b'-' || b == b'.')
}

fn is_lower(byte: u8) -> bool {
    byte.is_ascii_lowercase() || byte.is_ascii_digit()
}

fn is_of(text: &str, bytes_max: usize, character: impl Fn(u8) -> bool) -> bool {
    (1..=bytes_max).contains(&text.len()) && text.bytes().all(character)
}
