//! The replica: inputs in; one batch, effects and events out.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use node_authority::canary::{Bug, planted};
use node_authority::{Authority, may_read};
use schema_wire::{
    Audience, Author, Class, DocumentId, Ed25519, Frame, Genesis, Hash, Item, NodeKey, Reason,
    Scope, SigningKey, Statement, UnitId, Verifier, Wire,
};

use crate::admission::{Admitted, AdmittedKind, Judge, Rejection, Stopped};
use crate::arrival::{Arrived, Delivery, Offer};
use crate::change::RootChange;
use crate::overlay::Overlay;
use crate::reconcile::Snapshots;
use crate::records::{after, corrupt};
use crate::session::Sessions;
use crate::standing::{self, Doubt};
use crate::store::{Batch, ReadError, ReadStore, Table};
use crate::write::Step;

/// Evidence kept of refused items: the newest this many.
pub(crate) const QUARANTINE_ITEMS_MAX: u64 = 1000;
/// Bytes of a refused item that are kept.
pub(crate) const QUARANTINE_BYTES_MAX: usize = 64 * 1024;

/// How many incarnations a new life may pass over.
const LIFE_STEP_MAX: u32 = 1024;

/// What a replica is told once.
#[derive(Debug, Clone)]
pub struct Config {
    /// The network's genesis.
    pub genesis: Genesis,
    /// The change every document of a class begins with.
    pub roots: BTreeMap<Class, RootChange>,
    /// Bytes of items in one frame. One item may be larger.
    pub batch_bytes: usize,
    /// How long a frame waits for a delegation it rests on, in milliseconds.
    pub hold_ms: u64,
    /// Checks signatures.
    pub verifier: Arc<dyn Verifier>,
}

impl Config {
    /// The defaults: 256 KiB a frame, one minute of waiting.
    pub fn new(genesis: Genesis, roots: BTreeMap<Class, RootChange>) -> Self {
        let verifier = Arc::new(Ed25519);
        Self { genesis, roots, batch_bytes: 256 * 1024, hold_ms: 60_000, verifier }
    }
}

/// Who this node is.
#[derive(Debug, Clone)]
pub struct Identity {
    /// Its key.
    pub key: SigningKey,
    /// Its life since the last loss of state. A later one that the store names goes before.
    pub incarnation: u32,
    /// The unit it serves.
    pub unit: UnitId,
    /// The delegation it acts under.
    pub delegation: Hash,
    /// Names its feeds, if its store does not name them yet: 16 fresh random bytes.
    pub epoch: [u8; 16],
    /// Fresh random bytes: should this node have to take a new life while it runs, two copies of
    /// one folder choose apart.
    pub chance: u64,
}

impl Identity {
    /// Its public key.
    pub fn public(&self) -> NodeKey {
        NodeKey(self.key.verifying_key().to_bytes())
    }
}

/// A conversation with one authenticated peer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct SessionId(pub u64);

/// What happens to a replica.
#[derive(Debug)]
pub enum Input {
    /// The transport authenticated a peer.
    Opened { session: SessionId, peer: NodeKey, dialer: bool },
    /// The transport lost it.
    Closed { session: SessionId },
    /// The peer sent a frame.
    Frame { session: SessionId, frame: Arrived },
    /// Time passed.
    Wake,
}

impl Input {
    /// A frame, read here.
    pub fn frame(session: SessionId, bytes: &[u8]) -> Self {
        Self::Frame { session, frame: Arrived::read(bytes) }
    }
}

/// What the shell must do once the batch is durable (INV-05).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Effect {
    /// Send a frame.
    Send { session: SessionId, bytes: Vec<u8> },
    /// End a session, after the frames before it.
    Close { session: SessionId, reason: Reason },
    /// Tell those who watch.
    Tell(Event),
}

/// What an operator or a view wants to know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// A peer showed a delegation of this network.
    Joined { peer: NodeKey, unit: UnitId },
    /// A peer whose delegation was revoked or ran out hands over what it wrote.
    Surrenders { peer: NodeKey, unit: UnitId },
    /// A session was refused, by us or by the peer.
    Refused { peer: NodeKey, by_peer: bool, reason: Reason },
    /// After an opening, both hold what both may: what it took.
    Resumed { peer: NodeKey, unit: UnitId, cost: Cost },
    /// Statements of authority came.
    Learned,
    /// Documents changed.
    Changed(Vec<DocumentId>),
    /// An item was refused.
    Rejected { peer: NodeKey, item: Hash, reason: Rejection },
    /// An admitted envelope does not count, or no longer.
    Suspended { document: DocumentId, author: Author, envelope: Hash, doubt: Doubt },
    /// It counts again.
    Restored { document: DocumentId, envelope: Hash },
    /// This node goes on under a new incarnation: its log was cut, or it runs twice.
    NewLife { incarnation: u32, doubled: bool },
    /// A peer refused items of ours.
    RefusedByPeer { peer: NodeKey, scope: Scope, count: u64, reason: Option<Reason> },
}

