//! What two nodes share, as a hash.

use serde_json::{Value, json};

use crate::cbor::{Cbor, list};
use crate::keys::*;
use crate::vector::vector;
use crate::world::*;

/// What counts of a node for what it shares.
#[derive(Clone, Debug)]
pub(crate) struct Side {
    pub(crate) key: Key,
    pub(crate) unit: &'static str,
    pub(crate) lineage: Hash,
    pub(crate) inside: Option<u64>,
    pub(crate) outside: Option<u64>,
    pub(crate) interests: Vec<&'static str>,
}

/// The hash of a list of units.
pub(crate) fn interests_hash(units: &[&str]) -> Hash {
    sha256(&[&Cbor::each(units).bytes()])
}

impl Side {
    fn cbor(&self) -> Cbor {
        let interests = interests_hash(&self.interests);
        list![self.key, self.unit, self.lineage, self.inside, self.outside, interests]
    }

    fn json(&self) -> Value {
        json!({
            "key": hex::encode(self.key),
            "unit": self.unit,
            "lineage": hex::encode(self.lineage),
            "inside": self.inside,
            "outside": self.outside,
            "interests": self.interests,
        })
    }
}

/// The hash, whichever comes first.
pub(crate) fn shared_hash(level: u64, one: &Side, other: &Side) -> Hash {
    let (first, second) = if one.key < other.key { (one, other) } else { (other, one) };
    sha256(&[b"gongzhi/shared/3", &list![level, first.cbor(), second.cbor()].bytes()])
}

fn shared(name: &str, one: &Side, other: &Side) -> Value {
    let facts = json!({
        "level": 3,
        "sides": [one.json(), other.json()],
        "shared": hex::encode(shared_hash(3, one, other)),
    });
    vector(name, "shared", None, facts)
}

/// A node of the community, and one of the district.
pub(crate) fn sides() -> [Side; 2] {
    let tree = tree();
    let side = |holder: Holder, unit, lineage| Side {
        key: holder.key(),
        unit,
        lineage,
        inside: None,
        outside: Some(31),
        interests: vec![],
    };
    [side(NODE, COMMUNITY, tree.community.id), side(DISTRICT_NODE, DISTRICT, tree.district.id)]
}

pub(crate) fn vectors() -> Vec<Value> {
    let [node, district] = sides();
    let colleague = Side { key: COLLEAGUE.key(), inside: Some(7), ..node.clone() };
    let inside = Side { inside: Some(31), ..node.clone() };
    let curious = Side { interests: vec![SIBLING, "220800/220882"], ..node.clone() };
    let bare = Side { outside: Some(0), ..district.clone() };
    let unfounded = Side { outside: None, inside: Some(3), ..node.clone() };
    vec![
        shared("shared-of-two-units", &node, &district),
        shared("shared-in-another-order", &district, &node),
        shared("shared-of-one-unit", &inside, &colleague),
        shared("shared-with-interests", &curious, &district),
        shared("shared-with-no-bits", &node, &bare),
        shared("shared-of-a-unit-that-is-not-recognised", &unfounded, &colleague),
    ]
}
