//! Taking an import back: each value that it put gives way to the one that was there before.
//!
//! ```text
//!   the import's envelopes -> what they put, and instead of what -> by record -> drafted, or kept
//! ```
//! What was written since is kept and told: a value that somebody changed, a record that the
//! import began and that somebody changed or that something else refers to, and what happened (an
//! event stands for ever).

use std::collections::{BTreeMap, BTreeSet};
use std::str::FromStr as _;

use node_replication::change::{self, OpId};
use node_replication::document::{Document, Value};
use node_replication::store::{ReadError, ReadStore};
use node_replication::{history, log};
use node_views::scalar;
use schema_documents::kinds::import::{self, Import, Portion};
use schema_documents::kinds::person::Person;
use schema_documents::{
    Declared, Event, Key, Kind, Named as _, Naming, Said, Scalar, Subject, Wanted, kinds,
};
use schema_wire::{DocumentId, Hash, Item, Ms, Payload};

use super::ID_DIGITS;
use crate::plain::Stated;
use crate::records::{Failure, Planned, Records, kind_of, subject_of};
use crate::transaction::{Reading, Transaction};

/// What taking an import back comes to.
#[derive(Debug, Clone, Default)]
pub struct Undoing {
    /// Records that the import began, and that are none any more.
    pub removed: u64,
    /// Records that it changed, and that say again what they said before.
    pub restored: u64,
    /// What stays, and why.
    pub kept: Vec<Kept>,
}

/// A record of which something stays as it is.
#[derive(Debug, Clone)]
pub struct Kept {
    /// Its kind.
    pub kind: &'static Kind,
    /// Its name.
    pub record: String,
    /// Why.
    pub why: KeptWhy,
}

/// Why a record stays.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum KeptWhy {
    /// These fields were changed since.
    Changed(Vec<String>),
    /// Something that stays refers to it, or it says something of a person who stays.
    Referred,
    /// What the import says that happened to it stands.
    Happened,
    /// This node has no key of what stood there before.
    Closed,
}

type Name = (&'static str, String);

/// A record that an import wrote into.
#[derive(Debug)]
struct Touched {
    kind: &'static Kind,
    document: DocumentId,
    /// What each field said before, for those that nobody changed since.
    before: BTreeMap<String, Value>,
    /// Fields that somebody changed since.
    changed: Vec<String>,
    /// Did it begin with the import?
    is_new: bool,
    /// Did the import say that something happened to it?
    happened: bool,
}

/// What an import wrote, by record.
type Touches = BTreeMap<Name, Touched>;

impl<T: Transaction> Records<'_, T> {
    /// Drafts that an import is taken back, and says what it comes to.
    ///
    /// # Errors
    /// If there is no such import, or the store cannot answer.
    pub fn undo_import(&mut self, name: &str) -> Result<Undoing, Failure> {
        let began = Ms::of(self.imported(name)?.at_ms);
        let mut touched = Touches::new();
        for (document, envelopes) in self.envelopes_of(name)? {
            self.touch(&document, &envelopes, &mut touched)?;
        }
        let referred = self.referred(&touched, began)?;
        let mut undoing = Undoing::default();
        for ((_, record), own) in touched {
            self.take_back(record, own, &referred, &mut undoing)?;
        }
        let today = Scalar::Text(self.tx.circumstance().today.to_string());
        self.put_import(name, [(import::UNDONE.spec.name, today)])?;
        Ok(undoing)
    }

    fn take_back(
        &mut self,
        record: String,
        own: Touched,
        referred: &BTreeSet<Name>,
        undoing: &mut Undoing,
    ) -> Result<(), Failure> {
        let Touched { kind, document, before, changed, is_new, happened } = own;
        let mut keep = |record: &str, why| {
            undoing.kept.push(Kept { kind, record: record.to_owned(), why });
        };
        let is_referred = referred.contains(&(kind.name, record.clone()));
        if happened {
            keep(&record, KeptWhy::Happened);
        }
        if !changed.is_empty() {
            keep(&record, KeptWhy::Changed(changed.clone()));
        } else if is_new && is_referred && !happened {
            keep(&record, KeptWhy::Referred);
        }
        if is_new && (happened || is_referred || !changed.is_empty()) {
            return Ok(());
        }
        let Some(wanted) = self.said_before(kind, &record, &document, before)? else {
            keep(&record, KeptWhy::Closed);
            return Ok(());
        };
        if wanted.is_empty() {
            return Ok(());
        }
        match is_new {
            true => undoing.removed += 1,
            false => undoing.restored += 1,
        }
        let now = self.record(kind, &record, &document)?;
        let before = now.map(|now| self.opened(kind, &now, &document)).transpose()?;
        self.apply(&Planned { kind, name: record, document: document.clone(), wanted, before })?;
        // What lookups know of it is read again.
        self.memory.known.forget(&document);
        Ok(())
    }

    /// What fields shall say again. What was sealed is opened here, to be sealed anew.
    fn said_before(
        &mut self,
        kind: &'static Kind,
        record: &str,
        document: &DocumentId,
        before: BTreeMap<String, Value>,
    ) -> Result<Option<BTreeMap<String, Wanted>>, Failure> {
        let read = self.tx.document(document)?;
        let place = format!("{}/{record}", kind.name);
        let text = |field: &str| match read.preferred(&format!("{place}/{field}")) {
            Some(Value::Text(text)) => Some(text.to_string()),
            _ => None,
        };
        let subject = subject_of(kind, record, text);
        let mut wanted = BTreeMap::new();
        for (field, value) in before {
            let said = match (&value, subject) {
                (Value::Bytes(sealed), Some(subject)) => {
                    match self.open((document, &place, &field), subject, sealed)? {
                        Stated::Text(text) => Wanted::Sealed(text),
                        Stated::Nothing => Wanted::Plain(Scalar::Null),
                        Stated::Closed | Stated::Unreadable(_) => return Ok(None),
                    }
                }
                (Value::Bytes(_), None) => return Ok(None),
                (value, _) => Wanted::Plain(scalar(value)),
            };
            wanted.insert(field, said);
        }
        Ok(Some(wanted))
    }
}

