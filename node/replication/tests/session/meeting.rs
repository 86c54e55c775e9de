//! Two nodes meet, fall apart, and meet again.

use node_replication::session::{Event, Node};
use schema_wire::{Band, Frame, Reads, Scope};

use crate::item::{Says, TestItem};
use crate::net::Net;
use crate::node::{TestNode, unit};

fn statements(at: &str) -> Scope {
    Scope::statements(unit(at))
}
fn public(at: &str) -> Scope {
    Scope::public(unit(at))
}
fn band(at: &str, band: usize) -> Scope {
    Scope::band(unit(at), Band::ALL[band])
}

#[test]
fn two_nodes_of_a_unit_come_to_hold_the_same() {
    let mut net = Net::of(vec![TestNode::new("c/d/1", 1), TestNode::new("c/d/1", 2)]);
    let scopes = [statements("c/d/1"), public("c/d/1"), band("c/d/1", 0)];
    for scope in &scopes {
        net.enter(0, scope);
        net.enter(1, scope);
    }
    net.join(0, 1);
    net.run();
    assert!(net.ended.is_empty(), "{:?}", net.ended);
    for scope in &scopes {
        assert_eq!(net.nodes[0].set(scope).len(), 2, "{scope}");
        assert!(net.agree(0, 1, scope), "{scope}");
    }
    assert_eq!((net.resumed(0), net.resumed(1)), (1, 1));
    // What comes later is pushed, and not sent back.
    let before = net.sent[&(1, 0)];
    net.enter(0, &scopes[1]);
    net.run();
    assert!(net.agree(0, 1, &scopes[1]));
    assert_eq!(net.sent[&(1, 0)].0, before.0 + 1, "an ack");
}

#[test]
fn nothing_changed_costs_one_trip() {
    let mut net = Net::of(vec![TestNode::new("c/d/1", 1), TestNode::new("c/d", 2)]);
    net.enter(0, &public("c/d/1"));
    net.enter(1, &public("c/d"));
    net.join(0, 1);
    net.run();
    net.wait(5_000);
    net.run();
    net.cut(0, 1);
    net.join(0, 1);
    assert_eq!(net.run(), 1);
    assert_eq!((net.resumed(0), net.resumed(1)), (2, 2));
    assert_eq!(net.sent[&(0, 1)].0, 2, "hello and membership");
    assert!(net.sent[&(0, 1)].1 < 1_000, "{:?}", net.sent);
}

#[test]
fn a_band_stays_within_its_unit() {
    let nodes = vec![
        TestNode::new("c/d/1", 1),
        TestNode::new("c/d", 2),
        TestNode::new("c", 3),
        TestNode::with("c/d/1", 4, Reads::band(Band::ALL[1]), false, schema_wire::Ms::MAX),
    ];
    let mut net = Net::of(nodes);
    for scope in [band("c/d/1", 0), band("c/d/1", 1), public("c/d/1"), Scope::path(unit("c/d/1"))] {
        net.enter(0, &scope);
    }
    for peer in 1..4 {
        net.join(0, peer);
    }
    net.run();
    assert!(net.ended.is_empty());
    assert!(net.agree(0, 1, &Scope::path(unit("c/d/1"))));
    assert!(net.agree(0, 2, &public("c/d/1")));
    for (node, scope, may) in [
        (1, band("c/d/1", 0), false),
        (2, band("c/d/1", 1), false),
        (3, band("c/d/1", 0), false),
        (3, band("c/d/1", 1), true),
        (3, Scope::path(unit("c/d/1")), false),
    ] {
        assert_eq!(!net.nodes[node].set(&scope).is_empty(), may, "{node} {scope}");
    }
}

#[test]
fn letters_travel_by_the_units_between_with_the_statements_of_both_ends() {
    let names = ["c/d/1", "c/d", "c", "c/e", "c/e/2", "c/d/9"];
    let nodes = names.iter().zip(1..).map(|(at, number)| TestNode::new(at, number)).collect();
    let mut net = Net::of(nodes);
    let letters = Scope::pair(&unit("c/d/1"), &unit("c/e/2")).expect("two");
    for (one, other) in [(0, 1), (1, 2), (2, 3), (3, 4), (5, 1)] {
        net.join(one, other);
    }
    net.run();
    net.enter(4, &statements("c/e/2"));
    net.run();
    net.enter(0, &letters);
    net.enter(4, &letters);
    net.run();
    for node in [1, 2, 3, 4] {
        assert_eq!(net.nodes[node].set(&letters).len(), 2, "{}", names[node]);
    }
    assert!(net.nodes[5].set(&letters).is_empty(), "a neighbour carries nothing");
    assert!(net.nodes[5].set(&statements("c/e/2")).is_empty());
    // Who corresponds with a unit cares for its statements.
    for node in [0, 1, 2, 3, 4] {
        assert_eq!(net.nodes[node].set(&statements("c/e/2")).len(), 1, "{}", names[node]);
    }
    assert!(net.ended.is_empty(), "{:?}", net.ended);
}

