//! Vectors of kind `admit`: items that come one after the other to a node.

use std::collections::BTreeSet;
use std::sync::Arc;

use node_replication::log::{Log, Offered, Origin, Step};
use node_replication::store::MemStore;
use schema_wire::{Ed25519, Item, NodeKey, Wire};
use serde_json::Value;

use crate::scene::{genesis, pins, scope, statements};
use crate::vectors::{array, bytes, list, of_kind, text};

fn outcomes(vector: &Value) -> Vec<String> {
    let mut store = MemStore::default();
    let key = NodeKey(array(&vector["node"]));
    let mut log = Log::open(&genesis(), pins(vector), key, Arc::new(Ed25519), &store);
    let log = log.as_mut().expect("an empty store");
    let mut learn = || {
        let mut step = Step::new(&store);
        let known: Vec<Offered> = statements(vector)
            .into_iter()
            .map(|one| log.learn(&mut step, one, Origin::default()).expect("in memory"))
            .collect();
        store.apply(&step.finish().0);
        known.contains(&Offered::Taken)
    };
    while learn() {}
    let mut waiting = BTreeSet::new();
    let mut outcomes = Vec::new();
    for one in list(&vector["steps"]) {
        let (scope, bytes) = (scope(&one["scope"]), bytes(&one["bytes"]));
        let mut step = Step::new(&store);
        let offered = log.offer(&mut step, &scope, &bytes, Origin::default(), &waiting);
        let offered = offered.expect("in memory");
        log.settle(&mut step).expect("in memory");
        store.apply(&step.finish().0);
        if let Ok(item) = Item::from_bytes(&bytes) {
            match offered {
                Offered::Waits(_) => waiting.insert(item.id()),
                _ => waiting.remove(&item.id()),
            };
        }
        outcomes.push(match offered {
            Offered::Taken => "accepted".into(),
            Offered::Duplicate => "duplicate".into(),
            Offered::Waits(_) => "waits".into(),
            Offered::Refused(rejection) => rejection.code().into(),
        });
    }
    outcomes
}

#[test]
fn items_are_admitted_as_the_vectors_say() {
    let mut wrong = Vec::new();
    for vector in of_kind("admit") {
        let said: Vec<&str> = list(&vector["steps"]).map(|one| text(&one["outcome"])).collect();
        let found = outcomes(vector);
        if found != said {
            wrong.push(format!("{}: {said:?}, found {found:?}", vector["name"]));
        }
    }
    assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n"));
}
