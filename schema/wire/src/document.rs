//! Documents: an owner, a class, a shard (section 2).

use std::fmt;
use std::str::FromStr;

use crate::class::{Audience, Class};
use crate::codec::{Decoder, Encoder, Malformed, Wire, array, encoded};
use crate::limits::SHARD_CHARS_MAX;
use crate::scope::Scope;
use crate::unit::UnitId;

/// A shard, or the addressee.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Which {
    Shard(String),
    Addressee(UnitId),
}

/// A document's name: its owner, its class and its shard. Printed `unit:class:shard`.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DocumentId {
    owner: UnitId,
    class: Class,
    which: Which,
}

impl DocumentId {
    /// Names a document. In the addressed range `shard` is the addressee.
    ///
    /// # Errors
    /// If the shard is none, or owner and addressee are one.
    pub fn new(owner: UnitId, class: Class, shard: &str) -> Result<Self, Malformed> {
        let which = match class.audience() {
            Audience::Addressed => {
                let addressee = UnitId::parse(shard)?;
                if addressee == owner {
                    return Err(Malformed::value("a unit does not write to itself"));
                }
                Which::Addressee(addressee)
            }
            _ => Which::Shard(parse_shard(shard)?),
        };
        Ok(Self { owner, class, which })
    }

    /// The one unit that may write it.
    pub fn owner(&self) -> &UnitId {
        &self.owner
    }

    /// Its class.
    pub fn class(&self) -> Class {
        self.class
    }

    /// Which of its class: the shard, or the addressee.
    pub fn shard(&self) -> &str {
        match &self.which {
            Which::Shard(shard) => shard,
            Which::Addressee(unit) => unit.as_str(),
        }
    }

    /// To whom it is addressed, if it is.
    pub fn addressee(&self) -> Option<&UnitId> {
        match &self.which {
            Which::Shard(_) => None,
            Which::Addressee(unit) => Some(unit),
        }
    }

    /// The addressed document of the same class with owner and addressee exchanged.
    pub fn opposite(&self) -> Option<Self> {
        let addressee = self.addressee()?;
        let which = Which::Addressee(self.owner.clone());
        Some(Self { owner: addressee.clone(), class: self.class, which })
    }

    /// The scope it replicates in.
    pub fn scope(&self) -> Scope {
        let unit = self.owner.clone();
        match (&self.which, self.class.audience()) {
            (Which::Addressee(addressee), _) => Scope::between(&unit, addressee),
            (_, Audience::Path) => Scope::path(unit),
            (_, Audience::Unit(band)) => Scope::band(unit, band),
            _ => Scope::public(unit),
        }
    }
}

fn parse_shard(text: &str) -> Result<String, Malformed> {
    let known = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'.' | b'-');
    if !(1..=SHARD_CHARS_MAX).contains(&text.len()) || !text.bytes().all(known) {
        let shown: String = text.chars().take(80).collect();
        return Err(Malformed::Value(format!(
            "shard {shown:?} needs 1 to {SHARD_CHARS_MAX} letters, digits, '_', '.' or '-'"
        )));
    }
    Ok(text.to_owned())
}

impl fmt::Display for DocumentId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}", self.owner, self.class.number(), self.shard())
    }
}
impl fmt::Debug for DocumentId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}
impl FromStr for DocumentId {
    type Err = Malformed;
    fn from_str(text: &str) -> Result<Self, Malformed> {
        let mut parts = text.splitn(3, ':');
        let (Some(owner), Some(class), Some(shard)) = (parts.next(), parts.next(), parts.next())
        else {
            return Err(Malformed::value("a document is named unit:class:shard"));
        };
        let class = class.parse().map_err(|_| Malformed::value("a class is a number"))?;
        Self::new(UnitId::parse(owner)?, Class::new(class)?, shard)
    }
}
impl Wire for DocumentId {
    fn encode(&self, e: &mut Encoder) {
        encoded(e.array(3));
        self.owner.encode(e);
        self.class.encode(e);
        encoded(e.str(self.shard()));
    }
    fn decode(d: &mut Decoder<'_>) -> Result<Self, Malformed> {
        array(d, 3)?;
        Self::new(UnitId::decode(d)?, Class::decode(d)?, d.str()?)
    }
}
