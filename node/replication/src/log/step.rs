//! One step: what an input writes, and what it leads to, while it is worked out.

use std::collections::BTreeSet;

use node_authority::{Authority, Change};
use schema_wire::{
    Author, Body, Bytes, Content, DocumentId, Envelope, Hash, Header, Item, Keys, Payload, Scope,
    Verified, VerifiedStatement,
};

use super::item::{self, Origin};
use super::{documents, quota, set};
use crate::admission::{AdmittedEnvelope, Lacking, interests_of, receipts_of};
use crate::counts::Reason;
use crate::entry::{Entry, Location, LogRecord};
use crate::keyring;
use crate::names::{Fields, corrupt, document_key, log_key, owner_key};
use crate::overlay::Overlay;
use crate::store::{Batch, ReadError, ReadStore, Table};

/// What a step led to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// An admitted envelope does not count, or for another reason than before.
    Suspended {
        /// Of which document.
        document: DocumentId,
        /// Whose.
        author: Author,
        /// Which one.
        envelope: Hash,
        /// Why.
        reason: Reason,
    },
    /// This node goes on in a new life: its log was suspended, or, if `cloned`, somebody else
    /// wrote in it.
    IncarnationChanged {
        /// Did an envelope come that this node did not write?
        cloned: bool,
    },
    /// An envelope that did not count counts.
    Restored {
        /// Of which document.
        document: DocumentId,
        /// Which one.
        envelope: Hash,
    },
}

/// What one input writes. Nothing of it is there before the batch is durable.
#[derive(Debug)]
pub struct Step<'a, S> {
    pub(crate) overlay: Overlay<'a, S>,
    pub(super) events: Vec<Event>,
    /// Documents to be judged as a whole before the step ends.
    pub(super) unjudged: BTreeSet<DocumentId>,
    /// Envelopes of these that were appended in this step.
    pub(super) new: BTreeSet<Hash>,
    /// It learned statements: the authority is ahead of the store until it is finished.
    pub(super) leads: bool,
}

const NUMBER: &[u8] = b"admitted";

impl<'a, S: ReadStore> Step<'a, S> {
    /// Begins on what the store holds.
    pub fn new(store: &'a S) -> Self {
        Self {
            overlay: Overlay::new(store),
            events: Vec::new(),
            unjudged: BTreeSet::new(),
            new: BTreeSet::new(),
            leads: false,
        }
    }

