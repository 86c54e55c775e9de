//! The protocol's vectors of names, shards, events and rules.

use schema_documents::{Event, Shard, event_id, indicators, kinds, made, rules};
use schema_wire::Hash;
use serde_json::Value;

fn vectors(kind: &str) -> Vec<Value> {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../golden/vectors.json");
    let text = std::fs::read_to_string(path).expect("the golden file is there");
    let file: Value = serde_json::from_str(&text).expect("the golden file is JSON");
    let all = file["vectors"].as_array().expect("a list of vectors").clone();
    let found: Vec<Value> = all.into_iter().filter(|vector| vector["kind"] == kind).collect();
    assert!(!found.is_empty(), "no vectors of kind {kind}");
    found
}

fn text<'a>(vector: &'a Value, field: &str) -> &'a str {
    vector[field].as_str().unwrap_or_else(|| panic!("{field}: a text in {}", vector["name"]))
}

fn bytes(vector: &Value, field: &str) -> Vec<u8> {
    hex::decode(text(vector, field)).expect("hex")
}

#[test]
fn names_are_made_of_kind_and_parts() {
    for vector in vectors("name") {
        let parts = vector["parts"].as_array().expect("parts");
        let parts: Vec<&str> = parts.iter().map(|part| part.as_str().expect("a text")).collect();
        assert_eq!(made(text(&vector, "of"), &parts), text(&vector, "made"), "{}", vector["name"]);
    }
}

#[test]
fn shards_follow_from_ids() {
    for vector in vectors("shard") {
        let rule = match text(&vector, "rule") {
            "m" => Shard::Month,
            "q" => Shard::Quarter,
            "y" => Shard::Year,
            hash => Shard::Hash(hash[1..].parse().expect("h and a number")),
        };
        let shard = rule.of(text(&vector, "id"), None);
        assert_eq!(shard.as_deref(), Some(text(&vector, "shard")), "{}", vector["name"]);
    }
}

#[test]
fn events_are_named_by_author_entity_and_value() {
    for vector in vectors("event-id") {
        let author = bytes(&vector, "author").try_into().expect("32 bytes");
        let value = bytes(&vector, "value");
        let id = event_id(&author, text(&vector, "in_key"), text(&vector, "entity"), &value);
        assert_eq!(id.to_string(), text(&vector, "id"), "{}", vector["name"]);
    }
}

#[test]
fn events_read_or_are_unreadable() {
    for vector in vectors("event") {
        let value = bytes(&vector, "value");
        let read = Event::from_bytes(&value);
        assert_eq!(read.is_err(), vector["refuse"] == "unreadable", "{}", vector["name"]);
        if let Ok(event) = read {
            assert_eq!(event.to_bytes().as_ref(), Ok(&value), "{}", vector["name"]);
        }
    }
}

#[test]
fn the_rules_of_all_kinds_are_those_of_the_text() {
    for vector in vectors("rules") {
        let lines = text(&vector, "lines");
        let said = Hash::of(&[lines.as_bytes()]).to_string();
        assert_eq!(said, text(&vector, "rules"));
        assert_eq!(rules(kinds::ALL).to_string(), said, "{}", REWRITE);
    }
}

/// The vectors are written from the text: a line that it lacks is nobody else's rule.
#[test]
fn the_text_has_a_line_for_every_indicator() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../PROTOCOL.md");
    let text = std::fs::read_to_string(path).expect("the text");
    let lines = indicators(kinds::ALL)
        .map(|(_, own)| format!("{}={};{}\n", own.code, own.formula, own.rate));
    let block = format!("```\n{}```\n", lines.collect::<String>());
    let hash = rules(kinds::ALL);
    assert!(text.contains(&block), "section 10.6 shall say\n{block}and as their hash {hash}");
    assert!(text.contains(&format!(": {hash}.\n")), "section 10.6 shall say as the hash {hash}");
}

const REWRITE: &str = "say the lines in section 10.6, then run \
    GONGZHI_GOLDEN_REWRITE=1 cargo test -p tests-vectors";
