//! A disk as an auditor reads it: the tables' bytes, and nothing that a node would tell of them.

use node_replication::store::{Batch, MemStore, ReadStore as _, Table, Write};
use schema_wire::{Body, Envelope, Hash, Item, Scope, VerifiedStatement, Wire as _};

/// An item is stored behind its peer (8 bytes) and the time it was received (8 bytes).
pub(crate) const ORIGIN: usize = 16;

fn parse(value: &[u8]) -> Option<Item> {
    Item::from_bytes(value.get(ORIGIN..)?).ok()
}

fn all(store: &MemStore, table: Table) -> Vec<Item> {
    let entries = store.range(table, &[], &[u8::MAX; 64], usize::MAX >> 1).unwrap_or_default();
    entries.iter().filter_map(|(_, value)| parse(value)).collect()
}

/// Every envelope that lies on a disk.
pub fn envelopes(store: &MemStore) -> Vec<Envelope> {
    let items = [Table::Items, Table::UnitItems].map(|table| all(store, table)).concat();
    let envelope = |item| match item {
        Item::Envelope(envelope) => Some(*envelope),
        Item::Statement(_) => None,
    };
    items.into_iter().filter_map(envelope).collect()
}

/// Every statement that lies on a disk.
pub fn statements(store: &MemStore) -> Vec<VerifiedStatement> {
    let statement = |item| match item {
        Item::Statement(statement) => Some(statement.trust_own_store()),
        Item::Envelope(_) => None,
    };
    all(store, Table::Statements).into_iter().filter_map(statement).collect()
}

/// Does an envelope or statement with this id lie on a disk?
pub fn holds(store: &MemStore, id: &Hash) -> bool {
    [Table::Items, Table::UnitItems, Table::Statements]
        .iter()
        .any(|table| matches!(store.read(*table, &id.0), Ok(Some(_))))
}

/// The envelope that a write puts on the disk.
pub fn envelope_of(write: &Write) -> Option<Envelope> {
    let Write::Put { table: Table::Items | Table::UnitItems, value, .. } = write else {
        return None;
    };
    match parse(value)? {
        Item::Envelope(envelope) => Some(*envelope),
        Item::Statement(_) => None,
    }
}

/// The scope that a statement lies in which a write puts on the disk.
pub fn adopted_in(write: &Write) -> Option<Scope> {
    let Write::Put { table: Table::Statements, value, .. } = write else {
        return None;
    };
    match parse(value)? {
        Item::Statement(statement) => match statement.claims() {
            Body::Adoption(adoption) => Some(adoption.scope.clone()),
            body => body.unit().cloned().map(Scope::statements),
        },
        Item::Envelope(_) => None,
    }
}

/// The name of a disk's feed.
pub fn epoch(store: &MemStore) -> Option<[u8; 16]> {
    store.read(Table::Meta, b"epoch").ok()??.try_into().ok()
}

/// The last position of a disk's feed.
pub fn feed_head(store: &MemStore) -> u64 {
    let bytes = store.read(Table::Meta, b"feed-head").ok().flatten();
    bytes.and_then(|bytes| bytes.try_into().ok()).map_or(0, u64::from_be_bytes)
}

/// Does a batch bring what was lacking, and a key of a person with it?
pub fn fills_a_key(batch: &Batch) -> bool {
    let fills = |write: &Write| matches!(write, Write::Delete { table: Table::Lacking, .. });
    let is_key = |write: &Write| matches!(write, Write::Put { table: Table::Keyring, .. });
    batch.writes.iter().any(fills) && batch.writes.iter().any(is_key)
}
