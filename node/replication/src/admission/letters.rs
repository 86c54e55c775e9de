//! The window of letters (section 10.5): nobody sends many that nobody acknowledged.

use schema_wire::{Acknowledgements, Author, Hash, Header, NodeKey, PayloadKind, Receipt};

use crate::entry::Entry;
use crate::names::log_key;
use crate::overlay::Overlay;
use crate::store::{ReadError, ReadStore, Table};

/// Letters beyond the acknowledged one.
const LETTERS_AHEAD_MAX: u64 = 256;
/// Acknowledgements may go further, so that two who are both full can still acknowledge.
const ACKNOWLEDGEMENTS_AHEAD_MAX: u64 = 512;

/// How far an envelope of this kind may be ahead of what was acknowledged of its log.
pub(super) fn window(kind: PayloadKind) -> Option<u64> {
    match kind {
        PayloadKind::Letter => Some(LETTERS_AHEAD_MAX),
        PayloadKind::Acknowledgement => Some(ACKNOWLEDGEMENTS_AHEAD_MAX),
        PayloadKind::Changes | PayloadKind::Keys | PayloadKind::Erasures => None,
    }
}

/// The acknowledged seq of an envelope's log, as of it: what its backlink knew, and what the
/// acknowledgements tell that it names itself.
pub(super) fn acknowledged(
    store: &impl ReadStore,
    header: &Header,
    backlink: Option<&Entry>,
) -> Result<u64, ReadError> {
    let mut greatest = backlink.map_or(0, |entry| entry.acknowledged);
    if header.document.addressee().is_none() {
        return Ok(greatest);
    }
    for dependency in &header.dependencies {
        let told = store.read(Table::Receipts, &log_key(&dependency.0, &header.author))?;
        let told = told.and_then(|bytes| bytes.try_into().ok()).map_or(0, u64::from_be_bytes);
        greatest = greatest.max(told);
    }
    Ok(greatest)
}

/// Keeps how far each log was received, beside the envelope that tells it.
pub(crate) fn receipts_of(
    store: &mut Overlay<'_, impl ReadStore>,
    envelope: &Hash,
    told: &Acknowledgements,
) {
    let author = |key: NodeKey, incarnation| Author { key, incarnation };
    // Ascending by log, then seq: the last one of a log is the greatest.
    for one in told.iter().filter(|one| one.state != Receipt::Unreadable) {
        let log = log_key(&envelope.0, &author(one.author, one.incarnation));
        store.put(Table::Receipts, log, one.seq.to_be_bytes().to_vec());
    }
}
