//! Random outages while desks of a community, its district and the city work: once all are
//! joined, they hold the same, and show the same.

use node_acts::role::Role;
use proptest::prelude::*;
use schema_wire::{Band, Scope};

use crate::net::*;

const DOCUMENTS: [&str; 3] = ["c/d/1:128:h00", "c/d/1:64:live.0000000000", "c/d/1:0:notice"];
const LINES: [(usize, usize); 5] = [(0, 1), (1, 2), (2, 3), (1, 3), (0, 2)];

/// City, district, and two desks of the community.
fn nodes() -> (Net, Led) {
    let roots = Roots::new();
    let city = roots.city(1);
    let district = roots.below(&city, "c/d", 2);
    let community = roots.below(&district, "c/d/1", 3);
    let mut net = Net::new();
    for led in [&city, &district, &community] {
        net.first(&roots, led);
    }
    let grant = community.admit(&roots, 10, &Role::writing());
    let known = [community.statements.clone(), vec![grant.clone().into()]].concat();
    net.add(&roots, &community, key(10), grant.id(), &known);
    net.teach(0, &[&district]);
    net.teach(1, &[&community]);
    let known = Led { statements: known, ..roots.below(&district, "c/d/1", 3) };
    net.teach(2, &[&known]);
    (net, community)
}

#[derive(Debug, Clone)]
enum Act {
    Enter { desk: usize, document: usize, key: u8 },
    Join(usize),
    Cut(usize),
    Travel(usize),
    Wait(u64),
}

fn act() -> impl Strategy<Value = Act> {
    prop_oneof![
        4 => (2..4_usize, 0..DOCUMENTS.len(), 0..4_u8)
            .prop_map(|(desk, document, key)| Act::Enter { desk, document, key }),
        2 => (0..LINES.len()).prop_map(Act::Join),
        1 => (0..LINES.len()).prop_map(Act::Cut),
        4 => (1..30_usize).prop_map(Act::Travel),
        1 => (1..10_000_u64).prop_map(Act::Wait),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]
    #[test]
    fn after_outages_all_hold_and_show_the_same(acts in prop::collection::vec(act(), 1..60)) {
        let (mut net, community) = nodes();
        let mut open = [None; LINES.len()];
        for act in acts {
            match act {
                Act::Enter { desk, document, key } => {
                    let text = format!("entered at {} by {desk}", net.clock);
                    net.enter(desk, DOCUMENTS[document], &format!("key/{key}/name"), &text);
                }
                Act::Join(line) => {
                    if let Some(before) = open[line].take() {
                        net.cut(before);
                    }
                    open[line] = Some(net.open(LINES[line].0, LINES[line].1));
                }
                Act::Cut(line) => {
                    if let Some(before) = open[line].take() {
                        net.cut(before);
                    }
                }
                Act::Travel(frames) => net.some(frames),
                Act::Wait(milliseconds) => net.wake(milliseconds),
            }
            (0..4).for_each(|at| net.assert_claims_hold(at));
        }
        for _ in 0..2 {
            for (line, before) in LINES.iter().zip(&mut open) {
                if let Some(before) = before.take() {
                    net.cut(before);
                }
                *before = Some(net.open(line.0, line.1));
            }
            net.run();
        }
        for at in 0..4 {
            prop_assert_eq!(net.endings(at), Vec::<String>::new());
        }
        let unit = &community.unit;
        let published = [Scope::path(unit.clone()), Scope::public(unit.clone())];
        for scope in published.iter().chain([&Scope::statements(unit.clone())]) {
            for at in 1..4 {
                prop_assert_eq!(net.sum(at, scope), net.sum(0, scope), "{} at {}", scope, at);
            }
        }
        let people = Scope::band(unit.clone(), Band::People);
        prop_assert_eq!(net.sum(2, &people), net.sum(3, &people));
        for document in DOCUMENTS {
            prop_assert_eq!(net.read(2, document), net.read(3, document));
        }
        for at in 0..2 {
            prop_assert_eq!(net.read(at, DOCUMENTS[1]), net.read(2, DOCUMENTS[1]));
            prop_assert!(!net.disk_holds(at, DOCUMENTS[0]));
        }
        // And the next time nothing is to be done.
        for (line, before) in LINES.iter().zip(&mut open) {
            before.take().into_iter().for_each(|before| net.cut(before));
            let again = net.connect(line.0, line.1);
            net.cut(again);
            let again = net.connect(line.0, line.1);
            prop_assert_eq!(net.cost[&again].frames, 4);
            net.cut(again);
        }
    }
}
