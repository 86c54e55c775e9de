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
use node_replication::{history, log};
use node_views::scalar;
use schema_documents::kinds::import::{self, Import, Portion};
use schema_documents::{Declared, Key, Kind, Scalar, Wanted};
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

pub(super) type Name = (&'static str, String);

/// A record that an import wrote into.
#[derive(Debug)]
pub(super) struct Touched {
    pub(super) kind: &'static Kind,
    document: DocumentId,
    /// What each field said before, for those that nobody changed since.
    pub(super) before: BTreeMap<String, Value>,
    /// Fields that somebody changed since.
    changed: Vec<String>,
    /// Did it begin with the import?
    pub(super) is_new: bool,
    /// Did the import say that something happened to it?
    happened: bool,
}

/// What an import wrote, by record.
pub(super) type Touches = BTreeMap<Name, Touched>;

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
}

impl Touched {
    /// Does all of a new record stay, whatever refers to it?
    pub(super) fn stays_whole(&self) -> bool {
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
pub(super) fn parts(key: &str) -> Option<(Name, Option<&str>)> {
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
