//! INV-03: a write acknowledged to a local client survives any crash.

use std::collections::BTreeMap;

use node_replication::history;
use schema_documents::record;

use crate::failure::Broken;
use crate::invariants::holds;
use crate::liveness::holder;
use crate::node::{FIELD, library};
use crate::plan::Action;
use crate::world::World;

const ID: &str = "INV-03";

/// A node that never lost its disk holds every edit it acknowledged.
pub(crate) fn at_home(world: &World, node: usize) -> Result<(), Broken> {
    let store = &world.nodes[node].disk.durable;
    for edit in world.oracle.acknowledged.iter().filter(|e| e.node == node && e.at_home) {
        if !holds(store, &edit.envelope) {
            let detail = format!("{} of {} is lost", edit.envelope, edit.edit.document);
            return Err(Broken::at(ID, node, detail));
        }
    }
    Ok(())
}

/// Every edit still owed is on every node that holds its scope.
pub(crate) fn everywhere(world: &World) -> Result<(), Broken> {
    for edit in world.oracle.acknowledged.iter().filter(|edit| edit.owed) {
        let scope = edit.edit.document.scope();
        for (number, node) in world.nodes.iter().enumerate() {
            let member = world.reads(number);
            let store = &node.disk.durable;
            if member && holder(&node.unit, &scope) && !holds(store, &edit.envelope) {
                let detail = format!("{} of {} never came", edit.envelope, edit.edit.document);
                return Err(Broken::at(ID, number, detail));
            }
        }
    }
    Ok(())
}

/// A field that was written once shows what was written.
pub(crate) fn visible(world: &mut World) -> Result<(), Broken> {
    let mut tries: BTreeMap<_, u32> = BTreeMap::new();
    for step in &world.plan.steps {
        if let Action::Edit(edit) = &step.action {
            *tries.entry((&edit.document, edit.map, &edit.record)).or_insert(0) += 1;
        }
    }
    for acknowledged in world.oracle.acknowledged.iter().filter(|edit| edit.owed) {
        let edit = &acknowledged.edit;
        if tries.get(&(&edit.document, edit.map, &edit.record)) != Some(&1) {
            continue;
        }
        let node = &world.nodes[edit.node];
        if !world.reads(edit.node) {
            continue;
        }
        let store = &node.disk.durable;
        // What was suspended does not show, and is not lost.
        let suspended = history::suspended(store).expect("a store in memory");
        if suspended.iter().any(|suspended| suspended.document == edit.document) {
            continue;
        }
        let mut library = library();
        let loaded = library.open(store, &edit.document).expect("a store in memory");
        let fields = record::entry(&loaded.document, edit.map, &edit.record);
        if record::text(&fields, FIELD) != edit.value {
            let detail = format!("{}/{} does not show", edit.document, edit.record);
            return Err(Broken::at(ID, edit.node, detail));
        }
    }
    Ok(())
}
