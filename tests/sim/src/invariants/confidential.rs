//! INV-09: no item is sent to a peer that may not read its scope.

use schema_wire::{Audience, Frame, Item, Scope, UnitId};

use crate::failure::Broken;
use crate::world::World;

const ID: &str = "INV-09";

/// The rule of the protocol, read naively: who may hold a scope.
fn may_read(reader: &UnitId, scope: &Scope) -> bool {
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
