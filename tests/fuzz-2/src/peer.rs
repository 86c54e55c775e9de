//! One replica in memory, and a member of its community that may write, and lies.

use std::collections::{BTreeMap, BTreeSet};
use std::num::NonZeroUsize;
use std::sync::{Arc, LazyLock, Mutex};

use automerge::{ActorId, AutoCommit, Change};
use node_replication::store::MemStore;
use node_replication::{
    Config, Effect, Event, Identity, Input, Output, Replica, RootChange, SessionId, history,
    quarantine,
};
use node_views::Library;
use schema_documents::{indicator, record, root_document};
use schema_wire::{
    Author, Claim, Class, ClassSet, Delegation, DocumentId, Ed25519, Envelope, Frame, Genesis,
    Hash, Header, Hello, Item, Items, NodeKey, Payload, Scope, SigningKey, Statement, UnitId,
    VerbSet, Verified, Verifier, Wire, limits,
};

const CITY: &str = "220800";
const DISTRICT: &str = "220800/220802";
const COMMUNITY: &str = "220800/220802/220802001001";
const START_MS: u64 = 1_000_000;
/// When all grants end.
const END_MS: u64 = START_MS * 1000;
const GOVERN: VerbSet = VerbSet::GOVERN.with(VerbSet::READ);
const CLERK: VerbSet = VerbSet::WRITE.with(VerbSet::READ);
/// Numbers of keys.
const REPLICA: u8 = 13;
const LIAR: u8 = 14;
/// As `node-replication` states it.
const QUARANTINE_ITEMS_MAX: usize = 1000;

fn key(number: u8) -> SigningKey {
    SigningKey::from_bytes(&[number; 32])
}

// What every input begins with is made once: the fuzzer runs many of them a second.
static PUBLIC: LazyLock<[NodeKey; 16]> = LazyLock::new(|| {
    std::array::from_fn(|number| NodeKey(key(number as u8).verifying_key().to_bytes()))
});
static ROOTS: LazyLock<BTreeMap<Class, RootChange>> = LazyLock::new(node_views::root_changes);
static GRANTS: LazyLock<Grants> = LazyLock::new(Grants::new);
static KNOWN: LazyLock<Arc<Known>> = LazyLock::new(Arc::default);

fn public(number: u8) -> NodeKey {
    PUBLIC[usize::from(number)]
}

fn unit(text: &str) -> UnitId {
    UnitId::parse(text).expect("a unit path")
}

/// A document of the community.
pub(crate) fn document(class: Class, shard: &str) -> DocumentId {
    DocumentId::new(unit(COMMUNITY), class, shard).expect("a document")
}

/// The key the liar signs with.
pub(crate) fn liars_key() -> SigningKey {
    key(LIAR)
}

pub(crate) fn liar() -> Author {
    Author { key: public(LIAR), incarnation: 1 }
}

pub(crate) fn genesis() -> Genesis {
    let roots = vec![public(1)];
    Genesis { unit: unit(CITY), name: "白城".into(), roots, threshold: 1, at_ms: 0 }
}

fn grant(
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
        not_after_ms: END_MS,
        grace_ms: 0,
        serial: 0,
    };
    Verified::seal(delegation, &key(issuer.0))
}

/// Who may do what here.
struct Grants {
    district: Verified<Delegation>,
    community: Verified<Delegation>,
    own: Verified<Delegation>,
    liars: Verified<Delegation>,
}

impl Grants {
    fn new() -> Self {
        let district = grant((1, CITY), None, (2, DISTRICT), GOVERN);
        let community = grant((2, DISTRICT), Some(district.id()), (3, COMMUNITY), GOVERN);
        let member =
            |number| grant((3, COMMUNITY), Some(community.id()), (number, COMMUNITY), CLERK);
        let (own, liars) = (member(REPLICA), member(LIAR));
        Self { district, community, own, liars }
    }
}

/// The liar's grant and what it rests on.
pub(crate) fn chain() -> Vec<Statement> {
    let Grants { district, community, liars, .. } = &*GRANTS;
    let statement = |d: &Verified<Delegation>| Statement::Delegation(d.as_signed().clone());
    [liars, community, district].map(statement).to_vec()
}

