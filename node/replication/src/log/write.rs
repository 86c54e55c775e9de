//! This node's own envelopes.
//!
//! They pass the same door as everybody's, and what would not count is not written: its writer
//! must learn it now.

use schema_wire::{
    Ascending, Body, Content, DocumentId, Envelope, Hash, Header, Item, Malformed, Ms, Payload,
    Position, Verified, limits::DEPENDENCIES_MAX,
};

use super::documents::DocumentRecord;
use super::item::{Origin, item};
use super::step::Step;
use super::{Log, Offered};
use crate::admission::{Rejection, WaitsFor};
use crate::change::{ActorId, Base, Change, ChangeHash, Parents, Put};
use crate::counts::Reason;
use crate::entry::{Entry, Location};
use crate::names::document_key;
use crate::store::{ReadError, ReadStore};
use crate::suspended::validity;

/// How far what is written may be ahead of the clock: a day, in milliseconds. A log whose times lie
/// further ahead is left, since times never run back in it; and a delegation that begins later is
/// not used, since for readers now is the newest time that a node wrote.
const AHEAD_MS_MAX: u64 = 86_400_000;

/// Why an envelope of this node's own was not written. The step that it was to be part of must
/// be dropped.
#[derive(Debug, thiserror::Error)]
pub enum WriteError {
    /// The store cannot answer.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// It cannot be made.
    #[error("cannot be written: {0}")]
    Malformed(#[from] Malformed),
    /// Everybody would refuse it.
    #[error("would be refused: {0}")]
    Refused(Rejection),
    /// It rests on what is not here.
    #[error("rests on what is not here")]
    Waits(WaitsFor),
    /// Too much is here for now.
    #[error("too much is here for now")]
    Later,
    /// Its delegation begins later than a clock may be wrong.
    #[error("the delegation has not begun")]
    NotBegun,
    /// It would not count.
    #[error("would not count: {}", .0.code())]
    Suspended(Reason),
}

/// Where this node's next envelope of a document stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Draft {
    document: DocumentId,
    position: Position,
    /// The last envelope of its log.
    last: Option<Entry>,
    dependencies: Vec<Entry>,
}

impl Draft {
    /// Where in its author's log it stands.
    #[must_use]
    pub fn seq(&self) -> u64 {
        self.position.seq()
    }
}

/// What the change of a draft must name, and where it begins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChangeDraft {
    deps: Vec<ChangeHash>,
    actor: ActorId,
    seq: u64,
    start_op: u64,
}

impl ChangeDraft {
    /// The change that puts these values.
    #[must_use]
    pub fn change<'a>(&self, puts: Vec<Put<'a>>) -> Change<'a> {
        let Self { deps, actor, seq, start_op } = self;
        Change { deps: deps.clone(), actor: *actor, seq: *seq, start_op: *start_op, puts }
    }
}

impl Log {
    /// Where the next envelope of a document stands: behind the last one of this node's log, on
    /// the present heads. Of more than 256 heads it joins the first.
    ///
    /// # Errors
    /// If the store cannot answer.
    pub fn draft(
        &mut self,
        now: Ms,
        document: &DocumentId,
        store: &impl ReadStore,
    ) -> Result<Draft, WriteError> {
        let key = document_key(document);
        let mut last = Entry::last(store, &key, &self.author())?;
        if last.as_ref().is_some_and(|last| last.at.since(now) > AHEAD_MS_MAX) {
            self.identity.renew_incarnation();
            last = None;
        }
        let position = match &last {
            None => Position::FIRST,
            Some(last) => Position::behind(last.seq, last.id)?,
        };
        let heads =
            if document.class().content() == Content::Changes || document.addressee().is_some() {
                heads(store, document)?
            } else {
                Vec::new()
            };
        let author = self.author();
        let own = |entry: &(Vec<u8>, Entry)| entry.0 == key && entry.1.author == author;
        let others = heads.into_iter().filter(|entry| !own(entry)).map(|(_, entry)| entry);
        let dependencies = others.take(DEPENDENCIES_MAX).collect();
        Ok(Draft { document: document.clone(), position, last, dependencies })
    }