impl<T: Reading> Records<'_, T> {
    /// The envelopes that carry an import, by document. What somebody else wrote into its record
    /// and is none of the unit's is passed over.
    fn envelopes_of(
        &mut self,
        name: &str,
    ) -> Result<BTreeMap<DocumentId, BTreeSet<Hash>>, Failure> {
        let document = self.place_of(&Portion::KIND, name, Some(name))?;
        let contents = self.contents_of(&document, &format!("{}/", Portion::KIND.name))?;
        let mut ids = BTreeSet::new();
        for record in contents.records.values() {
            let Some(portion) = record.of::<Portion>() else { continue };
            for text in portion.list(&import::ENVELOPES) {
                let digits = text.as_bytes().chunks(ID_DIGITS).map(str::from_utf8);
                ids.extend(digits.filter_map(|digits| Hash::from_str(digits.ok()?).ok()));
            }
        }
        let unit = self.tx.circumstance().unit.clone();
        let mut found: BTreeMap<DocumentId, BTreeSet<Hash>> = BTreeMap::new();
        for id in ids {
            let stored = log::item(self.tx.parts().0, &id)?.map(|stored| stored.item);
            let Some(Item::Envelope(envelope)) = stored else { continue };
            let document = envelope.header().claims().document.clone();
            let own_record = document.class().number() == Import::KIND.home.number;
            if *document.owner() == unit && !own_record {
                found.entry(document).or_default().insert(id);
            }
        }
        Ok(found)
    }

    /// Finds what envelopes put in a document, what was there before, and whether it stands still:
    /// the document is built anew beside it.
    fn touch(
        &mut self,
        document: &DocumentId,
        envelopes: &BTreeSet<Hash>,
        touched: &mut Touches,
    ) -> Result<(), Failure> {
        let now = self.tx.document(document)?;
        let store = self.tx.parts().0;
        let mut then = Document::default();
        let mut own: BTreeSet<OpId> = BTreeSet::new();
        let mut before: BTreeMap<String, Value> = BTreeMap::new();
        for entry in history::counting_after(store, document, 0)? {
            let envelope = history::envelope(store, &entry.id)?;
            let Payload::Changes(bytes) = envelope.content() else { continue };
            let Ok((change, _)) = change::read(bytes) else { continue };
            let is_own = envelopes.contains(&entry.id);
            for (number, put) in (0..).zip(&change.puts).filter(|_| is_own) {
                begin(document, &then, put.key, touched);
                // What the import itself put is not what was there before.
                if !before.contains_key(put.key) || !puts_all(&then, put.key, &own) {
                    let was = then.preferred(put.key).cloned().unwrap_or(Value::Null);
                    before.insert(put.key.to_owned(), was);
                }
                own.insert(change.op(number));
            }
            then.apply(&change);
        }
        for (key, was) in before {
            let Some((name, Some(field))) = parts(&key) else { continue };
            let Some(record) = touched.get_mut(&name) else { continue };
            match puts_all(&now, &key, &own) {
                true => drop(record.before.insert(field.to_owned(), was)),
                false => record.changed.push(field.to_owned()),
            }
        }
        let new = touched.iter_mut().filter(|(_, own)| own.is_new && own.document == *document);
        new.for_each(|(name, own)| own.note_later(name, &now));
        Ok(())
    }

    /// The records that the import began and that must stay, since something that stays refers to
    /// them. A name that is made of what people write may have been referred to before there was
    /// such a record: that says nothing.
    fn referred(&mut self, touched: &Touches, began: Ms) -> Result<BTreeSet<Name>, Failure> {
        let new = touched.iter().filter(|(_, own)| own.is_new);
        let named: BTreeMap<&str, &Name> = new.map(|(name, _)| (name.1.as_str(), name)).collect();
        let mut stays: BTreeSet<Name> = BTreeSet::new();
        let mut refers: BTreeMap<Name, BTreeSet<Name>> = BTreeMap::new();
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
                let from = referrer(key, touched);
                for (op, value) in read.puts(key) {
                    let to = said_in(value).into_iter();
                    let to = to.filter_map(|text| named.get(text.as_str()).copied().cloned());
                    let to: Vec<Name> = to.collect();
                    match &from {
                        _ if to.is_empty() => {}
                        Some(from) => refers.entry(from.clone()).or_default().extend(to),
                        None => {
                            if put_at.is_none() {
                                put_at = Some(times(self.tx.parts().0, &document)?);
                            }
                            let at = put_at.as_ref().and_then(|all| all.get(&op)).copied();
                            let is_later = at.is_none_or(|at| at >= began);
                            stays.extend(to.into_iter().filter(|to| is_later || !is_made(to)));
                        }
                    }
                }
            }
        }
        stays.extend(touched.iter().filter(|(_, own)| own.stays_whole()).map(|(n, _)| n.clone()));
        // What is said of a person who stays, stays with him: where he lives, how he came.
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
        Ok(stays)
    }
}

