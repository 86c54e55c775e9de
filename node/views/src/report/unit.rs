//! The report of this node's own unit: the revision that is due, who is in it, and what is wrong
//! with the reports below.

use std::collections::{BTreeMap, BTreeSet};

use node_authority::Authority;
use node_replication::document::Value;
use node_replication::lacking;
use node_replication::log::Event;
use node_replication::store::{Batch, ReadError, ReadStore};
use schema_content::{Added, EventId, Part, Revision, UnitPart};
use schema_documents::Day;
use schema_wire::{DocumentId, Hash, List, Ms, NodeKey, Text, UnitId, Wire};

use super::check::{Alarm, Checks};
use super::count::{Days, Opens};
use super::heard::Heard;
use super::held::{Held, Newest};
use super::own::{Counting, Own, own_rules};
use super::parts::{self, Coverage, Expected, PARTS_MAX};
use super::period::{Period, entity};
use super::sum::Sum;
use crate::Library;

/// What a report rests on.
pub struct CountInputs<'a, S> {
    /// The store.
    pub store: &'a S,
    /// The documents in memory.
    pub library: &'a mut Library,
    /// Who may do what.
    pub authority: &'a Authority,
    /// The unit that reports: the node's own.
    pub unit: &'a UnitId,
    /// This node.
    pub node: NodeKey,
    /// Today in the city.
    pub today: Day,
    /// What the node's clock shows.
    pub now: Ms,
    /// Opens sealed fields.
    pub opens: &'a dyn Opens,
}

impl<S> std::fmt::Debug for CountInputs<'_, S> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "CountInputs({}, {})", self.unit, self.today)
    }
}

/// A revision that is due: to be written as one change of a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Draft {
    /// Where.
    pub document: DocumentId,
    /// At which key.
    pub key: String,
    /// What.
    pub value: Value,
    /// The same, as it reads.
    pub revision: Revision,
}

/// How long a report waits for what the unit adopted: whoever holds it may be gone for good.
const ADOPTED_WAIT_MS: u64 = 3_600_000;

/// How long a unit's node lets another one's report stand that it put right before.
const RIGHTED_PAUSE_MS: u64 = 3_600_000;

/// The numbers of a unit.
#[derive(Debug, Default)]
pub struct UnitReport {
    own: Own,
    heard: Heard,
    held: Held,
    /// The newest of each unit below, with the rules that it says.
    below: BTreeMap<UnitId, (Newest, Hash)>,
    parts: BTreeMap<UnitId, Part>,
    dissolved: Vec<parts::Dissolved>,
    beyond: usize,
    sum: Sum,
    checks: Checks,
    /// What this node counted when it last published, or found it published.
    said: Option<Revision>,
    /// Is what is due put in the place of a newest that is wrong?
    rights: bool,
    /// When a wrong one was put right last.
    righted: Option<Ms>,
    /// Since when a report is due and waits for what the unit adopted.
    waits_since: Option<Ms>,
}

impl UnitReport {
    /// Every event of the log must come by here: one may say that a revision ceased to count.
    pub fn note(&mut self, event: &Event) {
        self.held.note(event);
        self.checks.note(event);
    }

    /// What the unit counts itself.
    #[must_use]
    pub fn own(&self) -> &Own {
        &self.own
    }

    /// The reports that are held here.
    pub fn held(&mut self) -> &mut Held {
        &mut self.held
    }

    /// How many parts were added or taken off since the start, in the own sum and in those of
    /// others.
    #[must_use]
    pub fn added(&self) -> u64 {
        self.sum.added
    }

    /// Brings the numbers up to date, and gives views to be written. A failed read is the end of
    /// the node, as everywhere: nothing half counted is asked again.
    ///
    /// # Errors
    /// If the store cannot answer.
    pub fn refresh<S: ReadStore>(
        &mut self,
        inputs: &mut CountInputs<'_, S>,
    ) -> Result<Batch, ReadError> {
        let mut views = self.heard.follow(inputs.store, inputs.unit)?;
        let heard_until = self.heard.until(inputs.authority, inputs.node, inputs.today, inputs.now);
        let mut counting = Counting {
            store: inputs.store,
            library: &mut *inputs.library,
            unit: inputs.unit,
            days: Days { today: inputs.today, heard_until },
            opens: inputs.opens,
        };
        views.writes.extend(self.own.follow(&mut counting)?.writes);
        self.follow_parts(inputs)?;
        self.check(inputs)?;
        views.writes.extend(self.held.take_views().writes);
        Ok(views)
    }

