//! Grants: the delegation that takes a node into a unit, and the founding by which a unit above
//! recognises one below (section 5).

use std::fmt;

use crate::class::{Band, Class};
use crate::codec::{Decoder, Encoder, Malformed, Wire, encoded, record};
use crate::id::{Hash, NetworkId, NodeKey};
use crate::sized::Ms;
use crate::unit::UnitId;

/// What a delegation lets its subject do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Verbs(u8);

impl Verbs {
    /// Nothing but read.
    pub const NONE: Self = Self(0);
    /// Speak as the unit.
    pub const GOVERN: Self = Self(1);
    /// Write the unit's documents.
    pub const WRITE: Self = Self(2);

    /// Both sets together.
    #[must_use]
    pub const fn with(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
    /// Is everything in `other` in here?
    pub const fn covers(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }
}

/// What a delegation lets its subject hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Reads(u8);

impl Reads {
    /// Nothing but what every member holds.
    pub const NONE: Self = Self(0);
    /// What units show to those above, and letters: the compartments `path` and `addressed`.
    pub const CORRESPONDENCE: Self = Self(16);
    /// Everything.
    pub const ALL: Self = Self(31);

    /// One band of the unit.
    pub const fn band(band: Band) -> Self {
        Self(1 << band.number())
    }
    /// Both sets together.
    #[must_use]
    pub const fn with(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
    /// What both hold.
    #[must_use]
    pub const fn meet(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }
    /// Is everything in `other` in here?
    pub const fn covers(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }
}

macro_rules! bits_on_the_wire {
    ($($name:ident up to $most:literal),*) => {$(
        impl $name {
            /// The set as its number.
            pub const fn number(self) -> u8 {
                self.0
            }

            /// The set with a number.
            ///
            /// # Errors
            /// If the number has bits that mean nothing.
            pub fn new(number: u8) -> Result<Self, Malformed> {
                if number > $most {
                    return Err(Malformed::Value(format!("{number} is no set of rights")));
                }
                Ok(Self(number))
            }
        }
        impl Wire for $name {
            fn encode(&self, e: &mut Encoder) {
                encoded(e.u8(self.0));
            }
            fn decode(d: &mut Decoder<'_>) -> Result<Self, Malformed> {
                Self::new(d.u8()?)
            }
        }
    )*};
}
bits_on_the_wire!(Verbs up to 3, Reads up to 31);

/// A set of classes, as ranges: pairs of bytes, ascending, never touching.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Classes(Vec<[u8; 2]>);

impl Classes {
    /// Every class, those that nobody knows yet too.
    pub fn all() -> Self {
        Self(vec![[0, Class::LAST.number()]])
    }

    /// The set of some classes.
    pub fn of(classes: impl IntoIterator<Item = Class>) -> Self {
        let mut numbers: Vec<u8> = classes.into_iter().map(Class::number).collect();
        numbers.sort_unstable();
        let mut ranges: Vec<[u8; 2]> = Vec::new();
        for number in numbers {
            match ranges.last_mut() {
                Some([_, last]) if number <= *last + 1 => *last = number,
                _ => ranges.push([number, number]),
            }
        }
        Self(ranges)
    }

    /// Is this class in it?
    pub fn has(&self, class: Class) -> bool {
        let number = class.number();
        self.0.iter().any(|[first, last]| (*first..=*last).contains(&number))
    }

    /// Its ranges: the first and the last class of each.
    pub fn ranges(&self) -> impl Iterator<Item = (u8, u8)> {
        self.0.iter().map(|[first, last]| (*first, *last))
    }

    /// Reads ranges.
    ///
    /// # Errors
    /// If they are not in their one form.
    pub fn parse(bytes: &[u8]) -> Result<Self, Malformed> {
        let (ranges, rest) = bytes.as_chunks::<2>();
        let each_is_one =
            ranges.iter().all(|[first, last]| first <= last && *last <= Class::LAST.number());
        let apart =
            ranges.windows(2).all(|pair| pair[0][1] < u8::MAX && pair[0][1] + 1 < pair[1][0]);
        if !rest.is_empty() || !each_is_one || !apart {
            return Err(Malformed::value("classes are not ascending ranges"));
        }
        Ok(Self(ranges.to_vec()))
    }
}

impl fmt::Debug for Classes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.0.iter().map(|[first, last]| *first..=*last)).finish()
    }
}

impl Wire for Classes {
    fn encode(&self, e: &mut Encoder) {
        encoded(e.bytes(self.0.as_flattened()));
    }
    fn decode(d: &mut Decoder<'_>) -> Result<Self, Malformed> {
        Self::parse(d.bytes()?)
    }
}

record! {
    /// 授权书: takes a node into the unit.
    pub struct Delegation {
        /// The network.
        pub network: NetworkId,
        /// The unit.
        pub unit: UnitId,
        /// What the issuer speaks by: a generation's id, or a delegation's.
        pub proof: Hash,
        /// Who grants.
        pub issuer: NodeKey,
        /// The node.
        pub subject: NodeKey,
        /// What it may do.
        pub verbs: Verbs,
        /// What it may hold.
        pub reads: Reads,
        /// What it may write.
        pub classes: Classes,
        /// From when.
        pub not_before: Ms,
        /// Until when.
        pub not_after: Ms,
        /// Tells two otherwise equal grants apart.
        pub serial: u64,
    }
    check |delegation| {
        ordered(delegation.not_before, delegation.not_after)?;
        if delegation.verbs == Verbs::NONE && delegation.reads == Reads::NONE {
            return Err(Malformed::value("a delegation that grants nothing"));
        }
        Ok(())
    };
    signed as "gongzhi/delegation/3" by issuer;
}

record! {
    /// Recognises, from above, that a lineage is the unit `below`. Grants nothing inside it.
    pub struct Founding {
        /// The network.
        pub network: NetworkId,
        /// The unit that recognises.
        pub unit: UnitId,
        /// What the issuer speaks by.
        pub proof: Hash,
        /// Who says it.
        pub issuer: NodeKey,
        /// The unit that is recognised.
        pub below: UnitId,
        /// The charter's id of its lineage.
        pub lineage: Hash,
        /// From when.
        pub not_before: Ms,
        /// Until when.
        pub not_after: Ms,
        /// Tells two otherwise equal foundings apart.
        pub serial: u64,
    }
    check |founding| ordered(founding.not_before, founding.not_after);
    signed as "gongzhi/founding/3" by issuer;
}

fn ordered(not_before: Ms, not_after: Ms) -> Result<(), Malformed> {
    if not_before <= not_after {
        Ok(())
    } else {
        Err(Malformed::value("a term that ends before it begins"))
    }
}
