//! What others may make this node hold (section 11). Beyond it nothing is refused: the node puts
//! it off, or passes over what would be set aside.

use node_authority::Authority;
use schema_wire::{Author, Header, Payload, UnitId};

use crate::admission::AdmittedEnvelope;
use crate::counts::{Reason, Validity};
use crate::entry::{Entry, LogRecord};
use crate::names::{Fields, after, corrupt, document_key, log_key, owner_key};
use crate::overlay::Overlay;
use crate::store::{ReadError, ReadStore, Table};
use crate::suspended::validity;

use super::documents::DocumentRecord;

/// Envelopes at one place of a log, until one is chosen.
const PLACE_ENVELOPES_MAX: usize = 16;
/// Lives of one key in one document.
const INCARNATIONS_MAX: usize = 1_024;
/// Heads of a document: they lie together, and are written anew with each envelope.
const HEADS_MAX: usize = 1_024;
/// Bytes of letters of one owner at a carrier.
const CARRIED_BYTES_MAX: u64 = 67_108_864;
/// Envelopes of one key that are set aside.
const ASIDE_ENVELOPES_MAX: u64 = 16_384;
/// Bytes of these.
const ASIDE_BYTES_MAX: u64 = 67_108_864;

/// Numbers and bytes of what one author, or one owner, makes this node hold.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Held {
    pub(super) envelopes: u64,
    pub(super) bytes: u64,
}

impl Held {
    fn load(store: &impl ReadStore, key: &[u8]) -> Result<Self, ReadError> {
        let Some(bytes) = store.read(Table::Quotas, key)? else {
            return Ok(Self::default());
        };
        let mut fields = Fields(&bytes);
        let parsed = fields.number().zip(fields.number());
        let (envelopes, bytes) = parsed.ok_or_else(|| corrupt("quota"))?;
        Ok(Self { envelopes, bytes })
    }

    fn put(self, store: &mut Overlay<'_, impl ReadStore>, key: Vec<u8>) {
        if self == Self::default() {
            store.delete(Table::Quotas, key);
        } else {
            let bytes = [self.envelopes.to_be_bytes(), self.bytes.to_be_bytes()].concat();
            store.put(Table::Quotas, key, bytes);
        }
    }
}

/// By key: whoever has no room left draws no new life for it.
fn aside_key(author: &Author) -> Vec<u8> {
    [b"aside/", author.key.0.as_slice()].concat()
}

fn carried_key(owner: &UnitId) -> Vec<u8> {
    [b"carried/", owner_key(owner).as_slice()].concat()
}

/// Counts an envelope that is set aside, or is no more.
pub(super) fn count_aside(
    store: &mut Overlay<'_, impl ReadStore>,
    entry: &Entry,
    aside: bool,
) -> Result<(), ReadError> {
    let key = aside_key(&entry.author);
    let mut held = Held::load(store, &key)?;
    if aside {
        held.envelopes += 1;
        held.bytes += entry.bytes;
    } else {
        held.envelopes = held.envelopes.saturating_sub(1);
        held.bytes = held.bytes.saturating_sub(entry.bytes);
    }
    held.put(store, key);
    Ok(())
}

/// Is so much of an author set aside that more of it is passed over?
pub(super) fn is_full_aside(store: &impl ReadStore, author: &Author) -> Result<bool, ReadError> {
    let held = Held::load(store, &aside_key(author))?;
    Ok(held.envelopes >= ASIDE_ENVELOPES_MAX || held.bytes >= ASIDE_BYTES_MAX)
}

/// The bytes of a letter that this node only carries.
fn carried_bytes(unit: &UnitId, header: &Header, content: &Payload) -> Option<u64> {
    let addressee = header.document.addressee()?;
    let carried = unit != addressee && unit != header.document.owner();
    let Payload::Letter(Some(content)) = content else {
        return None;
    };
    carried.then_some(content.len() as u64)
}

/// Counts a letter that this node of `unit` carries, or whose content it drops.
pub(super) fn count_carried(
    store: &mut Overlay<'_, impl ReadStore>,
    unit: &UnitId,
    header: &Header,
    content: &Payload,
    is_here: bool,
) -> Result<(), ReadError> {
    if let Some(bytes) = carried_bytes(unit, header, content) {
        let key = carried_key(header.document.owner());
        let mut held = Held::load(store, &key)?;
        if is_here {
            held.envelopes += 1;
            held.bytes += bytes;
        } else {
            held.envelopes = held.envelopes.saturating_sub(1);
            held.bytes = held.bytes.saturating_sub(bytes);
        }
        held.put(store, key);
    }
    Ok(())
}

