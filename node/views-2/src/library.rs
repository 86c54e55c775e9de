//! Documents as queries and edits see them: built from admitted envelopes, kept in a bounded
//! cache. The envelopes are the truth; losing this cache loses nothing.

use std::collections::BTreeSet;
use std::num::NonZeroUsize;
use std::panic::{AssertUnwindSafe, catch_unwind};

use automerge::transaction::CommitOptions;
use automerge::{ActorId, AutoCommit, Change};
use lru::LruCache;
use node_replication::history::{self, Entry, Summary};
use node_replication::store::{ReadError, ReadStore};
use schema_documents::record;
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
    /// The envelopes it was built from: how many, and what of them nothing else builds on.
    counting: u64,
    heads: Vec<Hash>,
    position: u64,
    revision: u64,
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
        let loaded = self.take(store, document)?;
        Ok(self.cache.get_or_insert_mut(document.clone(), || loaded))
    }

    /// The document as the store holds it now, out of the cache.
    fn take(&mut self, store: &impl ReadStore, document: &DocumentId) -> Result<Loaded, ReadError> {
        let summary = history::summary(store, document)?;
        let counting = summary.as_ref().map_or(0, Summary::counting);
        let (heads, revision) = summary.map_or((Vec::new(), 0), |s| (s.heads, s.revision));
        let root = self.root;
        let fresh = || Loaded {
            document: root(document.class),
            unusable: Vec::new(),
            counting: 0,
            heads: Vec::new(),
            position: 0,
            revision,
            left_out: BTreeSet::new(),
        };
        // What was built in may no longer count: then build anew.
        let kept = self.cache.pop(document).filter(|loaded| loaded.revision == revision);
        let mut loaded = kept.unwrap_or_else(fresh);
        if loaded.heads != heads {
            self.loads += 1;
            let new = heads.iter().filter(|head| !loaded.heads.contains(head));
            let new: BTreeSet<Hash> = new.copied().collect();
            // In one revision no envelope ceases to count, so none becomes a head again: new heads
            // are new envelopes, and if there are no more than these, the log need not be read.
            let entries = if counting.checked_sub(loaded.counting) == Some(new.len() as u64) {
                history::envelopes(store, document, &new)?
            } else {
                history::entries_after(store, document, loaded.position)?
            };
            loaded.take_in(&entries);
            (loaded.heads, loaded.counting) = (heads, counting);
        }
        Ok(loaded)
    }

    /// Runs an edit on the document as this author; no draft if it changed nothing.
    ///
    /// The edit is made in place, so that its cost does not grow with the document: until the
    /// draft is kept the library has forgotten the document, and builds it anew if it is not.
    pub fn edit<R>(
        &mut self,
        store: &impl ReadStore,
        document: &DocumentId,
        author: Author,
        edit: impl FnOnce(&mut AutoCommit) -> R,
    ) -> Result<(R, Option<Draft>), ReadError> {
        let mut loaded = self.take(store, document)?;
        let document = document.clone();
        let draft = &mut loaded.document;
        draft.set_actor(ActorId::from(author.actor(&document)));
        let before = draft.get_heads();
        let result = edit(draft);
        draft.commit_with(CommitOptions::default().with_time(0));
        // What was made as a change and applied is as much an edit as what was put.
        let edited = draft.get_heads() != before;
        match edited.then(|| draft.get_last_local_change()).flatten() {
            Some(change) => {
                let change = change.raw_bytes().to_vec();
                Ok((result, Some(Draft { document, loaded, change })))
            }
            None => {
                self.cache.put(document, loaded);
                Ok((result, None))
            }
        }
    }

    /// Keeps a document as a draft has made it, once this envelope of its change is admitted.
    pub fn keep(&mut self, draft: Draft, envelope: Hash) {
        let Draft { document, mut loaded, .. } = draft;
        // An edit builds on all that the document holds. Should the store name other heads, the
        // next use takes in what is behind the position, this change with it.
        loaded.heads = vec![envelope];
        loaded.counting += 1;
        self.cache.put(document, loaded);
    }

    /// Runs an edit and keeps nothing of it.
    pub fn rehearse<R>(
        &mut self,
        store: &impl ReadStore,
        document: &DocumentId,
        edit: impl FnOnce(&mut AutoCommit) -> R,
    ) -> Result<R, ReadError> {
        Ok(edit(&mut self.open(store, document)?.document.fork()))
    }
}

