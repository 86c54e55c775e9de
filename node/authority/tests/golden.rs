//! The golden vectors of chains, writes and readers (`schema/golden`), judged by this crate.

use node_authority::{Authority, Position, may_read};
use schema_wire::{Audience, Genesis, Item, Scope, Statement, UnitId, Wire};
use serde_json::Value;

const PATH: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../schema/golden/vectors.json");

fn bytes(value: &Value) -> Vec<u8> {
    hex::decode(value.as_str().expect("a text")).expect("bytes in hex")
}

fn unit(value: &Value) -> UnitId {
    UnitId::parse(value.as_str().expect("a text")).expect("a unit")
}

fn statements(list: &Value) -> Vec<Statement> {
    let list = list.as_array().into_iter().flatten();
    list.map(|text| Statement::from_bytes(&bytes(text)).expect("a statement")).collect()
}

/// The authority made of some statements; none if a signature is bad.
fn authority(genesis: &Genesis, statements: Vec<Statement>) -> Option<Authority> {
    let mut authority = Authority::new(genesis.clone());
    for statement in statements {
        match statement {
            Statement::Delegation(signed) => authority.insert_delegation(signed.verify().ok()?),
            Statement::Revocation(signed) => authority.insert_revocation(signed.verify().ok()?),
        }
    }
    Some(authority)
}

fn chain_holds(genesis: &Genesis, vector: &Value) -> bool {
    let links = statements(&vector["chain"]);
    let Some(leaf) = links.first().map(Statement::id) else {
        return false;
    };
    if links.iter().any(|link| matches!(link, Statement::Revocation(_))) {
        return false;
    }
    let at_ms = vector["at_ms"].as_u64().expect("a time");
    authority(genesis, links).is_some_and(|authority| {
        authority.chain(&leaf).is_ok_and(|chain| chain.valid_at(at_ms).is_ok())
    })
}

fn write_permitted(genesis: &Genesis, vector: &Value) -> bool {
    let known = [statements(&vector["chain"]), statements(&vector["revocations"])].concat();
    let Ok(Item::Envelope(envelope)) = Item::from_bytes(&bytes(&vector["bytes"])) else {
        return false;
    };
    let header = envelope.header.claims();
    let position = Position {
        document: &header.document,
        author: header.author,
        seq: header.seq,
        at_ms: header.at_ms,
    };
    authority(genesis, known)
        .is_some_and(|authority| authority.permits_write(&header.delegation, position).is_ok())
}

fn readable(vector: &Value) -> bool {
    let audience = Audience::ALL.into_iter().find(|audience| vector["audience"] == audience.name());
    let audience = audience.expect("an audience");
    may_read(&unit(&vector["reader"]), &Scope { unit: unit(&vector["unit"]), audience })
}

#[test]
fn the_golden_vectors_are_judged_as_they_say() {
    let text = std::fs::read_to_string(PATH).expect("the golden file is there");
    let file: Value = serde_json::from_str(&text).expect("the golden file is JSON");
    let genesis = Genesis::from_bytes(&bytes(&file["genesis"])).expect("a genesis");
    let mut n_judged = 0;
    for vector in file["vectors"].as_array().expect("a list of vectors") {
        let permitted = match vector["kind"].as_str() {
            Some("chain") => chain_holds(&genesis, vector),
            Some("write") => write_permitted(&genesis, vector),
            Some("read") => readable(vector),
            _ => continue,
        };
        assert_eq!(permitted, vector["refuse"].is_null(), "{}", vector["name"]);
        n_judged += 1;
    }
    assert!(n_judged >= 60, "only {n_judged} vectors were judged");
}
