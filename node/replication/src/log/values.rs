//! Items as values, with ids of the caller's choice, to compare with judges of values. Never part
//! of what is shipped.

use std::sync::Arc;

use node_authority::Outcome;
use schema_wire::{Body, DocumentId, Hash};

use super::{Log, Step};
use crate::entry::Entry;
use crate::store::{ReadError, ReadStore};

impl Log {
    /// Brings what a statement says.
    ///
    /// # Errors
    /// If the store cannot answer.
    pub fn insert_value(
        &mut self,
        step: &mut Step<'_, impl ReadStore>,
        id: Hash,
        body: &Body<'_>,
    ) -> Result<Outcome, ReadError> {
        let outcome = Arc::make_mut(&mut self.authority).insert_value(id, body);
        if let Outcome::Kept(change) = &outcome {
            step.note_statement(id, body, change)?;
        }
        Ok(outcome)
    }

    /// Appends an envelope that was found to be admitted.
    ///
    /// # Errors
    /// If the store cannot answer.
    pub fn append_value(
        &mut self,
        step: &mut Step<'_, impl ReadStore>,
        document: &DocumentId,
        entry: Entry,
    ) -> Result<(), ReadError> {
        let entry = Entry { number: step.next_number()?, ..entry };
        step.append_entry(&self.authority, document, &entry)
    }
}