    fn follow_parts<S: ReadStore>(&mut self, inputs: &CountInputs<'_, S>) -> Result<(), ReadError> {
        let (store, authority, rules) = (inputs.store, inputs.authority, own_rules());
        let (mut expected, dissolved) = parts::below(authority, inputs.unit);
        self.dissolved = dissolved;
        self.beyond = expected.len().saturating_sub(PARTS_MAX);
        expected.truncate(PARTS_MAX);
        let stays: BTreeSet<&UnitId> = expected.iter().collect();
        self.below.retain(|unit, _| stays.contains(unit));
        self.sum.set_own(&self.own.cells());
        let mut states = BTreeMap::new();
        for unit in &expected {
            let read = self.follow_newest(store, unit)?;
            let part = parts::part(store, authority, self.below.get(unit), unit, rules)?;
            self.follow_cells(store, unit, &part, read)?;
            states.insert(unit.clone(), part);
        }
        let gone = self.sum.units().filter(|unit| !states.contains_key(unit));
        let gone: Vec<UnitId> = gone.cloned().collect();
        gone.iter().for_each(|unit| self.sum.drop(unit));
        self.parts = states;
        Ok(())
    }

    /// Reads the newest revision of a unit below, if it is another than before.
    fn follow_newest(
        &mut self,
        store: &impl ReadStore,
        unit: &UnitId,
    ) -> Result<Option<Revision>, ReadError> {
        let newest = self.held.newest(store, unit, Period::Live)?;
        if newest.as_ref() == self.below.get(unit).map(|(newest, _)| newest) {
            return Ok(None);
        }
        let Some(newest) = newest else {
            self.below.remove(unit);
            return Ok(None);
        };
        let revision = self.held.read(store, &newest.lies)?;
        self.below.insert(unit.clone(), (newest, revision.rules));
        Ok(Some(revision))
    }

    /// Lets the sum have the cells of a unit below, if that is added, and none otherwise.
    fn follow_cells(
        &mut self,
        store: &impl ReadStore,
        unit: &UnitId,
        part: &Part,
        read: Option<Revision>,
    ) -> Result<(), ReadError> {
        let (Part::Added(source), Some((newest, _))) = (part, self.below.get(unit)) else {
            self.sum.drop(unit);
            return Ok(());
        };
        if !self.sum.has(unit, source) {
            let revision = match read {
                Some(revision) => revision,
                None => self.held.read(store, &newest.lies)?,
            };
            self.sum.put(unit, source, &revision.cells);
        }
        Ok(())
    }

    /// Adds up again what this unit and all below it published.
    fn check<S: ReadStore>(&mut self, inputs: &CountInputs<'_, S>) -> Result<(), ReadError> {
        let mut units = BTreeSet::from([inputs.unit.clone()]);
        let mut open = vec![inputs.unit.clone()];
        while let Some(unit) = open.pop() {
            for below in inputs.authority.units_below(&unit) {
                if units.insert(below.clone()) {
                    open.push(below.clone());
                }
            }
        }
        for unit in &units {
            self.checks.check(&mut self.held, inputs.store, unit, Period::Live)?;
        }
        self.checks.keep(&units);
        Ok(())
    }

    /// The cells of the unit with its parts: codes that were left out are told, and what exceeds
    /// the largest number.
    #[must_use]
    pub fn total(&self) -> Added {
        self.sum.total()
    }

    /// What is wrong with revisions of this unit and of those below.
    pub fn alarms(&self) -> impl Iterator<Item = &Alarm> {
        self.checks.alarms()
    }

    /// Codes of a unit below that the rules do not have, and that are left out.
    pub fn unknown(&self, unit: &UnitId) -> impl Iterator<Item = &Text<1, 32>> {
        self.sum.unknown(unit)
    }

