//! What waits, what is put off, and what ends or begins while a session goes on.

use node_replication::session::Node;
use schema_wire::{Frame, Items, List, Ms, Reads, Scope, Want};

use crate::item::{Says, TestItem};
use crate::net::Net;
use crate::node::{TestNode, unit};

fn pair() -> Net {
    let mut net = Net::of(vec![TestNode::new("c/d/1", 1), TestNode::new("c/d", 2)]);
    net.join(0, 1);
    net.run();
    net
}

/// An envelope that rests on a statement which the writer does not hold itself.
fn orphan(net: &mut Net) -> (TestItem, TestItem) {
    let statement = TestItem::new(&Scope::statements(unit("c/d/1")), Says::Statement, 77);
    let mut envelope = TestItem::new(&Scope::public(unit("c/d/1")), Says::Envelope, 78);
    envelope.rests_on = vec![(statement.scope.clone(), statement.id())];
    net.write(0, envelope.clone());
    (statement, envelope)
}

fn frames(net: &Net, line: (usize, usize)) -> Vec<Frame> {
    net.on_its_way(line)
}

#[test]
fn a_frame_waits_in_order_until_its_statement_comes_from_anybody() {
    let mut net = pair();
    let (statement, envelope) = orphan(&mut net);
    let scope = Scope::public(unit("c/d/1"));
    let later = net.enter(0, &scope);
    net.run();
    assert!(!net.nodes[1].holds(&envelope.id()).expect("memory"));
    assert!(!net.nodes[1].holds(&later).expect("memory"), "the order of a scope is kept");
    assert_eq!(net.nodes[1].cursors.len(), 0);
    net.write(1, statement);
    net.run();
    assert!(net.agree(0, 1, &scope));
    assert!(net.ended.is_empty());
}

#[test]
fn what_waits_too_long_is_put_off_and_goes_on_later() {
    let mut net = pair();
    let (statement, _) = orphan(&mut net);
    let scope = Scope::public(unit("c/d/1"));
    net.run();
    net.wait(60_000);
    let later = |frame: &Frame| matches!(frame, Frame::Ack(ack) if ack.later);
    assert!(frames(&net, (1, 0)).iter().any(later));
    net.run();
    net.enter(0, &scope);
    let items =
        |frame: &Frame| matches!(frame, Frame::Items(Items { scope: s, .. }) if *s == scope);
    assert!(!frames(&net, (0, 1)).iter().any(items), "nothing more of the scope is sent");
    net.run();
    net.write(1, statement);
    net.run();
    assert!(net.nodes[1].set(&scope).is_empty());
    net.wait(30_000);
    let again = |frame: &Frame| matches!(frame, Frame::Again(again) if again.scope == scope);
    assert!(frames(&net, (1, 0)).iter().any(again));
    net.run();
    assert!(net.agree(0, 1, &scope) && net.nodes[1].set(&scope).len() == 2);
    assert!(net.ended.is_empty());
}

#[test]
fn what_is_too_much_is_put_off_and_what_was_sent_by_id_too() {
    let mut net = Net::of(vec![TestNode::new("c/d/1", 1), TestNode::new("c/d", 2)]);
    let scope = Scope::public(unit("c/d/1"));
    net.write(0, TestItem::new(&scope, Says::Adoption, 1));
    net.enter(0, &scope);
    net.nodes[1].put_off.insert(scope.clone());
    net.join(0, 1);
    net.run();
    assert!(net.nodes[1].set(&scope).is_empty());
    assert_eq!(net.resumed(1), 0, "not everything came");
    net.nodes[1].put_off.clear();
    net.wait(30_000);
    net.run();
    assert!(net.agree(0, 1, &scope));
    assert_eq!(net.resumed(1), 1);
}

#[test]
fn frames_that_wait_are_bounded_by_their_bytes() {
    let mut net = pair();
    let (_, mut envelope) = orphan(&mut net);
    let scope = Scope::public(unit("c/d/1"));
    for number in 0..8 {
        envelope.number = 100 + number;
        envelope.padding = 700_000;
        let other = Scope::path(unit("c/d/1"));
        envelope.scope = if number % 2 == 0 { scope.clone() } else { other };
        net.write(0, envelope.clone());
    }
    net.run();
    let size = format!("{:?}", net.sessions[&(1, 0)]).len();
    assert!(net.ended.is_empty(), "{:?}", net.ended);
    assert!(size < 4 * 5_300_000, "{size}");
}

