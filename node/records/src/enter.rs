//! Entering: records from names of fields with texts, and what happens to them.

use std::collections::{BTreeMap, BTreeSet};

use node_replication::document::Value;
use schema_documents::kinds::person::{self, Person};
use schema_documents::kinds::policy::{self, Policy};
use schema_documents::kinds::slot::{self, Slot};
use schema_documents::{
    Begins, Declared, Event, EventId, Kind, Naming, PersonId, Reason, Refusal, Said, Scalar,
    Wanted, enter, event_id, event_key, identity, made, read_written,
};
use schema_wire::DocumentId;

use crate::persons::Question;
use crate::plain::{Plain, Stated, texts};
use crate::records::{Failure, Planned, Records, is_erased, wanted_text};
use crate::transaction::{Reading, Transaction};

/// Why a row, or an entry, does not become records.
#[derive(Debug)]
pub(crate) enum Stop {
    Failure(Failure),
    Refused(Vec<Refusal>),
    Asks(Question, BTreeSet<PersonId>),
}

impl From<Failure> for Stop {
    fn from(failure: Failure) -> Self {
        Self::Failure(failure)
    }
}

impl From<Stop> for Failure {
    fn from(stop: Stop) -> Self {
        match stop {
            Stop::Failure(failure) => failure,
            Stop::Refused(refusals) => Self::Refused(refusals),
            Stop::Asks(..) => Self::NoRecord,
        }
    }
}

/// What was entered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entered {
    /// What it is called: the given name, or a new one.
    pub record: String,
    /// Where it lies.
    pub document: DocumentId,
    /// Was anything another before?
    pub changed: bool,
}

