//! A small network in memory: one city, one district, one community with two nodes.
//!
//! The shell's one duty is kept here: an output's batch is applied before its effects are
//! released.

use std::cell::RefCell;
use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use automerge::transaction::Transactable;
use automerge::{ActorId, AutoCommit, Change, ROOT};
use node_replication::store::{Entry, MemStore, ReadError, ReadStore, Table, Write};
use node_replication::{
    Config, Cost, Effect, Event, Identity, Input, Output, Replica, SessionId, history,
    history::Summary,
};
use schema_wire::{
    Author, Claim, Class, ClassSet, Delegation, DocumentId, Ed25519, Genesis, Hash, NodeKey, Scope,
    SigningKey, Statement, UnitId, VerbSet, Verified, Verifier,
};

pub(crate) const CITY_UNIT: &str = "220800";
pub(crate) const DISTRICT_UNIT: &str = "220800/220802";
pub(crate) const COMMUNITY_UNIT: &str = "220800/220802/220802001001";
pub(crate) const GOVERN: VerbSet = VerbSet::GOVERN.with(VerbSet::READ);
pub(crate) const CLERK: VerbSet = VerbSet::WRITE.with(VerbSet::READ);
pub(crate) const START_MS: u64 = 1_000_000;
pub(crate) const END_MS: u64 = START_MS * 1000;
/// Numbers of the nodes of a founded world.
pub(crate) const CITY: usize = 0;
pub(crate) const DISTRICT: usize = 1;
pub(crate) const LEFT: usize = 2;
pub(crate) const RIGHT: usize = 3;
/// More deliveries than any test needs: a world that exceeds it never comes to rest.
const DELIVERIES_MAX: usize = 200_000;

pub(crate) fn key(number: u8) -> SigningKey {
    SigningKey::from_bytes(&[number; 32])
}
pub(crate) fn public(key: &SigningKey) -> NodeKey {
    NodeKey(key.verifying_key().to_bytes())
}
pub(crate) fn unit(text: &str) -> UnitId {
    UnitId::parse(text).expect("a unit path")
}
pub(crate) fn document(owner: &str, class: Class, shard: &str) -> DocumentId {
    DocumentId::new(unit(owner), class, shard).expect("a document id")
}
pub(crate) fn genesis() -> Genesis {
    let roots = vec![public(&key(1))];
    Genesis { unit: unit(CITY_UNIT), name: "白城".into(), roots, threshold: 1, at_ms: 0 }
}

pub(crate) fn grant(
    issuer: (&SigningKey, &str),
    proof: Option<Hash>,
    subject: (NodeKey, &str),
    verbs: VerbSet,
) -> Delegation {
    Delegation {
        network: genesis().network(),
        issuer: public(issuer.0),
        issuer_unit: unit(issuer.1),
        proof,
        subject: subject.0,
        unit: unit(subject.1),
        verbs,
        classes: ClassSet::ALL,
        not_before_ms: 1000,
        not_after_ms: END_MS,
        grace_ms: 0,
        serial: 0,
    }
}

/// The grants of the founded network: district, community, then one for each node.
pub(crate) struct Grants {
    pub(crate) district: Verified<Delegation>,
    pub(crate) community: Verified<Delegation>,
    pub(crate) nodes: [Verified<Delegation>; 4],
}

pub(crate) fn grants() -> Grants {
    let seal = |delegation, number| Verified::seal(delegation, &key(number));
    let (root, two, three) = (key(1), key(2), key(3));
    let district = seal(grant((&root, CITY_UNIT), None, (public(&two), DISTRICT_UNIT), GOVERN), 1);
    let above = Some(district.id());
    let community =
        seal(grant((&two, DISTRICT_UNIT), above, (public(&three), COMMUNITY_UNIT), GOVERN), 2);
    let node = |issuer: u8, at: &str, proof, number| {
        let to = (public(&key(number)), at);
        seal(grant((&key(issuer), at), proof, to, CLERK), issuer)
    };
    let own = Some(community.id());
    let nodes = [
        node(1, CITY_UNIT, None, 11),
        node(2, DISTRICT_UNIT, above, 12),
        node(3, COMMUNITY_UNIT, own, 13),
        node(3, COMMUNITY_UNIT, own, 14),
    ];
    Grants { district, community, nodes }
}

