//! Fields: what a record holds under one name, with its type, words, check and headings.
//!
//! A declaration names each field once, by [`fields!`](crate::field); everything that reads or
//! writes a value asks for the field, never for its name.

use std::fmt;
use std::marker::PhantomData;

use crate::check::Check;
use crate::code::{Code, Coded};
use crate::day::{Day, PartialDay, Time};
use crate::id::PersonId;
use crate::value::{Sealed, Value};
use crate::words::Words;

/// What the values of a field are (section 10.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Type {
    /// Text of 1 to 4,096 bytes.
    Text,
    /// One of a table.
    Code(&'static [Code]),
    /// 0 to 4,294,967,295.
    Count,
    /// False or true.
    Flag,
    /// A day.
    Day,
    /// A day, a month or a year.
    PartialDay,
    /// A time of day.
    Time,
    /// The id of a person.
    Person,
    /// The name of a record of this kind; of several, with the kind and a slash before it.
    Record(&'static [&'static str]),
    /// The name of a record of this kind, made of one part: people write the part.
    Made(&'static str),
    /// A text of this type, sealed.
    Sealed(&'static Self),
    /// Several, in fields `name.0`, `name.1` and so on.
    List(&'static Self),
}

impl Type {
    /// The type of what is sealed, or of one entry of a list.
    pub const fn inner(&self) -> &Self {
        match self {
            Self::Sealed(inner) | Self::List(inner) => inner.inner(),
            _ => self,
        }
    }

    /// Are its values sealed?
    pub const fn is_sealed(&self) -> bool {
        match self {
            Self::Sealed(_) => true,
            Self::List(inner) => inner.is_sealed(),
            _ => false,
        }
    }

    /// Is it a list?
    pub const fn is_list(&self) -> bool {
        matches!(self, Self::List(_))
    }

    /// May it be read by everybody: does it hold neither a person nor what is sealed?
    pub const fn names_nobody(&self) -> bool {
        !self.is_sealed() && !matches!(self.inner(), Self::Person)
    }
}

/// A field as its kind declares it.
#[derive(Debug, Clone, Copy)]
pub struct Spec {
    /// Its name in keys.
    pub name: &'static str,
    /// What it is called, in forms; the Chinese word heads its column.
    pub words: Words,
    /// What its values are.
    pub holds: Type,
    /// What every way in asks of a value.
    pub check: Check,
    /// Does a record without it say too little?
    pub required: bool,
    /// Are all concurrent values shown, until somebody chooses?
    pub contested: bool,
    /// What a new record says where nothing was given, as people would write it.
    pub unless_given: Option<&'static str>,
    /// What else heads its column.
    pub headings: &'static [&'static str],
}

/// A field of a kind, with the type of its values.
pub struct Field<K, T> {
    /// What is declared of it.
    pub spec: Spec,
    of: PhantomData<fn() -> (K, T)>,
}

impl<K, T: Typed> Field<K, T> {
    /// Declares a field: its name, what it is called, and what is asked of its values.
    pub const fn new(name: &'static str, words: Words, check: Check) -> Self {
        let holds = T::TYPE;
        let (required, contested, unless_given, headings) = (false, false, None, &[] as &[&str]);
        let spec = Spec { name, words, holds, check, required, contested, unless_given, headings };
        Self { spec, of: PhantomData }
    }

    /// A record without it says too little.
    #[must_use]
    pub const fn required(mut self) -> Self {
        self.spec.required = true;
        self
    }

    /// All concurrent values are shown until somebody chooses.
    #[must_use]
    pub const fn contested(mut self) -> Self {
        self.spec.contested = true;
        self
    }

    /// What a new record says where nothing was given.
    #[must_use]
    pub const fn unless_given(mut self, text: &'static str) -> Self {
        self.spec.unless_given = Some(text);
        self
    }

    /// What else offices write over its column.
    #[must_use]
    pub const fn headings(mut self, headings: &'static [&'static str]) -> Self {
        self.spec.headings = headings;
        self
    }
}

impl<K, T> fmt::Debug for Field<K, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Field({})", self.spec.name)
    }
}

/// A type of values.
pub trait Typed {
    /// As the protocol names it.
    const TYPE: Type;
    /// As code reads it.
    type Value<'a>;
    /// The value, if it is of this type.
    fn of(value: &Value) -> Option<Self::Value<'_>>;
}

