//! What an import began and that stays when it is taken back: something that stays refers to it.

use std::collections::{BTreeMap, BTreeSet};

use node_replication::change::{self, OpId};
use node_replication::document::Value;
use node_replication::store::{ReadError, ReadStore};
use node_replication::{history, log};
use schema_documents::kinds::import::Import;
use schema_documents::kinds::person::Person;
use schema_documents::{Declared, Event, Kind, Named as _, Naming, Said, Subject, Type, kinds};
use schema_wire::{DocumentId, Ms, Payload};

use super::undo::{Name, Touches, parts};
use crate::plain::texts;
use crate::records::{Failure, Records, kind_of};
use crate::transaction::Reading;

impl<T: Reading> Records<'_, T> {
    /// The records that the import began and that must stay.
    pub(super) fn referred(
        &mut self,
        touched: &Touches,
        began: Ms,
    ) -> Result<BTreeSet<Name>, Failure> {
        let mut references = References::to_what(touched);
        self.refer_in_the_clear(&mut references, began)?;
        self.refer_sealed(&mut references)?;
        Ok(references.stay())
    }

    /// A name that is made of what people write may have been referred to before there was such a
    /// record: that says nothing.
    fn refer_in_the_clear(
        &mut self,
        references: &mut References<'_>,
        began: Ms,
    ) -> Result<(), Failure> {
        let classes: BTreeSet<u8> = kinds::ALL.iter().map(|kind| kind.home.number).collect();
        let unit = self.tx.circumstance().unit.clone();
        for document in log::documents(self.tx.parts().0)? {
            let is_own = *document.owner() == unit && classes.contains(&document.class().number());
            if !is_own || document.class().number() == Import::KIND.home.number {
                continue;
            }
            let read = self.tx.document(&document)?;
            let mut put_at = None;
            for key in read.keys_from("") {
                let from = parts(key).and_then(|(name, field)| references.taken_back(name, field?));
                for (op, value) in read.puts(key) {
                    let mut to = references.named(&said_in(value));
                    if to.is_empty() {
                        continue;
                    }
                    if from.is_none() {
                        if put_at.is_none() {
                            put_at = Some(times(self.tx.parts().0, &document)?);
                        }
                        let at = put_at.as_ref().and_then(|all| all.get(&op)).copied();
                        let is_later = at.is_none_or(|at| at >= began);
                        to.retain(|to| is_later || !is_made(to));
                    }
                    references.refer(from.as_ref(), to);
                }
            }
        }
        Ok(())
    }

    /// What is sealed refers too, as to where somebody lives. These names are made of nothing.
    fn refer_sealed(&mut self, references: &mut References<'_>) -> Result<(), Failure> {
        for kind in kinds::ALL.iter().filter(|kind| has_sealed_references(kind)) {
            for (name, plain) in self.plains(kind)? {
                for (field, values) in plain.fields.iter() {
                    if !is_sealed_reference(kind, field) {
                        continue;
                    }
                    let said: Vec<String> = texts(values).map(name_in).collect();
                    let from = references.taken_back((kind.name, name.clone()), field);
                    let to = references.named(&said);
                    references.refer(from.as_ref(), to);
                }
            }
        }
        Ok(())
    }
}

/// Who refers to what an import began.
struct References<'a> {
    touched: &'a Touches,
    /// What the import began, by name.
    new: BTreeMap<&'a str, Vec<&'a Name>>,
    /// What something refers to that stays whatever is taken back.
    stays: BTreeSet<Name>,
    /// What those refer to that are taken back unless something refers to them in turn.
    refers: BTreeMap<Name, BTreeSet<Name>>,
}

impl<'a> References<'a> {
    fn to_what(touched: &'a Touches) -> Self {
        let mut new: BTreeMap<&str, Vec<&Name>> = BTreeMap::new();
        for (name, _) in touched.iter().filter(|(_, own)| own.is_new) {
            new.entry(&name.1).or_default().push(name);
        }
        let whole = touched.iter().filter(|(_, own)| own.stays_whole());
        let stays = whole.map(|(name, _)| name.clone()).collect();
        Self { touched, new, stays, refers: BTreeMap::new() }
    }