#[test]
fn windows_hold() {
    let mut net = Net::of(vec![TestNode::new("c", 1), TestNode::new("c/d", 2)]);
    for number in 0..30 {
        let scope = Scope::public(unit(&format!("c/d/{number}")));
        let statements = Scope::statements(unit(&format!("c/d/{number}")));
        for of in 0..9 {
            for scope in [&scope, &statements] {
                let says = if *scope == statements { Says::Statement } else { Says::Envelope };
                let mut item = TestItem::new(scope, says, of);
                item.padding = 255_000;
                net.nodes[0].admit(item, None);
            }
        }
    }
    net.nodes[0].changed = Default::default();
    net.join(0, 1);
    let mut most = 0;
    loop {
        let mut of_scopes = std::collections::BTreeMap::new();
        for frame in frames(&net, (0, 1)) {
            if let Frame::Items(items) = frame {
                *of_scopes.entry(items.scope).or_insert(0) += 1;
            }
        }
        assert!(of_scopes.values().all(|count| *count <= 4), "{of_scopes:?}");
        let items = frames(&net, (0, 1)).iter().filter(|f| matches!(f, Frame::Items(_))).count();
        most = most.max(items);
        assert!(items <= 72, "{items} in flight");
        if !net.round() {
            break;
        }
    }
    assert!(most > 8, "{most}");
    for number in 0..30 {
        assert!(net.agree(0, 1, &Scope::public(unit(&format!("c/d/{number}")))));
    }
    assert_eq!(net.resumed(1), 1);
}

#[test]
fn who_ceases_to_be_a_member_is_sent_nothing_more() {
    let mut net = pair();
    let key = net.nodes[1].key();
    let scope = Scope::public(unit("c/d/1"));
    let ends = TestItem::new(&Scope::statements(unit("c/d")), Says::Ends(key), 1);
    let id = net.write(0, ends);
    assert_eq!(net.ended.get(&(0, 1)).map(String::as_str), Some("over"));
    net.enter(0, &scope);
    net.run();
    assert!(net.nodes[1].set(&scope).is_empty());
    assert!(net.nodes[1].holds(&id).expect("memory"), "it is told by what it is over");
    net.cut(0, 1);
    net.join(0, 1);
    net.run();
    assert_eq!(net.ended.get(&(0, 1)).map(String::as_str), Some("no-delegation"));
    assert!(net.nodes[1].set(&scope).is_empty());
}

#[test]
fn a_session_ends_with_the_delegation_by_which_the_peer_reads() {
    let until = Ms::of(1_500_000);
    let peer = TestNode::with("c/d", 2, Reads::ALL, false, until);
    let mut net = Net::of(vec![TestNode::new("c/d/1", 1), peer]);
    net.join(0, 1);
    net.run();
    net.wait(500_000);
    net.run();
    assert!(net.ended.is_empty());
    net.wait(1);
    assert_eq!(net.ended.get(&(0, 1)).map(String::as_str), Some("over"));
}

#[test]
fn what_is_newly_shared_is_offered_within_the_session() {
    let reader = TestNode::with("c/d/1", 2, Reads::NONE, false, Ms::MAX);
    let mut net = Net::of(vec![TestNode::new("c/d/1", 1), reader]);
    let band = Scope::band(unit("c/d/1"), schema_wire::Band::ALL[0]);
    net.enter(0, &band);
    net.join(0, 1);
    net.run();
    assert!(net.nodes[1].set(&band).is_empty());
    let key = net.nodes[1].key();
    let grants = Says::Grants(key, Reads::ALL);
    net.write(0, TestItem::new(&Scope::statements(unit("c/d/1")), grants, 5));
    net.run();
    assert!(net.ended.is_empty(), "{:?}", net.ended);
    assert!(net.agree(0, 1, &band) && net.nodes[1].set(&band).len() == 1);
    net.enter(1, &band);
    net.run();
    assert!(net.agree(0, 1, &band));
    // And the next session knows it.
    net.cut(0, 1);
    net.join(0, 1);
    assert_eq!(net.run(), 1, "{:?}", net.sent);
}

#[test]
fn sets_that_differ_although_all_was_taken_are_reconciled_once() {
    let mut net = pair();
    let scope = Scope::public(unit("c/d/1"));
    for _ in 0..5 {
        net.enter(0, &scope);
    }
    net.run();
    // The second node lost what it had acknowledged.
    let id = *net.nodes[1].set(&scope).first().expect("an item");
    net.nodes[1].forget(&id);
    net.enter(0, &scope);
    net.run();
    assert!(net.agree(0, 1, &scope), "the sum told");
    assert!(net.ended.is_empty());
    let lost = *net.nodes[0].set(&scope).first().expect("an item");
    net.nodes[0].forget(&lost);
    net.enter(1, &scope);
    net.run();
    assert!(!net.agree(0, 1, &scope), "once in a session");
}

