//! One check of signatures for all nodes, which remembers: each record is verified once.
//!
//! Verification is a pure function, so sharing its results weakens nothing. One hit in a hundred
//! is computed again, as a check of the memory itself.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use schema_wire::{NodeKey, StrictEd25519, Verifier};
use sha2::{Digest, Sha256};

/// Results kept; then the memory begins anew.
const RESULTS_MAX: usize = 1 << 20;

#[derive(Debug, Default)]
struct Memory {
    results: BTreeMap<[u8; 32], bool>,
    hits: u64,
}

/// Strict Ed25519 with a memory.
#[derive(Debug, Default)]
pub struct MemoVerifier {
    memory: Mutex<Memory>,
}

impl Verifier for MemoVerifier {
    fn holds(&self, key: &NodeKey, bytes: &[u8], signature: &[u8; 64]) -> bool {
        let mut hash = Sha256::new();
        hash.update(key.0);
        hash.update(signature);
        hash.update(bytes);
        let name: [u8; 32] = hash.finalize().into();
        let mut memory = self.memory.lock().unwrap_or_else(PoisonError::into_inner);
        let known = memory.results.get(&name).copied();
        if let Some(known) = known {
            memory.hits += 1;
            if !memory.hits.is_multiple_of(100) {
                return known;
            }
        }
        let holds = StrictEd25519.holds(key, bytes, signature);
        assert!(known.is_none_or(|known| known == holds), "verification is a pure function");
        if memory.results.len() >= RESULTS_MAX {
            memory.results.clear();
        }
        memory.results.insert(name, holds);
        holds
    }
}
