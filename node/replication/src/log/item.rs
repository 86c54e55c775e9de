//! Items as they lie in the store, and as they are handed on.

use schema_wire::{Audience, Envelope, Hash, Item, Ms, Payload, Scope, Statement, Wire};

use crate::entry::Location;
use crate::keyring;
use crate::names::{Fields, corrupt};
use crate::overlay::Overlay;
use crate::store::{ReadError, ReadStore, Table};

/// Where an item came from, and when: for the node's own use.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Origin {
    /// Which peer it came from, in whatever form the caller likes; zero for this node's own.
    pub peer: [u8; 8],
    /// What the node's clock showed.
    pub received_ms: u64,
}

impl Origin {
    /// This node's own work.
    pub const OWN: Self = Self { peer: [0; 8], received_ms: 0 };

    /// The same, as of when.
    #[must_use]
    pub const fn own(now: Ms) -> Self {
        Self { received_ms: now.get(), ..Self::OWN }
    }
}

/// An item of this node's, as it is handed on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stored {
    /// Where it came from.
    pub origin: Origin,
    /// It.
    pub item: Item,
}

fn to_bytes(origin: Origin, item: &Item) -> Vec<u8> {
    [&origin.peer[..], &origin.received_ms.to_be_bytes(), &item.to_bytes()].concat()
}

fn from_bytes(bytes: &[u8]) -> Result<Stored, ReadError> {
    let mut fields = Fields(bytes);
    let origin = fields.array().zip(fields.number());
    let (peer, received_ms) = origin.ok_or_else(|| corrupt("item"))?;
    let item = Item::from_bytes(fields.0).map_err(|_| corrupt("item"))?;
    Ok(Stored { origin: Origin { peer, received_ms }, item })
}

/// Envelopes about persons are sealed at rest.
fn table_of(audience: Audience) -> Table {
    match audience {
        Audience::Unit(_) => Table::UnitItems,
        Audience::Public | Audience::Path | Audience::Addressed => Table::Items,
    }
}

/// Keeps an envelope. Its keys, if it tells any, lie in the keyring alone.
pub(super) fn put_envelope(
    store: &mut Overlay<'_, impl ReadStore>,
    id: &Hash,
    origin: Origin,
    envelope: Envelope,
) {
    let table = table_of(envelope.header().claims().document.class().audience());
    let item = Item::Envelope(Box::new(envelope));
    store.put(table, id.0.to_vec(), to_bytes(origin, &item));
}

/// Keeps a statement.
pub(super) fn put_statement(
    store: &mut Overlay<'_, impl ReadStore>,
    origin: Origin,
    statement: Statement,
) {
    let id = statement.id();
    let item = Item::Statement(Box::new(statement));
    store.put(Table::Statements, id.0.to_vec(), to_bytes(origin, &item));
}

/// All statements that were ever kept, in the order of their ids.
pub(super) fn statements(store: &impl ReadStore) -> Result<Vec<Statement>, ReadError> {
    let all = store.range(Table::Statements, &[], &[u8::MAX; 33], usize::MAX >> 1)?;
    let statement = |(_, bytes): (Vec<u8>, Vec<u8>)| match from_bytes(&bytes)?.item {
        Item::Statement(statement) => Ok(*statement),
        Item::Envelope(_) => Err(corrupt("statement")),
    };
    all.into_iter().map(statement).collect()
}

/// A statement that was ever kept.
pub(super) fn statement(store: &impl ReadStore, id: &Hash) -> Result<Option<Statement>, ReadError> {
    let Some(bytes) = store.read(Table::Statements, &id.0)? else {
        return Ok(None);
    };
    match from_bytes(&bytes)?.item {
        Item::Statement(statement) => Ok(Some(*statement)),
        Item::Envelope(_) => Err(corrupt("statement")),
    }
}

/// An admitted item, with the keys and the content that are here.
///
/// # Errors
/// If the store cannot answer.
pub fn item(store: &impl ReadStore, id: &Hash) -> Result<Option<Stored>, ReadError> {
    for table in [Table::Statements, Table::Items, Table::UnitItems] {
        if let Some(bytes) = store.read(table, &id.0)? {
            return filled(store, from_bytes(&bytes)?).map(Some);
        }
    }
    Ok(None)
}

/// Is an item with this id admitted?
///
/// # Errors
/// If the store cannot answer.
pub fn is_admitted(store: &impl ReadStore, id: &Hash) -> Result<bool, ReadError> {
    Ok(Location::of(store, id)?.is_some() || store.read(Table::Statements, &id.0)?.is_some())
}

fn filled(store: &impl ReadStore, stored: Stored) -> Result<Stored, ReadError> {
    let Item::Envelope(envelope) = &stored.item else {
        return Ok(stored);
    };
    let Payload::Keys(keys) = envelope.content() else {
        return Ok(stored);
    };
    let scope: Scope = envelope.header().claims().document.scope();
    let content = Payload::Keys(keyring::fill(store, &scope, keys)?);
    let envelope = Envelope::new(envelope.header().clone(), content);
    let envelope = envelope.map_err(|_| corrupt("keys"))?;
    Ok(Stored { item: Item::Envelope(Box::new(envelope)), ..stored })
}
