//! Values that are within their limits wherever they exist: times, texts, lists.

use std::fmt;
use std::ops::Deref;

use crate::codec::{Decoder, Encoder, Malformed, Wire, encoded, in_bounds};

/// Milliseconds since 1970-01-01T00:00:00Z, below 2^48. As its author claims it.
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Ms(u64);

impl Ms {
    /// The last time there is.
    pub const MAX: Self = Self((1 << 48) - 1);

    /// The time of so many milliseconds; the last one if there are more.
    pub const fn of(milliseconds: u64) -> Self {
        if milliseconds > Self::MAX.0 { Self::MAX } else { Self(milliseconds) }
    }

    /// Its milliseconds.
    pub const fn get(self) -> u64 {
        self.0
    }

    /// So many milliseconds later, at most the last time there is.
    #[must_use]
    pub const fn plus(self, milliseconds: u64) -> Self {
        Self::of(self.0.saturating_add(milliseconds))
    }

    /// The milliseconds since another time; none if that is later.
    pub const fn since(self, earlier: Self) -> u64 {
        self.0.saturating_sub(earlier.0)
    }
}

impl fmt::Debug for Ms {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ms", self.0)
    }
}

impl Wire for Ms {
    fn encode(&self, e: &mut Encoder) {
        encoded(e.u64(self.0));
    }
    fn decode(d: &mut Decoder<'_>) -> Result<Self, Malformed> {
        let got = d.u64()?;
        if got > Self::MAX.0 {
            return Err(Malformed::value(format!("{got} ms is no time below 2^48")));
        }
        Ok(Self(got))
    }
}

/// A text of `LEAST` to `MOST` bytes.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Text<const LEAST: usize, const MOST: usize>(String);

impl<const LEAST: usize, const MOST: usize> Text<LEAST, MOST> {
    /// Takes a text.
    ///
    /// # Errors
    /// If it is shorter or longer than it may be.
    pub fn new(text: impl Into<String>) -> Result<Self, Malformed> {
        let text = text.into();
        in_bounds("bytes of a text", text.len(), LEAST, MOST)?;
        Ok(Self(text))
    }

    /// As much of a text for people as fits. For texts that may be empty.
    pub fn cut(text: &str) -> Self {
        const { assert!(LEAST == 0) };
        let end = (0..=MOST.min(text.len())).rev().find(|end| text.is_char_boundary(*end));
        Self(text[..end.unwrap_or(0)].to_owned())
    }
}

impl<const LEAST: usize, const MOST: usize> Deref for Text<LEAST, MOST> {
    type Target = str;
    fn deref(&self) -> &str {
        &self.0
    }
}

impl<const LEAST: usize, const MOST: usize> fmt::Debug for Text<LEAST, MOST> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, f)
    }
}

impl<const LEAST: usize, const MOST: usize> Wire for Text<LEAST, MOST> {
    fn encode(&self, e: &mut Encoder) {
        encoded(e.str(&self.0));
    }
    fn decode(d: &mut Decoder<'_>) -> Result<Self, Malformed> {
        Self::new(d.str()?)
    }
}

/// A byte string of `LEAST` to `MOST` bytes.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Bytes<const LEAST: usize, const MOST: usize>(Vec<u8>);

impl<const LEAST: usize, const MOST: usize> Bytes<LEAST, MOST> {
    /// Takes some bytes.
    ///
    /// # Errors
    /// If they are fewer or more than they may be.
    pub fn new(bytes: impl Into<Vec<u8>>) -> Result<Self, Malformed> {
        let bytes = bytes.into();
        in_bounds("bytes", bytes.len(), LEAST, MOST)?;
        Ok(Self(bytes))
    }

    /// The bytes themselves.
    pub fn into_vec(self) -> Vec<u8> {
        self.0
    }
}

impl<const LEAST: usize, const MOST: usize> Deref for Bytes<LEAST, MOST> {
    type Target = [u8];
    fn deref(&self) -> &[u8] {
        &self.0
    }
}

impl<const LEAST: usize, const MOST: usize> fmt::Debug for Bytes<LEAST, MOST> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} bytes", self.0.len())
    }
}

impl<const LEAST: usize, const MOST: usize> Wire for Bytes<LEAST, MOST> {
    fn encode(&self, e: &mut Encoder) {
        encoded(e.bytes(&self.0));
    }
    fn decode(d: &mut Decoder<'_>) -> Result<Self, Malformed> {
        let bytes = d.bytes()?;
        in_bounds("bytes", bytes.len(), LEAST, MOST)?;
        Ok(Self(bytes.to_vec()))
    }
}

