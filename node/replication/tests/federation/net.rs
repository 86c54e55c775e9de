//! Nodes whose frames travel in queues, each frame read from its bytes.

use std::cell::Cell;
use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use node_acts::generation::{Beginning, RootKeys, begin_network, begin_unit};
use node_acts::issuer::{Issuer, Term};
use node_acts::phrase::Phrase;
use node_acts::role::Role;
use node_authority::Pins;
use node_replication::document::{Document, Value};
use node_replication::log::{Chance, Offered, SetRecord, Setting};
use node_replication::replica::{Effect, Event, Input, Output, Replica, SessionId};
use node_replication::store::{Entry, MemStore, ReadError, ReadStore, Table};
use node_replication::{change, log, session};
use schema_wire::{
    Ascending, Ed25519, Frame, Genesis, Hash, Item, Mark, Ms, NodeKey, Payload, Salt, Scope,
    SigningKey, UnitId, Verified, VerifiedStatement, Wire as _,
};

pub(crate) const TERM: Term = Term { from: Ms::of(1_000), until: Ms::of(9_000_000_000) };

pub(crate) fn unit(path: &str) -> UnitId {
    UnitId::parse(path).expect("a unit")
}

pub(crate) fn key(n: u16) -> SigningKey {
    let mut seed = [9; 32];
    seed[..2].copy_from_slice(&n.to_be_bytes());
    SigningKey::from_bytes(&seed)
}

pub(crate) fn public(key: &SigningKey) -> NodeKey {
    NodeKey(key.verifying_key().to_bytes())
}

pub(crate) fn phrase(n: u16) -> Phrase {
    let mut entropy = [3; 16];
    entropy[..2].copy_from_slice(&n.to_be_bytes());
    Phrase::of(entropy)
}

/// A network with its root key.
pub(crate) struct Roots {
    pub(crate) genesis: Genesis,
    root: SigningKey,
}

/// A unit with its operating key, and what shows it.
pub(crate) struct Led {
    pub(crate) unit: UnitId,
    pub(crate) lineage: Hash,
    pub(crate) key: SigningKey,
    pub(crate) delegation: Hash,
    /// From the root down: each is kept by those before it.
    pub(crate) statements: Vec<VerifiedStatement>,
}

impl Roots {
    pub(crate) fn new() -> Self {
        let root = key(60_000);
        let keys = RootKeys {
            roots: Ascending::of([public(&root)]).expect("one"),
            threshold: 1,
            next: Ascending::of([phrase(60_000).public().commitment()]).expect("one"),
            next_threshold: 1,
        };
        let genesis = begin_network(unit("c"), "市", keys, TERM.from).expect("a network");
        Self { genesis, root }
    }

    /// The city's own unit, recognised by the root.
    pub(crate) fn city(&self, n: u16) -> Led {
        let network = self.genesis.network();
        let city = unit("c");
        let (proof, key) = (network.as_hash(), &self.root);
        self.found(&Issuer { network, unit: &city, proof, key }, "c", n, Vec::new())
    }

    /// A unit recognised by another one.
    pub(crate) fn below(&self, above: &Led, path: &str, n: u16) -> Led {
        let statements = above.statements.clone();
        self.found(&above.issuer(self), path, n, statements)
    }

    fn found(
        &self,
        by: &Issuer<'_>,
        path: &str,
        n: u16,
        mut statements: Vec<VerifiedStatement>,
    ) -> Led {
        let (unit, key) = (unit(path), key(n));
        let (network, next) = (self.genesis.network(), phrase(n).public().commitment());
        let Beginning { charter, delegation } =
            begin_unit(network, &unit, &key, next, TERM).expect("a unit");
        let (lineage, id) = (charter.id(), delegation.id());
        let founding = by.recognise(unit.clone(), lineage, TERM, 0).expect("a founding");
        statements.push(founding.into());
        statements.push(charter.into());
        statements.push(delegation.into());
        Led { unit, lineage, key, delegation: id, statements }
    }
}

impl Led {
    pub(crate) fn issuer<'a>(&'a self, roots: &Roots) -> Issuer<'a> {
        let (network, proof) = (roots.genesis.network(), self.lineage);
        Issuer { network, unit: &self.unit, proof, key: &self.key }
    }

    pub(crate) fn admit(
        &self,
        roots: &Roots,
        n: u16,
        role: &Role,
    ) -> Verified<schema_wire::Delegation> {
        self.issuer(roots).delegate(public(&key(n)), role, TERM, u64::from(n)).expect("a grant")
    }
}

