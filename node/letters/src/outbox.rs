//! What the unit writes: kept until it can be sent, and readable by its own nodes for ever.
//!
//! ```text
//!   write --> waiting --(card here, no other lineage, window open)--> sent
//!               ^                                                      |
//!               +---- unreadable, and the addressee has another card --+
//! ```
//! The node at which a letter was written sends it: two would send it twice.

use std::collections::BTreeMap;

use node_replication::document::Value;
use node_replication::history;
use node_replication::log::WriteError;
use node_replication::store::{ReadError, ReadStore};
use schema_content::{EventId, Letter, LetterPlace, LetterPosition, Message, OUTGOING, Outgoing};
use schema_wire::{
    Author, Bytes, DocumentId, Hash, List, NodeKey, Payload, Receipt, Text, UnitId, Wire as _,
};

use crate::correspondence::{Correspondence, Receipts};
use crate::post::{Mail, Place, Post};
use crate::seal::{Contents, Opener};
use crate::{Failure, OUTBOX_CLASS, card, class};

/// Letters that may wait to be sent.
pub const WAITING_MAX: usize = 256;

/// Names a letter of the unit's own.
pub type LetterId = [u8; 16];

/// What a letter is to say.
#[derive(Clone)]
pub struct Draft {
    /// What kind of message it is.
    pub kind: Text<1, 32>,
    /// What it says.
    pub body: List<schema_content::Entry, 0, 32>,
    /// The conversation that it goes on with, and the letter that it answers.
    pub answers: Option<([u8; 16], Hash)>,
}

impl std::fmt::Debug for Draft {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Draft").field("answers", &self.answers).finish_non_exhaustive()
    }
}

/// A letter of the unit's own, as its documents have it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Written {
    pub(crate) id: LetterId,
    /// The document that it lies in.
    pub(crate) document: DocumentId,
    pub(crate) to: UnitId,
    pub(crate) by: NodeKey,
    pub(crate) copy: Letter,
    /// The envelopes as which it was sent, with where they stand; the last one counts.
    pub(crate) sent: Vec<Sent>,
}

/// A letter that was sealed and sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Sent {
    pub(crate) envelope: Hash,
    pub(crate) author: Author,
    pub(crate) seq: u64,
    /// When, as its author claims.
    pub(crate) at: u64,
    /// The card that it was sealed to; none if its content is no letter.
    pub(crate) card: Option<Hash>,
}

/// Writes a letter: it is kept, and sent with the next [`send_waiting`].
///
/// # Errors
/// If the store cannot answer, the unit has no card, too many letters wait, or this node may not
/// write work of the unit.
pub fn write<T: Post>(tx: &mut T, to: &UnitId, draft: Draft) -> Result<LetterId, Failure> {
    if Correspondence::between(&tx.circumstance().unit, to).is_none() {
        return Err(Failure::OwnUnit);
    }
    let Some(own) = card::own(tx)? else { return Err(Failure::NoOwnCard) };
    let waiting = all(tx)?.iter().filter(|letter| letter.sent.is_empty()).count();
    if waiting >= WAITING_MAX {
        return Err(Failure::TooMany { waiting });
    }
    let id: LetterId = tx.random();
    let (thread, causes) = match draft.answers {
        Some((thread, letter)) => (thread, List::new(vec![letter])?),
        None => (id, List::default()),
    };
    let message = Message { kind: draft.kind, thread, causes, body: draft.body };
    let circumstance = tx.circumstance();
    let (network, by, today) = (circumstance.network, circumstance.author, circumstance.today);
    let document =
        DocumentId::new(circumstance.unit.clone(), class(OUTBOX_CLASS), &today.year_month())?;
    let once = tx.random();
    let position = LetterPosition::Copy { letter: id };
    let place = LetterPlace { network, document: &document, position };
    let copy = place.seal(own.id, &own.card.letter_box, once, &message)?;
    note(tx, &document, id, &Outgoing::Written { to: to.clone(), by, copy })?;
    Ok(id)
}

