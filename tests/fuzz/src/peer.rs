//! One replica in memory, and a member of its community that may write, and lies.

use std::collections::{BTreeMap, BTreeSet};
use std::num::NonZeroUsize;
use std::sync::{Arc, LazyLock, Mutex};

use node_acts::generation::{Beginning, RootKeys, begin_network, begin_unit};
use node_acts::issuer::{Issuer, Term};
use node_acts::phrase::Phrase;
use node_acts::role::Role;
use node_authority::Pins;
use node_replication::change::{self, Change, ChangeHash};
use node_replication::document::{Document, Value};
use node_replication::log::{self, Chance, Setting};
use node_replication::replica::{Effect, Input, Output, Replica, SessionId, refused};
use node_replication::store::MemStore;
use node_views::Library;
use schema_wire::{
    Ascending, Author, Bytes, Claim, Class, DocumentId, Ed25519, Envelope, Epoch, Frame, Genesis,
    Hash, Header, Hello, Incarnation, Interests, Item, Items, Levels, List, Membership, Ms,
    NodeKey, Payload, Position, Salt, Scope, SigningKey, Statement, UnitId, Verified,
    VerifiedStatement, Verifier, Wire, limits,
};

const CITY: &str = "220800";
const COMMUNITY: &str = "220800/220802";
const TERM: Term = Term { from: Ms::of(1_000), until: Ms::of(9_000_000_000) };
const START: Ms = Ms::of(1_000_000);
/// Numbers of keys.
const ROOT: u8 = 1;
const OFFICE: u8 = 2;
const REPLICA: u8 = 13;
const BYZANTINE: u8 = 14;
/// As `node-replication` states it.
const REFUSED_MAX: usize = 1000;

fn key(number: u8) -> SigningKey {
    SigningKey::from_bytes(&[number; 32])
}

fn public(number: u8) -> NodeKey {
    NodeKey(key(number).verifying_key().to_bytes())
}

fn commitment(number: u8) -> Hash {
    Phrase::of([number; 16]).public().commitment()
}

fn unit(text: &str) -> UnitId {
    UnitId::parse(text).expect("a unit path")
}

/// A document of the community.
pub(crate) fn document(class: u8, shard: &str) -> DocumentId {
    let class = Class::new(class).expect("a class");
    DocumentId::new(unit(COMMUNITY), class, shard).expect("a document")
}

// What every input begins with is made once: the fuzzer runs many of them a second.
static FOUNDED: LazyLock<Founded> = LazyLock::new(Founded::new);
static KNOWN: LazyLock<Arc<Known>> = LazyLock::new(Arc::default);

/// The network, the community in it, and its two members.
pub(crate) struct Founded {
    pub(crate) genesis: Genesis,
    pub(crate) lineage: Hash,
    pub(crate) charter: Verified<schema_wire::Charter>,
    pub(crate) delegation: Verified<schema_wire::Delegation>,
    /// From the root down to the charter: each is kept by those before it.
    shown: Vec<VerifiedStatement>,
    own: Verified<schema_wire::Delegation>,
    pub(crate) byzantine: Verified<schema_wire::Delegation>,
}

impl Founded {
    fn new() -> Self {
        let keys = RootKeys {
            roots: Ascending::of([public(ROOT)]).expect("one"),
            threshold: 1,
            next: Ascending::of([commitment(ROOT)]).expect("one"),
            next_threshold: 1,
        };
        let genesis = begin_network(unit(CITY), "白城", keys, TERM.from).expect("a network");
        let (network, office, community) = (genesis.network(), key(OFFICE), unit(COMMUNITY));
        let Beginning { charter, delegation } =
            begin_unit(network, &community, &office, commitment(OFFICE), TERM).expect("a unit");
        let (city, root) = (unit(CITY), key(ROOT));
        let by = Issuer { network, unit: &city, proof: network.as_hash(), key: &root };
        let founding = by.recognise(community.clone(), charter.id(), TERM, 0).expect("a founding");
        let lineage = charter.id();
        let by = Issuer { network, unit: &community, proof: lineage, key: &office };
        let member = |number| {
            let serial = u64::from(number);
            by.delegate(public(number), &Role::writing(), TERM, serial).expect("a grant")
        };
        let (own, byzantine) = (member(REPLICA), member(BYZANTINE));
        let shown = vec![founding.into(), charter.clone().into()];
        Self { genesis, lineage, charter, delegation, shown, own, byzantine }
    }

    /// The byzantine peer's grant and what it rests on.
    pub(crate) fn chain(&self) -> Vec<Statement> {
        let grant = VerifiedStatement::from(self.byzantine.clone());
        let all = self.shown.iter().cloned().chain([grant]);
        all.map(VerifiedStatement::into_statement).collect()
    }
}

pub(crate) fn founded() -> &'static Founded {
    &FOUNDED
}