/// One node.
pub(crate) struct Site {
    pub(crate) replica: Replica,
    pub(crate) store: MemStore,
    pub(crate) delegation: Hash,
    pub(crate) events: Vec<Event>,
}

/// Frames and bytes that went over one conversation, both ways.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Cost {
    pub(crate) frames: usize,
    pub(crate) bytes: usize,
}

#[derive(Default)]
pub(crate) struct Net {
    pub(crate) sites: Vec<Site>,
    pub(crate) clock: u64,
    /// Both ends of each conversation.
    open: BTreeMap<u64, (usize, usize)>,
    queue: VecDeque<(u64, usize, Vec<u8>)>,
    pub(crate) cost: BTreeMap<u64, Cost>,
    /// Entries of stores that were read because of frames, since it was set to zero.
    pub(crate) reads: Cell<u64>,
    next: u64,
}

/// Counts the entries that are read.
struct Counting<'a>(&'a MemStore, &'a Cell<u64>);

impl Counting<'_> {
    fn note(&self, entries: usize) {
        self.1.set(self.1.get() + entries as u64 + 1);
    }
}

impl ReadStore for Counting<'_> {
    fn read(&self, table: Table, key: &[u8]) -> Result<Option<Vec<u8>>, ReadError> {
        self.note(0);
        self.0.read(table, key)
    }
    fn range(
        &self,
        table: Table,
        from: &[u8],
        to: &[u8],
        limit: usize,
    ) -> Result<Vec<Entry>, ReadError> {
        let found = self.0.range(table, from, to, limit)?;
        self.note(found.len());
        Ok(found)
    }
    fn last(&self, table: Table, from: &[u8], to: &[u8]) -> Result<Option<Entry>, ReadError> {
        self.note(0);
        self.0.last(table, from, to)
    }
}

impl Net {
    pub(crate) fn new() -> Self {
        Self { clock: 1_000_000, ..Self::default() }
    }

    pub(crate) fn now(&self) -> Ms {
        Ms::of(self.clock)
    }

    /// Adds a node of a unit that knows these statements.
    pub(crate) fn add(
        &mut self,
        roots: &Roots,
        led: &Led,
        key: SigningKey,
        delegation: Hash,
        statements: &[VerifiedStatement],
    ) -> usize {
        let mut store = MemStore::default();
        let mut seed = public(&key).0;
        seed[0] ^= 1;
        let setting = Setting {
            genesis: roots.genesis.clone(),
            pins: Pins::of(led.unit.clone(), led.lineage),
            key,
            chance: Chance::of(seed),
            verifier: Arc::new(Ed25519),
            anew: false,
        };
        let (replica, output) = Replica::open(setting, &store).expect("opens");
        store.apply(&output.batch);
        let mut site = Site { replica, store, delegation, events: Vec::new() };
        for statement in statements {
            let (offered, output) = site
                .replica
                .learn(self.now(), statement.clone(), &site.store)
                .expect("the store answers");
            assert!(matches!(offered, Offered::Taken | Offered::Duplicate), "{offered:?}");
            site.store.apply(&output.batch);
        }
        self.sites.push(site);
        self.sites.len() - 1
    }

    /// A node that holds its unit's own key.
    pub(crate) fn first(&mut self, roots: &Roots, led: &Led) -> usize {
        self.add(roots, led, led.key.clone(), led.delegation, &led.statements)
    }

    /// Joins two nodes, and lets frames travel until none is on its way.
    pub(crate) fn connect(&mut self, one: usize, other: usize) -> u64 {
        let id = self.open(one, other);
        self.run();
        id
    }

    /// Joins two nodes.
    pub(crate) fn open(&mut self, one: usize, other: usize) -> u64 {
        self.next += 1;
        let id = self.next;
        self.open.insert(id, (one, other));
        let keys = [one, other].map(|at| self.sites[at].replica.author().key);
        for (at, peer, opener) in
            [(one, keys[1], keys[0] < keys[1]), (other, keys[0], keys[1] < keys[0])]
        {
            let mut salt = [0; 16];
            salt[..8].copy_from_slice(&(id * 2 + u64::from(opener)).to_be_bytes());
            let (session, salt) = (SessionId(id), Salt(salt));
            self.input(at, Input::Opened { session, peer, opener, salt });
        }
        id
    }