/// A document with an edit that is not admitted yet.
#[derive(Debug)]
#[must_use = "a draft that is not kept makes the document be built anew"]
pub struct Draft {
    document: DocumentId,
    loaded: Loaded,
    change: Vec<u8>,
}

impl Draft {
    /// The one change that the edit made, uncompressed.
    pub fn change(&self) -> &[u8] {
        &self.change
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
        record::apply(&mut scratch, changes).map_err(|error| error.to_string())?;
        Ok(scratch)
    }));
    outcome.unwrap_or_else(|_| Err("Automerge panics applying it".into()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use automerge::legacy::{ObjectId, OpId};
    use automerge::transaction::Transactable;
    use automerge::{ActorId, ReadDoc, ScalarValue};
    use node_replication::store::MemStore;
    use node_replication::{Config, Identity, Replica};
    use schema_documents::puts::Puts;
    use schema_documents::root_document;
    use schema_wire::{
        ClassSet, Delegation, Genesis, Header, NetworkId, NodeKey, Payload, SigningKey, Statement,
        UnitId, VerbSet, Verified,
    };

    fn loaded() -> Loaded {
        Loaded {
            document: root_document(Class::Place),
            unusable: Vec::new(),
            counting: 0,
            heads: Vec::new(),
            position: 0,
            revision: 0,
            left_out: BTreeSet::new(),
        }
    }

    fn entry(position: u64, content: Vec<u8>) -> Entry {
        let key = SigningKey::from_bytes(&[1; 32]);
        let unit = UnitId::parse("220800").expect("a unit");
        let header = Header {
            network: NetworkId([0; 32]),
            document: DocumentId::new(unit, Class::Place, "all").expect("a document"),
            author: Author { key: NodeKey(key.verifying_key().to_bytes()), incarnation: 1 },
            seq: 1,
            backlink: None,
            dependencies: Vec::new(),
            delegation: Hash([0; 32]),
            at_ms: position,
            payload: Payload::Changes(Hash::of(&content)),
        };
        Entry { position, header: Verified::seal(header, &key), content }
    }

    fn change_by(actor: u8, grid: &str) -> Vec<u8> {
        let mut fork = root_document(Class::Place);
        fork.set_actor(ActorId::from([actor; 16]));
        record::set(&mut fork, "grids", grid, "name", grid);
        fork.commit();
        fork.get_last_local_change().expect("a change").raw_bytes().to_vec()
    }

    /// A change whose references lie in its past, but which takes a text for a map.
    fn hostile() -> Vec<u8> {
        let mut fork = root_document(Class::Place);
        fork.set_actor(ActorId::from([66; 16]));
        let grids = record::map(&fork, "grids").expect("a map");
        fork.put(&grids, "a/name", "text").expect("puts");
        fork.put(&grids, "b/name", "text").expect("puts");
        fork.commit();
        let mut change = fork.get_last_local_change().expect("a change").decode();
        let first = OpId::new(change.start_op.get(), &change.actor_id);
        change.operations[1].obj = ObjectId::Id(first);
        change.hash = None;
        Change::from(change).raw_bytes().to_vec()
    }

    fn built(contents: &[Vec<u8>]) -> (BTreeSet<String>, usize) {
        let entries: Vec<Entry> = (1..)
            .zip(contents)
            .map(|(position, content)| entry(position, content.clone()))
            .collect();
        let mut loaded = loaded();
        loaded.take_in(&entries);
        (record::records(&loaded.document, "grids"), loaded.unusable.len())
    }

    #[test]
    fn a_change_automerge_cannot_take_is_left_out_alone_whatever_the_order() {
        let (good, bad, other) = (change_by(2, "g1"), hostile(), change_by(3, "g2"));
        let expected = built(&[good.clone(), bad.clone(), other.clone()]);
        assert!(expected.0.is_superset(&BTreeSet::from(["g1".into(), "g2".into()])));
        for order in [
            [bad.clone(), good.clone(), other.clone()],
            [other.clone(), good.clone(), bad.clone()],
            [other.clone(), bad.clone(), good.clone()],
        ] {
            assert_eq!(built(&order), expected);
        }
        assert_eq!(expected.1, 1, "the hostile change is named");
    }

    #[test]
    fn what_cannot_be_read_leaves_the_document_as_it_was() {
        let (records, unusable) = built(&[change_by(2, "g1"), vec![0; 40]]);
        assert_eq!(records, BTreeSet::from(["g1".into()]));
        assert_eq!(unusable, 1);
        let root = root_document(Class::Place);
        assert!(root.get(automerge::ROOT, "grids").is_ok());
    }

    /// Three changes each of several authors who have not heard of each other.
    fn logs() -> Vec<Vec<Vec<u8>>> {
        let log = |actor: u8| {
            let mut fork = root_document(Class::Place);
            fork.set_actor(ActorId::from([actor; 16]));
            let edit = |number: u8| {
                record::set(&mut fork, "grids", "shared", "name", format!("{actor}-{number}"));
                record::set(&mut fork, "grids", &format!("g{actor}"), "name", i64::from(number));
                fork.commit();
                fork.get_last_local_change().expect("a change").raw_bytes().to_vec()
            };
            (0..3).map(edit).collect()
        };
        (1..6).map(log).collect()
    }

    /// A city's only node, with an empty store.
    fn alone() -> (Replica, MemStore) {
        let key = SigningKey::from_bytes(&[1; 32]);
        let public = NodeKey(key.verifying_key().to_bytes());
        let unit = UnitId::parse("220800").expect("a unit");
        let (name, roots) = ("白城".into(), vec![public]);
        let genesis = Genesis { unit: unit.clone(), name, roots, threshold: 1, at_ms: 0 };
        let grant = Delegation {
            network: genesis.network(),
            issuer: public,
            issuer_unit: unit.clone(),
            proof: None,
            subject: public,
            unit: unit.clone(),
            verbs: VerbSet::WRITE.with(VerbSet::READ),
            classes: ClassSet::ALL,
            not_before_ms: 1_000,
            not_after_ms: 9_000,
            grace_ms: 0,
            serial: 0,
        };
        let grant = Verified::seal(grant, &key);
        let config = Config::new(genesis, crate::root_changes());
        let (epoch, delegation) = ([1; 16], grant.id());
        let identity = Identity { key, incarnation: 1, unit, delegation, epoch, chance: 0 };
        let mut store = MemStore::default();
        let (mut replica, output) = Replica::open(config, identity, &store).expect("in memory");
        store.apply(&output.batch);
        let grant = Statement::Delegation(grant.as_signed().clone());
        let learned = replica.learn(1_000, grant, &store).expect("in memory");
        store.apply(&learned.expect("a good grant").batch);
        (replica, store)
    }

    /// The envelope of a draft's change.
    fn admit(replica: &mut Replica, store: &mut MemStore, draft: &Draft) -> Hash {
        let written = replica.write(2_000, &draft.document, draft.change.clone(), store);
        let (id, output) = written.expect("an honest edit is taken");
        store.apply(&output.batch);
        id
    }

    #[test]
    fn a_draft_that_is_kept_is_the_document_and_one_that_is_not_is_gone() {
        let (mut replica, mut store) = alone();
        let mut library = Library::new(NonZeroUsize::MIN, root_document);
        let unit = replica.identity().unit.clone();
        let document = DocumentId::new(unit, Class::Place, "all").expect("a document");
        let author = Author { key: replica.identity().public(), incarnation: 1 };
        let mut names = BTreeSet::new();
        for number in 0..6 {
            let name = format!("g{number}");
            let set = |draft: &mut AutoCommit| record::set(draft, "grids", &name, "name", "x");
            let (_, draft) = library.edit(&store, &document, author, set).expect("in memory");
            let draft = draft.expect("a change");
            if number % 3 == 1 {
                drop(draft);
            } else {
                let id = admit(&mut replica, &mut store, &draft);
                library.keep(draft, id);
                let loads = library.loads();
                library.open(&store, &document).expect("in memory");
                assert_eq!(library.loads(), loads, "a kept draft is not loaded again");
                names.insert(name);
            }
            let mut fresh = Library::new(NonZeroUsize::MIN, root_document);
            let fresh = fresh.open(&store, &document).expect("in memory");
            let kept = library.open(&store, &document).expect("in memory");
            assert_eq!(kept.document.get_heads(), fresh.document.get_heads());
            assert_eq!(record::records(&kept.document, "grids"), names);
        }
        let same = |draft: &mut AutoCommit| record::set(draft, "grids", "g0", "name", "x");
        let (changed, draft) = library.edit(&store, &document, author, same).expect("in memory");
        assert!(!changed && draft.is_none());
        let tried = |draft: &mut AutoCommit| record::set(draft, "grids", "g9", "name", "x");
        assert!(library.rehearse(&store, &document, tried).expect("in memory"));
        let kept = library.open(&store, &document).expect("in memory");
        assert_eq!(record::records(&kept.document, "grids"), names);
    }

    #[test]
    fn an_edit_that_was_made_as_a_change_is_a_draft_like_any() {
        let (mut replica, mut store) = alone();
        let mut library = Library::new(NonZeroUsize::MIN, root_document);
        let unit = replica.identity().unit.clone();
        let document = DocumentId::new(unit, Class::Place, "all").expect("a document");
        let author = Author { key: replica.identity().public(), incarnation: 1 };
        // Few are put, many are applied, and what follows builds on both.
        for (records, value) in [(3, 1), (900, 2), (2, 3), (800, 4)] {
            let edit = |draft: &mut AutoCommit| {
                let (mut puts, mut known) = (Puts::default(), record::read(draft, "grids"));
                for number in 0..records {
                    let name = format!("g{number}");
                    let fields = known.entry(name.clone()).or_default();
                    puts.amend(("grids", &name), fields, "name", i64::from(value));
                }
                puts.write(draft);
            };
            let (_, draft) = library.edit(&store, &document, author, edit).expect("in memory");
            let draft = draft.expect("a change");
            let id = admit(&mut replica, &mut store, &draft);
            library.keep(draft, id);
            let mut fresh = Library::new(NonZeroUsize::MIN, root_document);
            let fresh = fresh.open(&store, &document).expect("in memory");
            let kept = library.open(&store, &document).expect("in memory");
            assert_eq!(kept.document.get_heads(), fresh.document.get_heads());
            let grids = record::read(&kept.document, "grids");
            assert_eq!(grids, record::read(&fresh.document, "grids"));
            let said = grids.values().filter(|grid| grid["name"] == [ScalarValue::from(value)]);
            assert_eq!(said.count(), records, "{value}");
        }
    }

    proptest::proptest! {
        #[test]
        fn equal_envelopes_give_equal_documents_whatever_the_order(
            turns in proptest::collection::vec(0usize..5, 15..60)
        ) {
            let mut queues: Vec<_> = logs().into_iter().map(Vec::into_iter).collect();
            let mut arrived: Vec<Vec<u8>> =
                turns.iter().filter_map(|turn| queues[*turn].next()).collect();
            arrived.extend(queues.into_iter().flatten());
            let state = |contents: &[Vec<u8>], portion: usize| {
                let mut loaded = loaded();
                let entries: Vec<Entry> =
                    (1..).zip(contents).map(|(at, content)| entry(at, content.clone())).collect();
                entries.chunks(portion).for_each(|portion| loaded.take_in(portion));
                (record::read(&loaded.document, "grids"), loaded.document.get_heads())
            };
            let in_author_order: Vec<Vec<u8>> = logs().into_iter().flatten().collect();
            proptest::prop_assert_eq!(state(&arrived, 1 + turns.len() % 7), state(&in_author_order, 15));
        }
    }
}
