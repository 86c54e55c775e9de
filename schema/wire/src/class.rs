//! Classes of documents: open numbers whose range says who may hold them (section 2).

use crate::codec::{Decoder, Encoder, Malformed, Wire, encoded};

/// A compartment of what a unit keeps for itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Band {
    /// Records about persons.
    People,
    /// The unit's working records.
    Work,
    /// What a device on the way needs.
    Device,
    /// Not named yet.
    Third,
}

impl Band {
    /// Every band.
    pub const ALL: [Self; 4] = [Self::People, Self::Work, Self::Device, Self::Third];

    /// Its number, 0 to 3.
    pub const fn number(self) -> u8 {
        self as u8
    }
}

/// Who may hold a class of documents.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Audience {
    /// The whole network.
    Public,
    /// The owner and the units above it.
    Path,
    /// The owner's own nodes, band by band.
    Unit(Band),
    /// The owner and one other unit.
    Addressed,
}

/// A class of documents: its range says who may hold it and what its payload is. What its
/// records mean is the documents' affair; a node relays classes it does not know.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Class(u8);

/// What the content of a class's envelopes is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Content {
    /// Changes of an Automerge document.
    Changes,
    /// Keys of persons and cases.
    Keys,
    /// Keys that are destroyed.
    Erasures,
    /// Letters and acknowledgements.
    Letters,
}

impl Class {
    /// The last class there is.
    pub const LAST: Self = Self(223);

    /// The class with a number.
    ///
    /// # Errors
    /// If there is none: above 223.
    pub fn new(number: u8) -> Result<Self, Malformed> {
        if number > Self::LAST.0 {
            return Err(Malformed::Value(format!("{number} is no class of documents")));
        }
        Ok(Self(number))
    }

    /// Its number.
    pub const fn number(self) -> u8 {
        self.0
    }

    /// Who may hold its documents.
    pub const fn audience(self) -> Audience {
        match self.0 {
            0..64 => Audience::Public,
            64..128 => Audience::Path,
            128..144 => Audience::Unit(Band::People),
            144..160 => Audience::Unit(Band::Work),
            160..176 => Audience::Unit(Band::Device),
            176..192 => Audience::Unit(Band::Third),
            _ => Audience::Addressed,
        }
    }

    /// What the content of its envelopes is.
    pub const fn content(self) -> Content {
        match (self.audience(), self.0 % 16) {
            (Audience::Addressed, _) => Content::Letters,
            (Audience::Unit(_), 14) => Content::Erasures,
            (Audience::Unit(_), 15) => Content::Keys,
            _ => Content::Changes,
        }
    }
}

impl Wire for Class {
    fn encode(&self, e: &mut Encoder) {
        encoded(e.u8(self.0));
    }
    fn decode(d: &mut Decoder<'_>) -> Result<Self, Malformed> {
        Self::new(d.u8()?)
    }
}
