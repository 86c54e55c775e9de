//! Keys of the store's tables, and how values are cut into fields.
//!
//! A document's key begins with its owner, so that the documents of a unit, and those of all
//! units below it, lie together.

use schema_wire::{Author, Band, DocumentId, Hash, Holds, Incarnation, NodeKey, Scope, UnitId};

use crate::store::ReadError;

/// The store holds bytes that were never written there.
pub(crate) fn corrupt(what: &str) -> ReadError {
    ReadError(format!("the store holds a malformed {what}"))
}

/// Ends a text in a key. Units and shards hold no byte below it.
const END: u8 = 0;

pub(crate) fn scope_key(scope: &Scope) -> Vec<u8> {
    let mut key = scope.unit().as_str().as_bytes().to_vec();
    key.push(END);
    let (compartment, other) = match scope.holds() {
        Holds::Statements => (0, None),
        Holds::Public => (1, None),
        Holds::Path => (2, None),
        Holds::Pair(other) => (3, Some(other)),
        Holds::Band(band) => (4 + band.number(), None),
    };
    key.push(compartment);
    if let Some(other) = other {
        key.extend_from_slice(other.as_str().as_bytes());
        key.push(END);
    }
    key
}

/// Reads a scope's key off a longer one.
pub(crate) fn scope_from_key(fields: &mut Fields<'_>) -> Option<Scope> {
    let (unit, rest) = until_end(fields.0)?;
    let unit = UnitId::parse(unit).ok()?;
    let (compartment, rest) = rest.split_first()?;
    fields.0 = rest;
    Some(match compartment {
        0 => Scope::statements(unit),
        1 => Scope::public(unit),
        2 => Scope::path(unit),
        3 => {
            let (other, rest) = until_end(fields.0)?;
            fields.0 = rest;
            Scope::pair(&unit, &UnitId::parse(other).ok()?).ok()?
        }
        number => Scope::band(unit, *Band::ALL.get(usize::from(number.checked_sub(4)?))?),
    })
}

/// What the keys of a unit's documents begin with.
pub(crate) fn owner_key(unit: &UnitId) -> Vec<u8> {
    let mut key = unit.as_str().as_bytes().to_vec();
    key.push(END);
    key
}

pub(crate) fn document_key(document: &DocumentId) -> Vec<u8> {
    let mut key = owner_key(document.owner());
    key.push(document.class().number());
    key.extend_from_slice(document.shard().as_bytes());
    key.push(END);
    key
}

pub(crate) fn document_from_key(key: &[u8]) -> Option<DocumentId> {
    let (owner, rest) = until_end(key)?;
    let (class, rest) = rest.split_first()?;
    let (shard, []) = until_end(rest)? else {
        return None;
    };
    let class = schema_wire::Class::new(*class).ok()?;
    DocumentId::new(UnitId::parse(owner).ok()?, class, shard).ok()
}

fn until_end(key: &[u8]) -> Option<(&str, &[u8])> {
    let end = key.iter().position(|byte| *byte == END)?;
    let (text, rest) = (key.get(..end)?, key.get(end + 1..)?);
    Some((std::str::from_utf8(text).ok()?, rest))
}

pub(crate) fn log_key(document_key: &[u8], author: &Author) -> Vec<u8> {
    [document_key, &author.key.0, &author.incarnation.0].concat()
}

pub(crate) fn with_number(prefix: &[u8], number: u64) -> Vec<u8> {
    [prefix, &number.to_be_bytes()].concat()
}

pub(crate) fn with_hash(prefix: &[u8], hash: &Hash) -> Vec<u8> {
    [prefix, &hash.0].concat()
}

/// The key after every key that begins with `prefix`.
pub(crate) fn after(prefix: &[u8]) -> Vec<u8> {
    let mut end = prefix.to_vec();
    while let Some(last) = end.pop() {
        if last < u8::MAX {
            end.push(last + 1);
            return end;
        }
    }
    // Only a prefix of greatest bytes alone has no end; no key of ours begins so.
    vec![u8::MAX; 64]
}

/// Reads fixed fields off a value, front to back.
#[derive(Debug)]
pub(crate) struct Fields<'a>(pub(crate) &'a [u8]);

impl Fields<'_> {
    pub(crate) fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (taken, rest) = self.0.split_first_chunk()?;
        self.0 = rest;
        Some(*taken)
    }
    pub(crate) fn number(&mut self) -> Option<u64> {
        self.array().map(u64::from_be_bytes)
    }
    pub(crate) fn byte(&mut self) -> Option<u8> {
        self.array().map(|[byte]| byte)
    }
    pub(crate) fn hash(&mut self) -> Option<Hash> {
        self.array().map(Hash)
    }
    pub(crate) fn author(&mut self) -> Option<Author> {
        Some(Author { key: NodeKey(self.array()?), incarnation: Incarnation(self.array()?) })
    }
    /// What is left, as hashes.
    pub(crate) fn hashes(&mut self) -> Option<Vec<Hash>> {
        let mut hashes = Vec::new();
        while !self.0.is_empty() {
            hashes.push(self.hash()?);
        }
        Some(hashes)
    }
}

#[cfg(test)]
mod tests {
    use schema_wire::Class;

    use super::*;

    #[test]
    fn a_documents_key_names_it_and_lies_with_its_owners() {
        let unit = UnitId::parse("220800/220802").expect("a unit");
        for class in 0..=Class::LAST.number() {
            let class = Class::new(class).expect("a class");
            let document = DocumentId::new(unit.clone(), class, "220800").expect("a document");
            let key = document_key(&document);
            assert_eq!(document_from_key(&key), Some(document));
            let owner = owner_key(&unit);
            assert!(owner < key && key < after(&owner));
        }
    }
}
