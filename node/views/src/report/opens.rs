//! Opening what is sealed, by the keys that this node holds.

use node_replication::store::{ReadError, ReadStore};
use node_replication::{HeldKey, keys_of};
use schema_content::{Opened, SealPlace};
use schema_documents::PersonId;
use schema_wire::{DocumentId, Hash, NetworkId};

use super::count::{Opens, SealedAt};

/// The keys of a store.
#[derive(Debug)]
pub struct HeldKeys<'a, S> {
    /// The store.
    pub store: &'a S,
    /// The network that texts are sealed for.
    pub network: NetworkId,
}

impl<S: ReadStore> HeldKeys<'_, S> {
    /// The keys that open, ascending by what they are named by.
    fn of(
        &self,
        document: &DocumentId,
        subject: PersonId,
    ) -> Result<Vec<(Hash, [u8; 32])>, ReadError> {
        let known = keys_of(self.store, &document.scope(), &subject.0)?;
        let opens = known.into_iter().filter_map(|known| match known.held {
            HeldKey::Opens { key, .. } => Some((known.commitment, key)),
            HeldKey::Erased | HeldKey::Lacking => None,
        });
        Ok(opens.collect())
    }
}

impl<S: ReadStore> Opens for HeldKeys<'_, S> {
    fn keys(&self, document: &DocumentId, subject: PersonId) -> Result<Hash, ReadError> {
        let keys = self.of(document, subject)?;
        let names: Vec<&[u8]> = keys.iter().map(|(commitment, _)| &commitment.0[..]).collect();
        Ok(Hash::of(&names))
    }

    fn open(&self, at: &SealedAt<'_>, sealed: &[u8]) -> Result<Option<String>, ReadError> {
        let keys = self.of(at.document, at.subject)?;
        let (network, subject) = (self.network, at.subject.0);
        let place = format!("{}/{}", at.kind, at.record);
        let (document, field) = (at.document, at.field);
        let place = SealPlace { network, document, place: &place, field, subject };
        Ok(match place.open(keys.iter().map(|(_, key)| key), sealed) {
            Opened::Text(text) => Some(text),
            Opened::Closed | Opened::Unreadable(_) => None,
        })
    }
}
