//! Two communities under two districts of a city, over real replicas; frames travel in queues.

use std::collections::{BTreeMap, VecDeque};
use std::num::NonZeroUsize;
use std::sync::Arc;

use node_acts::generation::{Beginning, RootKeys, begin_network, begin_unit};
use node_acts::issuer::{Issuer, Term};
use node_acts::phrase::Phrase;
use node_acts::role::Role;
use node_authority::{Authority, GrantState, Pin, Pins, Written};
use node_letters::{Failure, Mail, Memory, Place, Post, keep};
use node_records::{Circumstance, Reading, Transaction};
use node_replication::document::Value;
use node_replication::log::{Chance, Offered, Setting, WriteError};
use node_replication::replica::{Effect, Event, Input, Output, Replica, SessionId};
use node_replication::session;
use node_replication::store::{MemStore, ReadError, ReadStore as _, Table};
use node_views::Library;
use schema_documents::{By, Day};
use schema_wire::{
    Ascending, Band, Body, DocumentId, Ed25519, Erasures, Frame, Genesis, Hash, Keys, Ms, NodeKey,
    Payload, Salt, SigningKey, UnitId, Verbs, VerifiedStatement, Wire as _,
};

pub(crate) const TERM: Term = Term { from: Ms::of(1_000), until: Ms::of(9_000_000_000_000) };
/// The morning of 28 November 2026 in the city.
const BEGIN: u64 = 1_795_824_000_000;
pub(crate) const WRITER: &str = "c/d/1";
pub(crate) const READER: &str = "c/e/2";

pub(crate) fn unit(path: &str) -> UnitId {
    UnitId::parse(path).expect("a unit")
}

fn key(n: u8) -> SigningKey {
    SigningKey::from_bytes(&[n; 32])
}

pub(crate) fn public(n: u8) -> NodeKey {
    NodeKey(key(n).verifying_key().to_bytes())
}

/// A unit whose operating key is of this number.
#[derive(Clone)]
pub(crate) struct Led {
    pub(crate) unit: UnitId,
    pub(crate) lineage: Hash,
    pub(crate) n: u8,
    /// From the root down.
    pub(crate) statements: Vec<VerifiedStatement>,
}

pub(crate) struct Node {
    n: u8,
    replica: Replica,
    pub(crate) store: MemStore,
    library: Library,
    pub(crate) memory: Memory,
    circumstance: Circumstance,
    drawn: u64,
    pub(crate) last_loss: Option<Ms>,
    pub(crate) endings: Vec<String>,
}

pub(crate) struct Net {
    genesis: Genesis,
    pub(crate) nodes: Vec<Node>,
    links: BTreeMap<u64, (usize, usize)>,
    queue: VecDeque<(u64, usize, Vec<u8>)>,
    opened: u64,
}

impl Net {
    pub(crate) fn new() -> Self {
        let phrase = |n: u8| Phrase::of([n; 16]).public().commitment();
        let keys = RootKeys {
            roots: Ascending::of([public(200)]).expect("one"),
            threshold: 1,
            next: Ascending::of([phrase(200)]).expect("one"),
            next_threshold: 1,
        };
        let genesis = begin_network(unit("c"), "市", keys, TERM.from).expect("a network");
        let (links, queue) = (BTreeMap::new(), VecDeque::new());
        Self { genesis, nodes: Vec::new(), links, queue, opened: 0 }
    }

    /// A unit that begins by itself, and that another one, or the root, recognises.
    pub(crate) fn found(&self, above: Option<&Led>, path: &str, n: u8) -> Led {
        let network = self.genesis.network();
        let (unit, key) = (unit(path), key(n));
        let next = Phrase::of([n; 16]).public().commitment();
        let Beginning { charter, delegation } =
            begin_unit(network, &unit, &key, next, TERM).expect("a unit");
        let lineage = charter.id();
        let founding = match above {
            Some(above) => above.recognise(&self.genesis, &unit, lineage),
            None => {
                let (city, root) = (self.genesis.unit.clone(), self::key(200));
                let proof = network.as_hash();
                let issuer = Issuer { network, unit: &city, proof, key: &root };
                issuer.recognise(unit.clone(), lineage, TERM, 0).expect("a founding").into()
            }
        };
        let mut statements = above.map(|above| above.statements.clone()).unwrap_or_default();
        statements.extend([founding, charter.into(), delegation.into()]);
        Led { unit, lineage, n, statements }
    }

