//! Indicators: what a unit counts of its own records, and by which rules (section 10.6).

use std::collections::{BTreeMap, BTreeSet};

use schema_wire::Hash;

use crate::day::Day;
use crate::fold::Fold;
use crate::kind::{Declared, Kind};
use crate::record::{AnyRecord, Record};
use crate::words::Words;

/// One number of a report. Parts of a rate add up; rates never do.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Cell {
    /// The number; of a rate, its numerator.
    pub value: u64,
    /// The numerator of a rate.
    pub num: u64,
    /// The denominator of a rate.
    pub den: u64,
    /// Of what nothing is known; outside the denominator.
    pub unknown: u64,
}

impl Cell {
    /// A count.
    pub const fn count(value: u64) -> Self {
        Self { value, num: 0, den: 0, unknown: 0 }
    }

    /// One of those that a rate is over.
    pub fn part(counts: bool) -> Self {
        let one = u64::from(counts);
        Self { value: one, num: one, den: 1, unknown: 0 }
    }

    /// One of which nothing is known.
    pub const fn unknown() -> Self {
        Self { value: 0, num: 0, den: 0, unknown: 1 }
    }

    fn plus(self, other: Self) -> Self {
        Self {
            value: self.value.saturating_add(other.value),
            num: self.num.saturating_add(other.num),
            den: self.den.saturating_add(other.den),
            unknown: self.unknown.saturating_add(other.unknown),
        }
    }
}

/// An indicator.
#[derive(Debug, Clone, Copy)]
pub struct Indicator {
    /// Its code.
    pub code: &'static str,
    /// What it is called.
    pub words: Words,
    /// What is computed, as the rules say it.
    pub formula: &'static str,
    /// Is it a rate?
    pub rate: bool,
    /// Grows when what is computed changes.
    pub version: u32,
    /// Is it another tomorrow though no record changed?
    pub by_day: bool,
    /// How it is computed.
    pub measure: Measure,
}

/// How an indicator is computed.
#[derive(Debug, Clone, Copy)]
pub enum Measure {
    /// What each entity contributes, added up.
    Sum(fn(&Entity<'_>, &Knowledge<'_>) -> Option<Cell>),
    /// How many different things the entities name.
    Different(fn(&Entity<'_>, &Knowledge<'_>) -> Option<String>),
}

/// An entity: what its record says, and what happened to it.
#[derive(Debug, Clone, Copy)]
pub struct Entity<'a> {
    /// Its record, if there is one.
    pub record: Option<&'a AnyRecord>,
    /// Its events, if there are any.
    pub fold: Option<&'a Fold>,
}

impl<'a> Entity<'a> {
    /// Its record, as one of this kind.
    pub fn record<K: Declared>(&self) -> Option<Record<'a, K>> {
        self.record?.of()
    }
}

/// What is known besides the entity.
#[derive(Clone, Copy)]
pub struct Knowledge<'a> {
    /// The day of the report.
    pub today: Day,
    /// The nodes that hold the evidence were heard from until this day began.
    pub heard_until: Day,
    /// The text of a sealed field of a record, opened: by record and name of the field.
    pub opened: &'a dyn Fn(&str, &str) -> Option<String>,
    /// Does this person live here still?
    pub present: &'a dyn Fn(&str) -> bool,
}

impl std::fmt::Debug for Knowledge<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Knowledge({}, {})", self.today, self.heard_until)
    }
}

/// Computes an indicator over all entities of its kind.
pub fn compute<'a>(
    indicator: &Indicator,
    entities: impl IntoIterator<Item = Entity<'a>>,
    knowledge: &Knowledge<'_>,
) -> Cell {
    let entities = entities.into_iter();
    match indicator.measure {
        Measure::Sum(contribution) => entities
            .filter_map(|entity| contribution(&entity, knowledge))
            .fold(Cell::default(), Cell::plus),
        Measure::Different(named) => {
            let named = entities.filter_map(|entity| named(&entity, knowledge));
            let different: BTreeSet<String> = named.collect();
            Cell::count(u64::try_from(different.len()).unwrap_or(u64::MAX))
        }
    }
}

/// The indicators of some kinds, in their order, with the kind of each.
pub fn indicators(
    kinds: &[&'static Kind],
) -> impl Iterator<Item = (&'static Kind, &'static Indicator)> {
    let of = |kind: &'static Kind| kind.indicators.iter().map(move |indicator| (kind, indicator));
    kinds.iter().copied().flat_map(of)
}

/// The cells that a unit computes from its own entities: every indicator of these kinds is there.
pub fn own_cells<'a>(
    kinds: &[&'static Kind],
    entities: impl Fn(&Kind) -> Vec<Entity<'a>>,
    knowledge: &Knowledge<'_>,
) -> BTreeMap<&'static str, Cell> {
    let cell = |(kind, indicator): (&Kind, &'static Indicator)| {
        (indicator.code, compute(indicator, entities(kind), knowledge))
    };
    indicators(kinds).map(cell).collect()
}

/// The hash of the rules by which these kinds are counted: reports made by others are told apart.
pub fn rules(kinds: &[&'static Kind]) -> Hash {
    let line = |(_, own): (_, &Indicator)| format!("{}={};{}\n", own.code, own.formula, own.rate);
    let lines: String = indicators(kinds).map(line).collect();
    Hash::of(&[lines.as_bytes()])
}