/// Checks signatures, and remembers those of the grants that every input begins with.
#[derive(Debug, Default)]
struct Known(Mutex<BTreeSet<Hash>>);

const KNOWN_MAX: usize = 8;

impl Verifier for Known {
    fn holds(&self, claim: &Claim<'_>) -> bool {
        let id = Hash::of(&[&claim.key().0[..], &claim.signature()[..], &claim.id().0].concat());
        let mut known = self.0.lock().expect("nothing panics under this lock");
        if known.contains(&id) {
            return true;
        }
        let holds = Ed25519.holds(claim);
        if holds && known.len() < KNOWN_MAX {
            known.insert(id);
        }
        holds
    }
}

/// The replica, and what the liar knows.
pub(crate) struct Peer {
    replica: Replica,
    store: MemStore,
    library: Library,
    now_ms: u64,
    session: SessionId,
    hellos: u64,
    chain: Vec<Statement>,
    pub(crate) delegation: Hash,
    /// What the liar wrote and the replica took, by document.
    pub(crate) logs: BTreeMap<DocumentId, Vec<Envelope>>,
}

impl Peer {
    /// In session with the replica.
    pub(crate) fn joined() -> Self {
        let Grants { district, community, own, liars } = &*GRANTS;
        let identity = Identity {
            key: key(REPLICA),
            incarnation: 1,
            unit: unit(COMMUNITY),
            delegation: own.id(),
            epoch: [REPLICA; 16],
            chance: 7,
        };
        let mut store = MemStore::default();
        let mut config = Config::new(genesis(), ROOTS.clone());
        config.verifier = KNOWN.clone();
        let opened = Replica::open(config, identity, &store);
        let (replica, output) = opened.expect("a store in memory");
        store.apply(&output.batch);
        let statement = |d: &Verified<Delegation>| Statement::Delegation(d.as_signed().clone());
        let mut peer = Self {
            replica,
            store,
            library: Library::new(NonZeroUsize::MIN, root_document),
            now_ms: START_MS,
            session: SessionId(0),
            hellos: 0,
            chain: chain(),
            delegation: liars.id(),
            logs: BTreeMap::new(),
        };
        for learnt in [district, community, own, liars] {
            peer.learn(statement(learnt));
        }
        peer.open_session();
        let hello = peer.hello();
        peer.frame(&Frame::Hello(Box::new(hello)).to_bytes());
        peer
    }

    fn learn(&mut self, statement: Statement) {
        let learned = self.replica.learn(self.now_ms, statement, &self.store);
        let output = learned.expect("a store in memory").expect("a good statement");
        self.release(output);
    }

    /// Time goes on, and stops short of the end of the grants: after it, nobody's edit is taken.
    pub(crate) fn wait(&mut self, ms: u64) {
        self.now_ms = self.now_ms.saturating_add(ms).min(END_MS - 1);
        self.input(Input::Wake);
    }

    pub(crate) fn input(&mut self, input: Input) {
        let output = self.replica.handle(self.now_ms, input, &self.store);
        self.release(output.expect("what the replica wrote it can read"));
    }

    /// Makes the batch durable, and looks at what leaves.
    fn release(&mut self, output: Output) {
        self.store.apply(&output.batch);
        for effect in output.effects {
            match effect {
                Effect::Send { bytes, .. } => {
                    assert!(bytes.len() <= limits::FRAME_BYTES_MAX, "INV-10: a frame fits");
                    assert!(Frame::from_bytes(&bytes).is_ok(), "what is sent decodes");
                }
                Effect::Close { session, .. } => {
                    if session == self.session {
                        self.input(Input::Closed { session });
                    }
                }
                Effect::Tell(Event::Rejected { reason, .. }) => drop(reason.to_string()),
                Effect::Tell(_) => {}
            }
        }
    }

    pub(crate) fn open_session(&mut self) {
        self.input(Input::Closed { session: self.session });
        self.session = SessionId(self.session.0 + 1);
        let (session, dialer) = (self.session, self.session.0.is_multiple_of(2));
        self.input(Input::Opened { session, peer: public(LIAR), dialer });
    }

