//! The numbers of a unit's report, kept in memory and brought up to date by what changed.
//!
//! ```text
//!   nothing counted ── the first report: every document by its kept view, every unit below
//!        |
//!     counted <──┐   Event::Changed: the documents it names
//!        └───────┘   Event::Learned: which units are below, and which of them are suspended
//!                    another day: documents of the classes in which days matter
//! ```
//! What is kept depends on the store alone: a recount gives the same, so a restart loses nothing
//! (INV-12).

use std::collections::BTreeSet;

use node_authority::Authority;
use node_replication::Event;
use node_replication::history::{self, Summary};
use node_replication::store::{Batch, ReadError, ReadStore, Table};
use schema_documents::contributions::{Below, Contributions};
use schema_documents::indicator::{self, Tally};
use schema_documents::report::{self, Block, Revision};
use schema_wire::{Class, Delegation, DocumentId, Hash, UnitId, VerbSet};
use serde::{Deserialize, Serialize};

use crate::Library;

/// Blocks looked into for a revision that reads, the last first: what does not read must not make
/// a reader load everything before it.
const BLOCKS_READ: usize = 4;

/// What a count rests on.
#[derive(Debug)]
pub struct Sight<'a, S> {
    pub store: &'a S,
    pub library: &'a mut Library,
    pub authority: &'a Authority,
    /// The unit that reports.
    pub unit: &'a UnitId,
    /// Today in the city, as an ISO date.
    pub day: &'a str,
}

/// The numbers of one unit, if they were counted since the start.
#[derive(Debug, Default)]
pub struct Tallies(Option<Counted>);

#[derive(Debug, Default)]
struct Counted {
    day: String,
    contributions: Contributions,
    /// What changed since: documents of the unit, and reports.
    changed: BTreeSet<DocumentId>,
    /// Did statements of authority come since?
    learned: bool,
}

impl Tallies {
    /// Notes what an event means for the numbers. Every event of the replica must come by here.
    pub fn heed(&mut self, event: &Event, unit: &UnitId) {
        let Some(counted) = &mut self.0 else { return };
        match event {
            Event::Changed(documents) => {
                let bears = |document: &&DocumentId| match document.class {
                    Class::Keyring => false,
                    Class::Report => counted.contributions.below(&document.owner).is_some(),
                    _ => document.owner == *unit,
                };
                counted.changed.extend(documents.iter().filter(bears).cloned());
            }
            Event::Learned => counted.learned = true,
            _ => {}
        }
    }

    /// Brings the numbers up to date, and gives them with the views to be written: a restart then
    /// reads these, and no document.
    pub fn refresh<S: ReadStore>(
        &mut self,
        sight: &mut Sight<'_, S>,
    ) -> Result<(Batch, &Contributions), ReadError> {
        let mut views = Batch::default();
        // A failed read leaves nothing half counted.
        let counted = match self.0.take() {
            None => Counted::everything(sight, &mut views)?,
            Some(mut counted) => {
                counted.follow(sight, &mut views)?;
                counted
            }
        };
        Ok((views, &self.0.insert(counted).contributions))
    }
}

/// The revision that is due with these numbers, if the newest says something else.
pub fn due(
    numbers: &Contributions,
    sight: &mut Sight<'_, impl ReadStore>,
    as_of_ms: u64,
) -> Result<Option<Revision>, ReadError> {
    let Reports { last, newest } = reports(sight.store, sight.library, sight.unit)?;
    let newest = newest.map(|(newest, _)| newest);
    if newest.as_ref().is_some_and(|newest| numbers.are_said_by(newest)) {
        return Ok(None);
    }
    let number = report::next_number(newest.map(|newest| newest.revision), last);
    Ok(Some(numbers.revision(sight.unit, number, as_of_ms)))
}

impl Counted {
    fn everything<S: ReadStore>(
        sight: &mut Sight<'_, S>,
        views: &mut Batch,
    ) -> Result<Self, ReadError> {
        let mut counted = Self { day: sight.day.to_owned(), ..Self::default() };
        for class in Class::ALL.into_iter().filter(|class| counts(*class)) {
            for summary in history::documents_of(sight.store, sight.unit, class)? {
                match kept(sight, &summary)? {
                    Some(tally) => {
                        counted.contributions.count(summary.document, summary.heads, tally);
                    }
                    None => counted.count(sight, summary, views)?,
                }
            }
        }
        for unit in units_below(sight.authority, sight.unit) {
            counted.place(sight, unit)?;
        }
        Ok(counted)
    }

    fn follow<S: ReadStore>(
        &mut self,
        sight: &mut Sight<'_, S>,
        views: &mut Batch,
    ) -> Result<(), ReadError> {
        let changed = std::mem::take(&mut self.changed);
        let (reports, changed): (BTreeSet<_>, BTreeSet<_>) =
            changed.into_iter().partition(|document| document.class == Class::Report);
        let mut units: BTreeSet<UnitId> = reports.into_iter().map(|report| report.owner).collect();
        if std::mem::take(&mut self.learned) {
            // Statements are never forgotten: units come, and none goes.
            let below = units_below(sight.authority, sight.unit).into_iter();
            units.extend(below.filter(|unit| !self.stands(sight.authority, unit)));
        }
        units.into_iter().try_for_each(|unit| self.place(sight, unit))?;
        let mut dated = BTreeSet::new();
        if self.day != sight.day {
            sight.day.clone_into(&mut self.day);
            let held = self.contributions.documents().map(|(document, _)| document);
            dated.extend(held.filter(|document| is_dated(document.class)).cloned());
        }
        for document in dated.union(&changed) {
            let Some(summary) = history::summary(sight.store, document)? else { continue };
            // Heads name the state: whatever else changed bears on no number.
            let same = self.contributions.heads(document) == Some(&summary.heads);
            if !same || dated.contains(document) {
                self.count(sight, summary, views)?;
            }
        }
        Ok(())
    }

