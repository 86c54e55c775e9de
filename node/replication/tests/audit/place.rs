//! Forks: what one author makes a node hold, and how it is got rid of again.

use std::collections::BTreeSet;

use node_replication::change::{Put, Scalar};
use node_replication::log::Offered;
use schema_wire::Verbs;

use crate::town::{Writer, Written, document, town};

fn sides(writer: &Writer, count: i64) -> Vec<Written> {
    let side = |number| {
        let put = Put { key: "a/1/x", value: Scalar::Integer(number), instead: Vec::new() };
        writer.clone().change(vec![put])
    };
    (0..count).map(side).collect()
}

/// Finding 1, mended. One writer fills a place at a node; the unit chooses a side that came elsewhere. The
/// node puts off what was chosen, and so the scope, for ever: it can only be chosen once it is
/// here.
#[test]
fn a_chosen_side_is_taken_where_the_place_is_full() {
    let (mut node, op) = town();
    let grant = op.grants("writer", Verbs::WRITE, 1);
    let writer = Writer::new("writer", grant.id(), document(144, "one"));
    node.learn(&[grant]);
    let (scope, sides) = (writer.document.scope(), sides(&writer, 18));
    for side in &sides[..16] {
        assert_eq!(node.offer(&scope, &side.bytes, &BTreeSet::new()), Offered::Taken);
    }
    assert_eq!(node.offer(&scope, &sides[16].bytes, &BTreeSet::new()), Offered::Later);
    node.learn(&[op.adopts(vec![writer.mark(1, sides[17].id)], 20)]);
    assert_eq!(node.offer(&scope, &sides[17].bytes, &BTreeSet::new()), Offered::Taken);
    // Now one is chosen, and the others are outvoted.
    assert_eq!(node.offer(&scope, &sides[16].bytes, &BTreeSet::new()), Offered::Taken);
}

/// Finding: the heads of a document are written anew with each envelope, and who begins log after
/// log makes as many as it likes.
#[test]
fn heads_have_a_quota_and_what_builds_on_one_is_taken() {
    let (mut node, op) = town();
    let (mut taken, mut later, mut first) = (0, 0, None);
    for name in ["one", "other"] {
        let grant = op.grants(name, Verbs::WRITE, 1);
        node.learn(std::slice::from_ref(&grant));
        for life in 0..700_u16 {
            let mut writer = Writer::new(name, grant.id(), document(144, "one"));
            writer.author.incarnation.0[..2].copy_from_slice(&life.to_be_bytes());
            let scope = writer.document.scope();
            let begins = writer.change(Vec::new());
            match node.offer(&scope, &begins.bytes, &BTreeSet::new()) {
                Offered::Taken => taken += 1,
                Offered::Later => later += 1,
                other => panic!("{other:?}"),
            }
            first.get_or_insert((scope, writer));
        }
    }
    assert_eq!((taken, later), (1_024, 376));
    let (scope, mut writer) = first.expect("the first log");
    let next = writer.change(Vec::new());
    assert_eq!(node.offer(&scope, &next.bytes, &BTreeSet::new()), Offered::Taken);
}

/// Finding 1, too. Behind a side that was outvoted the writer fills the next place with what is
/// set aside at once. What the chosen side has there must still be taken.
#[test]
fn what_is_set_aside_fills_no_place() {
    let (mut node, op) = town();
    let grant = op.grants("writer", Verbs::WRITE, 1);
    let writer = Writer::new("writer", grant.id(), document(144, "one"));
    node.learn(&[grant]);
    let scope = writer.document.scope();
    let side = |number| {
        let mut side = writer.clone();
        let put = Put { key: "a/1/x", value: Scalar::Integer(number), instead: Vec::new() };
        let first = side.change(vec![put]);
        (side, first)
    };
    let ((chosen, first), (other, second)) = (side(1), side(2));
    for one in [&first, &second] {
        assert_eq!(node.offer(&scope, &one.bytes, &BTreeSet::new()), Offered::Taken);
    }
    node.learn(&[op.adopts(vec![writer.mark(1, first.id)], 20)]);
    for one in sides(&other, 16) {
        assert_eq!(node.offer(&scope, &one.bytes, &BTreeSet::new()), Offered::Taken);
    }
    for next in sides(&chosen, 1) {
        assert_eq!(node.offer(&scope, &next.bytes, &BTreeSet::new()), Offered::Taken);
    }
}
