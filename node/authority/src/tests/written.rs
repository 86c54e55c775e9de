//! May it be written: who may carry an envelope, and whether it is permitted (section 6).

use schema_wire::{Class, Classes, Hash, Reads, Verbs};

use super::city::{
    COMMUNITY, City, FROM, NOON, UNTIL, clerks_log, document, issuer, key, ms, rotation, unit,
    written,
};
use crate::{Carry, CarryRefusal, Permit, Reason, Written};

fn refused(city: &City, written: &Written<'_>) -> CarryRefusal {
    match city.authority.may_carry(written) {
        Carry::Refused(refusal) => refused_is_final(refusal),
        other => panic!("{other:?}"),
    }
}

fn refused_is_final(refusal: CarryRefusal) -> CarryRefusal {
    assert!(!refusal.code().is_empty());
    refusal
}

#[test]
fn who_may_carry_is_asked_in_order() {
    let mut city = City::new();
    let (people, notice) = (document(128), document(5));
    let only_notice = Classes::of([Class::new(5).expect("a class")]);
    let grant = city.by_community.grants_classes(
        "tablet",
        (Verbs::WRITE, Reads::NONE),
        only_notice,
        (FROM, UNTIL),
    );
    let tablet = city.keep(&grant);
    let reader = city.keep(&city.by_community.grants("reader", Verbs::NONE, Reads::ALL));
    let by = |author: &str, delegation: Hash, at: u64| Written {
        document: &notice,
        author: key(author),
        delegation,
        at: ms(at),
    };
    assert_eq!(city.authority.may_carry(&by("tablet", tablet, NOON)), Carry::Yes);
    let unknown = Hash([3; 32]);
    assert_eq!(city.authority.may_carry(&by("tablet", unknown, NOON)), Carry::Waits(unknown));
    assert_eq!(refused(&city, &by("reader", tablet, 0)), CarryRefusal::OtherSubject);
    assert_eq!(refused(&city, &by("reader", reader, 0)), CarryRefusal::LacksVerb);
    let founding = city.community_founding;
    assert_eq!(refused(&city, &by("district", founding, NOON)), CarryRefusal::LacksVerb);
    let lacks_class = Written { document: &people, ..by("tablet", tablet, 0) };
    assert_eq!(refused(&city, &lacks_class), CarryRefusal::LacksClass);
    assert_eq!(refused(&city, &by("tablet", tablet, FROM - 1)), CarryRefusal::NotYetValid);
    assert_eq!(refused(&city, &by("tablet", tablet, UNTIL + 1)), CarryRefusal::Expired);
    let elsewhere = city.keep(&city.by_district.employs("tablet"));
    assert_eq!(refused(&city, &by("tablet", elsewhere, NOON)), CarryRefusal::OtherUnit);
}

#[test]
fn what_a_unit_keeps_for_itself_asks_nobody_above() {
    let mut city = City::new();
    let (people, notice) = (document(128), document(5));
    city.keep(&city.by_district.withdraws(city.community_founding, &[]));
    let permit = city.authority.permits(&written(&city, &people, NOON), []);
    assert_eq!(permit, Ok(Permit::Delegation(city.clerk)));
    let refused = city.authority.permits(&written(&city, &notice, NOON), []);
    assert_eq!(refused, Err(Reason::NoFounding));
}

#[test]
fn what_another_lineage_keeps_for_itself_is_not_permitted_here() {
    let city = City::seen_from(super::city::DISTRICT);
    let people = document(128);
    let refused = city.authority.permits(&written(&city, &people, NOON), []);
    assert_eq!(refused, Err(Reason::OtherLineage));
    assert!(!city.authority.spares(&written(&city, &people, NOON), []));
}

#[test]
fn an_adoption_speaks_whatever_became_of_the_delegation() {
    let mut city = City::new();
    let notice = document(5);
    let adoption = city.keep(&city.by_community.adopts(&notice, "clerk", NOON));
    assert!(city.authority.adoptions_of(&clerks_log(&notice)).eq([adoption]));
    city.keep(&city.by_community.withdraws(city.clerk, &[]));
    let asked = written(&city, &notice, NOON);
    assert_eq!(city.authority.permits(&asked, []), Err(Reason::Ended));
    assert!(!city.authority.spares(&asked, []) && city.authority.spares(&asked, [adoption]));
    assert_eq!(city.authority.permits(&asked, [adoption]), Ok(Permit::Adoption(adoption)));
    assert_eq!(city.authority.permits(&asked, [city.clerk]), Err(Reason::Ended));
    city.keep(&city.by_community.withdraws(adoption, &[]));
    assert_eq!(city.authority.permits(&asked, [adoption]), Err(Reason::Ended));
    assert!(!city.authority.spares(&asked, [adoption]));
}

#[test]
fn an_adoption_is_asked_at_its_own_time() {
    let mut city = City::new();
    let notice = document(5);
    let early = city.keep(&city.by_community.adopts(&notice, "clerk", FROM - 1));
    let asked = written(&city, &notice, NOON);
    assert_eq!(city.authority.adoption_holds(&early, &notice), Err(Reason::Expired));
    assert!(city.authority.spares(&asked, [early]));
}

#[test]
fn what_a_deputy_lets_write_has_no_more_classes_than_it() {
    let mut city = City::new();
    let few = Classes::of([Class::new(5).expect("a class")]);
    let rights = (Verbs::GOVERN.with(Verbs::WRITE), Reads::ALL);
    let grant = city.by_community.grants_classes("deputy", rights, few, (FROM, UNTIL));
    let deputy = issuer(COMMUNITY, city.keep(&grant), "deputy");
    let tablet = city.keep(&deputy.employs("tablet"));
    let (people, notice) = (document(128), document(5));
    for (document, expected) in
        [(&notice, Ok(Permit::Delegation(tablet))), (&people, Err(Reason::LacksClass))]
    {
        let asked = Written { document, author: key("tablet"), delegation: tablet, at: ms(NOON) };
        assert_eq!(city.authority.permits(&asked, []), expected);
        assert_eq!(city.authority.spares(&asked, []), expected.is_ok());
    }
}

#[test]
fn times_and_lineages_that_are_not_followed_leave_it_spared() {
    let mut city = City::seen_from(super::city::DISTRICT);
    let notice = document(5);
    let rival = super::city::charter(COMMUNITY, "rival", "rival-paper");
    city.keep(&city.by_district.founds(COMMUNITY, rival.id()));
    city.keep(&rival);
    let asked = written(&city, &notice, NOON);
    assert_eq!(city.authority.permits(&asked, []), Err(Reason::OtherLineage));
    assert!(city.authority.spares(&asked, []));
    city.keep(&rotation(COMMUNITY, city.by_community.proof, "community-paper", "next", &[]));
    assert!(!city.authority.spares(&written(&city, &notice, NOON), []));
    assert_eq!(city.authority.candidates(&unit(COMMUNITY)).len(), 2);
}
