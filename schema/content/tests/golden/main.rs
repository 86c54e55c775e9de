//! What this crate judges of `schema/golden/vectors.json`. `tests/vectors` wrote the file, and
//! shares no code with this crate.

#[path = "../../../wire/tests/golden/reader.rs"]
#[allow(dead_code, reason = "the golden tests of the wire read more of the file")]
mod reader;

use std::collections::BTreeSet;

use reader::{Vector, fixed, from_hex, vectors};
use schema_content::{
    Cells, Event, EventId, Letter, LetterPlace, LetterPosition, Opened, Revision, SealPlace,
    ShardRule, add, box_of, box_subject, digest, rules_hash, sources_digest,
};
use schema_wire::{
    Author, Class, DocumentId, Genesis, Hash, Incarnation, NetworkId, NodeKey, UnitId, Wire,
    made_name,
};
use serde_json::Value;

fn text(value: &Value) -> &str {
    value.as_str().expect("a text")
}

fn network() -> NetworkId {
    let genesis = vectors("encoding").into_iter().find(|vector| vector.name() == "genesis");
    Genesis::from_bytes(&genesis.expect("the genesis").bytes()).expect("a genesis").network()
}

fn document(vector: &Vector) -> DocumentId {
    let [owner, class, shard] = vector.list("document") else { panic!("a document") };
    let class = u8::try_from(class.as_u64().expect("a number")).expect("a class");
    let owner = UnitId::parse(text(owner)).expect("a unit");
    DocumentId::new(owner, Class::new(class).expect("a class"), text(shard)).expect("a document")
}

#[test]
fn names_are_made_of_kind_and_parts() {
    for vector in vectors("name") {
        let parts: Vec<&str> = vector.list("parts").iter().map(text).collect();
        let made = made_name(vector.text("of"), &parts);
        assert_eq!(made, vector.text("made"), "{}", vector.name());
    }
}

#[test]
fn shards_follow_from_ids() {
    for vector in vectors("shard") {
        let rule = match vector.text("rule") {
            "m" => ShardRule::Month,
            "q" => ShardRule::Quarter,
            "y" => ShardRule::Year,
            hashed => ShardRule::hash(hashed[1..].parse().expect("a number")),
        };
        let shard = rule.shard(vector.text("id")).expect("a shard");
        assert_eq!(shard, vector.text("shard"), "{}", vector.name());
    }
}

#[test]
fn events_have_their_ids() {
    for vector in vectors("event-id") {
        let author = NodeKey(vector.fixed("author"));
        let (kind, entity) = (vector.text("in_key"), vector.text("entity"));
        let id = EventId::of(&author, kind, entity, &vector.hex("value"));
        assert_eq!(id.to_string(), vector.text("id"), "{}", vector.name());
    }
}

#[test]
fn events_are_read_or_unreadable() {
    for vector in vectors("event") {
        let value = vector.hex("value");
        let event = Event::from_bytes(&value);
        let refuse = event.is_err().then_some("unreadable");
        assert_eq!(refuse, vector.refuse(), "{}: {event:?}", vector.name());
        assert!(event.is_ok_and(|event| event.to_bytes() == value) || refuse.is_some());
    }
}

#[test]
fn sealed_values_open_are_closed_or_unreadable() {
    for vector in vectors("sealed") {
        let document = document(&vector);
        let place = SealPlace {
            network: network(),
            document: &document,
            place: vector.text("place"),
            field: vector.text("field"),
            subject: vector.fixed("subject"),
        };
        let keys: Vec<[u8; 32]> = vector.list("keys").iter().map(fixed).collect();
        let sealed = vector.hex("sealed");
        let refuse = match place.open(&keys, &sealed) {
            Opened::Text(opened) => {
                assert_eq!(opened, vector.text("text"), "{}", vector.name());
                let nonce = sealed[4..28].try_into().expect("a nonce");
                let own = keys.last().expect("the key that opens it");
                assert_eq!(place.seal(own, nonce, &opened), Ok(sealed), "{}", vector.name());
                None
            }
            Opened::Closed => Some("closed"),
            Opened::Unreadable(_) => Some("unreadable"),
        };
        assert_eq!(refuse, vector.refuse(), "{}", vector.name());
    }
}

