//! Who is who: one id for one human in a unit. Nobody is made one with another, and nobody is
//! replaced, without somebody's decision.

use std::collections::{BTreeMap, BTreeSet};

use schema_documents::kinds::alias::{self, Alias};
use schema_documents::kinds::movement::{self, Move, Movement};
use schema_documents::kinds::person::{self, Person, Status};
use schema_documents::kinds::residence::{self, Residence};
use schema_documents::{Day, Declared, PersonId, Why, Words, possibly_same, words};
use schema_wire::{Ascending, Band, Erasure, Erasures};

use crate::keyring;
use crate::known::{By, Known, births_agree, is_exact};
use crate::name::folded;
use crate::records::{Failure, Records};
use crate::transaction::{Reading, Transaction};

/// What somebody must decide before a row becomes records.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Question {
    /// The number is that of a person with another name.
    OtherName,
    /// A person of this name lives in this dwelling, with another number.
    OtherNumber,
    /// Several persons fit.
    Several,
    /// A row above means a person of this name in this dwelling, and says otherwise of him; no
    /// birth and no number tells the two apart.
    Namesake,
    /// The person left or died.
    Left,
    /// A person of this name and birth lives elsewhere, and no number says that it is he.
    Elsewhere,
}

impl Question {
    /// The question in words.
    pub const fn words(self) -> Words {
        match self {
            Self::OtherName => words("证件号码已属于另一姓名的人", "the number is another name's"),
            Self::OtherNumber => {
                words("同住处同名的人登记的是另一证件号码", "known here with another number")
            }
            Self::Namesake => words(
                "本表前面已有同住处同名的人，请补充出生日期或证件号码",
                "the same name and dwelling as a row above: give birth or number",
            ),
            Self::Several => words("有几人相符", "several persons fit"),
            Self::Left => words("此人已登记为迁出或死亡", "this person left or died"),
            Self::Elsewhere => words(
                "同名同出生日期的人已登记在另一住处：确是其人迁居的，加 --moves 再导入；另有其人的，请补证件号码",
                "the same name and birth live elsewhere: import with --moves if they moved, else give the number",
            ),
        }
    }
}

/// What somebody decided of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decision {
    /// It is this person: name or number were corrected, or he came back.
    Same(PersonId),
    /// It is another person.
    Other,
}

/// How somebody ceases to live here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Departure {
    /// Moved away.
    Left,
    /// Died.
    Died,
}

/// What is said of somebody who shall be found.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Sought<'a> {
    pub(crate) name: &'a str,
    /// As it is stored.
    pub(crate) birth: Option<&'a str>,
    /// Of the number, under each pepper.
    pub(crate) digests: &'a [String],
    pub(crate) dwelling: Option<&'a str>,
}

/// Who was found.
#[derive(Debug)]
pub(crate) enum Found {
    This(PersonId),
    /// Nobody; these may be the same human.
    Nobody(BTreeMap<PersonId, Why>),
    Asks(Question, BTreeSet<PersonId>),
}

/// The persons whom rows of one import meant, each with the dwelling that was said.
pub(crate) type Meant = BTreeMap<PersonId, String>;

/// What speaks for a person of the sought name.
struct Likeness {
    person: PersonId,
    other_number: bool,
    contradicts: bool,
    agrees: bool,
    exact: bool,
    lives_there: bool,
    meant_elsewhere: bool,
    meant: bool,
}

impl Known {
    /// Finds a person again: by the digest of the number, else by name with dwelling or birth.
    pub(crate) fn identify(&self, sought: Sought<'_>, meant: &Meant) -> Found {
        match self.by_number(&sought) {
            Some(found) => found,
            None => self.by_name(&sought, meant),
        }
    }

    fn by_number(&self, sought: &Sought<'_>) -> Option<Found> {
        let digests = sought.digests.iter();
        let persons = digests.flat_map(|digest| self.by(By::PersonDigest, digest));
        let persons: BTreeSet<PersonId> = persons
            .filter_map(|own| Some(self.aliases().resolve(PersonId::parse(&own.name)?)))
            .filter(|person| !self.is_erased(*person))
            .collect();
        let first = persons.first().copied()?;
        let named = folded(sought.name);
        let names: Vec<String> = self.names(first);
        Some(if persons.len() > 1 {
            Found::Asks(Question::Several, persons)
        } else if !names.is_empty() && !names.contains(&named) {
            Found::Asks(Question::OtherName, persons)
        } else {
            self.unless_left(first)
        })
    }

