//! Vectors of kind `change`, and the ids of events.

use node_replication::change::{Change, OpId, Put, Scalar, read, write};
use schema_wire::{NodeKey, event_id};
use serde_json::Value;

use crate::vectors::{array, bytes, list, number, of_kind, text};

#[test]
fn changes_are_written_and_read_as_the_vectors_say() {
    for vector in of_kind("change") {
        let values: Vec<Vec<u8>> = list(&vector["puts"]).map(|put| bytes(&put["value"])).collect();
        let puts = list(&vector["puts"]).zip(&values).map(|(put, value)| Put {
            key: text(&put["key"]),
            value: scalar(number(&put["type"]), value),
            instead: list(&put["instead"]).map(op_id).collect(),
        });
        let change = Change {
            deps: list(&vector["deps"]).map(array).collect(),
            actor: array(&vector["actor"]),
            seq: number(&vector["seq"]),
            start_op: number(&vector["start_op"]),
            puts: puts.collect(),
        };
        let written = (bytes(&vector["bytes"]), array(&vector["hash"]));
        assert_eq!(write(&change), written, "{}", vector["name"]);
        assert_eq!(read(&written.0), Ok((change, written.1)), "{}", vector["name"]);
    }
}

fn op_id(value: &Value) -> OpId {
    OpId { counter: number(&value[0]), actor: array(&value[1]) }
}

fn scalar(kind: u64, bytes: &[u8]) -> Scalar<'_> {
    match kind {
        0 => Scalar::Null,
        1 | 2 => Scalar::Boolean(kind == 2),
        4 => Scalar::Integer(signed(bytes)),
        6 => Scalar::Text(std::str::from_utf8(bytes).expect("UTF-8")),
        7 => Scalar::Bytes(bytes),
        _ => panic!("type {kind}"),
    }
}

/// Signed LEB128, read in another way than the crate does.
fn signed(bytes: &[u8]) -> i64 {
    let bits = bytes.iter().rev().fold(0i128, |bits, byte| bits << 7 | i128::from(byte & 0x7f));
    let width = 7 * bytes.len();
    let negative = bits >> (width - 1) != 0;
    i64::try_from(if negative { bits - (1 << width) } else { bits }).expect("64 bits")
}

#[test]
fn events_have_the_ids_of_the_vectors() {
    for vector in of_kind("event-id") {
        let author = NodeKey(array(&vector["author"]));
        let (kind, entity) = (text(&vector["in_key"]), text(&vector["entity"]));
        let id = event_id(&author, kind, entity, &bytes(&vector["value"]));
        assert_eq!(id, array(&vector["id"]), "{}", vector["name"]);
    }
}
