//! The change each document begins with, as a replica is told of it.

use std::collections::BTreeMap;

use node_replication::RootChange;
use schema_documents::root_document;
use schema_wire::Class;

/// The root change of every class that has documents.
pub fn root_changes() -> BTreeMap<Class, RootChange> {
    let classes = Class::ALL.into_iter().filter(|class| *class != Class::Keyring);
    classes.map(|class| (class, root_change(class))).collect()
}

fn root_change(class: Class) -> RootChange {
    let mut document = root_document(class);
    let changes = document.get_changes(&[]);
    let [root] = changes.as_slice() else {
        unreachable!("a document begins with exactly one change");
    };
    let actor = root.actor_id().to_bytes().try_into();
    RootChange {
        hash: root.hash().0,
        actor: actor.unwrap_or_else(|_| unreachable!("root actors are 16 bytes")),
        max_op: root.max_op(),
    }
}
