//! Reports: revisions, and cells that are added up (section 10.6).

use std::collections::{BTreeMap, BTreeSet};

use schema_wire::codec::{Decoder, Encoder, encoded};
use schema_wire::{Hash, List, Malformed, Ms, Text, UnitId, Wire, record};

use crate::Unreadable;

/// Bytes of a revision.
const REVISION_BYTES_MAX: usize = 700_000;
/// Cells of a revision, its own and in all.
const CELLS_MAX: usize = 1_024;
/// Units below that a revision adds up.
const PARTS_MAX: usize = 2_048;

/// A number that every program can count to: below 2^53.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Number(u64);

impl Number {
    /// The largest.
    pub const MAX: Self = Self(9_007_199_254_740_991);

    /// The number; the largest there is for what exceeds it.
    pub const fn of(number: u128) -> Self {
        if number > Self::MAX.0 as u128 { Self::MAX } else { Self(number as u64) }
    }

    /// As an integer.
    pub const fn get(self) -> u64 {
        self.0
    }
}

impl Wire for Number {
    fn encode(&self, e: &mut Encoder) {
        self.0.encode(e);
    }
    fn decode(d: &mut Decoder<'_>) -> Result<Self, Malformed> {
        let number = d.u64()?;
        if number > Self::MAX.0 {
            return Err(Malformed::Value(format!("{number} is beyond the numbers of reports")));
        }
        Ok(Self(number))
    }
}

record! {
    /// An indicator and its numbers.
    pub struct Cell {
        /// The indicator.
        pub code: Text<1, 32>,
        /// What is shown.
        pub value: Number,
        /// Of a rate, how many.
        pub num: Number,
        /// Of how many.
        pub den: Number,
        /// Of how many nothing is known.
        pub unknown: Number,
    }
}

/// Cells, one for each code, ascending.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Cells(List<Cell, 0, CELLS_MAX>);

impl Cells {
    /// Takes cells, in any order.
    ///
    /// # Errors
    /// If they are too many, or two have one code.
    pub fn new(mut cells: Vec<Cell>) -> Result<Self, Malformed> {
        cells.sort_unstable_by(|a, b| a.code.cmp(&b.code));
        Self::ascending(List::new(cells)?)
    }

    fn ascending(cells: List<Cell, 0, CELLS_MAX>) -> Result<Self, Malformed> {
        if cells.is_sorted_by(|a, b| a.code < b.code) {
            Ok(Self(cells))
        } else {
            Err(Malformed::value("cells do not ascend by code"))
        }
    }

    /// The cells.
    pub fn iter(&self) -> std::slice::Iter<'_, Cell> {
        self.0.iter()
    }
}

impl Wire for Cells {
    fn encode(&self, e: &mut Encoder) {
        self.0.encode(e);
    }
    fn decode(d: &mut Decoder<'_>) -> Result<Self, Malformed> {
        Self::ascending(List::decode(d)?)
    }
}

/// What became of a unit below. The numbers are on the wire.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Part {
    /// 0: its report is added.
    Added(Source),
    /// 1: it has none.
    Silent,
    /// 2: its reports are not to be counted.
    Suspended(Text<0, 64>),
    /// 3: its report is by other rules, so it is not added.
    OtherRules {
        /// The report.
        source: Source,
        /// The hash of its rules.
        rules: Hash,
    },
}

/// The report of a unit below.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    /// The unit's lineage.
    pub lineage: Hash,
    /// The report's number.
    pub number: Number,
    /// As of when it is.
    pub as_of: Ms,
    /// The envelope that carries it.
    pub envelope: Hash,
}

impl Source {
    fn encode(&self, e: &mut Encoder) {
        self.lineage.encode(e);
        self.number.encode(e);
        self.as_of.encode(e);
        self.envelope.encode(e);
    }
    fn decode(d: &mut Decoder<'_>) -> Result<Self, Malformed> {
        Ok(Self {
            lineage: Wire::decode(d)?,
            number: Wire::decode(d)?,
            as_of: Wire::decode(d)?,
            envelope: Wire::decode(d)?,
        })
    }
}

/// A unit below, and what became of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnitPart {
    /// The unit.
    pub unit: UnitId,
    /// What became of it.
    pub part: Part,
}

