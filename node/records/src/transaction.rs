//! What records are read from and written to.

use std::sync::Arc;

use node_replication::document::{Document, Value};
use node_replication::log::WriteError;
use node_replication::store::{ReadError, ReadStore};
use node_views::Library;
use schema_documents::{By, Circumstances, Day};
use schema_wire::{Band, DocumentId, Erasures, Hash, Keys, Ms, NetworkId, NodeKey, UnitId};

/// Who reads or writes, where and when.
#[derive(Debug, Clone)]
pub struct Circumstance {
    /// The network.
    pub network: NetworkId,
    /// The unit whose records they are.
    pub unit: UnitId,
    /// The key that this node signs with: an event's id is made with it.
    pub author: NodeKey,
    /// The account and post of whoever asks, for what happens to records.
    pub by: By,
    /// What the node's clock shows.
    pub now: Ms,
    /// The day that is in the city (Asia/Shanghai).
    pub today: Day,
}

impl Circumstance {
    /// What checks depend on. `invented`: do invented people pass?
    pub fn checks(&self, invented: bool) -> Circumstances<'_> {
        const COMMUNITY_DIGITS: usize = 12;
        let code = self.unit.as_str().rsplit('/').next().unwrap_or_default();
        let is_community =
            code.len() == COMMUNITY_DIGITS && code.bytes().all(|b| b.is_ascii_digit());
        Circumstances { today: self.today, invented, community: is_community.then_some(code) }
    }
}

/// What is read, all of it as of one moment.
pub trait Reading {
    /// What is read.
    type Store: ReadStore;

    /// Who reads, where and when.
    fn circumstance(&self) -> &Circumstance;

    /// The store as it is seen here, and the documents in memory.
    fn parts(&mut self) -> (&Self::Store, &mut Library);

    /// A document as it is now. It is copied if it changes while this is held.
    ///
    /// # Errors
    /// If the store cannot answer.
    fn document(&mut self, id: &DocumentId) -> Result<Arc<Document>, ReadError> {
        let (store, library) = self.parts();
        Ok(Arc::clone(&library.open(store, id)?.document))
    }
}

/// One step of a node: it reads what was written before in the same step, and what it writes is
/// there as a whole or not at all.
pub trait Transaction: Reading {
    /// Random bytes from the system's source.
    fn random<const N: usize>(&mut self) -> [u8; N];

    /// When a node of the unit last lost the band, as far as this one knows: what is sealed
    /// afterwards lies under a key that was told afterwards.
    fn last_loss(&self, band: Band) -> Option<Ms>;

    /// Lets keys of a document of this unit say these values, in one signed envelope and in this
    /// order; none if they say so already.
    ///
    /// # Errors
    /// If the envelope would not count: then nothing was written.
    fn put(
        &mut self,
        document: &DocumentId,
        wanted: &[(String, Value)],
    ) -> Result<Option<Hash>, WriteError>;

    /// Tells keys of persons or cases.
    ///
    /// # Errors
    /// If the envelope would not count: then nothing was written.
    fn tell_keys(&mut self, document: &DocumentId, keys: Keys) -> Result<Hash, WriteError>;

    /// Erases keys of persons or cases.
    ///
    /// # Errors
    /// If the envelope would not count: then nothing was written.
    fn erase_keys(&mut self, document: &DocumentId, erasures: Erasures)
    -> Result<Hash, WriteError>;
}
