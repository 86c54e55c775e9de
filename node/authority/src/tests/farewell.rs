//! Who is told by what its membership is over judges so itself.

use schema_wire::{Hash, Reads, Verbs, VerifiedStatement};

use super::city::{CITY, COMMUNITY, City, DISTRICT, charter, issuer, key, ms, rotation, unit};
use crate::{Authority, Outcome};

/// What may happen in a city, each or not.
fn happenings(city: &City) -> Vec<VerifiedStatement> {
    let deputy = city.by_community.appoints("deputy");
    let by_deputy = issuer(COMMUNITY, deputy.id(), "deputy");
    let rival = charter(COMMUNITY, "rival", "rival-paper");
    vec![
        by_deputy.withdraws(city.clerk, &[]),
        deputy,
        city.by_community.withdraws(city.clerk, &[]),
        city.by_district.founds(COMMUNITY, rival.id()),
        rival,
        city.by_district.withdraws(city.community_founding, &[city.clerk]),
        city.by_district.withdraws(city.community_founding, &[]),
        city.by_city.withdraws(city.district_founding, &[]),
        rotation(COMMUNITY, city.by_community.proof, "community-paper", "next", &[city.clerk]),
        rotation(COMMUNITY, city.by_community.proof, "community-paper", "other", &[]),
        rotation(DISTRICT, city.by_district.proof, "district-paper", "next", &[]),
    ]
}

/// Is the clerk a member of the community in its first lineage, as others judge?
fn is_member(authority: &Authority, lineage: Hash) -> bool {
    let of = unit(COMMUNITY);
    let own = authority.pins();
    let led = if *own.unit() == of { Some(own.lineage()) } else { authority.followed(&of) };
    let clerk = key("clerk");
    let mut by = authority.memberships(&clerk).filter(|one| one.lineage == lineage);
    by.any(|one| one.outside.is_some() || one.inside.is_some() && led == Some(lineage))
}

fn farewell(authority: &Authority, lineage: &Hash) -> Vec<Hash> {
    authority.farewell(&key("clerk"), &unit(COMMUNITY), lineage)
}

#[test]
fn who_is_told_by_what_it_is_over_comes_to_the_same_verdict() {
    let mut ended = 0;
    for own in [CITY, DISTRICT, COMMUNITY] {
        let city = City::seen_from(own);
        let (all, lineage) = (happenings(&city), city.by_community.proof);
        for chosen in 0_u32..1 << all.len() {
            let mut authority = city.authority.clone();
            for _ in 0..2 {
                for (_, one) in all.iter().enumerate().filter(|(n, _)| chosen >> n & 1 == 1) {
                    authority.insert(one);
                }
            }
            if is_member(&authority, lineage) {
                continue;
            }
            ended += 1;
            let mut told = city.authority.clone();
            for id in farewell(&authority, &lineage) {
                let Some(one) = all.iter().find(|one| one.id() == id) else {
                    assert!(told.is_kept(&id), "something else than what happened");
                    continue;
                };
                let outcome = told.insert(one);
                let taken = matches!(outcome, Outcome::Kept(_) | Outcome::Known);
                assert!(taken, "{outcome:?} in its turn, after {chosen:b} at {own}");
            }
            assert!(!is_member(&told, lineage), "after {chosen:b} at {own}");
        }
    }
    assert!(ended > 3_000, "{ended}");
}

#[test]
fn who_is_a_member_no_more_by_time_alone_is_told_nothing_of_it() {
    let mut city = City::new();
    let of_others = city.by_community.grants("phone", Verbs::WRITE, Reads::ALL);
    let id = city.keep(&of_others);
    city.keep(&city.by_community.withdraws(id, &[]));
    let told = farewell(&city.authority, &city.by_community.proof);
    assert_eq!(told, [], "what ends another ends nothing here");
    assert!(!city.inside(city.clerk, ms(2_000).get()));
}
