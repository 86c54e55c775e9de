//! The golden vectors of chains, writes, suspensions and readers (`schema/golden-2`), judged by this crate.

use node_authority::{Authority, Position, may_read};
use schema_wire::{Audience, Ed25519, Genesis, Item, Scope, Statement, UnitId, Wire};
use serde_json::Value;

const PATH: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../schema/golden-2/vectors.json");

fn bytes(value: &Value) -> Vec<u8> {
    hex::decode(value.as_str().expect("a text")).expect("bytes in hex")
}

fn unit(value: &Value) -> UnitId {
    UnitId::parse(value.as_str().expect("a text")).expect("a unit")
}

fn genesis(value: &Value) -> Genesis {
    Genesis::from_bytes(&bytes(value)).expect("a genesis")
}

fn statements(list: &Value) -> Vec<Statement> {
    let list = list.as_array().into_iter().flatten();
    list.map(|text| Statement::from_bytes(&bytes(text)).expect("a statement")).collect()
}

/// The authority made of those statements that are kept, in whatever order that takes; none if a
/// signature is bad.
fn authority(genesis: &Genesis, statements: &[Statement]) -> Option<Authority> {
    let mut authority = Authority::new(genesis.clone());
    let mut waiting = statements.to_vec();
    loop {
        let (ready, rest): (Vec<_>, Vec<_>) =
            waiting.into_iter().partition(|statement| authority.admissible(statement).is_ok());
        if ready.is_empty() {
            let forged = |statement: &Statement| !verified(statement.clone());
            return (!rest.iter().any(forged)).then_some(authority);
        }
        for statement in ready {
            authority.insert(statement.verify_with(&Ed25519).ok()?);
        }
        waiting = rest;
    }
}

fn verified(statement: Statement) -> bool {
    statement.verify_with(&Ed25519).is_ok()
}

fn chain_holds(genesis: &Genesis, vector: &Value) -> bool {
    let chain = statements(&vector["chain"]);
    let at_ms = vector["at_ms"].as_u64().expect("a time");
    let (Some(leaf), Some(known)) = (chain.first(), authority(genesis, &chain)) else {
        return false;
    };
    chain.iter().all(|statement| known.holds(&statement.id()))
        && known.in_force_at(&leaf.id(), at_ms).is_ok()
}

fn write_counts(genesis: &Genesis, vector: &Value) -> bool {
    let Ok(Item::Envelope(envelope)) = Item::from_bytes(&bytes(&vector["bytes"])) else {
        return false;
    };
    let Some(known) = authority(genesis, &statements(&vector["statements"])) else {
        return false;
    };
    let header = envelope.header.claims();
    let position = Position {
        document: &header.document,
        author: header.author,
        seq: header.seq,
        at_ms: header.at_ms,
    };
    known.may_carry(&header.delegation, position).is_ok()
        && (known.permits_write(&header.delegation, position).is_ok()
            || known.adopted(&envelope.header.id(), &header.document.owner))
}

fn reports_count(genesis: &Genesis, vector: &Value) -> bool {
    let known = authority(genesis, &statements(&vector["statements"]));
    known.is_some_and(|known| known.suspended(&unit(&vector["unit"])).is_none())
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
    let network = genesis(&file["genesis"]);
    let mut wrong = Vec::new();
    let mut n_judged = 0;
    for vector in file["vectors"].as_array().expect("a list of vectors") {
        let own = vector.get("genesis").map(genesis);
        let of = own.as_ref().unwrap_or(&network);
        let accepted = match vector["kind"].as_str() {
            Some("chain") => chain_holds(of, vector),
            Some("write") => write_counts(of, vector),
            Some("suspended") => reports_count(of, vector),
            Some("read") => readable(vector),
            _ => continue,
        };
        if accepted != vector["refuse"].is_null() {
            wrong.push(&vector["name"]);
        }
        n_judged += 1;
    }
    assert!(wrong.is_empty(), "judged otherwise: {wrong:?}");
    assert!(n_judged >= 190, "only {n_judged} vectors were judged");
}
