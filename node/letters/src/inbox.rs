//! What comes to the unit: the senders are told what is held, what cannot be read, and, once a person
//! opened it, that it was.

use std::collections::BTreeMap;

use node_replication::history;
use node_replication::log::{DocumentRecord, WriteError, item};
use node_replication::store::{ReadError, ReadStore};
use schema_wire::limits::ACKNOWLEDGEMENTS_MAX;
use schema_wire::{
    Acknowledgement, Ascending, Author, DocumentId, Hash, Payload, PayloadKind, Receipt,
};

use crate::card::SECRET_MS;
use crate::correspondence::{Correspondence, Told};
use crate::post::Post;
use crate::seal::{Contents, Opener};

/// Acknowledgements of one log that come without a letter are acknowledged once there are so many:
/// two units that only acknowledge fall silent, and neither fills its window (section 10.5).
const SILENT_MAX: u64 = 128;

/// The documents that were looked at already, each with its opposite one, as they were then.
pub(crate) type Settled = BTreeMap<DocumentId, [DocumentRecord; 2]>;

/// Tells the senders of letters what came. Returns how many acknowledgements were written; what
/// this node may not write, others of the unit may.
///
/// # Errors
/// If the store cannot answer.
pub(crate) fn acknowledge<T: Post>(tx: &mut T, settled: &mut Settled) -> Result<usize, ReadError> {
    let unit = tx.circumstance().unit.clone();
    let mut opener = Opener::default();
    let mut written = 0;
    for pair in Correspondence::all(tx.parts().0, &unit)? {
        if settled.get(&pair.incoming) == Some(&records(tx.parts().0, &pair)?) {
            continue;
        }
        let found = look(tx, &mut opener, &pair)?;
        for portion in found.tell.chunks(ACKNOWLEDGEMENTS_MAX) {
            match tell(tx, &pair.outgoing, portion.iter().copied()) {
                Ok(_) => written += 1,
                Err(WriteError::Read(error)) => return Err(error),
                Err(_) => break,
            }
        }
        if found.is_settled {
            settled.insert(pair.incoming.clone(), records(tx.parts().0, &pair)?);
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
    pair: &Correspondence,
) -> Result<Found, ReadError> {
    let circumstance = tx.circumstance();
    let (network, unit, now) = (circumstance.network, circumstance.unit.clone(), circumstance.now);
    let store = tx.parts().0;
    let told = Told::by(store, &pair.outgoing)?;
    let mut logs: BTreeMap<Author, Vec<history::Entry>> = BTreeMap::new();
    for entry in history::counting_after(store, &pair.incoming, 0)? {
        logs.entry(entry.author).or_default().push(entry);
    }
    let mut found = Found { tell: Vec::new(), is_settled: true };
    for (author, mut log) in logs {
        log.sort_by_key(|entry| entry.seq);
        let before = told.upto(&author);
        let (mut upto, mut letters) = (before, 0);
        for entry in log.into_iter().filter(|entry| entry.seq > before) {
            if entry.seq != upto + 1 {
                break;
            }
            if kind_of(store, &entry.id)? == PayloadKind::Letter {
                match opener.letter(store, (network, &unit), &pair.incoming, &entry)? {
                    Contents::Message(_) => {}
                    // Whoever holds its secret may tell it open.
                    Contents::Closed if now.get() < received(store, &entry)? + SECRET_MS => {
                        found.is_settled = false;
                        break;
                    }
                    Contents::Lacking => break,
                    Contents::Unreadable(_) | Contents::Closed => {
                        if told.of(&author, entry.seq).is_none() {
                            found.tell.push(state(author, entry.seq, Receipt::Unreadable));
                        }
                    }
                }
                letters += 1;
            }
            upto = entry.seq;
        }
        if letters > 0 || upto - before >= SILENT_MAX {
            found.tell.push(state(author, upto, Receipt::Held));
        }
    }
    found.tell.sort_unstable();
    Ok(found)
}

pub(crate) fn state(author: Author, seq: u64, state: Receipt) -> Acknowledgement {
    Acknowledgement { author: author.key, incarnation: author.incarnation, seq, state }
}

pub(crate) fn kind_of(store: &impl ReadStore, id: &Hash) -> Result<PayloadKind, ReadError> {
    Ok(history::envelope(store, id)?.content().kind())
}

/// When it came.
fn received(store: &impl ReadStore, entry: &history::Entry) -> Result<u64, ReadError> {
    Ok(item(store, &entry.id)?.map_or(0, |stored| stored.origin.received_ms))
}