    /// What a change at this place must name.
    ///
    /// # Errors
    /// If the store cannot answer.
    pub fn change_draft(
        &self,
        draft: &Draft,
        store: &impl ReadStore,
    ) -> Result<ChangeDraft, ReadError> {
        let (author, seq) = (self.author(), draft.position.seq());
        let base = Base {
            document: &draft.document,
            author,
            seq,
            backlink: draft.last.as_ref(),
            dependencies: &draft.dependencies,
        };
        let parents = Parents::of(store, &base)?;
        let start_op = parents.counter() + 1;
        let deps = parents.hashes.into_iter().collect();
        Ok(ChangeDraft { deps, actor: author.actor(&draft.document), seq, start_op })
    }

    /// Writes an envelope of this node's own.
    ///
    /// # Errors
    /// If it would be refused, would wait or would not count: then the step must be dropped.
    pub fn write(
        &mut self,
        step: &mut Step<'_, impl ReadStore>,
        now: Ms,
        delegation: Hash,
        draft: Draft,
        content: Payload,
    ) -> Result<Hash, WriteError> {
        let Draft { document, position, last, dependencies } = draft;
        let payload_hash = content.hash();
        let begins = begins(step, &delegation)?;
        if begins.since(now.max(self.identity.newest_of_all(&step.overlay)?)) > AHEAD_MS_MAX {
            return Err(WriteError::NotBegun);
        }
        let bare = || Malformed::Value("a letter of one's own has content".into());
        let payload_hash = payload_hash.ok_or_else(bare)?;
        let header = Header {
            network: self.authority.network(),
            document: document.clone(),
            author: self.author(),
            position,
            dependencies: Ascending::of(dependencies.iter().map(|entry| entry.id))?,
            delegation,
            // A clock that fell back must not stop a clerk: no time runs back within a log, nor
            // before the delegation began.
            at: last.map_or(now, |last| last.at.max(now)).max(begins),
            payload_kind: content.kind(),
            payload_hash,
        };
        self.identity.wrote(step, header.at)?;
        let header = Verified::seal_for(header, &self.identity.key, &*self.verifier)?;
        let id = header.id();
        let envelope = Envelope::new(header.into_signed(), content)?;
        let item = Item::Envelope(Box::new(envelope));
        let origin = Origin::own(now);
        match self.offer_item(step, &document.scope(), item, origin, &Default::default())? {
            Offered::Taken | Offered::Duplicate => {}
            Offered::Later | Offered::PassedOver => return Err(WriteError::Later),
            Offered::Waits(what) => return Err(WriteError::Waits(what)),
            Offered::Refused(rejection) => return Err(WriteError::Refused(rejection)),
        }
        step.settle(&self.authority)?;
        match validity(&step.overlay, &document, &id)?.reason() {
            None => Ok(id),
            Some(reason) => Err(WriteError::Suspended(reason)),
        }
    }
}

/// The heads of a document, and of an addressed one those of the opposite too, each with the key
/// of its document.
fn heads(
    store: &impl ReadStore,
    document: &DocumentId,
) -> Result<Vec<(Vec<u8>, Entry)>, ReadError> {
    let mut heads = Vec::new();
    for both in [Some(document.clone()), document.opposite()].into_iter().flatten() {
        for id in DocumentRecord::load(store, &both)?.heads {
            if let Some(location) = Location::of(store, &id)? {
                heads.push((location.document_key.clone(), location.entry(store, &id)?));
            }
        }
    }
    Ok(heads)
}

/// When a delegation begins.
fn begins(step: &Step<'_, impl ReadStore>, delegation: &Hash) -> Result<Ms, ReadError> {
    Ok(match item(&step.overlay, delegation)?.map(|stored| stored.item) {
        Some(Item::Statement(statement)) => match statement.claims() {
            Body::Delegation(delegation) => delegation.not_before,
            _ => Ms::of(0),
        },
        _ => Ms::of(0),
    })
}
