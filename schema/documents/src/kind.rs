//! Kinds: what a declaration says. A file in `kinds/` fills in one [`Kind`]; what it leaves out
//! does not compile, and what contradicts itself fails `tests/declarations.rs`.

use crate::class::Home;
use crate::field::{Named, Spec};
use crate::id::{PersonId, Ulid, is_made};
use crate::indicator::Indicator;
use crate::life::{Happening, Life};
use crate::shard::Shard;
use crate::sheet::Sheet;
use crate::strata::{Level, Stratum};
use crate::words::Words;

/// A kind of records, with the events that happen to them.
#[derive(Debug, Clone, Copy)]
pub struct Kind {
    /// Its name in keys.
    pub name: &'static str,
    /// What it is called.
    pub words: Words,
    /// The class that its records are written in.
    pub home: Home,
    /// Other classes that its events may lie in: those of devices.
    pub also: &'static [Home],
    /// The class in which others see it, without persons and sealed fields.
    pub published: Option<Home>,
    /// In which document of its class a record lies.
    pub shard: Shard,
    /// How records are named.
    pub naming: Naming,
    /// Whose key its sealed fields lie under.
    pub subject: Subject,
    /// What its fold may read: the strata below this one.
    pub stratum: Level,
    /// Its fields, in the order of forms.
    pub fields: &'static [Spec],
    /// What must hold between fields.
    pub between: &'static [Between],
    /// What happens to it.
    pub lives: &'static [Life],
    /// What is counted of it.
    pub indicators: &'static [Indicator],
    /// The sheets that it is the subject of.
    pub sheets: &'static [Sheet],
}

/// A kind as a type.
pub trait Declared: Named + Sized + 'static {
    /// Its stratum.
    type Stratum: Stratum;
    /// What is declared of it.
    const KIND: Kind;
}

/// How the records of a kind are named (section 10.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Naming {
    /// A ULID.
    Ulid,
    /// The id of a person: the record says something of that person.
    Person,
    /// Made of what these fields said when it was begun.
    Made(&'static [&'static str]),
    /// By the digits that this field holds.
    Digits(&'static str),
}

impl Naming {
    /// May a record of the kind be called so?
    pub fn allows(self, name: &str) -> bool {
        match self {
            Self::Ulid => Ulid::parse(name).is_some(),
            Self::Person => PersonId::parse(name).is_some(),
            Self::Made(_) => is_made(name),
            Self::Digits(_) => !name.is_empty() && name.bytes().all(|b| b.is_ascii_digit()),
        }
    }

    /// The fields that the name is made of.
    pub const fn parts(self) -> &'static [&'static str] {
        match self {
            Self::Made(parts) => parts,
            Self::Ulid | Self::Person | Self::Digits(_) => &[],
        }
    }
}

/// Whose key sealed fields lie under.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Subject {
    /// Nothing of it is sealed.
    Nobody,
    /// The person that the record is named by.
    Itself,
    /// The person, or what else has a key, that this field names.
    Field(&'static str),
}

/// What must hold between fields of one record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Between {
    /// The one is not before the other.
    Order {
        /// The field with the beginning.
        from: &'static str,
        /// The field with the end.
        to: &'static str,
    },
    /// A document's number says birth and sex; what is said beside it is the same.
    Identity {
        /// The field with the number.
        number: &'static str,
        /// The field with the birth.
        birth: &'static str,
        /// The field with the sex.
        sex: &'static str,
    },
}

impl Kind {
    /// The field with this name, as it stands in forms and commands.
    pub fn field(&self, name: &str) -> Option<&'static Spec> {
        self.fields.iter().find(|spec| spec.name == name)
    }

    /// The field that a key names: for a list, with the number of the entry.
    pub fn field_in_key(&self, name: &str) -> Option<&'static Spec> {
        match name.split_once('.') {
            None => self.field(name).filter(|spec| !spec.holds.is_list()),
            Some((list, entry)) => {
                let number: usize = entry.parse().ok()?;
                let plain = number < ENTRIES_MAX && number.to_string() == entry;
                self.field(list).filter(|spec| plain && spec.holds.is_list())
            }
        }
    }

    /// The event with this name, and the life that it belongs to.
    pub fn event(&self, name: &str) -> Option<(&'static Life, &'static Happening)> {
        let of = |life: &'static Life| life.events.iter().map(move |event| (life, event));
        self.lives.iter().flat_map(of).find(|(_, event)| event.name == name)
    }

    /// Do its records or events lie in documents of this class?
    pub fn lies_in(&self, class: u8) -> bool {
        let others = self.also.iter().chain(&self.published);
        self.home.number == class || others.into_iter().any(|home| home.number == class)
    }

    /// The fields that others see.
    pub fn published_fields(&self) -> impl Iterator<Item = &'static Spec> {
        let seen = self.published.is_some();
        self.fields.iter().filter(move |spec| seen && spec.holds.names_nobody())
    }
}

/// Entries of a list.
pub const ENTRIES_MAX: usize = 64;
