//! (H1) to (H7), endings, recognition, cards (sections 4 and 6).

use super::city::{
    CITY, COMMUNITY, City, DISTRICT, FROM, NOON, UNTIL, charter, endorsement, issuer, network,
    rotation, succession, unit,
};
use crate::{Pin, Reason};

#[test]
fn a_grant_stands_inside_and_outside_within_its_term() {
    let city = City::new();
    for (time, stands) in [(FROM - 1, false), (FROM, true), (UNTIL, true), (UNTIL + 1, false)] {
        assert_eq!(city.inside(city.clerk, time), stands);
        assert_eq!(city.outside(city.clerk, time), stands);
    }
}

#[test]
fn h1_h2_a_later_generation_voids_what_it_does_not_keep() {
    let mut city = City::new();
    let own = city.by_community.proof;
    let phone = city.keep(&city.by_community.employs("phone"));
    city.keep(&rotation(COMMUNITY, own, "community-paper", "next", &[phone]));
    assert!(!city.inside(city.clerk, NOON));
    assert!(city.inside(phone, NOON) && city.outside(phone, NOON));
    assert_eq!(city.authority.rivals().len(), 0);
}

#[test]
fn h2_of_rivals_both_must_keep_it_until_one_is_followed() {
    let mut city = City::new();
    let own = city.by_community.proof;
    let phone = city.keep(&city.by_community.employs("phone"));
    let [one, two] = [("one", vec![phone, city.clerk]), ("two", vec![phone])]
        .map(|(name, kept)| rotation(COMMUNITY, own, "community-paper", name, &kept));
    city.keep(&one);
    city.keep(&two);
    assert!(city.inside(phone, NOON) && !city.inside(city.clerk, NOON));
    assert_eq!(city.authority.present(&own), Some(own));
    assert_eq!(city.authority.rivals().len(), 2);
    city.authority.pin(Pin::Generation { after: own, successor: Some(one.id()) });
    assert!(city.inside(phone, NOON) && city.inside(city.clerk, NOON));
    assert_eq!(city.authority.present(&own), Some(one.id()));
    assert!(city.authority.rivals().into_iter().eq([two.id()]));
    city.authority.pin(Pin::Generation { after: own, successor: None });
    assert!(!city.inside(city.clerk, NOON));
}

#[test]
fn h3_a_root_act_has_as_many_signatures_as_was_agreed() {
    let mut city = City::new();
    let act = city.keep(&city.by_root.suspends(DISTRICT));
    assert!(!city.authority.is_suspended(&unit(DISTRICT)));
    city.keep(&endorsement(network(), "root-1", act));
    assert!(!city.authority.is_suspended(&unit(DISTRICT)), "one root twice is one root");
    city.keep(&endorsement(network(), "root-3", act));
    assert!(city.authority.is_suspended(&unit(DISTRICT)));
    assert!(!city.inside(act, NOON), "a root act has no inside path");
}

#[test]
fn a_succession_is_followed_once_enough_keys_were_revealed() {
    let mut city = City::new();
    let passing = succession(&[city.city_founding]);
    city.keep(&passing);
    assert_eq!(city.authority.root(), network());
    city.keep(&endorsement(network(), "paper-2", passing.id()));
    assert_eq!(city.authority.root(), passing.id());
    assert!(city.outside(city.clerk, NOON));
    let forgetful = succession(&[]);
    let mut other = City::new();
    other.keep(&forgetful);
    other.keep(&endorsement(network(), "paper-2", forgetful.id()));
    assert!(!other.outside(other.clerk, NOON) && other.inside(other.clerk, NOON));
}

#[test]
fn h4_withdrawals_intersect_and_closings_unite() {
    let mut city = City::new();
    let deputy = city.deputy();
    let phones = ["one", "two", "three"].map(|name| city.keep(&deputy.employs(name)));
    let stand = |city: &City| phones.map(|phone| city.inside(phone, NOON));
    city.keep(&city.by_community.closes(deputy.proof, &phones[..1], UNTIL + 1));
    assert_eq!(stand(&city), [true, false, false]);
    city.keep(&city.by_community.closes(deputy.proof, &phones[1..2], UNTIL + 2));
    assert_eq!(stand(&city), [true, true, false]);
    city.keep(&city.by_community.withdraws(deputy.proof, &phones[1..]));
    assert_eq!(stand(&city), [false, true, false]);
    assert!(!city.inside(deputy.proof, NOON), "what is last in its path is spared by nothing");
}

