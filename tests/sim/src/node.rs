//! One simulated machine: a replica, its shell, its disk and its clock.
//!
//! The shell does what the daemon's engine does: it takes up what waits, runs it as one group,
//! makes one batch durable, and only then releases effects and answers. A failed read or commit
//! stops the node.

use std::collections::VecDeque;
use std::num::NonZeroUsize;

use node_replication::store::{Batch, MemStore, ReadError, ReadStore, Table};
use node_replication::{
    Config, Effect, Identity, Input, OpenError, Overlay, Rejection, Replica, WriteError,
};
use node_views::Library;
use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use schema_documents::{record, root_document};
use schema_wire::{
    Author, Delegation, DocumentId, Hash, NodeKey, SigningKey, Statement, UnitId, Verified,
};

use crate::clock::{Clock, Time};
use crate::disk::{Disk, DiskFailed};
use crate::liars::Liar;
use crate::offices::Deed;
use crate::plan::Edit;
use crate::topology::statement;

/// Inputs that may wait, as in the daemon.
pub const INBOX_MAX: usize = 1024;
/// Documents a node keeps in memory: few, so that they are built anew often.
const DOCUMENTS_CACHED: NonZeroUsize = NonZeroUsize::MIN.saturating_add(7);

/// What waits in an inbox.
#[derive(Debug)]
pub enum Job {
    /// For the replica.
    Input(Input),
    /// From a clerk.
    Edit(Edit),
    /// A clerk looks something up.
    Read(DocumentId),
    /// The keeper of a unit's key signs something.
    Sign(Box<Deed>),
}

/// A group that runs to the disk: what to do once it is durable.
#[derive(Debug)]
pub struct Pending {
    /// Entries that were refused because the node may not write.
    pub turned_away: u64,
    /// The writes.
    pub batch: Batch,
    /// To release.
    pub effects: Vec<Effect>,
    /// Edits to acknowledge, with their envelopes.
    pub edits: Vec<(Edit, Hash)>,
}

/// Is it part of the network?
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Membership {
    /// It will join.
    Awaited,
    /// It is.
    Member,
    /// It left for good.
    Left,
}

/// Why a node stops.
#[derive(Debug, thiserror::Error)]
pub enum Stop {
    /// Its disk failed it.
    #[error(transparent)]
    Disk(#[from] DiskFailed),
    /// Its store cannot be read.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// A document in memory is not what its envelopes make.
    #[error("{0} in memory is not what its envelopes make")]
    Stale(DocumentId),
    /// Its own replica refuses its own clerk's entry.
    #[error("an honest entry was refused: {0}")]
    Refused(WriteError),
    /// Its own replica refuses what the keeper of a key signed.
    #[error("a statement was refused: {0}")]
    Unheard(Rejection),
}

/// A machine.
#[derive(Debug)]
pub struct SimNode {
    /// For people.
    pub name: String,
    /// The unit it serves.
    pub unit: UnitId,
    /// Its key.
    pub key: SigningKey,
    /// Its public key.
    pub public: NodeKey,
    /// What it was given to begin with: its chain.
    pub chain: Vec<Verified<Delegation>>,
    /// Its life since the last loss of state.
    pub incarnation: u32,
    /// Its share of the federation, while it runs.
    pub replica: Option<Replica>,
    /// Its documents.
    pub library: Library,
    /// Its disk.
    pub disk: Disk,
    /// A copy of its disk, if anybody made one.
    pub backup: Option<MemStore>,
    /// Its clock.
    pub clock: Clock,
    /// What waits.
    pub inbox: VecDeque<Job>,
    /// What runs to the disk.
    pub pending: Option<Pending>,
    /// Is a turn scheduled?
    pub turning: bool,
    /// Starts and stops so far: what was scheduled in an earlier life is void.
    pub life: u64,
    /// Is it to crash in the middle of its next commit? Was the batch kept, and how long is it
    /// down?
    pub doom: Option<(bool, Time)>,
    /// Is it part of the network?
    pub membership: Membership,
    /// When it is woken next.
    pub next_wake: Time,
    /// When it last had something to do.
    pub active: Time,
    /// Its lies, if it is no honest node.
    pub liar: Option<Liar>,
    /// Its own chance.
    pub chance: ChaCha8Rng,
}

/// An empty cache of documents.
pub fn library() -> Library {
    Library::new(DOCUMENTS_CACHED, root_document)
}

impl SimNode {
    /// Does it run?
    pub fn runs(&self) -> bool {
        self.replica.is_some()
    }

    /// Starts it from its disk. What it was given to begin with, it learns if it lacks it.
    pub fn start(&mut self, config: Config, now: Time, epoch: [u8; 16]) -> Result<(), Stop> {
        let delegation = self.grant().id();
        let identity = Identity {
            key: self.key.clone(),
            incarnation: self.incarnation,
            unit: self.unit.clone(),
            delegation,
            epoch,
            chance: self.chance.random(),
        };
        let (mut replica, output) = match Replica::open(config, identity, &self.disk) {
            Ok(opened) => opened,
            Err(OpenError::Read(error)) => return Err(error.into()),
            Err(error) => panic!("a node of this network: {error}"),
        };
        self.disk.commit(&output.batch)?;
        let now_ms = self.clock.local_ms(now);
        for grant in &self.chain {
            if !replica.authority().holds(&grant.id()) {
                let learned = replica.learn(now_ms, statement(grant), &self.disk)?;
                self.disk.commit(&learned.expect("a good grant").batch)?;
            }
        }
        self.replica = Some(replica);
        self.library = library();
        Ok(())
    }

