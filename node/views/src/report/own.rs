//! What a unit counts itself, shard by shard: only what changed is counted again, and after a
//! restart the views are read and no document. It equals a recount (INV-12).

use std::collections::{BTreeMap, BTreeSet};

use node_replication::history;
use node_replication::log::DocumentRecord;
use node_replication::store::{Batch, ReadError, ReadStore, Table};
use schema_content::{Cell as ReportCell, Cells, Number, Sources, keyring_shard, sources_digest};
use schema_documents::kinds::account::Account;
use schema_documents::kinds::alias::Aliases;
use schema_documents::kinds::person::Person;
use schema_documents::kinds::post::Post;
use schema_documents::{
    AnyRecord, Declared, Kind, Lower, Office, Offices, PersonId, Source, WithoutAccounts, class,
    indicators, kinds, rules,
};
use schema_wire::{Audience, Content, DocumentId, Hash, Text, UnitId};
use serde::{Deserialize, Serialize};

use super::count::{Count, Days, Known, Opens, count, counted};
use crate::{Library, contents};

/// A shard of a class, with what lies in other classes of it.
type Shard = (u8, String);
/// The documents of each shard.
type Shards = BTreeMap<Shard, BTreeMap<DocumentId, BTreeSet<Hash>>>;

/// The own numbers of a unit.
#[derive(Debug, Default)]
pub struct Own {
    shards: BTreeMap<Shard, Kept>,
    tally: Tally,
    /// The documents as they were counted.
    documents: BTreeMap<DocumentId, BTreeSet<Hash>>,
    /// Keyrings, as they were when it was last asked which keys are here.
    keyrings: BTreeMap<DocumentId, DocumentRecord>,
    days: Option<Days>,
    counted: u64,
}

/// A shard, as it was counted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Kept {
    /// All that it follows from, but for the answers to what was asked.
    of: String,
    count: Count,
}

/// What numbers are counted from.
pub(super) struct Counting<'a, S> {
    pub(super) store: &'a S,
    pub(super) library: &'a mut Library,
    pub(super) unit: &'a UnitId,
    pub(super) days: Days,
    pub(super) opens: &'a dyn Opens,
}

impl Own {
    /// How many shards were counted, since the start.
    #[must_use]
    pub fn counted(&self) -> u64 {
        self.counted
    }

    /// The documents that were counted, at their heads.
    pub fn documents(&self) -> impl Iterator<Item = (&DocumentId, &BTreeSet<Hash>)> {
        self.documents.iter()
    }

    /// Their number and digest.
    pub(super) fn sources(&self) -> Sources {
        let documents = u64::try_from(self.documents.len()).unwrap_or(u64::MAX);
        Sources { documents, digest: sources_digest(&self.documents) }
    }