macro_rules! typed {
    ($($(#[$doc:meta])* $name:ident: $type:expr, $value:ty, $pattern:pat => $found:expr;)*) => {$(
        $(#[$doc])*
        #[derive(Debug)]
        pub enum $name {}

        impl Typed for $name {
            const TYPE: Type = $type;
            type Value<'a> = $value;
            fn of(value: &Value) -> Option<$value> {
                match value {
                    $pattern => Some($found),
                    _ => None,
                }
            }
        }
    )*};
}

/// The name of the record that a field refers to.
pub type Reference<'a> = &'a str;

/// Something that has an own name among kinds, which others refer to it by.
pub trait Named {
    /// The kind's name.
    const NAME: &'static str;
}

/// Text.
#[derive(Debug)]
pub enum Text {}

impl Typed for Text {
    const TYPE: Type = Type::Text;
    type Value<'a> = &'a str;
    fn of(value: &Value) -> Option<&str> {
        match value {
            Value::Text(text) => Some(text),
            _ => None,
        }
    }
}

typed! {
    /// How many.
    Count: Type::Count, u32, Value::Count(count) => *count;
    /// Yes or no.
    Flag: Type::Flag, bool, Value::Flag(flag) => *flag;
    /// A day.
    OnDay: Type::Day, Day, Value::Day(PartialDay::Day(day)) => *day;
    /// A day, a month or a year.
    About: Type::PartialDay, PartialDay, Value::Day(day) => *day;
    /// A time of day.
    AtTime: Type::Time, Time, Value::Time(time) => *time;
    /// A person.
    PersonRef: Type::Person, PersonId, Value::Person(person) => *person;
}

/// One of a table.
#[derive(Debug)]
pub struct OneOf<C>(PhantomData<C>);

impl<C: Coded> Typed for OneOf<C> {
    const TYPE: Type = Type::Code(C::TABLE);
    type Value<'a> = C;
    fn of(value: &Value) -> Option<C> {
        match value {
            Value::Code(code) => C::of(code.code),
            _ => None,
        }
    }
}

/// A record of a kind.
#[derive(Debug)]
pub struct To<K>(PhantomData<K>);

impl<K: Named> Typed for To<K> {
    const TYPE: Type = Type::Record(&[K::NAME]);
    type Value<'a> = Reference<'a>;
    fn of(value: &Value) -> Option<&str> {
        match value {
            Value::Record(name) => Some(name),
            _ => None,
        }
    }
}

/// A record of a kind whose names are made of one part, which is what people write.
#[derive(Debug)]
pub struct ToMade<K>(PhantomData<K>);

impl<K: Named> Typed for ToMade<K> {
    const TYPE: Type = Type::Made(K::NAME);
    type Value<'a> = Reference<'a>;
    fn of(value: &Value) -> Option<&str> {
        match value {
            Value::Record(name) => Some(name),
            _ => None,
        }
    }
}

/// A place: a grid, an estate or a building.
#[derive(Debug)]
pub enum PlaceRef {}

impl Typed for PlaceRef {
    const TYPE: Type = Type::Record(&["grid", "estate", "building"]);
    type Value<'a> = Reference<'a>;
    fn of(value: &Value) -> Option<&str> {
        match value {
            Value::Record(name) => Some(name),
            _ => None,
        }
    }
}

/// A text of a type, sealed.
#[derive(Debug)]
pub struct Closed<T>(PhantomData<T>);

impl<T: Typed> Typed for Closed<T> {
    const TYPE: Type = Type::Sealed(&T::TYPE);
    type Value<'a> = &'a Sealed;
    fn of(value: &Value) -> Option<&Sealed> {
        match value {
            Value::Sealed(sealed) => Some(sealed),
            _ => None,
        }
    }
}

/// Several.
#[derive(Debug)]
pub struct List<T>(PhantomData<T>);

impl<T: Typed> Typed for List<T> {
    const TYPE: Type = Type::List(&T::TYPE);
    type Value<'a> = T::Value<'a>;
    fn of(value: &Value) -> Option<T::Value<'_>> {
        T::of(value)
    }
}

/// Declares the fields of a kind, or of the body of an event, and the table of them.
macro_rules! fields {
    ($(#[$table_doc:meta])* $table:ident of $kind:ty {
        $($(#[$doc:meta])* $name:ident: $type:ty = $field:expr;)*
    }) => {
        $($(#[$doc])* pub const $name: $crate::field::Field<$kind, $type> = $field;)*
        $(#[$table_doc])*
        pub const $table: &[$crate::field::Spec] = &[$($name.spec),*];
    };
}
pub(crate) use fields;