    pub(crate) fn cut(&mut self, id: u64) {
        if let Some((one, other)) = self.open.remove(&id) {
            for at in [one, other] {
                self.input(at, Input::Closed { session: SessionId(id) });
            }
        }
    }

    fn input(&mut self, at: usize, input: Input) {
        let now = self.now();
        let site = &mut self.sites[at];
        let store = Counting(&site.store, &self.reads);
        let output = site.replica.handle(now, input, &store).expect("the store answers");
        self.output(at, output);
    }

    pub(crate) fn output(&mut self, at: usize, output: Output) {
        self.sites[at].store.apply(&output.batch);
        for effect in output.effects {
            match effect {
                Effect::Send { session, frame } => {
                    let bytes = frame.to_bytes();
                    let cost = self.cost.entry(session.0).or_default();
                    cost.frames += 1;
                    cost.bytes += bytes.len();
                    if let Some((one, other)) = self.open.get(&session.0) {
                        let to = if *one == at { *other } else { *one };
                        self.queue.push_back((session.0, to, bytes));
                    }
                }
                Effect::Close { session, .. } => {
                    self.open.remove(&session.0);
                }
                Effect::Tell(event) => self.sites[at].events.push(event),
            }
        }
    }

    /// Lets every frame travel.
    pub(crate) fn run(&mut self) {
        let mut travelled = 0;
        while let Some((id, to, bytes)) = self.queue.pop_front() {
            travelled += 1;
            assert!(travelled < 100_000, "they talk for ever");
            let frame = Frame::from_bytes(&bytes);
            self.input(to, Input::Frame { session: SessionId(id), frame });
        }
    }

    /// Lets as many frames travel, at most.
    pub(crate) fn some(&mut self, frames: usize) {
        for _ in 0..frames {
            let Some((id, to, bytes)) = self.queue.pop_front() else { return };
            let frame = Frame::from_bytes(&bytes);
            self.input(to, Input::Frame { session: SessionId(id), frame });
        }
    }

    /// The first node learns statements of these units, as from a file.
    pub(crate) fn teach(&mut self, at: usize, units: &[&Led]) {
        for statement in units.iter().flat_map(|led| &led.statements) {
            let now = self.now();
            let site = &mut self.sites[at];
            let learned = site.replica.learn(now, statement.clone(), &site.store);
            let (_, output) = learned.expect("the store answers");
            self.output(at, output);
        }
    }

    /// The same of many units, of which those above are known: a step for many.
    pub(crate) fn teach_below(&mut self, at: usize, units: &[Led]) {
        for some in units.chunks(250) {
            let own = some.iter().flat_map(|led| &led.statements[led.statements.len() - 3..]);
            let (now, site) = (self.now(), &mut self.sites[at]);
            let learned = site.replica.learn_all(now, own.cloned().collect(), &site.store);
            let (offered, output) = learned.expect("the store answers");
            assert!(offered.iter().all(|one| *one == Offered::Taken));
            self.output(at, output);
        }
    }

    /// Sends a letter of some bytes: what is sealed in it is the addressee's affair.
    pub(crate) fn write_letter(&mut self, at: usize, document: &str, text: &[u8]) -> Hash {
        let name: schema_wire::DocumentId = document.parse().expect("a document");
        let letter = Payload::Letter(Some(schema_wire::Bytes::new(text).expect("short")));
        let now = self.now();
        let site = &mut self.sites[at];
        let written = site.replica.write_content(now, site.delegation, &name, letter, &site.store);
        let (id, output) = written.expect("written");
        self.output(at, output);
        id
    }

    /// A node learns a statement.
    pub(crate) fn teach_statement(&mut self, at: usize, statement: VerifiedStatement) {
        let now = self.now();
        let site = &mut self.sites[at];
        let learned = site.replica.learn(now, statement, &site.store);
        let (_, output) = learned.expect("the store answers");
        self.output(at, output);
        self.run();
    }

    /// The unit of a node wishes to write to another one.
    pub(crate) fn wish(&mut self, at: usize, to: &str) {
        let now = self.now();
        let site = &mut self.sites[at];
        let output = site.replica.wish(now, &unit(to), &site.store).expect("the store answers");
        self.output(at, output);
        self.run();
    }

