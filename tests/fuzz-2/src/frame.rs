//! Messages between nodes: what decodes has this encoding and no other.

use node_replication::{Arrived, check_ahead};
use schema_wire::{Ed25519, Frame, Item, Recent, Statement, Wire};

/// One frame as it comes from a session.
pub fn target(data: &[u8]) {
    check_ahead([&Arrived::read(data)], &Recent::new(Ed25519));
    let Ok(frame) = Frame::from_bytes(data) else { return };
    assert_eq!(frame.to_bytes(), data, "a frame has one encoding");
    match frame {
        Frame::Items(items) => items.items.iter().for_each(|bytes| item(bytes)),
        Frame::Hello(hello) => hello.chain.into_iter().for_each(verify),
        Frame::Refuse(_) | Frame::Ack(_) | Frame::Reconcile { .. } | Frame::Want { .. } => {}
    }
}

fn item(bytes: &[u8]) {
    let Ok(item) = Item::from_bytes(bytes) else { return };
    assert_eq!(item.to_bytes(), bytes, "an item has one encoding");
    let _ = (item.id(), item.scope().to_string());
}

fn verify(statement: Statement) {
    let id = statement.id();
    if let Ok(verified) = statement.verify_with(&Ed25519) {
        assert_eq!(verified.id(), id);
    }
}
