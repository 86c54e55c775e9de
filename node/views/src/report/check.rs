//! Adding up again what others added up: a difference is an alarm.

use std::collections::{BTreeMap, BTreeSet};

use node_replication::log::Event;
use node_replication::store::{ReadError, ReadStore};
use schema_content::{Part, Revision, Source};
use schema_wire::{Hash, UnitId};

use super::held::{Held, Named, Newest};
use super::period::{Block, Period};
use super::readable::Lies;
use super::sum::{Code, Sum};

/// What is wrong with a revision of a unit.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Alarm {
    /// Its cells are not the sum of its own and of its parts.
    Sum {
        /// Whose revision.
        unit: UnitId,
        /// Its number.
        number: u64,
        /// The codes of the cells that differ.
        codes: BTreeSet<String>,
    },
    /// It adds what is no readable revision of the unit below.
    Unreadable {
        /// Whose revision.
        unit: UnitId,
        /// Its number.
        number: u64,
        /// The unit below.
        part: UnitId,
    },
    /// It adds a revision by other rules than its own.
    OtherRules {
        /// Whose revision.
        unit: UnitId,
        /// Its number.
        number: u64,
        /// The unit below.
        part: UnitId,
    },
}

impl Alarm {
    /// Whose revision it is about.
    pub fn unit(&self) -> &UnitId {
        match self {
            Self::Sum { unit, .. }
            | Self::Unreadable { unit, .. }
            | Self::OtherRules { unit, .. } => unit,
        }
    }
}

/// What was added up again of each unit.
#[derive(Debug, Default)]
pub(super) struct Checks(BTreeMap<UnitId, Checked>);

#[derive(Debug, Default)]
struct Checked {
    /// The revision that was checked, once all that it names was here.
    of: Option<Lies>,
    /// By which rules everything in the sum was counted.
    rules: Option<Hash>,
    sum: Sum,
    alarms: BTreeSet<Alarm>,
}

impl Checks {
    /// Adds up again the newest revision of a unit. Of its parts only those are read that were
    /// added from another envelope before.
    pub(super) fn check(
        &mut self,
        held: &mut Held,
        store: &impl ReadStore,
        unit: &UnitId,
        period: Period,
    ) -> Result<(), ReadError> {
        let Some(Newest { lies, .. }) = held.newest(store, unit, period)? else {
            self.0.remove(unit);
            return Ok(());
        };
        let checked = self.0.entry(unit.clone()).or_default();
        if checked.of != Some(lies) {
            let revision = held.read(store, &lies)?;
            let is_whole = checked.add_up(held, store, unit, period, &revision)?;
            checked.of = is_whole.then_some(lies);
        }
        Ok(())
    }

    /// What ceased to count, or counts again, may be what a unit above it added.
    pub(super) fn note(&mut self, event: &Event) {
        let (Event::Suspended { document, .. } | Event::Restored { document, .. }) = event else {
            return;
        };
        if Block::held_by(document).is_some() {
            let above = |unit: &UnitId| unit.is_above(document.owner());
            for (_, checked) in self.0.iter_mut().filter(|(unit, _)| above(unit)) {
                checked.of = None;
                checked.sum.drop(document.owner());
            }
        }
    }

    /// Forgets the units that are not named.
    pub(super) fn keep(&mut self, units: &BTreeSet<UnitId>) {
        self.0.retain(|unit, _| units.contains(unit));
    }

    /// What is wrong, ascending.
    pub(super) fn alarms(&self) -> impl Iterator<Item = &Alarm> {
        self.0.values().flat_map(|checked| &checked.alarms)
    }
}

impl Checked {
    /// Adds it up. False if something that it names is not here: nothing is said then.
    fn add_up(
        &mut self,
        held: &mut Held,
        store: &impl ReadStore,
        unit: &UnitId,
        period: Period,
        revision: &Revision,
    ) -> Result<bool, ReadError> {
        self.alarms.clear();
        if self.rules.replace(revision.rules) != Some(revision.rules) {
            self.sum = Sum::default();
        }
        self.sum.set_own(&revision.own);
        let number = revision.number.get();
        let added: BTreeMap<&UnitId, &Source> = (revision.parts.iter())
            .filter_map(|part| match &part.part {
                Part::Added(source) => Some((&part.unit, source)),
                Part::Silent | Part::Suspended(_) | Part::OtherRules { .. } => None,
            })
            .collect();
        let gone: Vec<UnitId> =
            self.sum.units().filter(|unit| !added.contains_key(unit)).cloned().collect();
        gone.iter().for_each(|unit| self.sum.drop(unit));
        for (part, source) in added {
            if self.sum.has(part, source) {
                continue;
            }
            match held.named(store, part, period, source)? {
                Named::NotHere => return Ok(false),
                Named::Unreadable => {
                    let (unit, part) = (unit.clone(), part.clone());
                    self.alarms.insert(Alarm::Unreadable { unit, number, part });
                    return Ok(true);
                }
                Named::Here(below) if below.rules != revision.rules => {
                    let (unit, part) = (unit.clone(), part.clone());
                    self.alarms.insert(Alarm::OtherRules { unit, number, part });
                    return Ok(true);
                }
                Named::Here(below) => self.sum.put(part, source, &below.cells),
            }
        }
        let total = self.sum.total().cells;
        let said: BTreeMap<&Code, _> =
            revision.cells.iter().map(|cell| (&cell.code, cell)).collect();
        let due: BTreeMap<&Code, _> = total.iter().map(|cell| (&cell.code, cell)).collect();
        let codes = said.keys().chain(due.keys());
        let differing = codes.filter(|code| said.get(*code) != due.get(*code));
        let codes: BTreeSet<String> = differing.map(|code| code.to_string()).collect();
        if !codes.is_empty() {
            self.alarms.insert(Alarm::Sum { unit: unit.clone(), number, codes });
        }
        Ok(true)
    }
}
