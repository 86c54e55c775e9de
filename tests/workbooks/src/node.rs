//! A community with one node, over a store in memory.

use std::num::NonZeroUsize;
use std::sync::Arc;

use node_acts::generation::{Beginning, RootKeys, begin_network, begin_unit};
use node_acts::issuer::Term;
use node_acts::phrase::Phrase;
use node_authority::Pins;
use node_records::{Circumstance, Memory, Reading, Records, Transaction};
use node_replication::document::Value;
use node_replication::log::{Chance, Setting, WriteError};
use node_replication::replica::{Output, Replica};
use node_replication::store::MemStore;
use node_views::Library;
use schema_documents::{By, Day};
use schema_wire::{
    Ascending, Band, DocumentId, Ed25519, Erasures, Hash, Keys, Ms, NodeKey, Payload, SigningKey,
    UnitId, VerifiedStatement,
};

const TERM: Term = Term { from: Ms::of(1_000), until: Ms::of(9_000_000_000_000) };
/// The morning of 28 November 2026 in the city.
const NOW: Ms = Ms::of(1_795_824_000_000);
const UNIT: &str = "220800/220802/220802001/220802001001";

/// The day on which everything happens.
pub(crate) fn today() -> Day {
    Day::new(2026, 11, 28).expect("a day")
}

/// The node.
pub(crate) struct Node {
    replica: Replica,
    store: MemStore,
    library: Library,
    memory: Memory,
    delegation: Hash,
    circumstance: Circumstance,
    /// Drawn bytes are numbers: the same in every run.
    drawn: u64,
    /// How many envelopes it wrote.
    pub(crate) written: usize,
}

fn public(key: &SigningKey) -> NodeKey {
    NodeKey(key.verifying_key().to_bytes())
}

impl Node {
    pub(crate) fn new() -> Self {
        let phrase = |n: u8| Phrase::of([n; 16]).public().commitment();
        let key = |n: u8| SigningKey::from_bytes(&[n; 32]);
        let keys = RootKeys {
            roots: Ascending::of([public(&key(200))]).expect("one"),
            threshold: 1,
            next: Ascending::of([phrase(200)]).expect("one"),
            next_threshold: 1,
        };
        let city = UnitId::parse("220800").expect("a unit");
        let genesis = begin_network(city, "市", keys, TERM.from).expect("a network");
        let network = genesis.network();
        let unit = UnitId::parse(UNIT).expect("a unit");
        let own = key(1);
        let Beginning { charter, delegation } =
            begin_unit(network, &unit, &own, phrase(1), TERM).expect("a unit");
        let pins = Pins::of(unit.clone(), charter.id());
        let author = public(&own);
        let setting = Setting {
            genesis,
            pins,
            key: own,
            chance: Chance::of([1; 32]),
            verifier: Arc::new(Ed25519),
            anew: false,
        };
        let mut store = MemStore::default();
        let (mut replica, output) = Replica::open(setting, &store).expect("opens");
        store.apply(&output.batch);
        let statements: [VerifiedStatement; 2] = [charter.into(), delegation.clone().into()];
        for statement in statements {
            let (_, output) = replica.learn(NOW, statement, &store).expect("learned");
            store.apply(&output.batch);
        }
        let by = By::default();
        let circumstance = Circumstance { network, unit, author, by, now: NOW, today: today() };
        Self {
            replica,
            store,
            library: Library::new(NonZeroUsize::new(1_024).expect("some")),
            memory: Memory::default(),
            delegation: delegation.id(),
            circumstance,
            drawn: 0,
            written: 0,
        }
    }

    /// One step, written at its end. Invented people pass.
    pub(crate) fn step<R>(&mut self, work: impl FnOnce(&mut Records<'_, Step<'_>>) -> R) -> R {
        let Self { replica, store, library, memory, delegation, circumstance, drawn, written } =
            self;
        let (delegation, circumstance) = (*delegation, &*circumstance);
        let mut step = Step { replica, store, library, delegation, circumstance, drawn, written };
        let mut records = Records::begin(&mut step, memory, true).expect("begun");
        let result = work(&mut records);
        records.write().expect("written");
        result
    }
}

pub(crate) struct Step<'a> {
    replica: &'a mut Replica,
    store: &'a mut MemStore,
    library: &'a mut Library,
    delegation: Hash,
    circumstance: &'a Circumstance,
    drawn: &'a mut u64,
    written: &'a mut usize,
}

impl std::fmt::Debug for Step<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Step")
    }
}

impl Step<'_> {
    fn commit(&mut self, (id, output): (Hash, Output)) -> Hash {
        self.store.apply(&output.batch);
        *self.written += 1;
        id
    }

    fn content(&mut self, document: &DocumentId, content: Payload) -> Result<Hash, WriteError> {
        let now = self.circumstance.now;
        let written =
            self.replica.write_content(now, self.delegation, document, content, self.store)?;
        Ok(self.commit(written))
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
        None
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
        Ok(Some(self.commit(written)))
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