    /// Who is expected to report, and who does.
    #[must_use]
    pub fn coverage(&self, authority: &Authority, now: Ms) -> Coverage {
        let expected = self.parts.iter().map(|(unit, part)| Expected {
            unit: unit.clone(),
            part: part.clone(),
            age_ms: parts::age_ms(part, now),
            is_contested: authority.candidates(unit).len() > 1,
        });
        let (dissolved, beyond) = (self.dissolved.clone(), self.beyond);
        Coverage { expected: expected.collect(), dissolved, beyond }
    }

    /// The revision that is due: the newest says something else than this node counts, and this
    /// node counts something else than when it spoke last. Two nodes of a unit that are cut from
    /// each other, and not from the unit above, would else correct each other without end. A newest
    /// that does not add up, or rests on what does not read, is put right in any case, and again
    /// after an hour: who sees it otherwise is not byzantine if the unit's nodes follow different
    /// lineages.
    ///
    /// # Errors
    /// If the store cannot answer.
    pub fn due<S: ReadStore>(
        &mut self,
        inputs: &CountInputs<'_, S>,
    ) -> Result<Option<Draft>, ReadError> {
        let (store, period) = (inputs.store, Period::Live);
        let newest = self.held.newest(store, inputs.unit, period)?;
        let Some((document, number)) = self.held.next(store, inputs.unit, period)? else {
            return Ok(None);
        };
        let Some(revision) = self.revision(period, number, inputs.now) else { return Ok(None) };
        let stands = match newest {
            Some(newest) => says_the_same(&self.held.read(store, &newest.lies)?, &revision),
            None => false,
        };
        let is_wrong = self.alarms().any(|alarm| alarm.unit() == inputs.unit);
        if stands && !is_wrong {
            self.said = Some(revision);
            return Ok(None);
        }
        self.rights = is_wrong;
        let rests = |righted: Ms| inputs.now.since(righted) < RIGHTED_PAUSE_MS;
        let rights = is_wrong && !self.righted.is_some_and(rests);
        let said = self.said.as_ref().is_some_and(|said| says_the_same(said, &revision));
        if (stands || said) && !rights || self.waits_for_the_adopted(inputs)? {
            return Ok(None);
        }
        let (bytes, entity) = (revision.to_bytes(), entity(number));
        let id = EventId::of(&inputs.node, "revision", &entity, &bytes);
        let key = format!("!revision/{entity}/{id}");
        Ok(Some(Draft { document, key, value: Value::Bytes(bytes.into()), revision }))
    }

    /// Does the report wait for entries that the unit took as its own and that are not here yet? A
    /// node that heard of a rotation by way of another unit would else publish what is left.
    fn waits_for_the_adopted<S: ReadStore>(
        &mut self,
        inputs: &CountInputs<'_, S>,
    ) -> Result<bool, ReadError> {
        if !lacking::lacks_heads(inputs.store, inputs.unit)? {
            self.waits_since = None;
            return Ok(false);
        }
        let since = *self.waits_since.get_or_insert(inputs.now);
        Ok(inputs.now.since(since) < ADOPTED_WAIT_MS)
    }

    /// What was due is written.
    pub fn published(&mut self, revision: Revision) {
        if self.rights {
            self.righted = Some(revision.as_of);
        }
        self.said = Some(revision);
    }

    /// The numbers as a revision; none where lists are longer than one has room for, which parts
    /// and declared codes never are.
    fn revision(&self, period: Period, number: u64, as_of: Ms) -> Option<Revision> {
        let part =
            |(unit, part): (&UnitId, &Part)| UnitPart { unit: unit.clone(), part: part.clone() };
        Some(Revision {
            period: Text::new(period.to_string()).ok()?,
            number: schema_content::Number::of(number.into()),
            as_of,
            own: self.own.cells(),
            cells: self.sum.total().cells,
            parts: List::new(self.parts.iter().map(part).collect()).ok()?,
            sources: self.own.sources(),
            rules: own_rules(),
        })
    }
}

/// Do two revisions have the same cells, states of units and rules?
fn says_the_same(one: &Revision, other: &Revision) -> bool {
    let states = |revision: &Revision| {
        let state = |part: &UnitPart| {
            let (state, reason, rules) = parts::state(&part.part);
            (part.unit.clone(), state, reason.cloned(), rules)
        };
        revision.parts.iter().map(state).collect::<Vec<_>>()
    };
    (&one.own, &one.cells, one.rules) == (&other.own, &other.cells, other.rules)
        && states(one) == states(other)
}