#[test]
fn the_first_letter_brings_what_it_rests_on_along_its_way() {
    let names = ["c/d/1", "c/d", "c", "c/e", "c/e/2"];
    let nodes = names.iter().zip(1..).map(|(at, number)| TestNode::new(at, number)).collect();
    let mut net = Net::of(nodes);
    for (one, other) in [(0, 1), (1, 2), (2, 3), (3, 4)] {
        net.join(one, other);
    }
    net.run();
    let own = statements("c/d/1");
    let statement = net.write(0, TestItem::new(&own, Says::Statement, 1));
    let letters = Scope::pair(&unit("c/d/1"), &unit("c/e/2")).expect("two");
    let mut letter = TestItem::new(&letters, Says::Envelope, 2);
    letter.rests_on = vec![(own.clone(), statement)];
    net.write(0, letter);
    net.run();
    for (node, name) in names.iter().enumerate() {
        assert_eq!(net.nodes[node].set(&letters).len(), 1, "{name}");
        assert_eq!(net.nodes[node].set(&own).len(), 1, "{name}");
    }
    assert!(net.ended.is_empty(), "{:?}", net.ended);
    // What they care for was told and kept: the next time nothing is to be done.
    net.wait(1_000);
    net.run();
    for (one, other) in [(0, 1), (1, 2), (2, 3), (3, 4)] {
        net.cut(one, other);
        net.join(one, other);
        assert_eq!(net.run(), 1, "{one} {other}");
    }
}

/// A charter that came by id waits for a founding of a unit that is newly cared for: that is
/// offered at once, though the charter is not acknowledged.
#[test]
fn what_is_newly_cared_for_is_offered_though_statements_wait() {
    let names = ["c/d/1", "c/d", "c", "c/e"];
    let nodes = names.iter().zip(1..).map(|(at, number)| TestNode::new(at, number)).collect();
    let mut net = Net::of(nodes);
    for (one, other) in [(0, 1), (1, 2), (2, 3)] {
        net.join(one, other);
    }
    let founding = net.enter(1, &statements("c/d"));
    let mut charter = TestItem::new(&statements("c/d/1"), Says::Charter, 1);
    charter.rests_on = vec![(statements("c/d"), founding)];
    net.run();
    let charter = net.write(0, charter);
    net.run();
    let letters = Scope::pair(&unit("c/d/1"), &unit("c/e")).expect("two");
    let mut letter = TestItem::new(&letters, Says::Envelope, 2);
    letter.rests_on = vec![(statements("c/d/1"), charter)];
    net.write(0, letter);
    let cares =
        |net: &Net| net.on_its_way((3, 2)).iter().any(|frame| matches!(frame, Frame::Interests(_)));
    while !cares(&net) {
        assert!(net.round(), "the letter brings interests");
    }
    net.enter(2, &statements("c"));
    net.run();
    for scope in [letters, statements("c/d/1"), statements("c/d")] {
        assert!(net.agree(2, 3, &scope) && !net.nodes[3].set(&scope).is_empty(), "{scope}");
    }
    assert!(net.ended.is_empty(), "{:?}", net.ended);
}

/// A digest says how far all was taken that was shared then, and nothing of what is shared since.
#[test]
fn what_is_newly_cared_for_is_sent_from_its_beginning() {
    let mut net = Net::of(vec![TestNode::new("c/d", 1), TestNode::new("c", 2)]);
    let (elsewhere, own) = (statements("c/e"), public("c/d"));
    for _ in 0..3 {
        net.enter(1, &elsewhere);
        net.enter(1, &own);
    }
    for _ in 0..2 {
        net.join(0, 1);
        net.run();
        net.wait(1_000);
        net.run();
        net.cut(0, 1);
    }
    net.enter(0, &own);
    net.join(0, 1);
    net.run();
    net.enter(0, &Scope::pair(&unit("c/d"), &unit("c/e")).expect("two"));
    let mut reconciled = false;
    while net.round() {
        let lines = [(0, 1), (1, 0)].map(|line| net.on_its_way(line)).concat();
        reconciled |= lines.iter().any(|frame| matches!(frame, Frame::Reconcile(_)));
    }
    assert_eq!(net.nodes[0].set(&elsewhere).len(), 3);
    assert!(net.agree(0, 1, &elsewhere) && !reconciled, "by the feed");
}

