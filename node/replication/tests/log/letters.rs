//! Letters at a unit that carries them: what it drops, and what it wants again.

use node_replication::log::{Offered, item};
use schema_wire::{
    Acknowledgement, Ascending, Bytes, Class, Classes, Delegation, DocumentId, Hash, Item, Ms,
    Payload, Reads, Receipt, UnitId, Verbs, Verified, VerifiedStatement,
};

use crate::node::Node;
use crate::own::{NOW, two_nodes};
use crate::world::{BEGIN, TERM, World, Writer, public, secret};

const MONTH: u64 = 2_592_000_000;

/// One who writes for a unit whose key is that of [`World::charter`].
fn writer(world: &World, of: &str, key: u8) -> (Vec<VerifiedStatement>, Writer) {
    let (charter, lineage) = {
        let charter = world.charter(of);
        let id = charter.id();
        (charter, id)
    };
    let grant = Delegation {
        network: world.network(),
        unit: UnitId::parse(of).expect("a unit"),
        proof: lineage,
        issuer: public(&secret(204)),
        subject: public(&secret(key)),
        verbs: Verbs::WRITE,
        reads: Reads::ALL,
        classes: Classes::all(),
        not_before: Ms::of(BEGIN),
        not_after: Ms::of(BEGIN + TERM),
        serial: 0,
    };
    let grant = Verified::seal(grant, &secret(204)).expect("well made");
    let incarnation = schema_wire::Incarnation([key; 16]);
    let writer = Writer { key: secret(key), delegation: grant.id(), incarnation };
    (vec![world.founding(of, lineage), charter, grant.into()], writer)
}

fn document(from: &str, to: &str) -> DocumentId {
    let class = Class::new(192).expect("a class");
    DocumentId::new(UnitId::parse(from).expect("a unit"), class, to).expect("a document")
}

fn is_bare(node: &Node, id: &Hash) -> bool {
    let stored = item(&node.store, id).expect("in memory").expect("admitted");
    let Item::Envelope(envelope) = stored.item else { panic!("an envelope") };
    matches!(envelope.content(), Payload::Letter(None))
}

fn wanted(node: &Node) -> Vec<Hash> {
    let wanted = node_replication::wanted(&node.store, |_| true).expect("in memory");
    wanted.into_iter().map(|(_, id)| id).collect()
}

#[test]
fn a_carrier_drops_what_was_opened_a_month_ago_and_wants_it_if_that_ceases_to_count() {
    let (world, [mut carrier, _], _) = two_nodes();
    let (from, sender) = writer(&world, "c/d/1", 11);
    let (to, reader) = writer(&world, "c/e", 12);
    carrier.learn(&from);
    carrier.learn(&to);
    let (letters, answers) = (document("c/d/1", "c/e"), document("c/e", "c/d/1"));
    let scope = letters.scope();
    let none = Default::default();
    let content = Payload::Letter(Some(Bytes::new(*b"sealed").expect("short")));
    let letter = sender.write(world.network(), &letters, None, &[], BEGIN, &content);
    let whole = crate::world::item(&letter, content);
    assert_eq!(carrier.offer(&scope, &whole, &none), Offered::Taken);
    let told = Acknowledgement {
        author: sender.author().key,
        incarnation: sender.author().incarnation,
        seq: 1,
        state: Receipt::Opened,
    };
    let told = Payload::Acknowledgement(Ascending::of([told]).expect("one"));
    let answer = reader.write(world.network(), &answers, None, &[letter.id()], BEGIN, &told);
    let answer = crate::world::item(&answer, told);
    assert_eq!(carrier.offer(&scope, &answer, &none), Offered::Taken);

    let drop_at = |carrier: &mut Node, at| carrier.step(|log, step| log.drop_opened(step, at));
    drop_at(&mut carrier, NOW);
    drop_at(&mut carrier, NOW.plus(MONTH - 1));
    assert!(!is_bare(&carrier, &letter.id()));
    drop_at(&mut carrier, NOW.plus(MONTH));
    assert!(is_bare(&carrier, &letter.id()));
    assert_eq!(wanted(&carrier), [], "it was opened");
    assert_eq!(carrier.offer(&scope, &whole, &none), Offered::Duplicate);
    assert!(!is_bare(&carrier, &letter.id()), "a copy that has it is taken");
    drop_at(&mut carrier, NOW.plus(MONTH));
    assert!(is_bare(&carrier, &letter.id()));

    // The reader is recognised no more: nobody whose word counts has opened it.
    let founding = to[0].id();
    carrier.learn(&[world.end_founding(founding, BEGIN + 5)]);
    assert_eq!(wanted(&carrier), [letter.id()]);
    assert_eq!(carrier.offer(&scope, &whole, &none), Offered::Duplicate);
    assert_eq!(wanted(&carrier), []);
    drop_at(&mut carrier, NOW.plus(3 * MONTH));
    assert!(!is_bare(&carrier, &letter.id()));
}

#[test]
fn a_letter_that_came_bare_and_a_head_that_a_mark_names_are_wanted() {
    let (world, [mut carrier, _], [first, _]) = two_nodes();
    let (from, sender) = writer(&world, "c/d/1", 11);
    let (to, _) = writer(&world, "c/e", 12);
    carrier.learn(&from);
    carrier.learn(&to);
    let letters = document("c/d/1", "c/e");
    let none = Default::default();
    let content = Payload::Letter(Some(Bytes::new(*b"sealed").expect("short")));
    let letter = sender.write(world.network(), &letters, None, &[], BEGIN, &content);
    let bare = crate::world::item(&letter, Payload::Letter(None));
    assert_eq!(carrier.offer(&letters.scope(), &bare, &none), Offered::Taken);
    assert_eq!(wanted(&carrier), [letter.id()]);
    let whole = crate::world::item(&letter, content);
    assert_eq!(carrier.offer(&letters.scope(), &whole, &none), Offered::Duplicate);
    assert_eq!(wanted(&carrier), []);

    let document = world.document(144, "one");
    let author = Writer { delegation: first, ..sender };
    let content = Payload::Letter(Some(Bytes::new(*b"of no kind here").expect("short")));
    let head = author.write(world.network(), &document, None, &[], BEGIN, &content);
    carrier.learn(&[world.adopt(&[&head], BEGIN + 5)]);
    assert_eq!(wanted(&carrier), [head.id()]);
}