    pub(crate) fn hello(&mut self) -> Hello {
        self.hellos += 1;
        Hello {
            network: genesis().network(),
            from: public(LIAR),
            to: public(REPLICA),
            incarnation: 1,
            counter: self.hellos,
            unit: unit(COMMUNITY),
            chain: self.chain.clone(),
            epoch: [LIAR; 16],
            scopes: Vec::new(),
        }
    }

    pub(crate) fn frame(&mut self, bytes: &[u8]) {
        self.input(Input::frame(self.session, bytes));
    }

    pub(crate) fn items(&mut self, scope: Scope, items: Vec<Vec<u8>>) {
        let items = Items { scope, upto: None, fingerprint: None, items };
        self.frame(&Frame::Items(items).to_bytes());
    }

    /// The next header of the liar's log in a document.
    pub(crate) fn header(&self, document: &DocumentId, content: &[u8]) -> Header {
        let log = self.logs.get(document).map_or(&[][..], Vec::as_slice);
        Header {
            network: genesis().network(),
            document: document.clone(),
            author: liar(),
            seq: log.len() as u64 + 1,
            backlink: log.last().map(|last| last.header.id()),
            dependencies: Vec::new(),
            delegation: self.delegation,
            at_ms: START_MS + log.len() as u64,
            payload: Payload::Changes(Hash::of(content)),
        }
    }

    /// Offers an envelope with this content, well signed. Was it taken?
    pub(crate) fn offer(&mut self, header: Header, content: Vec<u8>) -> bool {
        let header = Verified::seal(header, &key(LIAR));
        let document = header.value().document.clone();
        let envelope = Envelope { header: header.as_signed().clone(), content };
        self.items(document.scope(), vec![Item::Envelope(envelope.clone()).to_bytes()]);
        let taken = history::holds(&self.store, &header.id());
        let taken = taken.expect("what the replica wrote it can read");
        let log = self.logs.entry(document).or_default();
        if taken && header.value().seq == log.len() as u64 + 1 {
            log.push(envelope);
        }
        taken
    }

    /// The ids of all that the replica took.
    pub(crate) fn written(&self) -> Vec<Hash> {
        self.logs.values().flatten().map(|envelope| envelope.header.id()).collect()
    }

    /// What Automerge makes of an edit by the liar after what it wrote before, if it can.
    pub(crate) fn change(
        &self,
        document: &DocumentId,
        edit: impl FnOnce(&mut AutoCommit),
    ) -> Option<Change> {
        let contents = self.logs.get(document).into_iter().flatten();
        let before = contents.map(|envelope| Change::from_bytes(envelope.content.clone()).ok());
        let before: Vec<Change> = before.collect::<Option<_>>()?;
        let edited = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            let mut draft = root_document(document.class);
            draft.apply_changes(before).ok()?;
            draft.set_actor(ActorId::from(liar().actor(document)));
            edit(&mut draft);
            draft.commit()?;
            draft.get_last_local_change()
        }));
        edited.ok().flatten()
    }

    /// Reads a document as views and reports do, and edits it.
    pub(crate) fn read(&mut self, document: &DocumentId) {
        let Some(map) = record::maps(document.class).first() else { return };
        let loaded = self.library.open(&self.store, document).expect("a store in memory");
        for map in record::maps(document.class) {
            let _ = record::read(&loaded.document, map);
        }
        let _ = indicator::tally(document.class, &loaded.document, "2026-11-24");
        let identity = self.replica.identity();
        let author = Author { key: identity.public(), incarnation: identity.incarnation };
        // Some changes poison the edits that come after them: make a few.
        for number in 0..3i64 {
            let edited = self.library.edit(&self.store, document, author, |draft| {
                record::set(draft, map, "record", "field", number);
            });
            let (_, draft) = edited.expect("a store in memory");
            let Some(draft) = draft else { continue };
            let content = draft.change().to_vec();
            let written = self.replica.write(self.now_ms, document, content, &self.store);
            let (id, output) = written.expect("an honest edit is taken");
            self.release(output);
            self.library.keep(draft, id);
        }
    }

    /// INV-10: what a peer makes a replica keep is bounded.
    pub(crate) fn bounds(&self) {
        let kept = quarantine(&self.store).expect("a store in memory");
        assert!(kept.len() <= QUARANTINE_ITEMS_MAX, "INV-10: evidence is bounded");
        let _ = self.replica.status(&self.store).expect("a store in memory");
    }
}
