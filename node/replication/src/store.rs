//! The byte tables a replica reads, and the batches it asks the shell to write.
//!
//! The replica never writes: it answers every input with one [`Batch`], which the shell makes
//! durable as a whole or not at all. `node-store` keeps these tables in RocksDB; [`MemStore`]
//! keeps them in memory for tests and the simulator, and a contract test holds the two to equal
//! answers.

use std::collections::BTreeMap;
use std::ops::Bound::{Excluded, Included};

/// A table of byte keys and byte values, ordered by key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Table {
    /// Single facts of the node: network, feed, incarnation, known peers.
    Meta,
    /// Statements that are kept.
    Statements,
    /// Envelopes of `public`, `path` and `addressed` scopes, by id.
    Items,
    /// Envelopes of a unit's own scopes, by id: records about persons.
    UnitItems,
    /// The node's feed, scope by scope: what is in its sets, by position.
    Feed,
    /// Where in the feed an item stands, by its id; what is set aside has no position.
    Positions,
    /// What a scope's set comes to: its last position, its number and its vector.
    Scopes,
    /// What the sets of many scopes come to, by group: their vector.
    Groups,
    /// The scopes of a group, by the position of their last item.
    GroupHeads,
    /// Authors in documents: how long a log is, and whether it forks.
    Logs,
    /// Where an admitted envelope lies: document, author, incarnation and seq, by its id.
    Locations,
    /// The envelopes of a document, by author, incarnation, seq and id.
    Places,
    /// What is known of each document as a whole.
    Documents,
    /// What may be built on a change, by the id of its envelope.
    Changes,
    /// The keys of a change, by its author and last counter.
    Operations,
    /// How far acknowledgements tell that letters came, by envelope and log.
    Receipts,
    /// Admitted envelopes that do not count, with their reasons.
    Suspended,
    /// Which documents rest on a delegation or an adoption, by its id.
    Rests,
    /// Which envelopes tell a key, by scope, subject and commitment.
    Told,
    /// The keys that erasures name, with the envelopes that name them.
    Erasures,
    /// What is lacking here, by scope and id: content of letters, keys, heads that marks name.
    Lacking,
    /// Letters that acknowledgements say were opened, by log, seq and acknowledgement.
    Opened,
    /// Units that contain a party of an addressed scope of which an item is here.
    Interests,
    /// By a unit that carries pairs of which an item is here: the units that contain an end of
    /// one, and of how many.
    Cares,
    /// Pairs in which a unit is to write of which no item is here, by who writes to whom.
    Wishes,
    /// How much of each author is set aside, and of each owner carried.
    Quotas,
    /// How far each peer has read, and has been read.
    Cursors,
    /// Items that were refused, with their reasons.
    Refused,
    /// Keys of persons; an erasure destroys an entry here.
    Keyring,
    /// What queries read, derived from envelopes that count.
    Views,
}

impl Table {
    /// Every table, in a fixed order.
    pub const ALL: [Self; 30] = [
        Self::Meta,
        Self::Statements,
        Self::Items,
        Self::UnitItems,
        Self::Feed,
        Self::Positions,
        Self::Scopes,
        Self::Groups,
        Self::GroupHeads,
        Self::Logs,
        Self::Locations,
        Self::Places,
        Self::Documents,
        Self::Changes,
        Self::Operations,
        Self::Receipts,
        Self::Suspended,
        Self::Rests,
        Self::Told,
        Self::Erasures,
        Self::Lacking,
        Self::Opened,
        Self::Interests,
        Self::Cares,
        Self::Wishes,
        Self::Quotas,
        Self::Cursors,
        Self::Refused,
        Self::Keyring,
        Self::Views,
    ];

    /// The name the table has on disk. Changing one loses the data under the old name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Meta => "meta",
            Self::Statements => "statements",
            Self::Items => "items",
            Self::UnitItems => "unit-items",
            Self::Feed => "feed",
            Self::Positions => "positions",
            Self::Scopes => "scopes",
            Self::Groups => "groups",
            Self::GroupHeads => "group-heads",
            Self::Logs => "logs",
            Self::Locations => "locations",
            Self::Places => "places",
            Self::Documents => "documents",
            Self::Changes => "changes",
            Self::Operations => "operations",
            Self::Receipts => "receipts",
            Self::Suspended => "doubts",
            Self::Rests => "rests",
            Self::Told => "told",
            Self::Erasures => "erasures",
            Self::Lacking => "lacking",
            Self::Opened => "opened",
            Self::Interests => "interests",
            Self::Cares => "cares",
            Self::Wishes => "wishes",
            Self::Quotas => "quotas",
            Self::Cursors => "cursors",
            Self::Refused => "refused",
            Self::Keyring => "keyring",
            Self::Views => "views",
        }
    }

    /// Whether values are encrypted at rest. Keys never are, so a sealed table's keys must not
    /// name a person.
    #[must_use]
    pub const fn sealed(self) -> bool {
        matches!(self, Self::UnitItems | Self::Refused | Self::Keyring | Self::Views)
    }
}

/// Key and value of one entry.
pub type Entry = (Vec<u8>, Vec<u8>);

/// Reading the tables as of the last committed batch.
pub trait ReadStore {
    /// The value under `key`.
    ///
    /// # Errors
    /// When the store cannot answer truthfully: an I/O error, a checksum or seal that fails.
    fn read(&self, table: Table, key: &[u8]) -> Result<Option<Vec<u8>>, ReadError>;

