//! Values in the deterministic encoding, and the wrong ones that are made on purpose.

use minicbor::Encoder;
use minicbor::data::Tag;

/// A value to encode. `Raw` stands for itself, right or wrong.
#[derive(Clone, Debug)]
pub(crate) enum Cbor {
    Bool(bool),
    Bytes(Vec<u8>),
    EmptyMap,
    List(Vec<Self>),
    Null,
    Number(u64),
    Raw(Vec<u8>),
    Tagged(u64, Box<Self>),
    Text(String),
}

/// A list of values of several types.
macro_rules! list {
    ($($value:expr),* $(,)?) => {
        $crate::cbor::Cbor::List(vec![$($crate::cbor::Cbor::from($value)),*])
    };
}
pub(crate) use list;

impl Cbor {
    pub(crate) fn bytes(&self) -> Vec<u8> {
        let mut encoder = Encoder::new(Vec::new());
        self.write(&mut encoder);
        encoder.into_writer()
    }

    fn write(&self, to: &mut Encoder<Vec<u8>>) {
        let fits = "writing to memory";
        match self {
            Self::Bool(value) => drop(to.bool(*value).expect(fits)),
            Self::Bytes(value) => drop(to.bytes(value).expect(fits)),
            Self::EmptyMap => drop(to.map(0).expect(fits)),
            Self::List(values) => {
                to.array(values.len() as u64).expect(fits);
                values.iter().for_each(|value| value.write(to));
            }
            Self::Null => drop(to.null().expect(fits)),
            Self::Number(value) => drop(to.u64(*value).expect(fits)),
            Self::Raw(value) => to.writer_mut().extend(value),
            Self::Tagged(tag, value) => {
                to.tag(Tag::new(*tag)).expect(fits);
                value.write(to);
            }
            Self::Text(value) => drop(to.str(value).expect(fits)),
        }
    }

    /// A list of values of one type.
    pub(crate) fn each<T: Clone + Into<Self>>(values: &[T]) -> Self {
        Self::List(values.iter().cloned().map(Into::into).collect())
    }

    fn values(&mut self) -> &mut Vec<Self> {
        let Self::List(values) = self else { panic!("not a list") };
        values
    }

    /// The same with another value at a place: index in the list, index in that, and so on.
    pub(crate) fn with(&self, place: &[usize], value: impl Into<Self>) -> Self {
        let mut all = self.clone();
        *place.iter().fold(&mut all, |list, at| &mut list.values()[*at]) = value.into();
        all
    }

    /// The list with one value more at its end.
    pub(crate) fn longer(&self) -> Self {
        let mut all = self.clone();
        all.values().push(Self::Number(0));
        all
    }

    /// The list without its last value.
    pub(crate) fn shorter(&self) -> Self {
        let mut all = self.clone();
        all.values().pop();
        all
    }

    /// The value at an index of a list.
    pub(crate) fn at(&self, index: usize) -> &Self {
        let Self::List(values) = self else { panic!("not a list") };
        &values[index]
    }
}

/// Bytes that stand where a value belongs.
pub(crate) fn raw(hex: &str) -> Cbor {
    Cbor::Raw(hex::decode(hex).expect("hex"))
}

impl From<u64> for Cbor {
    fn from(value: u64) -> Self {
        Self::Number(value)
    }
}

impl From<bool> for Cbor {
    fn from(value: bool) -> Self {
        Self::Bool(value)
    }
}

impl From<&str> for Cbor {
    fn from(value: &str) -> Self {
        Self::Text(value.into())
    }
}

impl From<String> for Cbor {
    fn from(value: String) -> Self {
        Self::Text(value)
    }
}

impl From<&String> for Cbor {
    fn from(value: &String) -> Self {
        Self::Text(value.clone())
    }
}

impl From<&[u8]> for Cbor {
    fn from(value: &[u8]) -> Self {
        Self::Bytes(value.into())
    }
}

impl From<Vec<u8>> for Cbor {
    fn from(value: Vec<u8>) -> Self {
        Self::Bytes(value)
    }
}

impl<const N: usize> From<[u8; N]> for Cbor {
    fn from(value: [u8; N]) -> Self {
        Self::Bytes(value.into())
    }
}

impl<T: Into<Self>> From<Option<T>> for Cbor {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}
