//! What a session costs, counted: frames, bytes, and questions to the node, at 1 to 10,000 shared
//! scopes.

use schema_wire::{Frame, Reads, Scope};

use crate::item::{Says, TestItem};
use crate::net::Net;
use crate::node::{TestNode, unit};

/// A city and a district that share so many scopes, and know it.
fn met(scopes: usize) -> Net {
    let mut net = Net::of(vec![TestNode::new("c", 1), TestNode::new("c/d", 2)]);
    for number in 0..scopes {
        let scope = Scope::public(unit(&format!("c/d/{number}")));
        net.nodes[0].admit(TestItem::new(&scope, Says::Envelope, 1), None);
    }
    net.nodes[0].changed = Default::default();
    net.join(0, 1);
    net.run();
    assert_eq!((net.resumed(0), net.resumed(1)), (1, 1));
    net.cut(0, 1);
    net.join(0, 1);
    net.run();
    net.cut(0, 1);
    net
}

/// Meets again. Returns the rounds, frames and bytes both ways, and the questions of the first node.
fn meet(net: &mut Net) -> (usize, usize, usize, u64) {
    let resumed = net.resumed(0);
    net.nodes[0].reads.set(0);
    net.join(0, 1);
    let rounds = net.run();
    assert_eq!((net.resumed(0), net.resumed(1)), (resumed + 1, resumed + 1));
    assert!(net.ended.is_empty());
    let (frames, bytes) =
        net.sent.values().fold((0, 0), |sum, line| (sum.0 + line.0, sum.1 + line.1));
    (rounds, frames, bytes, net.nodes[0].reads.get())
}

#[test]
fn a_reconnect_costs_the_change_and_not_what_is_shared() {
    for scopes in [1, 100, 1_000, 10_000] {
        let mut net = met(scopes);
        let nothing = meet(&mut net);
        println!("{scopes} scopes, nothing changed: rounds, frames, bytes, reads {nothing:?}");
        assert_eq!((nothing.0, nothing.1), (1, 4), "hello and membership, both ways");
        assert!(nothing.2 < 2_000, "{} bytes", nothing.2);
        assert!(nothing.3 <= 40, "{} questions", nothing.3);
        net.cut(0, 1);
        let changed = scopes.min(10);
        for number in 0..changed {
            net.enter(0, &Scope::public(unit(&format!("c/d/{number}"))));
        }
        let ten = meet(&mut net);
        println!("{scopes} scopes, {changed} changed: {ten:?}");
        assert!(ten.0 <= 6 && ten.2 < 10_000, "{ten:?}");
        assert!(ten.3 <= 400, "{} questions", ten.3);
    }
}

/// What costs as much as is shared, and no more: the feeds of two nodes do not tell what the other
/// lacks, so every scope is named once, by both.
#[test]
fn a_new_epoch_and_a_wrong_digest_cost_a_name_of_each_scope() {
    for scopes in [1, 100, 1_000, 10_000] {
        let mut net = met(scopes);
        net.nodes[1].lose(77);
        let epoch = meet(&mut net);
        net.cut(0, 1);
        meet(&mut net);
        net.cut(0, 1);
        let scope = Scope::public(unit("c/d/0"));
        let id = *net.nodes[0].set(&scope).first().expect("an item");
        net.nodes[1].forget(&id);
        let wrong = meet(&mut net);
        assert!(net.agree(0, 1, &scope), "what was lost is found");
        println!("{scopes} scopes, a new epoch: {epoch:?}; a wrong digest: {wrong:?}");
        for (rounds, _, bytes, reads) in [epoch, wrong] {
            let scopes = scopes as u64;
            assert!(rounds <= 16 + 2 * scopes as usize / 1_024, "{rounds} rounds");
            assert!(bytes as u64 <= 4_000 + 250 * scopes, "{bytes} bytes");
            assert!(reads <= 200 + 12 * scopes, "{reads} reads");
        }
    }
}

