//! What one call on the engine's thread may do: read, write, sign, ask.

use std::sync::Arc;

use anyhow::Result;
use node_api::Failure;
use node_authority::{Authority, Pin, Written};
use node_folder::Folder;
use node_records::{Circumstance, Memory, Reading, Transaction};
use node_replication::Overlay;
use node_replication::document::Value;
use node_replication::log::{Offered, WriteError};
use node_replication::replica::{Effect, Event, Output, Replica};
use node_replication::store::{Batch, ReadStore, Table};
use node_store::Store;
use node_views::Library;
use node_views::report::UnitReport;
use rand_chacha::ChaCha20Rng;
use rand_chacha::rand_core::Rng as _;
use schema_wire::{
    Author, Band, DocumentId, Erasures, Hash, Keys, Ms, NodeKey, Payload, SigningKey, UnitId,
    VerifiedStatement,
};

use crate::showcase::Stands;
use crate::{authority, clock};

/// Whoever knows who may do what, and what the store holds: a step at work, or a query.
pub(crate) trait Knows {
    type Store: ReadStore;

    fn authority(&self) -> &Authority;
    fn store(&self) -> &Self::Store;
    fn folder(&self) -> &Folder;
    /// Who this node writes as.
    fn author(&self) -> Author;

    /// The unit this node serves.
    fn unit(&self) -> &UnitId {
        self.authority().pins().unit()
    }

    /// The lineage it belongs to.
    fn lineage(&self) -> Hash {
        self.authority().pins().lineage()
    }

    /// This node.
    fn node(&self) -> NodeKey {
        self.author().key
    }
}

/// The store, as a group of steps sees it.
pub(crate) type Reads<'a> = Overlay<'a, Store>;

/// One group of steps at work.
pub(crate) struct Context<'a> {
    pub(crate) replica: &'a mut Replica,
    pub(crate) library: &'a mut Library,
    pub(crate) store: Reads<'a>,
    /// What is durable already: for backups.
    pub(crate) committed: &'a Store,
    pub(crate) folder: &'a Folder,
    /// This node's key.
    pub(crate) key: &'a SigningKey,
    pub(crate) circumstance: Circumstance,
    /// What records are looked up in; losing it loses nothing.
    pub(crate) memory: &'a mut Memory,
    /// Which letters were looked at; losing it loses nothing.
    pub(crate) letters: &'a mut node_letters::Memory,
    /// The unit's numbers; losing them loses nothing.
    pub(crate) report: &'a mut UnitReport,
    /// What stands beside them, as of the last count: for queries.
    pub(crate) stands: &'a mut Arc<Stands>,
    /// Seeded from the system's source when the group began.
    pub(crate) random: ChaCha20Rng,
    pub(crate) effects: Vec<Effect>,
}

impl Context<'_> {
    pub(crate) fn absorb(&mut self, output: Output) {
        for effect in &output.effects {
            if let Effect::Tell(Event::Log(event)) = effect {
                self.report.note(event);
            }
        }
        self.store.absorb(output.batch);
        self.effects.extend(output.effects);
    }

    /// Who may do what, as is known here.
    pub(crate) fn authority(&self) -> &Authority {
        self.replica.authority()
    }

    /// The unit this node serves.
    pub(crate) fn unit(&self) -> &UnitId {
        &self.circumstance.unit
    }

    /// The lineage it belongs to.
    pub(crate) fn lineage(&self) -> Hash {
        self.authority().pins().lineage()
    }

    /// This node.
    pub(crate) fn node(&self) -> NodeKey {
        self.replica.author().key
    }

    /// Takes in a statement, or says what became of it.
    pub(crate) fn offer(&mut self, statement: VerifiedStatement) -> Result<Offered> {
        let (offered, output) = self.replica.learn(clock::now(), statement, &self.store)?;
        self.absorb(output);
        Ok(offered)
    }

    /// Takes in a statement of this node's own making.
    pub(crate) fn learn(&mut self, statement: impl Into<VerifiedStatement>) -> Result<Hash> {
        let statement = statement.into();
        let id = statement.id();
        taken(id, self.offer(statement)?)
    }

    /// Takes in several, each with those before it, before any peer is told of one.
    pub(crate) fn learn_all(&mut self, statements: Vec<VerifiedStatement>) -> Result<()> {
        let ids: Vec<Hash> = statements.iter().map(VerifiedStatement::id).collect();
        let (offered, output) = self.replica.learn_all(clock::now(), statements, &self.store)?;
        self.absorb(output);
        ids.into_iter().zip(offered).try_for_each(|(id, offered)| taken(id, offered).map(drop))
    }

    /// Changes a choice of this node's own.
    pub(crate) fn pin(&mut self, pin: Pin) -> Result<()> {
        let output = self.replica.pin(clock::now(), pin, &self.store)?;
        self.absorb(output);
        *self.letters = node_letters::Memory::default();
        Ok(())
    }

    /// Moves this node to another lineage of its unit, while it speaks with nobody.
    pub(crate) fn belong(&mut self, lineage: Hash) -> Result<()> {
        let output = self.replica.belong(clock::now(), lineage, &self.store)?;
        self.absorb(output);
        *self.letters = node_letters::Memory::default();
        Ok(())
    }

    /// Keeps a fact of this node's own.
    pub(crate) fn note(&mut self, key: Vec<u8>, value: Vec<u8>) {
        let mut batch = Batch::default();
        batch.put(Table::Meta, key, value);
        self.store.absorb(batch);
    }

    /// The delegation to write a document under: of those that permit it, the one that lasts
    /// longest; else any, whose refusal says what is wrong.
    fn delegation(&self, document: &DocumentId, at: Ms) -> Option<Hash> {
        let (authority, author) = (self.authority(), self.node());
        let mut own: Vec<(bool, Ms, Hash)> = Vec::new();
        for grant in authority.grants_to(&author, self.lineage(), at) {
            let written = Written { document, author, delegation: grant.id, at };
            own.push((authority.permits(&written, []).is_ok(), grant.until, grant.id));
        }
        own.into_iter().max().map(|(_, _, id)| id)
    }

    /// The same; zeros where nobody granted anything: then what refuses the envelope says so.
    pub(crate) fn granted(&self, document: &DocumentId, at: Ms) -> Hash {
        self.delegation(document, at).unwrap_or(Hash([0; 32]))
    }

    /// Writes with the delegation that permits it.
    pub(crate) fn write(
        &mut self,
        document: &DocumentId,
        write: impl FnOnce(&mut Replica, &Reads<'_>, Ms, Hash) -> Result<(Hash, Output), WriteError>,
    ) -> Result<Hash, WriteError> {
        let now = clock::now();
        let delegation = self.granted(document, now);
        let (id, output) = write(self.replica, &self.store, now, delegation)?;
        self.absorb(output);
        Ok(id)
    }
}

