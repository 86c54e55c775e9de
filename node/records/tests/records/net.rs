//! The nodes of one community, over real replicas; frames travel when they are joined.

use std::collections::VecDeque;
use std::num::NonZeroUsize;
use std::sync::Arc;

use node_acts::generation::{Beginning, RootKeys, begin_network, begin_unit};
use node_acts::issuer::{Issuer, Term};
use node_acts::phrase::Phrase;
use node_acts::role::Role;
use node_authority::Pins;
use node_records::{Circumstance, Memory, Reading, Records, Transaction};
use node_replication::document::Value;
use node_replication::log::{Chance, Setting, WriteError};
use node_replication::replica::{Effect, Input, Output, Replica, SessionId};
use node_replication::store::{MemStore, ReadStore as _, Table};
use node_views::Library;
use schema_documents::{By, Day};
use schema_wire::{
    Ascending, Band, DocumentId, Ed25519, Erasures, Frame, Genesis, Hash, Keys, Ms, NetworkId,
    NodeKey, Payload, Salt, SigningKey, UnitId, VerifiedStatement, Wire as _,
};

const TERM: Term = Term { from: Ms::of(1_000), until: Ms::of(9_000_000_000_000) };
/// The morning of 28 November 2026 in the city.
const BEGIN: u64 = 1_795_824_000_000;
pub(crate) const UNIT: &str = "220800/220802/220802001/220802001001";

fn key(n: u8) -> SigningKey {
    SigningKey::from_bytes(&[n; 32])
}

fn public(key: &SigningKey) -> NodeKey {
    NodeKey(key.verifying_key().to_bytes())
}

/// What a reader keeps in memory, and nothing of it yet.
pub(crate) fn reader() -> (Library, Memory) {
    (Library::new(NonZeroUsize::new(1_024).expect("many")), Memory::default())
}

/// One node with what it keeps in memory.
pub(crate) struct Node {
    replica: Replica,
    pub(crate) store: MemStore,
    library: Library,
    pub(crate) memory: Memory,
    delegation: Hash,
    circumstance: Circumstance,
    /// Drawn bytes are numbers: what a test writes is the same in every run.
    drawn: u64,
    pub(crate) last_loss: Option<Ms>,
    pub(crate) envelopes: usize,
}

pub(crate) struct Net {
    pub(crate) nodes: Vec<Node>,
    sessions: u64,
}

impl Net {
    /// A community with so many nodes that are not joined.
    pub(crate) fn new(nodes: u8) -> Self {
        let root = key(200);
        let phrase = |n: u8| Phrase::of([n; 16]).public().commitment();
        let keys = RootKeys {
            roots: Ascending::of([public(&root)]).expect("one"),
            threshold: 1,
            next: Ascending::of([phrase(200)]).expect("one"),
            next_threshold: 1,
        };
        let city = UnitId::parse("220800").expect("a unit");
        let genesis = begin_network(city.clone(), "市", keys, TERM.from).expect("a network");
        let network = genesis.network();
        let unit = UnitId::parse(UNIT).expect("a unit");
        let own = key(1);
        let Beginning { charter, delegation } =
            begin_unit(network, &unit, &own, phrase(1), TERM).expect("a unit");
        let lineage = charter.id();
        let mut statements: Vec<VerifiedStatement> =
            vec![charter.into(), delegation.clone().into()];
        let issuer = Issuer { network, unit: &unit, proof: lineage, key: &own };
        let mut grants = vec![delegation.id()];
        for n in 2..=nodes {
            let grant = issuer.delegate(public(&key(n)), &Role::writing(), TERM, n.into());
            let grant = grant.expect("a grant");
            grants.push(grant.id());
            statements.push(grant.into());
        }
        let nodes = grants
            .into_iter()
            .zip(1..)
            .map(|(delegation, n)| node(&genesis, &unit, lineage, n, delegation, &statements));
        Self { nodes: nodes.collect(), sessions: 0 }
    }