#[test]
fn a_closing_before_the_end_of_the_term_closes_nothing() {
    let mut city = City::new();
    city.keep(&city.by_community.closes(city.clerk, &[], UNTIL));
    assert!(city.inside(city.clerk, NOON));
    city.keep(&city.by_community.closes(city.clerk, &[], UNTIL + 1));
    assert!(!city.inside(city.clerk, NOON));
}

#[test]
fn inside_a_unit_ends_its_key_and_who_granted() {
    let mut city = City::new();
    let deputy = city.deputy();
    let phone = city.keep(&deputy.employs("phone"));
    for speaker in [&city.by_city.clone(), &city.by_district.clone(), &deputy] {
        city.keep(&speaker.withdraws(city.clerk, &[]));
    }
    assert!(city.inside(city.clerk, NOON));
    city.keep(&deputy.withdraws(phone, &[]));
    assert!(!city.inside(phone, NOON));
    city.keep(&city.by_community.withdraws(city.clerk, &[]));
    assert!(!city.inside(city.clerk, NOON) && !city.outside(city.clerk, NOON));
}

#[test]
fn a_founding_is_ended_where_it_was_made_and_above() {
    let mut city = City::new();
    city.keep(&city.by_community.withdraws(city.community_founding, &[]));
    assert!(city.outside(city.clerk, NOON));
    city.keep(&city.by_city.withdraws(city.community_founding, &[city.clerk]));
    assert!(!city.outside(city.clerk, NOON), "it is not followed any more");
    assert!(city.inside(city.clerk, NOON));
    let again = city.by_district.founds_for(COMMUNITY, city.by_community.proof, (NOON, UNTIL));
    city.keep(&again);
    assert!(city.outside(city.clerk, FROM), "what was kept counts while another is open");
}

#[test]
fn an_ending_by_whom_nobody_recognises_ends_nothing_outside() {
    let mut city = City::new();
    city.keep(&city.by_root.withdraws(city.city_founding, &[]));
    assert!(city.outside(city.clerk, NOON), "one root does not withdraw");
    let heard = city.keep(&city.by_city.withdraws(city.district_founding, &[]));
    assert!(city.outside(heard, NOON) && !city.outside(city.clerk, NOON));
    let mut other = City::new();
    let withdrawn = other.keep(&other.by_root.withdraws(other.city_founding, &[]));
    other.keep(&endorsement(network(), "root-2", withdrawn));
    let late = other.keep(&other.by_city.withdraws(other.district_founding, &[]));
    assert!(!other.outside(late, NOON) && other.inside(late, NOON));
}

#[test]
fn h7_of_two_candidates_none_is_followed_but_by_pin_or_height() {
    let mut city = City::seen_from(DISTRICT);
    let rival = charter(COMMUNITY, "rival", "rival-paper");
    city.keep(&city.by_district.founds(COMMUNITY, rival.id()));
    city.keep(&rival);
    let community = unit(COMMUNITY);
    assert_eq!(city.authority.candidates(&community).len(), 2);
    assert_eq!(city.authority.followed(&community), None);
    assert!(!city.outside(city.clerk, NOON) && city.inside(city.clerk, NOON));
    let pin = |lineage| Pin::Unit { unit: unit(COMMUNITY), lineage };
    city.authority.pin(pin(Some(rival.id())));
    assert_eq!(city.authority.followed(&community), Some(rival.id()));
    city.authority.pin(pin(None));
    city.keep(&city.by_city.founds(COMMUNITY, city.by_community.proof));
    assert_eq!(city.authority.followed(&community), Some(city.by_community.proof));
    assert!(city.outside(city.clerk, NOON));
}

#[test]
fn a_unit_follows_its_own_lineage_while_it_is_a_candidate() {
    let mut city = City::new();
    let rival = charter(COMMUNITY, "rival", "rival-paper");
    city.keep(&city.by_city.founds(COMMUNITY, rival.id()));
    city.keep(&rival);
    assert_eq!(city.authority.followed(&unit(COMMUNITY)), Some(city.by_community.proof));
    city.keep(&city.by_district.withdraws(city.community_founding, &[]));
    assert_eq!(city.authority.followed(&unit(COMMUNITY)), Some(rival.id()));
}