/// What a session has cost so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Cost {
    pub items_in: u64,
    pub items_out: u64,
    pub bytes_in: u64,
    pub bytes_out: u64,
    /// Hello and answer are one; every reconciliation exchange and the want after it are more.
    pub round_trips: u64,
}

/// What one input leads to.
#[derive(Debug, Default)]
pub struct Output {
    /// Write atomically and sync.
    pub batch: Batch,
    /// Then, and only then, do these.
    pub effects: Vec<Effect>,
}

/// Why a replica cannot start.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    #[error(transparent)]
    Read(#[from] ReadError),
    #[error("the store belongs to network {found}, the configuration names {expected}")]
    OtherNetwork { found: String, expected: String },
}

/// One node's share of the federation.
#[derive(Debug)]
pub struct Replica {
    pub(crate) config: Config,
    pub(crate) identity: Identity,
    pub(crate) authority: Authority,
    pub(crate) epoch: [u8; 16],
    pub(crate) boot: u64,
    pub(crate) hellos: u64,
    /// Did a peer say, since the start, that this store fell back?
    pub(crate) fallen_back: bool,
    pub(crate) sessions: Sessions,
    pub(crate) snapshots: Snapshots,
    pub(crate) rejections: BTreeMap<&'static str, u64>,
    pub(crate) quarantined: u64,
    pub(crate) refused_sessions: BTreeMap<String, u64>,
}

/// Does a node of this unit keep a scope? Its own, the public ones above and below it, and what
/// the units below address to it.
pub fn holds(unit: &UnitId, scope: &Scope) -> bool {
    if planted(Bug::ReadToAll) {
        return true;
    }
    let related = unit.contains(&scope.unit) || scope.unit.contains(unit);
    may_read(unit, scope) && (scope.audience != Audience::Public || related)
}

impl Replica {
    /// Rebuilds the in-memory state from what the store holds. The output must be committed
    /// before the first input.
    pub fn open(
        config: Config,
        identity: Identity,
        store: &impl ReadStore,
    ) -> Result<(Self, Output), OpenError> {
        let mut batch = Batch::default();
        let network = config.genesis.network();
        match store.read(Table::Meta, b"network")? {
            Some(found) if found != network.0 => {
                let found = found.iter().map(|b| format!("{b:02x}")).collect();
                return Err(OpenError::OtherNetwork { found, expected: network.to_string() });
            }
            _ => batch.put(Table::Meta, b"network".to_vec(), network.0.to_vec()),
        }
        let epoch = match store.read(Table::Meta, b"epoch")? {
            Some(bytes) => bytes.try_into().map_err(|_| corrupt("epoch"))?,
            None => identity.epoch,
        };
        batch.put(Table::Meta, b"epoch".to_vec(), epoch.to_vec());
        let lived = number(store, b"incarnation")?;
        let mut identity = identity;
        identity.incarnation = identity.incarnation.max(u32::try_from(lived).unwrap_or(u32::MAX));
        let boot = number(store, b"boots")? + 1;
        batch.put(Table::Meta, b"boots".to_vec(), boot.to_be_bytes().to_vec());
        let quarantined = number(store, b"quarantined")?;
        let authority = load_authority(&config, store)?;
        let replica = Self {
            config,
            identity,
            authority,
            epoch,
            boot,
            hellos: 0,
            fallen_back: false,
            sessions: Sessions::default(),
            snapshots: Snapshots::default(),
            rejections: BTreeMap::new(),
            quarantined,
            refused_sessions: BTreeMap::new(),
        };
        Ok((replica, Output { batch, effects: Vec::new() }))
    }

    /// What this replica knows of authority.
    pub fn authority(&self) -> &Authority {
        &self.authority
    }

    /// Who this replica is. Its incarnation changes when it must take a new life.
    pub fn identity(&self) -> &Identity {
        &self.identity
    }

    /// Feeds one input; returns everything the shell must do about it. `now_ms` is the local
    /// clock in milliseconds since 1970: a hint for people and for validity of sessions.
    pub fn handle(
        &mut self,
        now_ms: u64,
        input: Input,
        store: &impl ReadStore,
    ) -> Result<Output, ReadError> {
        let mut step = Step::new(now_ms, store);
        match input {
            Input::Opened { session, peer, dialer } => {
                self.opened(&mut step, session, peer, dialer)?;
            }
            Input::Closed { session } => {
                self.sessions.remove(&session);
            }
            Input::Frame { session, frame } => self.frame(&mut step, session, frame)?,
            Input::Wake => {
                self.expire_held(&mut step)?;
                self.snapshots.forget_unused(now_ms);
                self.tell_all_positions(&mut step);
            }
        }
        self.finish(step)
    }