#[test]
fn a_feed_with_another_name_is_reconciled() {
    let mut net = Net::of(vec![TestNode::new("c/d/1", 1), TestNode::new("c/d", 2)]);
    let scope = public("c/d/1");
    for _ in 0..1_500 {
        net.enter(0, &scope);
        net.enter(1, &scope);
    }
    net.join(0, 1);
    net.run();
    assert!(net.agree(0, 1, &scope) && net.nodes[0].set(&scope).len() == 3_000);
    net.cut(0, 1);
    net.nodes[0].lose(99);
    net.enter(0, &scope);
    net.enter(1, &scope);
    net.join(0, 1);
    net.run();
    assert!(net.agree(0, 1, &scope) && net.nodes[0].set(&scope).len() == 3_002);
    assert_eq!((net.resumed(0), net.resumed(1)), (2, 2));
    assert!(net.sent[&(0, 1)].1 + net.sent[&(1, 0)].1 < 40_000, "{:?}", net.sent);
    net.enter(1, &scope);
    net.run();
    assert!(net.agree(0, 1, &scope));
}

#[test]
fn what_waits_for_a_statement_is_wanted_from_the_sender() {
    let mut net = Net::of(vec![TestNode::new("c/d/1", 1), TestNode::new("c/d", 2)]);
    net.join(0, 1);
    net.run();
    // A statement that is set aside: an envelope rests on it all the same.
    let statement = TestItem::new(&statements("c/d/1"), Says::Statement, 1);
    let id = statement.id();
    net.nodes[0].admit(statement, None);
    net.nodes[0].set_aside(&id);
    net.nodes[0].changed = Default::default();
    let mut envelope = TestItem::new(&public("c/d/1"), Says::Envelope, 2);
    envelope.rests_on = vec![(statements("c/d/1"), id)];
    net.write(0, envelope);
    net.run();
    assert!(net.agree(0, 1, &public("c/d/1")));
    assert!(net.nodes[1].holds(&id).expect("memory"));
}

#[test]
fn adoptions_of_a_whole_scope_go_first() {
    let mut net = Net::of(vec![TestNode::new("c/d/1", 1), TestNode::new("c/d", 2)]);
    let scope = public("c/d/1");
    net.enter(0, &scope);
    net.write(0, TestItem::new(&scope, Says::Adoption, 7));
    net.enter(0, &scope);
    net.join(0, 1);
    let mut first = None;
    while first.is_none() && net.round() {
        let frames = net.on_its_way((0, 1));
        first = frames.into_iter().find_map(|frame| match frame {
            Frame::Items(items) if items.scope == scope => Some(items),
            _ => None,
        });
    }
    let first = first.expect("items");
    let item = TestItem::from_bytes(&first.items[0]).expect("an item");
    assert_eq!((item.says, first.upto, first.items.len()), (Says::Adoption, None, 1));
    net.run();
    assert!(net.agree(0, 1, &scope));
    assert_eq!(net.resumed(0), 1);
}

#[test]
fn a_peer_is_told_once_that_its_feed_was_longer() {
    let mut net = Net::of(vec![TestNode::new("c/d/1", 1), TestNode::new("c/d", 2)]);
    net.enter(0, &public("c/d/1"));
    net.join(0, 1);
    net.run();
    net.cut(0, 1);
    // The store of the first node is set back.
    let mut again = TestNode::new("c/d/1", 1);
    again.peers = net.nodes[0].peers.clone();
    net.nodes[0] = again;
    net.join(0, 1);
    net.run();
    let longer = |event: &Event| matches!(event, Event::FeedWasLonger { .. });
    assert!(net.events.iter().any(|(node, event)| *node == 0 && longer(event)));
    assert!(net.agree(0, 1, &public("c/d/1")), "and gets back what it lost");
}
