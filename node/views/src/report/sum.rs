//! Adding up: own cells and those of the parts, of which only what changed is added again.
//!
//! Numbers are added in integers that thousands of the largest do not exceed, so that what was
//! added can be taken off again.

use std::collections::{BTreeMap, BTreeSet};

use schema_content::{Added, Cell, Cells, Number, Source};
use schema_wire::{Text, UnitId};

/// The code of an indicator.
pub(super) type Code = Text<1, 32>;
type Numbers = [u128; 4];
/// Codes without a rule that are named of a part; of the others it is told that there are more.
const UNKNOWN_NAMED: usize = 16;

/// Own cells and those of the parts.
#[derive(Debug, Clone, Default)]
pub(super) struct Sum {
    own: Cells,
    parts: BTreeMap<UnitId, Counted>,
    sums: BTreeMap<Code, Numbers>,
    /// Parts whose cells were added or taken off.
    pub(super) added: u64,
}

/// A part, as it was added.
#[derive(Debug, Clone)]
struct Counted {
    source: Source,
    cells: Vec<(Code, Numbers)>,
    unknown: BTreeSet<Code>,
}

impl Sum {
    /// The cells that the unit counted itself. Other codes than before are other rules: then the
    /// parts are to be added anew, and this says so.
    pub(super) fn set_own(&mut self, own: &Cells) -> bool {
        let codes = |cells: &Cells| cells.iter().map(|cell| cell.code.clone()).collect::<Vec<_>>();
        if codes(own) != codes(&self.own) {
            let sums = own.iter().map(|cell| (cell.code.clone(), numbers(cell))).collect();
            *self = Self { own: own.clone(), sums, parts: BTreeMap::new(), added: self.added };
            return false;
        }
        let before = std::mem::replace(&mut self.own, own.clone());
        before.iter().for_each(|cell| subtract(&mut self.sums, &cell.code, numbers(cell)));
        own.iter().for_each(|cell| add(&mut self.sums, &cell.code, numbers(cell)));
        true
    }

    /// Is this report of a unit in it?
    pub(super) fn has(&self, unit: &UnitId, source: &Source) -> bool {
        self.parts.get(unit).is_some_and(|part| part.source == *source)
    }

    /// The units whose cells are in it.
    pub(super) fn units(&self) -> impl Iterator<Item = &UnitId> {
        self.parts.keys()
    }

    /// Takes a part off.
    pub(super) fn drop(&mut self, unit: &UnitId) {
        let Some(part) = self.parts.remove(unit) else { return };
        self.added += 1;
        part.cells.iter().for_each(|(code, numbers)| subtract(&mut self.sums, code, *numbers));
    }

    /// Adds a part, instead of what it was before.
    pub(super) fn put(&mut self, unit: &UnitId, source: &Source, cells: &Cells) {
        self.drop(unit);
        self.added += 1;
        let (source, cells_of) = (source.clone(), Vec::new());
        let mut part = Counted { source, cells: cells_of, unknown: BTreeSet::new() };
        for cell in cells.iter() {
            if self.sums.contains_key(&cell.code) {
                add(&mut self.sums, &cell.code, numbers(cell));
                part.cells.push((cell.code.clone(), numbers(cell)));
            } else if part.unknown.len() < UNKNOWN_NAMED {
                part.unknown.insert(cell.code.clone());
            }
        }
        self.parts.insert(unit.clone(), part);
    }

    /// What it comes to: as [`schema_content::add`] says of the same cells.
    pub(super) fn total(&self) -> Added {
        let largest = u128::from(Number::MAX.get());
        let cell = |(code, sum): (&Code, &Numbers)| {
            let [value, num, den, unknown] = sum.map(Number::of);
            Cell { code: code.clone(), value, num, den, unknown }
        };
        let cells = Cells::new(self.sums.iter().map(cell).collect());
        let beyond = self.sums.iter().filter(|(_, sum)| sum.iter().any(|sum| *sum > largest));
        Added {
            // The codes are those of the own cells, each once.
            cells: cells.unwrap_or_default(),
            beyond: beyond.map(|(code, _)| code.clone()).collect(),
            unknown: self.parts.values().flat_map(|part| part.unknown.iter().cloned()).collect(),
        }
    }

    /// The codes of a part that the rules do not have, as many of them as are named.
    pub(super) fn unknown(&self, unit: &UnitId) -> impl Iterator<Item = &Code> {
        self.parts.get(unit).into_iter().flat_map(|part| &part.unknown)
    }
}

fn numbers(cell: &Cell) -> Numbers {
    [cell.value, cell.num, cell.den, cell.unknown].map(|number| number.get().into())
}

fn add(sums: &mut BTreeMap<Code, Numbers>, code: &Code, more: Numbers) {
    if let Some(sum) = sums.get_mut(code) {
        sum.iter_mut().zip(more).for_each(|(sum, more)| *sum += more);
    }
}

/// Only what was added is taken off.
fn subtract(sums: &mut BTreeMap<Code, Numbers>, code: &Code, less: Numbers) {
    if let Some(sum) = sums.get_mut(code) {
        sum.iter_mut().zip(less).for_each(|(sum, less)| *sum -= less);
    }
}
