//! Values in the bodies of events and letters.

use minicbor::data::{Int, Type};
use schema_wire::codec::{Decoder, Encoder, encoded};
use schema_wire::{Bytes, Malformed, Text, Wire, record};

/// Bytes of a value that is a text.
const TEXT_BYTES_MAX: usize = 4_096;
/// Bytes of a value that is bytes: a sealed text of the greatest length.
const VALUE_BYTES_MAX: usize = 4_140;

/// An integer from −2^64 to 2^64 − 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Integer(Int);

impl From<Integer> for i128 {
    fn from(integer: Integer) -> Self {
        integer.0.into()
    }
}

impl From<i64> for Integer {
    fn from(number: i64) -> Self {
        Self(number.into())
    }
}

/// A value of a field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    /// There is none.
    Null,
    /// Yes or no.
    Bool(bool),
    /// A number.
    Integer(Integer),
    /// A text.
    Text(Text<0, TEXT_BYTES_MAX>),
    /// Bytes, such as a sealed text.
    Bytes(Bytes<0, VALUE_BYTES_MAX>),
}

impl Wire for Value {
    fn encode(&self, e: &mut Encoder) {
        match self {
            Self::Null => drop(encoded(e.null())),
            Self::Bool(flag) => flag.encode(e),
            Self::Integer(Integer(number)) => drop(encoded(e.int(*number))),
            Self::Text(text) => text.encode(e),
            Self::Bytes(bytes) => bytes.encode(e),
        }
    }
    fn decode(d: &mut Decoder<'_>) -> Result<Self, Malformed> {
        match d.datatype()? {
            Type::Null => {
                d.null()?;
                Ok(Self::Null)
            }
            Type::Bool => Wire::decode(d).map(Self::Bool),
            Type::U8
            | Type::U16
            | Type::U32
            | Type::U64
            | Type::I8
            | Type::I16
            | Type::I32
            | Type::I64
            | Type::Int => Ok(Self::Integer(Integer(d.int()?))),
            Type::String => Wire::decode(d).map(Self::Text),
            Type::Bytes => Wire::decode(d).map(Self::Bytes),
            other => Err(Malformed::Value(format!("{other} is no value of a field"))),
        }
    }
}

record! {
    /// A field and its value.
    pub struct Entry {
        /// The field.
        pub field: Text<1, 32>,
        /// Its value.
        pub value: Value,
    }
}
