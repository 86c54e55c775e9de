//! What must always hold, one file for each invariant or small group of them.
//!
//! Every check is its own naive reading of the protocol: it shares no code with what it judges.
//! Touched nodes are checked as things happen; [`sweep`] looks at the whole world.
//!
mod acknowledged;
mod bounds;
pub mod census;
mod confidential;
pub mod counting;
mod durable_first;
mod equal_sets;
mod genuine;
mod monotone;
mod rebuild;
mod single_log;

pub(crate) use confidential::may_read;
use node_replication::store::MemStore;
use node_replication::{SessionId, history};
use schema_wire::{Frame, Hash, Item, Wire};

use crate::failure::Broken;
use crate::world::World;
use census::Census;

/// A node that commits is looked at closely once in so many commits of the world.
const COMMITS: u64 = 97;

/// Does a store hold an item?
pub fn holds(store: &MemStore, id: &Hash) -> bool {
    history::holds(store, id).expect("a store in memory")
}

/// A node came up from its disk.
pub(crate) fn after_start(world: &mut World, node: usize) -> Result<(), Broken> {
    acknowledged::at_home(world, node)
}

/// A node's batch is durable, and its effects are released.
pub(crate) fn after_commit(world: &mut World, node: usize) -> Result<(), Broken> {
    world.auditor.evaluate("INV-10", 1);
    bounds::inbox(world, node)?;
    world.commits += 1;
    if world.commits.is_multiple_of(COMMITS) && world.honest(node) {
        let census = Census::of(world, node)?;
        look_at(world, node, &census)?;
    }
    Ok(())
}

/// A clerk is about to be told that the entry is safe.
pub(crate) fn after_acknowledge(
    world: &mut World,
    node: usize,
    envelope: Hash,
) -> Result<(), Broken> {
    world.auditor.evaluate("INV-05", 1);
    durable_first::held(world, node, &envelope)
}

/// A clerk was told that the node may not write.
pub(crate) fn after_refusal(world: &mut World, node: usize) -> Result<(), Broken> {
    world.auditor.evaluate("HONEST-ENTRY", 1);
    counting::turned_away(world, node)
}

/// A frame is about to leave a node.
pub(crate) fn before_send(
    world: &mut World,
    node: usize,
    session: SessionId,
    bytes: &[u8],
) -> Result<(), Broken> {
    bounds::frame(node, bytes)?;
    let Some(conn) = world.net.conns.get(&session.0) else { return Ok(()) };
    let peer = conn.ends[usize::from(conn.ends[0] == node)];
    let frame = Frame::from_bytes(bytes)
        .map_err(|error| Broken::at("INV-10", node, format!("sends no frame: {error}")))?;
    for invariant in ["INV-05", "INV-09", "INV-10"] {
        world.auditor.evaluate(invariant, 1);
    }
    confidential::frame(world, node, peer, &frame)?;
    match frame {
        Frame::Items(items) => {
            confidential::withdrawn(world, node, peer, &items.scope)?;
            let mut ids = Vec::new();
            for bytes in &items.items {
                let item = Item::from_bytes(bytes)
                    .map_err(|error| Broken::at("INV-05", node, format!("sends {error}")))?;
                durable_first::held(world, node, &item.id())?;
                confidential::item(node, &items.scope, &item)?;
                if let Item::Envelope(envelope) = &item {
                    single_log::envelope(world, node, &envelope.header)?;
                }
                ids.push(item.id());
            }
            // What a liar acknowledges counts for nothing.
            if world.honest(peer) {
                bounds::sent(world, node, session, items.scope, ids)?;
            }
            Ok(())
        }
        Frame::Ack(ack) => durable_first::acknowledged(world, node, peer, session, &ack),
        _ => Ok(()),
    }
}

fn look_at(world: &mut World, node: usize, census: &Census) -> Result<(), Broken> {
    for invariant in
        ["INV-01", "INV-02", "INV-08", "INV-11", "INV-03", "INV-04", "INV-07", "INV-10", "INV-12"]
    {
        world.auditor.evaluate(invariant, 1);
    }
    acknowledged::at_home(world, node)?;
    single_log::census(world, node, census)?;
    monotone::census(world, node, census)?;
    bounds::quarantine_of(world, node)?;
    rebuild::census(node, census)?;
    genuine::census(world, node, census)?;
    counting::census(world, node, census)
}

/// Looks at every running node, and at all of them together.
pub(crate) fn sweep(world: &mut World) -> Result<(), Broken> {
    let honest = |node: &usize| world.nodes[*node].runs() && world.honest(*node);
    let running: Vec<usize> = (0..world.nodes.len()).filter(honest).collect();
    let mut censuses = Vec::new();
    for node in running {
        let census = Census::of(world, node)?;
        look_at(world, node, &census)?;
        censuses.push((node, census));
    }
    world.auditor.evaluate("INV-06", 1);
    equal_sets::compare(world, &censuses)
}

/// All is healed and all agree: now every acknowledged edit is everywhere it belongs.
pub(crate) fn when_converged(world: &mut World) -> Result<(), Broken> {
    world.auditor.evaluate("INV-03", 1);
    acknowledged::visible(world)
}

/// Every acknowledged edit is on every node that holds its scope.
pub(crate) fn everywhere(world: &World) -> Result<(), Broken> {
    acknowledged::everywhere(world)
}
