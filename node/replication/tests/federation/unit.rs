//! Nodes of one unit.

use node_acts::deed::remove_node;
use node_acts::issuer::Term;
use node_acts::role::Role;
use schema_wire::{Band, Ms, Scope};

use crate::net::*;

const PEOPLE: &str = "c/d/1:128:h00";
const SLOTS: &str = "c/d/1:160:2026-11";

/// A community with its first node, a second desk and a tablet.
fn community() -> (Net, Roots, Led, [usize; 3]) {
    let roots = Roots::new();
    let city = roots.city(1);
    let district = roots.below(&city, "c/d", 2);
    let led = roots.below(&district, "c/d/1", 3);
    let mut net = Net::new();
    let first = net.first(&roots, &led);
    let mut joined = |n, role: &Role| {
        let grant = led.admit(&roots, n, role);
        let mut known = led.statements.clone();
        let id = grant.id();
        known.push(grant.clone().into());
        let at = net.add(&roots, &led, key(n), id, &known);
        // The first node made the grant.
        let (_, output) = {
            let now = net.now();
            let site = &mut net.sites[first];
            site.replica.learn(now, grant.into(), &site.store).expect("learned")
        };
        net.output(first, output);
        at
    };
    let (desk, tablet) = (joined(10, &Role::writing()), joined(11, &Role::device()));
    (net, roots, led, [first, desk, tablet])
}

#[test]
fn what_one_desk_enters_the_other_shows_also_after_an_outage() {
    let (mut net, _, led, [first, desk, _]) = community();
    net.enter(first, PEOPLE, "person/1/name", "before they met");
    let line = net.connect(first, desk);
    assert_eq!(net.says(desk, PEOPLE, "person/1/name").as_deref(), Some("before they met"));
    net.enter(desk, PEOPLE, "person/1/name", "while they are joined");
    net.run();
    assert_eq!(net.says(first, PEOPLE, "person/1/name").as_deref(), Some("while they are joined"));
    net.cut(line);
    net.enter(first, PEOPLE, "person/1/name", "here");
    net.enter(desk, PEOPLE, "person/1/name", "there");
    net.enter(desk, PEOPLE, "person/2/name", "another");
    net.connect(first, desk);
    for at in [first, desk] {
        let document = net.read(at, PEOPLE);
        assert_eq!(document.values("person/1/name").count(), 2, "both are shown");
        assert_eq!(document.contested().collect::<Vec<_>>(), ["person/1/name"]);
        assert_eq!(net.says(at, PEOPLE, "person/2/name").as_deref(), Some("another"));
    }
    assert_eq!(net.read(first, PEOPLE), net.read(desk, PEOPLE));
    let scope = Scope::band(led.unit.clone(), Band::People);
    assert_eq!(net.sum(first, &scope), net.sum(desk, &scope));
    assert_eq!(net.endings(first), Vec::<String>::new());
}

#[test]
fn a_tablet_is_sent_its_band_and_nothing_of_persons() {
    let (mut net, _, _, [first, desk, tablet]) = community();
    net.enter(first, PEOPLE, "person/1/name", "a resident of the unit");
    net.enter(first, SLOTS, "slot/1/note", "the round of the morning");
    net.connect(first, desk);
    net.connect(first, tablet);
    net.connect(desk, tablet);
    assert_eq!(net.says(tablet, SLOTS, "slot/1/note").as_deref(), Some("the round of the morning"));
    assert!(!net.disk_holds(tablet, "a resident of the unit"));
    assert!(!net.disk_holds(tablet, "person/1/name"));
    net.enter(tablet, SLOTS, "slot/2/note", "seen on the way");
    net.run();
    assert_eq!(net.says(first, SLOTS, "slot/2/note").as_deref(), Some("seen on the way"));
    assert_eq!(net.says(desk, SLOTS, "slot/2/note").as_deref(), Some("seen on the way"));
    assert_eq!(net.endings(tablet), Vec::<String>::new());
}

#[test]
fn two_that_met_and_changed_nothing_say_four_frames() {
    let (mut net, _, _, [first, desk, _]) = community();
    for n in 0..20 {
        net.enter(first, PEOPLE, &format!("person/{n}/name"), "somebody");
    }
    let line = net.connect(first, desk);
    net.cut(line);
    // Once more, so that both know what both know.
    let line = net.connect(first, desk);
    net.cut(line);
    let line = net.connect(first, desk);
    let cost = net.cost[&line];
    assert!(cost.frames == 4 && cost.bytes < 1_600, "{cost:?}");
}