    /// The cells: every code of the rules is there.
    #[must_use]
    pub fn cells(&self) -> Cells {
        let cell = |code: &'static str| {
            let [value, num, den, unknown] = self.tally.of(code).map(Number::of);
            Some(ReportCell { code: Text::new(code).ok()?, value, num, den, unknown })
        };
        let codes = indicators(kinds::ALL).filter_map(|(_, indicator)| cell(indicator.code));
        // Codes are declared, each once: a test asks.
        Cells::new(codes.collect()).unwrap_or_default()
    }

    /// Brings the numbers up to date. What changed is found by the heads of the unit's documents.
    pub(super) fn follow<S: ReadStore>(
        &mut self,
        counting: &mut Counting<'_, S>,
    ) -> Result<Batch, ReadError> {
        let documents = history::documents_of(counting.store, counting.unit)?;
        let (shards, office) = sort(&documents);
        let names: BTreeMap<Shard, String> = shards
            .iter()
            .map(|(shard, of)| (shard.clone(), name(shard, of, counting.days, &office)))
            .collect();
        let mut views = Batch::default();
        self.forget(|shard| names.contains_key(shard));
        let rekeyed = self.rekeyed(&documents, counting.days);
        // Persons first: others ask whether they live here.
        let is_of_persons = |shard: &&Shard| shard.0 == Person::KIND.home.number;
        for of_persons in [true, false] {
            for (shard, of) in &shards {
                if is_of_persons(&shard) == of_persons {
                    let Some(name) = names.get(shard) else { continue };
                    if !self.stands(counting, shard, name, &rekeyed)? {
                        self.recount(counting, shard, of, name, &office, &mut views)?;
                    }
                }
            }
        }
        self.documents = shards.into_values().flatten().collect();
        self.documents.extend(office);
        Ok(views)
    }

    /// Does what is kept of a shard, here or as a view, still say what a count would?
    fn stands<S: ReadStore>(
        &mut self,
        counting: &Counting<'_, S>,
        shard: &Shard,
        name: &str,
        rekeyed: &Rekeyed,
    ) -> Result<bool, ReadError> {
        let is_new = self.shards.get(shard).is_none_or(|kept| kept.of != name);
        if is_new {
            let view = counting.store.read(Table::Views, &view_key(shard))?;
            let view = view.and_then(|bytes| serde_json::from_slice::<Kept>(&bytes).ok());
            let Some(view) = view.filter(|view| view.of == name) else { return Ok(false) };
            self.put(shard.clone(), view);
        }
        let Some(kept) = self.shards.get(shard) else { return Ok(false) };
        let answers = &kept.count.asked;
        if answers.iter().any(|(person, answer)| self.tally.is_present(person) != *answer) {
            return Ok(false);
        }
        for (subject, (document, by)) in &kept.count.keys {
            let (Some(subject), Ok(document)) = (PersonId::parse(subject), document.parse()) else {
                return Ok(false);
            };
            if (is_new || rekeyed.concerns(&document, subject))
                && counting.opens.keys(&document, subject)?.to_string() != *by
            {
                return Ok(false);
            }
        }
        Ok(true)
    }

    fn recount<S: ReadStore>(
        &mut self,
        counting: &mut Counting<'_, S>,
        shard: &Shard,
        of: &BTreeMap<DocumentId, BTreeSet<Hash>>,
        name: &str,
        office: &BTreeMap<DocumentId, BTreeSet<Hash>>,
        views: &mut Batch,
    ) -> Result<(), ReadError> {
        let office = read_office(counting, shard.0, office)?;
        let documents: Vec<DocumentId> = of.keys().cloned().collect();
        let present = |person: &str| self.tally.is_present(person);
        let (days, opens) = (counting.days, counting.opens);
        let known = Known { days, opens, office: &*office, present: &present };
        let count = count(counting.store, counting.library, shard.0, &documents, &known)?;
        let kept = Kept { of: name.to_owned(), count };
        if let Ok(bytes) = serde_json::to_vec(&kept) {
            views.put(Table::Views, view_key(shard), bytes);
        }
        self.counted += 1;
        self.put(shard.clone(), kept);
        Ok(())
    }

    fn put(&mut self, shard: Shard, kept: Kept) {
        if let Some(before) = self.shards.remove(&shard) {
            self.tally.take_off(&before.count);
        }
        self.tally.add(&kept.count);
        self.shards.insert(shard, kept);
    }

    fn forget(&mut self, stays: impl Fn(&Shard) -> bool) {
        let gone: Vec<Shard> = self.shards.keys().filter(|shard| !stays(shard)).cloned().collect();
        for shard in gone {
            if let Some(kept) = self.shards.remove(&shard) {
                self.tally.take_off(&kept.count);
            }
        }
    }

    /// The keyrings that say something else than when it was last asked. Keys are also destroyed
    /// by the time alone: all are looked at once a day.
    fn rekeyed(&mut self, documents: &[(DocumentId, DocumentRecord)], days: Days) -> Rekeyed {
        let all = self.days.replace(days) != Some(days);
        let tells = |document: &DocumentId| {
            matches!(document.class().content(), Content::Keys | Content::Erasures)
        };
        let mut changed = BTreeSet::new();
        for (document, record) in documents.iter().filter(|(document, _)| tells(document)) {
            if self.keyrings.get(document) != Some(record) {
                self.keyrings.insert(document.clone(), record.clone());
                changed.insert((document.class().audience(), document.shard().to_owned()));
            }
        }
        Rekeyed { all, changed }
    }
}

