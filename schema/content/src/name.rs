//! Shards, which follow from names (section 10.2).

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::Offset;
use schema_wire::Hash;

/// How the shard of an entity follows from its id. A class's kind says which rule it has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ShardRule {
    /// `one`: the same for all.
    One,
    /// `h256`, `h64` and so on: by the hash of the id.
    Hash(Parts),
    /// `m`: the month of a ULID.
    Month,
    /// `q`: its quarter.
    Quarter,
    /// `y`: its year.
    Year,
    /// `of b`: the entity that the kind names.
    Of,
}

/// A power of two of 256 at most.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Parts {
    mask: u8,
}

/// There is no such shard.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is no ULID of a time before the year 10000")]
pub struct ShardError(String);

impl ShardRule {
    /// By the hash of the id, into so many shards.
    ///
    /// # Panics
    /// If it is no power of two of 256 at most: rules are constants.
    pub const fn hash(parts: u16) -> Self {
        assert!(parts.is_power_of_two() && parts <= 256, "a power of two of 256 at most");
        Self::Hash(Parts { mask: (parts - 1) as u8 })
    }

    /// The shard of the entity with this id; by [`ShardRule::Of`] of the entity that it is of.
    ///
    /// # Errors
    /// If the rule asks for the time of a ULID, and the id has none that a shard can tell.
    pub fn shard(self, id: &str) -> Result<String, ShardError> {
        Ok(match self {
            Self::One => "one".to_owned(),
            Self::Hash(Parts { mask }) => {
                format!("h{:02x}", Hash::of(&[id.as_bytes()]).0[0] & mask)
            }
            Self::Month => {
                let time = time_of(id)?;
                format!("{:04}-{:02}", time.year(), time.month())
            }
            Self::Quarter => {
                let time = time_of(id)?;
                format!("{:04}-q{}", time.year(), (time.month() + 2) / 3)
            }
            Self::Year => format!("{:04}", time_of(id)?.year()),
            Self::Of => id.to_owned(),
        })
    }
}

/// The time of a ULID at UTC+8.
fn time_of(id: &str) -> Result<DateTime, ShardError> {
    const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
    let digit = |byte: &u8| ALPHABET.iter().position(|digit| digit == byte);
    let wrong = || ShardError(id.chars().take(40).collect());
    let digits: Option<Vec<usize>> = id.as_bytes().iter().map(digit).collect();
    let digits = digits.filter(|digits| digits.len() == 26).ok_or_else(wrong)?;
    let ms = digits[..10].iter().fold(0i64, |number, digit| number << 5 | *digit as i64);
    if ms >> 48 != 0 {
        return Err(wrong());
    }
    let time = Timestamp::from_millisecond(ms).map_err(|_| wrong())?;
    Ok(Offset::constant(8).to_datetime(time))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_asked_of_ulids_alone() {
        let good = "01KJ000000000000000000000Z";
        assert!(ShardRule::Month.shard(good).is_ok());
        for bad in ["", &good[1..], "01KJ000000000000000000000U", "81KJ000000000000000000000Z"] {
            assert!(ShardRule::Year.shard(bad).is_err(), "{bad}");
            assert_eq!(ShardRule::One.shard(bad).as_deref(), Ok("one"));
        }
        // A year of five digits has no shard.
        assert!(ShardRule::Year.shard("7ZZZZZZZZZZZZZZZZZZZZZZZZZ").is_err());
    }
}
