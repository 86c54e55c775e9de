//! Ids: what names persons, other entities and events (sections 10.2, 10.3).

use std::fmt;

use schema_wire::NodeKey;
use sha2::{Digest, Sha256};

use crate::day::Day;

macro_rules! sixteen_bytes {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(pub [u8; 16]);

        impl $name {
            /// Reads 32 hexadecimal digits in lower case.
            pub fn parse(text: &str) -> Option<Self> {
                let mut bytes = [0; 16];
                hex::decode_to_slice(text, &mut bytes).ok()?;
                (!text.bytes().any(|b| b.is_ascii_uppercase())).then_some(Self(bytes))
            }
        }
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&hex::encode(self.0))
            }
        }
        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{self}")
            }
        }
    };
}

sixteen_bytes!(
    /// A person, or what else texts are sealed for: random bytes, never derived from anything.
    PersonId
);
sixteen_bytes!(
    /// An event: the hash of its author, entity and value.
    EventId
);

const CROCKFORD: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// A ULID: 48 bits of time and 80 random ones, in 26 characters of Crockford's alphabet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Ulid(pub [u8; 16]);

impl Ulid {
    /// Reads 26 characters in upper case.
    pub fn parse(text: &str) -> Option<Self> {
        // The first character has three bits only: 26 times five are two more than 128.
        let first = text.as_bytes().first().is_some_and(|b| (b'0'..=b'7').contains(b));
        let digit = |sum: u128, byte| {
            let digit = CROCKFORD.iter().position(|known| *known == byte)?;
            Some(sum << 5 | u128::try_from(digit).ok()?)
        };
        let number = text.bytes().try_fold(0, digit)?;
        (text.len() == 26 && first).then(|| Self(number.to_be_bytes()))
    }

    /// The day in Asia/Shanghai on which it says it was made.
    pub fn day(self) -> Option<Day> {
        Day::at((u128::from_be_bytes(self.0) >> 80).try_into().ok()?)
    }
}

impl fmt::Display for Ulid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let number = u128::from_be_bytes(self.0);
        (0..26).rev().try_for_each(|place| {
            let digit = usize::try_from(number >> (5 * place) & 31).unwrap_or_default();
            let character = CROCKFORD.get(digit).copied().unwrap_or_default();
            fmt::Write::write_char(f, char::from(character))
        })
    }
}

/// The name of a thing that two nodes may begin apart, made from what identifies it.
pub fn made(kind: &str, parts: &[&str]) -> String {
    schema_wire::made_name(kind, parts)
}

/// The id of an event with this value that this author puts at this entity.
pub fn event_id(author: &[u8; 32], kind: &str, entity: &str, value: &[u8]) -> EventId {
    EventId(schema_wire::event_id(&NodeKey(*author), kind, entity, value))
}

/// Is this a name made of what identifies a thing?
pub(crate) fn is_made(text: &str) -> bool {
    text.strip_prefix('n').is_some_and(|rest| PersonId::parse(rest).is_some())
}

pub(crate) fn digest(parts: &[&[u8]]) -> [u8; 32] {
    parts.iter().fold(Sha256::new(), |hash, part| hash.chain_update(part)).finalize().into()
}

#[cfg(test)]
mod tests {
    use super::Ulid;

    #[test]
    fn a_ulid_has_one_text() {
        for text in ["01KJ000000000000000000000Z", "7ZZZZZZZZZZZZZZZZZZZZZZZZZ"] {
            assert_eq!(Ulid::parse(text).expect(text).to_string(), text);
        }
        let wrong = ["8ZZZZZZZZZZZZZZZZZZZZZZZZZ", "01kj000000000000000000000z", "01KJ", ""];
        for text in wrong.into_iter().chain(["01KJ00000000000000000000IZ"]) {
            assert_eq!(Ulid::parse(text), None, "{text}");
        }
    }
}
