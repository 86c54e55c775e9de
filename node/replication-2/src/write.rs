//! One step's writes: appending admitted items, and this node's own entries.

use std::collections::BTreeSet;

use schema_wire::{
    Author, Class, DocumentId, Envelope, Hash, Header, Item, KeyGrant, Payload, Scope, Verified,
    VerifiedStatement, Wire,
};

use node_authority::canary::{Bug, planted};
use node_authority::{Authority, Refusal};

use crate::admission::{Admitted, AdmittedKind, Rejection, Stopped};
use crate::arrival::Offer;
use crate::change::{CheckedChange, Outline};
use crate::overlay::Overlay;
use crate::records::{
    ChangeRecord, FeedRecord, LogEntry, ScopeRecord, corrupt, document_key, feed_table, scope_key,
    suspended_key, with_number,
};
use crate::replica::{Effect, Output, Replica};
use crate::store::{ReadError, ReadStore, Table, Write};

/// Why an entry of this node's own was not written.
#[derive(Debug, thiserror::Error)]
pub enum WriteError {
    #[error(transparent)]
    Read(#[from] ReadError),
    #[error("this node may not write {document}: {rejection}")]
    Refused { document: DocumentId, rejection: Box<Rejection> },
}

/// What one input writes and leads to, while it is being worked out.
#[derive(Debug)]
pub(crate) struct Step<'a, S> {
    pub(crate) now_ms: u64,
    pub(crate) overlay: Overlay<'a, S>,
    pub(crate) effects: Vec<Effect>,
    /// Scopes whose feed grew.
    pub(crate) dirty: BTreeSet<Scope>,
    /// Documents that changed.
    pub(crate) documents: BTreeSet<DocumentId>,
    /// Whose envelopes ceased to count, or never did.
    pub(crate) suspended: BTreeSet<Author>,
    /// Statements that came.
    pub(crate) statements: Vec<VerifiedStatement>,
    /// A peer showed an envelope of this very life of ours that we did not write.
    pub(crate) doubled: bool,
}

impl<S: ReadStore> Step<'_, S> {
    pub(crate) fn put(&mut self, table: Table, key: Vec<u8>, value: Vec<u8>) {
        self.overlay.lay(Write::Put { table, key, value });
    }

    pub(crate) fn delete(&mut self, table: Table, key: Vec<u8>) {
        self.overlay.lay(Write::Delete { table, key });
    }

    /// Appends an admitted item to its scope's feed, with everything derived from it.
    pub(crate) fn append(
        &mut self,
        admitted: Admitted,
        origin: [u8; 8],
        authority: &Authority,
    ) -> Result<(), ReadError> {
        let Admitted { bytes, kind } = admitted;
        let (scope, id) = kind.place();
        let mut record = ScopeRecord::load(&self.overlay, &scope)?;
        record.head += 1;
        if !planted(Bug::DriftingFingerprint) || record.head % 16 != 0 {
            record.fingerprint.add(&id);
        }
        let position = record.head;
        let key = scope_key(&scope);
        self.put(Table::Scopes, key.clone(), record.to_bytes());
        let at_ms = match &kind {
            AdmittedKind::Change { header, .. } | AdmittedKind::Keys { header, .. } => {
                header.value().at_ms
            }
            AdmittedKind::Statement(_) => 0,
        };
        let keys = matches!(kind, AdmittedKind::Keys { .. });
        let item = match kind {
            AdmittedKind::Change { header, change } => {
                self.change(header.value(), id, &change);
                self.log(header.value(), id, position, Some(&change), authority)?;
                bytes
            }
            AdmittedKind::Keys { header, grants } => {
                self.log(header.value(), id, position, None, authority)?;
                self.keys(&key, &grants);
                let content = KeyGrant::list_to_bytes(&without_keys(&grants));
                Item::Envelope(Envelope { header: header.into_signed(), content }).to_bytes()
            }
            AdmittedKind::Statement(statement) => {
                let record = statement.to_statement().to_bytes();
                self.put(Table::Statements, id.0.to_vec(), record);
                self.statements.push(statement);
                bytes
            }
        };
        let placed = [position.to_be_bytes().as_slice(), &key].concat();
        self.put(Table::Positions, id.0.to_vec(), placed);
        let index = [key.as_slice(), &at_ms.to_be_bytes(), &id.0].concat();
        self.put(Table::Index, index, Vec::new());
        let feed = FeedRecord { origin, received_ms: self.now_ms, keys, item };
        let table = feed_table(scope.audience);
        self.put(table, with_number(&key, position), feed.to_bytes());
        self.dirty.insert(scope);
        Ok(())
    }

    fn log(
        &mut self,
        header: &Header,
        id: Hash,
        position: u64,
        change: Option<&CheckedChange>,
        authority: &Authority,
    ) -> Result<(), ReadError> {
        let key = document_key(&header.document);
        let entry = LogEntry {
            author: header.author,
            seq: header.seq,
            id,
            position,
            delegation: header.delegation,
            at_ms: header.at_ms,
            change_seq: change.map_or(0, |change| change.seq),
            max_op: change.map_or(0, |change| change.max_op),
            parents: header.backlink.iter().chain(&header.dependencies).copied().collect(),
        };
        let place = LogEntry::key(&key, &header.author, header.seq, &id);
        self.put(Table::DocLog, place, entry.to_bytes());
        self.documents.insert(header.document.clone());
        self.judge_new(authority, &header.document, &entry)
    }

    fn change(&mut self, header: &Header, id: Hash, change: &CheckedChange) {
        let key = ChangeRecord::key(&document_key(&header.document), &change.hash, &id);
        let past = change.past.clone();
        let record = ChangeRecord { envelope: id, author: header.author, past };
        self.put(Table::Changes, key, record.to_bytes());
    }

    fn keys(&mut self, scope_key: &[u8], grants: &[KeyGrant]) {
        for grant in grants {
            if let Some(key) = grant.key {
                self.put(Table::Keyring, keyring_key(scope_key, grant), key.to_vec());
            }
        }
    }
}

