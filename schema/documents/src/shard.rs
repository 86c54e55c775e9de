//! Shards: in which document of its class an entity lies, for ever (section 10.2).

use crate::day::Day;
use crate::id::{Ulid, digest};

/// A rule that names the shard of an entity.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shard {
    /// All lie in the shard `one`.
    One,
    /// By a hash of the id into this many shards: a power of two, at most 256.
    Hash(u16),
    /// The month in which the id, a ULID, was made.
    Month,
    /// The quarter in which the id, a ULID, was made.
    Quarter,
    /// The year in which the id, a ULID, was made.
    Year,
    /// The month of the day that this field holds: it is a part of the name.
    MonthOf(&'static str),
    /// The id of the entity that this field refers to.
    Of(&'static str),
}

impl Shard {
    /// The shard of an entity with this id; `told` is the field that the rule names, if it does.
    /// `None` if the id, or that field, does not say it.
    pub fn of(self, id: &str, told: Option<&str>) -> Option<String> {
        let made = || Ulid::parse(id)?.day();
        Some(match self {
            Self::One => "one".to_owned(),
            Self::Hash(shards) => {
                let [first, ..] = digest(&[id.as_bytes()]);
                format!("h{:02x}", u16::from(first) % shards.max(1))
            }
            Self::Month => made()?.year_month(),
            Self::Quarter => {
                let day = made()?;
                format!("{:04}-q{}", day.year(), (day.month() - 1) / 3 + 1)
            }
            Self::Year => format!("{:04}", made()?.year()),
            Self::MonthOf(_) => Day::parse(told?)?.year_month(),
            Self::Of(_) => told?.to_owned(),
        })
    }

    /// The field that the rule asks.
    pub const fn asks(self) -> Option<&'static str> {
        match self {
            Self::MonthOf(field) | Self::Of(field) => Some(field),
            Self::One | Self::Hash(_) | Self::Month | Self::Quarter | Self::Year => None,
        }
    }

    /// As section 10.7 writes it.
    pub fn rule(self) -> String {
        match self {
            Self::One => "one".to_owned(),
            Self::Hash(shards) => format!("h{shards}"),
            Self::Month | Self::MonthOf(_) => "m".to_owned(),
            Self::Quarter => "q".to_owned(),
            Self::Year => "y".to_owned(),
            Self::Of(field) => format!("of {field}"),
        }
    }
}