    /// Is a unit below placed as the statements of authority have it?
    fn stands(&self, authority: &Authority, unit: &UnitId) -> bool {
        match (self.contributions.below(unit), suspended(authority, unit)) {
            (Some(Below::Suspended(held)), Some(reason)) => held == reason,
            (Some(Below::Reported(..) | Below::Silent), None) => true,
            _ => false,
        }
    }

    /// Counts a document of the unit.
    fn count<S: ReadStore>(
        &mut self,
        sight: &mut Sight<'_, S>,
        summary: Summary,
        views: &mut Batch,
    ) -> Result<(), ReadError> {
        let Summary { document, heads, .. } = summary;
        let loaded = sight.library.open(sight.store, &document)?;
        let tally = indicator::tally(document.class, &loaded.document, sight.day);
        let view = Kept { of: Kept::name(&document, &heads, sight.day), tally: tally.clone() };
        if let Ok(bytes) = serde_json::to_vec(&view) {
            views.put(Table::Views, document.to_string(), bytes);
        }
        self.contributions.count(document, heads, tally);
        Ok(())
    }

    /// Finds out how a unit below stands.
    fn place<S: ReadStore>(
        &mut self,
        sight: &mut Sight<'_, S>,
        unit: UnitId,
    ) -> Result<(), ReadError> {
        let below = match suspended(sight.authority, &unit) {
            Some(reason) => Below::Suspended(reason.to_owned()),
            None => match reports(sight.store, sight.library, &unit)?.newest {
                Some((newest, heads)) => Below::Reported(Box::new(newest), heads),
                None => Below::Silent,
            },
        };
        self.contributions.place(unit, below);
        Ok(())
    }
}

/// Is this class counted? Reports are added up, not counted, and the keyring holds no numbers.
fn counts(class: Class) -> bool {
    !matches!(class, Class::Report | Class::Keyring)
}

/// Does what a document of this class contributes depend on the day?
fn is_dated(class: Class) -> bool {
    matches!(class, Class::Duty | Class::Patrol)
}

/// The units that report to this one: those founded by its key, as its delegations say.
fn units_below(authority: &Authority, unit: &UnitId) -> BTreeSet<UnitId> {
    let founds = |d: &&Delegation| d.verbs.covers(VerbSet::GOVERN);
    let delegations = authority.delegations().map(|d| d.value()).filter(founds);
    let founded = delegations.filter(|d| d.issuer_unit == *unit && d.unit != *unit);
    founded.map(|d| d.unit.clone()).collect()
}

/// Why the reports of a unit are not counted, if they are not.
fn suspended<'a>(authority: &'a Authority, unit: &UnitId) -> Option<&'a str> {
    authority.suspended(unit).map(|suspension| suspension.value().reason.as_str())
}

/// What a document contributes, kept as a view until what it was counted from is another.
#[derive(Serialize, Deserialize)]
struct Kept {
    of: String,
    tally: Tally,
}

impl Kept {
    /// All that a tally depends on.
    fn name(document: &DocumentId, heads: &[Hash], day: &str) -> String {
        let day = if is_dated(document.class) { day } else { "" };
        let heads: String = heads.iter().map(|head| format!(" {head}")).collect();
        format!("{} {day}{heads}", indicator::rules_hash())
    }
}

fn kept<S: ReadStore>(sight: &Sight<'_, S>, summary: &Summary) -> Result<Option<Tally>, ReadError> {
    let key = summary.document.to_string().into_bytes();
    // A view that does not read is made anew.
    let view = sight.store.read(Table::Views, &key)?;
    let view = view.and_then(|bytes| serde_json::from_slice::<Kept>(&bytes).ok());
    let name = Kept::name(&summary.document, &summary.heads, sight.day);
    Ok(view.filter(|view| view.of == name).map(|view| view.tally))
}

/// The reports of a unit that this node holds.
#[derive(Debug)]
pub struct Reports {
    /// The last block of which anything counts.
    pub last: Option<Block>,
    /// The newest revision, and the heads of the document it lies in.
    pub newest: Option<(Revision, Vec<Hash>)>,
}

/// Finds the newest report of a unit without loading those before it.
///
/// Blocks that were withdrawn as a whole are stepped over, at a read each.
pub fn reports(
    store: &impl ReadStore,
    library: &mut Library,
    unit: &UnitId,
) -> Result<Reports, ReadError> {
    let mut found = Reports { last: None, newest: None };
    let mut read = 0;
    for summary in history::last_first(store, unit, Class::Report, Block::PREFIX) {
        let summary = summary?;
        let Some(block) = Block::held_by(&summary.document) else { continue };
        if summary.heads.is_empty() {
            continue;
        }
        found.last.get_or_insert(block);
        let document = &library.open(store, &summary.document)?.document;
        found.newest = report::newest(document, block).map(|newest| (newest, summary.heads));
        read += 1;
        if found.newest.is_some() || read == BLOCKS_READ {
            break;
        }
    }
    Ok(found)
}
