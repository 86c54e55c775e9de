//! Signed records as they travel, and statements around them.

use crate::cbor::{Cbor, list};
use crate::keys::{Hash, Holder, sha256};

/// The one protected header.
pub(crate) const EDDSA: &[u8] = &[0xa1, 0x01, 0x27];

/// What can be signed.
pub(crate) trait Record {
    /// The record's name in its domain.
    const NAME: &str;
    fn cbor(&self) -> Cbor;
}

/// What can be signed and travels as a statement.
pub(crate) trait Stated: Record {
    const KIND: u64;
}

/// The domain of a record's name.
pub(crate) fn domain(name: &str) -> String {
    format!("gongzhi/{name}/3")
}

/// The bytes that are signed.
pub(crate) fn structure(protected: &[u8], domain: &str, payload: &[u8]) -> Vec<u8> {
    list!["Signature1", protected, domain.as_bytes(), payload].bytes()
}

/// A COSE_Sign1 of these parts.
pub(crate) fn cose(protected: &[u8], payload: &[u8], signature: &[u8]) -> Cbor {
    let parts = list![protected, Cbor::EmptyMap, payload, signature];
    Cbor::Tagged(18, Box::new(parts))
}

/// A record with its signature.
#[derive(Clone, Debug)]
pub(crate) struct Signed {
    pub(crate) id: Hash,
    pub(crate) cbor: Cbor,
}

impl Signed {
    pub(crate) fn of(record: &impl Record, by: Holder) -> Self {
        fn named<R: Record>(_: &R) -> &'static str {
            R::NAME
        }
        Self::raw(named(record), &record.cbor().bytes(), by)
    }

    /// A payload made by hand, signed as it should be.
    pub(crate) fn raw(name: &str, payload: &[u8], by: Holder) -> Self {
        let message = structure(EDDSA, &domain(name), payload);
        Self { id: sha256(&[&message]), cbor: cose(EDDSA, payload, &by.signs(&message)) }
    }
}

/// A statement: its kind, its id and its bytes.
#[derive(Clone, Debug)]
pub(crate) struct Statement {
    pub(crate) id: Hash,
    pub(crate) cbor: Cbor,
}

impl Statement {
    pub(crate) fn new(kind: u64, signed: &Signed) -> Self {
        Self { id: signed.id, cbor: list![kind, signed.cbor.clone()] }
    }

    pub(crate) fn bytes(&self) -> Vec<u8> {
        self.cbor.bytes()
    }

    pub(crate) fn hex(&self) -> String {
        hex::encode(self.bytes())
    }

    /// The statement as an item.
    pub(crate) fn item(&self) -> Vec<u8> {
        list![1, self.cbor.clone()].bytes()
    }
}

/// A record signed by a holder, as a statement.
pub(crate) fn state<R: Stated>(record: &R, by: Holder) -> Statement {
    Statement::new(R::KIND, &Signed::of(record, by))
}

/// The ids of some statements, ascending.
pub(crate) fn ids(of: &[&Statement]) -> Vec<Hash> {
    crate::keys::ascending(of.iter().map(|statement| statement.id))
}