/// Is a letter more than this node of `unit` carries of one owner?
pub(super) fn is_full_of_letters(
    store: &impl ReadStore,
    unit: &UnitId,
    header: &Header,
    content: &Payload,
) -> Result<bool, ReadError> {
    Ok(match carried_bytes(unit, header, content) {
        None => false,
        Some(more) => {
            let held = Held::load(store, &carried_key(header.document.owner()))?;
            held.bytes + more > CARRIED_BYTES_MAX
        }
    })
}

/// Must an envelope be put off?
pub(super) fn is_too_much(
    store: &impl ReadStore,
    authority: &Authority,
    envelope: &AdmittedEnvelope,
) -> Result<bool, ReadError> {
    let header = envelope.header.value();
    Ok(is_full_of_letters(store, authority.pins().unit(), header, &envelope.content)?
        || is_place_full(store, authority, header)?
        || has_too_many_lives(store, header)?
        || has_too_many_heads(store, header)?)
}

/// Would the envelope be one head more, where there are as many as may be? What builds on one takes
/// its place.
fn has_too_many_heads(store: &impl ReadStore, header: &Header) -> Result<bool, ReadError> {
    let heads = DocumentRecord::load(store, &header.document)?.heads;
    let mut parents = header.backlink().into_iter().chain(header.dependencies.iter().copied());
    Ok(heads.len() >= HEADS_MAX && !parents.any(|parent| heads.contains(&parent)))
}

fn is_place_full(
    store: &impl ReadStore,
    authority: &Authority,
    header: &Header,
) -> Result<bool, ReadError> {
    let (key, document) = (document_key(&header.document), &header.document);
    let mut open = 0;
    for entry in Entry::at(store, &key, &header.author, header.seq())? {
        match validity(store, document, &entry.id)? {
            // Where one is chosen, others are outvoted.
            Validity::Suspended { reason: Reason::Outvoted, .. } => return Ok(false),
            // What is set aside has a quota of its own: it must keep nothing out.
            Validity::Suspended { aside: true, .. } => {}
            Validity::Suspended { aside: false, .. } | Validity::Counts => open += 1,
        }
    }
    Ok(open >= PLACE_ENVELOPES_MAX && !is_choice_awaited(authority, header))
}

/// Does an adoption choose at this place, or may it? What it chooses must be let in, and which one
/// that is may be known by a later head alone.
fn is_choice_awaited(authority: &Authority, header: &Header) -> bool {
    let mut marks = authority.marks_of(&header.document, header.author);
    marks.any(|mark| {
        mark.seq >= header.seq()
            && authority.adoption_holds(&mark.adoption, &header.document).is_ok()
    })
}

fn has_too_many_lives(store: &impl ReadStore, header: &Header) -> Result<bool, ReadError> {
    let key = document_key(&header.document);
    if LogRecord::load(store, &log_key(&key, &header.author))? != LogRecord::default() {
        return Ok(false);
    }
    let lives = [key.as_slice(), &header.author.key.0].concat();
    let logs = store.range(Table::Logs, &lives, &after(&lives), INCARNATIONS_MAX)?;
    Ok(logs.len() >= INCARNATIONS_MAX)
}

#[cfg(test)]
mod tests {
    use schema_wire::{Hash, Incarnation, NodeKey};

    use super::*;
    use crate::store::MemStore;

    #[test]
    fn whoever_has_no_room_left_finds_none_in_a_new_life() {
        let author =
            |key, life| Author { key: NodeKey([key; 32]), incarnation: Incarnation([life; 16]) };
        let entry = |author| Entry {
            author,
            seq: 1,
            id: Hash([1; 32]),
            number: 1,
            delegation: Hash([2; 32]),
            at: schema_wire::Ms::of(1),
            bytes: ASIDE_BYTES_MAX,
            acknowledged: 0,
            backlink: None,
            dependencies: Vec::new(),
        };
        let store = MemStore::default();
        let mut overlay = Overlay::new(&store);
        let first = entry(author(1, 1));
        count_aside(&mut overlay, &first, true).expect("in memory");
        assert_eq!(is_full_aside(&overlay, &author(1, 2)), Ok(true));
        assert_eq!(is_full_aside(&overlay, &author(2, 1)), Ok(false));
        count_aside(&mut overlay, &first, false).expect("in memory");
        assert_eq!(is_full_aside(&overlay, &author(1, 2)), Ok(false));
    }
}
