//! Items of a made-up kind: what a session moves, without what it never looks at.

use schema_wire::{Hash, NodeKey, Reads, Scope, Wire};

/// What an item says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Says {
    /// Part of a document.
    Envelope,
    /// A statement that nothing depends on but what names it.
    Statement,
    /// A charter: a statement that waits, until what it rests on names it.
    Charter,
    /// An adoption: a statement that lies in the scope of documents.
    Adoption,
    /// This node is a member no more.
    Ends(NodeKey),
    /// This node of the scope's unit may read this.
    Grants(NodeKey, Reads),
}

/// An item.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct TestItem {
    pub(crate) scope: Scope,
    pub(crate) says: Says,
    /// What it rests on, and where that lies.
    pub(crate) rests_on: Vec<(Scope, Hash)>,
    pub(crate) number: u64,
    /// So many bytes more.
    pub(crate) padding: usize,
}

impl TestItem {
    pub(crate) fn new(scope: &Scope, says: Says, number: u64) -> Self {
        Self { scope: scope.clone(), says, rests_on: Vec::new(), number, padding: 100 }
    }

    pub(crate) fn is_statement(&self) -> bool {
        self.says != Says::Envelope
    }

    pub(crate) fn id(&self) -> Hash {
        Hash::of(&[&self.to_bytes()])
    }

    pub(crate) fn to_bytes(&self) -> Vec<u8> {
        let (kind, key, reads) = match self.says {
            Says::Envelope => (0, [0; 32], 0),
            Says::Statement => (1, [0; 32], 0),
            Says::Adoption => (2, [0; 32], 0),
            Says::Ends(key) => (3, key.0, 0),
            Says::Grants(key, reads) => (4, key.0, reads.number()),
            Says::Charter => (5, [0; 32], 0),
        };
        let mut bytes = vec![kind, reads];
        bytes.extend(key);
        bytes.extend(self.number.to_be_bytes());
        write_scope(&mut bytes, &self.scope);
        bytes.push(u8::try_from(self.rests_on.len()).expect("few"));
        for (scope, id) in &self.rests_on {
            write_scope(&mut bytes, scope);
            bytes.extend(id.0);
        }
        bytes.resize(bytes.len() + self.padding, 7);
        bytes
    }

    pub(crate) fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let mut rest = bytes;
        let [kind, reads] = take::<2>(&mut rest)?;
        let key = NodeKey(take(&mut rest)?);
        let number = u64::from_be_bytes(take(&mut rest)?);
        let scope = read_scope(&mut rest)?;
        let [count] = take(&mut rest)?;
        let mut rests_on = Vec::new();
        for _ in 0..count {
            rests_on.push((read_scope(&mut rest)?, Hash(take(&mut rest)?)));
        }
        let says = match kind {
            0 => Says::Envelope,
            1 => Says::Statement,
            2 => Says::Adoption,
            3 => Says::Ends(key),
            4 => Says::Grants(key, Reads::new(reads).ok()?),
            5 => Says::Charter,
            _ => return None,
        };
        let item = Self { scope, says, rests_on, number, padding: rest.len() };
        (item.to_bytes() == bytes).then_some(item)
    }
}

fn write_scope(bytes: &mut Vec<u8>, scope: &Scope) {
    let scope = scope.to_bytes();
    bytes.push(u8::try_from(scope.len()).expect("short"));
    bytes.extend(scope);
}

fn read_scope(bytes: &mut &[u8]) -> Option<Scope> {
    let [length] = take(bytes)?;
    let (scope, rest) = bytes.split_at_checked(usize::from(length))?;
    *bytes = rest;
    Scope::from_bytes(scope).ok()
}

fn take<const N: usize>(bytes: &mut &[u8]) -> Option<[u8; N]> {
    let (taken, rest) = bytes.split_first_chunk()?;
    *bytes = rest;
    Some(*taken)
}