impl<'a> Knows for Context<'a> {
    type Store = Reads<'a>;

    fn authority(&self) -> &Authority {
        self.replica.authority()
    }

    fn store(&self) -> &Reads<'a> {
        &self.store
    }

    fn folder(&self) -> &Folder {
        self.folder
    }

    fn author(&self) -> Author {
        self.replica.author()
    }
}

impl<'a> Reading for Context<'a> {
    type Store = Reads<'a>;

    fn circumstance(&self) -> &Circumstance {
        &self.circumstance
    }

    fn parts(&mut self) -> (&Reads<'a>, &mut Library) {
        (&self.store, self.library)
    }
}

impl Transaction for Context<'_> {
    fn random<const N: usize>(&mut self) -> [u8; N] {
        let mut bytes = [0; N];
        self.random.fill_bytes(&mut bytes);
        bytes
    }

    fn last_loss(&self, band: Band) -> Option<Ms> {
        authority::last_loss(self, band)
    }

    fn put(
        &mut self,
        document: &DocumentId,
        wanted: &[(String, Value)],
    ) -> Result<Option<Hash>, WriteError> {
        let loaded = self.library.open(&self.store, document)?;
        let wanted = wanted.iter().map(|(key, value)| (key.as_str(), value));
        let puts = loaded.document.edit(wanted);
        if puts.is_empty() {
            return Ok(None);
        }
        // The puts borrow from what is wanted, not from the library.
        self.write(document, |replica, store, now, delegation| {
            replica.write_change(now, delegation, document, puts, store)
        })
        .map(Some)
    }

    fn tell_keys(&mut self, document: &DocumentId, keys: Keys) -> Result<Hash, WriteError> {
        self.write(document, |replica, store, now, delegation| {
            replica.write_content(now, delegation, document, Payload::Keys(keys), store)
        })
    }

    fn erase_keys(
        &mut self,
        document: &DocumentId,
        erasures: Erasures,
    ) -> Result<Hash, WriteError> {
        self.write(document, |replica, store, now, delegation| {
            replica.write_content(now, delegation, document, Payload::Erasures(erasures), store)
        })
    }
}

/// The id of a statement that is kept now, or why it is not.
fn taken(id: Hash, offered: Offered) -> Result<Hash> {
    let detail = match offered {
        Offered::Taken | Offered::Duplicate => return Ok(id),
        Offered::Refused(rejection) => rejection.to_string(),
        other => format!("{other:?}"),
    };
    Err(Failure::StatementRefused { id: id.to_string(), detail }.into())
}

/// What is told whose entry was not taken. A failed read stays one: it stops the node.
pub(crate) fn not_written(error: WriteError, document: &DocumentId) -> anyhow::Error {
    match error {
        WriteError::Read(error) => error.into(),
        refused => Failure::NotPermitted {
            document: document.to_string(),
            unit: document.owner().to_string(),
            detail: refused.to_string(),
        }
        .into(),
    }
}