    /// Adds the first node of a unit, or one that it takes in as the second number says.
    pub(crate) fn add(&mut self, led: &Led, taken_in: Option<u8>) -> usize {
        let mut statements = led.statements.clone();
        if let Some(n) = taken_in {
            statements.push(led.delegate(&self.genesis, n));
        }
        let n = taken_in.unwrap_or(led.n);
        let mut store = MemStore::default();
        let setting = Setting {
            genesis: self.genesis.clone(),
            pins: Pins::of(led.unit.clone(), led.lineage),
            key: key(n),
            chance: Chance::of([n; 32]),
            verifier: Arc::new(Ed25519),
            anew: false,
        };
        let (replica, output) = Replica::open(setting, &store).expect("opens");
        store.apply(&output.batch);
        let circumstance = Circumstance {
            network: self.genesis.network(),
            unit: led.unit.clone(),
            author: public(n),
            by: By::default(),
            now: Ms::of(BEGIN),
            today: Day::new(2026, 11, 28).expect("a day"),
        };
        self.nodes.push(Node {
            n,
            replica,
            store,
            library: Library::new(NonZeroUsize::new(64).expect("some")),
            memory: Memory::default(),
            circumstance,
            drawn: u64::from(n) << 56,
            last_loss: None,
            endings: Vec::new(),
        });
        let at = self.nodes.len() - 1;
        self.teach(at, &statements);
        at
    }

    /// A node learns statements, as from a file.
    pub(crate) fn teach(&mut self, at: usize, statements: &[VerifiedStatement]) {
        for statement in statements {
            let node = &mut self.nodes[at];
            let (offered, output) = node
                .replica
                .learn(node.circumstance.now, statement.clone(), &node.store)
                .expect("the store answers");
            assert!(matches!(offered, Offered::Taken | Offered::Duplicate), "{offered:?}");
            self.output(at, output);
        }
        self.run();
    }

    /// The people of a node choose.
    pub(crate) fn pin(&mut self, at: usize, pin: Pin) {
        let node = &mut self.nodes[at];
        let output = node.replica.pin(node.circumstance.now, pin, &node.store);
        self.output(at, output.expect("the store answers"));
        self.run();
    }

    pub(crate) fn genesis(&self) -> &Genesis {
        &self.genesis
    }

    /// Joins two nodes.
    pub(crate) fn link(&mut self, one: usize, other: usize) -> u64 {
        self.opened += 1;
        let id = self.opened;
        self.links.insert(id, (one, other));
        let keys = [one, other].map(|at| public(self.nodes[at].n));
        for (at, peer, opener) in
            [(one, keys[1], keys[0] < keys[1]), (other, keys[0], keys[1] < keys[0])]
        {
            let salt = Salt([u8::from(opener) + 2 * id as u8; 16]);
            self.input(at, Input::Opened { session: SessionId(id), peer, opener, salt });
        }
        self.run();
        id
    }

    pub(crate) fn cut(&mut self, id: u64) {
        if let Some((one, other)) = self.links.remove(&id) {
            for at in [one, other] {
                self.input(at, Input::Closed { session: SessionId(id) });
            }
        }
    }

    /// Cuts all links of a node. Returns between whom they were.
    pub(crate) fn cut_all(&mut self, at: usize) -> Vec<(usize, usize)> {
        let of = |(_, (one, other)): &(&u64, &(usize, usize))| *one == at || *other == at;
        let cut: Vec<(u64, (usize, usize))> =
            self.links.iter().filter(of).map(|(id, ends)| (*id, *ends)).collect();
        cut.iter().for_each(|(id, _)| self.cut(*id));
        cut.into_iter().map(|(_, ends)| ends).collect()
    }

    fn input(&mut self, at: usize, input: Input) {
        let node = &mut self.nodes[at];
        let now = node.circumstance.now;
        let output = node.replica.handle(now, input, &node.store).expect("the store answers");
        self.output(at, output);
    }

    fn output(&mut self, at: usize, output: Output) {
        self.nodes[at].store.apply(&output.batch);
        self.effects(at, output.effects);
    }