pub(crate) fn keyring_key(scope_key: &[u8], grant: &KeyGrant) -> Vec<u8> {
    [scope_key, &grant.person, &grant.commitment.0].concat()
}

/// The grants as the feed keeps them: the keys lie in the keyring alone.
fn without_keys(grants: &[KeyGrant]) -> Vec<KeyGrant> {
    grants.iter().map(|grant| KeyGrant { key: None, ..grant.clone() }).collect()
}

impl Replica {
    /// Writes one transaction of this node: an uncompressed Automerge change made by
    /// [`Author::actor`] on top of the document as this replica holds it.
    pub fn write(
        &mut self,
        now_ms: u64,
        document: &DocumentId,
        content: Vec<u8>,
        store: &impl ReadStore,
    ) -> Result<(Hash, Output), WriteError> {
        let refused = |rejection| WriteError::Refused {
            document: document.clone(),
            rejection: Box::new(rejection),
        };
        let outline = Outline::of(&content).map_err(refused)?;
        let key = document_key(document);
        let mut dependencies = Vec::new();
        for dep in &outline.deps {
            for carrier in ChangeRecord::carriers(store, &key, dep)? {
                let suspended = suspended_key(&key, &carrier.envelope);
                let counts = store.read(Table::Suspended, &suspended)?.is_none();
                if counts && carrier.author != self.author() {
                    dependencies.push(carrier.envelope);
                }
            }
        }
        dependencies.sort_unstable();
        dependencies.dedup();
        let payload = Payload::Changes(Hash::of(&content));
        self.seal(now_ms, document, dependencies, payload, content, store)
    }

    /// Puts person keys into the unit's keyring.
    pub fn grant_keys(
        &mut self,
        now_ms: u64,
        grants: &[KeyGrant],
        store: &impl ReadStore,
    ) -> Result<(Hash, Output), WriteError> {
        let document = DocumentId::new(self.identity.unit.clone(), Class::Keyring, "persons")
            .unwrap_or_else(|_| unreachable!("the keyring's shard is a valid name"));
        let payload = Payload::Keys(KeyGrant::commitment(grants));
        let content = KeyGrant::list_to_bytes(grants);
        self.seal(now_ms, &document, Vec::new(), payload, content, store)
    }

