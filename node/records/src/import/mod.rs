//! Importing: rows of a sheet become records, each row with a verdict of its own.
//!
//! ```text
//!   row -> cells by kind -> who is meant -> what shall be said, checked -> drafted, or a verdict
//! ```
//! A row is drafted as a whole or not at all. The same rows again change nothing.

mod dwellers;
mod patrol;

pub(crate) use patrol::{NOTE, RECORD};

use std::collections::{BTreeMap, BTreeSet};

use schema_documents::kinds::building::{self, Building};
use schema_documents::kinds::chief::{self, Chief};
use schema_documents::kinds::estate::Estate;
use schema_documents::kinds::person::{self, Person, Status};
use schema_documents::kinds::residence::Residence;
use schema_documents::kinds::volunteer::Volunteer;
use schema_documents::{
    Declared, Kind, Named, Naming, PersonId, Reason, Refusal, Row, Sheet, Spec, Type, Wanted, Why,
    Words, identity, kinds, made, read_written, words,
};

use crate::enter::Stop;
use crate::known::{By, births_agree, found_by, joined};
use crate::name::folded;
use crate::persons::{Decision, Found, Meant, Question, Sought};
use crate::plain::{Plain, texts};
use crate::records::{Failure, Planned, Records, kind_of, person_field, wanted_text};
use crate::transaction::Transaction;

/// An import under way: its rows may come in several portions, each a step of its own.
#[derive(Debug, Default)]
pub struct Import {
    meant: Meant,
    /// Building and dwelling of rows that were taken, by what their cells say.
    places: BTreeMap<String, (String, String)>,
    /// Did somebody decide that who is found by name and birth in another dwelling moved?
    moves: bool,
}

impl Import {
    /// Whoever is found by name and birth in another dwelling moved, if `moves`; else it is asked.
    pub fn moving(moves: bool) -> Self {
        Self { moves, ..Self::default() }
    }
}

/// What became of a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// It began a record.
    New,
    /// It changed one.
    Updated,
    /// It said nothing new.
    Unchanged,
    /// These values do not come in.
    Refused(Vec<Refusal>),
    /// Somebody must decide which of these persons it means, if any.
    Asks(Question, BTreeSet<PersonId>),
}

/// What became of a row, and what is to be known of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    /// What became of it.
    pub verdict: Verdict,
    /// Persons who may be the same human as the new one.
    pub possibly: BTreeMap<PersonId, Why>,
    /// What was passed over in it, and what else is to be known.
    pub notes: Vec<Words>,
    /// Did it say that a person lives elsewhere than until now?
    pub moved: bool,
}

/// The cells of a row, by kind and event.
pub(crate) struct Cells<'r>(BTreeMap<(&'static str, &'static str), Vec<(&'static Spec, &'r str)>>);

/// What a row comes to.
#[derive(Default)]
pub(crate) struct Drawn {
    is_new: bool,
    /// Persons of the same name as somebody who was begun by the name alone.
    namesakes: BTreeSet<PersonId>,
    changed: bool,
    possibly: BTreeMap<PersonId, Why>,
    notes: Vec<Words>,
    moved: bool,
}

const MOVED: Words = words(
    "此人原登记在另一住处，按迁居处理，原居住记录已于今日结束",
    "this person lived elsewhere until now and moved: the former residence ends today",
);
const NAME_ALONE: Words = words(
    "表中只有姓名，已有同名的人，另立一人待核实",
    "the name alone is given, and others have it: somebody new was begun, to be verified",
);
const OLD_NUMBER: Words = words(
    "证件号码不是18位号码，未录入",
    "what stands for the document's number is none of 18 characters and was passed over",
);

impl<'r> Cells<'r> {
    fn of(row: &'r Row, notes: &mut Vec<Words>) -> Self {
        let mut cells: BTreeMap<_, Vec<_>> = BTreeMap::new();
        for (column, text) in row.cells() {
            let text = text.trim();
            let is_number =
                column.kind == Person::NAME && column.field.name == person::NUMBER.spec.name;
            if text.is_empty() || (is_number && column.says_none(text)) {
                continue;
            }
            if is_number && identity(text, true) == Err(Reason::IdentityOld) {
                notes.push(OLD_NUMBER);
                continue;
            }
            cells.entry((column.kind, column.event)).or_default().push((&column.field, text));
        }
        Self(cells)
    }

    /// What is given for a record of a kind.
    pub(crate) fn given(&self, kind: &'static str) -> Vec<(&'static str, &'r str)> {
        self.said_by(kind, "").map(|(spec, text)| (spec.name, text)).collect()
    }

