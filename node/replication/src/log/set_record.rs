//! The record of a scope's set: what it comes to.

use schema_wire::{Scope, SetVector};

use crate::names::{Fields, corrupt, scope_key};
use crate::overlay::Overlay;
use crate::store::{ReadError, ReadStore, Table};

/// What the set of a scope comes to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SetRecord {
    /// The position of its last item; of what left it, if that was the last.
    pub head: u64,
    /// How many items it holds.
    pub items: u64,
    /// Their vector.
    pub vector: SetVector,
}

impl SetRecord {
    /// Of a scope; the empty set of one that nothing ever lay in.
    ///
    /// # Errors
    /// If the store cannot answer.
    pub fn load(store: &impl ReadStore, scope: &Scope) -> Result<Self, ReadError> {
        match store.read(Table::Scopes, &scope_key(scope))? {
            None => Ok(Self::default()),
            Some(bytes) => Self::from_bytes(&bytes).ok_or_else(|| corrupt("scope")),
        }
    }

    pub(super) fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let mut fields = Fields(bytes);
        let (head, items) = (fields.number()?, fields.number()?);
        let vector = SetVector::from_bytes(fields.0.try_into().ok()?);
        Some(Self { head, items, vector })
    }

    pub(super) fn put(&self, store: &mut Overlay<'_, impl ReadStore>, key: Vec<u8>) {
        let numbers = [self.head.to_be_bytes(), self.items.to_be_bytes()].concat();
        store.put(Table::Scopes, key, [&numbers[..], &self.vector.to_bytes()].concat());
    }
}