/// Keyrings that changed: their band, and the first byte of their subjects.
struct Rekeyed {
    all: bool,
    changed: BTreeSet<(Audience, String)>,
}

impl Rekeyed {
    fn concerns(&self, document: &DocumentId, subject: PersonId) -> bool {
        let band = document.class().audience();
        self.all || self.changed.contains(&(band, keyring_shard(&subject.0)))
    }
}

/// The documents in which what is counted lies, by shard; and those of accounts and posts.
fn sort(
    documents: &[(DocumentId, DocumentRecord)],
) -> (Shards, BTreeMap<DocumentId, BTreeSet<Hash>>) {
    let (mut shards, mut office) = (Shards::new(), BTreeMap::new());
    for (document, record) in documents.iter().filter(|(_, record)| !record.heads.is_empty()) {
        let class = document.class().number();
        if class == class::ACCOUNT.number {
            office.insert(document.clone(), record.heads.clone());
        }
        for home in homes(class) {
            let shard = (home, document.shard().to_owned());
            let of = shards.entry(shard).or_default();
            of.insert(document.clone(), record.heads.clone());
        }
    }
    (shards, office)
}

/// The homes of the kinds that are counted and lie in a class, but for copies that others see.
fn homes(class: u8) -> BTreeSet<u8> {
    let lies = |kind: &&&Kind| {
        kind.home.number == class || kind.also.iter().any(|home| home.number == class)
    };
    let counted = kinds::ALL.iter().filter(|kind| !kind.indicators.is_empty());
    counted.filter(lies).map(|kind| kind.home.number).collect()
}

/// All that the count of a shard follows from, but for what it asks.
fn name(
    shard: &Shard,
    of: &BTreeMap<DocumentId, BTreeSet<Hash>>,
    days: Days,
    office: &BTreeMap<DocumentId, BTreeSet<Hash>>,
) -> String {
    let by_day = counted(shard.0).any(|kind| kind.indicators.iter().any(|own| own.by_day));
    let versions: String = counted(shard.0)
        .flat_map(|kind| kind.indicators)
        .map(|own| format!("{} {} {}\n", own.code, own.version, own.formula))
        .collect();
    let days = if by_day { format!("{} {}", days.today, days.heard_until) } else { String::new() };
    let office =
        if has_lives(shard.0) { sources_digest(office).to_string() } else { String::new() };
    let parts = [&*versions, &*days, &*office, &*sources_digest(of).to_string()];
    Hash::of(&parts.map(str::as_bytes)).to_string()
}

fn has_lives(home: u8) -> bool {
    counted(home).any(|kind| !kind.lives.is_empty())
}

fn view_key((home, shard): &Shard) -> Vec<u8> {
    format!("own {home} {shard}").into_bytes()
}

/// The hash of the rules that this binary counts by.
pub(super) fn own_rules() -> Hash {
    rules(kinds::ALL)
}

/// Who may do what, for kinds to which something happens. A unit that keeps no accounts lets
/// whoever enters at its nodes. Aliases bear on no verdict yet: no event must be apart from
/// another of the same person.
fn read_office<S: ReadStore>(
    counting: &mut Counting<'_, S>,
    home: u8,
    documents: &BTreeMap<DocumentId, BTreeSet<Hash>>,
) -> Result<Box<dyn Office>, ReadError> {
    if !has_lives(home) {
        return Ok(Box::new(WithoutAccounts));
    }
    let mut records = Accounts(BTreeMap::new());
    for document in documents.keys() {
        let loaded = counting.library.open(counting.store, document)?;
        records.0.extend(contents(document, &loaded.document).records);
    }
    if records.records(&Account::KIND).is_empty() && records.records(&Post::KIND).is_empty() {
        return Ok(Box::new(WithoutAccounts));
    }
    Ok(Box::new(Offices::read(&Lower::new(&records))))
}

