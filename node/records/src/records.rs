//! The records of a unit within one step: what is read, opened and sealed, and what shall be
//! written.

use std::collections::BTreeMap;
use std::sync::Arc;

use node_replication::document::{Document, Value};
use node_replication::log::{DocumentRecord, Reached, WriteError};
use node_replication::store::ReadError;
use node_views::{scalar, value};
use schema_content::{Opened, SealPlace, Unsealable};
use schema_documents::kinds::person::{self, Person};
use schema_documents::{
    AnyRecord, Contents, Kind, Named, PersonId, Scalar, Subject as Under, Type, Ulid, Unreadable,
    Wanted, kinds,
};
use schema_wire::{Audience, Band, Class, DocumentId, Hash, Keys, SubjectKey};

use crate::keyring::{self, Keyring, Subject, to_seal_with};
use crate::known::Known;
use crate::plain::{Fields, Plain, Stated};
use crate::transaction::{Reading, Transaction};
use crate::unreadable::Unreadables;

/// Operations of one change: section 10.1 allows 20,000.
const OPERATIONS_MAX: usize = 16_000;
/// Bytes that one change puts, below what an envelope holds.
const BYTES_MAX: usize = 600_000;
/// Values that one change replaces: section 10.1 allows 80,000.
const REPLACED_MAX: usize = 64_000;

/// What is kept in memory from one step to the next. Losing it loses nothing. It must be dropped
/// with a step that is dropped.
#[derive(Debug, Default)]
pub struct Memory {
    pub(crate) keyring: Keyring,
    pub(crate) known: Known,
    pub(crate) unreadable: Unreadables,
    /// How far the store was when what is known was last compared.
    compared: Option<Reached>,
}

/// Why something is not done.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// The store cannot answer, or what shall be written would not count.
    #[error(transparent)]
    Write(#[from] WriteError),
    /// There is no such record.
    #[error("there is no such record")]
    NoRecord,
    /// There is no such event, or it cannot go on with what was named.
    #[error("there is no such event")]
    NoEvent,
    /// The person was erased: nothing is written of him any more.
    #[error("the person was erased")]
    Erased,
    /// This node has no key of what a value is sealed under.
    #[error("no key of this is here")]
    Closed,
    /// What was given does not come in.
    #[error("{} values do not come in", .0.len())]
    Refused(Vec<schema_documents::Refusal>),
    /// The id was given up for this one.
    #[error("this id was given up for {0}")]
    GivenUp(PersonId),
    /// The person left or died already.
    #[error("the person is not here any more")]
    NotHere,
    /// How the person came was said already.
    #[error("the person is here already")]
    HereAlready,
    /// The person died.
    #[error("the person died")]
    Died,
    /// An id cannot be merged into itself, nor into one that was merged into it.
    #[error("these ids are one already")]
    Merged,
}

impl From<ReadError> for Failure {
    fn from(error: ReadError) -> Self {
        Self::Write(error.into())
    }
}

/// The records of a unit.
#[derive(Debug)]
pub struct Records<'a, T> {
    pub(crate) tx: &'a mut T,
    pub(crate) memory: &'a mut Memory,
    /// Do invented people pass?
    pub(crate) invented: bool,
    documents: BTreeMap<DocumentId, Drafted>,
    keys: BTreeMap<(Band, Subject), SubjectKey>,
}

/// A document, and what it shall say.
#[derive(Debug, Default)]
struct Drafted {
    before: Arc<Document>,
    /// The keys that shall say something, in the order in which they are put.
    order: Vec<String>,
    values: BTreeMap<String, Value>,
}

impl Drafted {
    /// What is put, in as few portions as envelopes hold it. Nothing of the document as it was is
    /// held any more: it would be copied with the first put.
    fn portions(self) -> Vec<Vec<(String, Value)>> {
        let Self { before, order, mut values } = self;
        let mut portions = vec![Vec::new()];
        let (mut bytes, mut replaced) = (0, 0);
        for key in order {
            let Some(value) = values.remove(&key) else { continue };
            bytes += key.len() + bytes_of(&value);
            replaced += before.values(&key).count();
            let Some(portion) = portions.last_mut() else { continue };
            portion.push((key, value));
            let is_full =
                portion.len() >= OPERATIONS_MAX || bytes >= BYTES_MAX || replaced >= REPLACED_MAX;
            if is_full {
                portions.push(Vec::new());
                (bytes, replaced) = (0, 0);
            }
        }
        portions.retain(|portion| !portion.is_empty());
        portions
    }
}

