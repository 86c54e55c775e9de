//! Documents as queries and edits see them: built from admitted envelopes, kept in a bounded
//! cache. The envelopes are the truth; losing this cache loses nothing.

use std::collections::BTreeSet;
use std::num::NonZeroUsize;
use std::panic::{AssertUnwindSafe, catch_unwind};

use automerge::{ActorId, AutoCommit, Change};
use lru::LruCache;
use node_replication::history::{self, Entry};
use node_replication::store::{ReadError, ReadStore};
use schema_wire::{Author, Class, DocumentId, Hash};

/// An envelope whose change a document cannot take, and why. It stays in the log as evidence and
/// is left out of the document on every node alike.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unusable {
    /// The envelope.
    pub envelope: Hash,
    /// What Automerge says.
    pub reason: String,
}

/// A document and what it was built from.
#[derive(Debug, Clone)]
pub struct Loaded {
    /// Its state.
    pub document: AutoCommit,
    /// Envelopes left out.
    pub unusable: Vec<Unusable>,
    heads: Vec<Hash>,
    position: u64,
    left_out: BTreeSet<[u8; 32]>,
}

/// The documents in memory.
#[derive(Debug)]
pub struct Library {
    cache: LruCache<DocumentId, Loaded>,
    root: fn(Class) -> AutoCommit,
    loads: u64,
}

impl Library {
    /// Keeps at most `documents` in memory; `root` makes the document each class begins with.
    pub fn new(documents: NonZeroUsize, root: fn(Class) -> AutoCommit) -> Self {
        Self { cache: LruCache::new(documents), root, loads: 0 }
    }

    /// How many times a document was built or extended: replication must cause none.
    pub fn loads(&self) -> u64 {
        self.loads
    }

    /// The document as the store holds it now. An unknown one is as its class begins.
    pub fn open(
        &mut self,
        store: &impl ReadStore,
        document: &DocumentId,
    ) -> Result<&mut Loaded, ReadError> {
        let heads = history::summary(store, document)?.map_or_else(Vec::new, |s| s.heads);
        let root = self.root;
        let loaded = self.cache.get_or_insert_mut(document.clone(), || Loaded {
            document: root(document.class),
            unusable: Vec::new(),
            heads: Vec::new(),
            position: 0,
            left_out: BTreeSet::new(),
        });
        if loaded.heads != heads {
            self.loads += 1;
            let entries = history::entries_after(store, document, loaded.position)?;
            loaded.take_in(&entries);
            loaded.heads = heads;
        }
        Ok(loaded)
    }

    /// Runs an edit on the document as this author, and returns the change it made, if any. The
    /// cache keeps nothing of it: the document shows the edit once its envelope is admitted.
    pub fn edit<R>(
        &mut self,
        store: &impl ReadStore,
        document: &DocumentId,
        author: Author,
        edit: impl FnOnce(&mut AutoCommit) -> R,
    ) -> Result<(R, Option<Vec<u8>>), ReadError> {
        let loaded = self.open(store, document)?;
        let mut draft = loaded.document.fork();
        draft.set_actor(ActorId::from(author.actor(document)));
        let result = edit(&mut draft);
        draft.commit_with(automerge::transaction::CommitOptions::default().with_time(0));
        let change = draft.get_last_local_change().map(|change| change.raw_bytes().to_vec());
        Ok((result, change))
    }
}

impl Loaded {
    /// Applies entries in causal order: all at once, or one by one if any fails.
    fn take_in(&mut self, entries: &[Entry]) {
        if let Some(last) = entries.last() {
            self.position = last.position;
        }
        let changes: Result<Vec<Change>, String> = entries.iter().map(change).collect();
        if self.left_out.is_empty()
            && let Ok(changes) = changes
            && let Ok(document) = applied(&self.document, changes)
        {
            self.document = document;
            return;
        }
        for entry in entries {
            let result = change(entry).and_then(|change| {
                let hash = change.hash().0;
                if change.deps().iter().any(|dep| self.left_out.contains(&dep.0)) {
                    self.left_out.insert(hash);
                    return Err("builds on an envelope that was left out".into());
                }
                let outcome = applied(&self.document, vec![change]);
                if outcome.is_err() {
                    self.left_out.insert(hash);
                }
                outcome
            });
            match result {
                Ok(document) => self.document = document,
                Err(reason) => {
                    self.unusable.push(Unusable { envelope: entry.header.id(), reason });
                }
            }
        }
    }
}

fn change(entry: &Entry) -> Result<Change, String> {
    let bytes = entry.content.clone();
    let parsed = catch_unwind(AssertUnwindSafe(|| Change::from_bytes(bytes)));
    match parsed {
        Ok(Ok(change)) => Ok(change),
        Ok(Err(error)) => Err(error.to_string()),
        Err(_) => Err("Automerge panics reading it".into()),
    }
}

/// Applies to a scratch copy: a panic leaves the document as it was.
fn applied(document: &AutoCommit, changes: Vec<Change>) -> Result<AutoCommit, String> {
    let mut scratch = document.clone();
    let outcome = catch_unwind(AssertUnwindSafe(move || {
        scratch.apply_changes(changes).map_err(|error| error.to_string())?;
        Ok(scratch)
    }));
    outcome.unwrap_or_else(|_| Err("Automerge panics applying it".into()))
}
