//! Random networks, cut and healed while items are written and frames are on their way, end with
//! equal sets.

use std::collections::BTreeMap;

use proptest::prelude::*;
use schema_wire::{Band, Hash, Scope};

use crate::item::{Says, TestItem};
use crate::net::Net;
use crate::node::{TestNode, unit};

const UNITS: [&str; 8] = ["c", "c/d", "c/d/1", "c/d/1", "c/d/2", "c/e", "c/e/1", "c/d"];
/// Every node can reach every scope that it shares with somebody over one of these.
const LINES: [(usize, usize); 10] =
    [(0, 1), (1, 2), (2, 3), (1, 4), (0, 5), (5, 6), (0, 7), (7, 2), (7, 4), (1, 7)];

fn scopes() -> Vec<Scope> {
    let mut scopes = Vec::new();
    for at in UNITS {
        let at = unit(at);
        scopes.push(Scope::statements(at.clone()));
        scopes.push(Scope::public(at.clone()));
        scopes.push(Scope::path(at.clone()));
        scopes.push(Scope::band(at, Band::ALL[0]));
    }
    for (one, other) in [("c/d/1", "c/e/1"), ("c/d/1", "c/d/2"), ("c/d", "c/e")] {
        scopes.push(Scope::pair(&unit(one), &unit(other)).expect("two"));
    }
    scopes
}

/// Does a node of the unit hold the scope?
fn holds(net: &Net, node: usize, scope: &Scope) -> bool {
    use node_replication::session::Node;
    let claim = net.nodes[node].own.claim.clone();
    let own = claim.unit.clone();
    let member = net.nodes[node].member(&claim, schema_wire::Ms::of(0)).expect("memory");
    let related = own.contains(scope.unit()) || scope.unit().contains(&own);
    let published =
        matches!(scope.holds(), schema_wire::Holds::Public | schema_wire::Holds::Statements);
    member.may_hold(scope, &own) && (related || !published)
}

#[derive(Debug, Clone)]
enum Act {
    Write { node: usize, scope: usize, rests: bool },
    Join(usize),
    Cut(usize),
    Deliver { line: usize, back: bool, frames: usize },
    Wait(u64),
    Lose(usize),
    Aside(usize),
}

fn acts() -> impl Strategy<Value = Vec<Act>> {
    let act = prop_oneof![
        6 => (0..UNITS.len(), 0..64_usize, any::<bool>())
            .prop_map(|(node, scope, rests)| Act::Write { node, scope, rests }),
        2 => (0..LINES.len()).prop_map(Act::Join),
        1 => (0..LINES.len()).prop_map(Act::Cut),
        8 => (0..LINES.len(), any::<bool>(), 1..6_usize)
            .prop_map(|(line, back, frames)| Act::Deliver { line, back, frames }),
        1 => (1..70_000_u64).prop_map(Act::Wait),
        1 => (0..UNITS.len()).prop_map(Act::Lose),
        1 => (0..UNITS.len()).prop_map(Act::Aside),
    ];
    prop::collection::vec(act, 1..120)
}

/// Joins a line that is not joined.
fn join(net: &mut Net, (a, b): (usize, usize)) {
    if !net.sessions.contains_key(&(a, b)) || !net.sessions.contains_key(&(b, a)) {
        net.cut(a, b);
        net.join(a, b);
    }
}

fn play(net: &mut Net, acts: Vec<Act>) {
    let all = scopes();
    let mut number = 0;
    let mut last: BTreeMap<(usize, Scope), Hash> = BTreeMap::new();
    for act in acts {
        match act {
            Act::Write { node, scope, rests } => {
                let scope = &all[scope % all.len()];
                if !holds(net, node, scope) {
                    continue;
                }
                number += 1;
                let says = match scope.holds() {
                    schema_wire::Holds::Statements => Says::Statement,
                    _ => Says::Envelope,
                };
                let mut item = TestItem::new(scope, says, number);
                item.padding = if rests { 200_000 } else { 50 };
                item.rests_on
                    .extend(last.get(&(node, scope.clone())).map(|id| (scope.clone(), *id)));
                let owner = Scope::statements(scope.unit().clone());
                // Whoever carries the first letter between two units has no interest in their
                // statements before it holds it, and cannot take it without them (section 9.3).
                let is_letter = matches!(scope.holds(), schema_wire::Holds::Pair(_));
                if rests
                    && !is_letter
                    && let Some(id) = last.get(&(node, owner.clone()))
                {
                    item.rests_on.push((owner, *id));
                }
                last.insert((node, scope.clone()), item.id());
                net.write(node, item);
            }
            Act::Join(line) => join(net, LINES[line]),
            Act::Cut(line) => net.cut(LINES[line].0, LINES[line].1),
            Act::Deliver { line: at, back, frames } => {
                let (a, b) = LINES[at];
                for _ in 0..frames {
                    net.deliver(if back { (b, a) } else { (a, b) });
                }
            }
            Act::Wait(ms) => net.wait(ms),
            Act::Lose(node) => {
                // A store that may have lost something ends its sessions and has a new feed.
                for (a, b) in LINES {
                    if a == node || b == node {
                        net.cut(a, b);
                    }
                }
                number += 1;
                let epoch = Hash::of(&[&number.to_be_bytes()]).0[0];
                net.nodes[node].lose(epoch);
            }
            Act::Aside(node) => {
                // The last one of its log: nothing rests on it, and nothing will.
                let scope = Scope::public(unit(UNITS[node]));
                if let Some(id) = last.remove(&(node, scope.clone())) {
                    net.retire(&scope, &id);
                }
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 120, ..ProptestConfig::default() })]
    #[test]
    fn cut_and_healed_networks_end_equal(acts in acts()) {
        let nodes = UNITS.iter().zip(1..).map(|(at, number)| TestNode::new(at, number)).collect();
        let mut net = Net::of(nodes);
        play(&mut net, acts);
        prop_assert!(net.ended.values().all(|code| code == "time-out"), "{:?}", net.ended);
        net.ended.clear();
        for _ in 0..3 {
            for (a, b) in LINES {
                net.cut(a, b);
                net.join(a, b);
            }
            net.run();
            net.wait(61_000);
            net.run();
            net.wait(31_000);
            net.run();
        }
        prop_assert!(net.ended.is_empty(), "{:?}", net.ended);
        for scope in scopes() {
            let holders: Vec<usize> =
                (0..UNITS.len()).filter(|node| holds(&net, *node, &scope)).collect();
            for pair in holders.windows(2) {
                prop_assert!(net.agree(pair[0], pair[1], &scope), "{} {:?}", scope, pair);
            }
            for node in (0..UNITS.len()).filter(|node| !holders.contains(node)) {
                let cares = matches!(scope.holds(), schema_wire::Holds::Statements);
                prop_assert!(cares || net.nodes[node].set(&scope).is_empty(), "{} {}", scope, node);
            }
        }
        // And the next time nothing is to be done.
        let lines: Vec<(usize, usize)> = LINES.to_vec();
        for (a, b) in lines {
            net.cut(a, b);
            join(&mut net, (a, b));
            net.run();
            net.cut(a, b);
            join(&mut net, (a, b));
            prop_assert_eq!(net.run(), 1);
        }
    }
}