/// A record that shall be written.
#[derive(Debug)]
pub(crate) struct Planned {
    pub(crate) kind: &'static Kind,
    pub(crate) name: String,
    pub(crate) document: DocumentId,
    pub(crate) wanted: BTreeMap<String, Wanted>,
    /// What it says already.
    pub(crate) before: Option<Plain>,
}

impl<'a, T: Reading> Records<'a, T> {
    /// Begins to read in a step, and to write if it is a [`Transaction`]: who is known is looked up
    /// anew where a document changed. `invented`: do invented people pass?
    ///
    /// # Errors
    /// If the store cannot answer.
    pub fn begin(tx: &'a mut T, memory: &'a mut Memory, invented: bool) -> Result<Self, Failure> {
        let (mut records, reached) = Self::at(tx, memory)?;
        records.invented = invented;
        if records.memory.compared != Some(reached) {
            if let Err(failure) = records.compare() {
                *records.memory = Memory::default();
                return Err(failure);
            }
            records.memory.compared = Some(reached);
        }
        Ok(records)
    }

    /// Begins to look at records by their names: for [`Records::list`], [`Records::show`] and
    /// [`Records::contested`], which ask nothing of who is known. It costs nothing, whatever
    /// changed.
    ///
    /// # Errors
    /// If the store cannot answer.
    pub fn look(tx: &'a mut T, memory: &'a mut Memory) -> Result<Self, Failure> {
        Ok(Self::at(tx, memory)?.0)
    }

    /// The records of a store, and how far it is.
    fn at(tx: &'a mut T, memory: &'a mut Memory) -> Result<(Self, Reached), Failure> {
        let (documents, keys) = (BTreeMap::new(), BTreeMap::new());
        let reached = Reached::of(tx.parts().0)?;
        memory.keyring.see(reached);
        Ok((Self { tx, memory, invented: false, documents, keys }, reached))
    }

    pub(crate) fn document_id(&self, class: u8, shard: &str) -> Result<DocumentId, Failure> {
        let unit = self.tx.circumstance().unit.clone();
        let class = Class::new(class).map_err(WriteError::from)?;
        Ok(DocumentId::new(unit, class, shard).map_err(WriteError::from)?)
    }

    /// The document where a record lies; `told` is what its kind's rule of shards asks.
    pub(crate) fn place_of(
        &self,
        kind: &Kind,
        name: &str,
        told: Option<&str>,
    ) -> Result<DocumentId, Failure> {
        let shard = kind.shard.of(name, told).ok_or(Failure::NoRecord)?;
        self.document_id(kind.home.number, &shard)
    }

    /// A record as it is, with what is written in this step.
    pub(crate) fn record(
        &mut self,
        kind: &Kind,
        name: &str,
        document: &DocumentId,
    ) -> Result<Option<AnyRecord>, Failure> {
        let found = self.contents_of(document, &format!("{}/{name}/", kind.name))?;
        Ok(found.records.into_values().next())
    }

    /// What stands under keys that begin so.
    pub(crate) fn contents_of(
        &mut self,
        document: &DocumentId,
        prefix: &str,
    ) -> Result<Contents, Failure> {
        let (before, new) = match self.documents.get(document) {
            Some(drafted) => (Arc::clone(&drafted.before), Some(&drafted.values)),
            None => (self.tx.document(document)?, None),
        };
        let mut values: BTreeMap<&str, Vec<Scalar>> = (before.keys_from(prefix))
            .take_while(|key| key.starts_with(prefix))
            .map(|key| (key, before.values(key).map(scalar).collect()))
            .collect();
        let new = new.into_iter().flat_map(|new| new.range(prefix.to_owned()..));
        let new = new.take_while(|(key, _)| key.starts_with(prefix));
        values.extend(new.map(|(key, value)| (key.as_str(), vec![scalar(value)])));
        let values = values.iter().map(|(key, values)| (*key, values.as_slice()));
        Ok(Contents::read(kinds::ALL, document, values))
    }

    /// A record with everything opened that this node can open.
    pub(crate) fn opened(
        &mut self,
        kind: &'static Kind,
        record: &AnyRecord,
        document: &DocumentId,
    ) -> Result<Plain, Failure> {
        self.opened_in_part(kind, record, document, |_| true)
    }