/// A peer that lost its store is shown everything again.
#[test]
fn a_peer_that_forgot_is_shown_all() {
    let (mut net, roots, led, [first, desk, _]) = community();
    net.enter(first, PEOPLE, "person/1/name", "somebody");
    for _ in 0..3 {
        let line = net.connect(first, desk);
        net.cut(line);
    }
    // A new folder with the key and what the unit's own people handed over, and nothing of the
    // first node's membership.
    let grant = led.admit(&roots, 10, &Role::writing());
    let known = [led.statements.clone(), vec![grant.clone().into()]].concat();
    let fresh = net.add(&roots, &led, key(10), grant.id(), &known);
    net.connect(first, fresh);
    net.connect(first, fresh);
    assert_eq!(net.says(fresh, PEOPLE, "person/1/name").as_deref(), Some("somebody"));
}

/// A session ends with the grant that it rests on, at whoever notices first, and what is entered
/// afterwards is not sent.
#[test]
fn a_session_ends_when_the_grant_does() {
    let (mut net, roots, led, [first, _, _]) = community();
    let until = Ms::of(net.clock + 60_000);
    let term = Term { from: TERM.from, until };
    let grant = led.issuer(&roots).delegate(public(&key(12)), &Role::writing(), term, 12);
    let grant = grant.expect("a grant");
    let known = [led.statements.clone(), vec![grant.clone().into()]].concat();
    let guest = net.add(&roots, &led, key(12), grant.id(), &known);
    net.connect(first, guest);
    net.enter(first, PEOPLE, "person/1/name", "while it may read");
    net.run();
    assert!(net.says(guest, PEOPLE, "person/1/name").is_some());
    net.wake(59_000);
    assert_eq!(net.endings(first), Vec::<String>::new());
    net.wake(2_000);
    assert!(net.endings(first).contains(&"over".into()), "{:?}", net.endings(first));
    net.enter(first, PEOPLE, "person/2/name", "when it may read no more");
    net.run();
    net.connect(first, guest);
    assert!(!net.disk_holds(guest, "when it may read no more"));
}

/// A node that was removed is told so, and is sent nothing else any more; what it had entered stays.
#[test]
fn a_removed_node_is_sent_nothing_and_its_work_stays() {
    let (mut net, roots, led, [first, desk, _]) = community();
    net.connect(first, desk);
    net.enter(desk, PEOPLE, "person/1/name", "entered in good faith");
    net.run();
    let scope = Scope::band(led.unit.clone(), Band::People);
    let heard = net.marks(first, &scope, public(&key(10)));
    let now = net.now();
    let site = &mut net.sites[first];
    let issuer = led.issuer(&roots);
    let authority = site.replica.authority();
    let deed = remove_node(authority, &issuer, &led.lineage, public(&key(10)), heard, now);
    for statement in deed.expect("removed") {
        let now = net.now();
        let site = &mut net.sites[first];
        let (_, output) = site.replica.learn(now, statement, &site.store).expect("learned");
        net.output(first, output);
    }
    net.run();
    assert!(net.endings(first).contains(&"over".into()), "{:?}", net.endings(first));
    assert!(!net.status(desk).own.is_member(), "it judges so itself");
    assert!(net.status(first).own.is_member());
    let says = net.says(first, PEOPLE, "person/1/name");
    assert_eq!(says.as_deref(), Some("entered in good faith"));
    net.enter(first, PEOPLE, "person/2/name", "not for the removed");
    net.run();
    net.connect(first, desk);
    assert!(!net.disk_holds(desk, "not for the removed"));
}

/// A desk that heard nothing of its unit's recognition is told by another, at the next session or
/// in one that goes on, and comes to hold what both may.
#[test]
fn a_desk_is_told_that_its_unit_is_recognised() {
    for later in [false, true] {
        let roots = Roots::new();
        let city = roots.city(1);
        let district = roots.below(&city, "c/d", 2);
        let led = roots.below(&district, "c/d/1", 3);
        let own = led.statements[led.statements.len() - 2..].to_vec();
        let known = if later { own.clone() } else { led.statements.clone() };
        let mut net = Net::new();
        let first = net.add(&roots, &led, led.key.clone(), led.delegation, &known);
        let grant = led.admit(&roots, 10, &Role::writing());
        let known = [own, vec![grant.clone().into()]].concat();
        let desk = net.add(&roots, &led, key(10), grant.id(), &known);
        net.enter(first, PEOPLE, "person/1/name", "before anybody recognised it");
        net.connect(first, desk);
        if later {
            assert!(net.status(desk).own.outside.is_none());
            net.teach(first, &[&led]);
            net.run();
        }
        assert!(net.says(desk, PEOPLE, "person/1/name").is_some());
        let status = net.status(desk).own;
        assert!(status.inside.is_some() && status.outside.is_some(), "{status:?}");
        for at in ["c", "c/d", "c/d/1"] {
            let scope = Scope::statements(unit(at));
            assert_eq!(net.sum(first, &scope), net.sum(desk, &scope), "{at}, later: {later}");
        }
        for at in [first, desk] {
            assert_eq!(net.endings(at), Vec::<String>::new());
        }
    }
}
