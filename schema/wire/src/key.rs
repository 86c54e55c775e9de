//! What envelopes carry besides changes: keys, their erasures, and acknowledgements (section 7).

use std::fmt;

use crate::codec::{Decoder, Encoder, Malformed, Wire, array, encoded, record};
use crate::id::{Hash, Incarnation, NodeKey};
use crate::limits::{ACKNOWLEDGEMENTS_MAX, KEYS_MAX};
use crate::sized::{Ascending, List};

/// The keys of one envelope.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Keys(List<SubjectKey, 1, KEYS_MAX>);
/// The erasures of one envelope.
pub type Erasures = Ascending<Erasure, 1, KEYS_MAX>;
/// The acknowledgements of one envelope.
pub type Acknowledgements = Ascending<Acknowledgement, 1, ACKNOWLEDGEMENTS_MAX>;

/// What is left of a key when it is gone: SHA-256("gongzhi/person-key/3" ‖ subject ‖ key).
pub fn key_commitment(subject: &[u8; 16], key: &[u8; 32]) -> Hash {
    Hash::of(&[b"gongzhi/person-key/3", subject, key])
}

/// One key of a person or case, or the place where it was before it was destroyed.
#[derive(Clone, PartialEq, Eq)]
pub struct SubjectKey {
    subject: [u8; 16],
    commitment: Hash,
    key: Option<[u8; 32]>,
}

impl SubjectKey {
    /// Tells a key.
    pub fn new(subject: [u8; 16], key: [u8; 32]) -> Self {
        Self { subject, commitment: key_commitment(&subject, &key), key: Some(key) }
    }

    /// Whose it is.
    pub fn subject(&self) -> &[u8; 16] {
        &self.subject
    }

    /// What is left of it when it is gone.
    pub fn commitment(&self) -> Hash {
        self.commitment
    }

    /// The key, unless it was destroyed or withheld.
    pub fn key(&self) -> Option<&[u8; 32]> {
        self.key.as_ref()
    }

    /// The same place without the key.
    #[must_use]
    pub fn without_key(&self) -> Self {
        Self { key: None, ..self.clone() }
    }
}

impl fmt::Debug for SubjectKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SubjectKey").field("commitment", &self.commitment).finish_non_exhaustive()
    }
}

impl Wire for SubjectKey {
    fn encode(&self, e: &mut Encoder) {
        encoded(e.array(3));
        self.subject.encode(e);
        self.commitment.encode(e);
        self.key.encode(e);
    }
    fn decode(d: &mut Decoder<'_>) -> Result<Self, Malformed> {
        array(d, 3)?;
        let subject = Wire::decode(d)?;
        Ok(Self { subject, commitment: Wire::decode(d)?, key: Wire::decode(d)? })
    }
}

impl Keys {
    /// Takes keys, in any order.
    ///
    /// # Errors
    /// If there is none or too many, or one is told twice.
    pub fn new(mut keys: Vec<SubjectKey>) -> Result<Self, Malformed> {
        keys.sort_unstable_by_key(|key| (key.subject, key.commitment));
        Self::ascending(List::new(keys)?)
    }

    fn ascending(keys: List<SubjectKey, 1, KEYS_MAX>) -> Result<Self, Malformed> {
        let name = |key: &SubjectKey| (key.subject, key.commitment);
        if keys.is_sorted_by(|a, b| name(a) < name(b)) {
            Ok(Self(keys))
        } else {
            Err(Malformed::value("keys do not ascend"))
        }
    }

    /// The keys.
    pub fn iter(&self) -> impl Iterator<Item = &SubjectKey> {
        self.0.iter()
    }

    /// Is every key that is there the one that was committed to? Another is a fault of the copy,
    /// and not of the envelope.
    pub fn match_commitments(&self) -> bool {
        let matches = |SubjectKey { subject, commitment, key }: &SubjectKey| {
            key.is_none_or(|key| key_commitment(subject, &key) == *commitment)
        };
        self.0.iter().all(matches)
    }

    /// The same places, with null for the keys that `gone` names.
    #[must_use]
    pub fn without(&self, gone: impl Fn(&SubjectKey) -> bool) -> Self {
        let left = |key: &SubjectKey| if gone(key) { key.without_key() } else { key.clone() };
        let keys = List::new(self.0.iter().map(left).collect());
        Self(keys.unwrap_or_else(|_| unreachable!("as many keys as before")))
    }

    /// What a header signs: each subject and commitment, so that a key can be destroyed at every
    /// node while the envelope stays valid.
    pub fn payload_hash(&self) -> Hash {
        let parts = self.0.iter().flat_map(|key| [key.subject.as_slice(), &key.commitment.0]);
        Hash::of(&parts.collect::<Vec<_>>())
    }
}

impl Wire for Keys {
    fn encode(&self, e: &mut Encoder) {
        self.0.encode(e);
    }
    fn decode(d: &mut Decoder<'_>) -> Result<Self, Malformed> {
        Self::ascending(List::decode(d)?)
    }
}

record! {
    /// A key that is to be destroyed at every node.
    #[derive(Copy, PartialOrd, Ord)]
    pub struct Erasure {
        /// Whose it is.
        pub subject: [u8; 16],
        /// Which of its keys.
        pub commitment: Hash,
    }
}

/// How far the addressee has come with a log of letters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Receipt {
    /// It holds every letter up to this one.
    Held,
    /// It opened every letter up to this one.
    Opened,
    /// It cannot read this one.
    Unreadable,
}

impl Wire for Receipt {
    fn encode(&self, e: &mut Encoder) {
        encoded(e.u8(*self as u8));
    }
    fn decode(d: &mut Decoder<'_>) -> Result<Self, Malformed> {
        match d.u8()? {
            0 => Ok(Self::Held),
            1 => Ok(Self::Opened),
            2 => Ok(Self::Unreadable),
            other => Err(Malformed::Value(format!("{other} is no state of a letter"))),
        }
    }
}

record! {
    /// Tells of one log of the opposite document how far it was read.
    #[derive(Copy, PartialOrd, Ord)]
    pub struct Acknowledgement {
        /// Whose log.
        pub author: NodeKey,
        /// In which life.
        pub incarnation: Incarnation,
        /// Up to which letter, or which one.
        pub seq: u64,
        /// How far.
        pub state: Receipt,
    }
}
