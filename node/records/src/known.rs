//! Who and what is known, for lookups: built once from the documents, and read again only where
//! one of them changed. It holds opened names in memory, and nothing of it is stored.

use std::collections::{BTreeMap, BTreeSet};

use node_replication::log::DocumentRecord;
use node_views::Mark;
use schema_documents::kinds::alias::{Alias, Aliases};
use schema_documents::kinds::building::{self, Building};
use schema_documents::kinds::chief::{self, Chief};
use schema_documents::kinds::dwelling::{self, Dwelling};
use schema_documents::kinds::person::{self, Person};
use schema_documents::kinds::residence::{self, Residence};
use schema_documents::{AnyRecord, Day, Kind, Named, PartialDay, PersonId, Seen, Type, kinds};
use schema_wire::DocumentId;

use crate::name::folded;
use crate::plain::{Plain, texts};

/// By what a record is found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum By {
    /// A person by a name, folded.
    PersonName,
    /// A person by the digest of the number.
    PersonDigest,
    /// A residence by the person.
    ResidencePerson,
    /// A residence by the dwelling.
    ResidenceDwelling,
    /// A residence by the community's number of the household.
    ResidenceNumber,
    /// A dwelling by building, entrance and room.
    DwellingPlace,
    /// A building by estate and number, present and former ones.
    BuildingPlace,
    /// A post by a person who holds it.
    PostHolder,
    /// A record of this kind by the first of the fields by which rows of its sheet find it.
    Row(&'static str),
}

/// A document that was read.
struct Read {
    record: DocumentRecord,
    /// How far it was in the library; what was written since is known too.
    mark: Option<Mark>,
}

/// The records that lookups need.
#[derive(Default)]
pub(crate) struct Known {
    /// The documents that were read, as they were then.
    read: BTreeMap<DocumentId, Read>,
    lying_in: BTreeMap<DocumentId, BTreeSet<(&'static str, String)>>,
    records: BTreeMap<(&'static str, String), Plain>,
    /// By what a record is found, and its name: a set for each would weigh more than what it holds.
    found_by: BTreeSet<(By, String, String)>,
    aliases: Aliases,
    merged: BTreeMap<String, AnyRecord>,
}

impl std::fmt::Debug for Known {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Known({} records)", self.records.len())
    }
}

/// Fields that lookups need, of the kinds that are looked up.
const KEPT: &[(&str, &[&str])] = &[
    (
        Person::NAME,
        &[
            person::NAME.spec.name,
            person::BIRTH.spec.name,
            person::DIGEST.spec.name,
            person::LEFT.spec.name,
            person::STATUS.spec.name,
        ],
    ),
    (
        Residence::NAME,
        &[
            residence::PERSON.spec.name,
            residence::HOUSEHOLD.spec.name,
            residence::NUMBER.spec.name,
            residence::DWELLING.spec.name,
            residence::TO.spec.name,
        ],
    ),
    (
        Dwelling::NAME,
        &[dwelling::BUILDING.spec.name, dwelling::ENTRANCE.spec.name, dwelling::ROOM.spec.name],
    ),
    (
        Building::NAME,
        &[building::ESTATE.spec.name, building::NUMBER.spec.name, building::FORMER.spec.name],
    ),
    (Chief::NAME, &[chief::HOLDER.spec.name, chief::LED_BY.spec.name]),
];

/// Are records of a kind looked up by this field of a key, or shown in what is looked up?
pub(crate) fn is_kept(kind: &str, field: &str) -> bool {
    let field = field.split_once('.').map_or(field, |(list, _)| list);
    if let Some((_, fields)) = KEPT.iter().find(|(name, _)| *name == kind) {
        return fields.contains(&field);
    }
    let Some(kind) = kinds::ALL.iter().find(|own| own.name == kind) else { return false };
    let found_by = found_by(kind);
    let names_person = || kind.field(field).is_some_and(|spec| *spec.holds.inner() == Type::Person);
    !found_by.is_empty() && (found_by.contains(&field) || names_person())
}

/// Is anything kept of the records of a kind?
fn is_looked_up(kind: &str) -> bool {
    let has_rows = |own: &&&Kind| own.name == kind && !found_by(own).is_empty();
    KEPT.iter().any(|(name, _)| *name == kind) || kinds::ALL.iter().any(|own| has_rows(&own))
}

/// The fields by which rows find records of a kind whose names do not tell.
pub(crate) fn found_by(kind: &Kind) -> &'static [&'static str] {
    kind.sheets.iter().map(|sheet| sheet.found_by).find(|by| !by.is_empty()).unwrap_or_default()
}

