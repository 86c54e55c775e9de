//! Vectors of single encoded values: what decodes, is well made and is signed as it should be.

mod bytes;
mod envelopes;
mod genesis;
mod keyrings;
mod limits;
mod made;
mod names;
mod signatures;
mod statements;

pub(crate) use envelopes::letter_content;
pub(crate) use keyrings::{
    Grants, erasures_content, grants_content, grants_hash, person_commitment,
};
use serde_json::Value;

use crate::cbor::{Cbor, list};
use crate::keys::Holder;
use crate::signed::{Signed, Stated, Statement};
use crate::vector::encoding;

pub(crate) const MALFORMED: &str = "malformed";
pub(crate) const BAD_SIGNATURE: &str = "bad-signature";

pub(crate) fn vectors() -> Vec<Value> {
    [
        genesis::vectors(),
        statements::vectors(),
        made::vectors(),
        names::vectors(),
        bytes::vectors(),
        limits::vectors(),
        signatures::vectors(),
        envelopes::vectors(),
        keyrings::vectors(),
    ]
    .concat()
}

/// A kind of statement, its record's name, a payload and who signs it.
#[derive(Clone, Debug)]
pub(crate) struct Draft {
    pub(crate) kind: u64,
    pub(crate) name: &'static str,
    pub(crate) cbor: Cbor,
    pub(crate) by: Holder,
}

impl Draft {
    pub(crate) fn of<R: Stated>(record: &R, by: Holder) -> Self {
        Self { kind: R::KIND, name: R::NAME, cbor: record.cbor(), by }
    }

    pub(crate) fn but(&self, cbor: Cbor) -> Self {
        Self { cbor, ..self.clone() }
    }

    pub(crate) fn signed(&self) -> Signed {
        Signed::raw(self.name, &self.cbor.bytes(), self.by)
    }

    pub(crate) fn stated(&self) -> Statement {
        Statement::new(self.kind, &self.signed())
    }

    pub(crate) fn taken(&self, name: &str) -> Value {
        let statement = self.stated();
        encoding(name, "statement", Ok(statement.id), &statement.bytes())
    }

    pub(crate) fn refused(&self, name: &str, code: &str) -> Value {
        encoding(name, "statement", Err(code), &self.stated().bytes())
    }
}

/// A record that is taken.
pub(crate) fn taken<R: Stated>(name: &str, record: &R, by: Holder) -> Value {
    Draft::of(record, by).taken(name)
}

/// A record that is signed as it should be and not well made.
pub(crate) fn ill<R: Stated>(name: &str, record: &R, by: Holder) -> Value {
    Draft::of(record, by).refused(name, MALFORMED)
}

/// A statement of a signed record made by hand, which is refused.
pub(crate) fn broken(name: &str, code: &str, kind: u64, signed: Cbor) -> Value {
    encoding(name, "statement", Err(code), &list![kind, signed].bytes())
}
