//! Reads the bytes of a change: those that [`super::write`] writes, and no others.

use std::collections::BTreeSet;

use sha2::{Digest, Sha256};

use super::fault::Malformed;
use super::leb::Cursor;
use super::runs::{KeyRuns, Runs};
use super::write::{
    ACTIONS, ACTOR_BYTES, CHANGE_CHUNK, INSERTS, KEYS, MAGIC, PREDECESSOR_ACTORS,
    PREDECESSOR_COUNTERS, PREDECESSOR_COUNTS, PUT, VALUE_KINDS, VALUES,
};
use super::{
    ActorId, Change, ChangeHash, OPERATIONS_MAX, OTHER_ACTORS_MAX, OpId, PREDECESSORS_MAX, Put,
    Scalar,
};

/// Reads a change, and tells its hash.
///
/// # Errors
/// If the bytes are not the one form of a change.
pub fn read(content: &[u8]) -> Result<(Change<'_>, ChangeHash), Malformed> {
    let mut cursor = Cursor(content);
    cursor.expect(&MAGIC)?;
    let sum: [u8; 4] = cursor.array()?;
    let hashed = cursor.0;
    cursor.expect(&[CHANGE_CHUNK])?;
    let length = cursor.unsigned()?;
    let body = cursor.take(length)?;
    let hash: ChangeHash = Sha256::digest(hashed).into();
    if !cursor.is_empty() || !hash.starts_with(&sum) {
        return Err(Malformed::Form);
    }
    Ok((read_body(Cursor(body))?, hash))
}

fn read_body(mut cursor: Cursor<'_>) -> Result<Change<'_>, Malformed> {
    let deps = cursor.unsigned()?;
    let deps = ascending(&mut cursor, deps, Cursor::array::<32>)?;
    let actor = actor(&mut cursor)?;
    let (seq, start_op) = (cursor.unsigned()?, cursor.unsigned()?);
    cursor.expect(&[0, 0])?;
    let others = cursor.unsigned()?;
    if others > OTHER_ACTORS_MAX {
        return Err(Malformed::TooMuch);
    }
    let others = ascending(&mut cursor, others, actor_of)?;
    let puts = Columns::read(cursor)?.puts(&actor, &others)?;
    Ok(Change { deps, actor, seq, start_op, puts })
}

fn actor(cursor: &mut Cursor<'_>) -> Result<ActorId, Malformed> {
    if cursor.unsigned()? != ACTOR_BYTES {
        return Err(Malformed::Form);
    }
    cursor.array()
}

fn actor_of(cursor: &mut Cursor<'_>) -> Result<ActorId, Malformed> {
    actor(cursor)
}

/// Reads `count` entries, each of a byte at least, so that a claim fails before it allocates.
fn ascending<'a, T: PartialOrd>(
    cursor: &mut Cursor<'a>,
    count: u64,
    entry: impl Fn(&mut Cursor<'a>) -> Result<T, Malformed>,
) -> Result<Vec<T>, Malformed> {
    let mut list = Vec::new();
    for _ in 0..count {
        let next = entry(cursor)?;
        if list.last().is_some_and(|last| *last >= next) {
            return Err(Malformed::Order);
        }
        list.push(next);
    }
    Ok(list)
}

/// The bytes of each column; none where it is left out.
#[derive(Debug, Default)]
struct Columns<'a> {
    keys: &'a [u8],
    inserts: &'a [u8],
    actions: &'a [u8],
    value_kinds: &'a [u8],
    values: &'a [u8],
    predecessor_counts: &'a [u8],
    predecessor_actors: &'a [u8],
    predecessor_counters: &'a [u8],
}

impl<'a> Columns<'a> {
    fn read(mut cursor: Cursor<'a>) -> Result<Self, Malformed> {
        let count = cursor.unsigned()?;
        let mut numbers: Vec<(u64, u64)> = Vec::new();
        for _ in 0..count {
            let (number, bytes) = (cursor.unsigned()?, cursor.unsigned()?);
            if bytes == 0 || numbers.last().is_some_and(|(last, _)| *last >= number) {
                return Err(Malformed::Columns);
            }
            numbers.push((number, bytes));
        }
        let mut columns = Self::default();
        for (number, bytes) in numbers {
            *columns.column(number)? = cursor.take(bytes)?;
        }
        if cursor.is_empty() { Ok(columns) } else { Err(Malformed::Form) }
    }

