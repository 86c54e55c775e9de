//! Range-based set reconciliation over a scope's items, with the negentropy protocol.
//!
//! It is the second level of resume, for peers without a usable cursor and for sets that still
//! differ. It compares ids only: no item is read, no document loaded.

use std::collections::BTreeMap;
use std::sync::Arc;

use negentropy::{
    Bound, Error, Id, Item, Negentropy, NegentropyStorageBase, NegentropyStorageVector,
};
use schema_wire::{Hash, Scope};

use crate::records::{Fields, ScopeRecord, after, corrupt, scope_key};
use crate::store::{ReadError, ReadStore, Table};
use crate::write::Step;

/// One message of a reconciliation: it fits a frame, and memory stays small.
const MESSAGE_BYTES_MAX: u64 = 64 * 1024;
/// How many scopes' sets are kept for the next peer that asks.
const SNAPSHOTS_MAX: usize = 8;
/// A set that nobody asked for in so long is let go, in milliseconds.
const SNAPSHOT_UNUSED_MS: u64 = 60_000;
/// A set is good for the next peer while the feed grew by less than one part in so many, or by
/// these few items. Reading it anew costs its size: so the cost follows what was appended, however
/// often a peer comes back and asks.
const GROWN_PART: u64 = 16;
const GROWN_MIN: u64 = 64;

/// The ids and times of a scope's items, up to a position of its feed.
#[derive(Debug)]
struct Snapshot {
    items: NegentropyStorageVector,
    head: u64,
}

impl Snapshot {
    /// Reads the scope's index: ids and times, 40 bytes an item.
    fn read(store: &impl ReadStore, scope: &Scope, head: u64) -> Result<Self, ReadError> {
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
        Ok(Self { items, head })
    }
}

/// The sets read lately. Sessions share them.
#[derive(Debug, Default)]
pub(crate) struct Snapshots(BTreeMap<Scope, (Arc<Snapshot>, u64)>);

impl Snapshots {
    /// A new reconciliation of a scope. What was appended since its set was read is not compared:
    /// it is behind the set's head in the feed, and sent from there.
    pub(crate) fn reconciliation(
        &mut self,
        step: &Step<'_, impl ReadStore>,
        scope: &Scope,
    ) -> Result<Reconciliation, ReadError> {
        let head = ScopeRecord::load(&step.overlay, scope)?.head;
        let good = |snapshot: &Snapshot| {
            let grown = head.saturating_sub(snapshot.head);
            snapshot.head <= head && grown <= GROWN_MIN.max(head / GROWN_PART)
        };
        let kept = self.0.get(scope).map(|(snapshot, _)| snapshot);
        let snapshot = match kept.filter(|snapshot| good(snapshot)) {
            Some(snapshot) => snapshot.clone(),
            None => {
                // Let go first: the old and the new set need not be there at once.
                self.0.remove(scope);
                self.make_room();
                Arc::new(Snapshot::read(&step.overlay, scope, head)?)
            }
        };
        self.0.insert(scope.clone(), (snapshot.clone(), step.now_ms));
        Reconciliation::new(snapshot)
    }

    fn make_room(&mut self) {
        if self.0.len() >= SNAPSHOTS_MAX
            && let Some(oldest) = self.0.iter().min_by_key(|(_, (_, used_ms))| *used_ms)
        {
            let oldest = oldest.0.clone();
            self.0.remove(&oldest);
        }
    }

    pub(crate) fn forget_unused(&mut self, now_ms: u64) {
        self.0.retain(|_, (_, used_ms)| now_ms.abs_diff(*used_ms) < SNAPSHOT_UNUSED_MS);
    }
}

/// A set that several reconciliations read.
struct Shared(Arc<Snapshot>);

impl NegentropyStorageBase for Shared {
    fn size(&self) -> Result<usize, Error> {
        self.0.items.size()
    }

    fn get_item(&self, i: usize) -> Result<Option<Item>, Error> {
        self.0.items.get_item(i)
    }

    fn iterate(
        &self,
        begin: usize,
        end: usize,
        cb: &mut dyn FnMut(Item, usize) -> Result<bool, Error>,
    ) -> Result<(), Error> {
        self.0.items.iterate(begin, end, cb)
    }

    fn find_lower_bound(&self, first: usize, last: usize, value: &Bound) -> usize {
        self.0.items.find_lower_bound(first, last, value)
    }
}

/// A reconciliation of one scope with one peer.
pub(crate) struct Reconciliation {
    negentropy: Negentropy<'static, Shared>,
    /// The feed's head when the set was read: the cursor to go on from afterwards.
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
    fn new(snapshot: Arc<Snapshot>) -> Result<Self, ReadError> {
        let head = snapshot.head;
        let negentropy = Negentropy::owned(Shared(snapshot), MESSAGE_BYTES_MAX);
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
