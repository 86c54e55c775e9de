//! Frames, streams, sums and what two nodes share.

use schema_wire::{
    Frame, FrameHead, Hash, NodeKey, PackingError, Reads, Salt, Sender, SetVector, Side, UnitId,
    Unpacker, Wire, interests_hash, shared_hash,
};
use serde_json::Value;

use crate::reader::{Vector, fixed, vectors};

#[test]
fn frames_decode_or_are_malformed() {
    for vector in vectors("frame") {
        let bytes = vector.bytes();
        match Frame::from_bytes(&bytes) {
            Ok(frame) => {
                assert_eq!(vector.refuse(), None, "{}", vector.name());
                assert_eq!(frame.to_bytes(), bytes, "{}", vector.name());
            }
            Err(error) => {
                assert_eq!(vector.refuse(), Some("malformed-frame"), "{}: {error}", vector.name());
            }
        }
    }
}

/// Reads a whole stream as the receiver of a session does.
fn unpack(mut stream: &[u8]) -> Result<Vec<Vec<u8>>, PackingError> {
    let (mut unpacker, mut frames) = (Unpacker::default(), Vec::new());
    let cut = PackingError::Short { got: 0, size: 0 };
    while !stream.is_empty() {
        let (head, rest) = stream.split_first_chunk().ok_or(cut.clone())?;
        let head = FrameHead::from_bytes(*head, Sender::Member)?;
        let (body, rest) = rest.split_at_checked(head.length()).ok_or(cut.clone())?;
        frames.push(unpacker.unpack(head, body.to_vec())?);
        stream = rest;
    }
    Ok(frames)
}

#[test]
fn streams_unpack_or_end_the_session() {
    for vector in vectors("session") {
        match unpack(&vector.hex("bytes")) {
            Ok(frames) => {
                assert_eq!(vector.refuse(), None, "{}", vector.name());
                let hashes: Vec<Value> =
                    frames.iter().map(|frame| Hash::of(&[frame]).to_string().into()).collect();
                assert_eq!(vector.list("frames"), hashes, "{}", vector.name());
            }
            Err(error) => {
                assert_eq!(vector.refuse(), Some("malformed-frame"), "{}: {error}", vector.name());
            }
        }
    }
}

#[test]
fn sums_are_those_of_their_sets() {
    for vector in vectors("sum") {
        let ids: Vec<Hash> = vector.list("ids").iter().map(|id| Hash(fixed(id))).collect();
        let set: SetVector = ids.iter().collect();
        assert!(set.to_bytes().starts_with(&vector.hex("vector_begins")), "{}", vector.name());
        assert_eq!(set.sum(), Hash(vector.fixed("sum")), "{}", vector.name());
    }
}

fn side(value: &Value) -> Side {
    let unit = |value: &Value| UnitId::parse(value.as_str().expect("a text")).expect("a unit");
    let reads = |field: &str| {
        value[field]
            .as_u64()
            .map(|bits| Reads::new(u8::try_from(bits).expect("bits")).expect("reads"))
    };
    let interests = value["interests"].as_array().expect("a list");
    Side {
        key: NodeKey(fixed(&value["key"])),
        unit: unit(&value["unit"]),
        lineage: Hash(fixed(&value["lineage"])),
        inside: reads("inside"),
        outside: reads("outside"),
        interests: interests_hash(&interests.iter().map(unit).collect()),
    }
}

#[test]
fn what_is_shared_is_one_hash_on_both_sides() {
    for vector in vectors("shared") {
        let [one, other] = vector.list("sides") else { panic!("two sides") };
        let (one, other, level) = (side(one), side(other), vector.number("level"));
        let expected = Hash(vector.fixed("shared"));
        assert_eq!(shared_hash(level, &one, &other), expected, "{}", vector.name());
        assert_eq!(shared_hash(level, &other, &one), expected, "{}", vector.name());
    }
}

#[test]
fn salted_ids_are_made_of_the_answerers_salt() {
    let of = |vector: &Vector| Salt(vector.fixed("salt")).of(&Hash(vector.fixed("id")));
    for vector in vectors("salted") {
        assert_eq!(of(&vector).0, vector.fixed("salted"), "{}", vector.name());
    }
}