    fn column(&mut self, number: u64) -> Result<&mut &'a [u8], Malformed> {
        match number {
            KEYS => Ok(&mut self.keys),
            INSERTS => Ok(&mut self.inserts),
            ACTIONS => Ok(&mut self.actions),
            VALUE_KINDS => Ok(&mut self.value_kinds),
            VALUES => Ok(&mut self.values),
            PREDECESSOR_COUNTS => Ok(&mut self.predecessor_counts),
            PREDECESSOR_ACTORS => Ok(&mut self.predecessor_actors),
            PREDECESSOR_COUNTERS => Ok(&mut self.predecessor_counters),
            _ => Err(Malformed::Columns),
        }
    }

    /// The operations. Every column is measured before any is unpacked.
    fn puts(&self, actor: &ActorId, others: &[ActorId]) -> Result<Vec<Put<'a>>, Malformed> {
        let numbers = |column, rows_max| Runs::read(column, rows_max, Cursor::unsigned);
        let keys = KeyRuns::read(self.keys)?;
        let actions = numbers(self.actions, OPERATIONS_MAX)?;
        let kinds = numbers(self.value_kinds, OPERATIONS_MAX)?;
        let counts = numbers(self.predecessor_counts, OPERATIONS_MAX)?;
        let rows = keys.rows();
        self.check_inserts(rows)?;
        if [actions.rows(), kinds.rows(), counts.rows()] != [rows; 3] {
            return Err(Malformed::Columns);
        }
        if actions.values().any(|action| action != PUT) {
            return Err(Malformed::Form);
        }
        let predecessors = counts.sum().filter(|sum| *sum <= PREDECESSORS_MAX);
        let predecessors = predecessors.ok_or(Malformed::TooMuch)?;
        let mut ids = self.predecessors(predecessors, actor, others)?.into_iter();
        let mut values = Cursor(self.values);
        let mut puts = Vec::new();
        for ((key, kind), count) in keys.keys().zip(kinds.values()).zip(counts.values()) {
            let value = scalar(kind, &mut values)?;
            let instead: Vec<OpId> = ids.by_ref().take(count as usize).collect();
            if !instead.is_sorted_by(|one, next| one < next) {
                return Err(Malformed::Order);
            }
            puts.push(Put { key, value, instead });
        }
        if values.is_empty() { Ok(puts) } else { Err(Malformed::Columns) }
    }

    /// The column says how many operations insert nothing: all of them.
    fn check_inserts(&self, rows: u64) -> Result<(), Malformed> {
        let mut cursor = Cursor(self.inserts);
        let claimed = if rows == 0 { 0 } else { cursor.unsigned()? };
        if claimed == rows && cursor.is_empty() { Ok(()) } else { Err(Malformed::Columns) }
    }

    /// The ids that operations name, in order. Every other actor must be named by one.
    fn predecessors(
        &self,
        count: u64,
        actor: &ActorId,
        others: &[ActorId],
    ) -> Result<Vec<OpId>, Malformed> {
        let actors = Runs::read(self.predecessor_actors, PREDECESSORS_MAX, Cursor::unsigned)?;
        let deltas = Runs::read(self.predecessor_counters, PREDECESSORS_MAX, Cursor::signed)?;
        if [actors.rows(), deltas.rows()] != [count; 2] {
            return Err(Malformed::Columns);
        }
        let mut named = BTreeSet::new();
        let mut counter = 0i128;
        let mut ids = Vec::new();
        for (index, delta) in actors.values().zip(deltas.values()) {
            counter += i128::from(delta);
            let actor = match index.checked_sub(1) {
                None => actor,
                Some(other) => {
                    named.insert(other);
                    let other = usize::try_from(other).ok().and_then(|other| others.get(other));
                    other.ok_or(Malformed::Columns)?
                }
            };
            let counter = u64::try_from(counter).map_err(|_| Malformed::Number)?;
            ids.push(OpId { counter, actor: *actor });
        }
        if named.len() == others.len() { Ok(ids) } else { Err(Malformed::Columns) }
    }
}

/// A value: its kind in the low four bits, its length above them.
fn scalar<'a>(kind: u64, values: &mut Cursor<'a>) -> Result<Scalar<'a>, Malformed> {
    let bytes = values.take(kind >> 4)?;
    match (kind & 15, bytes) {
        (0, []) => Ok(Scalar::Null),
        (1, []) => Ok(Scalar::Boolean(false)),
        (2, []) => Ok(Scalar::Boolean(true)),
        (0..=2, _) => Err(Malformed::Form),
        (4, bytes) => {
            let mut cursor = Cursor(bytes);
            let number = cursor.signed()?;
            if cursor.is_empty() { Ok(Scalar::Integer(number)) } else { Err(Malformed::Form) }
        }
        (6, bytes) => std::str::from_utf8(bytes).map(Scalar::Text).map_err(|_| Malformed::Utf8),
        (7, bytes) => Ok(Scalar::Bytes(bytes)),
        (other, bytes) => Ok(Scalar::Other((other & 15) as u8, bytes)),
    }
}
