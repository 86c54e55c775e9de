//! The letters of the unit, in and out, and what one says.

use node_replication::history;
use node_replication::log::WriteError;
use node_replication::store::ReadError;
use schema_content::Message;
use schema_wire::{Hash, Receipt, UnitId};

use crate::Failure;
use crate::correspondence::{Correspondence, Receipts, Told};
use crate::inbox::{is_letter, state, tell};
use crate::outbox::{self, Unsealed, Written};
use crate::post::{Mail, Post};
use crate::seal::{Contents, Opener};

/// With whom a letter is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum With {
    /// It came from there.
    From(UnitId),
    /// It goes there.
    To(UnitId),
}

/// How far a letter has come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum State {
    /// It is not sent yet.
    Waiting(Waiting),
    /// It was sent, and nothing was heard of it.
    OnItsWay,
    /// The addressee holds it.
    Held,
    /// A person opened it.
    Opened,
    /// The addressee cannot read it.
    Unreadable,
    /// Its content is lacking here: it is asked for.
    Lacking,
}

/// Why a letter is not sent yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Waiting {
    /// It cannot be sealed.
    Unsealed(Unsealed),
    /// The node at which it was written sends it, and could not yet: it is away, what it may write is
    /// over, or the addressee acknowledged none of the last letters.
    Unsent,
}

/// A letter, as it is listed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Letter {
    /// The envelope's id of what came, 64 hexadecimal digits; 32 of what the unit wrote.
    pub id: String,
    /// With whom.
    pub with: With,
    /// When it was sent; of what waits, none.
    pub at_ms: Option<u64>,
    /// The envelope that carries it.
    pub envelope: Option<Hash>,
    /// How far it has come.
    pub state: State,
}

/// Letters, the newest first, what waits before all.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// As many as were asked for.
    pub letters: Vec<Letter>,
    /// Are there more?
    pub more: bool,
}

/// A letter that is read.
#[derive(Clone, PartialEq, Eq)]
pub struct Read {
    /// It.
    pub letter: Letter,
    /// What it says, if it can be read.
    pub message: Option<Box<Message>>,
}

impl std::fmt::Debug for Read {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Read").field("letter", &self.letter).finish_non_exhaustive()
    }
}

/// The letters with one unit, or with all.
///
/// # Errors
/// If the store cannot answer.
pub fn list<T: Mail>(tx: &mut T, with: Option<&UnitId>, most: usize) -> Result<Listed, Failure> {
    let (mut letters, mut receipts) = (Vec::new(), Receipts::default());
    let all = outbox::all(tx)?.into_iter();
    for written in all.filter(|one| with.is_none_or(|unit| one.to == *unit)) {
        letters.push(outgoing(tx, &mut receipts, &written)?);
    }
    letters.extend(incoming(tx, with)?.into_iter().map(|came| came.letter));
    letters.sort_by(|a, b| {
        let key = |letter: &Letter| (letter.at_ms.is_none(), letter.at_ms);
        key(b).cmp(&key(a)).then_with(|| a.id.cmp(&b.id))
    });
    let more = letters.len() > most;
    letters.truncate(most);
    Ok(Listed { letters, more })
}

fn outgoing<T: Mail>(
    tx: &mut T,
    receipts: &mut Receipts,
    written: &Written,
) -> Result<Letter, Failure> {
    let unit = tx.circumstance().unit.clone();
    let last = written.sent.last();
    let state = match (last, Correspondence::between(&unit, &written.to)) {
        (Some(last), Some(pair)) => {
            let told = receipts.by(tx.parts().0, &pair.incoming)?;
            // It may have been opened as it was sent first.
            let opened = written.sent.iter().find_map(|sent| {
                told.of(&sent.author, sent.seq).filter(|receipt| *receipt == Receipt::Opened)
            });
            match opened.or_else(|| told.of(&last.author, last.seq)) {
                None => State::OnItsWay,
                Some(Receipt::Held) => State::Held,
                Some(Receipt::Opened) => State::Opened,
                Some(Receipt::Unreadable) => State::Unreadable,
            }
        }
        _ => State::Waiting(match outbox::card_of(tx, &written.to)? {
            Ok(_) => Waiting::Unsent,
            Err(why) => Waiting::Unsealed(why),
        }),
    };
    Ok(Letter {
        id: hex::encode(written.id),
        with: With::To(written.to.clone()),
        at_ms: last.map(|sent| sent.at),
        envelope: last.map(|sent| sent.envelope),
        state,
    })
}