    /// The record, if a value that stands in this field of it is taken back with it.
    fn taken_back(&self, name: Name, field: &str) -> Option<Name> {
        self.touched.get(&name)?.before.contains_key(field).then_some(name)
    }

    fn named(&self, said: &[String]) -> Vec<Name> {
        let new = said.iter().filter_map(|text| self.new.get(text.as_str()));
        new.flatten().copied().cloned().collect()
    }

    fn refer(&mut self, from: Option<&Name>, to: Vec<Name>) {
        match from {
            Some(from) if !to.is_empty() => {
                self.refers.entry(from.clone()).or_default().extend(to);
            }
            Some(_) => {}
            None => self.stays.extend(to),
        }
    }

    /// What stays, with all that it refers to. What is said of a person who stays, stays with him:
    /// where he lives, how he came.
    fn stay(self) -> BTreeSet<Name> {
        let Self { touched, mut stays, mut refers, .. } = self;
        let mut said_of: BTreeMap<Name, Vec<Name>> = BTreeMap::new();
        for (from, to) in refers.iter().filter(|(from, _)| is_about_a_person(from, touched)) {
            to.iter().for_each(|to| said_of.entry(to.clone()).or_default().push(from.clone()));
        }
        let mut next: Vec<Name> = stays.iter().cloned().collect();
        while let Some(name) = next.pop() {
            let to = refers.remove(&name).unwrap_or_default().into_iter();
            let said = match name.0 == Person::NAME {
                true => said_of.remove(&name).unwrap_or_default(),
                false => Vec::new(),
            };
            next.extend(to.chain(said).filter(|name| stays.insert(name.clone())));
        }
        stays
    }
}

/// Does a record that the import began say something of one person?
fn is_about_a_person(name: &Name, touched: &Touches) -> bool {
    touched.get(name).is_some_and(|own| own.is_new && matches!(own.kind.subject, Subject::Field(_)))
}

fn has_sealed_references(kind: &Kind) -> bool {
    kind.fields.iter().any(|spec| is_sealed_reference(kind, spec.name))
}

fn is_sealed_reference(kind: &Kind, field: &str) -> bool {
    let field = field.split_once('.').map_or(field, |(list, _)| list);
    let refers = |of: &Type| matches!(of, Type::Person | Type::Record(_) | Type::Made(_));
    kind.field(field).is_some_and(|spec| spec.holds.is_sealed() && refers(spec.holds.inner()))
}

/// When what stands in a document was put, as the envelopes claim.
fn times(store: &impl ReadStore, document: &DocumentId) -> Result<BTreeMap<OpId, Ms>, ReadError> {
    let mut times = BTreeMap::new();
    for entry in history::counting_after(store, document, 0)? {
        let envelope = history::envelope(store, &entry.id)?;
        let Payload::Changes(bytes) = envelope.content() else { continue };
        let Ok((change, _)) = change::read(bytes) else { continue };
        let ops = (0..).zip(&change.puts).map(|(number, _)| change.op(number));
        times.extend(ops.map(|op| (op, entry.at)));
    }
    Ok(times)
}

/// Is the name of a record made of what people write?
fn is_made((kind, _): &Name) -> bool {
    let naming = kind_of(kind).map(|kind| kind.naming);
    matches!(naming, Some(Naming::Made(_) | Naming::Digits(_)))
}

/// The texts that a value says in the clear, which may be names of records.
fn said_in(value: &Value) -> Vec<String> {
    match value {
        Value::Text(text) => vec![name_in(text)],
        Value::Bytes(bytes) => {
            let body = Event::from_bytes(bytes).map(|event| event.body).unwrap_or_default();
            let texts = body.iter().filter_map(|(_, said)| match said {
                Said::Text(text) => Some(name_in(text)),
                _ => None,
            });
            texts.collect()
        }
        Value::Null | Value::Boolean(_) | Value::Integer(_) => Vec::new(),
    }
}

/// The name in a reference, which may have the kind before it.
fn name_in(text: &str) -> String {
    text.rsplit('/').next().unwrap_or_default().to_owned()
}