    /// Adds a statement of this node's own making, or one handed over by its operator.
    pub fn learn(
        &mut self,
        now_ms: u64,
        statement: Statement,
        store: &impl ReadStore,
    ) -> Result<Result<Output, Rejection>, ReadError> {
        let mut step = Step::new(now_ms, store);
        let scope = statement.scope();
        let offer = Offer::of(&Item::Statement(statement));
        match self.offer(&mut step, &scope, offer, [0; 8])? {
            Err(Stopped::Rejected(rejection, _)) => Ok(Err(rejection)),
            Err(Stopped::Waits(why, _)) => Ok(Err(Rejection::Unauthorised(why))),
            Ok(()) | Err(Stopped::Duplicate) => self.finish(step).map(Ok),
        }
    }

    fn frame(
        &mut self,
        step: &mut Step<'_, impl ReadStore>,
        id: SessionId,
        arrived: Arrived,
    ) -> Result<(), ReadError> {
        let Some(session) = self.sessions.get_mut(&id) else {
            return Ok(());
        };
        session.cost.bytes_in += arrived.size as u64;
        let frame = match arrived.frame {
            Ok(frame) => frame,
            Err(error) => {
                self.refuse(step, id, "malformed-frame", &error.to_string());
                return Ok(());
            }
        };
        match frame {
            Frame::Hello(hello) => self.hello(step, id, *hello)?,
            Frame::Refuse(reason) => self.refused(step, id, reason),
            _ if session.unit.is_none() => {
                self.refuse(step, id, "no-hello", "the first frame must be a hello");
            }
            Frame::Items(items) => {
                self.items(step, id, Delivery::new(items, arrived.found))?;
            }
            Frame::Ack(ack) => self.acked(step, id, ack)?,
            Frame::Reconcile { scope, message } => {
                self.reconcile(step, id, scope, &message)?;
            }
            Frame::Want { scope, ids } => self.wanted(step, id, scope, ids)?,
        }
        self.settle(step, id)
    }

    /// Judges one item and, if it is admitted, appends it.
    pub(crate) fn offer(
        &mut self,
        step: &mut Step<'_, impl ReadStore>,
        scope: &Scope,
        offer: Offer,
        origin: [u8; 8],
    ) -> Result<Result<(), Stopped>, ReadError> {
        let judge =
            Judge { config: &self.config, authority: &self.authority, store: &step.overlay };
        match judge.judge(scope, offer)? {
            Ok(admitted) => self.append(step, admitted, origin).map(Ok),
            Err(stopped) => Ok(Err(stopped)),
        }
    }

    pub(crate) fn append(
        &mut self,
        step: &mut Step<'_, impl ReadStore>,
        admitted: Admitted,
        origin: [u8; 8],
    ) -> Result<(), ReadError> {
        match &admitted.kind {
            AdmittedKind::Statement(statement) => {
                self.authority.insert(statement.clone());
            }
            AdmittedKind::Change { header, .. } | AdmittedKind::Keys { header, .. } => {
                // Our own words from a stranger's mouth: this life is led twice, or was led on
                // after the backup this store came from.
                step.doubled |= header.value().author == self.author() && origin != [0; 8];
            }
        }
        step.append(admitted, origin, &self.authority)
    }

    /// What new statements lead to: envelopes that count or not, sessions that end, frames that
    /// waited.
    fn heed(&mut self, step: &mut Step<'_, impl ReadStore>) -> Result<(), ReadError> {
        let statements = std::mem::take(&mut step.statements);
        if statements.is_empty() {
            return Ok(());
        }
        step.effects.push(Effect::Tell(Event::Learned));
        let touched = |statement| standing::touched(&self.authority, statement);
        let units: BTreeSet<UnitId> = statements.iter().filter_map(touched).collect();
        step.judge_units(&self.authority, &units)?;
        // A peer whose session this ends is told first what ended it.
        while let Some(scope) = step.dirty.pop_first() {
            self.push(step, &scope)?;
        }
        self.end_unauthorised(step);
        self.retry_held(step)
    }