impl<T: Transaction> Records<'_, T> {
    /// Enters a record of any kind: names of fields with texts. With a name it is the record of
    /// that name, which must be there; without one it is the record that the kind's naming finds,
    /// or a new one. A person without a name is a new person: whoever enters him decides that.
    ///
    /// # Errors
    /// If something does not come in: then nothing is written of it.
    pub fn enter(
        &mut self,
        kind: &'static Kind,
        record: Option<&str>,
        given: &[(&str, &str)],
    ) -> Result<Entered, Failure> {
        let mut planned = self.plan(kind, record, given)?;
        if kind.name == Person::KIND.name {
            self.keep_number(&mut planned)?;
        }
        let changed = self.apply(&planned)?;
        let Planned { name, document, .. } = planned;
        Ok(Entered { record: name, document, changed })
    }

    /// Checks what shall be said of a record.
    pub(crate) fn plan(
        &mut self,
        kind: &'static Kind,
        record: Option<&str>,
        given: &[(&str, &str)],
    ) -> Result<Planned, Stop> {
        if let Some(name) = record {
            self.refuse_given_up(kind, name)?;
            let document = self.document_named(kind, name, given)?;
            let before = self.record(kind, name, &document)?.ok_or(Failure::NoRecord)?;
            let checks = self.tx.circumstance().checks(self.invented);
            let entry = enter(kind, given, Some(&before), &checks).map_err(Stop::Refused)?;
            let plain = self.opened(kind, &before, &document)?;
            if is_erased(&plain) {
                return Err(Failure::Erased.into());
            }
            keep_subject(kind, &plain, &entry.wanted)?;
            let (name, before) = (name.to_owned(), Some(plain));
            return Ok(Planned { kind, name, document, wanted: entry.wanted, before });
        }
        let checks = self.tx.circumstance().checks(self.invented);
        let entry = enter(kind, given, None, &checks).map_err(Stop::Refused)?;
        let name = match (kind.naming, entry.name) {
            (_, Some(name)) => name,
            (Naming::Person, None) => self.new_subject().to_string(),
            (_, None) => self.new_ulid(),
        };
        let told = kind.shard.asks().and_then(|field| entry.wanted.get(field));
        let told = told.and_then(wanted_text);
        let document = self.place_of(kind, &name, told)?;
        let is_named = matches!(kind.naming, Naming::Made(_) | Naming::Digits(_));
        if is_named && self.record(kind, &name, &document)?.is_some() {
            return self.plan_at(kind, &name, &document, given);
        }
        Ok(Planned { kind, name, document, wanted: entry.wanted, before: None })
    }

    /// What is said of an id that was given up would be shown nowhere.
    fn refuse_given_up(&self, kind: &Kind, name: &str) -> Result<(), Failure> {
        let person = PersonId::parse(name).filter(|_| kind.name == Person::KIND.name);
        let into = person.map(|person| (person, self.resolve(person)));
        match into.filter(|(person, into)| person != into) {
            Some((_, into)) => Err(Failure::GivenUp(into)),
            None => Ok(()),
        }
    }

    fn plan_at(
        &mut self,
        kind: &'static Kind,
        name: &str,
        document: &DocumentId,
        given: &[(&str, &str)],
    ) -> Result<Planned, Stop> {
        let before = self.record(kind, name, document)?.ok_or(Failure::NoRecord)?;
        let checks = self.tx.circumstance().checks(self.invented);
        let entry = enter(kind, given, Some(&before), &checks).map_err(Stop::Refused)?;
        let before = Some(self.opened(kind, &before, document)?);
        let (name, document) = (name.to_owned(), document.clone());
        Ok(Planned { kind, name, document, wanted: entry.wanted, before })
    }

    /// The document of a record that is there. Where the rule of shards asks for what it says, that
    /// is known or given; else it is looked for, as when what is given is wrong.
    fn document_named(
        &mut self,
        kind: &'static Kind,
        name: &str,
        given: &[(&str, &str)],
    ) -> Result<DocumentId, Stop> {
        let Some(field) = kind.shard.asks() else { return Ok(self.place_of(kind, name, None)?) };
        if let Some(plain) = self.memory.known.get(kind.name, name) {
            return Ok(self.place_of(kind, name, plain.preferred(field))?);
        }
        let checks = self.tx.circumstance().checks(self.invented);
        let text = given.iter().find(|(own, _)| *own == field).map(|(_, text)| *text);
        let read =
            text.zip(kind.field(field)).map(|(text, spec)| read_written(spec, text, &checks));
        if let Some(Ok(Some(value))) = read {
            let document = self.place_of(kind, name, Some(&value.text()))?;
            if self.record(kind, name, &document)?.is_some() {
                return Ok(document);
            }
        }
        Ok(self.find_document(kind, name)?.ok_or(Failure::NoRecord)?)
    }

    /// Puts the digest of a person's number beside it, and the number itself only where the
    /// unit's policy says so.
    pub(crate) fn keep_number(&mut self, planned: &mut Planned) -> Result<(), Failure> {
        let Some(number) = planned.wanted.get(person::NUMBER.spec.name) else { return Ok(()) };
        let digest = match wanted_text(number).map(str::to_owned) {
            Some(number) => {
                let known = planned.before.as_ref().map(|own| own.values(person::DIGEST.spec.name));
                let all = self.digests(&number)?;
                let is_known =
                    texts(known.unwrap_or_default()).any(|own| all.iter().any(|d| d == own));
                let first = all.into_iter().next();
                first.filter(|_| !is_known).map(Wanted::Sealed)
            }
            None => Some(Wanted::Plain(Scalar::Null)),
        };
        if let Some(digest) = digest {
            planned.wanted.insert(person::DIGEST.spec.name.to_owned(), digest);
        }
        if !self.keeps_numbers()? {
            planned.wanted.remove(person::NUMBER.spec.name);
        }
        Ok(())
    }

    /// The digests of a number under every pepper that counts.
    pub(crate) fn digests(&mut self, number: &str) -> Result<Vec<String>, Failure> {
        let of = document_type(number).code();
        let digest = |pepper| PersonId(schema_content::digest(&pepper, of, number)).to_string();
        Ok(self.peppers()?.into_iter().map(digest).collect())
    }

    /// Says that something happened to an entity: the event's name, the event that began what it
    /// goes on with, and what it says, as names of fields with texts. What the state does not
    /// allow is written all the same, and shown with its reason: the fold decides.
    ///
    /// # Errors
    /// If there is no such entity or event, or something does not come in.
    pub fn happen(
        &mut self,
        kind: &'static Kind,
        entity: &str,
        event: &str,
        begun_by: Option<EventId>,
        given: &[(&str, &str)],
    ) -> Result<EventId, Failure> {
        let document = match kind.shard.asks() {
            None => self.place_of(kind, entity, None)?,
            Some(_) => self.find_document(kind, entity)?.ok_or(Failure::NoRecord)?,
        };
        let record = self.record(kind, entity, &document)?.ok_or(Failure::NoRecord)?;
        let runs = kind.event(event).is_some_and(|(life, _)| life.begins == Begins::WithEvent);
        if kind.name == Slot::KIND.name && runs {
            let day = record.of::<Slot>().and_then(|slot| slot.get(&slot::DAY));
            self.refuse_ahead(day.map(|day| day.to_string()).as_deref())?;
        }
        let causes = begun_by.into_iter().collect();
        Ok(self.put_event(kind, entity, &document, event, causes, given)?)
    }

    pub(crate) fn put_event(
        &mut self,
        kind: &'static Kind,
        entity: &str,
        document: &DocumentId,
        name: &str,
        causes: Vec<EventId>,
        given: &[(&str, &str)],
    ) -> Result<EventId, Stop> {
        let texts = self.event_body(kind, name, given)?;
        let sealed_under = texts.iter().find_map(|(_, body)| match body {
            Body::Subject(subject) => Some(*subject),
            Body::Plain(_) | Body::Sealed(_) => None,
        });
        let place = format!("!{}/{entity}", kind.name);
        let mut body = Vec::new();
        for (field, text) in texts {
            let said = match text {
                Body::Plain(scalar) => Said::from(scalar),
                Body::Subject(subject) => Said::Text(subject.to_string()),
                Body::Sealed(text) => {
                    let subject = sealed_under.ok_or(Failure::NoEvent)?;
                    let place = (document, place.as_str(), field.as_str());
                    Said::Bytes(self.seal(place, subject.0, &text)?)
                }
            };
            body.push((field, said));
        }
        body.sort_by(|(one, _), (other, _)| one.cmp(other));
        let circumstance = self.tx.circumstance();
        let event = Event {
            kind: name.to_owned(),
            day: circumstance.today.to_string(),
            by: circumstance.by.clone(),
            causes,
            rules: Vec::new(),
            body,
        };
        let author = circumstance.author;
        let bytes = event.to_bytes().map_err(|_| Failure::NoEvent)?;
        let id = event_id(&author.0, kind.name, entity, &bytes);
        let value = Value::Bytes(bytes.into());
        self.want(document, event_key(kind.name, entity, id), value)?;
        Ok(id)
    }

    /// Checks what an event shall say. Where it says whose key its texts lie under and nobody was
    /// named, that is a new one.
    pub(crate) fn event_body(
        &mut self,
        kind: &'static Kind,
        name: &str,
        given: &[(&str, &str)],
    ) -> Result<Vec<(String, Body)>, Stop> {
        let (_, happening) = kind.event(name).ok_or(Failure::NoEvent)?;
        let new = self.new_subject();
        let checks = self.tx.circumstance().checks(self.invented);
        let (mut body, mut refusals) = (Vec::new(), Vec::new());
        let is_sealed = happening.body.iter().any(|spec| spec.holds.is_sealed());
        for spec in happening.body {
            let texts: Vec<&str> =
                given.iter().filter(|(own, _)| *own == spec.name).map(|(_, text)| *text).collect();
            let is_subject = is_sealed && spec.name == "subject";
            let mut number = 0;
            for text in texts {
                match read_written(spec, text, &checks) {
                    Err(reason) => refusals.push(refusal(spec, text, reason)),
                    Ok(None) => {}
                    Ok(Some(value)) => {
                        let field = match spec.holds.is_list() {
                            true => format!("{}.{number}", spec.name),
                            false => spec.name.to_owned(),
                        };
                        number += 1;
                        body.push((
                            field,
                            match value {
                                schema_documents::Value::Person(subject) if is_subject => {
                                    Body::Subject(subject)
                                }
                                value if spec.holds.is_sealed() => Body::Sealed(value.text()),
                                value => Body::Plain(value.scalar()),
                            },
                        ));
                    }
                }
            }
            match (number, is_subject) {
                (0, true) => body.push((spec.name.to_owned(), Body::Subject(new))),
                (0, false) if spec.required => refusals.push(refusal(spec, "", Reason::Missing)),
                _ => {}
            }
        }
        let unknown = given.iter().filter(|(own, _)| happening.field(own).is_none());
        refusals.extend(unknown.map(|(own, _)| Refusal {
            field: schema_documents::words("", ""),
            name: (*own).to_owned(),
            value: String::new(),
            reason: Reason::NoField,
        }));
        if refusals.is_empty() { Ok(body) } else { Err(Stop::Refused(refusals)) }
    }
}

