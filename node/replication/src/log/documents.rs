//! Which envelopes of each document count, as the store keeps it. Derived: a rebuild from the log
//! gives the same (INV-12).

use std::collections::{BTreeMap, BTreeSet};

use node_authority::Authority;
use schema_wire::{Content, DocumentId, Hash, Item, Payload, Scope};

use super::item::item;
use super::rests::resting_on;
use super::step::{Event, Step};
use super::{forks, quota, set};
use crate::counts::{Envelopes, Reason, Validity, build, heads, judge};
use crate::entry::Entry;
use crate::keyring;
use crate::names::{Fields, corrupt, document_key};
use crate::overlay::Overlay;
use crate::store::{ReadError, ReadStore, Table};
use crate::suspended::{self, validity, validity_under};

/// A document as a whole.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DocumentRecord {
    /// How many envelopes of it are admitted.
    pub envelopes: u64,
    /// How many of these do not count.
    pub suspended: u64,
    /// Grows when an envelope that was judged before began or ceased to count, or got keys that it
    /// lacked.
    pub revision: u64,
    /// The envelopes that count, and that nothing else that counts builds on.
    pub heads: BTreeSet<Hash>,
}

impl DocumentRecord {
    /// Of a document; of one that is not here nothing.
    ///
    /// # Errors
    /// If the store cannot answer.
    pub fn load(store: &impl ReadStore, document: &DocumentId) -> Result<Self, ReadError> {
        match store.read(Table::Documents, &document_key(document))? {
            None => Ok(Self::default()),
            Some(bytes) => Self::from_bytes(&bytes).ok_or_else(|| corrupt("document")),
        }
    }

    pub(crate) fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let mut fields = Fields(bytes);
        let (envelopes, suspended) = (fields.number()?, fields.number()?);
        let revision = fields.number()?;
        let heads = fields.hashes()?.into_iter().collect();
        Some(Self { envelopes, suspended, revision, heads })
    }

    pub(super) fn put(&self, store: &mut Overlay<'_, impl ReadStore>, document_key: Vec<u8>) {
        let numbers = [self.envelopes, self.suspended, self.revision];
        let mut bytes = numbers.map(u64::to_be_bytes).concat();
        self.heads.iter().for_each(|head| bytes.extend_from_slice(&head.0));
        store.put(Table::Documents, document_key, bytes);
    }
}

/// Of a document and its opposite, which are judged together, the one that stands for both.
pub(super) fn judged_as(document: &DocumentId) -> DocumentId {
    match document.opposite() {
        Some(opposite) if opposite < *document => opposite,
        _ => document.clone(),
    }
}

