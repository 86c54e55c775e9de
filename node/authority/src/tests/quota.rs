//! What one issuer can make a node keep.

use super::city::{COMMUNITY, City, issuer, key, rotation};
use crate::Room;

/// Statements of one issuer that are set aside (section 11).
const ASIDE_MAX: usize = 1_024;

#[test]
fn what_an_ended_deputy_goes_on_saying_is_passed_over() {
    let mut city = City::new();
    let deputy = city.deputy();
    city.keep(&city.by_community.withdraws(deputy.proof, &[]));
    for number in 0..ASIDE_MAX {
        let said = deputy.employs(&format!("nobody-{number}"));
        assert_eq!(city.authority.room_for(&said), Room::Free, "{number}");
        city.keep(&said);
        assert!(city.authority.is_aside(&said.id()));
    }
    assert_eq!(city.authority.n_aside(&key("deputy")), ASIDE_MAX);
    let more = deputy.employs("one-more");
    assert_eq!(city.authority.room_for(&more), Room::AsideFull);
    // What others say is their own affair, and what an ending names has a place in the set.
    assert_eq!(city.authority.room_for(&city.by_community.employs("phone")), Room::Free);
    city.keep(&city.by_community.withdraws(more.id(), &[]));
    assert_eq!(city.authority.room_for(&more), Room::Free);
}

#[test]
fn what_comes_into_the_set_again_is_counted_no_more() {
    let mut city = City::new();
    let own = city.by_community.proof;
    let one = rotation(COMMUNITY, own, "community-paper", "one", &[]);
    let two = rotation(COMMUNITY, own, "community-paper", "two", &[city.clerk]);
    let by = key("community");
    city.keep(&one);
    assert_eq!(city.authority.n_aside(&by), 1);
    city.keep(&two);
    city.authority.pin(crate::Pin::Generation { after: own, successor: Some(two.id()) });
    assert_eq!(city.authority.n_aside(&by), 0);
    let said = issuer(COMMUNITY, own, "community").employs("late");
    city.keep(&said);
    assert_eq!(city.authority.n_aside(&by), 1);
}

#[test]
fn addresses_that_were_replaced_long_ago_are_forgotten() {
    let mut city = City::new();
    let clerk = issuer(COMMUNITY, city.clerk, "clerk");
    let first = city.keep(&clerk.address(0));
    let mut last = first;
    let mut store = vec![city.by_community.withdraws(first, &[]), clerk.address(0)];
    for at in 1..=ASIDE_MAX as u64 {
        store.push(clerk.address(at));
        last = city.keep(&clerk.address(at));
    }
    assert!(city.authority.is_aside(&first));
    let newest = clerk.address(ASIDE_MAX as u64 + 1);
    assert_eq!(city.authority.room_for(&newest), Room::Free);
    let change = city.change(&newest);
    assert_eq!(change.forgotten, [first]);
    assert!(!city.authority.is_kept(&first) && city.authority.is_aside(&last));
    assert_eq!(city.authority.room_for(&clerk.address(0)), Room::AsideFull);
    // It is heard again, once an ending brings it into the set.
    city.keep(&city.by_community.withdraws(first, &[]));
    assert_eq!(city.authority.room_for(&clerk.address(0)), Room::Free);
    city.keep(&clerk.address(0));
    assert!(!city.authority.is_aside(&first));
    let pins = city.authority.pins().clone();
    store.extend(super::city::peace());
    let reopened = crate::Authority::reopen(&super::city::genesis(), pins.clone(), &store);
    assert!(reopened.is_kept(&first) && !reopened.is_aside(&first));
    assert_eq!(reopened.n_aside(&key("clerk")), ASIDE_MAX - 1);
    let anew = city.authority.set_pins(pins);
    assert!(anew.statements.is_empty() && anew.entered.is_empty() && anew.left.is_empty());
}

#[test]
fn cards_of_smaller_serials_are_passed_over() {
    let mut city = City::new();
    let present = city.keep(&city.by_community.card(9_999));
    for serial in 0..ASIDE_MAX as u64 {
        city.keep(&city.by_community.card(serial));
    }
    let by = city.by_community.clone();
    assert_eq!(city.authority.room_for(&by.card(5_000)), Room::AsideFull);
    assert_eq!(city.authority.room_for(&by.card(10_000)), Room::Free);
    assert_eq!(city.authority.card(&super::city::unit(COMMUNITY)), Some(present));
}