    fn effects(&mut self, at: usize, effects: Vec<Effect>) {
        for effect in effects {
            match effect {
                Effect::Send { session, frame } => {
                    if let Some((one, other)) = self.links.get(&session.0) {
                        let to = if *one == at { *other } else { *one };
                        self.queue.push_back((session.0, to, frame.to_bytes()));
                    }
                }
                Effect::Close { session, .. } => drop(self.links.remove(&session.0)),
                Effect::Tell(Event::Peer(session::Event::Ended { reason, .. })) => {
                    self.nodes[at].endings.push(reason.code.to_string());
                }
                Effect::Tell(_) => {}
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

    /// Lets every node do what it does by itself, and frames travel, until nothing more happens.
    pub(crate) fn settle(&mut self) {
        // A card that was asked for comes after a round in which nothing was written.
        let mut quiet = 0;
        for _ in 0..64 {
            let mut done = 0;
            for at in 0..self.nodes.len() {
                let kept = self.keep(at);
                done += kept.sent + kept.acknowledged + usize::from(kept.card.is_some());
                self.run();
            }
            quiet = if done == 0 { quiet + 1 } else { 0 };
            if quiet == 2 {
                return;
            }
        }
        panic!("they write to each other for ever");
    }

    /// Lets one node do what it does by itself.
    pub(crate) fn keep(&mut self, at: usize) -> node_letters::Kept {
        let mut memory = std::mem::take(&mut self.nodes[at].memory);
        let kept = self.step(at, |step| keep(step, &mut memory, "示例单位"));
        self.nodes[at].memory = memory;
        kept.expect("kept")
    }

    /// One step of a node.
    pub(crate) fn step<R>(&mut self, at: usize, work: impl FnOnce(&mut Step<'_>) -> R) -> R {
        let Node { n, replica, store, library, circumstance, drawn, last_loss, .. } =
            &mut self.nodes[at];
        let mut step = Step {
            key: key(*n),
            replica,
            store,
            library,
            circumstance,
            drawn,
            last_loss: *last_loss,
            effects: Vec::new(),
        };
        let result = work(&mut step);
        let effects = step.effects;
        self.effects(at, effects);
        self.run();
        result
    }

    /// Time passes.
    pub(crate) fn wait(&mut self, ms: u64) {
        for at in 0..self.nodes.len() {
            let now = self.nodes[at].circumstance.now.plus(ms);
            self.nodes[at].circumstance.now = now;
            self.input(at, Input::Wake);
        }
        self.run();
    }

    pub(crate) fn authority(&self, at: usize) -> &Authority {
        self.nodes[at].replica.authority()
    }

    pub(crate) fn now(&self, at: usize) -> Ms {
        self.nodes[at].circumstance.now
    }

    /// Does anything that a node keeps hold these bytes?
    pub(crate) fn disk_holds(&self, at: usize, text: &str) -> bool {
        let holds = |bytes: &[u8]| bytes.windows(text.len()).any(|part| part == text.as_bytes());
        Table::ALL.into_iter().any(|table| {
            let all = self.nodes[at].store.range(table, &[], &[u8::MAX; 64], usize::MAX >> 1);
            all.expect("entries").iter().any(|(key, value)| holds(key) || holds(value))
        })
    }
}

impl Led {
    pub(crate) fn issuer<'a>(&'a self, genesis: &Genesis, key: &'a SigningKey) -> Issuer<'a> {
        Issuer { network: genesis.network(), unit: &self.unit, proof: self.lineage, key }
    }

    /// The last founding on its way from the root: the one that recognises it.
    pub(crate) fn founding(&self) -> Hash {
        let founds = |statement: &&VerifiedStatement| matches!(statement.body(), Body::Founding(founding) if founding.below == self.unit);
        self.statements.iter().find(founds).expect("recognised").id()
    }

    pub(crate) fn key(&self) -> SigningKey {
        key(self.n)
    }

    /// Recognises a lineage as a unit below.
    pub(crate) fn recognise(
        &self,
        genesis: &Genesis,
        below: &UnitId,
        lineage: Hash,
    ) -> VerifiedStatement {
        let founding = self.issuer(genesis, &self.key()).recognise(below.clone(), lineage, TERM, 0);
        founding.expect("a founding").into()
    }

    /// Takes a node in that writes and holds everything.
    pub(crate) fn delegate(&self, genesis: &Genesis, n: u8) -> VerifiedStatement {
        let issuer = self.key();
        let issuer = self.issuer(genesis, &issuer);
        let grant = issuer.delegate(public(n), &Role::writing(), TERM, n.into());
        grant.expect("a grant").into()
    }
}

impl Node {
    pub(crate) fn set_clock(&mut self, now: Ms) {
        self.circumstance.now = now;
    }
}

pub(crate) struct Step<'a> {
    key: SigningKey,
    replica: &'a mut Replica,
    store: &'a mut MemStore,
    library: &'a mut Library,
    circumstance: &'a Circumstance,
    drawn: &'a mut u64,
    last_loss: Option<Ms>,
    effects: Vec<Effect>,
}

impl std::fmt::Debug for Step<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Step")
    }
}

impl Step<'_> {
    fn absorb(&mut self, output: Output) {
        self.store.apply(&output.batch);
        self.effects.extend(output.effects);
    }

