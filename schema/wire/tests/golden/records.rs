//! Records that are signed, what proves an equivocation, and names that are hashes.

use schema_wire::{
    Author, Class, DocumentId, Ed25519, Equivocation, Genesis, Hash, Incarnation, Item, NodeKey,
    Statement, UnitId, Wire, key_commitment,
};

use crate::reader::{Vector, vectors};

/// The id of what decodes and is good, or the code with which it is refused.
fn judge_statement(bytes: &[u8]) -> Result<Hash, &'static str> {
    let statement = Statement::from_bytes(bytes).map_err(|_| "malformed")?;
    let verified = statement.verify_with(&Ed25519).map_err(|_| "bad-signature")?;
    Ok(verified.id())
}

fn judge_item(bytes: &[u8]) -> Result<Hash, &'static str> {
    match Item::from_bytes(bytes).map_err(|_| "malformed")? {
        Item::Statement(statement) => judge_statement(&statement.to_bytes()),
        Item::Envelope(envelope) => {
            let header = envelope.header().clone();
            let verified = header.verify().map_err(|_| "bad-signature")?;
            if !envelope.content_matches() {
                return Err("content-mismatch");
            }
            Ok(verified.id())
        }
    }
}

fn judge(vector: &Vector, bytes: &[u8]) -> Result<Hash, &'static str> {
    match vector.text("what") {
        "genesis" => {
            let genesis = Genesis::from_bytes(bytes).map_err(|_| "malformed")?;
            Ok(genesis.network().as_hash())
        }
        "item" => judge_item(bytes),
        "statement" => judge_statement(bytes),
        other => panic!("{other} is no encoding"),
    }
}

#[test]
fn encodings_are_taken_or_refused_with_their_code() {
    for vector in vectors("encoding") {
        let judged = judge(&vector, &vector.bytes());
        let expected = match vector.refuse() {
            None => Ok(Hash(vector.fixed("id"))),
            Some(code) => Err(code),
        };
        assert_eq!(judged, expected, "{}", vector.name());
    }
}

#[test]
fn equivocations_are_proved_or_not() {
    for vector in vectors("equivocation") {
        let judged = match Equivocation::from_bytes(&vector.bytes()) {
            Err(_) => Some("malformed"),
            Ok(proof) => (!proof.holds(&Ed25519)).then_some("bad-signature"),
        };
        assert_eq!(judged, vector.refuse(), "{}", vector.name());
    }
}

#[test]
fn actors_are_made_of_author_and_document() {
    for vector in vectors("actor") {
        let [owner, class, shard] = vector.list("document") else { panic!("a document") };
        let class = u8::try_from(class.as_u64().expect("a number")).expect("a class");
        let document = DocumentId::new(
            UnitId::parse(owner.as_str().expect("a text")).expect("a unit"),
            Class::new(class).expect("a class"),
            shard.as_str().expect("a text"),
        );
        let author = Author {
            key: NodeKey(vector.fixed("key")),
            incarnation: Incarnation(vector.fixed("incarnation")),
        };
        let actor = author.actor(&document.expect("a document"));
        assert_eq!(actor, vector.fixed("actor"), "{}", vector.name());
    }
}

#[test]
fn commitments_are_those_of_their_keys() {
    for vector in vectors("commitment") {
        let commitment = NodeKey(vector.fixed("key")).commitment();
        assert_eq!(commitment.0, vector.fixed("commitment"), "{}", vector.name());
    }
    for vector in vectors("person-commitment") {
        let commitment = key_commitment(&vector.fixed("person"), &vector.fixed("key"));
        assert_eq!(commitment.0, vector.fixed("commitment"), "{}", vector.name());
    }
}
