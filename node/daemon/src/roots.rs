//! The document each class begins with, as the replica and the library need it.

use std::collections::BTreeMap;

use automerge::AutoCommit;
use node_replication::RootChange;
use schema_wire::Class;

/// The root change of every class that has documents.
pub(crate) fn changes() -> BTreeMap<Class, RootChange> {
    let classes = Class::ALL.into_iter().filter(|class| *class != Class::Keyring);
    classes.map(|class| (class, change(class))).collect()
}

/// A document as its class begins.
pub(crate) fn document(class: Class) -> AutoCommit {
    schema_documents::root_document(class)
}

fn change(class: Class) -> RootChange {
    let mut document = document(class);
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