/// A node lost an envelope that its peer takes it to have: what rests on that one is refused, and
/// the sums tell.
#[test]
fn what_is_refused_for_a_past_that_was_lost_comes_with_it() {
    for loses in [0, 1] {
        let mut net = pair();
        let scope = Scope::public(unit("c/d/1"));
        let past = net.enter(0, &scope);
        net.run();
        net.nodes[loses].forget(&past);
        let mut next = TestItem::new(&scope, Says::Envelope, 7);
        next.rests_on = vec![(scope.clone(), past)];
        net.write(1 - loses, next);
        net.run();
        assert_eq!(net.nodes[loses].set(&scope).len(), 2, "by node {loses}");
        assert!(net.ended.is_empty());
    }
}

/// The sum of a frame that waited for one behind it counts once both are taken.
#[test]
fn sums_are_compared_though_a_frame_waited() {
    let mut net = pair();
    let scope = Scope::statements(unit("c/d/1"));
    let lost = net.enter(0, &scope);
    net.run();
    net.nodes[1].forget(&lost);
    let aside = TestItem::new(&scope, Says::Statement, 1);
    for node in &mut net.nodes {
        node.retired.insert(aside.id());
    }
    let mut next = TestItem::new(&scope, Says::Statement, 2);
    next.rests_on = vec![(scope.clone(), aside.id())];
    net.write(0, aside);
    net.write(0, next);
    net.run();
    assert!(net.agree(0, 1, &scope) && net.nodes[1].set(&scope).len() == 2);
}

#[test]
fn a_reconciliation_that_falls_silent_times_out() {
    let mut net = pair();
    let scope = Scope::public(unit("c/d/1"));
    net.enter(0, &scope);
    net.run();
    net.cut(0, 1);
    net.join(0, 1);
    net.run();
    net.cut(0, 1);
    net.nodes[0].lose(9);
    net.nodes[1].lose(9);
    net.enter(0, &scope);
    for _ in 0..1_100 {
        net.enter(1, &scope);
    }
    net.join(0, 1);
    let reconciles = |net: &Net, line| {
        frames(net, line).iter().any(|frame| matches!(frame, Frame::Reconcile(_)))
    };
    while !reconciles(&net, (0, 1)) && !reconciles(&net, (1, 0)) {
        assert!(net.round(), "a reconciliation begins");
    }
    let opener = if reconciles(&net, (0, 1)) { (0, 1) } else { (1, 0) };
    net.queues.get_mut(&opener).expect("a line").clear();
    net.run();
    net.wait(59_999);
    assert!(net.ended.is_empty());
    net.wait(1);
    assert_eq!(net.ended.get(&opener).map(String::as_str), Some("time-out"));
}

#[test]
fn what_is_wanted_again_and_again_is_sent_once() {
    let mut net = pair();
    let scope = Scope::public(unit("c/d/1"));
    let mut log: Vec<schema_wire::Hash> = Vec::new();
    for number in 0..40 {
        let mut item = TestItem::new(&scope, Says::Envelope, 100 + number);
        item.rests_on = log.last().map(|id| (scope.clone(), *id)).into_iter().collect();
        log.push(net.write(0, item));
    }
    net.run();
    for id in &log {
        net.nodes[0].set_aside(id);
        net.nodes[1].forget(id);
    }
    let looked = net.nodes[0].reads.get();
    let wanted = |id| List::new(vec![id]).expect("one");
    for id in [log[39]; 5].into_iter().chain([log[20]]) {
        let want = Want { scope: scope.clone(), ids: wanted(id) };
        net.hear((1, 0), Ok(want.into()));
    }
    let sent = frames(&net, (0, 1)).into_iter().filter_map(|frame| match frame {
        Frame::Items(items) if items.upto.is_none() => Some(items.items.len()),
        _ => None,
    });
    assert_eq!(sent.sum::<usize>(), 40, "all of it, once");
    let looked = net.nodes[0].reads.get() - looked;
    assert!(looked < 40 + 6 * 20, "{looked} looked at");
}

/// One of a unit's nodes has heard that nobody recognises it, and the other has not.
fn at_odds() -> Net {
    let mut net = Net::of(vec![TestNode::new("c/d/1", 1), TestNode::new("c/d/1", 2)]);
    net.nodes[1].unrecognised.insert(unit("c/d/1"));
    let above = [Scope::statements(unit("c")), Scope::public(unit("c/d"))];
    let own = [Scope::public(unit("c/d/1")), Scope::path(unit("c/d/1"))];
    for scope in above.iter().chain(&own) {
        net.enter(0, scope);
    }
    net.enter(1, &above[0]);
    net.enter(1, &Scope::band(unit("c/d/1"), schema_wire::Band::ALL[0]));
    net
}