/// A store that counts what is read, by table: calls, and entries returned.
#[derive(Debug, Default)]
pub(crate) struct CountingStore {
    pub(crate) inner: MemStore,
    reads: RefCell<BTreeMap<Table, u64>>,
}

impl CountingStore {
    fn count(&self, table: Table, entries: usize) {
        *self.reads.borrow_mut().entry(table).or_insert(0) += 1 + entries as u64;
    }
    pub(crate) fn take_reads(&self) -> BTreeMap<Table, u64> {
        std::mem::take(&mut self.reads.borrow_mut())
    }
}

impl ReadStore for CountingStore {
    fn read(&self, table: Table, key: &[u8]) -> Result<Option<Vec<u8>>, ReadError> {
        self.count(table, 0);
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
        self.count(table, entries.len());
        Ok(entries)
    }
    fn last(&self, table: Table, from: &[u8], to: &[u8]) -> Result<Option<Entry>, ReadError> {
        self.count(table, 1);
        self.inner.last(table, from, to)
    }
}

/// The check of signatures that is shipped, counted.
#[derive(Debug, Default)]
pub(crate) struct CountingVerifier(AtomicU64);

impl CountingVerifier {
    pub(crate) fn take(&self) -> u64 {
        self.0.swap(0, Ordering::Relaxed)
    }
}

impl Verifier for CountingVerifier {
    fn holds(&self, claim: &Claim<'_>) -> bool {
        self.0.fetch_add(1, Ordering::Relaxed);
        Ed25519.holds(claim)
    }
}

pub(crate) struct Node {
    pub(crate) replica: Replica,
    pub(crate) store: CountingStore,
    pub(crate) events: Vec<Event>,
    pub(crate) config: Config,
    /// Keys written or deleted so far.
    pub(crate) writes: usize,
}

impl Node {
    fn open(config: Config, identity: Identity, store: CountingStore) -> Self {
        let (replica, output) =
            Replica::open(config.clone(), identity, &store).expect("a store in memory");
        let mut node = Self { replica, store, events: Vec::new(), config, writes: 0 };
        node.store.inner.apply(&output.batch);
        node
    }

    pub(crate) fn author(&self) -> Author {
        let identity = self.replica.identity();
        Author { key: identity.public(), incarnation: identity.incarnation }
    }

    /// The document as its admitted envelopes make it.
    pub(crate) fn load(&self, document: &DocumentId) -> AutoCommit {
        let mut doc = AutoCommit::new();
        let entries = history::entries(&self.store.inner, document).expect("a store in memory");
        for entry in entries {
            let change = Change::from_bytes(entry.content).expect("admitted");
            doc.apply_changes([change]).expect("admitted");
        }
        doc
    }

    /// What Automerge makes of an edit by this node: one change, not yet written.
    pub(crate) fn change(
        &self,
        document: &DocumentId,
        edit: impl FnOnce(&mut AutoCommit),
    ) -> Vec<u8> {
        let mut doc = self.load(document);
        doc.set_actor(ActorId::from(self.author().actor(document)));
        edit(&mut doc);
        doc.commit();
        doc.get_last_local_change().expect("the edit changed something").raw_bytes().to_vec()
    }

    /// Every scope with its count of items and fingerprint, and every document's heads.
    pub(crate) fn state(&self, scopes: &[Scope]) -> Vec<String> {
        let status = self.replica.status(&self.store.inner).expect("a store in memory");
        let mut lines = Vec::new();
        for scope in status.scopes.iter().filter(|s| scopes.contains(&s.scope)) {
            lines.push(format!("{} {} {:?}", scope.scope, scope.items, scope.fingerprint));
            let documents =
                history::documents(&self.store.inner, &scope.scope).expect("a store in memory");
            // A revision counts what happened here, and is nobody else's.
            let shared = documents.into_iter().map(|summary| Summary { revision: 0, ..summary });
            lines.extend(shared.map(|summary| format!("{summary:?}")));
            let suspended = history::suspended(&self.store.inner).expect("a store in memory");
            let here = suspended.iter().filter(|s| s.document.scope() == scope.scope);
            lines.extend(here.map(|suspended| format!("{suspended:?}")));
        }
        lines
    }