    /// Begins a new life if this one cannot be led on: its log was cut, or it is led twice.
    fn renew(&mut self, step: &mut Step<'_, impl ReadStore>) {
        let own = self.author();
        let cut = step.suspended.contains(&own);
        if !cut && !step.doubled || planted(Bug::StubbornLife) {
            return;
        }
        let identity = &mut self.identity;
        // A life taken from the clock after a restore must come later: steps are short. Each is
        // drawn anew, should two copies have drawn one of them alike.
        let (chance, before) = (identity.chance.to_be_bytes(), identity.incarnation.to_be_bytes());
        let drawn = Hash::of(&[&chance[..], &before].concat()).0;
        let stride = 1 + u32::from(u16::from_be_bytes([drawn[0], drawn[1]])) % LIFE_STEP_MAX;
        identity.incarnation = identity.incarnation.saturating_add(stride);
        let incarnation = identity.incarnation;
        let life = u64::from(incarnation).to_be_bytes().to_vec();
        step.put(Table::Meta, b"incarnation".to_vec(), life);
        let doubled = step.doubled;
        step.effects.push(Effect::Tell(Event::NewLife { incarnation, doubled }));
        if doubled {
            // Cursors in our feed may come from the other life: they must not be believed.
            let fresh = [&self.epoch[..], &incarnation.to_be_bytes()].concat();
            self.epoch.copy_from_slice(&Hash::of(&fresh).0[..16]);
            step.put(Table::Meta, b"epoch".to_vec(), self.epoch.to_vec());
            let ids: Vec<SessionId> = self.sessions.iter().map(|(id, _)| *id).collect();
            for id in ids {
                self.refuse(step, id, "new-life", "this node goes on under a new incarnation");
            }
        }
        (step.doubled, step.suspended) = (false, BTreeSet::new());
    }

    /// Ends a step: pushes what it appended to every session, and collects its output.
    pub(crate) fn finish(
        &mut self,
        mut step: Step<'_, impl ReadStore>,
    ) -> Result<Output, ReadError> {
        while !step.statements.is_empty() {
            self.heed(&mut step)?;
        }
        self.renew(&mut step);
        while let Some(scope) = step.dirty.pop_first() {
            self.push(&mut step, &scope)?;
        }
        Ok(step.into_output())
    }

    /// Keeps a refused item as evidence and counts it.
    pub(crate) fn quarantine(
        &mut self,
        step: &mut Step<'_, impl ReadStore>,
        peer: NodeKey,
        bytes: &[u8],
        rejection: Rejection,
    ) {
        *self.rejections.entry(rejection.code()).or_insert(0) += 1;
        let item = Hash::of(bytes);
        let kept = &bytes[..bytes.len().min(QUARANTINE_BYTES_MAX)];
        let record = crate::status::QuarantinedItem {
            at_ms: step.now_ms,
            peer,
            code: rejection.code().into(),
            text: rejection.to_string(),
            item: kept.to_vec(),
        };
        let slot = self.quarantined % QUARANTINE_ITEMS_MAX;
        self.quarantined += 1;
        step.put(Table::Quarantine, slot.to_be_bytes().to_vec(), record.to_bytes());
        let count = self.quarantined.to_be_bytes().to_vec();
        step.put(Table::Meta, b"quarantined".to_vec(), count);
        step.effects.push(Effect::Tell(Event::Rejected { peer, item, reason: rejection }));
    }
}

fn number(store: &impl ReadStore, key: &[u8]) -> Result<u64, ReadError> {
    match store.read(Table::Meta, key)? {
        None => Ok(0),
        Some(bytes) => {
            let bytes = bytes.try_into().map_err(|_| corrupt("number"))?;
            Ok(u64::from_be_bytes(bytes))
        }
    }
}

fn load_authority(config: &Config, store: &impl ReadStore) -> Result<Authority, ReadError> {
    let mut authority = Authority::new(config.genesis.clone());
    let entries = store.range(Table::Statements, &[], &after(&[u8::MAX; 33]), usize::MAX >> 1)?;
    for (_, bytes) in entries {
        let statement = Statement::from_bytes(&bytes).map_err(|_| corrupt("statement"))?;
        authority.insert(statement.trust_own_store());
    }
    Ok(authority)
}

impl<'a, S: ReadStore> Step<'a, S> {
    pub(crate) fn new(now_ms: u64, store: &'a S) -> Self {
        Self {
            now_ms,
            overlay: Overlay::new(store),
            effects: Vec::new(),
            dirty: Default::default(),
            documents: Default::default(),
            suspended: Default::default(),
            statements: Vec::new(),
            doubled: false,
        }
    }

    pub(crate) fn into_output(mut self) -> Output {
        if !self.documents.is_empty() {
            let documents = self.documents.into_iter().collect();
            self.effects.push(Effect::Tell(Event::Changed(documents)));
        }
        Output { batch: self.overlay.into_batch(), effects: self.effects }
    }
}
