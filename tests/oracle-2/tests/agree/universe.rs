//! The few keys, units, times and logs that every random set is about.
//!
//! Few, so that statements meet: with eight keys and nine moments, two random grants often name
//! the same subject, and a random time often is the first or last at which something holds.

use rand::RngExt;
use rand::seq::IndexedRandom;
use rand_chacha::ChaCha8Rng;
use schema_wire::{Class, ClassSet, Genesis, Hash, NodeKey, Record, SigningKey, UnitId, Verified};

/// Moments: 0 to this, in milliseconds.
pub(crate) const TIMES: u64 = 8;
/// Classes that documents have here.
pub(crate) const CLASSES: [Class; 3] = [Class::Roster, Class::Duty, Class::Report];
/// City, district, street, communities; a district whose path begins like its sister's; a stranger.
const UNITS: [&str; 8] = ["c", "c/1", "c/1/s", "c/1/s/m", "c/1/s/n", "c/10", "c/10/s", "x"];
const KEYS: u8 = 8;

/// Everything the sets are about, made once.
pub(crate) struct Universe {
    keys: Vec<(NodeKey, SigningKey)>,
    pub(crate) units: Vec<UnitId>,
    /// Ids of envelopes that adoptions name.
    pub(crate) envelopes: Vec<Hash>,
}

impl Universe {
    pub(crate) fn new() -> Self {
        let key = |number| {
            let signing = SigningKey::from_bytes(&[number; 32]);
            (NodeKey(signing.verifying_key().to_bytes()), signing)
        };
        let mut envelopes: Vec<Hash> = (0..3_u8).map(|number| Hash::of(&[number])).collect();
        envelopes.sort_unstable();
        Self {
            keys: (1..=KEYS).map(key).collect(),
            units: UNITS.iter().map(|path| UnitId::parse(path).expect("a unit path")).collect(),
            envelopes,
        }
    }

    pub(crate) fn city(&self) -> UnitId {
        self.units[0].clone()
    }

    pub(crate) fn key(&self, number: usize) -> NodeKey {
        self.keys[number].0
    }

    pub(crate) fn keys(&self) -> impl Iterator<Item = NodeKey> {
        self.keys.iter().map(|(key, _)| *key)
    }

    /// What people call a key here.
    pub(crate) fn name(&self, key: &NodeKey) -> String {
        let number = self.keys.iter().position(|(known, _)| known == key);
        number.map_or_else(|| key.short(), |number| format!("k{number}"))
    }

    pub(crate) fn seal<T: Record>(&self, value: T) -> Verified<T> {
        let signer = value.signer();
        let held = self.keys.iter().find(|(key, _)| *key == signer);
        Verified::seal(value, &held.expect("a key of this universe").1)
    }

    /// A network of one to three root keys, of which one or two act together.
    pub(crate) fn genesis(&self, rng: &mut ChaCha8Rng) -> Genesis {
        let (roots, threshold) = self.roots(rng, 3);
        Genesis { unit: self.city(), name: String::new(), roots, threshold, at_ms: 0 }
    }

    /// Root keys out of the first so many, ascending, and how many of them act together.
    pub(crate) fn roots(&self, rng: &mut ChaCha8Rng, among: usize) -> (Vec<NodeKey>, u8) {
        let wanted = rng.random_range(1..=3);
        let mut roots: Vec<NodeKey> =
            (0..wanted).map(|_| self.key(rng.random_range(0..among))).collect();
        roots.sort_unstable();
        roots.dedup();
        let threshold = if roots.len() > 1 { rng.random_range(1..=2) } else { 1 };
        (roots, threshold)
    }

    pub(crate) fn any_key(&self, rng: &mut ChaCha8Rng) -> NodeKey {
        self.key(rng.random_range(0..self.keys.len()))
    }

    pub(crate) fn any_unit(&self, rng: &mut ChaCha8Rng) -> UnitId {
        self.units.choose(rng).expect("there are units").clone()
    }

    /// A unit inside another, if it has any.
    pub(crate) fn unit_below(&self, rng: &mut ChaCha8Rng, above: &UnitId) -> Option<UnitId> {
        let below = |unit: &&UnitId| above.contains(unit) && *unit != above;
        let inside: Vec<&UnitId> = self.units.iter().filter(below).collect();
        inside.choose(rng).map(|unit| (*unit).clone())
    }
}

pub(crate) fn any_class(rng: &mut ChaCha8Rng) -> Class {
    *CLASSES.choose(rng).expect("there are classes")
}

pub(crate) fn any_time(rng: &mut ChaCha8Rng) -> u64 {
    rng.random_range(0..=TIMES)
}

/// Mostly every class.
pub(crate) fn any_classes(rng: &mut ChaCha8Rng) -> ClassSet {
    match rng.random_range(0..10) {
        0 => ClassSet::of(&[Class::Roster]),
        1 => ClassSet::of(&[Class::Roster, Class::Duty]),
        2 => ClassSet::of(&[Class::Duty, Class::Report]),
        3 if rng.random_bool(0.2) => ClassSet::default(),
        _ => ClassSet::ALL,
    }
}
