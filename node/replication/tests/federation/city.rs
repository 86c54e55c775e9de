//! A city, a district and communities: what is shown above, what stays, and who gets in.

use node_acts::role::Role;
use schema_wire::{Keeps, Scope};

use crate::net::*;

const PEOPLE: &str = "c/d/1:128:h00";
const ROSTER: &str = "c/d:128:h00";
const REPORT: &str = "c/d/1:64:live.0000000000";

fn tiers() -> (Net, Roots, [usize; 3]) {
    let roots = Roots::new();
    let city = roots.city(1);
    let district = roots.below(&city, "c/d", 2);
    let community = roots.below(&district, "c/d/1", 3);
    let mut net = Net::new();
    let top = net.first(&roots, &city);
    let middle = net.first(&roots, &district);
    let bottom = net.first(&roots, &community);
    // Who recognised a unit holds the founding.
    for (at, led) in [(middle, &community), (top, &district)] {
        for statement in &led.statements {
            let now = net.now();
            let site = &mut net.sites[at];
            let (_, output) =
                site.replica.learn(now, statement.clone(), &site.store).expect("learned");
            net.output(at, output);
        }
    }
    (net, roots, [top, middle, bottom])
}

#[test]
fn numbers_travel_up_and_people_stay() {
    let (mut net, _, [top, middle, bottom]) = tiers();
    net.enter(bottom, PEOPLE, "person/1/name", "a resident of the unit");
    net.enter(bottom, REPORT, "total/1/persons", "one person");
    net.connect(middle, bottom);
    net.connect(top, middle);
    for at in [middle, top] {
        let shown = net.says(at, REPORT, "total/1/persons");
        assert_eq!(shown.as_deref(), Some("one person"), "at {at}");
        assert!(!net.disk_holds(at, "a resident of the unit"), "at {at}");
    }
    net.enter(bottom, REPORT, "total/1/persons", "two persons");
    net.run();
    assert_eq!(net.says(top, REPORT, "total/1/persons").as_deref(), Some("two persons"));
    let path = Scope::path(unit("c/d/1"));
    assert_eq!(net.sum(top, &path), net.sum(bottom, &path));
    for at in [top, middle, bottom] {
        assert_eq!(net.endings(at), Vec::<String>::new());
    }
}

#[test]
fn a_stranger_learns_nothing_and_changes_nothing() {
    let (mut net, roots, [_, middle, bottom]) = tiers();
    // A unit that nobody recognised, in the name of the community, and one beside it.
    let elsewhere = Roots::new();
    let other = elsewhere.city(70);
    for led in [elsewhere.below(&other, "c/d/1", 71), elsewhere.below(&other, "c/x", 72)] {
        let own: Vec<_> = led.statements[led.statements.len() - 2..].to_vec();
        let stranger = net.add(&roots, &led, led.key.clone(), led.delegation, &own);
        for at in [middle, bottom] {
            let before = net.sites[at].store.clone();
            net.connect(at, stranger);
            assert_eq!(net.sites[at].store, before, "something of a stranger was stored");
            assert!(net.endings(at).contains(&"no-delegation".into()), "{:?}", net.endings(at));
        }
        assert!(!net.disk_holds(stranger, "c/d/1:"), "a stranger learned a name");
    }
}

/// A lineage in the place of which another is recognised hears of it, and tells those below.
#[test]
fn whom_another_displaces_is_told_and_tells_those_below() {
    let (mut net, roots, [top, middle, bottom]) = tiers();
    net.enter(bottom, PEOPLE, "person/1/name", "a resident of the unit");
    let city = roots.city(1);
    let (district, rival) = (roots.below(&city, "c/d", 2), roots.below(&city, "c/d", 77));
    // Two more nodes of the district, of which one is away when it happens.
    let [desk, away] = [10, 11].map(|n| {
        let grant = district.admit(&roots, n, &Role::writing());
        let known = [district.statements.clone(), vec![grant.clone().into()]].concat();
        let at = net.add(&roots, &district, key(n), grant.id(), &known);
        let line = net.connect(middle, at);
        net.cut(line);
        at
    });
    net.connect(top, middle);
    net.connect(middle, desk);
    net.connect(middle, bottom);
    let of = |led: &Led| led.statements[led.statements.len() - 3..].to_vec();
    let withdrawal =
        city.issuer(&roots).withdraw(of(&district)[0].id(), Keeps::default(), net.now());
    let mut deed = vec![withdrawal.expect("made").into()];
    deed.extend(of(&rival).into_iter().take(2));
    let now = net.now();
    let site = &mut net.sites[top];
    let (_, output) = site.replica.learn_all(now, deed, &site.store).expect("learned");
    net.output(top, output);
    net.run();
    let sister = net.open(middle, away);
    net.run();
    for at in [middle, desk, away, bottom] {
        let authority = net.sites[at].replica.authority();
        assert!(authority.candidates(&rival.unit).iter().eq([&rival.lineage]), "at {at}");
        let own = net.status(at).own;
        assert!(own.is_member() && own.outside.is_none(), "its work inside goes on");
    }
    assert_eq!(net.endings(top), ["over"]);
    assert!(net.endings(bottom).contains(&"over".into()), "{:?}", net.endings(bottom));
    assert_eq!((net.endings(desk), net.endings(away)), (Vec::new(), Vec::new()));
    assert!(!net.disk_holds(middle, "a resident of the unit"));
    // The sister, who was away, goes on with the other one.
    net.enter(middle, ROSTER, "person/9/name", "to all of the unit");
    net.run();
    for at in [desk, away] {
        assert_eq!(net.says(at, ROSTER, "person/9/name").as_deref(), Some("to all of the unit"));
    }
    net.cut(sister);
    net.connect(middle, away);
    assert_eq!(net.endings(away), Vec::<String>::new());
}