/// A list of `LEAST` to `MOST` values, in the order in which they were given.
#[derive(Clone, PartialEq, Eq)]
pub struct List<T, const LEAST: usize, const MOST: usize>(Vec<T>);

impl<T, const LEAST: usize, const MOST: usize> List<T, LEAST, MOST> {
    /// Takes some values.
    ///
    /// # Errors
    /// If there are fewer or more than there may be.
    pub fn new(values: Vec<T>) -> Result<Self, Malformed> {
        in_bounds("values of a list", values.len(), LEAST, MOST)?;
        Ok(Self(values))
    }

    /// The values themselves.
    pub fn into_vec(self) -> Vec<T> {
        self.0
    }
}

/// A list of `LEAST` to `MOST` values, strictly ascending.
#[derive(Clone, PartialEq, Eq)]
pub struct Ascending<T, const LEAST: usize, const MOST: usize>(Vec<T>);

impl<T: Ord, const LEAST: usize, const MOST: usize> Ascending<T, LEAST, MOST> {
    /// Takes some values, in any order, each once.
    ///
    /// # Errors
    /// If there are fewer or more than there may be.
    pub fn of(values: impl IntoIterator<Item = T>) -> Result<Self, Malformed> {
        let mut values: Vec<T> = values.into_iter().collect();
        values.sort_unstable();
        values.dedup();
        in_bounds("values of a list", values.len(), LEAST, MOST)?;
        Ok(Self(values))
    }

    /// Is this value in it?
    pub fn has(&self, value: &T) -> bool {
        self.0.binary_search(value).is_ok()
    }
}

impl<T, const LEAST: usize, const MOST: usize> Ascending<T, LEAST, MOST> {
    /// The values themselves.
    pub fn into_vec(self) -> Vec<T> {
        self.0
    }
}

/// The empty list, where it may be.
impl<T, const MOST: usize> Default for Ascending<T, 0, MOST> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<T, const MOST: usize> Default for List<T, 0, MOST> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

macro_rules! list_of_values {
    ($($name:ident),*) => {$(
        impl<T, const LEAST: usize, const MOST: usize> Deref for $name<T, LEAST, MOST> {
            type Target = [T];
            fn deref(&self) -> &[T] {
                &self.0
            }
        }

        impl<'a, T, const LEAST: usize, const MOST: usize> IntoIterator
            for &'a $name<T, LEAST, MOST>
        {
            type Item = &'a T;
            type IntoIter = std::slice::Iter<'a, T>;
            fn into_iter(self) -> Self::IntoIter {
                self.0.iter()
            }
        }

        impl<T: fmt::Debug, const LEAST: usize, const MOST: usize> fmt::Debug
            for $name<T, LEAST, MOST>
        {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Debug::fmt(&self.0, f)
            }
        }
    )*};
}
list_of_values!(List, Ascending);

fn encode_values<T: Wire>(e: &mut Encoder, values: &[T]) {
    encoded(e.array(values.len() as u64));
    for value in values {
        value.encode(e);
    }
}

/// Memory grows with what is read, never with what is claimed.
fn decode_values<T: Wire>(
    d: &mut Decoder<'_>,
    least: usize,
    most: usize,
) -> Result<Vec<T>, Malformed> {
    let got = d.array()?.ok_or(Malformed::NotDeterministic)?;
    let got = usize::try_from(got).unwrap_or(usize::MAX);
    in_bounds("values of a list", got, least, most)?;
    let mut values = Vec::new();
    for _ in 0..got {
        values.push(T::decode(d)?);
    }
    Ok(values)
}

impl<T: Wire, const LEAST: usize, const MOST: usize> Wire for List<T, LEAST, MOST> {
    fn encode(&self, e: &mut Encoder) {
        encode_values(e, &self.0);
    }
    fn decode(d: &mut Decoder<'_>) -> Result<Self, Malformed> {
        decode_values(d, LEAST, MOST).map(Self)
    }
}

impl<T: Wire + Ord, const LEAST: usize, const MOST: usize> Wire for Ascending<T, LEAST, MOST> {
    fn encode(&self, e: &mut Encoder) {
        encode_values(e, &self.0);
    }
    fn decode(d: &mut Decoder<'_>) -> Result<Self, Malformed> {
        let values: Vec<T> = decode_values(d, LEAST, MOST)?;
        if values.is_sorted_by(|a, b| a < b) {
            Ok(Self(values))
        } else {
            Err(Malformed::value("a list does not ascend"))
        }
    }
}
