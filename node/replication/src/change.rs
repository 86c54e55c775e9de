//! The structure of an Automerge change, checked without loading a document.
//!
//! Automerge trusts its input: a well-formed change with a gap in its sequence, an operation on
//! an object nobody made or an absurd counter panics or poisons every replica. What is checked
//! here depends on the change and its causal past alone, so all nodes agree whatever the order
//! of arrival.

use std::collections::{BTreeMap, BTreeSet};
use std::panic::{AssertUnwindSafe, catch_unwind};

use automerge::legacy::{Key, ObjectId, Op, OpId, OpType};
use automerge::{Change, ExpandedChange};
use schema_wire::{Author, DocumentId, Hash};

use crate::admission::Rejection;
use crate::columns;
use crate::records::{ChangeRecord, LogEntry, document_key};
use crate::store::{ReadError, ReadStore};

/// Operations in one change. A transaction of a clerk has tens, an import row a few hundred.
const OPS_MAX: usize = 20_000;
/// Automerge keeps counters as u32; stay far from the end so that local edits never overflow.
const OP_COUNTER_MAX: u64 = 1 << 30;
/// Actors in one document's causal past.
const ACTORS_MAX: usize = 1024;
/// Chunk type of an uncompressed change; compressed ones could unpack without bound.
const CHUNK_CHANGE: u8 = 1;

/// The change every document of a class begins with. Each node makes it itself: it never travels.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RootChange {
    /// Its Automerge hash.
    pub hash: [u8; 32],
    /// Its actor.
    pub actor: [u8; 16],
    /// Its last op counter.
    pub max_op: u64,
}

/// A change whose structure was checked.
#[derive(Debug, Clone)]
pub(crate) struct CheckedChange {
    pub(crate) hash: [u8; 32],
    pub(crate) seq: u64,
    pub(crate) max_op: u64,
    pub(crate) past: Vec<([u8; 16], u64)>,
}

type Past = BTreeMap<[u8; 16], u64>;

/// Decodes one uncompressed change. Foreign bytes: a panic inside is a refusal, not ours.
pub(crate) fn decode(content: &[u8]) -> Result<ExpandedChange, Rejection> {
    if content.get(8) != Some(&CHUNK_CHANGE) {
        return Err(Rejection::ChangeMalformed("not one uncompressed Automerge change".into()));
    }
    if columns::measure(content).is_none() {
        return Err(Rejection::ChangeMalformed("its columns are malformed or too long".into()));
    }
    let bytes = content.to_vec();
    let decoded = catch_unwind(AssertUnwindSafe(|| {
        let change = Change::from_bytes(bytes).map_err(|error| error.to_string())?;
        if change.raw_bytes() != content {
            return Err("bytes after the change".to_owned());
        }
        if change.len() > OPS_MAX {
            return Err(format!("{} operations, at most {OPS_MAX}", change.len()));
        }
        Ok(change.decode())
    }));
    match decoded {
        Ok(Ok(change)) => Ok(change),
        Ok(Err(reason)) => Err(Rejection::ChangeMalformed(reason)),
        Err(_) => Err(Rejection::ChangeMalformed("Automerge panics on it".into())),
    }
}

/// Where a change is checked: its document, its author's log up to its backlink, the envelopes of
/// other logs its header names, and the class's root change.
pub(crate) struct Place<'a, S> {
    pub(crate) store: &'a S,
    pub(crate) document: &'a DocumentId,
    pub(crate) author: Author,
    pub(crate) backlink: Option<&'a LogEntry>,
    pub(crate) dependencies: &'a [Hash],
    pub(crate) root: Option<&'a RootChange>,
}