    /// It stops at once: memory and inbox are gone. Returns the batch that was pending.
    pub fn stop(&mut self) -> Option<Batch> {
        if let Some(replica) = self.replica.take() {
            self.incarnation = replica.identity().incarnation;
        }
        self.inbox.clear();
        self.turning = false;
        self.life += 1;
        self.pending.take().map(|pending| pending.batch)
    }

    /// Takes up to `most` jobs as one group; leaves it pending.
    pub fn turn(&mut self, now: Time, most: usize) -> Result<(), Stop> {
        let Some(replica) = &mut self.replica else { return Ok(()) };
        let now_ms = self.clock.local_ms(now);
        let mut overlay = Overlay::new(&self.disk);
        let (mut effects, mut edits, mut turned_away) = (Vec::new(), Vec::new(), 0);
        let group = self.inbox.len().min(most);
        for job in self.inbox.drain(..group) {
            let output = match job {
                Job::Input(input) => replica.handle(now_ms, input, &overlay)?,
                Job::Read(document) => {
                    look_up(&mut self.library, &document, &overlay)?;
                    continue;
                }
                Job::Sign(deed) => {
                    let mut said: Vec<Statement> =
                        deed.office.route.iter().map(statement).collect();
                    said.extend(deed.statements(replica.authority(), now_ms, &overlay)?);
                    for statement in said {
                        if replica.authority().holds(&statement.id()) {
                            continue;
                        }
                        let learned = replica.learn(now_ms, statement, &overlay)?;
                        let output = learned.map_err(Stop::Unheard)?;
                        overlay.absorb(output.batch);
                        effects.extend(output.effects);
                    }
                    continue;
                }
                Job::Edit(edit) => {
                    let at_ms = now_ms.saturating_sub(edit.late_ms);
                    let written = enter(replica, &mut self.library, at_ms, &edit, &overlay)?;
                    match written {
                        Entered::Written(id, output) => {
                            edits.push((edit, id));
                            output
                        }
                        Entered::TurnedAway => {
                            turned_away += 1;
                            continue;
                        }
                        Entered::Unchanged => continue,
                    }
                }
            };
            overlay.absorb(output.batch);
            effects.extend(output.effects);
        }
        let batch = overlay.into_batch();
        self.pending = Some(Pending { batch, effects, edits, turned_away });
        Ok(())
    }

    /// The disk becomes another: an old copy, or an empty one. The node's life is a new one.
    pub fn restore(&mut self, mut store: MemStore) {
        let mut forget = Batch::default();
        forget.delete(Table::Meta, "epoch");
        store.apply(&forget);
        self.disk.durable = store;
        self.renew();
    }

    /// A new life, as a restore or a new grant begins it.
    pub fn renew(&mut self) {
        self.incarnation += self.chance.random_range(1..=64);
    }

    /// The delegation it acts under.
    pub fn grant(&self) -> &Verified<Delegation> {
        self.chain.last().expect("a chain has a link")
    }
}

/// What became of a clerk's entry.
enum Entered {
    Written(Hash, node_replication::Output),
    /// It changes nothing.
    Unchanged,
    /// The clerk was told that this node may not write.
    TurnedAway,
}

/// A clerk's entry: the change Automerge makes of it, signed and admitted.
fn enter(
    replica: &mut Replica,
    library: &mut Library,
    now_ms: u64,
    edit: &Edit,
    store: &impl ReadStore,
) -> Result<Entered, Stop> {
    let identity = replica.identity();
    let author = Author { key: identity.public(), incarnation: identity.incarnation };
    let set = |document: &mut automerge::AutoCommit| {
        record::set(document, edit.map, &edit.record, FIELD, edit.value.as_str());
    };
    let ((), draft) = library.edit(store, &edit.document, author, set)?;
    let Some(draft) = draft else { return Ok(Entered::Unchanged) };
    match replica.write(now_ms, &edit.document, draft.change().to_vec(), store) {
        Ok((id, output)) => {
            library.keep(draft, id);
            Ok(Entered::Written(id, output))
        }
        Err(WriteError::Refused { rejection, .. })
            if matches!(*rejection, Rejection::Unauthorised(_)) =>
        {
            Ok(Entered::TurnedAway)
        }
        Err(WriteError::Read(error)) => Err(error.into()),
        Err(error) => Err(Stop::Refused(error)),
    }
}

/// A clerk's query: what is kept in memory must be what a fresh load gives.
fn look_up(
    library_: &mut Library,
    document: &DocumentId,
    store: &impl ReadStore,
) -> Result<(), Stop> {
    let kept = library_.open(store, document)?.document.get_heads();
    let fresh = library().open(store, document)?.document.get_heads();
    if kept == fresh { Ok(()) } else { Err(Stop::Stale(document.clone())) }
}

/// The field every edit sets.
pub const FIELD: &str = "note";
