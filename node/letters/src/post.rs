//! What letters are read from and written to.

use node_authority::Authority;
use node_records::{Reading, Transaction};
use node_replication::log::WriteError;
use node_replication::store::ReadError;
use schema_wire::{Author, DocumentId, Hash, Payload, UnitId};

/// Where the next envelope of a document will stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// Who writes it.
    pub author: Author,
    /// Its number in the author's log.
    pub seq: u64,
    /// The delegation that it is written under.
    pub delegation: Hash,
}

/// What letters are read from.
pub trait Mail: Reading {
    /// Who may do what, as is known here.
    fn authority(&self) -> &Authority;
}

/// One step of a node that writes letters.
pub trait Post: Transaction + Mail {
    /// Where the next envelope of a document will stand.
    ///
    /// # Errors
    /// If the store cannot answer.
    fn place(&mut self, document: &DocumentId) -> Result<Place, WriteError>;

    /// Writes a letter or acknowledgements.
    ///
    /// # Errors
    /// If the envelope would not count: then nothing was written.
    fn send(&mut self, document: &DocumentId, content: Payload) -> Result<Hash, WriteError>;

    /// Asks for the statements of another unit, to which a letter is to be written.
    ///
    /// # Errors
    /// If the store cannot answer.
    fn wish(&mut self, to: &UnitId) -> Result<(), ReadError>;

    /// Does this node speak as the unit?
    fn governs(&self) -> bool;

    /// Signs a card of the unit; none if this node does not speak as the unit.
    ///
    /// # Errors
    /// If the store cannot answer.
    fn sign_card(
        &mut self,
        name: &str,
        letter_box: [u8; 32],
        serial: u64,
    ) -> Result<Option<Hash>, ReadError>;
}
