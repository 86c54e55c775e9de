//! A verifier that remembers: the same answers, sooner.
//!
//! Only what held is remembered, under what was signed. So a memory of any size, shared between
//! any threads, changes no answer; and what a thread checked before the replica takes a frame, or
//! what a node has just signed itself, is not computed again.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::id::{Hash, NodeKey};
use crate::verify::{Claim, Verifier};

/// Signatures remembered, at least: every peer's window of small entries many times over.
const SIGNATURES_MIN: usize = 8192;

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

/// Who signed a record, and how.
type Signatory = (NodeKey, [u8; 64]);

/// A verifier that remembers which signatures held.
#[derive(Debug)]
pub struct Recent<V> {
    inner: V,
    /// By the SHA-256 of what is signed.
    held: Mutex<Generations<Hash, Signatory>>,
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

    fn held(&self) -> MutexGuard<'_, Generations<Hash, Signatory>> {
        // Nothing that holds this lock panics half way through a change.
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn remembers(&self, claim: &Claim<'_>) -> bool {
        self.held().get(&claim.id()) == Some((claim.key(), *claim.signature()))
    }
}

impl<V: Verifier> Verifier for Recent<V> {
    fn holds(&self, claim: &Claim<'_>) -> bool {
        if self.remembers(claim) {
            return true;
        }
        // Computed outside the lock: others go on meanwhile.
        let holds = self.inner.holds(claim);
        if holds {
            self.made(claim);
        }
        holds
    }

    fn all_hold(&self, claims: &[Claim<'_>]) -> bool {
        let new: Vec<Claim<'_>> =
            claims.iter().filter(|claim| !self.remembers(claim)).copied().collect();
        if self.inner.all_hold(&new) {
            new.iter().for_each(|claim| self.made(claim));
            return true;
        }
        // One of them is wrong. Those before it are worth remembering, and cost less in halves.
        let (before, behind) = new.split_at(new.len() / 2);
        !before.is_empty() && self.all_hold(before) && self.all_hold(behind)
    }

    fn made(&self, claim: &Claim<'_>) {
        self.held().insert(claim.id(), (claim.key(), *claim.signature()));
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU64, Ordering};

    use ed25519_dalek::{Signer, SigningKey};

    use super::*;
    use crate::verify::Ed25519;

    #[derive(Debug, Default)]
    struct Counting(AtomicU64);

    impl Verifier for Counting {
        fn holds(&self, claim: &Claim<'_>) -> bool {
            self.0.fetch_add(1, Ordering::Relaxed);
            Ed25519.holds(claim)
        }
    }

    fn signer(number: u8) -> (SigningKey, NodeKey) {
        let key = SigningKey::from_bytes(&[number; 32]);
        let public = NodeKey(key.verifying_key().to_bytes());
        (key, public)
    }

    #[test]
    fn answers_are_those_of_the_check_and_only_what_held_is_remembered() {
        let recent = Recent::new(Counting::default());
        let (key, public) = signer(1);
        let (_, other) = signer(2);
        let signature = key.sign(b"entry").to_bytes();
        let mut flipped = signature;
        flipped[3] ^= 1;
        let claims = [
            Claim::new(public, b"entry", &signature),
            Claim::new(public, b"entry", &flipped),
            Claim::new(public, b"entrz", &signature),
            Claim::new(other, b"entry", &signature),
            Claim::new(NodeKey([255; 32]), b"entry", &signature),
        ];
        for _ in 0..2 {
            for claim in &claims {
                assert_eq!(recent.holds(claim), Ed25519.holds(claim));
            }
        }
        // The one that held was computed once, the four others each time.
        assert_eq!(recent.inner().0.load(Ordering::Relaxed), 9);
    }

    #[test]
    fn what_held_before_the_first_that_does_not_is_remembered() {
        let recent = Recent::new(Counting::default());
        let (key, public) = signer(1);
        let texts: [&[u8]; 3] = [b"first", b"second", b"third"];
        let mut signatures = texts.map(|text| key.sign(text).to_bytes());
        signatures[1][40] ^= 1;
        let claims: Vec<Claim<'_>> =
            texts.iter().zip(&signatures).map(|(text, s)| Claim::new(public, text, s)).collect();
        assert!(!recent.all_hold(&claims));
        assert!(recent.all_hold(&claims[..1]) && !recent.remembers(&claims[2]));
        assert!(recent.remembers(&claims[0]) && !recent.remembers(&claims[1]));
        assert!(recent.all_hold(&claims[2..]) && recent.remembers(&claims[2]));
    }

    #[test]
    fn what_this_node_signed_is_not_computed() {
        let recent = Recent::new(Counting::default());
        let (key, public) = signer(1);
        let signature = key.sign(b"mine").to_bytes();
        recent.made(&Claim::new(public, b"mine", &signature));
        assert!(recent.holds(&Claim::new(public, b"mine", &signature)));
        assert_eq!(recent.inner().0.load(Ordering::Relaxed), 0);
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