#[test]
fn digests_and_subjects_are_hashes() {
    for vector in vectors("digest") {
        let made = digest(&vector.fixed("pepper"), vector.text("of"), vector.text("number"));
        assert_eq!(made, vector.fixed("digest"), "{}", vector.name());
    }
    for vector in vectors("box-subject") {
        let subject = box_subject(&vector.fixed("box"));
        assert_eq!(subject, vector.fixed("subject"), "{}", vector.name());
    }
}

#[test]
fn letters_open_in_their_place_or_are_unreadable() {
    for vector in vectors("letter") {
        let document = document(&vector);
        let author = Author {
            key: NodeKey(vector.fixed("author")),
            incarnation: Incarnation(vector.fixed("incarnation")),
        };
        let place = LetterPlace {
            network: network(),
            document: &document,
            position: LetterPosition::Log {
                author,
                seq: vector.number("seq"),
                delegation: Hash(vector.fixed("delegation")),
            },
        };
        let secret = vector.fixed("secret");
        let letter = Letter::from_bytes(&vector.hex("content"));
        let opened = letter.ok().and_then(|letter| place.open(&secret, &letter).ok());
        let refuse = opened.is_none().then_some("unreadable");
        assert_eq!(refuse, vector.refuse(), "{}", vector.name());
        if let Some(message) = opened {
            assert_eq!(message.to_bytes(), vector.hex("message"), "{}", vector.name());
        }
    }
}

#[test]
fn copies_open_under_their_letter_or_are_unreadable() {
    for vector in vectors("copy") {
        let document = document(&vector);
        let position = LetterPosition::Copy { letter: vector.fixed("letter") };
        let place = LetterPlace { network: network(), document: &document, position };
        let secret = vector.fixed("secret");
        assert_eq!(box_of(&secret), Some(vector.fixed("box")), "{}", vector.name());
        let copy = Letter::from_bytes(&vector.hex("content"));
        let opened = copy.ok().and_then(|copy| place.open(&secret, &copy).ok());
        let refuse = opened.is_none().then_some("unreadable");
        assert_eq!(refuse, vector.refuse(), "{}", vector.name());
        if let Some(message) = opened {
            assert_eq!(message.to_bytes(), vector.hex("message"), "{}", vector.name());
        }
    }
}

#[test]
fn revisions_are_read_or_unreadable() {
    for vector in vectors("revision") {
        let revision = Revision::read(&vector.hex("value"));
        let refuse = revision.is_err().then_some("unreadable");
        assert_eq!(refuse, vector.refuse(), "{}: {revision:?}", vector.name());
    }
}

#[test]
fn cells_are_added_by_code() {
    let cells = |bytes: &[u8]| Cells::from_bytes(bytes).expect("cells");
    for vector in vectors("cells") {
        let parts: Vec<Cells> =
            vector.list("parts").iter().map(|part| cells(&from_hex(part))).collect();
        let added = add(&cells(&vector.hex("own")), &parts);
        assert_eq!(added.cells.to_bytes(), vector.hex("cells"), "{}", vector.name());
        let name = vector.name();
        assert_eq!(!added.beyond.is_empty(), name == "cells-beyond-the-greatest", "{name}");
        assert_eq!(!added.unknown.is_empty(), name == "cells-with-a-code-unknown", "{name}");
    }
}

#[test]
fn sources_and_rules_are_hashes_of_lines() {
    for vector in vectors("sources") {
        let document = |one: &Value| {
            let heads = one["heads"].as_array().expect("heads").iter();
            let heads: BTreeSet<Hash> = heads.map(|head| Hash(fixed(head))).collect();
            (text(&one["document"]).parse().expect("a document"), heads)
        };
        let documents: Vec<(DocumentId, BTreeSet<Hash>)> =
            vector.list("documents").iter().map(document).collect();
        let made = sources_digest(documents.iter().map(|(document, heads)| (document, heads)));
        assert_eq!(made.0, vector.fixed("digest"), "{}", vector.name());
    }
    for vector in vectors("rules") {
        let made = rules_hash(vector.text("lines").lines());
        assert_eq!(made.0, vector.fixed("rules"), "{}", vector.name());
    }
}
