//! Step 13 of admission: a change and its past (section 10.1).
//!
//! What is checked depends on the change and its causal past alone, so all nodes agree, whatever
//! the order of arrival.

use std::collections::{BTreeMap, BTreeSet};

use schema_wire::event_id;

use crate::names::document_key;
use crate::store::{ReadError, ReadStore};

use super::fault::Fault;
use super::key::{EventKey, Key};
use super::operations::{Named, OperationsRecord};
use super::parents::{Base, Parents};
use super::past::{ChangeRecord, Past};
use super::{ActorId, COUNTER_MAX, Change, ChangeHash, OpId, Put, Scalar, read};

/// A change that was checked: what is kept beside it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Checked {
    pub(crate) record: ChangeRecord,
    /// None of a change without operations.
    pub(crate) operations: Option<OperationsRecord>,
}

/// What stops the check: a fault of the change, or the store.
enum Stop {
    Fault(Fault),
    Read(ReadError),
}

impl<T: Into<Fault>> From<T> for Stop {
    fn from(fault: T) -> Self {
        Self::Fault(fault.into())
    }
}

impl From<ReadError> for Stop {
    fn from(error: ReadError) -> Self {
        Self::Read(error)
    }
}

/// Checks the content of an envelope.
pub(crate) fn check(
    store: &impl ReadStore,
    base: &Base<'_>,
    content: &[u8],
) -> Result<Result<Checked, Fault>, ReadError> {
    match (Check { store, document_key: document_key(base.document), base }).run(content) {
        Ok(checked) => Ok(Ok(checked)),
        Err(Stop::Fault(fault)) => Ok(Err(fault)),
        Err(Stop::Read(error)) => Err(error),
    }
}

struct Check<'a, S> {
    store: &'a S,
    document_key: Vec<u8>,
    base: &'a Base<'a>,
}

impl<S: ReadStore> Check<'_, S> {
    fn run(&self, content: &[u8]) -> Result<Checked, Stop> {
        let (change, hash) = read(content)?;
        if change.actor != self.base.author.actor(self.base.document) {
            return Err(Fault::Actor.into());
        }
        if change.seq != self.base.seq {
            return Err(Fault::Seq { expected: self.base.seq, got: change.seq }.into());
        }
        let (past, counter) = self.past(&change.deps)?;
        let count = change.puts.len() as u64;
        let last = change.start_op.saturating_add(count).saturating_sub(1);
        if change.start_op != counter + 1 || last > COUNTER_MAX {
            return Err(Fault::Start { expected: counter + 1, got: change.start_op }.into());
        }
        check_each(&change, |put| !matches!(put.value, Scalar::Other(..)), Fault::Shape)?;
        check_each(&change, |put| Key::parse(put.key).is_some(), Fault::Key)?;
        self.check_references(&change, &past)?;
        check_each(&change, |put| self.is_event_or_field(put), Fault::Event)?;
        let operations = OperationsRecord::of(&change);
        Ok(Checked { record: ChangeRecord { hash, counter: last, past }, operations })
    }

    /// The past of the change, and the greatest counter in it.
    fn past(&self, deps: &[ChangeHash]) -> Result<(Past, u64), Stop> {
        let parents = Parents::of(self.store, self.base)?;
        if !parents.hashes.iter().eq(deps) {
            return Err(Fault::Dependency.into());
        }
        let past = parents.past(self.store, &self.document_key)?.ok_or(Fault::ForkedPast)?;
        Ok((past, parents.counter()))
    }

    /// Each predecessor is an operation at the same key, of a change in the past or earlier in
    /// this one. At one key there are at most two values, and the second replaces the first.
    fn check_references(&self, change: &Change<'_>, past: &Past) -> Result<(), Stop> {
        let mut here: BTreeMap<&str, (OpId, bool)> = BTreeMap::new();
        let mut before: Vec<Named<'_>> = Vec::new();
        for (number, put) in (0..).zip(&change.puts) {
            let wrong = || Stop::from(Fault::Reference(number));
            for id in &put.instead {
                if id.actor != change.actor || id.counter < change.start_op {
                    before.push(Named { id: *id, key: put.key, number });
                } else if here.get(put.key).is_none_or(|(first, _)| first != id) {
                    return Err(wrong());
                }
            }
            match here.get_mut(put.key) {
                None => _ = here.insert(put.key, (change.op(number), false)),
                Some((first, second)) if !*second && put.instead.contains(first) => *second = true,
                Some(_) => return Err(wrong()),
            }
        }
        match self.missing(before, past)? {
            None => Ok(()),
            Some(number) => Err(Fault::Reference(number).into()),
        }
    }

    /// The operation that names what the past does not hold at its key, if any does. Asked actor
    /// by actor and counter by counter, so that one change's keys at a time are in memory.
    fn missing(&self, mut named: Vec<Named<'_>>, past: &Past) -> Result<Option<u64>, ReadError> {
        named.sort_unstable_by_key(|one| (one.id.actor, one.id.counter));
        let wanted: BTreeSet<ActorId> = named.iter().map(|one| one.id.actor).collect();
        let mut logs = BTreeMap::new();
        for (author, last) in &past.logs {
            if logs.len() == wanted.len() {
                break;
            }
            let actor = author.actor(self.base.document);
            if wanted.contains(&actor) {
                logs.insert(actor, (author, last));
            }
        }
        for one in named.chunk_by(|a, b| a.id.actor == b.id.actor) {
            let Some((author, last)) = one.first().and_then(|first| logs.get(&first.id.actor))
            else {
                return Ok(one.first().map(|first| first.number));
            };
            let missing =
                OperationsRecord::missing(self.store, &self.document_key, author, **last, one)?;
            if missing.is_some() {
                return Ok(missing);
            }
        }
        Ok(None)
    }

    /// At an event's key: no predecessor, bytes, and the id that follows from them.
    fn is_event_or_field(&self, put: &Put<'_>) -> bool {
        let Some(Key::Event(EventKey { kind, entity, event })) = Key::parse(put.key) else {
            return true;
        };
        let Scalar::Bytes(value) = put.value else {
            return false;
        };
        put.instead.is_empty() && event_id(&self.base.author.key, kind, entity, value) == event
    }
}

fn check_each(
    change: &Change<'_>,
    holds: impl Fn(&Put<'_>) -> bool,
    fault: fn(u64) -> Fault,
) -> Result<(), Fault> {
    let wrong = (0..).zip(&change.puts).find(|(_, put)| !holds(put));
    wrong.map_or(Ok(()), |(number, _)| Err(fault(number)))
}
