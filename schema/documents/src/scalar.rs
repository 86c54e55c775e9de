//! Scalars: what stands at the keys of a document (section 10.1), whoever read it from there.

use std::fmt;

/// A value at a key.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Scalar {
    /// No value.
    Null,
    /// False or true.
    Flag(bool),
    /// An integer.
    Integer(i64),
    /// Text.
    Text(String),
    /// Bytes: a sealed text, or an event.
    Bytes(Vec<u8>),
}

/// Shows the type alone: what is written may name a person, and no log shows it.
impl fmt::Debug for Scalar {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Null => "Null",
            Self::Flag(_) => "Flag(..)",
            Self::Integer(_) => "Integer(..)",
            Self::Text(_) => "Text(..)",
            Self::Bytes(_) => "Bytes(..)",
        })
    }
}

impl From<&str> for Scalar {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}
