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

/// What a change says of itself: all of its structure that can be told without its past.
#[derive(Debug)]
pub(crate) struct Outline {
    hash: [u8; 32],
    actor: Vec<u8>,
    seq: u64,
    start: u64,
    ops: u64,
    pub(crate) deps: Vec<[u8; 32]>,
    /// The ids it names that are not of its own earlier operations.
    named: Named,
    /// The objects it puts values in.
    objects: Named,
    /// The first operation that puts a value in the document's root.
    at_root: Option<u64>,
    /// The first operation that puts no value at a key of a map.
    misshapen: Option<u64>,
    /// The first operation with an id that no author can have made.
    impossible: Option<u64>,
}

/// Of every actor named, the greatest counter, and the operation that names it.
type Named = BTreeMap<[u8; 16], (u64, u64)>;

impl Outline {
    /// Of one uncompressed change.
    pub(crate) fn of(content: &[u8]) -> Result<Self, Rejection> {
        Self::rows(content)?;
        Self::decoded(content)
    }

    /// Of one whose decoding is work in proportion to its bytes: a run of a few may stand for many.
    pub(crate) fn of_plain(content: &[u8]) -> Option<Result<Self, Rejection>> {
        let rows = Self::rows(content).ok()?;
        (rows <= content.len() as u64).then(|| Self::decoded(content))
    }

    fn rows(content: &[u8]) -> Result<u64, Rejection> {
        let malformed = |text: &str| Rejection::ChangeMalformed(text.into());
        if content.get(8) != Some(&CHUNK_CHANGE) {
            return Err(malformed("not one uncompressed Automerge change"));
        }
        columns::measure(content).ok_or_else(|| malformed("its columns are malformed or too long"))
    }

    /// Decodes what was measured. Foreign bytes: a panic inside is a refusal, not ours.
    fn decoded(content: &[u8]) -> Result<Self, Rejection> {
        let bytes = content.to_vec();
        let decoded = catch_unwind(AssertUnwindSafe(|| {
            let change = Change::from_bytes(bytes).map_err(|error| error.to_string())?;
            if change.raw_bytes() != content {
                return Err("bytes after the change".to_owned());
            }
            if change.len() > OPS_MAX {
                return Err(format!("{} operations, at most {OPS_MAX}", change.len()));
            }
            Ok(Self::draw(&change.decode()))
        }));
        match decoded {
            Ok(Ok(outline)) => Ok(outline),
            Ok(Err(reason)) => Err(Rejection::ChangeMalformed(reason)),
            Err(_) => Err(Rejection::ChangeMalformed("Automerge panics on it".into())),
        }
    }

    fn draw(change: &ExpandedChange) -> Self {
        let mut outline = Self {
            hash: change.hash.map(|hash| hash.0).unwrap_or_default(),
            actor: change.actor_id.to_bytes().to_vec(),
            seq: change.seq,
            start: change.start_op.get(),
            ops: change.operations.len() as u64,
            deps: change.deps.iter().map(|dep| dep.0).collect(),
            named: Named::new(),
            objects: Named::new(),
            at_root: None,
            misshapen: None,
            impossible: None,
        };
        for (number, op) in (0..).zip(&change.operations) {
            // Where this overflows, the start is refused.
            outline.add(outline.start.saturating_add(number), op);
        }
        outline
    }

    fn add(&mut self, index: u64, op: &Op) {
        match &op.obj {
            ObjectId::Root => _ = self.at_root.get_or_insert(index),
            ObjectId::Id(id) => {
                self.name(index, id);
                if let Some((actor, counter)) = possible(id) {
                    note(&mut self.objects, actor, counter, index);
                }
            }
        }
        if let Key::Seq(element) = &op.key
            && let Some(id) = element.as_opid()
        {
            self.name(index, id);
        }
        op.pred.iter().for_each(|id| self.name(index, id));
        if op.insert || !matches!((&op.action, &op.key), (OpType::Put(_), Key::Map(_))) {
            self.misshapen.get_or_insert(index);
        }
    }

    fn name(&mut self, index: u64, id: &OpId) {
        match possible(id) {
            Some((actor, counter)) if actor[..] == self.actor && counter >= self.start => {
                // Of this change: an earlier operation is known, no other ever is.
                if counter >= index {
                    self.impossible.get_or_insert(index);
                }
            }
            Some((actor, counter)) => note(&mut self.named, actor, counter, index),
            None => _ = self.impossible.get_or_insert(index),
        }
    }
}