    /// The first node of a unit makes its card, under a name that can be looked for.
    pub(crate) fn make_card(&mut self, at: usize, roots: &Roots, led: &Led, name: &str) -> Hash {
        let card = led.issuer(roots).card(name, "unit", [7; 32], 1, self.now()).expect("a card");
        let (id, now) = (card.id(), self.now());
        let site = &mut self.sites[at];
        let learned = site.replica.learn(now, card.into(), &site.store);
        let (offered, output) = learned.expect("the store answers");
        assert_eq!(offered, Offered::Taken);
        self.output(at, output);
        self.run();
        id
    }

    /// Time passes.
    pub(crate) fn wake(&mut self, milliseconds: u64) {
        self.clock += milliseconds;
        for at in 0..self.sites.len() {
            self.input(at, Input::Wake);
        }
        self.run();
    }

    /// Enters a text at a key of a document, through the document as it is read.
    pub(crate) fn enter(&mut self, at: usize, document: &str, key: &str, text: &str) -> Hash {
        let name: schema_wire::DocumentId = document.parse().expect("a document");
        let now = self.now();
        let value = Value::Text(text.into());
        let read = self.read(at, document);
        let site = &mut self.sites[at];
        let puts = read.edit([(key, &value)]);
        let written = site.replica.write_change(now, site.delegation, &name, puts, &site.store);
        let (id, output) = written.expect("written");
        self.output(at, output);
        id
    }

    /// A document, built from the envelopes that count.
    pub(crate) fn read(&self, at: usize, document: &str) -> Document {
        let name: schema_wire::DocumentId = document.parse().expect("a document");
        let store = &self.sites[at].store;
        let mut read = Document::default();
        for (_, id) in log::feed(store, &name.scope(), 0, usize::MAX >> 1).expect("a feed") {
            let Some(Item::Envelope(envelope)) =
                log::item(store, &id).expect("the store answers").map(|stored| stored.item)
            else {
                continue;
            };
            let counts = log::validity(store, &name, &id).expect("a validity").counts();
            if envelope.header().claims().document != name || !counts {
                continue;
            }
            if let Payload::Changes(bytes) = envelope.content() {
                read.apply(&change::read(bytes).expect("admitted").0);
            }
        }
        read
    }

    /// The ends of the logs of a node in a scope, as they are heard here.
    pub(crate) fn marks(&self, at: usize, scope: &Scope, of: NodeKey) -> Vec<(Scope, Vec<Mark>)> {
        let store = &self.sites[at].store;
        let mut last: BTreeMap<_, Mark> = BTreeMap::new();
        for (_, id) in log::feed(store, scope, 0, usize::MAX >> 1).expect("a feed") {
            if let Some(Item::Envelope(envelope)) =
                log::item(store, &id).expect("the store answers").map(|stored| stored.item)
            {
                let header = envelope.header().claims().clone();
                if header.author.key == of {
                    let (seq, incarnation) = (header.seq(), header.author.incarnation);
                    let document = header.document;
                    let log = (document.clone(), incarnation);
                    last.insert(log, Mark { document, author: of, incarnation, seq, head: id });
                }
            }
        }
        vec![(scope.clone(), last.into_values().collect())]
    }

    pub(crate) fn says(&self, at: usize, document: &str, key: &str) -> Option<String> {
        match self.read(at, document).preferred(key)? {
            Value::Text(text) => Some(text.to_string()),
            other => Some(format!("{other:?}")),
        }
    }

    pub(crate) fn sum(&self, at: usize, scope: &Scope) -> Hash {
        SetRecord::load(&self.sites[at].store, scope).expect("a set").vector.sum()
    }

    /// Does anything on this node's disk hold these bytes?
    pub(crate) fn disk_holds(&self, at: usize, text: &str) -> bool {
        Table::ALL.iter().any(|table| {
            let all = self.sites[at].store.range(*table, &[], &[u8::MAX; 64], usize::MAX >> 1);
            all.expect("entries").iter().any(|(key, value)| {
                [key, value]
                    .iter()
                    .any(|bytes| bytes.windows(text.len()).any(|window| window == text.as_bytes()))
            })
        })
    }

    /// With which codes sessions ended at a node.
    pub(crate) fn endings(&self, at: usize) -> Vec<String> {
        let ended = self.sites[at].events.iter().filter_map(|event| match event {
            Event::Peer(session::Event::Ended { reason, .. }) => Some(reason.code.to_string()),
            _ => None,
        });
        ended.collect()
    }
}
