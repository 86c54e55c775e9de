//! What the secrets of the unit's boxes open.

use node_replication::history::{self, Entry};
use node_replication::store::{ReadError, ReadStore};
use schema_content::{Letter, LetterPlace, LetterPosition, Message, Unreadable};
use schema_wire::{DocumentId, NetworkId, Payload, UnitId, Wire as _};

use crate::boxes::{all_secrets, secret_of};
use crate::card;

/// What a letter says to whoever asks here.
#[derive(Clone, PartialEq, Eq)]
pub(crate) enum Contents {
    /// It opens.
    Message(Box<Message>),
    /// It never will.
    Unreadable(Unreadable),
    /// Nothing here opens it yet: the secret may be on its way.
    Closed,
    /// Its content is lacking here.
    Lacking,
}

impl std::fmt::Debug for Contents {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Message(_) => "Message",
            Self::Unreadable(_) => "Unreadable",
            Self::Closed => "Closed",
            Self::Lacking => "Lacking",
        })
    }
}

/// Opens letters of one unit. The secrets of all its boxes are looked for at most once.
#[derive(Default)]
pub(crate) struct Opener {
    all: Option<Vec<[u8; 32]>>,
}

impl Opener {
    /// Opens an admitted letter.
    pub(crate) fn letter(
        &mut self,
        store: &impl ReadStore,
        own: (NetworkId, &UnitId),
        document: &DocumentId,
        entry: &Entry,
    ) -> Result<Contents, ReadError> {
        let (network, unit) = own;
        let envelope = history::envelope(store, &entry.id)?;
        let Payload::Letter(content) = envelope.content() else { return Ok(Contents::Lacking) };
        let Some(content) = content else { return Ok(Contents::Lacking) };
        let letter = match Letter::from_bytes(content) {
            Ok(letter) => letter,
            Err(error) => return Ok(Contents::Unreadable(error.into())),
        };
        let Entry { author, seq, delegation, .. } = *entry;
        let position = LetterPosition::Log { author, seq, delegation };
        self.open(store, unit, &LetterPlace { network, document, position }, &letter)
    }

    /// Opens a letter that lies at this place, or the unit's own copy of one.
    pub(crate) fn open(
        &mut self,
        store: &impl ReadStore,
        unit: &UnitId,
        place: &LetterPlace<'_>,
        letter: &Letter,
    ) -> Result<Contents, ReadError> {
        let card = card::statement(store, letter.card)?;
        if let Some(card) = card.filter(|card| card.card.unit == *unit)
            && let Some(secret) = secret_of(store, unit, &card.card.letter_box)?
        {
            return Ok(match place.open(&secret, letter) {
                Ok(message) => Contents::Message(Box::new(message)),
                Err(why) => Contents::Unreadable(why),
            });
        }
        // A card that is not the present one need not be here.
        if self.all.is_none() {
            self.all = Some(all_secrets(store, unit)?);
        }
        for secret in self.all.iter().flatten() {
            match place.open(secret, letter) {
                Ok(message) => return Ok(Contents::Message(Box::new(message))),
                Err(Unreadable::NotOpened) => {}
                Err(why) => return Ok(Contents::Unreadable(why)),
            }
        }
        Ok(Contents::Closed)
    }
}