    /// What the last session took until both sides held everything.
    pub(crate) fn resumed(&self) -> Cost {
        let cost = self.events.iter().rev().find_map(|event| match event {
            Event::Resumed { cost, .. } => Some(*cost),
            _ => None,
        });
        cost.expect("the session resumed")
    }

    pub(crate) fn rejections(&self) -> BTreeMap<&'static str, u64> {
        self.replica.status(&self.store.inner).expect("a store in memory").rejections
    }

    pub(crate) fn refused_sessions(&self) -> BTreeMap<String, u64> {
        self.replica.status(&self.store.inner).expect("a store in memory").refused_sessions
    }
}

/// Two nodes and the frames between them, in order.
struct Link {
    ends: [usize; 2],
    /// Frames on their way to each end.
    to: [VecDeque<Vec<u8>>; 2],
}

pub(crate) struct World {
    pub(crate) nodes: Vec<Node>,
    links: BTreeMap<SessionId, Link>,
    /// Every frame ever released, with the node it went to.
    pub(crate) frames: Vec<(usize, Vec<u8>)>,
    pub(crate) now_ms: u64,
    /// Counts the signatures that any node checks.
    pub(crate) verifier: Arc<CountingVerifier>,
    sessions: u64,
}

impl World {
    /// Four nodes that know their own chains and nothing of each other.
    pub(crate) fn found() -> Self {
        let grants = grants();
        let units = [CITY_UNIT, DISTRICT_UNIT, COMMUNITY_UNIT, COMMUNITY_UNIT];
        let mut world = Self {
            nodes: Vec::new(),
            links: BTreeMap::new(),
            frames: Vec::new(),
            now_ms: START_MS,
            verifier: Arc::default(),
            sessions: 0,
        };
        for (number, at) in (11..).zip(units) {
            let index = world.nodes.len();
            world.open(number, at, grants.nodes[index].id());
            let chain = [&grants.district, &grants.community];
            for link in chain.into_iter().take(index.min(2)).chain([&grants.nodes[index]]) {
                world.learn(index, link);
            }
        }
        world
    }

    fn open(&mut self, number: u8, at: &str, delegation: Hash) {
        let identity = Identity {
            key: key(number),
            incarnation: 1,
            unit: unit(at),
            delegation,
            epoch: [number; 16],
            chance: u64::from(number),
        };
        let verifier = self.verifier.clone();
        let config = Config { verifier, ..Config::new(genesis(), BTreeMap::new()) };
        self.nodes.push(Node::open(config, identity, CountingStore::default()));
    }

    /// A node of one more community of the district: below 60 of them.
    pub(crate) fn settle(&mut self, number: u8) -> (usize, String) {
        let (community, own) = (key(100 + number), key(160 + number));
        let at = format!("{DISTRICT_UNIT}/{number:012}");
        let Grants { district, .. } = grants();
        let to = |key| (public(key), at.as_str());
        let founds = grant((&key(2), DISTRICT_UNIT), Some(district.id()), to(&community), GOVERN);
        let founds = Verified::seal(founds, &key(2));
        let writes = grant((&community, &at), Some(founds.id()), to(&own), CLERK);
        let writes = Verified::seal(writes, &community);
        let node = self.nodes.len();
        self.open(160 + number, &at, writes.id());
        [&district, &founds, &writes].into_iter().for_each(|grant| self.learn(node, grant));
        (node, at)
    }

    pub(crate) fn learn(&mut self, node: usize, delegation: &Verified<Delegation>) {
        self.learn_statement(node, Statement::Delegation(delegation.as_signed().clone()));
    }

    pub(crate) fn learn_statement(&mut self, node: usize, statement: Statement) {
        let now_ms = self.now_ms;
        let Node { replica, store, .. } = &mut self.nodes[node];
        let learned = replica.learn(now_ms, statement, store).expect("a store in memory");
        self.release(node, learned.expect("a good statement"));
    }

    /// The shell: makes the batch durable, then and only then lets the effects go.
    pub(crate) fn release(&mut self, node: usize, output: Output) {
        self.nodes[node].writes += output.batch.writes.len();
        self.nodes[node].store.inner.apply(&output.batch);
        for effect in output.effects {
            match effect {
                Effect::Send { session, bytes } => {
                    let Some(link) = self.links.get_mut(&session) else { continue };
                    let other = usize::from(link.ends[0] == node);
                    self.frames.push((link.ends[other], bytes.clone()));
                    link.to[other].push_back(bytes);
                }
                Effect::Close { session, .. } => self.cut(session),
                Effect::Tell(event) => self.nodes[node].events.push(event),
            }
        }
    }