pub(crate) fn joined(parts: &[&str]) -> String {
    parts.join("\n")
}

impl Known {
    /// Is what is known of a document what it says now?
    pub(crate) fn is_current(&self, document: &DocumentId, now: &DocumentRecord) -> bool {
        self.read.get(document).map_or(now.envelopes == 0, |read| read.record == *now)
    }

    /// Was all of a document read?
    pub(crate) fn has_read(&self, document: &DocumentId) -> bool {
        self.read.contains_key(document)
    }

    /// How far a document was when it was read.
    pub(crate) fn mark(&self, document: &DocumentId) -> Option<Mark> {
        self.read.get(document)?.mark
    }

    /// Notes that everything in a document is known as it is now, and as it was read.
    pub(crate) fn keep_read(&mut self, document: DocumentId, record: DocumentRecord, mark: Mark) {
        self.read.insert(document, Read { record, mark: Some(mark) });
    }

    /// Notes that everything in a document is known as it is now: what was written is.
    pub(crate) fn keep(&mut self, document: DocumentId, record: DocumentRecord) {
        let mark = self.mark(&document);
        self.read.insert(document, Read { record, mark });
    }

    /// Something in a document is not known yet: all of it is to be read again.
    pub(crate) fn doubt(&mut self, document: &DocumentId) {
        self.read.remove(document);
    }

    /// Forgets what was read in a document.
    pub(crate) fn forget(&mut self, document: &DocumentId) {
        self.read.remove(document);
        for (kind, name) in self.lying_in.remove(document).unwrap_or_default() {
            self.forget_record(kind, &name);
            self.merged.remove(&name);
        }
    }

    pub(crate) fn forget_record(&mut self, kind: &'static str, name: &str) {
        let Some(before) = self.records.remove(&(kind, name.to_owned())) else { return };
        for (by, key) in lookups(&before) {
            self.found_by.remove(&(by, key, name.to_owned()));
        }
    }

    /// Learns what a record says now.
    pub(crate) fn learn(&mut self, document: &DocumentId, mut plain: Plain) {
        if !is_looked_up(plain.kind) {
            return;
        }
        let kind = plain.kind;
        plain.fields.keep(|name| is_kept(kind, name));
        self.forget_record(plain.kind, &plain.name);
        for (by, key) in lookups(&plain) {
            self.found_by.insert((by, key, plain.name.clone()));
        }
        let at = (plain.kind, plain.name.clone());
        self.lying_in.entry(document.clone()).or_default().insert(at.clone());
        self.records.insert(at, plain);
    }

    /// Learns which ids were merged, as one document says it.
    pub(crate) fn learn_aliases(
        &mut self,
        document: &DocumentId,
        records: impl IntoIterator<Item = AnyRecord>,
    ) {
        for record in records {
            let at = (Alias::NAME, record.name().to_owned());
            self.lying_in.entry(document.clone()).or_default().insert(at);
            self.merged.insert(record.name().to_owned(), record);
        }
        self.resolve_aliases();
    }

    /// Learns that an id is given up for none any more.
    pub(crate) fn forget_alias(&mut self, name: &str) {
        self.merged.remove(name);
        self.resolve_aliases();
    }

