//! Checks of signatures that remember: the same answers as [`StrictEd25519`], sooner.
//!
//! Only what held is remembered, under a hash of key, bytes and signature. So a memory of any
//! size, shared between any threads, changes no answer; and what a thread checked before the
//! replica takes a frame, or what a node has just signed itself, is not computed again.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use ed25519_dalek::{Signature, VerifyingKey};
use sha2::{Digest, Sha256};

use crate::id::NodeKey;
#[cfg(doc)]
use crate::sign::StrictEd25519;
use crate::sign::Verifier;

/// Signatures remembered, at least: every peer's window of small entries many times over.
const SIGNATURES_MIN: usize = 8192;
/// Keys kept unpacked, at least.
const KEYS_MIN: usize = 1024;

/// A map that forgets what was not asked for of late: it holds between `min` and twice `min`.
#[derive(Debug)]
struct Generations<K, V> {
    young: BTreeMap<K, V>,
    old: BTreeMap<K, V>,
    min: usize,
}

impl<K: Ord + Copy, V: Clone> Generations<K, V> {
    fn new(min: usize) -> Self {
        Self { young: BTreeMap::new(), old: BTreeMap::new(), min }
    }

    fn get(&mut self, key: &K) -> Option<V> {
        if let Some(value) = self.young.get(key) {
            return Some(value.clone());
        }
        let value = self.old.remove(key)?;
        self.insert(*key, value.clone());
        Some(value)
    }

    fn insert(&mut self, key: K, value: V) {
        if self.young.len() >= self.min {
            self.old = std::mem::take(&mut self.young);
        }
        self.young.insert(key, value);
    }
}

/// Strict Ed25519 that keeps the keys of recent signers unpacked.
#[derive(Debug)]
pub struct KeptKeys(Mutex<Generations<NodeKey, VerifyingKey>>);

impl Default for KeptKeys {
    fn default() -> Self {
        Self(Mutex::new(Generations::new(KEYS_MIN)))
    }
}

impl KeptKeys {
    fn unpacked(&self, key: &NodeKey) -> Option<VerifyingKey> {
        if let Some(known) = locked(&self.0).get(key) {
            return Some(known);
        }
        let unpacked = VerifyingKey::from_bytes(&key.0).ok()?;
        locked(&self.0).insert(*key, unpacked);
        Some(unpacked)
    }
}

impl Verifier for KeptKeys {
    fn holds(&self, key: &NodeKey, bytes: &[u8], signature: &[u8; 64]) -> bool {
        let signature = Signature::from_bytes(signature);
        self.unpacked(key).is_some_and(|key| key.verify_strict(bytes, &signature).is_ok())
    }
}

/// A verifier that remembers which signatures held.
#[derive(Debug)]
pub struct Recent<V> {
    inner: V,
    held: Mutex<Generations<[u8; 32], ()>>,
}

impl<V: Verifier> Recent<V> {
    /// Remembers what `inner` finds.
    pub fn new(inner: V) -> Self {
        Self { inner, held: Mutex::new(Generations::new(SIGNATURES_MIN)) }
    }

    /// Who computes what is not remembered.
    pub fn inner(&self) -> &V {
        &self.inner
    }
}

impl<V: Verifier> Verifier for Recent<V> {
    fn holds(&self, key: &NodeKey, bytes: &[u8], signature: &[u8; 64]) -> bool {
        let name = name(key, bytes, signature);
        if locked(&self.held).get(&name).is_some() {
            return true;
        }
        // Computed outside the lock: others go on meanwhile.
        let holds = self.inner.holds(key, bytes, signature);
        if holds {
            locked(&self.held).insert(name, ());
        }
        holds
    }

    fn made(&self, key: &NodeKey, bytes: &[u8], signature: &[u8; 64]) {
        locked(&self.held).insert(name(key, bytes, signature), ());
    }
}

fn name(key: &NodeKey, bytes: &[u8], signature: &[u8; 64]) -> [u8; 32] {
    // Two parts of fixed length before the rest: no two claims share these bytes.
    let hash = Sha256::new().chain_update(key.0).chain_update(signature).chain_update(bytes);
    hash.finalize().into()
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // Nothing that holds this lock panics half way through a change.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU64, Ordering};

    use ed25519_dalek::{Signer, SigningKey};

    use super::*;
    use crate::sign::StrictEd25519;

    #[derive(Debug, Default)]
    struct Counting(KeptKeys, AtomicU64);

    impl Verifier for Counting {
        fn holds(&self, key: &NodeKey, bytes: &[u8], signature: &[u8; 64]) -> bool {
            self.1.fetch_add(1, Ordering::Relaxed);
            self.0.holds(key, bytes, signature)
        }
    }

    fn signer(number: u8) -> (SigningKey, NodeKey) {
        let key = SigningKey::from_bytes(&[number; 32]);
        let public = NodeKey(key.verifying_key().to_bytes());
        (key, public)
    }

    #[test]
    fn answers_are_those_of_the_strict_check_and_only_what_held_is_remembered() {
        let recent = Recent::new(Counting::default());
        let (key, public) = signer(1);
        let (_, other) = signer(2);
        let signature = key.sign(b"entry").to_bytes();
        let mut flipped = signature;
        flipped[3] ^= 1;
        let claims: [(&NodeKey, &[u8], &[u8; 64]); 5] = [
            (&public, b"entry", &signature),
            (&public, b"entry", &flipped),
            (&public, b"entrz", &signature),
            (&other, b"entry", &signature),
            (&NodeKey([255; 32]), b"entry", &signature),
        ];
        for _ in 0..2 {
            for (key, bytes, signature) in claims {
                let strict = StrictEd25519.holds(key, bytes, signature);
                assert_eq!(recent.holds(key, bytes, signature), strict);
            }
        }
        // The one that held was computed once, the four others each time.
        assert_eq!(recent.inner().1.load(Ordering::Relaxed), 9);
    }

    #[test]
    fn what_this_node_signed_is_not_computed() {
        let recent = Recent::new(Counting::default());
        let (key, public) = signer(1);
        let signature = key.sign(b"mine").to_bytes();
        recent.made(&public, b"mine", &signature);
        assert!(recent.holds(&public, b"mine", &signature));
        assert_eq!(recent.inner().1.load(Ordering::Relaxed), 0);
    }

    #[test]
    fn memory_is_bounded_and_keeps_what_is_asked_for() {
        let mut map = Generations::new(10);
        for number in 0..1000 {
            map.insert(number, number);
            assert_eq!(map.get(&0), Some(0), "asked for all the time");
            assert!(map.young.len() <= 10 && map.old.len() <= 10);
        }
        assert_eq!(map.get(&500), None);
    }
}