/// A letter that came, and where it lies.
struct Came {
    pair: Correspondence,
    entry: history::Entry,
    letter: Letter,
}

/// What came and counts, in no order.
fn incoming<T: Mail>(tx: &mut T, with: Option<&UnitId>) -> Result<Vec<Came>, ReadError> {
    let unit = tx.circumstance().unit.clone();
    let store = tx.parts().0;
    let mut letters = Vec::new();
    let pairs = Correspondence::all(store, &unit)?.into_iter();
    for pair in pairs.filter(|pair| with.is_none_or(|unit| pair.other == *unit)) {
        let told = Told::by(store, &pair.outgoing)?;
        for entry in history::counting_after(store, &pair.incoming, 0)? {
            if !is_letter(store, &entry.id)? {
                continue;
            }
            let state = match told.of(&entry.author, entry.seq) {
                Some(Receipt::Opened) => State::Opened,
                Some(Receipt::Unreadable) => State::Unreadable,
                Some(Receipt::Held) => State::Held,
                None if entry.bytes == 0 => State::Lacking,
                None => State::OnItsWay,
            };
            let letter = Letter {
                id: entry.id.to_string(),
                with: With::From(pair.other.clone()),
                at_ms: Some(entry.at.get()),
                envelope: Some(entry.id),
                state,
            };
            letters.push(Came { pair: pair.clone(), entry, letter });
        }
    }
    Ok(letters)
}

/// Opens a letter by the beginning of its id. What came is acknowledged as opened, once: a person has
/// read it.
///
/// # Errors
/// If the store cannot answer, or there is no one letter whose id begins so.
pub fn read<T: Post>(tx: &mut T, id: &str) -> Result<Read, Failure> {
    let own = outbox::all(tx)?.into_iter().filter(|one| hex::encode(one.id).starts_with(id));
    let own: Vec<Written> = own.collect();
    let mut came = incoming(tx, None)?;
    came.retain(|one| one.letter.id.starts_with(id));
    let mut opener = Opener::default();
    match (&own[..], &came[..]) {
        ([], []) => Err(Failure::NoLetter),
        ([written], []) => {
            let letter = outgoing(tx, &mut Receipts::default(), written)?;
            let contents = outbox::copy(tx, &mut opener, written)?;
            Ok(Read { letter, message: message(contents) })
        }
        ([], [Came { pair, entry, letter }]) => {
            let circumstance = tx.circumstance();
            let (network, unit) = (circumstance.network, circumstance.unit.clone());
            let contents = opener.letter(tx.parts().0, (network, &unit), &pair.incoming, entry)?;
            let mut letter = letter.clone();
            match &contents {
                Contents::Message(_) if letter.state != State::Opened => {
                    let opened = state(entry.author, entry.seq, Receipt::Opened);
                    // A node that only holds shows it all the same.
                    match tell(tx, &pair.outgoing, [opened]) {
                        Ok(_) => letter.state = State::Opened,
                        Err(WriteError::Read(error)) => return Err(error.into()),
                        Err(_) => {}
                    }
                }
                Contents::Message(_) | Contents::Closed => {}
                Contents::Unreadable(_) => letter.state = State::Unreadable,
                Contents::Lacking => letter.state = State::Lacking,
            }
            Ok(Read { letter, message: message(contents) })
        }
        _ => Err(Failure::Ambiguous),
    }
}

fn message(contents: Contents) -> Option<Box<Message>> {
    match contents {
        Contents::Message(message) => Some(message),
        Contents::Unreadable(_) | Contents::Closed | Contents::Lacking => None,
    }
}

/// Whom and what an answer to a letter that came goes to.
///
/// # Errors
/// If the store cannot answer, or the letter did not come from another unit or cannot be read.
pub fn answers<T: Post>(tx: &mut T, id: &str) -> Result<(UnitId, [u8; 16], Hash), Failure> {
    let Read { letter, message } = read(tx, id)?;
    match (letter, message) {
        (Letter { with: With::From(unit), envelope: Some(envelope), .. }, Some(message)) => {
            Ok((unit, message.thread, envelope))
        }
        _ => Err(Failure::NoAnswer),
    }
}
