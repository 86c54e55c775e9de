//! What a node does for the letters of its unit without being asked.

use node_authority::Pins;
use node_replication::history;
use node_replication::log::DocumentRecord;
use node_replication::store::ReadError;
use schema_wire::{DocumentId, Hash};

use crate::correspondence::Correspondence;
use crate::inbox::{self, Looked};
use crate::post::Post;
use crate::{Failure, OUTBOX_CLASS, card, outbox};

/// What was looked at already. Losing it loses nothing; it must be dropped with a step that is
/// dropped.
#[derive(Debug, Default)]
pub struct Memory {
    looked: Looked,
    ground: Option<Ground>,
}

/// On what it rests which letters can be sent.
#[derive(Debug, PartialEq, Eq)]
struct Ground {
    /// How many statements are kept: none ever ceases to be.
    kept: usize,
    pins: Pins,
    documents: Vec<(DocumentId, DocumentRecord)>,
}

/// What was done.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Kept {
    /// A new card.
    pub card: Option<Hash>,
    /// Letters that were sent.
    pub sent: usize,
    /// Acknowledgements that were written.
    pub acknowledged: usize,
}

/// Makes the unit's card if it needs one, sends what can be sent, and acknowledges what came. `name`
/// is that of a first card.
///
/// # Errors
/// If the store cannot answer, or a card is due that cannot be made.
pub fn keep<T: Post>(tx: &mut T, memory: &mut Memory, name: &str) -> Result<Kept, Failure> {
    let acknowledged = inbox::acknowledge(tx, &mut memory.looked)?;
    let mut kept = Kept { acknowledged, ..Kept::default() };
    if memory.ground != Some(ground(tx)?) {
        kept.sent = outbox::send_waiting(tx)?;
        memory.ground = Some(ground(tx)?);
    }
    kept.card = card::keep(tx, name)?;
    Ok(kept)
}

fn ground<T: Post>(tx: &mut T) -> Result<Ground, ReadError> {
    let (kept, pins) = (tx.authority().kept().count(), tx.authority().pins().clone());
    let unit = tx.circumstance().unit.clone();
    let store = tx.parts().0;
    let mut documents = history::documents_of(store, &unit)?;
    documents.retain(|(document, _)| document.class().number() == OUTBOX_CLASS);
    for pair in Correspondence::all(store, &unit)? {
        let record = DocumentRecord::load(store, &pair.incoming)?;
        documents.push((pair.incoming, record));
    }
    Ok(Ground { kept, pins, documents })
}