    /// The same, of the fields that are wanted.
    pub(crate) fn opened_in_part(
        &mut self,
        kind: &'static Kind,
        record: &AnyRecord,
        document: &DocumentId,
        is_wanted: impl Fn(&str) -> bool,
    ) -> Result<Plain, Failure> {
        let subject = subject_of(kind, record.name(), |field| {
            record.readings().find(|(name, _)| *name == field).and_then(|(_, readings)| {
                readings
                    .iter()
                    .rev()
                    .find_map(|reading| Some(reading.as_ref().ok()?.as_ref()?.text()))
            })
        });
        let place = format!("{}/{}", kind.name, record.name());
        let mut fields = Fields::default();
        for (field, readings) in record.readings().filter(|(field, _)| is_wanted(field)) {
            let mut stated = Vec::new();
            for reading in readings {
                stated.push(match reading {
                    Err(why) => Stated::Unreadable(*why),
                    Ok(None) => Stated::Nothing,
                    Ok(Some(schema_documents::Value::Sealed(sealed))) => match subject {
                        Some(subject) => {
                            self.open((document, &place, field), subject, &sealed.0)?
                        }
                        None => Stated::Closed,
                    },
                    Ok(Some(value)) => Stated::Text(value.text()),
                });
            }
            fields.put(field, stated);
        }
        Ok(Plain { kind: kind.name, name: record.name().to_owned(), fields })
    }

    /// Opens a sealed value of a subject at its place and field.
    pub(crate) fn open(
        &mut self,
        (document, place, field): (&DocumentId, &str, &str),
        subject: Subject,
        sealed: &[u8],
    ) -> Result<Stated, Failure> {
        let Some(band) = band_of(document) else { return Ok(Stated::Closed) };
        let circumstance = self.tx.circumstance();
        let (network, unit) = (circumstance.network, circumstance.unit.clone());
        let (store, _) = self.tx.parts();
        let keys = self.memory.keyring.of(store, &unit, band, &subject)?;
        let place = SealPlace { network, document, place, field, subject };
        Ok(match place.open(keys.iter().map(|key| &key.secret), sealed) {
            Opened::Closed => Stated::Closed,
            Opened::Text(text) if text.is_empty() => Stated::Nothing,
            Opened::Text(text) => Stated::Text(text),
            Opened::Unreadable(_) => Stated::Unreadable(Unreadable::Form),
        })
    }

    /// The document of a kind in which a record lies, of those that are here.
    pub(crate) fn find_document(
        &mut self,
        kind: &Kind,
        name: &str,
    ) -> Result<Option<DocumentId>, Failure> {
        for document in self.documents_of(kind)? {
            if self.record(kind, name, &document)?.is_some() {
                return Ok(Some(document));
            }
        }
        Ok(None)
    }

    /// The documents of this unit in which records of a kind lie.
    pub(crate) fn documents_of(&mut self, kind: &Kind) -> Result<Vec<DocumentId>, Failure> {
        let unit = self.tx.circumstance().unit.clone();
        let all = node_replication::log::documents(self.tx.parts().0)?;
        let of = |document: &DocumentId| {
            *document.owner() == unit && document.class().number() == kind.home.number
        };
        Ok(all.into_iter().filter(of).collect())
    }
}

