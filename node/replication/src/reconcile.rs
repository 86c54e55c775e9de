//! Range-based set reconciliation over a scope's items, with the negentropy protocol.
//!
//! It is the second level of resume, for peers without a usable cursor and for sets that still
//! differ. It compares ids only: no item is read, no document loaded.

use negentropy::{Id, Negentropy, NegentropyStorageVector};
use schema_wire::{Hash, Scope};

use crate::records::{Fields, after, corrupt, scope_key};
use crate::store::{ReadError, ReadStore, Table};

/// One message of a reconciliation: it fits a frame, and memory stays small.
const MESSAGE_BYTES_MAX: u64 = 64 * 1024;

/// A reconciliation of one scope with one peer, over the set as it was when it began.
pub(crate) struct Reconciliation {
    negentropy: Negentropy<'static, NegentropyStorageVector>,
    /// Our feed's head when the set was read: the cursor to go on from afterwards.
    pub(crate) head: u64,
}

impl std::fmt::Debug for Reconciliation {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Reconciliation").field("head", &self.head).finish_non_exhaustive()
    }
}

/// What a peer's answer told the initiator.
pub(crate) struct Difference {
    /// What we hold and the peer lacks.
    pub(crate) have: Vec<Hash>,
    /// What the peer holds and we lack.
    pub(crate) want: Vec<Hash>,
    /// The next message, unless everything is known.
    pub(crate) next: Option<Vec<u8>>,
}

impl Reconciliation {
    /// Reads the scope's index: ids and times, 40 bytes an item.
    pub(crate) fn new(store: &impl ReadStore, scope: &Scope, head: u64) -> Result<Self, ReadError> {
        let prefix = scope_key(scope);
        let entries = store.range(Table::Index, &prefix, &after(&prefix), usize::MAX >> 1)?;
        let mut items = NegentropyStorageVector::with_capacity(entries.len());
        for (key, _) in entries {
            let mut fields = Fields(key.get(prefix.len()..).unwrap_or_default());
            let at_ms = fields.number().ok_or_else(|| corrupt("index"))?;
            let id = fields.bytes32().ok_or_else(|| corrupt("index"))?;
            let inserted = items.insert(at_ms, Id::from_byte_array(id));
            inserted.map_err(|error| ReadError(error.to_string()))?;
        }
        items.seal().map_err(|error| ReadError(error.to_string()))?;
        let negentropy = Negentropy::owned(items, MESSAGE_BYTES_MAX);
        let negentropy = negentropy.map_err(|error| ReadError(error.to_string()))?;
        Ok(Self { negentropy, head })
    }

    /// The first message, from the one who dialled.
    pub(crate) fn initiate(&mut self) -> Result<Vec<u8>, String> {
        self.negentropy.initiate().map_err(|error| error.to_string())
    }

    /// Answers a message of the initiator.
    pub(crate) fn answer(&mut self, message: &[u8]) -> Result<Vec<u8>, String> {
        self.negentropy.reconcile(message).map_err(|error| error.to_string())
    }

    /// Reads an answer.
    pub(crate) fn read(&mut self, message: &[u8]) -> Result<Difference, String> {
        let (mut have, mut want) = (Vec::new(), Vec::new());
        let next = self.negentropy.reconcile_with_ids(message, &mut have, &mut want);
        let next = next.map_err(|error| error.to_string())?;
        // The library keeps them in a hash table: their order must not depend on chance.
        let hashes = |ids: Vec<Id>| {
            let mut hashes: Vec<Hash> = ids.into_iter().map(|id| Hash(id.to_bytes())).collect();
            hashes.sort_unstable();
            hashes
        };
        Ok(Difference { have: hashes(have), want: hashes(want), next })
    }
}
