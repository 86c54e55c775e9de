//! The keys of persons and of what else texts are sealed for, as this node has them (section
//! 10.4): which counts, when it was told. Kept in memory, and read again only where a keyring
//! changed.

use std::collections::{BTreeMap, BTreeSet};

use node_replication::history;
use node_replication::log::{DocumentRecord, Reached};
use node_replication::store::{ReadError, ReadStore};
use schema_content::keyring_shard;
use schema_wire::{Band, Class, DocumentId, Hash, Ms, Payload, SubjectKey, UnitId};

/// A person, or what else has keys.
pub(crate) type Subject = [u8; 16];

/// A key that is here.
#[derive(Clone)]
pub(crate) struct Key {
    pub(crate) secret: [u8; 32],
    pub(crate) commitment: Hash,
    /// When it was told, as its teller claims.
    pub(crate) told: Ms,
    /// Does the envelope that tells it count?
    pub(crate) counts: bool,
}

/// The keyrings of the unit.
#[derive(Default)]
pub(crate) struct Keyring {
    shards: BTreeMap<(Band, String), Shard>,
    /// How far the store is with which what is here is compared.
    reached: Option<Reached>,
}

#[derive(Default)]
struct Shard {
    compared: Option<Reached>,
    told: DocumentRecord,
    erased: DocumentRecord,
    /// The number of the last envelope that was read.
    number: u64,
    keys: BTreeMap<Subject, Vec<Key>>,
}

impl std::fmt::Debug for Keyring {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Keyring({} shards)", self.shards.len())
    }
}

/// The classes of each band stand in sixteen numbers: the last one tells keys, the one before it
/// erases them.
fn class(band: Band, from_last: u8) -> Class {
    const FIRST: u8 = 128;
    const CLASSES: u8 = 16;
    Class::new(FIRST + CLASSES * (band.number() + 1) - 1 - from_last)
        .expect("every band lies below the last class")
}

/// The document in which the keys of a subject are told.
pub fn keyring(unit: &UnitId, band: Band, subject: &[u8; 16]) -> DocumentId {
    document(unit, class(band, 0), &keyring_shard(subject))
}

/// Where they are erased.
pub(crate) fn erasures(unit: &UnitId, band: Band, subject: &Subject) -> DocumentId {
    document(unit, class(band, 1), &keyring_shard(subject))
}

fn document(unit: &UnitId, class: Class, shard: &str) -> DocumentId {
    DocumentId::new(unit.clone(), class, shard).expect("two hexadecimal digits are a shard")
}

impl Keyring {
    /// From now on what is here is compared with a store that is so far.
    pub(crate) fn see(&mut self, reached: Reached) {
        self.reached = Some(reached);
    }

    /// The keys of a subject in a band, ascending by commitment.
    pub(crate) fn of(
        &mut self,
        store: &impl ReadStore,
        unit: &UnitId,
        band: Band,
        subject: &Subject,
    ) -> Result<&[Key], ReadError> {
        let reached = self.reached;
        let shard = self.shards.entry((band, keyring_shard(subject))).or_default();
        if reached.is_none() || shard.compared != reached {
            let told = keyring(unit, band, subject);
            shard.compare(store, &told, &erasures(unit, band, subject))?;
            shard.compared = reached;
        }
        Ok(shard.keys.get(subject).map(Vec::as_slice).unwrap_or_default())
    }

    /// Takes in a key that is told in the same step.
    pub(crate) fn add(&mut self, band: Band, key: &SubjectKey, told: Ms) {
        let shard = self.shards.entry((band, keyring_shard(key.subject()))).or_default();
        if let Some(secret) = key.key() {
            let key_here =
                Key { secret: *secret, commitment: key.commitment(), told, counts: true };
            insert(shard.keys.entry(*key.subject()).or_default(), key_here);
        }
    }

    /// Notes that what the keyring of a subject tells now is here.
    pub(crate) fn keep(
        &mut self,
        store: &impl ReadStore,
        unit: &UnitId,
        band: Band,
        subject: &Subject,
    ) -> Result<(), ReadError> {
        let shard = self.shards.entry((band, keyring_shard(subject))).or_default();
        shard.told = DocumentRecord::load(store, &keyring(unit, band, subject))?;
        let last = history::entries(store, &shard.told.heads)?;
        shard.number = last.iter().map(|entry| entry.number).fold(shard.number, u64::max);
        Ok(())
    }
}

impl Shard {
    fn compare(
        &mut self,
        store: &impl ReadStore,
        told: &DocumentId,
        erased: &DocumentId,
    ) -> Result<(), ReadError> {
        let now = DocumentRecord::load(store, told)?;
        let erased = DocumentRecord::load(store, erased)?;
        if now == self.told && erased == self.erased {
            return Ok(());
        }
        if now.revision != self.told.revision || erased != self.erased {
            (self.number, self.keys) = (0, BTreeMap::new());
        }
        if let Some(new) = only_added(&self.told, &now) {
            // Each is a head, and counts.
            for entry in history::entries(store, &new)? {
                self.take_in(store, &entry, true)?;
            }
            self.told = now;
            return Ok(());
        }
        let counting: BTreeSet<Hash> = history::counting_after(store, told, self.number)?
            .into_iter()
            .map(|entry| entry.id)
            .collect();
        let new = history::all(store, told)?;
        let after = self.number;
        for entry in new.into_iter().filter(|entry| entry.number > after) {
            self.take_in(store, &entry, counting.contains(&entry.id))?;
        }
        (self.told, self.erased) = (now, erased);
        Ok(())
    }

    fn take_in(
        &mut self,
        store: &impl ReadStore,
        entry: &history::Entry,
        counts: bool,
    ) -> Result<(), ReadError> {
        self.number = self.number.max(entry.number);
        let envelope = history::envelope(store, &entry.id)?;
        let Payload::Keys(keys) = envelope.content() else { return Ok(()) };
        for key in keys.iter() {
            let Some(secret) = key.key().copied() else { continue };
            let (commitment, told) = (key.commitment(), entry.at);
            let here = Key { secret, commitment, told, counts };
            insert(self.keys.entry(*key.subject()).or_default(), here);
        }
        Ok(())
    }
}

/// The envelopes that came to a document, if nothing else became of it and all of them are heads:
/// then its log need not be read.
fn only_added(before: &DocumentRecord, now: &DocumentRecord) -> Option<BTreeSet<Hash>> {
    let is_same = before.revision == now.revision && before.suspended == now.suspended;
    let new: BTreeSet<Hash> = now.heads.difference(&before.heads).copied().collect();
    let added = now.envelopes.checked_sub(before.envelopes)?;
    (is_same && added == new.len() as u64).then_some(new)
}

/// A key that is told twice counts if one of its envelopes does, since the later of them.
fn insert(keys: &mut Vec<Key>, new: Key) {
    match keys.binary_search_by_key(&new.commitment, |key| key.commitment) {
        Err(at) => keys.insert(at, new),
        Ok(at) => {
            if let Some(key) = keys.get_mut(at) {
                key.told = if new.counts { key.told.max(new.told) } else { key.told };
                key.counts |= new.counts;
            }
        }
    }
}

/// The key to seal with: one that counts and was told after a node last lost the band.
pub(crate) fn to_seal_with(keys: &[Key], last_loss: Option<Ms>) -> Option<&Key> {
    keys.iter().find(|key| key.counts && last_loss.is_none_or(|lost| lost < key.told))
}
