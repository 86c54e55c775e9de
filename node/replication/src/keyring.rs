//! Keys of persons: the parts of an envelope that go and come while its id and signature stay
//! (section 7).

use std::collections::BTreeSet;

use schema_wire::{Erasures, Hash, Keys, Ms, Scope, SubjectKey};

use crate::lacking::{self, What};
use crate::names::{Fields, after, corrupt, scope_key, with_hash};
use crate::overlay::Overlay;
use crate::store::{ReadError, ReadStore, Table};
use crate::suspended::counts;

/// How long an erasure counts before the key is destroyed: seven days, in milliseconds. Who did
/// it wrongly can be stopped until then.
const ERASED_MS: u64 = 604_800_000;

/// How often keys came that an envelope had lacked.
const FILLED: &[u8] = b"keys-filled";

/// How often keys came for an envelope that was here without them.
pub(crate) fn filled(store: &impl ReadStore) -> Result<u64, ReadError> {
    match store.read(Table::Meta, FILLED)? {
        None => Ok(0),
        Some(bytes) => Fields(&bytes).number().ok_or_else(|| corrupt("number of keys")),
    }
}

/// Keys came for an envelope that was here without them.
pub(crate) fn count_filled(store: &mut Overlay<'_, impl ReadStore>) -> Result<(), ReadError> {
    let filled = filled(store)? + 1;
    store.put(Table::Meta, FILLED.to_vec(), filled.to_be_bytes().to_vec());
    Ok(())
}

fn key_of(scope: &Scope, subject: &[u8; 16], commitment: &Hash) -> Vec<u8> {
    with_hash(&[scope_key(scope).as_slice(), subject].concat(), commitment)
}

fn name(scope: &Scope, key: &SubjectKey) -> Vec<u8> {
    key_of(scope, key.subject(), &key.commitment())
}

/// Of the keys that an envelope tells, those that this node lacks and may take: none of which an
/// erasure counts.
pub(crate) fn taken(
    store: &impl ReadStore,
    scope: &Scope,
    keys: &Keys,
) -> Result<Vec<SubjectKey>, ReadError> {
    let mut taken = Vec::new();
    for key in keys.iter().filter(|key| key.key().is_some()) {
        let name = name(scope, key);
        if store.read(Table::Keyring, &name)?.is_none() && !is_erased(store, &name)? {
            taken.push(key.clone());
        }
    }
    Ok(taken)
}

/// A key of a subject that was told in a band.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KnownKey {
    /// What it is named by.
    pub commitment: Hash,
    /// What this node has of it.
    pub held: HeldKey,
}

/// What a node has of a key.
#[derive(Clone, PartialEq, Eq)]
pub enum HeldKey {
    /// It opens what was sealed with it.
    Opens {
        /// The key.
        key: [u8; 32],
        /// Does an envelope that tells it count? Else nothing new is sealed with it.
        counts: bool,
    },
    /// An erasure that counts names it: nothing that it opens is shown.
    Erased,
    /// It was withheld, or destroyed: a later copy may bring it.
    Lacking,
}

impl std::fmt::Debug for HeldKey {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str(match self {
            Self::Opens { counts: true, .. } => "Opens",
            Self::Opens { counts: false, .. } => "Opens, of what does not count",
            Self::Erased => "Erased",
            Self::Lacking => "Lacking",
        })
    }
}

/// The keys of a subject that were told in a band, ascending by commitment.
///
/// # Errors
/// If the store cannot answer.
pub fn keys_of(
    store: &impl ReadStore,
    scope: &Scope,
    subject: &[u8; 16],
) -> Result<Vec<KnownKey>, ReadError> {
    let subject = [scope_key(scope).as_slice(), subject].concat();
    let told = store.range(Table::Told, &subject, &after(&subject), usize::MAX >> 1)?;
    let mut known: Vec<KnownKey> = Vec::new();
    for (key, _) in told {
        let (name, id) = key.split_last_chunk::<32>().ok_or_else(|| corrupt("key"))?;
        let (_, commitment) = name.split_last_chunk::<32>().ok_or_else(|| corrupt("key"))?;
        let (commitment, tells) = (Hash(*commitment), counts(store, &Hash(*id))?);
        match known.last_mut().filter(|last| last.commitment == commitment) {
            Some(KnownKey { held: HeldKey::Opens { counts, .. }, .. }) => *counts |= tells,
            Some(_) => {}
            None => known.push(KnownKey { commitment, held: held(store, name, tells)? }),
        }
    }
    Ok(known)
}

/// The subjects of which a key was told in a band.
///
/// # Errors
/// If the store cannot answer.
pub fn subjects_of(store: &impl ReadStore, scope: &Scope) -> Result<BTreeSet<[u8; 16]>, ReadError> {
    let scope = scope_key(scope);
    let told = store.range(Table::Told, &scope, &after(&scope), usize::MAX >> 1)?;
    let subject = |(key, _): (Vec<u8>, Vec<u8>)| {
        let (subject, _) = key.get(scope.len()..)?.split_first_chunk()?;
        Some(*subject)
    };
    told.into_iter().map(|entry| subject(entry).ok_or_else(|| corrupt("key"))).collect()
}