    fn by_name(&self, sought: &Sought<'_>, meant: &Meant) -> Found {
        let named = self.by(By::PersonName, &folded(sought.name));
        let persons: BTreeSet<PersonId> = named
            .filter_map(|own| Some(self.aliases().resolve(PersonId::parse(&own.name)?)))
            .filter(|person| !self.is_erased(*person))
            .collect();
        let all: Vec<Likeness> =
            persons.into_iter().map(|person| self.likeness(person, sought, meant)).collect();
        let corrected = all.iter().filter(|own| own.lives_there && own.other_number && !own.meant);
        let corrected: BTreeSet<PersonId> = corrected.map(|own| own.person).collect();
        if !corrected.is_empty() {
            return Found::Asks(Question::OtherNumber, corrected);
        }
        let fits = |own: &&Likeness| !own.other_number && !own.contradicts;
        let there: Vec<&Likeness> = all.iter().filter(fits).filter(|own| own.lives_there).collect();
        let agreeing: Vec<&Likeness> = there.iter().filter(|own| own.agrees).copied().collect();
        let there = if agreeing.is_empty() { there } else { agreeing };
        let by_birth =
            all.iter().filter(fits).filter(|own| own.exact && !own.meant_elsewhere).collect();
        let found: Vec<&Likeness> = if there.is_empty() { by_birth } else { there };
        match found.as_slice() {
            [] => {
                let why = |own: &Likeness| match (own.agrees, own.lives_there) {
                    (true, _) => Some((own.person, Why::NameAndBirth)),
                    (_, true) => Some((own.person, Why::NameAndDwelling)),
                    _ => None,
                };
                Found::Nobody(all.iter().filter_map(why).collect())
            }
            [one] => self.unless_left(one.person),
            several => {
                Found::Asks(Question::Several, several.iter().map(|own| own.person).collect())
            }
        }
    }

    fn likeness(&self, person: PersonId, sought: &Sought<'_>, meant: &Meant) -> Likeness {
        let ids = || [person].into_iter().chain(self.merged_into(person));
        let records: Vec<_> = ids().filter_map(|id| self.person(id)).collect();
        let births = || records.iter().flat_map(|own| own.texts(&person::BIRTH));
        let agrees =
            sought.birth.is_some_and(|sought| births().any(|own| births_agree(own, sought)));
        let exact = sought
            .birth
            .is_some_and(|sought| is_exact(sought) && births().any(|own| own == sought));
        let has_number = records.iter().any(|own| own.texts(&person::DIGEST).next().is_some());
        let lives_there = sought.dwelling.is_some_and(|dwelling| {
            self.lasting(person).any(|own| self.dwelling_of(own) == Some(dwelling))
        });
        let said = meant.get(&person);
        Likeness {
            person,
            other_number: has_number && !sought.digests.is_empty(),
            contradicts: sought.birth.is_some() && births().next().is_some() && !agrees,
            agrees,
            exact,
            lives_there,
            meant_elsewhere: said.is_some_and(|said| Some(said.as_str()) != sought.dwelling),
            meant: said.is_some(),
        }
    }

    fn unless_left(&self, person: PersonId) -> Found {
        let left = self.person(person).is_some_and(|own| own.text(&person::LEFT).is_some());
        match left {
            true => Found::Asks(Question::Left, BTreeSet::from([person])),
            false => Found::This(person),
        }
    }

    pub(crate) fn is_erased(&self, person: PersonId) -> bool {
        let status = self.person(person).and_then(|own| own.text(&person::STATUS));
        status == Some(Status::Erased.code())
    }

    /// Every name of a human, folded.
    pub(crate) fn names(&self, person: PersonId) -> Vec<String> {
        let ids = [person].into_iter().chain(self.merged_into(person));
        let records = ids.filter_map(|id| self.person(id));
        records.flat_map(|own| own.texts(&person::NAME).map(folded).collect::<Vec<_>>()).collect()
    }
}

impl<T: Reading> Records<'_, T> {
    /// Persons who may be one human, each pair with the strongest reason.
    pub fn possible_duplicates(&self) -> BTreeMap<(PersonId, PersonId), Why> {
        possibly_same(&self.memory.known.seen(), self.memory.known.aliases())
    }

    /// The id that stands for a person.
    pub fn resolve(&self, person: PersonId) -> PersonId {
        self.memory.known.aliases().resolve(person)
    }
}