#[test]
fn a_founding_is_open_after_its_term_until_it_is_closed() {
    let mut city = City::new();
    assert!(!city.outside(city.clerk, UNTIL + 1));
    assert_eq!(city.authority.followed(&unit(COMMUNITY)), Some(city.by_community.proof));
    city.keep(&city.by_district.closes(city.community_founding, &[city.clerk], UNTIL + 1));
    // The closing stands outside only while the district is founded: at its own time.
    assert_eq!(city.authority.followed(&unit(COMMUNITY)), Some(city.by_community.proof));
    city.keep(&city.by_city.founds_for(DISTRICT, city.by_district.proof, (FROM, UNTIL + 9)));
    let longer = city.by_root.founds_for(CITY, city.by_city.proof, (FROM, UNTIL + 9));
    let longer = city.keep(&longer);
    city.keep(&endorsement(network(), "root-3", longer));
    assert_eq!(city.authority.followed(&unit(COMMUNITY)), None);
}

#[test]
fn a_dissolved_unit_has_successors() {
    let mut city = City::new();
    let act = city.keep(&city.by_district.dissolves(COMMUNITY, "c/d/n"));
    assert!(city.authority.is_dissolved(&unit(COMMUNITY)));
    assert!(city.authority.successors(&unit(COMMUNITY)).into_iter().eq([&unit("c/d/n")]));
    city.keep(&city.by_city.withdraws(act, &[]));
    assert!(!city.authority.is_dissolved(&unit(COMMUNITY)));
    assert_eq!(city.authority.successors(&unit(COMMUNITY)).len(), 0);
    assert!(city.authority.units_below(&unit(DISTRICT)).eq([&unit(COMMUNITY)]));
}

#[test]
fn the_present_card_is_of_the_latest_generation_and_greatest_serial() {
    let mut city = City::new();
    let cards = [3, 1].map(|serial| city.keep(&city.by_community.card(serial)));
    assert_eq!(city.authority.card(&unit(COMMUNITY)), Some(cards[0]));
    assert!(city.authority.is_aside(&cards[1]) && !city.authority.is_aside(&cards[0]));
    let own = city.by_community.proof;
    let next = city.keep(&rotation(COMMUNITY, own, "community-paper", "next", &cards));
    assert_eq!(city.authority.card(&unit(COMMUNITY)), Some(cards[0]));
    let newer = city.keep(&issuer(COMMUNITY, next, "next").card(0));
    assert_eq!(city.authority.card(&unit(COMMUNITY)), Some(newer));
    assert!(city.authority.is_aside(&cards[0]));
}

#[test]
fn the_newest_address_under_a_grant_is_in_the_set() {
    let mut city = City::new();
    let clerk = issuer(COMMUNITY, city.clerk, "clerk");
    let [first, second] = [200, 300].map(|at| city.keep(&clerk.address(at)));
    assert!(city.authority.is_aside(&first) && !city.authority.is_aside(&second));
    assert_eq!(city.authority.addresses(&super::city::key("clerk")), [second]);
}

#[test]
fn reasons_are_told_apart() {
    let document = super::city::document(4);
    let why = |city: &City| {
        city.authority.permits(&super::city::written(city, &document, NOON), []).err()
    };
    let after = |what: &dyn Fn(&mut City)| {
        let mut city = City::new();
        what(&mut city);
        why(&city)
    };
    assert_eq!(after(&|_| {}), None);
    let ended = after(&|city| {
        city.keep(&city.by_community.withdraws(city.clerk, &[]));
    });
    assert_eq!(ended, Some(Reason::Ended));
    let passed = after(&|city| {
        let own = city.by_community.proof;
        city.keep(&rotation(COMMUNITY, own, "community-paper", "next", &[]));
    });
    assert_eq!(passed, Some(Reason::GenerationPassed));
    let rival = after(&|city| {
        for name in ["one", "two"] {
            let own = city.by_community.proof;
            city.keep(&rotation(COMMUNITY, own, "community-paper", name, &[]));
        }
    });
    assert_eq!(rival, Some(Reason::Rival));
    let unfounded = after(&|city| {
        city.keep(&city.by_district.withdraws(city.community_founding, &[]));
    });
    assert_eq!(unfounded, Some(Reason::NoFounding));
    let replaced = after(&|city| {
        let rival = charter(COMMUNITY, "rival", "rival-paper");
        city.keep(&city.by_district.founds(COMMUNITY, rival.id()));
        city.keep(&rival);
        city.keep(&city.by_district.withdraws(city.community_founding, &[]));
    });
    assert_eq!(replaced, Some(Reason::OtherLineage));
}
