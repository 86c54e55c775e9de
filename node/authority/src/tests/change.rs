//! What a statement or a pin changes, and what is told of it.

use schema_wire::{Hash, Scope};

use super::city::{COMMUNITY, City, DISTRICT, NOON, charter, issuer, rotation, unit};
use crate::{Outcome, Pin, Pins};

fn statements_of(of: &str) -> Scope {
    Scope::statements(unit(of))
}

#[test]
fn a_new_grant_changes_nothing_else() {
    let mut city = City::new();
    let phone = city.by_community.employs("phone");
    let change = city.change(&phone);
    assert!(change.statements.iter().eq([&phone.id()]));
    assert!(change.units.is_empty());
    assert_eq!(change.entered, [(statements_of(COMMUNITY), phone.id())]);
    assert_eq!(change.left, []);
}

#[test]
fn an_ending_without_effect_changes_nothing() {
    let mut city = City::new();
    for speaker in [city.by_district.clone(), city.by_city.clone()] {
        let ending = speaker.withdraws(city.clerk, &[]);
        let change = city.change(&ending);
        assert!(change.statements.iter().eq([&ending.id()]));
        assert!(change.units.is_empty() && change.left.is_empty());
        assert!(change.steps <= 2, "{}", change.steps);
    }
}

#[test]
fn an_ending_that_adds_nothing_costs_nothing() {
    let mut city = City::new();
    let ends = city.by_community.withdraws(city.clerk, &[]);
    city.keep(&ends);
    let other = Hash([5; 32]);
    let again = city.by_community.withdraws(city.clerk, &[other]);
    let change = city.change(&again);
    assert!(change.statements.iter().eq([&again.id()]));
    assert!(change.steps <= 2, "{}", change.steps);
}

#[test]
fn an_ending_brings_in_what_it_ends() {
    let mut city = City::new();
    let ending = city.by_community.withdraws(city.clerk, &[]);
    let change = city.change(&ending);
    assert!(change.statements.contains(&city.clerk));
    assert_eq!(change.entered, [(statements_of(COMMUNITY), ending.id())]);
    assert_eq!(change.left, [], "the ending names what it ends");
}

#[test]
fn a_rotation_sets_aside_what_it_forgets() {
    let mut city = City::new();
    let own = city.by_community.proof;
    let turned = rotation(COMMUNITY, own, "community-paper", "next", &[]);
    let change = city.change(&turned);
    assert_eq!(change.entered, [(statements_of(COMMUNITY), turned.id())]);
    assert_eq!(change.left, [(statements_of(COMMUNITY), city.clerk)]);
    assert!(change.units.contains(&unit(COMMUNITY)));
}

#[test]
fn a_founding_that_a_charter_alone_brings_in_is_of_the_charters_unit() {
    let mut city = City::new();
    let district = city.by_district.proof;
    let turned = rotation(DISTRICT, district, "district-paper", "next", &[]);
    let change = city.change(&turned);
    let founding = city.community_founding;
    assert_eq!(change.left, [(statements_of(DISTRICT), founding)]);
    assert!(change.entered.contains(&(statements_of(COMMUNITY), founding)));
    assert!(city.authority.scopes_of(&founding).eq([&statements_of(COMMUNITY)]));
    assert!(!city.authority.is_aside(&founding));
    // Once it is founded again, and the founding with the smaller id is the one that is drawn in,
    // either way it is in a set.
    let again = issuer(DISTRICT, turned.id(), "next").founds(COMMUNITY, city.by_community.proof);
    city.keep(&again);
    assert_eq!(city.authority.is_aside(&founding), again.id() < founding);
}

#[test]
fn pins_that_come_later_are_as_pins_that_were_there() {
    let mut city = City::new();
    let rival = charter(COMMUNITY, "rival", "rival-paper");
    assert_eq!(city.authority.insert(&rival), Outcome::Waits(rival.id()));
    let pin = |lineage| Pin::Unit { unit: unit("c/e"), lineage };
    let change = city.authority.pin(pin(Some(rival.id())));
    assert_eq!(change.wakes, [rival.id()]);
    city.keep(&rival);
    let spy = city.keep(&issuer(COMMUNITY, rival.id(), "rival").employs("spy"));
    assert!(city.inside(spy, NOON));
    let change = city.authority.pin(pin(None));
    let mut dropped = change.dropped;
    dropped.sort_unstable();
    let mut expected = [rival.id(), spy];
    expected.sort_unstable();
    assert_eq!(dropped, expected);
    assert!(!city.authority.is_kept(&spy) && !city.inside(spy, NOON));
    assert!(city.inside(city.clerk, NOON));
}

