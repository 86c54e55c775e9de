//! INV-02: nothing is admitted that no holder of the key ever signed.

use schema_wire::{Hash, Wire};

use crate::failure::Broken;
use crate::invariants::census::Census;
use crate::invariants::counting::statements;
use crate::world::World;

/// Every signature a node holds was made by the key it names. Each is computed once in a world.
pub(crate) fn census(world: &mut World, node: usize, census: &Census) -> Result<(), Broken> {
    let documents = census.scopes.values().flat_map(|held| &held.documents);
    for entry in documents.flat_map(|document| &document.log) {
        let signed = entry.header.as_signed();
        let bytes = Hash::of(&signed.to_bytes());
        if world.oracle.genuine.contains(&bytes) {
            continue;
        }
        if signed.clone().verify().is_err() {
            let detail = format!("{} was never signed by its author", signed.id());
            return Err(Broken::at("INV-02", node, detail));
        }
        world.oracle.genuine.insert(bytes);
    }
    for statement in statements(&world.nodes[node].disk.durable) {
        let statement = statement.to_statement();
        let bytes = Hash::of(&statement.to_bytes());
        if world.oracle.genuine.contains(&bytes) {
            continue;
        }
        let id = statement.id();
        if statement.verify_with(&schema_wire::Ed25519).is_err() {
            let detail = format!("statement {id} was never signed by its issuer");
            return Err(Broken::at("INV-02", node, detail));
        }
        world.oracle.genuine.insert(bytes);
    }
    Ok(())
}
