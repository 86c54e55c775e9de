//! The digest of everything that happened, and counts of it.

use std::collections::{BTreeMap, VecDeque};

use sha2::{Digest, Sha256};

use crate::clock::{Time, stamp};

/// Events kept for a failure's report.
const TRACE_MAX: usize = 4000;

/// Counts by name.
pub type Counts = BTreeMap<&'static str, u64>;

/// One event, for people.
#[derive(Debug, Clone)]
struct Event {
    at: Time,
    node: usize,
    kind: &'static str,
    bytes: usize,
    hash: [u8; 4],
    /// The payload, if it is a word.
    word: Option<String>,
}

/// Hears of every event.
#[derive(Debug, Default)]
pub struct Auditor {
    digest: Sha256,
    trace: VecDeque<Event>,
    /// Events by kind.
    pub events: Counts,
    /// Faults by kind.
    pub faults: Counts,
    /// Rare situations that did happen.
    pub reached: Counts,
    /// Invariants evaluated.
    pub evaluated: Counts,
    /// Bytes handed to the network.
    pub bytes: u64,
}

impl Auditor {
    /// Takes an event into the digest, the counts and the trace.
    pub fn note(&mut self, at: Time, node: usize, kind: &'static str, payload: &[u8]) {
        let hash = Sha256::digest(payload);
        self.digest.update(at.to_le_bytes());
        self.digest.update(u64::try_from(node).expect("few nodes").to_le_bytes());
        self.digest.update(kind);
        self.digest.update(hash);
        *self.events.entry(kind).or_insert(0) += 1;
        if self.trace.len() == TRACE_MAX {
            self.trace.pop_front();
        }
        let hash = std::array::from_fn(|i| hash[i]);
        let word = std::str::from_utf8(payload).ok();
        let word = word.filter(|word| word.chars().all(|c| c.is_ascii_graphic()));
        let word = word.filter(|word| !word.is_empty()).map(str::to_owned);
        self.trace.push_back(Event { at, node, kind, bytes: payload.len(), hash, word });
    }

    /// A rare situation happened.
    pub fn reach(&mut self, situation: &'static str) {
        *self.reached.entry(situation).or_insert(0) += 1;
    }

    /// An invariant was evaluated so many times.
    pub fn evaluate(&mut self, invariant: &'static str, times: u64) {
        *self.evaluated.entry(invariant).or_insert(0) += times;
    }

    /// A fault was injected.
    pub fn fault(&mut self, kind: &'static str) {
        *self.faults.entry(kind).or_insert(0) += 1;
    }

    /// The digest so far, in hex.
    pub fn digest(&self) -> String {
        self.digest.clone().finalize().iter().map(|byte| format!("{byte:02x}")).collect()
    }

    /// The last events, oldest first.
    pub fn trace(&self, name: impl Fn(usize) -> String) -> Vec<String> {
        let line = |event: &Event| {
            let Event { at, node, kind, bytes, hash, word } = event;
            let hash: String = hash.iter().map(|byte| format!("{byte:02x}")).collect();
            let (at, name) = (stamp(*at), name(*node));
            match word {
                Some(word) => format!("{at} {name:<18} {kind:<10} {word}"),
                None => format!("{at} {name:<18} {kind:<10} {bytes:>6} bytes {hash}"),
            }
        };
        self.trace.iter().map(line).collect()
    }
}
