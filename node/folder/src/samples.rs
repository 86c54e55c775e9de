//! A network and a unit for tests.

use schema_wire::{
    Ascending, Charter, Classes, Delegation, Genesis, Hash, Ms, NodeKey, Reads, Signed, SigningKey,
    Text, UnitId, Verbs, Verified,
};

pub(crate) fn unit() -> UnitId {
    UnitId::parse("220800/220802").expect("a unit")
}

pub(crate) fn genesis() -> Genesis {
    Genesis {
        unit: UnitId::parse("220800").expect("a unit"),
        name: Text::new("白城").expect("short"),
        roots: Ascending::of([NodeKey([7; 32])]).expect("one"),
        threshold: 1,
        next: Ascending::of([Hash([8; 32])]).expect("one"),
        next_threshold: 1,
        at: Ms::of(1),
    }
}

/// The charter of a unit, and its first node's delegation.
pub(crate) fn beginning(unit: &UnitId) -> (Signed<Charter>, Signed<Delegation>) {
    let key = SigningKey::from_bytes(&[5; 32]);
    let node = NodeKey(key.verifying_key().to_bytes());
    let network = genesis().network();
    let charter =
        Charter { network, unit: unit.clone(), key: node, next: Hash([6; 32]), at: Ms::of(2) };
    let charter = Verified::seal(charter, &key).expect("a charter");
    let delegation = Delegation {
        network,
        unit: unit.clone(),
        proof: charter.id(),
        issuer: node,
        subject: node,
        verbs: Verbs::GOVERN.with(Verbs::WRITE),
        reads: Reads::ALL,
        classes: Classes::all(),
        not_before: Ms::of(2),
        not_after: Ms::of(3),
        serial: 0,
    };
    let delegation = Verified::seal(delegation, &key).expect("a delegation");
    (charter.into_signed(), delegation.into_signed())
}
