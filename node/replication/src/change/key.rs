//! Keys of a document's root map: fields of records (section 10.2) and events (10.3).

const KIND_BYTES_MAX: usize = 32;
const RECORD_BYTES_MAX: usize = 96;
const FIELD_BYTES_MAX: usize = 32;
const EVENT_ID_BYTES: usize = 16;

/// Names an event of an entity.
pub type EventId = [u8; EVENT_ID_BYTES];

/// A key, by its parts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Key<'a> {
    /// An event: nobody replaces what lies there.
    Event(EventKey<'a>),
    /// A field of a record.
    Field {
        /// What the record is.
        kind: &'a str,
        /// Which one.
        record: &'a str,
        /// Which of its fields.
        field: &'a str,
    },
}

/// The parts of an event's key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct EventKey<'a> {
    /// What the entity is.
    pub kind: &'a str,
    /// Which one.
    pub entity: &'a str,
    /// The event's id.
    pub event: EventId,
}

impl<'a> Key<'a> {
    /// `None` if a key has neither syntax.
    #[must_use]
    pub fn parse(key: &'a str) -> Option<Self> {
        // Long keys may stand at 20,000 operations: they are not looked through each time.
        let longest = 1 + KIND_BYTES_MAX + 1 + RECORD_BYTES_MAX + 1 + FIELD_BYTES_MAX;
        if key.len() > longest {
            return None;
        }
        let event = key.strip_prefix('!');
        let mut parts = event.unwrap_or(key).split('/');
        let (kind, record) = (parts.next()?, parts.next()?);
        let (last, None) = (parts.next()?, parts.next()) else {
            return None;
        };
        let lower = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
        let named = is_of(kind, KIND_BYTES_MAX, lower)
            && is_of(record, RECORD_BYTES_MAX, |b| {
                b.is_ascii_alphanumeric() || b"_.:-".contains(&b)
            });
        if !named {
            return None;
        }
        if event.is_some() {
            let event = event_from_digits(last)?;
            return Some(Self::Event(EventKey { kind, entity: record, event }));
        }
        is_of(last, FIELD_BYTES_MAX, |b| lower(b) || b == b'.').then_some(Self::Field {
            kind,
            record,
            field: last,
        })
    }
}

fn is_of(text: &str, bytes_max: usize, character: impl Fn(u8) -> bool) -> bool {
    (1..=bytes_max).contains(&text.len()) && text.bytes().all(character)
}

/// 32 digits in lower case.
fn event_from_digits(digits: &str) -> Option<EventId> {
    let digit = |b: u8| match b {
        b'0'..=b'9' => Some(b - b'0'),
        b'a'..=b'f' => Some(b - b'a' + 10),
        _ => None,
    };
    let (pairs, []) = digits.as_bytes().as_chunks::<2>() else {
        return None;
    };
    let bytes = pairs.iter().map(|[high, low]| Some(digit(*high)? << 4 | digit(*low)?));
    bytes.collect::<Option<Vec<u8>>>()?.try_into().ok()
}

#[cfg(test)]
mod tests {
    use super::{EventKey, Key};

    #[test]
    fn keys_have_three_parts() {
        let field = Key::Field { kind: "body", record: "n0:A_z.-", field: "name.0" };
        assert_eq!(Key::parse("body/n0:A_z.-/name.0"), Some(field));
        let event = [0x0f; 16];
        let event = Key::Event(EventKey { kind: "case", entity: "01", event });
        assert_eq!(Key::parse(&format!("!case/01/{}", "0f".repeat(16))), Some(event));
        for wrong in ["", "a/b", "a/b/", "a/b/c/d", "A/b/c", "a/b c/d", "a/b/C", "!a/b/c", "a//c"] {
            assert_eq!(Key::parse(wrong), None, "{wrong}");
        }
        assert_eq!(Key::parse(&format!("!case/01/{}", "0F".repeat(16))), None);
    }
}
