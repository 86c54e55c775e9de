//! Keys of persons: what destroys them, and what does not.

use std::collections::BTreeSet;

use node_replication::log::{Offered, item};
use schema_wire::{Erasure, Erasures, Item, Keeps, Keys, Payload, SubjectKey, Verbs};

use crate::node::ELSEWHERE;
use crate::town::{Writer, document, town};

/// Finding 6, mended. An erasure by a node that was removed does not count, and so takes no key from
/// anybody, whatever comes in one step.
#[test]
fn an_erasure_that_does_not_count_takes_no_key() {
    let (mut node, op) = town();
    let [removed, clerk] =
        [("removed", 1), ("clerk", 2)].map(|(name, serial)| op.grants(name, Verbs::WRITE, serial));
    let gone = op.withdraws(removed.id(), Keeps::default(), 20);
    node.learn(&[removed.clone(), clerk.clone(), gone]);
    let key = SubjectKey::new([7; 16], [9; 32]);
    let erasure = Erasure { subject: [7; 16], commitment: key.commitment() };
    let erasures = Payload::Erasures(Erasures::of([erasure]).expect("one"));
    let keys = Payload::Keys(Keys::new(vec![key]).expect("one"));
    let erased = Writer::new("removed", removed.id(), document(142, "07")).content(erasures);
    let told = Writer::new("clerk", clerk.id(), document(143, "07")).content(keys);
    let scope = document(142, "07").scope();
    let offered = node.step(|log, step| {
        [&erased, &told]
            .into_iter()
            .map(|one| log.offer(step, &scope, &one.bytes, ELSEWHERE, &BTreeSet::new()))
            .collect::<Result<Vec<_>, _>>()
    });
    assert_eq!(offered, [Offered::Taken, Offered::Taken]);
    let stored = item(&node.store, &told.id).expect("in memory").expect("admitted");
    let Item::Envelope(envelope) = stored.item else { panic!("an envelope") };
    let Payload::Keys(keys) = envelope.content() else { panic!("keys") };
    assert!(keys.iter().all(|key| key.key().is_some()), "the key is gone");
}