/// What both share by the judgement of both.
fn own_scopes() -> [Scope; 3] {
    let own = unit("c/d/1");
    let band = Scope::band(own.clone(), schema_wire::Band::ALL[0]);
    [Scope::public(own.clone()), Scope::path(own), band]
}

fn named(frames: &[Frame]) -> Vec<Scope> {
    let offers = frames.iter().filter_map(|frame| match frame {
        Frame::Offers(offers) => Some(offers.offers.iter().map(|offer| offer.scope.clone())),
        _ => None,
    });
    offers.flatten().collect()
}

#[test]
fn two_that_judge_otherwise_what_they_share_come_to_an_end_and_share_the_rest() {
    let mut net = at_odds();
    let above = Scope::statements(unit("c"));
    for _ in 0..3 {
        net.join(0, 1);
        let mut told = Vec::new();
        while net.round() {
            told.extend(named(&net.on_its_way((1, 0))));
        }
        assert!(net.ended.is_empty(), "{:?}", net.ended);
        assert!(told.iter().all(|scope| *scope.unit() == unit("c/d/1")), "{told:?}");
        for scope in own_scopes() {
            assert!(net.agree(0, 1, &scope) && !net.nodes[0].set(&scope).is_empty(), "{scope}");
        }
        assert!(!net.agree(0, 1, &above), "nothing of it was sent");
        // What comes later goes over, and of what is in dispute nothing does.
        for scope in own_scopes().iter().chain([&above, &Scope::public(unit("c/d/1/7"))]) {
            net.enter(0, scope);
        }
        net.run();
        assert!(net.ended.is_empty(), "{:?}", net.ended);
        assert!(own_scopes().iter().all(|scope| net.agree(0, 1, scope)));
        assert!(!net.sessions[&(0, 1)].holds_all(), "the other does not take all that it may");
        net.cut(0, 1);
    }
    assert_eq!((net.resumed(0), net.resumed(1)), (3, 3));
    assert!(net.nodes[0].peers.values().all(|met| met.known.is_none()), "not all was taken");
}

#[test]
fn what_was_passed_over_is_answered_once_both_judge_alike() {
    let mut net = at_odds();
    net.join(0, 1);
    net.run();
    let above = [Scope::statements(unit("c")), Scope::public(unit("c/d"))];
    net.nodes[1].unrecognised.clear();
    net.write(1, TestItem::new(&Scope::statements(unit("c/d/1")), Says::Statement, 9));
    net.run();
    assert!(net.ended.is_empty(), "{:?}", net.ended);
    for scope in above.iter().chain(&own_scopes()) {
        assert!(net.agree(0, 1, scope) && !net.nodes[1].set(scope).is_empty(), "{scope}");
    }
    assert_eq!(net.nodes[1].set(&above[0]).len(), 2);
    assert!(net.sessions[&(0, 1)].holds_all() && net.sessions[&(1, 0)].holds_all());
    // And the next session knows it.
    net.wait(1_000);
    net.run();
    net.cut(0, 1);
    net.join(0, 1);
    net.run();
    net.cut(0, 1);
    net.join(0, 1);
    assert_eq!(net.run(), 1, "{:?}", net.sent);
}

/// They met while they judged alike: whatever their digests say, each does with a scope what the
/// other expects, whoever opens.
#[test]
fn two_that_came_to_judge_otherwise_go_on_where_they_ended() {
    for (one, other) in [(1, 2), (2, 1), (3, 4), (4, 3)] {
        let mut net = Net::of(vec![TestNode::new("c/d/1", one), TestNode::new("c/d/1", other)]);
        let above = Scope::statements(unit("c"));
        for scope in own_scopes().iter().chain([&above]) {
            net.enter(0, scope);
        }
        for _ in 0..2 {
            net.join(0, 1);
            net.run();
            net.wait(1_000);
            net.run();
            net.cut(0, 1);
        }
        net.nodes[1].unrecognised.insert(unit("c/d/1"));
        for scope in own_scopes() {
            net.enter(0, &scope);
            net.enter(1, &scope);
        }
        net.enter(1, &above);
        net.join(0, 1);
        net.run();
        assert!(net.ended.is_empty(), "{:?}", net.ended);
        for scope in own_scopes() {
            assert!(net.agree(0, 1, &scope) && net.nodes[0].set(&scope).len() == 3, "{scope}");
        }
        assert_eq!((net.resumed(0), net.resumed(1)), (3, 3));
        assert!(!net.agree(0, 1, &above));
    }
}