/// What comes to be shared costs that, and not what was shared before.
#[test]
fn what_is_newly_shared_costs_itself() {
    for scopes in [1, 100, 1_000, 10_000] {
        let (city, district) = (TestNode::new("c", 1), "c/d");
        let poor = TestNode::with(district, 2, Reads::NONE, false, schema_wire::Ms::MAX);
        let (key, mut net) = (poor.key(), Net::of(vec![city, poor]));
        for number in 0..scopes {
            let scope = Scope::public(unit(&format!("c/d/{number}")));
            net.nodes[0].admit(TestItem::new(&scope, Says::Envelope, 1), None);
        }
        let shown = |number: usize| Scope::path(unit(&format!("c/d/{number}")));
        for number in 0..10 {
            net.nodes[0].admit(TestItem::new(&shown(number), Says::Envelope, 1), None);
        }
        net.nodes[0].changed = Default::default();
        for _ in 0..3 {
            meet(&mut net);
            net.cut(0, 1);
        }
        net.join(0, 1);
        net.run();
        let before = net.sent.values().map(|line| line.1).sum::<usize>();
        net.nodes[0].reads.set(0);
        let says = Says::Grants(key, Reads::ALL);
        net.write(0, TestItem::new(&Scope::statements(unit(district)), says, 1));
        net.run();
        let bytes = net.sent.values().map(|line| line.1).sum::<usize>() - before;
        let reads = net.nodes[0].reads.get();
        println!("{scopes} scopes, ten newly shared: {bytes} bytes, {reads} reads");
        assert!((0..10).all(|number| net.agree(0, 1, &shown(number))), "they are here");
        assert!(bytes < 10_000 && reads < 400, "{bytes} bytes, {reads} reads");
    }
}

#[test]
fn what_changes_while_two_resume_makes_nobody_offer_everything() {
    let mut net = met(1_000);
    net.enter(0, &Scope::public(unit("c/d/1")));
    let by_both = Scope::public(unit("c/d/900"));
    net.enter(1, &by_both);
    net.join(0, 1);
    // Both know what they share, and the one has not heard yet what the other names.
    net.round();
    net.enter(0, &by_both);
    let mut number = 0;
    loop {
        number += 1;
        net.enter(0, &Scope::public(unit(&format!("c/d/{}", number + 500))));
        net.enter(1, &Scope::public(unit(&format!("c/d/{}", number + 100))));
        if !net.round() || number > 20 {
            break;
        }
    }
    net.run();
    assert!(net.sent[&(0, 1)].1 < 20_000, "{:?}", net.sent);
    for number in 0..1_000 {
        assert!(net.agree(0, 1, &Scope::public(unit(&format!("c/d/{number}")))));
    }
}

#[test]
fn what_leaves_a_set_without_a_position_is_found_by_the_rest() {
    let mut net = met(50);
    let scope = Scope::public(unit("c/d/7"));
    let id = *net.nodes[0].set(&scope).first().expect("an item");
    net.nodes[1].forget(&id);
    net.join(0, 1);
    net.run();
    assert!(net.agree(0, 1, &scope));
    assert!(net.ended.is_empty());
}

#[test]
fn statements_of_upper_units_are_sent_first() {
    let mut net = Net::of(vec![TestNode::new("c/d", 1), TestNode::new("c/d/x", 2)]);
    for at in ["c/d/x/1", "c/d/x", "c/d", "c"] {
        let scope = Scope::public(unit(at));
        let statements = Scope::statements(unit(at));
        for number in 0..8 {
            let mut item = TestItem::new(&statements, Says::Statement, number);
            item.padding = 255_000;
            net.nodes[0].admit(item, None);
            net.nodes[0].admit(TestItem::new(&scope, Says::Envelope, number), None);
        }
    }
    net.nodes[0].changed = Default::default();
    net.join(0, 1);
    let mut order = Vec::new();
    while net.round() {
        for frame in net.on_its_way((0, 1)) {
            if let Frame::Items(items) = frame
                && !order.contains(&items.scope)
            {
                order.push(items.scope);
            }
        }
    }
    let at = |at: &str| {
        let of = |scope: Scope| order.iter().position(|s| *s == scope).expect("sent");
        (of(Scope::statements(unit(at))), of(Scope::public(unit(at))))
    };
    let of = [at("c"), at("c/d"), at("c/d/x"), at("c/d/x/1")];
    assert!(of.is_sorted_by_key(|(statements, _)| *statements), "{order:?}");
    for (statements, public) in of {
        assert!(statements < public, "{order:?}");
    }
}