    /// Joins two nodes until both hold the same, and parts them again.
    pub(crate) fn heal(&mut self, one: usize, other: usize) {
        self.sessions += 1;
        let session = SessionId(self.sessions);
        let keys = [one, other].map(|at| self.nodes[at].replica.author().key);
        let mut queue = VecDeque::new();
        for (at, to, peer, opener) in
            [(one, other, keys[1], keys[0] < keys[1]), (other, one, keys[0], keys[1] < keys[0])]
        {
            let salt = Salt([u8::from(opener) + 2 * self.sessions as u8; 16]);
            let input = Input::Opened { session, peer, opener, salt };
            queue.extend(self.nodes[at].input(input).into_iter().map(|frame| (to, frame)));
        }
        while let Some((to, bytes)) = queue.pop_front() {
            let from = if to == one { other } else { one };
            let frame = Frame::from_bytes(&bytes);
            let sent = self.nodes[to].input(Input::Frame { session, frame });
            queue.extend(sent.into_iter().map(|frame| (from, frame)));
        }
        for at in [one, other] {
            self.nodes[at].input(Input::Closed { session });
        }
    }

    /// Time passes, a second at a time.
    pub(crate) fn wait(&mut self, ms: u64) {
        for node in &mut self.nodes {
            node.circumstance.now = node.circumstance.now.plus(ms);
            node.input(Input::Wake);
        }
    }
}

fn node(
    genesis: &Genesis,
    unit: &UnitId,
    lineage: Hash,
    n: u8,
    delegation: Hash,
    statements: &[VerifiedStatement],
) -> Node {
    let mut store = MemStore::default();
    let key = key(n);
    let author = public(&key);
    let setting = Setting {
        genesis: genesis.clone(),
        pins: Pins::of(unit.clone(), lineage),
        key,
        chance: Chance::of([n; 32]),
        verifier: Arc::new(Ed25519),
        anew: false,
    };
    let (mut replica, output) = Replica::open(setting, &store).expect("opens");
    store.apply(&output.batch);
    let now = Ms::of(BEGIN);
    for statement in statements {
        let (_, output) = replica.learn(now, statement.clone(), &store).expect("learned");
        store.apply(&output.batch);
    }
    let network: NetworkId = genesis.network();
    let today = Day::new(2026, 11, 28).expect("a day");
    let (unit, by) = (unit.clone(), By::default());
    let circumstance = Circumstance { network, unit, author, by, now, today };
    let library = Library::new(NonZeroUsize::new(1_024).expect("some"));
    Node {
        replica,
        store,
        library,
        memory: Memory::default(),
        delegation,
        circumstance,
        drawn: u64::from(n) << 56,
        last_loss: None,
        envelopes: 0,
    }
}

impl Node {
    /// One step, written at its end.
    pub(crate) fn step<R>(&mut self, work: impl FnOnce(&mut Records<'_, Step<'_>>) -> R) -> R {
        self.records(|mut records| {
            let result = work(&mut records);
            records.write().expect("written");
            result
        })
    }

    /// One step, of which the work itself writes what it comes to.
    pub(crate) fn records<R>(&mut self, work: impl FnOnce(Records<'_, Step<'_>>) -> R) -> R {
        let Self { replica, store, library, memory, .. } = self;
        let mut step = Step {
            replica,
            store,
            library,
            delegation: self.delegation,
            circumstance: &self.circumstance,
            drawn: &mut self.drawn,
            last_loss: self.last_loss,
            envelopes: &mut self.envelopes,
        };
        work(Records::begin(&mut step, memory, true).expect("begun"))
    }

    /// Reads, with what a reader of its own keeps, who never writes.
    pub(crate) fn read<R>(
        &mut self,
        (library, memory): &mut (Library, Memory),
        work: impl FnOnce(&mut Records<'_, Step<'_>>) -> R,
    ) -> R {
        let mut step = Step {
            replica: &mut self.replica,
            store: &mut self.store,
            library,
            delegation: self.delegation,
            circumstance: &self.circumstance,
            drawn: &mut self.drawn,
            last_loss: self.last_loss,
            envelopes: &mut self.envelopes,
        };
        work(&mut Records::begin(&mut step, memory, true).expect("begun"))
    }

