//! What is lacking here and wanted from peers (section 7): the content of letters that a carrier
//! dropped, keys that were withheld, heads that marks name; and letters that were opened, whose
//! content a carrier may drop itself (section 10.5).

use schema_wire::{
    Acknowledgements, Author, DocumentId, Hash, Item, Ms, Payload, Receipt, Scope, UnitId,
};

use crate::entry::Location;
use crate::keyring;
use crate::log::item;
use crate::names::{
    Fields, after, corrupt, document_from_key, document_key, log_key, scope_from_key, scope_key,
    with_hash, with_number,
};
use crate::overlay::Overlay;
use crate::store::{ReadError, ReadStore, Table};

/// How much that is lacking is wanted from one peer.
const WANTED_MAX: usize = 65_536;
/// How long an acknowledgement that a letter was opened counts before a carrier drops its content:
/// 30 days, in milliseconds.
const OPENED_MS: u64 = 2_592_000_000;

/// What is lacking of an id.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum What {
    /// A letter's content.
    Letter,
    /// Keys that the envelope tells.
    Keys,
    /// Itself: a mark names it.
    Head,
}

const WHATS: [What; 3] = [What::Letter, What::Keys, What::Head];

/// Notes that something is lacking.
pub(crate) fn note(store: &mut Overlay<'_, impl ReadStore>, scope: &Scope, id: &Hash, what: What) {
    let value = [&[what as u8], scope_key(scope).as_slice()].concat();
    store.put(Table::Lacking, id.0.to_vec(), value);
}

/// Nothing is lacking of this id any more.
pub(crate) fn clear(store: &mut Overlay<'_, impl ReadStore>, id: &Hash) -> Result<(), ReadError> {
    if store.read(Table::Lacking, &id.0)?.is_some() {
        store.delete(Table::Lacking, id.0.to_vec());
    }
    Ok(())
}

/// Is this a letter whose content is not here?
pub(crate) fn is_bare(store: &impl ReadStore, letter: &Hash) -> Result<bool, ReadError> {
    let noted = store.read(Table::Lacking, &letter.0)?;
    Ok(noted.is_some_and(|noted| noted.first() == Some(&(What::Letter as u8))))
}

/// What is wanted of whoever may have it, by the scope that it belongs to.
///
/// # Errors
/// If the store cannot answer.
pub fn wanted(store: &impl ReadStore) -> Result<Vec<(Scope, Hash)>, ReadError> {
    let mut wanted = Vec::new();
    for (id, noted) in store.range(Table::Lacking, &[], &[u8::MAX; 33], WANTED_MAX)? {
        let id = Hash(id.try_into().map_err(|_| corrupt("what is lacking"))?);
        let (what, scope) = parse(&noted).ok_or_else(|| corrupt("what is lacking"))?;
        let is_wanted = match what {
            What::Letter => !is_opened(store, &id)?,
            What::Keys => lacks_keys(store, &scope, &id)?,
            What::Head => Location::of(store, &id)?.is_none(),
        };
        if is_wanted {
            wanted.push((scope, id));
        }
    }
    Ok(wanted)
}

/// Is a head not here that a mark of this unit names?
///
/// # Errors
/// If the store cannot answer.
pub fn lacks_heads(store: &impl ReadStore, unit: &UnitId) -> Result<bool, ReadError> {
    for (id, noted) in store.range(Table::Lacking, &[], &[u8::MAX; 33], WANTED_MAX)? {
        let id = Hash(id.try_into().map_err(|_| corrupt("what is lacking"))?);
        let (what, scope) = parse(&noted).ok_or_else(|| corrupt("what is lacking"))?;
        if what == What::Head && scope.unit() == unit && Location::of(store, &id)?.is_none() {
            return Ok(true);
        }
    }
    Ok(false)
}

fn parse(noted: &[u8]) -> Option<(What, Scope)> {
    let mut fields = Fields(noted);
    let what = WHATS.get(usize::from(fields.byte()?))?;
    Some((*what, scope_from_key(&mut fields)?))
}

fn lacks_keys(store: &impl ReadStore, scope: &Scope, id: &Hash) -> Result<bool, ReadError> {
    let Some(Item::Envelope(envelope)) = item(store, id)?.map(|stored| stored.item) else {
        return Err(corrupt("what is lacking"));
    };
    match envelope.content() {
        Payload::Keys(keys) => keyring::is_lacking(store, scope, keys),
        _ => Err(corrupt("what is lacking")),
    }
}

fn opened_key(letters: &DocumentId, author: &Author, seq: u64) -> Vec<u8> {
    with_number(&log_key(&document_key(letters), author), seq)
}

/// Notes which letters an acknowledgement says were opened. Nobody saw it count yet.
pub(crate) fn note_opened(
    store: &mut Overlay<'_, impl ReadStore>,
    letters: &DocumentId,
    acknowledgement: &Hash,
    told: &Acknowledgements,
) {
    for one in told.iter().filter(|one| one.state == Receipt::Opened) {
        let author = Author { key: one.author, incarnation: one.incarnation };
        let key = opened_key(letters, &author, one.seq);
        store.put(Table::Opened, with_hash(&key, acknowledgement), Vec::new());
    }
}

/// Was a letter acknowledged as opened, as far as that counts?
fn is_opened(store: &impl ReadStore, letter: &Hash) -> Result<bool, ReadError> {
    let Some(Location { document_key, author, seq }) = Location::of(store, letter)? else {
        return Ok(false);
    };
    let key = with_number(&log_key(&document_key, &author), seq);
    for (key, _) in store.range(Table::Opened, &key, &after(&key), usize::MAX >> 1)? {
        let (_, id) = key.split_last_chunk().ok_or_else(|| corrupt("acknowledgement"))?;
        if keyring::counts(store, &Hash(*id))? {
            return Ok(true);
        }
    }
    Ok(false)
}

/// The letters whose acknowledgement as opened has counted for 30 days: of each the document, and
/// where it lies. Notes since when others count; of what does not count, that nobody saw it count.
pub(crate) fn opened_long_ago(
    store: &mut Overlay<'_, impl ReadStore>,
    now: Ms,
) -> Result<Vec<(DocumentId, Location)>, ReadError> {
    let mut opened = Vec::new();
    for (key, since) in store.range(Table::Opened, &[], &[u8::MAX], usize::MAX >> 1)? {
        let (place, id) = key.split_last_chunk::<32>().ok_or_else(|| corrupt("opened letter"))?;
        if !keyring::counts(store, &Hash(*id))? {
            if !since.is_empty() {
                store.put(Table::Opened, key, Vec::new());
            }
            continue;
        }
        match Fields(&since).number() {
            None => store.put(Table::Opened, key, now.get().to_be_bytes().to_vec()),
            Some(since) if now.since(Ms::of(since)) >= OPENED_MS => {
                opened.push(letter_at(place).ok_or_else(|| corrupt("opened letter"))?);
            }
            Some(_) => {}
        }
    }
    Ok(opened)
}

fn letter_at(place: &[u8]) -> Option<(DocumentId, Location)> {
    let (document_key, log) = place.split_at_checked(place.len().checked_sub(56)?)?;
    let mut fields = Fields(log);
    let (author, seq) = (fields.author()?, fields.number()?);
    Some((document_from_key(document_key)?, Location::at(document_key, &author, seq)))
}