    fn resolve_aliases(&mut self) {
        let records = self.merged.values().filter_map(|record| record.of::<Alias>());
        self.aliases = Aliases::of(records);
    }

    pub(crate) fn aliases(&self) -> &Aliases {
        &self.aliases
    }

    /// The records that are found so, ascending by name.
    pub(crate) fn by<'a>(&'a self, by: By, key: &str) -> impl Iterator<Item = &'a Plain> + use<'a> {
        let first = (by, key.to_owned(), String::new());
        let (sought, kind) = (key.to_owned(), by.kind());
        let own = self.found_by.range(first..);
        let own = own.take_while(move |(of, key, _)| *of == by && *key == sought);
        own.filter_map(move |(_, _, name)| self.get(kind, name))
    }

    pub(crate) fn get(&self, kind: &'static str, name: &str) -> Option<&Plain> {
        self.records.get(&(kind, name.to_owned()))
    }

    pub(crate) fn person(&self, person: PersonId) -> Option<&Plain> {
        self.get(Person::NAME, &person.to_string())
    }

    /// The records of a kind, ascending by name.
    pub(crate) fn all(&self, kind: &'static str) -> impl Iterator<Item = &Plain> {
        let from = (kind, String::new());
        self.records.range(from..).take_while(move |((k, _), _)| *k == kind).map(|(_, plain)| plain)
    }

    /// The residences of a person, of all ids that stand for the same human, that last.
    pub(crate) fn lasting(&self, person: PersonId) -> impl Iterator<Item = &Plain> {
        let ids = [person].into_iter().chain(self.merged_into(person));
        let of = |id: PersonId| self.by(By::ResidencePerson, &id.to_string());
        ids.flat_map(of).filter(|own| own.text(&residence::TO).is_none())
    }

    /// Other ids that stand for the same human.
    pub(crate) fn merged_into(&self, person: PersonId) -> impl Iterator<Item = PersonId> {
        let ids = self.merged.keys().filter_map(|name| PersonId::parse(name));
        ids.filter(move |id| *id != person && self.aliases.resolve(*id) == person)
    }

    /// The dwelling that stands for all that two nodes made for one place: the first by name.
    pub(crate) fn same_dwelling<'a>(&'a self, name: &'a str) -> &'a str {
        let own = self.get(Dwelling::NAME, name);
        let place = own.and_then(place_of_dwelling);
        let first = place.and_then(|place| self.by(By::DwellingPlace, &place).next());
        first.map_or(name, |first| &first.name)
    }

    /// The residences in a dwelling, under whatever name two nodes gave it.
    pub(crate) fn residences_in(&self, dwelling: &str) -> impl Iterator<Item = &Plain> {
        let place = self.get(Dwelling::NAME, dwelling).and_then(place_of_dwelling);
        let twins = place.into_iter().flat_map(|place| self.by(By::DwellingPlace, &place));
        twins.flat_map(|twin| self.by(By::ResidenceDwelling, &twin.name))
    }

    /// The dwelling where a residence is.
    pub(crate) fn dwelling_of<'a>(&'a self, residence: &'a Plain) -> Option<&'a str> {
        residence.text(&residence::DWELLING).map(|name| self.same_dwelling(name))
    }

    /// The persons of a name that identifies nobody by itself, who hold posts or were made for
    /// one: those whom a sheet of posts and patrols means.
    pub(crate) fn on_duty(&self, name: &str) -> BTreeSet<PersonId> {
        let named = self.by(By::PersonName, &folded(name));
        let serves = |own: &&Plain| {
            let to_verify = own.text(&person::STATUS) == Some(person::Status::ToVerify.code());
            to_verify || self.by(By::PostHolder, &own.name).next().is_some()
        };
        let id = |own: &Plain| Some(self.aliases.resolve(PersonId::parse(&own.name)?));
        named.filter(serves).filter_map(id).collect()
    }

    /// Every person, as those are compared who may be one human.
    pub(crate) fn seen(&self) -> Vec<Seen> {
        let seen = |own: &Plain| {
            let person = PersonId::parse(&own.name)?;
            let erased = own.text(&person::STATUS) == Some(person::Status::Erased.code());
            let lives = self.by(By::ResidencePerson, &own.name);
            let lasting = lives.filter(|own| own.text(&residence::TO).is_none());
            let owned = |text: &str| text.to_owned();
            (!erased).then(|| Seen {
                person,
                digests: own.texts(&person::DIGEST).map(owned).collect(),
                names: own.texts(&person::NAME).map(folded).collect(),
                births: own.texts(&person::BIRTH).map(owned).collect(),
                dwellings: lasting.filter_map(|own| self.dwelling_of(own)).map(owned).collect(),
            })
        };
        self.all(Person::NAME).filter_map(seen).collect()
    }
}