impl<T: Transaction> Records<'_, T> {
    /// A new ULID of now.
    pub(crate) fn new_ulid(&mut self) -> String {
        const RANDOM_BITS: u32 = 80;
        let random = u128::from_be_bytes(self.tx.random());
        let now = u128::from(self.tx.circumstance().now.get());
        let number = now << RANDOM_BITS | (random & ((1 << RANDOM_BITS) - 1));
        Ulid(number.to_be_bytes()).to_string()
    }

    /// A new id of a person, or of what else texts are sealed for.
    pub(crate) fn new_subject(&mut self) -> PersonId {
        PersonId(self.tx.random())
    }

    fn drafted(&mut self, id: &DocumentId) -> Result<&mut Drafted, Failure> {
        if !self.documents.contains_key(id) {
            let before = self.tx.document(id)?;
            self.documents.insert(id.clone(), Drafted { before, ..Drafted::default() });
        }
        self.documents.get_mut(id).ok_or(Failure::NoRecord)
    }

    /// Seals a text for a subject at its place and field: with a key that counts and was told
    /// after a node last lost the band, or with a new one.
    pub(crate) fn seal(
        &mut self,
        (document, place, field): (&DocumentId, &str, &str),
        subject: Subject,
        text: &str,
    ) -> Result<Vec<u8>, Failure> {
        let band = band_of(document).ok_or(Failure::Closed)?;
        let secret = self.key_of(band, subject)?;
        let (network, nonce) = (self.tx.circumstance().network, self.tx.random());
        let place = SealPlace { network, document, place, field, subject };
        place.seal(&secret, nonce, text).map_err(|why| match why {
            Unsealable::TooLong | Unsealable::ZeroByte => Failure::Refused(Vec::new()),
        })
    }

    /// A key of the subject to seal with.
    pub(crate) fn key_of(&mut self, band: Band, subject: Subject) -> Result<[u8; 32], Failure> {
        let circumstance = self.tx.circumstance();
        let (unit, now) = (circumstance.unit.clone(), circumstance.now);
        let last_loss = self.tx.last_loss(band);
        let keys = self.memory.keyring.of(self.tx.parts().0, &unit, band, &subject)?;
        if let Some(key) = to_seal_with(keys, last_loss) {
            return Ok(key.secret);
        }
        let secret = self.tx.random();
        let key = SubjectKey::new(subject, secret);
        self.memory.keyring.add(band, &key, last_loss.map_or(now, |lost| now.max(lost.plus(1))));
        self.keys.insert((band, subject), key);
        Ok(secret)
    }

    /// The peppers of the unit's digests that count, the first of which makes new digests.
    pub(crate) fn peppers(&mut self) -> Result<Vec<[u8; 32]>, Failure> {
        let unit = self.tx.circumstance().unit.clone();
        let (band, pepper) = (Band::People, schema_content::PEPPER);
        let keys = self.memory.keyring.of(self.tx.parts().0, &unit, band, &pepper)?;
        let counting: Vec<[u8; 32]> =
            keys.iter().filter(|key| key.counts).map(|key| key.secret).collect();
        if !counting.is_empty() {
            return Ok(counting);
        }
        let secret = self.tx.random();
        let key = SubjectKey::new(pepper, secret);
        self.memory.keyring.add(band, &key, self.tx.circumstance().now);
        self.keys.insert((band, pepper), key);
        Ok(vec![secret])
    }

    /// Lets a key say a value, unless it says it already.
    pub(crate) fn want(
        &mut self,
        document: &DocumentId,
        key: String,
        value: Value,
    ) -> Result<bool, Failure> {
        let drafted = self.drafted(document)?;
        if let Some(new) = drafted.values.get_mut(&key) {
            let differs = *new != value;
            *new = value;
            return Ok(differs);
        }
        let says_nothing = drafted.before.preferred(&key).is_none();
        let says_it = drafted.before.values(&key).all(|own| *own == value);
        if if says_nothing { value == Value::Null } else { says_it } {
            return Ok(false);
        }
        drafted.order.push(key.clone());
        drafted.values.insert(key, value);
        Ok(true)
    }

    /// Writes what was planned of a record. Was anything another before?
    pub(crate) fn apply(&mut self, planned: &Planned) -> Result<bool, Failure> {
        let Planned { kind, name, document, wanted, before } = planned;
        let plain = before.clone();
        let said = |field: &str| match wanted.get(field) {
            Some(Wanted::Plain(Scalar::Text(text))) => Some(text.clone()),
            _ => plain.as_ref()?.preferred(field).map(str::to_owned),
        };
        let subject = subject_of(kind, name, said);
        let place = format!("{}/{name}", kind.name);
        let mut changed = false;
        for (field, wanted) in wanted {
            let value = match wanted {
                Wanted::Plain(scalar) => value(scalar),
                Wanted::Sealed(text) => {
                    let own = plain.as_ref().map(|plain| plain.values(field)).unwrap_or_default();
                    let is = |stated: &Stated| matches!(stated, Stated::Text(own) if own == text);
                    if !own.is_empty() && own.iter().all(is) {
                        continue;
                    }
                    let subject = subject.ok_or(Failure::NoRecord)?;
                    let sealed = self.seal((document, &place, field), subject, text)?;
                    Value::Bytes(sealed.into())
                }
            };
            changed |= self.want(document, format!("{place}/{field}"), value)?;
        }
        if changed || before.is_none() {
            let mut plain = plain.unwrap_or_else(|| Plain {
                kind: kind.name,
                name: name.clone(),
                fields: Fields::default(),
            });
            wanted.iter().for_each(|(field, own)| plain.fields.put(field, vec![told(own)]));
            self.memory.known.learn(document, plain);
        }
        Ok(changed)
    }

    /// Writes everything: keys first, then each document in as few envelopes as hold it.
    ///
    /// # Errors
    /// If an envelope would not count: then the step must be dropped.
    pub fn write(mut self) -> Result<Vec<Hash>, Failure> {
        let written = self.write_keys().and_then(|mut written| {
            written.extend(self.write_changes()?);
            Ok(written)
        });
        if written.is_err() {
            *self.memory = Memory::default();
        }
        written
    }

    /// Gives up what was drafted: nothing is written.
    pub fn give_up(self) {
        *self.memory = Memory::default();
    }

    /// Writes what documents shall say, whose keys were told.
    fn write_changes(&mut self) -> Result<Vec<Hash>, Failure> {
        let mut written = Vec::new();
        let mut all_known = true;
        for (document, drafted) in std::mem::take(&mut self.documents) {
            let is_new = drafted.before.keys_from("").next().is_none();
            for portion in drafted.portions() {
                written.extend(self.tx.put(&document, &portion)?);
            }
            if is_new || self.memory.known.has_read(&document) {
                let now = DocumentRecord::load(self.tx.parts().0, &document)?;
                self.memory.known.keep(document, now);
            } else {
                all_known = false;
            }
        }
        let reached = Reached::of(self.tx.parts().0)?;
        self.memory.keyring.see(reached);
        self.memory.compared = all_known.then_some(reached);
        Ok(written)
    }

    /// Writes what was drafted so far, and goes on. The envelopes that say something of records.
    pub(crate) fn write_so_far(&mut self) -> Result<Vec<Hash>, Failure> {
        self.write_keys()?;
        self.write_changes()
    }

    fn write_keys(&mut self) -> Result<Vec<Hash>, Failure> {
        let unit = self.tx.circumstance().unit.clone();
        let mut by_document: BTreeMap<DocumentId, Vec<SubjectKey>> = BTreeMap::new();
        let mut told = Vec::new();
        for ((band, subject), key) in std::mem::take(&mut self.keys) {
            by_document.entry(keyring::keyring(&unit, band, &subject)).or_default().push(key);
            told.push((band, subject));
        }
        let mut written = Vec::new();
        for (document, keys) in by_document {
            for portion in keys.chunks(schema_wire::limits::KEYS_MAX) {
                let keys = Keys::new(portion.to_vec()).map_err(WriteError::from)?;
                written.push(self.tx.tell_keys(&document, keys)?);
            }
        }
        told.dedup_by_key(|(band, subject)| (*band, schema_content::keyring_shard(subject)));
        for (band, subject) in told {
            self.memory.keyring.keep(self.tx.parts().0, &unit, band, &subject)?;
        }
        Ok(written)
    }
}

