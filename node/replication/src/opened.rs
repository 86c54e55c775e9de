//! Letters that were opened, as far as the acknowledgements count: their content a carrier may drop
//! (section 10.5).

use schema_wire::{Acknowledgements, Author, DocumentId, Hash, Ms, Receipt};

use crate::entry::Location;
use crate::names::{
    Fields, after, corrupt, document_from_key, document_key, log_key, with_hash, with_number,
};
use crate::overlay::Overlay;
use crate::store::{ReadError, ReadStore, Table};
use crate::suspended::counts;

/// How long an acknowledgement that a letter was opened counts before a carrier drops its content:
/// 30 days, in milliseconds.
const OPENED_MS: u64 = 2_592_000_000;

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
pub(crate) fn is_opened(store: &impl ReadStore, letter: &Hash) -> Result<bool, ReadError> {
    let Some(Location { document_key, author, seq }) = Location::of(store, letter)? else {
        return Ok(false);
    };
    let key = with_number(&log_key(&document_key, &author), seq);
    for (key, _) in store.range(Table::Opened, &key, &after(&key), usize::MAX >> 1)? {
        let (_, id) = key.split_last_chunk().ok_or_else(|| corrupt("acknowledgement"))?;
        if counts(store, &Hash(*id))? {
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
        if !counts(store, &Hash(*id))? {
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