impl<T: Transaction> Records<'_, T> {
    /// Somebody decided that two ids are one human's: the one is given up for the other.
    ///
    /// # Errors
    /// If one of them is no person, or they are one already.
    pub fn merge(
        &mut self,
        given_up: PersonId,
        into: PersonId,
        reason: &str,
    ) -> Result<(), Failure> {
        let known = &self.memory.known;
        if known.person(given_up).is_none() || known.person(into).is_none() {
            return Err(Failure::NoRecord);
        }
        if self.resolve(into) == self.resolve(given_up) {
            return Err(Failure::Merged);
        }
        self.put_alias(given_up, &into.to_string(), reason)
    }

    /// Undoes a merge: both ids are persons again.
    ///
    /// # Errors
    /// If the id was never given up.
    pub fn separate(&mut self, given_up: PersonId) -> Result<(), Failure> {
        self.put_alias(given_up, "", "")
    }

    fn put_alias(&mut self, given_up: PersonId, to: &str, reason: &str) -> Result<(), Failure> {
        let name = given_up.to_string();
        let document = self.place_of(&Alias::KIND, &name, None)?;
        let is_there = self.record(&Alias::KIND, &name, &document)?.is_some();
        if !is_there && to.is_empty() {
            return Err(Failure::NoRecord);
        }
        let given = [(alias::TO.spec.name, to), (alias::REASON.spec.name, reason)];
        let mut planned = self.plan(&Alias::KIND, is_there.then_some(&name), &given)?;
        planned.document = document.clone();
        planned.name.clone_from(&name);
        self.apply(&planned)?;
        match self.record(&Alias::KIND, &name, &document)? {
            Some(record) => self.memory.known.learn_aliases(&document, [record]),
            None => self.memory.known.forget_alias(&name),
        }
        Ok(())
    }

    /// Somebody ceases to live here: the day is sealed, the month is counted, and residences end.
    ///
    /// # Errors
    /// If there is no such person or it left already, or the day does not come in.
    pub fn depart(
        &mut self,
        person: PersonId,
        how: Departure,
        day: Day,
        elsewhere: &str,
    ) -> Result<(), Failure> {
        if self.has_left(person) {
            return Err(Failure::NotHere);
        }
        let day_text = day.to_string();
        let month = day.year_month();
        let given = [(person::LEFT.spec.name, month.as_str())];
        let planned = self.plan(&Person::KIND, Some(&person.to_string()), &given)?;
        self.apply(&planned)?;
        let lasting: Vec<String> =
            self.memory.known.lasting(person).map(|own| own.name.clone()).collect();
        for residence in lasting {
            let given = [(residence::TO.spec.name, day_text.as_str())];
            let planned = self.plan(&Residence::KIND, Some(&residence), &given)?;
            self.apply(&planned)?;
        }
        let how = match how {
            Departure::Left => Move::Left,
            Departure::Died => Move::Died,
        };
        self.note_movement(person, how, &month, Some(&day_text), elsewhere)
    }

    /// Notes a movement, for the table of the month.
    pub(crate) fn note_movement(
        &mut self,
        person: PersonId,
        how: Move,
        month: &str,
        day: Option<&str>,
        elsewhere: &str,
    ) -> Result<(), Failure> {
        let person = person.to_string();
        let mut given = vec![
            (movement::PERSON.spec.name, person.as_str()),
            (movement::MOVE.spec.name, how.code()),
            (movement::MONTH.spec.name, month),
        ];
        given.extend(day.map(|day| (movement::DAY.spec.name, day)));
        if !elsewhere.is_empty() {
            given.push((movement::ELSEWHERE.spec.name, elsewhere));
        }
        let planned = self.plan(&Movement::KIND, None, &given)?;
        self.apply(&planned)?;
        Ok(())
    }

    /// What goes with a person into another dwelling.
    pub(crate) fn kept_of_residence(
        &mut self,
        residence: Option<&str>,
    ) -> Result<Vec<(&'static str, String)>, Failure> {
        let Some(name) = residence else { return Ok(Vec::new()) };
        let document = self.place_of(&Residence::KIND, name, None)?;
        let Some(record) = self.record(&Residence::KIND, name, &document)? else {
            return Ok(Vec::new());
        };
        let plain = self.opened(&Residence::KIND, &record, &document)?;
        let fields = [
            residence::NUMBER.spec.name,
            residence::REGISTER.spec.name,
            residence::RELATION.spec.name,
            residence::TYPE.spec.name,
        ];
        let text = |field| Some((field, plain.preferred(field)?.to_owned()));
        Ok(fields.into_iter().filter_map(text).collect())
    }

    /// Erases a person: every key in every band, on every node, after seven days without
    /// objection. What stays names a random id.
    ///
    /// # Errors
    /// If there is no such person.
    pub fn erase(&mut self, person: PersonId) -> Result<(), Failure> {
        let given = [(person::STATUS.spec.name, Status::Erased.code())];
        let planned = self.plan(&Person::KIND, Some(&person.to_string()), &given)?;
        self.apply(&planned)?;
        let unit = self.tx.circumstance().unit.clone();
        for band in Band::ALL {
            let store = self.tx.parts().0;
            let keys = self.memory.keyring.of(store, &unit, band, &person.0)?;
            let erasure =
                |key: &keyring::Key| Erasure { subject: person.0, commitment: key.commitment };
            let erasures: Vec<Erasure> = keys.iter().map(erasure).collect();
            if erasures.is_empty() {
                continue;
            }
            let erasures: Erasures =
                Ascending::of(erasures).map_err(|error| Failure::Write(error.into()))?;
            self.tx.erase_keys(&keyring::erasures(&unit, band, &person.0), erasures)?;
        }
        let document = self.place_of(&Person::KIND, &person.to_string(), None)?;
        self.memory.known.forget(&document);
        Ok(())
    }
}