/// Is this a person who was erased?
pub(crate) fn is_erased(plain: &Plain) -> bool {
    plain.kind == Person::NAME && plain.text(&person::STATUS) == Some(person::Status::Erased.code())
}

pub(crate) fn kind_of(name: &str) -> Option<&'static Kind> {
    kinds::ALL.iter().find(|kind| kind.name == name).copied()
}

/// The field by which a record names the person whom its sheet's columns of a person are about.
pub(crate) fn person_field(kind: &Kind) -> Option<&'static str> {
    let names = |spec: &&schema_documents::Spec| matches!(spec.holds, Type::Person);
    kind.fields.iter().find(names).map(|spec| spec.name)
}

/// Whose key the sealed fields of a record lie under.
pub(crate) fn subject_of(
    kind: &Kind,
    name: &str,
    said: impl Fn(&str) -> Option<String>,
) -> Option<Subject> {
    match kind.subject {
        Under::Nobody => None,
        Under::Itself => PersonId::parse(name).map(|person| person.0),
        Under::Field(field) => PersonId::parse(&said(field)?).map(|person| person.0),
    }
}

pub(crate) fn band_of(document: &DocumentId) -> Option<Band> {
    match document.class().audience() {
        Audience::Unit(band) => Some(band),
        _ => None,
    }
}

/// The text that a wanted value says; none for none.
pub(crate) fn wanted_text(wanted: &Wanted) -> Option<&str> {
    match wanted {
        Wanted::Sealed(text) | Wanted::Plain(Scalar::Text(text)) => Some(text),
        Wanted::Plain(_) => None,
    }
}

/// What a wanted value says.
pub(crate) fn told(wanted: &Wanted) -> Stated {
    match wanted {
        Wanted::Sealed(text) | Wanted::Plain(Scalar::Text(text)) => Stated::Text(text.clone()),
        Wanted::Plain(Scalar::Integer(number)) => Stated::Text(number.to_string()),
        Wanted::Plain(Scalar::Flag(flag)) => Stated::Text(u8::from(*flag).to_string()),
        Wanted::Plain(Scalar::Null | Scalar::Bytes(_)) => Stated::Nothing,
    }
}

/// About what a put takes besides its key.
fn bytes_of(value: &Value) -> usize {
    const OPERATION_BYTES: usize = 16;
    OPERATION_BYTES
        + match value {
            Value::Text(text) => text.len(),
            Value::Bytes(bytes) => bytes.len(),
            Value::Null | Value::Boolean(_) | Value::Integer(_) => 0,
        }
}
