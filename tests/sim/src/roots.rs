//! The change every document of a class begins with, as a replica needs to be told.

use std::collections::BTreeMap;

use node_replication::RootChange;
use schema_documents::root_document;
use schema_wire::Class;

/// The root change of every class that has documents.
pub(crate) fn changes() -> BTreeMap<Class, RootChange> {
    let classes = Class::ALL.into_iter().filter(|class| *class != Class::Keyring);
    classes.map(|class| (class, change(class))).collect()
}

fn change(class: Class) -> RootChange {
    let mut document = root_document(class);
    let changes = document.get_changes(&[]);
    let root = changes.first().expect("a document begins with one change");
    let actor = root.actor_id().to_bytes().try_into().expect("root actors are 16 bytes");
    RootChange { hash: root.hash().0, actor, max_op: root.max_op() }
}
