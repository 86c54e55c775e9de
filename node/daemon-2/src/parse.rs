//! What people and programs give as text becomes ids, keys and units, or a failure that says what
//! was expected.

use node_api::Failure;
use schema_wire::{DocumentId, Hash, NodeKey, UnitId};

pub(crate) fn unit(text: &str) -> Result<UnitId, Failure> {
    UnitId::parse(text).map_err(|_| Failure::BadUnit { text: text.to_owned() })
}

pub(crate) fn key(text: &str) -> Result<NodeKey, Failure> {
    text.parse().map_err(|_| Failure::BadKey { text: text.to_owned() })
}

pub(crate) fn id(text: &str) -> Result<Hash, Failure> {
    text.parse().map_err(|_| Failure::BadId { text: text.to_owned() })
}

pub(crate) fn document(text: &str) -> Result<DocumentId, Failure> {
    text.parse().map_err(|_| Failure::BadDocument { text: text.to_owned() })
}