/// The records of accounts and posts.
struct Accounts(BTreeMap<(&'static str, String), AnyRecord>);

impl Source for Accounts {
    fn records(&self, kind: &Kind) -> Vec<&AnyRecord> {
        let of_kind = self.0.iter().filter(|((name, _), _)| *name == kind.name);
        of_kind.map(|(_, record)| record).collect()
    }
}

/// What all shards come to.
#[derive(Debug, Default)]
struct Tally {
    sums: BTreeMap<String, [u128; 4]>,
    /// By code, how many shards name each thing.
    different: BTreeMap<String, BTreeMap<String, u32>>,
    present: BTreeSet<String>,
    /// Ids of persons that were given up for others.
    merged: BTreeMap<PersonId, PersonId>,
}

impl Tally {
    fn add(&mut self, count: &Count) {
        for (code, more) in &count.sums {
            let sum = self.sums.entry(code.clone()).or_default();
            sum.iter_mut().zip(more).for_each(|(sum, more)| *sum += u128::from(*more));
        }
        for (code, things) in &count.different {
            let known = self.different.entry(code.clone()).or_default();
            things.iter().for_each(|thing| *known.entry(thing.clone()).or_default() += 1);
        }
        self.present.extend(count.present.iter().cloned());
        self.merged.extend(merged(count));
    }

    /// Takes off what was added.
    fn take_off(&mut self, count: &Count) {
        for (code, less) in &count.sums {
            let sum = self.sums.entry(code.clone()).or_default();
            sum.iter_mut().zip(less).for_each(|(sum, less)| *sum -= u128::from(*less));
        }
        for (code, things) in &count.different {
            let known = self.different.entry(code.clone()).or_default();
            for thing in things {
                match known.get_mut(thing) {
                    Some(shards) if *shards > 1 => *shards -= 1,
                    _ => drop(known.remove(thing)),
                }
            }
        }
        // A person lies in one shard.
        for person in &count.present {
            self.present.remove(person);
        }
        for (person, _) in merged(count) {
            self.merged.remove(&person);
        }
    }

    fn is_present(&self, person: &str) -> bool {
        self.present.contains(person)
    }

    fn of(&self, code: &str) -> [u128; 4] {
        let different = self.different.get(code).map(|things| self.different_of(things));
        let sum = self.sums.get(code).copied().unwrap_or_default();
        different.map_or(sum, |things| [things, 0, 0, 0])
    }

    /// How many things are named: ids of one human are one.
    fn different_of(&self, things: &BTreeMap<String, u32>) -> u128 {
        let aliases: Aliases = self.merged.iter().map(|(from, to)| (*from, *to)).collect();
        let given_up = self.merged.keys().map(ToString::to_string);
        let given_up: BTreeSet<String> = given_up.filter(|id| things.contains_key(id)).collect();
        let humans = given_up.iter().filter_map(|id| PersonId::parse(id));
        let humans: BTreeSet<String> =
            humans.map(|person| aliases.resolve(person).to_string()).collect();
        let is_named = |id: &&String| things.contains_key(*id) && !given_up.contains(*id);
        let named_too = humans.iter().filter(is_named).count();
        (things.len() - given_up.len() + humans.len() - named_too) as u128
    }
}

fn merged(count: &Count) -> impl Iterator<Item = (PersonId, PersonId)> {
    let id = |text: &String| PersonId::parse(text);
    count.merged.iter().filter_map(move |(from, to)| Some((id(from)?, id(to)?)))
}
