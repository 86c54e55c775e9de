//! Everything a node holds, counted anew from its envelopes and statements.

use std::collections::{BTreeMap, BTreeSet};

use node_replication::history::{self, Entry, Summary};
use node_replication::store::{MemStore, ReadError};
use schema_wire::{Hash, Scope};

use crate::failure::Broken;
use crate::invariants::counting::statements;
use crate::world::World;

/// One document: what the store says of it, and the envelopes it is made of.
#[derive(Debug)]
pub struct Document {
    /// What the store says.
    pub summary: Summary,
    /// What it is made of.
    pub entries: Vec<Entry>,
    /// What was admitted, in causal order: what does not count, too.
    pub log: Vec<Entry>,
}

/// One scope.
#[derive(Debug, Default)]
pub struct Held {
    /// How many items the store says there are.
    pub items: u64,
    /// The fingerprint the store says they have.
    pub fingerprint: [u8; 32],
    /// The items there are.
    pub ids: BTreeSet<Hash>,
    /// The documents.
    pub documents: Vec<Document>,
}

/// Everything one node holds.
#[derive(Debug, Default)]
pub struct Census {
    /// By scope.
    pub scopes: BTreeMap<Scope, Held>,
}

impl Census {
    /// Counts a running node's durable store.
    pub fn of(world: &World, node: usize) -> Result<Self, Broken> {
        let machine = &world.nodes[node];
        let Some(replica) = &machine.replica else { return Ok(Self::default()) };
        let store = &machine.disk.durable;
        let count = || -> Result<Self, ReadError> {
            let mut census = Self::default();
            for status in replica.status(store)?.scopes {
                let documents = documents(store, &status.scope)?;
                let entries = documents.iter().flat_map(|document| &document.log);
                let ids = entries.map(|entry| entry.header.id()).collect();
                let (items, fingerprint) = (status.items, status.fingerprint);
                let held = Held { items, fingerprint, ids, documents };
                census.scopes.insert(status.scope, held);
            }
            Ok(census)
        };
        let mut census = count()
            .map_err(|error| Broken::at("INV-12", node, format!("the store says {error}")))?;
        for statement in statements(store) {
            let statement = statement.to_statement();
            census.scopes.entry(statement.scope()).or_default().ids.insert(statement.id());
        }
        Ok(census)
    }
}

fn documents(store: &MemStore, scope: &Scope) -> Result<Vec<Document>, ReadError> {
    let summaries = history::documents(store, scope)?;
    let document = |summary: Summary| {
        let entries = history::entries(store, &summary.document)?;
        let log = history::log(store, &summary.document)?;
        Ok(Document { summary, entries, log })
    };
    summaries.into_iter().map(document).collect()
}