/// An issuer of the unit that has no right to issue: what it says is refused.
pub(crate) fn byzantine_issuer() -> (SigningKey, UnitId, Hash) {
    (key(BYZANTINE), unit(COMMUNITY), founded().byzantine.id())
}

/// Checks signatures, and remembers those of the grants that every input begins with.
#[derive(Debug, Default)]
struct Known(Mutex<BTreeSet<Hash>>);

const KNOWN_MAX: usize = 8;

impl Verifier for Known {
    fn holds(&self, claim: &Claim<'_>) -> bool {
        let id = Hash::of(&[&claim.key().0, &claim.signature()[..], &claim.id().0]);
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

/// What the byzantine peer wrote in a document and the replica took.
#[derive(Default)]
struct Log {
    envelopes: Vec<Hash>,
    document: Document,
    last: Option<ChangeHash>,
    changes: u64,
}

/// The replica, and what the byzantine peer knows.
pub(crate) struct Peer {
    replica: Replica,
    store: MemStore,
    library: Library,
    now: Ms,
    session: SessionId,
    logs: BTreeMap<DocumentId, Log>,
}

impl Peer {
    /// In session with the replica.
    pub(crate) fn joined() -> Self {
        let founded = founded();
        let mut store = MemStore::default();
        let setting = Setting {
            genesis: founded.genesis.clone(),
            pins: Pins::of(unit(COMMUNITY), founded.lineage),
            key: key(REPLICA),
            chance: Chance::of([7; 32]),
            verifier: KNOWN.clone(),
            anew: false,
        };
        let (replica, output) = Replica::open(setting, &store).expect("a store in memory");
        store.apply(&output.batch);
        let mut peer = Self {
            replica,
            store,
            library: Library::new(NonZeroUsize::MIN),
            now: START,
            session: SessionId(0),
            logs: BTreeMap::new(),
        };
        let own = VerifiedStatement::from(founded.own.clone());
        for statement in founded.shown.iter().cloned().chain([own]) {
            let learned = peer.replica.learn(peer.now, statement, &peer.store);
            let (_, output) = learned.expect("a store in memory");
            peer.release(output);
        }
        peer.open_session();
        peer.greet(&peer.membership());
        peer
    }

    /// Time goes on, and stops short of the end of the grants: after it, nobody's edit is taken.
    pub(crate) fn wait(&mut self, ms: u64) {
        self.now = Ms::of(self.now.plus(ms).get().min(TERM.until.get() - 1));
        self.input(Input::Wake);
    }

    fn input(&mut self, input: Input) {
        let output = self.replica.handle(self.now, input, &self.store);
        self.release(output.expect("what the replica wrote it can read"));
    }

    /// Makes the batch durable, and looks at what leaves.
    fn release(&mut self, output: Output) {
        self.store.apply(&output.batch);
        for effect in output.effects {
            match effect {
                Effect::Send { frame, .. } => {
                    let bytes = frame.to_bytes();
                    assert!(bytes.len() <= limits::FRAME_BYTES_MAX, "INV-10: a frame fits");
                    assert_eq!(Frame::from_bytes(&bytes), Ok(frame), "what is sent decodes");
                }
                Effect::Close { session, reason } => {
                    let _ = reason.text.to_string();
                    if session == self.session {
                        self.input(Input::Closed { session });
                    }
                }
                Effect::Tell(_) => {}
            }
        }
    }

    /// Opens a stream in the place of the one before.
    pub(crate) fn open_session(&mut self) {
        self.input(Input::Closed { session: self.session });
        self.session = SessionId(self.session.0 + 1);
        let opener = public(REPLICA) < public(BYZANTINE);
        let (session, peer, salt) = (self.session, public(BYZANTINE), Salt([5; 16]));
        self.input(Input::Opened { session, peer, opener, salt });
    }

    /// Says who the byzantine peer is.
    pub(crate) fn greet(&mut self, membership: &Membership) {
        let network = founded().genesis.network();
        let hello = Hello { network, levels: Levels::OURS, salt: Salt([6; 16]), clock: Ms::of(0) };
        self.say(hello);
        self.say(membership.clone());
        self.say(Interests { units: Ascending::default(), more: false });
    }

    /// What the byzantine peer is by its grant.
    pub(crate) fn membership(&self) -> Membership {
        Membership {
            unit: unit(COMMUNITY),
            lineage: founded().lineage,
            chain: List::new(founded().chain()).expect("short"),
            more: false,
            epoch: Epoch([BYZANTINE; 16]),
            head: 0,
            digest: None,
        }
    }

    /// Says a frame.
    pub(crate) fn say(&mut self, frame: impl Into<Frame>) {
        self.frame(&frame.into().to_bytes());
    }

    /// Sends any bytes as a frame.
    pub(crate) fn frame(&mut self, bytes: &[u8]) {
        let (session, frame) = (self.session, Frame::from_bytes(bytes));
        self.input(Input::Frame { session, frame });
    }

    /// Sends any bytes as items.
    pub(crate) fn items(&mut self, scope: Scope, items: Vec<Vec<u8>>) {
        let items = items.into_iter().map(|item| Bytes::new(item).expect("within a frame"));
        let items = List::new(items.collect()).expect("few");
        self.say(Items { scope, upto: None, sum: None, items });
    }

    /// The next header of the byzantine peer's log in a document.
    pub(crate) fn header(&self, document: &DocumentId, content: &Payload) -> Header {
        let envelopes = self.logs.get(document).map_or(&[][..], |log| log.envelopes.as_slice());
        let seq = envelopes.len() as u64;
        let position = envelopes
            .last()
            .map_or(Position::FIRST, |last| Position::behind(seq, *last).expect("a number"));
        Header {
            network: founded().genesis.network(),
            document: document.clone(),
            author: byzantine(),
            position,
            dependencies: Ascending::default(),
            delegation: founded().byzantine.id(),
            at: START.plus(seq),
            payload_kind: content.kind(),
            payload_hash: content.hash().unwrap_or(Hash([0; 32])),
        }
    }

    /// Offers an envelope with this content, well signed. Was it taken?
    pub(crate) fn offer(&mut self, header: Header, content: Payload) -> bool {
        let Ok(header) = Verified::seal(header, &key(BYZANTINE)) else { return false };
        let document = header.value().document.clone();
        let sealed = header.as_signed().clone();
        let Ok(envelope) = Envelope::new(sealed, content.clone()) else { return false };
        let item = Item::Envelope(Box::new(envelope)).to_bytes();
        self.items(document.scope(), vec![item]);
        let taken = log::is_admitted(&self.store, &header.id());
        let taken = taken.expect("what the replica wrote it can read");
        let log = self.logs.entry(document).or_default();
        if taken && header.value().seq() == log.envelopes.len() as u64 + 1 {
            log.envelopes.push(header.id());
            if let Payload::Changes(bytes) = &content {
                let (change, hash) = change::read(bytes).expect("it was taken");
                log.document.apply(&change);
                log.last = Some(hash);
                log.changes += 1;
            }
        }
        taken
    }

    /// Offers these bytes as a change.
    pub(crate) fn offer_change(&mut self, document: &DocumentId, bytes: Vec<u8>) -> bool {
        let Ok(bytes) = Bytes::new(bytes) else { return false };
        let content = Payload::Changes(bytes);
        self.offer(self.header(document, &content), content)
    }

    /// Makes an honest change by the byzantine peer, after what it wrote before.
    pub(crate) fn edit<R>(
        &self,
        document: &DocumentId,
        text: &str,
        then: impl FnOnce(&Change<'_>) -> R,
    ) -> R {
        let nothing = Log::default();
        let log = self.logs.get(document).unwrap_or(&nothing);
        let value = Value::Text(text.into());
        let puts = log.document.edit([("grid/220802001003001/name", &value)]);
        then(&Change {
            deps: log.last.into_iter().collect(),
            actor: byzantine().actor(document),
            seq: log.changes + 1,
            start_op: log.document.next_counter(),
            puts,
        })
    }

    /// Offers an honest change. Was it taken?
    pub(crate) fn enter(&mut self, document: &DocumentId, text: &str) -> bool {
        let bytes = self.edit(document, text, |change| change::write(change).0);
        self.offer_change(document, bytes)
    }

    /// The ids of all that the replica took.
    pub(crate) fn written(&self) -> Vec<Hash> {
        self.logs.values().flat_map(|log| log.envelopes.iter().copied()).collect()
    }

    /// The documents in which the byzantine peer wrote.
    pub(crate) fn documents(&self) -> Vec<DocumentId> {
        self.logs.keys().cloned().collect()
    }

    /// Reads a document as views do, and edits it.
    pub(crate) fn read(&mut self, document: &DocumentId) {
        let loaded = self.library.open(&self.store, document).expect("a store in memory");
        drop(node_views::contents(document, &loaded.document));
        // Some changes could poison the edits that come after them: make a few.
        for text in ["a", "b", "c"] {
            let loaded = self.library.open(&self.store, document).expect("a store in memory");
            let value = Value::Text(text.into());
            let puts = loaded.document.edit([("grid/220802001003002/name", &value)]);
            let delegation = founded().own.id();
            let written =
                self.replica.write_change(self.now, delegation, document, puts, &self.store);
            let (_, output) = written.expect("an honest edit is taken");
            self.release(output);
        }
    }

    /// INV-10: what a peer makes a replica keep is bounded.
    pub(crate) fn bounds(&self) {
        let kept = refused(&self.store).expect("a store in memory");
        assert!(kept.len() <= REFUSED_MAX, "INV-10: evidence is bounded");
    }
}

pub(crate) fn byzantine() -> Author {
    Author { key: public(BYZANTINE), incarnation: Incarnation([1; 16]) }
}
