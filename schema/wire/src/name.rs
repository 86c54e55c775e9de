//! Names that are made of what they name: of events and of things (sections 10.2, 10.3). The CBOR
//! says where each part ends, so that no two of them share a name.

use crate::codec::{Encoder, encoded};
use crate::id::{Hash, NodeKey};

/// The id of the event with this value at a key of this kind and entity, by its author.
pub fn event_id(author: &NodeKey, kind: &str, entity: &str, value: &[u8]) -> [u8; 16] {
    let mut e = Encoder::new(Vec::with_capacity(value.len() + 160));
    encoded(e.array(3));
    encoded(e.str(kind));
    encoded(e.str(entity));
    encoded(e.bytes(value));
    sixteen(Hash::of(&[b"gongzhi/event/3", &author.0, e.writer()]))
}

/// The name of a thing that two nodes may begin apart, so that both meet. Never a person's.
pub fn made_name(kind: &str, parts: &[&str]) -> String {
    let mut e = Encoder::new(Vec::new());
    encoded(e.array(2));
    encoded(e.str(kind));
    encoded(e.array(parts.len() as u64));
    for part in parts {
        encoded(e.str(part));
    }
    let name = sixteen(Hash::of(&[b"gongzhi/name/3", e.writer()]));
    format!("n{}", hex::encode(name))
}

fn sixteen(hash: Hash) -> [u8; 16] {
    hash.0.as_chunks().0[0]
}
