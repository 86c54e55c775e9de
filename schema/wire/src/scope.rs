//! Scopes: the units of replication (section 2).

use std::fmt;

use crate::class::Band;
use crate::codec::{Decoder, Encoder, Malformed, Wire, encoded};
use crate::unit::UnitId;

/// A part of what a unit shares.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Compartment {
    Statements,
    Public,
    Path,
    Pair(UnitId),
    Band(Band),
}

/// What a scope holds, and so for whom it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Holds<'a> {
    /// 0: the unit's statements.
    Statements,
    /// 1: its public documents.
    Public,
    /// 2: what it shows to the units above.
    Path,
    /// 3: what the unit and this other one write to each other.
    Pair(&'a UnitId),
    /// 4 to 7: what its own nodes keep.
    Band(Band),
}

/// The unit of replication: one compartment of one unit, or what two units write to each other.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Scope {
    unit: UnitId,
    compartment: Compartment,
}

impl Scope {
    /// The statements of a unit.
    pub fn statements(unit: UnitId) -> Self {
        Self { unit, compartment: Compartment::Statements }
    }

    /// The public documents of a unit.
    pub fn public(unit: UnitId) -> Self {
        Self { unit, compartment: Compartment::Public }
    }

    /// What a unit shows to the units above it.
    pub fn path(unit: UnitId) -> Self {
        Self { unit, compartment: Compartment::Path }
    }

    /// One band of a unit.
    pub fn band(unit: UnitId, band: Band) -> Self {
        Self { unit, compartment: Compartment::Band(band) }
    }

    /// What two units write to each other.
    ///
    /// # Errors
    /// If they are one.
    pub fn pair(one: &UnitId, other: &UnitId) -> Result<Self, Malformed> {
        if one == other {
            return Err(Malformed::value("a unit does not write to itself"));
        }
        Ok(Self::between(one, other))
    }

    /// Of two units that differ.
    pub(crate) fn between(one: &UnitId, other: &UnitId) -> Self {
        let (less, more) = if one < other { (one, other) } else { (other, one) };
        Self { unit: less.clone(), compartment: Compartment::Pair(more.clone()) }
    }

    /// Whose it is; of a pair the smaller one.
    pub fn unit(&self) -> &UnitId {
        &self.unit
    }

    /// What it holds.
    pub fn holds(&self) -> Holds<'_> {
        match &self.compartment {
            Compartment::Statements => Holds::Statements,
            Compartment::Public => Holds::Public,
            Compartment::Path => Holds::Path,
            Compartment::Pair(other) => Holds::Pair(other),
            Compartment::Band(band) => Holds::Band(*band),
        }
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.holds() {
            Holds::Statements => write!(f, "{}@statements", self.unit),
            Holds::Public => write!(f, "{}@public", self.unit),
            Holds::Path => write!(f, "{}@path", self.unit),
            Holds::Pair(other) => write!(f, "{}@pair:{other}", self.unit),
            Holds::Band(band) => write!(f, "{}@band{}", self.unit, band.number()),
        }
    }
}
impl fmt::Debug for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}
impl Wire for Scope {
    fn encode(&self, e: &mut Encoder) {
        let number = match self.holds() {
            Holds::Statements => 0,
            Holds::Public => 1,
            Holds::Path => 2,
            Holds::Pair(_) => 3,
            Holds::Band(band) => 4 + band.number(),
        };
        encoded(e.array(if number == 3 { 3 } else { 2 }));
        self.unit.encode(e);
        encoded(e.u8(number));
        if let Holds::Pair(other) = self.holds() {
            other.encode(e);
        }
    }
    fn decode(d: &mut Decoder<'_>) -> Result<Self, Malformed> {
        let fields = d.array()?;
        let unit = UnitId::decode(d)?;
        let number = d.u8()?;
        if fields != Some(if number == 3 { 3 } else { 2 }) {
            return Err(Malformed::Shape(format!("a scope of {fields:?} fields")));
        }
        let compartment = match number {
            0 => Compartment::Statements,
            1 => Compartment::Public,
            2 => Compartment::Path,
            3 => {
                let other = UnitId::decode(d)?;
                if unit >= other {
                    return Err(Malformed::value("the units of a pair do not ascend"));
                }
                Compartment::Pair(other)
            }
            4..=7 => Compartment::Band(Band::ALL[usize::from(number - 4)]),
            other => return Err(Malformed::Value(format!("{other} is no compartment"))),
        };
        Ok(Self { unit, compartment })
    }
}
