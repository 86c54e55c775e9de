//! What is lacking here, and who can say so.

use std::cell::Cell;

use node_replication::store::{Entry, MemStore, ReadError, ReadStore, Table};
use node_replication::wanted as wanted_of;
use schema_wire::{Hash, Keys, Mark, Payload, SubjectKey, Verbs};

use crate::node::ELSEWHERE;
use crate::town::{Writer, document, town};

/// Counts what is read.
struct Counting<'a>(&'a MemStore, Cell<usize>);

impl ReadStore for Counting<'_> {
    fn read(&self, table: Table, key: &[u8]) -> Result<Option<Vec<u8>>, ReadError> {
        self.1.set(self.1.get() + 1);
        self.0.read(table, key)
    }
    fn range(
        &self,
        table: Table,
        from: &[u8],
        to: &[u8],
        limit: usize,
    ) -> Result<Vec<Entry>, ReadError> {
        let found = self.0.range(table, from, to, limit)?;
        self.1.set(self.1.get() + found.len() + 1);
        Ok(found)
    }
    fn last(&self, table: Table, from: &[u8], to: &[u8]) -> Result<Option<Entry>, ReadError> {
        self.1.set(self.1.get() + 1);
        self.0.last(table, from, to)
    }
}

/// Finding: whoever governs a unit names in adoptions, of what it publishes, as many heads as it
/// likes that nobody ever wrote. Every node above noted each, looked at all of them at each
/// statement for each session, and at no more than 65,536: with small ids they hid what is lacking
/// of everybody else.
#[test]
fn heads_that_nobody_wrote_hide_nothing_and_cost_their_own_scope_alone() {
    let (mut node, op) = town();
    let clerk = op.grants("clerk", Verbs::WRITE, 1);
    node.learn(std::slice::from_ref(&clerk));
    let key = SubjectKey::new([7; 16], [9; 32]).without_key();
    let keys = Payload::Keys(Keys::new(vec![key]).expect("one"));
    let told = Writer::new("clerk", clerk.id(), document(143, "07")).content(keys);
    let band = document(143, "07").scope();
    node.offer(&band, &told.bytes, &Default::default());
    let wanted = |node: &crate::node::Node, of: &schema_wire::Scope| {
        let store = Counting(&node.store, Cell::new(0));
        let wanted = wanted_of(&store, |scope| scope == of).expect("in memory");
        (wanted.into_iter().map(|(_, id)| id).collect::<Vec<_>>(), store.1.get())
    };
    let (before, reads_before) = wanted(&node, &band);
    assert_eq!(before, [told.id]);
    let public = document(0, "one");
    let adoptions = 70_u32;
    for number in 0..adoptions {
        let marks = (0..1_024_u32).map(|n| {
            let author = Writer::new("nobody", clerk.id(), public.clone()).author;
            let mut head = [0; 32];
            head[8..12].copy_from_slice(&(number * 1_024 + n).to_be_bytes());
            let mut incarnation = author.incarnation;
            incarnation.0[..4].copy_from_slice(&(number * 1_024 + n).to_be_bytes());
            let document = public.clone();
            Mark { document, author: author.key, incarnation, seq: 1, head: Hash(head) }
        });
        let said = op.adopts(marks.collect(), u64::from(number));
        node.step(|log, step| log.learn(step, said, ELSEWHERE));
    }
    let (after, reads) = wanted(&node, &band);
    assert_eq!(after, before, "what is lacking is hidden");
    assert!(reads <= reads_before + 2, "{reads_before}, then {reads} reads");
    let (heads, reads) = wanted(&node, &public.scope());
    println!("{} of {} heads are wanted, by {reads} reads", heads.len(), adoptions * 1_024);
    assert_eq!(heads.len(), 8_192, "no more than one peer is asked for");
    assert!(reads < 3 * 8_192, "{reads}");
}

/// The same id named by another unit, or in another scope, takes nothing from whom it belongs to.
#[test]
fn a_head_that_is_named_in_another_scope_stays_wanted_in_its_own() {
    let (mut node, op) = town();
    let clerk = op.grants("clerk", Verbs::WRITE, 1);
    node.learn(std::slice::from_ref(&clerk));
    let head = Hash([5; 32]);
    for class in [144, 0] {
        let writer = Writer::new("clerk", clerk.id(), document(class, "one"));
        let said = op.adopts(vec![writer.mark(1, head)], 20 + u64::from(class));
        node.learn(&[said]);
    }
    for class in [144, 0] {
        let scope = document(class, "one").scope();
        let wanted = wanted_of(&node.store, |asked| *asked == scope).expect("in memory");
        assert_eq!(wanted, [(scope, head)]);
    }
}
