//! Checks the signatures of a frame before the replica takes it, on any other thread.

use schema_wire::{Frame, Item, Verifier, Wire};

/// Asks a verifier that remembers for every signature of a frame's items, and stops at the first
/// that does not hold: such a frame is for the replica to refuse, and costs no more than one
/// check in vain. Nothing is decided here.
pub fn check_ahead(frame: &[u8], verifier: &dyn Verifier) {
    let Ok(Frame::Items(items)) = Frame::from_bytes(frame) else { return };
    for bytes in &items.items {
        let held = match Item::from_bytes(bytes) {
            Ok(Item::Envelope(envelope)) => envelope.header.verify_with(verifier).is_ok(),
            Ok(Item::Statement(statement)) => statement.verify_with(verifier).is_ok(),
            Err(_) => false,
        };
        if !held {
            return;
        }
    }
}