    /// Would an envelope of ours that was just written count?
    fn standing(
        &self,
        step: &Step<'_, impl ReadStore>,
        document: &DocumentId,
        id: &Hash,
    ) -> Result<Result<(), Refusal>, ReadError> {
        let key = document_key(document);
        if step.overlay.read(Table::Suspended, &suspended_key(&key, id))?.is_none() {
            return Ok(Ok(()));
        }
        let entry = LogEntry::tip(&step.overlay, &key, &self.author())?;
        let entry = entry.ok_or_else(|| corrupt("log"))?;
        let unit = document.owner.clone();
        let refusal = self.authority.permits_write(&entry.delegation, entry.place(document)).err();
        Ok(Err(refusal.unwrap_or(Refusal::Unsupported { unit })))
    }

    pub(crate) fn author(&self) -> Author {
        Author { key: self.identity.public(), incarnation: self.identity.incarnation }
    }

    fn seal(
        &mut self,
        now_ms: u64,
        document: &DocumentId,
        dependencies: Vec<Hash>,
        payload: Payload,
        content: Vec<u8>,
        store: &impl ReadStore,
    ) -> Result<(Hash, Output), WriteError> {
        let log = LogEntry::tip(store, &document_key(document), &self.author())?;
        // A clock that fell back (a dead battery) must not stop a clerk: claimed time never runs
        // back within a log, nor before the delegation began.
        let delegation = self.authority.delegation(&self.identity.delegation);
        let floor_ms = delegation.map_or(0, |d| d.value().not_before_ms);
        let at_ms = now_ms.max(floor_ms).max(log.as_ref().map_or(0, |log| log.at_ms));
        let header = Header {
            network: self.authority.network(),
            document: document.clone(),
            author: self.author(),
            seq: log.as_ref().map_or(0, |log| log.seq) + 1,
            backlink: log.as_ref().map(|log| log.id),
            dependencies,
            delegation: self.identity.delegation,
            at_ms,
            payload,
        };
        let header = Verified::seal_for(header, &self.identity.key, &*self.config.verifier);
        let id = header.id();
        let envelope = Envelope { header: header.into_signed(), content };
        let offer = Offer::of(&Item::Envelope(envelope));
        let mut step = Step::new(now_ms, store);
        // Our own entries pass the same door as everybody's: what we accept, others will.
        let rejection = match self.offer(&mut step, &document.scope(), offer, [0; 8])? {
            // What would not count is not entered: its clerk must learn it now.
            Ok(()) | Err(Stopped::Duplicate) => match self.standing(&step, document, &id)? {
                Ok(()) => return Ok((id, self.finish(step)?)),
                Err(refusal) => Rejection::Unauthorised(refusal),
            },
            Err(Stopped::Rejected(rejection, _)) => rejection,
            Err(Stopped::Waits(refusal, _)) => Rejection::Unauthorised(refusal),
        };
        Err(WriteError::Refused { document: document.clone(), rejection: Box::new(rejection) })
    }
}

/// Puts the keys back into a keys envelope that is about to be sent to the unit's own node.
pub(crate) fn with_keys(
    store: &impl ReadStore,
    scope: &Scope,
    item: &[u8],
) -> Result<Vec<u8>, ReadError> {
    let Ok(Item::Envelope(mut envelope)) = Item::from_bytes(item) else {
        return Err(corrupt("keys envelope"));
    };
    let grants = KeyGrant::list_from_bytes(&envelope.content);
    let mut grants = grants.map_err(|_| corrupt("keys envelope"))?;
    let prefix = scope_key(scope);
    for grant in &mut grants {
        let key = store.read(Table::Keyring, &keyring_key(&prefix, grant))?;
        grant.key = key.and_then(|key| key.try_into().ok());
    }
    envelope.content = KeyGrant::list_to_bytes(&grants);
    Ok(Item::Envelope(envelope).to_bytes())
}
