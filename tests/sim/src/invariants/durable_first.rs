//! INV-05: no effect leaves a node before the batch it depends on is durable.

use node_replication::SessionId;
use schema_wire::{Ack, Hash};

use crate::failure::Broken;
use crate::invariants::holds;
use crate::world::World;

const ID: &str = "INV-05";

/// What a node speaks of is on its disk.
pub(crate) fn held(world: &World, node: usize, id: &Hash) -> Result<(), Broken> {
    if holds(&world.nodes[node].disk.durable, id) {
        return Ok(());
    }
    Err(Broken::at(ID, node, format!("{id} leaves, but is not durable")))
}

/// What a node acknowledges to a peer, without refusing any of it, is on its disk.
pub(crate) fn acknowledged(
    world: &mut World,
    node: usize,
    peer: usize,
    session: SessionId,
    ack: &Ack,
) -> Result<(), Broken> {
    let window = world.oracle.windows.get_mut(&(session.0, peer, ack.scope.clone()));
    let Some(ids) = window.and_then(|window| window.frames.pop_front()) else { return Ok(()) };
    if ack.refused > 0 {
        return Ok(());
    }
    ids.iter().try_for_each(|id| held(world, node, id))
}