impl<S: ReadStore> Step<'_, S> {
    /// Judges an envelope that was just appended: by itself if that is possible, else with its
    /// document, at the end of the step.
    pub(super) fn judge_new(
        &mut self,
        authority: &Authority,
        document: &DocumentId,
        entry: &Entry,
    ) -> Result<(), ReadError> {
        let mut record = DocumentRecord::load(&self.overlay, document)?;
        record.envelopes += 1;
        let unjudged = self.unjudged.contains(&judged_as(document));
        let alone = if unjudged { None } else { self.judge_alone(authority, document, entry)? };
        match alone {
            None => {
                self.unjudged.insert(judged_as(document));
                self.new.insert(entry.id);
            }
            Some(validity) => {
                self.note(document, entry, None, validity)?;
                record.suspended += u64::from(!validity.counts());
                if validity.counts() {
                    build(&mut record.heads, entry.id, entry.parents());
                }
            }
        }
        record.put(&mut self.overlay, document_key(document));
        Ok(())
    }

    /// What is found of a new envelope without a look at the rest of its document; none if its
    /// coming may change what was found of others.
    ///
    /// At a place of its own, permitted, and on nothing but what counts, it counts; no other
    /// verdict asks for it, unless an adoption waited for it. On what does not count in its own
    /// document it does not count either, whether it contends or not; and it needs nothing that was
    /// not needed, as long as none of that is set aside. Not permitted, and in a log that no
    /// adoption marks, it neither contends nor needs anything.
    fn judge_alone(
        &self,
        authority: &Authority,
        document: &DocumentId,
        entry: &Entry,
    ) -> Result<Option<Validity>, ReadError> {
        let key = document_key(document);
        let validities = |key: &[u8]| -> Result<Vec<Validity>, ReadError> {
            entry.parents().map(|id| validity_under(&self.overlay, key, id)).collect()
        };
        let (parents, written) = (validities(&key)?, entry.written(document));
        let mut marks = authority.marks_of(document, entry.author);
        if authority.permits(&written, []).is_err() {
            let reason = Reason::Unpermitted;
            let aside = !authority.spares(&written, []) || parents.iter().any(|one| one.is_aside());
            let marked = marks.next().is_some();
            return Ok((!marked).then_some(Validity::Suspended { reason, aside }));
        }
        let opposite = document.opposite().map(|opposite| validities(&document_key(&opposite)));
        let opposite = opposite.transpose()?.unwrap_or_default();
        let awaited = marks.any(|mark| mark.head == entry.id);
        let place = Entry::at(&self.overlay, &key, &entry.author, entry.seq)?;
        if awaited || place.len() > 1 {
            return Ok(None);
        }
        let all = || parents.iter().chain(&opposite);
        if all().all(|one| one.counts()) {
            return Ok(Some(Validity::Counts));
        }
        let rests_on_suspended = !parents.iter().all(|one| one.counts());
        let needs_nothing_more = !all().any(|one| one.is_aside());
        let (reason, aside) = (Reason::RestsOnSuspended, false);
        let alone = rests_on_suspended && needs_nothing_more;
        Ok(alone.then_some(Validity::Suspended { reason, aside }))
    }

    /// Judges anew what rests on statements that stand differently now.
    pub(super) fn judge_resting_on(&mut self, statement: &Hash) -> Result<(), ReadError> {
        let documents = resting_on(&self.overlay, statement)?;
        self.unjudged.extend(documents.iter().map(judged_as));
        Ok(())
    }

    /// Judges the documents that are not judged yet, as a whole.
    pub(super) fn judge_documents(&mut self, authority: &Authority) -> Result<(), ReadError> {
        while let Some(document) = self.unjudged.pop_first() {
            self.judge_document(authority, &document)?;
        }
        self.new.clear();
        Ok(())
    }

    fn judge_document(
        &mut self,
        authority: &Authority,
        document: &DocumentId,
    ) -> Result<(), ReadError> {
        let envelopes = Envelopes::read(&self.overlay, document)?;
        let validities = judge(&envelopes, authority);
        let mut records = BTreeMap::new();
        for both in [Some(document.clone()), document.opposite()].into_iter().flatten() {
            let mut record = DocumentRecord::load(&self.overlay, &both)?;
            record.suspended = 0;
            record.heads = heads(&envelopes, &validities, &both);
            records.insert(both, record);
        }
        let mut forked = BTreeSet::new();
        for (one, validity) in envelopes.all.iter().zip(validities) {
            let before = self.found_before(&one.document, &one.entry.id)?;
            let changed = self.note(&one.document, &one.entry, before, validity)?;
            if forks::is_fork(validity) && !before.is_some_and(forks::is_fork) {
                forked.insert((one.document.clone(), one.entry.author, one.entry.seq));
            }
            if let Some(record) = records.get_mut(&one.document) {
                record.suspended += u64::from(!validity.counts());
                record.revision += u64::from(changed);
            }
        }
        for (document, record) in records {
            if record.envelopes > 0 {
                record.put(&mut self.overlay, document_key(&document));
            }
        }
        for place in forked {
            let first = forks::first_side(&self.overlay, place)?;
            self.events.extend(first.map(Event::Forked));
        }
        Ok(())
    }

    /// What was found of an envelope before; none of one that is new in this step.
    fn found_before(
        &self,
        document: &DocumentId,
        id: &Hash,
    ) -> Result<Option<Validity>, ReadError> {
        let is_new = self.new.contains(id);
        (!is_new).then(|| validity(&self.overlay, document, id)).transpose()
    }

    /// Keeps what was found of an envelope, and moves it into or out of the set. True if it was
    /// judged before, and began or ceased to count.
    fn note(
        &mut self,
        document: &DocumentId,
        entry: &Entry,
        before: Option<Validity>,
        validity: Validity,
    ) -> Result<bool, ReadError> {
        if before == Some(validity) {
            return Ok(false);
        }
        let key = document_key(document);
        suspended::put(&mut self.overlay, &key, &entry.id, validity);
        let was_aside = before.is_some_and(Validity::is_aside);
        if was_aside != validity.is_aside() {
            quota::count_aside(&mut self.overlay, entry, validity.is_aside())?;
        }
        let was_in_set = before.is_some_and(|before| !before.is_aside());
        let scope = document.scope();
        match (was_in_set, !validity.is_aside()) {
            (false, true) => set::enter(&mut self.overlay, &scope, &entry.id)?,
            (true, false) => set::leave(&mut self.overlay, &scope, &entry.id)?,
            (false, false) | (true, true) => {}
        }
        if document.class().content() == Content::Erasures && !validity.counts() {
            self.interrupt_erasure(&scope, &entry.id)?;
        }
        self.emit(document, entry, before, validity);
        Ok(before.is_some_and(|before| before.counts() != validity.counts()))
    }

    /// An erasure does not count: if it counts again, its seven days begin anew.
    fn interrupt_erasure(&mut self, scope: &Scope, id: &Hash) -> Result<(), ReadError> {
        if let Some(Item::Envelope(envelope)) = item(&self.overlay, id)?.map(|stored| stored.item)
            && let Payload::Erasures(erasures) = envelope.content()
        {
            keyring::erase(&mut self.overlay, scope, erasures, id);
            keyring::note_lost(&mut self.overlay, scope, erasures)?;
        }
        Ok(())
    }

    fn emit(
        &mut self,
        document: &DocumentId,
        entry: &Entry,
        before: Option<Validity>,
        validity: Validity,
    ) {
        let (document, author, envelope) = (document.clone(), entry.author, entry.id);
        match (before.map(Validity::reason), validity.reason()) {
            (before, Some(reason)) if before != Some(Some(reason)) => {
                self.events.push(Event::Suspended { document, author, envelope, reason });
            }
            (Some(Some(_)), None) => self.events.push(Event::Restored { document, envelope }),
            _ => {}
        }
    }
}
