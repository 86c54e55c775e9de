//! How far a store is.

use super::{choices, feed_head};
use crate::keyring;
use crate::store::{ReadError, ReadStore};

/// How far the store of a node is. What counts follows from its items and the choices of its
/// people, and what opens from its keys: as long as none of these grew in number, whatever was read
/// of it still stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reached {
    feed: u64,
    choices: u64,
    filled: u64,
}

impl Reached {
    /// How far a store is now.
    ///
    /// # Errors
    /// If the store cannot answer.
    pub fn of(store: &impl ReadStore) -> Result<Self, ReadError> {
        let (feed, choices) = (feed_head(store)?, choices::made(store)?);
        Ok(Self { feed, choices, filled: keyring::filled(store)? })
    }
}
