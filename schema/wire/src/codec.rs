//! Deterministic CBOR (RFC 8949 section 4.2.1): one encoding of each value, all others refused.
//!
//! Public for crates whose records stand inside of envelopes: they declare them as this one does.

use minicbor::data::Type;

/// Writes to memory.
pub type Encoder = minicbor::Encoder<Vec<u8>>;
/// Reads from memory.
pub type Decoder<'b> = minicbor::Decoder<'b>;

/// Why bytes are not a value, or a value cannot be. On the wire all of it is `malformed`.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Malformed {
    /// Not well-formed CBOR, or of another shape.
    #[error("{0}")]
    Shape(String),
    /// Well-formed, but not the one deterministic encoding.
    #[error("not the deterministic encoding")]
    NotDeterministic,
    /// Fewer or more of something than the protocol allows.
    #[error("{what}: {got} is not from {least} to {most}")]
    Size {
        /// Of what.
        what: &'static str,
        /// How many there are.
        got: usize,
        /// The fewest there may be.
        least: usize,
        /// The most there may be.
        most: usize,
    },
    /// A value outside its range, or fields that contradict each other.
    #[error("{0}")]
    Value(String),
}

impl Malformed {
    /// A value outside its range.
    pub fn value(text: impl Into<String>) -> Self {
        Self::Value(text.into())
    }
}

impl From<minicbor::decode::Error> for Malformed {
    fn from(error: minicbor::decode::Error) -> Self {
        Self::Shape(error.to_string())
    }
}

/// Room for most values from the beginning: growing in steps costs more than encoding.
const USUAL_BYTES: usize = 512;

/// A value with one encoding.
pub trait Wire: Sized {
    #[doc(hidden)]
    fn encode(&self, e: &mut Encoder);
    #[doc(hidden)]
    fn decode(d: &mut Decoder<'_>) -> Result<Self, Malformed>;

    /// The value's encoding.
    fn to_bytes(&self) -> Vec<u8> {
        let mut e = Encoder::new(Vec::with_capacity(USUAL_BYTES));
        self.encode(&mut e);
        e.into_writer()
    }

    /// Reads exactly one value, and refuses every encoding but its own.
    ///
    /// # Errors
    /// If the bytes are not exactly this value's encoding.
    fn from_bytes(bytes: &[u8]) -> Result<Self, Malformed> {
        let mut d = Decoder::new(bytes);
        let value = Self::decode(&mut d)?;
        let mut e = Encoder::new(Vec::with_capacity(bytes.len()));
        value.encode(&mut e);
        if d.position() != bytes.len() || *e.writer() != bytes {
            return Err(Malformed::NotDeterministic);
        }
        Ok(value)
    }
}

/// Writing to a vector cannot fail.
pub fn encoded<T>(result: Result<T, minicbor::encode::Error<core::convert::Infallible>>) -> T {
    match result {
        Ok(value) => value,
        Err(_) => unreachable!("writing CBOR to memory cannot fail"),
    }
}

/// Expects an array of exactly `len`.
///
/// # Errors
/// If something else stands there.
pub fn array(d: &mut Decoder<'_>, len: u64) -> Result<(), Malformed> {
    match d.array()? {
        Some(got) if got == len => Ok(()),
        got => Err(Malformed::Shape(format!("expected {len} fields, got {got:?}"))),
    }
}

pub(crate) fn in_bounds(
    what: &'static str,
    got: usize,
    least: usize,
    most: usize,
) -> Result<(), Malformed> {
    if (least..=most).contains(&got) {
        Ok(())
    } else {
        Err(Malformed::Size { what, got, least, most })
    }
}

pub(crate) fn bytes_fixed<const N: usize>(d: &mut Decoder<'_>) -> Result<[u8; N], Malformed> {
    let bytes = d.bytes()?;
    let fixed = <[u8; N]>::try_from(bytes);
    fixed.map_err(|_| Malformed::Shape(format!("expected {N} bytes, got {}", bytes.len())))
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
    fn decode(d: &mut Decoder<'_>) -> Result<Self, Malformed> {
        if d.datatype()? == Type::Null {
            d.null()?;
            return Ok(None);
        }
        T::decode(d).map(Some)
    }
}

impl Wire for u64 {
    fn encode(&self, e: &mut Encoder) {
        encoded(e.u64(*self));
    }
    fn decode(d: &mut Decoder<'_>) -> Result<Self, Malformed> {
        Ok(d.u64()?)
    }
}

impl Wire for u8 {
    fn encode(&self, e: &mut Encoder) {
        encoded(e.u8(*self));
    }
    fn decode(d: &mut Decoder<'_>) -> Result<Self, Malformed> {
        Ok(d.u8()?)
    }
}

impl Wire for bool {
    fn encode(&self, e: &mut Encoder) {
        encoded(e.bool(*self));
    }
    fn decode(d: &mut Decoder<'_>) -> Result<Self, Malformed> {
        Ok(d.bool()?)
    }
}

/// A byte string of fixed length.
impl<const N: usize> Wire for [u8; N] {
    fn encode(&self, e: &mut Encoder) {
        encoded(e.bytes(self));
    }
    fn decode(d: &mut Decoder<'_>) -> Result<Self, Malformed> {
        bytes_fixed(d)
    }
}

/// Declares a record: a struct that is the array of its fields, in their order. `check` names
/// what must hold between the fields; it is part of decoding.
#[macro_export]
macro_rules! record {
    (
        $(#[$doc:meta])*
        pub struct $name:ident {
            $( $(#[$field_doc:meta])* pub $field:ident: $type:ty, )*
        }
        $(check $check:expr;)?
        $(signed as $domain:literal by $signer:ident;)?
    ) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq)]
        pub struct $name {
            $( $(#[$field_doc])* pub $field: $type, )*
        }

        impl $name {
            /// How many fields the array has.
            const FIELDS: u64 = [$(stringify!($field)),*].len() as u64;

            /// Are its fields such that they may stand together? Part of decoding.
            ///
            /// # Errors
            /// If they contradict each other.
            pub fn well_made(&self) -> Result<(), $crate::codec::Malformed> {
                $( let check: fn(&Self) -> Result<(), $crate::codec::Malformed> = $check; check(self)?; )?
                Ok(())
            }
        }

        impl $crate::codec::Wire for $name {
            fn encode(&self, e: &mut $crate::codec::Encoder) {
                $crate::codec::encoded(e.array(Self::FIELDS));
                $( $crate::codec::Wire::encode(&self.$field, e); )*
            }
            fn decode(d: &mut $crate::codec::Decoder<'_>) -> Result<Self, $crate::codec::Malformed> {
                $crate::codec::array(d, Self::FIELDS)?;
                let record = Self { $( $field: $crate::codec::Wire::decode(d)?, )* };
                record.well_made()?;
                Ok(record)
            }
        }

        $(
            impl $crate::Record for $name {
                const DOMAIN: &'static str = $domain;
                fn signer(&self) -> $crate::NodeKey {
                    self.$signer
                }
                fn well_made(&self) -> Result<(), $crate::codec::Malformed> {
                    self.well_made()
                }
            }
        )?
    };
}
pub use record;