#[test]
fn another_own_lineage_is_another_node() {
    let mut city = City::new();
    let rival = charter(COMMUNITY, "rival", "rival-paper");
    let own = city.by_community.proof;
    let pins = Pins::of(unit(COMMUNITY), rival.id()).with_former([own]);
    let change = city.authority.set_pins(pins);
    assert!(change.statements.contains(&city.clerk) && change.dropped.is_empty());
    city.keep(&rival);
    let people = super::city::document(128);
    let asked = super::city::written(&city, &people, NOON);
    assert_eq!(city.authority.permits(&asked, []), Err(crate::Reason::OtherLineage));
}

#[test]
fn what_ends_before_it_is_known_ends_it_when_it_comes() {
    let mut city = City::new();
    let phone = city.by_community.employs("phone");
    city.keep(&city.by_community.withdraws(phone.id(), &[]));
    city.keep(&phone);
    assert!(!city.inside(phone.id(), NOON));
    assert!(!city.authority.is_aside(&phone.id()), "its ending names it");
    assert_eq!(city.authority.lineage_of(&phone.id()), Some(city.by_community.proof));
    assert_eq!(city.authority.lineage_of(&Hash([3; 32])), None);
}

#[test]
fn a_pin_for_the_own_unit_keeps_a_charter_until_it_is_taken_back() {
    let mut city = City::new();
    let rival = charter(COMMUNITY, "rival", "rival-paper");
    let pin = |lineage| Pin::Unit { unit: unit(COMMUNITY), lineage };
    city.authority.pin(pin(Some(rival.id())));
    city.keep(&rival);
    assert_eq!(city.authority.followed(&unit(COMMUNITY)), Some(city.by_community.proof));
    let change = city.authority.pin(pin(None));
    assert_eq!(change.dropped, [rival.id()]);
}

#[test]
fn whom_a_node_follows_it_goes_on_following() {
    let mut city = City::new();
    let own = city.by_community.proof;
    let turned = rotation(COMMUNITY, own, "community-paper", "next", &[city.clerk]);
    let change = city.change(&turned);
    let due = city.authority.pins_due(&change);
    assert_eq!(due, [Pin::Generation { after: own, successor: Some(turned.id()) }]);
    let again = city.by_root.founds_for(super::city::CITY, city.by_city.proof, (0, NOON));
    city.keep(&again);
    let signed = super::city::endorsement(super::city::network(), "root-3", again.id());
    let change = city.change(&signed);
    let mut all = city.authority.pins_due(&change);
    assert!(all.iter().all(|pin| matches!(pin, Pin::Unit { .. })), "the city and the district");
    all.extend(due);
    for pin in all {
        let change = city.authority.pin(pin);
        assert!(change.statements.is_empty() && change.units.is_empty());
    }
    assert!(city.authority.pins_due(&change).is_empty());
    // A rival that comes later changes nothing for who followed the first.
    city.keep(&rotation(COMMUNITY, own, "community-paper", "thief", &[]));
    assert!(city.inside(city.clerk, NOON));
    assert_eq!(city.authority.rivals().len(), 1);
}

#[test]
fn a_founding_costs_the_same_however_many_came_before() {
    let mut city = City::new();
    let lineage = charter("c/x", "elsewhere", "elsewhere-paper").id();
    let looked: Vec<usize> = (0..64)
        .map(|n: u64| {
            let term = (100 * n, 100 * n + 1);
            let founding = city.by_city.founds_for("c/x", lineage, term);
            crate::looked::count(|| city.keep(&founding)).1
        })
        .collect();
    assert_eq!(looked[1], looked[63], "{looked:?}");
}
