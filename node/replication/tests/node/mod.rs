//! A node in memory: a log and its store.

use std::collections::BTreeSet;
use std::sync::Arc;

use node_authority::Pins;
use node_replication::log::{Chance, Event, Log, Offered, Origin, Setting, Step};
use node_replication::store::{MemStore, ReadError};
use schema_wire::{Ed25519, Genesis, Hash, Scope, SigningKey, VerifiedStatement};

/// Where items of others come from.
pub(crate) const ELSEWHERE: Origin = Origin { peer: [7; 8], received_ms: 0 };

pub(crate) struct Node {
    pub(crate) log: Log,
    pub(crate) store: MemStore,
    pub(crate) events: Vec<Event>,
}

impl Node {
    pub(crate) fn new(genesis: Genesis, pins: Pins, key: SigningKey) -> Self {
        Self::open(MemStore::default(), 1, genesis, pins, key)
    }

    pub(crate) fn open(
        store: MemStore,
        chance: u8,
        genesis: Genesis,
        pins: Pins,
        key: SigningKey,
    ) -> Self {
        let (chance, verifier) = (Chance::of([chance; 32]), Arc::new(Ed25519));
        let setting = Setting { genesis, pins, key, chance, verifier, anew: false };
        let log = Log::open(setting, &store).expect("a store of ours");
        Self { log, store, events: Vec::new() }
    }

    /// One step, made durable.
    pub(crate) fn step<T>(
        &mut self,
        input: impl FnOnce(&mut Log, &mut Step<'_, MemStore>) -> Result<T, ReadError>,
    ) -> T {
        let mut step = Step::new(&self.store);
        let output = input(&mut self.log, &mut step).expect("in memory");
        let (batch, events) = self.log.finish(step).expect("in memory");
        self.store.apply(&batch);
        self.events.extend(events);
        output
    }

    /// Statements, each as soon as it can be kept.
    pub(crate) fn learn(&mut self, statements: &[VerifiedStatement]) {
        let mut learn = || {
            let known = statements
                .iter()
                .map(|one| self.step(|log, step| log.learn(step, one.clone(), ELSEWHERE)));
            known.filter(|offered| *offered == Offered::Taken).count()
        };
        while learn() > 0 {}
    }

    pub(crate) fn offer(
        &mut self,
        scope: &Scope,
        bytes: &[u8],
        waiting: &BTreeSet<Hash>,
    ) -> Offered {
        self.step(|log, step| log.offer(step, scope, bytes, ELSEWHERE, waiting))
    }
}