    /// What is there with this step.
    pub fn store(&self) -> &Overlay<'a, S> {
        &self.overlay
    }

    /// What is there with this step, to be written to beside the log.
    pub(crate) fn store_mut(&mut self) -> &mut Overlay<'a, S> {
        &mut self.overlay
    }

    /// Appends an envelope that was admitted. The document that it makes doubtful is judged when
    /// the step is settled.
    pub(super) fn append_envelope(
        &mut self,
        authority: &Authority,
        id: Hash,
        scope: &Scope,
        envelope: AdmittedEnvelope,
        origin: Origin,
    ) -> Result<(), ReadError> {
        let AdmittedEnvelope { header, content, change, acknowledged } = envelope;
        let document = header.value().document.clone();
        let key = document_key(&document);
        let bytes = content.to_bytes().map_or(0, |content| content.len() as u64);
        let number = self.next_number()?;
        let entry = Entry { bytes, acknowledged, ..Entry::of(id, header.value(), number) };
        if let Some(change) = change {
            change.record.put(&mut self.overlay, &id);
            if let Some(operations) = change.operations {
                operations.put(&mut self.overlay, &key, &entry.author, &id);
            }
        }
        let unit = authority.pins().unit();
        quota::count_carried(&mut self.overlay, unit, header.value(), &content)?;
        for unit in interests_of(scope) {
            self.overlay.put(Table::Interests, owner_key(&unit), Vec::new());
        }
        self.keep(id, scope, header, content, origin)?;
        self.append_entry(authority, &document, &entry)
    }

    /// Puts an envelope into its log, and judges it.
    pub(super) fn append_entry(
        &mut self,
        authority: &Authority,
        document: &DocumentId,
        entry: &Entry,
    ) -> Result<(), ReadError> {
        let (key, author, seq) = (document_key(document), entry.author, entry.seq);
        entry.put(&mut self.overlay, &key);
        self.grow_log(&key, entry)?;
        documents::rest(&mut self.overlay, &entry.delegation, &key)?;
        Location { document_key: key, author, seq }.put(&mut self.overlay, &entry.id);
        self.judge_new(authority, document, entry)
    }

    pub(super) fn next_number(&mut self) -> Result<u64, ReadError> {
        let last = match self.overlay.read(Table::Meta, NUMBER)? {
            None => 0,
            Some(bytes) => Fields(&bytes).number().ok_or_else(|| corrupt("number"))?,
        };
        let next = last + 1;
        self.overlay.put(Table::Meta, NUMBER.to_vec(), next.to_be_bytes().to_vec());
        Ok(next)
    }

    fn grow_log(&mut self, document_key: &[u8], entry: &Entry) -> Result<(), ReadError> {
        let log = log_key(document_key, &entry.author);
        let mut record = LogRecord::load(&self.overlay, &log)?;
        record.length = record.length.max(entry.seq);
        record.envelopes += 1;
        record.put(&mut self.overlay, log);
        Ok(())
    }

    /// Keeps the envelope itself, and what its content says to this node.
    fn keep(
        &mut self,
        id: Hash,
        scope: &Scope,
        header: Verified<Header>,
        content: Payload,
        origin: Origin,
    ) -> Result<(), ReadError> {
        let store = &mut self.overlay;
        match &content {
            Payload::Keys(keys) => {
                let taken = keyring::lacking(store, scope, keys)?;
                keyring::put(store, scope, &taken);
                keyring::tell(store, scope, keys, &id);
            }
            Payload::Erasures(erasures) => keyring::erase(store, scope, erasures, &id),
            Payload::Acknowledgement(told) => receipts_of(store, &id, told),
            Payload::Letter(None) => keyring::put_bare(store, &id),
            Payload::Letter(Some(_)) | Payload::Changes(_) => {}
        }
        let content = match content {
            Payload::Keys(keys) => Payload::Keys(Keys::without(&keys, |_| true)),
            other => other,
        };
        let envelope = Envelope::new(header.into_signed(), content);
        let envelope = envelope.unwrap_or_else(|_| unreachable!("its parts are what they were"));
        item::put_envelope(store, &id, origin, envelope);
        Ok(())
    }

    pub(super) fn append_statement(
        &mut self,
        statement: VerifiedStatement,
        change: &Change,
        origin: Origin,
    ) -> Result<(), ReadError> {
        self.note_statement(statement.id(), &statement.body(), change)?;
        item::put_statement(&mut self.overlay, origin, statement.into_statement());
        Ok(())
    }

    /// What a statement that is kept now leads to.
    pub(super) fn note_statement(
        &mut self,
        id: Hash,
        body: &Body<'_>,
        change: &Change,
    ) -> Result<(), ReadError> {
        if let Body::Adoption(adoption) = body {
            for mark in &adoption.marks {
                documents::rest(&mut self.overlay, &id, &document_key(&mark.document))?;
            }
        }
        self.follow(change)
    }

    /// Takes over what a statement or a pin changed.
    pub(super) fn follow(&mut self, change: &Change) -> Result<(), ReadError> {
        for (scope, id) in &change.left {
            set::leave(&mut self.overlay, scope, id)?;
        }
        for (scope, id) in &change.entered {
            set::enter(&mut self.overlay, scope, id)?;
        }
        for statement in &change.statements {
            self.judge_resting_on(statement)?;
        }
        Ok(())
    }

    /// Takes from a copy of an envelope what was lacking.
    pub(crate) fn fill(&mut self, lacking: Lacking) -> Result<(), ReadError> {
        match lacking {
            Lacking::Keys { scope, keys } => keyring::put(&mut self.overlay, &scope, &keys),
            Lacking::Letter(id, content) => self.fill_letter(&id, content)?,
        }
        Ok(())
    }

    fn fill_letter(&mut self, id: &Hash, content: Vec<u8>) -> Result<(), ReadError> {
        let stored = item::item(&self.overlay, id)?.ok_or_else(|| corrupt("letter"))?;
        let Item::Envelope(bare) = stored.item else {
            return Err(corrupt("letter"));
        };
        let content = Bytes::new(content).map_err(|_| corrupt("letter"))?;
        let (header, _) = bare.into_parts();
        let whole = Envelope::new(header, Payload::Letter(Some(content)));
        let whole = whole.map_err(|_| corrupt("letter"))?;
        item::put_envelope(&mut self.overlay, id, stored.origin, whole);
        keyring::put_whole(&mut self.overlay, id);
        Ok(())
    }

    /// Judges the erasures of a scope: which keys are taken rests on whether they count.
    pub(super) fn settle_erasures(
        &mut self,
        authority: &Authority,
        scope: &Scope,
    ) -> Result<(), ReadError> {
        let erases = |document: &DocumentId| {
            document.class().content() == Content::Erasures && document.scope() == *scope
        };
        if self.unjudged.iter().any(erases) { self.settle(authority) } else { Ok(()) }
    }

    /// Judges what is not judged yet.
    pub(super) fn settle(&mut self, authority: &Authority) -> Result<(), ReadError> {
        self.judge_documents(authority)
    }

    /// What to write, and what it leads to once that is durable. The step was settled.
    pub(super) fn into_parts(self) -> (Batch, Vec<Event>) {
        assert!(self.unjudged.is_empty(), "a step ends settled");
        (self.overlay.into_batch(), self.events)
    }
}
