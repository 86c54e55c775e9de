//! The bytes of a change.

use std::collections::BTreeSet;

use sha2::{Digest, Sha256};

use super::leb::{write_signed, write_unsigned};
use super::runs;
use super::{ActorId, Change, ChangeHash, OpId, Put, Scalar};

pub(super) const MAGIC: [u8; 4] = [0x85, 0x6f, 0x4a, 0x83];
/// The kind of chunk that holds one change, uncompressed.
pub(super) const CHANGE_CHUNK: u8 = 1;
pub(super) const ACTOR_BYTES: u64 = 16;

/// Columns, by the numbers that Automerge gives them.
pub(super) const KEYS: u64 = 21;
pub(super) const INSERTS: u64 = 52;
pub(super) const ACTIONS: u64 = 66;
pub(super) const VALUE_KINDS: u64 = 86;
pub(super) const VALUES: u64 = 87;
pub(super) const PREDECESSOR_COUNTS: u64 = 112;
pub(super) const PREDECESSOR_ACTORS: u64 = 113;
pub(super) const PREDECESSOR_COUNTERS: u64 = 115;
/// The action of every operation.
pub(super) const PUT: u64 = 1;

/// The content of an envelope, and the hash that names the change. What a change may hold is
/// asked at admission, of one's own as of others'.
#[must_use]
pub fn write(change: &Change<'_>) -> (Vec<u8>, ChangeHash) {
    let body = body(change);
    let mut hashed = vec![CHANGE_CHUNK];
    write_unsigned(&mut hashed, body.len() as u64);
    hashed.extend_from_slice(&body);
    let hash: ChangeHash = Sha256::digest(&hashed).into();
    ([&MAGIC, &hash[..4], &hashed].concat(), hash)
}

fn body(change: &Change<'_>) -> Vec<u8> {
    let named = || change.puts.iter().flat_map(|put| &put.instead);
    let others: BTreeSet<ActorId> =
        named().map(|id| id.actor).filter(|actor| *actor != change.actor).collect();
    let mut out = Vec::new();
    write_unsigned(&mut out, change.deps.len() as u64);
    change.deps.iter().for_each(|dep| out.extend_from_slice(dep));
    write_unsigned(&mut out, ACTOR_BYTES);
    out.extend_from_slice(&change.actor);
    write_unsigned(&mut out, change.seq);
    write_unsigned(&mut out, change.start_op);
    // No time, no message.
    out.extend_from_slice(&[0, 0]);
    write_unsigned(&mut out, others.len() as u64);
    for other in &others {
        write_unsigned(&mut out, ACTOR_BYTES);
        out.extend_from_slice(other);
    }
    let others: Vec<ActorId> = others.into_iter().collect();
    let mut columns = columns(change, &others);
    columns.retain(|(_, bytes)| !bytes.is_empty());
    write_unsigned(&mut out, columns.len() as u64);
    for (number, bytes) in &columns {
        write_unsigned(&mut out, *number);
        write_unsigned(&mut out, bytes.len() as u64);
    }
    columns.iter().for_each(|(_, bytes)| out.extend_from_slice(bytes));
    out
}

fn columns(change: &Change<'_>, others: &[ActorId]) -> Vec<(u64, Vec<u8>)> {
    let puts = &change.puts;
    let unsigned = |values: &mut dyn Iterator<Item = u64>| {
        runs::write(values, |out, value| write_unsigned(out, *value))
    };
    let named = || puts.iter().flat_map(|put| &put.instead);
    // The own actor is 0, the others count from 1.
    let index = |id: &OpId| others.binary_search(&id.actor).map_or(0, |place| place as u64 + 1);
    let mut inserts = Vec::new();
    if !puts.is_empty() {
        write_unsigned(&mut inserts, puts.len() as u64);
    }
    vec![
        (KEYS, runs::write_keys(puts.iter().map(|put| put.key))),
        (INSERTS, inserts),
        (ACTIONS, unsigned(&mut puts.iter().map(|_| PUT))),
        (VALUE_KINDS, unsigned(&mut puts.iter().map(|put| value_kind(&put.value)))),
        (VALUES, puts.iter().flat_map(|put| value_bytes(&put.value)).collect()),
        (PREDECESSOR_COUNTS, unsigned(&mut puts.iter().map(|put| put.instead.len() as u64))),
        (PREDECESSOR_ACTORS, unsigned(&mut named().map(index))),
        (PREDECESSOR_COUNTERS, runs::write(deltas(puts), |out, delta| write_signed(out, *delta))),
    ]
}

fn deltas<'a>(puts: &'a [Put<'_>]) -> impl Iterator<Item = i64> + use<'a> {
    puts.iter().flat_map(|put| &put.instead).scan(0u64, |before, id| {
        let delta = id.counter.wrapping_sub(*before).cast_signed();
        *before = id.counter;
        Some(delta)
    })
}

fn value_kind(value: &Scalar<'_>) -> u64 {
    let kind = match value {
        Scalar::Null => 0,
        Scalar::Boolean(false) => 1,
        Scalar::Boolean(true) => 2,
        Scalar::Integer(_) => 4,
        Scalar::Text(_) => 6,
        Scalar::Bytes(_) => 7,
        Scalar::Other(kind, _) => *kind,
    };
    u64::from(kind) + 16 * value_bytes(value).len() as u64
}

fn value_bytes(value: &Scalar<'_>) -> Vec<u8> {
    match value {
        Scalar::Null | Scalar::Boolean(_) => Vec::new(),
        Scalar::Integer(number) => {
            let mut bytes = Vec::new();
            write_signed(&mut bytes, *number);
            bytes
        }
        Scalar::Text(text) => text.as_bytes().to_vec(),
        Scalar::Bytes(bytes) | Scalar::Other(_, bytes) => bytes.to_vec(),
    }
}
