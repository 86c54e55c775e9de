//! What a node says that others hold is true, and says as of when.

use std::collections::BTreeSet;

use node_acts::role::Role;
use node_replication::log;
use node_replication::replica::{Lacks, Link, PeerStatus, Status};
use schema_wire::{Hash, Ms, Scope};

use crate::net::*;

const PEOPLE: &str = "c/d/1:128:h00";

/// Two desks of a community.
fn desks() -> (Net, [usize; 2]) {
    let roots = Roots::new();
    let city = roots.city(1);
    let district = roots.below(&city, "c/d", 2);
    let led = roots.below(&district, "c/d/1", 3);
    let mut net = Net::new();
    let first = net.first(&roots, &led);
    let grant = led.admit(&roots, 10, &Role::writing());
    let known = [led.statements.clone(), vec![grant.clone().into()]].concat();
    let second = net.add(&roots, &led, key(10), grant.id(), &known);
    net.teach(first, &[&Led { statements: known, ..roots.below(&district, "c/d/1", 3) }]);
    (net, [first, second])
}

/// What a node says of its only peer.
fn peer(net: &mut Net, at: usize) -> PeerStatus {
    let mut peers = net.status(at).peers;
    assert_eq!(peers.len(), 1);
    peers.remove(0)
}

#[test]
fn a_peer_is_known_to_hold_all_as_of_a_resume_and_nothing_that_came_later() {
    let (mut net, [first, second]) = desks();
    assert!(net.status(first).peers.is_empty(), "nobody was met");
    net.enter(first, PEOPLE, "person/1/name", "before they met");
    let line = net.connect(first, second);
    net.wake(1_000);
    let met = net.clock;
    let seen = peer(&mut net, first);
    assert_eq!((seen.link, seen.lacks), (Link::Live, Lacks::default()));
    let held = seen.held.expect("the sums were equal");
    assert_eq!((held.upto, held.at), (net.status(first).feed, Ms::of(met)));
    net.cut(line);
    net.clock += 5_000;
    let entered = net.clock;
    net.enter(first, PEOPLE, "person/2/name", "while it is away");
    net.clock += 5_000;
    net.enter(first, PEOPLE, "person/3/name", "and later");
    let seen = peer(&mut net, first);
    let since = Some(Ms::of(entered));
    assert_eq!(seen.lacks, Lacks { items: 2, more: false, since });
    assert_eq!((seen.link, seen.last, seen.held), (Link::Away, Some(Ms::of(met)), Some(held)));
    // What it enters itself it does not lack, however short the line stood.
    let line = net.connect(first, second);
    net.enter(first, PEOPLE, "person/5/name", "on its way when the line broke");
    net.enter(second, PEOPLE, "person/4/name", "there");
    net.some(1);
    net.cut(line);
    let seen = peer(&mut net, first);
    assert_eq!((seen.link, seen.lacks.items), (Link::Away, 3), "not acknowledged");
    let line = net.connect(first, second);
    net.cut(line);
    let seen = peer(&mut net, first);
    assert_eq!((seen.link, seen.lacks), (Link::Away, Lacks::default()));
    assert_eq!(seen.held.map(|held| held.upto), Some(net.status(first).feed));
}

#[test]
fn what_is_on_its_way_is_not_held_until_it_is_acknowledged() {
    let (mut net, [first, second]) = desks();
    net.connect(first, second);
    net.wake(1_000);
    net.enter(first, PEOPLE, "person/1/name", "on its way");
    let people = |status: &Status| {
        let of_people = status.scopes.iter().find(|s| s.scope.to_string() == "c/d/1@band0");
        of_people.map(|scope| (scope.items, scope.on_unit))
    };
    assert_eq!(peer(&mut net, first).lacks.items, 1);
    assert_eq!(people(&net.status(first)), Some((1, 0)));
    net.run();
    assert_eq!(peer(&mut net, first).lacks.items, 0, "it was acknowledged");
    assert_eq!(people(&net.status(first)), Some((1, 1)));
}

impl Net {
    pub(crate) fn status(&mut self, at: usize) -> Status {
        let now = self.now();
        let site = &mut self.sites[at];
        site.replica.status(now, &site.store).expect("the store answers")
    }

    fn items(&self, at: usize, scope: &Scope) -> BTreeSet<Hash> {
        let feed = log::feed(&self.sites[at].store, scope, 0, usize::MAX >> 1);
        feed.expect("a feed").into_iter().map(|(_, id)| id).collect()
    }

    /// Claims no more than is so: of a scope, that so many items are elsewhere.
    pub(crate) fn assert_claims_hold(&mut self, at: usize) {
        let status = self.status(at);
        for scope in &status.scopes {
            let here = self.items(at, &scope.scope);
            assert_eq!(here.len() as u64, scope.items);
            let (mut on_unit, mut on_above) = (0, 0);
            for other in (0..self.sites.len()).filter(|other| *other != at) {
                let there = self.items(other, &scope.scope);
                let both = here.intersection(&there).count() as u64;
                let unit = self.sites[other].replica.authority().pins().unit();
                if *unit == status.own.unit {
                    on_unit = on_unit.max(both);
                } else if unit.contains(&status.own.unit) {
                    on_above = on_above.max(both);
                }
            }
            let claimed = (scope.on_unit, scope.on_above);
            assert!(
                claimed.0 <= on_unit && claimed.1 <= on_above,
                "{scope:?}: {on_unit} {on_above}"
            );
        }
    }
}