fn possible(id: &OpId) -> Option<([u8; 16], u64)> {
    let actor = id.actor().to_bytes().try_into().ok()?;
    (id.counter() > 0).then_some((actor, id.counter()))
}

fn note(named: &mut Named, actor: [u8; 16], counter: u64, index: u64) {
    let greatest = named.entry(actor).or_insert((counter, index));
    if counter > greatest.0 {
        *greatest = (counter, index);
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
        outline: &Outline,
    ) -> Result<Result<CheckedChange, Rejection>, ReadError> {
        let actor = self.author.actor(self.document);
        if outline.actor != actor {
            return Ok(Err(Rejection::ChangeActor));
        }
        let expected = self.backlink.map_or(0, |last| last.change_seq) + 1;
        if outline.seq != expected {
            return Ok(Err(Rejection::ChangeSeq { expected, got: outline.seq }));
        }
        match self.past(outline)? {
            Ok(past) => Ok(self.judge(outline, actor, past)),
            Err(rejection) => Ok(Err(rejection)),
        }
    }

    /// The causal past of a change: per actor the last op counter. The header must name exactly
    /// the envelopes of other logs that carry what the change builds on.
    fn past(&self, outline: &Outline) -> Result<Result<Past, Rejection>, ReadError> {
        let mut past = Past::new();
        let mut named = BTreeSet::new();
        for dep in &outline.deps {
            if let Some(root) = self.root.filter(|root| root.hash == *dep) {
                past.insert(root.actor, root.max_op);
                continue;
            }
            let key = document_key(self.document);
            let carriers = ChangeRecord::carriers(self.store, &key, dep)?;
            let carries = |record: &&ChangeRecord| {
                record.author == self.author || self.dependencies.contains(&record.envelope)
            };
            let Some(record) = carriers.iter().find(carries) else {
                let dep = carriers.first().map_or(hex(dep), |r| r.envelope.to_string());
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
        outline: &Outline,
        actor: [u8; 16],
        mut past: Past,
    ) -> Result<CheckedChange, Rejection> {
        if past.get(&actor).copied() != self.backlink.map(|last| last.max_op) {
            return Err(Rejection::ChangeDependency("its own previous change".into()));
        }
        let expected = past.values().max().copied().unwrap_or(0) + 1;
        if outline.start != expected || outline.start > OP_COUNTER_MAX {
            return Err(Rejection::ChangeStart { expected, got: outline.start });
        }
        let unknown = |(actor, (counter, _)): &(&[u8; 16], &(u64, u64))| {
            past.get(*actor).is_none_or(|max_op| counter > max_op)
        };
        let unknown = outline.named.iter().find(unknown).map(|(_, (_, op))| *op);
        if let Some(op) = outline.impossible.or(unknown) {
            return Err(Rejection::ChangeReference { op });
        }
        if let Some(op) = outline.misshapen.or(self.not_begun(outline)) {
            return Err(Rejection::ChangeShape { op });
        }
        let max_op = (outline.start + outline.ops).saturating_sub(1).max(expected - 1);
        past.insert(actor, max_op);
        if past.len() > ACTORS_MAX {
            return Err(Rejection::ChangeMalformed(format!("more than {ACTORS_MAX} actors")));
        }
        let past = past.into_iter().collect();
        Ok(CheckedChange { hash: outline.hash, seq: outline.seq, max_op, past })
    }

    /// An operation that puts a value elsewhere than in a map that the document begins with. No
    /// editor makes any, and of them Automerge believes too much: one with a key that claims to
    /// insert is taken, and then every later change of the document fails.
    fn not_begun(&self, outline: &Outline) -> Option<u64> {
        let Some(root) = self.root else {
            return outline.objects.values().map(|(_, op)| *op).next();
        };
        let other = |(actor, (counter, _)): &(&[u8; 16], &(u64, u64))| {
            **actor != root.actor || *counter > root.max_op
        };
        let other = outline.objects.iter().find(other).map(|(_, (_, op))| *op);
        outline.at_root.or(other)
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().take(4).map(|byte| format!("{byte:02x}")).collect()
}