    pub(crate) fn handle(&mut self, node: usize, input: Input) -> Output {
        let now_ms = self.now_ms;
        let Node { replica, store, .. } = &mut self.nodes[node];
        replica.handle(now_ms, input, store).expect("a store in memory")
    }

    pub(crate) fn input(&mut self, node: usize, input: Input) {
        let output = self.handle(node, input);
        self.release(node, output);
    }

    pub(crate) fn fresh_session(&mut self) -> SessionId {
        self.sessions += 1;
        SessionId(self.sessions)
    }

    pub(crate) fn connect(&mut self, dialer: usize, listener: usize) -> SessionId {
        let session = self.fresh_session();
        let link = Link { ends: [dialer, listener], to: Default::default() };
        self.links.insert(session, link);
        for (node, peer, dialer) in [(dialer, listener, true), (listener, dialer, false)] {
            let peer = self.nodes[peer].author().key;
            self.input(node, Input::Opened { session, peer, dialer });
        }
        session
    }

    /// Frames on the way are lost.
    pub(crate) fn cut(&mut self, session: SessionId) {
        if let Some(link) = self.links.remove(&session) {
            for node in link.ends {
                self.input(node, Input::Closed { session });
            }
        }
    }

    /// Delivers one frame, if any is under way.
    pub(crate) fn deliver_one(&mut self) -> bool {
        let next = self.links.iter_mut().find_map(|(session, link)| {
            // The end with more waiting goes first: neither starves.
            let end = usize::from(link.to[1].len() > link.to[0].len());
            let bytes = link.to[end].pop_front()?;
            Some((*session, link.ends[end], bytes))
        });
        let Some((session, node, bytes)) = next else {
            return false;
        };
        self.input(node, Input::frame(session, &bytes));
        true
    }

    pub(crate) fn deliver(&mut self) {
        for _ in 0..DELIVERIES_MAX {
            if !self.deliver_one() {
                return;
            }
        }
        panic!("the network never comes to rest");
    }

    /// The shell wakes every replica, as it does every so often.
    pub(crate) fn wake(&mut self) {
        self.now_ms += 1000;
        (0..self.nodes.len()).for_each(|node| self.input(node, Input::Wake));
        self.deliver();
    }

    pub(crate) fn write(&mut self, node: usize, document: &DocumentId, content: Vec<u8>) -> Hash {
        let now_ms = self.now_ms;
        let Node { replica, store, .. } = &mut self.nodes[node];
        let (id, output) =
            replica.write(now_ms, document, content, store).expect("its own document");
        self.release(node, output);
        id
    }

    /// One transaction that sets a field of a document's root.
    pub(crate) fn put(&mut self, node: usize, document: &DocumentId, field: &str, value: &str) {
        let content = self.nodes[node].change(document, |doc| {
            doc.put(ROOT, field, value).expect("a map");
        });
        self.write(node, document, content);
    }

    /// The process ends and starts again from its store. What was not applied is lost.
    pub(crate) fn restart(&mut self, node: usize) {
        let mine = |link: &&Link| link.ends.contains(&node);
        let all = self.links.iter();
        let gone: Vec<_> = all.filter(|(_, link)| mine(link)).map(|(id, _)| *id).collect();
        gone.into_iter().for_each(|session| self.cut(session));
        let old = &mut self.nodes[node];
        let store = std::mem::take(&mut old.store);
        *old = Node::open(old.config.clone(), old.replica.identity().clone(), store);
    }

    /// Forgets how far any peer was.
    pub(crate) fn drop_cursors(&mut self, node: usize) {
        let store = &mut self.nodes[node].store.inner;
        let all = store.range(Table::Cursors, &[], &[u8::MAX; 99], usize::MAX).expect("memory");
        let table = Table::Cursors;
        let writes = all.into_iter().map(|(key, _)| Write::Delete { table, key }).collect();
        store.apply(&node_replication::store::Batch { writes });
    }
}
