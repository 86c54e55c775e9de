//! Deterministic CBOR (RFC 8949 section 4.2): one encoding of each value, all others refused.

use minicbor::data::Type;

use crate::id::IdError;

pub(crate) type Encoder = minicbor::Encoder<Vec<u8>>;
pub(crate) type Decoder<'b> = minicbor::Decoder<'b>;

/// Why bytes are not a value.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DecodeError {
    /// Not well-formed CBOR, or of another shape.
    #[error("malformed: {0}")]
    Malformed(String),
    /// Well-formed, but not the one deterministic encoding.
    #[error("not the deterministic encoding")]
    NotDeterministic,
    /// More of something than the protocol allows.
    #[error("{what}: {got} is more than {max}")]
    TooLarge { what: &'static str, got: usize, max: usize },
    /// A value outside its range.
    #[error("{0}")]
    Value(String),
}

impl From<minicbor::decode::Error> for DecodeError {
    fn from(error: minicbor::decode::Error) -> Self {
        Self::Malformed(error.to_string())
    }
}
impl From<IdError> for DecodeError {
    fn from(error: IdError) -> Self {
        Self::Value(error.to_string())
    }
}

/// Room for most values from the beginning: growing in steps costs more than encoding.
const USUAL_BYTES: usize = 512;

/// A value with one encoding.
pub trait Wire: Sized {
    #[doc(hidden)]
    fn encode(&self, e: &mut Encoder);
    #[doc(hidden)]
    fn decode(d: &mut Decoder<'_>) -> Result<Self, DecodeError>;

    /// The value's encoding.
    fn to_bytes(&self) -> Vec<u8> {
        let mut e = Encoder::new(Vec::with_capacity(USUAL_BYTES));
        self.encode(&mut e);
        e.into_writer()
    }

    /// Reads exactly one value, and refuses every encoding but its own.
    fn from_bytes(bytes: &[u8]) -> Result<Self, DecodeError> {
        let mut d = Decoder::new(bytes);
        let value = Self::decode(&mut d)?;
        let mut e = Encoder::new(Vec::with_capacity(bytes.len()));
        value.encode(&mut e);
        if d.position() != bytes.len() || *e.writer() != bytes {
            return Err(DecodeError::NotDeterministic);
        }
        Ok(value)
    }
}

/// Writing to a vector cannot fail.
pub(crate) fn encoded<T>(
    result: Result<T, minicbor::encode::Error<core::convert::Infallible>>,
) -> T {
    match result {
        Ok(value) => value,
        Err(_) => unreachable!("writing CBOR to memory cannot fail"),
    }
}

/// Expects an array of exactly `len`.
pub(crate) fn array(d: &mut Decoder<'_>, len: u64) -> Result<(), DecodeError> {
    match d.array()? {
        Some(got) if got == len => Ok(()),
        got => Err(DecodeError::Malformed(format!("expected {len} fields, got {got:?}"))),
    }
}

/// Expects an array of at most `max`, and returns its length.
pub(crate) fn array_max(
    d: &mut Decoder<'_>,
    what: &'static str,
    max: usize,
) -> Result<usize, DecodeError> {
    let got = d.array()?.ok_or(DecodeError::NotDeterministic)?;
    let got = usize::try_from(got).unwrap_or(usize::MAX);
    if got > max {
        return Err(DecodeError::TooLarge { what, got, max });
    }
    Ok(got)
}

/// A list of at most `max` values. Memory grows with what is read, never with what is claimed.
pub(crate) fn list<T: Wire>(
    d: &mut Decoder<'_>,
    what: &'static str,
    max: usize,
) -> Result<Vec<T>, DecodeError> {
    let len = array_max(d, what, max)?;
    let mut values = Vec::new();
    for _ in 0..len {
        values.push(T::decode(d)?);
    }
    Ok(values)
}

/// A list of at most `max` values in strictly ascending order.
pub(crate) fn list_ascending<T: Wire + Ord>(
    d: &mut Decoder<'_>,
    what: &'static str,
    max: usize,
) -> Result<Vec<T>, DecodeError> {
    let values = list(d, what, max)?;
    if values.is_sorted_by(|a, b| a < b) { Ok(values) } else { Err(DecodeError::NotDeterministic) }
}

pub(crate) fn encode_list<T: Wire>(e: &mut Encoder, values: &[T]) {
    encoded(e.array(values.len() as u64));
    for value in values {
        value.encode(e);
    }
}

pub(crate) fn bytes_fixed<const N: usize>(d: &mut Decoder<'_>) -> Result<[u8; N], DecodeError> {
    let bytes = d.bytes()?;
    let fixed = <[u8; N]>::try_from(bytes);
    fixed.map_err(|_| DecodeError::Malformed(format!("expected {N} bytes, got {}", bytes.len())))
}

pub(crate) fn bytes_max(
    d: &mut Decoder<'_>,
    what: &'static str,
    max: usize,
) -> Result<Vec<u8>, DecodeError> {
    let bytes = d.bytes()?;
    if bytes.len() > max {
        return Err(DecodeError::TooLarge { what, got: bytes.len(), max });
    }
    Ok(bytes.to_vec())
}

pub(crate) fn text_max(
    d: &mut Decoder<'_>,
    what: &'static str,
    max: usize,
) -> Result<String, DecodeError> {
    let text = d.str()?;
    if text.len() > max {
        return Err(DecodeError::TooLarge { what, got: text.len(), max });
    }
    Ok(text.to_owned())
}

/// A value or null.
impl<T: Wire> Wire for Option<T> {
    fn encode(&self, e: &mut Encoder) {
        match self {
            Some(value) => value.encode(e),
            None => {
                encoded(e.null());
            }
        }
    }
    fn decode(d: &mut Decoder<'_>) -> Result<Self, DecodeError> {
        if d.datatype()? == Type::Null {
            d.null()?;
            return Ok(None);
        }
        T::decode(d).map(Some)
    }
}