/// Does a record that the import began say something of one person?
fn is_about_a_person(name: &Name, touched: &Touches) -> bool {
    touched.get(name).is_some_and(|own| own.is_new && matches!(own.kind.subject, Subject::Field(_)))
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

impl Touched {
    /// Does all of a new record stay, whatever refers to it?
    fn stays_whole(&self) -> bool {
        self.is_new && (self.happened || !self.changed.is_empty())
    }

    /// Notes what others said of a record that the import began.
    fn note_later(&mut self, (kind, record): &Name, now: &Document) {
        let prefix = format!("{kind}/{record}/");
        let keys = now.keys_from(&prefix).take_while(|key| key.starts_with(&prefix));
        for key in keys.filter(|key| says_something(now, key)) {
            let field = key[prefix.len()..].to_owned();
            if !self.before.contains_key(&field) && !self.changed.contains(&field) {
                self.changed.push(field);
            }
        }
    }
}

/// Notes the record of a key that an import puts; `then` is the document as it was just before.
fn begin(document: &DocumentId, then: &Document, key: &str, touched: &mut Touches) {
    let Some((name, field)) = parts(key) else { return };
    let Some(kind) = kind_of(name.0) else { return };
    let prefix = format!("{}/{}/", name.0, name.1);
    let own = touched.entry(name).or_insert_with(|| {
        let mut keys = then.keys_from(&prefix).take_while(|key| key.starts_with(&prefix));
        let is_new = !keys.any(|key| says_something(then, key));
        let (before, changed, document) = (BTreeMap::new(), Vec::new(), document.clone());
        Touched { kind, document, before, changed, is_new, happened: false }
    });
    own.happened |= field.is_none();
}

/// The record of a key, and its field; none of an event.
fn parts(key: &str) -> Option<(Name, Option<&str>)> {
    let (kind, record, field) = match Key::parse(key)? {
        Key::Field { kind, record, field } => (kind, record, Some(field)),
        Key::Event { kind, entity, .. } => (kind, entity, None),
    };
    Some(((kind_of(kind)?.name, record.to_owned()), field))
}

fn says_something(document: &Document, key: &str) -> bool {
    document.values(key).any(|value| *value != Value::Null)
}

/// Is each value of a key one of these operations'?
fn puts_all(document: &Document, key: &str, own: &BTreeSet<OpId>) -> bool {
    document.puts(key).all(|(op, _)| own.contains(&op))
}

/// Where a value that an import put is taken back if its record is; none of what stays anyway.
fn referrer(key: &str, touched: &Touches) -> Option<Name> {
    let (name, field) = parts(key)?;
    let own = touched.get(&name)?;
    own.before.contains_key(field?).then_some(name)
}

/// The texts that a value says in the clear, which may be names of records. Of one with the kind
/// before it, the name.
fn said_in(value: &Value) -> Vec<String> {
    let name = |text: &str| text.rsplit('/').next().unwrap_or_default().to_owned();
    match value {
        Value::Text(text) => vec![name(text)],
        Value::Bytes(bytes) => {
            let body = Event::from_bytes(bytes).map(|event| event.body).unwrap_or_default();
            let texts = body.iter().filter_map(|(_, said)| match said {
                Said::Text(text) => Some(name(text)),
                _ => None,
            });
            texts.collect()
        }
        Value::Null | Value::Boolean(_) | Value::Integer(_) => Vec::new(),
    }
}
