//! What a vector says of a node: whom it follows, and which statements it knows.

use node_authority::{Authority, Outcome, Pin, Pins};
use schema_wire::{
    Band, Ed25519, Genesis, Hash, Scope, Statement, UnitId, VerifiedStatement, Wire,
};
use serde_json::Value;

use crate::vectors::{array, bytes, file, list, number, text};

pub(crate) fn genesis() -> Genesis {
    Genesis::from_bytes(&bytes(&file()["genesis"])).expect("a genesis")
}

pub(crate) fn pins(vector: &Value) -> Pins {
    let hash = |value: &Value| Hash(array(value));
    let pairs = |value: &Value| -> Vec<(String, Hash)> {
        let pairs = value.as_object().expect("an object").iter();
        pairs.map(|(name, value)| (name.clone(), hash(value))).collect()
    };
    let (own, said) = (&vector["own"], &vector["pins"]);
    let mut pins = Pins::of(unit(&own["unit"]), hash(&own["lineage"]))
        .with_former(list(&said["former"]).map(hash));
    for (after, successor) in pairs(&said["generations"]) {
        let after = after.parse().expect("an id");
        pins.set(Pin::Generation { after, successor: Some(successor) });
    }
    for (unit, lineage) in pairs(&said["units"]) {
        let unit = UnitId::parse(&unit).expect("a unit");
        pins.set(Pin::Unit { unit, lineage: Some(lineage) });
    }
    pins
}

/// The statements whose signatures hold.
pub(crate) fn statements(vector: &Value) -> Vec<VerifiedStatement> {
    let read = |value: &Value| Statement::from_bytes(&bytes(value)).ok();
    let all = list(&vector["statements"]).filter_map(read);
    all.filter_map(|statement| statement.verify_with(&Ed25519).ok()).collect()
}

/// What the node knows: some statements may be kept by others that come later in the list.
pub(crate) fn authority(vector: &Value) -> Authority {
    let mut authority = Authority::new(&genesis(), pins(vector));
    let statements = statements(vector);
    let mut insert = || -> usize {
        let outcomes = statements.iter().map(|statement| authority.insert(statement));
        outcomes.filter(|outcome| matches!(outcome, Outcome::Kept(_))).count()
    };
    while insert() > 0 {}
    authority
}

pub(crate) fn unit(value: &Value) -> UnitId {
    UnitId::parse(text(value)).expect("a unit")
}

pub(crate) fn scope(value: &Value) -> Scope {
    let own = unit(&value[0]);
    match number(&value[1]) {
        0 => Scope::statements(own),
        1 => Scope::public(own),
        2 => Scope::path(own),
        3 => Scope::pair(&own, &unit(&value[2])).expect("two units"),
        band => Scope::band(own, Band::ALL[band as usize - 4]),
    }
}
