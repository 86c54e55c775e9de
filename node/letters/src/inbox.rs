//! What comes to the unit: the senders are told what is held, what cannot be read, and, once a person
//! opened it, that it was.

use std::collections::{BTreeMap, BTreeSet};

use node_replication::history::{self, Entry};
use node_replication::log::{DocumentRecord, WriteError, item};
use node_replication::store::{ReadError, ReadStore};
use schema_wire::limits::ACKNOWLEDGEMENTS_MAX;
use schema_wire::{
    Acknowledgement, Ascending, Author, DocumentId, Hash, Ms, Payload, PayloadKind, Receipt,
};

use crate::card::SECRET_MS;
use crate::correspondence::{Correspondence, Told};
use crate::post::Post;
use crate::seal::{Contents, Opener};

/// Acknowledgements of one log that come without a letter are acknowledged once there are so many:
/// two units that only acknowledge fall silent, and neither fills its window (section 10.5).
const SILENT_MAX: u64 = 128;

/// What was looked at already.
#[derive(Debug, Default)]
pub(crate) struct Looked {
    /// Documents of which all was told, each with its opposite one, as they were then.
    settled: BTreeMap<DocumentId, [DocumentRecord; 2]>,
    /// Letters that open here and that no person opened yet.
    open: BTreeSet<Hash>,
}

/// Tells the senders of letters what came. Returns how many acknowledgements were written; what
/// this node may not write, others of the unit may.
///
/// # Errors
/// If the store cannot answer.
pub(crate) fn acknowledge<T: Post>(tx: &mut T, looked: &mut Looked) -> Result<usize, ReadError> {
    let unit = tx.circumstance().unit.clone();
    let mut opener = Opener::default();
    let mut written = 0;
    for pair in Correspondence::all(tx.parts().0, &unit)? {
        if looked.settled.get(&pair.incoming) == Some(&records(tx.parts().0, &pair)?) {
            continue;
        }
        let found = look(tx, &mut opener, &mut looked.open, &pair)?;
        for portion in found.tell.chunks(ACKNOWLEDGEMENTS_MAX) {
            match tell(tx, &pair.outgoing, portion.iter().copied()) {
                Ok(_) => written += 1,
                Err(WriteError::Read(error)) => return Err(error),
                Err(_) => break,
            }
        }
        if found.is_settled {
            looked.settled.insert(pair.incoming.clone(), records(tx.parts().0, &pair)?);
        }
    }
    Ok(written)
}

/// Writes acknowledgements into the document of the unit's own.
pub(crate) fn tell<T: Post>(
    tx: &mut T,
    document: &DocumentId,
    all: impl IntoIterator<Item = Acknowledgement>,
) -> Result<Hash, WriteError> {
    let all = Ascending::of(all)?;
    tx.send(document, Payload::Acknowledgement(all))
}

fn records(
    store: &impl ReadStore,
    pair: &Correspondence,
) -> Result<[DocumentRecord; 2], ReadError> {
    let [one, other] = [&pair.incoming, &pair.outgoing].map(|id| DocumentRecord::load(store, id));
    Ok([one?, other?])
}

/// What is to be told of a document.
struct Found {
    /// Ascending.
    tell: Vec<Acknowledgement>,
    /// Is there nothing to be told later of what is here now?
    is_settled: bool,
}

fn look<T: Post>(
    tx: &mut T,
    opener: &mut Opener,
    open: &mut BTreeSet<Hash>,
    pair: &Correspondence,
) -> Result<Found, ReadError> {
    let circumstance = tx.circumstance();
    let (network, unit, now) = (circumstance.network, circumstance.unit.clone(), circumstance.now);
    let store = tx.parts().0;
    let told = Told::by(store, &pair.outgoing)?;
    let mut logs: BTreeMap<Author, Vec<Entry>> = BTreeMap::new();
    for entry in history::counting_after(store, &pair.incoming, 0)? {
        logs.entry(entry.author).or_default().push(entry);
    }
    let mut found = Found { tell: Vec::new(), is_settled: true };
    for (author, mut log) in logs {
        log.sort_by_key(|entry| entry.seq);
        found.tell.extend(held(store, &told, &log)?.map(|upto| state(author, upto, Receipt::Held)));
        for entry in &log {
            let is_done =
                matches!(told.of(&author, entry.seq), Some(Receipt::Opened | Receipt::Unreadable));
            if is_done {
                open.remove(&entry.id);
            } else if !open.contains(&entry.id) && is_letter(store, &entry.id)? {
                match opener.letter(store, (network, &unit), &pair.incoming, entry)? {
                    Contents::Message(_) => drop(open.insert(entry.id)),
                    Contents::Lacking => {}
                    // Its secret may be on its way.
                    Contents::Closed if now.since(received(store, entry)?) < SECRET_MS => {
                        found.is_settled = false;
                    }
                    Contents::Unreadable(_) | Contents::Closed => {
                        found.tell.push(state(author, entry.seq, Receipt::Unreadable));
                    }
                }
            }
        }
    }
    found.tell.sort_unstable();
    Ok(found)
}

/// Up to where a log is held, without a gap and each letter with its content, if that is to be told:
/// since it was told, a letter came, or many acknowledgements.
fn held(store: &impl ReadStore, told: &Told, log: &[Entry]) -> Result<Option<u64>, ReadError> {
    let before = log.first().map_or(0, |first| told.upto(&first.author));
    let (mut upto, mut letters) = (before, false);
    for entry in log.iter().filter(|entry| entry.seq > before) {
        let is_letter = is_letter(store, &entry.id)?;
        if entry.seq != upto + 1 || is_letter && is_bare(store, &entry.id)? {
            break;
        }
        (upto, letters) = (entry.seq, letters || is_letter);
    }
    Ok((letters || upto - before >= SILENT_MAX).then_some(upto))
}

pub(crate) fn state(author: Author, seq: u64, state: Receipt) -> Acknowledgement {
    Acknowledgement { author: author.key, incarnation: author.incarnation, seq, state }
}

/// Is an admitted envelope a letter?
pub(crate) fn is_letter(store: &impl ReadStore, id: &Hash) -> Result<bool, ReadError> {
    Ok(history::envelope(store, id)?.content().kind() == PayloadKind::Letter)
}

fn is_bare(store: &impl ReadStore, id: &Hash) -> Result<bool, ReadError> {
    Ok(matches!(history::envelope(store, id)?.content(), Payload::Letter(None)))
}

/// When it came.
fn received(store: &impl ReadStore, entry: &Entry) -> Result<Ms, ReadError> {
    Ok(Ms::of(item(store, &entry.id)?.map_or(0, |stored| stored.origin.received_ms)))
}
