//! INV-04: an honest author never has two envelopes with one (document, author, seq).

use schema_wire::{Header, Signed};

use crate::failure::Broken;
use crate::invariants::census::Census;
use crate::world::World;

/// An envelope that leaves a node.
pub(crate) fn envelope(
    world: &mut World,
    node: usize,
    header: &Signed<Header>,
) -> Result<(), Broken> {
    place(world, node, header.claims(), header.id())
}

/// Every envelope a node holds.
pub(crate) fn census(world: &mut World, node: usize, census: &Census) -> Result<(), Broken> {
    let documents = census.scopes.values().flat_map(|held| &held.documents);
    for entry in documents.flat_map(|document| &document.log) {
        place(world, node, entry.header.value(), entry.header.id())?;
    }
    Ok(())
}

fn place(
    world: &mut World,
    node: usize,
    header: &Header,
    id: schema_wire::Hash,
) -> Result<(), Broken> {
    if world.oracle.doubled.contains(&header.author) || !world.honest_key(&header.author.key) {
        return Ok(());
    }
    let place = (header.document.clone(), header.author, header.seq);
    let known = *world.oracle.places.entry(place).or_insert(id);
    if known == id {
        return Ok(());
    }
    let (document, seq) = (&header.document, header.seq);
    Err(Broken::at("INV-04", node, format!("{document} seq {seq} is {known} and {id}")))
}