impl<S: ReadStore> Place<'_, S> {
    /// Checks the change an envelope carries.
    pub(crate) fn check(
        &self,
        content: &[u8],
    ) -> Result<Result<CheckedChange, Rejection>, ReadError> {
        let change = match decode(content) {
            Ok(change) => change,
            Err(rejection) => return Ok(Err(rejection)),
        };
        let actor = self.author.actor(self.document);
        if change.actor_id.to_bytes() != actor {
            return Ok(Err(Rejection::ChangeActor));
        }
        let expected = self.backlink.map_or(0, |last| last.change_seq) + 1;
        if change.seq != expected {
            return Ok(Err(Rejection::ChangeSeq { expected, got: change.seq }));
        }
        match self.past(&change)? {
            Ok(past) => Ok(self.judge(&change, actor, past)),
            Err(rejection) => Ok(Err(rejection)),
        }
    }

    /// The causal past of a change: per actor the last op counter. The header must name exactly
    /// the envelopes of other logs that carry what the change builds on.
    fn past(&self, change: &ExpandedChange) -> Result<Result<Past, Rejection>, ReadError> {
        let mut past = Past::new();
        let mut named = BTreeSet::new();
        for dep in &change.deps {
            if let Some(root) = self.root.filter(|root| root.hash == dep.0) {
                past.insert(root.actor, root.max_op);
                continue;
            }
            let key = document_key(self.document);
            let carriers = ChangeRecord::carriers(self.store, &key, &dep.0)?;
            let carries = |record: &&ChangeRecord| {
                record.author == self.author || self.dependencies.contains(&record.envelope)
            };
            let Some(record) = carriers.iter().find(carries) else {
                let dep = carriers.first().map_or(hex(&dep.0), |r| r.envelope.to_string());
                return Ok(Err(Rejection::ChangeDependency(dep)));
            };
            if record.author != self.author {
                named.insert(record.envelope);
            }
            for (actor, max_op) in &record.past {
                let known = past.entry(*actor).or_insert(0);
                *known = (*known).max(*max_op);
            }
        }
        if !named.iter().eq(self.dependencies) {
            let other = "the header names other dependencies".into();
            return Ok(Err(Rejection::ChangeDependency(other)));
        }
        Ok(Ok(past))
    }

    fn judge(
        &self,
        change: &ExpandedChange,
        actor: [u8; 16],
        mut past: Past,
    ) -> Result<CheckedChange, Rejection> {
        if past.get(&actor).copied() != self.backlink.map(|last| last.max_op) {
            return Err(Rejection::ChangeDependency("its own previous change".into()));
        }
        let start = change.start_op.get();
        let expected = past.values().max().copied().unwrap_or(0) + 1;
        if start != expected || start > OP_COUNTER_MAX {
            return Err(Rejection::ChangeStart { expected, got: start });
        }
        let count = change.operations.len() as u64;
        for (index, op) in (start..).zip(&change.operations) {
            let known = |id: &OpId| reaches(&past, &actor, start..index, id);
            let object = matches!(&op.obj, ObjectId::Root)
                || matches!(&op.obj, ObjectId::Id(id) if known(id));
            let element = match &op.key {
                Key::Map(_) => true,
                Key::Seq(element) => element.as_opid().is_none_or(known),
            };
            if !(object && element && op.pred.iter().all(known)) {
                return Err(Rejection::ChangeReference { op: index });
            }
            if !self.is_flat(op) {
                return Err(Rejection::ChangeShape { op: index });
            }
        }
        let max_op = (start + count).saturating_sub(1);
        past.insert(actor, max_op.max(expected - 1));
        if past.len() > ACTORS_MAX {
            return Err(Rejection::ChangeMalformed(format!("more than {ACTORS_MAX} actors")));
        }
        let hash = change.hash.map(|hash| hash.0).unwrap_or_default();
        let seq = change.seq;
        let past = past.into_iter().collect();
        Ok(CheckedChange { hash, seq, max_op: max_op.max(expected - 1), past })
    }

    /// Does an operation put a value at a key of a map that the document begins with? No editor
    /// makes any other, and of the others Automerge believes too much: one with a key that claims
    /// to insert is taken, and then every later change of the document fails.
    fn is_flat(&self, op: &Op) -> bool {
        let begun = match (self.root, &op.obj) {
            (None, ObjectId::Root) => true,
            (Some(root), ObjectId::Id(id)) => {
                id.actor().to_bytes() == root.actor && id.counter() <= root.max_op
            }
            _ => false,
        };
        let value = matches!((&op.action, &op.key), (OpType::Put(_), Key::Map(_)));
        begun && value && !op.insert
    }
}

/// Does an op id name an operation of the causal past, or an earlier one of this change?
fn reaches(past: &Past, own: &[u8; 16], earlier: std::ops::Range<u64>, id: &OpId) -> bool {
    let Ok(actor) = <[u8; 16]>::try_from(id.actor().to_bytes()) else {
        return false;
    };
    let before = past.get(&actor).is_some_and(|max_op| id.counter() <= *max_op);
    id.counter() > 0 && (before || (actor == *own && earlier.contains(&id.counter())))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().take(4).map(|byte| format!("{byte:02x}")).collect()
}