impl Wire for UnitPart {
    fn encode(&self, e: &mut Encoder) {
        let (fields, state) = match &self.part {
            Part::Added(_) => (6, 0u8),
            Part::Silent => (2, 1),
            Part::Suspended(_) => (3, 2),
            Part::OtherRules { .. } => (7, 3),
        };
        encoded(e.array(fields));
        self.unit.encode(e);
        state.encode(e);
        match &self.part {
            Part::Added(source) => source.encode(e),
            Part::Silent => {}
            Part::Suspended(reason) => reason.encode(e),
            Part::OtherRules { source, rules } => {
                source.encode(e);
                rules.encode(e);
            }
        }
    }
    fn decode(d: &mut Decoder<'_>) -> Result<Self, Malformed> {
        let fields = d.array()?;
        let unit = UnitId::decode(d)?;
        let part = match (d.u8()?, fields) {
            (0, Some(6)) => Part::Added(Source::decode(d)?),
            (1, Some(2)) => Part::Silent,
            (2, Some(3)) => Part::Suspended(Wire::decode(d)?),
            (3, Some(7)) => {
                let source = Source::decode(d)?;
                Part::OtherRules { source, rules: Wire::decode(d)? }
            }
            (state, fields) => {
                let text = format!("a part of state {state} with {fields:?} fields");
                return Err(Malformed::Value(text));
            }
        };
        Ok(Self { unit, part })
    }
}

record! {
    /// The documents that a unit's own cells were counted from.
    pub struct Sources {
        /// How many they are.
        pub documents: u64,
        /// Their digest: [`sources_digest`](crate::sources_digest).
        pub digest: Hash,
    }
}

record! {
    /// A report of a period: the value at the key of its event. Whether its number, its period
    /// and its time suit the document and the envelope is asked where those are known.
    pub struct Revision {
        /// The period.
        pub period: Text<0, REVISION_BYTES_MAX>,
        /// Its number in the block.
        pub number: Number,
        /// As of when it is.
        pub as_of: Ms,
        /// What the unit counted itself.
        pub own: Cells,
        /// That and what was added.
        pub cells: Cells,
        /// The units below, ascending.
        pub parts: List<UnitPart, 0, PARTS_MAX>,
        /// What was counted.
        pub sources: Sources,
        /// The hash of the indicators: [`rules_hash`](crate::rules_hash).
        pub rules: Hash,
    }
    check |revision| {
        if !revision.parts.is_sorted_by(|a, b| a.unit < b.unit) {
            return Err(Malformed::value("the parts of a revision do not ascend by unit"));
        }
        let adds = |part: &UnitPart| matches!(part.part, Part::Added(_));
        if revision.cells != revision.own && !revision.parts.iter().any(adds) {
            return Err(Malformed::value("a revision that adds nothing has more than its own"));
        }
        Ok(())
    };
}

impl Revision {
    /// Reads the value at a revision's key.
    ///
    /// # Errors
    /// If it is none, or too large to be one.
    pub fn read(value: &[u8]) -> Result<Self, Unreadable> {
        if value.len() > REVISION_BYTES_MAX {
            return Err(Unreadable::OtherForm);
        }
        Ok(Self::from_bytes(value)?)
    }
}

/// What one's own cells and those of the parts come to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Added {
    /// By code.
    pub cells: Cells,
    /// Codes of which a number exceeds the largest there is.
    pub beyond: BTreeSet<Text<1, 32>>,
    /// Codes of the parts that one's own rules do not have. They are left out.
    pub unknown: BTreeSet<Text<1, 32>>,
}

/// Adds the parts to one's own cells, which have every code of one's rules.
pub fn add<'a>(own: &Cells, parts: impl IntoIterator<Item = &'a Cells>) -> Added {
    let mut sums: BTreeMap<&Text<1, 32>, [u128; 4]> =
        own.iter().map(|cell| (&cell.code, numbers(cell))).collect();
    let mut unknown = BTreeSet::new();
    for cell in parts.into_iter().flat_map(Cells::iter) {
        match sums.get_mut(&cell.code) {
            Some(sum) => sum.iter_mut().zip(numbers(cell)).for_each(|(sum, more)| *sum += more),
            None => drop(unknown.insert(cell.code.clone())),
        }
    }
    let largest = u128::from(Number::MAX.get());
    let too_large = sums.iter().filter(|(_, sum)| sum.iter().any(|number| *number > largest));
    let beyond = too_large.map(|(code, _)| (*code).clone()).collect();
    let cells = own.iter().map(|cell| {
        let [value, num, den, unknown] = sums[&cell.code].map(Number::of);
        Cell { code: cell.code.clone(), value, num, den, unknown }
    });
    let cells = Cells::new(cells.collect());
    let cells = cells.unwrap_or_else(|_| unreachable!("the codes are those of one's own cells"));
    Added { cells, beyond, unknown }
}

/// The numbers of a cell. Thousands of them do not reach the end of what adds them up.
fn numbers(cell: &Cell) -> [u128; 4] {
    [cell.value, cell.num, cell.den, cell.unknown].map(|number| number.get().into())
}
