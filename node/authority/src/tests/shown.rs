//! What a peer shows is judged on an excerpt: it must be judged as if all that is kept were there.

use schema_wire::{Hash, Reads, Verbs};

use super::city::{
    CITY, COMMUNITY, City, DISTRICT, charter, issuer, key, rotation, succession, unit,
};
use crate::{Authority, Outcome};

/// What may happen in a city, each or not.
fn happenings(city: &City) -> Vec<schema_wire::VerifiedStatement> {
    let deputy = city.by_community.appoints("deputy");
    let by_deputy = issuer(COMMUNITY, deputy.id(), "deputy");
    let phone = by_deputy.grants("phone", Verbs::WRITE, Reads::ALL);
    let rival = charter(COMMUNITY, "rival", "rival-paper");
    let by_rival = issuer(COMMUNITY, rival.id(), "rival");
    vec![
        deputy.clone(),
        phone,
        city.by_community.withdraws(city.clerk, &[]),
        city.by_community.withdraws(deputy.id(), &[]),
        city.by_district.founds(COMMUNITY, rival.id()),
        rival,
        by_rival.grants("clerk", Verbs::WRITE, Reads::ALL),
        city.by_district.withdraws(city.community_founding, &[city.clerk]),
        city.by_city.withdraws(city.district_founding, &[]),
        rotation(COMMUNITY, city.by_community.proof, "community-paper", "next", &[city.clerk]),
        rotation(DISTRICT, city.by_district.proof, "district-paper", "next", &[]),
        succession(&[city.city_founding]),
    ]
}

#[test]
fn what_is_shown_is_judged_as_if_all_that_is_kept_were_there() {
    let mut differing = std::collections::BTreeSet::new();
    for own in [CITY, DISTRICT, COMMUNITY] {
        let city = City::seen_from(own);
        let all = happenings(&city);
        for chosen in 0_u32..1 << all.len() {
            let mut authority = city.authority.clone();
            for _ in 0..2 {
                for (number, one) in all.iter().enumerate().filter(|(n, _)| chosen >> n & 1 == 1) {
                    if let Outcome::Refused(why) = authority.insert(one) {
                        panic!("{number}: {why}");
                    }
                }
            }
            for who in ["clerk", "deputy", "phone", "nobody"] {
                let (of, who_is) = (unit(COMMUNITY), key(who));
                let excerpt = authority.excerpt(&who_is, &of);
                let seen = |by: &Authority| -> Vec<_> {
                    let all = by.memberships(&who_is).filter(|one| *one.unit == of);
                    all.map(|m| (m.delegation, m.lineage, m.reads, m.inside, m.outside)).collect()
                };
                let all = seen(&authority);
                assert_eq!(seen(&excerpt), all, "{who} after {chosen:b} at {own}");
                if !all.is_empty() {
                    assert_eq!(excerpt.followed(&of), authority.followed(&of));
                }
                differing
                    .insert(all.into_iter().map(|one| (one.0, one.4)).collect::<Vec<(Hash, _)>>());
            }
        }
    }
    assert!(differing.len() > 6, "only {} answers", differing.len());
}
