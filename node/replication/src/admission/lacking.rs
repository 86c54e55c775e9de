//! What a later copy of an envelope may bring: keys that were withheld, the content of a letter
//! that a carrier dropped (section 7).

use schema_wire::{Envelope, Hash, Payload, Scope, SubjectKey};

use crate::keyring;
use crate::lacking;
use crate::store::{ReadError, ReadStore};

/// What a node lacks of an envelope that it holds, and found in a copy of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Lacking {
    /// Keys of persons, of a scope.
    Keys {
        /// The envelope that tells them.
        id: Hash,
        /// The band.
        scope: Scope,
        /// The keys.
        keys: Vec<SubjectKey>,
    },
    /// A letter's content, of the envelope with this id.
    Letter(Hash, Vec<u8>),
}

impl Lacking {
    /// Of a copy of an envelope that is here. The id vouches for the header, and the header for
    /// the content.
    pub(super) fn of(store: &impl ReadStore, copy: &Envelope) -> Result<Option<Self>, ReadError> {
        if !copy.content_matches() {
            return Ok(None);
        }
        let header = copy.header().claims();
        let id = copy.header().id();
        match copy.content() {
            Payload::Keys(keys) => {
                let scope = header.document.scope();
                let keys = keyring::taken(store, &scope, keys)?;
                Ok((!keys.is_empty()).then_some(Self::Keys { id, scope, keys }))
            }
            Payload::Letter(Some(content))
                if lacking::is_bare(store, &header.document.scope(), &id)? =>
            {
                Ok(Some(Self::Letter(id, content.to_vec())))
            }
            _ => Ok(None),
        }
    }
}