    /// The entries with `from <= key < to` in key order, at most `limit` of them.
    ///
    /// # Errors
    /// As for [`ReadStore::read`].
    fn range(
        &self,
        table: Table,
        from: &[u8],
        to: &[u8],
        limit: usize,
    ) -> Result<Vec<Entry>, ReadError>;

    /// The last entry with `from <= key < to`.
    ///
    /// # Errors
    /// As for [`ReadStore::read`].
    fn last(&self, table: Table, from: &[u8], to: &[u8]) -> Result<Option<Entry>, ReadError>;
}

impl<S: ReadStore + ?Sized> ReadStore for &S {
    fn read(&self, table: Table, key: &[u8]) -> Result<Option<Vec<u8>>, ReadError> {
        (**self).read(table, key)
    }

    fn range(
        &self,
        table: Table,
        from: &[u8],
        to: &[u8],
        limit: usize,
    ) -> Result<Vec<Entry>, ReadError> {
        (**self).range(table, from, to, limit)
    }

    fn last(&self, table: Table, from: &[u8], to: &[u8]) -> Result<Option<Entry>, ReadError> {
        (**self).last(table, from, to)
    }
}

/// The store could not answer. Never used for "not there".
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("cannot read the store: {0}")]
pub struct ReadError(pub String);

/// One change to one table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Write {
    /// Set the value under a key.
    Put {
        /// Where.
        table: Table,
        /// Under which key.
        key: Vec<u8>,
        /// What.
        value: Vec<u8>,
    },
    /// Remove a key; nothing happens if it is absent.
    Delete {
        /// Where.
        table: Table,
        /// Which key.
        key: Vec<u8>,
    },
}

/// Writes that become durable together or not at all. A later write to a key wins over an
/// earlier one.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Batch {
    /// The writes, in order.
    pub writes: Vec<Write>,
}

impl Batch {
    /// Adds a put.
    pub fn put(&mut self, table: Table, key: impl Into<Vec<u8>>, value: impl Into<Vec<u8>>) {
        self.writes.push(Write::Put { table, key: key.into(), value: value.into() });
    }

    /// Adds a delete.
    pub fn delete(&mut self, table: Table, key: impl Into<Vec<u8>>) {
        self.writes.push(Write::Delete { table, key: key.into() });
    }

    /// Whether there is nothing to write.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.writes.is_empty()
    }
}

/// The tables in memory.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct MemStore {
    tables: BTreeMap<Table, BTreeMap<Vec<u8>, Vec<u8>>>,
}

impl MemStore {
    /// Applies a whole batch.
    pub fn apply(&mut self, batch: &Batch) {
        for write in &batch.writes {
            match write {
                Write::Put { table, key, value } => {
                    self.tables.entry(*table).or_default().insert(key.clone(), value.clone());
                }
                Write::Delete { table, key } => {
                    if let Some(entries) = self.tables.get_mut(table) {
                        entries.remove(key);
                    }
                }
            }
        }
    }

    fn entries<'a>(
        &'a self,
        table: Table,
        from: &'a [u8],
        to: &'a [u8],
    ) -> impl DoubleEndedIterator<Item = Entry> + 'a {
        // BTreeMap panics on a range that ends before it starts; here such a range is empty.
        let entries = self.tables.get(&table).filter(|_| from < to);
        entries
            .into_iter()
            .flat_map(move |map| map.range::<[u8], _>((Included(from), Excluded(to))))
            .map(|(key, value)| (key.clone(), value.clone()))
    }
}

impl ReadStore for MemStore {
    fn read(&self, table: Table, key: &[u8]) -> Result<Option<Vec<u8>>, ReadError> {
        Ok(self.tables.get(&table).and_then(|entries| entries.get(key)).cloned())
    }

    fn range(
        &self,
        table: Table,
        from: &[u8],
        to: &[u8],
        limit: usize,
    ) -> Result<Vec<Entry>, ReadError> {
        Ok(self.entries(table, from, to).take(limit).collect())
    }

    fn last(&self, table: Table, from: &[u8], to: &[u8]) -> Result<Option<Entry>, ReadError> {
        Ok(self.entries(table, from, to).next_back())
    }
}

#[cfg(test)]
mod tests {
    use super::{Batch, MemStore, ReadStore, Table};

    #[test]
    fn a_range_is_half_open_ordered_and_limited() {
        let mut store = MemStore::default();
        let mut batch = Batch::default();
        for key in ["c", "a", "b", "d"] {
            batch.put(Table::Meta, key, key);
        }
        batch.delete(Table::Meta, "b");
        batch.put(Table::Views, "a", "elsewhere");
        store.apply(&batch);

        let entry = |key: &str| (key.as_bytes().to_vec(), key.as_bytes().to_vec());
        let range = |from: &str, to: &str, limit| {
            store.range(Table::Meta, from.as_bytes(), to.as_bytes(), limit).expect("in memory")
        };
        assert_eq!(range("a", "d", usize::MAX), [entry("a"), entry("c")]);
        assert_eq!(range("a", "z", 1), [entry("a")]);
        assert_eq!(range("d", "a", 9), []);
        assert_eq!(store.last(Table::Meta, b"a", b"d"), Ok(Some(entry("c"))));
        assert_eq!(store.last(Table::Meta, b"x", b"z"), Ok(None));
        assert_eq!(store.read(Table::Meta, b"b"), Ok(None));
    }

    #[test]
    fn table_names_are_distinct() {
        let names: std::collections::BTreeSet<_> = Table::ALL.iter().map(|t| t.name()).collect();
        assert_eq!(names.len(), Table::ALL.len());
    }
}
