//! INV-10: queues, windows, evidence and frames stay within their limits.

use node_replication::{SessionId, quarantine};
use schema_wire::{Hash, Scope};

use crate::failure::Broken;
use crate::node::INBOX_MAX;
use crate::world::World;

const ID: &str = "INV-10";
const FRAME_BYTES: usize = 1 << 20;
const QUARANTINED: usize = 1000;
const WINDOW: usize = 4;

/// A frame fits.
pub(crate) fn frame(node: usize, bytes: &[u8]) -> Result<(), Broken> {
    within(node, "bytes in a frame", bytes.len(), FRAME_BYTES)
}

/// An inbox is not overrun.
pub(crate) fn inbox(world: &World, node: usize) -> Result<(), Broken> {
    within(node, "jobs in an inbox", world.nodes[node].inbox.len(), INBOX_MAX)
}

/// Evidence does not pile up.
pub(crate) fn quarantine_of(world: &World, node: usize) -> Result<(), Broken> {
    let kept = quarantine(&world.nodes[node].disk.durable).expect("a store in memory").len();
    within(node, "items in quarantine", kept, QUARANTINED)
}

/// No more frames of a scope are under way than the window allows.
pub(crate) fn sent(
    world: &mut World,
    node: usize,
    session: SessionId,
    scope: Scope,
    ids: Vec<Hash>,
) -> Result<(), Broken> {
    if world.net.datagram > 0 {
        return Ok(());
    }
    let window = world.oracle.windows.entry((session.0, node, scope)).or_default();
    window.frames.push_back(ids);
    within(node, "frames in flight", window.frames.len(), WINDOW)
}

fn within(node: usize, what: &str, found: usize, most: usize) -> Result<(), Broken> {
    if found <= most {
        return Ok(());
    }
    Err(Broken::at(ID, node, format!("{found} {what}, at most {most} are allowed")))
}
