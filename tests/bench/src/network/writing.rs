//! What nodes do of their own: entries in documents, statements, and forgetting.

use anyhow::Result;
use node_replication::Overlay;
use node_replication::document::Value;
use node_replication::store::{Batch, ReadStore as _, Table};
use schema_wire::{Class, DocumentId, UnitId, VerifiedStatement};

use super::node::must_keep;
use super::{Network, Node};
use crate::founding::{Led, named};
use crate::store::BenchStore;

/// Steps that share one commit, as in the engine.
pub(crate) const GROUP_MAX: usize = 256;
/// Bytes of text in one change, as the median document of a production server has.
const TEXT_BYTES: usize = 187;
/// Fields of a record, as the keys of a document name them.
pub(crate) const NAME: &str = "b/1/name";
pub(crate) const NOTE: &str = "b/1/note";
/// Of the people of a unit: its own nodes alone hold it.
const PEOPLE: u8 = 128;

/// What a clerk enters: a text at a key of a document, instead of what it said before.
#[derive(Debug, Clone)]
pub(crate) struct Entry {
    pub(crate) document: DocumentId,
    pub(crate) key: String,
    pub(crate) text: String,
}

impl Entry {
    pub(crate) fn new(document: &DocumentId, key: &str, text: String) -> Self {
        Self { document: document.clone(), key: key.to_owned(), text }
    }
}

/// The document of a number, of the community's own.
pub(crate) fn document(number: u64) -> DocumentId {
    let class = Class::new(PEOPLE).expect("a class");
    DocumentId::new(Led::community_unit(), class, &format!("b{number}")).expect("a document")
}

/// A document that the unit shows to those above.
pub(crate) fn report(unit: &UnitId, number: u64) -> DocumentId {
    let class = Class::new(64).expect("a class");
    DocumentId::new(unit.clone(), class, &format!("r{number}")).expect("a document")
}

/// Text that does not compress well and is never the same twice.
pub(crate) fn text(number: u64, version: u64) -> String {
    let mut text = String::new();
    for part in 0.. {
        if text.len() >= TEXT_BYTES {
            break;
        }
        text.push_str(&named(&format!("{number}/{version}/{part}")).to_string());
    }
    text.truncate(TEXT_BYTES);
    text
}

/// Entries.
impl<S: BenchStore> Network<S> {
    /// Makes entries in groups that share a commit, as so many clerks at once do.
    pub(crate) fn enter(&mut self, node: usize, entries: &[Entry], group: usize) -> Result<()> {
        let now = self.now();
        for entries in entries.chunks(group) {
            let Node { replica, store, library, delegation, .. } = &mut self.nodes[node];
            let mut overlay = Overlay::new(&*store);
            let mut effects = Vec::new();
            for Entry { document, key, text } in entries {
                let value = Value::Text(text.as_str().into());
                let said = &library.open(&overlay, document)?.document;
                let puts = said.edit([(key.as_str(), &value)]);
                let written = replica.write_change(now, *delegation, document, puts, &overlay)?;
                overlay.absorb(written.1.batch);
                effects.extend(written.1.effects);
            }
            let batch = overlay.into_batch();
            store.commit(&batch)?;
            self.release(node, effects)?;
        }
        Ok(())
    }

    /// `count` documents of two changes each.
    pub(crate) fn fill(&mut self, node: usize, count: u64) -> Result<()> {
        self.fill_from(node, 0..count)
    }

    pub(crate) fn fill_from(&mut self, node: usize, numbers: std::ops::Range<u64>) -> Result<()> {
        for number in numbers.clone().step_by(GROUP_MAX) {
            let some = number..numbers.end.min(number + GROUP_MAX as u64);
            let entries: Vec<Entry> = some.flat_map(two_entries).collect();
            self.enter(node, &entries, GROUP_MAX)?;
        }
        Ok(())
    }

    /// One more change to each of `count` documents, evenly spread over all.
    pub(crate) fn touch(
        &mut self,
        node: usize,
        count: u64,
        documents: u64,
        version: u64,
    ) -> Result<()> {
        let numbers = (0..count).map(|n| n * documents / count);
        let entry = |number| Entry::new(&document(number), NOTE, text(number, version));
        self.enter(node, &numbers.map(entry).collect::<Vec<_>>(), GROUP_MAX)
    }
}

/// A document as the benchmark has it: two changes.
fn two_entries(number: u64) -> [Entry; 2] {
    let id = document(number);
    let entry = |key, version| Entry::new(&id, key, text(number, version));
    [entry(NAME, 0), entry(NOTE, 1)]
}

/// Statements, and what is forgotten.
impl<S: BenchStore> Network<S> {
    /// Takes in statements, in groups, and lets what follows from them leave.
    pub(crate) fn learn(
        &mut self,
        node: usize,
        statements: impl IntoIterator<Item = VerifiedStatement>,
    ) -> Result<()> {
        let now = self.now();
        let mut statements = statements.into_iter().peekable();
        while statements.peek().is_some() {
            let some = statements.by_ref().take(GROUP_MAX).collect();
            let Node { replica, store, .. } = &mut self.nodes[node];
            let (offered, output) = replica.learn_all(now, some, &*store)?;
            must_keep(&offered)?;
            store.commit(&output.batch)?;
            self.release(node, output.effects)?;
        }
        Ok(())
    }

    /// Forgets every peer: who it was, what was shared, and how far either was.
    pub(crate) fn forget_peers(&mut self, node: usize) -> Result<()> {
        let store = &mut self.nodes[node].store;
        let mut batch = Batch::default();
        for (table, prefix) in
            [(Table::Cursors, ""), (Table::Meta, "met/"), (Table::Meta, "shown/")]
        {
            let end = [prefix.as_bytes(), &[u8::MAX; 99]].concat();
            for (key, _) in store.range(table, prefix.as_bytes(), &end, usize::MAX >> 1)? {
                batch.delete(table, key);
            }
        }
        store.commit(&batch)
    }
}
