//! INV-09: no item is sent to a peer that may not read its scope.

use schema_wire::{Audience, Frame, Item, Scope, UnitId};
use tests_oracle_2::Oracle;

use crate::clock::SECOND;
use crate::failure::Broken;
use crate::invariants::counting::statements;
use crate::world::World;

const ID: &str = "INV-09";

/// The rule of the protocol, read naively: who may hold a scope.
pub(crate) fn may_read(reader: &UnitId, scope: &Scope) -> bool {
    let (reader, owner) = (reader.as_str(), scope.unit.as_str());
    match scope.audience {
        Audience::Public => true,
        Audience::Path => owner == reader || owner.starts_with(&format!("{reader}/")),
        Audience::Unit => owner == reader,
    }
}

/// Neither items nor what is said about them goes where it may not be read.
pub(crate) fn frame(world: &World, node: usize, peer: usize, frame: &Frame) -> Result<(), Broken> {
    let reader = &world.nodes[peer].unit;
    let scopes: Vec<&Scope> = match frame {
        Frame::Hello(hello) => hello.scopes.iter().map(|offer| &offer.scope).collect(),
        Frame::Refuse(_) => Vec::new(),
        Frame::Items(items) => vec![&items.scope],
        Frame::Ack(ack) => vec![&ack.scope],
        Frame::Reconcile { scope, .. } | Frame::Want { scope, .. } => vec![scope],
    };
    match scopes.into_iter().find(|scope| !may_read(reader, scope)) {
        None => Ok(()),
        Some(scope) => Err(Broken::at(ID, node, format!("speaks of {scope} to {reader}"))),
    }
}

/// An item travels in its own scope.
pub(crate) fn item(node: usize, scope: &Scope, item: &Item) -> Result<(), Broken> {
    if item.scope() == *scope {
        return Ok(());
    }
    Err(Broken::at(ID, node, format!("sends an item of {} as {scope}", item.scope())))
}

/// Nothing but what is public goes to a peer whose grant this node knows to be withdrawn.
pub(crate) fn withdrawn(
    world: &mut World,
    node: usize,
    peer: usize,
    scope: &Scope,
) -> Result<(), Broken> {
    let grant = world.nodes[peer].grant().id();
    if scope.audience == Audience::Public || !world.oracle.withdrawn.contains(&grant) {
        return Ok(());
    }
    let known = statements(&world.nodes[node].disk.durable);
    let oracle = Oracle::new(world.genesis(), &known);
    let now_ms = world.nodes[node].clock.local_ms(world.now);
    let unknown = !oracle.keeps(&grant);
    if unknown || oracle.permits_session(&grant, world.nodes[peer].public, now_ms) {
        return Ok(());
    }
    // What was under way when the node learned it is not held against it.
    let told = *world.oracle.told.entry((node, grant)).or_insert(world.now);
    if world.now > told + SECOND {
        let detail = format!("sends {scope} to a peer whose grant was withdrawn");
        return Err(Broken::at(ID, node, detail));
    }
    Ok(())
}
