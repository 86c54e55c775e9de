//! A district and its communities in memory, each with a node that reports as the shell has it
//! report: batches first, then events, then numbers.

use std::cell::Cell;
use std::collections::VecDeque;
use std::num::NonZeroUsize;

use automerge::AutoCommit;
use node_replication::store::{Batch, Entry, MemStore, ReadError, ReadStore, Table};
use node_replication::{Config, Effect, Identity, Input, Output, Replica, SessionId};
use node_views::{Library, Sight, Tallies, due, root_changes};
use schema_documents::contributions::Contributions;
use schema_documents::report::{self, Block, Revision};
use schema_documents::root_document;
use schema_wire::{
    Author, Class, ClassSet, Delegation, DocumentId, Genesis, Hash, NodeKey, Revocation,
    SigningKey, Statement, Suspension, UnitId, VerbSet, Verified,
};

pub(crate) const CITY: &str = "220800";
pub(crate) const DISTRICT: &str = "220800/220802";
const GOVERN: VerbSet = VerbSet::GOVERN.with(VerbSet::READ);
const CLERK: VerbSet = VerbSet::WRITE.with(VerbSet::READ);
const NOW_MS: u64 = 1_000_000;

fn key(number: u8) -> SigningKey {
    SigningKey::from_bytes(&[number; 32])
}

fn public(number: u8) -> NodeKey {
    NodeKey(key(number).verifying_key().to_bytes())
}

pub(crate) fn unit(text: &str) -> UnitId {
    UnitId::parse(text).expect("a unit path")
}

pub(crate) fn document(owner: &str, class: Class, shard: &str) -> DocumentId {
    DocumentId::new(unit(owner), class, shard).expect("a document id")
}

fn genesis() -> Genesis {
    let roots = vec![public(1)];
    Genesis { unit: unit(CITY), name: "白城".into(), roots, threshold: 1, at_ms: 0 }
}

/// `issuer` is a key and the unit it speaks for, `subject` a key and the unit granted.
pub(crate) fn grant(
    issuer: (u8, &str),
    proof: Option<Hash>,
    subject: (u8, &str),
    verbs: VerbSet,
) -> Verified<Delegation> {
    let delegation = Delegation {
        network: genesis().network(),
        issuer: public(issuer.0),
        issuer_unit: unit(issuer.1),
        proof,
        subject: public(subject.0),
        unit: unit(subject.1),
        verbs,
        classes: ClassSet::ALL,
        not_before_ms: 1000,
        not_after_ms: NOW_MS * 1000,
        grace_ms: 0,
        serial: 0,
    };
    Verified::seal(delegation, &key(issuer.0))
}

/// The district's grant, by which its key 2 founds units and speaks for it.
pub(crate) fn district() -> Verified<Delegation> {
    grant((1, CITY), None, (2, DISTRICT), GOVERN)
}

/// A clerk's grant for a node of the district.
pub(crate) fn clerk(number: u8) -> Verified<Delegation> {
    grant((2, DISTRICT), Some(district().id()), (number, DISTRICT), CLERK)
}

/// A community of the district: its path, its founding, and the grant of its one node.
pub(crate) fn community(number: u8) -> (String, Verified<Delegation>, Verified<Delegation>) {
    let at = format!("{DISTRICT}/{number}");
    let founds = grant((2, DISTRICT), Some(district().id()), (100 + number, &at), GOVERN);
    let clerk = grant((100 + number, &at), Some(founds.id()), (50 + number, &at), CLERK);
    (at, founds, clerk)
}

pub(crate) fn suspension(of: &str, reason: &str, at_ms: u64) -> Verified<Suspension> {
    let suspension = Suspension {
        network: genesis().network(),
        issuer: public(2),
        issuer_unit: unit(DISTRICT),
        proof: Some(district().id()),
        unit: unit(of),
        reason: reason.into(),
        at_ms,
    };
    Verified::seal(suspension, &key(2))
}

/// What was written under it no longer counts.
pub(crate) fn revocation(revokes: Hash) -> Statement {
    let revocation = Revocation {
        network: genesis().network(),
        issuer: public(2),
        issuer_unit: unit(DISTRICT),
        proof: Some(district().id()),
        revokes,
        watermarks: Vec::new(),
        keeps: Vec::new(),
        at_ms: NOW_MS,
    };
    Statement::Revocation(Verified::seal(revocation, &key(2)).as_signed().clone())
}

/// A store that counts what is read: calls, and entries returned.
#[derive(Debug, Clone, Default)]
pub(crate) struct CountingStore {
    pub(crate) inner: MemStore,
    reads: Cell<usize>,
}

impl CountingStore {
    fn count(&self, entries: usize) {
        self.reads.set(self.reads.get() + entries);
    }
    pub(crate) fn take_reads(&self) -> usize {
        self.reads.take()
    }
}

impl ReadStore for CountingStore {
    fn read(&self, table: Table, key: &[u8]) -> Result<Option<Vec<u8>>, ReadError> {
        self.count(1);
        self.inner.read(table, key)
    }
    fn range(
        &self,
        table: Table,
        from: &[u8],
        to: &[u8],
        limit: usize,
    ) -> Result<Vec<Entry>, ReadError> {
        let entries = self.inner.range(table, from, to, limit)?;
        self.count(1 + entries.len());
        Ok(entries)
    }
    fn last(&self, table: Table, from: &[u8], to: &[u8]) -> Result<Option<Entry>, ReadError> {
        self.count(1);
        self.inner.last(table, from, to)
    }
}

