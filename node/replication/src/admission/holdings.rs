//! Which scopes this node holds (section 8).

use node_authority::Authority;
use schema_wire::{Holds, NodeKey, Reads, Scope, UnitId};

use crate::names::owner_key;
use crate::store::{ReadError, ReadStore, Table};

/// A node's unit, and what its delegations let it read there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Holdings {
    /// Its own unit.
    pub unit: UnitId,
    /// What it may hold of it.
    pub reads: Reads,
}

impl Holdings {
    /// Of the node with this key: what its delegations in its own lineage say together.
    #[must_use]
    pub fn of(authority: &Authority, key: &NodeKey) -> Self {
        Self { unit: authority.pins().unit().clone(), reads: authority.granted_reads(key) }
    }

    /// Does it hold this scope?
    ///
    /// # Errors
    /// If the store cannot answer.
    pub fn hold(&self, store: &impl ReadStore, scope: &Scope) -> Result<bool, ReadError> {
        let unit = scope.unit();
        let letters = self.reads.covers(Reads::CORRESPONDENCE);
        let related = self.unit.contains(unit) || unit.contains(&self.unit);
        Ok(match scope.holds() {
            Holds::Statements => related || is_of_interest(store, unit)?,
            Holds::Public => related,
            Holds::Path => letters && self.unit.contains(unit),
            Holds::Pair(other) => letters && self.unit.carries(unit, other),
            Holds::Band(band) => self.unit == *unit && self.reads.covers(Reads::band(band)),
        })
    }
}

/// Does the unit contain a party of an addressed scope of which an item is here?
fn is_of_interest(store: &impl ReadStore, unit: &UnitId) -> Result<bool, ReadError> {
    Ok(store.read(Table::Interests, &owner_key(unit))?.is_some())
}

/// The units that contain a party of an addressed scope; none of another scope.
pub(crate) fn interests_of(scope: &Scope) -> Vec<UnitId> {
    let Holds::Pair(other) = scope.holds() else {
        return Vec::new();
    };
    let upwards = |unit: &UnitId| std::iter::successors(Some(unit.clone()), UnitId::parent);
    upwards(scope.unit()).chain(upwards(other)).collect()
}