fn note<T: Post>(
    tx: &mut T,
    document: &DocumentId,
    id: LetterId,
    outgoing: &Outgoing,
) -> Result<(), WriteError> {
    let (author, entity) = (tx.circumstance().author, hex::encode(id));
    let value = outgoing.to_bytes();
    let event = EventId::of(&author, OUTGOING, &entity, &value);
    let key = format!("!{OUTGOING}/{entity}/{event}");
    tx.put(document, &[(key, Value::Bytes(value.into()))]).map(drop)
}

/// All letters of the unit's own. What cannot be read of them is none.
pub(crate) fn all<T: Mail>(tx: &mut T) -> Result<Vec<Written>, Failure> {
    let unit = tx.circumstance().unit.clone();
    let documents = history::documents_of(tx.parts().0, &unit)?;
    let outboxes = documents.into_iter().map(|(document, _)| document);
    let mut letters = Vec::new();
    for id in outboxes.filter(|document| document.class().number() == OUTBOX_CLASS) {
        let (store, library) = tx.parts();
        let document = &library.open(store, &id)?.document;
        let mut here: BTreeMap<LetterId, (Option<Written>, Vec<Hash>)> = BTreeMap::new();
        for key in document.keys_from(&format!("!{OUTGOING}/")) {
            let Some(letter) = letter_of(key) else { continue };
            let Some(Value::Bytes(value)) = document.preferred(key) else { continue };
            let found = here.entry(letter).or_default();
            match Outgoing::from_bytes(value) {
                Ok(Outgoing::Written { to, by, copy }) => {
                    let (document, sent) = (id.clone(), Vec::new());
                    found.0 = Some(Written { id: letter, document, to, by, copy, sent });
                }
                Ok(Outgoing::Sent(envelope)) => found.1.push(envelope),
                Err(_) => {}
            }
        }
        for (written, envelopes) in here.into_values() {
            let Some(mut written) = written else { continue };
            written.sent = sent(store, &unit, &written.to, &envelopes)?;
            letters.push(written);
        }
    }
    Ok(letters)
}

/// The letter of a key `!letter/{id}/{event}`.
fn letter_of(key: &str) -> Option<LetterId> {
    let (entity, _) =
        key.strip_prefix('!')?.strip_prefix(OUTGOING)?.strip_prefix('/')?.split_once('/')?;
    hex::decode(entity).ok()?.try_into().ok()
}

/// Those of these envelopes that are letters of the unit to the addressee, in their order.
fn sent(
    store: &impl ReadStore,
    unit: &UnitId,
    to: &UnitId,
    envelopes: &[Hash],
) -> Result<Vec<Sent>, ReadError> {
    let Some(pair) = Correspondence::between(unit, to) else { return Ok(Vec::new()) };
    let mut sent = Vec::new();
    for id in envelopes {
        // A name that another node gave need not be of an envelope that is here.
        let Some(stored) = node_replication::log::item(store, id)? else { continue };
        let schema_wire::Item::Envelope(envelope) = stored.item else { continue };
        let header = envelope.header().claims();
        if header.document != pair.outgoing {
            continue;
        }
        let Payload::Letter(content) = envelope.content() else { continue };
        let letter = content.as_ref().and_then(|content| Letter::from_bytes(content).ok());
        sent.push(Sent {
            envelope: *id,
            author: header.author,
            seq: header.seq(),
            at: header.at.get(),
            card: letter.map(|letter| letter.card),
        });
    }
    sent.sort_by_key(|sent| (sent.at, sent.seq));
    Ok(sent)
}

/// Why a letter cannot be sealed now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unsealed {
    /// No card of the addressee is here. It was asked for.
    NoCard,
    /// Another lineage is followed for the addressee than this node's pins name, or several are
    /// recognised and none is followed: people decide.
    OtherLineage {
        /// Those that are recognised.
        recognised: Vec<Hash>,
    },
    /// The addressee exists no more.
    Dissolved {
        /// Who continues its work.
        successors: Vec<UnitId>,
    },
}