    /// What is given for an event.
    pub(crate) fn said_by(
        &self,
        kind: &'static str,
        event: &'static str,
    ) -> impl Iterator<Item = (&'static Spec, &'r str)> {
        self.0.get(&(kind, event)).into_iter().flatten().copied()
    }

    fn has(&self, kind: &'static str) -> bool {
        self.0.keys().any(|(own, _)| *own == kind)
    }
}

/// The kind that a sheet is of.
pub(crate) fn subject_of(sheet: &Sheet) -> Option<&'static Kind> {
    let of = |kind: &&&'static Kind| kind.sheets.iter().any(|own| own.name == sheet.name);
    kinds::ALL.iter().find(of).copied()
}

/// Names in one cell.
fn names(cell: &str) -> impl Iterator<Item = &str> {
    let parts = cell.split(['、', ',', '，', ';', '；', '/', '\n']).map(str::trim);
    parts.filter(|name| !name.is_empty())
}

impl<T: Transaction> Records<'_, T> {
    /// Takes in a portion of rows, in order. What somebody decided of a row stands by its number in
    /// the portion.
    ///
    /// # Errors
    /// If the store cannot answer: then the step must be dropped.
    pub fn import(
        &mut self,
        import: &mut Import,
        rows: &[Row],
        decided: &BTreeMap<usize, Decision>,
    ) -> Result<Vec<Outcome>, Failure> {
        let take = |(number, row): (usize, &Row)| {
            self.import_row(import, row, decided.get(&number).copied())
        };
        rows.iter().enumerate().map(take).collect()
    }

    fn import_row(
        &mut self,
        import: &mut Import,
        row: &Row,
        decided: Option<Decision>,
    ) -> Result<Outcome, Failure> {
        let mut drawn = Drawn::default();
        let cells = Cells::of(row, &mut drawn.notes);
        let drawing = self.draw(import, row, &cells, decided, &mut drawn);
        if !drawn.namesakes.is_empty() {
            drawn.possibly.extend(drawn.namesakes.iter().map(|person| (*person, Why::Name)));
            drawn.notes.push(NAME_ALONE);
        }
        let verdict = match drawing {
            Ok(()) if drawn.is_new => Verdict::New,
            Ok(()) if drawn.changed => Verdict::Updated,
            Ok(()) => Verdict::Unchanged,
            Err(Stop::Refused(refusals)) => Verdict::Refused(refusals),
            Err(Stop::Asks(question, persons)) => Verdict::Asks(question, persons),
            Err(Stop::Failure(failure)) => return Err(failure),
        };
        if drawn.moved {
            drawn.notes.push(MOVED);
        }
        let Drawn { possibly, notes, moved, .. } = drawn;
        Ok(Outcome { verdict, possibly, notes, moved })
    }

    fn draw(
        &mut self,
        import: &mut Import,
        row: &Row,
        cells: &Cells<'_>,
        decided: Option<Decision>,
        drawn: &mut Drawn,
    ) -> Result<(), Stop> {
        let sheet = row.sheet();
        let kind = subject_of(sheet).ok_or(Failure::NoRecord)?;
        let has = |name: &str| sheet.columns.iter().any(|column| column.kind == name);
        let has_events = sheet.columns.iter().any(|column| !column.event.is_empty());
        if has(Residence::NAME) {
            return self.draw_dweller(import, cells, decided, drawn);
        }
        if has_events {
            return self.draw_run(kind, cells, drawn);
        }
        let mut plans = Vec::new();
        let mut given = self.given_with_names(kind, cells, &mut plans)?;
        if has(Person::NAME) {
            self.link_person(kind, cells, decided, &mut given, &mut plans)?;
        }
        drawn.namesakes = self.namesakes_of(&plans);
        let record = self.record_meant(kind, &given);
        let given: Vec<(&str, &str)> =
            given.iter().map(|(field, text)| (*field, text.as_str())).collect();
        self.plan_places(kind, &given, &mut plans)?;
        let main = self.plan(kind, record.as_deref(), &given)?;
        self.draw_all(plans, main, drawn)?;
        Ok(())
    }

    /// Drafts what a row comes to; its verdict is that of its main record.
    pub(crate) fn draw_all(
        &mut self,
        others: Vec<Planned>,
        main: Planned,
        drawn: &mut Drawn,
    ) -> Result<(), Failure> {
        drawn.is_new |= main.before.is_none();
        for planned in others.into_iter().chain([main]) {
            let planned = without_what_is_known(planned);
            drawn.changed |= self.apply(&planned)?;
        }
        Ok(())
    }

    /// Persons who are called like somebody who begins with this row, and may be the same human.
    pub(crate) fn namesakes_of(&self, plans: &[Planned]) -> BTreeSet<PersonId> {
        let known = &self.memory.known;
        let is_new = |own: &&Planned| own.kind.name == Person::NAME && own.before.is_none();
        let names = plans.iter().filter(is_new).filter_map(|own| {
            own.wanted.get(person::NAME.spec.name).and_then(wanted_text).map(folded)
        });
        let called = |name: String| known.by(By::PersonName, &name).collect::<Vec<_>>();
        let persons = names.flat_map(called).filter_map(|own| PersonId::parse(&own.name));
        persons.map(|person| self.resolve(person)).filter(|own| !known.is_erased(*own)).collect()
    }

    /// What the cells give for a record, with ids in the place of names of persons.
    fn given_with_names(
        &mut self,
        kind: &'static Kind,
        cells: &Cells<'_>,
        plans: &mut Vec<Planned>,
    ) -> Result<Vec<(&'static str, String)>, Stop> {
        let mut given = Vec::new();
        let before = self.already_there(kind, cells)?;
        for (spec, text) in cells.said_by(kind.name, "") {
            if !matches!(spec.holds.inner(), Type::Person) {
                given.push((spec.name, text.to_owned()));
                continue;
            }
            for name in names(text) {
                let person = self.named(name, &before, plans)?;
                given.push((spec.name, person.to_string()));
            }
        }
        Ok(given)
    }

    /// The persons whom a record names already.
    fn already_there(
        &mut self,
        kind: &'static Kind,
        cells: &Cells<'_>,
    ) -> Result<BTreeSet<PersonId>, Stop> {
        let is_person = |spec: &&Spec| matches!(spec.holds.inner(), Type::Person);
        let plain: Vec<(&str, &str)> = (cells.said_by(kind.name, ""))
            .filter(|(spec, _)| !is_person(spec))
            .map(|(spec, text)| (spec.name, text))
            .collect();
        let fields: Vec<&Spec> = kind.fields.iter().filter(is_person).collect();
        let is_found = matches!(kind.naming, Naming::Made(_)) || !found_by(kind).is_empty();
        if !is_found || fields.is_empty() {
            return Ok(BTreeSet::new());
        }
        let before: Vec<Plain> = match kind.naming {
            Naming::Made(_) => self.plan(kind, None, &plain)?.before.into_iter().collect(),
            _ => self.found_by_row(kind, &plain).into_iter().cloned().collect(),
        };
        let mut persons = BTreeSet::new();
        for (before, spec) in before.iter().flat_map(|own| fields.iter().map(move |s| (own, s))) {
            let named: Vec<&str> = match spec.holds.is_list() {
                true => before.entries(spec.name),
                false => texts(before.values(spec.name)).collect(),
            };
            persons.extend(named.into_iter().filter_map(PersonId::parse));
        }
        Ok(persons)
    }

    /// The person whom a sheet of posts or patrols names: one who is named there already, or
    /// serves elsewhere; else somebody new, to be verified. A name alone identifies no resident.
    pub(crate) fn named(
        &mut self,
        name: &str,
        before: &BTreeSet<PersonId>,
        plans: &mut Vec<Planned>,
    ) -> Result<PersonId, Stop> {
        let sought = folded(name);
        let known = &self.memory.known;
        let is_named = |person: &&PersonId| known.names(**person).contains(&sought);
        if let Some(person) = before.iter().find(is_named) {
            return Ok(*person);
        }
        let is_planned = |own: &&Planned| {
            let own = own.wanted.get(person::NAME.spec.name).and_then(wanted_text);
            own.is_some_and(|own| folded(own) == sought)
        };
        if let Some(planned) = plans.iter().find(is_planned) {
            return Ok(PersonId::parse(&planned.name).ok_or(Failure::NoRecord)?);
        }
        let serving = known.on_duty(name);
        match serving.first() {
            Some(one) if serving.len() == 1 => Ok(*one),
            Some(_) => Err(Stop::Asks(Question::Several, serving)),
            None => self.plan_new(&[(person::NAME.spec.name, name)], plans),
        }
    }

    /// Somebody who is known by a post or a patrol alone.
    fn plan_new(
        &mut self,
        given: &[(&str, &str)],
        plans: &mut Vec<Planned>,
    ) -> Result<PersonId, Stop> {
        let status = (person::STATUS.spec.name, Status::ToVerify.code());
        let given: Vec<(&str, &str)> = given.iter().copied().chain([status]).collect();
        let mut planned = self.plan(&Person::KIND, None, &given)?;
        self.keep_number(&mut planned)?;
        let person = PersonId::parse(&planned.name).ok_or(Failure::NoRecord)?;
        plans.push(planned);
        Ok(person)
    }

    /// Finds who is meant beside a post or a registration, and lets the record name him.
    fn link_person(
        &mut self,
        kind: &'static Kind,
        cells: &Cells<'_>,
        decided: Option<Decision>,
        given: &mut Vec<(&'static str, String)>,
        plans: &mut Vec<Planned>,
    ) -> Result<(), Stop> {
        let field = person_field(kind).ok_or(Failure::NoRecord)?;
        if !cells.has(Person::NAME) {
            // A post without a name is vacant.
            if kind.name == Chief::NAME {
                given.push((chief::HOLDER.spec.name, String::new()));
            }
            return Ok(());
        }
        let said = cells.given(Person::NAME);
        let person = self.person_beside(kind, cells, &said, decided, plans)?;
        given.push((field, person.to_string()));
        Ok(())
    }

    fn person_beside(
        &mut self,
        kind: &'static Kind,
        cells: &Cells<'_>,
        said: &[(&'static str, &str)],
        decided: Option<Decision>,
        plans: &mut Vec<Planned>,
    ) -> Result<PersonId, Stop> {
        let text = |field: &str| said.iter().find(|(own, _)| *own == field).map(|(_, text)| *text);
        let name = text(person::NAME.spec.name).unwrap_or_default();
        // What is said of him comes in, or the row does not.
        let checks = self.tx.circumstance().checks(self.invented);
        let checked = schema_documents::enter(&Person::KIND, said, None, &checks);
        let checked = checked.map_err(Stop::Refused)?;
        let number = checked.wanted.get(person::NUMBER.spec.name).and_then(wanted_text);
        let digests = number.map(|number| self.digests(number)).transpose()?.unwrap_or_default();
        match decided {
            Some(Decision::Same(person)) => return self.plan_known(person, said, plans),
            Some(Decision::Other) => return self.plan_new(said, plans),
            None => {}
        }
        let before = self.already_there(kind, cells)?;
        let sought = folded(name);
        let known = &self.memory.known;
        let is_named = |person: &&PersonId| known.names(**person).contains(&sought);
        let fits = |person: &&PersonId| !self.has_other_number(**person, &digests);
        if let Some(person) = before.iter().filter(is_named).find(fits) {
            return self.plan_known(*person, said, plans);
        }
        let sought = Sought { name, birth: None, digests: &digests, dwelling: None };
        if !digests.is_empty() {
            match known.identify(sought, &Meant::new()) {
                Found::This(person) => return self.plan_known(person, said, plans),
                Found::Asks(question, persons) => return Err(Stop::Asks(question, persons)),
                Found::Nobody(_) => {}
            }
        }
        // A registration number is one person's: namesakes have numbers of their own.
        if kind.name == Volunteer::NAME {
            return match before.is_empty() {
                true => self.plan_new(said, plans),
                false => Err(Stop::Asks(Question::OtherName, before)),
            };
        }
        let serving = known.on_duty(name);
        let serving: BTreeSet<PersonId> = serving.iter().filter(fits).copied().collect();
        match serving.first() {
            Some(one) if serving.len() == 1 => self.plan_known(*one, said, plans),
            Some(_) => Err(Stop::Asks(Question::Several, serving)),
            None => self.plan_new(said, plans),
        }
    }

    /// Is another number known of a person?
    fn has_other_number(&self, person: PersonId, digests: &[String]) -> bool {
        let own = self.memory.known.person(person);
        let mut own = own.into_iter().flat_map(|own| own.texts(&person::DIGEST)).peekable();
        !digests.is_empty() && own.peek().is_some() && !own.any(|d| digests.iter().any(|o| o == d))
    }

    /// Says of a known person what a row says.
    pub(crate) fn plan_known(
        &mut self,
        person: PersonId,
        said: &[(&str, &str)],
        plans: &mut Vec<Planned>,
    ) -> Result<PersonId, Stop> {
        let mut planned = self.plan(&Person::KIND, Some(&person.to_string()), said)?;
        self.keep_number(&mut planned)?;
        plans.push(planned);
        Ok(person)
    }

    /// The record that a row means, where its kind's naming does not find it.
    fn record_meant(
        &self,
        kind: &'static Kind,
        given: &[(&'static str, String)],
    ) -> Option<String> {
        let given: Vec<(&str, &str)> =
            given.iter().map(|(field, text)| (*field, text.trim())).collect();
        if kind.name == Building::NAME {
            let text = |spec: &Spec| {
                given.iter().find(|(own, _)| *own == spec.name).map(|(_, text)| *text)
            };
            let estate = made(Estate::NAME, &[text(&building::ESTATE.spec)?]);
            let place = joined(&[&estate, text(&building::NUMBER.spec)?]);
            let found = self.memory.known.by(By::BuildingPlace, &place).next();
            return found.map(|own| own.name.clone());
        }
        self.found_by_row(kind, &given).first().map(|own| own.name.clone())
    }

    /// The records that say what a row gives in the fields by which rows find them. A person who
    /// is not given is not asked for.
    fn found_by_row(&self, kind: &'static Kind, given: &[(&str, &str)]) -> Vec<&Plain> {
        let checks = self.tx.circumstance().checks(self.invented);
        let said = |field: &str| {
            let (_, text) = given.iter().find(|(own, _)| *own == field)?;
            let value = read_written(kind.field(field)?, text, &checks).ok()??;
            Some(value.text())
        };
        let human = |text: &str| PersonId::parse(text).map(|person| self.resolve(person));
        let is_same = |own: &str, text: &str| {
            own == text || human(own).is_some_and(|own| Some(own) == human(text))
        };
        let Some((first, rest)) = found_by(kind).split_first() else { return Vec::new() };
        let Some(key) = said(first) else { return Vec::new() };
        let said: Vec<(&str, String)> =
            rest.iter().filter_map(|field| Some((*field, said(field)?))).collect();
        let says = |own: &&Plain| {
            said.iter().all(|(field, text)| texts(own.values(field)).any(|own| is_same(own, text)))
        };
        self.memory.known.by(By::Row(kind.name), &key).filter(says).collect()
    }

    /// Records that a row refers to by what names them, where nothing else is needed of them: an
    /// estate, a grid.
    pub(crate) fn plan_places(
        &mut self,
        kind: &'static Kind,
        given: &[(&str, &str)],
        plans: &mut Vec<Planned>,
    ) -> Result<(), Stop> {
        for spec in kind.fields {
            let referred = match spec.holds {
                Type::Made(name) | Type::Record(&[name]) => kind_of(name),
                _ => None,
            };
            let text = given.iter().find(|(own, _)| *own == spec.name).map(|(_, text)| text.trim());
            let (Some(other), Some(text)) = (referred, text.filter(|text| !text.is_empty())) else {
                continue;
            };
            let (Naming::Made(&[part]) | Naming::Digits(part)) = other.naming else { continue };
            let is_enough = other.fields.iter().all(|own| !own.required || own.name == part);
            let checks = self.tx.circumstance().checks(self.invented);
            if !is_enough || !matches!(read_written(spec, text, &checks), Ok(Some(_))) {
                continue;
            }
            match self.plan(other, None, &[(part, text)]) {
                Ok(planned) if planned.before.is_none() => plans.push(planned),
                // What does not come in is refused where the row says it.
                Ok(_) | Err(Stop::Refused(_) | Stop::Asks(..)) => {}
                Err(failure) => return Err(failure),
            }
        }
        Ok(())
    }
}

/// A sheet does not settle what is contested, nor make less exact what is known: what is said
/// already, in one of the values, is nothing new.
pub(crate) fn without_what_is_known(mut planned: Planned) -> Planned {
    let Some(before) = &planned.before else { return planned };
    let is_name =
        |field: &str| planned.kind.name == Person::NAME && field == person::NAME.spec.name;
    let is_birth =
        |field: &str| planned.kind.name == Person::NAME && field == person::BIRTH.spec.name;
    let is_known = |field: &str, wanted: &Wanted| {
        let Some(new) = wanted_text(wanted) else { return false };
        texts(before.values(field)).any(|own| {
            own == new
                || (is_name(field) && folded(own) == folded(new))
                || (is_birth(field) && new.len() < own.len() && births_agree(own, new))
        })
    };
    let known: Vec<String> = (planned.wanted.iter())
        .filter(|(field, wanted)| is_known(field, wanted))
        .map(|(field, _)| field.clone())
        .collect();
    for field in known {
        planned.wanted.remove(&field);
    }
    planned
}