    fn input(&mut self, input: Input) -> Vec<Vec<u8>> {
        let now = self.circumstance.now;
        let output = self.replica.handle(now, input, &self.store).expect("the store answers");
        self.store.apply(&output.batch);
        let frames = output.effects.into_iter().filter_map(|effect| match effect {
            Effect::Send { frame, .. } => Some(frame.to_bytes()),
            Effect::Close { reason, .. } => panic!("closed: {reason:?}"),
            Effect::Tell(_) => None,
        });
        frames.collect()
    }

    /// Time goes by.
    pub(crate) fn later(&mut self) {
        self.circumstance.now = self.circumstance.now.plus(1_000);
    }

    /// Another node lost what this one may read.
    pub(crate) fn lose_band(&mut self) {
        self.last_loss = Some(self.circumstance.now);
        self.circumstance.now = self.circumstance.now.plus(1_000);
    }

    /// In which tables does anything hold this text?
    pub(crate) fn tables_with(&self, text: &str) -> Vec<Table> {
        self.tables_with_bytes(text.as_bytes())
    }

    /// In which tables does anything hold these bytes?
    pub(crate) fn tables_with_bytes(&self, text: &[u8]) -> Vec<Table> {
        let holds = |bytes: &[u8]| bytes.windows(text.len()).any(|window| window == text);
        let found = Table::ALL.into_iter().filter(|table| {
            let all = self.store.range(*table, &[], &[u8::MAX; 64], usize::MAX >> 1);
            all.expect("entries").iter().any(|(key, value)| holds(key) || holds(value))
        });
        found.collect()
    }
}

pub(crate) struct Step<'a> {
    replica: &'a mut Replica,
    store: &'a mut MemStore,
    library: &'a mut Library,
    delegation: Hash,
    circumstance: &'a Circumstance,
    drawn: &'a mut u64,
    last_loss: Option<Ms>,
    envelopes: &'a mut usize,
}

impl std::fmt::Debug for Step<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Step")
    }
}

impl Step<'_> {
    fn written(&mut self, (id, output): (Hash, Output)) -> Hash {
        self.store.apply(&output.batch);
        *self.envelopes += 1;
        id
    }

    fn content(&mut self, document: &DocumentId, content: Payload) -> Result<Hash, WriteError> {
        let now = self.circumstance.now;
        let written =
            self.replica.write_content(now, self.delegation, document, content, self.store)?;
        Ok(self.written(written))
    }
}

impl Reading for Step<'_> {
    type Store = MemStore;

    fn circumstance(&self) -> &Circumstance {
        self.circumstance
    }

    fn parts(&mut self) -> (&MemStore, &mut Library) {
        (self.store, self.library)
    }
}

impl Transaction for Step<'_> {
    fn random<const N: usize>(&mut self) -> [u8; N] {
        *self.drawn += 1;
        let whole = Hash::of(&[&self.drawn.to_be_bytes()]).0;
        let mut bytes = [0; N];
        let length = N.min(whole.len());
        bytes[..length].copy_from_slice(&whole[..length]);
        bytes
    }

    fn last_loss(&self, _: Band) -> Option<Ms> {
        self.last_loss
    }

    fn put(
        &mut self,
        document: &DocumentId,
        wanted: &[(String, Value)],
    ) -> Result<Option<Hash>, WriteError> {
        let read = &self.library.open(self.store, document)?.document;
        let puts = read.edit(wanted.iter().map(|(key, value)| (key.as_str(), value)));
        if puts.is_empty() {
            return Ok(None);
        }
        let now = self.circumstance.now;
        let written =
            self.replica.write_change(now, self.delegation, document, puts, self.store)?;
        Ok(Some(self.written(written)))
    }

    fn tell_keys(&mut self, document: &DocumentId, keys: Keys) -> Result<Hash, WriteError> {
        self.content(document, Payload::Keys(keys))
    }

    fn erase_keys(
        &mut self,
        document: &DocumentId,
        erasures: Erasures,
    ) -> Result<Hash, WriteError> {
        self.content(document, Payload::Erasures(erasures))
    }
}