/// The card to seal to, or why there is none.
pub(crate) fn card_of<T: Mail>(
    tx: &mut T,
    to: &UnitId,
) -> Result<Result<card::Signed, Unsealed>, ReadError> {
    let authority = tx.authority();
    if authority.is_dissolved(to) {
        let successors = authority.successors(to).into_iter().cloned().collect();
        return Ok(Err(Unsealed::Dissolved { successors }));
    }
    let (followed, candidates) = (authority.followed(to), authority.candidates(to));
    let is_pinned = authority.pins().lineage_of(to) == followed;
    if (followed.is_none() && !candidates.is_empty()) || (followed.is_some() && !is_pinned) {
        let recognised = candidates.iter().copied().collect();
        return Ok(Err(Unsealed::OtherLineage { recognised }));
    }
    let card = authority.card(to);
    let card = card.map_or(Ok(None), |id| card::statement(tx.parts().0, id))?;
    Ok(card.ok_or(Unsealed::NoCard))
}

/// Sends what waits at this node and can be sent: what was never sent, and what the addressee could
/// not read, to its next card. Asks for cards that are lacking. Returns how many were sent.
///
/// # Errors
/// If the store cannot answer.
pub fn send_waiting<T: Post>(tx: &mut T) -> Result<usize, Failure> {
    let (own, node) = (tx.circumstance().unit.clone(), tx.circumstance().author);
    let mut receipts = Receipts::default();
    let mut opener = Opener::default();
    let mut sent = 0;
    for letter in all(tx)?.into_iter().filter(|letter| letter.by == node) {
        let Some(pair) = Correspondence::between(&own, &letter.to) else { continue };
        if let Some(last) = letter.sent.last() {
            let told = receipts.by(tx.parts().0, &pair.incoming)?;
            if told.of(&last.author, last.seq) != Some(Receipt::Unreadable) {
                continue;
            }
        }
        let card = match card_of(tx, &letter.to)? {
            Ok(card) => card,
            Err(Unsealed::NoCard) => {
                tx.wish(&letter.to)?;
                continue;
            }
            Err(Unsealed::OtherLineage { .. } | Unsealed::Dissolved { .. }) => continue,
        };
        if letter.sent.last().is_some_and(|last| last.card == Some(card.id)) {
            continue;
        }
        let Contents::Message(message) = copy(tx, &mut opener, &letter)? else { continue };
        match seal(tx, &pair.outgoing, &card, &message) {
            Ok(envelope) => {
                note(tx, &letter.document, letter.id, &Outgoing::Sent(envelope))?;
                sent += 1;
            }
            Err(Failure::Write(WriteError::Read(error))) => return Err(error.into()),
            // The window is full, or the grant does not permit it: it waits on.
            Err(_) => {}
        }
    }
    Ok(sent)
}

fn seal<T: Post>(
    tx: &mut T,
    document: &DocumentId,
    card: &card::Signed,
    message: &Message,
) -> Result<Hash, Failure> {
    let (network, once) = (tx.circumstance().network, tx.random());
    let Place { author, seq, delegation } = tx.place(document)?;
    let position = LetterPosition::Log { author, seq, delegation };
    let place = LetterPlace { network, document, position };
    let letter = place.seal(card.id, &card.card.letter_box, once, message)?;
    Ok(tx.send(document, Payload::Letter(Some(Bytes::new(letter.to_bytes())?)))?)
}

/// What a letter of the unit's own says.
pub(crate) fn copy<T: Post>(
    tx: &mut T,
    opener: &mut Opener,
    letter: &Written,
) -> Result<Contents, ReadError> {
    let (network, unit) = (tx.circumstance().network, tx.circumstance().unit.clone());
    let position = LetterPosition::Copy { letter: letter.id };
    let place = LetterPlace { network, document: &letter.document, position };
    opener.open(tx.parts().0, &unit, &place, &letter.copy)
}
