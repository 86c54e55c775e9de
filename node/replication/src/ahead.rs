//! Checks the signatures of frames before the replica takes them, on any other thread.

use schema_wire::{Claim, Frame, Item, Verifier, Wire};

/// Asks a verifier that remembers for every signature of the frames' items, all together; nothing
/// is decided here. If one does not hold, each frame is asked for by itself, up to its first that
/// does not: what one peer made wrong costs the others little.
pub fn check_ahead<'a>(frames: impl IntoIterator<Item = &'a [u8]>, verifier: &dyn Verifier) {
    let frames: Vec<Vec<Item>> = frames.into_iter().map(items).collect();
    let claims: Vec<Vec<Claim<'_>>> =
        frames.iter().map(|items| items.iter().map(Item::claim).collect()).collect();
    if !verifier.all_hold(&claims.concat()) && claims.len() > 1 {
        for claims in &claims {
            verifier.all_hold(claims);
        }
    }
}

/// What a frame carries, up to the first that cannot be read.
fn items(frame: &[u8]) -> Vec<Item> {
    let Ok(Frame::Items(items)) = Frame::from_bytes(frame) else { return Vec::new() };
    items.items.iter().map_while(|bytes| Item::from_bytes(bytes).ok()).collect()
}
