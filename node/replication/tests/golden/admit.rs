//! Vectors of kind `admit`: items that come one after the other to a node.

use std::collections::BTreeSet;

use node_replication::log::Offered;
use schema_wire::{Item, SigningKey, Wire};
use serde_json::Value;

use crate::node::Node;
use crate::scene::{genesis, pins, scope, statements};
use crate::vectors::{array, bytes, list, of_kind, text};

/// The key of a speaker of the vectors: their secrets are one byte repeated.
fn secret(public: [u8; 32]) -> SigningKey {
    let mut all = (1..=u8::MAX).map(|byte| SigningKey::from_bytes(&[byte; 32]));
    all.find(|key| key.verifying_key().to_bytes() == public).expect("a speaker")
}

fn outcomes(vector: &Value) -> Vec<String> {
    let mut node = Node::new(genesis(), pins(vector), secret(array(&vector["node"])));
    node.learn(&statements(vector));
    let mut waiting = BTreeSet::new();
    let mut outcomes = Vec::new();
    for one in list(&vector["steps"]) {
        let bytes = bytes(&one["bytes"]);
        let offered = node.offer(&scope(&one["scope"]), &bytes, &waiting);
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
            Offered::Later | Offered::PassedOver => "too much".into(),
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
