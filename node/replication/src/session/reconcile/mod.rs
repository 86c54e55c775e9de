//! Reconciliation of a scope whose feeds cannot tell what the other lacks: negentropy, protocol
//! version 1, over salted ids (sections 9.4 and 9.6).
//!
//! ```text
//!   opener                                   answerer
//!     begin      -- ranges of its whole set -->  answer
//!     read       <-- what differs, smaller ----  answer
//!       ...            until nothing differs
//!     opener_lacks  ------ wants ------------->  want
//! ```
//!
//! The opener alone learns what differs; what each lacks is told here, and sent by the session.
//! What a message costs follows its length and that of its answer, not the size of the set.

mod answer;
mod message;
mod salted;

use std::collections::BTreeSet;
use std::ops::Range;

use schema_wire::{Hash, SaltedId};

use answer::Lists;
pub use salted::SaltedSet;

/// Messages of each side in one reconciliation.
const MESSAGES_MAX: usize = 1_024;
/// Ids that one reconciliation finds or wants.
const IDS_MAX: usize = 1_048_576;

/// Why a reconciliation ends the session. The words are those of section 12.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// More messages or ids than there may be.
    #[error("flood: more of a reconciliation than there may be")]
    Flood,
    /// It is no message.
    #[error("malformed-frame: {0}")]
    Malformed(&'static str),
}

/// The side that opened the session, in one reconciliation.
#[derive(Debug, Clone)]
pub struct Opener {
    /// The positions, in its set, of what the answerer lacks.
    answerer_lacks: BTreeSet<usize>,
    opener_lacks: BTreeSet<SaltedId>,
    messages: usize,
    /// Positions of its set that lists were compared with: each once, if the answerer is honest.
    walked: usize,
    /// Ids that it finds at most.
    ids_max: usize,
}

/// What an answer comes to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// What the opener lacks, as far as this answer tells something new: to be wanted.
    pub wants: Vec<SaltedId>,
    /// How it goes on.
    pub next: Next,
}

/// How a reconciliation goes on for the opener.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Next {
    /// Everything is known that differs.
    Done,
    /// It is too much for one reconciliation: what was found is sent, the rest compared again.
    EndEarly,
    /// Another message.
    Send(Vec<u8>),
}

impl Opener {
    /// Begins, with the first message.
    pub fn begin(set: &SaltedSet) -> (Self, Vec<u8>) {
        let opener = Self {
            answerer_lacks: BTreeSet::new(),
            opener_lacks: BTreeSet::new(),
            messages: 1,
            walked: 0,
            ids_max: IDS_MAX,
        };
        (opener, answer::begin(set))
    }

    /// Reads an answer. `set` is the one it began with.
    ///
    /// # Errors
    /// If it is no message.
    pub fn read(&mut self, set: &SaltedSet, message: &[u8]) -> Result<Step, Fault> {
        let ranges = message::read(message)?;
        let mut noted = Noted { opener: self, wants: Vec::new(), full: false };
        let answer = answer::answer(set, &ranges, &mut noted);
        let Noted { wants, full, .. } = noted;
        let next = match answer.len() {
            _ if full => Next::EndEarly,
            1 => Next::Done,
            _ if self.messages == MESSAGES_MAX => Next::EndEarly,
            _ => {
                self.messages += 1;
                Next::Send(answer)
            }
        };
        Ok(Step { wants, next })
    }

    /// What the answerer lacks, of what was found. To be sent when everything is known.
    pub fn answerer_lacks<'a>(&'a self, set: &'a SaltedSet) -> impl Iterator<Item = Hash> + 'a {
        set.items(&self.answerer_lacks)
    }

    fn has_room(&self) -> bool {
        self.answerer_lacks.len() + self.opener_lacks.len() < self.ids_max
    }
}

/// The opener notes whose ids are missing where.
struct Noted<'a> {
    opener: &'a mut Opener,
    wants: Vec<SaltedId>,
    full: bool,
}

impl Noted<'_> {
    /// Notes an id of the answerer's. Is there room for more?
    fn is_theirs(&mut self, set: &SaltedSet, id: SaltedId) -> bool {
        if set.position(&id).is_some() || self.opener.opener_lacks.contains(&id) {
            return true;
        }
        let room = self.opener.has_room();
        if room {
            self.opener.opener_lacks.insert(id);
            self.wants.push(id);
        }
        room
    }

    /// Notes a position that the answerer did not list. Is there room for more?
    fn is_ours(&mut self, at: usize) -> bool {
        self.opener.answerer_lacks.contains(&at)
            || (self.opener.has_room() && self.opener.answerer_lacks.insert(at))
    }
}

impl Lists for Noted<'_> {
    fn take(&mut self, set: &SaltedSet, mut positions: Range<usize>, ids: &[[u8; 32]]) -> bool {
        let theirs: BTreeSet<SaltedId> = ids.iter().copied().map(SaltedId).collect();
        self.opener.walked += positions.len();
        self.full |= self.opener.walked > set.len()
            || !theirs.iter().all(|id| self.is_theirs(set, *id))
            || !positions.all(|at| theirs.contains(set.at(at)) || self.is_ours(at));
        false
    }
}

/// The side that answers, in one reconciliation.
#[derive(Debug, Clone, Default)]
pub struct Answerer {
    messages: usize,
    /// The positions, in its set, of what the opener wants.
    wanted: BTreeSet<usize>,
    /// Wanted ids that are not in its set.
    unknown: usize,
}

/// The answerer answers every list with its own.
struct Answered;

impl Lists for Answered {
    fn take(&mut self, _: &SaltedSet, _: Range<usize>, _: &[[u8; 32]]) -> bool {
        true
    }
}

impl Answerer {
    /// Answers a message. `set` is the same from the first one to the last.
    ///
    /// # Errors
    /// If it is no message, or one too many.
    pub fn answer(&mut self, set: &SaltedSet, message: &[u8]) -> Result<Vec<u8>, Fault> {
        if self.messages == MESSAGES_MAX {
            return Err(Fault::Flood);
        }
        self.messages += 1;
        Ok(answer::answer(set, &message::read(message)?, &mut Answered))
    }

    /// Takes what the opener wants. What is not here is passed over.
    ///
    /// # Errors
    /// If it is more than there may be.
    pub fn want(&mut self, set: &SaltedSet, ids: &[SaltedId]) -> Result<(), Fault> {
        for id in ids {
            match set.position(id) {
                Some(at) => drop(self.wanted.insert(at)),
                None => self.unknown += 1,
            }
            if self.wanted.len() + self.unknown > IDS_MAX {
                return Err(Fault::Flood);
            }
        }
        Ok(())
    }

    /// What the opener wants. To be sent when it wants no more.
    pub fn opener_lacks<'a>(&'a self, set: &'a SaltedSet) -> impl Iterator<Item = Hash> + 'a {
        set.items(&self.wanted)
    }
}

#[cfg(test)]
mod tests;
