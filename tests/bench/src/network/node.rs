//! A node: the core that is shipped, over a store that counts, and what waits for it.

use std::collections::VecDeque;
use std::num::NonZeroUsize;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Result, ensure};
use node_authority::Pins;
use node_replication::log::{Chance, Offered, Setting};
use node_replication::replica::{Input, Replica, SessionId};
use node_views::Library;
use schema_wire::{Hash, Ms, NodeKey, VerifiedStatement, Verifier};

use crate::ahead::Checked;
use crate::founding::{self, Checks, Led};
use crate::store::{BenchStore, Counting};

/// Documents kept in memory, as in the engine.
const DOCUMENTS_CACHED: NonZeroUsize = NonZeroUsize::MIN.saturating_add(511);

/// A node.
#[derive(Debug)]
pub(crate) struct Node<S> {
    pub(crate) replica: Replica,
    pub(crate) store: Counting<S>,
    pub(super) library: Library,
    /// By which it writes.
    pub(super) delegation: Hash,
    pub(super) inbox: VecDeque<Inbound>,
    pub(super) verifier: Arc<dyn Verifier>,
    /// How many messages waited for one another until it came this far.
    pub(super) leg: u64,
    /// The same, when it last held all that its peer may show it.
    pub(super) resumed: Option<u64>,
    /// How long its engine was at work since the last count.
    pub(super) busy: Duration,
}

/// A node as it was set up.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Setup<'a> {
    pub(crate) unit: &'a Led,
    pub(crate) name: &'a str,
    /// How often it was started; its lives and feeds are named from it.
    pub(crate) start: u64,
    /// It was restored from a backup: another life, and another name for its feed.
    pub(crate) anew: bool,
}

impl<S: BenchStore> Node<S> {
    /// Opens a node over what its store holds. It knows how its unit is recognised, and its grant.
    pub(super) fn open(
        setup: Setup<'_>,
        mut store: Counting<S>,
        checks: &Checks,
        now: Ms,
    ) -> Result<Self> {
        let Setup { unit, name, start, anew } = setup;
        let verifier = founding::verifier(checks);
        let setting = Setting {
            genesis: founding::genesis().clone(),
            pins: Pins::of(unit.unit.clone(), unit.lineage),
            key: founding::key(name),
            chance: Chance::of(founding::named(&format!("{name}, start {start}")).0),
            verifier: verifier.clone(),
            anew,
        };
        let (replica, output) = Replica::open(setting, &store)?;
        store.commit(&output.batch)?;
        let grant = unit.grant(name, 0);
        let mut node = Self {
            replica,
            store,
            library: Library::new(DOCUMENTS_CACHED),
            delegation: grant.id(),
            inbox: VecDeque::new(),
            verifier,
            leg: 0,
            resumed: None,
            busy: Duration::ZERO,
        };
        node.teach(unit.statements().to_vec(), now)?;
        node.teach(vec![grant.into()], now)?;
        Ok(node)
    }

    /// Takes statements before anybody hears of it.
    fn teach(&mut self, statements: Vec<VerifiedStatement>, now: Ms) -> Result<()> {
        let (offered, output) = self.replica.learn_all(now, statements, &self.store)?;
        must_keep(&offered)?;
        self.store.commit(&output.batch)
    }

    pub(crate) fn key(&self) -> NodeKey {
        self.replica.author().key
    }
}

/// Every statement that is made here is kept wherever it is told.
pub(super) fn must_keep(offered: &[Offered]) -> Result<()> {
    let kept = |one: &Offered| matches!(one, Offered::Taken | Offered::Duplicate);
    ensure!(offered.iter().all(kept), "a statement is not kept: {offered:?}");
    Ok(())
}

/// What waits for a node.
#[derive(Debug)]
pub(super) enum Inbound {
    Frame {
        session: SessionId,
        /// How many messages waited for one another before it, itself included.
        leg: u64,
        frame: Checked,
    },
    Other(Box<Input>),
}

impl Inbound {
    pub(super) fn frame(&mut self) -> Option<&mut Checked> {
        match self {
            Self::Frame { frame, .. } => Some(frame),
            Self::Other(_) => None,
        }
    }

    pub(super) fn is_of(&self, of: SessionId) -> bool {
        matches!(self, Self::Frame { session, .. } if *session == of)
    }

    pub(super) fn is_ready(&mut self) -> bool {
        self.frame().is_none_or(Checked::is_ready)
    }

    /// The input, and its leg.
    pub(super) fn open(self) -> (Input, u64) {
        match self {
            Self::Frame { session, leg, frame } => {
                (Input::Frame { session, frame: frame.read() }, leg)
            }
            Self::Other(input) => (*input, 0),
        }
    }
}
