//! What a document says: at each key the values that nothing replaced.
//!
//! A change puts scalars at keys of one map and names what each replaces, so a document is a map
//! of multi-value registers and needs no Automerge to be read (section 10.1). Whoever loads the
//! same changes with Automerge finds the same values.
//!
//! ```text
//!   the changes of the envelopes that count, in causal order -- apply --> Document
//!   what somebody wants a key to say ------------------------ edit ----> the puts of a change
//! ```

mod edit;

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Bound;

use crate::change::{Change, OpId, Scalar};

/// A value without a borrow.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    /// No value.
    Null,
    /// False or true.
    Boolean(bool),
    /// An integer.
    Integer(i64),
    /// Text.
    Text(Box<str>),
    /// Bytes.
    Bytes(Box<[u8]>),
}

impl Value {
    /// The scalar as a change puts it.
    #[must_use]
    pub fn as_scalar(&self) -> Scalar<'_> {
        match self {
            Self::Null => Scalar::Null,
            Self::Boolean(flag) => Scalar::Boolean(*flag),
            Self::Integer(number) => Scalar::Integer(*number),
            Self::Text(text) => Scalar::Text(text),
            Self::Bytes(bytes) => Scalar::Bytes(bytes),
        }
    }

    /// `None` for a type that no admitted change puts.
    fn of(scalar: Scalar<'_>) -> Option<Self> {
        Some(match scalar {
            Scalar::Null => Self::Null,
            Scalar::Boolean(flag) => Self::Boolean(flag),
            Scalar::Integer(number) => Self::Integer(number),
            Scalar::Text(text) => Self::Text(text.into()),
            Scalar::Bytes(bytes) => Self::Bytes(bytes.into()),
            Scalar::Other(..) => return None,
        })
    }
}

/// The state of a document.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Document {
    /// The values of each key, ascending by the id of the operation that put them.
    keys: BTreeMap<Box<str>, Vec<(OpId, Value)>>,
    /// The keys that have several.
    contested: BTreeSet<Box<str>>,
    /// The greatest counter of an operation, of those replaced long ago too.
    greatest: u64,
}

impl Document {
    /// Takes in the change of an envelope that counts. Its past was taken in before.
    pub fn apply(&mut self, change: &Change<'_>) {
        for (number, put) in (0..).zip(&change.puts) {
            let id = change.op(number);
            self.greatest = self.greatest.max(id.counter);
            let Some(value) = Value::of(put.value) else {
                continue;
            };
            let values = match self.keys.get_mut(put.key) {
                Some(values) => values,
                None => self.keys.entry(put.key.into()).or_default(),
            };
            values.retain(|(id, _)| put.instead.binary_search(id).is_err());
            // Nearly every key has one value: room for more would weigh more than the value.
            values.reserve_exact(1);
            let at = values.partition_point(|(other, _)| *other < id);
            values.insert(at, (id, value));
            match values.len() {
                1 => drop(self.contested.remove(put.key)),
                _ => drop(self.contested.insert(put.key.into())),
            }
        }
    }

    /// The values of a key, ascending; the last one is preferred. Several are a conflict.
    pub fn values(&self, key: &str) -> impl DoubleEndedIterator<Item = &Value> {
        self.keys.get(key).into_iter().flatten().map(|(_, value)| value)
    }

    /// The values of a key, each with the operation that put it.
    pub fn puts(&self, key: &str) -> impl DoubleEndedIterator<Item = (OpId, &Value)> {
        self.keys.get(key).into_iter().flatten().map(|(id, value)| (*id, value))
    }

    /// The preferred value of a key.
    #[must_use]
    pub fn preferred(&self, key: &str) -> Option<&Value> {
        self.values(key).next_back()
    }

    /// The keys, ascending byte by byte, from one on.
    pub fn keys_from<'a>(&'a self, first: &str) -> impl Iterator<Item = &'a str> {
        self.keys.range::<str, _>((Bound::Included(first), Bound::Unbounded)).map(|(key, _)| &**key)
    }

    /// The keys that have several values.
    pub fn contested(&self) -> impl Iterator<Item = &str> {
        self.contested.iter().map(|key| &**key)
    }

    /// What the first operation of the next change counts from.
    #[must_use]
    pub fn next_counter(&self) -> u64 {
        self.greatest + 1
    }
}
