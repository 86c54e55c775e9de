//! What records are read from and written to.

use node_replication::document::{Document, Value};
use node_replication::log::WriteError;
use node_replication::store::ReadStore;
use node_views::Library;
use schema_documents::Day;
use schema_wire::{DocumentId, Erasures, Hash, Keys, Ms, NetworkId, UnitId};

/// Who writes, where and when.
#[derive(Debug, Clone)]
pub struct Circumstance {
    /// The network.
    pub network: NetworkId,
    /// The unit whose records they are.
    pub unit: UnitId,
    /// What the node's clock shows.
    pub now: Ms,
    /// The day that is in the city (Asia/Shanghai).
    pub today: Day,
}

/// One step of a node: it reads what was written before in the same step, and what it writes is
/// there as a whole or not at all.
pub trait Transaction {
    /// What is read.
    type Store: ReadStore;

    /// Who writes, where and when.
    fn circumstance(&self) -> &Circumstance;

    /// The store as this step sees it, and the documents in memory.
    fn parts(&mut self) -> (&Self::Store, &mut Library);

    /// Random bytes from the system's source.
    fn random<const N: usize>(&mut self) -> [u8; N];

    /// Lets keys of a document of this unit say these values, in one signed envelope; none if
    /// they say so already.
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

    /// A document as it is now.
    ///
    /// # Errors
    /// If the store cannot answer.
    fn document(&mut self, id: &DocumentId) -> Result<&Document, WriteError> {
        let (store, library) = self.parts();
        Ok(&library.open(store, id)?.document)
    }
}