impl<T: Reading> Records<'_, T> {
    /// Does the unit keep the numbers of documents?
    ///
    /// # Errors
    /// If the store cannot answer.
    pub fn keeps_numbers(&mut self) -> Result<bool, Failure> {
        let name = made(Policy::KIND.name, &[policy::KEEP_NUMBERS]);
        let document = self.place_of(&Policy::KIND, &name, None)?;
        let record = self.record(&Policy::KIND, &name, &document)?;
        let policy = record.as_ref().and_then(|record| record.of::<Policy>());
        Ok(policy.is_some_and(|policy| policy::is_chosen(&policy)))
    }
}

/// What an event says in a field.
pub(crate) enum Body {
    Plain(Scalar),
    Sealed(String),
    /// Whose key its texts lie under.
    Subject(PersonId),
}

pub(crate) fn refusal(spec: &schema_documents::Spec, value: &str, reason: Reason) -> Refusal {
    Refusal { field: spec.words, name: spec.name.to_owned(), value: value.to_owned(), reason }
}

/// What is sealed in a record lies under a key of the person whom it names: it names no other
/// person later.
fn keep_subject(
    kind: &'static Kind,
    before: &Plain,
    wanted: &BTreeMap<String, Wanted>,
) -> Result<(), Stop> {
    let schema_documents::Subject::Field(field) = kind.subject else { return Ok(()) };
    let (Some(spec), Some(new)) = (kind.field(field), wanted.get(field)) else { return Ok(()) };
    let same =
        |stated: &Stated| matches!(stated, Stated::Text(own) if wanted_text(new) == Some(own));
    if before.values(field).iter().all(same) {
        return Ok(());
    }
    let value = wanted_text(new).unwrap_or_default();
    Err(Stop::Refused(vec![refusal(spec, value, Reason::Fixed)]))
}

/// What a number is the number of.
pub(crate) fn document_type(number: &str) -> person::DocumentType {
    let is = |first: &[&str]| first.iter().any(|first| number.starts_with(first));
    match identity(number, true).ok().and_then(|identity| identity.birth) {
        None => person::DocumentType::Other,
        Some(_) if is(&["810000", "820000", "830000"]) => person::DocumentType::Permit,
        Some(_) if is(&["9"]) => person::DocumentType::Foreigner,
        Some(_) => person::DocumentType::Citizen,
    }
}
