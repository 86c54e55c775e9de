//! Who may hold what (section 8), row by row.

use schema_wire::{Band, Reads, Scope, Verbs};

use super::city::{
    CITY, COMMUNITY, City, DISTRICT, FROM, NOON, UNTIL, charter, key, ms, pair, unit,
};

fn may(city: &City, reader: &str, scope: &Scope) -> bool {
    city.authority.may_hold(&key(reader), scope, ms(NOON)).is_some()
}

#[test]
fn what_is_public_is_for_every_member() {
    let city = City::new();
    for of in [CITY, DISTRICT, COMMUNITY, "c/e"] {
        assert!(may(&city, "clerk", &Scope::statements(unit(of))));
        assert!(may(&city, "clerk", &Scope::public(unit(of))));
        assert!(!may(&city, "stranger", &Scope::statements(unit(of))));
    }
}

#[test]
fn what_a_unit_shows_is_for_those_above_with_the_bit() {
    let mut city = City::new();
    city.keep(&city.by_district.grants("office", Verbs::NONE, Reads::CORRESPONDENCE));
    city.keep(&city.by_district.grants("guest", Verbs::NONE, Reads::band(Band::Work)));
    assert!(may(&city, "office", &Scope::path(unit(COMMUNITY))));
    assert!(!may(&city, "guest", &Scope::path(unit(COMMUNITY))));
    assert!(may(&city, "clerk", &Scope::path(unit(COMMUNITY))));
    assert!(!may(&city, "clerk", &Scope::path(unit(DISTRICT))));
    assert!(!may(&city, "office", &Scope::path(unit(CITY))));
}

#[test]
fn letters_are_for_those_who_carry_them() {
    let mut city = City::new();
    for (issuer, name) in [(&city.by_city.clone(), "hall"), (&city.by_district.clone(), "office")] {
        city.keep(&issuer.grants(name, Verbs::NONE, Reads::CORRESPONDENCE));
    }
    let up = pair(COMMUNITY, DISTRICT);
    let across = pair(COMMUNITY, "c/e");
    let beside = pair("c/e", "c/f");
    assert!(may(&city, "clerk", &up) && may(&city, "office", &up) && !may(&city, "hall", &up));
    assert!(may(&city, "office", &across) && may(&city, "hall", &across));
    assert!(!may(&city, "office", &beside) && may(&city, "hall", &beside));
    assert!(!may(&city, "hall", &pair(COMMUNITY, "z")), "nothing contains both");
}

#[test]
fn bands_are_for_members_of_the_senders_own_unit() {
    let mut city = City::new();
    city.keep(&city.by_community.grants("phone", Verbs::NONE, Reads::band(Band::Device)));
    for band in Band::ALL {
        let scope = Scope::band(unit(COMMUNITY), band);
        assert!(may(&city, "clerk", &scope));
        assert_eq!(may(&city, "phone", &scope), band == Band::Device);
    }
    let elsewhere = City::seen_from(DISTRICT);
    assert!(!may(&elsewhere, "clerk", &Scope::band(unit(COMMUNITY), Band::Work)));
}

#[test]
fn a_reader_reads_before_its_term_but_not_after() {
    let city = City::new();
    let scope = Scope::band(unit(COMMUNITY), Band::People);
    let until = |now: u64| city.authority.may_hold(&key("clerk"), &scope, ms(now));
    assert_eq!(until(FROM - 1), Some(ms(UNTIL)));
    assert_eq!(until(UNTIL), Some(ms(UNTIL)));
    assert_eq!(until(UNTIL + 1), None);
}

#[test]
fn a_member_of_another_lineage_holds_no_band() {
    let mut city = City::new();
    let rival = charter(COMMUNITY, "rival", "rival-paper");
    city.keep(&city.by_city.founds(COMMUNITY, rival.id()));
    city.keep(&rival);
    let by_rival = super::city::issuer(COMMUNITY, rival.id(), "rival");
    city.keep(&by_rival.employs("spy"));
    assert!(!may(&city, "spy", &Scope::band(unit(COMMUNITY), Band::People)));
    assert!(!may(&city, "spy", &Scope::statements(unit(COMMUNITY))));
}

#[test]
fn a_unit_that_nobody_recognises_shares_with_its_own() {
    let mut city = City::new();
    city.keep(&city.by_district.withdraws(city.community_founding, &[]));
    assert!(may(&city, "clerk", &Scope::statements(unit(COMMUNITY))));
    assert!(may(&city, "clerk", &Scope::band(unit(COMMUNITY), Band::People)));
    assert!(!may(&city, "clerk", &Scope::statements(unit(DISTRICT))));
}