pub(crate) struct Node {
    pub(crate) unit: UnitId,
    pub(crate) store: CountingStore,
    pub(crate) library: Library,
    pub(crate) tallies: Tallies,
    pub(crate) writes: usize,
    replica: Replica,
}

fn library() -> Library {
    Library::new(NonZeroUsize::new(2_000).expect("not zero"), root_document)
}

impl Node {
    /// A node with this key, under the last of these grants.
    pub(crate) fn open(number: u8, at: &str, grants: &[&Verified<Delegation>]) -> Self {
        let identity = Identity {
            key: key(number),
            incarnation: 1,
            unit: unit(at),
            delegation: grants.last().expect("a grant").id(),
            epoch: [number; 16],
            chance: u64::from(number),
        };
        let mut store = CountingStore::default();
        let config = Config::new(genesis(), root_changes());
        let (replica, output) = Replica::open(config, identity, &store).expect("in memory");
        store.inner.apply(&output.batch);
        let (library, tallies) = (library(), Tallies::default());
        let mut node = Self { unit: unit(at), store, library, tallies, writes: 0, replica };
        for grant in grants {
            node.learn(Statement::Delegation(grant.as_signed().clone()));
        }
        node
    }

    /// Writes, then lets the numbers hear of it. Returns the frames to send.
    fn release(&mut self, output: Output) -> Vec<Vec<u8>> {
        self.write_batch(&output.batch);
        let mut frames = Vec::new();
        for effect in output.effects {
            match effect {
                Effect::Send { bytes, .. } => frames.push(bytes),
                Effect::Tell(event) => self.tallies.heed(&event, &self.unit),
                // A withdrawn colleague is told so, and no longer heard.
                Effect::Close { .. } => {}
            }
        }
        frames
    }

    fn write_batch(&mut self, batch: &Batch) {
        self.writes += batch.writes.len();
        self.store.inner.apply(batch);
    }

    pub(crate) fn learn(&mut self, statement: Statement) {
        let learned = self.replica.learn(NOW_MS, statement, &self.store).expect("in memory");
        self.release(learned.expect("a good statement"));
    }

    pub(crate) fn edit<R>(
        &mut self,
        document: &DocumentId,
        edit: impl FnOnce(&mut AutoCommit) -> R,
    ) {
        let identity = self.replica.identity();
        let author = Author { key: identity.public(), incarnation: identity.incarnation };
        let edited = self.library.edit(&self.store, document, author, edit);
        let Some(draft) = edited.expect("in memory").1 else { return };
        let change = draft.change().to_vec();
        let written = self.replica.write(NOW_MS, document, change, &self.store);
        let (id, output) = written.expect("its own document");
        self.release(output);
        self.library.keep(draft, id);
    }

    /// The numbers on a day, brought up to date.
    pub(crate) fn numbers(&mut self, day: &str) -> Contributions {
        let mut tallies = std::mem::take(&mut self.tallies);
        let (views, numbers) = tallies.refresh(&mut self.sight(day)).expect("in memory");
        let numbers = numbers.clone();
        self.write_batch(&views);
        self.tallies = tallies;
        numbers
    }

    /// What a node that starts on this store would count. With its views, or without any.
    pub(crate) fn recount(&self, day: &str, views: bool) -> Contributions {
        let (mut store, mut library) = (self.store.clone(), library());
        if !views {
            let all = store.inner.range(Table::Views, &[], &[u8::MAX; 9], usize::MAX >> 1);
            let mut batch = Batch::default();
            all.expect("in memory")
                .into_iter()
                .for_each(|(key, _)| batch.delete(Table::Views, key));
            store.inner.apply(&batch);
        }
        let (authority, unit) = (self.replica.authority(), &self.unit);
        let mut sight = Sight { store: &store, library: &mut library, authority, unit, day };
        let mut tallies = Tallies::default();
        tallies.refresh(&mut sight).expect("in memory").1.clone()
    }

    fn sight<'a>(&'a mut self, day: &'a str) -> Sight<'a, CountingStore> {
        let (authority, unit) = (self.replica.authority(), &self.unit);
        Sight { store: &self.store, library: &mut self.library, authority, unit, day }
    }

    /// Publishes what is due, as the shell does.
    pub(crate) fn publish(&mut self, day: &str) -> Option<Revision> {
        let numbers = self.numbers(day);
        let due = due(&numbers, &mut self.sight(day), NOW_MS).expect("in memory")?;
        let document = Block::of(due.revision).document(&self.unit);
        self.edit(&document, |draft| report::publish(draft, "node", &due));
        Some(due)
    }
}

/// Both nodes hold the same afterwards.
pub(crate) fn meet(one: &mut Node, other: &mut Node, session: u64) {
    let session = SessionId(session);
    let ends = [one, other];
    let keys = [0, 1].map(|end: usize| ends[end].replica.identity().public());
    let mut to: [VecDeque<Vec<u8>>; 2] = Default::default();
    for end in [0, 1] {
        let opened = Input::Opened { session, peer: keys[1 - end], dialer: end == 0 };
        to[1 - end].extend(ends[end].input(opened));
    }
    while let Some(end) = [0, 1].into_iter().find(|end| !to[*end].is_empty()) {
        let bytes = to[end].pop_front().expect("a frame");
        to[1 - end].extend(ends[end].input(Input::frame(session, &bytes)));
    }
    for end in ends {
        end.input(Input::Closed { session });
    }
}

impl Node {
    fn input(&mut self, input: Input) -> Vec<Vec<u8>> {
        let output = self.replica.handle(NOW_MS, input, &self.store).expect("in memory");
        self.release(output)
    }
}