    fn grant(&self, document: &DocumentId) -> Hash {
        let (authority, at) = (self.replica.authority(), self.circumstance.now);
        let author = self.circumstance.author;
        let lineage = authority.pins().lineage();
        let permits = |id: &Hash| {
            let written = Written { document, author, delegation: *id, at };
            authority.permits(&written, []).is_ok()
        };
        let mut own = authority.grants_to(&author, lineage, at).map(|grant| grant.id);
        own.find(permits).unwrap_or(Hash([0; 32]))
    }

    fn proof(&self) -> Option<Hash> {
        let (authority, node) = (self.replica.authority(), self.circumstance.author);
        let lineage = authority.pins().lineage();
        let present = authority.present(&lineage)?;
        if authority.operating_key(&present) == Some(node) {
            return Some(present);
        }
        let mut grants = authority.grants_to(&node, lineage, self.circumstance.now);
        let governs = grants
            .find(|grant| grant.verbs.covers(Verbs::GOVERN) && grant.state == GrantState::Holds);
        governs.map(|grant| grant.id)
    }

    fn content(&mut self, document: &DocumentId, content: Payload) -> Result<Hash, WriteError> {
        let (now, grant) = (self.circumstance.now, self.grant(document));
        let (id, output) = self.replica.write_content(now, grant, document, content, self.store)?;
        self.absorb(output);
        Ok(id)
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
        let (now, grant) = (self.circumstance.now, self.grant(document));
        let (id, output) = self.replica.write_change(now, grant, document, puts, self.store)?;
        self.absorb(output);
        Ok(Some(id))
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

impl Mail for Step<'_> {
    fn authority(&self) -> &Authority {
        self.replica.authority()
    }
}

impl Post for Step<'_> {
    fn place(&mut self, document: &DocumentId) -> Result<Place, WriteError> {
        let now = self.circumstance.now;
        let (author, seq) = self.replica.next_place(now, document, self.store)?;
        Ok(Place { author, seq, delegation: self.grant(document) })
    }

    fn send(&mut self, document: &DocumentId, content: Payload) -> Result<Hash, WriteError> {
        self.content(document, content)
    }

    fn wish(&mut self, to: &UnitId) -> Result<(), ReadError> {
        let output = self.replica.wish(self.circumstance.now, to, self.store)?;
        self.absorb(output);
        Ok(())
    }

    fn governs(&self) -> bool {
        self.proof().is_some()
    }

    fn sign_card(
        &mut self,
        name: &str,
        letter_box: [u8; 32],
        serial: u64,
    ) -> Result<Option<Hash>, ReadError> {
        let Some(proof) = self.proof() else { return Ok(None) };
        let (network, unit) = (self.circumstance.network, self.circumstance.unit.clone());
        let issuer = Issuer { network, unit: &unit, proof, key: &self.key };
        let now = self.circumstance.now;
        let card = issuer.card(name, "", letter_box, serial, now).expect("a card");
        let id = card.id();
        let (_, output) = self.replica.learn(now, card.into(), self.store)?;
        self.absorb(output);
        Ok(Some(id))
    }
}

/// What goes wrong in a test that expects it.
pub(crate) fn failure<R>(result: Result<R, Failure>) -> Failure {
    match result {
        Ok(_) => panic!("it went well"),
        Err(failure) => failure,
    }
}