fn held(store: &impl ReadStore, name: &[u8], counts: bool) -> Result<HeldKey, ReadError> {
    if is_erased(store, name)? {
        return Ok(HeldKey::Erased);
    }
    let Some(secret) = store.read(Table::Keyring, name)? else {
        return Ok(HeldKey::Lacking);
    };
    let key = secret.try_into().map_err(|_| corrupt("key"))?;
    Ok(HeldKey::Opens { key, counts })
}

/// Notes which envelope tells these keys, whether they are here or not.
pub(crate) fn tell(
    store: &mut Overlay<'_, impl ReadStore>,
    scope: &Scope,
    keys: &Keys,
    envelope: &Hash,
) {
    for key in keys.iter() {
        store.put(Table::Told, with_hash(&name(scope, key), envelope), Vec::new());
    }
}

/// Keeps keys, apart from the envelope that tells them, so that they can be destroyed.
pub(crate) fn put(store: &mut Overlay<'_, impl ReadStore>, scope: &Scope, keys: &[SubjectKey]) {
    for key in keys {
        if let Some(secret) = key.key() {
            store.put(Table::Keyring, name(scope, key), secret.to_vec());
        }
    }
}

/// Is a key that an envelope tells neither here, nor erased?
pub(crate) fn is_lacking(
    store: &impl ReadStore,
    scope: &Scope,
    keys: &Keys,
) -> Result<bool, ReadError> {
    for key in keys.iter() {
        let name = name(scope, key);
        if store.read(Table::Keyring, &name)?.is_none() && !is_erased(store, &name)? {
            return Ok(true);
        }
    }
    Ok(false)
}

/// An erasure does not count any more: what it destroyed is lacking.
pub(crate) fn note_lost(
    store: &mut Overlay<'_, impl ReadStore>,
    scope: &Scope,
    erasures: &Erasures,
) -> Result<(), ReadError> {
    for erasure in erasures {
        let name = key_of(scope, &erasure.subject, &erasure.commitment);
        if store.read(Table::Keyring, &name)?.is_some() {
            continue;
        }
        for (key, _) in store.range(Table::Told, &name, &after(&name), usize::MAX >> 1)? {
            let (_, id) = key.split_last_chunk().ok_or_else(|| corrupt("key"))?;
            lacking::note(store, scope, &Hash(*id), What::Keys);
        }
    }
    Ok(())
}

/// Notes what an erasure names, by the key and the envelope. Nobody saw it count yet; nor, if it
/// is noted again, without a break.
pub(crate) fn erase(
    store: &mut Overlay<'_, impl ReadStore>,
    scope: &Scope,
    erasures: &Erasures,
    envelope: &Hash,
) {
    for erasure in erasures {
        let name = key_of(scope, &erasure.subject, &erasure.commitment);
        store.put(Table::Erasures, with_hash(&name, envelope), Vec::new());
    }
}

/// Destroys the keys whose erasure has counted for seven days without a break, and notes since
/// when others count.
pub(crate) fn destroy_erased(
    store: &mut Overlay<'_, impl ReadStore>,
    now: Ms,
) -> Result<(), ReadError> {
    for (key, since) in store.range(Table::Erasures, &[], &[u8::MAX], usize::MAX >> 1)? {
        let (name, id) = key.split_last_chunk::<32>().ok_or_else(|| corrupt("erasure"))?;
        if !counts(store, &Hash(*id))? {
            continue;
        }
        match Fields(&since).number() {
            None => store.put(Table::Erasures, key, now.get().to_be_bytes().to_vec()),
            Some(since) if now.since(Ms::of(since)) >= ERASED_MS => {
                if store.read(Table::Keyring, name)?.is_some() {
                    store.delete(Table::Keyring, name.to_vec());
                }
            }
            Some(_) => {}
        }
    }
    Ok(())
}

/// Does an erasure of the key count?
fn is_erased(store: &impl ReadStore, name: &[u8]) -> Result<bool, ReadError> {
    for (key, _) in store.range(Table::Erasures, name, &after(name), usize::MAX >> 1)? {
        let (_, id) = key.split_last_chunk().ok_or_else(|| corrupt("erasure"))?;
        if counts(store, &Hash(*id))? {
            return Ok(true);
        }
    }
    Ok(false)
}

/// The keys of an envelope as it may be handed on: those that are here, and that no erasure which
/// counts names.
pub(crate) fn fill(store: &impl ReadStore, scope: &Scope, keys: &Keys) -> Result<Keys, ReadError> {
    let mut filled = Vec::new();
    for place in keys.iter() {
        let name = name(scope, place);
        let secret = match store.read(Table::Keyring, &name)? {
            Some(secret) if !is_erased(store, &name)? => secret.try_into().ok(),
            _ => None,
        };
        let secret = secret.map(|secret: [u8; 32]| SubjectKey::new(*place.subject(), secret));
        filled.push(secret.unwrap_or_else(|| place.clone()));
    }
    Keys::new(filled).map_err(|_| corrupt("keys"))
}
