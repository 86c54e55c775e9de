//! INV-06: equal sets of items give equal document heads and equal documents.

use std::collections::{BTreeMap, BTreeSet};

use automerge::{AutoCommit, ChangeHash};
use schema_documents::record;
use schema_wire::{Class, DocumentId, Hash, Scope};

use crate::failure::Broken;
use crate::invariants::census::{Census, Held};
use crate::invariants::counting::statements;
use crate::node::library;
use crate::world::World;

const ID: &str = "INV-06";

/// A document as people see it.
type Seen = (Vec<ChangeHash>, Vec<BTreeMap<String, record::Fields>>);
/// A set of items of a scope, and what the first node that holds it made of it.
type BySet<'a> = BTreeMap<(&'a Scope, &'a BTreeSet<Hash>, BTreeSet<Hash>), (Said, [u8; 32])>;
type Said = Vec<(DocumentId, Vec<Hash>, Seen)>;

/// Compares all nodes that hold equal sets of a scope.
pub(crate) fn compare(world: &World, censuses: &[(usize, Census)]) -> Result<(), Broken> {
    let mut said = BySet::new();
    for (node, census) in censuses {
        let known = statements(&world.nodes[*node].disk.durable);
        for (scope, held) in &census.scopes {
            // What counts depends on the statements of the units above, too.
            let above = known
                .iter()
                .filter(|statement| statement.to_statement().issuer().unit.contains(&scope.unit));
            let above: BTreeSet<Hash> = above.map(|statement| statement.id()).collect();
            let mine = (say(world, *node, held)?, held.fingerprint);
            let first = said.entry((scope, &held.ids, above)).or_insert_with(|| mine.clone());
            if *first != mine {
                let detail = format!("{scope}: equal items, but {first:?} and {mine:?}");
                return Err(Broken::at(ID, *node, detail));
            }
        }
    }
    Ok(())
}

fn say(world: &World, node: usize, held: &Held) -> Result<Said, Broken> {
    let store = &world.nodes[node].disk.durable;
    let mut library = library();
    let mut said = Vec::new();
    for document in &held.documents {
        let id = &document.summary.document;
        if id.class == Class::Keyring {
            continue;
        }
        let loaded = library.open(store, id).expect("a store in memory");
        if !loaded.unusable.is_empty() {
            let detail = format!("{id}: {:?}", loaded.unusable);
            return Err(Broken::at(ID, node, detail));
        }
        said.push((id.clone(), document.summary.heads.clone(), seen(id, &mut loaded.document)));
    }
    Ok(said)
}

fn seen(id: &DocumentId, document: &mut AutoCommit) -> Seen {
    let maps = record::maps(id.class).iter().map(|map| record::read(document, map)).collect();
    (document.get_heads(), maps)
}