impl By {
    const fn kind(self) -> &'static str {
        match self {
            Self::PersonName | Self::PersonDigest => Person::NAME,
            Self::ResidencePerson | Self::ResidenceDwelling | Self::ResidenceNumber => {
                Residence::NAME
            }
            Self::DwellingPlace => Dwelling::NAME,
            Self::BuildingPlace => Building::NAME,
            Self::PostHolder => Chief::NAME,
            Self::Row(kind) => kind,
        }
    }
}

fn place_of_dwelling(own: &Plain) -> Option<String> {
    let (building, room) = (own.text(&dwelling::BUILDING)?, own.text(&dwelling::ROOM)?);
    Some(joined(&[building, own.text(&dwelling::ENTRANCE).unwrap_or_default(), room]))
}

/// Under which keys a record is found.
fn lookups(plain: &Plain) -> Vec<(By, String)> {
    let mut found = Vec::new();
    let mut note = |by, key: String| found.push((by, key));
    match plain.kind {
        Person::NAME => {
            plain.texts(&person::NAME).for_each(|name| note(By::PersonName, folded(name)));
            plain.texts(&person::DIGEST).for_each(|own| note(By::PersonDigest, own.to_owned()));
        }
        Residence::NAME => {
            let texts = [
                (By::ResidencePerson, plain.text(&residence::PERSON)),
                (By::ResidenceDwelling, plain.text(&residence::DWELLING)),
                (By::ResidenceNumber, plain.text(&residence::NUMBER)),
            ];
            texts.into_iter().for_each(|(by, text)| {
                if let Some(text) = text {
                    note(by, text.to_owned());
                }
            });
        }
        Dwelling::NAME => {
            place_of_dwelling(plain).into_iter().for_each(|place| note(By::DwellingPlace, place));
        }
        Building::NAME => {
            let estate = plain.text(&building::ESTATE).unwrap_or_default();
            let numbers = plain.texts(&building::NUMBER).chain(plain.list(&building::FORMER));
            numbers.for_each(|number| note(By::BuildingPlace, joined(&[estate, number])));
        }
        Chief::NAME => {
            let holders = plain.texts(&chief::HOLDER).chain(plain.list(&chief::DEPUTIES));
            holders.for_each(|holder| note(By::PostHolder, holder.to_owned()));
        }
        kind => {
            let own = kinds::ALL.iter().find(|own| own.name == kind);
            if let Some(first) = own.and_then(|own| found_by(own).first()) {
                texts(plain.values(first)).for_each(|text| note(By::Row(kind), text.to_owned()));
            }
        }
    }
    found
}

/// Do two births say the same as far as both are known?
pub(crate) fn births_agree(one: &str, other: &str) -> bool {
    match (PartialDay::parse(one), PartialDay::parse(other)) {
        (Some(one), Some(other)) => one.agrees(other),
        _ => false,
    }
}

/// Is a birth known to the day?
pub(crate) fn is_exact(birth: &str) -> bool {
    Day::parse(birth).is_some()
}
