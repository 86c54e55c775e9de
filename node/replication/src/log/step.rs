//! One step: what an input writes, and what it leads to, while it is worked out.

use std::collections::BTreeSet;

use node_authority::{Authority, Change};
use schema_wire::{
    Author, Body, Bytes, Content, DocumentId, Envelope, Hash, Header, Item, Keys, Mark, Ms,
    Payload, Scope, UnitId, Verified, VerifiedStatement,
};

use super::documents::DocumentRecord;
use super::item::{self, Origin};
use super::{quota, rests, set};
use crate::admission::{AdmittedEnvelope, Lacking, interests_of, receipts_of};
use crate::counts::Reason;
use crate::entry::{Entry, Location, LogRecord};
use crate::keyring;
use crate::lacking::{self, What};
use crate::names::{Fields, corrupt, document_key, log_key, owner_key};
use crate::opened;
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
    /// A log forks and nobody chose a side: a node that governs its unit adopts this one, which
    /// was here first.
    Forked(Mark),
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

    /// Appends an envelope that was admitted. The document whose verdicts it may change is judged
    /// when the step is settled.
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
        quota::count_carried(&mut self.overlay, unit, header.value(), &content, true)?;
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
        rests::rest(&mut self.overlay, &entry.delegation, &key)?;
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
        lacking::clear(store, scope, &id)?;
        match &content {
            Payload::Keys(keys) => {
                let taken = keyring::taken(store, scope, keys)?;
                keyring::put(store, scope, &taken);
                keyring::tell(store, scope, keys, &id);
                if keyring::is_lacking(store, scope, keys)? {
                    lacking::note(store, scope, &id, What::Keys);
                }
            }
            Payload::Erasures(erasures) => keyring::erase(store, scope, erasures, &id),
            Payload::Acknowledgement(told) => {
                receipts_of(store, &id, told);
                if let Some(letters) = header.value().document.opposite() {
                    opened::note_opened(store, &letters, &id, told);
                }
            }
            Payload::Letter(None) => lacking::note(store, scope, &id, What::Letter),
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
                rests::rest(&mut self.overlay, &id, &document_key(&mark.document))?;
                if Location::of(&self.overlay, &mark.head)?.is_none() {
                    let scope = mark.document.scope();
                    lacking::note(&mut self.overlay, &scope, &mark.head, What::Head);
                }
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

    /// Takes from a copy of an envelope what was lacking. False if that is too much now.
    pub(super) fn fill(
        &mut self,
        authority: &Authority,
        filled: Lacking,
    ) -> Result<bool, ReadError> {
        match filled {
            Lacking::Letter(id, content) => self.fill_letter(authority, &id, content),
            Lacking::Keys { id, scope, keys } => {
                keyring::put(&mut self.overlay, &scope, &keys);
                let (envelope, _) = self.envelope(&id)?;
                if let Payload::Keys(keys) = envelope.content()
                    && !keyring::is_lacking(&self.overlay, &scope, keys)?
                {
                    lacking::clear(&mut self.overlay, &scope, &id)?;
                }
                // Whoever read the keyring before must read it anew, though no item came.
                let document = &envelope.header().claims().document;
                let mut record = DocumentRecord::load(&self.overlay, document)?;
                record.revision += 1;
                record.put(&mut self.overlay, document_key(document));
                keyring::count_filled(&mut self.overlay)?;
                Ok(true)
            }
        }
    }

    fn fill_letter(
        &mut self,
        authority: &Authority,
        id: &Hash,
        content: Vec<u8>,
    ) -> Result<bool, ReadError> {
        let (bare, origin) = self.envelope(id)?;
        let content = Bytes::new(content).map_err(|_| corrupt("letter"))?;
        let (header, _) = bare.into_parts();
        let whole = Envelope::new(header, Payload::Letter(Some(content)));
        let whole = whole.map_err(|_| corrupt("letter"))?;
        let (unit, header) = (authority.pins().unit(), whole.header().claims());
        if quota::is_full_of_letters(&self.overlay, unit, header, whole.content())? {
            return Ok(false);
        }
        quota::count_carried(&mut self.overlay, unit, header, whole.content(), true)?;
        let scope = header.document.scope();
        item::put_envelope(&mut self.overlay, id, origin, whole);
        lacking::clear(&mut self.overlay, &scope, id)?;
        Ok(true)
    }

    /// Drops the content of letters that this node of `unit` carries and that were acknowledged as
    /// opened long ago. Of a fork nobody knows which one was opened.
    pub(super) fn drop_opened(&mut self, unit: &UnitId, now: Ms) -> Result<(), ReadError> {
        for (document, at) in opened::opened_long_ago(&mut self.overlay, now)? {
            let is_carried = document.addressee() != Some(unit) && document.owner() != unit;
            let place = Entry::at(&self.overlay, &at.document_key, &at.author, at.seq)?;
            if let ([only], true) = (&place[..], is_carried) {
                self.drop_letter(unit, &only.id)?;
            }
        }
        Ok(())
    }

    fn drop_letter(&mut self, unit: &UnitId, id: &Hash) -> Result<(), ReadError> {
        let (whole, origin) = self.envelope(id)?;
        if !matches!(whole.content(), Payload::Letter(Some(_))) {
            return Ok(());
        }
        let header = whole.header().claims();
        quota::count_carried(&mut self.overlay, unit, header, whole.content(), false)?;
        lacking::note(&mut self.overlay, &header.document.scope(), id, What::Letter);
        let (header, _) = whole.into_parts();
        let bare = Envelope::new(header, Payload::Letter(None)).map_err(|_| corrupt("letter"))?;
        item::put_envelope(&mut self.overlay, id, origin, bare);
        Ok(())
    }

    fn envelope(&self, id: &Hash) -> Result<(Envelope, Origin), ReadError> {
        match item::item(&self.overlay, id)? {
            Some(item::Stored { item: Item::Envelope(envelope), origin }) => {
                Ok((*envelope, origin))
            }
            _ => Err(corrupt("envelope")),
        }
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
