//! The genesis and the records of the twelve statements, field by field as in the text.

use crate::cbor::{Cbor, list};
use crate::keys::{Hash, Incarnation, Key, sha256};
use crate::signed::{Record, Stated};

#[derive(Clone, Debug)]
pub(crate) struct Genesis {
    pub(crate) unit: String,
    pub(crate) name: String,
    pub(crate) roots: Vec<Key>,
    pub(crate) threshold: u64,
    pub(crate) next: Vec<Hash>,
    pub(crate) next_threshold: u64,
    pub(crate) at: u64,
}

impl Genesis {
    pub(crate) fn cbor(&self) -> Cbor {
        let (roots, next) = (Cbor::each(&self.roots), Cbor::each(&self.next));
        list![&self.unit, &self.name, roots, self.threshold, next, self.next_threshold, self.at]
    }

    pub(crate) fn network(&self) -> Hash {
        network_of(&self.cbor().bytes())
    }
}

/// The id of the network whose genesis has these bytes.
pub(crate) fn network_of(genesis: &[u8]) -> Hash {
    sha256(&[b"gongzhi/genesis/3", genesis])
}

/// A record: its fields in order, its name, its kind, and how each field is encoded.
macro_rules! record {
    ($record:ident $name:literal $kind:literal { $($field:ident: $type:ty => $cbor:expr),* $(,)? }) => {
        #[derive(Clone, Debug)]
        pub(crate) struct $record { $(pub(crate) $field: $type),* }

        impl Record for $record {
            const NAME: &str = $name;
            fn cbor(&self) -> Cbor {
                let Self { $($field),* } = self.clone();
                list![$($cbor),*]
            }
        }

        impl Stated for $record {
            const KIND: u64 = $kind;
        }
    };
}

record!(Charter "charter" 0 {
    network: Hash => network,
    unit: String => unit,
    key: Key => key,
    next: Hash => next,
    at: u64 => at,
});

record!(Rotation "rotation" 1 {
    network: Hash => network,
    unit: String => unit,
    previous: Hash => previous,
    reveal: Key => reveal,
    key: Key => key,
    next: Hash => next,
    keeps: Vec<Hash> => Cbor::each(&keeps),
    at: u64 => at,
});

record!(Succession "succession" 2 {
    network: Hash => network,
    previous: Hash => previous,
    reveal: Key => reveal,
    roots: Vec<Key> => Cbor::each(&roots),
    threshold: u64 => threshold,
    next: Vec<Hash> => Cbor::each(&next),
    next_threshold: u64 => next_threshold,
    keeps: Vec<Hash> => Cbor::each(&keeps),
    at: u64 => at,
});

record!(Delegation "delegation" 3 {
    network: Hash => network,
    unit: String => unit,
    proof: Hash => proof,
    issuer: Key => issuer,
    subject: Key => subject,
    verbs: u64 => verbs,
    reads: u64 => reads,
    classes: Vec<u8> => classes,
    not_before: u64 => not_before,
    not_after: u64 => not_after,
    serial: u64 => serial,
});

record!(Founding "founding" 4 {
    network: Hash => network,
    unit: String => unit,
    proof: Hash => proof,
    issuer: Key => issuer,
    below: String => below,
    lineage: Hash => lineage,
    not_before: u64 => not_before,
    not_after: u64 => not_after,
    serial: u64 => serial,
});

record!(Ending "ending" 5 {
    network: Hash => network,
    unit: String => unit,
    proof: Hash => proof,
    issuer: Key => issuer,
    ends: Hash => ends,
    ran_out: bool => ran_out,
    keeps: Vec<Hash> => Cbor::each(&keeps),
    at: u64 => at,
});

record!(Adoption "adoption" 6 {
    network: Hash => network,
    unit: String => unit,
    proof: Hash => proof,
    issuer: Key => issuer,
    scope: Scope => scope,
    marks: Vec<Mark> => Cbor::each(&marks),
    at: u64 => at,
});

record!(Suspension "suspension" 7 {
    network: Hash => network,
    unit: String => unit,
    proof: Hash => proof,
    issuer: Key => issuer,
    below: String => below,
    reason: String => reason,
    at: u64 => at,
});

record!(Dissolution "dissolution" 8 {
    network: Hash => network,
    unit: String => unit,
    proof: Hash => proof,
    issuer: Key => issuer,
    below: String => below,
    successors: Vec<String> => Cbor::each(&successors),
    at: u64 => at,
});

record!(Card "card" 9 {
    network: Hash => network,
    unit: String => unit,
    proof: Hash => proof,
    issuer: Key => issuer,
    serial: u64 => serial,
    name: String => name,
    kind: String => kind,
    letter_key: Key => letter_key,
    at: u64 => at,
});

record!(Address "address" 10 {
    network: Hash => network,
    unit: String => unit,
    proof: Hash => proof,
    issuer: Key => issuer,
    addresses: Vec<String> => Cbor::each(&addresses),
    at: u64 => at,
    until: u64 => until,
});

record!(Endorsement "endorsement" 11 {
    network: Hash => network,
    proof: Hash => proof,
    issuer: Key => issuer,
    endorses: Hash => endorses,
});

/// A document: owner, class and shard.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Document(pub(crate) String, pub(crate) u64, pub(crate) String);

impl From<Document> for Cbor {
    fn from(Document(owner, class, shard): Document) -> Self {
        list![owner, class, shard]
    }
}

/// A scope: a unit and a compartment, or the two units whose letters it holds.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Scope(pub(crate) String, pub(crate) u64, pub(crate) Option<String>);

impl Scope {
    pub(crate) fn of(unit: &str, compartment: u64) -> Self {
        Self(unit.into(), compartment, None)
    }

    /// What two units write to each other.
    pub(crate) fn letters(one: &str, other: &str) -> Self {
        Self(one.min(other).into(), 3, Some(one.max(other).into()))
    }
}

impl From<Scope> for Cbor {
    fn from(Scope(unit, compartment, other): Scope) -> Self {
        match other {
            Some(other) => list![unit, compartment, other],
            None => list![unit, compartment],
        }
    }
}

/// A place in a log, and the id of the envelope there.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Mark {
    pub(crate) document: Document,
    pub(crate) author: Key,
    pub(crate) incarnation: Incarnation,
    pub(crate) seq: u64,
    pub(crate) head: Hash,
}

impl From<Mark> for Cbor {
    fn from(mark: Mark) -> Self {
        list![mark.document, mark.author, mark.incarnation, mark.seq, mark.head]
    }
}
