//! This node's own writing.

use node_replication::change::write;
use schema_wire::{Bytes, Ms, Payload, Verbs};

use crate::town::{document, town};

/// Finding 10, mended. A grant that begins in a year is no reason to live in that year: for readers, now
/// is the newest time that a node wrote, and every grant of this year would be over.
#[test]
fn a_grant_that_begins_later_moves_no_clock() {
    let (mut node, op) = town();
    let year = 31_536_000_000;
    let grant = op.grants_for("node", Verbs::WRITE, (year, 2 * year));
    node.learn(std::slice::from_ref(&grant));
    let (now, document) = (Ms::of(100), document(144, "one"));
    let written = node.step(|log, step| {
        let draft = log.draft(now, &document, step.store()).expect("a draft");
        let change = log.change_draft(&draft, step.store())?.change(vec![]);
        let content = Payload::Changes(Bytes::new(write(&change).0).expect("small"));
        Ok(log.write(step, now, grant.id(), draft, content).is_ok())
    });
    assert!(!written, "it was written before its grant began");
}
